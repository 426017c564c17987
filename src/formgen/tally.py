"""The arithmetic of elections: which part of a whole is reached, who is elected, how many candidates there must be.

Whole numbers only: 123 of 245 is more than half, exactly half is not, and no rounding decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole that has to be reached: more than it where ``strict``, otherwise at least it."""

    numerator: int
    denominator: int
    strict: bool

    def reached(self, part: int, whole: int) -> bool:
        """Whether ``part`` of ``whole`` is enough."""
        difference = part * self.denominator - whole * self.numerator
        return difference > 0 if self.strict else difference >= 0

    def least(self, whole: int) -> int:
        """The smallest part of ``whole`` that is enough."""
        product = whole * self.numerator
        return product // self.denominator + 1 if self.strict else -(-product // self.denominator)


@dataclass(frozen=True, slots=True)
class Result:
    """What one ballot decides. Candidates are positions in the list of votes, in its order."""

    elected: tuple[int, ...]
    tied: tuple[int, ...]
    """Those with enough and equal votes of whom only some can have a seat."""
    contested: int
    """How many seats the tied ones contend for."""
    empty: int
    """How many seats are left because too few candidates have enough votes."""


def elect(votes: Sequence[int], seats: int, voters: int, majority: Share) -> Result:
    """Who is elected: of those with enough votes the first by number of votes, as many as there are seats."""
    enough = [position for position, count in enumerate(votes) if majority.reached(count, voters)]
    if len(enough) <= seats:
        return Result(tuple(enough), (), 0, seats - len(enough))
    if seats == 0:
        return Result((), (), 0, 0)
    last = sorted((votes[position] for position in enough), reverse=True)[seats - 1]
    above = tuple(position for position in enough if votes[position] > last)
    level = tuple(position for position in enough if votes[position] == last)
    if len(above) + len(level) == seats:
        return Result(tuple(position for position in enough if votes[position] >= last), (), 0, 0)
    return Result(above, level, seats - len(above), 0)


def candidates_needed(seats: int, surplus_percent: int) -> int:
    """How many candidates there must be at least so that they outnumber the seats by a percentage."""
    return -(-seats * (100 + surplus_percent) // 100)


def is_proportional(seats: int, part: int, whole: int, total: int) -> bool:
    """Whether ``seats`` of ``total`` is the share of ``part`` in ``whole``, rounded up or down."""
    return part * total // whole <= seats <= -(-part * total // whole)


def is_percentage(text: str, part: int, whole: int) -> bool:
    """Whether ``text`` (``58.75%``) is ``part`` of ``whole`` rounded to the places it is written with.

    Exactly half of the last place may be rounded either way.
    """
    integer, _, places = text.removesuffix("%").partition(".")
    unit: int = 10 ** len(places)
    return 2 * abs(int(integer + places) * whole - part * 100 * unit) <= whole
