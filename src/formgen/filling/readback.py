"""Reading back a document that formgen made: the fields that it prints, and where text and data part differ.

The data part says what was printed. The document is filled again from it, and the texts of the two are compared: where
somebody has edited the text, the field is named with what stands there now.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from lxml import etree

from formgen import opc
from formgen.errors import FormgenError
from formgen.filling import data_part, issued, seals
from formgen.filling.approvals import Approvals
from formgen.filling.approvals import read as read_approvals
from formgen.filling.controls import Path, join_path
from formgen.filling.lookups import Filling
from formgen.filling.references import parse_range
from formgen.filling.slots import Body, Each, Line, Lines, Piece, Value
from formgen.filling.template import Template, compile_template
from formgen.filling.word_tree import W
from formgen.filling.xlsx import S
from formgen.findings import Text
from formgen.forms import Edition, Forms
from formgen.pictures import Picture

ReadList = Callable[[Edition], Any]
"""Reads the list of a workbook from its cells, as the values of its form."""


class UnknownDocument(FormgenError):
    """A file that formgen did not make, or not with any template that it has."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where the text is not what the data part prints. ``field`` is empty where no field can be named."""

    field: str
    place: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class Readback:
    """What a document says: its form, the values it prints (those of the dossier under ``dossier``)."""

    form: str
    draft: bool
    values: Mapping[str, Any]
    differences: tuple[Difference, ...]
    compared: bool
    """Whether the text could be compared: not if the document was made with another template or schema."""
    approvals: Approvals | None = None
    """Of an issued document: the approvals that it prints beside its values."""


@dataclass(frozen=True)
class Made:
    """What a document that formgen made is made of; no template where that is not there any more."""

    form: str
    draft: bool
    values: Mapping[str, Any]
    approvals: Approvals | None
    template: Template | None


def made_of(package: opc.Package, name: str, forms: Forms, read_list: ReadList) -> Made:
    """The values that a document prints, and the template that it was made with.

    Args:
        package: the document.
        name: its name, for messages.
        forms: the forms that may have made it.
        read_list: reads the list of a workbook, whose cells are its data.

    Raises:
        PackageError: what it carries is damaged.
        UnknownDocument: formgen did not make it.
    """
    carried = _carried(package, name)
    editions = forms.get(carried.form, ()) if carried is not None else ()
    if carried is None or not editions or not isinstance(carried.values, dict):
        raise UnknownDocument(
            Text("这不是 formgen 生成的文件（没有数据部件）", "formgen did not make this file: it carries no data"),
            place=name,
        )
    template = _template(editions, carried, name.rpartition(".")[2].lower())
    values = dict(carried.values)
    if package.related("", "officeDocument")[0].startswith("xl/"):
        values |= read_list(template.edition if template is not None else editions[-1])
    if template is not None and template.layout is not None:
        values = data_part.pruned(values, data_part.tree_of(template.printed))
    return Made(carried.form, carried.draft, values, _approvals(carried, name), template)


def read_document(data: bytes, name: str, forms: Forms, read_list: ReadList) -> Readback:
    """The printed fields of a document that formgen made, and where its text says something else.

    Args:
        data: the file.
        name: its name, for messages.
        forms: the forms that may have made it.
        read_list: reads the list of a workbook, whose cells are its data.

    Raises:
        PackageError: the file is no package, or a dangerous one.
        UnknownDocument: formgen did not make it.
    """
    package = opc.read(data, name)
    made = made_of(package, name, forms, read_list)
    differences = tuple(differences_from(package, made))
    return Readback(made.form, made.draft, made.values, differences, made.template is not None, made.approvals)


def differences_from(package: opc.Package, made: Made) -> Iterator[Difference]:
    """Where a document's text is not what its own data prints; nowhere, where the template is gone."""
    if made.template is not None:
        yield from _differences(package, made.template, made.values, made.approvals)


def _carried(package: opc.Package, name: str) -> data_part.Carried | None:
    try:
        return data_part.find(package)
    except opc.PackageError as error:
        raise opc.PackageError(error.problem, place=name) from error


