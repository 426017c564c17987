"""What the appraisal of the staff must show: every term, everybody due, a board of students, honours by its result."""

from collections.abc import Iterator
from datetime import date

from formgen.findings import Severity, Text
from formgen.rules import rule
from formgen.rules.common import claimed, withheld
from formgen.rules.subject import Law, Node, Unreadable, Verdict, failed, passed, unreadable, unverified
from formgen.tally import Share

_SINCE = date(2019, 10, 1)
_ITEM_12 = (
    "评估备案表第 12 项：“组建以学生代表为主，校党委学生工作部门、校团委等共同参与的校级学生会组织工作人员评议会；"
    "主席团成员和工作部门负责人每学期向评议会述职。”"
)
_ITEM_13 = (
    "评估备案表第 13 项：“学生会组织工作人员参加评奖评优、测评加分、推荐免试攻读研究生等事项时，"
    "依据评议结果择优提名，未与其岗位简单挂钩。”"
)
_UNKNOWN_NAME = "—"


def _name(row: Node) -> str:
    name = None if row.blocked("name") else row.get("name")
    return _UNKNOWN_NAME if name is None else str(name)


@rule(
    "R60",
    name="appraisal-not-every-term",
    title=Text("述职不是每学期一次", "No report every term"),
    message=Text(
        "述职评议的期间是一学年，应每学期述职", "The appraisal covers a whole year; a report is due every term"
    ),
    missing=Text(
        "看不出述职评议的是哪一学期：请填 appraisal.json 的 period（kind、year、term）",
        "Which term was appraised cannot be told: fill in period of appraisal.json (kind, year, term)",
    ),
    hint=Text("按学期述职，每学期一次", "Hold the appraisal every term"),
    basis=(_ITEM_12,),
    each="appraisal:",
    reads=("appraisal:/period",),
    effective_from=_SINCE,
)
def appraisal_not_every_term(subject: Node, law: Law) -> Iterator[Verdict]:
    """An appraisal covers one term, and says which."""
    at = subject.at("period")
    kind, year, term = (subject.get("period", key) for key in ("kind", "year", "term"))
    if kind == "year":
        yield failed(subject.at("period", "kind"))
    elif None in (kind, year, term):
        yield unverified(at)
    else:
        yield passed(at)


@rule(
    "R61",
    name="appraisal-result-missing",
    title=Text("应述职的人没有评议结果", "Somebody due has no result"),
    message=Text("{name}（{post}）应述职，没有评议结果", "{name} ({post}) was due and has no result"),
    missing=Text(
        "评估备案表说主席团成员和工作部门负责人每学期述职，但没有评议记录：请填 appraisal.json 的 due 和 results",
        "The filing says that the presidium and the heads of departments report every term, but there is no record:"
        " fill in due and results of appraisal.json",
    ),
    hint=Text("补填评议结果；免于述职的写明理由", "Add the result"),
    basis=(_ITEM_12, "校级组织工作人员述职评议办法第三条：“述职评议对象为校级学生会主席团成员和工作部门负责人”"),
    each="dossier:",
    reads=(
        "assessment_filing:/items/*/conclusion",
        "appraisal:/due/*/name",
        "appraisal:/due/*/post",
        "appraisal:/results/*/name",
        "appraisal:/results/*/grade",
        "appraisal:/held_on",
        "congress_report:/held/start",
        "staff_list:/members/*/name",
        "staff_list:/members/*/role",
    ),
    effective_from=_SINCE,
    wordings={
        "not_listed": Text(
            "名单里的{name}（{post}）应述职，不在评议记录的应述职人员之内",
            "{name} ({post}) of the staff list was due to report and is not among those due",
        ),
    },
)
def appraisal_result_missing(subject: Node, law: Law) -> Iterator[Verdict]:
    """All of the presidium and all heads of departments have a result."""
    claim = claimed(subject.dossier, law.value("appraisal.item"))
    appraisal = subject.dossier.record("appraisal")
    if appraisal is None or (appraisal.size("due") == 0 and appraisal.size("results") == 0):
        if claim is not None:
            yield unverified(claim)
        return
    graded = {one.get("name") for one in appraisal.each("results") if one.get("grade") is not None}
    due = set()
    for one in appraisal.each("due"):
        name, post = one.get("name"), one.get("post")
        due.add(name)
        if name is None or name in graded:
            yield passed(one.address)
        else:
            said = {"name": name, "post": _UNKNOWN_NAME if post is None else post}
            yield failed(one.address, also=(appraisal.at("results"),), **said)
    yield from _not_listed(appraisal, due | graded, law)


