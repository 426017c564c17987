"""Reading what the school's documents say: statements by topic, how they are cited, how they are compared."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from formgen.findings import Address
from formgen.rules.common import claimed
from formgen.rules.subject import Law, Node, Unreadable

SINCE = date(2019, 10, 1)
DOCUMENTS = "charter:/documents"
CONCLUSION = "assessment_filing:/items/*/conclusion"
"""What :func:`ticked` reads."""
_SEPARATOR = "；"


def reads(*topics: str) -> tuple[str, ...]:
    """The places that a rule on these topics may read."""
    return (*(f"charter:/statements/{topic}" for topic in topics), DOCUMENTS)


def place(charter: Node, topic: str) -> Address:
    """The address of a topic."""
    return charter.at("statements", topic)


def stated(charter: Node | None, topic: str) -> tuple[Node, ...]:
    """What the documents say on a topic, in the order in which they were recorded; nothing without a charter."""
    if charter is None:
        return ()
    known = charter.dossier.known
    key = (stated, charter.address, topic)
    if key not in known:  # some forty rules ask, a topic each
        known[key] = tuple(filled(charter.each("statements", topic)))
    found: tuple[Node, ...] = known[key]
    return found


def filled(entries: Iterable[Node]) -> Iterator[Node]:
    """Those entries of a list that are not blank."""
    return (entry for entry in entries if not entry.is_blank())


def cite(*statements: Node) -> str:
    """Document, clause and wording of statements, as a sentence quotes them; what repeats is said once."""
    if not statements:
        return ""
    known, key = statements[0].dossier.known, (cite, *places(statements))
    if key not in known:  # a rule on candidates quotes the same for each of them
        known[key] = _cited(statements)
    quoted: str = known[key]
    return quoted


def _cited(statements: Iterable[Node]) -> str:
    said: dict[tuple[str, str], None] = {}
    for statement in statements:
        said.setdefault((_title(statement), f"{statement.get('clause')}“{statement.get('quote')}”"))
    parts, last = [], ""
    for title, clause in said:
        parts.append(clause if title == last else f"《{title}》{clause}")
        last = title
    return _SEPARATOR.join(parts)


def _title(statement: Node) -> str:
    key = statement.get("document")
    return str(next((document.get("title") for document in _documents(statement) if document.get("key") == key), key))


def document_kind(statement: Node) -> str | None:
    """What kind of document a statement stands in; None where the document is not listed."""
    key = statement.get("document")
    return next((document.get("kind") for document in _documents(statement) if document.get("key") == key), None)


def _documents(statement: Node) -> Iterator[Node]:
    charter = statement.dossier.record("charter")
    return iter(()) if charter is None else filled(charter.each("documents"))


def places(statements: Iterable[Node]) -> tuple[Address, ...]:
    """The addresses of statements."""
    return tuple(statement.address for statement in statements)


def listed(statement: Node, field: str) -> tuple[str, ...]:
    """The entries of a list in a statement."""
    return tuple(entry.get() for entry in filled(statement.each(field)))


def named_bodies(codes: Iterable[str], law: Law) -> str:
    """What bodies and duties are called, for a sentence."""
    names = law.value("charter.names")
    return "、".join(names[code] for code in codes)


def value(statement: Node, field: str) -> Any:
    """What a field of a statement says, a list without regard to its order."""
    if statement.is_blank(field):
        return None
    return tuple(sorted(listed(statement, field))) if statement.size(field) else statement.get(field)


def ticked(charter: Node, item: str) -> tuple[Address, ...]:
    """The row of the assessment filing where it is concluded that this is as demanded: the other place of a conflict.

    A row that cannot be read is no other place; it has a finding of its own.
    """
    try:
        place_of_claim = claimed(charter.dossier, item)
    except Unreadable:
        return ()
    return () if place_of_claim is None else (place_of_claim,)
