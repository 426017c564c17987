"""That each row of the list says whose it is, and what the paper asks of everybody."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from formgen.findings import Severity, Text
from formgen.rules import rule
from formgen.rules.common import label, named
from formgen.rules.subject import Law, Node, Verdict, failed, not_applicable, passed, unreadable
from formgen.rules.table import Withheld

_SINCE = date(2019, 10, 1)
_SERIAL = "staff_list:/members/*/serial"


@rule(
    "R175",
    name="row-without-name",
    title=Text("名单有一行没有姓名", "A row of the list without a name"),
    message=Text("序号 {serial} 的一行没有填姓名，看不出是谁", "No. {serial} has no name: who it is cannot be told"),
    hint=Text("补填姓名；多余的一行删去", "Fill in the name, or delete the row"),
    basis=("校级组织工作人员名单的表头：“姓名”",),
    each="staff_list:/members/*",
    reads=("staff_list:/members/*/name", _SERIAL),
    effective_from=_SINCE,
    waivable=False,
)
def row_without_name(subject: Node, law: Law) -> Iterator[Verdict]:
    """Each row of the staff list is somebody's."""
    at = subject.at("name")
    if subject.has_text("name"):
        yield passed(at)
    else:
        yield failed(at, serial=label(subject)["serial"])


@rule(
    "R176",
    name="row-without-college",
    title=Text("名单有一行没有院系", "A row of the list without a college"),
    message=Text("{name}（序号 {serial}）没有填院系", "{name} (no. {serial}) has no college"),
    hint=Text("补填院系", "Fill in the college"),
    basis=("校级组织工作人员名单的表头：“院系”",),
    each="staff_list:/members/*",
    reads=("staff_list:/members/*/college", "staff_list:/members/*/name", _SERIAL),
    effective_from=_SINCE,
    severity=Severity.WARNING,
)
def row_without_college(subject: Node, law: Law) -> Iterator[Verdict]:
    """Each of the staff belongs to a college."""
    at = subject.at("college")
    yield passed(at) if subject.has_text("college") else failed(at, **label(subject))


@rule(
    "R178",
    name="experience-not-given",
    title=Text("没有填学生工作经历", "No experience given"),
    message=Text(
        "名单中有 {count} 人（{rows}）没有填“{field}”",
        "{count} rows ({rows}) have nothing in “{field}”",
    ),
    hint=Text(
        "补填院系、班级的工作经历；没有经历的写“无”",
        "Add the work in college and class, or write 无 where there is none",
    ),
    basis=("校级组织工作人员名单的表头：“院系、班级学生工作经历”",),
    each="staff_list:",
    reads=("staff_list:/members", "staff_list:/members/*/experience", "staff_list:/members/*/name", _SERIAL),
    effective_from=_SINCE,
    severity=Severity.WARNING,
)
def experience_not_given(subject: Node, law: Law) -> Iterator[Verdict]:
    """Everybody's experience is given, be it that there is none; what it says is R155's matter."""
    blank: list[int] = []
    read = False
    for row, given in enumerate(subject.column("members", "experience")):
        if isinstance(given, Withheld):
            yield unreadable(subject.at("members", row, "experience"), given.cause)
        elif given is not None and given.strip():
            read = True
        else:
            blank.append(row)
    if blank:
        members = subject.rows("members", blank)
        at, *also = members.places("experience")
        said: dict[str, Any] = {"count": len(members), "rows": named(members), "field": members[0].title("experience")}
        yield failed(at, also=tuple(also), **said)
    else:
        yield passed(subject.at("members")) if read else not_applicable(subject.at("members"))


@rule(
    "R179",
    name="college-not-of-the-school",
    title=Text("院系不在学校的学院之内", "A college that the school has not"),
    message=Text(
        "名单中有 {count} 人（{rows}）的院系写作“{college}”，学校的学院里没有这个名称",
        "{count} rows ({rows}) have the college “{college}”, which is none of the school's",
    ),
    hint=Text(
        "改成学院的全称；确有这个学院的，补进 dossier.json 的 colleges",
        "Write the college's full name, or add it to colleges of dossier.json",
    ),
    basis=("校级组织工作人员名单的表头：“院系”；学校的学院由 dossier.json 列出",),
    each="staff_list:",
    reads=(
        "staff_list:/members",
        "staff_list:/members/*/college",
        "staff_list:/members/*/name",
        _SERIAL,
        "dossier:/colleges/*/name",
    ),
    effective_from=_SINCE,
    severity=Severity.WARNING,
)
def college_not_of_the_school(subject: Node, law: Law) -> Iterator[Verdict]:
    """A college is called what the dossier calls it, where it says which there are."""
    known = {college.get("name") for college in subject.dossier.filing.each("colleges")} - {None}
    if not known:
        yield not_applicable(subject.at("members"))
        return
    foreign: dict[str, list[int]] = {}
    told = False
    for row, college in enumerate(subject.column("members", "college")):
        if isinstance(college, Withheld):
            yield unreadable(subject.at("members", row, "college"), college.cause)
        elif college in known:
            told = True
        elif college is not None and college.strip():
            foreign.setdefault(college, []).append(row)
    for college, rows in foreign.items():
        members = subject.rows("members", rows)
        at, *also = members.places("college")
        said: dict[str, Any] = {"count": len(members), "rows": named(members), "college": college}
        yield failed(at, also=tuple(also), **said)
    if not foreign:
        yield passed(subject.at("members")) if told else not_applicable(subject.at("members"))
