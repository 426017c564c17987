"""What changed between a submission and the one before it: people, values, findings.

People are told by what names them, not by their rows, since rows move: by the student number, else by name and college,
else by name, else by serial number and college. A finding is the same one if its rule says it of the same person.
"""

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from formgen.annotation.entries import Entries, Entry
from formgen.findings import Address, Finding
from formgen.record import Origin

_NOT_COMPARED = {"serial"}
"""Numbers that follow from the order of the rows."""
_NAMING: tuple[tuple[str, ...], ...] = (
    ("student_number",),
    ("name", "college"),
    ("name",),
    ("serial", "college"),
)
"""The fields that tell who somebody is, the surest first."""


class Became(StrEnum):
    """What a finding is beside those of the last time."""

    NEW = "new"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Change:
    """A value of a person that is not what it was; an absent one is an empty text."""

    person: Entry
    field: str
    origin: Origin
    before: str
    after: str


@dataclass(frozen=True)
class Comparison:
    """What is different from the last submission."""

    added: tuple[Entry, ...]
    gone: tuple[Entry, ...]
    changed: tuple[Change, ...]
    became: tuple[Became, ...]
    """For each finding of the new file."""
    mended: tuple[Finding, ...]
    """Findings of the old file that the new one has no more."""


def compare(old: Entries, new: Entries, old_findings: Sequence[Finding], new_findings: Sequence[Finding]) -> Comparison:
    """What is different between two submissions of the same form.

    Args:
        old: the people of the last one.
        new: the people of this one.
        old_findings: what was found in the last one.
        new_findings: what is found in this one.
    """
    before = _matched(old.all, new.all)
    stayed = [entry for entry in new.all if entry.at in before]
    ids = {entry.at: number for number, entry in enumerate(new.all)}
    old_ids = {before[entry.at].at: ids[entry.at] for entry in stayed}
    same = _same_findings(
        [_Said.of(finding, old, old_ids) for finding in old_findings],
        [_Said.of(finding, new, ids) for finding in new_findings],
    )
    still = set(same.values())
    return Comparison(
        added=tuple(entry for entry in new.all if entry.at not in before),
        gone=tuple(entry for entry in old.all if entry.at not in old_ids),
        changed=tuple(change for entry in stayed for change in _changes(before[entry.at], old, entry, new)),
        became=tuple(Became.OPEN if number in same else Became.NEW for number in range(len(new_findings))),
        mended=tuple(finding for number, finding in enumerate(old_findings) if number not in still),
    )


# --- people ----------------------------------------------------------------------------------------------------------


def _matched(old: Sequence[Entry], new: Sequence[Entry]) -> dict[Address, Entry]:
    """For each person of the new list who was in the old one, the entry there."""
    found: dict[Address, Entry] = {}
    left_old, left_new = list(old), list(new)
    for fields in _NAMING:
        olds, news = _unique(left_old, fields), _unique(left_new, fields)
        pairs = [(olds[key], entry) for key, entry in news.items() if key in olds]
        found.update({entry.at: earlier for earlier, entry in pairs})
        taken = {earlier.at for earlier, _ in pairs}
        left_old = [entry for entry in left_old if entry.at not in taken]
        left_new = [entry for entry in left_new if entry.at not in found]
    return found


def _unique(entries: Sequence[Entry], fields: tuple[str, ...]) -> dict[Hashable, Entry]:
    """The people whom some fields tell apart from the others."""
    keys = [_key(entry, fields) for entry in entries]
    counts = Counter(keys)
    return {key: entry for key, entry in zip(keys, entries, strict=True) if key is not None and counts[key] == 1}


def _key(entry: Entry, fields: tuple[str, ...]) -> Hashable | None:
    values = tuple(entry.values.get(field) for field in fields)
    usable = all(isinstance(value, str | int) and value != "" for value in values)
    return values if usable else None


# --- values ----------------------------------------------------------------------------------------------------------


def _changes(before: Entry, old: Entries, after: Entry, new: Entries) -> Iterator[Change]:
    """The fields of a person that changed, each cell once: some fields are derived from what stands in another."""
    seen: set[str | None] = set()
    for field in new.fields():
        was, is_ = before.values.get(field), after.values.get(field)
        if field in _NOT_COMPARED or was == is_:
            continue
        origin = new.origin(after, field)
        if origin.cell in seen:
            continue
        seen.add(origin.cell)
        yield Change(after, field, origin, _shown(was, old.origin(before, field)), _shown(is_, origin))


def _shown(value: object, origin: Origin) -> str:
    """A value as it was written."""
    if value is None:
        return ""
    return origin.text if origin.text is not None else str(value)


# --- findings --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Said:
    """What a finding says of whom, in terms that are the same in both submissions."""

    rule: str
    at: Hashable
    all: tuple[Hashable, ...]

    @classmethod
    def of(cls, finding: Finding, entries: Entries, ids: Mapping[Address, int]) -> "_Said":
        places = [_place(at, entries, ids) for at in (finding.at, *finding.also)]
        return cls(finding.kind.id, (places[0], finding.outcome), tuple(places))


def _place(at: Address, entries: Entries, ids: Mapping[Address, int]) -> Hashable:
    found = entries.find(at)
    if found is None:
        return ("file", at.pointer)
    entry, rest = found
    return (ids.get(entry.at, str(entry.at)), rest)


def _same_findings(old: Sequence[_Said], new: Sequence[_Said]) -> dict[int, int]:
    """The findings of the new file that the old one had, too: number there -> number in the old one.

    First those at the same place of the same person; then, of one about several people, the one about some of them.
    """
    same: dict[int, int] = {}
    exact: dict[Hashable, list[int]] = {}
    for number in reversed(range(len(old))):
        exact.setdefault((old[number].rule, old[number].at), []).append(number)
    for number, said in enumerate(new):
        hits = exact.get((said.rule, said.at))
        if hits:
            same[number] = hits.pop()
    taken = set(same.values())
    about = {
        (old[number].rule, place): number for hits in exact.values() for number in hits for place in old[number].all
    }
    for number, said in enumerate(new):
        hit = next((about[said.rule, place] for place in said.all if (said.rule, place) in about), None)
        if number not in same and hit is not None and hit not in taken:
            same[number] = hit
            taken.add(hit)
    return same
