"""Records drawn from a form's schema: any that the schema allows, nasty ones among them."""

from typing import Any

from hypothesis import strategies as st

from formgen.forms import Schema

_NASTY = ["A & B < C > D", "]]>", "\"'", "=1+1", "𠮷䶮·", "_x0041_", "a\nb", "a\tb", "\u200b", "  ", "-", "@x"]
# Text that XML can hold: everything else has a finding, and is not filled but for a draft.
_TEXT = st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Cn"], exclude_characters="\ufffe\uffff")


def records(schema: Schema) -> st.SearchStrategy[Any]:
    """Values that ``schema`` allows."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "pattern" in schema:
        texts = st.from_regex(schema["pattern"].replace("$", r"\Z"), fullmatch=True)
        return texts.filter(lambda text: schema.get("format") != "date" or _is_date(text))
    kind = schema["type"]
    if kind == "string":
        least, most = schema.get("minLength", 0), min(schema.get("maxLength", 30), 30)
        nasty = st.sampled_from([text for text in _NASTY if least <= len(text) <= most])
        return nasty | st.text(_TEXT, min_size=least, max_size=most)
    if kind == "integer":
        return st.integers(schema.get("minimum"), schema.get("maximum"))
    if kind == "boolean":
        return st.booleans()
    if kind == "array":
        return st.lists(records(schema["items"]), max_size=4)
    fields = {key: records(field) for key, field in schema.get("properties", {}).items()}
    needed = {key: fields.pop(key) for key in schema.get("required", ())}
    return st.fixed_dictionaries(needed, optional=fields)


def _is_date(text: str) -> bool:
    year, month, day = (int(part) for part in text.split("-"))
    return 1 <= month <= 12 and 1 <= day <= 28 and year > 0
