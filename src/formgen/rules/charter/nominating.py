"""Who may stand for the presidium and who lets them stand: the documents against the regulation and each other."""

from collections.abc import Iterator, Sequence

from formgen.findings import Text
from formgen.rules import rule
from formgen.rules.charter.statements import (
    CONCLUSION,
    SINCE,
    cite,
    listed,
    named_bodies,
    place,
    places,
    reads,
    stated,
    ticked,
)
from formgen.rules.common import is_freshman, label
from formgen.rules.subject import Law, Node, Verdict, failed, not_applicable, passed, unreadable, unverified

_STEPS = (
    "评估备案表第 7 项：“校级学生会组织主席团候选人均由学院（系）团组织推荐，经学院（系）党组织同意，"
    "校党委学生工作部门和校团委联合审查后，报校党委确定；校级学生会组织工作部门成员均由学院（系）团组织推荐，"
    "经校党委学生工作部门和校团委审核后确定。”"
)
_METHOD = "校级组织主席团成员候选人产生办法及选举办法"
_EXPERIENCE = f"{_METHOD}一（一）：“参选人至少有一学年以上团学工作经验”"
_RANK = f"{_METHOD}一（三）：“平均成绩占本班排名前 15%且成绩无挂科。”"
_MONTHS_OF_A_YEAR = 12


@rule(
    "R24",
    name="candidate-without-experience",
    title=Text("候选人的团学工作经验不足", "Candidate without the experience asked for"),
    message=Text(
        "{name} 的团学工作经历合计 {months} 个月，不足 {years} 学年（{needed} 个月）：{quoted}",
        "{name} has {months} months of experience, less than {years} school years ({needed} months): {quoted}",
    ),
    missing=Text(
        "{name} 的登记表没有写明经历的起止月份，无法核对：{quoted}",
        "{name}: the registration does not date the experience, so this cannot be checked: {quoted}",
    ),
    hint=Text("核对经历的起止；不足的不能参选", "Check the dates; without the experience nobody can stand"),
    basis=(_EXPERIENCE,),
    each="candidate_registration:",
    reads=(
        "candidate_registration:/name",
        "candidate_registration:/experience",
        "congress_report:/held/start",
        *reads("candidate_experience_years"),
    ),
    effective_from=SINCE,
)
def candidate_without_experience(subject: Node, law: Law) -> Iterator[Verdict]:
    """A candidate has worked for the League or the union as long as the school's own method asks."""
    at = subject.at("experience")
    asked = stated(subject.dossier.record("charter"), "candidate_experience_years")
    if not asked:
        yield not_applicable(at)
        return
    quoted = cite(asked[0])
    held = subject.dossier.record("congress_report")
    start = None if held is None else held.get("held", "start")
    months = _months(subject, law, law.on.isoformat() if start is None else start)
    years = asked[0].get("years")
    needed = years * law.value("charter.school_year_months")
    if months is None and years:
        cause = subject.address if subject.is_blank("experience") else None
        yield unverified(at, cause=cause, also=places(asked), name=_name(subject), quoted=quoted)
    elif months is None or months >= needed:
        yield passed(at)
    else:
        said = {"months": months, "years": years, "needed": needed, "name": _name(subject)}
        yield failed(at, also=places(asked), **said, quoted=quoted)


def _name(candidate: Node) -> str:
    name = None if candidate.blocked("name") else candidate.get("name")
    return str(candidate.address.record) if name is None else str(name)


def _months(candidate: Node, law: Law, until: str) -> int | None:
    """How many calendar months a candidate's experience covers, overlapping posts once; None without any dates."""
    seen: set[int] = set()
    dated = False
    for post in candidate.each("experience"):
        start, end = post.get("start"), post.get("end")
        if start is None:
            continue
        dated = True
        last = until if end is None or end == law.value("charter.ongoing") else end
        seen.update(range(_month(start), min(_month(last), _month(until)) + 1))
    return len(seen) if dated else None


def _month(text: str) -> int:
    """The number of a month, counted from year 0; a date or a month written 2020-11."""
    year, month = text.split("-")[0], text.split("-")[1]
    return int(year) * _MONTHS_OF_A_YEAR + int(month)


