"""Judges a dossier: by its schemas, then by the rules in force, then by its waivers.

What a schema finds wrong is taken out before rules see it, so that one cause makes one finding: a rule that needs such
a value is *unverified*, with that finding as its ``cause``.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache, partial
from itertools import chain, groupby
from pathlib import Path
from typing import Any, Final, Protocol, overload

from formgen import forms, order_of_findings, parameters, rules, schema_checks, waivers
from formgen.errors import RuleCrash
from formgen.findings import Address, Finding, Kind, Outcome, Pointer, Text
from formgen.intake.kinds import NO_DOSSIER
from formgen.record import Record
from formgen.records import Records
from formgen.rules import Rule, Stage, asking
from formgen.rules.subject import UNREADABLE_WORDING, Law, Node, Unreadable, Verdict, View, unreadable
from formgen.rules.table import Table, Withheld

NO_LAW: Final = Kind(
    "C-no-law",
    "no-law",
    Text("这一天还没有规定", "No rules on that day"),
    Text(
        "{day} 没有施行的规定，什么也没有核对；最早的规定自 {first} 起施行",
        "no rule was in force on {day}, so nothing was checked; the first is in force from {first}",
    ),
    hint=Text(
        "改正 dossier.json 的 as_of 或 filing_date，或命令里的 --as-of",
        "correct as_of or filing_date in dossier.json, or --as-of of the command",
    ),
)
"""Not waivable: a dossier of which nothing was checked is not issued."""
_FILING: Final = Address("dossier")


class Scope(Protocol):
    """What is judged of a file that was handed in by itself."""

    @property
    def form(self) -> str:
        """Its form."""
        ...

    @property
    def unknown(self) -> frozenset[str]:
        """Fields of dossier.json that nobody gave; if there are any, nothing is known of other forms either."""
        ...

    @property
    def part(self) -> bool:
        """Whether it is a share of a list, of which other forms know the whole."""
        ...


_NEVER: Final = dict.fromkeys(Outcome, 0)
_NOT_HERE: Final = Text(
    "核对这一条要看案卷或其他表单，这份文件里没有", "this takes the dossier or another form, which is not in this file"
)
_TOLD: Final = frozenset({Outcome.FAILED, Outcome.UNVERIFIED})
"""The outcomes that make a finding."""


class Dossier(Protocol):
    """What is judged."""

    @property
    def values(self) -> Any:
        """``dossier.json``."""
        ...

    @property
    def records(self) -> Mapping[str, Records]:
        """The records of each form."""
        ...

    @property
    def as_of(self) -> date:
        """The day whose law is applied."""
        ...

    @property
    def scope(self) -> Scope | None:
        """The file that alone is judged, if it is not a whole dossier."""
        ...

    @property
    def findings(self) -> Sequence[Finding]:
        """What could not be read."""
        ...

    @property
    def waivers_file(self) -> Path | None:
        """The file of recorded exceptions, if there is one."""
        ...


@dataclass(frozen=True, slots=True)
class RuleRun:
    """How often a rule came to each outcome, and on how many records (a dossier's own data is one)."""

    rule: str
    counts: Mapping[Outcome, int]
    records: Mapping[Outcome, int]


@dataclass(frozen=True, slots=True)
class Report:
    """What was found: ``findings`` are those that failed or are unverified, in order of place."""

    findings: tuple[Finding, ...]
    runs: tuple[RuleRun, ...]
    as_of: date

    @property
    def stops(self) -> bool:
        """Whether anything of the dossier must not be issued."""
        return any(finding.stops for finding in self.findings)

    @property
    def blocks(self) -> bool:
        """Whether nothing of the dossier may be issued: an error is not one of single records only."""
        return any(finding.stops and finding.at.record is None for finding in self.findings)

    @property
    def withheld(self) -> frozenset[tuple[str, str]]:
        """The records, by form and id, that must not be issued: each has an error, or shares in one."""
        places = (place for finding in self.findings if finding.stops for place in (finding.at, *finding.also))
        return frozenset((place.form, place.record) for place in places if place.record is not None)


def check(dossier: Dossier, *, stage: Stage = "fill", rule_set: Iterable[Rule] | None = None) -> Report:
    """Everything that there is to say about a dossier; ``rule_set`` replaces the rules in force.

    Raises:
        RuleCrash: a rule raised.
    """
    read = tuple(dossier.findings)
    unread = _unread(dossier, read)
    shapes = [
        finding for values, schema, at in _parts(dossier, unread) for finding in schema_checks.check(values, schema, at)
    ]
    view = _view(dossier, unread, _causes(dossier, shapes, read))
    law = Law(dossier.as_of, parameters.load(), _settings(view.filing))
    found: list[Finding] = list(_no_law(law.on))
    elsewhere = _FILING if dossier.scope is not None and dossier.scope.unknown else None
    in_force = _rules(dossier.scope, law.on, stage) if rule_set is None else rule_set
    ran = [_Run(rule, law, elsewhere) for rule in in_force]
    _judge_all(ran, view)
    runs = [each.told() for each in ran]
    found += chain.from_iterable(each.findings for each in ran)
    view.forget()
    folded = _fold((*read, *_unsaid(shapes, read), *found))
    marked = waivers.apply(dossier.waivers_file, folded, rules.waivable(), law.on)
    kept = marked if dossier.scope is None else _concerning(dossier.scope.form, marked, {run.rule for run in runs})
    return Report(tuple(order_of_findings.in_order(kept)), tuple(runs), law.on)


def _rules(scope: Scope | None, on: date, stage: Stage) -> tuple[Rule, ...]:
    """The rules in force; of a single file those that judge it and, where the whole is known, those that read it."""
    if scope is None:
        return rules.in_force(on, stage)
    return _rules_of(scope.form, scope.part or bool(scope.unknown), on, stage)


@lru_cache(maxsize=64)
def _rules_of(form: str, alone: bool, on: date, stage: Stage) -> tuple[Rule, ...]:
    found = rules.in_force(on, stage)
    if alone:
        return tuple(rule for rule in found if rule.form == form)
    # A rule that asks of the form only whether it is there (`form:`) has nothing to say about the one that is.
    within = f"{form}:/"
    return tuple(rule for rule in found if rule.form == form or any(place.startswith(within) for place in rule.reads))


def _concerning(form: str, findings: Sequence[Finding], ran: Container[str]) -> list[Finding]:
    """The findings about a form, those of the rules that ran, and those that either follow from."""
    kept: list[Finding] = []
    others: list[Finding] = []
    for finding in findings:
        (kept if finding.at.form == form or finding.kind.id in ran else others).append(finding)
    causes = {finding.cause for finding in kept} if others else ()
    return kept + [finding for finding in others if finding.at in causes]


def _no_law(on: date) -> Iterator[Finding]:
    """The finding that a day lies before all rules."""
    first = _first_law()
    if on < first:
        said = {"day": on.isoformat(), "first": first.isoformat()}
        yield Finding(NO_LAW, Address("dossier", ("as_of",)), said)


@lru_cache(maxsize=1)
def _first_law() -> date:
    return min(rule.effective_from for rule in rules.all_rules())


def _unread(dossier: Dossier, read: Iterable[Finding]) -> dict[str, Address]:
    """The forms of which nothing could be read, each with the place of a finding that says why."""
    unread: dict[str, Address] = {}
    for finding in read:
        form = finding.at.form
        if not (dossier.values if form == "dossier" else dossier.records.get(form)):
            unread.setdefault(form, finding.at)
    if dossier.scope is not None and dossier.scope.unknown:
        unread |= {form: _FILING for form in forms.catalogue() if form != dossier.scope.form}
    return unread


def _parts(dossier: Dossier, unread: Mapping[str, Address]) -> Iterator[tuple[Any, forms.Schema, Address]]:
    """Everything that has a schema: values, schema and address."""
    if "dossier" not in unread:
        yield dossier.values, forms.dossier_schema(), Address("dossier")
    for key, records in dossier.records.items():
        schema = forms.catalogue().edition(key, dossier.as_of).schema
        for record in records:
            yield record.values, schema, record.address


def _unsaid(shapes: Iterable[Finding], read: Iterable[Finding]) -> Iterator[Finding]:
    """The schema findings, without those on a value of which reading has said already what is wrong."""
    said = {finding.at for finding in read if finding.at.pointer}
    if not said:
        yield from shapes
        return
    for finding in shapes:
        at = finding.at
        ways = (at.pointer[:length] for length in range(1, len(at.pointer) + 1))
        if not any(Address(at.form, way, at.record) in said for way in ways):
            yield finding


def _causes(
    dossier: Dossier, shapes: Sequence[Finding], read: Sequence[Finding]
) -> dict[Address, dict[Pointer, Address]]:
    """Which values are withheld from rules, by record: where, and the place of the finding that says why."""
    if not (shapes or read):
        return {}
    causes: dict[Address, dict[Pointer, Address]] = {}
    for finding in read:
        at = finding.at
        for place, values in _told_of(dossier, at):
            for pointer in _left_out(values, at.pointer):
                causes.setdefault(place, {})[pointer] = at
    for finding in shapes:
        at = finding.at
        causes.setdefault(Address(at.form, (), at.record), {}).setdefault(at.pointer, at)
    return causes


def _told_of(dossier: Dossier, at: Address) -> Iterator[tuple[Address, Any]]:
    """The values that a finding of reading is about, and their address.

    What is said of a form of which there are many as a whole, such as a column, is said of each.
    """
    if at.form == "dossier":
        yield Address("dossier"), dossier.values
        return
    records = dossier.records.get(at.form)
    found = None if records is None else records.find(at.record)
    for record in (records or ()) if found is None else (found,):
        yield record.address, record.values


def _left_out(values: Any, pointer: Pointer) -> Iterator[Pointer]:
    """The places where reading left nothing, of a finding on one value or, ``list/field``, on a column of a list.

    What it left there, with a remark, rules may see.
    """
    if len(pointer) == 2 and isinstance(pointer[1], str) and isinstance(values, dict):
        rows = values.get(str(pointer[0]))
        if isinstance(rows, list):
            for row, entry in enumerate(rows):
                if isinstance(entry, dict) and pointer[1] not in entry:
                    yield (pointer[0], row, pointer[1])
            return
    for key in pointer:
        if isinstance(values, dict):
            values = values.get(str(key))
        elif isinstance(values, list) and isinstance(key, int) and key < len(values):
            values = values[key]
        else:
            return
    if values is None:
        yield pointer


def _view(dossier: Dossier, unread: Mapping[str, Address], causes: Mapping[Address, Mapping[Pointer, Address]]) -> View:
    """The dossier as rules see it."""

    def title(at: Address) -> str:
        schema = forms.catalogue().edition(at.form, dossier.as_of).schema
        return schema_checks.title_parts(schema, at.pointer)[-1]

    filing, places = _filing(dossier, unread) if "dossier" in unread else (_pruned(dossier.values, _FILING, causes), ())
    withheld = (Address(at.form, pointer, at.record) for at, pointers in causes.items() for pointer in pointers)
    return View(
        filing,
        {key: _Seen(records, causes) for key, records in dossier.records.items()},
        title,
        unread,
        (*places, *withheld),
    )


Causes = Mapping[Address, Mapping[Pointer, Address]]


def _pruned(values: Any, at: Address, causes: Causes) -> Any:
    """What rules see of values: what has a finding of its own is withheld."""
    return schema_checks.prune(values, causes[at]) if at in causes else values


@dataclass(frozen=True, slots=True)
class _Seen(Sequence[tuple[Address, Any]]):
    """What rules see of the records of a form, one after the other: not all are in memory."""

    records: Records
    causes: Causes

    @overload
    def __getitem__(self, index: int) -> tuple[Address, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[tuple[Address, Any], ...]: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return tuple(map(self._of, self.records[index]))
        return self._of(self.records[index])

    def __iter__(self) -> Iterator[tuple[Address, Any]]:
        return map(self._of, self.records)

    def __len__(self) -> int:
        return len(self.records)

    def _of(self, record: Record) -> tuple[Address, Any]:
        return record.address, _pruned(record.values, record.address, self.causes)


def _filing(dossier: Dossier, unread: Mapping[str, Address]) -> tuple[Any, Sequence[Address]]:
    """What rules see of a dossier.json that is not there, and the places in it that are withheld."""
    withheld = Withheld(unread["dossier"])
    if dossier.scope is not None and dossier.scope.unknown:
        names = dossier.scope.unknown
        return dict.fromkeys(names, withheld), [_FILING / name for name in names]
    return withheld, [_FILING]


def _settings(filing: Node) -> dict[str, int]:
    """The school's own numbers, by parameter, without those that have a finding."""
    group = filing.value.get("settings") if isinstance(filing.value, dict) else None
    entries = group.items() if isinstance(group, dict) else ()
    values = {name: entry.get("value") for name, entry in entries if isinstance(entry, dict)}
    return {name: value for name, value in values.items() if isinstance(value, int)}


def _judge_all(ran: Sequence["_Run"], view: View) -> None:
    """Has the rules judge the dossier; those that speak of the same places in turn, while these are in memory."""
    for each, alike in groupby(sorted(ran, key=lambda run: run.rule.each), key=lambda run: run.rule.each):
        together = list(alike)
        try:
            tables = view.subjects(each)
        except Unreadable as problem:
            for run in together:
                run.cannot(problem.cause)
            continue
        for table in tables:
            for run in together:
                run.judge(table)


class _Run:
    """What a rule says of the places that it speaks of."""

    def __init__(self, rule: Rule, law: Law, elsewhere: Address | None) -> None:
        """``elsewhere`` is the cause of what cannot be told of a file that was handed in by itself."""
        self.rule = rule
        self.findings: list[Finding] = []
        """In order of their places."""
        self._law = law
        self._elsewhere = elsewhere
        self._counts = _NEVER.copy()
        self._records = _NEVER.copy()

    def told(self) -> RuleRun:
        """How often it came to each outcome."""
        return RuleRun(self.rule.id, self._counts, self._records)

    def cannot(self, cause: Address) -> None:
        """Takes that the places themselves cannot be read."""
        self._counts[Outcome.UNVERIFIED] = self._records[Outcome.UNVERIFIED] = 1
        self.findings += _unreadable(self.rule, [cause], [cause], self._elsewhere)

    def judge(self, table: Table) -> None:
        """Judges the rows of a table, whose records are in no other one."""
        rule, elsewhere, counts = self.rule, self._elsewhere, self._counts
        records: dict[Outcome, set[str | None]] = {}
        rows: list[int] = []
        spoken: list[Finding] = []
        for numbers, verdicts, causes in asking.judged(table, partial(_judge, rule, self._law)):
            if causes is not None:
                counts[Outcome.UNVERIFIED] += len(numbers)
                records.setdefault(Outcome.UNVERIFIED, set()).update(table.records(numbers))
                rows += numbers
                spoken += _unreadable(rule, map(table.at, numbers), causes, elsewhere)
            for verdict in verdicts:
                outcome = verdict.outcome
                counts[outcome] += len(numbers)
                records.setdefault(outcome, set()).update(table.records(numbers))
                if outcome in _TOLD:
                    rows.append(numbers[0])
                    spoken.append(_finding(rule, verdict, elsewhere))
        for outcome, ids in records.items():
            self._records[outcome] += len(ids)
        self.findings += [spoken[position] for position in sorted(range(len(rows)), key=rows.__getitem__)]


def _unreadable(
    rule: Rule, places: Iterable[Address], causes: Iterable[Address], elsewhere: Address | None
) -> list[Finding]:
    """The findings that a rule cannot judge some places, each because of a finding at a place of its own."""
    here = rule.kind_for(unreadable(_FILING, _FILING))
    far = _needs_dossier(here)
    return [
        Finding(far if cause == elsewhere else here, at, outcome=Outcome.UNVERIFIED, cause=cause)
        for at, cause in zip(places, causes, strict=False)
    ]


def _judge(rule: Rule, law: Law, subject: Node) -> list[Verdict]:
    verdicts: list[Verdict] = []
    try:
        for verdict in rule.function(subject, law):
            verdicts.append(verdict)  # one by one: what was said before an exception stands
    except Unreadable as problem:
        verdicts.append(unreadable(subject.at(), problem.cause))
    except Exception as error:
        raise _crash(rule, subject.at()) from error
    return verdicts or [Verdict(Outcome.NOT_APPLICABLE, subject.at())]


def _finding(rule: Rule, verdict: Verdict, elsewhere: Address | None) -> Finding:
    try:
        kind = rule.kind_for(verdict)
    except (KeyError, ValueError) as error:
        raise _crash(rule, verdict.at) from error
    if elsewhere is not None and verdict.wording == UNREADABLE_WORDING and verdict.cause == elsewhere:
        kind = _needs_dossier(kind)
    return Finding(kind, verdict.at, verdict.values, verdict.outcome, verdict.also, verdict.cause)


@lru_cache(maxsize=1024)
def _needs_dossier(kind: Kind) -> Kind:
    """The kind of what a file by itself cannot tell: nothing in it is to be mended, nor can its sender mend more."""
    return replace(kind, missing=_NOT_HERE, hint=NO_DOSSIER.hint)


def _crash(rule: Rule, at: Address) -> RuleCrash:
    return RuleCrash(
        Text(
            f"规则 {rule.id} 出错，这是 formgen 的问题，与数据无关", f"rule {rule.id} raised: our fault, not the data's"
        ),
        place=str(at),
        remedy=Text("请把命令和 --debug 的输出报告给维护者", "please report the command and what --debug prints"),
    )


def _fold(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings, those without their ``cause`` whose cause is no finding of its own."""
    causes = {finding.cause for finding in findings if finding.cause is not None}
    strays = causes.difference(finding.at for finding in findings if finding.cause is None)
    if not strays:
        return findings
    return tuple(finding._replace(cause=None) if finding.cause in strays else finding for finding in findings)
