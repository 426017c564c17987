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
        "R42 unverified dossier:/enrolment/total",
        "R81 failed dossier:/organisation/kind",
        "R173 failed dossier:/",
        "R45 unverified assessment_filing:/items/10/conclusion",
        "R61 unverified assessment_filing:/items/12/conclusion",
        "R130 unverified assessment_filing:/items/8/conclusion",
        "R133 failed assessment_filing:/filled_by",
        "R159 failed assessment_filing:/items/7/wording",
        "R159 failed assessment_filing:/items/11/wording",
        "R07 failed charter:/statements/permanent_units/0",
        "R09 unverified charter:/statements/duties",
        "R22 failed charter:/statements/presidium_elected_by/0",
        "R50 failed charter:/statements/standing_body/2",
        "R84 failed charter:/statements/cited_documents/6/title",
        "R87 failed charter:/statements/appraisal_board/0",
        "R87 failed charter:/statements/candidates_submitted_for/0",
        "R87 failed charter:/statements/committee_formed_by/0",
        "R87 failed charter:/statements/delegate_unit/0",
        "R87 failed charter:/statements/election_majority/0",
        "R88 failed charter:/statements/congress_organiser/0",
        "R88 failed charter:/statements/leadership/0",
        "R88 failed charter:/statements/relations/0",
        "R88 failed charter:/statements/relations/3",
        "R88 failed charter:/statements/standing_body/0",
        "R89 failed charter:/statements/terms/0",
        "R89 failed charter:/statements/terms/2",
        "R89 failed charter:/statements/terms/4",
        "R89 failed charter:/statements/terms/6",
        "R89 failed charter:/statements/terms/8",
        "R90 failed charter:/statements/committee_formed_by/1",
        "R91 failed charter:/statements/ballot/0",
        "R92 failed charter:/statements/quorum/0",
        "R93 failed charter:/statements/seats_may_shrink/0",
        "R95 failed charter:/statements/congress_ordinal/0",
        "R96 failed charter:/statements/nominee_grades/0",
        "R98 failed charter:/statements/nominated_by/1",
        "R99 failed charter:/statements/candidate_approval/0",
        "R100 failed charter:/statements/department_members_decided_by/0",
        "R101 failed charter:/statements/departments/0",
        "R102 failed charter:/statements/departments/0",
        "R103 failed charter:/statements/leadership/0",
        "R104 failed charter:/statements/interpreted_by/0",
        "R109 failed charter:/statements/delegates_nominated_by/0",
        "R111 failed charter:/statements/delegate_allocation/1",
        "R111 failed charter:/statements/delegate_levels/0",
        "R112 unverified charter:/statements/delegate_allocation/0",
        "R114 failed charter:/statements/appraisal_period/0",
        "R120 failed charter:/statements/passages/0/quote",
        "R120 failed charter:/statements/passages/3/quote",
        "R120 failed charter:/statements/passages/4/quote",
        "R121 failed charter:/outline/0/level",
        "R121 failed charter:/outline/1/level",
        "R121 failed charter:/outline/25/label",
        "R122 failed charter:/statements/department_heads_decided_by/0/clause",
        "R122 failed charter:/statements/presidium_elected_by/2/clause",
        "R43 unverified congress_report:/delegate_total",
        "R44 unverified congress_report:/delegate_total",
        "R51 failed congress_report:/agenda",
        "R127 failed congress_report:/photos",
        "R71 unverified responsible_persons:/party_meetings",
        "R134 unverified responsible_persons:/study_sessions",
        "R10 failed staff_list:/members/40/political_status",
        "R14 failed staff_list:/members/25/rank",
        "R85 failed staff_list:/members/39/political_status",
        "R97 failed staff_list:/members/2/grade",
        "R97 failed staff_list:/members/3/grade",
        "R97 failed staff_list:/members/4/grade",
        "R153 failed staff_list:/members/0/role",
        "R153 failed staff_list:/members/8/role",
        "R155 failed staff_list:/members/0/experience",
        "R156 failed staff_list:/members/56/department",
        "R157 failed staff_list:/members/15/role",
        "R157 failed staff_list:/members/51/role",
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
        ("R158", "staff_list:/members/39/political_status"): 1,
        ("R65", "assessment_filing:/items/12/conclusion"): 1,
    }


@pytest.mark.parametrize(
    ("rule", "passed"),
    [
        ("R03", 1),
        ("R04", 1),
        ("R12", 59),
        ("R17", 3),
        ("R18", 1),
        ("R40", 1),
        ("R46", 1),
        ("R70", 2),
        ("R80", 17),
        ("R82", 4),
    ],
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
