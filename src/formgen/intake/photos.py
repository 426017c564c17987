"""Looks up the pictures that a record names: whether they lie in the dossier, and their digests."""

import hashlib
import os
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from operator import attrgetter
from pathlib import Path, PurePosixPath
from typing import Any, Protocol, TypeVar

from formgen import pictures
from formgen.errors import system_reason
from formgen.findings import Address, Finding, Kind, Pointer, Text
from formgen.forms import Schema
from formgen.intake import admission, kinds, picture_files
from formgen.intake.spellings import fold
from formgen.record import Record
from formgen.records import Records
from formgen.spilling import PLAIN, SpillDict

FOLDER = "photos"
_PICTURES = (".jpg", ".jpeg", ".png")
_SHOWN = 10
"""So many of the pictures that were found by name are listed."""
_TOGETHER = 64
"""Pictures that are looked at in one piece of work."""
_LATELY = 2048
"""So many names are remembered, lest one that comes again and again is looked at each time."""
_AT_ONCE = 1024
"""So many that were looked at ahead are asked for together."""
_AHEAD = 8192
"""So many are at most looked at before it is known which are wanted."""
Keys = tuple[str, ...]
_Work = TypeVar("_Work")
_Result = TypeVar("_Result")


class Do(Protocol):
    """Has pieces of work done, perhaps elsewhere, and gives the results in order."""

    def __call__(self, function: Callable[[_Work], _Result], work: Iterable[_Work], /) -> Iterable[_Result]:
        """The result of each piece."""
        ...


class Look(Protocol):
    """Looks at pictures, however that is done."""

    def __call__(self, root: Path, names: Iterable[str], apart: Mapping[str, Path], /) -> Iterable["Looked"]:
        """What is seen of each, as :func:`look_at` says, in their order."""
        ...


Part = tuple[Path, Sequence[str], Mapping[str, Path]]
"""Some pictures: the dossier's folder, resolved, their names, and files that lie elsewhere."""
_DRIVE = re.compile(r"[A-Za-z]:")
_NOT_PLAIN = re.compile(r"//|/\Z|(?:\A|/)\.(?:/|\Z)")
_NO_NAMES = frozenset({"", ".", ".."})
"""What stands for a folder at the end of a path."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What was seen of a picture: its digest, if it is there, and what is wrong with it."""

    digest: str | None
    wrong: Kind | None = None
    problem: Text | None = None


def fields(schema: Schema, at: Keys = ()) -> Iterator[Keys]:
    """Where a form names pictures; ``[]`` enters a list."""
    if schema.get("x-typeset") == "picture":
        yield at
    if "items" in schema:
        yield from fields(schema["items"], (*at, "[]"))
    for key, child in schema.get("properties", {}).items():
        yield from fields(child, (*at, key))


def named(values: Any, keys: Keys, at: Pointer = ()) -> Iterator[tuple[Pointer, str]]:
    """The pictures that a record names in a field of its form, whatever it holds."""
    if not keys:
        if isinstance(values, str) and values:
            yield at, values
    elif keys[0] == "[]":
        for index, item in enumerate(values if isinstance(values, list) else ()):
            yield from named(item, keys[1:], (*at, index))
    elif isinstance(values, dict) and keys[0] in values:
        yield from named(values[keys[0]], keys[1:], (*at, keys[0]))


def look_up(
    root: Path,
    records: Iterable[Record],
    schema: Schema,
    apart: Mapping[str, Path],
    digests: MutableMapping[str, str],
    look: Look,
    values: Callable[[Record], Any] = attrgetter("values"),
) -> list[Finding]:
    """What is wrong with the pictures of records.

    Args:
        root: the dossier's folder, resolved.
        records: of one form.
        schema: that of the form.
        apart: files that lie elsewhere, by their names.
        digests: takes ``sha256:…`` of each that is there, by its relative name.
        look: looks at them.
        values: those of a record.
    """
    places = tuple(fields(schema))
    every = (
        (Address(record.form, pointer, record.id), name)
        for record in records
        for own in (values(record),)
        for keys in places
        for pointer, name in named(own, keys)
    )
    answers = _Answers(digests)
    for looked in look(root, answers.asked(every), apart):
        answers.take(looked)
    return answers.told()


