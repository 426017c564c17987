"""What came of annotating as one JSON document, of the shape that ``schemas/_annotation.schema.json`` describes."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from formgen.annotation.annotated import Annotated
from formgen.annotation.remarks import Remark
from formgen.annotation.since import Change, Comparison
from formgen.checks import Report
from formgen.errors import FormgenError
from formgen.record import Origin

VERSION = 1


def document(
    file: Path,
    path: Path,
    report: Report,
    remarks: Sequence[Remark],
    made: Annotated,
    *,
    form: str,
    written: bool,
    elsewhere: int,
    compared: Comparison | None,
    notes: Sequence[str],
) -> dict[str, Any]:
    """What is told of a file.

    Args:
        file: what was annotated.
        path: its copy.
        report: what was found.
        remarks: what was written into the copy.
        made: the copy.
        form: the form that the file holds.
        written: whether the copy had to be written; it may have lain there as it is.
        elsewhere: how many findings are not about the file.
        compared: what is different from the last submission, if one was named.
        notes: the notes to the colleges, if they were asked for.
    """
    return {
        "version": VERSION,
        "file": str(file),
        "form": form,
        "as_of": report.as_of.isoformat(),
        "copy": str(path),
        "written": written,
        "coloured": made.coloured,
        "commented": made.commented,
        "listed": made.listed,
        "sheet": made.title or None,
        "findings": [_finding(remark) for remark in remarks],
        "elsewhere": elsewhere,
        "since": _since(compared) if compared is not None else None,
        "notes": list(notes),
    }


def text(whole: Mapping[str, Any]) -> str:
    """The JSON text."""
    return json.dumps(whole, ensure_ascii=False, indent=2)


def several(files: Sequence[Mapping[str, Any]], refused: Sequence[tuple[Path, FormgenError]]) -> dict[str, Any]:
    """What is told of several files, and of those that could not be annotated."""
    problems = [
        {"file": str(file), "problem": {"zh": each.sentence("zh"), "en": each.sentence("en")}} for file, each in refused
    ]
    return {"version": VERSION, "files": list(files), "refused": problems}


def _finding(remark: Remark) -> dict[str, Any]:
    finding = remark.finding
    return {
        "rule": finding.kind.id,
        "severity": finding.kind.severity.value,
        "outcome": finding.outcome.value,
        "title": remark.title,
        "message": remark.message,
        "hint": remark.hint,
        **_place(remark.origin),
        "also": [_place(other) for other in remark.also],
        "waived": finding.waived,
    }


def _place(origin: Origin) -> dict[str, Any]:
    return {"sheet": origin.sheet, "cell": origin.cell}


def _since(compared: Comparison) -> dict[str, Any]:
    return {
        "added": [entry.name for entry in compared.added],
        "gone": [entry.name for entry in compared.gone],
        "changed": [_change(change) for change in compared.changed],
        "findings": [each.value for each in compared.became],
        "mended": [finding.kind.id for finding in compared.mended],
    }


def _change(change: Change) -> dict[str, Any]:
    said = {"name": change.person.name, "field": change.field, "before": change.before, "after": change.after}
    return {**said, **_place(change.origin)}
