"""The same person in the lists of two colleges."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from formgen.intake.spellings import fold
from formgen.merging.gathering import Row, Sent
from formgen.merging.senders import core


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Rows of several files that are about one person, or may be."""

    rows: tuple[Row, ...]
    certain: bool
    """Whether number or college agree as well, and not only the name."""


def duplicates(sent: Sequence[Sent]) -> list[Duplicate]:
    """The people who are in more than one file, in the order of their first rows.

    Two people may share a name: only who also shares the number, or where one has none the college, is the same. A name
    with neither to go by is a doubt. Two rows of one file are the matter of the rules.
    """
    rows = [(number, row) for number, each in enumerate(sent) for row in each.rows]
    found: list[Duplicate] = []
    for group in _groups(rows):
        pairs = [(a, b) for i, a in enumerate(group) for b in group[i + 1 :] if a[0] != b[0]]
        for certain in (True, False):
            same = [pair for pair in pairs if _same(pair[0][1].values, pair[1][1].values) is certain]
            members = {id(row): row for pair in same for _, row in pair}
            if members and not (not certain and any(d.certain and _within(members, d) for d in found)):
                ordered = tuple(row for _, row in group if id(row) in members)
                found.append(Duplicate(ordered, certain))
    return found


def _within(members: Mapping[int, Row], other: Duplicate) -> bool:
    return members.keys() <= {id(row) for row in other.rows}


def _groups(rows: Sequence[tuple[int, Row]]) -> Iterator[list[tuple[int, Row]]]:
    """Rows that share a name."""
    by_name: dict[str, list[tuple[int, Row]]] = {}
    for number, row in rows:
        name = row.values.get("name")
        if isinstance(name, str):
            by_name.setdefault(fold(name), []).append((number, row))
    yield from (group for group in by_name.values() if len(group) > 1)


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool | None:
    """Whether two rows of one name are about one person; False for a doubt, None where they are not."""
    for key, compared in (("student_number", fold), ("college", core)):
        first, second = one.get(key), other.get(key)
        if first is not None and second is not None:
            return True if compared(str(first)) == compared(str(second)) else None
    return False
