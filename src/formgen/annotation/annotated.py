"""What annotating gives."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Annotated:
    """An annotated file, and what was put into it."""

    data: bytes
    commented: int
    """Cells or paragraphs with a comment."""
    coloured: int = 0
    """Cells with a colour; a document has none."""
    listed: int = 0
    """Remarks in the list of a workbook."""
    title: str = ""
    """The name of the sheet with the list; a document has none."""
