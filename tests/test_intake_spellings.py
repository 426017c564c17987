"""Reading the text of a cell: what people write becomes the value that the schema names, or stays as written."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formgen.forms import catalogue, field_schema
from formgen.intake import spellings

STAFF = catalogue()["staff_list"][0].schema


def read(field: str, written: str) -> Any:
    schema = field_schema(STAFF, ("members", "[]", field))
    assert schema is not None
    return spellings.value(schema, written)


@pytest.mark.parametrize(
    ("written", "grade"),
    [
        ("19级", 2019),
        ("2019级", 2019),
        ("2019", 2019),
        ("１９级", 2019),
        ("19.0", 2019),
        ("2019级本科生", 2019),
        ("2019级本科", 2019),
        ("2019年", 2019),
        ("2019级研究生", "2019级研究生"),
        (" 20 级 ", 2020),
        ("99级", 2099),
        ("大一", "大一"),
        ("2019级专升本", "2019级专升本"),
        ("201", "201"),
        ("19.5", "19.5"),
        ("-19", "-19"),
    ],
)
def test_a_grade_is_a_year_of_entry(written: str, grade: int | str) -> None:
    assert read("grade", written) == grade


@pytest.mark.parametrize(
    ("written", "rest"),
    [
        ("5", {"kind": "unknown", "value": 5}),
        ("５", {"kind": "unknown", "value": 5}),
        ("5.0", {"kind": "unknown", "value": 5}),
        ("3/45", {"kind": "fraction", "value": 3, "of": 45}),
        ("３／４５", {"kind": "fraction", "value": 3, "of": 45}),
        ("3 / 45", {"kind": "fraction", "value": 3, "of": 45}),
        ("第3名/45人", {"kind": "fraction", "value": 3, "of": 45}),
        ("第3/45名", {"kind": "fraction", "value": 3, "of": 45}),
        ("3名/共45名", {"kind": "fraction", "value": 3, "of": 45}),
        ("第3名（共45人）", {"kind": "fraction", "value": 3, "of": 45}),
        ("第3名，共45人", {"kind": "fraction", "value": 3, "of": 45}),
        ("45人中第3", {"kind": "fraction", "value": 3, "of": 45}),
        ("共45人，排名第3名", {"kind": "fraction", "value": 3, "of": 45}),
        ("45人第3名", {"kind": "fraction", "value": 3, "of": 45}),
        ("第3名，45", {"kind": "unknown"}),
        ("3，45", {"kind": "unknown"}),
        ("第3名/0人", {"kind": "unknown"}),
        ("15%", {"kind": "percent", "value": 15, "of": 100}),
        ("１５％", {"kind": "percent", "value": 15, "of": 100}),
        ("前15%", {"kind": "percent", "value": 15, "of": 100}),
        ("12.5%", {"kind": "percent", "value": 125, "of": 1000}),
        ("15.00%", {"kind": "percent", "value": 15, "of": 100}),
        ("0.07%", {"kind": "percent", "value": 7, "of": 10000}),
        ("第3名", {"kind": "place", "value": 3}),
        ("3/0", {"kind": "unknown"}),
        ("0.15", {"kind": "unknown"}),
        ("-5", {"kind": "unknown"}),
        ("优秀", {"kind": "unknown"}),
        ("9" * 5000, {"kind": "unknown"}),
        ("9" * 5000 + "/" + "9" * 5000, {"kind": "unknown"}),
    ],
)
def test_a_rank_has_exact_numbers_and_its_text(written: str, rest: dict[str, Any]) -> None:
    assert read("rank", written) == {"text": unicodedata.normalize("NFKC", written), **rest}


@pytest.mark.parametrize("written", ["—", "——", "-", "－", "/", "／", "\\", "无", " 暂无 "])
def test_a_dash_in_the_place_of_a_rank_is_no_rank(written: str) -> None:
    assert read("rank", written) is None


@pytest.mark.parametrize(
    ("written", "value"), [("是", True), ("有", True), ("否", False), (" 无", False), ("true", True)]
)
def test_yes_and_no_are_those_of_the_schema(written: str, value: bool) -> None:
    assert read("failed_course", written) is value


@pytest.mark.parametrize("written", ["/", "Y", "没", "1"])
def test_another_word_is_no_answer(written: str) -> None:
    assert read("failed_course", written) == written


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ("团员", "共青团员"),
        ("共 青 团 员", "共青团员"),
        ("共产党员", "中共党员"),
        ("中共党员", "中共党员"),
        ("预备党员", "中共预备党员"),
        ("中国共产党预备党员", "中共预备党员"),
        ("中国共产党员", "中共党员"),
        ("中共党员(含预备党员)", "中共党员（含预备党员）"),
        ("党员（预备）", "中共党员（预备）"),
        ("共青团员,入党积极分子", "共青团员、入党积极分子"),
        ("团员（发展对象）", "共青团员、发展对象"),
        ("党员", "党员"),
        ("入党积极分子", "入党积极分子"),
    ],
)
def test_a_spelling_becomes_canonical_only_if_it_means_one_thing(written: str, status: str) -> None:
    assert read("political_status", written) == status


def test_an_enum_is_read_whatever_the_spaces() -> None:
    assert read("level", "本 科") == "本科"
    assert read("level", "硕士") == "硕士研究生"
    assert read("level", "硕士生") == "硕士研究生"
    assert read("level", "博士生") == "博士研究生"
    assert read("level", "研究生") == "研究生"
    assert read("level", "高中") == "高中"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("王　静", "王静"),
        ("王 静", "王静"),
        ("\u200b王静\ufeff ", "王静"),
        ("王\n静", "王静"),
        ("买买提 · 艾山", "买买提·艾山"),
        ("䶮 𠮷", "䶮𠮷"),
        ("Anna  Maria", "Anna  Maria"),
        ("王 Anna", "王 Anna"),
        ("Zoe\u0301", "Zo\u00e9"),
    ],
)
def test_a_chinese_name_has_no_spaces_and_a_latin_one_keeps_them(written: str, name: str) -> None:
    assert read("name", written) == name


def test_sentences_keep_their_spaces_and_lines() -> None:
    assert read("remark", " 同名 第二人_x000D_\n另一行\r\n末行\r完 ") == "同名 第二人\n另一行\n末行\n完"


@pytest.mark.parametrize(
    ("written", "value"),
    [("1", 1), ("１２", 12), ("15.0", 15), ("0", 0), ("1.5", "1.5"), ("一", "一"), ("9" * 400, "9" * 400)],
)
def test_an_integer_is_read_or_left_as_written(written: str, value: int | str) -> None:
    assert read("serial", written) == value


@pytest.mark.parametrize("written", ["", "  ", "\u3000\n", "\u200b"])
def test_a_blank_text_is_no_value(written: str) -> None:
    assert read("name", written) is None


@settings(deadline=None, derandomize=True, max_examples=200)
@given(
    st.text(), st.sampled_from(["serial", "name", "grade", "rank", "failed_course", "political_status", "experience"])
)
def test_no_text_raises_and_no_text_is_lost(text: str, field: str) -> None:
    value = read(field, text)
    nothing = spellings.tidy(text) == "" or (field == "rank" and spellings.says_none(text))
    assert (value is None) == nothing
