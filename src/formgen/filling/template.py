"""A compiled template: read, checked against its schema, and split once; filled any number of times."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from formgen import opc
from formgen.errors import TemplateError
from formgen.filling import data_part, draft_mark, xlsx
from formgen.filling.controls import Control, Path, Problem, Role, join_path, leaves
from formgen.filling.docx import PartCompiler, W
from formgen.filling.rows import Layout
from formgen.filling.slots import Filling, Pieces, write
from formgen.findings import Text
from formgen.forms import Edition
from formgen.pictures import Picture

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml."
_WORD_PARTS = tuple(f"{_WORD}{kind}+xml" for kind in ("document.main", "header", "footer", "footnotes", "endnotes"))
_MAIN_TYPES = {
    ".docx": f"{_WORD}document.main+xml",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
}
_IMAGE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"


@dataclass(frozen=True, slots=True)
class Document:
    """A filled document: the bytes of its file, and the digest of its content."""

    data: bytes
    content_digest: str


@dataclass(frozen=True)
class Part:
    """A part that is written anew for each document."""

    name: str
    pieces: Pieces
    placeholders: frozenset[str] = frozenset()


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
    _members: dict[str, opc.Member] = field(default_factory=dict)
    _lines: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        live = {part.name for part in self.parts} | {opc.rels_name(part.name) for part in self.parts}
        for name, data in self.package.parts.items():
            if name not in live and name != data_part.NAME:
                self._members[name] = opc.member(name, data)
                self._lines[name] = opc.digest_line(name, self.package.content_type(name), data)

    @property
    def printed(self) -> frozenset[Path]:
        """The paths of every field that a document of this template prints."""
        return frozenset(c.path for c in self.controls if c.role in (Role.VALUE, Role.TICK))

    def carried_values(self, values: Mapping[str, Any]) -> Any:
        """Of ``values`` what the document carries in its data part: what it prints; in a workbook without lists."""
        paths = [path for path in self.printed if self.layout is None or "[]" not in path]
        return data_part.pruned(values, data_part.tree_of(paths)) if paths else {}

    def fill(self, values: Mapping[str, Any], pictures: Mapping[str, Picture] | None = None) -> Document:
        """The document of one record.

        Args:
            values: the record's values, with those of the dossier under ``dossier``; anything absent stays empty.
            pictures: the pictures by the value of the field that names them.
        """
        written: dict[str, bytes] = {}
        media = _Media(self._media_name)
        for part in self.parts:
            filling = Filling([values], pictures=pictures or {}, embedded=media)
            if self.layout is not None:
                filling.rows = self.layout.rows(filling)
            media.begin()
            write(part.pieces, filling)
            written[part.name] = "".join(filling.out).encode()
            rels = self.package.parts.get(opc.rels_name(part.name))
            if rels is not None:
                written[opc.rels_name(part.name)] = media.finish(rels, part.placeholders)
        written[data_part.NAME] = data_part.build(
            self.edition.key, self.edition.schema_digest, self.digest, self.draft, self.carried_values(values)
        )
        folder = "word" if self.layout is None else "xl"
        written |= {f"{folder}/{name}": data for name, data in media.files.items()}
        return self._pack(written)

    def _pack(self, written: Mapping[str, bytes]) -> Document:
        dropped = self._unused_placeholders(written)
        members = [member for name, member in self._members.items() if name not in dropped]
        lines = [line for name, line in self._lines.items() if name not in dropped]
        for name, data in written.items():
            members.append(opc.member(name, data))
            lines.append(opc.digest_line(name, self.package.content_type(name), data))
        return Document(opc.write(members), opc.digest_of_lines(lines))

    def _unused_placeholders(self, written: Mapping[str, bytes]) -> set[str]:
        """The template's own pictures that no relationship names any more."""
        return {
            name
            for name, uses in self._placeholders.items()
            if not any(id in opc.relationship_ids(written[rels]) for rels, id in uses)
        }

    @cached_property
    def _placeholders(self) -> Mapping[str, list[tuple[str, str]]]:
        """The template's own pictures that no other relationship names: the .rels parts and ids that do."""
        uses: dict[str, list[tuple[str, str]]] = {}
        others: set[str] = set()
        ids = {(part.name, id) for part in self.parts for id in part.placeholders}
        for name in self.package.parts:
            for relationship in self.package.relationships(name).values():
                if relationship.part is not None and (name, relationship.id) in ids:
                    uses.setdefault(relationship.part, []).append((opc.rels_name(name), relationship.id))
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


