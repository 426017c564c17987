"""Finds the columns of a form's table by their headings, as the schema names them."""

import difflib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from formgen.forms import Schema
from formgen.intake.spellings import fold, without_hint

_FEWEST = 3
"""Fewer known headings than this make no table, however few columns the form has."""


@dataclass(frozen=True)
class Table:
    """What a form that is one list looks like in a spreadsheet."""

    key: str
    """The field that holds the list."""
    item: Schema
    fields: tuple[str, ...]
    """The fields of an item that have a column, in the order of the schema."""
    optional: frozenset[str]
    """Those of them whose column may be left out."""
    headings: Mapping[str, tuple[str, ...]]
    """Folded heading -> the fields that it may mean, in the order of the schema."""

    def title(self, field: str) -> str:
        """The official heading of a field."""
        return str(self.item["properties"][field].get("title", field))

    def field(self, heading: str) -> str | None:
        """The field that a heading means by itself, None if it is unknown."""
        return next(iter(self.meanings(heading)), None)

    def meanings(self, heading: str) -> tuple[str, ...]:
        """The fields that a heading may mean: “职务” is the experience, or the post where another column has that."""
        folded = fold(heading)
        return self.headings.get(folded) or self.headings.get(without_hint(folded)) or ()

    @property
    def required(self) -> tuple[str, ...]:
        """The fields whose column has to be there."""
        return tuple(field for field in self.fields if field not in self.optional)

    def is_heading_row(self, texts: Iterable[str]) -> bool:
        """Whether cells with these texts are the headings: half of the required columns, and at least three."""
        found = {self.field(text) for text in texts} & set(self.required)
        return len(found) >= max(_FEWEST, math.ceil(len(self.required) / 2))

    def known(self, texts: Iterable[str]) -> int:
        """How many fields cells with these texts name."""
        return len({self.field(text) for text in texts} - {None})

    def nearest(self, heading: str) -> str:
        """The official heading that looks most like ``heading``."""
        match = difflib.get_close_matches(fold(heading)[:200], self.headings, n=1, cutoff=0)
        return self.title(self.headings[match[0]][0])


def table(schema: Schema) -> Table | None:
    """The table that a form is, None if it is more than one list and so cannot be read from a sheet."""
    fields = list(schema.get("properties", {}).items())
    if len(fields) != 1 or schema.get("x-records") == "many":
        return None
    key, node = fields[0]
    item = node.get("items", {})
    if node.get("type") != "array" or "properties" not in item:
        return None
    columns = {
        field: child
        for field, child in item["properties"].items()
        if "x-read" in child or child.get("type") in ("string", "integer", "boolean")
    }
    optional = {field for field, child in columns.items() if child.get("x-optional-column")}
    return Table(key, item, tuple(columns), frozenset(optional), _headings(columns))


def _headings(columns: Mapping[str, Schema]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for field, child in columns.items():
        title = fold(child.get("title", field))
        for heading in (title, without_hint(title), *map(fold, child.get("x-aliases", ()))):
            if field not in found.get(heading, ()):
                found[heading] = (*found.get(heading, ()), field)
    return found