def _approvals(carried: data_part.Carried, name: str) -> Approvals | None:
    try:
        return read_approvals(carried.approvals) if carried.approvals is not None else None
    except opc.PackageError as error:
        raise opc.PackageError(error.problem, place=name) from error


def _template(editions: tuple[Edition, ...], carried: data_part.Carried, suffix: str) -> Template | None:
    """The template that the document was made with, None if it is not there any more."""
    for edition in editions:
        path = edition.templates.get(f".{suffix}")
        if path is not None and edition.schema_digest == carried.schema:
            template = _compiled(path.read_bytes(), path.name, edition, draft=carried.draft)
            if template.digest == carried.template:
                return template
    return None


_KEPT = 16
_Key = tuple[bytes, str, str, bool, tuple[tuple[str, str], ...]]
_templates: dict[_Key, Template] = {}


def _compiled(data: bytes, name: str, edition: Edition, *, draft: bool) -> Template:
    key = (sha256(data).digest(), name, edition.schema_digest, draft, ())
    return _kept(key, lambda: compile_template(data, name, edition, draft=draft))


def with_seals(template: Template, suffix: str, put: Mapping[str, Picture]) -> Template:
    """The template of an issued document: with pictures of seals, and dashed places where there is none."""
    return _sealed(template, suffix, {where: put.get(where) for where in seals.places(template)})


def _sealed(template: Template, suffix: str, marks: Mapping[str, Picture | None]) -> Template:
    if not marks:
        return template
    path = template.edition.templates[f".{suffix}"]
    noted = tuple(sorted((where, sha256(mark.data).hexdigest() if mark else "") for where, mark in marks.items()))
    data = path.read_bytes()
    key = (sha256(data).digest(), path.name, template.edition.schema_digest, False, noted)
    return _kept(key, lambda: seals.sealed(data, path.name, template.edition, marks))


def _kept(key: _Key, make: Callable[[], Template]) -> Template:
    """A template; the last few are kept, because whoever reads a thousand documents back has few kinds of them."""
    if key not in _templates:
        while len(_templates) >= _KEPT:
            del _templates[next(iter(_templates))]
        _templates[key] = make()
    return _templates[key]


# --- comparing -------------------------------------------------------------------------------------------------------

# Private-use characters around the number of a field, in a copy of the document that has them in place of its texts.
_OPEN, _CLOSE = "\ue0f0", "\ue0f1"
_MARKED = re.compile(f"{_OPEN}([0-9]+){_CLOSE}")


@dataclass(frozen=True, slots=True)
class _Marker(Piece):
    """Writes the number of a field where its text would stand."""

    piece: "Value | Line"
    path: Path
    seen: list[Path]

    def text(self, filling: Filling) -> bytes:
        self.seen.append(self.path)
        return f"{_OPEN}{len(self.seen) - 1}{_CLOSE}".encode()


def _differences(
    package: opc.Package, template: Template, values: Mapping[str, Any], approvals: Approvals | None
) -> Iterator[Difference]:
    def filled(template: Template) -> opc.Package:
        if approvals is None:
            return opc.read(template.fill(values).data, "")
        return issued.marked(opc.read(template.fill(approvals.printed(values)).data, ""), approvals)

    if approvals is not None:  # a dashed place has words, a picture of a seal has none
        template = _sealed(template, "docx", dict.fromkeys(seals.places(template) - approvals.seals.keys()))
    expected = filled(template)
    seen: list[Path] = []
    marked = filled(_marked(template, seen)) if template.layout is None else expected
    for part in template.parts:
        if part.name not in package.parts:
            yield Difference("", part.name, "", "")
            continue
        texts = [_texts(p.parts, part.name) for p in (package, expected, marked)]
        found, wanted, pattern = texts
        if template.layout is None and len(found) != len(wanted):
            yield Difference("", part.name, f"{len(wanted)}", f"{len(found)}")
        for place, text in wanted.items():
            if found.get(place, "") != text:
                yield from _named(place, text, found.get(place, ""), pattern[place], seen)


