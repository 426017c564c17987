"""What in a dossier is personal: which values, where they stand, and what is none although it looks the same."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from formgen import rules
from formgen.dossier import Dossier
from formgen.findings import Address, Pointer, Text
from formgen.forms import Schema, catalogue

SHORT_NUMBER: Final = re.compile("[0-9]{1,4}")
"""A number that identifies nobody: a serial number, a place in a ranking."""
_CHOICES: Final = ("enum", "x-spellings", "x-aliases")


@dataclass(frozen=True, slots=True)
class Secret:
    """A personal value: where it stands, and how it may be written."""

    at: Address
    field: tuple[str, ...]
    """The keys of the way to the personal field that it belongs to, ``*`` for each position in a list."""
    value: Any
    texts: tuple[str, ...]


def secrets(dossier: Dossier) -> Iterator[Secret]:
    """The personal values of a dossier, in order of form, record and place."""
    for form in sorted(dossier.records):
        schema = catalogue().edition(form, dossier.as_of).schema
        for record in dossier.records[form]:
            for pointer, field, value in _personal(record.values, schema, ()):
                written = record.origins.find(pointer).text
                texts = {str(value).strip() if not isinstance(value, bool) else "", (written or "").strip()}
                at = Address(form, pointer, record.id)
                yield Secret(at, field_of(field), value, tuple(sorted(texts - {""})))


def _personal(
    value: Any, schema: Schema | None, pointer: Pointer, field: Pointer | None = None
) -> Iterator[tuple[Pointer, Pointer, Any]]:
    """The personal values in a record: the pointers of each and of the field that it belongs to, and the value."""
    if field is None and (schema is None or "x-sensitive" in schema):
        field = pointer  # what lies inside is personal too, as is what the form has no place for
    if field is None and schema is not None and not _holds_personal(schema):
        return
    if isinstance(value, dict | list):
        for key, child in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _personal(child, below(schema, key), (*pointer, key), field)
    elif value is not None:
        yield pointer, field if field is not None else pointer, value


def below(schema: Schema | None, key: str | int) -> Schema | None:
    """The schema of what stands under a key or at a position, or None where the form has no such place."""
    if schema is None:
        return None
    if isinstance(key, int):
        items = schema.get("items")
        return items if isinstance(items, dict) else None
    extra = schema.get("additionalProperties")
    found = schema.get("properties", {}).get(key, extra if isinstance(extra, dict) else None)
    return found if isinstance(found, dict) else None


def _holds_personal(schema: Schema) -> bool:
    """Whether a value of this schema is personal, or has a place for one."""
    if "x-sensitive" in schema:
        return True
    parts = (*schema.get("properties", {}).values(), schema.get("items"), schema.get("additionalProperties"))
    return any(isinstance(part, dict) and _holds_personal(part) for part in parts)


def is_personal(schema: Schema, pointer: Pointer) -> bool:
    """Whether what stands at a pointer is, holds or lies in something personal, or is in no place of the form."""
    node: Schema | None = schema
    for key in pointer:
        if node is None or "x-sensitive" in node:
            return True
        inside = below(node, key)
        # A finding on a column of a list has the list and the field for its pointer.
        node = below(below(node, 0), key) if inside is None and isinstance(node.get("items"), dict) else inside
    return node is None or _holds_personal(node)


def field_of(pointer: Pointer) -> tuple[str, ...]:
    """A pointer with ``*`` for each position in a list, as rules name what they read."""
    return tuple("*" if isinstance(key, int) else key for key in pointer)


def covers(read: tuple[str, ...], field: tuple[str, ...]) -> bool:
    """Whether who reads a place may see a field: the field itself, a part of it, or a whole row with it."""
    return read[: len(field)] == field or (read[-1:] == ("*",) and field[: len(read)] == read)


def row_of(at: Address) -> Address:
    """The row of a list that an address leads into, or the whole record."""
    last = max((place for place, key in enumerate(at.pointer, start=1) if isinstance(key, int)), default=0)
    return Address(at.form, at.pointer[:last], at.record)


def numbered(dossier: Dossier) -> dict[tuple[str, str], str]:
    """The records that are named otherwise than by a short number, each with the place that it has among its form's."""
    named: dict[str, set[str]] = {}
    findings = (finding.at for finding in dossier.findings)
    for at in (*(record.address for records in dossier.records.values() for record in records), *findings):
        if at.record is not None:
            named.setdefault(at.form, set()).add(at.record)
    return {
        (form, id_): f"n{place}"
        for form, ids in named.items()
        for place, id_ in enumerate(sorted(ids), start=1)
        if not SHORT_NUMBER.fullmatch(id_)
    }


@cache
def reads() -> Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    """Rule -> the form and the field of each place that it reads."""
    return {
        rule.id: tuple(
            (form, tuple(pointer.split("/")[1:])) for form, _, pointer in (read.partition(":") for read in rule.reads)
        )
        for rule in rules.all_rules()
    }


@cache
def vocabulary() -> frozenset[str]:
    """The words that forms themselves use: choices, their other spellings, headings."""
    words: set[str] = set()
    nodes: list[Any] = [edition.schema for editions in catalogue().values() for edition in editions]
    while nodes:
        node = nodes.pop()
        if isinstance(node, dict):
            words.update(word for key in _CHOICES for word in _strings(node.get(key)))
            nodes.extend(node.values())
            title = node.get("title")
            if isinstance(title, str):
                words.add(title)
    return frozenset(words)


@cache
def regulations() -> str:
    """All that rules say whatever the data."""
    kinds = [rule.kind for rule in rules.all_rules()]
    texts = [text for kind in kinds for text in (kind.title, kind.message, kind.hint, kind.missing or Text("", ""))]
    return "\n".join((*(basis for kind in kinds for basis in kind.basis), *(f"{text.zh}\n{text.en}" for text in texts)))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        for child in value.values():
            yield from _strings(child)
    elif isinstance(value, list):
        for child in value:
            yield from _strings(child)


def school_names(values: Mapping[str, Any]) -> Iterator[str]:
    """The names of the organisation and its colleges: a native place may be part of one."""
    for key in ("organisation", "colleges"):
        yield from _strings(values.get(key))
