"""Judges the rows of a table, putting a rule's questions once to all rows that answer them alike.

A rule is pure, so what it says of a row follows from what the row answers: its year, that a rank is given. The first
row notes what it is asked; the others are parted by their answers, one question after the other, and each part is
judged by its first row. A rule of a hundred thousand rows is so called some ten times. Its author need not know:

- A verdict that makes a finding names its row, so each row of such a part is judged by itself.
- So is each row of which something is withheld, and each that was asked for more than single values.
- And so are the rows of a part in which hardly two answer alike: to part them would gain nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from formgen.findings import Address, Outcome
from formgen.rules.subject import Node, Verdict, unreadable
from formgen.rules.table import Numbers, Question, Table

Judge = Callable[[Node], list[Verdict]]
Judged = tuple[Numbers, list[Verdict]]
"""The rows, by their numbers in the table, on each of which these verdicts were given."""

FEW: Final = 4
"""So few rows are judged one by one."""
_SILENT: Final = frozenset({Outcome.PASSED, Outcome.NOT_APPLICABLE})


def judged(table: Table, judge: Judge) -> Iterable[Judged]:
    """What a rule says of each row of a table, in any order; verdicts that make a finding come row by row."""
    rows = len(table.values)
    return _in_parts(table, judge) if rows >= FEW else [((row,), judge(table.node(row))) for row in range(rows)]


def _in_parts(table: Table, judge: Judge) -> Iterator[Judged]:
    sound, others = table.sound
    yield from _one_by_one(table, judge, others)
    waiting = [(sound, 0)]
    while waiting:
        part, known = waiting.pop()
        if len(part.numbers) < FEW:
            yield from _one_by_one(table, judge, part.numbers)
            continue
        listener = _Listener(table.node(part.numbers[0]))
        verdicts = judge(listener)
        alike = not listener.whole
        for question in listener.asked[known:]:
            parts = part.split(table, question)
            alike = bool(parts)
            if not alike:
                break
            known += 1
            part, *rest = parts
            waiting += ((each, known) for each in rest)
        yield from _settled(table, judge, part.numbers, verdicts) if alike else _one_by_one(table, judge, part.numbers)


def _one_by_one(table: Table, judge: Judge, numbers: Numbers) -> Iterator[Judged]:
    for number in numbers:
        yield (number,), judge(table.node(number))


def _settled(table: Table, judge: Judge, numbers: Numbers, verdicts: list[Verdict]) -> Iterator[Judged]:
    """What is said of rows that answer alike, when this is said of the first."""
    if all(verdict.outcome in _SILENT for verdict in verdicts):
        yield numbers, verdicts
        return
    cause = verdicts[0].cause
    if cause is not None and verdicts == [unreadable(table.at(numbers[0]), cause)]:
        # The rows are sound, so what could not be read lies elsewhere, and is the same for all.
        for number in numbers:
            yield (number,), [unreadable(table.at(number), cause)]
        return
    yield from _one_by_one(table, judge, numbers)


class _Listener(Node):
    """A row that notes what it is asked."""

    __slots__ = ("_row", "asked", "whole")

    def __init__(self, row: Node) -> None:
        self._row = row
        self._lists = self._tables = None
        self.dossier = row.dossier
        self.sound = row.sound
        self.asked: list[Question] = []
        self.whole = False
        """Whether it was asked for more than it could note: where it stands, or what else lies in it."""

    @property
    def address(self) -> Address:  # type: ignore[override]
        """Where the row stands."""
        self.whole = True
        return self._row.address

    @property
    def value(self) -> Any:
        """All that the row is."""
        self.whole = True
        return self._row.value

    def at(self, *keys: str | int) -> Address:
        """The address below this one, which says where a verdict belongs and not which."""
        return self._row.at(*keys)

    def get(self, *keys: str | int) -> Any:
        """The value below this place, as a question of its own."""
        self._note(("value", keys))
        return self._row.get(*keys)

    def is_blank(self, *keys: str | int) -> bool:
        """Whether nothing is given there: a question that many rows answer alike."""
        self._note(("blank", keys))
        return self._row.is_blank(*keys)

    def has_text(self, *keys: str | int) -> bool:
        """Whether there is text: a question that many rows answer alike."""
        self._note(("text", keys))
        return self._row.has_text(*keys)

    def _note(self, question: Question) -> None:
        if question not in self.asked:
            self.asked.append(question)
