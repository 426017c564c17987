"""A summary of many dossiers as a workbook: the schools, the rules, who fails each rule, what changed.

The sheets are written row by row, so that their length costs no memory, and the bytes depend on the contents alone.
"""

import re
import shutil
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from formgen.findings import Text
from formgen.reports import cell_text
from formgen.reports import summary_columns as columns
from formgen.reports.summary import PER_SCHOOL, WEIGHTS, School, Weight
from formgen.reports.summary_collection import Change, Collection, RuleTotal
from formgen.reports.summary_columns import Column

ROOM = 40_000
"""Dossiers that a sheet has rows for, with every rule's findings listed: Excel takes 1,048,576 rows."""
_DAY = datetime(1980, 1, 1)  # noqa: DTZ001 - a date of no meaning: the workbook must not depend on the clock
# As XlsxWriter does it: Excel takes Chinese in a link as it is, and these only escaped.
_ESCAPED = re.compile(r'[\x00-\x20"#%<>?\[\\\]^`{}]')

_HEAD_FONT = Font(name="Calibri", size=11, bold=True, color="FFFFFF")
_HEAD_FILL = PatternFill("solid", fgColor="1F4E78")
_HEAD_HEIGHT = 32
_LINE, _HIGHEST = 15, 409
"""Points: of a line, and of the highest row that Excel takes."""
_WIDE = "\u2e80"
"""From here on characters are mostly two columns wide."""
_LINK_FONT = Font(name="Calibri", size=11, color="0563C1", underline="single")
_TOP = Alignment(vertical="top", wrap_text=True)
_HEAD = Alignment(vertical="center", horizontal="center", wrap_text=True)
_FILLS = {
    "bad": PatternFill("solid", fgColor="F8CBAD"),
    "doubtful": PatternFill("solid", fgColor="FFE699"),
    "good": PatternFill("solid", fgColor="C6E0B4"),
}
_WEIGHT_FILLS = {Weight.ERROR: "bad", Weight.WARNING: "doubtful", Weight.UNVERIFIED: "doubtful"}


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands in a cell: a text or a number, perhaps with a colour or a link to a sheet or a file."""

    value: str | int | None
    colour: str | None = None
    sheet: str | None = None
    file: str | None = None


Row = Sequence[Shown | str | int | None]


@dataclass(frozen=True, slots=True)
class About:
    """What the summary says of itself: label and value."""

    rows: tuple[tuple[str, str], ...]


def write(collection: Collection, stream: IO[bytes], lang: str, about: About, reports: str, *, compared: bool) -> None:
    """Writes the workbook of a collection.

    Args:
        collection: the dossiers.
        stream: where to; it must be seekable.
        lang: the language of headings.
        about: what the last sheet says.
        reports: the folder of the report files, as seen from the workbook's; with its ``/``.
        compared: whether the collection has an earlier summary to compare with.
    """
    book = Workbook(write_only=True)
    book.properties.creator = "formgen"
    book.properties.created = book.properties.modified = _DAY
    totals = collection.totals()
    _sheet(book, columns.SCHOOLS.lang(lang), columns.OF_SCHOOL, lang, _schools(collection, lang, reports))
    if compared:
        _sheet(book, columns.CHANGES.lang(lang), columns.OF_CHANGE, lang, _changes(collection, lang))
    _sheet(book, columns.RULES.lang(lang), columns.OF_TOTAL, lang, (_total(total, lang) for total in totals))
    unread = ((each.dossier, each.problem) for each in collection.schools(unread_only=True))
    _sheet(book, columns.UNREAD.lang(lang), columns.OF_UNREAD, lang, unread)
    for total in totals:
        _sheet(book, total.rule, columns.OF_BREACH, lang, _of_rule(collection, total.rule, lang))
    _sheet(book, columns.ABOUT.lang(lang), columns.OF_ABOUT, lang, about.rows)
    with _Archive(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        ExcelWriter(book, archive).write_data()


class _Archive(zipfile.ZipFile):
    """A zip file whose members bear no time."""

    def writestr(self, zinfo_or_arcname: Any, data: Any, *_: Any, **__: Any) -> None:
        super().writestr(self._member(zinfo_or_arcname), data)

    def write(self, filename: Any, arcname: Any = None, *_: Any, **__: Any) -> None:
        with self.open(self._member(arcname), "w") as target, open(filename, "rb") as source:
            shutil.copyfileobj(source, target)

    def _member(self, name: str) -> zipfile.ZipInfo:
        member = zipfile.ZipInfo(name)  # the first day that a zip file knows
        member.compress_type = zipfile.ZIP_DEFLATED
        member.external_attr = 0o600 << 16
        return member


# --- the rows --------------------------------------------------------------------------------------------------------


def _schools(collection: Collection, lang: str, reports: str) -> Iterator[Row]:
    for school in collection.schools():
        yield _unread(school, lang) if school.problem is not None else _judged(school, lang, reports)


def _unread(school: School, lang: str) -> Row:
    verdict = Shown(columns.CANNOT_READ.lang(lang), "bad", sheet=columns.UNREAD.lang(lang))
    return (None, None, school.dossier, None, verdict)


def _judged(school: School, lang: str, reports: str) -> Row:
    counted, worst = school.tally, school.worst
    said = None if worst is None else Shown(f"{worst.rule} {worst.title}", sheet=worst.rule)
    conclusions = [school.conclusions.get(key) for key in ("met", "unmet", "undetermined", "blank")]
    return (
        school.name,
        school.kind,
        school.dossier,
        school.as_of,
        Shown((columns.STOPS if school.stops else columns.FREE).lang(lang), "bad" if school.stops else "good"),
        Shown(counted.errors, "bad" if counted.errors else None),
        Shown(counted.warnings, "doubtful" if counted.warnings else None),
        counted.unverified,
        counted.infos,
        counted.waived,
        said,
        *conclusions,
        columns.COMMA.lang(lang).join(school.unmet),
        *(school.counts.get(key) for key in ("staff", "presidium", "departments")),
        columns.COMMA.lang(lang).join(school.unsent),
        None if school.report is None else Shown(school.report, file=f"{reports}{school.report}"),
    )


def _total(total: RuleTotal, lang: str) -> Row:
    among = [total.dossiers.get(weight) for weight in WEIGHTS]
    worst = Shown(columns.WEIGHTS_SAID[total.worst].lang(lang), _WEIGHT_FILLS.get(total.worst))
    return (Shown(total.rule, sheet=total.rule), total.title, worst, *among, total.findings)


def _of_rule(collection: Collection, rule: str, lang: str) -> Iterator[Row]:
    for school, breach in collection.of_rule(rule):
        weight = Shown(columns.WEIGHTS_SAID[breach.weight].lang(lang), _WEIGHT_FILLS.get(breach.weight))
        for place, message in breach.places:
            yield (school.name, school.dossier, weight, place, message)
        if breach.count > len(breach.places):
            values = {"more": breach.count - len(breach.places), "listed": PER_SCHOOL}
            yield (school.name, school.dossier, weight, None, columns.NOT_LISTED.lang(lang, values))


def _changes(collection: Collection, lang: str) -> Iterator[Row]:
    comma = columns.COMMA.lang(lang)
    for change in collection.changes():
        then, now = change.then, change.now
        was = (None, None) if then is None or then.unread else (then.errors, then.warnings)
        is_ = (None, None) if now is None or now.problem is not None else (now.tally.errors, now.tally.warnings)
        text, colour = _became(change)
        yield (
            (now.name if now is not None else "") or (then.name if then is not None else ""),
            now.dossier if now is not None else then.dossier if then is not None else "",
            Shown(text.lang(lang), colour),
            was[0],
            is_[0],
            was[1],
            is_[1],
            comma.join(change.mended),
            comma.join(change.new),
            comma.join(change.open),
        )


def _became(change: Change) -> tuple[Text, str | None]:
    """What became of a dossier, and the colour of it."""
    then, now = change.then, change.now
    if then is None or now is None:
        return (columns.ADDED, None) if then is None else (columns.GONE, "doubtful")
    if now.problem is not None:
        return columns.UNREAD_NOW, "bad"
    if then.unread:
        return columns.UNREAD_THEN, None
    before, after = (then.errors, then.warnings), (now.tally.errors, now.tally.warnings)
    if after < before:
        return columns.BETTER, "good"
    if after > before:
        return columns.WORSE, "bad"
    return (columns.DIFFERENT, None) if change.mended or change.new or change.open else (columns.SAME, None)


# --- the sheets ------------------------------------------------------------------------------------------------------


def _sheet(book: Workbook, title: str, head: Sequence[Column], lang: str, rows: Iterable[Row]) -> None:
    """Adds a sheet: headings that stay on the screen and on every printed page, filters, a width for each column."""
    sheet: Any = book.create_sheet(title)
    last = get_column_letter(len(head))
    sheet.freeze_panes = f"{get_column_letter(1 + sum(column.stays for column in head))}2"
    for number, column in enumerate(head, 1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", Worksheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.print_title_rows = "1:1"
    sheet.print_options.gridLines = True
    sheet.row_dimensions[1].height = _HEAD_HEIGHT  # two lines
    sheet.oddHeader.center.text = "&A"
    sheet.oddFooter.center.text = "&P / &N"
    sheet.append([_heading(sheet, column.title.lang(lang)) for column in head])
    count = 1
    for row in rows:
        count += 1
        cells = [_cell(sheet, value) for value in row]
        # Not every program finds the height of wrapped text by itself; and a height is kept no longer than needed.
        sheet.row_dimensions[count].height = _height(cells, head)
        sheet.append(cells)
        del sheet.row_dimensions[count]
    sheet.auto_filter.ref = f"A1:{last}{count}"
    sheet.close()  # its file is finished: a hundred open ones would be too many


def _height(cells: Sequence[Cell | None], head: Sequence[Column]) -> int:
    """The height of a row in points: that of its tallest text, wrapped in its column."""
    tallest = 1
    for cell, column in zip(cells, head, strict=False):
        if cell is not None and isinstance(cell.value, str):
            lines = (len(line) + sum(char >= _WIDE for char in line) for line in cell.value.split("\n"))
            tallest = max(tallest, sum(1 + length // column.width for length in lines))
    return min(_LINE * tallest, _HIGHEST)


def _heading(sheet: WriteOnlyWorksheet, text: str) -> Cell:
    cell = WriteOnlyCell(sheet, text)
    cell.font, cell.fill, cell.alignment = _HEAD_FONT, _HEAD_FILL, _HEAD
    return cell


def _cell(sheet: WriteOnlyWorksheet, value: Shown | str | int | None) -> Cell | None:
    shown = value if isinstance(value, Shown) else Shown(value)
    if shown.value is None or shown.value == "":
        return None
    cell = WriteOnlyCell(sheet)
    if isinstance(shown.value, str):
        text = cell_text.writable(shown.value)
        cell.value = text
        cell.data_type = "s"  # whatever it begins with, it is a text
        cell.quotePrefix = text.startswith(cell_text.FORMULA)  # and stays one when somebody edits it
    else:
        cell.value = shown.value
    cell.alignment = _TOP
    if shown.colour is not None:
        cell.fill = _FILLS[shown.colour]
    if shown.sheet is not None or shown.file is not None:
        cell.font = _LINK_FONT
        cell.hyperlink = _link(shown)
    return cell


def _link(shown: Shown) -> Hyperlink:
    if shown.sheet is not None:
        return Hyperlink(ref="", location=f"'{shown.sheet}'!A1")
    escaped = _ESCAPED.sub(lambda match: f"%{ord(match[0]):02X}", shown.file or "")
    return Hyperlink(ref="", target=escaped)
