"""Reads a form from JSON. What is canonical stays as it is; what the schema says how to read, and derive, is."""

import json
import math
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from formgen.characters import ILLEGAL
from formgen.findings import Pointer
from formgen.forms import Schema
from formgen.intake import kinds, limits
from formgen.intake.as_written import Canonical, WrittenOrigins
from formgen.intake.deriving import derive
from formgen.intake.json_text import JsonOrigins, clean, depth, tokens
from formgen.intake.reading import Notes, Reading
from formgen.record import Origin, Record


def read(path: Path, file: str, form: str, schema: Schema, record_id: str | None) -> Reading:
    """The record in a JSON file. Whatever is in it, this never raises."""
    notes = Notes(file, form, record_id)
    data = notes.contents(path)
    text = None if data is None else _decode(data, notes)
    if text is None:
        return notes.reading()
    parsed = _parse(text, notes)
    if not parsed:
        return notes.reading()
    canonical = Canonical(notes)
    values = canonical.value(schema, _printable(parsed[0], (), notes))
    derived = dict(derive(schema, values))
    origins = JsonOrigins(file, text, derived)
    whole = WrittenOrigins(origins, canonical.written) if canonical.written else origins
    return notes.reading(Record(form, values, whole, record_id))


def top_level(path: Path, notes: Notes) -> list[str]:
    """The keys of the object in a JSON file; none, and a finding if it cannot be read, of any other file."""
    data = notes.contents(path)
    text = None if data is None else _decode(data, notes)
    parsed = None if text is None else _parse(text, notes)
    return list(parsed[0]) if parsed and isinstance(parsed[0], dict) else []


def _decode(data: bytes, notes: Notes) -> str | None:
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        notes.add(kinds.ENCODING, (), Origin(notes.file, line=line), offset=error.start + 1)
        return None


def _parse(text: str, notes: Notes) -> tuple[Any] | None:
    """The value in ``text`` (in a tuple, for it may be null), None with a finding if it is not to be used."""
    too_deep, line = depth(text, limits.JSON_DEPTH)
    if too_deep:
        notes.add(kinds.TOO_DEEP, (), Origin(notes.file, line=line), limit=limits.JSON_DEPTH)
        return None
    decoder = _Decoder()
    try:
        value = json.loads(
            text,
            object_pairs_hook=decoder.take_object,
            parse_float=decoder.take_float,
            parse_int=decoder.take_int,
            parse_constant=decoder.take_constant,
        )
    except json.JSONDecodeError as error:
        origin = Origin(notes.file, line=error.lineno)
        reason = _reason(error.msg)
        said = {"line": error.lineno, "column": error.colno, "reason": reason, "english": error.msg}
        notes.add(kinds.JSON_SYNTAX, (), origin, **said)
        return None
    if decoder.doubtful:
        _say_why(text, notes)
        return None
    return (value,)


_REASONS = {
    "Expecting value": "这里应有一个值",
    "Expecting property name": "这里应是用英文双引号括起的字段名",
    "Expecting ':'": "字段名后面应有英文冒号",
    "Expecting ','": "两项之间应有英文逗号",
    "Illegal trailing comma": "最后一项后面不能有逗号",
    "Unterminated string": "文字缺少结尾的双引号",
    "Invalid control character": "文字里有换行、制表符等控制字符",
    "Invalid \\": "反斜杠 \\ 后面的写法不对；要写反斜杠本身，请写两个",
    "Extra data": "内容到此已经结束，后面还有多余的文字",
}
"""How the json module begins what it says, and the same in Chinese."""


def _reason(message: str) -> str:
    return next((zh for begins, zh in _REASONS.items() if message.startswith(begins)), message)


class _Decoder:
    """Hooks for json.loads that remember whether there was something which must not be used.

    The hooks are told no places; those are looked up afterwards, in the rare file that needs it.
    """

    def __init__(self) -> None:
        self.doubtful = False

    def take_object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        self.doubtful |= len(found) != len(pairs)
        return found

    def take_int(self, text: str) -> int:
        if len(text) > limits.NUMBER_DIGITS:
            self.doubtful = True
            return 0
        return int(text)

    def take_float(self, text: str) -> int | float:
        value = float(text)
        if not math.isfinite(value) or len(text) > limits.NUMBER_DIGITS:
            self.doubtful = True
        elif value.is_integer():
            return _exact(text, value)
        return value

    def take_constant(self, text: str) -> None:
        self.doubtful = True


def _exact(text: str, value: float) -> int | float:
    """The whole number that ``text`` spells; ``value`` if only rounding made it look like one."""
    try:
        exact = Decimal(text)
    except InvalidOperation:  # an exponent beyond what Decimal can hold, such as 1e-99999999999999999999
        return value
    return int(exact) if exact == exact.to_integral_value() else value


def _say_why(text: str, notes: Notes) -> None:
    """Notes, with places, what the decoder took exception to."""
    keys: dict[tuple[int, str | int], int] = {}
    for token in tokens(text):
        origin = Origin(notes.file, line=token.shown)
        if token.is_key:
            key = (token.inside, token.pointer[-1])
            if key in keys:
                lines = {"first": keys[key], "second": token.line}
                notes.add(kinds.DUPLICATE_KEY, token.pointer, origin, key=token.pointer[-1], **lines)
            keys[key] = token.line
        elif token.text in ("NaN", "Infinity", "-Infinity"):
            notes.add(kinds.NOT_A_NUMBER, token.pointer, origin, text=token.text)
        elif token.text[0] not in "-0123456789":
            continue
        elif len(token.text) > limits.NUMBER_DIGITS:
            numbers = {"digits": len(token.text), "limit": limits.NUMBER_DIGITS}
            notes.add(kinds.LONG_NUMBER, token.pointer, origin, **numbers)
        elif not math.isfinite(float(token.text)):
            notes.add(kinds.NOT_A_NUMBER, token.pointer, origin, text=token.text)


def _printable(value: Any, at: Pointer, notes: Notes) -> Any:
    """``value`` without characters that no document can hold; each is noted."""
    if isinstance(value, str):
        found = ILLEGAL.search(value)
        if found is None:
            return value
        notes.add(kinds.CHARACTER, at, code=f"U+{ord(found[0]):04X}")
        return clean(value)
    if isinstance(value, list):
        return [_printable(item, (*at, index), notes) for index, item in enumerate(value)]
    if isinstance(value, dict):
        return {
            _printable(key, (*at, clean(key)), notes): _printable(item, (*at, clean(key)), notes)
            for key, item in value.items()
        }
    return value
