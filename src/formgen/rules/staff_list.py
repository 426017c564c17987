"""What item 3, 5 and 6 of the assessment demand of the staff list, and that the list is in order."""

from collections.abc import Iterator
from datetime import date

from formgen.findings import Severity, Text
from formgen.rules import rule
from formgen.rules.common import (
    departments,
    is_postgraduate,
    label,
    must_have_rank,
    presidium,
    rank_of,
    withheld,
)
from formgen.rules.subject import Law, Node, Verdict, failed, not_applicable, passed, unreadable, unverified

_SINCE = date(2019, 10, 1)
_SIZE = "评估备案表第 3 项：“校级学生会组织工作人员不超过 40 人，学生人数较多、分校区较多的高校不超过 60 人。”"
_STATUS = "评估备案表第 5 项：“学生会组织工作人员为共产党员或共青团员。”"
_STUDY = (
    "评估备案表第 6 项：“学生会组织工作人员中除一年级新生外的本专科生最近 1 个学期/最近 1 学年/入学以来三者取其一，"
    "学习成绩综合排名在本专业前 30% 以内，且无课业不及格情况；研究生无课业不及格情况。”"
)
_LIST = "校级组织工作人员名单的表头：“序号”“姓名”“备注”"
_FRESHMAN_READS = (
    "staff_list:/members/*/grade",
    "staff_list:/members/*/level",
    "dossier:/organisation/kind",
    "dossier:/filing_date",
)
_LABEL_READS = ("staff_list:/members/*/name", "staff_list:/members/*/serial")


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
    basis=(_SIZE,),
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
    elif count <= limit or subject.dossier.filing.get("staff_limit_reason") is not None:
        yield passed(at)
    else:
        yield unverified(at, cause=subject.dossier.filing.at("staff_limit_reason"), count=count, limit=limit)


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
        "在 dossier.json 写 staff_limit_reason，并给出 enrolment.total（在校生总数）或 campuses（校区数）",
        "Write staff_limit_reason in dossier.json, with enrolment.total or campuses",
    ),
    basis=(_SIZE,),
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
    reasoned = filing.get("staff_limit_reason") is not None
    facts = filing.get("enrolment", "total") is not None or filing.get("campuses") is not None
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
    basis=("评估备案表第 3 项：“校级学生会组织主席团成员不超过 5 人。”",),
    each="staff_list:",
    reads=("staff_list:/members", "staff_list:/members/*/role"),
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
    basis=("评估备案表第 3 项：“校级学生会组织工作部门不超过 6 个。”",),
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


@rule(
    "R10",
    name="neither-party-nor-league",
    title=Text("既非党员也非团员", "Neither party nor league member"),
    message=Text(
        "{name}（序号 {serial}）的政治面貌是“{status}”，看不出是共产党员或共青团员",
        "{name} (no. {serial}): “{status}” does not show a member of the Party or the League",
    ),
    missing=Text("{name}（序号 {serial}）没有填政治面貌", "{name} (no. {serial}): the political status is not given"),
    hint=Text(
        "入党积极分子、发展对象不是政治面貌：本人是团员的，填“共青团员”",
        "An applicant for the Party is no status of its own: write 共青团员 for a member of the League",
    ),
    basis=(_STATUS,),
    each="staff_list:/members/*",
    reads=("staff_list:/members/*/political_status", *_LABEL_READS),
    effective_from=_SINCE,
)
def neither_party_nor_league(subject: Node, law: Law) -> Iterator[Verdict]:
    """Staff are members of the Party (probationary ones too) or of the League."""
    status, at = subject.get("political_status"), subject.at("political_status")
    accepted = (law.value(f"political_status.{name}") for name in ("party", "league", "ambiguous"))
    if status is None:
        yield unverified(at, **label(subject))
    elif any(status in words for words in accepted):
        yield passed(at)
    else:
        yield failed(at, **label(subject), status=status)


