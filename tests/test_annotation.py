"""Annotating workbooks: what is put on cells, what stays byte for byte, what an earlier round left."""

import io
import random
import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from formgen import annotation, opc, own_files
from formgen.annotation import Contents, Remark, sheet_part, spans
from formgen.annotation.comments import BEGIN, END
from formgen.annotation.sheet_part import reference
from formgen.annotation.styles import COLOURS, Styles, Weight
from formgen.findings import Address, Finding, Kind, Text
from formgen.record import Origin
from office import DOT, OFFICE, Sheet, content_types, pack, parts_of, relationships, xlsx_parts

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
KIND = Kind("R1", "wrong", Text("标题", "title"), Text("", ""), basis=("规定",))
ERROR, WARNING = COLOURS[Weight.ERROR], COLOURS[Weight.WARNING]


def remark(
    cell: str | None,
    message: str = "写错了",
    *,
    sheet: str | None = "名单",
    weight: Weight = Weight.ERROR,
    **values: Any,
) -> Remark:
    """A remark on a cell; ``also`` are other cells, ``text`` what stands in it."""
    also = tuple(Origin("名单.xlsx", sheet, other) for other in values.get("also", ()))
    origin = Origin("名单.xlsx", sheet, cell, text=values.get("text"))
    return Remark(Finding(KIND, Address("list")), weight, "错误", "标题", origin, message, "改", "依据：规定", also, ())


def annotated(parts: Mapping[str, bytes | str], *remarks: Remark, **more: Any) -> dict[str, bytes]:
    """The parts of the workbook with the remarks on it."""
    return parts_of(annotation.annotate(pack(parts), contents(*remarks, **more)).data)


def contents(*remarks: Remark, **more: Any) -> Contents:
    return Contents("名单.xlsx", "2020-11-18", "错误 1", remarks, **more)


def again(parts: Mapping[str, bytes], *remarks: Remark) -> dict[str, bytes]:
    return annotated(parts, *remarks)


def opened(parts: Mapping[str, bytes | str]) -> openpyxl.Workbook:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about what openpyxl would lose
        return openpyxl.load_workbook(io.BytesIO(pack(parts)))


def colours(parts: Mapping[str, bytes | str], sheet: int = 0) -> dict[str, str]:
    """The cells of a sheet with a solid fill, and its colour."""
    cells = (cell for row in opened(parts).worksheets[sheet].iter_rows() for cell in row)
    return {cell.coordinate: cell.fill.fgColor.rgb[2:] for cell in cells if cell.fill.fill_type == "solid"}


def notes(parts: Mapping[str, bytes | str], sheet: int = 0) -> dict[str, str]:
    """The comments of a sheet."""
    cells = (cell for row in opened(parts).worksheets[sheet].iter_rows() for cell in row)
    return {cell.coordinate: cell.comment.text for cell in cells if cell.comment is not None}


def sheet_xml(parts: Mapping[str, bytes], number: int = 1) -> str:
    return parts[f"xl/worksheets/sheet{number}.xml"].decode()


PLAIN = xlsx_parts({"名单": Sheet({"A1": "姓名", "B1": "年级", "A2": "王静", "B2": 2019})})
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font><sz val="11"/></font></fonts>'
    '<fills count="4"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FF00FF00"/><bgColor indexed="64"/></patternFill></fill>'
    '<fill><patternFill patternType="solid"><fgColor theme="4" tint="0.5"/></patternFill></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="0" fillId="2" borderId="0" xfId="0" applyFill="1"/>'
    '<xf numFmtId="10" fontId="0" fillId="3" borderId="0" xfId="0" applyFill="1"/>'
    '<xf numFmtId="14" fontId="0" fillId="0" borderId="0" xfId="0"><protection locked="0"/></xf></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    '<dxfs count="1"><dxf><fill><patternFill><bgColor rgb="FFFF0000"/></patternFill></fill></dxf></dxfs></styleSheet>'
)


def styled(sheet: Sheet, name: str = "名单") -> dict[str, bytes | str]:
    """A workbook of one sheet, with four styles: none, a green fill, a theme's fill, a date."""
    parts = xlsx_parts({name: sheet}, files={"xl/styles.xml": STYLES})
    parts["xl/_rels/workbook.xml.rels"] = relationships(
        {"rId1": ("worksheet", "worksheets/sheet1.xml"), "rId2": ("styles", "styles.xml")}
    )
    return parts


# --- cells -----------------------------------------------------------------------------------------------------------


def test_a_cell_gets_the_colour_of_its_worst_remark_and_a_comment_with_all_of_them() -> None:
    made = annotated(PLAIN, remark("B2", "年级不对", weight=Weight.WARNING), remark("B2", "没有入学"))
    assert colours(made) == {"B2": ERROR}
    [text] = notes(made).values()
    assert text.index("年级不对") < text.index("没有入学")
    assert "依据：规定" in text
    assert "怎样改：改" in text


