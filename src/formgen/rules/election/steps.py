"""The way to the ballot: who nominated, and that every step of review was taken in its order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from formgen.findings import Address, Severity, Text
from formgen.rules import rule
from formgen.rules.common import claimed
from formgen.rules.election.method import election_day, reads, stated
from formgen.rules.subject import (
    Law,
    Node,
    Unreadable,
    Verdict,
    View,
    failed,
    not_applicable,
    passed,
    unreadable,
    unverified,
)

_SINCE = date(2019, 10, 1)
_PRESIDIUM = (
    "评估备案表第 7 项：“校级学生会组织主席团候选人均由学院（系）团组织推荐，经学院（系）党组织同意，"
    "校党委学生工作部门和校团委联合审查后，报校党委确定”"
)
_DEPARTMENTS = (
    "评估备案表第 7 项：“校级学生会组织工作部门成员均由学院（系）团组织推荐，经校党委学生工作部门和校团委审核后确定。”"
)
_ORDER = Text(
    "{name}：{later}（{later_date}）早于{earlier}（{earlier_date}）",
    "{name}: {later} ({later_date}) precedes {earlier} ({earlier_date})",
)


@dataclass(frozen=True, slots=True)
class Step:
    """One body's opinion: when it was given, and where that is written."""

    day: str
    at: Address


_COLLEGE_BODIES = ("college_league", "college_union")
Steps = Mapping[str, Step]
"""Body -> its opinion, of those that agreed."""


def _missing(steps: Steps, chain: Sequence[Sequence[str]]) -> list[str]:
    """The bodies of a chain that have not spoken."""
    return [body for stage in chain for body in stage if body not in steps]


def _reversed(steps: Steps, chain: Sequence[Sequence[str]]) -> tuple[str, str] | None:
    """The first body of a chain that spoke before one of an earlier stage, with that one; None if all keep order."""
    before: list[str] = []
    for stage in chain:
        for body in stage:
            late = next((other for other in before if steps[other].day > steps[body].day), None)
            if late is not None:
                return body, late
        before += stage
    return None


def _title(dossier: View, body: str) -> str:
    return dossier.title(Address("candidate_registration", ("opinions", body)))


def _registered(registration: Node, chain: Sequence[Sequence[str]]) -> Steps:
    """The opinions on a registration that are written and dated."""
    steps = {}
    for body in (body for stage in chain for body in stage):
        day = registration.get("opinions", body, "date")
        if day is not None and registration.get("opinions", body, "opinion") is not None:
            steps[body] = Step(day, registration.at("opinions", body))
    return steps


def _listed(entry: Node) -> Steps:
    """The steps that a record of the election lists: dated, and agreed."""
    steps = {}
    for step in entry.each("steps"):
        body, day = step.get("body"), step.get("date")
        if body is not None and day is not None and step.get("agreed"):
            steps[body] = Step(day, step.address)
    return steps


def _judge(dossier: View, name: str, at: Address, steps: Steps, chain: Sequence[Sequence[str]]) -> Verdict:
    missing = _missing(steps, chain)
    if missing:
        return failed(at, name=name, steps="、".join(_title(dossier, body) for body in missing))
    turned = _reversed(steps, chain)
    if turned is None:
        return passed(at)
    later, earlier = turned
    return failed(
        steps[later].at,
        also=(steps[earlier].at,),
        wording="order",
        name=name,
        later=_title(dossier, later),
        later_date=steps[later].day,
        earlier=_title(dossier, earlier),
        earlier_date=steps[earlier].day,
    )


