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
        people = _people(group)
        found += [_duplicate(person, certain=True) for person in people if _in_several_files(person)]
        doubted = [row for one in people if any(_is_doubt(one, other) for other in people) for row in one]
        if _in_several_files(doubted):
            found.append(_duplicate(doubted, certain=False))
    return found


_Numbered = list[tuple[int, Row]]
"""Rows, each with the number of its file."""


def _is_doubt(one: _Numbered, other: _Numbered) -> bool:
    return one is not other and _same(one[0][1].values, other[0][1].values) is False


def _duplicate(rows: _Numbered, *, certain: bool) -> Duplicate:
    return Duplicate(tuple(row for _, row in rows), certain)


def _in_several_files(rows: _Numbered) -> bool:
    return len({number for number, _ in rows}) > 1


def _people(group: _Numbered) -> list[_Numbered]:
    """The rows of each person: all that agree with the first of them."""
    people: list[_Numbered] = []
    for number, row in group:
        same = next((each for each in people if _same(each[0][1].values, row.values) is True), None)
        if same is None:
            people.append([(number, row)])
        else:
            same.append((number, row))
    return people


def _groups(rows: _Numbered) -> Iterator[_Numbered]:
    """Rows that share a name."""
    by_name: dict[str, _Numbered] = {}
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
