"""Fields that follow from the text of another: the ``x-derive`` of a schema."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from formgen.findings import Pointer
from formgen.forms import Schema


def derive(schema: Schema, values: Any, at: Pointer = ()) -> Iterator[tuple[Pointer, Pointer]]:
    """Adds the derived fields to ``values``; yields the pointer of each and of the field that it follows from.

    What is given is never overwritten, and nothing is derived from a text that no pattern matches.
    """
    if isinstance(values, list) and "items" in schema:
        for index, item in enumerate(values):
            yield from derive(schema["items"], item, (*at, index))
    elif isinstance(values, dict):
        if "x-derive" in schema:
            for key, value in _derived(schema["x-derive"], values).items():
                values[key] = value
                yield (*at, key), (*at, schema["x-derive"]["from"])
        for key, child in schema.get("properties", {}).items():
            if key in values:
                yield from derive(child, values[key], (*at, key))


def _derived(rule: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    text = values.get(rule["from"])
    if not isinstance(text, str):
        return {}
    for entry in rule["patterns"]:
        match = re.search(entry["pattern"], text.strip())
        if match is not None:
            named = {key: value for key, value in match.groupdict().items() if value is not None}
            found = {**named, **entry.get("values", {})}
            return {key: value for key, value in found.items() if key not in values}
    return {}
