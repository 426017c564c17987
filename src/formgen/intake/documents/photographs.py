"""Takes the picture of a form that has no control for it: the only one there is, or the one in its own cell."""

from collections.abc import Container, Iterator, Sequence

from formgen.forms import Schema
from formgen.intake.documents import kinds
from formgen.intake.documents.blocks import Document, Put
from formgen.intake.documents.comparing import label
from formgen.intake.documents.layout import titles
from formgen.intake.documents.taking import Taken, title_of


def take(document: Document, schema: Schema, placeholders: Container[str], taken: Taken) -> None:
    """Takes the picture of each field that is one and has none yet."""
    there = [put for put in document.put if put.image.digest not in placeholders]
    for key, field in schema.get("properties", {}).items():
        if field.get("x-typeset") != "picture" or taken.has((key,)) or not there:
            continue
        chosen = _chosen(document, there, titles(field))
        if len({put.image.digest for put in chosen}) == 1:
            taken.picture((key,), field, chosen[0].image, chosen[0].origin)
            taken.notes.add(kinds.PICTURE_TOLD, (key,), title=title_of(field, (key,)))
        else:
            taken.notes.add(kinds.PICTURES, (key,), chosen[0].origin, title=title_of(field, (key,)), count=len(chosen))


def _chosen(document: Document, there: Sequence[Put], names: Container[str]) -> Sequence[Put]:
    """The pictures that may be meant: those in the field's own cell, else those in cells, else all."""
    own = set(_own_cells(document, names))
    in_own = [put for put in there if (put.origin.sheet, put.origin.cell) in own]
    return in_own or [put for put in there if put.in_cell] or there


def _own_cells(document: Document, names: Container[str]) -> Iterator[tuple[str | None, str | None]]:
    """The cells that bear the name of a field, and those beside and below them."""
    for table in document.tables:
        for row, following in zip(table.rows, (*table.rows[1:], None), strict=True):
            for number, cell in enumerate(row.cells):
                if label(cell.text) not in names:
                    continue
                below = following.at(cell.column) if following is not None else None
                for own in (cell, *row.cells[number + 1 : number + 2], *([below] if below is not None else [])):
                    yield own.origin.sheet, own.origin.cell
