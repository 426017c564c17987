"""Reads forms out of documents: Word files filled in by hand, web pages, Markdown."""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from formgen.forms import Edition

if TYPE_CHECKING:
    from formgen.intake.documents.filled_in import Found, best_edition, open_document, read, read_as, recognise

SUFFIXES: Final = (".docx", ".docm", ".html", ".htm", ".md")

__all__ = ["SUFFIXES", "Found", "best_edition", "can_hold", "open_document", "read", "read_as", "recognise"]


def can_hold(edition: Edition) -> bool:
    """Whether a form is ever a document: not what is data for rules only."""
    return edition.schema.get("x-kind") != "input"


def __getattr__(name: str) -> Any:
    # Looked up when first used: lists need not wait for what reads documents.
    if name in __all__:
        return getattr(import_module("formgen.intake.documents.filled_in"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
