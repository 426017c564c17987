"""The styles of a Word document that hide their text.

Source: ECMA-376 Part 1, 17.3.2.41 (vanish), 17.7.4 (styles).
"""

from lxml import etree

from formgen import opc
from formgen.intake import limits
from formgen.intake.documents.structured import ON, W

_LEVELS = 20
"""Styles that are based on one another, the longest chain that is followed."""


def vanishes(properties: etree._Element | None) -> bool | None:
    """Whether the properties of a run hide it; None where they do not say."""
    mark = None if properties is None else properties.find(f"{W}vanish")
    return None if mark is None else mark.get(f"{W}val") in ON


def named(properties: etree._Element | None, kind: str) -> str:
    """The style that properties name (``pStyle``, ``rStyle``), empty where they name none."""
    style = None if properties is None else properties.find(f"{W}{kind}")
    return "" if style is None else style.get(f"{W}val", "")


def hidden_styles(package: opc.Package, main: str) -> frozenset[str]:
    """The ids of the styles whose text is hidden.

    Raises:
        PackageError: the part of the styles is damaged.
    """
    part = next((name for name in package.related(main, "styles") if name in package.parts), None)
    data = b"" if part is None else package.parts[part]
    if b"vanish" not in data or len(data) > limits.PAGE_BYTES:
        return frozenset()
    own: dict[str, bool | None] = {}
    bases: dict[str, str] = {}
    for style in opc.parse_xml(data).iterfind(f"{W}style"):
        id = style.get(f"{W}styleId", "")
        own[id] = vanishes(style.find(f"{W}rPr"))
        bases[id] = named(style, "basedOn")
    return frozenset(id for id in own if _is_hidden(id, own, bases))


def _is_hidden(id: str, own: dict[str, bool | None], bases: dict[str, str]) -> bool:
    for _ in range(_LEVELS):
        says = own.get(id)
        if says is not None:
            return says
        id = bases.get(id, "")
    return False