def test_other_rows_stay_byte_for_byte() -> None:
    made = sheet_xml(annotated(PLAIN, remark("B2")))
    first = re.search('<row r="1">.*?</row>', str(PLAIN["xl/worksheets/sheet1.xml"]))
    assert first is not None
    assert first[0] in made


def raw(rows: str, head: str = "", tail: str = "", root: str = f'xmlns="{MAIN}"') -> dict[str, bytes | str]:
    """A workbook with four styles whose sheet has these rows as they are."""
    parts = styled(Sheet({}))
    parts["xl/worksheets/sheet1.xml"] = f"<worksheet {root}>{head}<sheetData>{rows}</sheetData>{tail}</worksheet>"
    return parts


def test_only_the_fill_of_a_cells_style_changes() -> None:
    rows = '<row r="1"><c r="A1" s="3"><v>44000</v></c></row>'
    before, after = (
        opened(raw(rows)).worksheets[0]["A1"],
        opened(annotated(raw(rows), remark("A1"))).worksheets[0]["A1"],
    )
    assert (after.number_format, after.protection.locked) == ("mm-dd-yy", False)
    assert (repr(after.font), repr(after.border), after.value) == (repr(before.font), repr(before.border), before.value)
    assert after.fill.fgColor.rgb == f"FF{ERROR}"


@pytest.mark.parametrize(
    ("rows", "cell", "expected"),
    [
        ('<row r="2"><c r="A2"/></row>', "C2", '<row r="2"><c r="A2"/><c r="C2" s="4"/></row>'),
        ('<row r="2"><c r="C2"/></row>', "A2", '<row r="2"><c r="A2" s="4"/><c r="C2"/></row>'),
        ('<row r="2" spans="1:1"><c r="A2"/></row>', "B2", '<row r="2"><c r="A2"/><c r="B2" s="4"/></row>'),
        ('<row r="4"/>', "B2", '<row r="2"><c r="B2" s="4"/></row><row r="4"/>'),
        ('<row r="1"/>', "B2", '<row r="1"/><row r="2"><c r="B2" s="4"/></row>'),
        ('<row r="2" ht="20"/>', "B2", '<row r="2" ht="20"><c r="B2" s="4"/></row>'),
        ("", "B2", '<row r="2"><c r="B2" s="4"/></row>'),
        ("<row><c><v>1</v></c></row><row><c/><c/></row>", "B2", '<row><c/><c s="4"/></row>'),
        ('<row r="2" s="3" customFormat="1"/>', "B2", '<row r="2" s="3" customFormat="1"><c r="B2" s="4"/></row>'),
        ('<row r="2"><c r="A2"/><extLst/></row>', "B2", '<c r="A2"/><c r="B2" s="4"/><extLst/></row>'),
        ("<row r='2'><c r='B2' s='3' t='s'><v>0</v></c></row>", "B2", "<c r='B2' t='s' s=\"4\"><v>0</v></c>"),
        ('<!--<row r="2">--><row r="2"><c r="B2"><is><t>a</t></is></c></row>', "B2", '<c r="B2" s="4"><is>'),
        ('<row r="2"><c r="A2"><f>1&gt;0</f><v>1</v></c></row>', "B2", '<v>1</v></c><c r="B2" s="4"/></row>'),
        ('<row r="2"><c r="B2" x="a&gt;>b"/></row>', "B2", '<c r="B2" x="a&gt;>b" s="4"/>'),
    ],
)
def test_cells_that_are_not_there_are_made_in_their_place(rows: str, cell: str, expected: str) -> None:
    assert expected in sheet_xml(annotated(raw(rows), remark(cell)))


def test_a_sheet_without_rows_written_as_one_tag_gets_them() -> None:
    parts = raw("")
    parts["xl/worksheets/sheet1.xml"] = f'<worksheet xmlns="{MAIN}"><sheetData/></worksheet>'
    assert '<sheetData><row r="3"><c r="A3" s="4"/></row></sheetData>' in sheet_xml(annotated(parts, remark("A3")))


def test_a_cell_that_is_made_has_the_style_of_its_row_or_else_of_its_column() -> None:
    head = '<cols><col min="2" max="3" width="9" style="3"/></cols>'
    rows = '<row r="1"/><row r="2" s="2" customFormat="1"/>'
    sheet = opened(annotated(raw(rows, head), remark("B1"), remark("B2"), remark("C5"), remark("A1"))).worksheets[0]
    formats = {cell: sheet[cell].number_format for cell in ("B1", "B2", "C5", "A1")}
    assert formats == {"B1": "mm-dd-yy", "B2": "0.00%", "C5": "mm-dd-yy", "A1": "General"}


def test_the_declared_size_takes_in_the_cells_that_were_made() -> None:
    made = sheet_xml(annotated(raw('<row r="2"><c r="B2"/></row>', '<dimension ref="B2"/>'), remark("D5")))
    assert '<dimension ref="B2:D5"/>' in made


