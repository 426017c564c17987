"""The sheet 「问题清单」: everything that is said of a file, with links to the cells."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from formgen.annotation.remarks import Remark
from formgen.annotation.sheet_part import reference
from formgen.annotation.styles import COLOURS, Look, Styles, Weight
from formgen.findings import Text
from formgen.intake import grids
from formgen.intake.grids import Sheet
from formgen.reports import cell_text

TITLE = Text("问题清单", "Findings")
LISTED = 5_000
"""Remarks that are listed, the worst first if there are more; Excel takes 65,530 links in a sheet."""
_HEAD = Text("{file} 的问题清单：{counts}", "findings on {file}: {counts}")
_LAW = Text("按 {day} 的规定核对。", "Judged by the rules of {day}. ")
_HOW = Text(
    "点“位置”跳到那个单元格；改好后把这个文件发回即可，颜色、批注和本表不必删。",
    "The places are links. Correct the cells and send this file back; colours, comments and this sheet may stay.",
)
_CUT = Text("共 {count} 项，这里只列最要紧的 {listed} 项。", "{count} in all; here are the {listed} that weigh most.")
_WHOLE = Text("整个文件", "the whole file")
_COLUMNS = (
    (Text("级别", "weight"), 10),
    (Text("位置", "place"), 16),
    (Text("现在写的", "as written"), 20),
    (Text("问题", "finding"), 56),
    (Text("怎样改", "what to do"), 40),
    (Text("依据", "basis"), 44),
    (Text("规则", "rule"), 8),
)
_CHANGE = (Text("与上次相比", "since last time"), 12)
_FIRST = 4
"""The row of the headings."""
_TITLE_LOOK = Look(bold=True, size=14, wrapped=False)
_HEADING = Look(bold=True, colour="1F4E78", light=True, centred=True)
_UNWRAPPED = Look(wrapped=False)
_LINE, _HIGHEST = 15, 409
_WIDE = "\u2e80"


@dataclass(frozen=True, slots=True)
class Contents:
    """What the sheet says."""

    file: str
    day: str
    counts: str
    remarks: Sequence[Remark]
    changes: Sequence[str] | None = None
    """What became of each since the last time, if that is known."""
    notes: Sequence[str] = ()
    """What else there is to say, above the table."""


def is_ours(sheet: Sheet) -> bool:
    """Whether a sheet is a list of an earlier round, by its headings; whatever program has saved it since."""
    expected = [[title.lang(lang) for title, _ in _COLUMNS] for lang in ("zh", "en")]
    rows = (list(map(grids.text_of, sheet.row(number).cells)) for number in range(1, 2 * _FIRST))
    return any(row[: len(_COLUMNS)] in expected for row in rows)


def chosen(remarks: Sequence[Remark]) -> list[int]:
    """The numbers of the remarks that are listed, in their order."""
    weights = list(Weight)
    ranked = sorted(range(len(remarks)), key=lambda number: weights.index(remarks[number].weight))
    return sorted(ranked[:LISTED])


def rendered(contents: Contents, styles: Styles, namespace: str, lang: str, places: Sequence[str]) -> bytes:
    """The part of the sheet.

    Args:
        contents: what it says.
        styles: the styles of the workbook, to which those of the sheet are added.
        namespace: that of the workbook's sheets.
        lang: the language of headings.
        places: for each remark the link to its place, empty for none.
    """
    columns = [*_COLUMNS, *([_CHANGE] if contents.changes is not None else [])]
    numbers = chosen(contents.remarks)
    several = len({remark.origin.sheet for remark in contents.remarks if remark.place is not None}) > 1
    sheet = _Writer(styles, [width for _, width in columns])
    sheet.row([(_HEAD.lang(lang, {"file": contents.file, "counts": contents.counts}), _TITLE_LOOK)])
    sheet.row([(_LAW.lang(lang, {"day": contents.day}) + _HOW.lang(lang), _UNWRAPPED)])
    notes = list(contents.notes)
    if len(contents.remarks) > len(numbers):
        notes.append(_CUT.lang(lang, {"count": len(contents.remarks), "listed": len(numbers)}))
    sheet.row([(" ".join(notes), _UNWRAPPED)])
    sheet.row([(title.lang(lang), _HEADING) for title, _ in columns])
    for number in numbers:
        remark = contents.remarks[number]
        link = places[number]
        change = [(contents.changes[number], Look())] if contents.changes is not None else []
        cells = [*_cells(remark, several, bool(link), lang), *change]
        sheet.row(cells, link)
    return sheet.xml(namespace)


def _cells(remark: Remark, several: bool, linked: bool, lang: str) -> Iterator[tuple[str, Look]]:
    yield remark.label, Look(colour=COLOURS.get(remark.weight))
    yield _place(remark, several, lang), Look(link=linked)
    yield remark.origin.text or "", Look()
    yield "\n".join([remark.message, *remark.details(lang)]), Look()
    yield remark.hint, Look()
    yield remark.basis, Look()
    yield remark.finding.kind.id, Look()


def _place(remark: Remark, several: bool, lang: str) -> str:
    if remark.place is None:
        return remark.origin.sheet or _WHOLE.lang(lang)
    cell = reference(remark.place[1])
    return f"{remark.place[0]}!{cell}" if several else cell


class _Writer:
    """The XML of a sheet, row by row."""

    def __init__(self, styles: Styles, widths: Sequence[int]) -> None:
        self._styles = styles
        self._widths = widths
        self._rows: list[str] = []
        self._links: list[str] = []

    def row(self, cells: Sequence[tuple[str, Look]], link: str = "") -> None:
        """Adds a row; its second cell links to ``link``."""
        number = len(self._rows) + 1
        written = "".join(self._cell(reference((number, column)), *cell) for column, cell in enumerate(cells, 1))
        wrapped = [text if look.wrapped else "" for text, look in cells]
        height = max(_lines(text, width) for text, width in zip(wrapped, self._widths, strict=False)) * _LINE
        size = max([height, *(look.size * 2 for _, look in cells if look.size > 11)])
        self._rows.append(f'<row r="{number}" ht="{min(size, _HIGHEST)}" customHeight="1">{written}</row>')
        if link:
            place = reference((number, 2))
            self._links.append(
                f'<hyperlink ref="{place}" location={quoteattr(link)} display={quoteattr(cells[1][0])}/>'
            )

    def _cell(self, at: str, text: str, look: Look) -> str:
        text = cell_text.writable(text)
        if not text:
            return f'<c r="{at}" s="{self._styles.look(look)}"/>'
        look = look.as_text() if text.startswith(cell_text.FORMULA) else look
        safe = escape(cell_text.literal(text))
        style = self._styles.look(look)
        return f'<c r="{at}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{safe}</t></is></c>'

    def xml(self, namespace: str) -> bytes:
        """The whole part."""
        columns = "".join(
            f'<col min="{number}" max="{number}" width="{width}" customWidth="1"/>'
            for number, width in enumerate(self._widths, 1)
        )
        links = f"<hyperlinks>{''.join(self._links)}</hyperlinks>" if self._links else ""
        return (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
            f'<worksheet xmlns="{namespace}"><sheetPr><tabColor rgb="FFC00000"/><pageSetUpPr fitToPage="1"/></sheetPr>'
            f'<dimension ref="A1:{reference((len(self._rows), len(self._widths)))}"/>'
            f'<sheetViews><sheetView workbookViewId="0"><pane ySplit="{_FIRST}" topLeftCell="A{_FIRST + 1}"'
            ' activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/>'
            f"<cols>{columns}</cols><sheetData>{''.join(self._rows)}</sheetData>{links}"
            '<pageMargins left="0.4" right="0.4" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>'
            f'<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'
        ).encode()


def _lines(text: str, width: int) -> int:
    """The lines that a text takes in a column."""
    lengths = (len(line) + sum(char >= _WIDE for char in line) for line in text.split("\n"))
    return sum(1 + length // width for length in lengths)
