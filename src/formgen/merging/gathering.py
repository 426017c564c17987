"""The files that colleges sent, each read by itself: one that cannot be read never stops the others."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from formgen import intake, own_files, sources
from formgen.blanks import workbook
from formgen.errors import UsageError
from formgen.findings import Address, Finding, Kind, Outcome, Pointer, Severity, Text
from formgen.forms import Edition
from formgen.intake import admission, kinds
from formgen.intake.headings import Table
from formgen.intake.reading import Notes, Reading
from formgen.merging.cells import NotWritable, cells_of
from formgen.record import Origin, Record

_LISTS = (".xlsx", ".xlsm", ".xls", ".ods", ".csv", ".tsv", ".et")
"""Files in a folder that may be lists, read or refused; anything else there is passed over, and that is said."""

NOT_WRITABLE = Kind(
    id="M-not-writable",
    name="not-writable",
    title=Text("内容写不进名单", "no place in the list"),
    message=Text("“{field}”的内容写不进名单的格子", "what {field!r} holds has no place in a cell of the list"),
    hint=Text("请改成名单里的栏目和写法，再汇总一次", "write it as the list has it, and merge once more"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a list: its values, and where it stands."""

    values: Mapping[str, Any]
    origin: Origin
    cells: Mapping[str, str | int]
    """What is written for them, by field."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is to be said of a file, and at which place."""

    finding: Finding
    place: Origin

    @property
    def is_error(self) -> bool:
        """Whether somebody has to mend it."""
        return self.finding.outcome is Outcome.FAILED and self.finding.kind.severity is Severity.ERROR


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that was sent in: its rows, none of which could be read from one that is damaged."""

    path: Path
    name: PurePath
    """Its name with the folders that it may be known by: those below the one that was given, and that one."""
    label: str
    """Its name for people, unlike that of any other file."""
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    read: bool
    """Whether it could be read as a list, be it an empty one."""


@dataclass(frozen=True, slots=True)
class Found:
    """The files that are meant, and those of a folder that are no lists."""

    files: tuple[tuple[Path, PurePath, str], ...]
    """Path, name and label of each."""
    passed_over: tuple[PurePath, ...]


def find(paths: Sequence[Path], output: Path) -> Found:
    """The files at ``paths``, of folders all that may be lists; each once, and never the output itself.

    Raises:
        UsageError: there is no such file, or the output would replace one of them.
    """
    files: dict[Path, tuple[Path, PurePath]] = {}
    passed_over: list[PurePath] = []
    for path in paths:
        if not path.exists():
            raise UsageError(
                Text("没有这个文件或文件夹", "there is no such file or folder"),
                place=str(path),
                remedy=Text("请检查文件名和路径", "check the name and the path"),
            )
        inside = list(_inside(path)) if path.is_dir() else [(path, PurePath(path.parent.name, path.name))]
        for file, name in inside:
            if file.resolve() == output.resolve():
                _need_our_own(file)
            elif path.is_dir() and (file.suffix.lower() not in _LISTS or own_files.is_ours(file)):
                passed_over.append(name)
            else:
                files.setdefault(file.resolve(), (file, name))
    return Found(tuple(_labelled(list(files.values()))), tuple(passed_over))


def _need_our_own(output: Path) -> None:
    """Refuses an output that is one of the inputs, even by force: nothing that somebody sent is ever overwritten."""
    if not own_files.is_ours(output):
        raise UsageError(
            Text("-o 指的是一份报送件，汇总会把它覆盖", "-o names one of the lists, which would be overwritten"),
            place=str(output),
            remedy=Text("请用 -o 换一个文件名，或先把它移出文件夹", "choose another name, or move that file away"),
        )


def _inside(folder: Path) -> Iterator[tuple[Path, PurePath]]:
    for path in sources.files_below(folder):
        yield path, PurePath(folder.name, path.relative_to(folder))


def _labelled(files: list[tuple[Path, PurePath]]) -> Iterator[tuple[Path, PurePath, str]]:
    """The files with labels: their names, or where two have the same one, all of their paths."""
    names = [name for _, name in files]
    for path, name in files:
        yield path, name, (name if names.count(name) == 1 else path).as_posix()


def read(path: Path, name: PurePath, label: str, edition: Edition, table: Table) -> Sent:
    """One file, read as a list."""
    reading = _reading(path, label, edition)
    problems = [Problem(finding, _place(reading, finding)) for finding in reading.findings]
    columns = workbook.fields(table)
    rows: list[Row] = []
    for record in reading.records:
        for pointer, values in _items(record, table):
            written = {key: record.origins.find((*pointer, key)).text or "" for key in values}
            try:
                cells = cells_of(values, written, columns, table)
            except NotWritable as error:
                finding = Finding(NOT_WRITABLE, Address(edition.key, (*pointer, error.key)), {"field": error.field})
                problems.append(Problem(finding, record.origins.find((*pointer, error.key))))
                return Sent(path, name, label, (), tuple(problems), read=False)
            rows.append(Row(values, record.origins.find(pointer), cells))
    return Sent(path, name, label, tuple(rows), tuple(problems), read=bool(reading.records))


def _reading(path: Path, label: str, edition: Edition) -> Reading:
    notes = Notes(label, edition.key, None)
    kind = admission.objection(path.parent.resolve(), path)
    if kind is not None:
        notes.refuse(kind)
        return notes.reading()
    if intake.id_of(path, edition) is not None:
        notes.refuse(kinds.FORMAT, suffix=path.suffix, formats=".xlsx")  # a single form, and no list
        return notes.reading()
    return intake.read(path, label, edition, None)


def _place(reading: Reading, finding: Finding) -> Origin:
    place = reading.places.get(finding.at)
    if place is not None:
        return place
    for record in reading.records:
        if record.id == finding.at.record:
            return record.origins.find(finding.at.pointer)
    return next(iter(reading.places.values()), Origin(""))


def _items(record: Record, table: Table) -> Iterator[tuple[Pointer, dict[str, Any]]]:
    """The rows of a record, each with its pointer."""
    if table.key is None:
        yield (), record.values
        return
    items = record.values.get(table.key) if isinstance(record.values, dict) else None
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict):
            yield (table.key, index), item
