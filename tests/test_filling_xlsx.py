"""Do workbooks come out with numbers as numbers, texts as texts, and everything below a list where it belongs?"""

import io
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from formgen import opc
from formgen.filling import data_part
from formgen.filling.references import parse_range, rename_sheets, split_formula
from formgen.filling.template import Template, compile_template
from making import ANY_JSON
from office import Sheet, edition, pack, parts_of, problems, xlsx, xlsx_parts

# openpyxl says so of every extension; what it holds is looked at as XML.
pytestmark = pytest.mark.filterwarnings("ignore:Unknown extension")

PEOPLE = edition(
    people={
        "type": "array",
        "items": {"type": "object", "properties": {"name": {"type": "string"}, "size": {"type": "integer"}}},
    }
)
NAMES = {"f_people.each.name": "名单!$A$4", "f_people.each.size": "名单!$B$4"}
CELLS: dict[str, Any] = {"A3": "姓名", "B3": "人数", "A4": None, "B4": None, "A5": "合计", "B5": "=SUM(B4:B4)"}


def people(count: int) -> dict[str, Any]:
    return {"people": [{"name": f"第{n}人", "size": n} for n in range(1, count + 1)]}


def compiled(sheets: Any, names: Any = NAMES, form: Any = PEOPLE, *, draft: bool = False, **parts: Any) -> Template:
    return compile_template(xlsx(sheets, names, **parts), "a.xlsx", form, draft=draft)


def filled(sheets: Any, values: Any, names: Any = NAMES, form: Any = PEOPLE, **options: Any) -> bytes:
    data = compiled(sheets, names, form, **options).fill(values).data
    load_workbook(io.BytesIO(data))
    return data


def sheet(data: bytes, title: str = "名单") -> Any:
    return load_workbook(io.BytesIO(data))[title]


def xml(data: bytes, number: int = 1) -> str:
    return parts_of(data)[f"xl/worksheets/sheet{number}.xml"].decode()


def one(values: Any, **options: Any) -> Any:
    """The cell of a workbook that prints one field."""
    data = filled({"表": Sheet({"A1": None})}, values, {"f_name": "表!$A$1"}, edition("name"), **options)
    return sheet(data, "草稿-表" if options.get("draft") else "表")["A1"]


# --- cells -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("x")', "'=1", "1/2", "007", "TRUE", "#N/A"]
)
def test_a_text_is_never_a_formula_nor_a_number(text: str) -> None:
    cell = one({"name": text})
    assert "<f>" not in xml(filled({"表": Sheet({"A1": None})}, {"name": text}, {"f_name": "表!$A$1"}, edition("name")))
    assert cell.value == text


@pytest.mark.parametrize("value", [0, 7, -3, 2019, 10_000_000])
def test_a_number_is_a_number(value: int) -> None:
    cell = one({"name": value})
    assert (cell.value, cell.data_type) == (value, "n")


@pytest.mark.parametrize(
    ("value", "text"), [(True, "true"), (1.5, "1.5"), (None, None), ("", None), ([], None), ({}, None)]
)
def test_other_values_are_texts_or_nothing(value: Any, text: str | None) -> None:
    assert one({"name": value}).value == text


@pytest.mark.parametrize("values", [[], None, 3, "x"])
def test_values_that_are_no_record_leave_the_cell_empty(values: Any) -> None:
    assert one(values).value is None


def test_a_text_that_looks_escaped_is_escaped() -> None:
    data = filled(
        {"表": Sheet({"A1": None})}, {"name": "_x0041_ _xZZZZ_ _x00e9_"}, {"f_name": "表!$A$1"}, edition("name")
    )
    assert ">_x005F_x0041_ _xZZZZ_ _x005F_x00e9_<" in xml(data)


@pytest.mark.parametrize("text", ["a\nb", "a\tb", " a ", "&<>\"']]>", "𠮷䶮·"])
def test_any_text_stands_in_the_cell_as_it_is(text: str) -> None:
    assert one({"name": text}).value == text


def test_line_ends_are_one_and_what_xml_cannot_hold_is_replaced() -> None:
    assert one({"name": "a\r\nb\rc\x00\ud800\ufffe"}).value == "a\nb\nc\ufffd\ufffd\ufffd"


@pytest.mark.parametrize("text", ["字" * 40_000, "𠮷" * 20_000, "𠮷" * 16_384])
def test_a_text_that_excel_would_refuse_is_cut_in_a_draft(text: str) -> None:
    found = one({"name": text}, draft=True).value
    assert found.endswith("…")
    assert len(found.encode("utf-16-le")) // 2 <= 32_767
    assert text.startswith(found[:-1])


