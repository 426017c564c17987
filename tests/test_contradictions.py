"""Every contradiction of the published dossier is found at its place, and nothing that is right is flagged."""

from typing import Any

import pytest

from contradictions import CONTRADICTIONS, CONTROLS, PAGE, by_place, counts, published, render
from formgen.checks import Report
from formgen.dossier import Dossier
from formgen.findings import Outcome

LEAST = 35


@pytest.fixture(scope="module")
def judged() -> tuple[Dossier, Report]:
    return published()


def test_all_forty_seven_are_listed() -> None:
    assert list(CONTRADICTIONS) == [f"C{number:02}" for number in range(1, 48)]


@pytest.mark.parametrize("number", CONTRADICTIONS)
def test_a_contradiction_is_found_where_the_mapping_says(number: str, judged: tuple[Dossier, Report]) -> None:
    entry, there = CONTRADICTIONS[number], by_place(judged[1])
    assert [line for line in entry["found"] if line not in there] == []
    assert entry["found"] or entry["beyond"]


def test_at_least_thirty_five_are_found(judged: tuple[Dossier, Report]) -> None:
    there = by_place(judged[1])
    assert sum(counts(entry, there) for entry in CONTRADICTIONS.values()) >= LEAST


def test_what_is_only_unverified_says_why(judged: tuple[Dossier, Report]) -> None:
    there = by_place(judged[1])
    assert all(counts(entry, there) or entry["beyond"] for entry in CONTRADICTIONS.values())


def test_one_place_of_a_rule_stands_for_one_contradiction_only() -> None:
    claimed = [line for entry in CONTRADICTIONS.values() for line in entry["found"]]
    assert sorted(set(claimed)) == sorted(claimed)


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control["what"])
def test_what_is_right_is_not_flagged(control: dict[str, Any], judged: tuple[Dossier, Report]) -> None:
    assert control.keys() - {"what"}
    report = judged[1]
    counts = {run.rule: run.counts for run in report.runs}
    for rule in control.get("passes", ()):
        assert counts[rule][Outcome.PASSED] > 0
        assert counts[rule][Outcome.FAILED] == counts[rule][Outcome.UNVERIFIED] == 0
    for line in control.get("only", ()):
        rule = line.split()[0]
        assert [place for place in by_place(report) if place.split()[0] == rule] == [line]
    flagged = [str(finding.at) for finding in report.findings]
    for place in control.get("free", ()):
        assert not any(address.startswith(place) for address in flagged)


def test_the_page_is_current(judged: tuple[Dossier, Report]) -> None:
    assert PAGE.read_text("utf-8") == render(*judged), "run: python tests/contradictions.py"
