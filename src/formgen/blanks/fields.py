"""What a blank form says of a field to the person who fills it in, and what it lets them enter: all from the schema."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from formgen.filling.typesetting import typesetter
from formgen.forms import Schema
from formgen.tags import split_path

_ASKED, _NOT_ASKED = "必填", "可不填"
_MANY = 100_000
"""A bound that nobody has to be told."""
_LISTED = 80
"""Characters of a list of words that are read without effort."""
_FOLDED = "\u2e80"
"""From here on characters are mostly two columns wide."""


class Entry(Enum):
    """How a field is entered."""

    CHOICE = "choice"
    """One of the words, and no other."""
    OFFER = "offer"
    """One of the words, or another one."""
    NUMBER = "number"
    GRADE = "grade"
    RANK = "rank"
    DATE = "date"
    MONTH = "month"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Field:
    """A field as a blank form shows it."""

    title: str
    asked: str
    """Whether it has to be filled in, in words."""
    hint: str
    """How it is filled in; empty where the schema says nothing."""
    allowed: str
    """What may be entered, in words."""
    examples: tuple[str, ...]
    words: tuple[str, ...]
    """The words to choose from, as they are read back."""
    entry: Entry
    schema: Schema

    @property
    def prompt(self) -> str:
        """What is shown beside the place while it is being filled in."""
        how = self.hint or self.allowed
        example = "" if not self.examples or self.words else f"例：{'、'.join(self.examples)}"
        return "\n".join(part for part in (self.asked, how, example) if part)


def describe(schema: Schema, dossier: Any = None) -> Field:
    """The field that a schema describes; ``dossier``, what dossier.json says, may have words to choose from."""
    offered = _offered(schema, dossier)
    words = offered or _words(schema)
    entry = Entry.OFFER if offered else _entry(schema)
    examples = tuple(schema.get("x-examples", words[:1]))
    asked = schema.get("x-ask", _NOT_ASKED if schema.get("x-optional-column") else _ASKED)
    hint = schema.get("description", "")
    title = str(schema.get("title", ""))
    return Field(title, asked, hint, _allowed(schema, entry, words), examples, words, entry, schema)


def width(text: str) -> int:
    """How many columns of a fixed-width font a text takes: a Chinese character takes two."""
    return sum(1 + (character >= _FOLDED) for character in text)


def _offered(schema: Schema, dossier: Any) -> tuple[str, ...]:
    """What the dossier has to offer for a field, each once: the names of its colleges."""
    found = [dossier]
    for key in split_path(schema["x-offer-from"])[1:] if "x-offer-from" in schema else ():
        if key == "[]":
            found = [item for value in found if isinstance(value, list) for item in value]
        else:
            found = [value[key] for value in found if isinstance(value, dict) and key in value]
    words = (value for value in found if isinstance(value, str) and value.strip())
    return tuple(dict.fromkeys(words)) if "x-offer-from" in schema else ()


def _words(schema: Schema) -> tuple[str, ...]:
    """The words that a field chooses from: in Chinese where it has such, and each one that intake reads back."""
    if schema.get("type") == "boolean":
        shown = typesetter(schema)
        return shown(True), shown(False)
    spellings = schema.get("x-spellings", {})
    values = (str(value) for value in schema.get("enum", schema.get("x-offer", ())))
    return tuple(value if not value.isascii() else spellings.get(value, [value])[0] for value in values)


def _entry(schema: Schema) -> Entry:
    if "enum" in schema or schema.get("type") == "boolean":
        return Entry.CHOICE
    if "x-offer" in schema:
        return Entry.OFFER
    if "x-read" in schema:
        return Entry(schema["x-read"])
    if schema.get("type") == "integer":
        return Entry.NUMBER
    # A pattern that takes words, too (“至今”), is more than a date.
    if schema.get("x-typeset") in ("date", "month") and schema.get("pattern", "").isascii():
        return Entry(schema["x-typeset"])
    return Entry.TEXT


def _allowed(schema: Schema, entry: Entry, words: tuple[str, ...]) -> str:
    match entry:
        case Entry.CHOICE:
            return f"只能选：{'、'.join(words)}"
        case Entry.OFFER:
            listed = "、".join(words)
            return f"可选：{listed if len(listed) <= _LISTED else f'列表中的 {len(words)} 个'}；也可写别的"
        case Entry.NUMBER | Entry.GRADE:
            bounds = (
                f"{schema.get('minimum', 0)}～{schema['maximum']} 的" if schema.get("maximum", _MANY) < _MANY else ""
            )
            return f"{bounds}整数"
        case Entry.RANK:
            return "名次/人数，或百分比"
        case Entry.DATE:
            return "年-月-日"
        case Entry.MONTH:
            return "年-月"
        case Entry.TEXT:
            return f"文字，不超过 {schema['maxLength']} 字" if "maxLength" in schema else "文字"
