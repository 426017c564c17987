"""Where the fields of a form stand on its paper: the template itself says so, read like any other document.

For each place: the label beside it (or the heading above it), and the words around the fields in it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from formgen import opc
from formgen.forms import Edition, Schema, catalogue, field_schema
from formgen.intake.documents import word
from formgen.intake.documents.blocks import CLOSE, OPEN, Cell, Document, Held, Row, Table
from formgen.intake.documents.comparing import label
from formgen.tags import Control, Path, Role, parse_tag

_MARK = re.compile(f"{OPEN}([0-9]+){CLOSE}")
_BOX_SIGNS: Final = r"[☑☐☒✓✔√■□◻▢R£￡口/／、()（）\s]*"
_EITHER: Final = {"：": "[：:]", ":": "[：:]", "（": "[（(]", "(": "[（(]", "）": "[)）]", ")": "[)）]"}


@dataclass(frozen=True, slots=True, eq=False)
class Slot:
    """A place with fields.

    ``labels`` are the words beside it (of a list, those above it), folded. ``groups`` are the paths that ``pattern``
    finds in its text, in order.
    """

    labels: frozenset[str]
    groups: tuple[Path, ...]
    pattern: re.Pattern[str]
    options: Mapping[Path, Mapping[str, list[str]]]
    """For fields that are ticked: the values with the words beside their boxes."""
    expected: bool = True
    """Whether a form without this place is not as it was handed out."""
    words: tuple[str, ...] = ()
    """The words of the template in the place itself, without white space."""

    @property
    def worded(self) -> bool:
        """Whether there are any."""
        return bool(self.words)

    def match(self, text: str, longest: int) -> re.Match[str] | None:
        """What stands between the words in ``text``; nothing in one that is too long, or has not all of them."""
        if len(text) > longest:
            return None
        plain = "".join(text.split())
        return self.pattern.fullmatch(text) if all(word in plain for word in self.words) else None

    @property
    def paths(self) -> tuple[Path, ...]:
        """Every field in this place."""
        return (*self.groups, *self.options)


@dataclass(frozen=True, slots=True)
class Layout:
    """The places of a form: cells of its tables, and lines outside of them in their order."""

    cells: tuple[Slot, ...]
    lines: tuple[Slot, ...]
    words: frozenset[str]
    """Every label and heading with its other names, folded: what is no value, and ends a list that is filled in."""
    pictures: frozenset[str]
    """Digests of the template's own pictures, which stand where none has been put in yet."""


@lru_cache(maxsize=32)
def _document(path: str) -> Document:
    with open(path, "rb") as stream:
        data = stream.read()
    return word.read(opc.read(data, path), path) or Document(())


def layout(edition: Edition) -> Layout:
    """The layout of an edition's form; of one without a Word template that of the edition before it, and its titles."""
    editions = (edition, *reversed(catalogue().get(edition.key, ())))
    template = next((each.templates[".docx"] for each in editions if ".docx" in each.templates), None)
    own = ".docx" in edition.templates
    document = _document(str(template)) if template is not None else Document(())
    found = _Finder(document, edition.printable, own)
    cells = tuple(found.in_tables())
    lines = tuple(found.in_lines())
    known = {path for slot in (*cells, *lines) for path in slot.paths}
    cells += tuple(_by_title(edition.schema, known))
    pictures = frozenset(held.picture.digest for held in document.controls if held.picture is not None)
    words = found.words.union(*(slot.labels for slot in cells))
    return Layout(cells, lines, frozenset(words), pictures)


