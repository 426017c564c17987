"""What the report on the congress must add up to."""

from collections.abc import Iterator
from datetime import date

from formgen.findings import Severity, Text
from formgen.rules import rule
from formgen.rules.subject import Law, Node, Verdict, failed, passed, unreadable, unverified


@rule(
    "R46",
    name="delegations-do-not-add-up",
    title=Text("代表团人数之和与代表总数不符", "Delegations do not add up"),
    message=Text(
        "代表数量写 {stated} 名，各代表团合计 {counted} 名",
        "{stated} delegates are stated, the delegations add up to {counted}",
    ),
    missing=Text(
        "代表总数或某个代表团的人数没有填，无法核对合计",
        "The number of delegates, or that of a delegation, is not given: the sum cannot be checked",
    ),
    hint=Text("核对各代表团人数与代表总数", "Check the delegations and the total"),
    basis=("校级学生代表大会召开情况：“代表数量：245名”及各代表团人数",),
    each="congress_report:",
    reads=("congress_report:/delegate_total", "congress_report:/delegations", "congress_report:/delegations/*/count"),
    effective_from=date(2019, 10, 1),
)
def delegations_do_not_add_up(subject: Node, law: Law) -> Iterator[Verdict]:
    """The delegations add up to the number of delegates."""
    at, total = subject.at("delegate_total"), subject.get("delegate_total")
    counts = [(delegation.at("count"), delegation.get("count")) for delegation in subject.each("delegations")]
    blank = [place for place, count in counts if count is None]
    if total is None:
        blank.insert(0, at)
    elif not counts:
        blank.append(subject.at("delegations"))
    if blank:
        yield unverified(blank[0], also=tuple(blank[1:4]))
        return
    counted = sum(count for _, count in counts)
    yield (
        passed(at) if counted == total else failed(at, also=(subject.at("delegations"),), stated=total, counted=counted)
    )


@rule(
    "R127",
    name="no-photographs",
    title=Text("没有现场照片", "No photographs"),
    message=Text("“现场照片”一栏是空的，大会没有图像可以佐证", "There are no photographs to bear the congress out"),
    hint=Text("把照片放进案卷，记入 congress_report 的 photos", "Put pictures into the dossier, and into photos here"),
    basis=("校级学生代表大会召开情况：“五、现场照片：”",),
    each="congress_report:",
    reads=("congress_report:/photos",),
    effective_from=date(2019, 10, 1),
    severity=Severity.INFO,
)
def no_photographs(subject: Node, law: Law) -> Iterator[Verdict]:
    """The report on the congress has photographs."""
    at = subject.at("photos")
    yield failed(at) if subject.is_blank("photos") else passed(at)


@rule(
    "R171",
    name="congress-report-incomplete",
    title=Text("学生代表大会召开情况没有填全", "Report on the congress incomplete"),
    message=Text("召开情况还空着：{fields}", "Still blank in the report on the congress: {fields}"),
    hint=Text("补填；只开一天的，开始、结束写同一天", "Fill them in; a congress of one day begins and ends on it"),
    basis=("校级学生代表大会召开情况：“一、时间”“二、地点”“三、代表数量”“四、主要议程”",),
    each="congress_report:",
    reads=("congress_report:/*",),
    effective_from=date(2019, 10, 1),
)
def congress_report_incomplete(subject: Node, law: Law) -> Iterator[Verdict]:
    """The report says when and where the congress was, how many came and what was on the agenda."""
    blank: list[tuple[str, ...]] = []
    for field in law.value("congress.asked"):
        blocked = subject.blocked(field)
        if blocked is not None:
            yield unreadable(subject.at(field), blocked)
        elif subject.is_blank(field):
            blank.append((field,))
        else:
            days = law.value("congress.asked_days").get(field, ())
            blank += [(field, day) for day in days if subject.get(field, day) is None]
    if blank:
        also = tuple(subject.at(*keys) for keys in blank[1:4])
        yield failed(subject.at(*blank[0]), also=also, fields="、".join(subject.title(*keys) for keys in blank))
    else:
        yield passed(subject.address)
