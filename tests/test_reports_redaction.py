"""Reports that may leave the office hold no name and no other personal value, in no format."""

import dataclasses
import itertools
import json
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import formgen
import judging
from formgen import forms, rules, waivers
from formgen.checks import Report, check
from formgen.delivery import Delivery
from formgen.dossier import Dossier
from formgen.errors import UsageError
from formgen.findings import Address, Finding, Kind, Outcome, Severity, Text
from formgen.intake import kinds, table_kinds
from formgen.record import CellOrigins, Origin, Record
from formgen.records import Records
from formgen.reports import rendering, text
from formgen.reports.redaction import WITHHELD, Redactor
from formgen.reports.rendering import Format

INPUTS = Path(__file__).parent.parent / "inputs"
FORMATS = [Format.TEXT, Format.JSON, Format.SARIF, Format.HTML]
MEMBERS = Address("staff_list", ("members",))


def personal(value: Any, schema: Any, inside: bool = False) -> Iterator[Any]:
    """Every single value that the schema calls sensitive; told apart here without the code that is tested."""
    inside = inside or "x-sensitive" in schema
    if isinstance(value, dict):
        for key, child in value.items():
            yield from personal(child, schema.get("properties", {}).get(key, {}), inside)
    elif isinstance(value, list):
        for child in value:
            yield from personal(child, schema.get("items", {}), inside)
    elif inside:
        yield value


def personal_in(dossier: Dossier) -> set[str]:
    found: set[str] = set()
    for form, records in dossier.records.items():
        schema = forms.catalogue().edition(form, dossier.as_of).schema
        for record in records:
            found.update(value for value in personal(record.values, schema) if isinstance(value, str))
    return found


@cache
def said_by_rules() -> str:
    kinds = [rule.kind for rule in rules.all_rules()]
    schemas = [edition.schema for editions in forms.catalogue().values() for edition in editions]
    return repr(kinds) + json.dumps(schemas, ensure_ascii=False)


@cache
def is_said_by_rules(value: str) -> bool:
    return value in said_by_rules()


def said_anyway(dossier: Dossier) -> str:
    """What a report says whatever the data: sentences of rules, headings of forms, the school's own name."""
    return said_by_rules() + json.dumps(dossier.values.get("organisation"), ensure_ascii=False)


def printed(output: Format, dossier: Dossier, report: Report, lang: str = "zh", redact: bool = True) -> str:
    if output is not Format.TEXT:
        return rendering.document(output, [(dossier, report, None)], (), lang, redact=redact, explain=True)
    judged = rendering.redacted((dossier, report, None), lang) if redact else (dossier, report, None)
    return "\n".join(line.text for line in text.lines(judged[0], judged[1], lang))


def of_material(material: judging.Material) -> Dossier:
    return Dossier(
        Path("x"), "x", material.values, judging.ORIGINS, material.records, material.as_of, "", (), {},
    )  # fmt: skip


def marked(dossier: Dossier) -> tuple[Dossier, list[str]]:
    """The dossier with a mark of its own in place of every personal value, and the marks."""
    numbers = itertools.count(70001)
    marks: list[str] = []

    def mark(value: Any, schema: Any, inside: bool = False) -> Any:
        inside = inside or "x-sensitive" in schema
        if isinstance(value, dict):
            return {k: mark(v, schema.get("properties", {}).get(k, {}), inside) for k, v in value.items()}
        if isinstance(value, list):
            return [mark(item, schema.get("items", {}), inside) for item in value]
        if not inside or isinstance(value, bool) or "enum" in schema:
            return value
        number = next(numbers)
        marks.append(str(number))
        return number if isinstance(value, int) else f"某{number}"

    records = {
        form: found.changed(lambda each: mark(each.values, forms.catalogue().edition(each.form, dossier.as_of).schema))
        for form, found in dossier.records.items()
    }
    return dataclasses.replace(dossier, records=records), marks


# --- nothing personal in any report ----------------------------------------------------------------------------------


