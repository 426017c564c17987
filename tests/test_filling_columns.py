"""A list is filled by columns: every item is printed as it would be alone, however many there are."""

import io
import re
from datetime import date
from typing import Any

import openpyxl
import pytest

from formgen import forms, opc
from formgen.filling import Template, compile_template
from formgen.filling.columns import BATCH, Values
from office import edition, row, table, text_of, value, word

EDITION = forms.catalogue().edition("staff_list", date(2020, 11, 18))
STRANGE: list[dict[str, Any]] = [
    {},
    {"serial": 1, "name": "王一", "grade": 2019, "failed_course": False, "rank": {"text": "3/120"}, "remark": ""},
    {"serial": True, "name": "A & B <i>", "grade": 1850, "failed_course": "否", "rank": None},
    {"serial": "3", "name": "一\n二\t三\r\n四", "experience": "长" * 90, "remark": "_x0041_ 与 a_xb"},
    {"serial": -4, "name": "\x0b\ufffe\ud800", "experience": "宽　空格 \xa0", "remark": 0},
    {"serial": 5, "name": 6, "grade": "2019", "rank": "7", "college": ["列"], "remark": {"a": 1}},
    {"serial": 10**30, "name": "𠮷" * 20, "experience": "emoji 🎓\n" * 3, "political_status": "y" * 40_000},
]
KINDS = {
    "all alike": [{"serial": n, "name": f"成员{n}", "grade": 2018 + n % 3, "remark": "注"} for n in range(BATCH + 3)],
    "all absent": [{} for _ in range(BATCH + 1)],
    "strange": STRANGE,
    "strange and many": [STRANGE[n % len(STRANGE)] for n in range(BATCH + 5)],
    "no items of a list": [None, "text", 3, [1], {"name": "李"}],
    "markup everywhere": [{"name": f"<{n}>", "remark": "&amp;", "rank": {"text": ">"}} for n in range(5)],
}


def compiled(suffix: str) -> Template:
    path = EDITION.templates[suffix]
    return compile_template(path.read_bytes(), path.name, EDITION)


def rows(template: Template, members: list[Any]) -> list[str]:
    """The XML of each member's row, without the numbers of rows."""
    parts = opc.read(template.fill({"members": members, "dossier": {}}).data, "").parts
    if template.layout is None:
        document = parts["word/document.xml"].decode()
        return [tr for tr in re.findall(r"<w:tr>.*?</w:tr>", document, re.DOTALL) if '"FormValue"' in tr]
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    found = re.findall(r'<row r="([0-9]+)"(.*?)</row>', sheet, re.DOTALL)[3:-1]
    assert [int(number) for number, _ in found] == list(range(4, 4 + len(members)))
    for number, cells in found:
        assert set(re.findall(r'r="[A-I]([0-9]+)"', cells)) == {number}
    return [re.sub(r'r="([A-I])[0-9]+"', r"\1", cells) for _, cells in found]


@pytest.mark.parametrize("suffix", [".docx", ".xlsx"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_item_is_printed_as_it_would_be_alone(suffix: str, kind: str) -> None:
    template = compiled(suffix)
    alone = {repr(member): rows(template, [member])[0] for member in KINDS[kind]}
    assert rows(template, KINDS[kind]) == [alone[repr(member)] for member in KINDS[kind]]
    assert len(set(alone.values())) > 1 or kind == "all absent"


@pytest.mark.parametrize("text", [" 前", "后 ", "一\n二", "\t", "中 间", "　全角"])
def test_the_white_space_of_a_text_reaches_the_reader_of_the_workbook(text: str) -> None:
    """Without xml:space, Excel drops what stands at a text's ends."""
    members = [{"name": text}, {"name": "王"}]
    data = compiled(".xlsx").fill({"members": members, "dossier": {}}).data
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    assert [sheet["B4"].value, sheet["B5"].value] == [text, "王"]
    kept = '<t xml:space="preserve">' in opc.read(data, "").parts["xl/worksheets/sheet1.xml"].decode()
    assert kept is (text != text.strip() or "\n" in text)


def test_a_value_of_the_dossier_is_the_same_in_every_row() -> None:
    """What lies outside of the list is found once."""
    many = word(table(row(value("words[]"), value("name"))), edition("words", "name"))
    assert "".join(text_of(many.fill({"name": "外", "words": ["甲", "乙"]}).data)) == "甲外乙外"


def test_equal_values_of_other_kinds_are_not_the_same() -> None:
    assert Values(["文", "文"]).same
    assert Values([3, 3]).same
    assert not Values([1, True]).same
    assert not Values([{"a": 1}, {"a": True}]).same
    assert not Values([0.0, -0.0]).same
    assert not Values(["文", None, "文"]).same
