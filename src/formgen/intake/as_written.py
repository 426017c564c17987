"""What people write in JSON as they would in a table: the text of a rank, a grade, a yes or no becomes canonical.

A value that is canonical already stays as it is, and so does what is not understood: the schema then says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from formgen.findings import Pointer
from formgen.forms import Schema
from formgen.intake import kinds, spellings
from formgen.intake.json_text import JsonOrigins
from formgen.intake.reading import Notes
from formgen.record import Origin


@dataclass(frozen=True, slots=True)
class WrittenOrigins:
    """Origins of a record that was read from JSON, with the text of what was read from one."""

    lines: JsonOrigins
    written: Mapping[Pointer, str]

    def find(self, pointer: Pointer) -> Origin:
        """The line of the value at ``pointer``; with its text if it, or what holds it, was read from one."""
        origin = self.lines.find(pointer)
        ways = (pointer[:length] for length in range(len(pointer), 0, -1))
        text = next((self.written[way] for way in ways if way in self.written), None)
        return origin if text is None else origin._replace(text=text)


@dataclass(slots=True)
class Canonical:
    """Makes the values of one file canonical; ``written`` are the texts of those that were changed."""

    notes: Notes
    written: dict[Pointer, str] = field(default_factory=dict)

    def value(self, schema: Schema, given: Any, at: Pointer = ()) -> Any:
        """The canonical value at a place; None where its text says that there is none."""
        if isinstance(given, str):
            return self._text(schema, given, at)
        if isinstance(given, dict):
            if schema.get("x-read") == "rank":
                return self._rank(schema, given, at)
            return self._object(schema, given, at)
        if isinstance(given, list) and "items" in schema:
            return [self.value(schema["items"], item, (*at, index)) for index, item in enumerate(given)]
        return given

    def _object(self, schema: Schema, given: dict[str, Any], at: Pointer) -> dict[str, Any]:
        fields = schema.get("properties", {})
        found: dict[str, Any] = {}
        for key, child in given.items():
            value = self.value(fields[key], child, (*at, key)) if key in fields else child
            if value is not None or child is None:
                found[key] = value
        return found

    def _text(self, schema: Schema, given: str, at: Pointer) -> Any:
        value = spellings.value_in_json(schema, given)
        if value != given:
            self.written[at] = given
        return value

    def _rank(self, schema: Schema, given: dict[str, Any], at: Pointer) -> Any:
        """A rank in full: numbers that its text has are added, numbers that contradict it are noted."""
        text = given.get("text")
        if not isinstance(text, str) or not spellings.tidy(text):
            return given
        if spellings.says_none(text):
            self.written[at] = text
            return None
        read = spellings.rank(spellings.tidy(text))
        if not _agrees(given, read):
            numbers = " ".join(str(given[key]) for key in ("kind", "value", "of") if key in given)
            self.notes.add(
                kinds.RANK_DISAGREES, at, title=schema.get("title", at[-1] if at else ""), text=text, numbers=numbers
            )
            return given
        if read["text"] != text:
            self.written[*at, "text"] = text
        found = {**read, **given, "text": read["text"]}
        if found["kind"] == "percent" and "value" in found:
            found.setdefault("of", 100)
        return found


def _agrees(given: Mapping[str, Any], read: Mapping[str, Any]) -> bool:
    """Whether the numbers that are given are those of the text; what the text leaves open may be added to it."""
    if read["kind"] in ("percent", "fraction") and given.get("kind", read["kind"]) != read["kind"]:
        return False
    value, of = given.get("value", read.get("value")), given.get("of", read.get("of"))
    if "value" not in read or not isinstance(value, int):
        return True
    if "percent" in (given.get("kind"), read["kind"]):
        out_of = read.get("of", 100)
        return not isinstance(of, int | None) or value * out_of == read["value"] * (out_of if of is None else of)
    return bool(value == read["value"]) and ("of" not in read or of == read["of"])
