"""What stands where a finding is: the row of a table, or the quotation of a clause."""

from dataclasses import dataclass
from typing import Any

from formgen.dossier import Dossier
from formgen.findings import Address, Text
from formgen.forms import Schema, catalogue, dossier_schema

_LONGEST = 200
_YES, _NO = Text("是", "yes"), Text("否", "no")
_BLANK = Text("（没有填）", "(blank)")


@dataclass(frozen=True, slots=True)
class Row:
    """Fields that stand side by side: heading and content of each; ``marked`` is the one that the finding is about."""

    headings: tuple[str, ...]
    cells: tuple[str, ...]
    marked: int | None


@dataclass(frozen=True, slots=True)
class Quotation:
    """What a document says, and where."""

    source: str
    quote: str


def excerpt(at: Address, dossier: Dossier, lang: str = "zh") -> Row | Quotation | None:
    """What stands around an address, or None where there is no row and no clause: a whole form, a list."""
    record = dossier.record_at(at)
    if at.form == "dossier":
        values, schema = dossier.values, dossier_schema()
    elif record is not None:
        values, schema = record.values, catalogue().edition(at.form, dossier.as_of).schema
    else:
        return None
    row, of_row, depth = _around(values, schema, at)
    if row is None:
        return None
    if isinstance(row.get("quote"), str):
        return Quotation(_source(row, values), row["quote"])
    marked = str(at.pointer[depth]) if depth < len(at.pointer) else None
    return _row(row, of_row, marked, lang, whole=depth > 0)


def _around(values: Any, schema: Schema, at: Address) -> tuple[dict[str, Any] | None, Schema, int]:
    """The innermost group on the way to an address, its schema, and how many keys lead to it.

    What is printed as one value (a ranking, a period) is no group.
    """
    found: tuple[dict[str, Any] | None, Schema, int] = (values if isinstance(values, dict) else None, schema, 0)
    node, value = schema, values
    for depth, key in enumerate(at.pointer, start=1):
        if isinstance(value, list) and isinstance(key, int) and key < len(value):
            node, value = node.get("items", {}), value[key]
        elif isinstance(value, dict) and str(key) in value:
            # The items of the filing have digits for keys, which a pointer's text cannot tell from positions.
            extra = node.get("additionalProperties")
            beside = extra if isinstance(extra, dict) else {}
            node, value = node.get("properties", {}).get(str(key), beside), value[str(key)]
        else:
            break
        if "x-typeset" in node:
            break
        if isinstance(value, dict):
            found = (value, node, depth)
    return found


def _row(row: dict[str, Any], schema: Schema, marked: str | None, lang: str, *, whole: bool) -> Row | None:
    """The fields of a group in the order of its form; of a whole record only the one that is meant."""
    fields: dict[str, Any] = schema.get("properties", {})
    keys = [key for key in (*fields, *(key for key in row if key not in fields)) if key in row or key == marked]
    shown = [(key, _shown(row.get(key), lang)) for key in keys if whole or (key == marked and key in row)]
    cells = [(key, text) for key, text in shown if text is not None]
    if not cells:
        return None
    return Row(
        tuple(str(fields.get(key, {}).get("title", key)) for key, _ in cells),
        tuple(text for _, text in cells),
        next((place for place, (key, _) in enumerate(cells) if key == marked), None),
    )


def _shown(value: Any, lang: str) -> str | None:
    """A value as a cell shows it; None for groups and lists, which are no cells."""
    if value is None:
        return _BLANK.lang(lang)
    if isinstance(value, bool):
        return (_YES if value else _NO).lang(lang)
    if isinstance(value, dict):
        value = value.get("text", "–".join(str(value[key]) for key in ("start", "end") if key in value) or None)
    if value is None or isinstance(value, dict | list):
        return None
    text = str(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _source(row: dict[str, Any], values: Any) -> str:
    """The document and the clause that are quoted; the document by its title where the record has a list of them."""
    documents = values.get("documents") if isinstance(values, dict) else None
    titles = {
        entry.get("key"): entry.get("title")
        for entry in (documents if isinstance(documents, list) else ())
        if isinstance(entry, dict) and isinstance(entry.get("key"), str)
    }
    document = row.get("document")
    title = titles.get(document) if isinstance(document, str) else None
    named = f"《{title}》" if title is not None else document
    return "".join(part for part in (named, row.get("clause")) if isinstance(part, str))