@rule(
    "R25",
    name="candidate-rank-outside-limit",
    title=Text("候选人的成绩不合学校的要求", "Candidate's marks below what the school asks"),
    message=Text(
        "{name} 的本班排名“{rank}”不在前 {percent}% 以内：{quoted}",
        "{name}: class rank “{rank}” is not within the first {percent}%: {quoted}",
    ),
    missing=Text(
        "{name} 的排名或有无挂科看不出是否合要求：{quoted}；请在登记表写明本班排名（如 3/45）和有无挂科",
        "{name}: rank or failed courses cannot be compared with {quoted};"
        " give the class rank (3/45) and failed courses in the registration",
    ),
    hint=Text("核对成绩；不合要求的不能参选", "Check the marks; who does not meet them cannot stand"),
    basis=(_RANK,),
    each="candidate_registration:",
    reads=(
        "candidate_registration:/name",
        "candidate_registration:/class_rank",
        "candidate_registration:/failed_course",
        *reads("candidate_rank"),
    ),
    effective_from=SINCE,
    wordings={
        "failed_course": Text("{name} 有挂科，而{quoted}", "{name} has failed a course, but {quoted}"),
    },
)
def candidate_rank_outside_limit(subject: Node, law: Law) -> Iterator[Verdict]:
    """A candidate's rank in the class is within what the school's own method asks; no course was failed."""
    at = subject.at("class_rank")
    asked = stated(subject.dossier.record("charter"), "candidate_rank")
    if not asked:
        yield not_applicable(at)
    for statement in asked:
        quoted = cite(statement)
        also = (statement.address,)
        if statement.get("no_failed_course") and subject.get("failed_course"):
            yield failed(
                subject.at("failed_course"), also=also, wording="failed_course", name=_name(subject), quoted=quoted
            )
        value, of = subject.get("class_rank", "value"), subject.get("class_rank", "of")
        percent = statement.get("percent")
        unknown = statement.get("no_failed_course") and subject.get("failed_course") is None
        if statement.get("population") != "class" or value is None or of is None or unknown:
            blank = subject.is_blank("class_rank") or unknown
            yield unverified(
                at, cause=subject.address if blank else None, also=also, name=_name(subject), quoted=quoted
            )
        elif value * 100 <= percent * of:
            yield passed(at)
        else:
            rank = subject.get("class_rank", "text")
            yield failed(at, also=also, rank=rank, percent=percent, name=_name(subject), quoted=quoted)


@rule(
    "R96",
    name="freshmen-nominated",
    title=Text("推荐一年级学生，却要求一学年经验", "Freshmen nominated, a year's experience asked for"),
    message=Text(
        "一年级学生不可能有所要求的工作经验：{quoted}", "A freshman cannot have the experience asked for: {quoted}"
    ),
    hint=Text("改推荐对象，或改经验要求", "Change who is nominated, or what is asked of them"),
    basis=(_EXPERIENCE, f"{_METHOD}二（一）1：“推荐本学院优秀一年级学生”"),
    each="charter:",
    reads=reads("nominee_grades", "candidate_experience_years"),
    effective_from=SINCE,
)
def freshmen_nominated(subject: Node, law: Law) -> Iterator[Verdict]:
    """Who is to be nominated can meet what is asked of a candidate."""
    asked = [statement for statement in stated(subject, "candidate_experience_years") if statement.get("years") > 0]
    grades = stated(subject, "nominee_grades")
    if not grades:
        yield not_applicable(place(subject, "nominee_grades"))
    for statement in grades:
        if asked and statement.get("grade") == "freshman":
            yield failed(statement.address, also=places(asked), quoted=cite(statement, *asked))
        else:
            yield passed(statement.address)


@rule(
    "R97",
    name="freshman-in-presidium",
    title=Text("一年级新生任主席团成员，不合参选条件", "A freshman in the presidium"),
    message=Text(
        "{name}（序号 {serial}，{grade} 级）入学不满一学年，不可能符合{quoted}",
        "{name} (no. {serial}, entered {grade}) has been here for less than a school year and cannot meet {quoted}",
    ),
    hint=Text(
        "核实年级；属实的，说明按什么条件参选", "Check the grade; if it is right, say on which terms they could stand"
    ),
    basis=(_EXPERIENCE, _RANK),
    each="staff_list:/members/*",
    reads=(
        "staff_list:/members/*/role",
        "staff_list:/members/*/grade",
        "staff_list:/members/*/name",
        "staff_list:/members/*/serial",
        "dossier:/filing_date",
        *reads("candidate_experience_years", "candidate_rank"),
    ),
    effective_from=SINCE,
)
def freshman_in_presidium(subject: Node, law: Law) -> Iterator[Verdict]:
    """Who was elected to the presidium can have met what the school's own method asks of a candidate."""
    at, blocked = subject.at("grade"), subject.blocked("role")
    if blocked is not None:
        yield unreadable(at, blocked)
        return
    if subject.get("role") not in law.value("staff.presidium_posts"):
        yield not_applicable(at)
        return
    charter = subject.dossier.record("charter")
    asked = [node for node in stated(charter, "candidate_experience_years") if node.get("years") > 0]
    if not asked:
        yield not_applicable(at)
        return
    freshman = is_freshman(subject, law)
    if freshman:
        # A freshman has no rank of last year either: the second demand falls with the first.
        both = (*asked, *stated(charter, "candidate_rank"))
        yield failed(at, also=places(both), **label(subject), grade=subject.get("grade"), quoted=cite(*both))
    else:
        yield not_applicable(at) if freshman is None else passed(at)


