"""Reads the body of a Word document: text as a person sees it, boxes, tables, content controls.

Source: ECMA-376 Part 1, 17.3–17.5 and 17.16.9 (form fields); MS-DOCX 2.6 (w14:checkbox).
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from lxml import etree

from formgen import opc, prompts
from formgen.intake import limits
from formgen.intake.documents.blocks import (
    BARE,
    CLOSE,
    OPEN,
    TICKED,
    Document,
    Grid,
    Held,
    Paragraph,
    Places,
    Table,
    TooMuch,
)
from formgen.intake.documents.symbols import is_symbol_font, shown
from formgen.record import Origin

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_VML = "{urn:schemas-microsoft-com:vml}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_THROUGH = frozenset(
    {f"{W}{name}" for name in ("ins", "moveTo", "smartTag", "customXml", "hyperlink", "fldSimple", "dir", "bdo")}
    | {f"{_MC}AlternateContent", f"{_MC}Choice", f"{W}sdtContent"}
)
"""What holds text without being any: what was deleted, and the second copy for old readers, are not among them."""
_SIGNS = {f"{W}tab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-", f"{W}ptab": "\t"}
_OF_WORD = re.compile(r"(单击|点击|按一下|选择一项|Click|Choose|Enter )")
"""How Word's own prompts begin."""
_ON = (None, "1", "true", "on")
Spot = tuple[str | None, str | None]
"""What an origin says of a place in a document."""


def read(package: opc.Package, file: str) -> Document | None:
    """The text of a Word document, None if the package holds none; ``file`` is its name for people.

    Raises:
        PackageError: its main part is damaged.
        TooMuch: it is larger than any form.
    """
    main = next(iter(package.related("", "officeDocument")), "")
    if main not in package.parts:
        return None
    if len(package.parts[main]) > 4 * limits.PAGE_BYTES:
        raise TooMuch(main, 4 * limits.PAGE_BYTES)
    body = opc.parse_xml(package.parts[main]).find(f"{W}body")
    by = b"LibreOffice" in package.parts.get("docProps/app.xml", b"")[:4000]
    return None if body is None else _Reader(Places(file), package, main, by_libreoffice=by).document(body)


def located(package: opc.Package, file: str) -> tuple[str, etree._Element, Mapping[Spot, etree._Element]] | None:
    """The main part of a Word document, its root, and the element of each place that reading names.

    Raises:
        PackageError: its main part is damaged.
    """
    main = next(iter(package.related("", "officeDocument")), "")
    root = opc.parse_xml(package.parts[main]) if main in package.parts else None
    body = root.find(f"{W}body") if root is not None else None
    if root is None or body is None:
        return None
    reader = _Reader(Places(file), package, main)
    reader.document(body)
    return main, root, reader.elements


