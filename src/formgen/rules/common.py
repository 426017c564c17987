"""Readings that several rules share: who is a freshman, who belongs to the presidium, what a rank amounts to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any, TypeVar

from formgen.findings import Address, Text
from formgen.rules.subject import Law, Node, View

POSTGRADUATE_LEVELS = ("研究生", "硕士研究生", "博士研究生")
"""Choices of the field 学历层次."""
RANK = ("text", "kind", "value", "of")
"""The fields of a rank."""
WRITE_STATUS = Text(
    "请写全：中共党员，或中共预备党员；是团员的，写共青团员", "Write 中共党员, 中共预备党员 or 共青团员"
)
"""What to do about a political status that leaves open what is meant."""
_UNKNOWN_NAME = "—"
T = TypeVar("T")


def label(member: Node) -> dict[str, Any]:
    """The name and the serial of a row, as the fields of a sentence; the row's number where it has no serial."""
    serial = None if member.blocked("serial") else member.get("serial")
    row = int(member.address.pointer[-1]) + 1
    return {"name": name_of(member), "serial": row if serial is None else serial}


def name_of(person: Node) -> str:
    """The name of a row or a record for a sentence; a dash where none is given or to be read."""
    name = None if person.blocked("name") else person.get("name")
    return _UNKNOWN_NAME if name is None else str(name)


def named(members: Sequence[Node]) -> str:
    """The first three of some rows for a sentence."""
    said = [label(member) for member in members[:3]]
    return "、".join(f"{one['serial']} {one['name']}" for one in said) + ("…" if len(members) > 3 else "")


def withheld(member: Node, fields: tuple[str, ...]) -> Address | None:
    """The place of a finding that withholds one of these fields of a row, or None."""
    return next((cause for field in fields if (cause := member.blocked(field)) is not None), None)


def unclear_status(status: str | None, law: Law) -> str | None:
    """In which way a political status leaves open what is meant, as the name of a wording; None where it is clear."""
    kinds = ("ambiguous", "compound")
    return next((kind for kind in kinds if status in law.value(f"political_status.{kind}")), None)


def academic_year(day: date, law: Law) -> int:
    """The year in which the academic year of a day began."""
    return day.year if day.month >= law.value("academic_year.first_month") else day.year - 1


def filing_day(dossier: Node, law: Law) -> date:
    """The day of filing; the day whose law is applied where none is given."""
    given = dossier.get("filing_date")
    return law.on if given is None else date.fromisoformat(given)


def is_postgraduate(member: Node) -> bool:
    """Whether a member is a postgraduate: by the row's own level, else by the kind of organisation."""
    level = member.get("level")
    if level is None:
        return bool(member.dossier.filing.get("organisation", "kind") == "研究生会")
    return level in POSTGRADUATE_LEVELS


def is_freshman(member: Node, law: Law) -> bool | None:
    """Whether a member entered in the academic year of filing (or later, which R15 reports); None without a grade."""
    grade = member.get("grade")
    return None if grade is None else bool(grade >= academic_year(filing_day(member.dossier.filing, law), law))


def must_have_rank(member: Node, law: Law) -> bool | None:
    """Whether the rank of a member counts: neither postgraduate nor freshman; None without a grade."""
    if is_postgraduate(member):
        return False
    freshman = is_freshman(member, law)
    return None if freshman is None else not freshman


@dataclass(frozen=True, slots=True)
class Rank:
    """What a written rank amounts to: ``value`` of ``of``, or neither where that cannot be told."""

    text: str
    kind: str
    value: int | None
    of: int | None

    @property
    def impossible(self) -> bool:
        """Whether no such rank exists."""
        return is_impossible(self.value, self.of)

    @property
    def comparable(self) -> bool:
        """Whether it says which part of the students stands before."""
        return self.value is not None and self.of is not None


def is_impossible(value: int | None, of: int | None) -> bool:
    """Whether there is no such rank: place 0, or a place beyond the last."""
    return value is not None and (value == 0 or (of is not None and value > of))


def rank_of(member: Node) -> Rank | None:
    """The rank of a member, a bare number read as ``dossier.json`` declares; None where none is given."""
    text = member.get("rank", "text")
    if text is None:
        return None
    kind, value, of = (member.get("rank", key) for key in ("kind", "value", "of"))
    if kind == "unknown" and member.dossier.filing.get("ranking", "kind") == "percent":
        return Rank(text, "percent", value, 100)
    return Rank(text, kind, value, of)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many there are for certain, and how many rows could not be counted."""

    certain: int
    unknown: int


def once(make: Callable[[Node, Law], T]) -> Callable[[Node, Law], T]:
    """``make``, worked out once for each place of a dossier: its law is one."""

    @wraps(make)
    def known(place: Node, law: Law) -> T:
        key = (make, place.address)
        if key not in place.dossier.known:
            place.dossier.known[key] = make(place, law)
        found: T = place.dossier.known[key]
        return found

    return known


@once
def presidium(staff: Node, law: Law) -> Tally:
    """How many members of the presidium a staff list names, and how many rows have no post."""
    certain = unknown = 0
    for rows in staff.alike("members", "role", "department"):
        member = rows[0]
        if in_presidium(member, law):
            certain += len(rows)
        elif member.blocked("role") or member.get("role") is None:
            unknown += len(rows)
    return Tally(certain, unknown)


def in_presidium(member: Node, law: Law) -> bool:
    """Whether a row is of the presidium: by its post, or because that stands where others have a department."""
    role = None if member.blocked("role") else member.get("role")
    unit = None if member.blocked("department") else member.get("department")
    return role in law.value("staff.presidium_posts") or unit in law.value("staff.presidium_names")


def department_of(member: Node, law: Law) -> str | None:
    """The department of a row; None for the presidium, which is none, and where it is not given or not to be read."""
    if member.blocked("department") or in_presidium(member, law):
        return None
    department: str | None = member.get("department")
    return department


@once
def departments(staff: Node, law: Law) -> tuple[tuple[str, ...], int]:
    """The departments that a staff list names, in order of appearance, and how many rows might name another."""
    names: dict[str, None] = {}
    unknown = 0
    for rows in staff.alike("members", "role", "department"):
        department = department_of(rows[0], law)
        if department is not None:
            names[department] = None
        elif not in_presidium(rows[0], law):
            unknown += len(rows)
    return tuple(names), unknown


def claimed(dossier: View, item: str) -> Address | None:
    """The place where the filing calls an item met; None where it does not, or has no item of that number."""
    filing = dossier.record("assessment_filing")
    if filing is None or filing.get("items", item, "conclusion") != "met":
        return None
    return filing.at("items", item, "conclusion")