@dataclass
class _Finder:
    document: Document
    schema: Schema
    own: bool

    def __post_init__(self) -> None:
        self.words: set[str] = set()

    def in_tables(self) -> Iterator[Slot]:
        """The slots in the tables of a template."""
        for table in self.document.tables:
            for index, row in enumerate(table.rows):
                self.words.update(label(cell.text) for cell in row.cells if _is_static(cell))
                for cell in row.cells:
                    if _MARK.search(cell.marked):
                        beside, above = _beside(row, cell), _above(table, index, cell)
                        slot = self._slot(cell.marked, beside, above)
                        if slot is not None:
                            yield slot
        self.words.discard("")

    def in_lines(self) -> Iterator[Slot]:
        """The slots outside of tables, with the lines between them that hold no field."""
        for paragraph in self.document.paragraphs:
            for line in paragraph.marked.split("\n"):
                slot = self._slot(line, "", "", keep=True)
                if slot is not None:
                    yield slot

    def _slot(self, marked: str, beside: str, above: str, *, keep: bool = False) -> Slot | None:
        pieces = _MARK.split(marked)
        statics, numbers = pieces[::2], [int(number) for number in pieces[1::2]]
        held = [self.document.controls[number] for number in numbers]
        controls = [parse_tag(each.tag) for each in held]
        known = [c is not None and field_schema(self.schema, c.path) is not None for c in controls]
        if not any(known) and not (keep and marked.strip() and not numbers):
            return None
        if not self.own and not all(known):
            return None  # a place of another edition
        groups: list[Path] = []
        options: dict[Path, dict[str, list[str]]] = {}
        expression = _static(statics[0])
        for control, content, static in zip(controls, held, statics[1:], strict=True):
            expression += self._group(control, content, static, groups, options) + _static(static)
        paths = [*groups, *options]
        if not paths and not keep:
            return None
        # The items of a list stand below their heading, anything else beside its label.
        near = (above or beside) if any("[]" in path for path in paths) else (beside or above)
        return Slot(
            self._labels(near, paths),
            tuple(groups),
            re.compile(rf"\s*{expression}\s*", re.DOTALL),
            options,
            expected=self.own,
            words=tuple(word for static in statics for word in re.findall(r"[^\s：:（）()]+", static)),
        )

    def _group(
        self,
        control: Control | None,
        held: Held,
        static: str,
        groups: list[Path],
        options: dict[Path, dict[str, list[str]]],
    ) -> str:
        """What stands in the place of a control."""
        if control is None:
            return "(?:.*?)"
        if control.role is Role.VALUE:
            field = field_schema(self.schema, control.path) or {}
            if field.get("x-typeset") == "picture":
                return ""
            groups.append(control.path)
            return "(.*?)"
        if control.role is Role.TICK:
            words = re.split(r"[\s☐☑]", static.strip())[0]
            options.setdefault(control.path, {}).setdefault(control.equals, []).append(words)
            return _BOX_SIGNS
        return f"(?:{_static(held.text)})?"

    def _labels(self, near: str, paths: list[Path]) -> frozenset[str]:
        """The label as the template has it; for a place with one field also the other names of that."""
        named = {near} if near else set()
        if len(set(paths)) == 1 and near:
            named |= titles(field_schema(self.schema, paths[0]) or {})
        return frozenset(named)


def titles(schema: Schema) -> set[str]:
    """The names of a field, folded."""
    return {label(name) for name in (schema.get("title", ""), *schema.get("x-aliases", ())) if name}


def _by_title(schema: Schema, known: set[Path], path: Path = ()) -> Iterator[Slot]:
    """Places for single fields that no template shows: beside their title."""
    for key, field in schema.get("properties", {}).items():
        at = (*path, key)
        if "x-optional-column" in field or at in known:
            continue
        if field.get("type") == "object" and "x-typeset" not in field and "wording" not in field.get("properties", {}):
            yield from _by_title(field, known, at)
        elif field.get("type") in ("string", "integer", "boolean") and "title" in field:
            spelled = field.get("x-spellings", {}) if field["type"] == "boolean" else {}
            yield Slot(
                frozenset(titles(field)),
                () if spelled else (at,),
                re.compile(r".*" if spelled else r"\s*(.*?)\s*", re.DOTALL),
                {at: spelled} if spelled else {},
                expected=False,
            )


def _is_static(cell: Cell) -> bool:
    return _MARK.search(cell.marked) is None and bool(cell.text.strip())


def _beside(row: Row, cell: Cell) -> str:
    """The label to the left of a cell: nearest first, past other places."""
    for other in reversed(row.cells[: row.cells.index(cell)]):
        if _is_static(other):
            return label(other.text)
        if _MARK.search(other.marked):
            return ""
    return ""


def _above(table: Table, index: int, cell: Cell) -> str:
    """The heading above a cell, past other places."""
    for row in reversed(table.rows[:index]):
        other = row.at(cell.column)
        if other is not None and other.column == cell.column and _is_static(other):
            return label(other.text)
    return ""


def _static(text: str) -> str:
    """An expression for words of the template, with any white space between their characters."""
    letters = "".join(text.split())
    if not letters:
        return r"\s*"
    return r"\s*" + r"\s*".join(_EITHER.get(letter, re.escape(letter)) for letter in letters) + r"\s*+"
