"""Fields that follow from the text of another: the ``x-derive`` of a schema."""

import re
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final

from formgen.findings import Pointer
from formgen.forms import Schema
from formgen.intake import spellings

_NOT: Final = "not_"
_REMEMBERED: Final = 4096
_SHAPES: Final = 16
_LONGEST: Final = 400
"""Longer texts are not remembered: what is, stays for the next file."""
Sources = tuple[tuple[str, str], ...]
"""Derived fields, each with the field that it follows from."""


def derive(schema: Schema, values: Any, at: Pointer = ()) -> Iterator[tuple[Pointer, Pointer]]:
    """Adds the derived fields to ``values``; yields the pointer of each and of the field that it follows from.

    What is given is never overwritten, but for a source that says more than its own field wants (“学习部部长” as a
    post). Nothing is derived from a text that no pattern matches.
    """
    if isinstance(values, list) and "items" in schema:
        deriver = Deriver(schema["items"])
        for index, item in enumerate(values):
            if isinstance(item, dict):
                for key, source in deriver.sources(item):
                    yield (*at, index, key), (*at, index, source)
            yield from _below(schema["items"], item, (*at, index))
    elif isinstance(values, dict):
        for key, source in Deriver(schema).sources(values):
            yield (*at, key), (*at, source)
        yield from _below(schema, values, at)


def _below(schema: Schema, values: Any, at: Pointer) -> Iterator[tuple[Pointer, Pointer]]:
    if isinstance(values, list):
        yield from derive(schema, values, at)
    elif isinstance(values, dict):
        for key, child in schema.get("properties", {}).items():
            if key in values:
                yield from derive(child, values[key], (*at, key))


class Deriver:
    """Derives the fields of objects of one schema. A list has many, so its patterns are made ready once."""

    def __init__(self, schema: Schema) -> None:
        declared = schema.get("x-derive", {"from": (), "patterns": ()})
        self._from: tuple[str, ...] = tuple(declared["from"])
        self._patterns = [(re.compile(entry["pattern"]), entry.get("values", {})) for entry in declared["patterns"]]
        self._fields: Mapping[str, Schema] = schema.get("properties", {})
        self._matches: dict[str, list[tuple[Mapping[str, Any], Mapping[str, Any]]]] = {}
        self._known: dict[Sources, Sources] = {}
        self._outcomes: dict[tuple[str, ...], dict[Any, tuple[Mapping[str, Any], Sources]]] = {}
        """What follows from the texts of the sources, for objects with these fields."""

    def sources(self, values: dict[str, Any]) -> Sources:
        """Adds the derived fields to an object; each of them with its source."""
        added, told, _ = self._outcome(values)
        values.update(added)
        return told

    def sources_of_many(self, items: Sequence[dict[str, Any]]) -> list[Sources]:
        """:meth:`sources` of objects that all have the same fields; of equal texts the same follows."""
        asked = [field for field in self._from if items and field in items[0]]
        if not asked:
            return [()] * len(items)
        if len(self._outcomes) >= _SHAPES:
            self._outcomes.clear()
        known = self._outcomes.setdefault(tuple(items[0]), {})
        if len(known) >= _REMEMBERED:
            known.clear()
        found: list[Sources] = []
        for key, item in zip(map(itemgetter(*asked), items), items, strict=True):
            outcome = known.get(key)
            if outcome is None:
                added, told, is_free = self._outcome(item)
                outcome = (added, told)
                if is_free and len(known) < _REMEMBERED and len(str(key)) <= _LONGEST:
                    known[key] = outcome
            item.update(outcome[0])
            found.append(outcome[1])
        return found

    def _outcome(self, values: Mapping[str, Any]) -> tuple[dict[str, Any], Sources, bool]:
        """What is to be added, with its sources; and whether the same follows for every object with such sources."""
        added: dict[str, Any] = {}
        told: list[tuple[str, str]] = []
        is_free = True
        for source in self._from:
            text = added.get(source, values.get(source))
            if not isinstance(text, str):
                continue
            for groups, fixed in self._said(text):
                void = _is_void(groups, values, added)
                is_free = is_free and void is None
                if not void:
                    for key, value in {**groups, **fixed}.items():
                        if (key == source or (key not in values and key not in added)) and not key.startswith(_NOT):
                            added[key] = value
                            if key != source:
                                told.append((key, source))
                    break
        known = tuple(told)
        return added, self._known.setdefault(known, known), is_free

    def _said(self, text: str) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
        """The groups of each pattern that a text matches, with the fixed values beside it."""
        found = self._matches.get(text)
        if found is None:
            stripped = text.strip()
            matches = ((pattern.search(stripped), fixed) for pattern, fixed in self._patterns)
            found = [(self._read(match.groupdict()), fixed) for match, fixed in matches if match is not None]
            if len(self._matches) >= _REMEMBERED:
                self._matches.clear()
            if len(text) <= _LONGEST:
                self._matches[text] = found
        return found

    def _read(self, groups: Mapping[str, str | None]) -> dict[str, Any]:
        """What the groups of a match mean to their fields: 2020 is a number there, 硕士 another word for a level."""
        found = {
            key: spellings.value(self._fields[key], text) if text is not None and key in self._fields else text
            for key, text in groups.items()
        }
        return {key: value for key, value in found.items() if value is not None}


def _is_void(groups: Mapping[str, Any], values: Mapping[str, Any], added: Mapping[str, Any]) -> bool | None:
    """Whether a match speaks of something else: the union of the member's own college is not that of the school.

    None where that does not depend on any other field.
    """
    answer: bool | None = None
    for key, named in groups.items():
        if key.startswith(_NOT):
            field = added.get(key.removeprefix(_NOT), values.get(key.removeprefix(_NOT)))
            if isinstance(field, str) and (field in named or field.startswith(named)):
                return True
            answer = False
    return answer
