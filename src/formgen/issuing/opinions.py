"""What an issued form prints of the approvals in the ledger."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from formgen.filling.approvals import Approvals, Shown, Signed
from formgen.forms import Schema, field_schema
from formgen.signing.chain import Entry, Round, Trust

_AGREED: Final = "同意。"
"""What stands in the cell of who approved without a word."""
_SCAN_DIGITS: Final = 12


def of_round(found: Round, trust: Trust) -> tuple[Signed, ...]:
    """The approvals of a round as the small print names them."""
    return tuple(
        Signed(
            trust.policies[entry.step.policy].title(entry.step.role),
            entry.person,
            entry.step.day.isoformat(),
            entry.step.paper is not None,
        )
        for entry in found.approvals
    )


def approvals(
    case: str,
    found: Round,
    trust: Trust,
    values: Mapping[str, Any],
    schema: Schema,
    pictures: Mapping[str, Shown],
    seals: Mapping[str, Shown],
) -> Approvals:
    """What is printed on the documents of a record whose round is complete.

    A form that has opinion cells (``opinions``, each called like the role that fills it) gets those that the record
    itself leaves empty; every form gets the names in its small print.
    """
    return Approvals(case, found.head, of_round(found, trust), opinions(found, values, schema), pictures, seals)


def opinions(found: Round, values: Mapping[str, Any], schema: Schema) -> dict[str, dict[str, str]]:
    """The opinions that go into cells, by role."""
    open_ = _open_cells(values, schema)
    return {
        entry.step.role: {
            "opinion": _text(entry),
            "signed_by": entry.person,
            "date": entry.step.day.isoformat(),
        }
        for entry in found.approvals
        if entry.step.role in open_
    }


def owed(found: Round, values: Mapping[str, Any], schema: Schema, day: date) -> dict[str, dict[str, str]]:
    """The opinions that would go into cells if those who are still awaited approved on a day."""
    open_ = _open_cells(values, schema)
    said = {"opinion": _AGREED, "signed_by": "—", "date": day.isoformat()}
    return {role: said for role in found.lacking if role in open_}


def _open_cells(values: Mapping[str, Any], schema: Schema) -> frozenset[str]:
    """The roles that have a cell which the record itself leaves empty."""
    given = values.get("opinions")
    own = {role for role, opinion in given.items() if opinion} if isinstance(given, dict) else set()
    cells = field_schema(schema, ("opinions",)) or {}
    return frozenset(cells.get("properties", {})) - own


def _text(entry: Entry) -> str:
    said = entry.step.comment or _AGREED
    paper = entry.step.paper
    if paper is None:
        return said
    return f"{said}（纸质签署，扫描件 {paper.scan.removeprefix('sha256:')[:_SCAN_DIGITS]}）"
