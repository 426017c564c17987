"""How the delegates were found: enough of them, of each unit its share, from enough candidates."""

from collections.abc import Iterator
from datetime import date

from formgen.findings import Address, Severity, Text
from formgen.rules import rule
from formgen.rules.common import claimed
from formgen.rules.delegates.reading import TOTAL_READS, total_of, total_of_delegations, unit_name
from formgen.rules.subject import Law, Node, Verdict, View, failed, not_applicable, passed, unverified
from formgen.tally import candidates_needed, is_proportional

_SINCE = date(2019, 10, 1)
_METHOD = "校级学生代表大会代表产生办法"


@rule(
    "R42",
    name="too-few-delegates",
    title=Text("代表人数不足会员的百分之一", "Too few delegates"),
    message=Text(
        "代表 {total} 名，不足会员 {members} 人的 {percent}%",
        "{total} delegates are less than {percent} % of {members} members",
    ),
    missing=Text(
        "代表 {total} 名，是否达到会员的 {percent}% 无法核对：请在 delegates.json 填 total_members（会员总数），"
        "或在 dossier.json 填 enrolment.total（在校生总数）",
        "{total} delegates: whether they are {percent} % of the members cannot be checked: give total_members in"
        " delegates.json, or enrolment.total in dossier.json",
    ),
    hint=Text("核对会员总数和代表总数", "Check the number of members and that of delegates"),
    basis=("各校公布的代表产生办法：代表名额不低于学生总数的 1%（全国文件的原文没有见到）",),
    each="dossier:",
    reads=(
        *TOTAL_READS,
        "delegates:/total_members",
        "dossier:/enrolment/total",
        "dossier:/enrolment/postgraduate",
        "dossier:/organisation/kind",
    ),
    effective_from=_SINCE,
)
def too_few_delegates(subject: Node, law: Law) -> Iterator[Verdict]:
    """The delegates are at least one per cent of the members."""
    total, percent = total_of(subject.dossier), law.value("delegates.member_percent")
    if total is None:
        yield not_applicable(subject.address)  # R46 asks for it
        return
    count, at = total
    members = _members(subject)
    if members is None:
        yield unverified(subject.at("enrolment", "total"), also=(at,), total=count, percent=percent)
    elif count * 100 >= members[0] * percent:
        yield passed(at)
    else:
        yield failed(at, also=(members[1],), total=count, percent=percent, members=members[0])


def _members(dossier: Node) -> tuple[int, Address] | None:
    """How many members the organisation has: as stated, else the students of its kind."""
    delegates = dossier.dossier.record("delegates")
    if delegates is not None and delegates.get("total_members") is not None:
        return delegates.get("total_members"), delegates.at("total_members")
    enrolled, postgraduate = (dossier.get("enrolment", key) for key in ("total", "postgraduate"))
    if dossier.get("organisation", "kind") == "研究生会":
        return None if postgraduate is None else (postgraduate, dossier.at("enrolment", "postgraduate"))
    return None if enrolled is None else (enrolled - (postgraduate or 0), dossier.at("enrolment", "total"))


