"""Compiling a Word form that keeps its controls: filled in, and still to be corrected or gone on with by a person.

Every difference between a control that has a value and one that has none lies within the control, so that a control is
written once. Lists have empty rows behind their items.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from lxml import etree

from formgen import opc
from formgen.filling import data_part, draft_mark
from formgen.filling.assembly import Region, Scopes, lookup
from formgen.filling.controls import Control, Path, Problem, parse_tag
from formgen.filling.docx import PartCompiler
from formgen.filling.lookups import Filling, Lookup
from formgen.filling.slots import Blank, Body, Each, Lines, Long, Piece, When
from formgen.filling.template import Template, compile_word, live, mismatch
from formgen.filling.word_tree import W14, WP, Sdt, W, only_run
from formgen.forms import Edition, Schema

SPARE = 2
"""Empty rows behind the items of a list, at least."""


class KeepingCompiler(PartCompiler):
    """Turns one part of a form to be filled in into pieces; its controls stay."""

    def __init__(self, name: str, root: etree._Element, schema: Schema, rows: int) -> None:
        super().__init__(name, root, schema)
        self._rows = rows
        """How many rows a list has at least."""

    def _replace(self, sdt: Sdt) -> None:
        if sdt.is_region:
            super()._replace(sdt)
            return
        if sdt.has(f"{W}picture"):
            self._replace_picture(sdt)
            self._number_placeholder(sdt)
        elif sdt.has(f"{W14}checkbox"):
            self._replace_tick(sdt)
            self._mark_ticked(sdt)
        else:
            self._put_value(sdt)
            self._mark_day(sdt)
        sdt.anchor = sdt.element
        for id in sdt.element.iterfind(f"{W}sdtPr/{W}id"):
            id.set(f"{W}val", self._number())

    def _number(self) -> str:
        return self._marks.attribute("control", lambda scopes: ControlNumber())

    def _number_placeholder(self, sdt: Sdt) -> None:
        """Numbers the shape that stands where no picture is: several of them may stay."""
        empty = list(sdt.content.iter(f"{W}r"))[1:]
        for shape in (shape for run in empty for shape in run.iter(f"{WP}docPr")):
            shape.set("id", self._number())

    def _stays(self, element: etree._Element) -> bool:
        tag = element.find(f"{W}sdtPr/{W}tag")
        return tag is not None and parse_tag(tag.get(f"{W}val", "")) is not None

    def _list(self, prefix: Path, *, blank: bool) -> Region:
        def make(scopes: Scopes, body: Body, otherwise: Body) -> Piece:
            return Room(lookup(prefix[:-1], scopes), body, self._rows)

        return Region(prefix, make, always=True)

    def _put_value(self, sdt: Sdt) -> None:
        """The value where there is one, else what invites to write."""
        path = sdt.control.path
        prompt = next(copy.deepcopy(run) for run in sdt.content.iter(f"{W}r"))
        run = only_run(sdt)
        paragraph = run.getparent()
        if paragraph is not None and paragraph.tag == f"{W}p":
            empty = copy.deepcopy(paragraph)
            for child in empty.findall(f"{W}r"):
                empty.replace(child, prompt)
            paragraph.addnext(empty)
            self._wrap(self._region_of(sdt.control), paragraph, paragraph, empty)
            self._set_in_paragraphs(sdt, run, paragraph)
        else:
            run.addnext(prompt)
            self._put_text(run, path)
            self._wrap(self._region_of(sdt.control), run, run, prompt)
        for shows in sdt.element.findall(f"{W}sdtPr/{W}showingPlcHdr"):
            self._wrap(Region((), _Present(path, there=False).make), shows, shows)

    def _set_in_paragraphs(self, sdt: Sdt, run: etree._Element, paragraph: etree._Element) -> None:
        path, typeset = sdt.control.path, self._typeset(sdt.control.path)

        def make(scopes: Scopes, body: Body, otherwise: Body) -> Piece:
            return Lines(lookup(path, scopes), typeset, body)

        self._put_line(run)
        self._lines.append((Region((), make, always=True), paragraph))

    def _region_of(self, control: Control) -> Region:
        return Region((), _Present(control.path).make)

    def _mark_ticked(self, sdt: Sdt) -> None:
        box = sdt.element.find(f"{W}sdtPr/{W14}checkbox")
        checked = None if box is None else box.find(f"{W14}checked")
        if box is None or checked is None:
            raise AssertionError("a control to be filled in says whether it is ticked")
        checked.set(f"{W14}val", "1")
        other = copy.deepcopy(checked)
        other.set(f"{W14}val", "0")
        checked.addnext(other)
        self._wrap(self._region(sdt.control), checked, checked, other)

    def _mark_day(self, sdt: Sdt) -> None:
        """Has a calendar open on the day that is filled in."""
        calendar = sdt.element.find(f"{W}sdtPr/{W}date")
        if calendar is None:
            return
        path = sdt.control.path
        other = copy.deepcopy(calendar)
        calendar.addnext(other)
        calendar.set(f"{W}fullDate", self._marks.attribute("day", lambda scopes: Day(lookup(path, scopes))))

        def make(scopes: Scopes, body: Body, otherwise: Body) -> Piece:
            return OnDay(lookup(path, scopes), body, otherwise)

        self._wrap(Region((), make), calendar, calendar, other)


def compile_form(package: opc.Package, name: str, digest: str, edition: Edition, rows: int) -> Template:
    """The template of a form that keeps its controls, each document of which is marked as a draft.

    Args:
        package: a Word form to be filled in, with its controls, its conditions decided and nothing repeated yet.
        name: what it is called.
        digest: of the template that it was made of.
        edition: the form.
        rows: how many rows a list has at least.

    Raises:
        TemplateError: it does not match its form.
    """
    main = package.related("", "officeDocument")[0]
    parts = draft_mark.marked(package, main).parts
    parts = opc.without(opc.Package(parts), main, set(data_part.names(parts)))
    parts = opc.with_content_types(parts, {}, {"jpg": "image/jpeg", "png": "image/png"})
    problems: list[Problem] = []

    def make(part: str, root: etree._Element, schema: Schema) -> KeepingCompiler:
        return KeepingCompiler(part, root, schema, rows)

    compiled, made, controls = compile_word(opc.Package(parts), edition, problems, make)
    if problems:
        raise mismatch(name, problems)
    return Template(edition, digest, True, tuple(controls), live(compiled, made), compiled, carries=False)


@dataclass(frozen=True, slots=True)
class _Present:
    """Makes the piece that is there if a value is, or if it is not."""

    path: Path
    there: bool = True

    def make(self, scopes: Scopes, body: Body, otherwise: Body) -> Piece:
        """The piece."""
        return When(lookup(self.path, scopes), None, *((body, otherwise) if self.there else (otherwise, body)))


@dataclass(frozen=True, slots=True)
class Room(Long):
    """``body`` for each item of a list, and for the empty places behind them: ``rows`` in all, and some are empty."""

    lookup: Lookup
    body: Body
    rows: int

    def chunks(self, filling: Filling) -> Iterator[bytes]:
        """The same in batches."""
        items = self.lookup.find(filling)
        yield from Each(self.lookup, self.body, Body()).chunks(filling)
        empty = Blank(self.body)
        for _ in range(max(self.rows - (len(items) if isinstance(items, list) else 0), SPARE)):
            yield empty.text(filling)


@dataclass(frozen=True, slots=True)
class ControlNumber(Piece):
    """The number of a control, or of what it shows: each has its own."""

    def text(self, filling: Filling) -> bytes:
        """Its digits."""
        if filling.embedded is None:
            raise AssertionError("a control outside of a document")
        return b"%d" % filling.embedded.control()


@dataclass(frozen=True, slots=True)
class Day(Piece):
    """The day of a date or a month, as the calendar of a control says it."""

    lookup: Lookup

    def text(self, filling: Filling) -> bytes:
        """The day at midnight."""
        return f"{_day(self.lookup.find(filling))}T00:00:00Z".encode()


@dataclass(frozen=True, slots=True)
class OnDay(Piece):
    """``body`` if a value is a day or a month, else ``otherwise``."""

    lookup: Lookup
    body: Body
    otherwise: Body

    def text(self, filling: Filling) -> bytes:
        """The one that holds."""
        there = _day(self.lookup.find(filling)) is not None
        return (self.body if there else self.otherwise).text(filling)


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value if len(value) == 10 else f"{value}-01") if isinstance(value, str) else None
    except ValueError:
        return None