@dataclass
class _Reader:
    """Walks a document once. Its depth is bounded by the XML parser."""

    places: Places
    package: opc.Package
    main: str
    blocks: list[Table | Paragraph] = field(default_factory=list)
    controls: list[Held] = field(default_factory=list)
    pictures: int = 0
    by_libreoffice: bool = False
    elements: dict[Spot, etree._Element] = field(default_factory=dict)
    """Paragraphs and cells by the places of their origins."""
    _units: int = 0
    _text: list[str] = field(default_factory=list)
    _marked: list[str] = field(default_factory=list)
    _muted: bool = False
    _grids: list[Grid] = field(default_factory=list)

    def document(self, body: etree._Element) -> Document:
        """The document of a body."""
        self._story(body)
        return Document(tuple(self.blocks), tuple(self.controls), self.pictures)

    # --- paragraphs and tables ---

    def _story(self, holder: etree._Element) -> None:
        """The paragraphs and tables of a body."""
        for child in holder:
            if child.tag == f"{W}p":
                self._units += 1
                with self._apart() as (text, marked):
                    self._inline(child)
                self.places.spend("".join(text))
                origin = self.places.paragraph()
                self.blocks.append(Paragraph("".join(text), origin, "".join(marked)))
                self.elements[_spot(origin)] = child
            elif child.tag == f"{W}tbl":
                self._table(child)
            elif child.tag == f"{W}sdt":
                self._around_blocks(child)
            elif child.tag in _THROUGH:
                self._story(child)

    def _around_blocks(self, sdt: etree._Element) -> None:
        """A control around paragraphs outside of tables."""
        content = sdt.find(f"{W}sdtContent")
        if content is None:
            return
        first = len(self.blocks)
        self._story(content)
        new = self.blocks[first:]
        if _holds_controls(sdt) or not all(isinstance(block, Paragraph) for block in new):
            return
        text = "" if self._shows_prompt(sdt) else "\n".join(block.text for block in new if isinstance(block, Paragraph))
        origin = new[0].origin if new and isinstance(new[0], Paragraph) else Origin(self.places.file)
        mark = text
        if _tag(sdt):
            mark = f"{OPEN}{len(self.controls)}{CLOSE}"
            self._note(sdt, text, origin)
        self.blocks[first:] = [Paragraph(text, origin, mark)]

    def _table(self, table: etree._Element) -> None:
        grid = Grid(self.places, self.places.table())
        self._grids.append(grid)
        slot = len(self.blocks)
        for row in _flat(table, f"{W}tr"):
            self._units += 1
            grid.skip(_number(row.find(f"{W}trPr"), "gridBefore", 0))
            for cell, sdts in _cells(row):
                self._cell(grid, cell, sdts)
            grid.end_row()
        self._grids.pop()
        # Tables inside of it have been added meanwhile; they come after it.
        self.blocks.insert(slot, Table(tuple(grid.rows)))

    def _cell(self, grid: Grid, cell: etree._Element, sdts: list[etree._Element]) -> None:
        properties = cell.find(f"{W}tcPr")
        span = _number(properties, "gridSpan")
        merged = properties.find(f"{W}vMerge") if properties is not None else None
        if merged is not None and merged.get(f"{W}val", "continue") == "continue":
            grid.skip(span)
            return
        with self._apart() as (text, marked):
            self._in_cell(cell)
        joined, mark = "".join(text).rstrip("\n"), "".join(marked).rstrip("\n")
        for sdt in sdts:  # a control around the whole cell
            if not _holds_controls(sdt):
                joined = "" if self._shows_prompt(sdt) else joined
                if _tag(sdt):
                    mark = f"{OPEN}{len(self.controls)}{CLOSE}"
                    self._note(sdt, joined, grid.place())
        self.elements[_spot(grid.place())] = cell
        grid.add(joined, span, 1, mark)

    def _in_cell(self, holder: etree._Element) -> None:
        for child in holder:
            if child.tag == f"{W}p":
                self._inline(child)
                self._write("\n")
            elif child.tag == f"{W}tbl":
                self._table(child)
            elif child.tag == f"{W}sdt":
                with self._control(child) as content:
                    if content is not None:
                        self._in_cell(content)
            elif child.tag in _THROUGH:
                self._in_cell(child)

    # --- text ---

    @contextmanager
    def _apart(self) -> Iterator[tuple[list[str], list[str]]]:
        """Collects text apart from what is being collected already."""
        kept = self._text, self._marked, self._muted
        self._text, self._marked, self._muted = [], [], False
        try:
            yield self._text, self._marked
        finally:
            self._text, self._marked, self._muted = kept

    def _write(self, text: str) -> None:
        self._text.append(text)
        if not self._muted:
            self._marked.append(text)

    def _inline(self, holder: etree._Element) -> None:
        for child in _without_repeats(holder):
            if child.tag == f"{W}r":
                self._run(child)
            elif child.tag == f"{W}sdt":
                with self._control(child) as content:
                    if content is not None:
                        self._inline(content)
            elif child.tag in _THROUGH:
                self._inline(child)

    def _run(self, run: etree._Element) -> None:
        properties = run.find(f"{W}rPr")
        if properties is not None:
            hidden = properties.find(f"{W}vanish")
            if hidden is not None and hidden.get(f"{W}val") in _ON:
                return
        font = _font(properties)
        for child in run:
            if child.tag == f"{W}t":
                self._write(shown(child.text or "", font))
            elif child.tag == f"{W}sym":
                code = int(child.get(f"{W}char", "0"), 16) if _is_hex(child.get(f"{W}char", "")) else 0
                self._write(shown(chr(code), child.get(f"{W}font", "")) if 0 < code <= 0xFFFF else "")
            elif child.tag in _SIGNS:
                self._write(_SIGNS[str(child.tag)] if child.get(f"{W}type") in (None, "textWrapping") else "")
            elif child.tag == f"{W}fldChar":
                self._write(_form_field(child))
            elif child.tag in (f"{W}drawing", f"{W}pict", f"{W}object", f"{_MC}AlternateContent"):
                self.pictures += next(child.iter(f"{_A}blip", f"{_VML}imagedata"), None) is not None

    # --- controls ---

    @contextmanager
    def _control(self, sdt: etree._Element) -> Iterator[etree._Element | None]:
        """A control among text or around paragraphs of a cell; gives what of its content is still to be read."""
        content = sdt.find(f"{W}sdtContent")
        if content is None or _holds_controls(sdt):
            yield content
            return
        tag, box, start, muted = _tag(sdt), sdt.find(f"{W}sdtPr/{_W14}checkbox"), len(self._text), self._muted
        if tag and not muted:
            self._marked.append(f"{OPEN}{len(self.controls)}{CLOSE}")
            self._muted = True
        if box is not None:  # its state, whatever sign it shows
            self._write(TICKED if _is_ticked(box) else BARE)
        yield None if box is not None or self._shows_prompt(sdt) else content
        self._muted = muted
        if tag:
            self._note(sdt, "".join(self._text[start:]).rstrip("\n"), self._here())

    def _shows_prompt(self, sdt: etree._Element) -> bool:
        return _shows_prompt(sdt, by_libreoffice=self.by_libreoffice)

    def _here(self) -> Origin:
        if self._grids:
            return self._grids[-1].place()
        return Origin(self.places.file, "正文", f"第{self.places.paragraphs + 1}段")

    def _note(self, sdt: etree._Element, text: str, origin: Origin) -> None:
        box = sdt.find(f"{W}sdtPr/{_W14}checkbox")
        self.controls.append(
            Held(
                tag=_tag(sdt),
                text="" if self._shows_prompt(sdt) or box is not None else text,
                unit=self._units,
                origin=origin,
                ticked=None if box is None else _is_ticked(box),
                choice=_choice(sdt, text),
                picture=self._picture(sdt),
            )
        )

    def _picture(self, sdt: etree._Element) -> str | None:
        """The digest of the picture in a picture control; None while it shows the one that Word put there."""
        if sdt.find(f"{W}sdtPr/{W}picture") is None or self._shows_prompt(sdt):
            return None
        blip = next(sdt.iter(f"{_A}blip"), None)
        relationship = None
        if blip is not None:
            relationship = self.package.relationships(self.main).get(blip.get(f"{_R}embed", ""))
        data = self.package.parts.get(relationship.part or "") if relationship is not None else None
        return None if data is None else f"sha256:{hashlib.sha256(data).hexdigest()}"


