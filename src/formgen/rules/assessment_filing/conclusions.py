"""The conclusions of the filing and what came with its later editions: marks, academic year, second-level table."""

from collections.abc import Iterator
from datetime import date

from formgen.findings import Severity, Text
from formgen.rules import rule
from formgen.rules.common import academic_year, filing_day
from formgen.rules.subject import Law, Node, Verdict, failed, not_applicable, passed, unreadable, unverified

_SINCE = date(2019, 10, 1)
_FORM_B = date(2021, 11, 1)
_ONE_MARK = date(2023, 9, 1)


@rule(
    "R80",
    name="no-conclusion",
    title=Text("没有恰好一个验收结论", "Not exactly one conclusion"),
    message=Text("{item}没有勾选结论，或两个框都勾了", "{item} has no conclusion, or both boxes are ticked"),
    hint=Text("每项在达标、未达标（或是、否）中勾选一个", "Tick one of the two boxes"),
    basis=("评估备案表“验收结论”栏：“达标”“未达标”", "2021 年 11 月起的备案表“评估结论”栏：“是”“否”"),
    each="assessment_filing:",
    reads=("assessment_filing:/items/*",),
    effective_from=_SINCE,
)
def no_conclusion(subject: Node, law: Law) -> Iterator[Verdict]:
    """Each row has exactly one conclusion; so has a row of which nobody has seen the wording, if it is filled in."""
    unseen = [item for item in law.value("assessment.items_unseen") if not subject.is_blank("items", item)]
    for item in (*law.value("assessment.items"), *unseen):
        at = subject.at("items", item, "conclusion")
        blocked = subject.blocked("items", item, "conclusion")
        if blocked is not None:
            yield unreadable(at, blocked)
        elif subject.get("items", item, "conclusion") in (None, "undetermined"):
            yield failed(at, item=subject.title("items", item))
        else:
            yield passed(at)


@rule(
    "R83",
    name="second-level-table-missing",
    title=Text("没有二级学生会组织自评表", "No table of the second-level organisations"),
    message=Text(
        "备案表没有二级学生会组织自评表（second_level），或没有填二级学生会组织数量",
        "The filing has no table of the second-level organisations (second_level), or not their number",
    ),
    missing=Text(
        "二级学生会组织 {count} 个，没有自评公开链接，也没有列出各组织，无法核对；请填其 link 或 organisations",
        "{count} second-level organisations, but neither a link to their assessments nor a list:"
        " fill in link or organisations of second_level",
    ),
    hint=Text("补上二级学生会组织自评表", "Add the table of the second-level organisations"),
    basis=("2021 年 11 月起的备案表附二级学生会组织自评表，表头：“二级学生会组织数量”“自评公开链接”",),
    each="assessment_filing:",
    reads=(
        "assessment_filing:/second_level/count",
        "assessment_filing:/second_level/link",
        "assessment_filing:/second_level/organisations",
    ),
    effective_from=_FORM_B,
    severity=Severity.WARNING,
    wordings={
        "differs": Text(
            "二级学生会组织数量写 {count} 个，列出的是 {listed} 个",
            "The number of second-level organisations is given as {count}, {listed} are listed",
        )
    },
)
def second_level_table_missing(subject: Node, law: Law) -> Iterator[Verdict]:
    """The second-level organisations are counted, and their assessments linked or listed."""
    at = subject.at("second_level")
    count, listed = subject.get("second_level", "count"), subject.size("second_level", "organisations")
    if count is None:
        yield failed(at)
    elif listed and listed != count:
        also = (subject.at("second_level", "organisations"),)
        yield failed(subject.at("second_level", "count"), also=also, wording="differs", count=count, listed=listed)
    elif count and not listed and subject.get("second_level", "link") is None:
        yield unverified(at, count=count)
    else:
        yield passed(at)


@rule(
    "R150",
    name="mark-not-of-that-year",
    title=Text("指标标记不属于当年的表格", "A mark that the form of that year does not have"),
    message=Text(
        "{item}的指标标记（{mark}）不是当年表格所用的（{known}）",
        "{item}: the mark {mark} is none of those on the form of that year ({known})",
    ),
    hint=Text("核对是否用了往年的表格；★ 写 core，▲ 写 observed", "Check the edition; ★ is core, ▲ is observed"),
    basis=("2021—2022、2022—2023 学年的备案表：★、▲；2023—2024 学年的备案表图例只有 ★",),
    each="assessment_filing:",
    reads=("assessment_filing:/items/*/mark",),
    effective_from=_ONE_MARK,
    severity=Severity.WARNING,
)
def mark_not_of_that_year(subject: Node, law: Law) -> Iterator[Verdict]:
    """Rows carry only marks that stand in the legend of that year's form."""
    known = law.value("filing.marks")
    for item in (*law.value("assessment.items"), *law.value("assessment.items_unseen")):
        at = subject.at("items", item, "mark")
        blocked = subject.blocked("items", item, "mark")
        if blocked is not None:
            yield unreadable(at, blocked)
        elif (mark := subject.get("items", item, "mark")) is None:
            yield not_applicable(at)
        elif mark in known:
            yield passed(at)
        else:
            yield failed(at, item=subject.title("items", item), mark=mark, known="、".join(known))


@rule(
    "R151",
    name="academic-year-impossible",
    title=Text("备案表的学年不对", "The academic year of the filing"),
    message=Text(
        "备案表的学年写作 {start}—{end}，应是连续两年",
        "The academic year of the filing is given as {start}–{end}; it must be two successive years",
    ),
    hint=Text("改正学年", "Correct the academic year"),
    basis=("2021—2022 学年起的备案表写明学年",),
    each="assessment_filing:",
    reads=("assessment_filing:/academic_year", "dossier:/filing_date"),
    effective_from=_FORM_B,
    wordings={
        "later": Text(
            "备案表的学年 {start}—{end} 在备案日期 {day} 时还没有开始",
            "The academic year of the filing, {start}–{end}, had not begun on the day of filing, {day}",
        )
    },
)
def academic_year_impossible(subject: Node, law: Law) -> Iterator[Verdict]:
    """The year that the form names is one academic year, and has begun; a past one may be reported."""
    at = subject.at("academic_year")
    start, end = subject.get("academic_year", "start"), subject.get("academic_year", "end")
    if start is None or end is None:
        yield not_applicable(at)
        return
    day = filing_day(subject.dossier.filing, law)
    if end != start + 1:
        yield failed(at, start=start, end=end)
    elif start > academic_year(day, law):
        also = (subject.dossier.filing.at("filing_date"),)
        yield failed(at, also=also, wording="later", start=start, end=end, day=day.isoformat())
    else:
        yield passed(at)