def test_the_first_cell_of_a_merged_range_bears_what_is_said_of_the_others() -> None:
    tail = '<mergeCells count="1"><mergeCell ref="A2:B4"/></mergeCells>'
    made = annotated(
        raw('<row r="2"><c r="A2"/><c r="B2"/></row>', tail=tail), remark("B3"), remark("A2"), remark("C3")
    )
    assert colours(made) == {"A2": ERROR, "C3": ERROR}
    assert notes(made)["A2"].count("写错了") == 2
    assert [link.location for link in links(made)] == ["'名单'!A2", "'名单'!A2", "'名单'!C3"]


def links(parts: Mapping[str, bytes | str]) -> list[Any]:
    sheet = opened(parts).worksheets[-1]
    return [cell.hyperlink for row in sheet.iter_rows() for cell in row if cell.hyperlink is not None]


def test_a_prefix_on_every_element_is_kept() -> None:
    parts = raw("")
    parts["xl/worksheets/sheet1.xml"] = (
        f'<x:worksheet xmlns:x="{MAIN}" xmlns:o="urn:other"><x:sheetData><x:row r="2"><x:c r="A2"/><o:c/></x:row>'
        "</x:sheetData><x:pageMargins/></x:worksheet>"
    )
    made = sheet_xml(annotated(parts, remark("B2"), remark("A3")))
    assert (
        '<x:c r="A2"/><x:c r="B2" s="4"/><o:c/></x:row><x:row r="3"><x:c r="A3" s="4"/></x:row></x:sheetData>' in made
    )
    assert "<x:pageMargins/><x:legacyDrawing " in made


def test_a_strict_workbook_stays_strict() -> None:
    parts = {
        name: data.replace(MAIN, STRICT).replace(OFFICE, "http://purl.oclc.org/ooxml/officeDocument/relationships")
        for name, data in PLAIN.items()
        if isinstance(data, str)
    }
    made = annotated(parts, remark("B2"))
    written = [made[name].decode() for name in set(made) - set(parts) if name.endswith(".xml")]
    assert len(written) == 3  # styles, comments, our sheet
    assert all(STRICT in text and MAIN not in text for text in written)
    assert (
        "purl.oclc.org/ooxml/officeDocument/relationships/comments"
        in made["xl/worksheets/_rels/sheet1.xml.rels"].decode()
    )


def test_a_sheet_in_utf_16_is_read() -> None:
    parts = raw('<row r="2"><c r="A2"/></row>')
    text = f'<?xml version="1.0" encoding="UTF-16"?>{parts["xl/worksheets/sheet1.xml"]}'
    made = annotated({**parts, "xl/worksheets/sheet1.xml": text.encode("utf-16")}, remark("A2"))
    assert '<c r="A2" s="4"/>' in sheet_xml(made)


@pytest.mark.parametrize(
    "sheet",
    [
        f'<chartsheet xmlns="{MAIN}"/>',
        f'<worksheet xmlns="{MAIN}"/>',
        '<worksheet xmlns="urn:other"><sheetData/></worksheet>',
        f'<worksheet xmlns="{MAIN}"><sheetData><row><c xmlns="urn:other"/></row></sheetData></worksheet>',
        f'<worksheet xmlns="{MAIN}"><sheetData><x:row xmlns:x="{MAIN}"/></sheetData></worksheet>',
    ],
)
def test_a_sheet_that_cannot_be_changed_safely_is_refused(sheet: str) -> None:
    with pytest.raises(opc.PackageError, match="unusual way"):
        annotated({**PLAIN, "xl/worksheets/sheet1.xml": sheet}, remark("A1"))


@pytest.mark.parametrize("sheet", [b"<worksheet>", b'<?xml version="1.0" encoding="none"?><a/>', b"\xff\xfe<"])
def test_a_damaged_sheet_is_refused(sheet: bytes) -> None:
    with pytest.raises(opc.PackageError, match="damaged"):
        annotated({**PLAIN, "xl/worksheets/sheet1.xml": sheet}, remark("A1"))


