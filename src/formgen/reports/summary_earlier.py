"""Reads an earlier summary back, to compare a later one with it. Somebody may have sorted, filtered or noted in it."""

import warnings
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import openpyxl

from formgen import opc
from formgen.errors import UsageError
from formgen.findings import Text
from formgen.reports import summary_columns as columns
from formgen.reports.summary import Weight
from formgen.reports.summary_collection import Collection, Earlier
from formgen.reports.summary_columns import Column

_Row = dict[Column, Any]
_OF_SCHOOL = frozenset({columns.DOSSIER, columns.VERDICT, columns.ERRORS})
_OF_BREACH = frozenset({columns.DOSSIER, columns.WEIGHT, columns.PLACE, columns.MESSAGE})
_KNOWN = (columns.NAME, columns.DOSSIER, columns.VERDICT, columns.ERRORS, columns.WARNINGS)
_TITLES = {
    said: column
    for column in (*_KNOWN, columns.WEIGHT, columns.PLACE, columns.MESSAGE, *columns.OF_ABOUT)
    for said in (column.title.zh, column.title.en)
}
_WEIGHTS = {said: weight for weight, text in columns.WEIGHTS_SAID.items() for said in (text.zh, text.en)}


def read(path: Path, collection: Collection) -> dict[str, str]:
    """Takes the summary in a file into the collection; what it says of itself, label and value.

    Raises:
        UsageError: the file is no summary.
        OSError: the file cannot be opened.
    """
    about: dict[str, str] = {}
    is_summary = False
    for title, rows in _sheets(path):
        head = next(rows, {})
        if head.keys() >= _OF_SCHOOL:
            is_summary = True
            _take_schools(rows, collection)
        elif head.keys() >= _OF_BREACH:
            _take_breaches(title, rows, collection)
        elif head.keys() >= set(columns.OF_ABOUT):
            label, value = columns.OF_ABOUT
            about.update((str(row[label]), str(row[value])) for row in rows)
    if not is_summary:
        raise _no_summary(path)
    return about


def is_summary(path: Path) -> bool:
    """Whether a file is a summary: one that may be replaced by a newer one."""
    try:
        return any(next(rows, {}).keys() >= _OF_SCHOOL for _, rows in _sheets(path))
    except UsageError:
        return False


def _no_summary(path: Path) -> UsageError:
    return UsageError(
        Text("这不是 formgen 写的摘要", "this is no summary that formgen wrote"),
        place=str(path),
        remedy=Text("请指向以前用 --summary 写出的 .xlsx", "name an .xlsx that --summary has written before"),
    )


def _take_schools(rows: Iterable[_Row], collection: Collection) -> None:
    cannot = (columns.CANNOT_READ.zh, columns.CANNOT_READ.en)
    for row in rows:
        dossier = row[columns.DOSSIER]
        if dossier is not None:
            name = row.get(columns.NAME)
            unread = row[columns.VERDICT] in cannot
            counts = _count(row[columns.ERRORS]), _count(row.get(columns.WARNINGS))
            collection.add_earlier(Earlier(str(dossier), "" if name is None else str(name), unread, *counts))


def _count(value: Any) -> int:
    return int(value) if isinstance(value, int | float) else 0


def _take_breaches(rule: str, rows: Iterable[_Row], collection: Collection) -> None:
    for row in rows:
        weight: Weight | None = _WEIGHTS.get(str(row[columns.WEIGHT]))
        if row[columns.DOSSIER] is not None and weight is not None:
            collection.add_earlier_breach(str(row[columns.DOSSIER]), rule, weight)


def _sheets(path: Path) -> Iterator[tuple[str, Iterator[_Row]]]:
    """Each sheet's title and its rows by column, the headings first.

    Raises:
        UsageError: the file is no workbook, or one that is too large.
    """
    if not path.is_file():
        raise _no_summary(path)
    with path.open("rb") as stream:
        try:
            with zipfile.ZipFile(stream) as archive:
                size = sum(member.file_size for member in archive.infolist())
            if size > opc.MAX_CONTENT:
                raise _no_summary(path)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of what openpyxl does not keep nothing is wanted
                book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
                for sheet in book.worksheets:
                    yield sheet.title, _rows(sheet.iter_rows(values_only=True))
                book.close()
        except UsageError:
            raise
        except Exception as error:  # openpyxl raises nearly anything on a damaged file
            raise _no_summary(path) from error


def _rows(rows: Iterator[tuple[Any, ...]]) -> Iterator[_Row]:
    head = [_TITLES.get(str(value)) for value in next(rows, ())]
    yield {column: None for column in head if column is not None}
    for row in rows:
        # A row may be shorter than the headings.
        padded = (*row, *[None] * (len(head) - len(row)))
        yield {column: value for column, value in zip(head, padded, strict=False) if column is not None}
