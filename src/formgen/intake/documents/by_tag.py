"""Reads the content controls of a form that was filled in by hand, by their tags."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from typing import Any

from formgen.findings import Pointer
from formgen.forms import Schema, field_schema
from formgen.intake.documents import kinds, written
from formgen.intake.documents.blocks import Document, Held
from formgen.intake.documents.marks import Choice, State
from formgen.intake.documents.taking import Taken, title_of
from formgen.tags import Control, Path, Role, list_prefixes, parse_tag

_Found = tuple[Control, Held]


def read(document: Document, schema: Schema, taken: Taken, placeholders: Container[str]) -> frozenset[Path]:
    """Takes the values of all controls; gives the paths of the fields that have one.

    Args:
        document: the document.
        schema: what the form may print, with the dossier's fields under ``dossier``.
        taken: where the values go.
        placeholders: digests of pictures that stand where none has been put in yet.
    """
    alone: dict[Path, list[_Found]] = {}
    listed: dict[Path, dict[int, dict[Path, list[_Found]]]] = {}
    for control, held in _known(document, schema, taken):
        if held.picture is not None and held.picture.digest in placeholders:
            held = replace(held, picture=None)
        lists = list(list_prefixes(control.path))
        if not lists:
            alone.setdefault(control.path, []).append((control, held))
        elif len(lists) == 1:
            row = listed.setdefault(lists[0], {}).setdefault(held.unit, {})
            row.setdefault(control.path, []).append((control, held))
        else:
            title = title_of(field_schema(schema, control.path) or {}, control.path)
            taken.notes.add(kinds.NO_PLACE, control.path[: control.path.index("[]")], held.origin, title=title)
    for path, found in alone.items():
        _take(path, path, found, schema, taken)
    for prefix, units in listed.items():
        rows = [row for row in _items(units) if any(_says(held) for found in row.values() for _, held in found)]
        for index, row in enumerate(rows):
            for path, found in row.items():
                _take((*prefix[:-1], index, *path[len(prefix) :]), path, found, schema, taken)
    return frozenset({*alone, *(path for units in listed.values() for row in units.values() for path in row)})


def _items(units: Mapping[int, dict[Path, list[_Found]]]) -> list[dict[Path, list[_Found]]]:
    """The controls of each item of a list: of a table row, or of a paragraph.

    Where paragraphs with different fields follow each other in the same order again and again (a photo, what is written
    below it), as many of them are one item.
    """
    rows = list(units.values())
    kinds_of = list(dict.fromkeys(frozenset(row) for row in rows))
    size = len(kinds_of)
    regular = [frozenset(row) for row in rows] == kinds_of * (len(rows) // size)
    apart = sum(map(len, kinds_of)) == len(frozenset().union(*kinds_of))
    in_a_table = any(held.in_table for row in rows for found in row.values() for _, held in found)
    if size == 1 or not regular or not apart or in_a_table:
        return rows
    starts = range(0, len(rows), size)
    return [{path: found for row in rows[at : at + size] for path, found in row.items()} for at in starts]


def fits(document: Document, schema: Schema) -> int:
    """How many controls of a document are fields of a form."""
    parsed = (parse_tag(held.tag) for held in document.controls)
    return sum(1 for control in parsed if control is not None and field_schema(schema, control.path) is not None)


def _known(document: Document, schema: Schema, taken: Taken) -> Iterable[_Found]:
    """The controls that are fields of the form; of the others it is said, once each."""
    unknown: set[str] = set()
    for held in document.controls:
        control = parse_tag(held.tag)
        if control is None or field_schema(schema, control.path) is None:
            if held.tag not in unknown:
                unknown.add(held.tag)
                taken.notes.add(kinds.UNKNOWN_TAG, ("?", held.tag), held.origin, tag=held.tag[:60])
        elif control.role in (Role.VALUE, Role.TICK):
            yield control, held


def _says(held: Held) -> bool:
    return bool(held.text.strip() or held.ticked or held.picture)


def _take(at: Pointer, path: Path, found: list[_Found], whole: Schema, taken: Taken) -> None:
    """The value of one field from its control, or from its boxes."""
    schema = field_schema(whole, path) or {}
    boxes = [(control, held) for control, held in found if control.role is Role.TICK and held.ticked is not None]
    if boxes:
        ticked = [(control, held) for control, held in boxes if held.ticked]
        values = {control.equals for control, _ in ticked}
        state = {0: State.NEITHER, 1: State.CHOSEN}.get(len(values), State.BOTH)
        value = values.pop() if state is State.CHOSEN else None
        _, held = (ticked or boxes)[0]
        taken.choose(at, schema, Choice(state, value), held.origin)
        return
    if schema.get("x-typeset") == "picture":
        _take_picture(at, schema, [held for _, held in found], taken)
        return
    filled = [held for _, held in found if _says(held)]
    held = filled[0] if filled else found[0][1]
    other = next((each for each in filled if each.text.strip() != held.text.strip()), None)
    if other is not None:
        first, second = held.text.strip()[:40], other.text.strip()[:40]
        taken.twice += 1
        taken.notes.add(kinds.TWICE, at, title=title_of(schema, at), first=first, second=second)
        taken.put(at, None, held.origin)
        return
    taken.text(at, schema, _choice(schema, held), held.origin._replace(text=held.text))


def _choice(schema: Schema, held: Held) -> str:
    """The text of a control; the value behind a list or a calendar where the text is none of the field's."""
    if held.choice is not None and schema.get("x-typeset") in ("date", "month"):
        day = held.choice[:10] if schema["x-typeset"] == "date" else held.choice[:7]
        return held.text if written.is_understood(schema, written.value(schema, held.text)) else day
    choices: Mapping[str, Any] = dict.fromkeys(schema.get("enum", ()))
    if held.choice is not None and choices and written.value(schema, held.text) not in choices:
        return held.choice
    return held.text


def _take_picture(at: Pointer, schema: Schema, found: list[Held], taken: Taken) -> None:
    """The picture that a control shows; of several that differ none."""
    shown = {held.picture.part: held for held in found if held.picture is not None}
    if len(shown) > 1:
        taken.notes.add(kinds.PICTURES, at, title=title_of(schema, at), count=len(shown))
    taken.put(at, None, found[0].origin)
    for held in shown.values() if len(shown) == 1 else ():
        if held.picture is not None:
            taken.picture(at, schema, held.picture, held.origin)
