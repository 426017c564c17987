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
        self._length = 0
        self.extend(entries)

    def append(self, entry: T) -> None:
        """Adds an entry."""
        if self._length < self._most:
            self._few.append(entry)
        else:
            if self._database is None:
                self._database = _Database("n INTEGER PRIMARY KEY, v BLOB NOT NULL")
            self._database.do("INSERT INTO entries VALUES (?, ?)", (self._length, self._codec.dumps(entry)))
        self._length += 1

    def extend(self, entries: Iterable[T]) -> None:
        """Adds entries."""
        for entry in entries:
            self.append(entry)

    def dumped(self, index: int) -> bytes:
        """An entry as its codec writes it."""
        if index < len(self._few):
            return self._codec.dumps(self._few[index])
        return self._row(index)

    def _row(self, index: int) -> bytes:
        rows = self._database.do("SELECT v FROM entries WHERE n = ?", (index,)) if self._database is not None else []
        if not rows:
            raise IndexError(index)
        return cast("bytes", rows[0][0])

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(self._length))]
        index += self._length if index < 0 else 0
        if 0 <= index < len(self._few):
            return self._few[index]
        return cast("T", self._codec.loads(self._row(index)))

    def __setitem__(self, index: int, entry: T) -> None:
        index += self._length if index < 0 else 0
        if not 0 <= index < self._length:
            raise IndexError(index)
        if index < len(self._few):
            self._few[index] = entry
        elif self._database is not None:
            self._database.do("UPDATE entries SET v = ? WHERE n = ?", (self._codec.dumps(entry), index))

    def __iter__(self) -> Iterator[T]:
        yield from islice(self._few, len(self._few))
        if self._database is not None:
            loads = self._codec.loads
            for packed, _ in self._database.pages("SELECT v, n FROM entries WHERE n > ? ORDER BY n", -1):
                yield loads(packed)

    def __len__(self) -> int:
        return self._length


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
        self._length = 0
        for key, value in entries:
            self[key] = value

    def __getitem__(self, key: str) -> V:
        if self._database is None or key in self._few:
            return self._few[key]
        rows = self._database.do("SELECT v FROM entries WHERE k = ?", (_packed(key),))
        if not rows:
            raise KeyError(key)
        return cast("V", self._codec.loads(rows[0][0]))

    def __contains__(self, key: object) -> bool:
        if self._database is None or key in self._few or not isinstance(key, str):
            return key in self._few
        return bool(self._database.do("SELECT 1 FROM entries WHERE k = ?", (_packed(key),)))

    def __setitem__(self, key: str, value: V) -> None:
        if key in self._few or (self._database is None and len(self._few) < self._most):
            self._few[key] = value
            return
        if self._database is None:
            self._database = _Database("n INTEGER PRIMARY KEY, k BLOB NOT NULL UNIQUE, v BLOB NOT NULL")
        row = (_packed(key), self._codec.dumps(value))
        self._length += not self._database.do("SELECT 1 FROM entries WHERE k = ?", row[:1])
        self._database.do("INSERT INTO entries (k, v) VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v", row)

    def __delitem__(self, key: str) -> None:
        if key not in self:
            raise KeyError(key)
        if key in self._few:
            del self._few[key]
        elif self._database is not None:
            self._database.do("DELETE FROM entries WHERE k = ?", (_packed(key),))
            self._length -= 1

    def __iter__(self) -> Iterator[str]:
        yield from self._few
        if self._database is not None:
            for key, _ in self._database.pages("SELECT k, n FROM entries WHERE n > ? ORDER BY n", -1):
                yield _unpacked(key)

    def __len__(self) -> int:
        return len(self._few) + self._length

    def items(self) -> ItemsView[str, V]:
        """The entries, read many at a time."""
        return _Items(self)

    def values(self) -> ValuesView[V]:
        """The values, read many at a time."""
        return _Values(self)

    def pairs(self) -> Iterator[tuple[str, V]]:
        """Keys with their values."""
        yield from self._few.items()
        if self._database is not None:
            loads = self._codec.loads
            for key, packed, _ in self._database.pages("SELECT k, v, n FROM entries WHERE n > ? ORDER BY n", -1):
                yield _unpacked(key), loads(packed)

    def in_order(self) -> Iterator[tuple[str, V]]:
        """The entries in order of their keys, as ``sorted`` would have them, without all of them in memory."""
        few = iter(sorted(self._few.items(), key=lambda entry: entry[0]))
        if self._database is None:
            yield from few
            return
        loads, next_of_few = self._codec.loads, next(few, None)
        for packed, key in self._database.pages("SELECT v, k FROM entries WHERE k > ? ORDER BY k", b""):
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
