"""What the report on the congress must add up to."""

from collections.abc import Iterator
from datetime import date

from formgen.findings import Text
from formgen.rules import rule
from formgen.rules.subject import Law, Node, Verdict, failed, passed, unverified


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
