"""The styles of a workbook with ours appended, and ours of an earlier round turned back into what they were.

A marked cell has a copy of its own style with another fill. The fill tells that it is ours by its colour, and in its
second colour, which a solid fill does not show, what the cell was filled with before. Office programs number styles
anew when they save; the colours stay. So a corrected file that comes back can be judged again from its own looks.

Source: ECMA-376 Part 1, 18.8 (styles).
"""

from collections.abc import Hashable
from copy import deepcopy
from dataclasses import dataclass, replace
from enum import StrEnum

from lxml import etree

from formgen import opc
from formgen.annotation.sheet_part import parsed


class Weight(StrEnum):
    """How much what is said of a cell weighs, the worst first; each has a colour."""

    ERROR = "error"
    WARNING = "warning"
    UNVERIFIED = "unverified"
    INFO = "info"
    WAIVED = "waived"


COLOURS = {
    Weight.ERROR: "FAC6C2",
    Weight.WARNING: "FEE8A4",
    Weight.UNVERIFIED: "DCD4EA",
    Weight.INFO: "CCE4F6",
}
"""The fill of a cell. The next colour, which no eye can tell from it, says that the cell had a fill of its own."""
_PLAIN = set(COLOURS.values())
_OVER = {f"{int(colour, 16) + 1:06X}" for colour in COLOURS.values()}
_ORDER = ("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles")
_MINIMAL = (
    '<styleSheet xmlns="{}"><fonts count="1"><font><sz val="11"/><name val="宋体"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


@dataclass(frozen=True, slots=True)
class Look:
    """How a cell of our own sheet looks."""

    bold: bool = False
    link: bool = False
    colour: str | None = None
    light: bool = False
    """White letters."""
    wrapped: bool = True
    centred: bool = False
    size: int = 11
    date: bool = False
    protected_text: bool = False
    """A text that begins like a formula, and stays a text when somebody edits it."""

    def as_text(self) -> "Look":
        """The same look of a text that must not become a formula."""
        return replace(self, protected_text=True)


class Styles:
    """The style part of a workbook, which grows at its ends only."""

    def __init__(self, data: bytes | None, namespace: str) -> None:
        self._root = parsed(data if data is not None else _MINIMAL.format(namespace).encode(), "styleSheet", namespace)
        self._ns = f"{{{namespace}}}"
        self._fills, self._fonts, self._xfs = self._group("fills"), self._group("fonts"), self._group("cellXfs")
        if not len(self._xfs):
            self._xfs.append(self._element("xf", numFmtId="0", fontId="0", fillId="0", borderId="0", xfId="0"))
        self._marked: dict[tuple[int, Weight], int] = {}
        self._looks: dict[Look, int] = {}
        self._numbers: dict[etree._Element, dict[Hashable, int]] = {}
        self._take_off()

    def data(self) -> bytes:
        """The bytes of the part."""
        for group in (self._fills, self._fonts, self._xfs):
            group.set("count", str(len(group)))
        return opc.serialise(self._root)

    def marked(self, style: int, weight: Weight) -> int:
        """The style that is like ``style`` but for the fill of a weight."""
        known = self._marked.get((style, weight))
        if known is None:
            base = self._xfs[style] if style < len(self._xfs) else self._xfs[0]
            copy = deepcopy(base)
            copy.set("fillId", str(self._fill(COLOURS[weight], over=base.get("fillId", "0"))))
            copy.set("applyFill", "1")
            known = self._marked[style, weight] = self._appended(self._xfs, copy)
        return known

    def look(self, look: Look) -> int:
        """The style of a cell of our own sheet."""
        if look not in self._looks:
            number_format = "14" if look.date else "0"
            xf = self._element("xf", numFmtId=number_format, fontId=str(self._font(look)), borderId="0", xfId="0")
            xf.set("fillId", str(self._fill(look.colour) if look.colour is not None else 0))
            xf.attrib.update({"applyFont": "1", "applyFill": "1", "applyAlignment": "1"})
            if look.date:
                xf.set("applyNumberFormat", "1")
            if look.protected_text:
                xf.set("quotePrefix", "1")
            alignment = self._element("alignment", vertical="center" if look.centred else "top")
            if look.centred:
                alignment.set("horizontal", "center")
            if look.wrapped:
                alignment.set("wrapText", "1")
            xf.append(alignment)
            self._looks[look] = self._appended(self._xfs, xf)
        return self._looks[look]

    # --- elements --------------------------------------------------------------------------------------------------

    def _element(self, name: str, **attributes: str) -> etree._Element:
        return self._root.makeelement(f"{self._ns}{name}", attributes)

    def _group(self, name: str) -> etree._Element:
        found = self._root.find(f"{self._ns}{name}")
        if found is None:
            found = self._element(name)
            earlier = [f"{self._ns}{each}" for each in _ORDER[: _ORDER.index(name)]]
            self._root.insert(sum(1 for child in self._root if child.tag in earlier), found)
        return found

    def _appended(self, group: etree._Element, element: etree._Element) -> int:
        """The number of an element in its group, where it is put unless it is there."""
        if group not in self._numbers:
            self._numbers[group] = {}
            for number, other in enumerate(group):
                self._numbers[group].setdefault(_canonical(other), number)
        element.tail = None
        number = self._numbers[group].setdefault(_canonical(element), len(group))
        if number == len(group):
            group.append(element)
        return number

    def _font(self, look: Look) -> int:
        font = self._element("font")
        if look.bold:
            font.append(self._element("b"))
        if look.link:
            font.append(self._element("u"))
        font.append(self._element("sz", val=str(look.size)))
        colour = "FFFFFFFF" if look.light else "FF0563C1" if look.link else "FF000000"
        font.append(self._element("color", rgb=colour))
        font.append(self._element("name", val="宋体"))
        return self._appended(self._fonts, font)

    def _fill(self, colour: str, over: str = "0") -> int:
        """A solid fill; ``over`` is the fill that a marked cell had."""
        had = self._solid(over)
        shown = colour if had is None else f"{int(colour, 16) + 1:06X}"
        pattern = self._element("patternFill", patternType="solid")
        pattern.append(self._element("fgColor", rgb=f"FF{shown}"))
        pattern.append(self._element("bgColor", **({"indexed": "64"} if had is None else had)))
        fill = self._element("fill")
        fill.append(pattern)
        return self._appended(self._fills, fill)

    def _solid(self, number: str) -> dict[str, str] | None:
        """The colour that a fill shows, if it is a plain one."""
        fill = self._fills[int(number)] if number.isdecimal() and int(number) < len(self._fills) else None
        pattern = fill.find(f"{self._ns}patternFill") if fill is not None else None
        colour = pattern.find(f"{self._ns}fgColor") if pattern is not None else None
        if pattern is None or colour is None or pattern.get("patternType") != "solid":
            return None
        return _attributes(colour)

    def _take_off(self) -> None:
        """Gives the fills of an earlier round back what they covered, and with them every cell that has them."""
        for number, fill in enumerate(self._fills):
            shown = (self._solid(str(number)) or {}).get("rgb", "")[-6:].upper()
            pattern = fill.find(f"{self._ns}patternFill")
            if pattern is None or shown not in _PLAIN | _OVER:
                continue
            under = pattern.find(f"{self._ns}bgColor")
            had = _attributes(under) if under is not None and shown in _OVER else None
            for child in list(pattern):
                pattern.remove(child)
            pattern.set("patternType", "none" if had is None else "solid")
            if had is not None:
                pattern.append(self._element("fgColor", **had))
                pattern.append(self._element("bgColor", indexed="64"))


def _canonical(element: etree._Element) -> Hashable:
    """What elements share that say the same, however they are written."""
    return element.tag, tuple(sorted(_attributes(element).items())), tuple(map(_canonical, element))


def _attributes(element: etree._Element) -> dict[str, str]:
    return {str(name): str(value) for name, value in element.attrib.items()}
