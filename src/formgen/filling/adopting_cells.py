"""Makes a template of a workbook in whose cells somebody has typed the names of fields: they become defined names.

Source: ECMA-376 Part 1, 18.2.5 (defined names), 18.3.1.4 (cells), 18.4 (shared strings).
"""

import re
from collections import Counter
from collections.abc import Iterator

from lxml import etree

from formgen import opc
from formgen.filling.controls import Problem
from formgen.filling.outline import excel_name
from formgen.filling.xlsx import S
from formgen.findings import Text
from formgen.tags import Role, parse_name, parse_tag

_TYPED = re.compile(r"[{｛]{2}\s*([^{}｛｝]{1,300}?)\s*[}｝]{2}")
_RELATED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_NAME = re.compile(r"[A-Za-z_\u00b7-\uffff][\w.]{0,250}")
_BEFORE = ("fileVersion", "fileSharing", "workbookPr", "workbookProtection", "bookViews", "sheets", "functionGroups")
_BEFORE_NAMES = (*_BEFORE, "externalReferences")
"""What stands before the defined names in a workbook, in the order of the standard."""


class Cells:
    """Adopts a workbook."""

    def __init__(self, package: opc.Package, main: str) -> None:
        self._package = package
        self._main = main
        self.tags: list[str] = []
        self.problems: list[Problem] = []

    def parts(self) -> dict[str, bytes]:
        """The parts of the workbook with names in place of what was typed.

        Raises:
            PackageError: there is no workbook in the package.
        """
        if self._main not in self._package.parts:
            raise opc.PackageError(Text("这不是工作簿", "this is no workbook"))
        parts = dict(self._package.parts)
        workbook = opc.parse_xml(parts[self._main])
        names = [(element.get("name", ""), element.get("localSheetId")) for element in workbook.iter(f"{S}definedName")]
        used = Counter(name.lower() for name, _ in names)
        shared = self._shared()
        made: list[etree._Element] = []
        relationships = self._package.relationships(self._main)
        for number, sheet in enumerate(workbook.iter(f"{S}sheet")):
            related = relationships.get(sheet.get(f"{_RELATED}id", ""))
            if related is None or related.part not in parts or related.part is None:
                continue
            root = opc.parse_xml(parts[related.part])
            title = sheet.get("name", "")
            found = list(self._named(root, title, shared))
            for tag, place in found:
                name = excel_name(tag)
                # One name is one place; on another sheet it is a name of that sheet only.
                local = used[name.lower()] > 0
                used[name.lower()] += 1
                made.append(_defined(name, title, place, number if local else None))
                self.tags.append(tag)
            if found:
                parts[related.part] = opc.serialise(root)
        if made:
            _add(workbook, made)
            parts[self._main] = opc.serialise(workbook)
        return parts

    def _shared(self) -> list[str]:
        name = next(iter(self._package.related(self._main, "sharedStrings")), "")
        if name not in self._package.parts:
            return []
        root = opc.parse_xml(self._package.parts[name])
        return ["".join(text.text or "" for text in item.iter(f"{S}t")) for item in root.iter(f"{S}si")]

    def _named(self, root: etree._Element, sheet: str, shared: list[str]) -> Iterator[tuple[str, str]]:
        """The tags of a sheet with the cells that they were typed in, which are empty then."""
        seen: set[str] = set()
        for cell in root.iter(f"{S}c"):
            text, place = _text(cell, shared), cell.get("r", "")
            typed = _TYPED.findall(text)
            if not typed:
                continue
            problem = self._problem(typed, text, seen)
            if problem is not None:
                self.problems.append(Problem(f"{sheet}!{place}", typed[0], problem))
                continue
            seen.add(excel_name(typed[0]).lower())
            for child in list(cell):
                cell.remove(child)
            cell.attrib.pop("t", "")
            yield typed[0], place

    def _problem(self, typed: list[str], text: str, seen: set[str]) -> Text | None:
        """Why what is typed in a cell cannot become a name."""
        control = parse_tag(typed[0])
        if control is None:
            return Text("标记不是字段路径", "the tag is no path to a field")
        if len(typed) > 1 or _TYPED.fullmatch(text.strip()) is None:
            return Text(
                "一格里只能有一个 {{…}}，前后不能有别的字：工作簿的格子整格都是值",
                "a cell holds one {{…}} and nothing else: in a workbook the whole cell is the value",
            )
        name = excel_name(typed[0])
        if control.role is Role.ABSENT or _NAME.fullmatch(name) is None or parse_name(name) is None:
            return Text("工作簿里不能这样写", "this cannot be a name in a workbook")
        if name.lower() in seen:
            return Text(
                "这个字段在本工作表上已经用过：一个名称只能指一格", "this sheet has it already: a name is one cell"
            )
        return None


def _text(cell: etree._Element, shared: list[str]) -> str:
    if cell.get("t") == "s":
        index = cell.findtext(f"{S}v") or ""
        return shared[int(index)] if index.isdecimal() and len(index) < 10 and int(index) < len(shared) else ""
    if cell.get("t") == "inlineStr":
        return "".join(text.text or "" for text in cell.iter(f"{S}t"))
    return cell.findtext(f"{S}v") or "" if cell.get("t") == "str" and cell.find(f"{S}f") is None else ""


def _defined(name: str, sheet: str, place: str, local: int | None) -> etree._Element:
    element = etree.Element(f"{S}definedName")
    element.set("name", name)
    if local is not None:
        element.set("localSheetId", str(local))
    letters, digits = re.fullmatch(r"([A-Z]+)([0-9]+)", place).groups() if place else ("A", "1")  # type: ignore[union-attr]
    quoted = sheet.replace("'", "''")
    element.text = f"'{quoted}'!${letters}${digits}"
    return element


def _add(workbook: etree._Element, made: list[etree._Element]) -> None:
    """Puts names among those of the workbook, in the order that Excel keeps them in."""
    holder = workbook.find(f"{S}definedNames")
    if holder is None:
        holder = etree.Element(f"{S}definedNames")
        before = [child for child in workbook if child.tag in {f"{S}{name}" for name in _BEFORE_NAMES}]
        before[-1].addnext(holder)
    names = sorted([*holder, *made], key=lambda element: element.get("name", "").lower())
    holder[:] = names
