"""Reads the text of a cell as what a field of a form wants: canonical values from the spellings that people use.

A text that is not understood stays as it was written; the check of the schema then reports it at its cell.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache, partial
from typing import Any, NamedTuple

from formgen.forms import Schema

# Control characters (but tab and line feed), soft hyphens, zero-width and direction marks: never typed on purpose.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufffe\uffff]"
)
_LINE_END = re.compile("_x000D_|\r(?=\n)")  # Excel writes a carriage return inside a cell as _x000D_
_HINT = re.compile(r"\([^()]*\)$")

# Ideographs with their extensions and compatibility forms, and the dot in names of minorities (买买提·艾山).
_CHINESE_WITH_SPACES = re.compile(r"[\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af·\s]+")
_ONE_TERM = 60
"""A text field of at most so many characters holds one name or word, not sentences: spaces in it only align."""

_INTEGER = re.compile(r"-?[0-9]{1,15}(?=(?:\.0+)?$)")
_GRADE = re.compile(r"([0-9]{4}|[0-9]{2})(?:级(?:[本专]科生?)?|年)?")
_PERCENT = re.compile(r"前?([0-9]{1,7})(?:\.([0-9]{1,7}))?%")
_FRACTIONS = (
    re.compile(r"第?(?P<place>[0-9]{1,7})名?/共?(?P<of>[0-9]{1,7})[人名]?"),
    re.compile(r"第(?P<place>[0-9]{1,7})名?[,(]?共(?P<of>[0-9]{1,7})[人名]\)?"),
    re.compile(r"共?(?P<of>[0-9]{1,7})人中?,?(?:排名?)?第(?P<place>[0-9]{1,7})名?"),
)
"""3/45, 第3名/45人, 第3名（共45人）, 45人中第3名: a place and of how many, and no doubt which is which."""
_PLACE = re.compile(r"第([0-9]{1,7})名")
_READ_BY = frozenset({"x-read", "x-lines", "x-spellings", "enum"})
EXACT_DIGITS = 15
"""A spreadsheet keeps so many digits of a number."""
_CALENDAR = ("date", "month")
_MONTH = re.compile(r"([12][0-9]{3})(?:[-./年])([0-9]{1,2})月?")
_DAY = re.compile(r"([12][0-9]{3})[-./年]([0-9]{1,2})[-./月]([0-9]{1,2})日?")
_REMEMBERED = 1024
_LINE = 400
"""No longer line is looked into for an experience or the like."""
_NONE = re.compile(r"[-\u2010-\u2015\u2212_/\\]+|无|暂无|没有")
"""What people write into the cell of a rank, or of a list, that they do not have."""


def tidy(text: str) -> str:
    """``text`` in NFC without invisible characters and outer white space."""
    text = unicodedata.normalize("NFC", text)
    if text.isprintable() and "_x000D_" not in text:  # as nearly all are: nothing is to be taken out
        return text.strip()
    return _INVISIBLE.sub("", _LINE_END.sub("", text).replace("\r", "\n")).strip()


@lru_cache(maxsize=1024)  # the same few words fill whole columns
def fold(text: str) -> str:
    """``text`` for comparing: one width, one case, no white space, no invisible characters."""
    return "".join(unicodedata.normalize("NFKC", tidy(text)).casefold().split())


def without_hint(folded: str) -> str:
    """A folded heading without the remark in brackets at its end."""
    return _HINT.sub("", folded)


def value(schema: Schema, written: str) -> Any:
    """The value of a field that is ``written`` so; None if nothing is written there."""
    text = tidy(written)
    if not text:
        return None
    read = schema.get("x-read")
    if read == "rank":
        return None if says_none(text) else rank(text)
    if read == "grade":
        return _grade(text)
    if "x-lines" in schema:
        return None if says_none(text) else [_line(schema, line) for line in text.split("\n") if line.strip()]
    if schema.get("type") == "integer":
        return _integer(text)
    if schema.get("type") == "boolean":
        return {"true": True, "false": False}.get(_choice(schema, text, ("true", "false")), text)
    if schema.get("x-typeset") in _CALENDAR:
        return _day(text, month=schema["x-typeset"] == "month") or _choice(schema, text, ())
    return _choice(schema, _string(schema, text), schema.get("enum", ()))


def is_term(schema: Schema) -> bool:
    """Whether a field holds one name or number of its own choice."""
    is_open = schema.get("type") == "string" and not _READ_BY & schema.keys() and "x-typeset" not in schema
    return is_open and schema.get("maxLength", _ONE_TERM + 1) <= _ONE_TERM


def is_plain(schema: Schema) -> bool:
    """Whether a text that is typed soundly is the value of a field as it stands."""
    return not _READ_BY & schema.keys() and schema.get("x-typeset") not in _CALENDAR and schema.get("type") == "string"


def is_rank(schema: Schema) -> bool:
    """Whether a field holds a rank."""
    return schema.get("x-read") == "rank"


def is_integer(schema: Schema) -> bool:
    """Whether a field holds a number that is typed as one."""
    return schema.get("type") == "integer" and "x-read" not in schema


def reader(schema: Schema) -> Callable[[str], Any]:
    """:func:`value` for the many cells of a column: what needs no reading is seen at once."""
    if is_plain(schema):
        one_term = schema.get("maxLength", _ONE_TERM + 1) <= _ONE_TERM

        def plain(text: str) -> Any:
            sound = text.isprintable() and unicodedata.is_normalized("NFC", text) and "_x000D_" not in text
            if sound and text[0] != " " != text[-1] and not (one_term and " " in text):
                return text
            return value(schema, text)

        return plain
    if is_integer(schema):

        def integer(text: str) -> Any:
            short = len(text) <= EXACT_DIGITS and text.isascii() and text.isdecimal()
            return int(text) if short else value(schema, text)

        return integer
    return partial(value, schema)


def _line(schema: Schema, line: str) -> Any:
    """The item of a list that a line says; the line itself where no pattern of the schema matches."""
    text = unicodedata.normalize("NFKC", line).strip() if len(line) <= _LINE else ""
    lines = _lines(schema)
    match = next(filter(None, (search(text) for search in lines.searches)), None)
    if match is None:
        return line.strip()
    return {key: lines.parts[key][said] for key, said in match.groupdict().items() if said}


class _Parts(dict[str, Any]):
    """What the parts of lines say that are of one field. Months and posts come again and again."""

    def __init__(self, schema: Schema) -> None:
        super().__init__()
        self._schema = schema

    def __missing__(self, said: str) -> Any:
        found = value(self._schema, said)
        if len(self) >= _REMEMBERED:
            self.clear()
        if len(said) <= _ONE_TERM and isinstance(found, str):  # an object would be one for all lines
            self[said] = found
        return found


class _Lines(NamedTuple):
    """How the lines of a field are read."""

    schema: Schema
    """So that its id stays its own."""
    searches: tuple[Callable[[str], re.Match[str] | None], ...]
    parts: Mapping[str, _Parts]


_all_lines: dict[int, _Lines] = {}


def _lines(schema: Schema) -> _Lines:
    found = _all_lines.get(id(schema))
    if found is None:
        parts = {key: _Parts(field) for key, field in schema["items"]["properties"].items()}
        searches = tuple(re.compile(pattern).search for pattern in schema["x-lines"])
        found = _all_lines[id(schema)] = _Lines(schema, searches, parts)
    return found


def _day(text: str, *, month: bool) -> str | None:
    """A day or a month as JSON writes it; None where the text is neither, or no day of the calendar."""
    match = (_MONTH.fullmatch(fold(text)) if month else None) or _DAY.fullmatch(fold(text))
    if match is None:
        return None
    year, number, day = int(match[1]), int(match[2]), int(match[3]) if match.lastindex == 3 else 1
    try:
        found = date(year, number, day).isoformat()
    except ValueError:
        return None
    return found[:7] if month else found


def rank(text: str) -> dict[str, Any]:
    """A ranking: its text, what kind it is, and its exact numbers. A single number may be a place or a percentage."""
    text = unicodedata.normalize("NFKC", text)  # １２/６０ is printed as 12/60
    folded = fold(text)
    if match := _PERCENT.fullmatch(folded):
        decimals = (match[2] or "").rstrip("0")
        return {"text": text, "kind": "percent", "value": int(match[1] + decimals), "of": 100 * 10 ** len(decimals)}
    match = next(filter(None, (pattern.fullmatch(folded) for pattern in _FRACTIONS)), None)
    if match is not None and int(match["of"]) > 0:
        return {"text": text, "kind": "fraction", "value": int(match["place"]), "of": int(match["of"])}
    if match := _PLACE.fullmatch(folded):
        return {"text": text, "kind": "place", "value": int(match[1])}
    number = _integer(text)
    if isinstance(number, int) and number >= 0:
        return {"text": text, "kind": "unknown", "value": number}
    return {"text": text, "kind": "unknown"}


def says_none(text: str) -> bool:
    """Whether a text in the place of a rank or a list says that there is none."""
    return _NONE.fullmatch(fold(text)) is not None


def value_in_json(schema: Schema, written: str) -> Any:
    """The value of a field that is ``written`` so in JSON: only what the schema declares to be read is changed."""
    if schema.get("x-read") or schema.get("type") == "boolean":
        found = value(schema, written)
        return written if isinstance(found, str) or not tidy(written) else found
    return _choice(schema, written, schema.get("enum", ())) if "x-spellings" in schema else written


def _grade(text: str) -> int | str:
    match = _GRADE.fullmatch(re.sub(r"^([0-9]+)\.0+$", r"\1", fold(text)))
    if match is None:
        return text
    return int(match[1]) if len(match[1]) == 4 else 2000 + int(match[1])


def _integer(text: str) -> int | str:
    match = _INTEGER.match(fold(text))
    return int(match[0]) if match else text


def _choice(schema: Schema, text: str, choices: Any) -> str:
    """The canonical value that ``text`` is a spelling of, ``text`` itself if it is none."""
    spellings: Mapping[str, list[str]] = schema.get("x-spellings", {})
    if not spellings and not choices:
        return text
    folded = fold(text)
    for canonical in (*spellings, *choices):
        if folded in (fold(spelling) for spelling in (canonical, *spellings.get(canonical, ()))):
            return str(canonical)
    return text


def _string(schema: Schema, text: str) -> str:
    if schema.get("maxLength", _ONE_TERM + 1) <= _ONE_TERM and _CHINESE_WITH_SPACES.fullmatch(text):
        return "".join(text.split())
    return text
