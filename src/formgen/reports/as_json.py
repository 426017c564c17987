"""Findings as one JSON document, of the shape that ``schemas/_findings.schema.json`` describes."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from formgen.checks import Report
from formgen.delivery import Delivery
from formgen.dossier import Dossier
from formgen.errors import FormgenError
from formgen.findings import Address, Finding, Outcome, format_pointer
from formgen.reports.tally import Tally, tally

VERSION = 1
_NO_FINDINGS = '"findings": []'


def pieces(
    judged: Sequence[tuple[Dossier, Report, Delivery | None]],
    refused: Sequence[tuple[str, FormgenError]] = (),
    lang: str = "zh",
    *,
    redacted: bool = False,
) -> Iterator[str]:
    """The JSON text of what a command found, finding by finding: of a long list where all is wrong it is large.

    Args:
        judged: the dossiers, what was found, and what was written of each.
        refused: what could not be judged, with the reason.
        lang: the language of titles, messages and hints.
        redacted: what is said of the report: that personal values have been replaced in what is given.
    """
    findings = [finding for _, report, _ in judged for finding in report.findings]
    whole = {
        "version": VERSION,
        "redacted": redacted,
        "findings": [],
        "dossiers": [_dossier(*each) for each in judged],
        "refused": [
            {"path": path, "message": error.sentence(lang), "exit_code": error.exit_code} for path, error in refused
        ],
        "summary": _summary(tally(findings), [report for _, report, _ in judged], refused=bool(refused)),
    }
    before, _, after = _dumped(whole).partition(_NO_FINDINGS)
    yield before + _NO_FINDINGS.rstrip("]")
    between = "\n    "
    for dossier, report, _ in judged:
        for finding in report.findings:
            yield between + _dumped(_finding(finding, dossier, lang)).replace("\n", "\n    ")
            between = ",\n    "
    yield "\n  ]" if findings else "]"
    yield after


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def _dossier(dossier: Dossier, report: Report, delivery: Delivery | None) -> dict[str, Any]:
    return {
        "name": dossier.name,
        "as_of": {"date": report.as_of.isoformat(), "why": dossier.as_of_why},
        "summary": _summary(tally(report.findings), [report]),
        "rules": {run.rule: {**_named(run.counts), "records": _named(run.records)} for run in report.runs},
        "delivery": _delivery(delivery) if delivery is not None else None,
    }


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


def _summary(counted: Tally, reports: Iterable[Report], *, refused: bool = False) -> dict[str, Any]:
    outcomes: Counter[Outcome] = Counter()
    stops = refused  # what could not be judged cannot be issued
    for report in reports:
        stops = stops or report.stops
        for run in report.runs:
            outcomes.update(run.counts)
    return {
        "failed": {"error": counted.errors, "warning": counted.warnings, "info": counted.infos},
        "unverified": counted.unverified,
        "waived": counted.waived,
        "rule_outcomes": {outcome.value: outcomes[outcome] for outcome in Outcome},
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
