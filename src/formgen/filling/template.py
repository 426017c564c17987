"""A compiled template: read, checked against its schema, and split once; filled any number of times."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lxml import etree

from formgen import opc, packing
from formgen.errors import TemplateError
from formgen.filling import data_part, draft_mark, media, xlsx
from formgen.filling.carried_text import carried_text
from formgen.filling.columns import Taken
from formgen.filling.controls import Control, Path, Problem, Role, join_path, leaves
from formgen.filling.docx import PartCompiler
from formgen.filling.lookups import Filling
from formgen.filling.media import Media
from formgen.filling.rows import Layout
from formgen.filling.slots import Body
from formgen.filling.word_tree import W
from formgen.findings import Text
from formgen.forms import Edition, Schema
from formgen.pictures import Picture

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml."
_WORD_PARTS = tuple(f"{_WORD}{kind}+xml" for kind in ("document.main", "header", "footer", "footnotes", "endnotes"))
_MAIN_TYPES = {
    ".docx": f"{_WORD}document.main+xml",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
}
_KEPT = 64
"""How many variants of a part that hardly differs between documents are kept."""
_BRIEF = 1024
"""Bytes of a part that may be such."""


@dataclass(frozen=True, slots=True)
class Document:
    """A filled document: the bytes of its file, and the digest of its content."""

    data: bytes
    content_digest: str


@dataclass(frozen=True)
class Part:
    """A part that is written anew for each document."""

    name: str
    body: Body
    placeholders: frozenset[str]
    related: bool
    """Whether it has relationships."""


@dataclass(frozen=True)
class Template:
    """A template compiled for one edition of a form."""

    edition: Edition
    digest: str
    draft: bool
    controls: tuple[Control, ...]
    parts: tuple[Part, ...]
    """The parts that are written anew."""
    package: opc.Package
    """The template with what every document gets: data part, picture types, the mark of a draft."""
    layout: Layout | None = None
    """Which rows of a workbook are repeated."""
    carries: bool = True
    """Whether a document carries its own data."""

    @cached_property
    def printed(self) -> frozenset[Path]:
        """The paths of every field that a document of this template prints."""
        return frozenset(c.path for c in self.controls if c.role in (Role.VALUE, Role.TICK))

    def carried_values(self, values: Mapping[str, Any]) -> Any:
        """Of ``values`` what the document carries in its data part: what it prints; in a workbook without lists."""
        return data_part.pruned(values, self._carried) if self._carried is not None else {}

    @cached_property
    def _carried(self) -> data_part.Tree | None:
        """The paths of what a document carries."""
        paths = [path for path in self.printed if self.layout is None or "[]" not in path]
        return data_part.tree_of(paths) if paths else None

    def fill(self, values: Mapping[str, Any], pictures: Mapping[str, Picture] | None = None) -> Document:
        """The document of one record.

        Args:
            values: the record's values, with those of the dossier under ``dossier``; anything absent stays empty.
            pictures: the pictures by the value of the field that names them.
        """
        written = _Written()
        shown = Media(self._media_name)
        dropped: set[tuple[str, str]] = set()
        taken: Taken = {}
        rows = self.layout.rows(values) if self.layout is not None else None
        for part in self.parts:
            filling = Filling([values], pictures=pictures or {}, embedded=shown, rows=rows, taken=taken)
            shown.begin()
            if part.body.is_long:
                written.extend(self._packed(part.name, part.body.chunks(filling)))
            else:
                written.extend(self._packed_text(part.name, part.body.text(filling)))
            if part.related:
                gone = part.placeholders - shown.kept
                dropped |= {(part.name, id) for id in gone}
                written.extend(self._relationships(part.name, gone, tuple(shown.added)))
        if self.carries:
            content = carried_text(values, self._carried, taken) if self._carried is not None else b"{}"
            carried = data_part.build(self.edition.key, self.edition.schema_digest, self.digest, self.draft, content)
            written.extend(self._packed_text(data_part.NAME, carried))
        folder = "word" if self.layout is None else "xl"
        for name, picture in shown.files.items():
            part_name = f"{folder}/{name}"
            written.members.append(packing.member(part_name, picture.data))
            content_type = self.package.content_type(part_name)
            written.lines.append(opc.digest_line_of(part_name, content_type, picture.sha256))
        static = self._static(frozenset(n for n, uses in self._placeholders.items() if dropped.issuperset(uses)))
        return Document(
            packing.write(written.members, static.laid), opc.digest_of_lines([*static.lines, *written.lines])
        )

    def _packed(self, name: str, chunks: Iterable[bytes]) -> "_Written":
        packer = packing.Packer(name)
        for chunk in chunks:
            packer.add(chunk)
        member = packer.finish()
        line = opc.digest_line_of(name, self.package.content_type(name), packer.sha256)
        return _Written([member], [line])

    def _packed_text(self, name: str, text: bytes) -> "_Written":
        """A part at once; a brief one is often the same as in another document (a list's length, its dossier)."""
        if len(text) > _BRIEF:
            line = opc.digest_line(name, self.package.content_type(name), text)
            return _Written([packing.member(name, text)], [line])
        found = self._brief.get((name, text))
        if found is None:
            found = self._packed_whole(name, text)
            if len(self._brief) < _KEPT:
                self._brief[name, text] = found
        return found

    def _packed_whole(self, name: str, data: bytes) -> "_Written":
        line = opc.digest_line(name, self.package.content_type(name), data)
        return _Written([packing.lasting_member(name, data)], [line])

    def _relationships(self, part: str, gone: frozenset[str], added: tuple[str, ...]) -> "_Written":
        """The relationships of a part: few differ, so they are kept."""
        key = (part, gone, added)
        found = self._made.get(key)
        if found is None:
            name = opc.rels_name(part)
            found = self._packed_whole(name, media.relationships(self.package.parts[name], gone, added))
            if len(self._made) < _KEPT:
                self._made[key] = found
        return found

    def _static(self, unused: frozenset[str]) -> "_Static":
        """The parts that are the same in every document, without pictures that nothing shows."""
        found = self._statics.get(unused)
        if found is None:
            live = {part.name for part in self.parts} | {opc.rels_name(part.name) for part in self.parts}
            kept = self.package.parts.keys() - live - unused - {data_part.NAME}
            parts = [self._packed_whole(name, data) for name, data in self.package.parts.items() if name in kept]
            found = _Static(
                packing.lay(member for part in parts for member in part.members),
                tuple(line for part in parts for line in part.lines),
            )
            if len(self._statics) < _KEPT:
                self._statics[unused] = found
        return found

    @cached_property
    def _made(self) -> dict[tuple[str, frozenset[str], tuple[str, ...]], "_Written"]:
        return {}

    @cached_property
    def _brief(self) -> dict[tuple[str, bytes], "_Written"]:
        return {}

    @cached_property
    def _statics(self) -> dict[frozenset[str], "_Static"]:
        return {}

    @cached_property
    def _placeholders(self) -> Mapping[str, list[tuple[str, str]]]:
        """The template's own pictures that no other relationship names: the parts and ids that do."""
        uses: dict[str, list[tuple[str, str]]] = {}
        others: set[str] = set()
        ids = {(part.name, id) for part in self.parts for id in part.placeholders}
        for name in self.package.parts:
            for relationship in self.package.relationships(name).values():
                if relationship.part is not None and (name, relationship.id) in ids:
                    uses.setdefault(relationship.part, []).append((name, relationship.id))
                elif relationship.part is not None:
                    others.add(relationship.part)
        return {name: entries for name, entries in uses.items() if name not in others}

    @cached_property
    def _media_name(self) -> str:
        """How the names of pictures begin: unlike those of the template's own."""
        name = "media/picture"
        while any(f"/{name}" in part.lower() for part in self.package.parts):
            name += "-"
        return name


@dataclass(frozen=True, slots=True)
class _Written:
    """Parts of one document, and what they add to its content digest."""

    members: list[packing.Member] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def extend(self, more: "_Written") -> None:
        self.members.extend(more.members)
        self.lines.extend(more.lines)


@dataclass(frozen=True, slots=True)
class _Static:
    """The parts that documents share, laid out at the beginning of the file."""

    laid: packing.Laid
    lines: tuple[str, ...]


# --- compiling -------------------------------------------------------------------------------------------------------


def compile_template(data: bytes, name: str, edition: Edition, *, draft: bool = False) -> Template:
    """The template in ``data`` compiled for ``edition``.

    Raises:
        TemplateError: it is no package or does not match the schema; every problem is named with its control.
    """
    template, problems = examine(data, name, edition, draft=draft)
    if template is None:
        raise mismatch(name, problems)
    return template


def mismatch(name: str, problems: Sequence[Problem]) -> TemplateError:
    """The error that names every problem of a template."""
    return TemplateError(
        Text(
            "模板与表单不符：" + "；".join(_sentence(problem, "zh") for problem in problems),
            "the template does not match its form: " + "; ".join(_sentence(problem, "en") for problem in problems),
        ),
        place=name,
        remedy=Text("请在 Word 或 Excel 中改正这些控件", "mend these controls in Word or Excel"),
    )


def _sentence(problem: Problem, lang: str) -> str:
    where = " ".join(part for part in (problem.part, f"〔{problem.control}〕" if problem.control else "") if part)
    return f"{where} {problem.text.lang(lang)}".strip()


def examine(
    data: bytes, name: str, edition: Edition, *, draft: bool = False
) -> tuple[Template | None, tuple[Problem, ...]]:
    """The compiled template, or None and what is wrong with it.

    Raises:
        TemplateError: the file is no package at all.
    """
    try:
        package = opc.read(data, name)
        digest = "sha256:" + hashlib.sha256(data).hexdigest()
        return _examine(package, name, digest, edition, draft)
    except opc.PackageError as error:
        raise TemplateError(error.problem, place=name, remedy=error.remedy) from error


def _examine(
    package: opc.Package, name: str, digest: str, edition: Edition, draft: bool
) -> tuple[Template | None, tuple[Problem, ...]]:
    suffix = "." + name.rpartition(".")[2].lower()
    main = next(iter(package.related("", "officeDocument")), "")
    if package.content_type(main) != _MAIN_TYPES.get(suffix, "-") or main not in package.parts:
        raise TemplateError(
            Text("这不是 .docx 或 .xlsx 模板", "this is no .docx or .xlsx template"),
            place=name,
            remedy=Text("模板要用 .docx 或 .xlsx 格式保存", "save the template as .docx or .xlsx"),
        )
    if draft:
        package = draft_mark.marked(package, main)
    package = _prepared(package, main)
    problems: list[Problem] = []
    if suffix == ".docx":
        package, parts, controls = compile_word(package, edition, problems)
        layout = None
    else:
        parts, controls, layout = xlsx.compile_workbook(package, main, edition.printable, problems)
    problems += _unprinted(edition, controls)
    if problems:
        return None, tuple(problems)
    return Template(edition, digest, draft, tuple(controls), live(package, parts), package, layout), ()


def live(package: opc.Package, parts: Iterable[tuple[str, Body, frozenset[str]]]) -> tuple[Part, ...]:
    """The parts that are written anew, of what compiling a package has given."""
    return tuple(Part(*part, related=opc.rels_name(part[0]) in package.parts) for part in parts)


def compile_word(
    package: opc.Package,
    edition: Edition,
    problems: list[Problem],
    make: Callable[[str, etree._Element, Schema], PartCompiler] = PartCompiler,
) -> tuple[opc.Package, list[tuple[str, Body, frozenset[str]]], list[Control]]:
    """The package, its parts that are written anew, and its controls; adds to ``problems``.

    What ``make`` gives compiles a part; the usual one takes the controls out.
    """
    parts = []
    unwrapped: dict[str, bytes] = {}
    controls: list[Control] = []
    for name, data in package.parts.items():
        if package.content_type(name) not in _WORD_PARTS:
            continue
        root = opc.parse_xml(data)
        has_controls = next(root.iter(f"{W}sdt"), None) is not None
        compiler = make(name, root, edition.printable)
        compiled = compiler.compile()
        problems += compiler.problems
        if compiled is None or not has_controls:
            continue
        static = compiled.body.static
        if static is not None:  # galleries of page numbers and the like: they go, too
            unwrapped[name] = static
        else:
            parts.append((name, compiled.body, compiled.placeholders))
            controls += compiled.controls
    return opc.Package({**package.parts, **unwrapped}), parts, controls


def _unprinted(edition: Edition, controls: Sequence[Control]) -> list[Problem]:
    """A problem for each field of the form that no control prints."""
    printed = {control.path for control in controls if control.role in (Role.VALUE, Role.TICK)}
    return [
        Problem("", join_path(path), Text("没有控件打印这个字段", "no control prints this field"))
        for path in leaves(edition.schema)
        if not any(path[: len(shorter)] == shorter for shorter in printed)
    ]


def _prepared(package: opc.Package, main: str) -> opc.Package:
    """The package with room for its data part and for pictures; without what would be wrong in a filled document."""
    parts = opc.without_related(package, "", "thumbnail")
    parts = opc.without_related(opc.Package(parts), main, "calcChain")
    # A template made from a document still carries that document's values.
    parts = opc.without(opc.Package(parts), main, set(data_part.names(parts)))
    parts[data_part.NAME] = b""
    target = "../" * main.count("/") + data_part.NAME
    parts = opc.with_relationship(parts, main, "rIdFormgenData", data_part.RELATIONSHIP, target)
    parts[data_part.PROPERTIES_NAME] = data_part.PROPERTIES
    target = data_part.PROPERTIES_NAME.rpartition("/")[2]
    parts = opc.with_relationship(parts, data_part.NAME, "rId1", data_part.PROPERTIES_RELATIONSHIP, target)
    types = {data_part.NAME: data_part.CONTENT_TYPE, data_part.PROPERTIES_NAME: data_part.PROPERTIES_TYPE}
    return opc.Package(opc.with_content_types(parts, types, {"jpg": "image/jpeg", "png": "image/png"}))
