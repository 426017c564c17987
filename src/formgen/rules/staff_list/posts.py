"""Which posts there may be, edition by edition, and that the list shows more of a member than the present post."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from formgen.findings import Severity, Text
from formgen.rules import rule
from formgen.rules.common import in_presidium, named, once, withheld
from formgen.rules.subject import Law, Node, Verdict, failed, not_applicable, passed, unreadable, unverified
from formgen.rules.table import Rows, Withheld, together

_SINCE = date(2019, 10, 1)
_REWORDED = date(2023, 9, 1)
"""Item 6 of the filing of 2023–24 names members instead of posts; its exact first day was not seen."""
_LAST_OF_POSTS = date(2023, 8, 31)
_POSTS = (
    "评估备案表第 4 项：“除主席、副主席（探索实行轮值制度的高校为执行主席）、部长、副部长、干事外未设其他职务。”",
    "2021 年 11 月起的备案表为第 6 项，文字相同",
)
_LABEL_READS = ("staff_list:/members/*/name", "staff_list:/members/*/serial")
_POST_READS = ("staff_list:/members", "staff_list:/members/*/role", *_LABEL_READS)
_NO_POST = Text(
    "名单中有 {count} 人（{rows}）看不出岗位，无法核对；请在“岗位”一栏写明",
    "{count} rows ({rows}) show no post, so it cannot be checked; write it into the column 岗位",
)


@once
def _group(subject: Node, law: Law) -> tuple[dict[str, Rows], Rows | None, list[Verdict]]:
    """The rows of each post, those that show none, and what is to be said of those that cannot be read."""
    posts: dict[str, Rows] = {}
    without: Rows | None = None
    unread: list[Verdict] = []
    for rows in subject.alike("members", "role"):
        blocked = withheld(rows[0], ("role",))
        if blocked is not None:
            unread.append(unreadable(rows[0].at("role"), blocked))
        elif (role := rows[0].get("role")) is None:
            without = rows
        else:
            posts[role] = rows
    return posts, without, unread


def _failed_post(post: str, members: Rows, wording: str = "", **more: Any) -> Verdict:
    """One verdict on all rows of a post, at the first of them."""
    at, *also = members.places("role")
    said = {"post": post, "count": len(members), "rows": named(members), **more}
    return failed(at, also=tuple(also), wording=wording, **said)


def _no_post(members: Rows) -> Verdict:
    """The verdict on rows that show no post, at the first of them."""
    at, *also = members.places("role")
    return unverified(at, also=tuple(also), count=len(members), rows=named(members))


@rule(
    "R08",
    name="post-not-permitted",
    title=Text("设了规定以外的职务", "A post that is not permitted"),
    message=Text(
        "名单中有 {count} 人（{rows}）的职务是“{post}”，不在规定的 {permitted} 之内",
        "{count} rows ({rows}) have the post “{post}”, which is none of {permitted}",
    ),
    missing=_NO_POST,
    hint=Text("撤销这一职务，或改正岗位的写法", "Abolish the post, or correct how it is written"),
    basis=_POSTS,
    each="staff_list:",
    reads=_POST_READS,
    effective_from=_SINCE,
    effective_until=_LAST_OF_POSTS,
)
def post_not_permitted(subject: Node, law: Law) -> Iterator[Verdict]:
    """Only the posts that the filing lists; another name for one of them is R153's matter."""
    permitted, variants = law.value("staff.permitted_posts"), law.value("staff.post_variants")
    posts, without, unread = _group(subject, law)
    foreign = {post: members for post, members in posts.items() if post not in permitted and post not in variants}
    for post, members in foreign.items():
        yield _failed_post(post, members, permitted="、".join(permitted))
    yield from unread
    if without:
        yield _no_post(without)
    elif posts and not foreign:
        yield passed(subject.at("members"))


@rule(
    "R153",
    name="post-by-another-name",
    title=Text("职务没有用规定的名称", "A post by another name"),
    message=Text(
        "名单中有 {count} 人（{rows}）的职务写作“{post}”，规定的名称是{proper}",
        "{count} rows ({rows}) have the post “{post}”; the name in the regulations is {proper}",
    ),
    hint=Text(
        "按规定的名称填写；“主席团”是机构，不是职务",
        "Use the name in the regulations; a presidium is a body, not a post",
    ),
    basis=_POSTS,
    each="staff_list:",
    reads=_POST_READS,
    effective_from=_SINCE,
    effective_until=_LAST_OF_POSTS,
    severity=Severity.WARNING,
)
def post_by_another_name(subject: Node, law: Law) -> Iterator[Verdict]:
    """Posts are called what the filing calls them; all rows of one such post are one finding."""
    variants = law.value("staff.post_variants")
    posts, _, _ = _group(subject, law)
    renamed = {post: members for post, members in posts.items() if post in variants}
    for post, members in renamed.items():
        yield _failed_post(post, members, proper=variants[post])
    if posts and not renamed:
        yield passed(subject.at("members"))


