"""Whom the delegates stand for: how many hold posts in the union, and whether each group's number fits."""

from collections.abc import Iterator
from datetime import date

from formgen.findings import Severity, Text
from formgen.rules import rule
from formgen.rules.delegates.reading import TOTAL_READS, total_of
from formgen.rules.subject import Law, Node, Verdict, failed, not_applicable, passed, unverified
from formgen.tally import is_percentage

_SINCE = date(2019, 10, 1)
_METHOD = "校级学生代表大会代表产生办法"


@rule(
    "R43",
    name="too-many-backbone-delegates",
    title=Text("学生会骨干代表过多", "Too many delegates from the union's own ranks"),
    message=Text(
        "{total} 名代表中学生会组织骨干 {backbone} 名，其余不足 {percent}%（至少 {needed} 名）",
        "{backbone} of {total} delegates hold posts in the union; the others are below {percent} % ({needed})",
    ),
    missing=Text(
        "非学生会组织骨干的代表应不少于 {needed} 名（{total} 名的 {percent}%），没有骨干代表人数："
        "请在 delegates.json 填 backbone",
        "At least {needed} delegates ({percent} % of {total}) must hold no post in the union; how many do is not"
        " given: give backbone in delegates.json",
    ),
    hint=Text("核对骨干代表人数", "Check how many delegates hold posts in the union"),
    basis=(f"{_METHOD}第一部分：“其中非学生会组织骨干的学生代表一般不低于60%。”",),
    each="dossier:",
    reads=(*TOTAL_READS, "delegates:/backbone"),
    effective_from=_SINCE,
)
def too_many_backbone_delegates(subject: Node, law: Law) -> Iterator[Verdict]:
    """At least sixty per cent of the delegates hold no post in the union."""
    total, percent = total_of(subject.dossier), law.value("delegates.non_backbone_percent")
    if total is None:
        yield not_applicable(subject.address)
        return
    count, place = total
    delegates = subject.dossier.record("delegates")
    backbone = None if delegates is None else delegates.get("backbone")
    said = {"total": count, "percent": percent, "needed": -(-count * percent // 100)}
    if delegates is None or backbone is None:
        yield unverified(place if delegates is None else delegates.at("backbone"), **said)
    elif (count - backbone) * 100 >= count * percent:
        yield passed(delegates.at("backbone"))
    else:
        yield failed(delegates.at("backbone"), also=(place,), backbone=backbone, **said)


@rule(
    "R47",
    name="group-below-own-floor",
    title=Text("代表构成低于本校规定", "A group below the school's own floor"),
    message=Text(
        "{group} {count} 名，不足 {total} 名代表的 {floor}%（本校规定）",
        "{group}: {count} of {total} delegates are below {floor} %, the school's own floor",
    ),
    missing=Text(
        "本校规定了{group}的比例（{floor}%），代表构成没有这一类：请填 delegates.json 的 composition",
        "The school has a floor for {group} ({floor} %), composition of delegates.json does not give it",
    ),
    hint=Text("核对代表构成和本校的规定（floors）", "Check composition and floors"),
    basis=(
        "各校自定的代表构成，如：各年级不少于 10%、党员不少于 10%、女代表不少于 25%、少数民族不少于 10%；不是全国规定",
    ),
    each="delegates:",
    reads=("delegates:/floors", "delegates:/composition", *TOTAL_READS),
    effective_from=_SINCE,
    severity=Severity.WARNING,
)
def group_below_own_floor(subject: Node, law: Law) -> Iterator[Verdict]:
    """Each group has at least the share that the school itself set."""
    total = total_of(subject.dossier)
    for name in ("women", "minority", "party", "grade"):
        floor, at = subject.get("floors", name), subject.at("floors", name)
        if floor is None or total is None:
            continue
        groups = [group for group in subject.each("composition") if group.get("group") == name]
        counts = [(group, group.get("count")) for group in groups if group.get("count") is not None]
        title = subject.title("floors", name)
        if not counts:
            yield unverified(at, group=title, floor=floor)
        for group, count in counts:
            if count * 100 >= floor * total[0]:
                yield passed(group.address)
            else:
                said = {"group": title, "count": count, "total": total[0], "floor": floor}
                yield failed(group.at("count"), also=(at,), **said)


@rule(
    "R48",
    name="percentage-does-not-fit",
    title=Text("构成百分比与人数不符", "A percentage that does not fit"),
    message=Text(
        "{count} 名占 {total} 名代表的比例写作 {percent}，与人数不符", "{count} of {total} delegates are not {percent}"
    ),
    hint=Text("按人数重算百分比", "Calculate the percentage again"),
    basis=("百分比须由人数算得（由构成表推定）",),
    each="delegates:/composition/*",
    reads=("delegates:/composition/*/count", "delegates:/composition/*/percent", *TOTAL_READS),
    effective_from=_SINCE,
    severity=Severity.WARNING,
)
def percentage_does_not_fit(subject: Node, law: Law) -> Iterator[Verdict]:
    """A written percentage is that of the count, to the places that it is written with."""
    at, text, count = subject.at("percent"), subject.get("percent"), subject.get("count")
    total = total_of(subject.dossier)
    if text is None or count is None or total is None:
        yield not_applicable(at)
    elif is_percentage(text, count, total[0]):
        yield passed(at)
    else:
        yield failed(at, also=(subject.at("count"), total[1]), count=count, total=total[0], percent=text)


@rule(
    "R139",
    name="composition-does-not-add-up",
    title=Text("代表构成的合计与总数不符", "Composition does not add up"),
    message=Text(
        "代表构成中{groups}合计 {counted} 名，代表共 {total} 名", "{groups} add up to {counted} of {total} delegates"
    ),
    hint=Text("核对各类代表的人数", "Check the numbers of each group"),
    basis=("每名代表恰属其中一类：男、女；党员、团员、其他；各年级（由构成表推定）",),
    each="delegates:",
    reads=("delegates:/composition/*/group", "delegates:/composition/*/count", *TOTAL_READS),
    effective_from=_SINCE,
)
def composition_does_not_add_up(subject: Node, law: Law) -> Iterator[Verdict]:
    """Groups that divide all delegates among them add up to all; none is larger."""
    total, at = total_of(subject.dossier), subject.at("composition")
    counts: dict[str, int] = {}
    for group in subject.each("composition"):
        name, count = group.get("group"), group.get("count")
        if name is not None and count is not None:
            counts[name] = counts.get(name, 0) + count
    if total is None or not counts:
        yield not_applicable(at)
        return
    sound = True
    for whole in (("women", "men"), ("party", "league", "others"), ("grade",)):
        if all(name in counts for name in whole):
            counted = sum(counts.pop(name) for name in whole)
            if counted != total[0]:
                sound = False
                yield failed(at, also=(total[1],), groups="、".join(whole), counted=counted, total=total[0])
    for name, counted in counts.items():
        if counted > total[0]:
            sound = False
            yield failed(at, also=(total[1],), groups=name, counted=counted, total=total[0])
    if sound:
        yield passed(at)
