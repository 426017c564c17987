"""In which order findings are told: by form, record, rule and place, numbers as numbers."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from formgen import forms
from formgen.findings import Finding


def in_order(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings in order of place, those of one rule together.

    A rule goes through a list from its top, so what it found is in order already: the keys of a million findings, all
    held at once, would take more memory than the findings.
    """
    groups: dict[tuple[Any, ...], list[Finding]] = {}
    known: dict[tuple[str, str | None, str], list[Finding]] = {}
    last: Finding | None = None
    group: list[Finding] = []
    for finding in findings:
        at, kind = finding.at, finding.kind
        if last is None or kind is not last.kind or at.form != last.at.form or at.record != last.at.record:
            key = (at.form, at.record, kind.id)
            if key not in known:
                known[key] = groups.setdefault(_group(finding), [])
            group = known[key]
        group.append(finding)
        last = finding
    known.clear()
    for order in sorted(groups):
        group = groups.pop(order)
        if not all(map(_follows, group[1:], group)):
            group.sort(key=_place)
        yield from group


def _group(finding: Finding) -> tuple[Any, ...]:
    keys = _forms_in_order()
    at = finding.at
    return keys.get(at.form, len(keys)), at.form, _natural(at.record or ""), _natural(finding.kind.id)


def _follows(later: Finding, earlier: Finding) -> bool:
    """Whether a finding stands behind another, or beside it."""
    for behind, before in zip(later.at.pointer, earlier.at.pointer, strict=False):
        if behind != before:
            if type(behind) is int and type(before) is int:  # two rows of a list, which is what there are many of
                return before < behind
            break
    return _place(later) >= _place(earlier)


@lru_cache(maxsize=1)
def _forms_in_order() -> dict[str, int]:
    return {key: number for number, key in enumerate(("dossier", *forms.catalogue()))}


def _place(finding: Finding) -> tuple[Any, ...]:
    return tuple([(0, key, ()) if isinstance(key, int) else _named(key) for key in finding.at.pointer]), finding.outcome


@lru_cache(maxsize=4096)
def _named(key: str) -> tuple[Any, ...]:
    return 1, 0, _natural(key)


@lru_cache(maxsize=4096)
def _natural(text: str) -> tuple[tuple[int, str, str], ...]:
    """What sorts 2 before 10, and 3b behind 3a: of each number in a text its length and digits, and what follows it."""
    digits = [number.lstrip("0") for number in ("", *re.findall("[0-9]+", text))]
    return tuple((len(number), number, rest) for number, rest in zip(digits, re.split("[0-9]+", text), strict=True))