@rule(
    "R20",
    name="presidium-candidate-not-reviewed",
    title=Text("主席团候选人的推荐、审查步骤不全", "A candidate for the presidium lacks a step of review"),
    message=Text("主席团候选人{name}还没有：{steps}", "Candidate {name} still lacks: {steps}"),
    missing=Text(
        "评估备案表说候选人经推荐、同意、联合审查和确定，但没有候选人的材料："
        "请填 candidate_registration 或 election.json",
        "The filing says that candidates took every step, but there are none: hand in candidate_registration, or"
        " nominations in election.json",
    ),
    hint=Text(
        "在登记表的 opinions 补填意见和日期；没有登记表的，在 election.json 的 nominations 写明 steps",
        "Write opinion and date into opinions of the registration, or steps into nominations of election.json",
    ),
    basis=(_PRESIDIUM,),
    each="dossier:",
    reads=(
        "assessment_filing:/items/*/conclusion",
        "candidate_registration:/name",
        "candidate_registration:/opinions/*/opinion",
        "candidate_registration:/opinions/*/date",
        "election:/nominations/*/name",
        "election:/nominations/*/steps",
        "election:/rounds",
        "election:/date",
        "congress_report:/held/start",
    ),
    effective_from=_SINCE,
    stage="issue",
    wordings={
        "order": _ORDER,
        "late": Text(
            "候选人{name}的{body}在 {day}，晚于选举（{election}）",
            "Candidate {name}: {body} of {day} came after the election ({election})",
        ),
    },
)
def presidium_candidate_not_reviewed(subject: Node, law: Law) -> Iterator[Verdict]:
    """Every candidate for the presidium passed the four steps, in order, before the election."""
    dossier, chain = subject.dossier, law.value("election.presidium_chain")
    election = dossier.record("election")
    day = None if election is None else election_day(election)
    seen: set[str] = set()
    candidates = list(_candidates(dossier, election))
    claim = claimed(dossier, law.value("election.chain_item"))
    if not candidates and claim is not None:
        yield unverified(claim)
    for entry, is_registration in candidates:
        try:
            name = entry.get("name")
            if name is None or (name in seen and not is_registration):
                continue
            seen.add(name)
            steps = _registered(entry, chain) if is_registration else _listed(entry)
            at = entry.at("opinions") if is_registration else entry.address
            verdict = _judge(dossier, name, at, steps, chain)
            last = chain[-1][0]
            if day is not None and last in steps and steps[last].day > day[0]:
                said = {"name": name, "body": _title(dossier, last), "day": steps[last].day, "election": day[0]}
                verdict = failed(steps[last].at, also=(day[1],), wording="late", **said)
            yield verdict
        except Unreadable as problem:
            yield unreadable(entry.address, problem.cause)


def _candidates(dossier: View, election: Node | None) -> Iterator[tuple[Node, bool]]:
    """Registrations, then nominations, then the candidates of the first ballot: whoever stands, once or more."""
    for registration in dossier.records("candidate_registration"):
        yield registration, True
    if election is not None:
        for nomination in election.each("nominations"):
            yield nomination, False
        for ballot in election.each("rounds"):
            for candidate in ballot.each("candidates"):
                yield candidate, False


@rule(
    "R21",
    name="department-member-not-reviewed",
    title=Text("工作部门成员的推荐、审核步骤不全", "A member of a department lacks a step of review"),
    message=Text(
        "{count} 名工作部门成员（{names}）没有推荐和审核的记录",
        "{count} members of departments ({names}) have no record of nomination and review",
    ),
    missing=Text(
        "没有工作部门成员推荐和审核的记录：请填 election.json 的 department_approvals",
        "There is no record of the nomination and review of department members:"
        " fill in department_approvals of election.json",
    ),
    hint=Text(
        "在 election.json 的 department_approvals 按学院写明姓名和各步日期",
        "List names and dates by college in department_approvals of election.json",
    ),
    basis=(_DEPARTMENTS,),
    each="staff_list:",
    reads=(
        "staff_list:/members/*/name",
        "staff_list:/members/*/role",
        "election:/department_approvals",
    ),
    effective_from=_SINCE,
    stage="issue",
    wordings={
        "steps": Text("{name}推荐的部门成员还没有：{steps}", "The members named by {name} still lack: {steps}"),
        "order": _ORDER,
    },
)
def department_member_not_reviewed(subject: Node, law: Law) -> Iterator[Verdict]:
    """Every member of a department was nominated by the college's League and reviewed by both offices, in order."""
    dossier, chain = subject.dossier, law.value("election.department_chain")
    posts = law.value("staff.presidium_posts")
    election = dossier.record("election")
    at = subject.at("members")
    if election is None or election.is_blank("department_approvals"):
        yield unverified(at)
        return
    reviewed: set[str] = set()
    for batch in election.each("department_approvals"):
        reviewed |= {str(name.value) for name in batch.each("names") if name.blocked() is None}
        college = batch.get("college")
        verdict = _judge(dossier, "—" if college is None else college, batch.address, _listed(batch), chain)
        yield _renamed(verdict)
    members = [member for member in subject.each("members") if member.get("role") not in posts]
    unknown = [member for member in members if member.get("name") is not None and member.get("name") not in reviewed]
    if unknown:
        also = tuple(member.at("name") for member in unknown[:3])
        names = "、".join(member.get("name") for member in unknown[:3])
        yield failed(at, also=also, count=len(unknown), names=names)
    else:
        yield passed(at)