def test_a_doctype_under_another_name_is_refused() -> None:
    with pytest.raises(opc.PackageError, match="damaged"):
        sheet_part.read(b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet/>', "sheet1.bin")


@pytest.mark.parametrize("parts", [{"_rels/.rels": relationships({})}, {"xl/workbook.xml": "<other/>"}])
def test_what_is_no_workbook_is_refused(parts: dict[str, bytes | str]) -> None:
    with pytest.raises(opc.PackageError, match="no Excel workbook"):
        annotated({**PLAIN, **parts})


PLACES = st.tuples(st.integers(1, 12), st.integers(1, 8))


@given(cells=st.dictionaries(PLACES, st.integers(0, 3), max_size=20), wanted=st.sets(PLACES, min_size=1, max_size=10))
def test_whatever_cells_there_are_those_that_are_meant_change_and_no_others(
    cells: dict[tuple[int, int], int], wanted: set[tuple[int, int]]
) -> None:
    rows: dict[int, str] = {}
    for place, style in sorted(cells.items()):
        rows[place[0]] = rows.get(place[0], "") + f'<c r="{reference(place)}" s="{style}"><v>{place[1]}</v></c>'
    data = "".join(f'<row r="{row}">{content}</row>' for row, content in rows.items())
    sheet = sheet_part.read(f'<worksheet xmlns="{MAIN}"><sheetData>{data}</sheetData></worksheet>'.encode(), "")
    changed = sheet_part.restyled(sheet, dict.fromkeys(wanted, lambda style: style + 10))
    found = [(tag.get("r"), int(tag.get("s") or 0)) for tag in spans.tags(changed, 0, None, (b"c",)) if not tag.closes]
    expected = {place: cells.get(place, 0) + 10 * (place in wanted) for place in {*cells, *wanted}}
    assert found == [(reference(place), style) for place, style in sorted(expected.items())]
    assert changed.count(b"<v>") == len(cells)


# --- what stays ------------------------------------------------------------------------------------------------------

TABLE = (
    f'<table xmlns="{MAIN}" id="1" displayName="Table1" ref="A1:B2"><tableColumns count="2">'
    '<tableColumn id="1" name="1"/><tableColumn id="2" name="2"/></tableColumns></table>'
)
EXTRA = {
    "xl/drawings/drawing1.xml": '<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"/>',
    "xl/media/image1.png": b"\x89PNG picture",
    "xl/charts/chart1.xml": "<chart/>",
    "xl/slicers/slicer1.xml": "<slicer/>",
    "xl/slicerCaches/slicerCache1.xml": "<slicerCache/>",
    "xl/pivotTables/pivotTable1.xml": "<pivot/>",
    "xl/tables/table1.xml": TABLE,
    "xl/threadedComments/threadedComment1.xml": "<ThreadedComments/>",
    "xl/persons/person.xml": "<personList/>",
    "xl/vbaProject.bin": b"\xd0\xcf macros",
    "xl/printerSettings/printerSettings1.bin": b"\0printer",
    "xl/calcChain.xml": "<calcChain/>",
    "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"><si><r><rPr><b/></rPr><t>粗</t></r><r><t>体</t></r></si></sst>',
    "xl/externalLinks/externalLink1.xml": "<externalLink/>",
    "docProps/app.xml": "<Properties/>",
    "docProps/core.xml": "<coreProperties/>",
    "customXml/item1.xml": "<data/>",
}
MAY_CHANGE = {
    "[Content_Types].xml",
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/styles.xml",
    "xl/worksheets/sheet1.xml",
    "xl/worksheets/_rels/sheet1.xml.rels",
    "xl/comments1.xml",
    "xl/drawings/vmlDrawing1.vml",
}


def full() -> dict[str, bytes | str]:
    """A workbook with everything that a library would lose. The parts only stand for what they are."""
    tail = (
        '<sheetProtection sheet="1" password="CAFE"/><mergeCells count="1"><mergeCell ref="A5:B5"/></mergeCells>'
        '<conditionalFormatting sqref="A1">'
        '<cfRule type="expression" dxfId="0" priority="1"><formula>A1=1</formula></cfRule></conditionalFormatting>'
        '<dataValidations count="1"><dataValidation type="list" sqref="B2"><formula1>"是,否"</formula1>'
        '</dataValidation></dataValidations><drawing r:id="rId1"/><legacyDrawing r:id="rId4"/><tableParts count="1">'
        '<tablePart r:id="rId5"/></tableParts><extLst><ext uri="{A8765BA9}"><x14:slicerList>'
        '<x14:slicer r:id="rId6"/></x14:slicerList></ext></extLst>'
    )
    shared = '<f t="shared" ref="B2:B3" si="0">A2</f><v>1</v>'
    sheet = Sheet({"A1": 1, "A2": 2, "B2": shared, "B3": '<f t="shared" si="0"/><v>2</v>'}, after=tail)
    sheet.rels = {
        "rId1": ("drawing", "../drawings/drawing1.xml"),
        "rId2": ("threadedComment", "../threadedComments/threadedComment1.xml"),
        "rId3": ("comments", "../comments1.xml"),
        "rId4": ("vmlDrawing", "../drawings/vmlDrawing1.vml"),
        "rId5": ("table", "../tables/table1.xml"),
        "rId6": ("slicer", "../slicers/slicer1.xml"),
    }
    parts = styled(sheet)
    parts |= {**EXTRA, "xl/comments1.xml": COMMENTS, "xl/drawings/vmlDrawing1.vml": VML}
    types = {
        "xl/workbook.xml": "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
        "xl/worksheets/sheet1.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml",
        "xl/styles.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml",
        "xl/sharedStrings.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml",
        "xl/comments1.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml",
    }
    parts["[Content_Types].xml"] = content_types(types)
    return parts


COMMENTS = (
    f'<comments xmlns="{MAIN}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'mc:Ignorable="xr" xmlns:xr="http://schemas.microsoft.com/office/spreadsheetml/2014/revision"><authors><author>张老师</author>'
    '<author>tc={GUID}</author></authors><commentList><comment ref="A1" authorId="0" shapeId="0" xr:uid="{1}"><text><r>'
    '<rPr><b/></rPr><t>张老师:</t></r><r><t xml:space="preserve"> 请核对</t></r></text></comment>'
    '<comment ref="A2" authorId="1"><text><t>[Threaded comment]</t></text></comment></commentList></comments>'
)
VML = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="3"/>'
    '</o:shapelayout><v:shapetype id="_x0000_t202"/><v:shape id="_x0000_s3073" type="#_x0000_t202"><v:textbox>'
    '<br></v:textbox><x:ClientData ObjectType="Note"><x:Anchor>1, 15, 0, 2, 3, 15, 4, 4</x:Anchor><x:Row>0</x:Row>'
    '<x:Column>0</x:Column></x:ClientData></v:shape><v:shape id="_x0000_s3074">'
    '<x:ClientData ObjectType="Button"><x:Row>0</x:Row>'
    "<x:Column>0</x:Column></x:ClientData></v:shape></xml>"
)