class _Answers:
    """What is seen of pictures that are asked about while others are still looked at."""

    def __init__(self, digests: MutableMapping[str, str]) -> None:
        self._digests = digests
        self._wrong: dict[str, Looked] = {}
        self._told: list[Finding] = []
        self._waiting: deque[tuple[Address, str, bool]] = deque()
        """Where pictures are named that have been asked about, and whether somebody looks at them for that."""
        self._lately: set[str] = set()
        """Those that have last been asked about."""

    def asked(self, named: Iterable[tuple[Address, str]]) -> Iterator[str]:
        """The names, each once or, far apart, once more."""
        for at, name in named:
            is_new = not (name in self._lately or name in self._wrong)
            self._waiting.append((at, name, is_new))
            if is_new:
                if len(self._lately) >= _LATELY:
                    self._lately = {each for _, each, _ in self._waiting}
                self._lately.add(name)
                yield name
            else:
                self._tell()

    def take(self, looked: Looked) -> None:
        """Takes what was seen of the first that waits for it."""
        self._tell()
        at, name, _ = self._waiting.popleft()
        if looked.digest is not None:
            self._digests[plain(name)] = looked.digest
        if looked.wrong is not None:
            self._wrong[name] = looked
            self._told.append(_wrong(looked, at, name))

    def told(self) -> list[Finding]:
        """What is wrong, when all has been seen."""
        self._tell()
        return self._told

    def _tell(self) -> None:
        """Goes on to the next that somebody looks at."""
        while self._waiting and not self._waiting[0][2]:
            at, name, _ = self._waiting.popleft()
            if name in self._wrong:
                self._told.append(_wrong(self._wrong[name], at, name))


def _wrong(looked: Looked, at: Address, name: str) -> Finding:
    """What is to be said of a picture that cannot be used."""
    if looked.wrong is None:
        raise AssertionError("nothing is wrong with it")
    said = {} if looked.problem is None else {"problem": looked.problem.zh, "english": looked.problem.en}
    return Finding(looked.wrong, at, {"path": name, **said})


def plain(name: str) -> str:
    """A name without ``.`` and empty parts; the same object where it has none."""
    # A Path for each of thousands of names takes long, and keeps room for all their parts.
    return PurePosixPath(name).as_posix() if _NOT_PLAIN.search(name) or not name else name


def by(do: Do) -> Look:
    """Has others look at pictures, a few at a time."""

    def look(root: Path, names: Iterable[str], apart: Mapping[str, Path]) -> Iterator[Looked]:
        for part in do(look_at, _parts(root, names, apart)):
            yield from part

    return look


def _parts(root: Path, names: Iterable[str], apart: Mapping[str, Path]) -> Iterator[Part]:
    rest = iter(names)
    while some := list(islice(rest, _TOGETHER)):
        yield root, some, apart


def parts_in(folder: Path) -> list[Part]:
    """The pictures in the ``photos/`` of a folder, as records that are yet to be read will most likely name them."""
    try:
        with os.scandir(folder / FOLDER) as entries:
            names = sorted(each.name for each in islice(entries, _AHEAD) if _is_picture(each.name))
    except OSError:
        return []  # it is not there, or it will be said that it cannot be read
    return list(_parts(folder.resolve(), (f"{FOLDER}/{name}" for name in names), {}))


Seen = Callable[[Callable[[Part], bool]], Iterable[tuple[Part, list[Looked]]]]
"""What was seen of those of :func:`parts_in` that are wanted, which a question is asked about."""


class Ahead:
    """Looks at pictures of which some have been looked at already, while the files that name them were read."""

    def __init__(self, look: Look, seen: Seen) -> None:
        """Prepare; ``look`` looks at all that have not been ``seen``."""
        self._look = look
        self._seen = seen
        self._known: dict[tuple[Path, str], Looked] = {}

    def __call__(self, root: Path, names: Iterable[str], apart: Mapping[str, Path]) -> Iterator[Looked]:
        """What is seen of each."""
        rest = iter(names)
        while some := list(islice(rest, _AT_ONCE)):
            known = self._known_of(root, set(some).difference(apart))
            if not known:  # nor will most of the others be
                yield from self._look(root, chain(some, rest), apart)
                return
            others = iter(self._look(root, [name for name in some if name not in known], apart))
            yield from (known[name] if name in known else next(others) for name in some)

    def _known_of(self, root: Path, asked: Set[str]) -> dict[str, Looked]:
        """What has been seen of those that are asked about."""

        def is_wanted(part: Part) -> bool:
            return part[0] == root and not asked.isdisjoint(part[1])

        for (_, some, _), looked in self._seen(is_wanted) if asked else ():
            self._known.update(zip(((root, name) for name in some), looked, strict=True))
        return {name: self._known.pop((root, name)) for name in asked if (root, name) in self._known}


def look_at(part: Part) -> list[Looked]:
    """What is seen of pictures, by their names below a folder, which is resolved, or in a file that lies elsewhere."""
    root, names, apart = part
    folders: dict[str, bool] = {}
    return [_look_at(root, name, apart, folders) for name in names]


def _look_at(root: Path, name: str, apart: Mapping[str, Path], folders: dict[str, bool]) -> Looked:
    file, _ = picture_files.split(name)
    wrong = None if file in apart else _wrong_name(root, file, folders)
    if wrong is not None:
        return Looked(None, wrong)
    digest = None
    try:
        data = picture_files.contents(root, name, apart)
        if data is None:
            return Looked(None, kinds.PHOTO_MISSING)
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        pictures.read(data)
    except OSError as error:
        return Looked(digest, kinds.PHOTO_UNREADABLE, system_reason(error))
    except pictures.PictureError as error:
        return Looked(digest, kinds.PHOTO_DAMAGED, error.problem)
    return Looked(digest)