@pytest.mark.parametrize("text", ["字" * 32_767, "𠮷" * 16_383])
def test_the_longest_text_that_excel_takes_is_whole(text: str) -> None:
    assert one({"name": text}).value == text


def test_a_cell_keeps_its_style_and_a_typeset_value_is_text() -> None:
    cells = {"A1": "<f>x</f>", "B1": None}
    form = edition(year={"type": "integer", "x-typeset": "grade"}, born={"type": "string", "x-typeset": "date"})
    parts = xlsx_parts({"表": Sheet(cells)}, {"f_year": "表!$A$1", "f_born": "表!$B$1:$C$2"})
    parts["xl/worksheets/sheet1.xml"] = str(parts["xl/worksheets/sheet1.xml"]).replace('<c r="A1">', '<c r="A1" s="3">')
    text = xml(compile_template(pack(parts), "a.xlsx", form).fill({"year": 2019, "born": "2020-11-08"}).data)
    assert '<c r="A1" s="3" t="inlineStr"><is><t>19级</t></is></c>' in text
    assert ">2020年11月8日<" in text


def test_a_tick_is_a_sign() -> None:
    names = {"f_state.is.met": "表!$A$1", "f_sure.is.true": "表!$B$1"}
    cells = {"表": Sheet({"A1": None, "B1": None})}
    for values, signs in (
        ({"state": "met", "sure": True}, "☑☑"),
        ({"state": "unmet", "sure": False}, "☐☐"),
        ({}, "☐☐"),
    ):
        found = sheet(filled(cells, values, names, edition("state", "sure")), "表")
        assert found["A1"].value + found["B1"].value == signs


def test_a_workbook_with_a_prefix_is_filled_with_that() -> None:
    parts = xlsx_parts({"表": Sheet({"A1": None, "B1": None})}, {"f_name": "表!$A$1", "f_count": "表!$B$1"})
    text = re.sub(r"(</?)(worksheet|sheetData|row|c)\b", r"\1x:\2", str(parts["xl/worksheets/sheet1.xml"]))
    parts["xl/worksheets/sheet1.xml"] = text.replace("xmlns=", "xmlns:x=")
    data = compile_template(pack(parts), "a.xlsx", edition("name", "count")).fill({"name": "李", "count": 3}).data
    assert (sheet(data, "表")["A1"].value, sheet(data, "表")["B1"].value) == ("李", 3)


# --- lists -----------------------------------------------------------------------------------------------------------

COUNTS = [0, 1, 2, 59, 1000]


def moved(count: int, row: int) -> int:
    """Where a row below the list (row 4) comes to lie."""
    return row + max(1, count) - 1