@pytest.mark.parametrize("output", FORMATS)
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", ["lzmvc-2020", "demo-2020"])
def test_a_redacted_report_holds_no_personal_value_of_the_dossier(name: str, lang: str, output: Format) -> None:
    dossier = formgen.load(INPUTS / name)
    names = personal_in(dossier)
    anyway = said_anyway(dossier)
    searched = {value for value in names if len(value) > 1 and not value.isdecimal() and value not in anyway}
    members = dossier.records["staff_list"][0].values["members"]
    assert {member["name"] for member in members} <= searched
    shown = printed(output, dossier, check(dossier), lang)
    assert [value for value in sorted(searched) if value in shown] == []


@pytest.mark.parametrize("output", FORMATS)
@pytest.mark.parametrize("name", ["lzmvc-2020", "demo-2020"])
def test_no_personal_value_shows_whatever_it_is(name: str, output: Format) -> None:
    dossier, marks = marked(formgen.load(INPUTS / name))
    report = check(dossier)
    assert len(marks) > 100
    plain = printed(output, dossier, report, redact=False)
    assert any(mark in plain for mark in marks)  # or the search below would find nothing in any case
    shown = printed(output, dossier, report)
    assert [mark for mark in marks if mark in shown] == []


def test_no_case_of_any_rule_tells_a_name() -> None:
    told = 0
    for case in judging.cases():
        material = case.material()
        dossier = of_material(material)
        report = check(material)
        names = {value for value in personal_in(dossier) if len(value) > 1 and not value.isascii()}
        names = {value for value in names if not is_said_by_rules(value)}
        plain = printed(Format.TEXT, dossier, report, redact=False)
        told += any(name in plain for name in names)
        shown = printed(Format.TEXT, dossier, report)
        assert [name for name in sorted(names) if name in shown] == [], str(case)
    assert told > 10


def test_redacting_changes_neither_how_many_findings_there_are_nor_where() -> None:
    dossier = formgen.load(INPUTS / "lzmvc-2020")
    report = check(dossier)
    redactor = Redactor(dossier)
    shown, said = redactor.dossier(), redactor.report(report)
    assert [(f.kind.id, f.at, f.outcome) for f in said.findings] == [
        (f.kind.id, f.at, f.outcome) for f in report.findings
    ]
    places = [(dossier.origin(finding.at), shown.origin(finding.at)) for finding in report.findings]
    assert all((old.file, old.cell, old.line) == (new.file, new.cell, new.line) for old, new in places)
    assert said.stops is report.stops


# --- what stands in its place ----------------------------------------------------------------------------------------


def staff(*members: Any, **more: Any) -> Dossier:
    keys = ("name", "political_status", "rank", "failed_course")
    cells = {
        ("members", row, key): Origin("名单.xlsx", "表1", f"{'BCDE'[place]}{row + 3}", text=f"原文{row}{key}")
        for row in range(len(members))
        for place, key in enumerate(keys)
    }
    record = Record("staff_list", {"members": list(members)}, CellOrigins(Origin("名单.xlsx", "表1"), cells))
    values = {"organisation": {"name": "某市大学"}}
    dossier = Dossier(
        Path("x"), "x", values, CellOrigins(Origin("dossier.json")), {"staff_list": Records([record])},
        date(2020, 12, 4), "", (), {},
    )  # fmt: skip
    return dataclasses.replace(dossier, **more)


def said(at: Address, id: str = "R10", **values: Any) -> Finding:
    return Finding(Kind(id, "bad", Text("题", "t"), Text("", "")), at, values)


def values_of(dossier: Dossier, finding: Finding, lang: str = "zh") -> dict[str, Any]:
    return dict(Redactor(dossier, lang).finding(finding).values)


@pytest.mark.parametrize(("lang", "expected"), [("zh", "〔序号 7·B3〕"), ("en", "〔no. 7·B3〕")])
def test_a_name_becomes_serial_number_and_cell(lang: str, expected: str) -> None:
    dossier = staff({"serial": 7, "name": "王小明"})
    assert values_of(dossier, said(MEMBERS / 0, name="王小明", serial=7), lang) == {"name": expected, "serial": 7}
    assert Redactor(dossier, lang).text("推荐王小明、李四") == f"推荐{expected}、李四"


