"""The records of one form, most of them on the disk where there are thousands."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, repeat
from operator import eq, itemgetter
from typing import Any, Final, overload

from formgen.findings import Pointer
from formgen.record import Origin, Origins, Record
from formgen.spilling import PLAIN, SpillList

KEPT: Final = 200
"""So many records, which may be pages long, are in memory."""
MakeOrigins = Callable[[int, Any], Origins]
"""Makes the origins of a record, by where it stands in the file and by its values as they were read."""
_Entry = tuple[Any, dict[str, Any] | None]
"""Values, and of those that are not as they were read what was."""


class Records(Sequence[Record]):
    """Records of one form, of which the first are in memory; the others come as new objects each time."""

    def __init__(self, records: Iterable[Record] = (), *, origins: MakeOrigins | None = None) -> None:
        """``origins`` makes those of records that have most of them in common; else each keeps its own."""
        self.ids: list[str | None] = []
        self._few: list[Record] = []
        self._most = KEPT
        self._form = ""
        self._others: SpillList[_Entry] = SpillList(codec=PLAIN, kept=0)
        self._origins: SpillList[Origins] = SpillList(kept=0)
        self._makers: list[tuple[int, MakeOrigins]] = []
        """From which record on who makes the origins."""
        self._order: Sequence[int] | None = None
        self._found: Sequence[int] = ()
        self._begin(origins)
        for record in records:
            self.append(record)

    def _begin(self, origins: MakeOrigins | None) -> None:
        """Begins with the records of another file."""
        start = len(self.ids)
        before = max(start, self._most) - len(self._origins)
        self._keeps = origins is None
        self._makers.append((start, origins or partial(_aside, self._origins, before)))

    def append(self, record: Record) -> None:
        """Adds a record, before anybody has asked for another order."""
        if len(self._few) < self._most:
            self._few.append(record)
        else:
            self._form = record.form
            self._others.append((record.values, None))
            if self._keeps:
                self._origins.append(record.origins)
        self.ids.append(record.id)

    def joined(self, records: Sequence[Record]) -> "Records":
        """These and others, which come behind: those of the next file."""
        if isinstance(records, Records):
            if not self.ids:
                return records
            self._begin(partial(_moved, records, len(self.ids)))
        elif not self._keeps:
            self._begin(None)
        for record in records:
            self.append(record)
        return self

    def by_id(self) -> "Records":
        """The records in order of their ids."""
        order = sorted(range(len(self.ids)), key=lambda place: self.ids[place] or "")
        if order == list(range(len(order))):
            return self
        found = self._like()
        found._few, found._others = self._few, self._others
        found.ids = [self.ids[place] for place in order]
        found._order = array("L", order if self._order is None else [self._order[place] for place in order])
        return found

    def changed(self, change: Callable[[Record], Any]) -> "Records":
        """The same records with the values that are given for each; where they came from stays what it was."""
        found = self._like()
        found.ids, found._order = self.ids, self._order
        for record, before in self._in_place():
            values = change(record)
            if len(found._few) < len(self._few):
                found._few.append(record if values is record.values else replace(record, values=values))
                continue
            old = dict(before or {})
            if values is not record.values and isinstance(values, dict) and isinstance(record.values, dict):
                changed = (key for key in values if values[key] is not record.values.get(key))
                old = {**{key: record.values.get(key) for key in changed}, **old}
            found._others.append((values, old or None))
        return found

    def find(self, id: str | None) -> Record | None:
        """The first record of an id."""
        ids = self.ids
        if len(ids) == 1:  # of most forms there is one
            return self[0] if ids[0] == id else None
        if len(self._found) != len(ids):
            self._found = array("L", sorted(range(len(ids)), key=lambda place: ids[place] or ""))
        first = bisect_left(self._found, id or "", key=lambda place: ids[place] or "")
        place = self._found[first] if first < len(ids) else 0
        return self[place] if ids and ids[place] == id else None

    def _like(self) -> "Records":
        found = Records()
        found._form, found._most, found._makers = self._form, self._most, self._makers
        return found

    def _in_place(self) -> Iterator[tuple[Record, dict[str, Any] | None]]:
        """The records as they were added, each with what was read in place of what it holds now."""
        ids = self.ids
        if self._order is not None:
            ids = [""] * len(self.ids)
            for index, place in enumerate(self._order):
                ids[place] = self.ids[index]
        yield from zip(self._few, repeat(None))
        for place, entry in enumerate(self._others, start=len(self._few)):
            yield self._record(place, entry, ids[place]), entry[1]

    def _of_others(self, start: int, stop: int) -> Iterator[Record]:
        few = len(self._few)
        entries = self._others[start - few : max(start, stop) - few]
        return (self._record(place, entry, self.ids[place]) for place, entry in enumerate(entries, start=start))

    def _record(self, place: int, entry: _Entry, id: str | None) -> Record:
        values, before = entry
        return Record(self._form, values, self._made(place, {**values, **before} if before else values), id)

    def _made(self, place: int, values: Any) -> Origins:
        """The origins of a record, by its values as they were read."""
        makers = self._makers
        last = bisect_right(makers, place, key=itemgetter(0)) - 1 if len(makers) > 1 else 0
        return makers[last][1](place, values)

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Record, ...]: ...
    def __getitem__(self, index: int | slice) -> Record | tuple[Record, ...]:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if self._order is None and step == 1:
                return (*self._few[start:stop], *self._of_others(max(start, len(self._few)), stop))
            return tuple(self[number] for number in range(start, stop, step))
        id_ = self.ids[index]
        index += len(self.ids) if index < 0 else 0
        place = index if self._order is None else self._order[index]
        if place < len(self._few):
            return self._few[place]
        return self._record(place, self._others[place - len(self._few)], id_)

    def values(self) -> Iterator[tuple[str | None, Any]]:
        """The ids and values, for those who need not know where they came from."""
        if self._order is not None:
            return ((record.id, record.values) for record in self)
        return zip(
            self.ids,
            chain((record.values for record in self._few), (values for values, _ in self._others)),
            strict=True,
        )

    def __iter__(self) -> Iterator[Record]:
        if self._order is None:
            return (record for record, _ in self._in_place())
        return map(self.__getitem__, range(len(self.ids)))

    def __len__(self) -> int:
        return len(self.ids)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(eq, self, other))

    __hash__ = None  # type: ignore[assignment] # as with a list


def _moved(records: Records, by: int, place: int, values: Any) -> Origins:
    """Those of a record that stands so many places before in others."""
    return records._made(place - by, values)


def _aside(origins: SpillList[Origins], before: int, place: int, _: Any) -> Origins:
    return _Aside(origins, place - before)


@dataclass(frozen=True, slots=True)
class _Aside:
    """Origins that were put aside, fetched when somebody asks."""

    origins: SpillList[Origins]
    place: int

    def find(self, pointer: Pointer) -> Origin:
        """The origin of the value at ``pointer``."""
        return self.origins[self.place].find(pointer)
