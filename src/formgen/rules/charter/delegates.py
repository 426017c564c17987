"""How delegates come to the congress, by the documents: who proposes and elects them, how the seats are shared out."""

from collections.abc import Iterator

from formgen.findings import Severity, Text
from formgen.rules import rule
from formgen.rules.charter.statements import (
    CONCLUSION,
    SINCE,
    cite,
    listed,
    place,
    places,
    reads,
    stated,
    ticked,
)
from formgen.rules.subject import Law, Node, Verdict, failed, not_applicable, passed, unverified

_STEPS = "评估备案表第 10 项：“校级学生（研究生）代表大会代表经班级团支部推荐、学院（系）组织选举产生。”"
_METHOD = "校级学生代表大会代表产生办法"


@rule(
    "R109",
    name="delegates-chosen-otherwise",
    title=Text("代表不按规定产生", "Delegates chosen otherwise"),
    message=Text(
        "代表应经班级团支部推荐、学院（系）组织选举产生，而{quoted}",
        "Delegates are nominated by the League branch of a class and elected by the college, but {quoted}",
    ),
    missing=Text(
        "文件没有写“{topic}”，无法核对；请记入 charter 的 statements.{key}",
        "No document says “{topic}”; put it into statements.{key} of charter",
    ),
    hint=Text("改为班级团支部推荐、学院（系）组织选举", "Follow those two steps"),
    basis=(_STEPS,),
    each="charter:",
    reads=(*reads("delegates_nominated_by", "delegates_elected_by"), CONCLUSION),
    effective_from=SINCE,
)
def delegates_chosen_otherwise(subject: Node, law: Law) -> Iterator[Verdict]:
    """Delegates are nominated by the League branch of their class and elected in their college."""
    also = ticked(subject, law.value("delegates.item"))
    demanded = (("delegates_nominated_by", "delegate_nominator"), ("delegates_elected_by", "delegate_elector"))
    for topic, parameter in demanded:
        found = stated(subject, topic)
        wrong = [node for node in found if node.get("by") not in law.value(f"charter.{parameter}")]
        if not found:
            yield unverified(place(subject, topic), also=also, topic=subject.title("statements", topic), key=topic)
        elif wrong:
            yield failed(wrong[0].address, also=(*places(wrong[1:]), *also), quoted=cite(*wrong))
        else:
            yield passed(found[0].address)


@rule(
    "R110",
    name="share-promised-too-low",
    title=Text("代表的比例低于要求", "A share of delegates is set too low"),
    message=Text("应不低于 {percent}%，而{quoted}", "At least {percent} per cent are needed, but {quoted}"),
    hint=Text("提高比例", "Raise the share"),
    basis=(
        f"{_METHOD}一：“非学生会组织骨干的学生代表一般不低于60%”",
        f"{_METHOD}三（一）：“按照多于代表名额 20% 的要求”",
    ),
    each="charter:",
    reads=reads("non_backbone_percent", "delegate_surplus_percent"),
    effective_from=SINCE,
)
def share_promised_too_low(subject: Node, law: Law) -> Iterator[Verdict]:
    """60 % of the delegates hold no office, and there are 20 % more candidates than seats."""
    demanded = (
        ("non_backbone_percent", "delegates.non_backbone_percent"),
        ("delegate_surplus_percent", "delegates.surplus_percent"),
    )
    for topic, parameter in demanded:
        percent = law.value(parameter)
        for statement in stated(subject, topic):
            if statement.get("percent") < percent:
                yield failed(statement.address, percent=percent, quoted=cite(statement))
            else:
                yield passed(statement.address)


