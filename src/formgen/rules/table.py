"""A list as rules see it: by rows, by columns, and by rows that are alike.

A list of a hundred thousand rows holds few different posts, years and statuses. So a column is made once for all rules,
rows of the same values are gathered once, and a row itself is made when somebody asks for it.
"""

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, Literal, overload

from formgen.findings import Address

if TYPE_CHECKING:
    from formgen.rules.subject import Node

LONG: Final = 1000
"""Of a list with more rows nothing is kept for each that can be made again."""
Numbers = Sequence[int]
"""Positions in a list."""
Way = tuple[str | int, ...]
"""The keys from a row to a value."""
Kind = Literal["value", "blank", "text", "blocked"]
Question = tuple[Kind, Way]
"""What a row may be asked: what stands there, whether nothing does, whether it is text and more than blanks, and
whether something there is withheld."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """What stands in for a value that has a finding of its own, at ``cause``."""

    cause: Address


def withheld_inside(value: Any) -> Address | None:
    """The place of the first finding that withholds a value or something in it, or None."""
    if type(value) is Withheld:
        return value.cause
    if isinstance(value, dict | list):
        for child in value.values() if isinstance(value, dict) else value:
            cause = withheld_inside(child)
            if cause is not None:
                return cause
    return None


class Table:
    """The rows of a list, or the records of a form."""

    def __init__(
        self,
        values: Sequence[Any],
        node: Callable[[int], "Node"],
        at: Callable[..., Address],
        *,
        sound: bool,
        records: tuple[str | None, ...] = (),
    ) -> None:
        self.values = values
        self.node = node
        """Makes a row."""
        self.at = at
        """The address of a row, or of what lies in it: of a number and keys."""
        self.sound = sound
        """Whether nothing of any row is withheld."""
        self._records = records
        """The id of the record that all rows lie in; without it each has one of its own."""
        self.whole = Part(range(len(values)))
        self._columns: dict[Way, Sequence[Any]] = {(): values}
        self._alike: dict[tuple[str, ...], tuple[Rows, ...]] = {}

    def records(self, numbers: Numbers) -> Iterable[str | None]:
        """The ids of the records that some rows lie in."""
        return self._records or [self.node(number).address.record for number in numbers]

    def answers(self, question: Question) -> Sequence[Any]:
        """What each row says to a question; two of which it is withheld say the same."""
        kind, way = question
        column = self.column(way)
        if kind == "blocked":
            return [withheld_inside(value) is not None for value in column]
        if kind == "blank":
            column = [value if type(value) is Withheld else value in (None, [], {}) for value in column]
        elif kind == "text":
            column = [
                value if type(value) is Withheld else isinstance(value, str) and not (value == "" or value.isspace())
                for value in column
            ]
        return column if self.sound else [Withheld if type(value) is Withheld else value for value in column]

    def column(self, way: Way) -> Sequence[Any]:
        """What stands there in each row: None where nothing is given, ``Withheld`` where it, or around it, is."""
        found = self._columns.get(way)
        if found is None:
            *around, key = way
            found = self._columns[way] = [
                value.get(key) if type(value) is dict else value if type(value) is Withheld else None
                for value in self.column(tuple(around))
            ]
        return found

    def alike(self, fields: tuple[str, ...]) -> tuple["Rows", ...]:
        """The rows gathered by what stands in these fields (``rank/kind`` is one in a group), in order of the first."""
        found = self._alike.get(fields)
        if found is None:
            columns = [self.column(tuple(field.split("/"))) for field in fields]
            if not self.sound:  # one finding may withhold a whole column: each of its rows is told of it
                columns = [
                    [(row,) if type(value) is Withheld else value for row, value in enumerate(column)]
                    for column in columns
                ]
            parts = gathered(columns[0] if len(columns) == 1 else zip(*columns, strict=True), range(len(self.values)))
            found = self._alike[fields] = tuple(Rows(self, numbers) for numbers in parts)
        return found


def gathered(answers: Iterable[Any], numbers: Iterable[int]) -> list[Numbers]:
    """The numbers gathered by the answers that belong to them."""
    parts: defaultdict[Any, list[int]] = defaultdict(list)
    for answer, number in zip(answers, numbers, strict=True):
        parts[answer].append(number)
    # A list of a million numbers takes ten times the memory of an array, and a short array takes longer to make.
    return [array("I", part) if len(part) > LONG else part for part in parts.values()]


class Part:
    """Rows of a table that answered some questions alike."""

    __slots__ = ("_splits", "numbers")

    def __init__(self, numbers: Numbers) -> None:
        self.numbers = numbers
        self._splits: dict[Question, tuple[Part, ...]] = {}

    def split(self, table: Table, question: Question) -> tuple["Part", ...]:
        """The rows parted by what they say to a question, those of the first row first; none if hardly two agree."""
        found = self._splits.get(question)
        if found is None:
            found = self._splits[question] = self._split(table.answers(question))
        return found

    def _split(self, answers: Sequence[Any]) -> tuple["Part", ...]:
        numbers = self.numbers
        own = answers if len(numbers) == len(answers) else [answers[number] for number in numbers]
        different = len(set(own))
        if different == 1:
            return (self,)
        return () if different * 2 > len(numbers) else tuple(map(Part, gathered(own, numbers)))


class Rows(Sequence["Node"]):
    """Some rows of a table, in their order; each is made when it is asked for."""

    __slots__ = ("_table", "numbers")

    def __init__(self, table: Table, numbers: Numbers) -> None:
        self._table = table
        self.numbers = numbers
        """Where they stand in the list."""

    @overload
    def __getitem__(self, wanted: int) -> "Node": ...
    @overload
    def __getitem__(self, wanted: slice) -> "Rows": ...
    def __getitem__(self, wanted: int | slice) -> "Node | Rows":
        if isinstance(wanted, slice):
            return Rows(self._table, self.numbers[wanted])
        return self._table.node(self.numbers[wanted])

    def __len__(self) -> int:
        return len(self.numbers)

    def __iter__(self) -> Iterator["Node"]:
        return map(self._table.node, self.numbers)

    def pick(self, positions: Iterable[int]) -> "Rows":
        """Those at some positions among these."""
        return Rows(self._table, [self.numbers[position] for position in positions])

    def column(self, field: str) -> list[Any]:
        """What stands in a field of each of them."""
        answers = self._table.column(tuple(field.split("/")))
        return [answers[number] for number in self.numbers]

    def places(self, *keys: str | int) -> tuple[Address, ...]:
        """The address below each of them."""
        at = self._table.at
        return tuple([at(number, *keys) for number in self.numbers])


def together(parts: Iterable[Rows]) -> Rows:
    """The rows of several parts of one table, in their order. There is at least one part."""
    first, *others = parts
    if not others:
        return first
    return Rows(first._table, sorted(chain(first.numbers, *(part.numbers for part in others))))
