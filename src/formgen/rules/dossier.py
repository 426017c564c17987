"""What the dossier as a whole must say: who files, and when."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from formgen.findings import Text
from formgen.rules import rule
from formgen.rules.common import academic_year, filing_day
from formgen.rules.subject import Law, Node, Verdict, failed, passed, unreadable, unverified

_SINCE = date(2019, 10, 1)


@rule(
    "R15",
    name="freshmen-uncertain",
    title=Text("一年级新生的判断与备案日期", "Who is a freshman"),
    message=Text(
        "此处写 {given} 年，而 {day} 属于 {start} 年开始的学年",
        "This says {given}, but {day} lies in the academic year that began in {start}",
    ),
    missing=Text(
        "dossier.json 没有 filing_date（备案日期），一年级新生暂按 {day} 所在的学年（{start} 年入学）判断",
        "dossier.json has no filing_date; freshmen are taken to be those who entered in {start}, as of {day}",
    ),
    hint=Text(
        "在 dossier.json 写 filing_date，或改正学年、年级", "Write filing_date, or correct the year or the grade"
    ),
    basis=(
        "评估备案表第 6 项：“除一年级新生外的本专科生”",
        "一年级新生即备案日期所在学年入学者（由备案日期推定）",
    ),
    each="dossier:",
    reads=("dossier:/filing_date", "dossier:/academic_year/start", "staff_list:/members/*/grade"),
    effective_from=_SINCE,
)
def freshmen_uncertain(subject: Node, law: Law) -> Iterator[Verdict]:
    """A freshman is one whose year of entry is that in which the academic year of filing began."""
    at, stated = subject.at("filing_date"), subject.get("academic_year", "start")
    day = filing_day(subject, law)
    start = academic_year(day, law)
    said: dict[str, Any] = {"day": day.isoformat(), "start": start}
    if subject.get("filing_date") is None:
        yield unverified(at, **said)
    elif stated is not None and stated != start:
        yield failed(subject.at("academic_year", "start"), also=(at,), given=stated, **said)
    else:
        yield passed(at)
    staff = subject.dossier.record("staff_list")
    for member in () if staff is None else staff.each("members"):
        blocked = member.blocked("grade")
        if blocked is not None:
            yield unreadable(member.at("grade"), blocked)
        elif (grade := member.get("grade")) is not None and grade > start:
            yield failed(member.at("grade"), also=(at,), given=grade, **said)


@rule(
    "R81",
    name="organisation-kind-missing",
    title=Text("没有选定组织类型", "Kind of organisation not chosen"),
    message=Text(
        "没有写明是学生会还是研究生会（dossier.json 的 organisation.kind）",
        "Neither 学生会 nor 研究生会 is chosen (organisation.kind in dossier.json)",
    ),
    hint=Text("在 dossier.json 的 organisation.kind 写“学生会”或“研究生会”", "Write 学生会 or 研究生会 there"),
    basis=("评估备案表表头：“组织名称：……学生会/研究生会”，两者择一",),
    each="dossier:",
    reads=("dossier:/organisation/kind",),
    effective_from=_SINCE,
)
def organisation_kind_missing(subject: Node, law: Law) -> Iterator[Verdict]:
    """One of the two kinds of organisation is chosen."""
    at = subject.at("organisation", "kind")
    yield failed(at) if subject.get("organisation", "kind") is None else passed(at)
