"""The counts and dates in the remarks of the filing, and that they agree with what lies behind them."""

import re
from collections.abc import Generator, Iterator
from datetime import date

from formgen.findings import Address, Severity, Text
from formgen.rules import rule
from formgen.rules.common import academic_year, departments, filing_day, presidium
from formgen.rules.subject import (
    Law,
    Node,
    Verdict,
    failed,
    not_applicable,
    passed,
    unreadable,
    unverified,
)

_SINCE = date(2019, 10, 1)
_FORM_B = date(2021, 11, 1)
_LAST_OF_FORM_A = date(2021, 10, 31)
_REMARKS = (
    "评估备案表第 3、9 项的备注栏：“实有 59 人”“实有 5 人”“实有 6 个”“召开日期为：”",
    "2021 年 11 月起的备案表为第 3、4、5 项和第 11 项",
)
_COUNT_READS = tuple(f"assessment_filing:/items/{item}/count" for item in ("3a", "3b", "3c", "3", "4", "5"))


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
    basis=(*_REMARKS, "校级组织工作人员名单"),
    each="assessment_filing:",
    reads=(
        *_COUNT_READS,
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
    """The three counts in the remarks are those of the staff list."""
    staff = subject.dossier.record("staff_list")
    for what, item in law.value("assessment.counted").items():
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
        counted, unknown = _counted(what, staff, law)
        also = (staff.at("members"),)
        if not counted <= stated <= counted + unknown:
            yield failed(at, also=also, item=title, stated=stated, counted=counted)
        elif unknown:
            said = {"item": title, "stated": stated, "counted": counted, "unknown": unknown}
            yield unverified(at, also=also, wording="unknown_rows", **said)
        else:
            yield passed(at)


def _counted(what: str, staff: Node, law: Law) -> tuple[int, int]:
    """What the staff list has of something, and how many of its rows might count as well."""
    if what == "staff":
        return staff.size("members"), 0
    if what == "presidium":
        tally = presidium(staff, law)
        return tally.certain, tally.unknown
    names, unknown = departments(staff, law)
    return len(names), unknown


@rule(
    "R82",
    name="remark-blank",
    title=Text("备注的数值没有填", "Count or date not given"),
    message=Text("{item}没有填{field}", "{item}: {field} is blank"),
    hint=Text("补填备注栏里的实有数、召开日期", "Give the counts and the date in the remarks"),
    basis=_REMARKS,
    each="assessment_filing:",
    reads=(
        *_COUNT_READS,
        "assessment_filing:/items/9/held",
        "assessment_filing:/items/11/held",
    ),
    effective_from=_SINCE,
)
def remark_blank(subject: Node, law: Law) -> Iterator[Verdict]:
    """The three counts and the date of the congress are given."""
    counted = [(item, "count") for item in law.value("assessment.counted").values()]
    for item, field in (*counted, (law.value("assessment.dated"), "held")):
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
    "R174",
    name="remark-states-another-number",
    title=Text("备注里写着另一个数", "A remark states another number"),
    message=Text(
        "{item}的实有数填 {count}，备注却写“{remark}”", "{item}: the count is {count}, but the remark says “{remark}”"
    ),
    hint=Text(
        "改正其中有误的一处；备注里不必重写实有数", "Correct the wrong one; the remark need not repeat the count"
    ),
    basis=_REMARKS,
    each="assessment_filing:",
    reads=(
        *_COUNT_READS,
        *(f"assessment_filing:/items/{item}/remark" for item in ("3a", "3b", "3c", "3", "4", "5")),
    ),
    effective_from=_SINCE,
    severity=Severity.WARNING,
)
def remark_states_another_number(subject: Node, law: Law) -> Iterator[Verdict]:
    """Where a remark says again how many there are, it says the same as the count."""
    words, units = ("|".join(map(re.escape, law.value(f"assessment.{name}"))) for name in ("total_words", "units"))
    stating = re.compile(rf"(?:{words})\D{{0,3}}?(\d{{1,9}})\s*(?:{units})")
    for item in law.value("assessment.counted").values():
        at = subject.at("items", item, "remark")
        blocked = subject.blocked("items", item, "remark")
        remark = "" if blocked is not None else subject.get("items", item, "remark") or ""
        stated = stating.findall(remark)
        blocked = (subject.blocked("items", item, "count") if stated else None) or blocked
        if blocked is not None:
            yield unreadable(at, blocked)
        elif not stated or (count := subject.get("items", item, "count")) is None:
            yield not_applicable(at)
        elif all(int(number) == count for number in stated):
            yield passed(at)
        else:
            also = (subject.at("items", item, "count"),)
            yield failed(at, also=also, item=subject.title("items", item), count=count, remark=remark)