@rule(
    "R44",
    name="too-few-delegate-candidates",
    title=Text("代表候选人的差额不足", "Too few candidates for delegate"),
    message=Text(
        "{unit}：代表名额 {quota}，候选人 {candidates}，至少须 {needed} 名（多 {percent}%）",
        "{unit}: {candidates} candidates for {quota} delegates, at least {needed} are needed ({percent} % more)",
    ),
    missing=Text(
        "各选举单位的代表候选人数没有给出，按多 {percent}% 合计至少须 {needed} 名："
        "请在 delegates.json 的 units 填 quota 和 candidates",
        "The candidates of each unit are not given; with {percent} % more there must be {needed} in all: give quota"
        " and candidates of units in delegates.json",
    ),
    hint=Text("差额按每个选举单位计算，不足一人的按一人计", "The surplus is for each unit, rounded up"),
    basis=(f"{_METHOD}第三部分（一）：“按照多于代表名额 20% 的要求”",),
    each="dossier:",
    reads=(
        *TOTAL_READS,
        "congress_report:/delegations/*/count",
        "delegates:/units/*/college",
        "delegates:/units/*/quota",
        "delegates:/units/*/candidates",
    ),
    effective_from=_SINCE,
)
def too_few_delegate_candidates(subject: Node, law: Law) -> Iterator[Verdict]:
    """Each electing unit has a fifth more candidates than delegates, rounded up."""
    percent = law.value("delegates.surplus_percent")
    delegates = subject.dossier.record("delegates")
    if delegates is None or delegates.size("units") == 0:
        total = total_of(subject.dossier)
        if total is not None:
            yield unverified(total[1], percent=percent, needed=_needed(subject.dossier, total[0], percent))
        return
    for unit in delegates.each("units"):
        quota, candidates = unit.get("quota"), unit.get("candidates")
        if quota is None or candidates is None:
            needed = 0 if quota is None else candidates_needed(quota, percent)
            yield unverified(unit.address, percent=percent, needed=needed)
        elif candidates >= candidates_needed(quota, percent):
            yield passed(unit.at("candidates"))
        else:
            said = {"unit": unit_name(unit), "quota": quota, "candidates": candidates, "percent": percent}
            yield failed(unit.at("candidates"), needed=candidates_needed(quota, percent), **said)


def _needed(dossier: View, total: int, percent: int) -> int:
    """How many candidates all delegations must have had together; of the whole where no delegations are given."""
    report = dossier.record("congress_report")
    counts = [] if report is None else [delegation.get("count") for delegation in report.each("delegations")]
    if not counts or None in counts:
        return candidates_needed(total, percent)
    return sum(candidates_needed(count, percent) for count in counts)


@rule(
    "R45",
    name="delegates-not-elected-as-required",
    title=Text("代表不是经班级团支部推荐、学院组织选举产生", "Delegates not found as required"),
    message=Text(
        "{unit}的代表由“{recommended}”推荐、“{elected}”产生，应由班级团支部推荐、学院（系）组织选举",
        "{unit}: recommended by {recommended}, elected by {elected}; not by the class's League branch and the college",
    ),
    missing=Text(
        "备案表说代表经班级团支部推荐、学院（系）组织选举产生，但没有记录：请在 delegates.json 的 units 按学院填"
        " recommended_by 和 elected_by",
        "The filing says how the delegates were found, but there is no record: give recommended_by and elected_by for"
        " each of units in delegates.json",
    ),
    hint=Text("核对代表产生的过程", "Check how the delegates were found"),
    basis=("评估备案表第 10 项：“校级学生（研究生）代表大会代表经班级团支部推荐、学院（系）组织选举产生。”",),
    each="dossier:",
    reads=(
        "assessment_filing:/items/*/conclusion",
        "delegates:/units/*/college",
        "delegates:/units/*/recommended_by",
        "delegates:/units/*/elected_by",
    ),
    effective_from=_SINCE,
    wordings={
        "unit": Text(
            "{unit}的代表由谁推荐、由谁选举没有写全：请填 recommended_by 和 elected_by",
            "{unit}: who recommended and who elected is not given: give recommended_by and elected_by",
        ),
    },
)
def delegates_not_elected_as_required(subject: Node, law: Law) -> Iterator[Verdict]:
    """The class's League branch recommends delegates, and the college holds their election."""
    claim = claimed(subject.dossier, law.value("delegates.item"))
    delegates = subject.dossier.record("delegates")
    if delegates is None or delegates.size("units") == 0:
        if claim is not None:
            yield unverified(claim)
        return
    also = () if claim is None else (claim,)
    for unit in delegates.each("units"):
        recommended, elected = unit.get("recommended_by"), unit.get("elected_by")
        if recommended is None or elected is None:
            yield unverified(unit.address, wording="unit", unit=unit_name(unit))
        elif recommended == "class_league" and elected == "college":
            yield passed(unit.address)
        else:
            yield failed(unit.address, also=also, unit=unit_name(unit), recommended=recommended, elected=elected)


