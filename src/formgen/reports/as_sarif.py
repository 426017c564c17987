"""Findings as SARIF 2.1.0, the format that code hosts and editors show.

What cannot be verified has the kind ``open`` (the standard: "evaluated, and there was insufficient information to
decide"); a waived finding has a suppression. A cell of a sheet is a logical location, a line of JSON a region.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import formgen
from formgen.checks import Report
from formgen.dossier import Dossier
from formgen.errors import FormgenError
from formgen.findings import Address, Finding, Kind, Outcome, Severity
from formgen.reports.text import cut
from formgen.rules import all_rules

PER_RULE: Final = 1000
"""Findings of one rule in one dossier that are listed: the hosts take some thousands in all. JSON has them all."""
_RELATED: Final = 100
"""Related places of a finding that are listed; ``relatedPlaces`` among its properties says how many there are."""
_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_LANGUAGES: Final = {"zh": "zh-CN", "en": "en"}
_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"


@dataclass(frozen=True, slots=True)
class Part:
    """What the document says of one dossier."""

    results: tuple[dict[str, Any], ...]
    notes: tuple[dict[str, Any], ...]
    kinds: Mapping[str, Kind]
    """The kinds of its findings by id."""


def part(dossier: Dossier, report: Report, lang: str = "zh") -> Part:
    """What the document says of one dossier; ``lang`` is the language of titles, messages and hints."""
    results: list[dict[str, Any]] = []
    seen: dict[str, int] = {}
    kinds: dict[str, Kind] = {}
    for finding in report.findings:
        rule = finding.kind.id
        kinds.setdefault(rule, finding.kind)
        seen[rule] = seen.get(rule, 0) + 1
        if seen[rule] <= PER_RULE:
            results.append(_result(finding, dossier, lang))
    notes = (
        _note("note", f"{dossier.name}: {cut(rule, count, PER_RULE, lang)}")
        for rule, count in sorted(seen.items())
        if count > PER_RULE
    )
    return Part(tuple(results), tuple(notes), kinds)


def document(
    parts: Sequence[Part],
    refused: Sequence[tuple[str, FormgenError]] = (),
    lang: str = "zh",
) -> str:
    """The SARIF text of what a command found: one run over all dossiers."""
    kinds = _kinds(parts)
    places = {kind.id: place for place, kind in enumerate(kinds)}
    results = [{**result, "ruleIndex": places[result["ruleId"]]} for part in parts for result in part.results]
    notes = [note for part in parts for note in part.notes]
    notes += [_note("error", error.sentence(lang)) for _, error in refused]
    run = {
        "tool": {"driver": _driver(kinds, lang)},
        "language": _LANGUAGES[lang],
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": not refused, "toolExecutionNotifications": notes}],
        "results": results,
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2)


def _kinds(parts: Sequence[Part]) -> list[Kind]:
    """Every rule, whether it has a finding or not, and the other kinds of findings that there are."""
    found = {rule.id: rule.kind for rule in all_rules()}
    for part in parts:
        found = {**part.kinds, **found}
    return [found[id_] for id_ in sorted(found)]


def _driver(kinds: Sequence[Kind], lang: str) -> dict[str, Any]:
    return {"name": "formgen", "version": formgen.__version__, "rules": [_descriptor(kind, lang) for kind in kinds]}


def _descriptor(kind: Kind, lang: str) -> dict[str, Any]:
    """What the standard calls the metadata of a rule."""
    about: dict[str, Any] = {
        "id": kind.id,
        "name": kind.name,
        "shortDescription": {"text": kind.title.lang(lang)},
        "defaultConfiguration": {"level": _LEVELS[kind.severity]},
    }
    if kind.basis:
        about["fullDescription"] = {"text": "\n".join(kind.basis)}
    # Of a schema finding the hint depends on the field; the message says the same.
    if kind.hint.lang(lang) and kind.id.startswith("R"):
        about["help"] = {"text": kind.hint.lang(lang)}
    return about


def _result(finding: Finding, dossier: Dossier, lang: str) -> dict[str, Any]:
    unverified = finding.outcome is Outcome.UNVERIFIED
    result: dict[str, Any] = {
        "ruleId": finding.kind.id,
        "ruleIndex": None,  # which it is, only the whole document says
        "kind": "open" if unverified else "fail",
        # The standard: a result that is no failure has the level "none".
        "level": "none" if unverified else _LEVELS[finding.kind.severity],
        "message": {"text": _plain(finding.message(lang))},
        "locations": [_location(finding.at, dossier)],
        # Of the place, not of the values: a digest of a name is a name to whoever tries all names.
        "partialFingerprints": {"formgenPlace/v1": f"{dossier.name}/{finding.kind.id}/{finding.at}"},
        "properties": {"dossier": dossier.name, "outcome": finding.outcome.value},
    }
    if finding.also:
        result["relatedLocations"] = [_location(address, dossier) for address in finding.also[:_RELATED]]
        result["properties"]["relatedPlaces"] = len(finding.also)
    if finding.cause is not None:
        result["properties"]["cause"] = str(finding.cause)
    if finding.waived is not None:
        waiver = {"kind": "external", "status": "accepted", "justification": finding.waived}
        result["suppressions"] = [waiver]
    return result


def _location(at: Address, dossier: Dossier) -> dict[str, Any]:
    origin = dossier.origin(at)
    folder = dossier.name if dossier.folder.is_absolute() else dossier.folder.as_posix()
    # Of an absolute path the dossier's own name is enough; what lies above it is nobody's business.
    path = folder if origin.file == dossier.name else f"{folder}/{origin.file}"
    if dossier.scope is not None and (dossier.scope.unknown or at.form == dossier.scope.form):
        whole = dossier.scope.path
        path = whole.name if whole.is_absolute() else whole.as_posix()
    physical: dict[str, Any] = {"artifactLocation": {"uri": quote(path)}}
    if origin.line is not None:
        physical["region"] = {"startLine": origin.line}
    logical = [{"fullyQualifiedName": str(at), "kind": "member"}]
    if origin.cell is not None:
        logical.append({"name": origin.cell, "fullyQualifiedName": str(origin), "kind": "cell"})
    return {"physicalLocation": physical, "logicalLocations": logical}


def _note(level: str, text: str) -> dict[str, Any]:
    return {"level": level, "message": {"text": _plain(text)}}


def _plain(text: str) -> str:
    """A text that is no link: the standard reads ``[words](1)`` as one."""
    return re.sub(r"\](?=\()", "] ", text)
