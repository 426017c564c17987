"""What a schema finds wrong, said in the form's own words; and that no data whatever breaks it."""

import copy
import datetime
import json
import random
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from formgen import checks, forms, rules, schema_checks, schema_validators
from formgen.findings import Address, Finding
from formgen.rules.subject import Withheld
from judging import base, lines, material, valid

DAY = datetime.date(2020, 11, 18)
STAFF = forms.catalogue()["staff_list"][0].schema
FILING = forms.catalogue()["assessment_filing"][0].schema
CANDIDATE = forms.catalogue()["candidate_registration"][0].schema
AT = Address("staff_list")


def staff(**member: Any) -> Any:
    return {"members": [{"serial": 1}, {"serial": 2, **member}]}


def found(values: Any, schema: Any = STAFF, at: Address = AT) -> list[Finding]:
    return list(schema_checks.check(values, schema, at))


def only(values: Any, schema: Any = STAFF) -> Finding:
    (finding,) = found(values, schema)
    return finding


@pytest.mark.parametrize("member", [{"serial": None}, {"remark": ""}, {"level": None}, {"rank": None}])
def test_an_empty_value_of_an_optional_field_is_to_be_left_out(member: dict[str, Any]) -> None:
    assert only(staff(**member)).kind.hint.zh == "没有就删去这一项"


@pytest.mark.parametrize("values", [staff(serial="2"), staff(rank={"text": "", "kind": "unknown"}), None])
def test_what_is_needed_or_not_empty_is_not_to_be_left_out(values: Any) -> None:
    assert "删去" not in only(values).kind.hint.zh


@pytest.mark.parametrize(
    ("values", "kind", "at", "message"),
    [
        (staff(serial="2"), "S-type", "/members/1/serial", "“工作人员第 2 项 · 序号”应是整数，现为 “2”"),
        (staff(serial=True), "S-type", "/members/1/serial", "“工作人员第 2 项 · 序号”应是整数，现为 true"),
        (staff(serial=None), "S-type", "/members/1/serial", "“工作人员第 2 项 · 序号”应是整数，现为 null"),
        (staff(serial=1.5), "S-type", "/members/1/serial", "“工作人员第 2 项 · 序号”应是整数，现为 1.5"),
        (staff(serial=float("nan")), "S-type", "/members/1/serial", "“工作人员第 2 项 · 序号”应是整数，现为 NaN"),
        (staff(serial=["2"]), "S-type", "/members/1/serial", "“工作人员第 2 项 · 序号”应是整数，现为 […]"),
        (staff(serial={"2": 2}), "S-type", "/members/1/serial", "“工作人员第 2 项 · 序号”应是整数，现为 {…}"),
        ([], "S-type", "/", "“校级组织工作人员名单”应是一组字段，现为 […]"),
        (staff(name=3), "S-type", "/members/1/name", "“工作人员第 2 项 · 姓名”应是文字，现为 3"),
        (staff(grade=19), "S-range", "/members/1/grade", "“工作人员第 2 项 · 年级”应在 1900 至 2999 之间，现为 19"),
        (
            staff(grade=10**5000),
            "S-range",
            "/members/1/grade",
            "“工作人员第 2 项 · 年级”应在 1900 至 2999 之间，现为 …",
        ),
        (staff(college=""), "S-length", "/members/1/college", "“工作人员第 2 项 · 院系”应有 1 至 60 个字，现有 0 个"),
        (
            staff(college="院" * 61),
            "S-length",
            "/members/1/college",
            "“工作人员第 2 项 · 院系”应有 1 至 60 个字，现有 61 个",
        ),
        (
            staff(level="大学"),
            "S-enum",
            "/members/1/level",
            "“工作人员第 2 项 · 学历层次”只能是 专科、本科、研究生、硕士研究生、博士研究生 之一，现为 “大学”",
        ),
        (staff(grad=2019), "S-unknown-field", "/members/1/grad", "“工作人员第 2 项”没有字段 grad，是否应为 grade？"),
        (staff(姓名="安"), "S-unknown-field", "/members/1/姓名", "“工作人员第 2 项”没有字段 姓名，是否应为 name？"),
        (staff(zzzz=1), "S-unknown-field", "/members/1/zzzz", "“工作人员第 2 项”没有字段 zzzz"),
        (
            staff(rank={"text": "3"}),
            "S-required",
            "/members/1/rank/kind",
            "缺少“工作人员第 2 项 · 最近1个学期/最近1学年/入学以来学习成绩综合排名"
            "（一年级新生不需填写） · 类型”（kind）",
        ),
        (
            staff(remark="一\x07二"),
            "S-character",
            "/members/1/remark",
            "“工作人员第 2 项 · 备注”第 2 个字符 U+0007 无法写入文档，请删去后重新输入",
        ),
        (
            staff(name="王\ufffd"),
            "S-lost-character",
            "/members/1/name",
            "“工作人员第 2 项 · 姓名”第 2 个字符是 �：原来的字在转换编码时丢失了，请重新输入",
        ),
        (
            staff(remark="\ud83d"),
            "S-character",
            "/members/1/remark",
            "“工作人员第 2 项 · 备注”第 1 个字符 U+D83D 无法写入文档，请删去后重新输入",
        ),
        (
            staff(**{"x\ud800": 1}),
            "S-character",
            "/members/1",
            "“工作人员第 2 项”第 2 个字符 U+D800 无法写入文档，请删去后重新输入",
        ),
    ],
)
def test_a_finding_says_what_is_wrong_where(values: Any, kind: str, at: str, message: str) -> None:
    finding = only(values)
    assert (finding.kind.id, str(finding.at)) == (kind, f"staff_list:{at}")
    assert finding.message("zh") == message
    assert "{field" not in finding.message("en")
    assert rules.fields_of(finding.kind.message) == finding.values.keys()


