"""Filling forms: compiled templates, how values are set, and reading back what was printed."""

from formgen.filling.readback import Readback, UnknownDocument, read_document
from formgen.filling.template import Document, Template, compile_template, examine

__all__ = ["Document", "Readback", "Template", "UnknownDocument", "compile_template", "examine", "read_document"]
