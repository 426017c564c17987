"""Judges values by their form's schema, in the form's own words.

The sentences are ours, made from the schema: a clerk never sees a library's English. They show the value, as rules do;
reports that may leave the office take out what is personal.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any, Final

from formgen import schema_validators
from formgen.characters import ILLEGAL
from formgen.findings import Address, Finding, Kind, Pointer, Text, address_of
from formgen.forms import Schema, field_schema
from formgen.rules.table import Withheld
from formgen.schema_validators import Complaint

MAX_DEPTH: Final = 50
"""No form nests deeper than a handful of levels; what does is not walked into."""
_SHOWN = 40
_CHUNK = 1000
_SIGN: Final = "\ufffd"
"""What stands in the place of a character that was lost."""
_UNFIT: Final = re.compile(f"{ILLEGAL.pattern[:-1]}{_SIGN}]")
# 2**64 and 10**5000 are both out of every range; only the second cannot even be printed.
_HUGE: Final = 1 << 64
_TYPES: Final[Mapping[str, Text]] = {
    "object": Text("一组字段", "an object"),
    "array": Text("列表", "a list"),
    "string": Text("文字", "text"),
    "integer": Text("整数", "a whole number"),
    "boolean": Text("是或否（JSON 里写 true、false）", "yes or no (in JSON: true, false)"),
}


def _kind(id_: str, name: str, title: Text, message: Text) -> Kind:
    return Kind(id_, name, title, message)


TYPE = _kind(
    "S-type",
    "wrong-type",
    Text("值的类型不对", "Wrong type of value"),
    Text("“{field}”应是{expected_zh}，现为 {value}", "“{field}” must be {expected_en}, it is {value}"),
)
UNKNOWN_FIELD = _kind(
    "S-unknown-field",
    "unknown-field",
    Text("表单没有这个字段", "The form has no such field"),
    Text("“{parent}”没有字段 {key}{near_zh}", "“{parent}” has no field {key}{near_en}"),
)
ENUM = _kind(
    "S-enum",
    "not-a-choice",
    Text("不在可选的值之内", "Not one of the choices"),
    Text("“{field}”只能是 {choices} 之一，现为 {value}", "“{field}” must be one of {choices}, it is {value}"),
)
FORM = _kind(
    "S-form",
    "malformed",
    Text("写法不对", "Malformed value"),
    Text("“{field}”的写法不对：{value}", "“{field}” is malformed: {value}"),
)
LENGTH = _kind(
    "S-length",
    "wrong-length",
    Text("文字太长或为空", "Text too long or empty"),
    Text(
        "“{field}”应有 {least} 至 {most} 个字，现有 {length} 个",
        "“{field}” must have {least} to {most} characters, it has {length}",
    ),
)
RANGE = _kind(
    "S-range",
    "out-of-range",
    Text("数字超出范围", "Number out of range"),
    Text(
        "“{field}”应在 {least} 至 {most} 之间，现为 {value}",
        "“{field}” must lie between {least} and {most}, it is {value}",
    ),
)
REQUIRED = _kind(
    "S-required",
    "field-missing",
    Text("缺少字段", "Field missing"),
    Text("缺少“{field}”（{key}）", "“{field}” ({key}) is missing"),
)
TOO_MANY = _kind(
    "S-too-many",
    "too-many-entries",
    Text("条目太多", "Too many entries"),
    Text("“{field}”至多 {most} 条，现有 {length} 条", "“{field}” may have {most} entries, it has {length}"),
)
CHARACTER = _kind(
    "S-character",
    "illegal-character",
    Text("含有文档不能容纳的字符", "A character that no document can hold"),
    Text(
        "“{field}”第 {position} 个字符 {character} 无法写入文档，请删去后重新输入",
        "“{field}”: character {position}, {character}, cannot be written into a document; delete and retype it",
    ),
)
LOST = _kind(
    "S-lost-character",
    "lost-character",
    Text("丢失了的字符", "A character that was lost"),
    Text(
        "“{field}”第 {position} 个字符是 �：原来的字在转换编码时丢失了，请重新输入",
        "“{field}”: character {position} is �, which stands for one that was lost between encodings; type it again",
    ),
)
TOO_DEEP = _kind(
    "S-too-deep",
    "nested-too-deep",
    Text("嵌套过深", "Nested too deep"),
    Text(
        "“{field}”的嵌套超过 {most} 层，没有读下去",
        "“{field}” is nested more than {most} levels deep; it was not read further",
    ),
)
KINDS: Final = (TYPE, UNKNOWN_FIELD, ENUM, FORM, LENGTH, RANGE, REQUIRED, TOO_MANY, CHARACTER, LOST, TOO_DEEP)

_TOLD: Final = 200
"""So many fields that a form does not have are told one by one; no form has as many of its own."""
_LEAVE_OUT: Final = Text("没有就删去这一项", "leave the entry out if there is nothing to give")

# One cause, one finding: of several complaints about one value only the first of this order is kept.
_KEYWORDS: Final = {
    "type": 0, "enum": 1, "pattern": 2, "format": 2, "minLength": 3, "maxLength": 3,
    "minimum": 4, "maximum": 4, "maxItems": 5, "required": 6, "additionalProperties": 6,
}  # fmt: skip


def check(values: Any, schema: Schema, at: Address) -> tuple[Finding, ...]:
    """What is wrong with the values of a record that lies ``at`` an address. Never raises, whatever the JSON."""
    suspicious = _is_suspicious(values)
    if not suspicious and schema_validators.is_valid(values, schema):
        return ()
    hazards: dict[Pointer, Finding] = {}
    clean = _clean(values, (), schema, at, hazards) if suspicious else values
    found: dict[Pointer, tuple[int, Finding]] = {}
    for pointer, error in schema_validators.complaints(clean, schema):
        if hazards and any(pointer[:length] in hazards for length in range(len(pointer) + 1)):
            continue
        order = _KEYWORDS[error.keyword]
        for finding in _findings(error, pointer, values, schema, at):
            place = finding.at.pointer
            if place not in hazards and (place not in found or order < found[place][0]):
                found[place] = (order, finding)
    return (*hazards.values(), *(finding for _, finding in found.values()))


def prune(values: Any, causes: Mapping[Pointer, Address]) -> Any:
    """A copy of the values, made only along the paths, with :class:`Withheld` at each pointer."""
    copies: dict[Pointer, Any] = {}

    def copied(prefix: Pointer, original: Any) -> Any:
        if prefix not in copies:
            copies[prefix] = original.copy()
        return copies[prefix]

    if () in causes:
        return Withheld(causes[()])
    if not isinstance(values, dict | list):
        return values
    whole = copied((), values)
    for pointer in sorted(causes, key=len):
        node = whole
        for depth, key in enumerate(pointer[:-1], start=1):
            child = _child(node, key)
            if not isinstance(child, dict | list):
                break  # withheld already, or not there
            node[key] = node = copied(pointer[:depth], child)
        else:
            if isinstance(node, dict) or _child(node, pointer[-1]) is not None:
                node[pointer[-1]] = Withheld(causes[pointer])
    return whole


def title_of(schema: Schema, pointer: Pointer) -> str:
    """What the form calls a place: “工作人员第 26 项 · 年级”."""
    return " · ".join(title_parts(schema, pointer))


def title_parts(schema: Schema, pointer: Pointer) -> list[str]:
    """What the form calls each part of the way to a place; the form's own title for the whole."""
    parts: list[str] = []
    for key, node in _along(schema, pointer):
        if isinstance(key, int) and parts:
            parts[-1] += f"第 {key + 1} 项"
        else:
            parts.append(str((node or {}).get("title", key))[:_SHOWN])
    return parts or [str(schema.get("title", ""))]


