"""Lists and mappings that go on on the disk, so that memory does not grow with the number of records.

The first thousand entries stay in memory: of a small dossier nothing is written anywhere. What comes then goes into a
SQLite database that belongs to one list or mapping alone. Its file has no name and lies where the system keeps what is
temporary (``SQLITE_TMPDIR``, ``TMPDIR``, else ``/var/tmp``); it is gone with the process, however that ends, and
nothing in it is ever read by another one. An entry that was put there comes back as a new object each time.
"""

import marshal
import pickle
from collections.abc import Callable, ItemsView, Iterable, Iterator, Mapping, MutableMapping, Sequence, ValuesView
from itertools import chain, islice, repeat
from typing import Any, Final, Generic, NamedTuple, Protocol, TypeVar, cast, overload, runtime_checkable

from formgen.errors import OutputError
from formgen.findings import Text

KEPT: Final = 1000
"""So many entries are kept in memory, of a list or mapping without any more all of them."""
_PAGE: Final = 256
"""Entries that are read at a time."""
_CACHE: Final = 512
"""kB of a database that are kept in memory."""
T = TypeVar("T")
V = TypeVar("V")
W = TypeVar("W", covariant=True)


class Codec(NamedTuple):
    """How an entry becomes bytes and comes back."""

    dumps: Callable[[Any], bytes]
    loads: Callable[[bytes], Any]


PLAIN: Final = Codec(marshal.dumps, marshal.loads)
"""For JSON data."""
OBJECTS: Final = Codec(pickle.dumps, pickle.loads)
"""For anything else."""


def tuples(kind: Callable[..., Any]) -> Codec:
    """For named tuples that hold JSON data."""
    return Codec(lambda entry: marshal.dumps(tuple(entry)), lambda packed: kind(*marshal.loads(packed)))  # noqa: S302


class _Database:
    """A table of its own: a number, a key, a value."""

    def __init__(self, columns: str) -> None:
        import sqlite3

        self._failure = sqlite3.OperationalError
        # Whoever uses it takes care that only one thread does at a time, as with a list or a dict.
        self._connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        for command in (
            "PRAGMA temp_store = FILE",
            "PRAGMA journal_mode = OFF",
            "PRAGMA synchronous = OFF",
            f"PRAGMA cache_size = -{_CACHE}",
            f"CREATE TABLE entries ({columns})",
            "BEGIN",
        ):
            self.do(command)

    def do(self, command: str, values: Sequence[Any] = ()) -> list[Any]:
        """The rows that a command gives back.

        Raises:
            OutputError: the disk does not take it.
        """
        try:
            return self._connection.execute(command, values).fetchall()
        except self._failure as error:
            raise no_room(error) from error

    def do_each(self, command: str, rows: Sequence[Sequence[Any]]) -> int:
        """Does a command with each row of values; how many rows of the table that changed.

        Raises:
            OutputError: the disk does not take it.
        """
        try:
            return self._connection.executemany(command, rows).rowcount
        except self._failure as error:
            raise no_room(error) from error

    def pages(self, command: str, begin: Any) -> Iterator[Any]:
        """The rows of a command, a page at a time, the last column of one saying where the next begins.

        Between two of them the table may be changed.
        """
        while rows := self.do(f"{command} LIMIT {_PAGE}", (begin,)):
            yield from rows
            begin = rows[-1][-1]


def no_room(error: Exception) -> OutputError:
    """What is raised where the disk does not take what is put aside."""
    return OutputError(
        Text(
            f"临时文件写不下，记录多时要用它：{error}",
            f"the temporary file that many records need cannot be written: {error}",
        ),
        remedy=Text(
            "请腾出磁盘空间，或用环境变量 TMPDIR 指定有空间的文件夹",
            "make room on the disk, or name a folder that has some in the environment variable TMPDIR",
        ),
    )


