"""Rows of a workbook grow with the texts that wrap in them."""

import io
from datetime import date
from fractions import Fraction
from typing import Any

import openpyxl
import pytest
from lxml import etree

from formgen import forms
from formgen.filling import compile_template
from formgen.filling.lookups import Lookup
from formgen.filling.row_heights import USUAL, Measures, columns_of
from formgen.filling.typesetting import plain

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
WRAPS = '<xf fontId="0"><alignment wrapText="1"/></xf>'
STYLES = (
    f'<styleSheet {MAIN}><fonts><font><sz val="{{size}}"/></font><font/></fonts>'
    "<cellXfs>{formats}</cellXfs></styleSheet>"
)


def heights(members: list[dict[str, Any]]) -> list[float | None]:
    """The heights of the rows of people in the real list."""
    edition = forms.catalogue().edition("staff_list", date(2020, 11, 18))
    path = edition.templates[".xlsx"]
    data = compile_template(path.read_bytes(), path.name, edition).fill({"members": members, "dossier": {}}).data
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    return [sheet.row_dimensions[4 + number].height for number in range(max(1, len(members)))]


def measures(sheet: str, formats: str = WRAPS, size: str = "11") -> Measures:
    styles = etree.fromstring(STYLES.format(size=size, formats=formats))
    return Measures(etree.fromstring(f"<worksheet {MAIN}>{sheet}</worksheet>"), styles)


def test_a_row_is_as_high_as_its_longest_text_needs_and_no_lower_than_usual() -> None:
    texts = ["干事", "一" * 40, "一" * 200, "一" * 20_000, "一\n二\n三\n四"]
    short, two, many, beyond, lines = heights([{"experience": text} for text in texts])
    assert short == 21.95
    assert short < two < many < beyond == 409  # type: ignore[operator]
    assert lines == 6 + 4 * 18


def test_without_people_the_line_to_write_on_has_the_usual_height() -> None:
    assert heights([]) == [21.95]


def test_chinese_characters_and_their_marks_count_two_columns() -> None:
    assert columns_of("王a“·") == 7


@pytest.mark.parametrize(
    ("sheet", "column", "capacity"),
    [
        ('<cols><col min="1" max="2" width="32"/></cols>', "B", 30),
        ('<cols><col min="1" max="2" width="32"/></cols>', "AA", 7),
        ('<sheetFormatPr defaultColWidth="16"/>', "C", 15),
        ('<cols><col min="1" max="1" width="0.1"/></cols>', "A", 1),
    ],
)
def test_what_fits_on_a_line_follows_the_column_s_width(sheet: str, column: str, capacity: int) -> None:
    found = measures(sheet).wrapping(column, "0", Lookup(0, ()), plain)
    assert found is not None
    assert (found.capacity, found.line) == (capacity, 17)


def test_a_larger_font_leaves_less_on_a_line_and_a_smaller_no_more() -> None:
    sheet = '<cols><col min="1" max="1" width="32"/></cols>'
    capacities = []
    for size in ("22", "11", "8"):
        found = measures(sheet, size=size).wrapping("A", "0", Lookup(0, ()), plain)
        assert found is not None
        capacities.append(found.capacity)
    assert capacities == [15, 30, 30]


@pytest.mark.parametrize("style", ["", "9", "1", "2"])
def test_a_cell_that_does_not_wrap_asks_for_no_height(style: str) -> None:
    formats = f'{WRAPS}<xf/><xf><alignment wrapText="0"/></xf>'
    assert measures("", formats).wrapping("A", style, Lookup(0, ()), plain) is None


def test_a_font_without_a_size_counts_as_eleven_points() -> None:
    for font in ("1", "7"):
        found = measures("", f'<xf fontId="{font}"><alignment wrapText="true"/></xf>').wrapping(
            "A", "0", Lookup(0, ()), plain
        )
        assert found is not None
        assert Fraction(found.line) == 17


def test_a_workbook_without_styles_has_no_wrapping_cells() -> None:
    sheet = etree.fromstring(f"<worksheet {MAIN}/>")
    found = Measures(sheet, None)
    assert found.wrapping("A", "0", Lookup(0, ()), plain) is None
    assert found.usual_height == "15"


def test_the_usual_characters_have_one_byte_for_a_column_or_three_for_two() -> None:
    usual = [chr(code) for code in range(0x10000) if not 0xD800 <= code < 0xE000 and USUAL.fullmatch(chr(code))]
    assert {"王", "A", "，", "“"} <= set(usual)
    assert all(len(character.encode()) == 2 * columns_of(character) - 1 for character in usual)


@pytest.mark.parametrize("beside", ["干事", "·", "一\n二\n三"])
def test_a_row_is_as_high_beside_others_as_alone(beside: str) -> None:
    texts = ["一" * 40, "a" * 40, "甲a" * 17, "一" * 15, "", beside]
    assert heights([{"experience": text} for text in texts]) == [heights([{"experience": text}])[0] for text in texts]