@rule(
    "R49",
    name="general-meeting-of-a-large-college",
    title=Text("人数较多的学院召开全体学生大会", "General meeting of a large college"),
    message=Text(
        "{unit}有学生 {students} 人，以全体学生大会选举代表；不足 {limit} 人的学院才可以",
        "{unit} has {students} students and elected in a general meeting, which is for fewer than {limit}",
    ),
    missing=Text(
        "{unit}以全体学生大会选举代表，是否不足 {limit} 人无法核对：请在 delegates.json 填 students",
        "{unit} elected in a general meeting; whether it has fewer than {limit} students cannot be checked: give"
        " students in delegates.json",
    ),
    hint=Text("核对学院人数和选举会议", "Check the number of students and the kind of meeting"),
    basis=("《高校学生代表大会工作规则》第三条（据学校网页转述）：不足 400 人的可以召开全体学生大会",),
    each="delegates:/units/*",
    reads=(
        "delegates:/units/*/college",
        "delegates:/units/*/meeting",
        "delegates:/units/*/students",
        "dossier:/enrolment/by_college",
    ),
    effective_from=_SINCE,
    severity=Severity.INFO,
)
def general_meeting_of_a_large_college(subject: Node, law: Law) -> Iterator[Verdict]:
    """Only a college with fewer than 400 students elects in a general meeting."""
    at, limit = subject.at("meeting"), law.value("delegates.general_meeting_below")
    students = _students(subject)
    if subject.get("meeting") != "general":
        yield not_applicable(at)
    elif students is None:
        yield unverified(subject.at("students"), unit=unit_name(subject), limit=limit)
    elif students < limit:
        yield passed(at)
    else:
        yield failed(at, unit=unit_name(subject), students=students, limit=limit)


def _students(unit: Node) -> int | None:
    """How many students a unit has: as it states, else as the enrolment has its college."""
    college, students = unit.get("college"), unit.get("students")
    if students is None and college is not None:
        students = unit.dossier.filing.get("enrolment", "by_college", college)
    return students if isinstance(students, int) else None


@rule(
    "R132",
    name="quota-not-proportional",
    title=Text("代表名额没有按学生人数分配", "Quota not in proportion"),
    message=Text(
        "{unit}有学生 {students} 人（共 {all_students} 人），"
        "{seats} 个名额中按比例应得 {low}–{high} 个，现为 {quota} 个",
        "{unit}: {students} of {all_students} students; its share of {seats} delegates is {low}–{high}, it has {quota}",
    ),
    hint=Text("核对名额分配表与各学院人数", "Compare the quota with the enrolment by college"),
    basis=("兰州现代职业学院学生会章程第十条（一）：“各二级学院代表名额根据学生总数按比例分配。”（各校自定）",),
    each="delegates:",
    reads=(
        "delegates:/units/*/college",
        "delegates:/units/*/quota",
        "delegates:/units/*/students",
        "dossier:/enrolment/by_college",
        "charter:/statements/delegate_allocation/*/basis",
    ),
    effective_from=_SINCE,
    severity=Severity.WARNING,
)
def quota_not_proportional(subject: Node, law: Law) -> Iterator[Verdict]:
    """Where the charter promises quotas in proportion, each is its college's share, rounded up or down."""
    charter = subject.dossier.record("charter")
    clauses = [] if charter is None else list(charter.each("statements", "delegate_allocation"))
    promised = next((clause for clause in clauses if clause.get("basis") == "proportional"), None)
    units = [(unit, unit.get("quota"), _students(unit)) for unit in subject.each("units")]
    counted = [(unit, quota, students) for unit, quota, students in units if quota is not None and students is not None]
    whole = sum(students for _, _, students in counted)
    if promised is None or not counted or len(counted) < len(units) or whole == 0:
        yield not_applicable(subject.at("units"))  # without numbers the charter's own rule asks for them
        return
    seats = sum(quota for _, quota, _ in counted)
    for unit, quota, students in counted:
        if is_proportional(quota, students, whole, seats):
            yield passed(unit.at("quota"))
        else:
            low, high = students * seats // whole, -(-students * seats // whole)
            said = {
                "unit": unit_name(unit),
                "students": students,
                "all_students": whole,
                "seats": seats,
                "quota": quota,
            }
            yield failed(unit.at("quota"), also=(promised.address,), low=low, high=high, **said)