@pytest.mark.parametrize("count", COUNTS)
def test_rows_are_repeated_and_what_is_below_moves(count: int) -> None:
    after = (
        '<autoFilter ref="A3:B4"/><mergeCells count="3"><mergeCell ref="A1:B1"/><mergeCell ref="G4:H4"/>'
        '<mergeCell ref="G5:G6"/></mergeCells>'
        '<conditionalFormatting sqref="B4:B4 B5"><cfRule type="expression" priority="1">'
        "<formula>AND(B4&gt;3,COUNTIF($B$4:$B$4,$B4)&gt;1,$B$5&gt;0)</formula></cfRule></conditionalFormatting>"
        '<dataValidations><dataValidation type="list" sqref="A4"><formula1>$D$8:$D$9</formula1></dataValidation>'
        '</dataValidations><hyperlinks><hyperlink ref="A5" location="名单!A5"/></hyperlinks>'
        '<rowBreaks><brk id="5" max="16383"/><brk id="2" max="16383"/></rowBreaks><colBreaks><brk id="6"/></colBreaks>'
        '<extLst><ext uri="{0}"><x14:conditionalFormattings><x14:conditionalFormatting><x14:cfRule>'
        "<xm:f>B4&gt;名单!$B$5</xm:f></x14:cfRule><xm:sqref>B4</xm:sqref></x14:conditionalFormatting></x14:conditionalFormattings></ext></extLst>"
    )
    names = {
        **NAMES,
        "_xlnm.Print_Area@0": "名单!$A$1:$B$6",
        "_xlnm.Print_Titles@0": "名单!$A:$B,名单!$3:$3",
        "合计": "名单!$B$5",
        "全部": "名单!$B$4",
        "上面": "名单!$A$1:$A$3",
    }
    cells = {
        **CELLS,
        "A1": "表",
        "A6": "=B5*2",
        "B6": '=IF(B4="B5 x","A5",LOG10(100)+E1)',
        "D8": "是",
        "E4": "=B4+$B$5",
    }
    other = {"A1": "=SUM(名单!B4:B4)+'名单'!$B$5+A5", "A2": "=名单!A1&名单!$4:$5"}
    data = filled({"名单": Sheet(cells, after, '<dimension ref="A1:E8"/>'), "其他": Sheet(other)}, people(count), names)
    found, last = sheet(data), max(4, 3 + count)
    down = moved(count, 5)
    assert [found.cell(4 + n, 1).value for n in range(count)] == [f"第{n}人" for n in range(1, count + 1)]
    assert [found.cell(4 + n, 2).value for n in range(count)] == list(range(1, count + 1))
    assert found.cell(down, 1).value == "合计"
    assert found.cell(down, 2).value == f"=SUM(B4:B{last})"
    assert found.cell(down + 1, 1).value == f"=B{down}*2"
    ends = f"B4:B{last}" if count > 1 else "B4"
    assert found.cell(down + 1, 2).value == f'=IF({ends}="B5 x","A5",LOG10(100)+E1)'
    assert [found.cell(row, 5).value for row in (4, last)] == [f"=B4+$B${down}", f"=B{last}+$B${down}"]
    assert found.cell(down + 3, 4).value == "是"
    merges = {str(merge) for merge in found.merged_cells.ranges}
    assert merges == {"A1:B1", f"G{down}:G{down + 1}"} | {f"G{row}:H{row}" for row in range(4, last + 1)}
    assert found.auto_filter.ref == f"A3:B{last}"
    (rule,) = found.conditional_formatting
    assert str(rule.sqref) in (f"B4:B{last} B{down}", f"B4 B{down}")
    assert rule.rules[0].formula == [f"AND(B4>3,COUNTIF($B$4:$B${last},$B4)>1,$B${down}>0)"]
    (validation,) = found.data_validations.dataValidation
    assert validation.formula1 == f"$D${down + 3}:$D${down + 4}"
    assert str(validation.sqref) == (f"A4:A{last}" if last > 4 else "A4")
    assert f'<hyperlink ref="A{down}" location="名单!A{down}"/>' in xml(data)
    assert [brk.id for brk in found.row_breaks.brk] == [down, 2]
    assert '<colBreaks><brk id="6"/></colBreaks>' in xml(data)
    assert f"<xm:f>B4&gt;名单!$B${down}</xm:f>" in xml(data)
    assert f"<xm:sqref>{f'B4:B{last}' if last > 4 else 'B4'}</xm:sqref>" in xml(data)
    assert f'<dimension ref="A1:E{down + 3}"/>' in xml(data)
    assert found.print_area == f"'名单'!$A$1:$B${down + 1}"
    assert (found.print_title_rows, found.print_title_cols) == ("$3:$3", "$A:$B")
    defined = load_workbook(io.BytesIO(data)).defined_names
    assert defined["合计"].attr_text == f"名单!$B${down}"
    assert defined["全部"].attr_text == (f"名单!$B$4:$B${last}" if last > 4 else "名单!$B$4")
    assert defined["上面"].attr_text == "名单!$A$1:$A$3"
    assert not [name for name in defined if name.startswith("f_")]
    there = sheet(data, "其他")
    assert there["A1"].value == f"=SUM(名单!B4:B{last})+'名单'!$B${down}+A5"
    assert there["A2"].value == f"=名单!A1&名单!$4:${down}"
    assert "<v>-7</v>" not in xml(data) + xml(data, 2)
    assert b'fullCalcOnLoad="1"' in parts_of(data)["xl/workbook.xml"]


@pytest.mark.parametrize("values", [{}, {"people": None}, {"people": "x"}, {"people": {}}, {"people": [3]}, [], None])
def test_without_items_one_empty_row_is_left_to_write_on(values: Any) -> None:
    found = sheet(filled({"名单": Sheet(CELLS)}, values))
    assert (found["A4"].value, found["A5"].value, found["B5"].value) == (None, "合计", "=SUM(B4:B4)")


