"""The libraries that validate values by a schema.

jsonschema reports; jsonschema_rs, which is some hundred times faster, decides whether there is anything to report.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final, NamedTuple

import jsonschema_rs

from formgen.findings import Pointer
from formgen.forms import Schema

_Compiled = tuple[Schema, jsonschema_rs.Draft202012Validator]
_compiled: dict[int, _Compiled] = {}
_reporters: dict[int, tuple[Schema, Any]] = {}
_shells: dict[int, tuple[Schema, Schema]] = {}


_NAMES: Final = {str: "string", bool: "boolean", dict: "object", list: "array", type(None): "null"}
"""What JSON calls what can be only one type there."""


class Complaint(NamedTuple):
    """What is wrong with a value itself."""

    keyword: str
    """Of the schema: ``type``, ``enum``."""
    demanded: Any
    """What the keyword demands."""
    value: Any
    schema: Schema


def is_valid(value: Any, schema: Schema) -> bool:
    """Whether a value is as its schema demands. It holds nothing but plain JSON of few levels and small numbers."""
    known = _compiled.get(id(schema))
    if known is None:
        # With the schema, so that its id stays its own.
        known = _compiled[id(schema)] = (
            schema,
            jsonschema_rs.Draft202012Validator(dict(schema), validate_formats=True),
        )
    return known[1].is_valid(value)


def complaints(value: Any, schema: Schema, pointer: Pointer = ()) -> Iterator[tuple[Pointer, Complaint]]:
    """What is wrong with a value and with what lies in it, looking closely only at what the fast validator refuses.

    So one bad row in a million is found, and of a bad row its bad fields. Our schemas have no ``$ref`` left, so each
    part is its own; the library would make a validator for every value.
    """
    if is_valid(value, schema):
        return
    name = _NAMES.get(type(value))
    if name is not None and name != schema.get("type", name):
        # What else may be wrong with it does not matter.
        yield pointer, Complaint("type", schema["type"], value, schema)
        return
    if name not in ("object", "array") or not is_valid(value, _shell(schema)):
        for error in _reporter(schema).iter_errors(value):
            yield pointer, Complaint(str(error.validator), error.validator_value, value, schema)
    for key, child, inner in _inside(value, schema):
        yield from complaints(child, inner, (*pointer, key))


def _inside(value: Any, schema: Schema) -> Iterator[tuple[str | int, Any, Schema]]:
    """What lies in a value and has a schema of its own."""
    if isinstance(value, dict):
        named, others = schema.get("properties", {}), schema.get("additionalProperties")
        for key, child in value.items():
            inner = named.get(key, others)
            if isinstance(inner, dict):
                yield key, child, inner
    elif isinstance(value, list) and "items" in schema:
        inner = schema["items"]
        yield from ((index, child, inner) for index, child in enumerate(value))


def _shell(schema: Schema) -> Schema:
    """A schema without what it demands of what lies in a value."""
    known = _shells.get(id(schema))
    if known is None:
        shell = {key: demanded for key, demanded in schema.items() if key != "items"}
        if "properties" in schema:
            shell["properties"] = dict.fromkeys(schema["properties"], True)
        if isinstance(schema.get("additionalProperties"), dict):
            del shell["additionalProperties"]
        known = _shells[id(schema)] = (schema, shell)
    return known[1]


def _reporter(schema: Schema) -> Any:
    """What complains of a value itself, and not of what lies in it."""
    known = _reporters.get(id(schema))
    if known is None:
        make, checker = _library()
        known = _reporters[id(schema)] = (schema, make(schema, format_checker=checker))
    return known[1]


@lru_cache(maxsize=64)
def _fits(pattern: str) -> jsonschema_rs.Draft202012Validator:
    """Decides whether a text matches a pattern."""
    return jsonschema_rs.Draft202012Validator({"pattern": pattern})


@lru_cache(maxsize=1)
def _library() -> tuple[Any, Any]:
    """The validator of jsonschema, changed, and its checker of formats."""
    # Only where something is refused: to load it takes as long as to read twenty lists.
    from jsonschema import Draft202012Validator, FormatChecker, ValidationError, validators

    refuse_others: Any = Draft202012Validator.VALIDATORS["additionalProperties"]

    def elsewhere(_validator: Any, _demanded: Any, _instance: Any, _schema: Schema) -> tuple[()]:
        """What lies in a value is looked at by itself."""
        return ()

    def no_others(validator: Any, allowed: Any, instance: Any, schema: Schema) -> Any:
        """``additionalProperties`` where there must be none."""
        return () if isinstance(allowed, dict) else refuse_others(validator, allowed, instance, schema)

    def matches(_validator: Any, pattern: str, instance: Any, _schema: Schema) -> Iterator[Any]:
        """``pattern`` as the fast validator takes it: of Python a line may end behind what ``$`` stands for."""
        if isinstance(instance, str) and not _fits(pattern).is_valid(instance):
            yield ValidationError("")

    changed = {"items": elsewhere, "properties": elsewhere, "additionalProperties": no_others, "pattern": matches}
    return validators.extend(Draft202012Validator, changed), FormatChecker()  # type: ignore[no-untyped-call]