@rule(
    "R85",
    name="ambiguous-political-status",
    title=Text("政治面貌写得不全", "Ambiguous political status"),
    message=Text(
        "{name}（序号 {serial}）的政治面貌写作“{status}”，看不出是中共党员还是中共预备党员",
        "{name} (no. {serial}): “{status}” may be a full or a probationary member of the Party",
    ),
    hint=Text("请写全：中共党员，或中共预备党员", "Write 中共党员 or 中共预备党员"),
    basis=(_STATUS,),
    each="staff_list:/members/*",
    reads=("staff_list:/members/*/political_status", *_LABEL_READS),
    effective_from=_SINCE,
    severity=Severity.WARNING,
)
def ambiguous_political_status(subject: Node, law: Law) -> Iterator[Verdict]:
    """A word that may mean a full or a probationary member is not printed unasked."""
    status, at = subject.get("political_status"), subject.at("political_status")
    if status is None:
        yield not_applicable(at)
    elif status in law.value("political_status.ambiguous"):
        yield failed(at, **label(subject), status=status)
    else:
        yield passed(at)


@rule(
    "R11",
    name="rank-outside-limit",
    title=Text("学习成绩综合排名超出规定范围", "Rank outside the limit"),
    message=Text(
        "{name}（序号 {serial}）的排名“{rank}”不在本专业前 {limit}% 以内",
        "{name} (no. {serial}): rank “{rank}” is not within the first {limit}% of the major",
    ),
    missing=Text(
        "{name}（序号 {serial}）的排名是否在本专业前 {limit}% 以内，无法核对",
        "{name} (no. {serial}): whether the rank is within the first {limit}% of the major cannot be checked",
    ),
    hint=Text(
        "核对排名与所选期间；三个期间取其一，全名单用同一个", "Check the rank and its period; the list uses one period"
    ),
    basis=(_STUDY,),
    each="staff_list:/members/*",
    reads=(
        "staff_list:/members/*/rank",
        "dossier:/ranking/kind",
        "dossier:/ranking/period",
        "dossier:/ranking/population",
        *_FRESHMAN_READS,
        *_LABEL_READS,
    ),
    effective_from=_SINCE,
)
def rank_outside_limit(subject: Node, law: Law) -> Iterator[Verdict]:
    """Undergraduates beyond the first year rank within the first 30 % of their major."""
    at, limit = subject.at("rank"), law.value("staff.rank_percent")
    needed = must_have_rank(subject, law)
    if needed is False:
        yield not_applicable(at)
        return
    rank = rank_of(subject)
    ranking = subject.dossier.filing
    declared = ranking.get("ranking", "period") is not None and ranking.get("ranking", "population") == "major"
    cause = None
    if needed is None:
        cause = subject.at("grade")
    elif rank is None or rank.impossible:
        cause = at
    elif not (rank.comparable and declared):
        cause = ranking.at("ranking")
    if cause is not None or rank is None or rank.value is None or rank.of is None:
        yield unverified(at, cause=cause, **label(subject), limit=limit)
    elif rank.value * 100 <= limit * rank.of:
        yield passed(at)
    else:
        yield failed(at, **label(subject), rank=rank.text, limit=limit)


def _failed_course(subject: Node) -> Verdict:
    at, given = subject.at("failed_course"), subject.get("failed_course")
    if given is None:
        return unverified(at, **label(subject))
    return failed(at, **label(subject)) if given else passed(at)


_FAILED_COURSE = Text("{name}（序号 {serial}）存在课程不及格情况", "{name} (no. {serial}) has failed a course")
_FAILED_COURSE_MISSING = Text(
    "{name}（序号 {serial}）没有填是否存在课程不及格情况",
    "{name} (no. {serial}): whether a course was failed is not given",
)
_FAILED_COURSE_HINT = Text("核对成绩；属实的应调整人选", "Check the marks; if so, choose somebody else")


