"""What the school's documents make of the union: its tiers, duties and departments, its colleges, its members."""

from collections.abc import Iterator

from formgen.findings import Severity, Text
from formgen.rules import rule
from formgen.rules.charter.statements import (
    CONCLUSION,
    SINCE,
    cite,
    listed,
    named_bodies,
    place,
    reads,
    stated,
    ticked,
)
from formgen.rules.common import POSTGRADUATE_LEVELS, departments
from formgen.rules.subject import Law, Node, Verdict, failed, not_applicable, passed, unverified

_TIERS = (
    "评估备案表第 2 项：“工作机构架构为“主席团+工作部门”模式，"
    "未在工作部门以上或以下设置“中心”、“项目办公室”等常设层级。”"
)
_DUTIES = "评估备案表第 1 项：“未承担宿舍管理、校园文明纠察、安全保卫等高校行政职能。”"
_COLLEGES = "章程第十五条（五）：“各二级学院学生会主席团成员不超过三人……总人数一般为二十至三十人。”"


@rule(
    "R05",
    name="college-presidium-too-large",
    title=Text("学院（系）主席团人数上限过高", "College presidium too large"),
    message=Text(
        "学院（系）学生会主席团不超过 {limit} 人，而{quoted}",
        "The presidium of a college has at most {limit} members, but {quoted}",
    ),
    hint=Text("改为不超过规定人数", "Lower it"),
    basis=(_COLLEGES,),
    each="charter:",
    reads=reads("college_presidium_limit"),
    effective_from=SINCE,
)
def college_presidium_too_large(subject: Node, law: Law) -> Iterator[Verdict]:
    """The presidium of a college's union has at most three members."""
    limit = law.value("charter.college_presidium_limit")
    for statement in stated(subject, "college_presidium_limit"):
        if statement.get("count") > limit:
            yield failed(statement.address, limit=limit, quoted=cite(statement))
        else:
            yield passed(statement.address)


@rule(
    "R06",
    name="college-staff-unusual",
    title=Text("学院（系）学生会总人数不合常规", "Unusual size of a college's union"),
    message=Text(
        "学院（系）学生会一般为 {least} 至 {most} 人，而{quoted}",
        "A college's union usually has {least} to {most} members, but {quoted}",
    ),
    hint=Text("核对人数；确有需要的说明理由", "Check the numbers, or say why"),
    basis=(_COLLEGES,),
    each="charter:",
    reads=reads("college_staff"),
    effective_from=SINCE,
    severity=Severity.WARNING,
)
def college_staff_unusual(subject: Node, law: Law) -> Iterator[Verdict]:
    """The union of a college has 20 to 30 members."""
    least, most = law.value("charter.college_staff")
    for statement in stated(subject, "college_staff"):
        fewest = statement.get("min")
        if statement.get("max") > most or (fewest is not None and fewest < least):
            yield failed(statement.address, least=least, most=most, quoted=cite(statement))
        else:
            yield passed(statement.address)


@rule(
    "R07",
    name="forbidden-tier",
    title=Text("设有“中心”“项目办公室”等常设层级", "A forbidden tier"),
    message=Text("只能设主席团和工作部门，而{quoted}", "There are only the presidium and departments, but {quoted}"),
    hint=Text("撤销，或改为工作部门", "Abolish it, or make it a department"),
    basis=(_TIERS,),
    each="charter:",
    reads=(*reads("permanent_units", "departments"), "staff_list:/members", CONCLUSION),
    effective_from=SINCE,
    wordings={
        "on_list": Text(
            "只能设主席团和工作部门，而工作人员名单的部门有：{names}",
            "There are only the presidium and departments, but the staff list has: {names}",
        )
    },
)
def forbidden_tier(subject: Node, law: Law) -> Iterator[Verdict]:
    """There is no centre and no project office above or below the departments."""
    words = law.value("charter.forbidden_units")
    also = ticked(subject, law.value("charter.units_item"))
    sound = True
    for topic in ("permanent_units", "departments"):
        for statement in stated(subject, topic):
            names = (statement.get("name"),) if topic == "permanent_units" else listed(statement, "names")
            if any(name.endswith(word) for name in names for word in words):
                sound = False
                yield failed(statement.address, also=also, quoted=cite(statement))
    staff = subject.dossier.record("staff_list")
    listed_names = departments(staff, law)[0] if staff is not None else ()
    wrong = [name for name in listed_names if any(name.endswith(word) for word in words)]
    if wrong and staff is not None:
        sound = False
        yield failed(staff.at("members"), also=also, wording="on_list", names="、".join(wrong))
    if sound:
        yield passed(place(subject, "departments"))


