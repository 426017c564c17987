"""The short way through a workbook gives what the long way gives, whatever is in it; and most can go it."""

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from formgen import opc
from formgen.forms import catalogue
from formgen.intake import limits, plain_rows, plain_strings, xlsx_book
from formgen.intake.columns import ODD, Column
from formgen.intake.deriving import Deriver
from formgen.intake.grids import Damaged, Excess, Mark, Marked
from formgen.intake.spellings import reader
from formgen.intake.xml_parts import NotPlain
from hostile import FILES, HEADINGS, PEOPLE, Hostile, book, sheet_xml
from hostile_markup import MARKUP
from random_sheets import MAIN, TEXTS, listing, packed, workbook

MEMBER = catalogue()["staff_list"][0].schema["properties"]["members"]["items"]
LONG = {"bomb.xlsx", "a-million-formatted-empty-rows.xlsx"}
WORKBOOKS = [each for each in (*FILES, *MARKUP) if each.suffix in (".xlsx", ".xlsm") and each.name not in LONG]
Answer = tuple[Any, ...]


def answer(data: bytes) -> Answer:
    """Everything that reading a workbook gives, or why it cannot be read."""
    try:
        found = xlsx_book.read(opc.survey(data, "名单.xlsx", limits.UNPACKED_BYTES))
    except (Damaged, Excess, opc.PackageError) as error:
        return type(error), str(error)
    return tuple(
        (sheet.name, list(sheet.rows.items()), sheet.merges, sheet.hidden_rows, sheet.hidden_columns)
        for sheet in found.sheets
    )


@pytest.fixture(name="long_way")
def fixture_long_way(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], Answer]:
    def refuse(*_: object) -> None:
        raise NotPlain

    def long_way(data: bytes) -> Answer:
        with monkeypatch.context() as patched:
            patched.setattr(plain_rows, "read", refuse)
            patched.setattr(plain_strings, "read", refuse)
            return answer(data)

    return long_way


@pytest.fixture(name="only_short")
def fixture_only_short(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], Answer]:
    """Reads a workbook, and fails where a sheet, or a row of it, has to go the long way."""

    def fail(*_: object) -> None:
        pytest.fail("the long way")

    def only_short(data: bytes) -> Answer:
        with monkeypatch.context() as patched:
            patched.setattr(plain_rows._Rows, "_parse", fail)
            patched.setattr(plain_strings._Texts, "_parse", fail)
            patched.setattr(xlsx_book._Workbook, "_long_way", fail)
            return answer(data)

    return only_short