def test_running_totals_and_ranks_follow_the_dollar_signs() -> None:
    cells = {
        **CELLS,
        "C4": "=SUM(B$4:B4)",
        "D4": "=RANK(B4,$B$4:$B$4)",
        "E4": "=B4/B$4",
        "F4": "=SUM(A4:B4)",
        "G4": "=B3",
    }
    found = sheet(filled({"名单": Sheet(cells)}, people(3)))
    assert [found.cell(6, column).value for column in range(3, 8)] == [
        "=SUM(B$4:B6)",
        "=RANK(B6,$B$4:$B$6)",
        "=B6/B$4",
        "=SUM(A6:B6)",
        "=B3",
    ]


def test_a_formula_that_cells_share_becomes_one_of_each_cell() -> None:
    cells = {
        **CELLS,
        "C4": '<f t="shared" ref="C4:C6" si="0">B4*2+$B$1</f><v>1</v>',
        "C5": '<f t="shared" si="0"/><v>1</v>',
        "C6": '<f t="shared" si="0"/><v>1</v>',
        "D6": '<f t="shared" si="9"/><v>1</v>',
        "E6": '<f t="array" ref="E6:E7">B6:B7</f><v>1</v>',
    }
    found = xml(filled({"名单": Sheet(cells)}, people(2)))
    assert re.findall(r'<c r="(C[0-9]+)"><f>([^<]*)</f>', found) == [
        ("C4", "B4*2+$B$1"),
        ("C5", "B5*2+$B$1"),
        ("C6", "B6*2+$B$1"),
        ("C7", "B7*2+$B$1"),
    ]
    assert 'ref="E7:E8">B7:B8</f>' in found
    assert "shared" not in found


def test_an_item_may_have_several_rows() -> None:
    names = {"f_people.each": "名单!$A$4:$B$5", **NAMES, "f_people.each.size": "名单!$B$5"}
    cells = {"A4": None, "B5": None, "A5": "人数", "A6": "=SUM(B4:B5)", "C5": "=A4&B5"}
    after = '<mergeCells><mergeCell ref="A4:A5"/></mergeCells>'
    found = sheet(filled({"名单": Sheet(cells, after)}, people(3), names))
    assert [found.cell(row, 1).value for row in (4, 6, 8)] == ["第1人", "第2人", "第3人"]
    assert [found.cell(row, 2).value for row in (5, 7, 9)] == [1, 2, 3]
    assert found["C9"].value == "=A8&B9"
    assert found["A10"].value == "=SUM(B4:B9)"
    assert {str(merge) for merge in found.merged_cells.ranges} == {"A4:A5", "A6:A7", "A8:A9"}


def test_a_list_of_texts_is_repeated() -> None:
    found = sheet(
        filled(
            {"名单": Sheet({"A2": None, "A3": "完"})},
            {"words": ["一", 2]},
            {"f_words.each": "名单!$A$2"},
            edition("words"),
        )
    )
    assert [found.cell(row, 1).value for row in (2, 3, 4)] == ["一", 2, "完"]


def test_two_lists_on_a_sheet_and_one_on_another_move_apart() -> None:
    form = edition("words", **PEOPLE.schema["properties"])
    names = [*NAMES.items(), ("f_words.each", "名单!$A$6"), ("f_words.each@1", "其他!$A$1")]
    cells = {**CELLS, "A6": None, "A7": "=SUM(B4:B6)"}
    data = filled(
        {"名单": Sheet(cells), "其他": Sheet({"A1": None, "A2": "=名单!A7"})},
        {**people(3), "words": ["一", "二"]},
        names,
        form,
    )
    found = sheet(data)
    assert [found.cell(row, 1).value for row in (7, 8, 9, 10)] == [
        *["合计", "一", "二", "=SUM(B4:B9)"][:1],
        "一",
        "二",
        "=SUM(B4:B9)",
    ]
    assert [sheet(data, "其他").cell(row, 1).value for row in (1, 2, 3)] == ["一", "二", "=名单!A10"]


# --- rows on a condition ---------------------------------------------------------------------------------------------


