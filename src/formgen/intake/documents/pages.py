"""Reads a web page, as schools publish their filings, and Markdown with tables in it. Nothing is fetched.

A page is bounded before it is parsed; the parser itself stops at 256 levels.
"""

import html as html_text
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from lxml import etree, html

from formgen.intake import limits
from formgen.intake.documents.blocks import BARE, TICKED, Document, Grid, Paragraph, Places, Table, TooMuch
from formgen.intake.documents.symbols import is_symbol_font, shown
from formgen.record import Origin

_CHARSET = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{1,40})", re.IGNORECASE)
_DATA = re.compile(rb"data:[a-zA-Z0-9/+.;=-]{0,100},[A-Za-z0-9+/=%\s]+")
"""A picture within the page itself: a large one makes no page too large."""
_HEAD_BYTES = 4096
_CHINESE: Final = {"gb2312", "gbk", "gb18030", "x-gbk", "hz-gb-2312"}
_SILENT: Final = frozenset({"script", "style", "head", "template", "noscript", "select", "textarea", "iframe", "svg"})
_BLOCKS: Final = frozenset(
    {"p", "div", "li", "ul", "ol", "dl", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "form"}
    | {"header", "footer", "main", "blockquote", "pre", "center", "hr", "tr", "caption", "fieldset", "body", "html"}
)
_FONT = re.compile(r"font(?:-family)?\s*:([^;]*)", re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_TASK = re.compile(r"<input\b[^<>]{0,300}>|(?<![\w\]])\[(?P<mark>[ xX])\](?!\()")
_CHECKED = re.compile(r"\schecked\b", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,300}>")
_IMAGE = re.compile(r"!\[[^\[\]]{0,300}\]\(|<img\b")
_SPACES = re.compile(r"[ \t\r\n\f]+")
_WIDEST = 1000
"""Columns or rows that one cell may span; HTML itself allows as many columns."""


def decode(data: bytes) -> str:
    """The text of a page in the encoding that it names; else UTF-8, else GB18030, which old Chinese pages are in."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    named = _CHARSET.search(data[:_HEAD_BYTES])
    name = named[1].decode("ascii").casefold() if named is not None else ""
    first = "gb18030" if name in _CHINESE else "big5" if name == "big5" else "utf-8"
    for encoding in (first, "utf-8", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode(first, "replace")


def read(data: bytes, file: str) -> Document:
    """The text and the tables of a page; an empty document for what is no page at all.

    Raises:
        TooMuch: it is larger, or deeper, than any form.
    """
    data = _DATA.sub(b"data:", data)
    if len(data) > limits.PAGE_BYTES:
        raise TooMuch("网页 / the page", limits.PAGE_BYTES)
    text = decode(data).replace("\0", "")
    parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        # surrogatepass would let half characters in: what UTF-16 broke stays a question mark.
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError:  # nothing in it but white space
        return Document(())
    if any("depth" in entry.message for entry in parser.error_log):  # what lies deeper is not there any more
        raise TooMuch("标签的层数 / levels of tags", limits.DOCUMENT_DEPTH)
    return _Reader(Places(file)).document(root)


@dataclass
class _Reader:
    places: Places
    blocks: list[Table | Paragraph] = field(default_factory=list)
    pictures: int = 0
    _line: list[str] = field(default_factory=list)
    _grids: list[Grid] = field(default_factory=list)

    def document(self, root: etree._Element) -> Document:
        self._take(root, "")
        self._end_line()
        return Document(tuple(self.blocks), (), self.pictures)

    def _end_line(self) -> None:
        """What has been collected is a paragraph; in a cell, a line of it."""
        if self._grids:
            self._line.append("\n")
            return
        text, self._line = _plain(self._line), []
        if text:
            self.places.spend(text)
            self.blocks.append(Paragraph(text, self.places.paragraph()))

    def _take(self, element: etree._Element, font: str) -> None:
        """An element and what is in it. Comments and the like are gone already."""
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag in _SILENT or _HIDDEN.search(element.get("style", "")):
            return
        font = _font(element, font)
        if tag == "table":
            self._end_line()
            self._table(element, font)
            return
        if tag in _BLOCKS:
            self._end_line()
        if tag == "br":
            self._line.append("\n") if self._grids else self._end_line()
        elif tag == "input" and element.get("type", "").casefold() in ("checkbox", "radio"):
            self._line.append(BARE if element.get("checked") is None else TICKED)
        elif tag == "input" and element.get("type", "text").casefold() == "text":
            self._line.append(element.get("value", ""))
        elif tag == "img":
            self.pictures += 1
        self._inside(element, font)
        if tag in _BLOCKS:
            self._end_line()

    def _inside(self, element: etree._Element, font: str) -> None:
        self._line.append(shown(element.text or "", font))
        for child in element:
            self._take(child, font)
            self._line.append(shown(child.tail or "", font))

    def _table(self, table: etree._Element, font: str) -> None:
        grid = Grid(self.places, self.places.table())
        kept, self._line = self._line, []
        self._grids.append(grid)
        slot = len(self.blocks)
        for row in _below(table, ("tr",)):
            for cell in _below(row, ("td", "th")):
                self._line = []
                self._inside(cell, _font(cell, font))
                grid.add(_plain(self._line), _span(cell, "colspan"), _span(cell, "rowspan"))
            grid.end_row()
        self._grids.pop()
        self._line = kept
        self.blocks.insert(slot, Table(tuple(grid.rows)))


def read_markdown(data: bytes, file: str) -> Document:
    """The lines of a Markdown or text file; each is a paragraph, whose place is its line."""
    text = decode(data).replace("\0", "")
    blocks, places = [], Places(file)
    for number, line in enumerate(text.splitlines(), start=1):
        plain = _TAG.sub("", _TASK.sub(_box, line)).strip("\n")
        if plain.strip():
            places.spend(plain)
            blocks.append(Paragraph(html_text.unescape(plain), Origin(file, line=number)))
    return Document(tuple(blocks), (), len(_IMAGE.findall(text)))


def _box(match: re.Match[str]) -> str:
    ticked = match["mark"].strip() if match["mark"] is not None else _CHECKED.search(match[0])
    return TICKED if ticked else BARE


def _below(element: etree._Element, wanted: tuple[str, ...]) -> Iterator[etree._Element]:
    """The nearest elements of a kind below one, in no table further in."""
    for child in element:
        if child.tag in wanted:
            yield child
        elif child.tag not in ("table", "td", "th"):
            yield from _below(child, wanted)


def _font(element: etree._Element, inherited: str) -> str:
    """The font of an element, as far as it is one of symbols."""
    match = _FONT.search(element.get("style", ""))
    named = match[1] if match is not None else element.get("face", "")
    if not named:
        return inherited
    return next((font for font in named.split(",") if is_symbol_font(font)), "")


def _span(cell: etree._Element, attribute: str) -> int:
    text = cell.get(attribute, "").strip()
    return max(1, min(int(text), _WIDEST)) if text.isascii() and text.isdecimal() and len(text) < 10 else 1


def _plain(pieces: list[str]) -> str:
    """The text of pieces; white space of the source is one space, a line is what ``<br>`` and blocks make."""
    lines = (_SPACES.sub(" ", line).strip() for line in _lines(pieces))
    return "\n".join(line for line in lines if line)


def _lines(pieces: list[str]) -> list[str]:
    # A line feed alone in a piece is ours; one within a text of the page is white space.
    joined = "".join("\v" if piece == "\n" else piece for piece in pieces)
    return joined.split("\v")
