"""Cell references of a workbook: ``'名单'!$A$4:$I$62``, alone or within a formula.

Source: ECMA-376 Part 1, 18.17.2 (formula grammar). Whole columns (``A:C``) are left alone: rows do not move them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass


def _of_names_or(others: str) -> str:
    """A class of what names are made of (letters, digits, all beyond ASCII) and of others, by what is in none of them.

    By what is in it, it would take ten milliseconds to compile.
    """
    left_out = (chr(code) for code in range(128) if not (chr(code).isalnum() or chr(code) in others))
    return f"[^{re.escape(''.join(left_out))}]"


_SHEET = rf"(?:'(?:[^']|'')+'|{_of_names_or('_.')}+)"
_CELL = r"\$?[A-Z]{1,3}\$?[0-9]{1,7}"
_ROWS = r"\$?[0-9]{1,7}:\$?[0-9]{1,7}"
_PLACE = re.compile(rf"(?:(?P<sheet>{_SHEET})!)?(?:(?P<first>{_CELL})(?::(?P<last>{_CELL}))?|(?P<rows>{_ROWS}))")
_PARTS = re.compile(r"(\$?)([A-Z]*)(\$?)([0-9]+)")
# A text in quotes, a sheet's name in apostrophes, or a reference that is no part of a longer word or a function's name.
_BEFORE, _BEHIND = _of_names_or("_.$!'[]"), _of_names_or("_.(![")
_TOKEN = re.compile(rf"\"(?:[^\"]|\"\")*\"|(?<!{_BEFORE})(?:{_SHEET}!)?(?:{_CELL}(?::{_CELL})?|{_ROWS})(?!{_BEHIND})")
_BEFORE_SHEET = _of_names_or("_.']")
_NAMED_SHEETS = re.compile(rf"\"(?:[^\"]|\"\")*\"|(?<!{_BEFORE_SHEET})({_SHEET}(?::{_SHEET})?)!")


@dataclass(frozen=True, slots=True)
class Range:
    """A range, its rows apart from the rest: ``columns`` are empty for whole rows."""

    columns: tuple[str, str]
    rows: tuple[int, int]
    signs: tuple[str, str, str, str]
    """The ``$`` before first column, first row, last column, last row."""
    single: bool

    def text(self, first: int, last: int) -> str:
        """The range with other rows."""
        a, b, c, d = self.signs
        start = f"{a}{self.columns[0]}{b}{first}"
        if self.single and first == last:
            return start
        return f"{start}:{c}{self.columns[1]}{d}{last}"


def parse_range(text: str) -> tuple[str, Range] | None:
    """The sheet (empty if none is named) and the range that ``text`` is; None if it is something else."""
    match = _PLACE.fullmatch(text.strip())
    return None if match is None else _place(match)


def _place(match: re.Match[str]) -> tuple[str, Range] | None:
    sheet = _unquoted(match["sheet"] or "")
    first, _, last = (match["rows"] or match["first"]).partition(":")
    last = last or match["last"] or first
    one, two = _PARTS.fullmatch(first), _PARTS.fullmatch(last)
    if one is None or two is None:
        return None
    # In "$4:$9" the only sign belongs to the row.
    signs = [(m[1], m[3]) if m[2] else ("", m[1]) for m in (one, two)]
    single = match["rows"] is None and match["last"] is None
    return sheet, Range(
        (one[2], two[2]),
        (int(one[4]), int(two[4])),
        (*signs[0], *signs[1]),
        single,
    )


def split_formula(formula: str) -> Iterator[tuple[str, tuple[str, Range] | None]]:
    """The text of ``formula`` in pieces; for a piece that is a reference also its sheet and range."""
    end = 0
    for match in _TOKEN.finditer(formula):
        if match[0].startswith('"'):
            continue
        if match.start() > end:
            yield formula[end : match.start()], None
        yield match[0], parse_range(match[0])
        end = match.end()
    if end < len(formula):
        yield formula[end:], None


def rename_sheets(formula: str, renamed: Mapping[str, str]) -> str:
    """``formula`` with the new names of the sheets that it names, those of whole columns and of several sheets too."""
    return _NAMED_SHEETS.sub(lambda match: _renamed(match, renamed), formula)


def _renamed(match: re.Match[str], renamed: Mapping[str, str]) -> str:
    if match[1] is None:
        return match[0]
    # 'First:Last'!A1 is the same as First:Last!A1; no sheet's name holds a colon.
    names = [_unquoted(name) for name in re.split(r"'?:'?", match[1])]
    if not any(name in renamed for name in names):
        return match[0]
    text = ":".join(renamed.get(name, name) for name in names)
    return "'" + text.replace("'", "''") + "'!"


def _unquoted(name: str) -> str:
    return name.removeprefix("'").removesuffix("'").replace("''", "'")