def test_rows_on_a_condition_are_kept_or_left_out() -> None:
    names = {"f_name": "表!$B$2", "f_if.name": "表!$A$2:$B$3", "那里": "表!$B$2"}
    cells = {"A2": "姓名：", "B2": None, "A3": "=B2", "A4": "=SUM(A1:A4)&B2&A2:A3&A3:A5", "C4": "=A4"}
    after = (
        '<mergeCells><mergeCell ref="A3:B3"/></mergeCells>'
        '<conditionalFormatting sqref="B2"><cfRule type="expression" priority="1"><formula>B2=1</formula></cfRule>'
        "</conditionalFormatting>"
    )
    with_it = filled({"表": Sheet(cells, after)}, {"name": "李"}, names, edition("name"))
    found = sheet(with_it, "表")
    assert [found[cell].value for cell in ("A2", "B2", "A3", "C4")] == ["姓名：", "李", "=B2", "=A4"]
    assert {str(merge) for merge in found.merged_cells.ranges} == {"A3:B3"}
    without = filled({"表": Sheet(cells, after)}, {}, names, edition("name"))
    found = sheet(without, "表")
    assert found["A2"].value == "=SUM(A1:A2)&#REF!&#REF!&A2:A3"
    assert found["C2"].value == "=A2"
    assert found.max_row == 2
    assert "mergeCells" not in xml(without)
    assert 'sqref="B2"><cfRule type="expression" priority="1"><formula>#REF!=1' in xml(without)
    assert "表!#REF!" in parts_of(without)["xl/workbook.xml"].decode()


# --- what stays ------------------------------------------------------------------------------------------------------


def test_parts_without_controls_and_formulas_stay_byte_for_byte() -> None:
    files = {"xl/styles.xml": "<styleSheet   xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'/>"}
    sheets = {"名单": Sheet(CELLS), "说明": Sheet({"A1": "填表说明", "A9": 3}, "<!-- 注 -->")}
    original = parts_of(xlsx(sheets, NAMES, files=files))
    for draft in (False, True):
        data = parts_of(compiled(sheets, draft=draft, files=files).fill(people(2)).data)
        assert data["xl/styles.xml"] == original["xl/styles.xml"]
        assert (data["xl/worksheets/sheet2.xml"] == original["xl/worksheets/sheet2.xml"]) == (not draft)


def test_a_workbook_carries_what_it_prints_besides_lists() -> None:
    form = edition("name", **PEOPLE.schema["properties"])
    data = filled(
        {"名单": Sheet({**CELLS, "A1": None})},
        {"name": "李", "x": 1, **people(3)},
        {**NAMES, "f_name": "名单!$A$1"},
        form,
    )
    found = data_part.find(opc.read(data, "a"))
    assert found is not None
    assert found.values == {"name": "李"}


def test_a_workbook_of_lists_only_carries_no_values() -> None:
    found = data_part.find(opc.read(filled({"名单": Sheet(CELLS)}, people(3)), "a"))
    assert found is not None
    assert found.values == {}


def test_the_calculation_chain_of_the_template_is_left_behind() -> None:
    parts = parts_of(xlsx({"名单": Sheet(CELLS)}, NAMES, files={"xl/calcChain.xml": "<calcChain/>"}))
    parts = opc.with_relationship(parts, "xl/workbook.xml", "rIdC", "http://x/calcChain", "calcChain.xml")
    template = compile_template(opc.write([opc.member(n, d) for n, d in parts.items()]), "a.xlsx", PEOPLE)
    assert "xl/calcChain.xml" not in parts_of(template.fill({}).data)


# --- refusals --------------------------------------------------------------------------------------------------------

