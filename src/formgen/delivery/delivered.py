"""What a delivery did, as reports tell it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a run did to the folder; paths are below it, in order."""

    folder: Path
    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]
    left: tuple[str, ...]
    """Superseded files that somebody has edited: they stay, and are no longer ours."""
    withheld: tuple[str, ...] = ()
    """Documents that were not written, because their records have errors."""
    older: tuple[str, ...] = ()
    """Of those withheld, what lies there from an earlier run."""
    replaced: tuple[str, ...] = ()
    """Of those written, what took the place of an earlier one."""
    failed: tuple[str, ...] = ()
    """What was asked for besides the documents and could not be made."""
    trial: bool = False
    """Whether nothing was done, and this is what would have been."""