@pytest.mark.parametrize("seed", range(120))
def test_workbooks_of_chance_are_read_the_same_both_ways(
    seed: int, long_way: Callable[[bytes], Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opc, "_CHUNK", 700 + seed)  # the ends of pieces fall anywhere
    data = workbook(seed)
    assert answer(data) == long_way(data)


@given(st.lists(st.tuples(st.sampled_from((listing, workbook)), st.integers(0, 99_999)), min_size=2, max_size=5))
@settings(max_examples=60)
def test_what_was_read_before_changes_nothing_of_what_comes(drawn: list[tuple[Callable[[int], bytes], int]]) -> None:
    files = [make(seed) for make, seed in drawn]
    alone = []
    for data in files:
        plain_rows._usual.clear()
        alone.append(answer(data))
    for order in (files, files[::-1]):
        plain_rows._usual.clear()
        assert {data: answer(data) for data in order} == dict(zip(files, alone, strict=True))


@pytest.mark.parametrize("seed", range(40))
def test_lists_of_chance_are_read_the_same_both_ways(seed: int, long_way: Callable[[bytes], Answer]) -> None:
    data = listing(seed)
    found = answer(data)
    assert found == long_way(data)
    assert len(found[0][1]) in (1, 8, 39)


@pytest.mark.parametrize("hostile", WORKBOOKS, ids=str)
def test_hostile_workbooks_are_read_the_same_both_ways(hostile: Hostile, long_way: Callable[[bytes], Answer]) -> None:
    data = hostile.make()
    assert answer(data) == long_way(data)


def test_chance_makes_sound_workbooks_and_damaged_ones() -> None:
    answers = [answer(workbook(seed)) for seed in range(60)]
    refused = sum(found[0] in (Damaged, opc.PackageError) for found in answers if found)
    assert 5 <= refused <= 40


def _by_openpyxl() -> bytes:
    stream = io.BytesIO()
    made = openpyxl.Workbook()
    for row in (HEADINGS, *PEOPLE):
        made.worksheets[0].append(list(row))
    made.save(stream)
    return stream.getvalue()


def _by_xlsxwriter(**options: bool) -> bytes:
    stream = io.BytesIO()
    made = xlsxwriter.Workbook(stream, {"in_memory": True, **options})
    sheet = made.add_worksheet("名单")
    for number, row in enumerate((HEADINGS, *PEOPLE, (7, "甲&乙", "", "=ROW()"))):
        sheet.write_row(number, 0, row)
    made.close()
    return stream.getvalue()


@pytest.mark.parametrize(
    "make",
    [_by_openpyxl, _by_xlsxwriter, lambda: _by_xlsxwriter(constant_memory=True), book],
    ids=["openpyxl", "XlsxWriter", "XlsxWriter, texts in the cells", "this project"],
)
def test_what_libraries_write_goes_the_short_way(
    make: Callable[[], bytes], only_short: Callable[[bytes], Answer], long_way: Callable[[bytes], Answer]
) -> None:
    data = make()
    found = only_short(data)
    assert found == long_way(data)
    assert any("王静" in row.cells for _, rows, *_ in found for _, row in rows)


def test_a_row_with_a_text_in_pieces_goes_the_long_way_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    rich = '<c r="B3" t="inlineStr"><is><r><t>李</t></r><r><t>吉</t></r></is></c>'
    data = sheet_xml(lambda xml: xml.replace('<c r="B3" t="inlineStr"><is><t>李𠮷</t></is></c>', rich))
    alone: list[str] = []
    parse = plain_rows._Rows._parse
    monkeypatch.setattr(plain_rows._Rows, "_parse", lambda self, rows: (alone.append(rows), parse(self, rows)))
    [(_, rows, *_)] = answer(data)
    assert [row.get(2) for _, row in rows] == ["姓名", "王静", "李吉", "阿丽娅·叶尔兰"]
    assert len(alone) == 1
    assert alone[0].startswith('<row r="3"')
    assert alone[0].count("<row") == 1


def test_a_list_whose_manner_changes_again_and_again_is_read_the_same_both_ways(
    long_way: Callable[[bytes], Answer],
) -> None:
    cells = (
        '<c r="{}"><v>7</v></c>',
        '<c r="{}" s="1" t="s"><v>2</v></c>',
        '<c r="{}" t="inlineStr"><is><t>甲</t></is></c>',
    )
    rows = "".join(
        f'<row r="{number}">'
        + "".join(
            cells[(number // 9 + number % 2 * at) % 3].format(f"{name}{number}") for at, name in enumerate("ABCDE")
        )
        + ("" if number % 11 else f'<c r="F{number}"><f>ROW()</f></c>')
        + "</row>"
        for number in range(1, 200)
    )
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    data = packed(sheet, '<si><t>甲</t></si><si><r><t>乙</t></r></si><si><t>丙</t><phoneticPr fontId="1"/></si>')
    found = answer(data)
    assert found == long_way(data)
    assert len(found[0][1]) == 199


@pytest.mark.parametrize("key", sorted(MEMBER["properties"]))
def test_a_column_gives_for_each_cell_what_the_cell_gives_alone(key: str) -> None:
    schema = MEMBER["properties"][key]
    alone = reader(schema)
    cells = (*TEXTS, *PEOPLE[1][:8], "19级", "2019", "3/45", "否", "机 电 系", " 甲", "乙 ", "１５", "1.0", "e\u0301")
    sound = [text for text in cells if text]
    for some in (sound, sound[:1], ["王静"] * 3, ["1", "22"], ["1", Marked("2", Mark.ROUNDED)], ["1" * 20], []):
        column = Column(schema)
        for cell, value in zip(some, column.values(some), strict=True):
            assert value is ODD if column.is_odd(cell) else value == alone(str(cell))


def test_what_follows_from_many_rows_is_what_follows_from_each() -> None:
    texts = (
        "现任学习部部长",
        "现任理工学院学生会宣传部干事",
        "2018年任",
        "学生会主席团成员",
        "理工学院学生会主席团成员",
    )
    for fields in (
        ("experience",),
        ("experience", "college"),
        ("role", "experience"),
        ("grade", "experience"),
        ("name",),
    ):
        items = [
            {**dict.fromkeys(fields, text), **({"college": college} if "college" in fields else {})}
            for text in texts
            for college in ("理工学院", "文学院")
        ]
        one_by_one, together = [dict(item) for item in items], [dict(item) for item in items]
        alone = [Deriver(MEMBER).sources(item) for item in one_by_one]
        assert Deriver(MEMBER).sources_of_many(together) == alone
        assert [list(item.items()) for item in together] == [list(item.items()) for item in one_by_one]


def test_what_a_part_holds_counts_each_time_that_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = _by_xlsxwriter()
    assert answer(data) == answer(data)
    monkeypatch.setattr(limits, "ELEMENTS", 1)
    monkeypatch.setattr(limits, "elements", lambda _: 1)
    assert answer(data)[0] is Excess
