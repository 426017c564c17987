"""The mark of a draft: on every page of a Word document, on every printed page and every sheet's tab of a workbook."""

from collections.abc import Container

from formgen import opc
from formgen.filling import page_marks
from formgen.filling.references import rename_sheets
from formgen.filling.word_tree import W
from formgen.filling.xlsx import XM, S

WORDS = "草稿　不得报送"
PREFIX = "草稿-"
_PARAGRAPH = (
    f'<w:p xmlns:w="{W[1:-1]}"><w:pPr><w:jc w:val="center"/></w:pPr><w:r><w:rPr>'
    '<w:rFonts w:ascii="黑体" w:hAnsi="黑体" w:eastAsia="黑体"/><w:color w:val="C00000"/><w:sz w:val="28"/></w:rPr>'
    f"<w:t>{WORDS}</w:t></w:r></w:p>"
)
_PRINT_HEADER = f'&"黑体"&14&KC00000{WORDS}'
_SHEET_NAME_LIMIT = 31
_FORMULAS = (f"{S}f", f"{S}formula", f"{S}formula1", f"{S}formula2", f"{XM}f")


def marked(package: opc.Package, main: str) -> opc.Package:
    """The template with the mark, so that every document filled from it is marked."""
    if package.content_type(main).endswith("sheet.main+xml"):
        return opc.Package(_marked_workbook(package, main))
    return opc.Package(page_marks.in_every_story(package, main, "header", _PARAGRAPH, "draft"))


def is_marked(package: opc.Package) -> bool:
    """Whether the pages of a Word document bear the mark, whatever the document carries."""
    headers = (data for name, data in package.parts.items() if package.content_type(name).endswith(".header+xml"))
    return any(WORDS.encode() in data for data in headers)


def _marked_workbook(package: opc.Package, main: str) -> dict[str, bytes]:
    parts = dict(package.parts)
    workbook = opc.parse_xml(parts[main])
    renamed: dict[str, str] = {}
    for sheet in workbook.iter(f"{S}sheet"):
        name = sheet.get("name", "")
        renamed[name] = _sheet_name(name, {taken.lower() for taken in renamed.values()})
        sheet.set("name", renamed[name])
    for element in workbook.iter(f"{S}definedName"):
        element.text = rename_sheets(element.text or "", renamed)
    parts[main] = opc.serialise(workbook)
    for part in package.related(main, "worksheet"):
        root = opc.parse_xml(parts.get(part, b""))
        for formula in root.iter(*_FORMULAS):
            formula.text = rename_sheets(formula.text or "", renamed)
        for link in root.iter(f"{S}hyperlink"):
            if link.get("location"):
                link.set("location", rename_sheets(link.get("location", ""), renamed))
        page_marks.in_print(root, "header", "C", _PRINT_HEADER)
        parts[part] = opc.serialise(root)
    return parts


def _sheet_name(name: str, taken: Container[str]) -> str:
    """The name of a sheet with the mark, cut where Excel ends, and unlike those that were cut before."""
    number = 1
    while True:
        end = f"~{number}" if number > 1 else ""
        marked = f"{PREFIX}{name}"[: _SHEET_NAME_LIMIT - len(end)].rstrip("'") + end
        if marked.lower() not in taken:
            return marked
        number += 1
