"""The zip package under .docx and .xlsx: bounded reading, a digest of the content.

How packages are written is in :mod:`formgen.packing`.

Sources: ECMA-376 Part 2 (Open Packaging Conventions), PKWARE APPNOTE 6.3.
"""

import hashlib
import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from formgen.errors import FormgenError
from formgen.findings import Text
from formgen.packing import CONTENT_TYPES as CONTENT_TYPES
from formgen.packing import Member as Member
from formgen.packing import member as member
from formgen.packing import write as write
from formgen.scratch import Scratch

if TYPE_CHECKING:
    from lxml import etree

_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
RELATIONSHIPS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_RELATIONSHIP = f"{RELATIONSHIPS}Relationship"
_SIGNATURE_ORIGIN = "http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/origin"
_SIGNATURES = "_xmlsignatures/"

MAX_MEMBERS = 5_000
MAX_CONTENT = 256 * 1024 * 1024
"""Bytes of all members unpacked. A staff list of 100,000 rows unpacks to some 90 MB."""
_CHUNK = 1 << 18
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_KNOWN_FLAGS = 0x080E
"""How hard a member was deflated, that its sizes stand behind it, that its name is UTF-8."""
_RELATIONSHIPS_NAME = re.compile(r"(^|/)_rels/[^/]*\.rels$")
"""Spelt otherwise, programs that do not look at upper and lower case would find relationships that we do not."""


class PackageError(FormgenError):
    """A file is no package, or one that must not be opened."""

    exit_code = 1


@dataclass(frozen=True)
class Relationship:
    """An entry of a .rels part. ``target`` is as written there; ``part`` the part's name, None if it is outside."""

    id: str
    type: str
    target: str
    part: str | None


@dataclass(frozen=True)
class Package:
    """The parts of a package by name (no leading slash), in the order of the file."""

    parts: Mapping[str, bytes]

    @cached_property
    def _types(self) -> tuple[dict[str, str], dict[str, str]]:
        defaults: dict[str, str] = {}
        overrides: dict[str, str] = {}
        for entry in parse_xml(self.parts[CONTENT_TYPES]):
            content_type = entry.get("ContentType", "")
            if entry.tag == f"{_TYPES}Default":
                defaults[entry.get("Extension", "").lower()] = content_type
            elif entry.tag == f"{_TYPES}Override":
                overrides[entry.get("PartName", "").lstrip("/").lower()] = content_type
        return defaults, overrides

    def content_type(self, part: str) -> str:
        """The content type of ``part``, empty if none is declared."""
        defaults, overrides = self._types
        extension = part.rpartition(".")[2].lower()
        return overrides.get(part.lower()) or defaults.get(extension, "")

    def relationships(self, part: str = "") -> dict[str, Relationship]:
        """The relationships of ``part`` (of the package itself without one) by id."""
        name = rels_name(part)
        if name not in self.parts:
            return {}
        found = {}
        for entry in parse_xml(self.parts[name]).iter(_RELATIONSHIP):
            target = entry.get("Target", "")
            outside = entry.get("TargetMode") == "External"
            resolved = posixpath.normpath(posixpath.join("/", posixpath.dirname(part), target)).lstrip("/")
            id = entry.get("Id", "")
            found[id] = Relationship(id, entry.get("Type", ""), target, None if outside else resolved)
        return found

    def related(self, part: str, kind: str) -> list[str]:
        """The names of the parts that ``part`` is related to by a type that ends in ``kind``."""
        relationships = self.relationships(part).values()
        return [r.part for r in relationships if r.part is not None and r.type.endswith("/" + kind)]

    @cached_property
    def content_digest(self) -> str:
        """SHA-256 over name, content type and digest of every part, as ``sha256:…``.

        Signature parts and the relationship to them are left out, and relationships count as a set: the digest is the
        same before and after signing and however the file is zipped, and differs for every changed content.
        """
        return digest_of_lines(digest_line(name, self.content_type(name), data) for name, data in self.parts.items())


def digest_line(name: str, content_type: str, data: bytes) -> str:
    """What one part adds to the content digest; empty for parts that it leaves out."""
    if name == CONTENT_TYPES or name.startswith(_SIGNATURES):
        return ""
    body = _canonical_relationships(data) if name.endswith(".rels") else data
    return digest_line_of(name, content_type, hashlib.sha256(body).hexdigest())