@rule(
    "R12",
    name="undergraduate-failed-course",
    title=Text("本专科生有课业不及格", "Undergraduate with a failed course"),
    message=_FAILED_COURSE,
    missing=_FAILED_COURSE_MISSING,
    hint=_FAILED_COURSE_HINT,
    basis=(_STUDY,),
    each="staff_list:/members/*",
    reads=(
        "staff_list:/members/*/failed_course",
        "staff_list:/members/*/level",
        "dossier:/organisation/kind",
        *_LABEL_READS,
    ),
    effective_from=_SINCE,
)
def undergraduate_failed_course(subject: Node, law: Law) -> Iterator[Verdict]:
    """No undergraduate on the staff has failed a course."""
    yield not_applicable(subject.at("failed_course")) if is_postgraduate(subject) else _failed_course(subject)


@rule(
    "R13",
    name="postgraduate-failed-course",
    title=Text("研究生有课业不及格", "Postgraduate with a failed course"),
    message=_FAILED_COURSE,
    missing=_FAILED_COURSE_MISSING,
    hint=_FAILED_COURSE_HINT,
    basis=(_STUDY,),
    each="staff_list:/members/*",
    reads=(
        "staff_list:/members/*/failed_course",
        "staff_list:/members/*/level",
        "dossier:/organisation/kind",
        *_LABEL_READS,
    ),
    effective_from=_SINCE,
)
def postgraduate_failed_course(subject: Node, law: Law) -> Iterator[Verdict]:
    """No postgraduate on the staff has failed a course; their rank does not matter."""
    yield _failed_course(subject) if is_postgraduate(subject) else not_applicable(subject.at("failed_course"))


@rule(
    "R14",
    name="rank-missing",
    title=Text("没有填学习成绩综合排名", "Rank missing"),
    message=Text(
        "{name}（序号 {serial}，{grade} 级）不是一年级新生，没有填学习成绩综合排名",
        "{name} (no. {serial}, entered {grade}) is no freshman and has no rank",
    ),
    missing=Text(
        "{name}（序号 {serial}）没有填年级，看不出是否一年级新生、要不要填排名",
        "{name} (no. {serial}) has no grade: whether a freshman, who needs no rank, cannot be told",
    ),
    hint=Text("补填排名，写作 3/45（名次/人数）或 前15%", "Write the rank as 3/45 (place/number) or 前15%"),
    basis=(_STUDY, "工作人员名单表头：“一年级新生不需填写”"),
    each="staff_list:/members/*",
    reads=("staff_list:/members/*/rank", *_FRESHMAN_READS, *_LABEL_READS),
    effective_from=_SINCE,
)
def rank_missing(subject: Node, law: Law) -> Iterator[Verdict]:
    """Only freshmen and postgraduates may leave the rank blank."""
    needed = must_have_rank(subject, law)
    if needed is None:
        yield unverified(subject.at("grade"), **label(subject))
    elif not needed:
        yield not_applicable(subject.at("rank"))
    elif subject.get("rank", "text") is None:
        yield failed(subject.at("rank"), **label(subject), grade=subject.get("grade"))
    else:
        yield passed(subject.at("rank"))