WRONG: list[tuple[str, dict[str, Any] | list[tuple[str, str]], str, tuple[str, ...], str]] = [
    ("no path", {"f_a..b": "表!$A$1"}, "", (), "|f_a..b|the name is no path to a field"),
    ("capital prefix", {"F_nmae": "表!$A$1"}, "", ("name",), "表|F_nmae|the form has no field 'nmae'"),
    ("unknown", {"f_nmae": "表!$A$1"}, "", ("name",), "表|f_nmae|the form has no field 'nmae'; did you mean 'name'?"),
    ("unknown condition", {"f_if.nmae": "表!$A$1"}, "", ("name",), "表|f_if.nmae|the form has no field 'nmae'"),
    ("picture", {"f_photo": "表!$A$1"}, "", ("photo",), "表|f_photo|this field is a picture"),
    ("tick", {"f_state.is.meet": "表!$A$1"}, "", ("state",), "表|f_state.is.meet|'meet' is none of the choices"),
    ("group", {"f_groups": "表!$A$1"}, "", ("groups",), "表|f_groups|this is a group of fields"),
    ("nowhere", {"f_name": "#REF!"}, "", ("name",), "|f_name|the name points to no cells"),
    ("constant", {"f_name": '"x"'}, "", ("name",), "|f_name|the name points to no cells"),
    ("no sheet", {"f_name": "$A$1"}, "", ("name",), "|f_name|the name points to no sheet of the workbook"),
    ("missing sheet", {"f_name": "无!$A$1"}, "", ("name",), "无|f_name|the name points to no sheet of the workbook"),
    ("missing cell", {"f_name": "表!$Z$9"}, "", ("name",), "表|f_name|there is no cell Z9 in the sheet"),
    (
        "same cell",
        {"f_name": "表!$A$1", "f_note": "表!$A$1"},
        "",
        ("name", "note"),
        "表|f_note|another name points to this cell",
    ),
    ("case", [("f_name", "表!$A$1"), ("f_Name", "表!$B$1")], "", ("name",), "|f_Name|names differ in case only"),
    ("twice", [("f_name", "表!$A$1"), ("f_name", "表!$B$1")], "", ("name",), "|f_name|names differ in case only"),
    (
        "nested",
        {"f_groups.each.people.each.name": "表!$A$1"},
        "",
        (),
        "a list within a list has no place in a workbook",
    ),
    (
        "condition in a list",
        {"f_if.groups.each.title": "表!$A$1"},
        "",
        (),
        "表|f_if.groups.each.title|rows of a list cannot be kept",
    ),
    (
        "overlap",
        {"f_words.each": "表!$A$1", "f_groups.each.title": "表!$B$1"},
        "",
        (),
        "表|groups.[]|the rows of two lists overlap",
    ),
    (
        "overlap of a condition",
        {"f_words.each": "表!$A$1", "f_if.name": "表!$A$1:$A$2"},
        "",
        (),
        "the rows of two lists overlap",
    ),
    ("table", {"f_words.each": "表!$A$1"}, "table", (), "表||a sheet with a list must not hold a table object"),
    ("drawing", {"f_words.each": "表!$A$1"}, "drawing", (), "表||a sheet with a list must not hold a drawing"),
    ("comments", {"f_words.each": "表!$A$1"}, "comments", (), "表||a sheet with a list must not hold comments"),
    ("pivot", {"f_words.each": "表!$A$1"}, "pivotTable", (), "表||a sheet with a list must not hold a pivot table"),
    ("unprinted", {}, "", ("name",), "|name|no control prints this field"),
]


@pytest.mark.parametrize(
    ("names", "kind", "keys", "sentence"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG]
)
def test_every_wrong_name_is_refused_and_named(names: Any, kind: str, keys: tuple[str, ...], sentence: str) -> None:
    rels = {"rId1": (kind, "../x.xml")} if kind else {}
    data = xlsx({"表": Sheet({"A1": None, "B1": None}, rels=rels)}, names)
    found = problems(data, edition(*(keys or ("name", "words", "groups"))), "a.xlsx")
    assert any(one.startswith(sentence) if sentence.count("|") == 2 else sentence in one for one in found), found


@pytest.mark.parametrize("kind", ["table", "drawing", "comments"])
def test_a_sheet_without_a_list_may_hold_anything(kind: str) -> None:
    data = xlsx({"表": Sheet({"A1": None}, rels={"rId1": (kind, "../x.xml")})}, {"f_name": "表!$A$1"})
    assert problems(data, edition("name"), "a.xlsx") == []


def test_a_list_field_stands_only_in_the_rows_of_its_list() -> None:
    names = {"f_people.each": "名单!$A$4:$B$4", **NAMES, "f_people.each.size": "名单!$B$9"}
    template = compiled({"名单": Sheet({"A4": None, "B9": None})}, names)
    assert template.layout is not None
    assert [(block.first, block.last) for block in template.layout.blocks] == [(4, 9)]


def test_sheets_whose_part_is_missing_or_whose_rows_are_odd_do_no_harm() -> None:
    parts = xlsx_parts({"表": Sheet({"A1": None})}, {"f_name": "表!$A$1"})
    parts["xl/workbook.xml"] = str(parts["xl/workbook.xml"]).replace(
        "</sheets>", '<sheet name="缺" sheetId="9" r:id="no"/></sheets>'
    )
    text = str(parts["xl/worksheets/sheet1.xml"])
    parts["xl/worksheets/sheet1.xml"] = text.replace("</sheetData>", "<row><c><v>3</v></c></row></sheetData>")
    assert ">李<" in xml(compile_template(pack(parts), "a.xlsx", edition("name")).fill({"name": "李"}).data)


# --- drafts ----------------------------------------------------------------------------------------------------------


