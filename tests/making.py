"""Records drawn from a form's schema, and any JSON whatever."""

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from formgen.forms import Schema

TEXT = st.text(st.characters(codec="utf-8"), max_size=30)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


def values(schema: Schema) -> st.SearchStrategy[Any]:
    """What the schema allows; texts and lists are kept short."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema.get("type"):
        case "object":
            fields = {key: values(field) for key, field in schema.get("properties", {}).items()}
            required = {key: fields.pop(key) for key in schema.get("required", ())}
            return st.fixed_dictionaries(required, optional=fields)
        case "array":
            return st.lists(values(schema["items"]), max_size=min(3, schema.get("maxItems", 3)))
        case "integer":
            return st.integers(schema["minimum"], schema["maximum"])
        case "boolean":
            return st.booleans()
        case _:
            if "pattern" in schema:
                return st.from_regex(schema["pattern"], fullmatch=True)
            return TEXT.map(lambda text: text[: schema.get("maxLength", 30)] or "一")


def broken(schema: Schema) -> st.SearchStrategy[Any]:
    """Like :func:`values`, with any JSON in some places."""
    match schema.get("type"):
        case "object":
            fields = {key: broken(field) for key, field in schema.get("properties", {}).items()}
            return st.fixed_dictionaries({}, optional=fields) | ANY_JSON
        case "array":
            return st.lists(broken(schema["items"]), max_size=3) | ANY_JSON
        case _:
            return values(schema) | ANY_JSON


def leaves(value: Any, schema: Schema) -> Iterator[tuple[Any, Schema]]:
    """Each value of a record that is printed by itself, with its schema; columns that are optional are not printed."""
    if "x-typeset" in schema or schema.get("type") not in ("object", "array"):
        yield value, schema
    elif schema["type"] == "array":
        for item in value:
            yield from leaves(item, schema["items"])
    else:
        for key, item in value.items():
            if "x-optional-column" not in schema["properties"][key]:
                yield from leaves(item, schema["properties"][key])