@rule(
    "R16",
    name="rank-not-comparable",
    title=Text("排名无法比较", "Ranks that cannot be compared"),
    message=Text(
        "{name}（序号 {serial}）的排名“{rank}”不可能：名次为 0，或大于人数",
        "{name} (no. {serial}): rank “{rank}” is impossible, 0 or beyond the last place",
    ),
    missing=Text(
        "{count} 人的排名（{examples}）看不出是否在规定范围以内，还缺：{lacking}",
        "The ranks of {count} members ({examples}) cannot be compared with the limit; lacking: {lacking}",
    ),
    hint=Text(
        "在 dossier.json 的 ranking 写明 kind（只写数字时是百分比还是名次）、period（学期、学年或入学以来）和"
        " population（须为 major，本专业）；只有名次的写成 3/45",
        "Declare ranking.kind, ranking.period and ranking.population (major) in dossier.json;"
        " write a place with its number, 3/45",
    ),
    basis=(_STUDY,),
    each="staff_list:",
    reads=(
        "staff_list:/members/*/rank",
        "dossier:/ranking/kind",
        "dossier:/ranking/period",
        "dossier:/ranking/population",
        *_FRESHMAN_READS,
        *_LABEL_READS,
    ),
    effective_from=_SINCE,
)
def rank_not_comparable(subject: Node, law: Law) -> Iterator[Verdict]:
    """A rank counts only as a percentage or as k of N, of the major, over a declared period."""
    filing = subject.dossier.filing
    at = filing.at("ranking")
    blocked = filing.blocked("ranking")
    if blocked is not None:
        yield unreadable(at, blocked)
        return
    lacking = [] if filing.get("ranking", "period") is not None else ["ranking.period"]
    if filing.get("ranking", "population") != "major":
        lacking.append("ranking.population = major")
    seen, unclear = 0, []
    needs = set()
    for member in subject.each("members"):
        if withheld(member, ("grade", "level", "rank")) is not None or not must_have_rank(member, law):
            continue  # what is withheld has a finding of its own
        rank = rank_of(member)
        if rank is None:
            continue
        seen += 1
        if rank.impossible:
            yield failed(member.at("rank"), **label(member), rank=rank.text)
        elif lacking or not rank.comparable:
            unclear.append((member.at("rank"), rank.text))
            undeclared = rank.kind == "unknown" and filing.get("ranking", "kind") is None
            needs |= set() if rank.comparable else {"ranking.kind" if undeclared else "rank: k/N"}
    if unclear:
        yield unverified(
            at,
            also=tuple(place for place, _ in unclear[:3]),
            count=len(unclear),
            examples="、".join(text for _, text in unclear[:3]),
            lacking="、".join([*sorted(needs), *lacking]),
        )
    else:
        yield passed(at) if seen else not_applicable(at)


@rule(
    "R18",
    name="list-out-of-order",
    title=Text("序号不连续或姓名重复", "Serials not contiguous, or a name twice"),
    message=Text(
        "第 {row} 行的序号应为 {expected}，现为 {serial}", "Row {row}: the serial must be {expected}, it is {serial}"
    ),
    hint=Text("改正序号；同名的两人在备注中写明", "Correct the serials; say so in the remarks where two share a name"),
    basis=(_LIST,),
    each="staff_list:",
    reads=("staff_list:/members", *_LABEL_READS, "staff_list:/members/*/remark"),
    effective_from=_SINCE,
    wordings={
        "no_serial": Text("第 {row} 行没有序号，应为 {expected}", "Row {row} has no serial; it must be {expected}"),
        "same_name": Text(
            "第 {row} 行与第 {first} 行同为“{name}”，备注没有说明",
            "Rows {first} and {row} are both “{name}”, and no remark explains it",
        ),
    },
)
def list_out_of_order(subject: Node, law: Law) -> Iterator[Verdict]:
    """Serials run from 1 without a gap; two rows of one name say so in their remarks."""
    expected: int | None = 1
    rows: dict[str, tuple[int, Node]] = {}
    sound = True
    for row, member in enumerate(subject.each("members"), start=1):
        blocked = withheld(member, ("serial", "name", "remark"))
        if blocked is not None:
            yield unreadable(member.address, blocked)
            expected, sound = None, False  # whatever the next serial is, the count goes on from there
            continue
        serial, name = member.get("serial"), member.get("name")
        expected = serial if expected is None else expected
        if serial != expected:
            sound = False
            wording = "no_serial" if serial is None else ""
            said = {} if serial is None else {"serial": serial}
            yield failed(member.at("serial"), wording=wording, row=row, expected=expected, **said)
        last = expected if serial is None else serial
        expected = None if last is None else last + 1
        if name is None:
            continue
        first, namesake = rows.setdefault(name, (row, member))
        if namesake is not member and member.get("remark") is None and namesake.get("remark") is None:
            sound = False
            also = (namesake.at("name"),)
            yield failed(member.at("name"), wording="same_name", also=also, row=row, first=first, name=name)
    if sound:
        yield passed(subject.at("members"))
