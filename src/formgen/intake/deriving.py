"""Fields that follow from the text of another: the ``x-derive`` of a schema."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from formgen.findings import Pointer
from formgen.forms import Schema

_NOT: Final = "not_"


def derive(schema: Schema, values: Any, at: Pointer = ()) -> Iterator[tuple[Pointer, Pointer]]:
    """Adds the derived fields to ``values``; yields the pointer of each and of the field that it follows from.

    What is given is never overwritten, but for a source that says more than its own field wants (“学习部部长” as a
    post). Nothing is derived from a text that no pattern matches.
    """
    if isinstance(values, list) and "items" in schema:
        for index, item in enumerate(values):
            yield from derive(schema["items"], item, (*at, index))
    elif isinstance(values, dict):
        if "x-derive" in schema:
            for source in schema["x-derive"]["from"]:
                for key, value in _derived(schema["x-derive"]["patterns"], source, values).items():
                    values[key] = value
                    if key != source:
                        yield (*at, key), (*at, source)
        for key, child in schema.get("properties", {}).items():
            if key in values:
                yield from derive(child, values[key], (*at, key))


def _derived(patterns: Iterable[Mapping[str, Any]], source: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """What the text of the field ``source`` says of fields that are not given, and of its own."""
    text = values.get(source)
    if not isinstance(text, str):
        return {}
    for entry in patterns:
        match = re.search(entry["pattern"], text.strip())
        if match is not None and not _is_void(match, values):
            named = {key: value for key, value in match.groupdict().items() if value is not None}
            found = {**named, **entry.get("values", {})}
            wanted = {key: value for key, value in found.items() if key == source or key not in values}
            return {key: value for key, value in wanted.items() if not key.startswith(_NOT)}
    return {}


def _is_void(match: re.Match[str], values: Mapping[str, Any]) -> bool:
    """Whether a match speaks of something else: the union of the member's own college is not that of the school."""
    for key, named in match.groupdict().items():
        field = values.get(key.removeprefix(_NOT)) if key.startswith(_NOT) else None
        if named is not None and isinstance(field, str) and (field in named or field.startswith(named)):
            return True
    return False