def test_a_draft_is_marked_on_every_sheet_and_formulas_follow() -> None:
    cells = {**CELLS, "C5": "=名单!B4+'名单'!$B$5+SUM(名单!A:B)+其他!A1+\"名单!B4\"+名单:其他!A1"}
    after = (
        '<conditionalFormatting sqref="A1"><cfRule type="expression" priority="1"><formula>名单!$A$1=1</formula>'
        "</cfRule></conditionalFormatting>"
        '<hyperlinks><hyperlink ref="A1" location="名单!A5"/><hyperlink ref="B1"/></hyperlinks>'
        '<extLst><ext uri="{0}"><xm:f>名单!$A$1</xm:f></ext></extLst>'
    )
    names = {**NAMES, "_xlnm.Print_Titles@0": "名单!$A:$B,名单!$3:$3", "常数": "3"}
    data = filled({"名单": Sheet(cells, after), "其他": Sheet({"A1": 1})}, people(2), names, draft=True)
    book = load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["草稿-名单", "草稿-其他"]
    found = book["草稿-名单"]
    assert found["C6"].value == (
        "='草稿-名单'!B4:B5+'草稿-名单'!$B$6+SUM('草稿-名单'!A:B)+'草稿-其他'!A1+\"名单!B4\"+'草稿-名单:草稿-其他'!A1"
    )
    assert (found.print_title_rows, found.print_title_cols) == ("$3:$3", "$A:$B")
    assert "<formula>'草稿-名单'!$A$1=1</formula>" in xml(data)
    assert "location=\"'草稿-名单'!A6\"" in xml(data)
    assert "<xm:f>'草稿-名单'!$A$1</xm:f>" in xml(data)
    for number in (1, 2):
        assert "草稿　不得报送</oddHeader>" in xml(data, number)
        assert xml(data, number).index("headerFooter") < (xml(data, number) + "extLst").index("extLst")
    assert [part.name for part in compiled({"名单": Sheet(CELLS)}).parts] == [
        "xl/worksheets/sheet1.xml",
        "xl/workbook.xml",
    ]


def test_sheet_names_stay_short_enough_and_unlike_each_other() -> None:
    long = "很长的工作表名称" * 3 + "共三十一个"
    sheets = {f"{long}{end}": Sheet({"A1": None}) for end in ("甲甲", "甲乙", "乙甲")} | {
        "A" * 27 + "'x": Sheet({"B1": "=1"})
    }
    assert {len(title) for title in sheets} == {31, 29}
    first = next(iter(sheets))
    data = filled(sheets, {"name": "李"}, {"f_name": f"'{first}'!$A$1"}, edition("name"), draft=True)
    titles = load_workbook(io.BytesIO(data)).sheetnames
    assert len({title.lower() for title in titles}) == 4
    assert all(len(title) <= 31 and title.startswith("草稿-") and not title.endswith("'") for title in titles)
    assert sheet(data, titles[0])["A1"].value == "李"


HEADERS = [
    ("", "{}"),
    ("中间", "{}\n中间"),
    ("&C中间", "{}\n中间"),
    ("&L左&C中&R右", "{}\n中&L左&R右"),
    ("&R右&L左", "{}&L左&R右"),
    ("&L左&&C&C&14&B中&&L中", "{}\n&14&B中&&L中&L左&&C"),
    ("&c小&r写", "{}\n小&R写"),
    ("长" * 300, "{}"),
]


@pytest.mark.parametrize(("before", "after"), HEADERS)
def test_the_mark_stands_above_what_the_print_header_says(before: str, after: str) -> None:
    mark = '&C&"黑体"&14&KC00000草稿　不得报送'
    text = before.replace("&", "&amp;")
    cells = Sheet({"A1": None}, f"<headerFooter><oddHeader>{text}</oddHeader></headerFooter>")
    data = filled({"表": cells}, {}, {"f_name": "表!$A$1"}, edition("name"), draft=True)
    found = opc.parse_xml(parts_of(data)["xl/worksheets/sheet1.xml"]).findtext(".//{*}oddHeader")
    assert found == after.format(mark)


