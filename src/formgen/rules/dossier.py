"""What the dossier as a whole must say: who files, when, and of what it consists."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from formgen.findings import Address, Severity, Text
from formgen.rules import rule
from formgen.rules.common import academic_year, filing_day
from formgen.rules.subject import (
    Law,
    Node,
    Unreadable,
    Verdict,
    failed,
    not_applicable,
    passed,
    unreadable,
    unverified,
)

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
    for rows in () if staff is None else staff.alike("members", "grade"):
        blocked = rows[0].blocked("grade")
        if blocked is not None:
            yield unreadable(rows[0].at("grade"), blocked)
        elif (grade := rows[0].get("grade")) is not None and grade > start:
            for member in rows:
                yield failed(member.at("grade"), also=(at,), given=member.get("grade"), **said)


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


@rule(
    "R173",
    name="material-not-handed-in",
    title=Text("案卷里还没有的材料", "Material that is not there yet"),
    message=Text("案卷里还没有：{forms}；这些内容没有核对", "Not in the dossier yet, and so not checked: {forms}"),
    hint=Text("交齐后放进案卷再核对一次", "Put them into the dossier when they are there, and check again"),
    basis=("备案材料由评估备案表、工作人员名单、章程、候选人登记表和学生代表大会召开情况组成",),
    each="dossier:",
    reads=(
        "assessment_filing:",
        "staff_list:",
        "charter:",
        "congress_report:",
        "candidate_registration:",
    ),
    effective_from=_SINCE,
    severity=Severity.INFO,
)
def material_not_handed_in(subject: Node, law: Law) -> Iterator[Verdict]:
    """Everything that a dossier consists of is there; what could not be read is there and has a finding of its own."""
    lacking = [form for form in law.value("filing.materials") if not _is_there(form, subject)]
    if lacking:
        yield failed(subject.address, forms="、".join(subject.dossier.title(Address(form)) for form in lacking))
    else:
        yield passed(subject.address)


def _is_there(form: str, subject: Node) -> bool:
    """Whether something of a form was handed in, be it unreadable."""
    try:
        return any(record.blocked() is not None or not record.is_blank() for record in subject.dossier.records(form))
    except Unreadable:
        return True


@rule(
    "R160",
    name="setting-looser-than-law",
    title=Text("本校的规定过宽", "A setting that is too loose"),
    message=Text(
        "本校的规定 {setting} 为 {own}，比 {law} 宽，仍按 {law} 核对（{law} 的出处：{source}）",
        "The school's own {setting} is {own}, looser than {law}; {law} is applied (source: {source})",
    ),
    hint=Text("改为同样严或更严的数值，或删去", "Write a number that is at least as strict, or remove it"),
    basis=("学校可以规定得更严，不能更宽；各数的出处不一：有的是评估备案表，有的是各校通行的办法（见 parameters）",),
    each="dossier:",
    reads=("dossier:/settings",),
    effective_from=_SINCE,
    wordings={
        "unknown": Text(
            "没有学校可以另定的参数“{setting}”，这一条不起作用",
            "There is no parameter “{setting}” that a school may set; it has no effect",
        )
    },
)
def setting_looser_than_law(subject: Node, law: Law) -> Iterator[Verdict]:
    """A school's own numbers are of parameters that it may set, and at least as strict as what holds elsewhere."""
    names = subject.names("settings")
    if not names:
        yield not_applicable(subject.at("settings"))
    for name in names:
        at = subject.at("settings", name, "value")
        blocked = subject.blocked("settings", name)
        if blocked is not None:
            yield unreadable(at, blocked)
        elif not law.is_local(name):
            yield failed(subject.at("settings", name), wording="unknown", setting=name)
        else:
            own, held = subject.get("settings", name, "value"), law.held(name)
            if law.parameters[name].allows(own, held.value):
                yield passed(at)
            else:
                yield failed(at, setting=name, own=own, law=held.value, source=held.source)