def _spot(origin: Origin) -> Spot:
    return origin.sheet, origin.cell


def _tag(sdt: etree._Element) -> str:
    tag = sdt.find(f"{W}sdtPr/{W}tag")
    return "" if tag is None else tag.get(f"{W}val", "")


def _without_repeats(holder: etree._Element) -> Iterator[etree._Element]:
    """The children of a paragraph without what LibreOffice 7.4 makes of one control when it saves a document.

    It writes a control without tag for each change of script, all of one title: the text; parts of it, each followed by
    the text; the text once more. On the page its words then stand there four times and more.
    """
    run: list[etree._Element] = []
    for child in (*holder, None):
        if child is not None and run and _alias(child) == _alias(run[0]) != "":
            run.append(child)
            continue
        yield from run[:1] if _is_one(run) else run
        run = [] if child is None else [child]


def _is_one(run: Sequence[etree._Element]) -> bool:
    """Whether neighbouring controls of one title are the text of the first and its repetitions."""
    texts = [_plain(sdt) for sdt in run]
    if len(texts) < 2 or not all(text.endswith(texts[0]) for text in texts):
        return False
    parts = "".join(text.removesuffix(texts[0]) for text in texts[1:])
    return texts[0].endswith(parts) and (parts != "" or len(texts) > 2)