@rule(
    "R09",
    name="administrative-duties",
    title=Text("承担高校行政职能", "Administrative duties"),
    message=Text("不得承担行政职能，而{quoted}", "The union must not take on administrative duties, but {quoted}"),
    missing=Text(
        "没有文件写明不承担宿舍管理、文明纠察、安全保卫中的 {count} 项（{duties}），无法核对；"
        "请把有关条文记入 charter 的 statements.duties",
        "No document says that {count} of these duties ({duties}) are not taken on;"
        " put the clauses into statements.duties of charter",
    ),
    hint=Text("退出这些工作", "Give these duties up"),
    basis=(_DUTIES,),
    each="charter:",
    reads=(*reads("duties"), CONCLUSION),
    effective_from=SINCE,
)
def administrative_duties(subject: Node, law: Law) -> Iterator[Verdict]:
    """The union does not run dormitories, patrol the campus or guard it."""
    forbidden = law.value("charter.forbidden_duties")
    also = ticked(subject, law.value("charter.duties_item"))
    mentioned = set()
    for statement in stated(subject, "duties"):
        duty = statement.get("duty")
        mentioned.add(duty)
        if duty in forbidden and statement.get("taken_on"):
            yield failed(statement.address, also=also, quoted=cite(statement))
    silent = [duty for duty in forbidden if duty not in mentioned]
    at = place(subject, "duties")
    if silent:
        yield unverified(at, also=also, count=len(silent), duties=named_bodies(silent, law))
    else:
        yield passed(at)


@rule(
    "R101",
    name="departments-differ",
    title=Text("章程与名单的部门名称不符", "Departments differ from the list"),
    message=Text(
        "名单的部门 {on_list} 不在章程之内，章程的部门 {in_charter} 不在名单之内：{quoted}",
        "Only the list has {on_list}, only the charter has {in_charter}: {quoted}",
    ),
    hint=Text("部门名称以章程为准，改正名单或修改章程", "Use the names of the charter, or amend it"),
    basis=("章程第十三条：“主席团下设学生会组织部、宣传部、学习部、文体部、实践部、维权与服务部等部门”",),
    each="charter:",
    reads=(*reads("departments"), "staff_list:/members"),
    effective_from=SINCE,
    severity=Severity.WARNING,
)
def departments_differ(subject: Node, law: Law) -> Iterator[Verdict]:
    """The departments of the list are those of the charter."""
    staff = subject.dossier.record("staff_list")
    stating = stated(subject, "departments")
    named, unknown = departments(staff, law) if staff is not None else ((), 0)
    for statement in stating:
        in_charter = listed(statement, "names")
        extra = [name for name in named if name not in in_charter]
        absent = [name for name in in_charter if name not in named]
        if staff is None or not named:
            yield not_applicable(statement.address)
        elif extra or (absent and not unknown):
            also = (staff.at("members"),)
            said = {"on_list": _names(extra), "in_charter": _names(absent), "quoted": cite(statement)}
            yield failed(statement.address, also=also, **said)
        else:
            yield passed(statement.address)


def _names(names: list[str]) -> str:
    return "、".join(names) if names else "—"


