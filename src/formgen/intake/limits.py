"""How large a file may be before it is not opened at all. A full staff list of a large university is under 1 MB.

What harms is a small file that becomes a large one. So a workbook may hold what honest ones of its weight do: a list of
a million rows, which Excel can write, has some 40 MB and a byte or more for each of its cells.

The environment variable ``FORMGEN_LIMITS``, a whole number, multiplies the sizes, for machines with much memory.
"""

import os
from typing import Final

from formgen.errors import UsageError
from formgen.findings import Text

SETTING: Final = "FORMGEN_LIMITS"


def unpacked_bytes(weight: int) -> int:
    """How many bytes a workbook of so many may unpack to."""
    return max(UNPACKED_BYTES, min(weight * _RATIO, _MOST_UNPACKED))


def cells(weight: int) -> int:
    """How many cells and rows a workbook of so many bytes may hold."""
    return max(CELLS, min(weight, _MOST_CELLS))


def elements(weight: int) -> int:
    """How many other XML elements a workbook of so many bytes may hold."""
    return max(ELEMENTS, min(weight, _MOST_CELLS))


def factor(text: str) -> int:
    """By how much the sizes are multiplied.

    Raises:
        UsageError: the setting is no whole number of a sensible size.
    """
    if text.isascii() and text.isdecimal() and 0 < int(text[:5]) <= _MOST and len(text) <= len(str(_MOST)):
        return int(text)
    raise UsageError(
        Text(
            f"环境变量 {SETTING} 不是 1 至 {_MOST} 的整数：{text}",
            f"{SETTING} is no whole number up to {_MOST}: {text}",
        ),
        remedy=Text("改正或去掉它", "correct it, or unset it"),
    )


_MOST = 1000
_TIMES = factor(os.environ.get(SETTING) or "1")

FILE_BYTES = 20_000_000 * _TIMES
"""Of a file that is no table."""
TABLE_BYTES = 150_000_000 * _TIMES
UNPACKED_BYTES = 200_000_000 * _TIMES
"""Bytes of all parts of a workbook that are read, unpacked, however small it is; 100,000 people are some 30 MB."""
CELLS = 2_000_000 * _TIMES
"""Cells and rows of a workbook together, empty ones with a format included; also the area that merged cells cover."""
ELEMENTS = 5_000_000 * _TIMES
"""XML elements of a workbook that are no cells."""
_MOST_UNPACKED = 1_000_000_000 * _TIMES
_MOST_CELLS = 20_000_000 * _TIMES
_RATIO = 32
"""Spreadsheets pack to a tenth, monotonous ones to a thirtieth; a bomb to a thousandth."""
ASIDE_BYTES = 1_500_000_000 * _TIMES
"""Of the rows of a sheet that are on the disk while it is read: more than any file makes but one of the same long texts
again and again."""
MERGES = 100_000
SHEETS = 1_000
JSON_DEPTH = 100
NUMBER_DIGITS = 100
"""Digits of a number in JSON. Python itself refuses to read more than 4300."""
PAGE_BYTES = 5_000_000 * _TIMES
"""A web page without the pictures in it, or the body of a Word document times four. A long filing has 100 kB."""
DOCUMENT_CELLS = 20_000 * _TIMES
"""Cells, rows and paragraphs of a document."""
DOCUMENT_TEXT = 1_000_000 * _TIMES
"""Characters of a document."""
DOCUMENT_DEPTH = 256
"""Levels of a web page or of XML: the parser reads no further."""
HEADING_ROWS = 50
"""The headings of a table stand in one of so many first rows."""
FINDINGS_PER_KIND = 200
"""Findings of one kind that are listed for one file; the others are counted."""