def _not_listed(appraisal: Node, listed: set[str | None], law: Law) -> Iterator[Verdict]:
    """Those of the staff list who were due and are not in the record; none where others were in office then."""
    staff, report = appraisal.dossier.record("staff_list"), appraisal.dossier.record("congress_report")
    elected = None if report is None else report.get("held", "start")
    held = appraisal.get("held_on")
    if staff is None or held is None or (elected is not None and held < elected):
        return
    posts = (*law.value("staff.presidium_posts"), *law.value("appraisal.head_posts"))
    for member in staff.each("members"):
        if withheld(member, ("name", "role")) is not None:
            continue  # what is withheld has a finding of its own
        if member.get("role") in posts and member.get("name") not in listed:
            said = {"name": _name(member), "post": member.get("role")}
            yield failed(appraisal.at("due"), also=(member.address,), wording="not_listed", **said)


@rule(
    "R62",
    name="board-not-of-students",
    title=Text("评议会不是以学生代表为主，或缺少单位", "A board without a majority of students"),
    message=Text(
        "评议会 {size} 人，学生代表 {students} 人，至少须 {needed} 人",
        "{students} of the board's {size} members are students, at least {needed} must be",
    ),
    missing=Text(
        "没有评议会成员，无法核对：请填 appraisal.json 的 board（每人的 group）",
        "The members of the board are not given: fill in board of appraisal.json, with each one's group",
    ),
    hint=Text("增加学生代表；请学生工作部门和校团委参加", "Add students; both offices take part"),
    basis=(_ITEM_12,),
    each="appraisal:",
    reads=("appraisal:/board/*/group", "appraisal:/board"),
    effective_from=_SINCE,
    wordings={
        "bodies": Text("评议会里没有这些单位的人：{bodies}", "Nobody on the board is of: {bodies}"),
    },
)
def board_not_of_students(subject: Node, law: Law) -> Iterator[Verdict]:
    """Most of the board are students, and both offices take part."""
    at, share = subject.at("board"), law.value("appraisal.student_share")
    groups = [member.get("group") for member in subject.each("board")]
    if not groups or None in groups:
        yield unverified(at)
        return
    majority = Share(share["numerator"], share["denominator"], share["strict"])
    students, size = groups.count("student"), len(groups)
    absent = [body for body in law.value("appraisal.board_bodies") if body not in groups]
    if not majority.reached(students, size):
        yield failed(at, size=size, students=students, needed=majority.least(size))
    if absent:
        names = law.value("charter.names")
        yield failed(at, wording="bodies", bodies="、".join(names[body] for body in absent))
    elif majority.reached(students, size):
        yield passed(at)


@rule(
    "R63",
    name="appraisal-incomplete",
    title=Text("评议内容不全", "An appraisal without all its parts"),
    message=Text("{name}的评议没有填：{fields}", "The appraisal of {name} lacks: {fields}"),
    hint=Text("五个方面、存在的问题和改进措施都要填", "Fill in the five aspects, problems and measures"),
    basis=(
        "校级组织工作人员述职评议办法第四条：“政治态度、道德品行、学习成绩、工作成效、纪律作风以及存在的问题和改进措施等方面”",
    ),
    each="appraisal:/results/*",
    reads=("appraisal:/results/*/name", "appraisal:/results/*/aspects"),
    effective_from=_SINCE,
)
def appraisal_incomplete(subject: Node, law: Law) -> Iterator[Verdict]:
    """A result covers the five aspects, the problems and what will be done about them."""
    at = subject.at("aspects")
    blank = [key for key in law.value("appraisal.aspects") if subject.is_blank("aspects", key)]
    if blank:
        titles = (subject.title("aspects", key) for key in blank)
        yield failed(at, name=_name(subject), fields="、".join(titles))
    else:
        yield passed(at)


@rule(
    "R19",
    name="failed-course-not-acted-on",
    title=Text("一学期有课程不及格而没有劝退", "A failed course in the term, and nobody asked to leave"),
    message=Text(
        "{name}本学期有 {count} 门课程不及格，没有劝其退出的记录",
        "{name} failed {count} courses in the term, and was not asked to leave",
    ),
    missing=Text(
        "{name}本学期不及格课程门数没有填（failed_courses）",
        "{name}: the courses failed in the term are not given (failed_courses)",
    ),
    hint=Text(
        "按章程劝其退出，并填 asked_to_leave", "Ask the member to leave as the charter says, and set asked_to_leave"
    ),
    basis=("兰州现代职业学院学生会章程第二十条：“学生会干部在一学期内有课程考试不及格现象，由所在学生会劝其退出”",),
    each="appraisal:/results/*",
    reads=(
        "appraisal:/results/*/name",
        "appraisal:/results/*/failed_courses",
        "appraisal:/results/*/asked_to_leave",
    ),
    effective_from=_SINCE,
    severity=Severity.WARNING,
)
def failed_course_not_acted_on(subject: Node, law: Law) -> Iterator[Verdict]:
    """Whoever fails a course in a term is asked to leave."""
    at, count = subject.at("failed_courses"), subject.get("failed_courses")
    if count is None:
        yield unverified(at, name=_name(subject))
    elif count == 0 or subject.get("asked_to_leave"):
        yield passed(at)
    else:
        yield failed(at, name=_name(subject), count=count)


