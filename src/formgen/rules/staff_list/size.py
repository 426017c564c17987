"""How many staff, members of the presidium and departments there may be."""

from collections.abc import Iterator
from datetime import date

from formgen.findings import Text
from formgen.rules import rule
from formgen.rules.common import departments, presidium
from formgen.rules.subject import Law, Node, Verdict, failed, not_applicable, passed, unverified

_SINCE = date(2019, 10, 1)
_SIZE_B = "2021 年 11 月起的备案表为第 3 项"
_SIZE = "评估备案表第 3 项：“校级学生会组织工作人员不超过 40 人，学生人数较多、分校区较多的高校不超过 60 人。”"


@rule(
    "R01",
    name="too-many-staff",
    title=Text("校级工作人员过多", "Too many staff"),
    message=Text("校级工作人员 {count} 人，超过 {limit} 人的上限", "{count} staff, above the limit of {limit}"),
    missing=Text(
        "校级工作人员 {count} 人，超过 {limit} 人，而 dossier.json 没有写明理由（staff_limit_reason）",
        "{count} staff, above {limit}, and dossier.json gives no reason (staff_limit_reason)",
    ),
    hint=Text("核减人员；学生人数较多、分校区较多的，写明理由", "Reduce the staff, or state the reason"),
    basis=(_SIZE, _SIZE_B),
    each="staff_list:",
    reads=("staff_list:/members", "dossier:/staff_limit_reason"),
    effective_from=_SINCE,
)
def too_many_staff(subject: Node, law: Law) -> Iterator[Verdict]:
    """At most 40 staff; at most 60 where the school states why."""
    count = subject.size("members")
    at = subject.at("members")
    limit, large = law.value("staff.limit"), law.value("staff.limit_large")
    if count == 0:
        yield not_applicable(at)
    elif count > large:
        yield failed(at, count=count, limit=large)
    elif count <= limit or subject.dossier.filing.has_text("staff_limit_reason"):
        yield passed(at)
    else:
        yield unverified(at, cause=subject.dossier.filing.at("staff_limit_reason"), count=count, limit=limit)


@rule(
    "R170",
    name="staff-list-empty",
    title=Text("工作人员名单没有人", "Staff list without people"),
    message=Text("工作人员名单里一个人也没有", "There is nobody in the staff list"),
    hint=Text("填写名单；尚未产生的，先不交", "Fill in the list, or do not hand it in yet"),
    basis=("校级组织工作人员名单的表头：“序号”“姓名”", "评估备案表第 3 项的备注：“实有 59 人”"),
    each="staff_list:",
    reads=("staff_list:/members",),
    effective_from=_SINCE,
    waivable=False,
)
def staff_list_empty(subject: Node, law: Law) -> Iterator[Verdict]:
    """A staff list names somebody."""
    at = subject.at("members")
    yield passed(at) if subject.size("members") else failed(at)


@rule(
    "R02",
    name="staff-limit-unjustified",
    title=Text("工作人员超过 40 人而依据不足", "More than 40 staff without grounds"),
    message=Text(
        "工作人员 {count} 人超过 {limit} 人，已有学生人数或校区数，但没有写明理由",
        "{count} staff, above {limit}: student numbers or campuses are given, but no reason",
    ),
    missing=Text(
        "工作人员 {count} 人超过 {limit} 人，是否属于学生人数较多、分校区较多无从核对；dossier.json 还缺：{lacking}",
        "{count} staff, above {limit}: whether the school is large or has many campuses cannot be checked;"
        " dossier.json lacks {lacking}",
    ),
    hint=Text(
        "在 dossier.json 写 staff_limit_reason，并给出 enrolment.total（在校生总数）或 campuses（校区数，至少两个）",
        "Write staff_limit_reason in dossier.json, with enrolment.total or campuses (more than one)",
    ),
    basis=(_SIZE, _SIZE_B),
    each="staff_list:",
    reads=(
        "staff_list:/members",
        "dossier:/staff_limit_reason",
        "dossier:/enrolment/total",
        "dossier:/campuses",
    ),
    effective_from=_SINCE,
)
def staff_limit_unjustified(subject: Node, law: Law) -> Iterator[Verdict]:
    """41 to 60 staff need a stated reason and a fact that bears it out; no regulation says what is "many"."""
    count, filing = subject.size("members"), subject.dossier.filing
    at, also = filing.at("staff_limit_reason"), (subject.at("members"),)
    limit = law.value("staff.limit")
    if not limit < count <= law.value("staff.limit_large"):
        yield not_applicable(at)
        return
    reasoned = filing.has_text("staff_limit_reason")
    # A school with one campus does not have many, whatever "many" may be.
    facts = filing.get("enrolment", "total") is not None or (filing.get("campuses") or 0) > 1
    if reasoned and facts:
        yield passed(at)
    elif facts:
        yield failed(at, also=also, count=count, limit=limit)
    else:
        lacking = "enrolment.total | campuses"
        lacking = lacking if reasoned else f"staff_limit_reason, {lacking}"
        yield unverified(at, also=also, count=count, limit=limit, lacking=lacking)