@pytest.mark.parametrize(
    "day", ["2020-11-18\n", "2020-1-8", "２０２０-11-18", "2020年11月18日", "2020-02-30", "20201118"]
)
def test_a_date_is_written_in_one_way(day: str) -> None:
    values = {"items": {"9": {"held": {"start": day}}}}
    finding = only(values, FILING)
    assert finding.kind.id in ("S-form", "S-length") if day.endswith("\n") else finding.kind.id == "S-form"
    assert finding.kind.hint.zh == "写作 2020-11-18"
    assert finding.values["field"] == "项目 · 第 9 项 · 召开日期 · 开始日期"


def test_a_list_that_is_too_long_is_one_finding() -> None:
    finding = only({"experience": [{} for _ in range(101)]}, CANDIDATE)
    assert finding.message() == "“团学工作经历”至多 100 条，现有 101 条"


def test_a_long_value_is_cut() -> None:
    assert only(staff(level="长" * 500)).values["value"] == f"“{'长' * 39}…”"


def test_what_nests_too_deep_is_one_finding_and_is_not_read_further() -> None:
    deep: Any = 1
    for _ in range(5000):
        deep = [deep]
    assert [finding.kind.id for finding in found(staff(serial=deep))] == ["S-too-deep", "S-type"]
    assert [finding.kind.id for finding in found(deep)] == ["S-too-deep", "S-type"]


def test_a_value_that_json_does_not_have_is_a_finding() -> None:
    assert only(staff(serial=float("inf"))).kind.id == "S-type"
    assert only({"members": (1, 2)}).kind.id == "S-type"


def test_one_bad_row_among_many_is_found_without_looking_closely_at_the_others() -> None:
    values = {"members": [{"serial": n} for n in range(20_000)]}
    values["members"][19_999] = {"serial": "末"}
    assert str(only(values).at) == "staff_list:/members/19999/serial"


