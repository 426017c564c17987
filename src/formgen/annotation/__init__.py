"""Hands a submitted workbook back: a copy with each finding on its cell, and a sheet that lists them all.

The copy is made by editing the package, so that pictures, charts, macros and whatever else a workbook may hold come
back as they were: a library that reads a workbook and writes it anew loses what it does not know.
"""

from collections.abc import Sequence

from formgen.annotation import list_sheet
from formgen.annotation.annotated import Annotated
from formgen.annotation.book import Book, Mark, quoted
from formgen.annotation.list_sheet import Contents
from formgen.annotation.remarks import Remark, place_in, remarks, worst
from formgen.annotation.sheet_part import Place, reference
from formgen.annotation.styles import COLOURS

__all__ = ["COMMENTED", "Annotated", "Contents", "Remark", "annotate", "remarks"]

COMMENTED = 5_000
"""Cells of a workbook that get a comment; with more of them Excel takes minutes to open it. All get their colour."""


def annotate(data: bytes, contents: Contents, lang: str = "zh") -> Annotated:
    """The workbook in ``data`` with remarks on its cells and a list of them all.

    Args:
        data: the workbook as it was submitted.
        contents: what the list says.
        lang: the language of comments and list.

    Raises:
        PackageError: the workbook is damaged, or written in a way in which it cannot be changed safely.
    """
    book = Book(data, contents.file)
    marks, commented = _marks(contents.remarks, lang)
    borne = book.mark(marks)
    title = book.title_of_list(list_sheet.TITLE.lang(lang))
    links = [_link(remark, borne) for remark in contents.remarks]
    listed = list_sheet.rendered(contents, book.styles, book.namespace, lang, links)
    cells = sum(len(set(borne.get(sheet, {}).values())) for sheet, of_sheet in marks.items() if of_sheet)
    whole = book.finished(title, listed)
    return Annotated(whole, commented, cells, len(list_sheet.chosen(contents.remarks)), title)


def _marks(remarks: Sequence[Remark], lang: str) -> tuple[dict[str, dict[Place, Mark]], int]:
    """For each sheet the marks of its cells, and how many of them have a comment."""
    by_cell: dict[tuple[str, Place], list[tuple[Remark, str]]] = {}
    for remark in remarks:
        if remark.weight in COLOURS and remark.place is not None:
            by_cell.setdefault(remark.place, []).append((remark, remark.comment(lang)))
    for remark in remarks:
        for other in remark.also if remark.weight in COLOURS else ():
            beside = place_in(other)
            if beside is not None and beside != remark.place:
                by_cell.setdefault(beside, []).append((remark, remark.reminder(other, lang)))
    marks: dict[str, dict[Place, Mark]] = {}
    for number, ((sheet, place), found) in enumerate(by_cell.items()):
        text = "\n".join(said for _, said in found) if number < COMMENTED else None
        marks.setdefault(sheet, {})[place] = Mark(worst([remark for remark, _ in found]), text)
    return marks, min(len(by_cell), COMMENTED)


def _link(remark: Remark, borne: dict[str, dict[Place, Place]]) -> str:
    """Where a remark's link leads: its cell, or the sheet that it is about."""
    if remark.place is not None:
        sheet, place = remark.place
        return f"{quoted(sheet)}!{reference(borne.get(sheet, {}).get(place, place))}"
    return f"{quoted(remark.origin.sheet)}!A1" if remark.origin.sheet is not None else ""
