"""What holds the union up, by the documents: its congress and standing body, its charter, its secretary-general."""

from collections.abc import Iterator

from formgen.findings import Severity, Text
from formgen.rules import rule
from formgen.rules.charter.statements import CONCLUSION, SINCE, cite, place, reads, stated, ticked
from formgen.rules.subject import Law, Node, Verdict, failed, passed, unverified


@rule(
    "R50",
    name="standing-body-executes",
    title=Text("常设机关代替日常执行机构", "Standing body in place of an executive"),
    message=Text(
        "代表大会的常设机关不得代替主席团执行，而{quoted}",
        "The standing body must not be the executive in place of the presidium, but {quoted}",
    ),
    missing=Text(
        "文件没有写：{topic}，无法核对；请记入 charter 的 statements.{key}",
        "No document states “{topic}”, so this cannot be checked; put it into statements.{key} of charter",
    ),
    hint=Text(
        "日常执行归主席团，秘书长由团委专职干部担任", "Let the presidium be the executive, with a secretary-general"
    ),
    basis=(
        "《高校学生代表大会工作规则》第七、八条（各校转载）：常任代表会议不代替日常执行机构；"
        "须设主席团，并聘团委专职干部任秘书长",
    ),
    each="charter:",
    reads=reads("standing_body", "presidium_size", "presidium_elected_by", "secretary_general"),
    effective_from=SINCE,
)
def standing_body_executes(subject: Node, law: Law) -> Iterator[Verdict]:
    """The standing body is no executive; there are a presidium and a secretary-general."""
    for statement in stated(subject, "standing_body"):
        if statement.get("executive"):
            yield failed(statement.address, quoted=cite(statement))
        else:
            yield passed(statement.address)
    for topics in (("presidium_elected_by", "presidium_size"), ("secretary_general",)):
        at = place(subject, topics[-1])
        if any(stated(subject, topic) for topic in topics):
            yield passed(at)
        else:
            # Where nobody says who elects the presidium, R22 has asked already.
            yield unverified(
                at,
                cause=place(subject, topics[0]) if len(topics) > 1 else None,
                topic=subject.title("statements", topics[-1]),
                key=topics[-1],
            )


@rule(
    "R53",
    name="amendment-too-easy",
    title=Text("修改章程的多数不足", "The charter is too easily amended"),
    message=Text(
        "修改章程须 {numerator}/{denominator} 多数通过，而{quoted}",
        "An amendment needs a majority of {numerator}/{denominator}, but {quoted}",
    ),
    missing=Text(
        "文件没有写怎样修改章程，无法核对；请记入 charter 的 statements.amendment",
        "No document says how the charter is amended; put it into statements.amendment of charter",
    ),
    hint=Text("改为三分之二以上多数通过", "Ask for two thirds"),
    basis=("章程第二十一条（二）：“在学生代表大会三分之二以上多数通过。”",),
    each="charter:",
    reads=reads("amendment"),
    effective_from=SINCE,
)
def amendment_too_easy(subject: Node, law: Law) -> Iterator[Verdict]:
    """The charter is amended by two thirds of the congress."""
    numerator, denominator = law.value("charter.two_thirds")
    found = stated(subject, "amendment")
    if not found:
        yield unverified(place(subject, "amendment"))
    for statement in found:
        if statement.get("numerator") * denominator < numerator * statement.get("denominator"):
            yield failed(statement.address, numerator=numerator, denominator=denominator, quoted=cite(statement))
        else:
            yield passed(statement.address)