@rule(
    "R64",
    name="nominated-below-grade",
    title=Text("评议等次不够而获提名", "Nominated with too low a grade"),
    message=Text(
        "{name}的评议等次是“{grade}”，低于“{least}”，不应提名",
        "{name} was graded {grade}, below {least}, and is nominated",
    ),
    missing=Text(
        "{name}获提名，没有评议等次可查：请填 appraisal.json 的 results",
        "{name} is nominated and has no grade: fill in results of appraisal.json",
    ),
    hint=Text("取消提名，或核对等次", "Withdraw the nomination, or check the grade"),
    basis=(
        "校级组织工作人员述职评议办法第八条：“综合评价等次获得良及以上的学生会工作人员……依据评议结果择优提名”",
        _ITEM_13,
    ),
    each="appraisal:/nominations/*",
    reads=("appraisal:/nominations/*/name", "appraisal:/results/*/name", "appraisal:/results/*/grade"),
    effective_from=_SINCE,
)
def nominated_below_grade(subject: Node, law: Law) -> Iterator[Verdict]:
    """Only those graded good or better are nominated for honours."""
    at, name = subject.at("name"), subject.get("name")
    appraisal = next(iter(subject.dossier.records("appraisal")))
    order, least = law.value("appraisal.grades"), law.value("appraisal.honours_grade")
    graded = [one for one in appraisal.each("results") if one.get("name") == name and one.get("grade") is not None]
    if name is None or not graded:
        yield unverified(at, name=_name(subject))
        return
    for one in graded:
        if order.index(one.get("grade")) <= order.index(least):
            yield passed(at)
        else:
            yield failed(at, also=(one.at("grade"),), name=name, grade=one.get("grade"), least=least)


@rule(
    "R65",
    name="honours-tied-to-post",
    title=Text("评奖评优与岗位简单挂钩", "Honours tied to the post"),
    message=Text(
        "{name}的提名没有依据评议结果（依据：{bases}）",
        "The nomination of {name} is not based on the appraisal ({bases})",
    ),
    missing=Text(
        "{name}的提名没有写依据：请填 appraisal.json 中 nominations 的 based_on",
        "What the nomination of {name} is based on is not given: fill in based_on of nominations in appraisal.json",
    ),
    hint=Text("依据评议结果择优提名", "Nominate by the result of the appraisal"),
    basis=(_ITEM_13,),
    each="dossier:",
    reads=(
        "assessment_filing:/items/*/conclusion",
        "appraisal:/nominations/*/name",
        "appraisal:/nominations/*/based_on",
    ),
    effective_from=_SINCE,
    wordings={
        "no_record": Text(
            "评估备案表说依据评议结果择优提名，但没有述职评议记录可查：请填 appraisal.json",
            "The filing says that nominations follow the appraisal, but none is on record: fill in appraisal.json",
        ),
    },
)
def honours_tied_to_post(subject: Node, law: Law) -> Iterator[Verdict]:
    """Nominations for honours are based on the appraisal, never on the post alone."""
    appraisal = subject.dossier.record("appraisal")
    if appraisal is None:
        claim = claimed(subject.dossier, law.value("appraisal.honours_item"))
        # Where the filing also claims the appraisal itself, that is the one thing to be shown.
        cause = claimed(subject.dossier, law.value("appraisal.item"))
        if claim is not None:
            yield unverified(claim, cause=cause, wording="no_record")
        return
    for nomination in appraisal.each("nominations"):
        try:
            yield _judge_nomination(nomination)
        except Unreadable as problem:
            yield unreadable(nomination.address, problem.cause)


def _judge_nomination(nomination: Node) -> Verdict:
    given = (one.get() for one in nomination.each("based_on"))
    at, bases = nomination.at("based_on"), [base for base in given if base is not None]
    if not bases:
        return unverified(at, name=_name(nomination))
    if "appraisal" in bases:
        return passed(at)
    return failed(at, name=_name(nomination), bases="、".join(bases))
