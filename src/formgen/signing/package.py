"""Signing a .docx or .xlsx: the file with one more signature in it."""

import dataclasses
import re
from collections.abc import Mapping
from datetime import datetime

from formgen import opc
from formgen.findings import Text
from formgen.opc import CONTENT_TYPES, Package, PackageError
from formgen.signing import signature
from formgen.signing.keys import Signer
from formgen.signing.parts import MAX_SIGNATURES, is_plumbing, unused_types
from formgen.signing.signature import OnLine, Order, TimeStamp
from formgen.signing.verification import weaknesses
from formgen.signing.vocabulary import (
    ORIGIN,
    ORIGIN_RELATIONSHIP,
    ORIGIN_TYPE,
    RELATIONSHIP,
    RELATIONSHIPS_TYPE,
    SIGNATURE_RELATIONSHIP,
    SIGNATURE_TYPE,
)

PLAIN_NAME = re.compile(r"(?:[A-Za-z0-9_.-]+/)*[A-Za-z0-9_.-]+")
"""Names of parts that mean the same to every reader: elsewhere they would have to be escaped in a reference."""

_SAVE_AGAIN = Text("请在 Word 或 Excel 中另存一次再签", "save it again in Word or Excel, then sign")
_PLAIN_TEXT_FIRST = Text(
    "请在 Word 或 Excel 中把它改成普通文字或数值（Word：选中后按 Ctrl+Shift+F9），去掉链接，再签",
    "make it plain text or a plain value (in Word: select it, Ctrl+Shift+F9), remove the link, then sign",
)


def sign(
    data: bytes,
    name: str,
    signer: Signer,
    when: datetime,
    *,
    line: OnLine | None = None,
    comment: str = "",
    stamp: TimeStamp | None = None,
) -> bytes:
    """The bytes of the document with a signature over everything in it.

    Args:
        data: a .docx or .xlsx; signed already or not. What protects it must be in it by now.
        name: what the file is called, for errors.
        signer: the key and its certificate.
        when: the time that the signature states.
        line: the signature line that is signed, if any.
        comment: why it is signed, shown by Office.
        stamp: asks a time-stamping authority.

    Raises:
        PackageError: the file is no package, or cannot be signed; ``place`` is ``name``.
    """
    package = opc.read(data, name)
    signed = [part for part in package.parts if is_plumbing(part) and package.content_type(part) == SIGNATURE_TYPE]
    if len(signed) >= MAX_SIGNATURES:
        raise PackageError(
            Text(f"文件上已有 {len(signed)} 个签名，不能再签", f"the file has {len(signed)} signatures already"),
            place=name,
        )
    if not signed:
        package = prepared(package)
    for part in package.parts:
        _check_name(package, part, name)
    order = Order(when, len(signed) + 1, line, comment, stamp)
    done = written(with_signature(package, signature.build(package, signer, order), order.number))
    _check_result(done, name)
    return done


def _check_result(data: bytes, name: str) -> None:
    """Verifies what was made: an earlier signature that is broken, or a package that hides something, isn't signed."""
    reasons = weaknesses(data)
    if reasons:
        first = reasons[0]
        raise PackageError(
            Text(
                f"这份文件不能签：{first.text.zh}（{first.place}）",
                f"this file cannot be signed: {first.text.en} ({first.place})",
            ),
            place=name,
            remedy=_PLAIN_TEXT_FIRST if first.id.startswith("shows-") else _SAVE_AGAIN,
        )


def prepared(package: Package) -> Package:
    """The package as it can be signed: signatures can't be added later to what is changed here.

    The thumbnail goes (it would show the document of before), what is left of earlier signatures goes; relationships
    have no white space between them, which some readers hash and others do not; content types are declared for what
    is there and nothing else.
    """
    package = Package(opc.without_related(package, "", "thumbnail"))
    parts = {name: _compact(name, data) for name, data in package.parts.items() if not is_plumbing(name)}
    return Package(_tidy_types(_without_origin(parts)))


def _compact(name: str, data: bytes) -> bytes:
    if not name.endswith(".rels"):
        return data
    root = opc.parse_xml(data)
    for child in root:
        child.tail = None
    root.text = None
    return opc.serialise(root)


def _without_origin(parts: Mapping[str, bytes]) -> dict[str, bytes]:
    root = opc.parse_xml(parts["_rels/.rels"]) if "_rels/.rels" in parts else None
    if root is None or all(entry.get("Type") != ORIGIN_RELATIONSHIP for entry in root.iter(RELATIONSHIP)):
        return dict(parts)
    for entry in [entry for entry in root.iter(RELATIONSHIP) if entry.get("Type") == ORIGIN_RELATIONSHIP]:
        root.remove(entry)
    return {**parts, "_rels/.rels": opc.serialise(root)}


def _tidy_types(parts: Mapping[str, bytes]) -> dict[str, bytes]:
    root = opc.parse_xml(parts[CONTENT_TYPES])
    used = unused_types(parts)
    for entry in list(root):
        entry.tail = None
        if isinstance(entry.tag, str) and (entry.get("Extension") or entry.get("PartName")) in used:
            root.remove(entry)
    root.text = None
    return {**parts, CONTENT_TYPES: opc.serialise(root)}


def _check_name(package: Package, part: str, name: str) -> None:
    if part == CONTENT_TYPES:
        return
    if not PLAIN_NAME.fullmatch(part) or not package.content_type(part):
        raise PackageError(
            Text(
                f"文件内部的部件 {part} 名称特殊或没有声明类型，不能签名",
                f"the part {part} has an unusual name or no content type: it cannot be signed",
            ),
            place=name,
            remedy=_SAVE_AGAIN,
        )


def with_signature(package: Package, part: bytes, number: int) -> Package:
    """The package with a signature part and what leads to it."""
    name = f"_xmlsignatures/sig{number}.xml"
    parts = {**package.parts, ORIGIN: b"", name: part}
    if ORIGIN not in package.parts:
        ids = package.relationships()
        id = next(f"rIdSignatures{n or ''}" for n in range(len(ids) + 1) if f"rIdSignatures{n or ''}" not in ids)
        parts = opc.with_relationship(parts, "", id, ORIGIN_RELATIONSHIP, ORIGIN)
    parts = opc.with_relationship(parts, ORIGIN, f"rId{number}", SIGNATURE_RELATIONSHIP, f"sig{number}.xml")
    defaults = {"sigs": ORIGIN_TYPE, "rels": RELATIONSHIPS_TYPE}
    return Package(opc.with_content_types(parts, {name: SIGNATURE_TYPE}, defaults))


def written(package: Package) -> bytes:
    """The file of a package."""
    return opc.write(opc.member(name, data) for name, data in package.parts.items())


def without_signatures(package: Package) -> Package:
    """The package as it was before it was signed, apart from the spelling of relationships and content types."""
    parts = {name: data for name, data in package.parts.items() if not is_plumbing(name)}
    return dataclasses.replace(package, parts=_tidy_types(_without_origin(parts)))
