"""Recorded exceptions: one finding of one rule at one place, for a reason, approved by somebody, until a day.

A waiver holds for the values that were seen when it was approved. There are no blanket waivers, and what a schema or
the reading of a file says cannot be waived. A waived finding stays in the report, marked.
"""

import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from formgen.errors import UsageError
from formgen.findings import Address, Finding, Kind, Outcome, Severity, Text

_REQUIRED: Final[Mapping[str, type]] = {
    "rule": str, "at": str, "values_digest": str, "reason": str, "approved_by": str, "until": date,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Waiver:
    """One recorded exception. ``number`` counts from 1 in its file."""

    number: int
    rule: str
    at: str
    values_digest: str
    reason: str
    approved_by: str
    until: date


def _kind(id_: str, name: str, title: Text, message: Text, severity: Severity = Severity.ERROR) -> Kind:
    return Kind(id_, name, title, message, severity)


SYNTAX = _kind(
    "W-syntax",
    "waivers-unreadable",
    Text("豁免文件读不出", "The waiver file cannot be read"),
    Text("waivers.toml 不是正确的 TOML：{problem}", "waivers.toml is not correct TOML: {problem}"),
)
SHAPE = _kind(
    "W-shape",
    "waiver-incomplete",
    Text("豁免写得不全", "Incomplete waiver"),
    Text(
        "waivers.toml 第 {number} 条须恰好写 {keys}；有误的是：{wrong}",
        "waivers.toml, entry {number}, must have exactly {keys}; wrong: {wrong}",
    ),
)
NOT_WAIVABLE = _kind(
    "W-not-waivable",
    "not-waivable",
    Text("这种问题不能豁免", "This cannot be waived"),
    Text(
        "waivers.toml 第 {number} 条：{rule} 不是可以豁免的规则",
        "waivers.toml, entry {number}: {rule} is not a rule that can be waived",
    ),
)
EXPIRED = _kind(
    "W-expired",
    "waiver-expired",
    Text("豁免已过期", "Expired waiver"),
    Text(
        "waivers.toml 第 {number} 条（{rule}，{at}）已于 {until} 到期",
        "waivers.toml, entry {number} ({rule}, {at}), ended on {until}",
    ),
)
STALE = _kind(
    "W-stale",
    "waiver-stale",
    Text("豁免之后数据变了", "The data changed after the waiver"),
    Text(
        "waivers.toml 第 {number} 条（{rule}，{at}）批准时的值已变，现在的 values_digest 是 {digest}；请重新审批",
        "waivers.toml, entry {number} ({rule}, {at}): the values have changed, values_digest is now {digest};"
        " have it approved again",
    ),
)
UNUSED = _kind(
    "W-unused",
    "waiver-unused",
    Text("豁免没有用上", "Unused waiver"),
    Text(
        "waivers.toml 第 {number} 条（{rule}，{at}）没有对应的问题，可以删去",
        "waivers.toml, entry {number} ({rule}, {at}), matches no finding; it can be deleted",
    ),
    Severity.WARNING,
)
KINDS: Final = (SYNTAX, SHAPE, NOT_WAIVABLE, EXPIRED, STALE, UNUSED)


def values_digest(finding: Finding) -> str:
    """SHA-256 of what a finding saw, as ``sha256:…``: what a waiver of it must quote."""
    seen = {"outcome": finding.outcome, "values": dict(finding.values)}
    canonical = json.dumps(seen, ensure_ascii=True, sort_keys=True, default=str, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()


def apply(path: Path | None, findings: Iterable[Finding], waivable: frozenset[str], as_of: date) -> tuple[Finding, ...]:
    """The findings, those marked that a waiver of the file covers, with what is wrong with the waivers themselves."""
    if path is None:
        return tuple(findings)
    waivers, wrong = read(path)
    by_place: dict[tuple[str, str], list[Waiver]] = {}
    for waiver in waivers:
        if waiver.rule not in waivable:
            wrong.append(_finding(NOT_WAIVABLE, waiver.number, rule=waiver.rule))
        elif waiver.until < as_of:
            until = waiver.until.isoformat()
            wrong.append(_finding(EXPIRED, waiver.number, rule=waiver.rule, at=waiver.at, until=until))
        else:
            by_place.setdefault((waiver.rule, waiver.at), []).append(waiver)
    marked = []
    for finding in findings:
        offered = by_place.pop((finding.kind.id, str(finding.at)), []) if by_place else []
        reason, stale = _match(finding, offered)
        wrong.extend(stale)
        marked.append(finding._replace(waived=reason) if reason is not None else finding)
    for waiver in (waiver for left in by_place.values() for waiver in left):
        wrong.append(_finding(UNUSED, waiver.number, rule=waiver.rule, at=waiver.at))
    return (*marked, *wrong)


def read(path: Path) -> tuple[list[Waiver], list[Finding]]:
    """The waivers of a file, and what is wrong with its writing.

    Raises:
        UsageError: the file is there but cannot be opened.
    """
    try:
        tables = tomllib.loads(path.read_bytes().decode())
    except OSError as error:
        problem = Text(f"打不开：{error.strerror}", f"cannot be opened: {error.strerror}")
        raise UsageError(problem, place=path.name) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        return [], [_finding(SYNTAX, 0, problem=str(error))]
    entries = tables.pop("waiver", [])
    waivers: list[Waiver] = []
    wrong = [_shape(0, sorted(tables))] if tables else []
    if not isinstance(entries, list):
        return [], [*wrong, _shape(0, ["waiver"])]
    for number, entry in enumerate(entries, start=1):
        bad = _mistakes(entry)
        if bad:
            wrong.append(_shape(number, bad))
        else:
            waivers.append(Waiver(number, **entry))
    return waivers, wrong


def _mistakes(entry: Any) -> list[str]:
    """The keys that an entry lacks, has too many, or has with the wrong kind of value."""
    if not isinstance(entry, dict):
        return ["[[waiver]]"]
    bad = {key for key in entry if key not in _REQUIRED}
    for key, kind in _REQUIRED.items():
        value = entry.get(key)
        # A TOML date and time is a datetime, which Python counts among the dates.
        if not isinstance(value, kind) or isinstance(value, datetime) or value == "":
            bad.add(key)
    if "at" not in bad and not _is_address(entry["at"]):
        bad.add("at")
    return sorted(bad)


def _is_address(text: str) -> bool:
    try:
        return str(Address.parse(text)) == text and "*" not in text
    except ValueError:
        return False


def _match(finding: Finding, offered: list[Waiver]) -> tuple[str | None, list[Finding]]:
    """The reason of the first waiver that fits a finding; the others have gone stale."""
    if not offered:
        return None, []
    digest = values_digest(finding)
    reason = next((waiver.reason for waiver in offered if waiver.values_digest == digest), None)
    stale = [
        _finding(STALE, waiver.number, rule=waiver.rule, at=waiver.at, digest=digest)
        for waiver in offered
        if waiver.values_digest != digest
    ]
    return reason, stale


def _shape(number: int, wrong: list[str]) -> Finding:
    return _finding(SHAPE, number, keys="、".join(_REQUIRED), wrong="、".join(wrong))


def _finding(kind: Kind, number: int, **values: Any) -> Finding:
    if kind is not SYNTAX:
        values = {"number": number, **values}
    # An address of its own: the schema of dossier.json has no field of this name.
    pointer = ("waivers", number - 1) if number else ("waivers",)
    return Finding(kind, Address("dossier", pointer), values, Outcome.FAILED)
