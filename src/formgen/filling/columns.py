"""What many items of a list have in one place: taken, typeset and set into their rows at once.

What costs time in Python (finding a value, asking whether it needs escaping) is so paid for some hundreds of items, not
for each.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import NoneType
from typing import Any

from formgen.filling.typesetting import Typeset, plain, rank
from formgen.filling.xml_text import escape_all

BATCH = 256
"""How many items of a list are filled at once, at most. More are hardly faster."""
_KEPT = 32
"""How many runs are kept for a body."""


class Lasting:
    """A text for each of the first :data:`BATCH` items, the same in every document."""

    __slots__ = ("texts",)

    def __init__(self, texts: Sequence[bytes]) -> None:
        self.texts = texts


_SIMPLE = (str, int, bool)
_TEXTS = frozenset({str})
Column = bytes | Lasting | Iterable[bytes]
"""A text for each of some items; ``bytes`` where all have the same."""


class Values:
    """What many items have in one place, and how it is typeset."""

    def __init__(self, values: Sequence[Any]) -> None:
        self.values = values
        self._typeset: dict[Typeset, tuple[Sequence[str], str]] = {}
        self._escaped: dict[Typeset, Sequence[bytes] | None] = {}
        together = _together(values)
        if together is not None:
            self.kinds: frozenset[type] = _TEXTS
            self._typeset[plain] = values, together
        else:
            self.kinds = frozenset(map(type, values))

    @property
    def same(self) -> bool:
        """Whether all are the same text or number: what is made of one will do for all."""
        values = self.values
        is_simple = type(values[0]) in _SIMPLE and len(self.kinds) == 1
        return is_simple and values[0] == values[-1] and values.count(values[0]) == len(values)

    def texts(self, typeset: Typeset) -> tuple[Sequence[str], str]:
        """Their texts, and all of them in one: what would be asked of each can be asked of that."""
        found = self._typeset.get(typeset)
        if found is None:
            texts = self._texts(typeset)
            found = self._typeset[typeset] = texts, "".join(texts)
        return found

    def _texts(self, typeset: Typeset) -> Sequence[str]:
        if typeset is plain and self.kinds == {str, NoneType}:
            return [value or "" for value in self.values]
        if typeset is rank and self.kinds == {dict}:
            texts = [value.get("text") for value in self.values]
            if _together(texts) is not None:
                return texts
        return self.each(typeset)

    def escaped(self, typeset: Typeset) -> Sequence[bytes] | None:
        """Their texts, escaped and encoded; None if they must be looked at one by one."""
        if typeset not in self._escaped:
            self._escaped[typeset] = escape_all(*self.texts(typeset))
        return self._escaped[typeset]

    def digits(self, typeset: Typeset) -> Sequence[bytes] | None:
        """Their digits, if all of them are numbers that are printed as they are."""
        return list(map(DIGITS.__getitem__, self.values)) if typeset is plain and self.kinds == {int} else None

    def each(self, of: Callable[[Any], Any]) -> list[Any]:
        """``of`` every value; where many are equal, it is asked once."""
        if len(self.kinds) > 1 or self.kinds.isdisjoint((int, str, bool)):  # 1 and true are equal, not printed alike
            return list(map(of, self.values))
        if str not in self.kinds:  # years, yes and no: the same in many documents
            return list(map(_known(of, *self.kinds).__getitem__, self.values))
        known = {value: of(value) for value in set(self.values)}
        return [known[value] for value in self.values]


def _together(values: Sequence[Any]) -> str | None:
    """All values in one text; None if they are not all texts: to find that out takes no longer than to ask."""
    try:
        return "".join(values) if type(values[0]) is str else None
    except TypeError:
        return None


Taken = dict[int, dict[tuple[str, ...], Values]]
"""What was taken of the items of whole lists, by the list's id and keys."""


class _Digits(dict[int, bytes]):
    """The digits of numbers; those that lists count with are kept."""

    def __missing__(self, number: int) -> bytes:
        digits = b"%d" % number
        if 0 <= number <= 9999:
            self[number] = digits
        return digits


DIGITS = _Digits()


class _Known(dict[Any, Any]):
    """What a function makes of numbers or of yes and no; of so many it is kept."""

    def __init__(self, of: Callable[[Any], Any]) -> None:
        self._of = of

    def __missing__(self, value: Any) -> Any:
        made = self._of(value)
        if len(self) < BATCH:
            self[value] = made
        return made


@lru_cache(256)
def _known(of: Callable[[Any], Any], kind: type) -> _Known:
    return _Known(of)


@lru_cache(64)
def counting(first: int, step: int) -> Lasting:
    """Numbers from ``first`` on."""
    return Lasting([DIGITS[first + step * index] for index in range(BATCH)])


@dataclass(frozen=True, slots=True)
class _Plan:
    """How the columns of a body stand side by side."""

    row: Sequence[bytes]
    """A row with what is the same in all; empty where something is to be set."""
    laid: Sequence[tuple[int, Sequence[bytes]]]
    """What is the same in every document, and where."""
    places: Sequence[int]
    """Where the columns go that change."""


class Weaver:
    """Sets the columns of one body side by side, row by row."""

    def __init__(self) -> None:
        self._plans: dict[tuple[bytes | Lasting | None, ...], _Plan] = {}
        self._runs: dict[tuple[bytes | Lasting, ...], Sequence[bytes]] = {}

    def rows(self, columns: Sequence[Column], count: int, at_once: int) -> Iterator[bytes]:
        """The texts of ``count`` items, ``at_once`` in a chunk.

        What does not change is laid out for all items, and each column is set into it at once.
        """
        still = tuple([column if isinstance(column, (bytes, Lasting)) else None for column in columns])
        plan = self._plans.get(still)
        if plan is None:
            if len(self._plans) == _KEPT:
                self._plans.clear()
            plan = self._plans[still] = self._planned(still)
        width = len(plan.row)
        texts = [*plan.row] * count
        for index, laid in plan.laid:
            texts[index::width] = laid[:count]
        changing = (column for column in columns if not isinstance(column, (bytes, Lasting)))
        for index, column in zip(plan.places, changing, strict=True):
            texts[index::width] = column
        if at_once >= count:
            yield b"".join(texts)
            return
        for start in range(0, len(texts), width * at_once):
            yield b"".join(texts[start : start + width * at_once])

    def _planned(self, still: Iterable[bytes | Lasting | None]) -> _Plan:
        row: list[bytes] = []
        laid: list[tuple[int, Sequence[bytes]]] = []
        places: list[int] = []
        run: list[bytes | Lasting] = []
        for column in (*still, None):
            if column is not None:
                run.append(column)
                continue
            between = self._between(tuple(run))
            if not isinstance(between, bytes):
                laid.append((len(row), between))
            places.append(len(row) + 1)
            row += (between if isinstance(between, bytes) else b"", b"")
            run = []
        return _Plan(row[:-1], laid, places[:-1])

    def _between(self, run: tuple[bytes | Lasting, ...]) -> bytes | Sequence[bytes]:
        """What stands between two columns that change: the same for all items, or one for each of the first."""
        static = [text for text in run if isinstance(text, bytes)]
        if len(static) == len(run):
            return b"".join(static)
        laid = self._runs.get(run)
        if laid is None:
            if len(self._runs) == _KEPT:
                self._runs.clear()
            columns = [[text] * BATCH if isinstance(text, bytes) else text.texts for text in run]
            laid = self._runs[run] = [b"".join(texts) for texts in zip(*columns, strict=True)]
        return laid