def test_every_other_part_stays_byte_for_byte() -> None:
    before = parts_of(pack(full()))
    made = annotated(full(), remark("A1"), remark("A2"), remark("D9"))
    changed = {name for name, data in before.items() if made[name] != data}
    assert changed <= MAY_CHANGE
    assert set(made) - set(before) == {"xl/worksheets/sheet2.xml"}
    twice = again(made, remark("B2"))
    assert {name for name in made if twice[name] != made[name]} <= {*MAY_CHANGE, "xl/worksheets/sheet2.xml"}


def test_protection_validation_and_formats_stay_in_the_sheet() -> None:
    before, made = str(full()["xl/worksheets/sheet1.xml"]), sheet_xml(annotated(full(), remark("A1"), remark("D9")))
    assert made[made.index("</sheetData>") :] == before[before.index("</sheetData>") :]
    assert '<c r="B2"><f t="shared" ref="B2:B3" si="0">A2</f><v>1</v></c>' in made


def test_the_type_of_a_workbook_with_macros_stays() -> None:
    package = opc.Package(annotated(full(), remark("A1")))
    assert package.content_type("xl/workbook.xml") == "application/vnd.ms-excel.sheet.macroEnabled.main+xml"


def test_styles_are_only_appended() -> None:
    before, made = STYLES, annotated(full(), remark("A1"))["xl/styles.xml"].decode()
    for group in ("fonts", "fills", "cellXfs"):
        old = re.search(f"<{group}[^>]*>(.*)</{group}>", before)
        new = re.search(f"<{group}[^>]*>(.*)</{group}>", made)
        assert old is not None
        assert new is not None
        assert new[1].startswith(old[1])
    assert re.findall("<dxfs.*</dxfs>", made) == re.findall("<dxfs.*</dxfs>", before)


def test_a_comment_that_is_there_gets_ours_below_and_a_box_that_is_large_enough() -> None:
    made = annotated(full(), remark("A1", "一行\n" * 12), remark("D9"))
    found = notes(made)
    assert found["A1"].startswith(f"张老师: 请核对\n{BEGIN}\n")
    assert found["A2"] == "[Threaded comment]"
    boxes = made["xl/drawings/vmlDrawing1.vml"].decode()
    assert "<v:textbox><br></v:textbox>" in boxes
    assert "<x:Anchor>1, 15, 0, 2, 3, 15, 4, 4</x:Anchor>" not in boxes
    assert boxes.count('ObjectType="Note"') == 3  # A2 had none, and would not be seen
    assert 'ObjectType="Button"' in boxes
    assert 'data="3,4"' in boxes
    assert re.findall(r"_x0000_s(\d+)", boxes) == ["3073", "3074", "4097", "4098"]


def test_a_sheet_gets_its_drawing_before_what_follows_it() -> None:
    tail = '<pageMargins/><legacyDrawingHF r:id="rId9"/><tableParts/>'
    root = f'xmlns="{MAIN}" xmlns:r="{OFFICE}"'
    made = sheet_xml(annotated(raw("<row/>", tail=tail, root=root), remark("A1")))
    assert re.search(r'<pageMargins/><legacyDrawing xmlns:r="[^"]+" r:id="rIdFormgen\d"/><legacyDrawingHF', made)


def test_a_drawing_that_leads_nowhere_is_replaced() -> None:
    root = f'xmlns="{MAIN}" xmlns:r="{OFFICE}"'
    parts = raw("<row/>", tail='<legacyDrawing r:id="rId9"></legacyDrawing>', root=root)
    made = annotated(parts, remark("A1"))
    assert sheet_xml(made).count("legacyDrawing") == 2
    assert notes(made)["A1"].startswith(BEGIN)


@pytest.mark.parametrize("drawing", [b"nothing", b"</xml>", b"</xml><xml>", b"\xff\xfe\x00\xd8"])
def test_a_drawing_that_is_no_drawing_is_refused(drawing: bytes) -> None:
    with pytest.raises(opc.PackageError, match="damaged"):
        annotated({**full(), "xl/drawings/vmlDrawing1.vml": drawing}, remark("A1"))


