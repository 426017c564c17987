"""What has been read from a document so far: values in their places, with their origins."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from formgen import prompts
from formgen.findings import Pointer
from formgen.forms import Schema
from formgen.intake import picture_files
from formgen.intake.documents import kinds, marks, written
from formgen.intake.documents.drawings import Image
from formgen.intake.documents.marks import State
from formgen.intake.reading import Notes
from formgen.record import Origin


@dataclass
class Taken:
    """Values of a record (and of its dossier, under ``dossier``) while they are being read."""

    notes: Notes
    values: dict[str, Any] = field(default_factory=dict)
    cells: dict[Pointer, Origin] = field(default_factory=dict)
    twice: int = 0
    """How many fields have two contents that differ."""

    def put(self, at: Pointer, value: Any, origin: Origin) -> None:
        """A value in its place; the lists and groups on the way are made. The items of a list come in order."""
        self.cells[at] = origin
        if value is None:
            return
        node: Any = self.values
        for key, following in pairwise(at):
            empty: Any = [] if isinstance(following, int) else {}
            node = _child(node, key, empty)
        if isinstance(node, list):
            node.append(value)
        else:
            node[at[-1]] = value

    def text(self, at: Pointer, schema: Schema, text: str, origin: Origin) -> None:
        """A value that is written so."""
        value = None if prompts.is_prompt(text) else written.value(schema, text)
        if value is not None and not written.is_understood(schema, value):
            self.notes.add(kinds.DATE, at, title=title_of(schema, at), text=text.strip()[:40])
            value = None
        self.put(at, value, origin)

    def choose(self, at: Pointer, schema: Schema, found: marks.Choice, origin: Origin) -> None:
        """An option that is ticked; none of them is an empty field, two are a finding."""
        if found.state is State.CHOSEN and found.value is not None:
            self.put(at, option(schema, found.value), origin)
            return
        is_told = at in self.cells  # by its controls, before it was looked for by its label
        self.put(at, None, origin)
        if found.state is State.BOTH and not is_told:
            reason, english = "勾了不止一个框", "more than one box is ticked"
            self.notes.add(kinds.UNDETERMINED, at, title=title_of(schema, at), reason=reason, english=english)

    def picture(self, at: Pointer, schema: Schema, image: Image, origin: Origin) -> None:
        """A picture: it is called by the file and its part there."""
        self.put(at, picture_files.name_of(self.notes.file, image.part), origin)
        if image.altered:
            self.notes.add(kinds.PICTURE_ALTERED, at, title=title_of(schema, at))

    def has(self, at: Pointer) -> bool:
        """Whether there is a value at a place."""
        node: Any = self.values
        for key in at:
            try:
                node = node[key]
            except (KeyError, IndexError, TypeError):
                return False
        return True


def _child(node: Any, key: str | int, empty: Any) -> Any:
    """What a group or a list holds at ``key``, made where it is not there."""
    if not isinstance(node, list):
        return node.setdefault(key, empty)
    if key == len(node):
        node.append(empty)
    return node[key]  # type: ignore[index]


def option(schema: Schema, equals: str) -> Any:
    """The value that a tag's ``=value`` means for a field."""
    return equals == "true" if schema.get("type") == "boolean" else equals


def title_of(schema: Schema, at: Pointer) -> str:
    """The name of a field for a person."""
    return str(schema.get("title", next((key for key in reversed(at) if isinstance(key, str)), "")))
