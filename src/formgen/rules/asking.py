"""Judges the rows of a table, putting a rule's questions once to all rows that answer them alike.

A rule is pure, so what it says of a row follows from what the row answers: its year, that a rank is given. The first
row notes what it is asked; the others are parted by their answers, one question after the other, and each part is
judged by its first row. A rule of a hundred thousand rows is so called some ten times. Its author need not know:

- A verdict that makes a finding names its row, so each row of such a part is judged by itself.
- So is each row that was asked for more than single values.
- And so are the rows of a part in which hardly two answer alike: to part them would gain nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import repeat
from typing import Any, Final

from formgen.findings import Address, Outcome
from formgen.rules.subject import Node, Unreadable, Verdict, unreadable
from formgen.rules.table import Kind, Numbers, Question, Table, Way

Judge = Callable[[Node], list[Verdict]]
Judged = tuple[Numbers, list[Verdict], Iterable[Address] | None]
"""The rows, by their numbers in the table, on each of which these verdicts were given; of rows that cannot be read why
each cannot, in place of verdicts."""

FEW: Final = 4
"""So few rows are judged one by one."""
_SILENT: Final = frozenset({Outcome.PASSED, Outcome.NOT_APPLICABLE})


def judged(table: Table, judge: Judge) -> Iterable[Judged]:
    """What a rule says of each row of a table, in any order; verdicts that make a finding come row by row."""
    rows = len(table.values)
    return _in_parts(table, judge) if rows >= FEW else list(_one_by_one(table, judge, range(rows)))


def _in_parts(table: Table, judge: Judge) -> Iterator[Judged]:
    waiting = [(table.whole, 0)]
    while waiting:
        part, known = waiting.pop()
        if len(part.numbers) < FEW:
            yield from _one_by_one(table, judge, part.numbers)
            continue
        listener = _Listener(table.node(part.numbers[0]), table.sound)
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
        if alike and all(verdict.outcome in _SILENT for verdict in verdicts):
            yield part.numbers, verdicts, None
            continue
        causes = listener.causes(table, part.numbers, verdicts) if alike else None
        if causes is None:
            yield from _one_by_one(table, judge, part.numbers)
        else:
            yield part.numbers, [], causes


def _one_by_one(table: Table, judge: Judge, numbers: Numbers) -> Iterator[Judged]:
    for number in numbers:
        yield (number,), judge(table.node(number)), None


class _Listener(Node):
    """A row that notes what it is asked."""

    __slots__ = ("_blocked", "_row", "_stopped", "asked", "whole")

    def __init__(self, row: Node, sound: bool) -> None:
        self._row = row
        self._lists = self._tables = None
        self.dossier = row.dossier
        self.sound = sound
        self._blocked = False
        self._stopped: tuple[Way, Address] | None = None
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
        return self._note("value", keys, self._row.get)

    def is_blank(self, *keys: str | int) -> bool:
        """Whether nothing is given there: a question that many rows answer alike."""
        return bool(self._note("blank", keys, self._row.is_blank))

    def has_text(self, *keys: str | int) -> bool:
        """Whether there is text: a question that many rows answer alike."""
        return bool(self._note("text", keys, self._row.has_text))

    def blocked(self, *keys: str | int) -> Address | None:
        """Whether something there is withheld: a question only where something is withheld of some row."""
        if self.sound:
            return None
        cause: Address | None = self._note("blocked", keys, self._row.blocked)
        self._blocked = self._blocked or cause is not None
        return cause

    def _note(self, kind: Kind, keys: Way, answer: Callable[..., Any]) -> Any:
        question: Question = (kind, keys)
        if question not in self.asked:
            self.asked.append(question)
        try:
            return answer(*keys)
        except Unreadable as problem:
            self._stopped = (keys, problem.cause)
            raise

    def causes(self, table: Table, numbers: Numbers, verdicts: list[Verdict]) -> Iterable[Address] | None:
        """Why each of the rows that answer like this one cannot be read, if that is all that is said of it."""
        cause = verdicts[0].cause
        if cause is None or verdicts != [unreadable(self.at(), cause)]:
            return None
        if self._stopped is not None:
            way, own = self._stopped
            column = table.column(way)
            return [column[number].cause for number in numbers] if own == cause else None
        # Not asked for what the row lacks, the rule stopped at something elsewhere, which is the same for all.
        return None if self._blocked else repeat(cause)