@rule(
    "R98",
    name="nominated-otherwise",
    title=Text("候选人另有推荐途径", "Candidates nominated in another way"),
    message=Text(
        "主席团候选人均应由学院（系）团组织推荐，而{quoted}",
        "All candidates must be nominated by the League of their college, but {quoted}",
    ),
    missing=Text(
        "文件没有写主席团候选人由谁推荐，无法核对；请记入 charter 的 statements.nominated_by",
        "No document says who nominates; put it into statements.nominated_by of charter",
    ),
    hint=Text("取消其他途径，统一由学院（系）团组织推荐", "Leave the nomination to the League of the college"),
    basis=(_STEPS,),
    each="charter:",
    reads=(*reads("nominated_by"), CONCLUSION),
    effective_from=SINCE,
)
def nominated_otherwise(subject: Node, law: Law) -> Iterator[Verdict]:
    """Every candidate for the presidium is nominated by the League organisation of a college."""
    found = stated(subject, "nominated_by")
    wrong = [statement for statement in found if statement.get("by") != law.value("charter.nominator")]
    if not found:
        yield unverified(place(subject, "nominated_by"))
    elif wrong:
        also = (*places(wrong[1:]), *ticked(subject, law.value("charter.nomination_item")))
        yield failed(wrong[0].address, also=also, quoted=cite(*wrong))
    else:
        yield passed(found[0].address)


_CHAIN_HINT = Text("按规定的步骤修改办法", "Let the method follow the steps that are laid down")
_CHAIN_MISSING = Text(
    "文件没有写“{topic}”，无法核对步骤；请记入 charter 的 statements.{key}",
    "No document says “{topic}”, so the steps cannot be checked; put it into statements.{key} of charter",
)


@rule(
    "R99",
    name="approval-steps-missing",
    title=Text("候选人的审批步骤不全", "Steps of approval missing"),
    message=Text(
        "主席团候选人的审批缺 {lacking} 步（{steps}），只有：{quoted}",
        "{lacking} steps of approval are missing ({steps}); there is only: {quoted}",
    ),
    missing=_CHAIN_MISSING,
    hint=_CHAIN_HINT,
    basis=(_STEPS,),
    each="charter:",
    reads=(*reads("candidate_approval"), CONCLUSION),
    effective_from=SINCE,
)
def approval_steps_missing(subject: Node, law: Law) -> Iterator[Verdict]:
    """Candidates pass the League and the Party of the college, student affairs and League of the school, its Party."""
    yield from _chain(subject, law, ("candidate_approval",), law.value("election.presidium_chain"))


@rule(
    "R100",
    name="members-approved-otherwise",
    title=Text("工作部门成员的产生步骤不全", "Members of departments approved otherwise"),
    message=Text(
        "工作部门成员的产生缺 {lacking} 步（{steps}），只有：{quoted}",
        "{lacking} steps are missing for members of departments ({steps}); there is only: {quoted}",
    ),
    missing=_CHAIN_MISSING,
    hint=_CHAIN_HINT,
    basis=(_STEPS,),
    each="charter:",
    reads=(*reads("department_members_decided_by", "department_heads_decided_by"), CONCLUSION),
    effective_from=SINCE,
)
def members_approved_otherwise(subject: Node, law: Law) -> Iterator[Verdict]:
    """Members of departments, their heads among them, are nominated by a college's League and reviewed above it."""
    topics = ("department_members_decided_by", "department_heads_decided_by")
    yield from _chain(subject, law, topics, law.value("election.department_chain"))


def _chain(charter: Node, law: Law, topics: Sequence[str], chain: Sequence[Sequence[str]]) -> Iterator[Verdict]:
    """Whether what the documents say on each of the topics names every body of a chain; one finding for them all."""
    found = [statements for topic in topics if (statements := stated(charter, topic))]
    if not found:
        key = topics[0]
        yield unverified(place(charter, key), topic=charter.title("statements", key), key=key)
        return
    short: list[Node] = []
    lacking: dict[str, None] = {}
    for statements in found:
        named = {body for statement in statements for body in listed(statement, "steps")}
        absent = [body for step in chain for body in step if body not in named]
        short += statements if absent else ()
        lacking.update(dict.fromkeys(absent))
    if short:
        also = (*places(short[1:]), *ticked(charter, law.value("charter.nomination_item")))
        steps = named_bodies(lacking, law)
        yield failed(short[0].address, also=also, lacking=len(lacking), steps=steps, quoted=cite(*short))
    else:
        yield passed(found[0][0].address)
