"""Does a value stand on paper as the forms write it, and a wrong one as it is?"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formgen.filling.typesetting import typesetter
from making import ANY_JSON


def typeset(kind: str, value: Any) -> str:
    return typesetter({"x-typeset": kind})(value)


RANGES: list[tuple[Any, str]] = [
    ({"start": "2020-11-17", "end": "2020-11-18"}, "2020年11月17日至18日"),
    ({"start": "2020-11-17", "end": "2020-11-17"}, "2020年11月17日"),
    ({"start": "2020-11-30", "end": "2020-12-01"}, "2020年11月30日至12月1日"),
    ({"start": "2020-11-17", "end": "2020-12-17"}, "2020年11月17日至12月17日"),
    ({"start": "2020-12-31", "end": "2021-01-01"}, "2020年12月31日至2021年1月1日"),
    ({"start": "2020-11-17", "end": "2021-11-17"}, "2020年11月17日至2021年11月17日"),
    ({"start": "2020-11-17"}, "2020年11月17日"),
    ({"end": "2020-11-17"}, "2020年11月17日"),
    ({"start": "2020-11-17", "end": "待定"}, "2020年11月17日至待定"),
    ({"start": "十一月", "end": "十一月"}, "十一月至十一月"),
    ({"start": 3, "end": None}, "3"),
    ({}, ""),
    ("十一月中旬", "十一月中旬"),
    (["2020-11-17"], ""),
]
CASES: list[tuple[str, Any, str]] = [
    *(("date_range", value, text) for value, text in RANGES),
    ("date", "2020-11-08", "2020年11月8日"),
    ("date", "2020-11", "2020-11"),
    ("date", "2020-11-0x", "2020-11-0x"),
    ("date", "２０２０-１１-０８", "２０２０-１１-０８"),
    ("date", "2020-11-08-01", "2020-11-08-01"),
    ("date", "-2020-11", "-2020-11"),
    ("date", "20201-11-08", "20201-11-08"),
    ("date", 20201108, "20201108"),
    ("date", None, ""),
    ("month", "2002-05", "2002年5月"),
    ("month", "至今", "至今"),
    ("month", "2002-05-01", "2002-05-01"),
    ("grade", 2019, "19级"),
    ("grade", 2000, "00级"),
    ("grade", 2007, "07级"),
    ("grade", 2099, "99级"),
    ("grade", 2100, "2100级"),
    ("grade", 1999, "1999级"),
    ("grade", "19级", "19级"),
    ("grade", True, "true"),
    ("grade", None, ""),
    ("rank", {"text": "3/45", "kind": "fraction", "value": 3, "of": 45}, "3/45"),
    ("rank", {"kind": "unknown"}, ""),
    ("rank", {"text": 3}, "3"),
    ("rank", 3, "3"),
    ("rank", "前15%", "前15%"),
    ("yes_no", True, "是"),
    ("yes_no", False, "否"),
    ("yes_no", 1, "1"),
    ("yes_no", "无", "无"),
    ("yes_no", None, ""),
    ("plain", "文", "文"),
    ("plain", 0, "0"),
    ("plain", False, "false"),
    ("plain", 1.5, "1.5"),
    ("plain", {"a": 1}, ""),
    ("plain", [1], ""),
    ("picture", "photos/01.jpg", "photos/01.jpg"),
]


@pytest.mark.parametrize(("kind", "value", "text"), CASES)
def test_a_value_is_printed_as_the_form_writes_it(kind: str, value: Any, text: str) -> None:
    assert typeset(kind, value) == text


def test_a_field_that_says_nothing_is_printed_as_it_stands() -> None:
    assert typesetter({})("文") == "文"


@given(ANY_JSON, st.sampled_from(["date", "month", "date_range", "grade", "rank", "yes_no", "plain"]))
def test_any_json_has_a_text(value: Any, kind: str) -> None:
    assert isinstance(typeset(kind, value), str)


def test_a_text_too_long_for_a_day_stands_as_it_is_however_long() -> None:
    assert typesetter({"x-typeset": "date"})("2020-11-" + "1" * 100_000).endswith("1" * 100_000)
    assert typesetter({"x-typeset": "date"})("0020-0011-0017") == "20年11月17日"
