"""The libraries that validate values by a schema.

jsonschema reports; jsonschema_rs, which is some hundred times faster, decides whether there is anything to report.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from formgen.findings import Pointer
from formgen.forms import Schema

if TYPE_CHECKING:
    from jsonschema import ValidationError

_Compiled = tuple[Schema, jsonschema_rs.Draft202012Validator]
_compiled: dict[int, _Compiled] = {}
_reporters: dict[int, tuple[Schema, Any]] = {}


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


def complaints(value: Any, schema: Schema, pointer: Pointer = ()) -> Iterator[tuple[Pointer, "ValidationError"]]:
    """What is wrong with a value and with what lies in it, looking closely only at what the fast validator refuses.

    So one bad row in a million is found, and of a bad row its bad fields. Our schemas have no ``$ref`` left, so each
    part is its own; the library would make a validator for every value.
    """
    if is_valid(value, schema):
        return
    for error in _reporter(schema).iter_errors(value):
        yield pointer, error
    if isinstance(value, dict):
        named, others = schema.get("properties", {}), schema.get("additionalProperties")
        for key, child in value.items():
            inner = named.get(key, others)
            if isinstance(inner, dict):
                yield from complaints(child, inner, (*pointer, key))
    elif isinstance(value, list) and "items" in schema:
        for index, child in enumerate(value):
            yield from complaints(child, schema["items"], (*pointer, index))


def _reporter(schema: Schema) -> Any:
    """What complains of a value itself, and not of what lies in it."""
    known = _reporters.get(id(schema))
    if known is None:
        make, checker = _library()
        known = _reporters[id(schema)] = (schema, make(schema, format_checker=checker))
    return known[1]


@lru_cache(maxsize=1)
def _library() -> tuple[Any, Any]:
    """The validator of jsonschema, changed, and its checker of formats."""
    # Only where something is refused: to load it takes as long as to read twenty lists.
    from jsonschema import Draft202012Validator, FormatChecker, validators

    refuse_others: Any = Draft202012Validator.VALIDATORS["additionalProperties"]

    def elsewhere(_validator: Any, _demanded: Any, _instance: Any, _schema: Schema) -> tuple[()]:
        """What lies in a value is looked at by itself."""
        return ()

    def no_others(validator: Any, allowed: Any, instance: Any, schema: Schema) -> Any:
        """``additionalProperties`` where there must be none."""
        return () if isinstance(allowed, dict) else refuse_others(validator, allowed, instance, schema)

    changed = {"items": elsewhere, "properties": elsewhere, "additionalProperties": no_others}
    return validators.extend(Draft202012Validator, changed), FormatChecker()  # type: ignore[no-untyped-call]