def test_withheld_values_are_put_into_a_copy_made_along_the_paths() -> None:
    values = {"members": [{"rank": {"text": "3"}}, {"serial": 2}, {"serial": 3}], "other": {"a": 1}}
    before = copy.deepcopy(values)
    cause = Address("staff_list", ("x",))
    pointers = [
        ("members", 0, "rank"),
        ("members", 0, "rank", "kind"),
        ("members", 9),
        ("members", 1, "name", "x"),
        ("new",),
    ]
    pruned = schema_checks.prune(values, dict.fromkeys(pointers, cause))
    assert values == before
    assert pruned == {
        "members": [{"rank": Withheld(cause)}, {"serial": 2}, {"serial": 3}],
        "other": {"a": 1},
        "new": Withheld(cause),
    }
    assert pruned["members"][2] is values["members"][2]
    assert pruned["other"] is values["other"]
    assert schema_checks.prune(values, {(): cause}) == Withheld(cause)
    assert schema_checks.prune(5, {("a",): cause}) == 5


# --- the two validators ----------------------------------------------------------------------------------------------

NASTY: list[Any] = [
    "2020-11-18\n", "2020-11-18", "２０２０-11-18", "2020-02-30", "2002-13", "2002-05", "2002-05\n", "", " ", "长" * 61,
    "x" * 20001, 0, 1, -1, 1.5, True, False, None, 10**30, -(10**30), 2019, 3000, [], {}, [[]], {"a": 1}, "met", "男",
    "percent", [{}], {"text": "3", "kind": "unknown"}, "\u2028", "😀" * 60, "专科", "学生会", "null", "é", "é",
]  # fmt: skip
SCHEMAS = {
    "dossier": forms.dossier_schema(),
    **{key: editions[0].schema for key, editions in forms.catalogue().items()},
}


def sample(schema: Any, chance: random.Random) -> Any:
    """A value for a schema, now and then a wrong one."""
    if chance.random() < 0.06:
        return copy.deepcopy(chance.choice(NASTY))
    if "enum" in schema:
        return chance.choice(schema["enum"])
    match schema.get("type"):
        case "object":
            extra = schema.get("additionalProperties")
            value = {
                key: sample(sub, chance) for key, sub in schema.get("properties", {}).items() if chance.random() < 0.7
            }
            if isinstance(extra, dict) or chance.random() < 0.05:
                value["别的"] = sample(extra, chance) if isinstance(extra, dict) else 1
            return value
        case "array":
            return [sample(schema["items"], chance) for _ in range(chance.choice([0, 1, 1, 2, 3]))]
        case "integer":
            return chance.choice(
                [schema["minimum"], schema["maximum"], schema["minimum"] - 1, schema["maximum"] + 1, 2019]
            )
        case "boolean":
            return chance.random() < 0.5
        case _:
            return chance.choice(["2020-11-18", "2002-05", "甲", "x" * schema.get("maxLength", 9)])


@pytest.mark.parametrize("key", SCHEMAS)
def test_the_fast_validator_and_the_reporter_agree_on_thousands_of_records(key: str) -> None:
    schema, chance = SCHEMAS[key], random.Random(20201118)
    fast = jsonschema_rs.Draft202012Validator(dict(schema), validate_formats=True)
    slow = Draft202012Validator(schema, format_checker=FormatChecker())
    verdicts = set()
    for _ in range(1500):
        values = sample(schema, chance)
        verdict = fast.is_valid(values)
        assert verdict == slow.is_valid(values), values
        assert verdict == (found(values, schema) == []), values
        verdicts.add(verdict)
    assert verdicts == {True, False}


