"""Opens a filled document with python-docx or openpyxl.

python verify.py FILE candidate|staff NUMBER|ROWS [PHOTO]
"""

import sys
import zipfile
from pathlib import Path

import forms


def word(path: Path) -> str:
    """All text of a document in its order."""
    import docx

    body = docx.Document(str(path)).element.body
    return "".join(element.text or "" for element in body.iter() if element.tag.endswith("}t"))


def missing(path: Path, kind: str, number: int) -> list[str]:
    """What the document should say and does not."""
    if kind == "candidate":
        values = forms.flat(forms.candidate(number % 50))
        del values["state"]
        boxes = [values.pop(f"state_{choice}") for choice in forms.BOXES["state"]]
        text = word(path)
        wanted = [line for value in values.values() for line in value.split("\n")]
        ticks = "".join(f"{box}{choice}" for box, choice in zip(boxes, forms.BOXES["state"], strict=True))
        return [value for value in [*wanted, ticks] if value not in text]
    members = [{**forms.printed(forms.member(index % 2_000)), "serial": index + 1} for index in range(number)]
    if path.suffix == ".docx":
        text = word(path)
        rows = ["".join(str(member[column]) for column in forms.COLUMNS) for member in members]
        return [row for row in rows if row not in text]
    return _missing_cells(path, [[str(member[column]) for column in forms.COLUMNS] for member in members])


def _missing_cells(path: Path, wanted: list[list[str]]) -> list[str]:
    import openpyxl

    sheet = openpyxl.load_workbook(path, read_only=len(wanted) > 5_000).worksheets[0]
    # As sets: the tools without a template have orders of their own.
    rows = {frozenset(map(_text, row[:9])) for row in sheet.iter_rows(values_only=True)}
    return [row[0] for row in wanted if frozenset(row) not in rows]


def _text(cell: object) -> str:
    if cell is None:
        return ""
    # One of the tools writes 1 as 1.0.
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


if __name__ == "__main__":
    file, form, count, *photo = sys.argv[1:]
    gone = missing(Path(file), form, int(count))
    if photo:
        with zipfile.ZipFile(file) as package:
            held = [package.read(name) for name in package.namelist() if "media/" in name]
        if Path(photo[0]).read_bytes() not in held:
            gone.append("the photo")
    if gone:
        sys.exit(f"{file}: {len(gone)} values missing, first: {gone[0]!r}")
