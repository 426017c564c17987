"""A small valid dossier, patches on it, and what a report says: what the tests of judging share."""

import copy
import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from formgen import checks, forms, rules
from formgen.checks import Report
from formgen.findings import Address, Finding, Outcome
from formgen.record import CellOrigins, Origin, Record
from formgen.records import Records
from formgen.rules import Rule

CASES = Path(__file__).parent / "cases"
ORIGINS = CellOrigins(Origin("base.json"))


@dataclass
class Material:
    """A dossier in memory."""

    values: Any
    records: Mapping[str, Records]
    as_of: date
    findings: Sequence[Finding] = ()
    waivers_file: Path | None = None
    scope: None = None


@dataclass(frozen=True)
class Case:
    """One patch on the valid dossier, and what the report must then be."""

    rule: str
    form: str
    name: str
    on: date
    expect: tuple[str, ...]
    set: Mapping[str, Any] = field(default_factory=dict)
    remove: tuple[str, ...] = ()
    grow: int = 0

    def __str__(self) -> str:
        return f"{self.rule} {self.name}"

    @property
    def outcomes(self) -> frozenset[str]:
        """What is expected of the case's own rule."""
        return frozenset(line.split()[1] for line in self.expect if line.split()[0] == self.rule)

    def material(self) -> Material:
        """The valid dossier with the patch."""
        raw = base(self.on)
        for _ in range(self.grow - len(raw["records"]["staff_list"]["members"])):
            grow(raw["records"]["staff_list"]["members"])
        for text, value in self.set.items():
            parent, key = _parent(raw, Address.parse(text))
            parent[key] = copy.deepcopy(value)
        for text in self.remove:
            parent, key = _parent(raw, Address.parse(text))
            del parent[key]
        return material(raw, self.on)


def base(on: date = date(2020, 11, 18)) -> Any:
    """The valid dossier as plain data, to be changed at will.

    From its first day, ``<form>/base.<first day>.json`` stands in for a form's record of the earlier edition.
    """
    raw = json.loads((CASES / "base.json").read_text("utf-8"))
    for path in sorted(CASES.glob("*/base.*.json")):
        if date.fromisoformat(path.name.split(".")[1]) <= on:
            raw["records"][path.parent.name] = json.loads(path.read_text("utf-8"))
    return raw


def grow(members: list[Any]) -> None:
    """Adds a row like the last one, with the next serial and another name."""
    serial = len(members) + 1
    members.append({**members[-1], "serial": serial, "name": f"新人{serial}"})


def material(raw: Any, on: date) -> Material:
    """A dossier of plain data: a form with many records holds them by id."""
    records: dict[str, Records] = {}
    for form, found in raw["records"].items():
        if forms.catalogue()[form][0].many:
            records[form] = Records(Record(form, values, ORIGINS, id_) for id_, values in found.items())
        else:
            records[form] = Records([Record(form, found, ORIGINS)])
    return Material(raw["dossier"], records, on)


def valid(on: date = date(2020, 11, 18)) -> Material:
    """The valid dossier, judged on a day."""
    return material(base(on), on)


def _parent(raw: Any, address: Address) -> tuple[Any, Any]:
    if address.form == "dossier":
        keys: tuple[Any, ...] = ("dossier", *address.pointer)
    else:
        record = () if address.record is None else (address.record,)
        keys = ("records", address.form, *record, *address.pointer)
    node = raw
    for key in keys[:-1]:
        # A pointer's digits are read as a list's position; the items of the filing are keys.
        node = node[key] if isinstance(node, list) else node.setdefault(str(key), {})
    return node, keys[-1] if isinstance(node, list) else str(keys[-1])


def cases() -> tuple[Case, ...]:
    """Every case that lies in the folder."""
    found = []
    for path in sorted(CASES.glob("*/*.toml")):
        tables = tomllib.loads(path.read_text("utf-8"))
        assert set(tables) == {"case"}, path
        for table in tables["case"]:
            lists = {key: tuple(table.pop(key, ())) for key in ("expect", "remove")}
            found.append(Case(rule=path.stem, form=path.parent.name, **lists, **table))
    return tuple(found)


def lines(report: Report) -> list[str]:
    """The findings of a report as cases write them: rule, outcome, place ``& other place`` … ``< cause``."""
    return sorted(map(_line, report.findings))


def _line(finding: Finding) -> str:
    places = " & ".join(map(str, (finding.at, *finding.also)))
    return f"{finding.kind.id} {finding.outcome} {places}" + (f" < {finding.cause}" if finding.cause else "")


_SILENT = re.compile(r"(\w+) (passed|not_applicable|not_in_force)")


def problems(case: Case, report: Report) -> list[str]:
    """How a report differs from what its case expects; empty if it does not."""
    spoken = sorted(line for line in case.expect if not _SILENT.fullmatch(line))
    actual = lines(report)
    wrong = [f"not there: {line}" for line in spoken if line not in actual]
    wrong += [f"unexpected: {line}" for line in actual if line not in spoken]
    runs = {run.rule: run.counts for run in report.runs}
    for line in case.expect:
        silent = _SILENT.fullmatch(line)
        if silent is not None and not _holds(runs.get(silent[1]), silent[2]):
            wrong.append(f"not so: {line}")
    return wrong


def _holds(counts: Mapping[Outcome, int] | None, outcome: str) -> bool:
    if outcome == "not_in_force" or counts is None:
        return outcome == "not_in_force" and counts is None
    others = [counts[Outcome.FAILED], counts[Outcome.UNVERIFIED]]
    if outcome == "not_applicable":
        others.append(counts[Outcome.PASSED])
    return counts[Outcome(outcome)] > 0 and not any(others)


def judge(case: Case, rule_set: Iterable[Rule] | None = None) -> Report:
    """The report on a case's dossier, at the stage that its rule belongs to."""
    stage = next((found.stage for found in rules.all_rules() if found.id == case.rule), "fill")
    return checks.check(case.material(), stage=stage, rule_set=rule_set)
