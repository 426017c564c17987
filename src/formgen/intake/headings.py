"""Finds the columns of a form's table by their headings, as the schema names them."""

import dataclasses
import difflib
import math
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from formgen.findings import Pointer
from formgen.forms import Schema
from formgen.intake.spellings import fold, without_hint

_STEADY = re.compile("[0-9A-Za-z/、，。·\u4e00-\u9fff]*")
"""A text whose digits and ideographs folding leaves as they are, and that has no remark in brackets."""
_FEWEST = 3
"""Fewer known headings than this make no table, however few columns the form has."""
_LONGEST = 200
_LIKE = 0.4
"""A heading that shares less than so much of its characters with another is not like it."""
_REMEMBERED = 4096
_ENOUGH = 5
"""So many make one, however many columns the form has."""


ID: Final = "#"
"""What the column stands for that only tells records apart: the ``x-id`` of a schema. No field has such a name."""


@dataclass(frozen=True)
class Table:
    """What a form that is one list, or of which there are many, looks like in a spreadsheet."""

    key: str | None
    """The field that holds the list; None where each row is a record by itself."""
    item: Schema
    """What a row is: an item of the list, or the whole form."""
    fields: tuple[str, ...]
    """The fields of an item that have a column, in the order of the schema."""
    optional: frozenset[str]
    """Those of them whose column may be left out."""
    headings: Mapping[str, tuple[str, ...]]
    """Folded heading -> the fields that it may mean, in the order of the schema."""
    naming: tuple[str, ...]
    """Where each row is a record: the fields that name it where there is no column of its own for that."""
    _known: dict[str, tuple[str, ...]] = dataclasses.field(default_factory=dict, init=False, compare=False, repr=False)
    """What was asked before: in looking for the headings, each text of the first rows is."""

    @property
    def base(self) -> Pointer:
        """The way to the list."""
        return () if self.key is None else (self.key,)

    def title(self, field: str) -> str:
        """The official heading of a field."""
        if field == ID:
            return str(self.item["x-id"]["headings"][0])
        return str(self.item["properties"][field].get("title", field))

    def meanings(self, heading: str) -> tuple[str, ...]:
        """The fields that a heading may mean: “职务” is the experience, or the post where another column has that."""
        known = self._known.get(heading)
        if known is None:
            folded = fold(heading)
            known = self.headings.get(folded) or self.headings.get(without_hint(folded)) or ()
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[heading] = known
        return known

    @property
    def required(self) -> tuple[str, ...]:
        """The fields whose column has to be there."""
        return tuple(field for field in self.fields if field not in self.optional)

    def is_heading(self, fields: Iterable[str]) -> bool:
        """Whether a row that names these fields is the headings: half of the required columns, but three to five."""
        found = set(fields) & set(self.required)
        return len(found) >= max(_FEWEST, min(_ENOUGH, math.ceil(len(self.required) / 2)))

    def nearest(self, heading: str) -> str:
        """The official heading that looks most like ``heading``; empty where none is like it at all."""
        match = difflib.get_close_matches(fold(heading)[:_LONGEST], self.headings, n=1, cutoff=_LIKE)
        return self.title(self.headings[match[0]][0]) if match else ""


class Titles:
    """What fields of several forms are called, to see soon that a text is no heading of any."""

    def __init__(self, headings: frozenset[str]) -> None:
        self._headings = headings
        letters = re.escape("".join(sorted(set().union(*headings))))
        self._foreign = re.compile(f"(?![{letters}])[0-9\u4e00-\u9fff]")
        steady = _STEADY.pattern.removesuffix("*")
        self._doubtful = re.compile(f"(?m)^(?!(?={steady}*+$).*?{self._foreign.pattern}).+$")
        self._known: dict[str, bool] = {}

    def among(self, texts: Collection[str]) -> set[str]:
        """Those of the texts that are headings of one of the forms."""
        # All at once: nearly all texts are of people.
        lines = "\n".join(texts)
        doubtful = self._doubtful.findall(lines) if lines.count("\n") == len(texts) - 1 else texts
        return {text for text in doubtful if self.may_name(text)}

    def may_name(self, text: str) -> bool:
        """Whether a text is a heading of one of the forms."""
        known = self._known.get(text)
        if known is None:
            if _STEADY.fullmatch(text) and self._foreign.search(text):
                return False
            folded = fold(text)
            known = folded in self._headings or without_hint(folded) in self._headings
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[text] = known
        return known


_all_titles: dict[tuple[int, ...], tuple[tuple[Table, ...], Titles]] = {}


def titles(tables: tuple[Table, ...]) -> Titles:
    """The titles of some forms, of one at least."""
    key = tuple(map(id, tables))
    if key not in _all_titles:
        # With the tables, so that their ids stay their own.
        _all_titles[key] = (tables, Titles(frozenset().union(*(table.headings for table in tables))))
    return _all_titles[key][1]


_tables: dict[int, tuple[Schema, Table | None]] = {}


def table(schema: Schema) -> Table | None:
    """The table that a form is, None if it is more than one list and so cannot be read from a sheet."""
    if id(schema) not in _tables:
        _tables[id(schema)] = (schema, _table(schema))  # with the schema, so that its id stays its own
    return _tables[id(schema)][1]


def _table(schema: Schema) -> Table | None:
    if schema.get("x-records") == "many":
        return _of(None, schema) if "x-id" in schema else None
    fields = list(schema.get("properties", {}).items())
    if len(fields) != 1:
        return None
    key, node = fields[0]
    item = node.get("items", {})
    return _of(key, item) if node.get("type") == "array" and "properties" in item else None


def _of(key: str | None, item: Schema) -> Table:
    columns = {
        field: child
        for field, child in item["properties"].items()
        if "x-read" in child or "x-lines" in child or child.get("type") in ("string", "integer", "boolean")
    }
    # A picture is found by the name of its file as well.
    optional = {
        field
        for field, child in columns.items()
        if child.get("x-optional-column") or child.get("x-typeset") == "picture"
    }
    headings, naming = _headings(columns), ()
    if key is None:
        naming = tuple(item["x-id"]["fields"])
        for heading in map(fold, item["x-id"]["headings"]):
            headings.setdefault(heading, (ID,))
    return Table(key, item, tuple(columns), frozenset(optional), headings, naming)


def _headings(columns: Mapping[str, Schema]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for field, child in columns.items():
        title = fold(child.get("title", field))
        for heading in (title, without_hint(title), *map(fold, child.get("x-aliases", ()))):
            if field not in found.get(heading, ()):
                found[heading] = (*found.get(heading, ()), field)
    return found
