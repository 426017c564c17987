"""A workbook to be filled in: the list of a form, and how to fill it in."""

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.writer.excel import ExcelWriter

from formgen import opc
from formgen.blanks import guide, sealing, sheet
from formgen.blanks.fields import Field, describe
from formgen.forms import Edition, Schema
from formgen.intake.headings import ID, Table

ROWS = 500
"""Rows of a blank list: more than a college, or a whole student union, has people to name."""
_DAY = datetime(1980, 1, 1)  # noqa: DTZ001 - a date of no meaning: the workbook must not depend on the clock
_NOT_IN_TITLES = re.compile(r"[\\/?*\[\]:]")
_NUMBER: Schema = {"type": "integer", "minimum": 1, "maximum": 10_000_000, "x-ask": "可不填", "x-examples": ["1"]}
"""What tells the rows of a table apart that are records: no field of the form."""
_NOTE = "一人一行；选中一格会出现提示，怎样填见“填写说明”。浅色的栏可以不填。"


def fields(table: Table) -> dict[str, Field]:
    """The columns of a table by their fields; where each row is a record, its number comes first."""
    own = {key: describe(table.item["properties"][key]) for key in table.fields}
    return own if table.key is not None else {ID: describe({**_NUMBER, "title": table.title(ID)}), **own}


def blank(edition: Edition, table: Table, rows: int) -> bytes:
    """The workbook for a form, with so many empty rows."""
    columns = fields(table)
    content = sheet.Sheet(edition.title, _NOTE, columns, rows=(), spare=rows, locked=True)
    return packed(
        [
            (sheet_title(edition), lambda target: sheet.fill(target, content)),
            (guide.TITLE, lambda target: guide.fill(target, columns.values())),
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
    return sealing.sealed(opc.read(stream.getvalue(), "").parts)
