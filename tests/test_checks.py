"""How a dossier is judged: what is withheld, what is folded, in which order it is said, and what happens to a bug."""

import copy
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from formgen import checks, rules
from formgen.errors import RuleCrash
from formgen.findings import Address, Finding, Kind, Outcome, Severity, Text
from formgen.rules.subject import Law, Node, Verdict, failed, passed, unverified
from judging import Material, base, lines, material, valid

DAY = date(2020, 11, 18)
R01 = rules.all_rules()[0]
READING = Kind("I-cell", "cell", Text("读不出", "unreadable"), Text("读不出", "unreadable"))


def with_findings(raw: Any, *addresses: str, severity: Severity = Severity.ERROR) -> Material:
    dossier = material(raw, DAY)
    kind = replace(READING, severity=severity)
    dossier.findings = [Finding(kind, Address.parse(text)) for text in addresses]
    return dossier


def test_the_runs_count_every_outcome_of_every_rule_in_force() -> None:
    runs = {run.rule: run.counts for run in checks.check(valid()).runs}
    assert runs["R14"] == {
        Outcome.PASSED: 4,
        Outcome.FAILED: 0,
        Outcome.NOT_APPLICABLE: 2,
        Outcome.UNVERIFIED: 0,
    }


def test_the_runs_count_on_how_many_records_a_rule_came_to_each_outcome() -> None:
    raw = base()
    candidates = raw["records"]["candidate_registration"]
    first = next(iter(candidates.values()))
    candidates.update({"x1": copy.deepcopy(first), "x2": {}})
    runs = {run.rule: run for run in checks.check(material(raw, DAY)).runs}
    assert runs["R172"].records == {
        Outcome.PASSED: len(candidates) - 1,
        Outcome.FAILED: 1,
        Outcome.NOT_APPLICABLE: 0,
        Outcome.UNVERIFIED: 0,
    }
    assert runs["R14"].counts[Outcome.PASSED] == 4  # members, of one list
    assert runs["R14"].records[Outcome.PASSED] == 1


def test_a_rule_that_yields_nothing_counts_as_not_applicable() -> None:
    def silent(subject: Node, law: Law) -> Iterator[Verdict]:
        yield from ()

    (run,) = checks.check(valid(), rule_set=[replace(R01, function=silent)]).runs
    assert run.counts[Outcome.NOT_APPLICABLE] == 1


def test_findings_are_ordered_by_form_record_rule_and_number() -> None:
    raw = base()
    members = raw["records"]["staff_list"]["members"]
    for _ in range(6):
        members.append({**members[-1], "serial": len(members) + 1, "name": f"新人{len(members)}"})
    raw["records"]["assessment_filing"]["items"]["3a"]["count"] = 12
    for member in members:
        member["political_status"] = "群众"
    del raw["dossier"]["organisation"]["kind"]
    del raw["records"]["assessment_filing"]["items"]["4"]
    said = [str(finding.at) for finding in checks.check(material(raw, DAY)).findings]
    assert said == [
        "dossier:/organisation/kind",
        "assessment_filing:/items/4/conclusion",
        *(f"staff_list:/members/{row}/political_status" for row in range(12)),
    ]


def test_numbers_in_keys_records_and_rules_are_ordered_as_numbers() -> None:
    places = [Address("assessment_filing", ("items", key)) for key in ("2", "3a", "3b", "10")]
    places += [Address("candidate_registration", ("name",), record) for record in ("2", "10", "11")]
    dossier = with_findings(base())
    dossier.findings = [Finding(READING, place) for place in reversed(places)]
    said = [f.at for f in checks.check(dossier, rule_set=()).findings if f.kind.id == READING.id]
    assert said == places
    kinds = [replace(READING, id=id_) for id_ in ("R100", "R21", "R3")]
    dossier.findings = [Finding(kind, Address("dossier")) for kind in kinds]
    found = [f.kind.id for f in checks.check(dossier, rule_set=()).findings]
    assert [id_ for id_ in found if id_[0] == "R"] == ["R3", "R21", "R100"]


def test_a_number_too_long_to_be_one_is_ordered_all_the_same() -> None:
    keys = ["1" * 5000, "9" * 4999, "0" * 5000]
    dossier = with_findings(base())
    dossier.findings = [Finding(READING, Address("assessment_filing", ("items", key))) for key in keys]
    found = [f.at.pointer[1] for f in checks.check(dossier, rule_set=()).findings if f.kind.id == READING.id]
    assert found == [keys[2], keys[1], keys[0]]


def test_a_rule_that_raises_is_our_fault_and_shows_no_data() -> None:
    def broken(subject: Node, law: Law) -> Iterator[Verdict]:
        raise ValueError(subject.value)
        yield

    with pytest.raises(RuleCrash) as crash:
        checks.check(valid(), rule_set=[replace(R01, function=broken)])
    assert "R01" in crash.value.sentence("zh")
    assert crash.value.place == "staff_list:/"
    assert "安可" not in crash.value.sentence("zh") + crash.value.sentence("en")


@pytest.mark.parametrize(
    "verdict",
    [
        failed(Address("staff_list"), count=1),
        failed(Address("staff_list"), count=1, limit=2, more=3),
        unverified(Address("staff_list"), limit=2),
        failed(Address("staff_list"), wording="no_such", count=1, limit=2),
    ],
)
def test_a_verdict_whose_values_are_not_its_sentences_fields_is_our_fault(verdict: Verdict) -> None:
    rule = replace(R01, function=lambda subject, law: iter([verdict]))
    with pytest.raises(RuleCrash, match="R01"):
        checks.check(valid(), rule_set=[rule])