_DATES_AT_ODDS = {
    "reversed": Text(
        "学生代表大会的开始日期 {start} 晚于结束日期 {end}", "The congress began on {start}, after its end {end}"
    ),
    "differs": Text(
        "评估备案表写学生代表大会 {start} 至 {end} 召开，大会情况写 {other_start} 至 {other_end}",
        "The filing dates the congress {start} to {end}, the report on it {other_start} to {other_end}",
    ),
}


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
    effective_until=_LAST_OF_FORM_A,
    wordings=_DATES_AT_ODDS,
)
def congress_not_held(subject: Node, law: Law) -> Iterator[Verdict]:
    """A congress was held since October 2019 and is over; where two forms date it they agree."""
    given = yield from _dates(subject, law)
    if not given:
        return
    at, start, end = given[0]
    since, on = law.value("congress.since"), law.on
    if since <= date.fromisoformat(start) and date.fromisoformat(end) <= on:
        yield passed(at)
    else:
        yield failed(at, start=start, since=since.isoformat(), on=on.isoformat())


@rule(
    "R152",
    name="congress-not-on-schedule",
    title=Text("学生代表大会没有按期召开", "The congress is not on schedule"),
    message=Text(
        "最近一次学生代表大会于 {start} 召开，不在 {since} 年开始的学年至 {on} 之间",
        "The last congress, of {start}, was not between the academic year that began in {since} and {on}",
    ),
    missing=Text(
        "没有学生代表大会的召开日期：请填在 congress_report 的 held，或评估备案表第 11 项的 held",
        "The date of the congress is not given: put it into held of congress_report, or of item 11 of the filing",
    ),
    hint=Text("核对会议的起止日期；每学年应召开一次", "Check the dates; there is to be a congress each academic year"),
    basis=("2021 年 11 月起的备案表第 11 项：“按期规范召开学生（研究生）代表大会”", "学生代表大会每年召开一次"),
    each="dossier:",
    reads=("congress_report:/held", "assessment_filing:/items/11/held", "dossier:/filing_date"),
    effective_from=_FORM_B,
    wordings=_DATES_AT_ODDS,
)
def congress_not_on_schedule(subject: Node, law: Law) -> Iterator[Verdict]:
    """A congress was held in the academic year of filing or the one before, and is over; two forms date it alike."""
    given = yield from _dates(subject, law)
    if not given:
        return
    at, start, end = given[0]
    since = academic_year(filing_day(subject, law), law) - law.value("congress.years_back")
    if academic_year(date.fromisoformat(start), law) >= since and date.fromisoformat(end) <= law.on:
        yield passed(at)
    else:
        yield failed(at, start=start, since=since, on=law.on.isoformat())


_Dated = tuple[Address, str, str]


def _dates(subject: Node, law: Law) -> Generator[Verdict, None, list[_Dated]]:
    """Says what is wrong with how the forms date the congress; the dates themselves where they can be judged."""
    report, filing = subject.dossier.record("congress_report"), subject.dossier.record("assessment_filing")
    places = [(report, ("held",)), (filing, ("items", law.value("assessment.dated"), "held"))]
    asked = [node.at(*keys) for node, keys in places if node is not None]
    given = [dated for node, keys in places if node is not None and (dated := _held(node, keys)) is not None]
    if not given and asked:
        # The filing's item is the statement that is judged, and a blank there is R82's finding.
        yield unverified(asked[-1], cause=asked[-1])
    if len(given) > 1 and given[0][1:] != given[1][1:]:
        at, start, end = given[0]
        other_at, other_start, other_end = given[1]
        said = {"start": other_start, "end": other_end, "other_start": start, "other_end": end}
        yield failed(other_at, also=(at,), wording="differs", **said)
    for place, first, last in given:
        if first > last:
            yield failed(place, wording="reversed", start=first, end=last)
            return []
    return given


def _held(record: Node, keys: tuple[str, ...]) -> _Dated | None:
    """Where, from when and until when a form dates the congress; None without a first day."""
    start, end = record.get(*keys, "start"), record.get(*keys, "end")
    return None if start is None else (record.at(*keys), start, start if end is None else end)
