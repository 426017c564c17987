"""Fields that follow from the text of another: the ``x-derive`` of a schema."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from formgen.findings import Pointer
from formgen.forms import Schema
from formgen.intake import spellings

_NOT: Final = "not_"
_REMEMBERED: Final = 4096
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

    def sources(self, values: dict[str, Any]) -> Sources:
        """Adds the derived fields to an object; each of them with its source."""
        found: list[tuple[str, str]] = []
        for source in self._from:
            for key, value in self._derived(source, values).items():
                values[key] = value
                if key != source:
                    found.append((key, source))
        told = tuple(found)
        return self._known.setdefault(told, told)

    def _derived(self, source: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """What the text of the field ``source`` says of fields that are not given, and of its own."""
        text = values.get(source)
        if not isinstance(text, str):
            return {}
        for groups, fixed in self._said(text):
            if not _is_void(groups, values):
                found = {**{key: value for key, value in groups.items() if value is not None}, **fixed}
                wanted = {key: value for key, value in found.items() if key == source or key not in values}
                return {key: value for key, value in wanted.items() if not key.startswith(_NOT)}
        return {}

    def _said(self, text: str) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
        """The groups of each pattern that a text matches, with the fixed values beside it."""
        found = self._matches.get(text)
        if found is None:
            stripped = text.strip()
            matches = ((pattern.search(stripped), fixed) for pattern, fixed in self._patterns)
            found = [(self._read(match.groupdict()), fixed) for match, fixed in matches if match is not None]
            if len(self._matches) >= _REMEMBERED:
                self._matches.clear()
            self._matches[text] = found
        return found

    def _read(self, groups: Mapping[str, str | None]) -> dict[str, Any]:
        """What the groups of a match mean to their fields: 2020 is a number there, 硕士 another word for a level."""
        return {
            key: spellings.value(self._fields[key], text) if text is not None and key in self._fields else text
            for key, text in groups.items()
        }


def _is_void(groups: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Whether a match speaks of something else: the union of the member's own college is not that of the school."""
    for key, named in groups.items():
        field = values.get(key.removeprefix(_NOT)) if named is not None and key.startswith(_NOT) else None
        if isinstance(field, str) and (field in named or field.startswith(named)):
            return True
    return False