def digest_line_of(name: str, content_type: str, sha256: str) -> str:
    """What a part of that digest adds, which is neither left out nor a .rels part."""
    return f"{name}\0{content_type}\0{sha256}\n"


def digest_of_lines(lines: Iterable[str]) -> str:
    """The content digest of a package whose parts add ``lines``."""
    return "sha256:" + hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()


def relationship_ids(data: bytes) -> set[str]:
    """The ids in a .rels part."""
    return {entry.get("Id", "") for entry in parse_xml(data).iter(_RELATIONSHIP)}


def rels_name(part: str) -> str:
    """The name of the part that holds the relationships of ``part``."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _canonical_relationships(data: bytes) -> bytes:
    entries = (
        sorted(entry.attrib.items())
        for entry in parse_xml(data).iter(_RELATIONSHIP)
        if entry.get("Type") != _SIGNATURE_ORIGIN
    )
    return repr(sorted(entries)).encode()


def parse_xml(data: bytes) -> "etree._Element":
    """The root element of an XML part; no entity is expanded and nothing is fetched.

    Raises:
        PackageError: the part is not well-formed, or has a DOCTYPE.
    """
    from lxml import etree  # tables are read without

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise PackageError(
            Text(f"文件内部的 XML 已损坏（{error.msg}）", f"the XML inside the file is damaged ({error.msg})")
        ) from error
    if root.getroottree().docinfo.internalDTD is not None:
        # Reading a package refuses the usual spellings; here none gets through, whatever the encoding and the name.
        raise doctype_refused()
    return root


def serialise(root: "etree._Element") -> bytes:
    """The bytes of an XML part, as python-docx writes them: a signed file saved again unchanged stays valid."""
    from lxml import etree

    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


# --- reading ---------------------------------------------------------------------------------------------------------


def read(data: bytes, name: str) -> Package:
    """The package in ``data``; every member is bounded before it is unpacked.

    Raises:
        PackageError: the file is not a zip package, is encrypted, damaged, or made to do harm. ``place`` is ``name``.
    """
    with _damage(name):
        return Package(_unpack(data))


@dataclass(frozen=True)
class Archive:
    """A zip file whose directory was found harmless, and whose members are unpacked only as they are asked for."""

    name: str
    _data: bytes | Scratch
    _zip: zipfile.ZipFile
    members: Mapping[str, zipfile.ZipInfo]

    def __contains__(self, member: object) -> bool:
        return member in self.members

    def chunks(self, member: str) -> Iterator[bytes]:
        """The content of a member, piece by piece.

        Raises:
            PackageError: it is damaged.
        """
        whole = _at_once(self._data, self.members[member])
        if whole is not None:
            yield from (whole,) if whole else ()
            return
        with _damage(self.name), self._zip.open(self.members[member]) as file:
            while chunk := file.read(_CHUNK):
                yield chunk


def _at_once(data: bytes | Scratch, entry: zipfile.ZipInfo) -> bytes | None:
    """The content of a small member; None of a longer one, and where anything is odd: zipfile knows what to say.

    zipfile's own way of opening a member takes longer than unpacking a small one.
    """
    if entry.file_size > _CHUNK or entry.flag_bits & ~_KNOWN_FLAGS or not entry.orig_filename.isascii():
        return None
    name = entry.header_offset + _LOCAL_HEADER.size
    signature, name_size, extra_size = _LOCAL_HEADER.unpack(data[entry.header_offset : name])
    begin = name + name_size + extra_size
    if signature != b"PK\x03\x04" or data[name : name + name_size] != entry.orig_filename.encode():
        return None
    content = data[begin : begin + entry.compress_size]
    if entry.compress_type == zipfile.ZIP_DEFLATED:
        stream = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            content = stream.decompress(content, entry.file_size + 1)
        except zlib.error:
            return None
        if not stream.eof or stream.unused_data:
            return None
    return content if len(content) == entry.file_size and zlib.crc32(content) == entry.CRC else None


def survey(data: bytes | Scratch, name: str, most: int = MAX_CONTENT) -> Archive:
    """The zip file in ``data``, of which no more than ``most`` bytes unpack.

    Raises:
        PackageError: as :func:`read`.
    """
    with _damage(name):
        _refuse_foreign(data)
        archive = zipfile.ZipFile(io.BytesIO(data) if isinstance(data, bytes) else data.stream())
        return Archive(name, data, archive, {member.filename: member for member in _members(archive, data, most)})


@contextmanager
def _damage(name: str) -> Iterator[None]:
    """Says of whatever a damaged file makes the library raise that the file is damaged, and which."""
    try:
        yield
    except PackageError as error:
        raise PackageError(error.problem, place=name, remedy=error.remedy) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError, ValueError) as error:
        # ValueError: zipfile seeks to before the beginning where a damaged directory sends it.
        raise PackageError(
            Text("文件已损坏或不完整，打不开", f"the file is damaged or incomplete ({error})"),
            place=name,
            remedy=Text("请重新导出或重新传送该文件", "export or send the file again"),
        ) from error


def _refuse(zh: str, en: str) -> PackageError:
    return PackageError(Text(zh, en))


def _refuse_foreign(data: bytes | Scratch) -> None:
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise PackageError(
            Text(
                "这是旧格式（.doc/.xls/.wps/.et）或加了密码的文件", "this is an old-format or password-protected file"
            ),
            remedy=Text("请去掉密码，另存为 .docx 或 .xlsx", "remove the password and save it as .docx or .xlsx"),
        )
    if data[:4] != b"PK\x03\x04":
        raise PackageError(
            Text("这不是 .docx/.xlsx 文件（不是 zip 包）", "this is not a .docx/.xlsx file (not a zip package)"),
            remedy=Text("请在 Word 或 Excel 中另存为 .docx 或 .xlsx", "save it as .docx or .xlsx in Word or Excel"),
        )


def _members(archive: zipfile.ZipFile, data: bytes | Scratch, most: int) -> list[zipfile.ZipInfo]:
    """The members of a zip that are no folders, all found harmless."""
    if min((member.header_offset for member in archive.infolist()), default=0):
        raise _refuse("zip 包前面还有别的数据", "there is other data before the zip package")
    members = [member for member in archive.infolist() if not member.filename.endswith("/")]
    _refuse_hostile(members, data, archive.start_dir, most)
    return members


def _unpack(data: bytes) -> dict[str, bytes]:
    _refuse_foreign(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {}
        for member in _members(archive, data, MAX_CONTENT):
            content = _unpack_member(archive, member)
            _refuse_doctype(member.filename, content)
            parts[member.filename] = content
    if CONTENT_TYPES not in parts:
        raise _refuse("这个 zip 不是 Office 文件（没有 [Content_Types].xml）", "this zip is not an Office file")
    return parts


def _unpack_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """The content of a member. Asked for all, zipfile would unpack a bomb before it sees that the size is wrong."""
    with archive.open(member) as file:
        content = file.read(member.file_size + 1)
    if len(content) != member.file_size:
        raise zipfile.BadZipFile(f"wrong size of {member.filename}")
    return content


def _refuse_hostile(members: list[zipfile.ZipInfo], data: bytes | Scratch, directory: int, most: int) -> None:
    if len(members) > MAX_MEMBERS:
        raise _refuse(f"文件内部有 {len(members)} 个部件，超过 {MAX_MEMBERS} 个", f"more than {MAX_MEMBERS} parts")
    if sum(member.file_size for member in members) > most:
        size = most // (1024 * 1024)
        raise _refuse(f"文件解开后超过 {size} MB，疑为压缩炸弹", f"unpacks to more than {size} MB: a zip bomb?")
    seen: set[str] = set()
    end = 0
    for entry in sorted(members, key=lambda m: m.header_offset):
        name = entry.filename
        if name.lower() in seen:
            raise _refuse(f"文件内部有两个同名部件（{name}）", f"two parts have the name {name}")
        seen.add(name.lower())
        if name.lower().endswith(".rels") and not _RELATIONSHIPS_NAME.search(name):
            raise _refuse(f"文件内部的部件名不合规（{name}）", f"a part's name is not as it must be ({name})")
        if "\\" in name or name != entry.orig_filename or not {"", ".", ".."}.isdisjoint(name.split("/")):
            raise _refuse("文件内部的部件名指向包外", "a part's name points outside the package")
        if entry.flag_bits & 0x1:
            raise _refuse("文件加了密码，请去掉密码后再交", "the file is encrypted: remove the password")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _refuse("文件用了不认识的压缩方法", "the file uses an unknown compression")
        if entry.header_offset < end:
            raise _refuse("文件内部的部件互相重叠，疑为压缩炸弹", "parts overlap: a zip bomb?")
        name_size, extra_size = struct.unpack("<HH", data[entry.header_offset + 26 : entry.header_offset + 30])
        end = entry.header_offset + 30 + name_size + extra_size + entry.compress_size
        if end > directory:
            raise _refuse("文件内部的部件互相重叠，疑为压缩炸弹", "parts overlap: a zip bomb?")


def _refuse_doctype(name: str, content: bytes) -> None:
    if not name.lower().endswith((".xml", ".rels", ".vml")):
        return
    wide = content[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in content[:4]
    if b"<!DOCTYPE" in (content.replace(b"\0", b"") if wide else content):
        raise doctype_refused()


def doctype_refused() -> PackageError:
    """What is said of an XML part with a DOCTYPE."""
    return _refuse("文件内部的 XML 带有 DOCTYPE，不予打开", "an XML part has a DOCTYPE, which no Office file needs")


# --- changing --------------------------------------------------------------------------------------------------------


def with_relationship(parts: Mapping[str, bytes], part: str, id: str, kind: str, target: str) -> dict[str, bytes]:
    """``parts`` with one more relationship of ``part``; it replaces one of that id."""
    name = rels_name(part)
    empty = f'<Relationships xmlns="{RELATIONSHIPS[1:-1]}"/>'.encode()
    root = parse_xml(parts.get(name, empty))
    for entry in [entry for entry in root.iter(_RELATIONSHIP) if entry.get("Id") == id]:
        root.remove(entry)
    root.append(root.makeelement(_RELATIONSHIP, {"Id": id, "Type": kind, "Target": target}))
    return {**parts, name: serialise(root)}


def with_content_types(
    parts: Mapping[str, bytes], overrides: Mapping[str, str], defaults: Mapping[str, str]
) -> dict[str, bytes]:
    """``parts`` with content types declared for part names and for extensions that have none yet."""
    root = parse_xml(parts[CONTENT_TYPES])
    declared = {entry.get("Extension", "").lower() for entry in root.iter(f"{_TYPES}Default")}
    for extension, content_type in defaults.items():
        if extension not in declared:
            entry = root.makeelement(f"{_TYPES}Default", {"Extension": extension, "ContentType": content_type})
            root.insert(len(declared), entry)
    for entry in [
        entry for entry in root.iter(f"{_TYPES}Override") if entry.get("PartName", "").lstrip("/") in overrides
    ]:
        root.remove(entry)
    for name, content_type in overrides.items():
        root.append(root.makeelement(f"{_TYPES}Override", {"PartName": f"/{name}", "ContentType": content_type}))
    return {**parts, CONTENT_TYPES: serialise(root)}


def without_related(package: Package, part: str, kind: str) -> dict[str, bytes]:
    """The parts of ``package`` without those that ``part`` is related to by a type that ends in ``kind``."""
    return without(package, part, set(package.related(part, kind)))


def without(package: Package, part: str, gone: Container[str]) -> dict[str, bytes]:
    """The parts of ``package`` without ``gone``, to which ``part`` is related."""
    parts = {name: data for name, data in package.parts.items() if name not in gone}
    if len(parts) == len(package.parts):
        return parts
    targets = {r.id: r.part for r in package.relationships(part).values()}
    root = parse_xml(parts[rels_name(part)])
    for entry in [entry for entry in root.iter(_RELATIONSHIP) if targets[entry.get("Id", "")] in gone]:
        root.remove(entry)
    parts[rels_name(part)] = serialise(root)
    types = parse_xml(parts[CONTENT_TYPES])
    for entry in [entry for entry in types.iter(f"{_TYPES}Override") if entry.get("PartName", "").lstrip("/") in gone]:
        types.remove(entry)
    parts[CONTENT_TYPES] = serialise(types)
    orphans = {rels_name(name) for name in package.parts if name in gone}
    return {name: data for name, data in parts.items() if name not in orphans}
