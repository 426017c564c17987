"""Reads XML piece by piece: nothing is built from it but what is asked for, and no entity is expanded."""

from collections.abc import Callable, Iterable
from typing import Final, NoReturn
from xml.parsers import expat

from formgen.intake.grids import Budget, Damaged
from formgen.opc import doctype_refused

_LONGEST_TAG: Final = 4_000_000
"""Bytes of one tag with its attributes, which are held in memory together."""
Attributes = dict[str, str]
Beginning = Callable[[expat.XMLParserType, str, Attributes], None]


def parse(
    chunks: Iterable[bytes],
    part: str,
    begin: Beginning,
) -> None:
    """Parses a part; ``begin`` is called with its first element and sets the handlers for all that follow.

    Raises:
        Damaged: it is no XML.
        PackageError: it has a DOCTYPE, or the package is damaged.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype

    def first(name: str, attributes: Attributes) -> None:
        begin(parser, name, attributes)

    parser.StartElementHandler = first
    given = 0
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
            given += len(chunk)
            if given - parser.CurrentByteIndex > _LONGEST_TAG:
                raise Damaged(f"{part}: a tag without end")
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError) as error:  # the latter two: an unknown encoding, a text no. 99
        raise Damaged(f"{part}: {error}") from error


def elements(chunks: Iterable[bytes], part: str, budget: Budget, wanted: Iterable[str]) -> list[tuple[str, Attributes]]:
    """The elements of these local names with their attributes, in order."""
    names = frozenset(wanted)
    found: list[tuple[str, Attributes]] = []

    def take(name: str, attributes: Attributes) -> None:
        budget.element()
        local = name.rpartition(":")[2]
        if local in names:
            found.append((local, attributes))

    def begin(parser: expat.XMLParserType, name: str, attributes: Attributes) -> None:
        parser.StartElementHandler = take
        take(name, attributes)

    parse(chunks, part, begin)
    return found


def attribute(attributes: Attributes, local: str) -> str:
    """The attribute of a local name, whatever its prefix; empty if there is none."""
    if local in attributes:
        return attributes[local]
    return next((value for name, value in attributes.items() if name.endswith(f":{local}")), "")


def prefix_of(name: str) -> str:
    """What stands before the local name of an element: ``x:`` or nothing."""
    return name[: len(name) - len(name.rpartition(":")[2])]


def _refuse_doctype(*_: object) -> NoReturn:
    raise doctype_refused()
