"""What a delivery did, as reports tell it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from formgen.spilling import PLAIN, SpillList


class Paths(SpillList[str]):
    """Paths, of which there may be too many for memory; in all else as a tuple of them."""

    def __init__(self, paths: Iterable[str] = ()) -> None:
        super().__init__(paths, codec=PLAIN)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str):
            return NotImplemented
        return len(self) == len(other) and all(mine == theirs for mine, theirs in zip(self, other, strict=True))

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return Paths, (tuple(self),)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a run did to the folder; paths are below it, in order."""

    folder: Path
    written: Sequence[str]
    unchanged: Sequence[str]
    removed: Sequence[str]
    left: Sequence[str]
    """Superseded files that somebody has edited: they stay, and are no longer ours."""
    withheld: Sequence[str] = ()
    """Documents that were not written, because their records have errors."""
    older: Sequence[str] = ()
    """Of those withheld, what lies there from an earlier run."""
    replaced: Sequence[str] = ()
    """Of those written, what took the place of an earlier one."""
    failed: Sequence[str] = ()
    """What was asked for besides the documents and could not be made."""
    trial: bool = False
    """Whether nothing was done, and this is what would have been."""