@rule(
    "R154",
    name="post-outside-presidium-and-departments",
    title=Text("主席团和工作部门以外设了职务", "A post outside presidium and departments"),
    message=Text(
        "名单中有 {count} 人（{rows}）的职务是“{post}”，既不属于主席团，也没有工作部门",
        "{count} rows ({rows}) have the post “{post}”, which is neither in the presidium nor in a department",
    ),
    missing=_NO_POST,
    hint=Text("写明所在部门；确在两者之外的，撤销这一职务", "Write down the department, or abolish the post"),
    basis=(
        "2023—2024 学年的备案表第 6 项：“除学生会主席团成员（含轮值执行主席）和工作部门成员，均不设置其他任何职务”",
    ),
    each="staff_list:",
    reads=(*_POST_READS, "staff_list:/members/*/department"),
    effective_from=_REWORDED,
)
def post_outside_presidium_and_departments(subject: Node, law: Law) -> Iterator[Verdict]:
    """Everybody belongs to the presidium or to a department, whatever the post is called."""
    outside: dict[str, list[Rows]] = {}
    without: list[Rows] = []
    sound = False
    for rows in subject.alike("members", "role", "department"):
        member = rows[0]
        blocked = withheld(member, ("role", "department"))
        if blocked is not None:
            yield unreadable(member.at("role"), blocked)
            continue
        role = member.get("role")
        if in_presidium(member, law) or member.get("department") is not None:
            sound = True
        elif role is None:
            without.append(rows)
        else:
            outside.setdefault(role, []).append(rows)
    for post, parts in outside.items():
        yield _failed_post(post, together(parts))
    if without:
        yield _no_post(together(without))
    elif sound and not outside:
        yield passed(subject.at("members"))


@rule(
    "R155",
    name="experience-only-present-post",
    title=Text("学生工作经历只写了现任职务", "Nothing but the present post as experience"),
    message=Text(
        "名单中有 {count} 人（{rows}）的“{field}”只写了现任职务，看不出院系、班级的工作经历",
        "{count} rows ({rows}) give nothing but the present post in “{field}”",
    ),
    hint=Text(
        "写上院系、班级的工作经历，如“2019年任计科1901班团支书，现任学习部部长”；没有经历的写“无，现任学习部干事”",
        "Add the work in college and class, as in 2019年任计科1901班团支书，现任学习部部长, or say 无，现任学习部干事",
    ),
    basis=("校级组织工作人员名单的表头：“院系、班级学生工作经历”",),
    each="staff_list:",
    reads=(
        "staff_list:/members",
        "staff_list:/members/*/experience",
        "staff_list:/members/*/role",
        "staff_list:/members/*/department",
        *_LABEL_READS,
    ),
    effective_from=_SINCE,
    severity=Severity.WARNING,
)
def experience_only_present_post(subject: Node, law: Law) -> Iterator[Verdict]:
    """The column on experience says more than which post somebody holds now."""
    bare: list[int] = []
    told = False
    beyond: dict[tuple[Any, ...], bool] = {}
    words = law.value("staff.post_words")
    other = re.compile(f"[^{re.escape(''.join(words))}]")
    columns = (subject.column("members", field) for field in ("experience", "department", "role"))
    for row, said in enumerate(zip(*columns, strict=True)):
        if Withheld in map(type, said):
            cause = next(value.cause for value in said if isinstance(value, Withheld))
            yield unreadable(subject.at("members", row, "experience"), cause)
        elif said[0] is not None and said[0].strip():
            told = True
            if said not in beyond:
                beyond[said] = _is_beyond_post(said, words, other)
            if not beyond[said]:
                bare.append(row)
    if bare:
        members = subject.rows("members", bare)
        at, *also = members.places("experience")
        values: dict[str, Any] = {
            "count": len(members),
            "rows": named(members),
            "field": members[0].title("experience"),
        }
        yield failed(at, also=tuple(also), **values)
    else:
        yield passed(subject.at("members")) if told else not_applicable(subject.at("members"))


def _is_beyond_post(said: tuple[str, str | None, str | None], words: Sequence[str], other: re.Pattern[str]) -> bool:
    """Whether an experience says anything besides the department and post of the same row.

    Args:
        said: the experience, the department and the post.
        words: what says no more than a post does.
        other: finds a letter that is in none of them.
    """
    experience, *own = said
    found = other.search(experience)
    if found is not None and found[0] not in "".join(each or " " for each in own):
        return True  # the usual case: a letter that is nowhere in them
    for word in (*own, *words):
        experience = experience.replace(word or " ", "")
    return bool(experience)
