"""A workbook package with the parts that annotating changes; every other part stays as it is.

Only these are written anew: sheets that have a remark, their relationships, comments and boxes; the styles; the
workbook, its relationships and the content types; and our own sheet.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from itertools import count

from lxml import etree

from formgen import opc, own_files
from formgen.annotation import boxes, list_sheet, sheet_part
from formgen.annotation.comments import Comments
from formgen.annotation.sheet_part import RELATIONS, Place, SheetPart
from formgen.annotation.styles import COLOURS, Styles, Weight
from formgen.findings import Text
from formgen.intake import opening
from formgen.intake.reading import Notes

_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_VML = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_STYLES = "xl/styles.xml"
_OUR_SHEET = "_formgen_list"
"""A hidden name of the workbook that leads to our sheet, however often the file is saved and the sheet is renamed."""
_TARGET = re.compile(r"'?(?P<sheet>.+?)'?!\$?[A-Z]{1,3}\$?[0-9]{1,7}")
_NAMES_AFTER = ("sheets", "functionGroups", "externalReferences")


@dataclass(frozen=True, slots=True)
class Mark:
    """What is put on a cell: a colour, and a comment unless there are too many."""

    weight: Weight
    text: str | None


class Book:
    """A workbook that is being annotated."""

    def __init__(self, data: bytes, name: str) -> None:
        package = opc.read(data, name)
        self.parts = dict(package.parts)
        """The parts as they are by now."""
        self._main, self._root = _workbook(package, name)
        self.namespace = str(self._root.tag).rpartition("}")[0].lstrip("{")
        """The namespace of its sheets."""
        self._ns = f"{{{self.namespace}}}"
        styles = self._related(self._main, "styles")
        self._styles_related = styles is not None
        # Some programs look for it by this name, whatever the relationships say.
        self._styles_part = styles or self._actual(_STYLES) or _STYLES
        self.styles = Styles(self.parts.get(self._styles_part), self.namespace)
        self._taken = boxes.taken_blocks(self.parts)
        self._listed = self._our_sheet(data)

    # --- what is there ---------------------------------------------------------------------------------------------

    def _sheets(self) -> dict[str, str]:
        """The parts of the worksheets by their names."""
        relationships = opc.Package(self.parts).relationships(self._main)
        found = {}
        for sheet in self._root.iter(f"{self._ns}sheet"):
            related = relationships.get(sheet.get(f"{{{RELATIONS[self.namespace]}}}id", ""))
            if related is not None and related.type.endswith("/worksheet"):
                part = self._actual(related.part)
                if part is not None:
                    found[sheet.get("name", "")] = part
        return found

    def _actual(self, part: str | None) -> str | None:
        """The name of a part as the package spells it: upper and lower case do not count in references."""
        if part is None or part in self.parts:
            return part
        return next((name for name in self.parts if name.lower() == part.lower()), None)

    def _related(self, part: str, kind: str) -> str | None:
        found = (self._actual(each) for each in opc.Package(self.parts).related(part, kind))
        return next((each for each in found if each is not None), None)

    def _our_sheet(self, data: bytes) -> str | None:
        """The name of the sheet that an earlier round made, if it is still there.

        A hidden name of the workbook leads to it, or, where a program has dropped that, its own name. It must have our
        headings as well: nobody's data are replaced because a name leads to them.
        """
        wanted = [
            target["sheet"].replace("''", "'")
            for name in self._root.iter(f"{self._ns}definedName")
            if name.get("name") == _OUR_SHEET and (target := _TARGET.fullmatch((name.text or "").strip())) is not None
        ]
        beginnings = (list_sheet.TITLE.zh, list_sheet.TITLE.en)
        titles = [title for title in self._sheets() if title in wanted or title.startswith(beginnings)]
        read = opening.open_book(data, ".xlsx", Notes("", "", None)) if titles else None
        ours = {sheet.name for sheet in read.sheets if list_sheet.is_ours(sheet)} if read is not None else set()
        return next((title for title in titles if title in ours), None)

    # --- what is changed -------------------------------------------------------------------------------------------

    def mark(self, marks: Mapping[str, Mapping[Place, Mark]]) -> dict[str, dict[Place, Place]]:
        """Colours cells and comments them, after what an earlier round left there is taken off.

        Args:
            marks: for each sheet the marks of its cells.

        Returns:
            For each sheet the cells that were meant, and those that bear their marks: of merged ones the first.
        """
        borne: dict[str, dict[Place, Place]] = {}
        for title, part in self._sheets().items():
            wanted = marks.get(title, {})
            if title != self._listed and (wanted or self._has_old(part)):
                borne[title] = self._mark_sheet(part, wanted)
        return borne

    def _has_old(self, part: str) -> bool:
        commented = self._related(part, "comments")
        return commented is not None and bool(self._comments(commented).changed)

    def _comments(self, part: str | None) -> Comments:
        return Comments(self.parts[part] if part is not None else None, self.namespace)

    def _mark_sheet(self, part: str, wanted: Mapping[Place, Mark]) -> dict[Place, Place]:
        sheet = sheet_part.read(self.parts[part], part)
        borne = sheet_part.anchors(sheet, wanted)
        weights, texts = _gathered(wanted, borne)
        commented = self._related(part, "comments")
        comments = self._comments(commented)
        drawing = self._drawing(part, sheet) if texts or comments.changed else None
        styles = {at: partial(self.styles.marked, weight=weight) for at, weight in weights.items() if weight in COLOURS}
        self.parts[part] = sheet_part.restyled(sheet, styles)
        if drawing is not None:
            comments.add(texts)
            if commented is None:
                commented = self._free("xl/comments{}.xml")
                self._relate(part, "comments", commented)
                self._declare(commented, f"{_TYPE}.comments+xml")
            self.parts[commented] = comments.data()
            shown = boxes.Boxes(self.parts.get(drawing), sheet, drawing)
            shown.remove(comments.removed)
            shown.show(comments.lines(), self._taken)
            self.parts[drawing] = shown.data()
        return borne

    def _drawing(self, part: str, sheet: SheetPart) -> str:
        """The name of the part with the boxes, to which the sheet is made to lead."""
        if sheet.drawing is not None:
            attributes = sheet.drawing.attributes()
            id = next((value for name, value in attributes.items() if name.endswith(":id")), "")
            related = opc.Package(self.parts).relationships(part).get(id)
            actual = self._actual(related.part) if related is not None else None
            if actual is not None:
                return actual
        drawing = self._free("xl/drawings/vmlDrawing{}.vml")
        sheet_part.draw(sheet, self._relate(part, "vmlDrawing", drawing))
        self.parts = opc.with_content_types(self.parts, {}, {"vml": _VML})
        return drawing

    def _free(self, pattern: str) -> str:
        """A name that no part has."""
        taken = {name.lower() for name in self.parts}
        names = (pattern.format(number) for number in count(1))
        return next(name for name in names if name.lower() not in taken)

    def _relate(self, part: str, kind: str, target: str) -> str:
        """Relates a part to another one by an id that is free, and gives the id."""
        taken = opc.Package(self.parts).relationships(part)
        number = 1
        while f"rIdFormgen{number}" in taken:
            number += 1
        id = f"rIdFormgen{number}"
        kind = f"{RELATIONS[self.namespace]}/{kind}"
        self.parts = opc.with_relationship(self.parts, part, id, kind, f"/{target}")
        return id

    def _declare(self, part: str, content_type: str) -> None:
        self.parts = opc.with_content_types(self.parts, {part: content_type}, {})

    # --- our own sheet ---------------------------------------------------------------------------------------------

    def title_of_list(self, wanted: str) -> str:
        """The name of our sheet: that of an earlier round, else ``wanted``, with a number if it is somebody's."""
        if self._listed is not None:
            return self._listed
        taken = {str(sheet.get("name")).casefold() for sheet in self._root.iter(f"{self._ns}sheet")}
        number = 1
        title = wanted
        while title.casefold() in taken:
            number += 1
            title = f"{wanted}（{number}）"
        return title

    def finished(self, title: str, our_sheet: bytes) -> bytes:
        """The package with our sheet: in place of that of an earlier round, else behind the others."""
        part = self._sheets().get(title)
        if part is None:
            part = self._free("xl/worksheets/sheet{}.xml")
            self._add_sheet(title, self._relate(self._main, "worksheet", part))
            self._declare(part, f"{_TYPE}.worksheet+xml")
        if self._name_list(title):
            self.parts[self._main] = opc.serialise(self._root)
        if not self._styles_related:
            self._relate(self._main, "styles", self._styles_part)
            self._declare(self._styles_part, f"{_TYPE}.styles+xml")
        self.parts[self._styles_part] = self.styles.data()
        self.parts.pop(opc.rels_name(part), None)  # what a program gave our sheet when it saved: a printer's settings
        self.parts[part] = our_sheet
        return own_files.sealed(self.parts, part)

    def _add_sheet(self, title: str, id: str) -> None:
        ns = self._ns
        sheets = self._root.find(f"{ns}sheets")
        if sheets is None:
            raise opc.PackageError(Text("工作簿里没有工作表", "the workbook has no sheets"))
        taken = {each.get("sheetId") for each in sheets.iterfind(f"{ns}sheet")}
        number = next(str(number) for number in count(1) if str(number) not in taken)
        sheet = sheets.makeelement(f"{ns}sheet", {"name": title, "sheetId": number})
        sheet.set(f"{{{RELATIONS[self.namespace]}}}id", id)
        sheets.append(sheet)

    def _name_list(self, title: str) -> bool:
        """Gives our sheet its hidden name; whether the workbook had to be changed for it."""
        ns, wanted = self._ns, {f"{quoted(title)}!$A$1", f"{title}!$A$1"}
        names = self._root.find(f"{ns}definedNames")
        if names is None:
            names = self._root.makeelement(f"{ns}definedNames", {})
            before = [child for child in self._root if child.tag in {f"{ns}{each}" for each in _NAMES_AFTER}]
            self._root.insert(self._root.index(before[-1]) + 1, names)
        present = [each for each in names if each.get("name") == _OUR_SHEET]
        if [each.text in wanted for each in present] == [True]:
            return False
        for old in present:
            names.remove(old)
        name = names.makeelement(f"{ns}definedName", {"name": _OUR_SHEET, "hidden": "1"})
        name.text = f"{quoted(title)}!$A$1"
        names.append(name)
        return True