def _renamed(verdict: Verdict) -> Verdict:
    """The verdict with the sentence that R21 has for missing steps."""
    if "steps" not in verdict.values:
        return verdict
    return failed(verdict.at, wording="steps", **verdict.values)


@rule(
    "R26",
    name="nomination-quota-not-kept",
    title=Text("提名人数与学校的规定不符", "Number of nominations"),
    message=Text(
        "{who}提名 {count} 人，学校规定{quota}人", "{who} nominated {count}, the school's rule asks for {quota}"
    ),
    hint=Text("核对提名，或核对 charter.json 中 nomination_quota 的条款", "Check the nominations, or the clause"),
    basis=(
        "校级组织主席团成员候选人产生办法及选举办法："
        "“推荐名额：每个二级学院推荐 2 名人，学院学生会推荐 2-5 人”（各校自定）",
    ),
    each="election:",
    reads=(
        "election:/nominations/*/by",
        "election:/nominations/*/college",
        *reads("nomination_quota", "by", "min", "max"),
    ),
    effective_from=_SINCE,
    severity=Severity.WARNING,
)
def nomination_quota_not_kept(subject: Node, law: Law) -> Iterator[Verdict]:
    """Each college, and the union, nominated as many as the school's own method allows."""
    counts: dict[tuple[str, str], int] = {}
    for nomination in subject.each("nominations"):
        by, college = nomination.get("by"), nomination.get("college")
        if by is not None:
            # A college's bodies have a quota each; for any other body the college of the nominee does not matter.
            body = "college" if by in _COLLEGE_BODIES else by
            who = college if body == "college" and college is not None else ""
            for key in {by, body}:
                counts[key, who] = counts.get((key, who), 0) + 1
    at = subject.at("nominations")
    for (by, least, most), clause in stated(subject.dossier, "nomination_quota", "by", "min", "max").items():
        for (_, who), count in ((key, count) for key, count in counts.items() if key[0] == by):
            low, high = least if least is not None else 0, most if most is not None else count
            if low <= count <= high:
                yield passed(at)
            else:
                quota = f"{low}–{high}" if low != high else f"{low}"
                yield failed(at, also=(clause,), who=f"{who}（{by}）" if who else by, count=count, quota=quota)


@rule(
    "R130",
    name="election-not-recorded",
    title=Text("主席团选举的记录", "Record of the presidium's election"),
    message=Text(
        "评估备案表说主席团由学生代表大会选举产生，选举记录写的是另一个机关（{body}）",
        "The filing says that the congress elected the presidium, the record names another body ({body})",
    ),
    missing=Text(
        "评估备案表说主席团由学生代表大会选举产生，但没有可核对的选举记录；election.json 还缺：{lacking}",
        "The filing says that the congress elected the presidium; there is no record: election.json lacks {lacking}",
    ),
    hint=Text(
        "在 election.json 填写应到、实到（attendance）和各轮的选票、得票（rounds）",
        "Fill in attendance (due, present) and rounds (ballots, votes) of election.json",
    ),
    basis=(
        "评估备案表第 8 项：“主席团由学生代表大会（非其委员会、常务委员会、常任代表会议等）选举产生。”",
        "公开称经选举产生的，应有到会人数和票数可查",
    ),
    each="dossier:",
    reads=(
        "assessment_filing:/items/*/conclusion",
        "election:/electing_body",
        "election:/attendance/due",
        "election:/attendance/present",
        "election:/rounds",
    ),
    effective_from=_SINCE,
    severity=Severity.WARNING,
)
def election_not_recorded(subject: Node, law: Law) -> Iterator[Verdict]:
    """Where the filing says that the congress elected the presidium, its attendance and votes are on record."""
    claim = claimed(subject.dossier, law.value("election.item"))
    if claim is None:
        yield not_applicable(subject.address)
        return
    election = subject.dossier.record("election")
    if election is None:
        yield unverified(claim, lacking="attendance, rounds")
        return
    body = election.get("electing_body")
    if body not in (None, "congress"):
        yield failed(election.at("electing_body"), also=(claim,), body=body)
    lacking = [f"attendance.{key}" for key in ("due", "present") if election.get("attendance", key) is None]
    first = election.at("attendance") if lacking else election.at("rounds")
    if election.size("rounds") == 0:
        lacking.append("rounds")
    if lacking:
        cause = None if first.pointer[-1] == "rounds" else first  # R27's place
        yield unverified(first, cause=cause, also=(claim,), lacking=", ".join(lacking))
    elif body in (None, "congress"):
        yield passed(claim)