def test_a_drawing_in_utf_16_without_declared_prefixes_is_read() -> None:
    drawing = '<xml xmlns:v="urn:schemas-microsoft-com:vml"></xml>'.encode("utf-16")
    made = annotated({**full(), "xl/drawings/vmlDrawing1.vml": drawing}, remark("A1"))
    shapes = opc.parse_xml(made["xl/drawings/vmlDrawing1.vml"])
    assert [child.tag.rpartition("}")[2] for child in shapes] == ["shapelayout", "shapetype", "shape", "shape"]


def test_the_same_workbook_and_remarks_give_the_same_bytes() -> None:
    made = [annotation.annotate(pack(full()), contents(remark("A1"), remark("D9"))).data for _ in range(2)]
    assert made[0] == made[1]


def test_a_workbook_of_another_library_keeps_all_that_it_has(tmp_path: Path) -> None:
    path = tmp_path / "名单.xlsx"
    (tmp_path / "dot.png").write_bytes(DOT)
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("名单")
    sheet.write_row(0, 0, ["姓名", "年级"])
    sheet.write_comment("A1", "请填全名", {"author": "张老师"})
    sheet.write_rich_string("A2", book.add_format({"bold": True}), "王", "静")
    sheet.insert_image("D2", str(tmp_path / "dot.png"))
    sheet.insert_button("D9", {"macro": "no"})
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=名单!$B$2:$B$3"})
    sheet.insert_chart("D12", chart)
    sheet.data_validation("B2:B9", {"validate": "list", "source": ["2018", "2019"]})
    sheet.conditional_format("B2:B9", {"type": "cell", "criteria": ">", "value": 1, "format": book.add_format()})
    sheet.add_table("G1:H3")
    sheet.protect("geheim")
    book.add_worksheet("另").write_comment("B2", "别动")
    book.close()
    before = parts_of(path.read_bytes())
    made = annotated(before, remark("A2"), remark("B3"), remark("A1"))
    assert {name for name, data in before.items() if made[name] != data} <= MAY_CHANGE
    assert set(notes(made)) == {"A1", "A2", "B3"}
    assert notes(made)["A1"].startswith("请填全名")
    assert notes(made, 1) == {"B2": "别动"}
    blocks = re.findall('idmap v:ext="edit" data="([0-9,]+)"', made["xl/drawings/vmlDrawing1.vml"].decode())
    assert blocks == ["1,3"]
    assert opened(made).worksheets[0].protection.sheet


# --- a second round --------------------------------------------------------------------------------------------------


def test_a_second_round_leaves_nothing_of_the_first() -> None:
    once = annotated(full(), remark("A1"), remark("D9", "旧的"))
    twice = again(once, remark("B2", "新的"))
    assert notes(twice)["A1"] == "张老师: 请核对"
    assert "旧的" not in str(notes(twice))
    assert set(notes(twice)) == {"A1", "A2", "B2"}
    assert colours(twice) == {"B2": ERROR}
    assert twice["xl/drawings/vmlDrawing1.vml"].decode().count('ObjectType="Note"') == 3
    assert [sheet.title for sheet in opened(twice).worksheets] == ["名单", "问题清单"]


def test_when_all_is_mended_the_last_marks_go() -> None:
    done = again(annotated(PLAIN, remark("B2")))
    assert (colours(done), notes(done)) == ({}, {})


def test_a_cell_gets_back_the_fill_that_it_had() -> None:
    rows = '<row r="1"><c r="A1" s="1"/><c r="B1" s="2"/><c r="C1" s="0"/></row>'
    twice = again(annotated(raw(rows), remark("A1"), remark("B1"), remark("C1")), remark("D1"))
    fills = {cell.coordinate: cell.fill for cell in opened(twice).worksheets[0][1]}
    assert fills["A1"].fgColor.rgb == "FF00FF00"
    assert (fills["B1"].fgColor.theme, fills["B1"].fgColor.tint) == (4, 0.5)
    assert fills["C1"].fill_type is None


def test_what_people_wrote_around_ours_stays() -> None:
    once = annotated(PLAIN, remark("B2"))
    replied = once["xl/comments1.xml"].decode().replace(END, f"{END}\n已改")
    twice = again({**once, "xl/comments1.xml": replied.encode()}, remark("B2", "还是不对"))
    assert notes(twice)["B2"].startswith(f"已改\n{BEGIN}\n错误 R1  还是不对")


def test_ours_is_found_again_when_a_program_has_cut_it_into_pieces() -> None:
    once = annotated(PLAIN, remark("B2"))
    pieces = once["xl/comments1.xml"].decode().replace("〔formgen", '〔</t></r><r><t xml:space="preserve">formgen')
    assert notes(again({**once, "xl/comments1.xml": pieces.encode()})) == {}


def test_a_value_that_looks_like_our_mark_does_not_end_it() -> None:
    once = annotated(PLAIN, remark("B2", f"姓名“{END}”不对{BEGIN}"))
    assert notes(again(once)) == {}


