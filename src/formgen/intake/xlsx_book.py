"""Reads XLSX and XLSM: each sheet in one pass over its XML, unpacked piece by piece and never held as a whole.

One pass of our own instead of a library's: python-calamine gives an error cell as an empty one, drops the formats that
tell 15% from 0.15, and lays out a sheet as the rectangle of its used cells, so that a workbook of two kilobytes with a
cell in the last corner ends the process. With a second pass for what it loses it is no faster (docs/benchmarks.md).

Source: ECMA-376 Part 1, section 18 (SpreadsheetML). Macros are never looked at.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from posixpath import join, normpath
from typing import Final, NamedTuple
from xml.parsers import expat

from formgen.intake import grids, limits, plain_rows, plain_strings
from formgen.intake.grids import Book, Budget, Damaged, Excess, Sheet
from formgen.intake.long_tables import LongRows, LongTexts, Told
from formgen.intake.xlsx_sheets import DATE, NUMBER, PERCENT, SheetReader
from formgen.intake.xml_parts import Attributes, Beginning, NotPlain, attribute, elements, parse, prefix_of
from formgen.opc import Archive, PackageError

PERCENT_FORMATS: Final = frozenset({9, 10})
DATE_FORMATS: Final = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
"""Formats that a file need not spell out; those from 27 on are the calendars of East Asia."""
_TRUE = ("1", "true")


def read(archive: Archive, weight: int = 0, told: Told | None = None) -> Book:
    """The workbook in a package of so many bytes; ``told`` says of a long table whether its rows become records.

    Raises:
        Damaged: it cannot be read.
        Excess: it holds too much.
        PackageError: the package is damaged.
    """
    return _Workbook(archive, Budget(weight), told).book()


class _Context(NamedTuple):
    """What the sheets of a workbook share."""

    strings: Sequence[str] | Mapping[int, str]
    styles: dict[str, int]
    since_1904: bool


@dataclass
class _Workbook:
    archive: Archive
    budget: Budget
    told: Told | None

    def book(self) -> Book:
        """The workbook with all its sheets."""
        main = self._main()
        related = self._related(main)
        types = dict(related.values())
        listed = self._elements(main, ("sheet", "workbookPr", "externalReference"))
        since_1904 = any(attribute(at, "date1904") in _TRUE for name, at in listed if name == "workbookPr")
        styles = self._styles(types.get("styles"))
        strings = self._strings(types.get("sharedStrings"))
        sheets: list[Sheet] = []
        seen: set[str] = set()
        for name, at in listed:
            kind, target = related.get(attribute(at, "id"), ("", "")) if name == "sheet" else ("", "")
            if kind == "worksheet":
                if len(sheets) >= limits.SHEETS:
                    raise Excess("工作表 / sheets", limits.SHEETS)
                if target not in self.archive or target in seen:
                    raise Damaged(f"{target}: missing, or two sheets in one")
                seen.add(target)
                hidden = attribute(at, "state") in ("hidden", "veryHidden")
                sheets.append(self._sheet(attribute(at, "name"), hidden, target, _Context(strings, styles, since_1904)))
        if not sheets:
            raise Damaged("no worksheet")
        return Book(sheets, links=any(name == "externalReference" for name, _ in listed))

    def _sheet(self, name: str, hidden: bool, part: str, context: "_Context") -> Sheet:
        """A sheet, read the short way where it is laid out for that."""
        spent = replace(self.budget)

        def reader() -> SheetReader:
            sheet = Sheet(name, {} if self.told is None else LongRows(self.told), hidden=hidden)
            return SheetReader(sheet, *context, self.budget)

        try:
            made = reader()
            plain_rows.read(self.archive.chunks(part), part, made)
        except (NotPlain, Damaged, PackageError):
            self.budget = spent
            made = reader()
            self._long_way(part, made)
        return made.done()

    def _long_way(self, part: str, reader: SheetReader) -> None:
        parse(self.archive.chunks(part), part, reader.begin)
        reader.close()

    def _main(self) -> str:
        for kind, target in self._related("").values():
            if kind == "officeDocument":
                return target
        raise Damaged("no workbook")

    def _related(self, part: str) -> dict[str, tuple[str, str]]:
        """Id of each relationship of a part -> the last word of its type, and the part that it leads to."""
        folder, _, name = part.rpartition("/")
        found = {}
        for _, at in self._elements(join(folder, "_rels", f"{name}.rels"), ("Relationship",)):
            if at.get("TargetMode") != "External":
                target = normpath(join("/", folder, at.get("Target", ""))).lstrip("/")
                found[at.get("Id", "")] = (at.get("Type", "").rpartition("/")[2], target)
        return found

    def _elements(self, part: str, wanted: tuple[str, ...]) -> Sequence[tuple[str, Attributes]]:
        if part not in self.archive:
            raise Damaged(f"{part}: missing")
        return elements(self.archive.chunks(part), part, self.budget, wanted)

    def _styles(self, part: str | None) -> dict[str, int]:
        """What a number of each cell format is: a percentage, a date, or neither, which is left out."""
        if part is None:
            return {}
        kinds: list[int] = []
        spelt: dict[str, int] = {}
        listening = False
        for name, at in self._elements(part, ("numFmt", "cellXfs", "xf", "cellStyles", "cellStyleXfs", "dxfs")):
            if name == "numFmt":
                code = attribute(at, "formatCode")
                is_date = DATE if grids.is_date(code) else NUMBER
                spelt[attribute(at, "numFmtId")] = PERCENT if grids.is_percent(code) else is_date
            elif name == "xf":
                if listening:
                    kinds.append(_kind(attribute(at, "numFmtId") or "0", spelt))
            else:
                listening = name == "cellXfs"
        return {str(number): kind for number, kind in enumerate(kinds) if kind != NUMBER}

    def _strings(self, part: str | None) -> Sequence[str] | Mapping[int, str]:
        """The texts that cells refer to by number, without the phonetic readings beside them."""
        if part is None:
            return []
        if part not in self.archive:
            raise Damaged(f"{part}: missing")
        spent = replace(self.budget)
        found = self._texts()
        try:
            begin = _text_collector(found, self.budget)
            plain_strings.read(self.archive.chunks(part), part, self.budget, found, begin)
        except (NotPlain, Damaged, PackageError):
            self.budget, found = spent, self._texts()
            parse(self.archive.chunks(part), part, _text_collector(found, self.budget))
        return found.settled() if isinstance(found, LongTexts) else found

    def _texts(self) -> list[str] | LongTexts:
        return [] if self.told is None else LongTexts(self.told)


def _kind(id_: str, spelt: dict[str, int]) -> int:
    if id_ in spelt:
        return spelt[id_]
    number = int(id_) if id_.isascii() and id_.isdecimal() and len(id_) <= len("16384") else 0
    if number in PERCENT_FORMATS:
        return PERCENT
    return DATE if number in DATE_FORMATS else NUMBER


def _text_collector(found: list[str] | LongTexts, budget: Budget) -> Beginning:
    """What sets the handlers that append the text of each ``si`` of the shared strings."""
    pieces: list[str] = []

    def begin(parser: expat.XMLParserType, root: str, _: Attributes) -> None:
        prefix = prefix_of(root)
        item, text, phonetic, beside = (f"{prefix}{local}" for local in ("si", "t", "rPh", "extLst"))
        aside = False
        depth = 0

        def start(name: str, _: Attributes) -> None:
            nonlocal aside, depth
            budget.element()
            depth += 1
            if name == text:
                parser.CharacterDataHandler = None if aside else pieces.append
            elif name == phonetic:
                aside = True
            elif name != beside and ((name == item) != (depth == 1) or name.rpartition(":")[2] == "t"):
                # With a text more or fewer, cells would get those of others.
                raise Damaged(f"{root}: <{name[:20]}>")

        def end(name: str) -> None:
            nonlocal aside, depth
            depth -= 1
            if name == text:
                parser.CharacterDataHandler = None
            elif name == item:
                whole = "".join(pieces)
                found.append("" if whole.isspace() else grids.unescaped(whole))
                pieces.clear()
            elif name == phonetic:
                aside = False

        parser.StartElementHandler, parser.EndElementHandler = start, end

    return begin