def _named(place: str, expected: str, found: str, pattern: str, seen: list[Path]) -> Iterator[Difference]:
    """The fields of a paragraph (or cell) whose text differs; the paragraph as a whole if its own words do."""
    fields = [seen[int(number)] for number in _MARKED.findall(pattern)]
    expression = "(.*?)".join(re.escape(static) for static in _MARKED.split(pattern)[::2])
    was, now = (re.fullmatch(expression, text, re.DOTALL) for text in (expected, found))
    if not fields or was is None or now is None:
        yield Difference("", place, expected, found)
        return
    for path, before, after in zip(fields, was.groups(), now.groups(), strict=True):
        if before != after:
            yield Difference(join_path(path), place, before, after)


def _marked(template: Template, seen: list[Path]) -> Template:
    """The template with markers in place of its texts."""

    def mark(body: Body, scopes: tuple[Path, ...], line: Path) -> Body:
        pieces = (piece if isinstance(piece, str) else marked(piece, scopes, line) for piece in body.pieces)
        return Body(tuple(pieces))

    def marked(piece: Piece, scopes: tuple[Path, ...], line: Path) -> Piece:
        if isinstance(piece, Value):
            return _Marker(piece, (*scopes[piece.lookup.depth], *piece.lookup.keys), seen)
        if isinstance(piece, Line):
            return _Marker(piece, line, seen)
        return _with_bodies(piece, scopes, line, mark)

    parts = tuple(replace(part, body=mark(part.body, ((),), ())) for part in template.parts)
    return replace(template, parts=parts)


_Mark = Callable[[Body, tuple[Path, ...], Path], Body]


def _with_bodies(piece: Any, scopes: tuple[Path, ...], line: Path, mark: _Mark) -> Piece:
    """``piece`` with everything that it holds marked."""
    lookup = getattr(piece, "lookup", None)
    if lookup is not None:
        path = (*scopes[lookup.depth], *lookup.keys)
        if isinstance(piece, Lines):
            line = path
        elif isinstance(piece, Each):
            scopes = (*scopes, (*path, "[]"))
    held = {name: mark(getattr(piece, name), scopes, line) for name in ("body", "otherwise") if hasattr(piece, name)}
    marked: Piece = replace(piece, **held) if held else piece
    return marked


def _texts(parts: Mapping[str, bytes], name: str) -> dict[str, str]:
    """The texts of a part by place: each paragraph of a Word part, each filled cell of a sheet."""
    root = opc.parse_xml(parts[name])
    if root.tag == f"{S}worksheet":
        return dict(_cells(root, parts))
    if root.tag == f"{S}workbook":
        return {}
    return {f"{name} ¶{index}": _text(paragraph) for index, paragraph in enumerate(root.iter(f"{W}p"), start=1)}


def _text(paragraph: etree._Element) -> str:
    """The text of a paragraph, without that of text boxes in it; a page break is no text."""
    pieces = []
    for run in paragraph.iter(f"{W}r"):
        if next(run.iterancestors(f"{W}p"), None) is not paragraph:
            continue
        for element in run.iterchildren(f"{W}t", f"{W}br", f"{W}tab"):
            if element.get(f"{W}type") is None:
                pieces.append({f"{W}br": "\n", f"{W}tab": "\t"}.get(str(element.tag), element.text or ""))
    return "".join(pieces)


def _cells(root: etree._Element, parts: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    shared = [
        "".join(text.text or "" for text in item.iter(f"{S}t"))
        for item in (opc.parse_xml(parts["xl/sharedStrings.xml"]) if "xl/sharedStrings.xml" in parts else ())
    ]
    for cell in root.iter(f"{S}c"):
        value = cell.findtext(f"{S}v") or ""
        if cell.get("t") == "s":
            index = int(value) if value.isdecimal() else len(shared)
            value = shared[index] if index < len(shared) else ""
        elif cell.get("t") == "inlineStr":
            value = "".join(text.text or "" for text in cell.iter(f"{S}t"))
        if value and parse_range(cell.get("r", "")) is not None:
            yield cell.get("r", ""), value