class Attaching:
    """Finds the pictures of ``photos/`` that belong to the records of a table.

    A name in the table's own column is completed (``01.jpg`` is ``photos/01.jpg``). Where there is none, a picture is
    somebody's whose id (``by_id``), name or student number it is called by, if it is nobody else's; one finding says
    whose.
    """

    def __init__(self, folder: Path, records: Records, schema: Schema, *, by_id: bool = True) -> None:
        fields = schema.get("properties", {}).items()
        self._folder = folder
        self._records = records
        self._fields = [key for key, child in fields if child.get("x-typeset") == "picture"]
        self._called = (*([""] if by_id else []), *schema.get("x-id", {}).get("fields", ()))
        self._at: Address | None = None
        self._count = 0
        self._examples: list[str] = []
        self._is_any = False

    def seen(self, record: Record) -> Any:
        """The values of a record with its pictures; what was found is noted."""
        values = self._values(record)
        self._is_any |= values is not record.values
        for key in self._fields if values is not record.values else ():
            if record.values.get(key) is None and key in values:
                self._at = self._at or record.address
                self._count += 1
                if self._count <= _SHOWN:
                    self._examples.append(f"{values.get('name', record.id)} {values[key]}")
        return values

    def records(self) -> Records:
        """The records, after each was seen, with their pictures."""
        return self._records.changed(self._values) if self._is_any else self._records

    def findings(self) -> list[Finding]:
        """What is to be said of those that were found by what they are called."""
        if self._at is None:
            return []
        shown = "、".join(self._examples) + ("…" if self._count > _SHOWN else "")
        return [Finding(kinds.PHOTO_ATTACHED, self._at, {"count": self._count, "examples": shown})]

    def _values(self, record: Record) -> Any:
        values = record.values
        for key in self._fields:
            name = values.get(key)
            if isinstance(name, str) and "/" not in name and (self._folder / FOLDER / name).exists():
                values = _with(values, key, f"{FOLDER}/{name}")
            elif name is None and self._by_stem:
                texts = (_called(record, called) for called in self._called)
                names = {self._by_stem.get(fold(text)) for text in texts if text}
                names = {each for each in names if each and self._owners.get(fold(PurePosixPath(each).stem)) == 1}
                if len(names) == 1:
                    values = _with(values, key, f"{FOLDER}/{names.pop()}")
        return values

    @cached_property
    def _by_stem(self) -> Mapping[str, str | None]:
        return _by_stem(self._folder / FOLDER)

    @cached_property
    def _owners(self) -> Mapping[str, int]:
        return _owners(self._records, self._called)


def _owners(records: Iterable[Record], asked: Sequence[str]) -> SpillDict[int]:
    """How many records are called by a folded text."""
    owners: SpillDict[int] = SpillDict(codec=PLAIN)
    for record in records:
        for text in {_called(record, key) for key in asked} - {""}:
            owners[fold(text)] = owners.get(fold(text), 0) + 1
    return owners


def _with(values: dict[str, Any], field: str, name: str) -> dict[str, Any]:
    """The values with a picture. A copy keeps the table of keys that is shared with other rows."""
    whole = values.copy()
    whole[field] = name
    return whole


def _called(record: Record, key: str) -> str:
    """What a picture of a record may be called: by its id (no key) or by a field."""
    text = record.values.get(key) if key else record.id
    return text if isinstance(text, str) else ""


def _by_stem(folder: Path) -> SpillDict[str | None]:
    """Folded name without suffix -> name of the one picture that has it, None where several do."""
    found: SpillDict[str | None] = SpillDict(codec=PLAIN)
    try:
        with os.scandir(folder) as entries:
            for name in (each.name for each in entries if _is_picture(each.name)):
                stem = fold(os.path.splitext(name)[0])
                found[stem] = None if stem in found else name
    except OSError:
        return found  # no such folder: whoever names a picture in it is told so
    return found


def _is_picture(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in _PICTURES


def _wrong_name(root: Path, name: str, folders: dict[str, bool]) -> Kind | None:
    """What is wrong with the name of a picture, None if it leads to the same place below ``root`` on every system.

    ``folders`` keeps which folders lie below ``root``.
    """
    slashed = name.replace("\\", "/")
    if slashed.startswith("/") or _DRIVE.match(name) or not _is_inside(root, slashed, folders):
        return kinds.PHOTO_OUTSIDE
    return kinds.PHOTO_SPELLING if "\\" in name or ".." in name.split("/") else None


def _is_inside(root: Path, name: str, folders: dict[str, bool]) -> bool:
    """The same as :func:`admission.is_inside`, which for each picture asks about every folder on the way."""
    # A Path for each of thousands of pictures takes longer than to ask the system about them.
    folder, _, own = name.rpartition("/")
    if own in _NO_NAMES or os.path.islink(os.path.join(root, name)):
        return admission.is_inside(root, root / name)
    if folder not in folders:
        folders[folder] = admission.is_inside(root, root / folder)
    return folders[folder]
