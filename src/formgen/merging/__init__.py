"""Bringing together what colleges sent in: one list of all, who sent what, who is in it twice, who has not sent yet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from formgen.errors import UsageError
from formgen.findings import Text
from formgen.forms import Edition
from formgen.intake import headings, limits
from formgen.intake.headings import Table
from formgen.merging import duplicates as doubled
from formgen.merging import gathering, writing
from formgen.merging.duplicates import Duplicate
from formgen.merging.gathering import Sent
from formgen.merging.senders import College, Colleges, Sender, sender

__all__ = ["College", "Colleges", "Merged", "colleges_of", "merge"]


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of merging."""

    edition: Edition
    sent: tuple[tuple[Sent, Sender], ...]
    """The files in their order, each with who sent it."""
    duplicates: tuple[Duplicate, ...]
    waiting_for: tuple[College, ...] | None
    """The colleges of the dossier that have not sent; None without a dossier that names any."""
    passed_over: tuple[PurePath, ...]
    """Files of a folder that are no lists, or our own."""
    data: bytes | None
    """The workbook; None where there is not a single row."""

    @property
    def rows(self) -> int:
        """How many people there are in the list."""
        return sum(len(each.rows) for each, _ in self.sent)


def merge(
    paths: Sequence[Path],
    edition: Edition,
    output: Path,
    colleges: Colleges,
    begin: Callable[[int], None],
    advance: Callable[[int], None],
) -> Merged:
    """The list of everybody in the files at ``paths``.

    Args:
        paths: files, and folders of which all lists are taken.
        edition: the form that they are lists of.
        output: where the list is to go, which is not read even if it lies in a folder.
        colleges: those of the dossier; empty without one.
        begin: is told how many files there are.
        advance: is told of each that was read.

    Raises:
        UsageError: there is no such file, the form is no list, or there are more rows than can be read back.
    """
    table = _table(edition)
    found = gathering.find(paths, output)
    begin(len(found.files))
    sent = []
    for path, name, label in found.files:
        each = gathering.read(path, name, label, edition, table)
        members = [_text(row.values.get("college")) for row in each.rows]
        sent.append((each, sender(name, members, colleges)))
        advance(1)
    _refuse_too_many(sum(len(each.rows) for each, _ in sent), table)
    filled = any(each.rows for each, _ in sent)
    return Merged(
        edition,
        tuple(sent),
        tuple(doubled.duplicates([each for each, _ in sent])),
        _waiting_for(colleges, sent),
        found.passed_over,
        writing.workbook_of(edition, table, sent) if filled else None,
    )


def colleges_of(values: Any) -> Colleges:
    """The colleges that dossier.json names, as far as it names them properly."""
    listed = values.get("colleges") if isinstance(values, dict) else None
    named = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    return Colleges(
        tuple(
            College(each["name"], each["key"])
            for each in named
            if isinstance(each.get("name"), str) and isinstance(each.get("key"), str) and each["name"] and each["key"]
        )
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _waiting_for(colleges: Colleges, sent: Sequence[tuple[Sent, Sender]]) -> tuple[College, ...] | None:
    if not colleges.all:
        return None
    there = {sender.college for each, sender in sent if each.read}
    return tuple(college for college in colleges.all if college not in there)


def _table(edition: Edition) -> Table:
    table = headings.table(edition.schema)
    if table is None:
        raise UsageError(
            Text(f"“{edition.title}”不是名单，不能汇总", f"{edition.key} is no list and cannot be merged"),
            remedy=Text("用 --form 指定名单，如 --form staff_list", "name a list with --form, such as staff_list"),
        )
    return table


def _refuse_too_many(rows: int, table: Table) -> None:
    most = limits.CELLS // (len(table.fields) + 2)
    if rows > most:
        raise UsageError(
            Text(f"共 {rows} 行，超过一份名单的上限 {most} 行", f"{rows} rows are more than a list may have ({most})"),
            remedy=Text("请分几次汇总", "merge them in parts"),
        )
