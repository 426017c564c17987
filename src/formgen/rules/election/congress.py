"""The congress around the election: when it was held, what it adopted, who came, and whom it elected."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from formgen.findings import Severity, Text
from formgen.rules import rule
from formgen.rules.common import claimed
from formgen.rules.delegates.reading import total_of_delegations
from formgen.rules.election.method import election_day, reads, stated
from formgen.rules.subject import Law, Node, Verdict, failed, not_applicable, passed, unreadable, unverified
from formgen.rules.table import Withheld
from formgen.tally import Share

_SINCE = date(2019, 10, 1)
_DAY_READS = ("election:/date", "congress_report:/held/start")


@rule(
    "R41",
    name="congress-not-annual",
    title=Text("学生代表大会没有每年召开", "Congress not held every year"),
    message=Text(
        "上一次学生代表大会在 {previous}，这一次在 {day}，相隔超过 {limit} 年，没有延期的决定",
        "The last congress was on {previous}, this one on {day}: over {limit} year apart, and nothing postponed it",
    ),
    missing=Text(
        "看不出学生代表大会是否每年召开：请在 election.json 填 previous_congress（上一次的日期）"
        "或 first_congress（第一次）",
        "Whether the congress is held every year cannot be told: give previous_congress, or first_congress, in"
        " election.json",
    ),
    hint=Text(
        "核对两次大会的日期；经批准延期的，在 election.json 填 retiming",
        "Check the two dates; if the congress was postponed with approval, fill in retiming of election.json",
    ),
    basis=("兰州现代职业学院学生会章程第十条（一）：“学生代表大会为每年一次”；其他学校的章程相同",),
    each="election:",
    reads=("election:/previous_congress", "election:/first_congress", "election:/retiming", *_DAY_READS),
    effective_from=_SINCE,
    wordings={
        "reversed": Text(
            "上一次学生代表大会的日期 {previous} 不早于这一次（{day}）",
            "The date of the last congress, {previous}, is not before this one ({day})",
        ),
    },
)
def congress_not_annual(subject: Node, law: Law) -> Iterator[Verdict]:
    """Two congresses are in the same calendar year or in adjacent ones, unless one was put off."""
    at = subject.at("previous_congress")
    previous, this, limit = (
        subject.get("previous_congress"),
        election_day(subject),
        law.value("election.interval_years"),
    )
    if this is None or (previous is None and subject.get("first_congress")):
        yield not_applicable(at)  # R40 asks for the date of this one
    elif previous is None:
        yield unverified(at)
    elif previous >= this[0]:
        yield failed(at, also=(this[1],), wording="reversed", previous=previous, day=this[0])
    elif date.fromisoformat(this[0]).year - date.fromisoformat(previous).year <= limit:
        yield passed(at)
    elif not subject.is_blank("retiming"):
        yield passed(at)  # whether it was put off as it should be is R52's question
    else:
        yield failed(at, also=(this[1],), previous=previous, day=this[0], limit=limit)


@rule(
    "R52",
    name="retiming-not-decided",
    title=Text("提前或延期召开的决定不合章程", "Decision to move the congress"),
    message=Text(
        "提前或延期召开：{voters} 人表决，{agreed} 人同意，少于章程要求的 {needed} 人",
        "Moving the congress: {agreed} of {voters} agreed, the charter asks for {needed}",
    ),
    missing=Text(
        "提前或延期召开的决定无法核对，还缺：{lacking}",
        "The decision to move the congress cannot be checked; lacking: {lacking}",
    ),
    hint=Text(
        "在 election.json 的 retiming 填表决、同意人数和党委批准日期；章程的要求填 charter.json 的 retiming",
        "Fill in voters, agreed and approved_on of retiming in election.json; the clause in charter.json",
    ),
    basis=(
        "兰州现代职业学院学生会章程第十条（一）：“经常务代表委员会三分之二以上通过并报经学院党委批准，可以提前或延期召开”（各校章程自定）",
    ),
    each="election:",
    reads=(
        "election:/retiming/voters",
        "election:/retiming/agreed",
        "election:/retiming/approved_on",
        *_DAY_READS,
        *reads("retiming", "numerator", "denominator"),
    ),
    effective_from=_SINCE,
    severity=Severity.WARNING,
    wordings={
        "late": Text(
            "提前或延期召开的批准日期 {approved} 晚于大会（{day}）",
            "The approval to move the congress, {approved}, came after it ({day})",
        ),
    },
)
def retiming_not_decided(subject: Node, law: Law) -> Iterator[Verdict]:
    """A congress is moved by the majority that the charter asks for, and with approval beforehand."""
    at = subject.at("retiming")
    if subject.is_blank("retiming"):
        yield not_applicable(at)
        return
    voters, agreed, approved = (subject.get("retiming", key) for key in ("voters", "agreed", "approved_on"))
    given = {"retiming.voters": voters, "retiming.agreed": agreed, "retiming.approved_on": approved}
    clauses = stated(subject.dossier, "retiming", "numerator", "denominator")
    shares = [
        (Share(numerator, denominator, False), place)
        for (numerator, denominator), place in clauses.items()
        if numerator is not None and denominator is not None
    ]
    lacking = [name for name, value in given.items() if value is None]
    lacking += [] if shares else ["charter: statements.retiming"]
    if voters is not None and agreed is not None:
        for share, place in shares:
            if agreed > voters or not share.reached(agreed, voters):
                yield failed(at, also=(place,), voters=voters, agreed=agreed, needed=share.least(voters))
                return
    day = election_day(subject)
    if approved is not None and day is not None and approved > day[0]:
        yield failed(
            subject.at("retiming", "approved_on"), also=(day[1],), wording="late", approved=approved, day=day[0]
        )
    elif lacking:
        yield unverified(at, lacking="、".join(lacking))
    else:
        yield passed(at)


@rule(
    "R51",
    name="not-on-the-agenda",
    title=Text("公开称通过、选举的事项不在议程内", "Adopted or elected, but not on the agenda"),
    message=Text(
        "《{title}》说由这次大会通过（{day}），主要议程里没有审议它的一项",
        "“{title}” is said to have been adopted by this congress ({day}), the agenda has no such item",
    ),
    missing=Text(
        "没有大会的主要议程，无法核对通过和选举的事项：请填 congress_report 的 agenda",
        "There is no agenda to check what was adopted and elected: fill in agenda of congress_report",
    ),
    hint=Text("核对大会议程；漏写的补上", "Check the agenda of the congress, and add what is missing"),
    basis=("章程题下注：“(2020年11月18日学院第一次学生代表大会讨论通过)”；大会情况：“主要议程”（两处须一致）",),
    each="congress_report:",
    reads=(
        "congress_report:/agenda",
        "congress_report:/held",
        "charter:/documents/*/title",
        "charter:/documents/*/kind",
        "charter:/documents/*/adopted_by",
        "charter:/documents/*/adopted_on",
        "assessment_filing:/items/*/conclusion",
        "dossier:/organisation/name",
    ),
    effective_from=_SINCE,
    severity=Severity.WARNING,
    wordings={
        "no_election": Text(
            "评估备案表说主席团由学生代表大会选举产生，主要议程里没有选举一项",
            "The filing says that the congress elected the presidium, the agenda has no election",
        ),
    },
)
def not_on_the_agenda(subject: Node, law: Law) -> Iterator[Verdict]:
    """What the congress is said to have adopted or elected is on its agenda."""
    at, words = subject.at("agenda"), law.value("election.agenda_words")
    claim = claimed(subject.dossier, law.value("election.item"))
    adopted = list(_adopted(subject, law))
    agenda = [str(entry.get()) for entry in subject.each("agenda")]
    if not agenda:
        yield unverified(at) if adopted or claim is not None else not_applicable(at)
        return
    sound = True
    for document in adopted:
        name, word = document.get("title"), words.get(document.get("kind"))
        core = name.strip("《》").removeprefix(subject.dossier.filing.get("organisation", "name") or "")
        if not any(core in entry or (word is not None and word in entry) for entry in agenda):
            sound = False
            yield failed(at, also=(document.address,), title=name.strip("《》"), day=document.get("adopted_on"))
    if claim is not None and not any(words["election"] in entry for entry in agenda):
        sound = False
        yield failed(at, also=(claim,), wording="no_election")
    if sound:
        yield passed(at)


def _adopted(report: Node, law: Law) -> Iterator[Node]:
    """The documents that are said to have been adopted by this congress."""
    charter = report.dossier.record("charter")
    start, end = report.get("held", "start"), report.get("held", "end")
    for document in () if charter is None or start is None else charter.each("documents"):
        day, body = document.get("adopted_on"), document.get("adopted_by")
        by_congress = body is None or any(word in body for word in law.value("election.congress_words"))
        if by_congress and day is not None and start <= day <= (start if end is None else end):
            yield document


@rule(
    "R135",
    name="voters-are-not-the-delegates",
    title=Text("应到会人数与代表总数不符", "Due to vote, and delegates"),
    message=Text(
        "选举记录写应到会代表 {due} 名，大会情况写代表 {total} 名",
        "The election says that {due} delegates were due, the report on the congress has {total}",
    ),
    missing=Text(
        "应到会代表（{due}）无法与代表总数核对：congress_report 的 delegate_total 没有填，或与各代表团不符",
        "The {due} delegates due cannot be compared: delegate_total in congress_report is blank or contradicted",
    ),
    hint=Text("核对代表总数；有代表资格终止的，改正其中一处", "Check the number of delegates, and correct one of them"),
    basis=("校级学生代表大会召开情况：“代表数量：245名”；选举大会实施细则（三）：“应到会代表”",),
    each="election:",
    reads=("election:/attendance/due", "congress_report:/delegate_total", "congress_report:/delegations/*/count"),
    effective_from=_SINCE,
)
def voters_are_not_the_delegates(subject: Node, law: Law) -> Iterator[Verdict]:
    """Those due at the election are all delegates."""
    at, due = subject.at("attendance", "due"), subject.get("attendance", "due")
    report = subject.dossier.record("congress_report")
    total = None if report is None else report.get("delegate_total")
    if report is None or due is None:
        yield not_applicable(at)  # R27 asks for those due
    elif total is None or total != (total_of_delegations(report) or total):
        yield unverified(at, cause=report.at("delegate_total"), due=due)  # R46's place
    elif due == total:
        yield passed(at)
    else:
        yield failed(at, also=(report.at("delegate_total"),), due=due, total=total)


@rule(
    "R136",
    name="elected-are-not-the-presidium",
    title=Text("当选人与名单中的主席团不符", "The elected, and the presidium on the list"),
    message=Text(
        "{name}在选举中当选，工作人员名单的主席团里没有",
        "{name} was elected and is not in the presidium of the staff list",
    ),
    hint=Text("核对选举结果与名单；补选、辞职的在备注写明", "Compare the result and the list"),
    basis=("评估备案表第 8 项：“主席团由学生代表大会（非其委员会、常务委员会、常任代表会议等）选举产生。”",),
    each="election:",
    reads=(
        "election:/rounds/*/candidates/*/name",
        "election:/rounds/*/candidates/*/elected",
        "staff_list:/members/*/name",
        "staff_list:/members/*/role",
    ),
    effective_from=_SINCE,
    wordings={
        "not_elected": Text(
            "名单的主席团里有 {count} 人在选举记录里没有当选（{names}）",
            "{count} in the presidium of the list were not elected ({names})",
        ),
    },
)
def elected_are_not_the_presidium(subject: Node, law: Law) -> Iterator[Verdict]:
    """Those elected are those whom the staff list has in the presidium."""
    staff = subject.dossier.record("staff_list")
    elected = {
        candidate.get("name"): candidate.at("name")
        for ballot in subject.each("rounds")
        for candidate in ballot.each("candidates")
        if candidate.get("elected")
    }
    if staff is None or staff.size("members") == 0 or not elected:
        yield not_applicable(subject.at("rounds"))
        return
    posts = law.value("staff.presidium_posts")
    rows = list(zip(staff.column("members", "name"), staff.column("members", "role"), strict=True))
    hidden = next((value.cause for row in rows for value in row if isinstance(value, Withheld)), None)
    listed = {
        name: staff.at("members", number, "name")
        for number, (name, role) in enumerate(rows)
        if not isinstance(name, Withheld) and role in posts
    }
    for name, place in elected.items():
        if name is None or name in listed:
            yield passed(place)
        elif hidden is not None:
            yield unreadable(place, hidden)
        else:
            yield failed(place, also=(staff.at("members"),), name=name)
    others = [name for name in listed if name is not None and name not in elected]
    if others:
        also = (*(listed[name] for name in others[:3]), subject.at("rounds"))
        said = {"names": "、".join(others[:3]), "count": len(others)}
        yield failed(staff.at("members"), also=also, wording="not_elected", **said)


@rule(
    "R141",
    name="election-outside-the-congress",
    title=Text("选举日期不在大会期间", "Election outside the congress"),
    message=Text(
        "主席团选举在 {day}，学生代表大会在 {start} 至 {end}",
        "The presidium was elected on {day}, the congress was held from {start} to {end}",
    ),
    hint=Text("核对选举日期与大会日期", "Check the two dates"),
    basis=("评估备案表第 8 项：“主席团由学生代表大会（非其委员会、常务委员会、常任代表会议等）选举产生。”",),
    each="election:",
    reads=("election:/date", "congress_report:/held"),
    effective_from=_SINCE,
)
def election_outside_the_congress(subject: Node, law: Law) -> Iterator[Verdict]:
    """The presidium is elected while the congress sits."""
    at, day = subject.at("date"), subject.get("date")
    report = subject.dossier.record("congress_report")
    start: Any = None if report is None else report.get("held", "start")
    if report is None or day is None or start is None:
        yield not_applicable(at)
        return
    end = report.get("held", "end") or start
    if start <= day <= end:
        yield passed(at)
    else:
        yield failed(at, also=(report.at("held"),), day=day, start=start, end=end)