@rule(
    "R102",
    name="departments-left-open",
    title=Text("章程没有列尽工作部门", "The charter leaves the departments open"),
    message=Text(
        "部门名单没有列尽，不能据以确定部门不超过 {limit} 个：{quoted}",
        "The list of departments is open, so it does not settle that there are at most {limit}: {quoted}",
    ),
    hint=Text("列尽部门，删去“等”", "List all departments"),
    basis=("评估备案表第 3 项：“校级学生会组织工作部门不超过 6 个。”",),
    each="charter:",
    reads=reads("departments"),
    effective_from=SINCE,
    severity=Severity.WARNING,
)
def departments_left_open(subject: Node, law: Law) -> Iterator[Verdict]:
    """The charter lists all departments."""
    for statement in stated(subject, "departments"):
        if statement.get("open_ended"):
            yield failed(statement.address, limit=law.value("staff.department_limit"), quoted=cite(statement))
        else:
            yield passed(statement.address)


@rule(
    "R103",
    name="rotation-without-posts",
    title=Text("实行轮值，名单却没有轮值岗位", "Rotation, but no rotating post on the list"),
    message=Text(
        "名单的主席团成员都没有写轮值（执行）主席，而{quoted}",
        "No member of the presidium on the list has a rotating post, but {quoted}",
    ),
    hint=Text("在名单写明执行主席，或改正章程", "Name the 执行主席 on the list, or correct the charter"),
    basis=(
        "评估备案表第 4 项：“除主席、副主席（探索实行轮值制度的高校为执行主席）、部长、副部长、干事外未设其他职务。”",
    ),
    each="charter:",
    reads=(*reads("leadership"), "staff_list:/members"),
    effective_from=SINCE,
    severity=Severity.WARNING,
)
def rotation_without_posts(subject: Node, law: Law) -> Iterator[Verdict]:
    """Where the chair rotates, the list has members who hold it in turn."""
    staff = subject.dossier.record("staff_list")
    parts = () if staff is None else staff.alike("members", "role")
    roles = [None if rows[0].blocked("role") else rows[0].get("role") for rows in parts]
    presidium = [role for role in roles if role in law.value("staff.presidium_posts")]
    for statement in stated(subject, "leadership"):
        if statement.get("form") != "rotating" or staff is None or not presidium:
            yield not_applicable(statement.address)
        elif any(role in law.value("charter.rotating_posts") for role in presidium):
            yield passed(statement.address)
        else:
            yield failed(statement.address, also=(staff.at("members"),), quoted=cite(statement))


@rule(
    "R105",
    name="kind-without-members",
    title=Text("组织类型与会员不符", "Kind of organisation does not fit its members"),
    message=Text("组织类型是{kind}，而{quoted}", "The organisation is a {kind}, but {quoted}"),
    hint=Text(
        "核对 dossier.json 的 organisation.kind 与章程", "Compare organisation.kind in dossier.json with the charter"
    ),
    basis=("评估备案表表头：“组织名称：……学生会/研究生会”，两者择一", "章程第七条：“全日制专科学生均为本会会员。”"),
    each="charter:",
    reads=(*reads("member_levels"), "dossier:/organisation/kind"),
    effective_from=SINCE,
)
def kind_without_members(subject: Node, law: Law) -> Iterator[Verdict]:
    """A union of postgraduates has postgraduates for members, one of students has others too."""
    at = subject.dossier.filing.at("organisation", "kind")
    kind = subject.dossier.filing.get("organisation", "kind")
    for statement in stated(subject, "member_levels"):
        levels = listed(statement, "levels")
        postgraduates = [level for level in levels if level in POSTGRADUATE_LEVELS]
        if kind is None or not levels:  # R81 asks for the kind
            yield not_applicable(statement.address)
        elif (kind == "研究生会" and not postgraduates) or (kind == "学生会" and len(postgraduates) == len(levels)):
            yield failed(statement.address, also=(at,), kind=kind, quoted=cite(statement))
        else:
            yield passed(statement.address)