class SpillList(Sequence[T], Generic[T]):
    """A list that only grows; entries may be replaced."""

    def __init__(self, entries: Iterable[T] = (), *, codec: Codec = OBJECTS, kept: int | None = None) -> None:
        self._codec = codec
        self._most = KEPT if kept is None else kept
        self._few: list[T] = []
        self._database: _Database | None = None
        self._stored = 0
        self._waiting: list[bytes] = []
        """The last entries, which go into the database together."""
        self.extend(entries)

    def append(self, entry: T) -> None:
        """Adds an entry."""
        if not (self._stored or self._waiting) and len(self._few) < self._most:
            self._few.append(entry)
            return
        self._waiting.append(self._codec.dumps(entry))
        if len(self._waiting) >= _PAGE:
            self._store()

    def extend(self, entries: Iterable[T]) -> None:
        """Adds entries."""
        for entry in entries:
            self.append(entry)

    def _store(self) -> None:
        if self._database is None:
            self._database = _Database("n INTEGER PRIMARY KEY, v BLOB NOT NULL")
        begin = len(self._few) + self._stored
        self._database.do_each("INSERT INTO entries VALUES (?, ?)", list(enumerate(self._waiting, begin)))
        self._stored += len(self._waiting)
        self._waiting = []

    def _rows(self, start: int, stop: int) -> list[bytes]:
        """Entries that are not among the first few, up to the end."""
        end = len(self._few) + self._stored
        found: list[bytes] = []
        if self._database is not None and start < end:
            command = "SELECT v FROM entries WHERE n >= ? AND n < ? ORDER BY n"
            found = [packed for (packed,) in self._database.do(command, (start, stop))]
        if stop > end:
            found += self._waiting[max(0, start - end) : stop - end]
        return found

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        few = self._few
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if step != 1:
                return [self[number] for number in range(start, stop, step)]
            others = self._rows(max(start, len(few)), stop) if max(start, len(few)) < stop else []
            return [*few[start:stop], *map(self._codec.loads, others)]
        index = self._place(index)
        if index < len(few):
            return few[index]
        return cast("T", self._codec.loads(self._rows(index, index + 1)[0]))

    def __setitem__(self, index: int, entry: T) -> None:
        index = self._place(index)
        end = len(self._few) + self._stored
        if index < len(self._few):
            self._few[index] = entry
        elif index >= end:
            self._waiting[index - end] = self._codec.dumps(entry)
        elif self._database is not None:
            self._database.do("UPDATE entries SET v = ? WHERE n = ?", (self._codec.dumps(entry), index))

    def _place(self, index: int) -> int:
        place = index + len(self) if index < 0 else index
        if not 0 <= place < len(self):
            raise IndexError(index)
        return place

    def __iter__(self) -> Iterator[T]:
        yield from islice(self._few, len(self._few))
        loads, start = self._codec.loads, len(self._few)
        while rows := self._rows(start, start + _PAGE) if start < len(self) else []:
            yield from map(loads, rows)
            start += len(rows)

    def __len__(self) -> int:
        return len(self._few) + self._stored + len(self._waiting)


