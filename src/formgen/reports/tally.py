"""How many findings there are of each weight, and whether they reach a threshold."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from enum import StrEnum
from operator import add

from formgen.findings import Finding, Outcome, Severity


class FailOn(StrEnum):
    """From which findings on a command ends with 1; each takes in those before it."""

    ERROR = "error"
    WARNING = "warning"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of findings; those that are waived count as nothing else."""

    errors: int
    warnings: int
    infos: int
    unverified: int
    waived: int

    def reaches(self, threshold: FailOn) -> bool:
        """Whether there are findings at or above ``threshold``."""
        counted = self.errors
        if threshold is not FailOn.ERROR:
            counted += self.warnings
        if threshold is FailOn.UNVERIFIED:
            counted += self.unverified
        return counted > 0

    def __add__(self, other: "Tally") -> "Tally":
        """The counts of both."""
        return Tally(*map(add, astuple(self), astuple(other)))


NOTHING = Tally(0, 0, 0, 0, 0)
"""Of no findings."""


def tally(findings: Iterable[Finding]) -> Tally:
    """The counts of ``findings``."""
    failed = dict.fromkeys(Severity, 0)
    unverified = waived = 0
    for finding in findings:
        if finding.waived is not None:
            waived += 1
        elif finding.outcome is Outcome.FAILED:
            failed[finding.kind.severity] += 1
        elif finding.outcome is Outcome.UNVERIFIED:
            unverified += 1
    return Tally(failed[Severity.ERROR], failed[Severity.WARNING], failed[Severity.INFO], unverified, waived)