@pytest.mark.parametrize(
    ("attributes", "inside", "order"),
    [
        ("", "<oddFooter>f</oddFooter>", ["oddHeader", "oddFooter"]),
        (
            'differentOddEven="1" differentFirst="true"',
            "<oddFooter>f</oddFooter><evenFooter>g</evenFooter>",
            ["oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader"],
        ),
        (
            'differentFirst="1"',
            "<firstHeader>x</firstHeader><firstFooter>y</firstFooter>",
            ["oddHeader", "firstHeader", "firstFooter"],
        ),
        ('differentOddEven="0"', "<evenHeader>x</evenHeader>", ["oddHeader", "evenHeader"]),
    ],
)
def test_the_mark_is_in_the_header_of_every_kind_of_page(attributes: str, inside: str, order: list[str]) -> None:
    cells = Sheet({"A1": None}, f"<headerFooter {attributes}>{inside}</headerFooter>")
    data = compiled({"表": cells}, {"f_name": "表!$A$1"}, edition("name"), draft=True).fill({}).data
    element = opc.parse_xml(parts_of(data)["xl/worksheets/sheet1.xml"]).find("{*}headerFooter")
    assert element is not None
    assert [str(child.tag).partition("}")[2] for child in element] == order
    marked = [child for child in element if "草稿" in (child.text or "")]
    assert len(marked) == sum(name.endswith("Header") for name in order) - (1 if '="0"' in attributes else 0)


# --- references ------------------------------------------------------------------------------------------------------

FORMULAS = [
    ("SUM(A4:B9)", ["A4:B9"]),
    ("名单!$A$4+'甲''乙 丙'!B$5", ["名单!$A$4", "'甲''乙 丙'!B$5"]),
    ("𠮷!A4", ["𠮷!A4"]),
    ('"A4"&A5&"x""A6"', ["A5"]),
    ("LOG10(A1)+ATAN2(B1,C1)", ["A1", "B1", "C1"]),
    ("年级A4+A4级+x.A4+A4.x+A4B", []),
    ("$3:$4+5:6", ["$3:$4", "5:6"]),
    ("A:C", []),
    ("[1]名单!A4+表格[A4]", []),
    ("1E10+TRUE", []),
    ("A1:INDEX(B1,2)", ["A1", "B1"]),
]


@pytest.mark.parametrize(("formula", "references"), FORMULAS)
def test_references_are_found_and_nothing_else(formula: str, references: list[str]) -> None:
    pieces = list(split_formula(formula))
    assert "".join(text for text, _ in pieces) == formula
    assert [text for text, place in pieces if place is not None] == references


@given(st.text("A4$:!'\"B9.名(+ ", max_size=20))
def test_a_formula_is_never_changed_by_splitting(formula: str) -> None:
    assert "".join(text for text, _ in split_formula(formula)) == formula
    assert rename_sheets(formula, {}) == formula


@pytest.mark.parametrize("text", ["A1", "$A$1", "A1:B2", "$A$1:B$2", "$3:$9", "3:9"])
def test_a_range_with_its_own_rows_is_as_it_was(text: str) -> None:
    parsed = parse_range(text)
    assert parsed is not None
    assert parsed[1].text(*parsed[1].rows) == text
    assert parse_range(f" '甲''乙'!{text} ") == ("甲'乙", parsed[1])


@pytest.mark.parametrize("text", ["", "A", "A:B", "#REF!", "A1:B", "x", "A1,B1", "1"])
def test_what_is_no_range_is_none(text: str) -> None:
    assert parse_range(text) is None


# --- anything --------------------------------------------------------------------------------------------------------

ANY = edition("name", "note", "count", "sure", "words", **PEOPLE.schema["properties"])
ANY_NAMES = {
    "f_name": "名单!$A$1",
    "f_if.note": "名单!$A$2",
    "f_note": "名单!$A$2",
    "f_count": "名单!$B$1",
    "f_sure.is.true": "名单!$C$1",
    "f_words.each": "名单!$A$9",
    **NAMES,
    "_xlnm.Print_Area@0": "名单!$A$1:$B$9",
}


@pytest.fixture(scope="module")
def anything() -> Template:
    cells = {"A1": None, "B1": None, "C1": None, "A2": None, **CELLS, "A9": None, "A10": "=SUM(A1:A9)+A2"}
    return compiled({"名单": Sheet(dict(cells))}, ANY_NAMES, ANY)


@settings(max_examples=40)
@given(st.dictionaries(st.sampled_from(sorted(ANY.schema["properties"])), ANY_JSON) | ANY_JSON)
def test_any_json_can_be_filled_in(anything: Template, values: Any) -> None:
    document = anything.fill(values)
    assert opc.read(document.data, "a").content_digest == document.content_digest
    load_workbook(io.BytesIO(document.data))
