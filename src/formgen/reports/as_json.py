"""Findings as one JSON document, of the shape that ``schemas/_findings.schema.json`` describes."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from formgen.checks import Report
from formgen.delivery import Delivery
from formgen.dossier import Dossier
from formgen.errors import FormgenError
from formgen.findings import Address, Finding, Outcome, format_pointer
from formgen.reports.tally import Tally, tally

VERSION = 1
_NO_FINDINGS = '"findings": []'


@dataclass(frozen=True, slots=True)
class Part:
    """What the document says of one dossier."""

    dossier: dict[str, Any]
    findings: Iterable[str]
    """Each as a text; of a long list where all is wrong they are large, and made one by one."""
    tally: Tally
    outcomes: Mapping[Outcome, int]
    stops: bool

    def whole(self) -> "Part":
        """The same with its texts made, to be kept and to travel."""
        return replace(self, findings=tuple(self.findings))


def part(dossier: Dossier, report: Report, delivery: Delivery | None, lang: str = "zh") -> Part:
    """What the document says of one dossier; ``lang`` is the language of titles, messages and hints."""
    outcomes: Counter[Outcome] = Counter()
    for run in report.runs:
        outcomes.update(run.counts)
    counted = tally(report.findings)
    about = {
        "name": dossier.name,
        "as_of": {"date": report.as_of.isoformat(), "why": dossier.as_of_why},
        "summary": _summary(counted, outcomes, stops=report.stops),
        "rules": {run.rule: {**_named(run.counts), "records": _named(run.records)} for run in report.runs},
        "delivery": _delivery(delivery) if delivery is not None else None,
    }
    findings = (_dumped(_finding(each, dossier, lang)).replace("\n", "\n    ") for each in report.findings)
    return Part(about, findings, counted, outcomes, report.stops)


def pieces(
    parts: Sequence[Part],
    refused: Sequence[tuple[str, FormgenError]] = (),
    lang: str = "zh",
    *,
    redacted: bool = False,
) -> Iterator[str]:
    """The JSON text of what a command found, finding by finding.

    Args:
        parts: what is said of each dossier.
        refused: what could not be judged, with the reason.
        lang: the language of the reasons.
        redacted: what is said of the report: that personal values have been replaced in what is given.
    """
    outcomes: Counter[Outcome] = Counter()
    for part in parts:
        outcomes.update(part.outcomes)
    counted = Tally(*(sum(getattr(part.tally, each.name) for part in parts) for each in fields(Tally)))
    # What could not be judged cannot be issued.
    stops = bool(refused) or any(part.stops for part in parts)
    whole = {
        "version": VERSION,
        "redacted": redacted,
        "findings": [],
        "dossiers": [part.dossier for part in parts],
        "refused": [
            {"path": path, "message": error.sentence(lang), "exit_code": error.exit_code} for path, error in refused
        ],
        "summary": _summary(counted, outcomes, stops=stops),
    }
    before, _, after = _dumped(whole).partition(_NO_FINDINGS)
    yield before + _NO_FINDINGS.rstrip("]")
    between = first = "\n    "
    for part in parts:
        for finding in part.findings:
            yield between
            yield finding
            between = ",\n    "
    yield "]" if between is first else "\n  ]"
    yield after


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def _named(counts: Mapping[Outcome, int]) -> dict[str, int]:
    return {outcome.value: count for outcome, count in counts.items()}


def _delivery(delivery: Delivery) -> dict[str, Any]:
    return {
        "folder": str(delivery.folder),
        "written": list(delivery.written),
        "unchanged": list(delivery.unchanged),
        "removed": list(delivery.removed),
        "left": list(delivery.left),
        "withheld": list(delivery.withheld),
    }


def _summary(counted: Tally, outcomes: Mapping[Outcome, int], *, stops: bool) -> dict[str, Any]:
    return {
        "failed": {"error": counted.errors, "warning": counted.warnings, "info": counted.infos},
        "unverified": counted.unverified,
        "waived": counted.waived,
        "rule_outcomes": {outcome.value: outcomes.get(outcome, 0) for outcome in Outcome},
        "stops": stops,
    }


def _finding(finding: Finding, dossier: Dossier, lang: str) -> dict[str, Any]:
    kind = finding.kind
    return {
        "dossier": dossier.name,
        "rule": kind.id,
        "severity": kind.severity.value,
        "outcome": finding.outcome.value,
        "title": kind.title.lang(lang),
        "message": finding.message(lang),
        "basis": list(kind.basis),
        "hint": kind.hint.lang(lang),
        **_place(finding.at, dossier),
        "also": [_place(address, dossier) for address in finding.also],
        "cause": str(finding.cause) if finding.cause is not None else None,
        "values": dict(finding.values),
        "waived": finding.waived,
    }


def _place(address: Address, dossier: Dossier) -> dict[str, Any]:
    origin = dossier.origin(address)
    return {
        "form": address.form,
        "record": address.record,
        "pointer": format_pointer(address.pointer),
        "file": origin.file,
        "sheet": origin.sheet,
        "cell": origin.cell,
        "line": origin.line,
    }
