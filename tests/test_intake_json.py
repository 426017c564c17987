"""Reading JSON: any bytes become a record or findings, and every value is found again at its line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from formgen import intake
from formgen.findings import Address, format_pointer
from formgen.forms import catalogue
from formgen.intake import Reading, kinds, limits
from formgen.intake.json_text import JsonOrigins
from formgen.record import Origin, Record

STAFF = catalogue()["staff_list"][0]
Read = Callable[[str | bytes], Reading]


@pytest.fixture(name="read")
def fixture_read(tmp_path: Path) -> Read:
    def read(content: str | bytes) -> Reading:
        path = tmp_path / "staff_list.json"
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
        return intake.read(path, "staff_list.json", STAFF, None)

    return read


def values(reading: Reading) -> Any:
    assert reading.record is not None
    return reading.record.values


def refused(reading: Reading) -> dict[str, Any]:
    """The one finding of a file that was not read, as plain data."""
    assert reading.record is None
    [finding] = reading.findings
    place = reading.places[finding.at]
    assert finding.message("zh")
    assert finding.message("en")
    return {"id": finding.kind.id, "at": str(finding.at), "place": str(place), **finding.values}


def test_a_record_keeps_its_values_as_they_are(read: Read) -> None:
    reading = read('{"members": [{"name": "王 静", "grade": "大一", "rank": null, "serial": "1", "level": "本科"}]}')
    [member] = values(reading)["members"]
    assert member == {"name": "王 静", "grade": "大一", "rank": None, "serial": "1", "level": "本科"}
    assert reading.findings == ()
    assert reading.record is not None
    assert reading.record.address == Address("staff_list")


def test_the_digest_is_that_of_the_file(read: Read) -> None:
    empty_object = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert read("{}").digest == empty_object


@pytest.mark.parametrize("root", ["null", "[]", "3", '"text"', "true"])
def test_a_root_that_is_no_object_is_left_to_the_schema(read: Read, root: str) -> None:
    reading = read(root)
    assert values(reading) == json.loads(root)
    assert reading.record is not None
    assert str(reading.record.origins.find(("members", 3))) == "staff_list.json:1"


def test_a_byte_order_mark_is_no_fault(read: Read) -> None:
    assert values(read(b'\xef\xbb\xbf{"members": []}')) == {"members": []}


def test_an_encoding_other_than_utf8_is_reported_with_its_byte(read: Read) -> None:
    found = refused(read('{\n"name": "王"}'.encode("gb18030")))
    assert found == {"id": "I-encoding", "at": "staff_list:/", "place": "staff_list.json:2", "offset": 12}


def test_a_byte_order_mark_counts_among_the_bytes(read: Read) -> None:
    assert refused(read(b"\xef\xbb\xbf\xff"))["offset"] == 4


def test_a_syntax_error_is_reported_with_line_and_column(read: Read) -> None:
    found = refused(read('{\n "members": [],\n "a" 1}'))
    assert (found["id"], found["place"], found["line"], found["column"]) == ("I-json-syntax", "staff_list.json:3", 3, 6)


@pytest.mark.parametrize("text", ["", "{", '"', '"\\', '{"a": "b', "﻿﻿{}", "{'a': 1}", "[1,]", '["\x01"]', "\x00"])
def test_what_is_no_json_is_a_finding(read: Read, text: str) -> None:
    assert refused(read(text))["id"] == "I-json-syntax"


def test_a_key_given_twice_is_reported_with_both_lines(read: Read) -> None:
    found = refused(read('{"members": [\n {"name": "a",\n  "grade": 1,\n  "name": "b"}]}'))
    assert found == {
        "id": "I-duplicate-key", "at": "staff_list:/members/0/name", "place": "staff_list.json:4",
        "key": "name", "first": 2, "second": 4,
    }  # fmt: skip


def test_the_children_of_a_key_given_twice_are_not_duplicates(read: Read) -> None:
    assert refused(read('{"a": {"b": 1}, "c": [{"b": 1}, {"b": 1}], "a": {"b": 1}}'))["key"] == "a"


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
def test_what_is_no_number_is_reported(read: Read, text: str) -> None:
    found = refused(read(f'{{"other": "{text}",\n "grade": {text}}}'))
    assert found == {"id": "I-not-a-number", "at": "staff_list:/grade", "place": "staff_list.json:2", "text": text}


@pytest.mark.parametrize("text", ["9" * 5000, "-" + "9" * 5000, "0." + "1" * 5000])
def test_a_number_of_thousands_of_digits_is_a_finding(read: Read, text: str) -> None:
    found = refused(read(f'["{"9" * 5000}", {text}]'))
    assert (found["id"], found["at"], found["digits"]) == ("I-long-number", "staff_list:/1", len(text))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("15.0", 15),
        ("1.5e1", 15),
        ("-0.0", 0),
        ("15.5", 15.5),
        ("1e16", 10**16),
        ("1.0000000000000000001", 1.0),
        ("1e-99999999999999999999", 0.0),
    ],
)
def test_a_float_becomes_an_integer_only_if_it_is_one(read: Read, text: str, value: float) -> None:
    found = values(read(text))
    assert found == value
    assert type(found) is type(value)


def test_brackets_at_the_limit_are_read_and_beyond_it_are_reported(read: Read) -> None:
    deep = limits.JSON_DEPTH
    assert read("[" * deep + "]" * deep).findings == ()
    assert refused(read("\n" + "[" * deep + "{}" + "]" * deep))["place"] == "staff_list.json:2"
    assert refused(read("[" * 100_000))["id"] == "I-too-deep"


def test_brackets_within_texts_are_not_counted(read: Read) -> None:
    assert values(read(json.dumps(["[" * 1000, '"' + "{" * 1000]))) == ["[" * 1000, '"' + "{" * 1000]


@pytest.mark.parametrize(("escape", "code"), [("\\u0000", "U+0000"), ("\\ud800", "U+D800"), ("\\uffff", "U+FFFF")])
def test_a_character_that_no_document_can_hold_is_reported_and_replaced(read: Read, escape: str, code: str) -> None:
    reading = read(f'{{"members": [\n{{"name": "王{escape}静"}}]}}')
    assert values(reading) == {"members": [{"name": "王\ufffd静"}]}
    [finding] = reading.findings
    assert (finding.kind, str(finding.at)) == (kinds.CHARACTER, "staff_list:/members/0/name")
    assert finding.values == {"code": code}
    assert reading.record is not None
    assert str(reading.record.origins.find(finding.at.pointer)) == "staff_list.json:2"


def test_an_illegal_character_in_a_key_is_reported_there(read: Read) -> None:
    reading = read('{\n"na\\u0007me": 1}')
    assert values(reading) == {"na\ufffdme": 1}
    assert reading.record is not None
    assert reading.record.origins.find(reading.findings[0].at.pointer).line == 2


def test_tabs_line_feeds_and_rare_characters_are_legal(read: Read) -> None:
    text = "a\tb\nc 䶮𠮷\U0010fffd"
    assert values(read(json.dumps(text))) == text
    assert read(json.dumps(text)).findings == ()


def test_a_file_beyond_the_limit_is_not_opened(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FILE_BYTES", 1_000_000)
    assert values(read(b" " * 999_998 + b"[]")) == []
    reading = read(b" " * 999_999 + b"[]")
    assert refused(reading)["id"] == "I-too-large"
    assert reading.digest is None


def test_a_file_that_cannot_be_opened_is_a_finding(tmp_path: Path) -> None:
    reading = intake.read(tmp_path / "staff_list.json", "staff_list.json", STAFF, None)
    assert refused(reading)["id"] == "I-unreadable"


def test_another_format_is_reported_with_those_that_are_read(tmp_path: Path) -> None:
    reading = intake.read(tmp_path / "staff_list.et", "staff_list.et", STAFF, None)
    assert refused(reading)["formats"] == ".json、.xlsx、.xlsm、.xls、.ods、.csv、.tsv、.docx、.docm、.html、.htm、.md"
    other = catalogue()["assessment_filing"][0]
    assert (
        refused(intake.read(tmp_path / "a.csv", "a.csv", other, None))["formats"]
        == ".json、.docx、.docm、.html、.htm、.md"
    )


def test_findings_of_one_kind_are_listed_up_to_a_limit_and_then_counted(read: Read) -> None:
    reading = read("[" + ",".join(["NaN"] * (limits.FINDINGS_PER_KIND + 50)) + "]")
    assert len(reading.findings) == limits.FINDINGS_PER_KIND + 1
    assert reading.findings[-1].kind == kinds.MORE
    assert reading.findings[-1].values == {"count": 50, "name": "I-not-a-number"}


# --- as people write it ----------------------------------------------------------------------------------------------


def test_what_a_person_would_write_is_read_as_in_a_table_and_keeps_its_text(read: Read) -> None:
    written = {
        "rank": "３/45", "grade": "19级", "failed_course": "否", "political_status": "团员", "level": "硕士",
    }  # fmt: skip
    reading = read(json.dumps({"members": [written]}, ensure_ascii=False, indent=1))
    assert values(reading)["members"] == [
        {
            "rank": {"text": "3/45", "kind": "fraction", "value": 3, "of": 45},
            "grade": 2019,
            "failed_course": False,
            "political_status": "共青团员",
            "level": "硕士研究生",
        }
    ]
    assert reading.findings == ()
    assert reading.record is not None
    for line, (key, text) in enumerate(written.items(), start=4):
        assert reading.record.origins.find(("members", 0, key)) == Origin("staff_list.json", line=line, text=text)
    assert reading.record.origins.find(("members", 0, "rank", "of")).text == "３/45"
    assert reading.record.origins.find(("members", 0)).text is None


def test_a_candidates_rank_in_the_class_is_read_and_compared_too(tmp_path: Path) -> None:
    path = tmp_path / "01.json"
    for written, of in (("3/45", 45), ({"text": "9/12", "kind": "fraction", "value": 9}, 12)):
        path.write_text(json.dumps({"class_rank": written}), "utf-8")
        reading = intake.read(path, "01.json", catalogue()["candidate_registration"][0], "01")
        assert (values(reading)["class_rank"]["of"], reading.findings) == (of, ())
    path.write_text(json.dumps({"class_rank": {"text": "44/45", "kind": "fraction", "value": 1, "of": 45}}), "utf-8")
    (finding,) = intake.read(path, "01.json", catalogue()["candidate_registration"][0], "01").findings
    assert str(finding.at) == "candidate_registration#01:/class_rank"


@pytest.mark.parametrize("rank", ['"—"', '{"text": "无", "kind": "unknown"}'])
def test_a_rank_that_says_that_there_is_none_is_absent(read: Read, rank: str) -> None:
    assert values(read(f'{{"members": [{{"serial": 1, "rank": {rank}}}]}}')) == {"members": [{"serial": 1}]}


@pytest.mark.parametrize(
    ("given", "full"),
    [
        ({"text": "9/12", "kind": "fraction", "value": 9}, {"text": "9/12", "kind": "fraction", "value": 9, "of": 12}),
        ({"text": "９/12"}, {"text": "9/12", "kind": "fraction", "value": 9, "of": 12}),
        ({"text": "12", "kind": "percent"}, {"text": "12", "kind": "percent", "value": 12, "of": 100}),
        ({"text": "12", "kind": "percent", "value": 120, "of": 1000}, None),
        (
            {"text": "前15%", "kind": "percent", "value": 15},
            {"text": "前15%", "kind": "percent", "value": 15, "of": 100},
        ),
        ({"text": "第3名", "kind": "place", "value": 3, "of": 45}, None),
        ({"text": "3", "kind": "place", "value": 3}, None),
        ({"text": "优秀", "kind": "percent", "value": 10, "of": 100}, None),
        ({"text": "前一成", "kind": "percent"}, None),
        ({"text": " ", "kind": "unknown"}, None),
        ({"text": 3, "kind": "unknown"}, None),
        ({"text": "3/45", "kind": "fraction", "value": "3", "of": 45}, None),
    ],
)
def test_a_rank_gets_the_numbers_that_its_text_has(read: Read, given: dict[str, Any], full: Any) -> None:
    reading = read(json.dumps({"members": [{"rank": given}]}))
    assert values(reading)["members"][0]["rank"] == (given if full is None else full)
    assert reading.findings == ()


@pytest.mark.parametrize(
    "rank",
    [
        {"text": "44/45", "kind": "fraction", "value": 1, "of": 45},
        {"text": "3/45", "kind": "fraction", "value": 3, "of": 90},
        {"text": "3/45", "kind": "percent", "value": 3, "of": 45},
        {"text": "3/45", "kind": "unknown"},
        {"text": "第44名", "kind": "place", "value": 1},
        {"text": "44", "kind": "unknown", "value": 1},
        {"text": "90%", "kind": "percent", "value": 9, "of": 100},
        {"text": "90", "kind": "percent", "value": 9, "of": 100},
        {"text": "90%", "kind": "percent", "value": 9},
    ],
)
def test_a_rank_whose_numbers_are_not_those_of_its_text_is_an_error(read: Read, rank: dict[str, Any]) -> None:
    reading = read(json.dumps({"members": [{"rank": rank}]}))
    [finding] = reading.findings
    assert (finding.kind.id, str(finding.at)) == ("I-rank-disagrees", "staff_list:/members/0/rank")
    assert str(rank["text"]) in finding.message("zh")
    assert finding.stops


# --- derived fields --------------------------------------------------------------------------------------------------


def test_role_and_department_follow_from_the_experience(read: Read) -> None:
    reading = read('{"members": [{"name": "a",\n"experience": " 学习部副部长"}]}')
    [member] = values(reading)["members"]
    assert (member["department"], member["role"]) == ("学习部", "副部长")
    assert reading.record is not None
    assert reading.record.origins.find(("members", 0, "role")).line == 2


@pytest.mark.parametrize(
    ("experience", "derived"),
    [
        ("办公室主任", {"department": "办公室", "role": "主任"}),
        ("办公室干事", {"department": "办公室", "role": "干事"}),
        ("秘书处干事", {"department": "秘书处", "role": "干事"}),
        ("现任秘书处处长", {"department": "秘书处", "role": "处长"}),
        ("副部长", {"role": "副部长"}),
        ("甲学院学生会主席", {"role": "主席"}),
        ("中原大学研究生会学术部部长", {"department": "学术部", "role": "部长"}),
        ("校学生会主席", {"role": "主席"}),
        ("理学院学生会主席", {}),
        ("理学院学生会学习部部长", {}),
        ("2019年任甲学院学生会主席", {}),
        ("曾任甲学院学生会主席", {}),
    ],
)
def test_a_post_is_recognised_but_not_one_of_the_members_own_college(
    read: Read, experience: str, derived: dict[str, str]
) -> None:
    given = {"college": "理学院", "experience": experience}
    [member] = values(read(json.dumps({"members": [given]})))["members"]
    assert member == {**given, **derived}


def test_fixed_values_are_derived_too(read: Read) -> None:
    assert values(read('{"members": [{"experience": "学生会主席团"}]}'))["members"][0]["role"] == "主席团成员"


@pytest.mark.parametrize("experience", ['"班长，曾获奖学金"', "3", "null", "[]"])
def test_nothing_is_derived_from_what_says_nothing(read: Read, experience: str) -> None:
    [member] = values(read(f'{{"members": [{{"experience": {experience}}}]}}'))["members"]
    assert list(member) == ["experience"]


def test_what_is_given_is_not_overwritten_even_when_null(read: Read) -> None:
    [member] = values(read('{"members": [{"experience": "学习部部长", "role": null, "department": "宣传部"}]}'))[
        "members"
    ]
    assert (member["role"], member["department"]) == (None, "宣传部")


# --- lines -----------------------------------------------------------------------------------------------------------

TEXT = """{
  "members": [
    {"name": "a\\"[{",
     "rank":
       {"text": "3",
        "kind": "unknown"}},
    "x", [],
    {}
  ],
  "a/b": 1
}
"""


@pytest.mark.parametrize(
    ("pointer", "line"),
    [
        ((), 1),
        (("members",), 2),
        (("members", 0), 3),
        (("members", 0, "name"), 3),
        (("members", 0, "rank"), 4),
        (("members", 0, "rank", "text"), 5),
        (("members", 0, "rank", "kind"), 6),
        (("members", 1), 7),
        (("members", 2), 7),
        (("members", 3), 8),
        (("a/b",), 10),
        (("members", 0, "grade"), 3),
        (("members", 9, "name"), 2),
        (("a/b", "c"), 10),
        (("nothing",), 1),
    ],
)
def test_a_value_is_found_at_its_line_or_at_its_nearest_parent(pointer: tuple[str | int, ...], line: int) -> None:
    json.loads(TEXT)
    assert str(JsonOrigins("f.json", TEXT).find(pointer)) == f"f.json:{line}"


def test_a_root_value_below_empty_lines_is_found() -> None:
    assert JsonOrigins("f.json", "\n\n 3").find(()).line == 3


def pointers(value: Any, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(value, dict):
        return [at, *(p for key, item in value.items() for p in pointers(item, (*at, key)))]
    if isinstance(value, list):
        return [at, *(p for index, item in enumerate(value) for p in pointers(item, (*at, index)))]
    return [at]


def anything(text: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    return st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
        max_leaves=12,
    )


LEGAL = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]))
fuzz = settings(
    deadline=None, derandomize=True, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@fuzz
@given(value=anything(LEGAL))
def test_every_value_is_found_at_the_line_where_it_was_written(value: Any) -> None:
    text = json.dumps(value, indent=1, ensure_ascii=False)
    origins = JsonOrigins("f.json", text)
    lines = [origins.find(pointer).line or 0 for pointer in pointers(value)]
    # Written with an indent, every value starts a line of its own, in the order of the pointers.
    assert lines == sorted(set(lines))
    for pointer, line in zip(pointers(value), lines, strict=True):
        if pointer and isinstance(pointer[-1], str):
            assert text.split("\n")[line - 1].strip().startswith(json.dumps(pointer[-1], ensure_ascii=False))


@fuzz
@given(data=st.binary() | st.text(alphabet='{}[]",:\\u0d8 \n1e.-NaN').map(str.encode))
def test_no_bytes_raise(data: bytes, read: Read) -> None:
    reading = read(data)
    assert (reading.record is None) == any(f.kind is not kinds.CHARACTER for f in reading.findings)


@fuzz
@given(value=anything(st.text()) | st.fixed_dictionaries({"members": st.lists(anything(st.text()), max_size=3)}))
def test_no_value_raises_and_every_finding_has_a_place(value: Any, read: Read) -> None:
    reading = read(json.dumps(value))
    for finding in reading.findings:
        assert finding.message("zh")
        assert finding.message("en")
        assert format_pointer(finding.at.pointer)
    if isinstance(reading.record, Record):
        for pointer in pointers(reading.record.values):
            assert reading.record.origins.find(pointer).line is not None
