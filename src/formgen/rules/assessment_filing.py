"""What the assessment filing itself must say, and that it agrees with the lists behind it."""

from collections.abc import Iterator
from datetime import date

from formgen.findings import Address, Text
from formgen.rules import rule
from formgen.rules.common import departments, presidium
from formgen.rules.subject import (
    Law,
    Node,
    Verdict,
    failed,
    passed,
    unreadable,
    unverified,
)

_SINCE = date(2019, 10, 1)
_REMARKS = "评估备案表第 3、9 项的备注栏：“实有 59 人”“实有 5 人”“实有 6 个”“召开日期为：”"


@rule(
    "R17",
    name="count-differs-from-list",
    title=Text("实有数与名单不符", "Count differs from the list"),
    message=Text(
        "{item}写实有 {stated}，工作人员名单是 {counted}", "{item} states {stated}, the staff list has {counted}"
    ),
    missing=Text(
        "{item}的实有数无法与名单核对：没有填实有数，或没有工作人员名单",
        "{item}: the count cannot be compared; it is blank, or there is no staff list",
    ),
    hint=Text(
        "核对名单与备注，改正其中有误的一处", "Compare the list and the remark, and correct the one that is wrong"
    ),
    basis=(_REMARKS, "校级组织工作人员名单"),
    each="assessment_filing:",
    reads=(
        "assessment_filing:/items/3a/count",
        "assessment_filing:/items/3b/count",
        "assessment_filing:/items/3c/count",
        "staff_list:/members",
        "staff_list:/members/*/role",
        "staff_list:/members/*/department",
    ),
    effective_from=_SINCE,
    wordings={
        "unknown_rows": Text(
            "{item}写实有 {stated}，名单可认出 {counted}，另有 {unknown} 人看不出岗位或部门，无法核对",
            "{item} states {stated}; the list shows {counted}, and {unknown} rows have no post or department",
        )
    },
)
def count_differs_from_list(subject: Node, law: Law) -> Iterator[Verdict]:
    """The three counts in the remarks of item 3 are those of the staff list."""
    staff = subject.dossier.record("staff_list")
    for item in ("3a", "3b", "3c"):
        at = subject.at("items", item, "count")
        blocked = subject.blocked("items", item, "count")
        if blocked is not None:
            yield unreadable(at, blocked)
            continue
        title = subject.title("items", item)
        stated = subject.get("items", item, "count")
        if stated is None or staff is None:
            yield unverified(at, cause=at if stated is None else None, item=title)
            continue
        counted, unknown = _counted(item, staff, law)
        also = (staff.at("members"),)
        if not counted <= stated <= counted + unknown:
            yield failed(at, also=also, item=title, stated=stated, counted=counted)
        elif unknown:
            said = {"item": title, "stated": stated, "counted": counted, "unknown": unknown}
            yield unverified(at, also=also, wording="unknown_rows", **said)
        else:
            yield passed(at)


def _counted(item: str, staff: Node, law: Law) -> tuple[int, int]:
    """What the staff list has for a row of item 3, and how many rows of it might count as well."""
    if item == "3a":
        return staff.size("members"), 0
    if item == "3b":
        tally = presidium(staff, law)
        return tally.certain, tally.unknown
    names, unknown = departments(staff, law)
    return len(names), unknown


@rule(
    "R80",
    name="no-conclusion",
    title=Text("没有恰好一个验收结论", "Not exactly one conclusion"),
    message=Text("{item}没有勾选结论，或达标、未达标都勾了", "{item} has no conclusion, or both boxes are ticked"),
    hint=Text("每项在达标、未达标中勾选一个", "Tick one of the two boxes"),
    basis=("评估备案表“验收结论”栏：“达标”“未达标”",),
    each="assessment_filing:",
    reads=("assessment_filing:/items/*/conclusion",),
    effective_from=_SINCE,
)
def no_conclusion(subject: Node, law: Law) -> Iterator[Verdict]:
    """Each row has exactly one conclusion."""
    for item in law.value("assessment.items"):
        at = subject.at("items", item, "conclusion")
        blocked = subject.blocked("items", item, "conclusion")
        if blocked is not None:
            yield unreadable(at, blocked)
        elif subject.get("items", item, "conclusion") in (None, "undetermined"):
            yield failed(at, item=subject.title("items", item))
        else:
            yield passed(at)


