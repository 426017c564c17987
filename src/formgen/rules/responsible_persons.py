"""Who answers for the organisation: the deputy secretary, the secretary-general, the Party's hearings, the filler."""

from collections.abc import Iterator
from datetime import date, timedelta

from formgen.findings import Severity, Text
from formgen.rules import rule
from formgen.rules.common import claimed, label
from formgen.rules.subject import Law, Node, Verdict, View, failed, passed, unverified

_SINCE = date(2019, 10, 1)
_ITEM_15 = (
    "评估备案表第 15 项：“明确 1 名校团委专职副书记指导校级学生会组织；"
    "聘任校团委专职副书记或干部担任校级学生会组织秘书长。”"
)
_ITEM_14 = "评估备案表第 14 项：“党组织定期听取学生会组织工作汇报，研究决定重大事项。”"
_ITEM_11 = "评估备案表第 11 项：“学生会组织认真学习贯彻全国学联二十七大会议精神有实质性举措”"
_CATEGORIES = ("deputy_secretary", "secretary_general")


@rule(
    "R70",
    name="responsible-person-missing",
    title=Text("没有明确专职副书记或秘书长", "Deputy secretary or secretary-general"),
    message=Text(
        "分管学生会组织的校团委专职副书记应有 1 名，表中有专职 {count} 名",
        "There must be one full-time deputy secretary of the university's League, the table has {count}",
    ),
    missing=Text(
        "评估备案表说已明确专职副书记和秘书长，但没有责任人表：请填 responsible_persons.json 的 people",
        "The filing says that both are appointed, but there is no table: fill in people of responsible_persons.json",
    ),
    hint=Text("核对责任人表的类别和是否专职", "Check category and full_time in the table"),
    basis=(_ITEM_15, "校团委指导学生会主要责任人表：“是否为专职团干”"),
    each="dossier:",
    reads=(
        "assessment_filing:/items/*/conclusion",
        "responsible_persons:/people/*/category",
        "responsible_persons:/people/*/full_time",
        "responsible_persons:/people/*/name",
        "responsible_persons:/people/*/serial",
    ),
    effective_from=_SINCE,
    wordings={
        "secretary_general": Text(
            "学生会组织秘书长应有专职 1 名，表中有专职 {count} 名",
            "There must be one full-time secretary-general, the table has {count}",
        ),
        "unknown": Text("{name}是否专职没有填（full_time）", "Whether {name} is full-time is not given (full_time)"),
    },
)
def responsible_person_missing(subject: Node, law: Law) -> Iterator[Verdict]:
    """There are exactly one full-time deputy secretary and one full-time secretary-general."""
    claim = claimed(subject.dossier, law.value("responsible_persons.people_item"))
    record = subject.dossier.record("responsible_persons")
    if record is None or record.size("people") == 0:
        if claim is not None:
            yield unverified(claim)
        return
    at, also = record.at("people"), () if claim is None else (claim,)
    for category in _CATEGORIES:
        people = [person for person in record.each("people") if person.get("category") == category]
        full_time = [person.get("full_time") for person in people]
        count = full_time.count(True)
        if count == 1:
            yield passed(at)
        elif count == 0 and None in full_time:
            blank = people[full_time.index(None)]
            yield unverified(blank.at("full_time"), wording="unknown", name=label(blank)["name"])
        else:
            wording = "" if category == _CATEGORIES[0] else category
            yield failed(at, also=also, wording=wording, count=count)


