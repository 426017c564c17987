"""What the assessment demands of the marks of the staff, and how a rank is read."""

from collections.abc import Iterator
from datetime import date

from formgen.findings import Text
from formgen.rules import rule
from formgen.rules.common import RANK, Rank, is_impossible, is_postgraduate, label, must_have_rank, rank_of, withheld
from formgen.rules.subject import Law, Node, Verdict, failed, not_applicable, passed, unreadable, unverified
from formgen.rules.table import gathered, together, withheld_inside

_SINCE = date(2019, 10, 1)
_STUDY_B = "2021 年 11 月起的备案表为第 8 项"
_STUDY = (
    "评估备案表第 6 项：“学生会组织工作人员中除一年级新生外的本专科生最近 1 个学期/最近 1 学年/入学以来三者取其一，"
    "学习成绩综合排名在本专业前 30% 以内，且无课业不及格情况；研究生无课业不及格情况。”"
)
_FRESHMAN_READS = (
    "staff_list:/members/*/grade",
    "staff_list:/members/*/level",
    "dossier:/organisation/kind",
    "dossier:/filing_date",
)
_LABEL_READS = ("staff_list:/members/*/name", "staff_list:/members/*/serial")


def _is_unclear(rank: Rank, filing: Node) -> bool:
    """Whether a rank is not comparable whatever the dossier declares."""
    is_number = rank.kind == "unknown" and rank.value is not None
    return not rank.comparable and not (is_number and filing.get("ranking", "kind") is None)


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
    basis=(_STUDY, _STUDY_B),
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
    ranking = subject.dossier.filing
    if subject.blocked("rank") is None:
        ranking.names("ranking")  # where that cannot be read, it does not matter what the rank is
    rank = rank_of(subject)
    declared = ranking.get("ranking", "period") is not None and ranking.get("ranking", "population") == "major"
    cause = None
    if needed is None:
        cause = subject.at("grade")
    elif rank is None or rank.impossible or _is_unclear(rank, ranking):
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
_FAILED_COURSE_HINT = Text(
    "没有填的补填“是”或“否”；填“是”的核对成绩，属实的应调整人选",
    "Fill in 是 or 否 where nothing is given; where it says 是, check the marks and, if so, choose somebody else",
)
_FAILED_COURSE_READS = (
    "staff_list:/members/*/failed_course",
    "staff_list:/members/*/level",
    "dossier:/organisation/kind",
    *_LABEL_READS,
)


@rule(
    "R12",
    name="undergraduate-failed-course",
    title=Text("本专科生有课业不及格", "Undergraduate with a failed course"),
    message=_FAILED_COURSE,
    missing=_FAILED_COURSE_MISSING,
    hint=_FAILED_COURSE_HINT,
    basis=(_STUDY, _STUDY_B),
    each="staff_list:/members/*",
    reads=_FAILED_COURSE_READS,
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
    basis=(_STUDY, _STUDY_B),
    each="staff_list:/members/*",
    reads=_FAILED_COURSE_READS,
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
    basis=(_STUDY, _STUDY_B, "工作人员名单表头：“一年级新生不需填写”"),
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
    elif subject.is_blank("rank", "text"):
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
        "名单中的排名写成 3/45（名次/人数）或 前15%；口径由校级在 dossier.json 的 ranking 写明："
        "kind（只写数字时是百分比还是名次）、period（学期、学年或入学以来）和 population（须为 major，本专业）",
        "Write ranks as 3/45 (place/number) or 前15%; the school declares ranking.kind, ranking.period and"
        " ranking.population (major) in dossier.json",
    ),
    basis=(_STUDY, _STUDY_B),
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
    wordings={
        "unclear": Text(
            "{name}（序号 {serial}）的排名“{rank}”看不出是多少人里的第几名，也不是百分比",
            "{name} (no. {serial}): rank “{rank}” tells neither which place of how many, nor a percentage",
        )
    },
)
def rank_not_comparable(subject: Node, law: Law) -> Iterator[Verdict]:
    """A rank counts only as a percentage or as k of N, of the major, over a declared period."""
    filing = subject.dossier.filing
    at = filing.at("ranking")
    blocked = filing.blocked("ranking")
    if blocked is not None:
        yield from _impossible(subject)
        yield unreadable(at, blocked)
        return
    lacking = [] if filing.get("ranking", "period") is not None else ["ranking.period"]
    if filing.get("ranking", "population") != "major":
        lacking.append("ranking.population = major")
    seen, undeclared = 0, []
    needs = set()
    for rows in subject.alike("members", "grade", "level", *(f"rank/{key}" for key in RANK)):
        member = rows[0]
        if withheld(member, ("grade", "level", "rank")) is not None or not must_have_rank(member, law):
            continue  # what is withheld has a finding of its own
        rank = rank_of(member)
        if rank is None:
            continue
        seen += len(rows)
        if rank.impossible:
            for each in rows:
                yield failed(each.at("rank"), **label(each), rank=rank.text)
        elif _is_unclear(rank, filing):
            for each in rows:
                yield unverified(each.at("rank"), wording="unclear", **label(each), rank=rank.text)
        elif lacking or not rank.comparable:
            undeclared.append(rows)
            needs |= set() if rank.comparable else {"ranking.kind"}
    if undeclared:
        members = together(undeclared)
        yield unverified(
            at,
            also=members[:3].places("rank"),
            count=len(members),
            examples="、".join(each.get("rank", "text") for each in members[:3]),
            lacking="、".join([*sorted(needs), *lacking]),
        )
    else:
        yield passed(at) if seen else not_applicable(at)


def _impossible(subject: Node) -> Iterator[Verdict]:
    """The ranks that no declaration makes possible: who hands in a list alone can mend them."""
    ranks = subject.column("members", "rank")
    for numbers in gathered(map(id, ranks), range(len(ranks))):  # equal ranks of a list are mostly one object
        given = ranks[numbers[0]]
        if not isinstance(given, dict) or not (subject.sound or withheld_inside(given) is None):
            continue
        text, kind, value, of = map(given.get, RANK)
        if text is not None and kind != "unknown" and is_impossible(value, of):
            for each in subject.rows("members", numbers):
                yield failed(each.at("rank"), **label(each), rank=text)