def test_a_name_in_a_json_file_becomes_file_and_line() -> None:
    record = Record("candidate_registration", {"name": "王小明"}, CellOrigins(Origin("a.json", line=3)), "01")
    dossier = staff(records={"candidate_registration": Records([record])})
    assert Redactor(dossier).text("王小明") == "〔a.json 第 3 行〕"
    whole = Record("candidate_registration", {"name": "王小明"}, CellOrigins(Origin("a.json")), "01")
    assert Redactor(staff(records={"candidate_registration": Records([whole])})).text("王小明") == "〔a.json〕"


def test_of_two_people_of_one_name_the_one_of_the_row_is_meant() -> None:
    dossier = staff({"serial": 1, "name": "王小明"}, {"serial": 2, "name": "王小明"})
    assert values_of(dossier, said(MEMBERS / 1, name="王小明"))["name"] == "〔序号 2·B4〕"
    assert values_of(dossier, said(MEMBERS, name="王小明"))["name"] == "〔序号 1·B3〕"


def test_the_longer_of_two_names_is_replaced_as_a_whole() -> None:
    dossier = staff({"serial": 1, "name": "王小"}, {"serial": 2, "name": "王小明"})
    assert Redactor(dossier).text("王小明、王小") == "〔序号 2·B4〕、〔序号 1·B3〕"


def test_a_plain_value_is_withheld_where_the_rule_reads_its_field_and_nowhere_else() -> None:
    dossier = staff({"serial": 3, "name": "王小明", "political_status": "共青团员", "rank": {"text": "3", "value": 3}})
    at = MEMBERS / 0 / "political_status"
    assert values_of(dossier, said(at, status="共青团员", rows="3 某人")) == {"status": "〔略〕", "rows": "3 某人"}
    assert values_of(dossier, said(at, "R11", rank="3", examples="3、5", serial=3, limit=30, other=3)) == {
        "rank": "〔略〕", "examples": "〔略〕、5", "serial": 3, "limit": 30, "other": "〔略〕",
    }  # fmt: skip
    assert values_of(dossier, said(at, "R40", status="共青团员")) == {"status": "共青团员"}


def test_what_a_cell_holds_is_withheld_when_it_cannot_be_read() -> None:
    dossier = staff({"serial": 1})
    found = Finding(table_kinds.DATE_CELL, MEMBERS / 0 / "rank", {"title": "排名", "text": "2020-03-15"})
    assert values_of(dossier, found) == {"title": "排名", "text": "〔略〕"}
    column = Finding(table_kinds.ERROR_CELL, MEMBERS / "name", {"title": "姓名", "text": "#N/A"})
    assert values_of(dossier, column)["text"] == "〔略〕"
    open_ = Finding(table_kinds.ERROR_CELL, MEMBERS / 0 / "grade", {"title": "年级", "text": "#N/A"})
    assert values_of(dossier, open_)["text"] == "#N/A"
    filing = Finding(table_kinds.ERROR_CELL, Address("dossier", ("filing_date",)), {"title": "日期", "text": "x"})
    assert values_of(dossier, filing)["text"] == "x"


def test_a_name_where_no_name_belongs_is_personal_too() -> None:
    dossier = staff("王小明", ["张大山"], {"昵称": "李小花", "remark": {"x": "赵小草"}, "name": {"x": "钱多多"}})
    shown = Redactor(dossier).dossier().records["staff_list"][0].values
    texts = json.dumps(shown, ensure_ascii=False)
    assert [name for name in ("王小明", "张大山", "李小花", "赵小草", "钱多多") if name in texts] == []
    value = Finding(Kind("S-type", "x", Text("", ""), Text("", "")), MEMBERS / 0, {"value": "王小明", "field": "x"})
    assert values_of(dossier, value) == {"value": "〔略〕", "field": "x"}


def test_digests_addresses_and_groups_of_values_are_redacted_as_well() -> None:
    dossier = staff({"serial": 1, "name": "王小明"})
    found = said(
        MEMBERS, digest="sha256:" + "0" * 64, place="candidate_registration#王小明:/name",
        word="note:", names=["王小明", 5], group={"王小明": ("王小明",)}, sure=True, share=None,
    )  # fmt: skip
    assert values_of(dossier, found) == {
        "digest": "〔略〕", "place": "candidate_registration#〔略〕:/name", "word": "note:",
        "names": ["〔序号 1·B3〕", 5], "group": {"〔序号 1·B3〕": ["〔序号 1·B3〕"]}, "sure": True, "share": None,
    }  # fmt: skip