def patterns(schema: Any, at: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The texts of a form that have a pattern: the way to each, and its schema."""
    if "pattern" in schema:
        yield at, schema
    for key, inner in schema.get("properties", {}).items():
        yield from patterns(inner, (*at, key))
    if "items" in schema:
        yield from patterns(schema["items"], at)


WRITTEN = ("2020-11-18", "2002-05", "至今", "15%", "xueshenghui")
PATTERNS = [(key, at, schema) for key, form in SCHEMAS.items() for at, schema in patterns(form)]


@pytest.mark.parametrize(("form", "at", "schema"), PATTERNS, ids=[f"{key}:{'/'.join(at)}" for key, at, _ in PATTERNS])
def test_a_line_that_ends_behind_what_is_demanded_is_told(form: str, at: tuple[str, ...], schema: Any) -> None:
    fitting = [text for text in WRITTEN if not found(text, schema)]
    assert fitting
    for text in fitting:
        assert only(f"{text}\n", schema).kind.id in ("S-form", "S-length")


@pytest.mark.parametrize("key", SCHEMAS)
def test_what_is_refused_is_told_at_each_place_that_plain_jsonschema_names(key: str) -> None:
    schema, chance = SCHEMAS[key], random.Random(20201127)
    to_the_end = json.loads(json.dumps(schema).replace('$"', '\\\\Z"'))  # what JSON Schema calls the end
    slow = Draft202012Validator(to_the_end, format_checker=FormatChecker())
    for _ in range(400):
        values = sample(schema, chance)
        named = {(tuple(error.absolute_path), error.validator) for error in slow.iter_errors(values)}
        told = {(at, complaint.keyword) for at, complaint in schema_validators.complaints(values, schema)}
        assert told <= named, values
        assert {at for at, _ in told} == {at for at, _ in named}, values
        # Of a value of the wrong type nothing else is told.
        silent = {at for at, keyword in told if keyword == "type"}
        assert {each for each in named if each[0] not in silent} <= told, values


ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=12)
KEYS = st.one_of(
    ANY_TEXT, st.sampled_from(["members", "items", "rank", "grade", "held", "ranking", "9", "filing_date"])
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT | st.sampled_from(NASTY)
ANY_JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4))


@given(ANY_JSON, ANY_JSON, ANY_JSON, ANY_JSON, ANY_JSON)
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_judging_any_json_never_raises(
    filing: Any, staff_list: Any, assessment: Any, report: Any, candidate: Any
) -> None:
    raw = {
        "dossier": filing,
        "records": {
            "staff_list": staff_list,
            "assessment_filing": assessment,
            "congress_report": report,
            "candidate_registration": {"01": candidate},
        },
    }
    judged = checks.check(material(raw, DAY))
    for finding in judged.findings:
        assert finding.message("zh")
        assert finding.message("en")
    json.dumps([str(finding.at) for finding in judged.findings])


@given(st.randoms(use_true_random=False), ANY_JSON)
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_any_value_anywhere_in_a_valid_dossier_never_raises(chance: random.Random, value: Any) -> None:
    raw = base()
    holder: Any = raw
    key: Any = "dossier" if chance.random() < 0.2 else "records"
    while isinstance(holder[key], dict | list) and holder[key] and (key == "records" or chance.random() < 0.8):
        holder = holder[key]
        key = chance.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
    if not (holder is raw["records"] and key == "candidate_registration"):
        holder[key] = value
        checks.check(material(raw, DAY))


def test_a_record_nested_five_thousand_deep_is_judged() -> None:
    deep: Any = "x"
    for _ in range(5000):
        deep = {"members": deep, "a": []}
    for key in ("dossier", "staff_list", "assessment_filing"):
        raw = base()
        if key == "dossier":
            raw["dossier"] = deep
        else:
            raw["records"][key] = deep
        assert any(line.startswith("S-too-deep") for line in lines(checks.check(material(raw, DAY))))


def test_the_valid_dossier_needs_no_reporter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema_checks, "_clean", None)
    assert lines(checks.check(valid())) == []


def test_of_very_many_fields_that_a_form_does_not_have_the_rest_are_counted() -> None:
    """Each was compared with all that it has: two megabytes of them took twenty seconds."""
    said = [finding.message("zh") for finding in found(staff(**{f"k{number}": 1 for number in range(1000)}))]
    assert len(said) == 201
    assert said[-1] == "“工作人员第 2 项”没有字段 k200，另有 799 个也没有"
