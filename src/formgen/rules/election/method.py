"""What the school's own documents say of elections, as far as its charter record states it."""

from typing import Any

from formgen.findings import Address
from formgen.rules.subject import Law, Node, View
from formgen.tally import Share

SHARE_FIELDS = ("numerator", "denominator", "strict")
SHARE_READS = ("numerator", "denominator", "strict", "of")


def stated(dossier: View, topic: str, *fields: str) -> dict[tuple[Any, ...], Address]:
    """The different things that the school's documents say on a topic, each with the first place that says it."""
    charter = dossier.record("charter")
    said: dict[tuple[Any, ...], Address] = {}
    for statement in () if charter is None else charter.each("statements", topic):
        said.setdefault(tuple(statement.get(field) for field in fields), statement.address)
    return said


def reads(topic: str, *fields: str) -> tuple[str, ...]:
    """The places that ``stated`` reads."""
    return tuple(f"charter:/statements/{topic}/*/{field}" for field in fields)


def usual(law: Law, name: str) -> Share:
    """A share that many schools use, from the parameters: to compare with, not to judge by."""
    value = law.value(name)
    return Share(value["numerator"], value["denominator"], value["strict"])


def election_day(election: Node) -> tuple[str, Address] | None:
    """The day of an election: its own, else the first of the congress; None where neither is given."""
    if election.get("date") is not None:
        return election.get("date"), election.at("date")
    report = election.dossier.record("congress_report")
    start = None if report is None else report.get("held", "start")
    return None if report is None or start is None else (start, report.at("held", "start"))


def round_number(ballot: Node) -> int:
    """The number of a ballot among the rounds, from 1.

    Raises:
        Unreadable: the ballot, or what it lies in, has a finding of its own; its address is then no position.
    """
    ballot.is_blank()
    return int(ballot.address.pointer[-1]) + 1


def record_of(ballot: Node) -> Node:
    """The record of the election that a ballot belongs to."""
    return next(iter(ballot.dossier.records("election")))


def is_void(ballot: Node) -> bool:
    """Whether more ballots came back than went out, so that nothing on them counts."""
    issued, returned = ballot.get("ballots", "issued"), ballot.get("ballots", "returned")
    return issued is not None and returned is not None and bool(returned > issued)