@rule(
    "R137",
    name="elected-delegates-do-not-add-up",
    title=Text("各单位当选代表数与总数不符", "Elected delegates do not add up"),
    message=Text(
        "各选举单位当选代表合计 {counted} 名，代表总数写 {total} 名",
        "The units elected {counted} delegates, {total} are stated",
    ),
    missing=Text(
        "有的选举单位没有写当选代表数，无法核对总数：请在 delegates.json 的 units 填 elected",
        "A unit does not say how many delegates it elected: give elected of units in delegates.json",
    ),
    hint=Text("核对各单位的选举结果报告", "Check the reports of the units"),
    basis=(f"{_METHOD}第三部分（三）：“学代会正式代表人选名单、学代会代表登记表及选举结果报告”；合计须相符",),
    each="delegates:",
    reads=(
        "delegates:/units/*/elected",
        "delegates:/units/*/quota",
        "delegates:/units/*/college",
        "congress_report:/delegations/*/count",
        *TOTAL_READS,
    ),
    effective_from=_SINCE,
    wordings={
        "more_than_quota": Text(
            "{unit}当选代表 {elected} 名，多于名额 {quota} 名",
            "{unit} elected {elected} delegates for a quota of {quota}",
        ),
        "doubtful": Text(
            "代表总数与各代表团人数不符，无法与各单位的选举结果核对",
            "The delegations contradict the number of delegates, so the units cannot be compared with it",
        ),
        "two_totals": Text(
            "代表总数在 delegates.json 写 {total} 名，大会情况写 {other} 名",
            "delegates.json states {total} delegates, the report on the congress {other}",
        ),
    },
)
def elected_delegates_do_not_add_up(subject: Node, law: Law) -> Iterator[Verdict]:
    """The delegates that the units elected are all delegates, and none elected more than its quota."""
    at, total = subject.at("units"), total_of(subject.dossier)
    report = subject.dossier.record("congress_report")
    other = None if report is None else report.get("delegate_total")
    stated = subject.get("total")
    if report is not None and other is not None and other != _sum(report, other):
        yield unverified(at, cause=report.at("delegate_total"), wording="doubtful")  # R46's place
        return
    if report is not None and None not in (stated, other) and stated != other:
        yield failed(
            subject.at("total"), also=(report.at("delegate_total"),), wording="two_totals", total=stated, other=other
        )
    elected = []
    for unit in subject.each("units"):
        count, quota = unit.get("elected"), unit.get("quota")
        elected.append(count)
        if count is not None and quota is not None and count > quota:
            said = {"unit": unit_name(unit), "elected": count, "quota": quota}
            yield failed(unit.at("elected"), wording="more_than_quota", **said)
    if not elected or total is None:
        yield not_applicable(at)
    elif None in elected:
        yield unverified(at)
    elif sum(elected) == total[0]:
        yield passed(at)
    else:
        yield failed(at, also=(total[1],), counted=sum(elected), total=total[0])


def _sum(report: Node, total: int) -> int:
    """What the delegations add up to; ``total`` where they are not given in full."""
    counted = total_of_delegations(report)
    return total if counted is None else counted
