"""One part being filled, and where in its record a value is found."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Protocol

from formgen.filling.columns import Taken, Values
from formgen.pictures import Picture


@dataclass(slots=True)
class Filling:
    """One part being filled."""

    scopes: list[Any]
    """The record's values, then the current item of each list that is being repeated."""
    pictures: Mapping[str, Picture] = field(default_factory=dict)
    embedded: "Embedded | None" = None
    """Takes the pictures of the part that is being filled."""
    picture: Mapping[str, str] = field(default_factory=dict)
    """What the attributes of the current picture's shape are."""
    rows: Any = None
    """In a workbook: how far rows have moved (:class:`~formgen.filling.rows.Rows`)."""
    line: str = ""
    """The current line, escaped, of a value that is set in paragraphs."""
    found: dict[tuple[str, ...], "Values"] = field(default_factory=dict)
    """Values of the items that are being filled, by keys: a cell and its row's height need the same."""
    taken: Taken = field(default_factory=dict)
    """The same of the record's own lists, where one is filled at once: what carries the data needs them again."""

    def batches(self, items: list[Any], size: int) -> Iterator[list[Any]]:
        """The items of a list, ``size`` at a time, each with what is found of them; their scope is open."""
        outside = self.found
        for start in range(0, len(items), size):
            whole = len(items) <= size and len(self.scopes) == 2
            self.found = self.taken.setdefault(id(items), {}) if whole else {}
            yield items if whole else items[start : start + size]
        self.found = outside


class Embedded(Protocol):
    """Puts pictures into a package for the part that shows them."""

    def shape(self, picture: Picture, box: tuple[int, int]) -> Mapping[str, str]:
        """The attributes of the shape that shows ``picture`` within ``box`` (EMU)."""
        ...

    def keep(self, relationships: Sequence[str]) -> None:
        """Note that the template's own pictures, by relationship id, are still shown."""
        ...

    def control(self) -> int:
        """The number of the next control of the document."""
        ...


@dataclass(frozen=True, slots=True)
class Lookup:
    """Where a value is: ``keys`` from the scope at ``depth`` (0 is the record)."""

    depth: int
    keys: tuple[str, ...]

    def find(self, filling: Filling) -> Any:
        """The value, or None where it is absent."""
        value = filling.scopes[self.depth]
        for key in self.keys:
            value = value.get(key) if isinstance(value, dict) else None
        return value

    def column(self, filling: Filling, items: Sequence[Any]) -> "Values | None":
        """The values in each of ``items``, or None if the value lies outside of them and is the same for all."""
        if self.depth != len(filling.scopes) - 1:
            return None
        found = filling.found.get(self.keys)
        if found is None:
            found = filling.found[self.keys] = Values(self._find_all(items))
        return found

    def _find_all(self, items: Sequence[Any]) -> Sequence[Any]:
        values = items
        for key in self.keys:
            try:
                values = list(map(itemgetter(key), values))
            except (KeyError, TypeError, IndexError):  # absent in some item
                values = [value.get(key) if isinstance(value, dict) else None for value in values]
        return values