def test_a_sheet_of_that_name_that_is_somebodys_stays() -> None:
    parts = xlsx_parts({"名单": Sheet({"A1": 1}), "问题清单": Sheet({"A1": "我的"})})
    once = annotated(parts, remark("A1"))
    assert [sheet.title for sheet in opened(once).worksheets] == ["名单", "问题清单", "问题清单（2）"]
    twice = again(once, remark("A1"))
    assert [sheet.title for sheet in opened(twice).worksheets] == ["名单", "问题清单", "问题清单（2）"]
    assert opened(twice).worksheets[1]["A1"].value == "我的"


def test_nobodys_sheet_is_replaced_because_a_name_leads_to_it() -> None:
    parts = xlsx_parts({"名单": Sheet({"A1": "王静"})}, names={"_formgen_list": "名单!$A$1"})
    made = opened(annotated(parts, remark("A1")))
    assert [sheet.title for sheet in made.worksheets] == ["名单", "问题清单"]
    assert made.worksheets[0]["A1"].value == "王静"
    assert made.defined_names["_formgen_list"].value == "'问题清单'!$A$1"


def test_our_sheet_is_found_again_by_its_headings_where_its_name_was_dropped() -> None:
    once = annotated(PLAIN, remark("B2"))
    main = re.sub("<definedNames>.*</definedNames>", "", once["xl/workbook.xml"].decode())
    twice = again({**once, "xl/workbook.xml": main.encode()}, remark("B2", "还是不对"))
    assert [sheet.title for sheet in opened(twice).worksheets] == ["名单", "问题清单"]
    assert [row[3] for row in listed(twice)] == ["还是不对"]
    assert "_formgen_list" in twice["xl/workbook.xml"].decode()


def test_our_sheet_is_made_anew_where_somebody_deleted_it() -> None:
    once = annotated(PLAIN, remark("B2"))
    main = once["xl/workbook.xml"].decode()
    gone = re.sub('<sheet name="问题清单"[^>]*>', "", main).replace("'问题清单'!", "#REF!")
    twice = again({**once, "xl/workbook.xml": gone.encode()}, remark("B2"))
    assert [sheet.title for sheet in opened(twice).worksheets] == ["名单", "问题清单"]
    assert twice["xl/workbook.xml"].decode().count("_formgen_list") == 1


def test_a_copy_is_known_as_ours_until_somebody_changes_it() -> None:
    made = annotated(PLAIN, remark("B2"))
    changed = {**made, "xl/comments1.xml": made["xl/comments1.xml"] + b" "}
    untouched = [
        own_files.is_untouched(
            opc.write(
                opc.member(name, data if isinstance(data, bytes) else data.encode()) for name, data in each.items()
            )
        )
        for each in (made, changed, PLAIN)
    ]
    assert untouched == [True, False, False]
    assert not own_files.is_untouched(pack(made))  # by another program
    assert not own_files.is_untouched(b"no package")


# --- the list --------------------------------------------------------------------------------------------------------


def listed(parts: Mapping[str, bytes | str]) -> list[list[Any]]:
    """The rows of our sheet below its headings."""
    return [[cell.value for cell in row] for row in opened(parts).worksheets[-1].iter_rows(min_row=5)]


def test_the_list_names_place_text_finding_remedy_basis_and_rule() -> None:
    made = annotated(PLAIN, remark("B2", text="2091", also=("A2",)))
    assert listed(made) == [["错误", "B2", "2091", "写错了\n另见：A2", "改", "依据：规定", "R1"]]
    assert notes(made)["A2"].splitlines()[1] == "错误 R1  标题：见 B2"


def test_what_has_no_cell_is_listed_with_a_link_to_its_sheet_if_it_has_one() -> None:
    made = annotated(PLAIN, remark(None, "少一列"), remark(None, "读不了", sheet=None))
    assert [row[1] for row in listed(made)] == ["名单", "整个文件"]
    assert [link.location for link in links(made)] == ["'名单'!A1"]
    assert colours(made) == {}


@pytest.mark.parametrize(
    ("name", "location"),
    [("王's 名单", "'王''s 名单'!A1"), ("a b", "'a b'!A1"), ('"&<', "'\"&<'!A1"), ("A1", "'A1'!A1")],
)
def test_links_lead_into_sheets_of_any_name(name: str, location: str) -> None:
    parts = xlsx_parts({"第一张": Sheet({}), "x": Sheet({"A1": 1})})
    quoted = name.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    parts["xl/workbook.xml"] = str(parts["xl/workbook.xml"]).replace('name="x"', f'name="{quoted}"')
    made = annotated(parts, remark("A1", sheet=name))
    assert [link.location for link in links(made)] == [location]
    assert colours(made, 1) == {"A1": ERROR}


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "_x003D_1", "a\x0b\ud800", '<&"'])
def test_no_text_of_the_file_becomes_a_formula_or_breaks_the_list(text: str) -> None:
    made = annotated(PLAIN, remark("B2", text, text=text))
    [row] = opened(made).worksheets[-1].iter_rows(min_row=5)
    assert [cell.data_type for cell in row] == ["s"] * 7
    assert row[2].quotePrefix == text.startswith(("=", "+", "-", "@"))
    assert b"<f>" not in made["xl/worksheets/sheet2.xml"]
    if text == "_x003D_1":
        assert b"_x005F_x003D_1" in made["xl/worksheets/sheet2.xml"]