def _along(schema: Schema, pointer: Pointer) -> Iterator[tuple[str | int, Schema | None]]:
    """Each key of a pointer with the schema of what it leads to, as far as there is one."""
    node: Schema | None = schema
    for key in pointer:
        if node is None:
            pass
        elif isinstance(key, int):
            node = node.get("items")
        else:
            extra = node.get("additionalProperties")
            node = node.get("properties", {}).get(key, extra if isinstance(extra, dict) else None)
        yield key, node


def _is_suspicious(values: Any) -> bool:
    """Whether the values may hold what the fast validator cannot take, or does not look at."""
    texts: set[str] = set()
    level: Iterable[Any] = (values,)
    for _ in range(MAX_DEPTH):
        deeper: dict[int, Any] = {}
        for value in level:
            if _holds_odd(value, texts, deeper) or (len(texts) > _CHUNK and _drains_illegal(texts)):
                return True
        if not deeper:
            return _drains_illegal(texts)
        level = deeper.values()
    return True


def _holds_odd(value: Any, texts: set[str], deeper: dict[int, Any]) -> bool:
    """Whether a group or list directly holds what is no plain JSON; its texts and what lies deeper are put aside.

    What lies deeper is put aside once, by its identity: the rows of a list share equal ranks.
    """
    if type(value) is dict:
        texts.update(value)
        value = value.values()
    elif type(value) is not list:
        value = (value,)
    for child in value:
        kind = type(child)
        if kind is str:
            texts.add(child)
        elif kind is dict or kind is list:
            deeper[id(child)] = child
        elif kind is int:
            if not -_HUGE < child < _HUGE:
                return True
        elif child is not None and kind is not bool and not (kind is float and math.isfinite(child)):
            return True
    return False


