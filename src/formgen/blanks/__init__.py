"""Blank forms to hand out: what a form's schema says, ready to be filled in by a person and read back."""

from collections.abc import Mapping
from typing import Any

from formgen.blanks import word_form
from formgen.errors import UsageError
from formgen.findings import Text
from formgen.forms import Edition
from formgen.intake import headings

__all__ = ["formats", "make"]

_MOST_IN_WORD = 200
"""Rows of a list in a Word form: each has controls of its own, and Word becomes slow."""


def formats(edition: Edition) -> tuple[str, ...]:
    """The suffixes of the files that a blank of this form can be, the usual one first."""
    lists = (".xlsx",) if headings.table(edition.schema) is not None else ()
    forms = (".docx",) if ".docx" in edition.templates else ()
    # A form that each person fills in is a document; its table is for whoever collects them.
    return (*forms, *lists) if edition.many else (*lists, *forms)


def make(edition: Edition, suffix: str, rows: int | None = None, dossier: Mapping[str, Any] | None = None) -> bytes:
    """The blank form as a file.

    Args:
        edition: the form.
        suffix: which kind of file.
        rows: how many rows a list has to be filled in; None for as many as are usual.
        dossier: what dossier.json says, where the form is for one school.

    Raises:
        UsageError: there is no such blank.
    """
    table = headings.table(edition.schema)
    if suffix == ".xlsx" and table is not None:
        # with its library, which takes long to load; filled Word forms need none of it
        from formgen.blanks import workbook

        return workbook.blank(edition, table, workbook.ROWS if rows is None else rows, dossier or {})
    if suffix == ".docx" and suffix in edition.templates:
        if (rows or 0) > _MOST_IN_WORD:
            raise UsageError(
                Text(f"Word 表最多留 {_MOST_IN_WORD} 行", f"a Word form has at most {_MOST_IN_WORD} rows"),
                remedy=Text("更长的名单请用工作簿（.xlsx）", "take a workbook (.xlsx) for a longer list"),
            )
        return word_form.blank(edition, word_form.usual_rows(edition) if rows is None else rows, dossier or {})
    possible = formats(edition)
    raise UsageError(
        Text(f"“{edition.title}”没有 {suffix} 格式的空白表", f"{edition.key} has no blank {suffix} form"),
        remedy=Text(f"可以是：{'、'.join(possible)}", f"it can be: {', '.join(possible)}"),
    )
