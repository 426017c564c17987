"""Readings that the rules on delegates share: how many there are, what a unit is called."""

from formgen.findings import Address
from formgen.rules.subject import Node, View

TOTAL_READS = ("delegates:/total", "congress_report:/delegate_total")
_UNKNOWN_NAME = "—"


def total_of(dossier: View) -> tuple[int, Address] | None:
    """How many delegates there are, and where that is written; None where it is not."""
    for form, field in (("delegates", "total"), ("congress_report", "delegate_total")):
        record = dossier.record(form)
        if record is not None and record.get(field) is not None:
            return record.get(field), record.at(field)
    return None


def unit_name(unit: Node) -> str:
    """The college of an electing unit, for a sentence."""
    college = unit.get("college")
    return _UNKNOWN_NAME if college is None else str(college)


def total_of_delegations(report: Node) -> int | None:
    """How many delegates the delegations have together; None where that is not given in full."""
    counts = [delegation.get("count") for delegation in report.each("delegations")]
    return None if not counts or None in counts else sum(counts)
