"""Reads the text of a place in a document as what its field wants, dates included."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from formgen.forms import Schema
from formgen.intake import spellings

_DAY: Final = r"(?P<y{0}>[12][0-9]{{3}})(?:年|[-./])(?P<m{0}>[0-9]{{1,2}})(?:月|[-./])(?P<d{0}>[0-9]{{1,2}})[日号]?"
_END: Final = r"(?:(?:(?P<y2>[12][0-9]{3})(?:年|[-./]))?(?P<m2>[0-9]{1,2})(?:月|[-./]))?(?P<d2>[0-9]{1,2})[日号]"
_TO: Final = r"(?:至|到|[-\u2010-\u2015\u2212~～])"
_RANGE: Final = re.compile(rf"{_DAY.format(1)}(?:{_TO}{_END})?(?![0-9])")
_MONTH: Final = re.compile(r"([12][0-9]{3})(?:年|[-./])?([0-9]{1,2})月?")
_YEARS: Final = re.compile(rf"([12][0-9]{{3}}){_TO}?([12][0-9]{{3}})学年")


@dataclass(frozen=True, slots=True)
class Dates:
    """The days that a text names, and where in the folded text."""

    start: str
    end: str
    span: tuple[int, int]


def value(schema: Schema, text: str) -> Any:
    """The value of a field that is written so; None where nothing is; the text itself if it is not understood."""
    written = spellings.tidy(text)
    if not written:
        return None
    typeset = schema.get("x-typeset")
    if typeset == "date_range":
        found = days(written)
        return {"start": found.start, "end": found.end} if found is not None else written
    if typeset == "date":
        found = days(written)
        alone = found is not None and found.start == found.end and found.span == (0, len(fold(written)))
        return found.start if found is not None and alone else written
    if typeset == "month":
        return month(written)
    return spellings.value(schema, written)


def is_understood(schema: Schema, value: Any) -> bool:
    """Whether a date or a month was read as one; other values are the schema's matter."""
    if value is None:
        return True
    if schema.get("x-typeset") == "date_range":
        return isinstance(value, dict)
    if schema.get("x-typeset") == "month":
        # 至今 is the end of what goes on; a field says so in its pattern.
        return re.fullmatch(schema.get("pattern", ".*"), str(value)) is not None
    return schema.get("x-typeset") != "date" or re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", str(value)) is not None


def fold(text: str) -> str:
    """``text`` as dates are looked for in it: half width, without white space."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def without(text: str, span: tuple[int, int]) -> str:
    """``text`` without what stands at ``span`` in its folded form."""
    places = [index for index, letter in enumerate(text) for _ in fold(letter)]
    start, end = span
    return text[: places[start]] + text[places[end - 1] + 1 :] if start < end else text


def days(text: str) -> Dates | None:
    """The only day or days that a text names; the second may leave out its year and month. None if it is not clear."""
    matches = list(_RANGE.finditer(fold(text)))
    if len(matches) != 1:
        return None
    match = matches[0]
    start = _day(match["y1"], match["m1"], match["d1"])
    end = start
    if match["d2"] is not None:
        end = _day(match["y2"] or match["y1"], match["m2"] or match["m1"], match["d2"])
    if start is None or end is None or end < start:
        return None
    return Dates(start, end, match.span())


def month(text: str) -> str:
    """A month as ``2002-05``; what is none stays as it is."""
    match = _MONTH.fullmatch(fold(text))
    if match is None or not 1 <= int(match[2]) <= 12:
        return spellings.tidy(text)
    return f"{match[1]}-{int(match[2]):02d}"


def academic_year(text: str) -> tuple[int, int] | None:
    """The years of the first 学年 that a text names: 2022—2023学年, 20212022学年."""
    for match in _YEARS.finditer(fold(text)):
        first, last = int(match[1]), int(match[2])
        if last == first + 1:
            return first, last
    return None


def _day(year: str, month: str, day: str) -> str | None:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None