@rule(
    "R82",
    name="remark-blank",
    title=Text("备注的数值没有填", "Count or date not given"),
    message=Text("{item}没有填{field}", "{item}: {field} is blank"),
    hint=Text("第 3 项填实有数，第 9 项填召开日期", "Give the counts of item 3 and the date of item 9"),
    basis=(_REMARKS,),
    each="assessment_filing:",
    reads=(
        "assessment_filing:/items/3a/count",
        "assessment_filing:/items/3b/count",
        "assessment_filing:/items/3c/count",
        "assessment_filing:/items/9/held",
    ),
    effective_from=_SINCE,
)
def remark_blank(subject: Node, law: Law) -> Iterator[Verdict]:
    """The counts of item 3 and the date of item 9 are given."""
    for item, field in (("3a", "count"), ("3b", "count"), ("3c", "count"), ("9", "held")):
        inside = ("start",) if field == "held" else ()
        at = subject.at("items", item, field)
        blocked = subject.blocked("items", item, field)
        if blocked is not None:
            yield unreadable(at, blocked)
        elif subject.get("items", item, field, *inside) is None:
            yield failed(at, item=subject.title("items", item), field=subject.title("items", item, field))
        else:
            yield passed(at)


@rule(
    "R40",
    name="congress-not-held",
    title=Text("学生代表大会的召开日期不合要求", "Date of the congress"),
    message=Text(
        "学生代表大会于 {start} 召开，不在 {since} 至 {on} 之间",
        "The congress of {start} was not between {since} and {on}",
    ),
    missing=Text(
        "没有学生代表大会的召开日期：请填在 congress_report 的 held，或评估备案表第 9 项的 held",
        "The date of the congress is not given: put it into held of congress_report, or of item 9 of the filing",
    ),
    hint=Text("核对会议的起止日期", "Check when the congress began and ended"),
    basis=("评估备案表第 9 项：“2019 年 10 月以来召开了校级学生（研究生）代表大会。”",),
    each="dossier:",
    reads=("congress_report:/held", "assessment_filing:/items/9/held"),
    effective_from=_SINCE,
    effective_until=date(2021, 10, 31),
    wordings={
        "reversed": Text(
            "学生代表大会的开始日期 {start} 晚于结束日期 {end}", "The congress began on {start}, after its end {end}"
        ),
        "differs": Text(
            "评估备案表写学生代表大会 {start} 至 {end} 召开，大会情况写 {other_start} 至 {other_end}",
            "The filing dates the congress {start} to {end}, the report on it {other_start} to {other_end}",
        ),
    },
)
def congress_not_held(subject: Node, law: Law) -> Iterator[Verdict]:
    """A congress was held since October 2019 and is over; where two forms date it they agree."""
    report, filing = subject.dossier.record("congress_report"), subject.dossier.record("assessment_filing")
    places = [(report, ("held",)), (filing, ("items", "9", "held"))]
    asked = [node.at(*keys) for node, keys in places if node is not None]
    given = [dated for node, keys in places if node is not None and (dated := _held(node, keys)) is not None]
    if not given:
        if asked:
            # Item 9 is the statement that is judged, and a blank there is R82's finding.
            yield unverified(asked[-1], cause=asked[-1])
        return
    at, start, end = given[0]
    if len(given) > 1 and given[1][1:] != (start, end):
        other_at, other_start, other_end = given[1]
        said = {"start": other_start, "end": other_end, "other_start": start, "other_end": end}
        yield failed(other_at, also=(at,), wording="differs", **said)
    for place, first, last in given:
        if first > last:
            yield failed(place, wording="reversed", start=first, end=last)
            return
    since, on = law.value("congress.since"), law.on
    if since <= date.fromisoformat(start) and date.fromisoformat(end) <= on:
        yield passed(at)
    else:
        yield failed(at, start=start, since=since.isoformat(), on=on.isoformat())


def _held(record: Node, keys: tuple[str, ...]) -> tuple[Address, str, str] | None:
    """Where, from when and until when a form dates the congress; None without a first day."""
    start, end = record.get(*keys, "start"), record.get(*keys, "end")
    return None if start is None else (record.at(*keys), start, start if end is None else end)