def _workbook(package: opc.Package, name: str) -> tuple[str, etree._Element]:
    """The main part of a workbook and its root element."""
    main = next((part for part in package.related("", "officeDocument") if part in package.parts), None)
    root = opc.parse_xml(package.parts[main]) if main is not None else None
    if main is None or root is None or root.tag not in {f"{{{namespace}}}workbook" for namespace in RELATIONS}:
        raise opc.PackageError(
            Text("这不是 Excel 工作簿", "this is no Excel workbook"),
            place=name,
            remedy=Text("请在 Excel 或 WPS 中另存为 .xlsx", "save it as .xlsx in Excel"),
        )
    return main, root


def _gathered(
    wanted: Mapping[Place, Mark], borne: Mapping[Place, Place]
) -> tuple[dict[Place, Weight], dict[Place, str]]:
    """The worst weight and all texts of each cell that bears marks."""
    order = list(Weight)
    weights: dict[Place, Weight] = {}
    texts: dict[Place, str] = {}
    for place, mark in wanted.items():
        at = borne[place]
        weights[at] = min(weights.get(at, mark.weight), mark.weight, key=order.index)
        if mark.text is not None:
            texts[at] = f"{texts[at]}\n{mark.text}" if at in texts else mark.text
    return weights, texts


def quoted(title: str) -> str:
    """The name of a sheet as references spell it."""
    return "'" + title.replace("'", "''") + "'"