def test_a_school_whose_name_holds_a_native_place_keeps_its_name() -> None:
    record = Record("candidate_registration", {"native_place": "某市"}, CellOrigins(Origin("a.json")), "01")
    assert Redactor(staff(records={"candidate_registration": Records([record])})).text("某市大学") == "某市大学"


def test_files_and_records_that_bear_a_name_are_numbered() -> None:
    origins = CellOrigins(Origin("candidate_registration/王小明.json", line=1))
    record = Record("candidate_registration", {"college": "文学院", "awards": "王二获奖"}, origins, "王小明")
    other = Record("candidate_registration", {"name": "王二"}, CellOrigins(Origin("b.json")), "02")
    at = Address("candidate_registration", (), "王小明")
    unread = Finding(kinds.FORMAT, Address("candidate_registration", (), "李四"))
    place = Origin("candidate_registration/李四.docx", "王二", text="王二")
    dossier = staff(
        records={"candidate_registration": Records([record, other])}, findings=(unread,), places={unread.at: place},
    )  # fmt: skip
    redactor = Redactor(dossier)
    shown = redactor.dossier()
    assert [each.id for each in shown.records["candidate_registration"]] == ["n3", "02"]
    found = redactor.finding(said(at)._replace(cause=at, also=(at,), waived="王二已说明"))
    assert {str(each) for each in (found.at, found.cause, *found.also)} == {"candidate_registration#n3:/"}
    assert found.waived == "〔b.json〕已说明"
    assert str(shown.origin(found.at)) == "candidate_registration/n3.json:1"
    assert shown.record_at(found.at).values["awards"] == "〔b.json〕获奖"  # type: ignore[union-attr]
    where = shown.origin(redactor.address(unread.at))
    assert (where.file, where.sheet, where.text) == ("candidate_registration/n2.docx", "〔b.json〕", None)


def test_the_names_of_written_files_are_redacted() -> None:
    dossier = staff({"serial": 1, "name": "王小明"})
    shown = Redactor(dossier).delivery(Delivery(Path("out"), ("王小明.docx",), ("王小明",), ("王小明",), ("王小明",)))
    assert shown == Delivery(
        Path("out"), ("〔序号 1·B3〕.docx",), ("〔序号 1·B3〕",), ("〔序号 1·B3〕",), ("〔序号 1·B3〕",)
    )


def test_why_a_dossier_was_refused_is_left_out() -> None:
    refused = [("x", UsageError(Text("王小明.json 重名", "twice"), place="王小明"))]
    for output in (Format.JSON, Format.SARIF, Format.HTML):
        whole = rendering.document(output, [], refused, "zh", redact=True)
        assert "王小明" not in whole
        assert "没有核对" in whole
    assert json.loads(rendering.document(Format.JSON, [], refused, redact=True))["refused"][0]["exit_code"] == 2


def test_sarif_and_html_are_redacted_unless_told_otherwise() -> None:
    assert [output.redacts(None) for output in FORMATS] == [False, False, True, True]
    assert [output.redacts(False) for output in FORMATS] == [False] * 4
    assert [output.redacts(True) for output in FORMATS] == [True] * 4


def test_only_a_short_value_is_left_where_it_is_part_of_a_word() -> None:
    dossier = staff({"serial": 1, "name": "王", "rank": {"text": "前15%"}})
    assert Redactor(dossier).text("王国") == "王国"
    assert values_of(dossier, said(MEMBERS / 0, name="王", names="1 王、2 王国")) == {
        "name": WITHHELD.zh, "names": f"1 {WITHHELD.zh}、2 王国",
    }  # fmt: skip


def test_a_waived_finding_stays_one() -> None:
    dossier = staff({"serial": 1, "name": "王小明"})
    found = Finding(waivers.STALE, Address("dossier"), {"number": 1}, Outcome.FAILED, waived="批文")
    assert Redactor(dossier).finding(found).waived == "批文"
    assert found.kind.severity is Severity.ERROR
