"""A workbook of another format (XLS, ODS, CSV) as XLSX: its values and merged cells, nothing else.

What a finding says of a cell must stay true of the new one, so numbers stay numbers and dates dates; no text becomes a
formula, and a formula comes as the result that was in the file.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from xml.sax.saxutils import escape, quoteattr

from formgen import opc
from formgen.annotation.sheet_part import TRANSITIONAL
from formgen.annotation.styles import Look, Styles
from formgen.intake import grids
from formgen.intake.grids import Book, Cell, Mark, Sheet
from formgen.reports import cell_text

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_INTEGER = re.compile("0|-?[1-9][0-9]{0,14}")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_ERRORS = {"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"}
_NOT_IN_NAMES = re.compile(r"[\\/?*\[\]:\x00-\x1f]")
_LONGEST_NAME = 31
_NARROWEST, _WIDEST = 8, 40
_WIDE = "\u2e80"
_DAY_ZERO = date(1899, 12, 30)
"""The day from which Excel counts; before March 1900 it is wrong by one."""
_FIRST_DAY = date(1900, 3, 1)


def names(book: Book) -> dict[str, str]:
    """For each sheet a name that Excel takes: no longer than it may be, and different from the others."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for sheet in book.sheets:
        base = _NOT_IN_NAMES.sub("_", cell_text.writable(sheet.name)).strip("'")[:_LONGEST_NAME] or "Sheet"
        name, number = base, 1
        while name.casefold() in taken:
            number += 1
            name = f"{base[: _LONGEST_NAME - len(str(number)) - 2]}（{number}）"
        taken.add(name.casefold())
        found[sheet.name] = name
    return found


def converted(book: Book, titles: Mapping[str, str]) -> bytes:
    """The workbook as XLSX, its sheets named by ``titles``."""
    styles = Styles(None, TRANSITIONAL)
    numbers = range(1, len(book.sheets) + 1)
    parts = {f"xl/worksheets/sheet{number}.xml": _sheet(sheet, styles) for number, sheet in enumerate(book.sheets, 1)}
    types = dict.fromkeys(parts, f"{_TYPE}.worksheet+xml")
    types |= {"xl/workbook.xml": f"{_TYPE}.sheet.main+xml", "xl/styles.xml": f"{_TYPE}.styles+xml"}
    related = {f"rId{number}": ("worksheet", f"worksheets/sheet{number}.xml") for number in numbers}
    related["rIdStyles"] = ("styles", "styles.xml")
    listed = "".join(
        f'<sheet name={quoteattr(titles[sheet.name])} sheetId="{number}"{_state(sheet)} r:id="rId{number}"/>'
        for number, sheet in enumerate(book.sheets, 1)
    )
    main = f'<workbook xmlns="{TRANSITIONAL}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>'
    whole = {
        opc.CONTENT_TYPES: _types(types),
        "_rels/.rels": _relationships({"rId1": ("officeDocument", "xl/workbook.xml")}),
        "xl/workbook.xml": main.encode(),
        "xl/_rels/workbook.xml.rels": _relationships(related),
        **parts,
        "xl/styles.xml": styles.data(),
    }
    return opc.write(opc.member(name, data) for name, data in whole.items())


def _state(sheet: Sheet) -> str:
    return ' state="hidden"' if sheet.hidden else ""


def _types(overrides: Mapping[str, str]) -> bytes:
    body = "".join(f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in overrides.items())
    rels = "application/vnd.openxmlformats-package.relationships+xml"
    return (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType="{rels}"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{body}</Types>'
    ).encode()


def _relationships(entries: Mapping[str, tuple[str, str]]) -> bytes:
    body = "".join(
        f'<Relationship Id="{id}" Type="{_OFFICE}/{kind}" Target="{target}"/>' for id, (kind, target) in entries.items()
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{body}</Relationships>'.encode()


# --- sheets ----------------------------------------------------------------------------------------------------------


def _sheet(sheet: Sheet, styles: Styles) -> bytes:
    widths: dict[int, int] = {}
    rows = "".join(_rows(sheet, styles, widths))
    hidden = {column for columns in sheet.hidden_columns for column in columns if column in widths}
    columns = "".join(
        f'<col min="{column}" max="{column}" width="{min(max(width + 2, _NARROWEST), _WIDEST)}" customWidth="1"'
        f"{_hidden(column in hidden)}/>"
        for column, width in sorted(widths.items())
    )
    merges = [
        f'<mergeCell ref="{grids.coordinate(area.top, area.left)}:{grids.coordinate(area.bottom, area.right)}"/>'
        for area in sheet.merges
    ]
    merged = f'<mergeCells count="{len(merges)}">{"".join(merges)}</mergeCells>' if merges else ""
    cols = f"<cols>{columns}</cols>" if columns else ""
    return (
        f'<worksheet xmlns="{TRANSITIONAL}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>{cols}'
        f"<sheetData>{rows}</sheetData>{merged}"
        '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'
    ).encode()


def _hidden(hidden: bool) -> str:
    return ' hidden="1"' if hidden else ""


def _rows(sheet: Sheet, styles: Styles, widths: dict[int, int]) -> Iterator[str]:
    for number, row in sheet.rows.items():
        cells = []
        for column, cell in zip(row.columns, row.cells, strict=True):
            text = grids.text_of(cell)
            length = max((len(line) + sum(char >= _WIDE for char in line) for line in text.split("\n")), default=0)
            # A title that stands by itself runs over its neighbours.
            widths[column] = max(widths.get(column, 0), length if len(row.cells) > 1 else 0)
            cells.append(_cell(grids.coordinate(number, column), cell, styles))
        yield f'<row r="{number}"{_hidden(number in sheet.hidden_rows)}>{"".join(cells)}</row>'


def _cell(at: str, cell: Cell, styles: Styles) -> str:
    text = grids.text_of(cell)
    mark = None if isinstance(cell, str) else cell.mark
    if mark is Mark.ERROR:
        # What Excel has no error for must not be a text: when the copy comes back, it would be a value.
        return f'<c r="{at}" t="e"><v>{text if text in _ERRORS else "#N/A"}</v></c>'
    if mark is Mark.DATE and (day := _day(text)) is not None:
        return f'<c r="{at}" s="{styles.look(Look(date=True, wrapped=False))}"><v>{(day - _DAY_ZERO).days}</v></c>'
    if _INTEGER.fullmatch(text) or (mark in (Mark.DECIMAL, Mark.ROUNDED) and _NUMBER.fullmatch(text)):
        return f'<c r="{at}"><v>{text}</v></c>'
    return _text(at, text, styles) if mark is not Mark.UNCOMPUTED else ""


def _text(at: str, text: str, styles: Styles) -> str:
    look = Look(wrapped="\n" in text, protected_text=text.startswith(cell_text.FORMULA))
    style = f' s="{styles.look(look)}"' if look.wrapped or look.protected_text else ""
    safe = escape(cell_text.kept(text))
    return f'<c r="{at}"{style} t="inlineStr"><is><t xml:space="preserve">{safe}</t></is></c>'


def _day(text: str) -> date | None:
    """The day that Excel can count; None for another text, or a day with a time."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day >= _FIRST_DAY else None
