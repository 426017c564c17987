"""What judging says of the two dossiers that come with formgen: the published one, and the invented clean one."""

from collections import Counter
from pathlib import Path

import pytest

from formgen import checks, dossier
from formgen.checks import Report
from formgen.findings import Finding, Outcome

INPUTS = Path(__file__).parents[1] / "inputs"


@pytest.fixture(scope="module")
def published() -> Report:
    return checks.check(dossier.load(INPUTS / "lzmvc-2020"))


def unfolded(report: Report) -> list[Finding]:
    return [finding for finding in report.findings if finding.cause is None]


def test_the_published_dossier_has_just_these_findings(published: Report) -> None:
    assert [f"{finding.kind.id} {finding.outcome} {finding.at}" for finding in unfolded(published)] == [
        "R02 unverified dossier:/staff_limit_reason",
        "R15 unverified dossier:/filing_date",
        "R16 unverified dossier:/ranking",
        "R81 failed dossier:/organisation/kind",
        "R10 failed staff_list:/members/40/political_status",
        "R14 failed staff_list:/members/25/rank",
        "R85 failed staff_list:/members/39/political_status",
    ]
    assert published.stops


def test_the_people_and_numbers_of_the_published_dossier_are_named(published: Report) -> None:
    said = {finding.kind.id: finding.message() for finding in unfolded(published)}
    assert "程子敏（序号 26，2019 级）" in said["R14"]
    assert "焦志涛（序号 41）的政治面貌是“入党积极分子”" in said["R10"]
    assert "曹玉聪（序号 40）的政治面貌写作“党员”" in said["R85"]
    assert "工作人员 59 人超过 40 人" in said["R02"]
    assert "20 人的排名（3、5、15）" in said["R16"]


def test_what_follows_from_another_finding_is_folded_under_it(published: Report) -> None:
    folded = Counter(
        (finding.kind.id, str(finding.cause)) for finding in published.findings if finding.cause is not None
    )
    assert folded == {
        ("R01", "dossier:/staff_limit_reason"): 1,
        ("R11", "dossier:/ranking"): 20,
        ("R11", "staff_list:/members/25/rank"): 1,
    }


@pytest.mark.parametrize(
    ("rule", "passed"),
    [("R03", 1), ("R04", 1), ("R12", 59), ("R17", 3), ("R18", 1), ("R40", 1), ("R46", 1), ("R80", 17), ("R82", 4)],
)
def test_what_is_right_in_the_published_dossier_passes(published: Report, rule: str, passed: int) -> None:
    counts = {run.rule: run.counts for run in published.runs}[rule]
    assert counts[Outcome.PASSED] == passed
    assert counts[Outcome.FAILED] == counts[Outcome.UNVERIFIED] == 0


def test_the_invented_dossier_has_no_finding_at_all() -> None:
    report = checks.check(dossier.load(INPUTS / "demo-2020"))
    assert report.findings == ()
    silent = {run.rule for run in report.runs if not any(run.counts.values())}
    assert silent == set()