@rule(
    "R104",
    name="interpreted-by-executive",
    title=Text("章程由执行机构解释", "The executive interprets the charter"),
    message=Text(
        "章程的解释权归受章程约束的执行机构：{quoted}",
        "The charter is interpreted by the executive that it binds: {quoted}",
    ),
    hint=Text("改由学生代表大会或其常设机关解释", "Leave it to the congress or its standing body"),
    basis=("章程第十二条（一）：“执行学生委员会的决定，对学生委员会负责并汇报工作。”",),
    each="charter:",
    reads=reads("interpreted_by"),
    effective_from=SINCE,
    severity=Severity.WARNING,
)
def interpreted_by_executive(subject: Node, law: Law) -> Iterator[Verdict]:
    """The charter is interpreted by those who adopt it, not by those who answer to them."""
    for statement in stated(subject, "interpreted_by"):
        if statement.get("by") in ("presidium", "chair", "departments", "department_heads"):
            yield failed(statement.address, quoted=cite(statement))
        else:
            yield passed(statement.address)


@rule(
    "R106",
    name="retimed-too-easily",
    title=Text("提前、延期召开的条件不足", "The congress is too easily put off"),
    message=Text(
        "提前或延期须 {numerator}/{denominator} 以上通过并报学校党委批准，而{quoted}",
        "Another date needs {numerator}/{denominator} and the approval of the school's Party committee, but {quoted}",
    ),
    hint=Text("补写所需的多数和报批", "State the majority and the approval"),
    basis=("章程第十条（一）：“经常务代表委员会三分之二以上通过并报经学院党委批准，可以提前或延期召开。”",),
    each="charter:",
    reads=reads("retiming"),
    effective_from=SINCE,
    severity=Severity.WARNING,
)
def retimed_too_easily(subject: Node, law: Law) -> Iterator[Verdict]:
    """Holding the congress early or late takes two thirds and the Party's approval."""
    numerator, denominator = law.value("charter.two_thirds")
    for statement in stated(subject, "retiming"):
        enough = statement.get("numerator") * denominator >= numerator * statement.get("denominator")
        if enough and statement.get("approved_by") == law.value("charter.retiming_approver"):
            yield passed(statement.address)
        else:
            yield failed(statement.address, numerator=numerator, denominator=denominator, quoted=cite(statement))


@rule(
    "R107",
    name="congress-too-seldom",
    title=Text("学生代表大会间隔过长", "Congresses too far apart"),
    message=Text(
        "学生代表大会至多 {years} 年召开一次，而{quoted}",
        "The congress meets at least every {years} years, but {quoted}",
    ),
    hint=Text("改为每年召开", "Hold it every year"),
    basis=("章程第十条（一）：“学生代表大会为每年一次”",),
    each="charter:",
    reads=reads("congress_interval_years"),
    effective_from=SINCE,
)
def congress_too_seldom(subject: Node, law: Law) -> Iterator[Verdict]:
    """The congress meets every year."""
    years = law.value("election.interval_years")
    for statement in stated(subject, "congress_interval_years"):
        if statement.get("years") > years:
            yield failed(statement.address, years=years, quoted=cite(statement))
        else:
            yield passed(statement.address)


@rule(
    "R108",
    name="secretary-general-not-full-time",
    title=Text("秘书长不由专职干部担任", "Secretary-general not full-time"),
    message=Text(
        "秘书长须由校团委专职副书记或干部担任，而{quoted}",
        "The secretary-general is a full-time official of the school's League, but {quoted}",
    ),
    hint=Text("聘任校团委专职副书记或干部", "Appoint a full-time official of the League"),
    basis=("评估备案表第 15 项：“聘任校团委专职副书记或干部担任校级学生会组织秘书长。”",),
    each="charter:",
    reads=(*reads("secretary_general"), CONCLUSION),
    effective_from=SINCE,
)
def secretary_general_not_full_time(subject: Node, law: Law) -> Iterator[Verdict]:
    """The secretary-general is a full-time official of the League of the school."""
    also = ticked(subject, law.value("responsible_persons.people_item"))
    for statement in stated(subject, "secretary_general"):
        if statement.get("full_time") and statement.get("from") in (None, "university_league"):
            yield passed(statement.address)
        else:
            yield failed(statement.address, also=also, quoted=cite(statement))