class SpillDict(MutableMapping[str, V], Generic[V]):
    """A mapping of texts, in the order in which they were put in."""

    def __init__(
        self,
        entries: Iterable[tuple[str, V]] = (),
        *,
        codec: Codec = OBJECTS,
        kept: int | None = None,
    ) -> None:
        self._codec = codec
        self._most = KEPT if kept is None else kept
        self._few: dict[str, V] = {}
        self._database: _Database | None = None
        self._stored = 0
        self._waiting: dict[str, bytes] = {}
        """The last entries that were put in, which go into the database together."""
        self._is_small = True
        """Whether all entries are in memory as they are."""
        for key, value in entries:
            self[key] = value

    def __getitem__(self, key: str) -> V:
        if self._is_small or key in self._few:
            return self._few[key]
        packed = self._waiting.get(key)
        if packed is None:
            rows = self._database.do("SELECT v FROM entries WHERE k = ?", (_packed(key),)) if self._database else []
            if not rows:
                raise KeyError(key)
            packed = rows[0][0]
        return cast("V", self._codec.loads(packed))

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a key, or the default."""
        if self._is_small:
            return self._few.get(key, default)
        try:
            return self[key]
        except KeyError:
            return default

    def __contains__(self, key: object) -> bool:
        if key in self._few or key in self._waiting:
            return True
        if self._database is None or not isinstance(key, str):
            return False
        return bool(self._database.do("SELECT 1 FROM entries WHERE k = ?", (_packed(key),)))

    def __setitem__(self, key: str, value: V) -> None:
        if key in self._few or (self._is_small and len(self._few) < self._most):
            self._few[key] = value
            return
        self._is_small = False
        self._waiting[key] = self._codec.dumps(value)
        if len(self._waiting) >= _PAGE:
            self._store()

    def _store(self) -> _Database:
        """The database, with all that waited."""
        if self._database is None:
            self._database = _Database("n INTEGER PRIMARY KEY, k BLOB NOT NULL UNIQUE, v BLOB NOT NULL")
        rows = [(packed, _packed(key)) for key, packed in self._waiting.items()]
        if rows:
            new = self._database.do_each("INSERT OR IGNORE INTO entries (v, k) VALUES (?, ?)", rows)
            if new < len(rows):
                self._database.do_each("UPDATE entries SET v = ? WHERE k = ?", rows)
            self._stored += new
            self._waiting = {}
        return self._database

    def __delitem__(self, key: str) -> None:
        if key not in self:
            raise KeyError(key)
        if key in self._few:
            del self._few[key]
        else:
            self._store().do("DELETE FROM entries WHERE k = ?", (_packed(key),))
            self._stored -= 1

    def __iter__(self) -> Iterator[str]:
        return (key for key, _ in self._pairs())

    def __len__(self) -> int:
        if self._waiting and self._database is not None:
            self._store()  # some of what waits may be there already
        return len(self._few) + self._stored + len(self._waiting)

    def _pairs(self) -> Iterator[tuple[str, Any]]:
        """The keys, each with its value or, if it is not in memory, its bytes."""
        yield from self._few.items()
        if not self._is_small:
            command = "SELECT k, v, n FROM entries WHERE n > ? ORDER BY n"
            for key, packed, _ in self._store().pages(command, -1):
                yield _unpacked(key), packed

    def items(self) -> ItemsView[str, V]:
        """The entries, read many at a time."""
        return _Items(self)

    def values(self) -> ValuesView[V]:
        """The values, read many at a time."""
        return _Values(self)

    def pairs(self) -> Iterator[tuple[str, V]]:
        """Keys with their values."""
        loads, few = self._codec.loads, len(self._few)
        for number, (key, value) in enumerate(self._pairs()):
            yield key, value if number < few else loads(value)

    def in_order(self) -> Iterator[tuple[str, V]]:
        """The entries in order of their keys, as ``sorted`` would have them, without all of them in memory."""
        few = iter(sorted(self._few.items(), key=lambda entry: entry[0]))
        if self._is_small:
            yield from few
            return
        loads, next_of_few = self._codec.loads, next(few, None)
        for packed, key in self._store().pages("SELECT v, k FROM entries WHERE k > ? ORDER BY k", b""):
            text = _unpacked(key)
            while next_of_few is not None and next_of_few[0] < text:
                yield next_of_few
                next_of_few = next(few, None)
            yield text, loads(packed)
        if next_of_few is not None:
            yield next_of_few
        yield from few


@runtime_checkable
class _Ordered(Protocol[W]):
    def in_order(self) -> Iterator[tuple[str, W]]: ...


def in_order(mapping: Mapping[str, V]) -> Iterator[tuple[str, V]]:
    """The entries of any mapping in order of their keys; without all of them in memory where it does not have them."""
    if isinstance(mapping, _Ordered):
        return cast("Iterator[tuple[str, V]]", mapping.in_order())
    return iter(sorted(mapping.items(), key=lambda entry: entry[0]))


def arranged(texts: Iterable[str]) -> Iterator[str]:
    """The texts in order, as ``sorted`` has them, without all of them in memory."""
    few = list(islice(rest := iter(texts), KEPT + 1))
    if len(few) <= KEPT:
        yield from sorted(few)
        return
    counts = SpillDict[int](codec=PLAIN)
    for text in chain(few, rest):
        counts[text] = counts.get(text, 0) + 1
    for text, count in counts.in_order():
        yield from repeat(text, count)


class _Items(ItemsView[str, V]):
    """As of any mapping, but that does not look each key up."""

    _mapping: SpillDict[V]

    def __iter__(self) -> Iterator[tuple[str, V]]:
        return self._mapping.pairs()


class _Values(ValuesView[V]):
    """As of any mapping, but that does not look each key up."""

    _mapping: SpillDict[V]

    def __iter__(self) -> Iterator[V]:
        return (value for _, value in self._mapping.pairs())


def _packed(key: str) -> bytes:
    # The order of these bytes is that of the texts. None is empty, so that a page may begin before all of them.
    return b"\1" + key.encode("utf-8", "surrogatepass")


def _unpacked(key: bytes) -> str:
    return key[1:].decode("utf-8", "surrogatepass")