@rule(
    "R111",
    name="delegates-not-settled",
    title=Text("代表的层级或名额没有写清楚", "Levels or seats of delegates not settled"),
    message=Text(
        "选举的层级只含一年级，其他年级的学生不在其内：{quoted}",
        "A level of the election holds freshmen only and leaves the other students out: {quoted}",
    ),
    hint=Text("核对文字，补上名额分配表", "Check the wording, and publish the table"),
    basis=(f"{_METHOD}一：“以“班级—一年级—学院”三级模式逐级差额选举产生”“各学院代表的具体名额分配。”",),
    each="charter:",
    reads=reads("delegate_levels", "delegate_allocation"),
    effective_from=SINCE,
    severity=Severity.INFO,
    wordings={
        "no_table": Text("代表名额另表分配，表没有公布：{quoted}", "The table of seats is not there: {quoted}"),
    },
)
def delegates_not_settled(subject: Node, law: Law) -> Iterator[Verdict]:
    """Every student belongs to each level of the election, and the table of seats is there."""
    for statement in stated(subject, "delegate_levels"):
        if "first_year" in listed(statement, "levels"):
            yield failed(statement.address, quoted=cite(statement))
        else:
            yield passed(statement.address)
    for statement in stated(subject, "delegate_allocation"):
        if statement.get("basis") == "table" and statement.get("table_given") is False:
            yield failed(statement.address, wording="no_table", quoted=cite(statement))
        else:
            yield passed(statement.address)


@rule(
    "R112",
    name="seats-not-in-proportion",
    title=Text("代表名额与学生人数不成比例", "Seats not in proportion to the students"),
    message=Text(
        "{delegation}有代表 {count} 名，按学生人数应为 {least} 或 {most} 名：{quoted}",
        "{delegation} has {count} delegates; in proportion it would have {least} or {most}: {quoted}",
    ),
    missing=Text(
        "按比例分配的承诺无法核对（{count} 个代表团，{fewest} 至 {most} 名）：{quoted}；"
        "请在 dossier.json 的 enrolment.by_college 给出各学院人数，并让代表团名称写明学院",
        "Whether the seats are in proportion cannot be checked ({count} delegations of {fewest} to {most}): {quoted};"
        " give enrolment.by_college in dossier.json, and name the college in each delegation's name",
    ),
    hint=Text("核对各学院人数与代表名额", "Check the students of each college and its seats"),
    basis=("章程第十条（一）：“各二级学院代表名额根据学生总数按比例分配。”",),
    each="charter:",
    reads=(
        *reads("delegate_allocation"),
        "congress_report:/delegations",
        "dossier:/enrolment/by_college",
        "dossier:/colleges",
    ),
    effective_from=SINCE,
    severity=Severity.WARNING,
)
def seats_not_in_proportion(subject: Node, law: Law) -> Iterator[Verdict]:
    """Seats that are shared out in proportion differ from the exact share by less than one."""
    promises = [node for node in stated(subject, "delegate_allocation") if node.get("basis") == "proportional"]
    report = subject.dossier.record("congress_report")
    delegations = [] if report is None else list(report.each("delegations"))
    counts = [delegation.get("count") for delegation in delegations]
    at = place(subject, "delegate_allocation")
    if not promises or report is None or not delegations or None in counts:
        yield not_applicable(at)
        return
    quoted = cite(promises[0])
    also = (report.at("delegations"), *places(promises))
    enrolled = [students for node in delegations if (students := _students(subject, node)) is not None]
    if len(enrolled) < len(delegations):
        said = {"count": len(counts), "fewest": min(counts), "most": max(counts), "quoted": quoted}
        yield unverified(promises[0].address, also=also[:1], **said)
        return
    seats, students = sum(counts), sum(enrolled)
    for delegation, count, share in zip(delegations, counts, enrolled, strict=True):
        # The exact share is seats × share / students; a fair number is that, rounded down or up.
        least, most = seats * share // students, -(-seats * share // students)
        if least <= count <= most:
            yield passed(delegation.at("count"))
        else:
            said = {"delegation": delegation.get("name"), "count": count, "least": least, "most": most}
            yield failed(delegation.at("count"), also=also[1:], **said, quoted=quoted)


def _students(charter: Node, delegation: Node) -> int | None:
    """How many students the college of a delegation has: the one that the delegation is named after."""
    filing, name = charter.dossier.filing, delegation.get("name")
    colleges = [college for college in filing.names("enrolment", "by_college") if name and name.startswith(college)]
    if not colleges:
        return None
    students = filing.get("enrolment", "by_college", max(colleges, key=len))
    return int(students) if students else None