def _alias(element: etree._Element) -> str:
    """The title of a control that has no tag; empty for anything else."""
    alias = element.find(f"{W}sdtPr/{W}alias") if element.tag == f"{W}sdt" and not _tag(element) else None
    return "" if alias is None else alias.get(f"{W}val", "")


def _plain(element: etree._Element) -> str:
    return "".join(text.text or "" for text in element.iter(f"{W}t"))


def _holds_controls(sdt: etree._Element) -> bool:
    return any(inner is not sdt for inner in sdt.iter(f"{W}sdt"))


def _shows_prompt(sdt: etree._Element, *, by_libreoffice: bool) -> bool:
    """Whether a control shows what invites to write. LibreOffice 7.4 goes on saying so when somebody has written."""
    if next(sdt.iter(f"{W}drawing"), None) is None and prompts.is_prompt(_plain(sdt)):
        return True
    shows = sdt.find(f"{W}sdtPr/{W}showingPlcHdr")
    if shows is None or shows.get(f"{W}val") not in _ON:
        return False
    return not by_libreoffice or _OF_WORD.match(_plain(sdt)) is not None


def _is_ticked(box: etree._Element) -> bool:
    checked = box.find(f"{_W14}checked")
    return checked is not None and checked.get(f"{_W14}val") in _ON


def _choice(sdt: etree._Element, text: str) -> str | None:
    """The value behind the text that a drop-down list shows, the day (2020-11-08T…) behind that of a calendar."""
    day = sdt.find(f"{W}sdtPr/{W}date")
    if day is not None:
        return day.get(f"{W}fullDate")
    for item in sdt.iterfind(f"{W}sdtPr/*/{W}listItem"):
        if item.get(f"{W}displayText", item.get(f"{W}value", "")) == text:
            return item.get(f"{W}value")
    return None


def _form_field(mark: etree._Element) -> str:
    """What a form field of Word 2003 shows that is no text of its own: a box, the choice of a list."""
    box = mark.find(f"{W}ffData/{W}checkBox")
    if box is not None:
        state = box.find(f"{W}checked")
        state = state if state is not None else box.find(f"{W}default")
        return TICKED if state is not None and state.get(f"{W}val") in _ON else BARE
    choices = mark.find(f"{W}ffData/{W}ddList")
    if choices is None:
        return ""
    entries = [entry.get(f"{W}val", "") for entry in choices.iterfind(f"{W}listEntry")]
    number = _number(choices, "result", 0)
    return entries[number] if number < len(entries) else ""


def _font(properties: etree._Element | None) -> str:
    fonts = properties.find(f"{W}rFonts") if properties is not None else None
    if fonts is None:
        return ""
    named = (fonts.get(f"{W}{script}", "") for script in ("ascii", "hAnsi", "eastAsia", "cs"))
    return next((font for font in named if is_symbol_font(font)), "")


def _number(holder: etree._Element | None, name: str, default: int = 1) -> int:
    element = holder.find(f"{W}{name}") if holder is not None else None
    text = element.get(f"{W}val", "") if element is not None else ""
    return min(int(text), 1000) if text.isascii() and text.isdecimal() and len(text) < 10 else default


def _is_hex(text: str) -> bool:
    return 0 < len(text) <= 8 and all(character in "0123456789abcdefABCDEF" for character in text)


def _flat(holder: etree._Element, wanted: str) -> Iterator[etree._Element]:
    """The children of a kind, also inside of controls and the like."""
    for child in holder:
        if child.tag == wanted:
            yield child
        elif child.tag == f"{W}sdt" or child.tag in _THROUGH:
            yield from _flat(child, wanted)


def _cells(
    row: etree._Element, sdts: tuple[etree._Element, ...] = ()
) -> Iterator[tuple[etree._Element, list[etree._Element]]]:
    """The cells of a row, each with the controls around it."""
    for child in row:
        if child.tag == f"{W}tc":
            yield child, list(sdts)
        elif child.tag == f"{W}sdt":
            yield from _cells(child, (*sdts, child))
        elif child.tag in _THROUGH:
            yield from _cells(child, sdts)
