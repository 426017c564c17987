"""A workbook to be filled in: the list of a form, and how to fill it in."""

import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.writer.excel import ExcelWriter

from formgen import opc, own_files
from formgen.blanks import guide, sheet
from formgen.blanks.fields import Field, describe
from formgen.forms import Edition, Schema
from formgen.intake.headings import ID, Table

ROWS = 500
"""Rows of a blank list: more than a college, or a whole student union, has people to name."""
_DAY = datetime(1980, 1, 1)  # noqa: DTZ001 - a date of no meaning: the workbook must not depend on the clock
_MAIN = "xl/workbook.xml"
_EXTENT = re.compile(rb'<dimension ref="([A-Z0-9:]+)"')
_NOT_IN_TITLES = re.compile(r"[\\/?*\[\]:]")
_NUMBER: Schema = {"type": "integer", "minimum": 1, "maximum": 10_000_000, "x-ask": "可不填", "x-examples": ["1"]}
"""What tells the rows of a table apart that are records: no field of the form."""
_NOTE = "一人一行；选中一格会出现提示，怎样填见“填写说明”。浅色的栏可以不填。"


def fields(table: Table, dossier: Any = None) -> dict[str, Field]:
    """The columns of a table by their fields; where each row is a record, its number comes first."""
    own = {key: describe(table.item["properties"][key], dossier) for key in table.fields}
    return own if table.key is not None else {ID: describe({**_NUMBER, "title": table.title(ID)}), **own}


def blank(edition: Edition, table: Table, rows: int, dossier: Mapping[str, Any]) -> bytes:
    """The workbook for a form, with so many empty rows; ``dossier`` is what dossier.json says."""
    columns = fields(table, dossier)
    organisation = dossier.get("organisation")
    school = organisation.get("name") if isinstance(organisation, dict) else None
    note = f"{school}　{_NOTE}" if isinstance(school, str) else _NOTE
    lists = guide.places_of_lists(columns)
    content = sheet.Sheet(edition.title, note, columns, rows=(), spare=rows, locked=True, lists=lists)
    return packed(
        [
            (sheet_title(edition), lambda target: sheet.fill(target, content)),
            (guide.TITLE, lambda target: guide.fill(target, columns)),
        ]
    )


def sheet_title(edition: Edition) -> str:
    """The form's name as that of a sheet."""
    return _NOT_IN_TITLES.sub("", edition.title)[:31]


def packed(sheets: Sequence[tuple[str, Callable[[Any], None]]]) -> bytes:
    """The sealed workbook of these sheets: each a title, and what writes it."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, write in sheets:
        write(book.create_sheet(title))
    book.properties.creator = "formgen"
    book.properties.created = book.properties.modified = _DAY
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        ExcelWriter(book, archive).write_data()
    parts = opc.read(stream.getvalue(), "").parts
    return own_files.sealed({name: _without_warnings(name, data) for name, data in parts.items()}, _MAIN)


def _without_warnings(name: str, data: bytes) -> bytes:
    """A sheet on which Excel does not mark every 3/45 and every number that is a text; other parts as they are."""
    extent = _EXTENT.search(data) if name.startswith("xl/worksheets/") else None
    if extent is None:
        return data
    ignored = b'<ignoredError sqref="%b" numberStoredAsText="1" twoDigitTextYear="1"/>' % extent[1]
    return data.replace(b"</worksheet>", b"<ignoredErrors>%b</ignoredErrors></worksheet>" % ignored)