def _drains_illegal(texts: set[str]) -> bool:
    """Whether one of the texts cannot be in a document; then they are let go: a million rows hold many."""
    try:
        text = "".join(texts)
    except TypeError:  # a key that is no text
        return True
    texts.clear()
    # Most text is printable, and to ask that is far faster than to search.
    return _SIGN in text or (not text.isprintable() and ILLEGAL.search(text) is not None)


def _clean(value: Any, pointer: Pointer, schema: Schema, at: Address, hazards: dict[Pointer, Finding]) -> Any:
    """A copy that any validator can take. What cannot be in it is None there, and has a finding in ``hazards``."""
    if len(pointer) > MAX_DEPTH:
        hazards[pointer] = _finding(TOO_DEEP, at, pointer, field=title_of(schema, pointer[:2]), most=MAX_DEPTH)
        return None
    if isinstance(value, str):
        illegal = _UNFIT.search(value)
        if illegal is None:
            return value
        hazards[pointer] = _illegal(illegal, at, pointer, schema)
        return None
    if isinstance(value, dict):
        illegal = next(filter(None, map(_UNFIT.search, value)), None)
        if illegal is not None:
            hazards[pointer] = _illegal(illegal, at, pointer, schema)
            return None
        return {key: _clean(child, (*pointer, key), schema, at, hazards) for key, child in value.items()}
    if isinstance(value, list):
        return [_clean(child, (*pointer, index), schema, at, hazards) for index, child in enumerate(value)]
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return max(-_HUGE, min(value, _HUGE))
    return value if isinstance(value, float) and math.isfinite(value) else None


def _illegal(found: re.Match[str], at: Address, pointer: Pointer, schema: Schema) -> Finding:
    character = f"U+{ord(found.group()):04X}"
    field = title_of(schema, pointer)
    if found.group() == _SIGN:
        return _finding(LOST, at, pointer, field=field, position=found.start() + 1)
    return _finding(CHARACTER, at, pointer, field=field, position=found.start() + 1, character=character)


def _finding(kind: Kind, at: Address, pointer: Pointer, **values: Any) -> Finding:
    return Finding(kind, address_of((at.form, (*at.pointer, *pointer), at.record)), values)


