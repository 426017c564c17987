"""What the registration of a candidate for the presidium asks for."""

from collections.abc import Iterator
from datetime import date

from formgen.findings import Severity, Text
from formgen.rules import rule
from formgen.rules.common import WRITE_STATUS, name_of, unclear_status
from formgen.rules.subject import Law, Node, Verdict, failed, not_applicable, passed, unreadable


@rule(
    "R172",
    name="registration-without-name",
    title=Text("候选人登记表没有姓名", "Registration without a name"),
    message=Text("登记表没有填姓名，看不出是谁的", "The registration has no name: whose it is cannot be told"),
    hint=Text("补填姓名；空白的登记表不必交", "Fill in the name; a blank registration need not be handed in"),
    basis=(
        "校级组织主席团成员候选人产生办法及选举办法：“候选人需领取《……学生会主席团选举候选人登记表》，认真填写后上交。”",
    ),
    each="candidate_registration:",
    reads=("candidate_registration:/name",),
    effective_from=date(2019, 10, 1),
    waivable=False,
)
def registration_without_name(subject: Node, law: Law) -> Iterator[Verdict]:
    """A registration is somebody's; what else is blank is R86's matter."""
    at = subject.at("name")
    yield passed(at) if subject.has_text("name") else failed(at)


@rule(
    "R86",
    name="registration-incomplete",
    title=Text("候选人登记表没有填全", "Registration incomplete"),
    message=Text("登记表还空着：{fields}", "Still blank in the registration: {fields}"),
    hint=Text("请候选人补填", "Have the candidate fill them in"),
    basis=(
        "校级组织主席团成员候选人产生办法及选举办法：“候选人需领取《……学生会主席团选举候选人登记表》，认真填写后上交。”",
    ),
    each="candidate_registration:",
    reads=("candidate_registration:/*",),
    effective_from=date(2019, 10, 1),
    severity=Severity.WARNING,
)
def registration_incomplete(subject: Node, law: Law) -> Iterator[Verdict]:
    """A candidate fills in what the form asks for."""
    blank = []
    for field in law.value("candidate.asked"):
        blocked = subject.blocked(field)
        if blocked is not None:
            yield unreadable(subject.at(field), blocked)
        elif subject.is_blank(field):
            blank.append(subject.title(field))
    yield failed(subject.address, fields="、".join(blank)) if blank else passed(subject.address)


@rule(
    "R177",
    name="candidate-status-unclear",
    title=Text("候选人的政治面貌写得不全", "A candidate's political status is unclear"),
    message=Text(
        "{name}的政治面貌写作“{status}”，看不出是中共党员还是中共预备党员",
        "{name}: “{status}” may be a full or a probationary member of the Party",
    ),
    hint=WRITE_STATUS,
    basis=(
        "登记表“政治面貌”一栏；当选后列入工作人员名单，评估备案表第 5 项（2021 年 11 月起为第 7 项）："
        "“学生会组织工作人员为共产党员或共青团员。”",
    ),
    each="candidate_registration:",
    reads=("candidate_registration:/political_status", "candidate_registration:/name"),
    effective_from=date(2019, 10, 1),
    severity=Severity.WARNING,
    wordings={
        "compound": Text(
            "{name}的政治面貌写作“{status}”：后一半是发展党员的阶段，不是政治面貌，请只写共青团员",
            "{name}: the second half of “{status}” is a stage on the way to the Party; write 共青团员",
        )
    },
)
def candidate_status_unclear(subject: Node, law: Law) -> Iterator[Verdict]:
    """A registration prints the same words as the list of staff (R85): who is elected stands in it."""
    status, at = subject.get("political_status"), subject.at("political_status")
    unclear = unclear_status(status, law)
    if status is None:
        yield not_applicable(at)
    elif unclear is None:
        yield passed(at)
    else:
        yield failed(at, wording="" if unclear == "ambiguous" else unclear, name=name_of(subject), status=status)