def test_places_name_their_sheet_where_there_are_several() -> None:
    parts = xlsx_parts({"甲": Sheet({"A1": 1}), "乙": Sheet({"A1": 1})})
    made = annotated(parts, remark("A1", sheet="甲"), remark("A1", sheet="乙"))
    assert [row[1] for row in listed(made)] == ["甲!A1", "乙!A1"]


def test_a_waived_remark_is_listed_and_colours_nothing() -> None:
    made = annotated(PLAIN, remark("B2", weight=Weight.WAIVED))
    assert len(listed(made)) == 1
    assert (colours(made), notes(made)) == ({}, {})


def test_the_worst_are_listed_where_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(annotation.list_sheet, "LISTED", 2)
    monkeypatch.setattr(annotation, "COMMENTED", 1)
    many = [
        remark(f"A{row}", str(row), weight=weight)
        for row, weight in ((1, Weight.INFO), (2, Weight.ERROR), (3, Weight.WARNING))
    ]
    found = annotation.annotate(pack(PLAIN), contents(*many))
    assert (found.coloured, found.commented, found.listed) == (3, 1, 2)
    made = parts_of(found.data)
    assert [row[3] for row in listed(made)] == ["2", "3"]
    assert "共 3 项，这里只列最要紧的 2 项" in opened(made).worksheets[-1]["A3"].value
    assert (len(colours(made)), len(notes(made))) == (3, 1)


# --- styles and comments by themselves -------------------------------------------------------------------------------


def test_a_workbook_without_styles_gets_them() -> None:
    assert "xl/styles.xml" in annotated(PLAIN, remark("B2"))


def test_styles_without_groups_get_them_in_their_order() -> None:
    styles = Styles(f'<styleSheet xmlns="{MAIN}"><borders/><dxfs/></styleSheet>'.encode(), MAIN)
    assert styles.marked(7, Weight.ERROR) == 1
    names = [child.tag.rpartition("}")[2] for child in opc.parse_xml(styles.data())]
    assert names == ["fonts", "fills", "borders", "cellXfs", "dxfs"]


def test_many_comments_take_several_blocks_of_ids() -> None:
    made = annotated(PLAIN, *(remark(f"A{row}") for row in range(1, 1030)))
    boxes = made["xl/drawings/vmlDrawing1.vml"].decode()
    assert 'data="1,2"' in boxes
    ids = re.findall(r'id="_x0000_s(\d+)"', boxes)
    assert len(set(ids)) == len(ids) == 1029
    assert {int(id) // 1024 for id in ids} == {1, 2}


def test_a_comment_of_any_length_fits() -> None:
    [text] = notes(annotated(PLAIN, remark("B2", "长" * 40_000))).values()
    assert len(text) < 32_767
    assert text.endswith(f"…\n{END}")


def test_comments_without_text_or_lists_are_read() -> None:
    found = '<comment ref="A1" authorId="0"/><comment ref="!"/>'
    bare = f'<comments xmlns="{MAIN}"><commentList>{found}</commentList></comments>'
    made = annotated({**full(), "xl/comments1.xml": bare}, remark("A1"))
    assert BEGIN in made["xl/comments1.xml"].decode()


# --- damage ----------------------------------------------------------------------------------------------------------

PARTS = (*sorted(MAY_CHANGE), "_rels/.rels", "xl/worksheets/_rels/sheet2.xml.rels")
ODD = ("", "-1", "99999999999", "A1", "#REF!", "x", "../../x", "1e5", "²")


def damaged(text: str, luck: random.Random) -> str:
    """The XML with one thing in it that is not as it should be."""
    kind = luck.randrange(4)
    pattern = (r'\s[\w:]+="[^"]*"', r'="[^"]*"', r"<[\w:]+[^<>]*/>", ">")[kind]
    places = list(re.finditer(pattern, text))
    if not places:
        return text
    place = luck.choice(places)
    instead = (
        "",
        f'="{luck.choice(ODD)}"',
        place[0] * luck.choice((0, 2)),
        f">{luck.choice(('<!-- -->', '<?a b?>', 'x'))}",
    )
    return text[: place.start()] + instead[kind] + text[place.end() :]


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_wrong_inside_a_workbook_it_is_annotated_or_refused(seed: int) -> None:
    luck = random.Random(seed)
    rounds = (parts_of(pack(full())), annotated(full(), remark("A1"), remark("D9")))
    outcomes = set()
    for _ in range(25):
        parts = dict(luck.choice(rounds))
        for name in luck.choices([name for name in PARTS if name in parts], k=2):
            parts[name] = damaged(parts[name].decode(), luck).encode()
        try:
            made = annotation.annotate(pack(parts), contents(remark("A1"), remark("B3"), remark("D9", also=("A2",))))
        except opc.PackageError as error:
            outcomes.add(type(error))
        else:
            outcomes.add(type(made))
            assert "xl/media/image1.png" in parts_of(made.data)
    assert outcomes == {opc.PackageError, annotation.Annotated}
