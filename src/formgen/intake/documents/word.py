"""Reads a Word document: text as a person sees it, boxes, tables, content controls; text boxes, headers and footers.

Source: ECMA-376 Part 1, 17.3–17.5 and 17.16.9 (form fields); MS-DOCX 2.6 (w14:checkbox).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from lxml import etree

from formgen import opc
from formgen.intake import limits
from formgen.intake.documents import drawings
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
    Put,
    Table,
    TooMuch,
)
from formgen.intake.documents.drawings import DRAWN, Image, Images
from formgen.intake.documents.hiding import hidden_styles, named, vanishes
from formgen.intake.documents.structured import (
    ON,
    W14,
    W,
    choice_of,
    holds_controls,
    is_ticked,
    shows_prompt,
    tag_of,
    without_repeats,
)
from formgen.intake.documents.symbols import is_symbol_font, shown
from formgen.record import Origin

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_THROUGH = frozenset(
    {f"{W}{name}" for name in ("ins", "moveTo", "smartTag", "customXml", "hyperlink", "fldSimple", "dir", "bdo")}
    | {f"{_MC}AlternateContent", f"{_MC}Choice", f"{W}sdtContent"}
)
"""What holds text without being any: what was deleted, and the second copy for old readers, are not among them."""
_SIGNS = {f"{W}tab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-", f"{W}ptab": "\t"}
_REVISED = tuple(f"{W}{name}" for name in ("ins", "del", "moveFrom", "moveTo", "cellDel", "cellIns"))
_MARGINS = (("header", "页眉"), ("footer", "页脚"))
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
    return None if body is None else _reader(file, package, main, by_libreoffice=by).document(body)


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
    reader = _reader(file, package, main)
    reader.document(body)
    return main, root, reader.elements


def _reader(file: str, package: opc.Package, main: str, *, by_libreoffice: bool = False) -> "_Reader":
    hidden = hidden_styles(package, main)
    return _Reader(Places(file), package, main, Images(package), hidden, by_libreoffice=by_libreoffice)


@dataclass
class _Reader:
    """Walks a document once. Its depth is bounded by the XML parser."""

    places: Places
    package: opc.Package
    part: str
    """The part that is being read."""
    images: Images
    hidden_styles: frozenset[str]
    blocks: list[Table | Paragraph] = field(default_factory=list)
    controls: list[Held] = field(default_factory=list)
    pictures: int = 0
    put: list[Put] = field(default_factory=list)
    hidden: list[Origin] = field(default_factory=list)
    by_libreoffice: bool = False
    elements: dict[Spot, etree._Element] = field(default_factory=dict)
    """Paragraphs and cells by the places of their origins; for those of a text box, what it is anchored in."""
    _boxed: list[Table | Paragraph] = field(default_factory=list)
    """What text boxes hold: it comes after everything else, for a box may lie anywhere on its page."""
    _anchor: etree._Element | None = None
    _is_hidden: bool = False
    """Whether the style of the current paragraph hides its text."""
    _in_body: bool = True
    _units: int = 0
    _text: list[str] = field(default_factory=list)
    _marked: list[str] = field(default_factory=list)
    _muted: bool = False
    _grids: list[Grid] = field(default_factory=list)

    def document(self, body: etree._Element) -> Document:
        """The document of a body."""
        self._story(body)
        blocks = (*self.blocks, *self._boxed)
        pictures, put = self.pictures, tuple(self.put)  # a letterhead is no photo
        self._in_body = False
        margins = tuple(self._margins())
        revised = next(body.iter(*_REVISED), None) is not None
        return Document(blocks, tuple(self.controls), pictures, margins, put, tuple(self.hidden), revised)

    def _margins(self) -> Iterator[Table | Paragraph]:
        """What stands in headers and footers, each part once."""
        parts = {kind: dict.fromkeys(self.package.related(self.part, kind)) for kind, _ in _MARGINS}
        for kind, name in _MARGINS:
            for number, part in enumerate(parts[kind], start=1):
                data = self.package.parts.get(part, b"")
                if not data:
                    continue
                if len(data) > 4 * limits.PAGE_BYTES:
                    raise TooMuch(part, 4 * limits.PAGE_BYTES)
                self.part, self.blocks, self._boxed, self._anchor = part, [], [], None
                with self.places.within(name if number == 1 else f"{name}{number}"):
                    self._story(opc.parse_xml(data))
                yield from (*self.blocks, *self._boxed)

    # --- paragraphs and tables ---

    def _story(self, holder: etree._Element) -> None:
        """The paragraphs and tables of a body."""
        for child in holder:
            if child.tag == f"{W}p":
                self._units += 1
                with self._apart() as (text, marked):
                    self._paragraph(child)
                self.places.spend("".join(text))
                origin = self.places.paragraph()
                self.blocks.append(Paragraph("".join(text), origin, "".join(marked)))
                self._note_element(origin, child)
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
        if holds_controls(sdt) or not all(isinstance(block, Paragraph) for block in new):
            return
        text = "" if self._shows_prompt(sdt) else "\n".join(block.text for block in new if isinstance(block, Paragraph))
        origin = new[0].origin if new and isinstance(new[0], Paragraph) else Origin(self.places.file)
        mark = text
        if tag_of(sdt):
            mark = f"{OPEN}{len(self.controls)}{CLOSE}"
            self._note(sdt, text, origin)
        self.blocks[first:] = [Paragraph(text, origin, mark)]

    def _table(self, table: etree._Element) -> None:
        grid = Grid(self.places, self.places.table())
        self._grids.append(grid)
        slot = len(self.blocks)
        for row in _flat(table, f"{W}tr"):
            if row.find(f"{W}trPr/{W}del") is not None:
                continue  # deleted, in a document whose changes are tracked
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
        gone = properties is not None and properties.find(f"{W}cellDel") is not None
        if gone or (merged is not None and merged.get(f"{W}val", "continue") == "continue"):
            grid.skip(span, continued=not gone)
            return
        before = len(self._boxed)
        with self._apart() as (text, marked):
            self._in_cell(cell)
        joined, mark = "".join(text).rstrip("\n"), "".join(marked).rstrip("\n")
        boxed = [block for block in self._boxed[before:] if isinstance(block, Paragraph)]
        if not joined.strip() and boxed and len(boxed) == len(self._boxed) - before:
            # A box in a cell with nothing else in it is how somebody filled in the cell.
            joined = "\n".join(block.text for block in boxed)
            mark = "\n".join(block.marked for block in boxed)
            del self._boxed[before:]
        for sdt in sdts:  # a control around the whole cell
            if not holds_controls(sdt):
                joined = "" if self._shows_prompt(sdt) else joined
                if tag_of(sdt):
                    mark = f"{OPEN}{len(self.controls)}{CLOSE}"
                    self._note(sdt, joined, grid.place())
        self._note_element(grid.place(), cell)
        grid.add(joined, span, 1, mark)

    def _in_cell(self, holder: etree._Element) -> None:
        for child in holder:
            if child.tag == f"{W}p":
                self._paragraph(child)
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

    def _paragraph(self, paragraph: etree._Element) -> None:
        kept, self._is_hidden = self._is_hidden, named(paragraph.find(f"{W}pPr"), "pStyle") in self.hidden_styles
        self._inline(paragraph)
        self._is_hidden = kept

    def _inline(self, holder: etree._Element) -> None:
        for child in without_repeats(holder):
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
        vanished = vanishes(properties)
        if vanished is None:
            vanished = self._is_hidden or named(properties, "rStyle") in self.hidden_styles
        if vanished:
            if any((text.text or "").strip() for text in run.iter(f"{W}t")):
                self.hidden.append(self._here())
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
            elif child.tag in DRAWN:
                self._drawn(child)

    # --- drawings ---

    def _drawn(self, drawn: etree._Element) -> None:
        """The pictures and the text boxes of a drawing."""
        for element in drawings.shown(drawn):
            self.pictures += 1
            image = self.images.image(self.part, element)
            if image is not None:
                self.put.append(Put(image, self._here(), in_cell=bool(self._grids) or self._anchor is not None))
        for box in drawings.boxes(drawn):
            self._box(box)

    def _box(self, box: etree._Element) -> None:
        """A text box: paragraphs and tables with places of their own."""
        kept = self.blocks, self._grids, self._anchor, self._is_hidden
        anchor = next(box.iterancestors(f"{W}tc", f"{W}p"), None) if self._anchor is None else self._anchor
        self.blocks, self._grids, self._anchor, self._is_hidden = [], [], anchor, False
        with self.places.in_a_box():
            self._story(box)
        found = self.blocks
        self.blocks, self._grids, self._anchor, self._is_hidden = kept
        self._boxed += found

    def _note_element(self, origin: Origin, element: etree._Element) -> None:
        """Notes where a comment on a place goes: into no header, and into no text box."""
        if self._in_body:
            self.elements[_spot(origin)] = element if self._anchor is None else self._anchor

    # --- controls ---

    @contextmanager
    def _control(self, sdt: etree._Element) -> Iterator[etree._Element | None]:
        """A control among text or around paragraphs of a cell; gives what of its content is still to be read."""
        content = sdt.find(f"{W}sdtContent")
        if content is None or holds_controls(sdt):
            yield content
            return
        tag, box, start, muted = tag_of(sdt), sdt.find(f"{W}sdtPr/{W14}checkbox"), len(self._text), self._muted
        if tag and not muted:
            self._marked.append(f"{OPEN}{len(self.controls)}{CLOSE}")
            self._muted = True
        if box is not None:  # its state, whatever sign it shows
            self._write(TICKED if is_ticked(box) else BARE)
        yield None if box is not None or self._shows_prompt(sdt) else content
        self._muted = muted
        if tag:
            self._note(sdt, "".join(self._text[start:]).rstrip("\n"), self._here())

    def _shows_prompt(self, sdt: etree._Element) -> bool:
        return shows_prompt(sdt, by_libreoffice=self.by_libreoffice)

    def _here(self) -> Origin:
        if self._grids:
            return self._grids[-1].place()
        return self.places.next_paragraph()

    def _note(self, sdt: etree._Element, text: str, origin: Origin) -> None:
        box = sdt.find(f"{W}sdtPr/{W14}checkbox")
        self.controls.append(
            Held(
                tag=tag_of(sdt),
                text="" if self._shows_prompt(sdt) or box is not None else text,
                unit=self._units,
                origin=origin,
                ticked=None if box is None else is_ticked(box),
                choice=choice_of(sdt, text),
                picture=self._picture(sdt),
                in_table=bool(self._grids),
            )
        )

    def _picture(self, sdt: etree._Element) -> Image | None:
        """The picture in a picture control; None while it shows the one that Word put there."""
        if sdt.find(f"{W}sdtPr/{W}picture") is None or self._shows_prompt(sdt):
            return None
        shown_there = next(drawings.shown(sdt), None)
        return None if shown_there is None else self.images.image(self.part, shown_there)


def _spot(origin: Origin) -> Spot:
    return origin.sheet, origin.cell


def _form_field(mark: etree._Element) -> str:
    """What a form field of Word 2003 shows that is no text of its own: a box, the choice of a list."""
    box = mark.find(f"{W}ffData/{W}checkBox")
    if box is not None:
        state = box.find(f"{W}checked")
        state = state if state is not None else box.find(f"{W}default")
        return TICKED if state is not None and state.get(f"{W}val") in ON else BARE
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
