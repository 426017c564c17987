"""Many values set into one text: looked up, escaped and encoded at once.

To ask of each of forty short texts whether it holds markup takes longer than to fill all the rest of a form.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from formgen.filling.lookups import Filling, Lookup
from formgen.filling.typesetting import Typeset, plain
from formgen.filling.xml_text import escape, escape_all


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a value: its number among the texts to be joined, and what stands for a line break and a tab."""

    index: int
    lookup: Lookup
    typeset: Typeset
    line_break: bytes
    tab: bytes

    def broken(self, text: bytes) -> bytes:
        """An escaped text with its lines and tabs."""
        return text.replace(b"\n", self.line_break).replace(b"\t", self.tab)


class Together:
    """The places of one text."""

    def __init__(self, places: Iterable[Place]) -> None:
        apart: dict[tuple[Typeset, int, tuple[str, ...]], list[Place]] = {}
        for place in places:
            apart.setdefault((place.typeset, place.lookup.depth, place.lookup.keys[:-1]), []).append(place)
        self._places = [place for group in apart.values() for place in group]
        self._groups = [
            (None if typeset is plain else typeset, Lookup(depth, around), [place.lookup.keys[-1] for place in group])
            for (typeset, depth, around), group in apart.items()
        ]
        """How values that lie side by side are typeset, where they lie, and their keys."""
        self.indexes = [place.index for place in self._places]
        """Where the values are put."""

    def put(self, texts: list[bytes], filling: Filling) -> None:
        """Sets the text of each value into its place among ``texts``."""
        found = self._found(filling)
        for index, text in zip(self.indexes, self._escaped(found, "".join(found)), strict=True):
            texts[index] = text

    def _found(self, filling: Filling) -> Sequence[str]:
        found: list[Any] = []
        for typeset, around, keys in self._groups:
            held = around.find(filling)
            values = map(held.get, keys) if isinstance(held, dict) else [None] * len(keys)
            found += values if typeset is None else map(typeset, values)
        # Most values are texts, as are those that a typesetter has made: nothing need be done to them.
        return found if set(map(type, found)) <= {str} else list(map(plain, found))

    def _escaped(self, found: Sequence[str], whole: str) -> Sequence[bytes]:
        has_lines = "\n" in whole
        escaped = escape_all(found, whole.replace("\n", "") if has_lines else whole)
        if escaped is None:
            escaped = [escape(text).encode() for text in found]
        elif not has_lines:
            return escaped
        return [
            place.broken(text) if b"\n" in text or b"\t" in text else text
            for place, text in zip(self._places, escaped, strict=True)
        ]