@rule(
    "R03",
    name="presidium-too-large",
    title=Text("主席团成员过多", "Presidium too large"),
    message=Text(
        "名单中主席团成员 {count} 人，超过 {limit} 人的上限", "{count} in the presidium, above the limit of {limit}"
    ),
    missing=Text(
        "名单中主席团成员 {count} 人，另有 {unknown} 人看不出岗位，无法判断是否超过 {limit} 人",
        "{count} in the presidium and {unknown} rows without a post: whether {limit} is exceeded cannot be told",
    ),
    hint=Text("核对各人的岗位；看不出的，在“岗位”一栏写明", "Check the posts; write down those that are missing"),
    basis=("评估备案表第 3 项：“校级学生会组织主席团成员不超过 5 人。”", "2021 年 11 月起的备案表为第 4 项"),
    each="staff_list:",
    reads=("staff_list:/members", "staff_list:/members/*/role", "staff_list:/members/*/department"),
    effective_from=_SINCE,
)
def presidium_too_large(subject: Node, law: Law) -> Iterator[Verdict]:
    """At most five in the presidium."""
    tally, limit, at = presidium(subject, law), law.value("staff.presidium_limit"), subject.at("members")
    if tally.certain > limit:
        yield failed(at, count=tally.certain, limit=limit)
    elif tally.certain + tally.unknown > limit:
        yield unverified(at, count=tally.certain, unknown=tally.unknown, limit=limit)
    else:
        yield passed(at)


@rule(
    "R04",
    name="too-many-departments",
    title=Text("工作部门过多", "Too many departments"),
    message=Text(
        "名单中有 {count} 个工作部门（{names}），超过 {limit} 个的上限",
        "{count} departments ({names}), above the limit of {limit}",
    ),
    missing=Text(
        "名单中有 {count} 个工作部门，另有 {unknown} 人看不出部门，无法判断是否超过 {limit} 个",
        "{count} departments and {unknown} rows without one: whether {limit} is exceeded cannot be told",
    ),
    hint=Text("核对各人的部门；同一部门的名称写成一样", "Check the departments; write the same one the same way"),
    basis=("评估备案表第 3 项：“校级学生会组织工作部门不超过 6 个。”", "2021 年 11 月起的备案表为第 5 项"),
    each="staff_list:",
    reads=("staff_list:/members", "staff_list:/members/*/department", "staff_list:/members/*/role"),
    effective_from=_SINCE,
)
def too_many_departments(subject: Node, law: Law) -> Iterator[Verdict]:
    """At most six departments."""
    (names, unknown), limit, at = departments(subject, law), law.value("staff.department_limit"), subject.at("members")
    if len(names) > limit:
        yield failed(at, count=len(names), names="、".join(names), limit=limit)
    elif len(names) + unknown > limit:
        yield unverified(at, count=len(names), unknown=unknown, limit=limit)
    else:
        yield passed(at)