def _findings(error: Complaint, pointer: Pointer, values: Any, schema: Schema, at: Address) -> Iterator[Finding]:
    """The findings of one complaint."""
    keyword, demanded, instance, node = error
    if keyword == "required":
        for key in demanded:
            if key not in instance:
                yield _finding(REQUIRED, at, (*pointer, key), field=title_of(schema, (*pointer, key)), key=key)
        return
    if keyword == "additionalProperties":
        unknown = [key for key in instance if key not in node["properties"]]
        for key in unknown[:_TOLD]:
            yield _unknown(key, node, pointer, schema, at, 0)
        if len(unknown) > _TOLD:
            yield _unknown(unknown[_TOLD], node, pointer, schema, at, len(unknown) - _TOLD - 1)
        return
    said: dict[str, Any] = {"field": title_of(schema, pointer)}
    shown = _shown(values, pointer)
    match keyword:
        case "type":
            expected = _TYPES[demanded]
            kind = TYPE
            said |= {"expected_zh": expected.zh, "expected_en": expected.en, "value": shown}
        case "enum":
            kind = ENUM
            said |= {"choices": "、".join(map(str, demanded)), "value": shown}
        case "pattern" | "format":
            kind = FORM
            said |= {"value": shown}
        case "minLength" | "maxLength":
            kind = LENGTH
            said |= {"least": node.get("minLength", 0), "most": node["maxLength"], "length": len(instance)}
        case "minimum" | "maximum":
            kind = RANGE
            said |= {"least": node["minimum"], "most": node["maximum"], "value": shown}
        case _:
            kind = TOO_MANY
            said |= {"most": demanded, "length": len(instance)}
    description = str(node.get("description", ""))
    hint = _LEAVE_OUT if instance in (None, "") and _may_be_left_out(schema, pointer) else None
    yield _finding(_with_hint(kind, hint or Text(description, description)), at, pointer, **said)


def _with_hint(kind: Kind, hint: Text) -> Kind:
    key = (kind.id, hint.zh)
    if key not in _hinted:
        _hinted[key] = replace(kind, hint=hint)
    return _hinted[key]


def _may_be_left_out(schema: Schema, pointer: Pointer) -> bool:
    """Whether there is a place around this one, and it does not demand this field."""
    around = field_schema(schema, tuple("[]" if isinstance(key, int) else key for key in pointer[:-1]))
    return bool(pointer) and around is not None and pointer[-1] not in around.get("required", ())


def _unknown(key: str, node: Schema, pointer: Pointer, schema: Schema, at: Address, more: int) -> Finding:
    """The finding for a field that the form does not have, with the nearest one that it has; or with how many more."""
    names = {name: name for name in node["properties"]}
    names |= {str(sub.get("title", name)): name for name, sub in node["properties"].items()}
    nearest = get_close_matches(key[:_SHOWN], names, n=1)
    near = names[nearest[0]] if nearest else ""
    return _finding(
        UNKNOWN_FIELD,
        at,
        (*pointer, key),
        parent=title_of(schema, pointer),
        key=key[:_SHOWN],
        near_zh=f"，另有 {more} 个也没有" if more else f"，是否应为 {near}？" if near else "",
        near_en=f", nor {more} others" if more else f"; do you mean {near}?" if near else "",
    )


def _shown(values: Any, pointer: Pointer) -> str:
    """A value as a finding shows it: cut short, a text in quotation marks, which tell “2020” from 2020."""
    for key in pointer:
        values = _child(values, key)
    if isinstance(values, dict | list):
        return "{…}" if isinstance(values, dict) else "[…]"
    if isinstance(values, int) and abs(values) >= _HUGE:
        return "…"
    text = values if isinstance(values, str) else json.dumps(values)
    text = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    return f"“{text}”" if isinstance(values, str) else text


def _child(node: Any, key: str | int) -> Any:
    if isinstance(node, dict):
        return node.get(key)
    return node[key] if isinstance(node, list) and isinstance(key, int) and key < len(node) else None


_hinted: dict[tuple[str, str], Kind] = {}