class _Media:
    """The pictures of one document: files once each, a relationship for each part that shows one."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.files: dict[str, bytes] = {}
        self._names: dict[bytes, str] = {}
        self._added: dict[str, str] = {}
        self._kept: set[str] = set()
        self._shapes = 0

    def begin(self) -> None:
        """Start with another part."""
        self._added = {}
        self._kept = set()

    def shape(self, picture: Picture, box: tuple[int, int]) -> Mapping[str, str]:
        """The attributes of the shape that shows ``picture``, as large as fits into ``box`` (EMU)."""
        name = self._names.get(picture.data)
        if name is None:
            name = f"{self._name}{len(self.files) + 1}.{picture.suffix}"
            self._names[picture.data] = name
            self.files[name] = picture.data
        id = self._added.setdefault(name, f"rIdPicture{len(self._added) + 1}")
        turned = picture.turns % 2 == 1
        width, height = (picture.height, picture.width) if turned else (picture.width, picture.height)
        # Integers throughout: the same picture has the same size on every machine.
        if width * box[1] > height * box[0]:
            size = (box[0], max(1, box[0] * height // width))
        else:
            size = (max(1, box[1] * width // height), box[1])
        cx, cy = reversed(size) if turned else size
        self._shapes += 1
        shape = {
            "embed": id,
            "cx": cx,
            "cy": cy,
            "rot": picture.turns * 5_400_000,
            "flip": int(picture.mirrored),
            # A shape keeps its size from before it is turned; what a quarter turn adds to its sides is said apart.
            "beside": max(0, (size[0] - cx) // 2),
            "above": max(0, (size[1] - cy) // 2),
            # Clear of the numbers that the template's other shapes have.
            "id": 10_000 + self._shapes,
        }
        return {name: str(value) for name, value in shape.items()}

    def keep(self, relationships: Sequence[str]) -> None:
        """Note that these pictures of the template are still shown."""
        self._kept.update(relationships)

    def finish(self, rels: bytes, placeholders: frozenset[str]) -> bytes:
        """The part's relationships with its pictures, without placeholders that are not shown."""
        dropped = placeholders - self._kept
        if not dropped and not self._added:
            return rels
        root = opc.parse_xml(rels)
        for entry in list(root):
            if entry.get("Id") in dropped:
                root.remove(entry)
        for name, id in self._added.items():
            entry = root.makeelement(f"{opc.RELATIONSHIPS}Relationship", {"Id": id, "Type": _IMAGE, "Target": name})
            root.append(entry)
        return opc.serialise(root)


# --- compiling -------------------------------------------------------------------------------------------------------


def compile_template(data: bytes, name: str, edition: Edition, *, draft: bool = False) -> Template:
    """The template in ``data`` compiled for ``edition``.

    Raises:
        TemplateError: it is no package or does not match the schema; every problem is named with its control.
    """
    template, problems = examine(data, name, edition, draft=draft)
    if template is None:
        raise TemplateError(
            Text(
                "模板与表单不符：" + "；".join(_sentence(problem, "zh") for problem in problems),
                "the template does not match its form: " + "; ".join(_sentence(problem, "en") for problem in problems),
            ),
            place=name,
            remedy=Text("请在 Word 或 Excel 中改正这些控件", "mend these controls in Word or Excel"),
        )
    return template


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
        package, parts, controls = _compile_word(package, edition, problems)
        layout = None
    else:
        parts, controls, layout = xlsx.compile_workbook(package, main, edition.printable, problems)
    problems += _unprinted(edition, controls)
    if problems:
        return None, tuple(problems)
    made = tuple(Part(part_name, pieces, placeholders) for part_name, pieces, placeholders in parts)
    return Template(edition, digest, draft, tuple(controls), made, package, layout), ()


def _compile_word(
    package: opc.Package, edition: Edition, problems: list[Problem]
) -> tuple[opc.Package, list[tuple[str, Pieces, frozenset[str]]], list[Control]]:
    parts = []
    unwrapped: dict[str, bytes] = {}
    controls: list[Control] = []
    for name, data in package.parts.items():
        if package.content_type(name) not in _WORD_PARTS:
            continue
        root = opc.parse_xml(data)
        has_controls = next(root.iter(f"{W}sdt"), None) is not None
        compiler = PartCompiler(name, root, edition.printable)
        compiled = compiler.compile()
        problems += compiler.problems
        if compiled is None or not has_controls:
            continue
        static = [piece for piece in compiled.pieces if isinstance(piece, str)]
        if len(static) == len(compiled.pieces):  # galleries of page numbers and the like: they go, too
            unwrapped[name] = "".join(static).encode()
        else:
            parts.append((name, compiled.pieces, compiled.placeholders))
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