def test_an_unverified_verdict_needs_a_sentence_of_what_is_missing() -> None:
    rule = replace(R01, kind=replace(R01.kind, missing=None))
    rule = replace(rule, function=lambda subject, law: iter([unverified(subject.address, count=1, limit=2)]))
    with pytest.raises(RuleCrash, match="R01"):
        checks.check(valid(), rule_set=[rule])


def test_what_was_said_before_something_unreadable_stands() -> None:
    def half(subject: Node, law: Law) -> Iterator[Verdict]:
        yield passed(subject.address)
        subject.get("members", "x")
        subject.dossier.filing.get("campuses")

    raw = base()
    raw["dossier"]["campuses"] = "两个"
    (run,) = checks.check(material(raw, DAY), rule_set=[replace(R01, function=half)]).runs
    assert (run.counts[Outcome.PASSED], run.counts[Outcome.UNVERIFIED]) == (1, 1)


def test_a_rule_that_asks_for_a_single_value_where_a_list_stands_is_our_fault() -> None:
    rule = replace(R01, function=lambda subject, law: iter([passed(subject.get("members"))]))
    with pytest.raises(RuleCrash, match="R01"):
        checks.check(valid(), rule_set=[rule])


def test_a_cause_that_is_no_finding_is_left_out() -> None:
    def lonely(subject: Node, law: Law) -> Iterator[Verdict]:
        yield unverified(subject.at("members"), cause=subject.dossier.filing.at("campuses"), count=1, limit=2)

    (finding,) = checks.check(valid(), rule_set=[replace(R01, function=lonely)]).findings
    assert finding.cause is None


def test_a_cell_that_could_not_be_read_is_not_called_blank() -> None:
    raw = base()
    del raw["records"]["staff_list"]["members"][1]["rank"]
    said = lines(checks.check(with_findings(raw, "staff_list:/members/1/rank")))
    assert said == [
        "I-cell failed staff_list:/members/1/rank",
        "R11 unverified staff_list:/members/1 < staff_list:/members/1/rank",
        "R14 unverified staff_list:/members/1 < staff_list:/members/1/rank",
    ]


def test_a_cell_that_was_read_with_a_remark_is_judged() -> None:
    said = lines(checks.check(with_findings(base(), "staff_list:/members/1/rank", severity=Severity.WARNING)))
    assert said == ["I-cell failed staff_list:/members/1/rank"]


def test_a_missing_column_is_one_cause_for_every_row() -> None:
    raw = base()
    for member in raw["records"]["staff_list"]["members"]:
        del member["failed_course"]
    report = checks.check(with_findings(raw, "staff_list:/members/failed_course"))
    assert [str(finding.at) for finding in report.findings if finding.cause is None] == [
        "staff_list:/members/failed_course"
    ]
    assert [finding.kind.id for finding in report.findings if finding.cause] == ["R12"] * 5 + ["R13"]


def test_what_reading_said_of_a_value_the_schema_does_not_say_again() -> None:
    raw = base()
    raw["records"]["staff_list"]["members"][1]["rank"] = "3月15日"
    said = lines(checks.check(with_findings(raw, "staff_list:/members/1/rank")))
    assert said == [
        "I-cell failed staff_list:/members/1/rank",
        "R11 unverified staff_list:/members/1 < staff_list:/members/1/rank",
        "R14 unverified staff_list:/members/1 < staff_list:/members/1/rank",
    ]


def test_a_file_that_could_not_be_read_is_not_called_missing() -> None:
    raw = base()
    del raw["records"]["staff_list"]
    report = checks.check(with_findings(raw, "staff_list:/", "staff_list:/members/grade"))
    assert {str(finding.cause) for finding in report.findings if finding.kind.id[0] == "R"} == {"staff_list:/"}
    assert {finding.kind.id for finding in report.findings if finding.cause is not None} >= {"R01", "R10", "R15", "R17"}


def test_a_dossier_file_that_could_not_be_read_is_one_finding() -> None:
    raw = base()
    raw["dossier"] = {}
    report = checks.check(with_findings(raw, "dossier:/"))
    assert [str(finding.at) for finding in report.findings if finding.cause is None] == ["dossier:/"]
    assert not any(finding.kind.id.startswith("S-") for finding in report.findings)


def test_a_remark_on_the_whole_file_withholds_nothing() -> None:
    said = lines(checks.check(with_findings(base(), "staff_list:/", "staff_list:/members/9/name", "staff_list:/x/y/z")))
    assert [line.split()[0] for line in said] == ["I-cell"] * 3


def test_no_record_at_all_is_judged() -> None:
    report = checks.check(
        Material({"organisation": {"name": "某校", "kind": "学生会"}, "filing_date": "2020-11-18"}, {}, DAY)
    )
    assert lines(report) == ["R173 failed dossier:/"]


def test_the_stage_issue_runs_the_rules_of_filling_too() -> None:
    filled = {run.rule for run in checks.check(valid()).runs}
    assert filled < {run.rule for run in checks.check(valid(), stage="issue").runs}


def test_a_day_before_all_rules_stops_issuing_whatever_the_waivers(tmp_path: Path) -> None:
    dossier = valid(date(2018, 1, 1))
    dossier.waivers_file = tmp_path / "waivers.toml"
    dossier.waivers_file.write_text("", "utf-8")
    report = checks.check(dossier)
    (finding,) = [finding for finding in report.findings if finding.kind.id == "C-no-law"]
    assert report.stops
    assert "2018-01-01 没有施行的规定" in finding.message("zh")
    assert "2019-10-01" in finding.message("en")
    assert not any(f.kind.id == "C-no-law" for f in checks.check(valid(date(2019, 10, 1))).findings)