@rule(
    "R71",
    name="party-hearings-not-shown",
    title=Text("党组织定期听取汇报没有记录", "Party hearings not on record"),
    message=Text(
        "最近一次党组织听取学生会组织工作汇报在 {last}，离 {on} 已超过 {days} 天",
        "The Party body last heard a report on {last}, more than {days} days before {on}",
    ),
    missing=Text(
        "评估备案表说党组织定期听取汇报，但没有会议日期："
        "请填 responsible_persons.json 的 party_meetings（date、topic）",
        "The filing says that the Party body hears reports regularly, but gives no dates: fill in party_meetings"
        " (date, topic) of responsible_persons.json",
    ),
    hint=Text("列出本年度党组织听取汇报的会议", "List the meetings of this year at which reports were heard"),
    basis=(_ITEM_14,),
    each="dossier:",
    reads=("assessment_filing:/items/*/conclusion", "responsible_persons:/party_meetings/*/date"),
    effective_from=_SINCE,
    wordings={"future": Text("会议日期 {day} 晚于 {on}", "The meeting of {day} is after {on}")},
)
def party_hearings_not_shown(subject: Node, law: Law) -> Iterator[Verdict]:
    """The Party body heard a report within the last year, and each date is in the past."""
    claim = claimed(subject.dossier, law.value("responsible_persons.meetings_item"))
    record = subject.dossier.record("responsible_persons")
    days = list(_days(subject.dossier, "party_meetings"))
    if claim is None:
        return
    if not days:
        yield unverified(claim if record is None else record.at("party_meetings"))
        return
    limit = law.value("responsible_persons.meeting_days")
    yield from _future(days, law)
    last = max(day for _, day in days)
    if last <= law.on and last + timedelta(days=limit) < law.on:
        at = next(entry for entry, day in days if day == last).at("date")
        yield failed(at, also=(claim,), last=last.isoformat(), on=law.on.isoformat(), days=limit)
    elif all(day <= law.on for _, day in days):
        yield passed(days[0][0].address)


@rule(
    "R134",
    name="study-not-shown",
    title=Text("学习贯彻学联大会精神没有举措的记录", "No record of study"),
    message=Text("学习活动的日期 {day} 晚于 {on}", "The study session of {day} is after {on}"),
    missing=Text(
        "评估备案表说学习贯彻学联大会精神有实质性举措，但没有记录：请填 responsible_persons.json 的 study_sessions",
        "The filing says that the federation's congress was studied, but there is no record: fill in study_sessions of"
        " responsible_persons.json",
    ),
    hint=Text("列出学习活动的日期和内容", "List the sessions with date and topic"),
    basis=(_ITEM_11,),
    each="dossier:",
    reads=("assessment_filing:/items/*/conclusion", "responsible_persons:/study_sessions/*/date"),
    effective_from=_SINCE,
    severity=Severity.WARNING,
)
def study_not_shown(subject: Node, law: Law) -> Iterator[Verdict]:
    """Where the filing says that the federation's congress was studied, sessions with past dates are listed."""
    claim = claimed(subject.dossier, law.value("responsible_persons.study_item"))
    record = subject.dossier.record("responsible_persons")
    days = list(_days(subject.dossier, "study_sessions"))
    if days:
        late = [entry for entry, day in days if day > law.on]
        for entry in late:
            yield failed(entry.at("date"), day=entry.get("date"), on=law.on.isoformat())
        if not late:
            yield passed(days[0][0].address)
    elif claim is not None:
        yield unverified(claim if record is None else record.at("study_sessions"))


def _days(dossier: View, field: str) -> Iterator[tuple[Node, date]]:
    """The dated entries of a list in the record."""
    record = dossier.record("responsible_persons")
    for entry in () if record is None else record.each(field):
        day = entry.get("date")
        if day is not None:
            yield entry, date.fromisoformat(day)


def _future(days: list[tuple[Node, date]], law: Law) -> Iterator[Verdict]:
    for entry, day in days:
        if day > law.on:
            yield failed(entry.at("date"), wording="future", day=day.isoformat(), on=law.on.isoformat())


@rule(
    "R133",
    name="nobody-filled-in",
    title=Text("没有填表人", "Nobody filled in"),
    message=Text("评估备案表没有写填表人", "The assessment filing does not say who filled it in"),
    hint=Text("填写 filled_by；签字、盖章由人办理", "Give filled_by; signature and seal are put by hand"),
    basis=("评估备案表通行的落款：填表人、日期、盖章（通行做法，备案表没有印出）",),
    each="assessment_filing:",
    reads=("assessment_filing:/filled_by",),
    effective_from=_SINCE,
    severity=Severity.INFO,
)
def nobody_filled_in(subject: Node, law: Law) -> Iterator[Verdict]:
    """The filing says who filled it in."""
    at = subject.at("filled_by")
    yield failed(at) if subject.get("filled_by") is None else passed(at)
