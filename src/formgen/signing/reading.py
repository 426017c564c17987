"""Reading a signature part: only the one shape that package signatures have, so that nothing can hide in it.

What is refused here is refused for every program's signatures; the reasons are in :mod:`formgen.signing.reasons`.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from lxml import etree

from formgen.opc import PackageError, parse_xml
from formgen.signing.keys import load_der
from formgen.signing.reasons import Refused
from formgen.signing.vocabulary import (
    C14N,
    DS,
    MDSSI,
    OBJECT_TYPE,
    OFFICE,
    RELATIONSHIP_TRANSFORM,
    SHA256,
    SIGNED_PROPERTIES_TYPE,
    XADES,
)

_XML = "{http://www.w3.org/XML/1998/namespace}"
_D, _X, _M = f"{{{DS}}}", f"{{{XADES}}}", f"{{{MDSSI}}}"
DIGESTS: Final[Mapping[str, type[hashes.HashAlgorithm]]] = {
    SHA256: hashes.SHA256,
    "http://www.w3.org/2001/04/xmldsig-more#sha384": hashes.SHA384,
    "http://www.w3.org/2001/04/xmlenc#sha512": hashes.SHA512,
}
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
METHODS: Final[Mapping[str, tuple[str, type[hashes.HashAlgorithm]]]] = {
    f"{_MORE}{kind}-{name}": (kind, algorithm)
    for kind in ("rsa", "ecdsa")
    for name, algorithm in (("sha256", hashes.SHA256), ("sha384", hashes.SHA384), ("sha512", hashes.SHA512))
}
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})")
_URI = re.compile(r"/([^?#]+)\?ContentType=([^?#]+)")


@dataclass(frozen=True)
class Reference:
    """Something in the signature itself that is signed, with the digest that it must have."""

    target: etree._Element
    algorithm: type[hashes.HashAlgorithm]
    digest: bytes


@dataclass(frozen=True)
class Covered:
    """An entry of the manifest: a part, or those relationships of a .rels part that ``ids`` names."""

    name: str
    content_type: str
    ids: tuple[str, ...] | None
    algorithm: type[hashes.HashAlgorithm]
    digest: bytes


@dataclass(frozen=True)
class Read:
    """A signature part whose shape is right; nothing in it is verified yet."""

    info: etree._Element
    kind: str
    algorithm: type[hashes.HashAlgorithm]
    value_element: etree._Element
    value: bytes
    certificate: x509.Certificate
    references: tuple[Reference, ...]
    covered: tuple[Covered, ...]
    stated: datetime
    stamps: tuple[bytes, ...]
    line: str


def read(data: bytes) -> Read:
    """The signature in ``data``.

    Raises:
        Refused: it has another shape, or uses what is weak.
    """
    try:
        root = parse_xml(data)
    except PackageError as error:
        raise Refused("signature-unreadable") from error
    _refuse_tricks(root)
    by_id = _ids(root)
    if root.tag != f"{_D}Signature" or len(root) < 4:
        raise Refused("signature-shape", "Signature")
    objects = list(root)[3:]
    for element, name in zip(
        root, ("SignedInfo", "SignatureValue", "KeyInfo", *["Object"] * len(objects)), strict=True
    ):
        _expect(element, name)
    kind, algorithm = _signature_method(root[0])
    references = tuple(_signed_references(root, root[0], by_id))
    manifest, stated_in_package = _package_object(objects, references)
    certificate = _certificate(root[2])
    properties = _signed_properties(root, objects, references)
    stated = _agreeing_time(properties, stated_in_package)
    _compare_certificate(properties, certificate)
    return Read(
        info=root[0],
        kind=kind,
        algorithm=algorithm,
        value_element=root[1],
        value=_decoded(root[1]),
        certificate=certificate,
        references=references,
        covered=tuple(_covered(manifest)),
        stated=stated,
        stamps=tuple(_stamps(objects)),
        line=_line(objects),
    )


def _refuse_tricks(root: etree._Element) -> None:
    """Refuses what reads as one thing and hashes as another."""
    for element in root.getroottree().iter():
        if not isinstance(element.tag, str):
            raise Refused("signature-comment")
        if any(str(name).startswith(_XML) for name in element.attrib):
            raise Refused("signature-inherits", _local(element))
    # Beside the root, comments and instructions are no part of the tree that is iterated.
    if root.getprevious() is not None or root.getnext() is not None:
        raise Refused("signature-comment")


def _ids(root: etree._Element) -> dict[str, etree._Element]:
    found: dict[str, etree._Element] = {}
    for element in root.iter():
        for name, value in element.attrib.items():
            if str(name).rpartition("}")[2].lower() != "id":
                continue
            if str(value) in found:
                raise Refused("id-twice", str(value))
            found[str(value)] = element
    return found


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _expect(element: etree._Element, name: str, space: str = _D) -> etree._Element:
    if element.tag != space + name:
        raise Refused("signature-shape", _local(element))
    return element


def _only(parent: etree._Element, *names: str, space: str = _D) -> list[etree._Element]:
    """The children of ``parent``, which are exactly those named."""
    if [child.tag for child in parent] != [space + name for name in names]:
        raise Refused("signature-shape", _local(parent))
    return list(parent)


def _decoded(element: etree._Element) -> bytes:
    """The bytes of a base64 text; spellings that mean the same are refused, white space is not."""
    if len(element):
        raise Refused("signature-shape", _local(element))
    text = "".join((element.text or "").split())
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused("encoding-loose", _local(element)) from error
    if base64.b64encode(data).decode() != text:
        raise Refused("encoding-loose", _local(element))
    return data


def _algorithm(element: etree._Element) -> str:
    if len(element):
        raise Refused("signature-shape", _local(element))
    return element.get("Algorithm", "")


# --- what is signed directly -----------------------------------------------------------------------------------------


def _signature_method(info: etree._Element) -> tuple[str, type[hashes.HashAlgorithm]]:
    if len(info) < 3:
        raise Refused("signature-shape", "SignedInfo")
    if _algorithm(_expect(info[0], "CanonicalizationMethod")) != C14N:
        raise Refused("canonicalisation-unexpected")
    method = METHODS.get(_algorithm(_expect(info[1], "SignatureMethod")))
    if method is None:
        raise Refused("method-weak", info[1].get("Algorithm", ""))
    return method


def _signed_references(
    root: etree._Element, info: etree._Element, by_id: Mapping[str, etree._Element]
) -> Iterator[Reference]:
    seen: set[str] = set()
    for element in list(info)[2:]:
        transforms, algorithm, digest = _reference(element)
        uri = element.get("URI", "")
        if any(step.tag != f"{_D}Transform" or _algorithm(step) != C14N for step in transforms) or len(transforms) > 1:
            raise Refused("transform-unexpected", uri)
        target = by_id.get(uri[1:]) if uri.startswith("#") else None
        if target is None:
            raise Refused("reference-to-nothing", uri)
        if uri in seen:
            raise Refused("reference-twice", uri)
        seen.add(uri)
        if not _may_be_signed(root, target, element.get("Type", "")):
            raise Refused("reference-misplaced", uri)
        yield Reference(target, algorithm, digest)


def _reference(element: etree._Element) -> tuple[list[etree._Element], type[hashes.HashAlgorithm], bytes]:
    """The transforms, algorithm and digest of a reference."""
    _expect(element, "Reference")
    transforms: list[etree._Element] = []
    rest = list(element)
    if rest and rest[0].tag == f"{_D}Transforms":
        transforms = list(rest.pop(0))
    if [child.tag for child in rest] != [f"{_D}DigestMethod", f"{_D}DigestValue"]:
        raise Refused("signature-shape", "Reference")
    algorithm = DIGESTS.get(_algorithm(rest[0]))
    if algorithm is None:
        raise Refused("digest-weak", rest[0].get("Algorithm", ""))
    return transforms, algorithm, _decoded(rest[1])


def _may_be_signed(root: etree._Element, target: etree._Element, kind: str) -> bool:
    """Whether the target lies where a signed thing lies: an object of this signature, or its properties."""
    if target.tag == f"{_D}Object":
        return target.getparent() is root and kind == OBJECT_TYPE
    path = [_local(each) for each in target.iterancestors()]
    return (
        target.tag == f"{_X}SignedProperties"
        and path == ["QualifyingProperties", "Object", "Signature"]
        and kind == SIGNED_PROPERTIES_TYPE
    )


# --- the manifest ----------------------------------------------------------------------------------------------------


def _package_object(
    objects: list[etree._Element], references: tuple[Reference, ...]
) -> tuple[etree._Element, etree._Element]:
    """The manifest and the element with the time that Office shows."""
    signed = [reference.target for reference in references]
    holding = [each for each in objects if any(child.tag == f"{_D}Manifest" for child in each)]
    if len(holding) != 1 or not any(holding[0] is target for target in signed):
        raise Refused("manifest-missing")
    manifest, properties = _only(holding[0], "Manifest", "SignatureProperties")
    (property_,) = _only(properties, "SignatureProperty")
    (time,) = _only(property_, "SignatureTime", space=_M)
    _, value = _only(time, "Format", "Value", space=_M)
    return manifest, value


def _covered(manifest: etree._Element) -> Iterator[Covered]:
    seen: set[str] = set()
    for element in manifest:
        transforms, algorithm, digest = _reference(element)
        uri = element.get("URI", "")
        match = _URI.fullmatch(uri)
        if match is None or not re.fullmatch(r"[A-Za-z0-9_./-]+", match[1]):
            raise Refused("part-name", uri)
        if match[1].lower() in seen:
            raise Refused("part-twice", match[1])
        seen.add(match[1].lower())
        is_rels = match[1].endswith(".rels")
        ids = _relationship_ids(transforms, match[1]) if is_rels else None
        if transforms and not is_rels:
            raise Refused("transform-unexpected", match[1])
        yield Covered(match[1], match[2], ids, algorithm, digest)


def _relationship_ids(transforms: list[etree._Element], part: str) -> tuple[str, ...]:
    algorithms = [step.get("Algorithm") for step in transforms]
    if algorithms != [RELATIONSHIP_TRANSFORM, C14N] or len(transforms[1]) or not len(transforms[0]):
        raise Refused("transform-unexpected", part)
    if any(child.tag != f"{_M}RelationshipReference" for child in transforms[0]):
        # A reference to all relationships of a type would let some be exchanged for others of it.
        raise Refused("transform-unexpected", part)
    return tuple(child.get("SourceId", "") for child in transforms[0])


# --- who and when ----------------------------------------------------------------------------------------------------


def _certificate(info: etree._Element) -> x509.Certificate:
    if [child.tag for child in info] != [f"{_D}X509Data"] or [c.tag for c in info[0]] != [f"{_D}X509Certificate"]:
        raise Refused("certificate-count")
    data = _decoded(info[0][0])
    try:
        return load_der(data)
    except ValueError as error:
        raise Refused("certificate-unreadable") from error


def _signed_properties(
    root: etree._Element, objects: list[etree._Element], references: tuple[Reference, ...]
) -> etree._Element:
    """The signed properties; every object is signed, or holds nothing but those and what proves the time."""
    signed = [reference.target for reference in references]
    properties = [target for target in signed if target.tag == f"{_X}SignedProperties"]
    if len(properties) != 1:
        raise Refused("properties-unsigned")
    for each in objects:
        if any(each is target for target in signed):
            continue
        if [child.tag for child in each] != [f"{_X}QualifyingProperties"] or list(each[0])[:1] != properties:
            raise Refused("object-unsigned", each.get("Id", ""))
        qualifying = each[0]
        if qualifying.get("Target") != f"#{root.get('Id')}":
            raise Refused("signature-shape", "QualifyingProperties")
        _check_unsigned(list(qualifying)[1:])
    return properties[0]


def _check_unsigned(rest: list[etree._Element]) -> None:
    """Beside what is signed there may be time stamps, which prove themselves, and nothing else."""
    if len(rest) > 1:
        raise Refused("object-unsigned", "QualifyingProperties")
    for outer in rest:
        inner = list(_expect(outer, "UnsignedProperties", _X))
        if len(inner) > 1 or any(each.tag != f"{_X}UnsignedSignatureProperties" for each in inner):
            raise Refused("object-unsigned", "UnsignedProperties")
        stamps = [each for properties in inner for each in properties]
        if any(each.tag != f"{_X}SignatureTimeStamp" for each in stamps):
            raise Refused("object-unsigned", "UnsignedSignatureProperties")
        if any(each.attrib or (each.text or "").strip() for each in (outer, *inner)):
            raise Refused("object-unsigned", "UnsignedProperties")


def _agreeing_time(properties: etree._Element, in_package: etree._Element) -> datetime:
    """The time that the signer states, which is the same in both places."""
    found = list(properties.iter(f"{_X}SigningTime"))
    times = [_time(element.text or "") for element in (*found, in_package)]
    if len(found) != 1 or times[0] is None or times[0] != times[1]:
        raise Refused("time-unclear")
    return times[0]


def _time(text: str) -> datetime | None:
    if _TIME.fullmatch(text) is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):  # the latter: before the year 1 in UTC
        return None


def _compare_certificate(properties: etree._Element, certificate: x509.Certificate) -> None:
    stated = list(properties.iter(f"{_X}CertDigest"))
    if len(stated) != 1:
        raise Refused("certificate-exchanged")
    method, value = _only(stated[0], "DigestMethod", "DigestValue")
    algorithm = DIGESTS.get(_algorithm(method))
    if algorithm is None:
        raise Refused("digest-weak", method.get("Algorithm", ""))
    if certificate.fingerprint(algorithm()) != _decoded(value):
        raise Refused("certificate-exchanged")


def _stamps(objects: list[etree._Element]) -> Iterator[bytes]:
    for each in objects:
        for stamp in each.iter(f"{_X}SignatureTimeStamp"):
            method, token = list(stamp) if len(stamp) == 2 else (stamp, stamp)
            if _algorithm(_expect(method, "CanonicalizationMethod")) != C14N:
                raise Refused("canonicalisation-unexpected")
            yield _decoded(_expect(token, "EncapsulatedTimeStamp", _X))


def _line(objects: list[etree._Element]) -> str:
    found = [element.text or "" for each in objects for element in each.iter(f"{{{OFFICE}}}SetupID")]
    return found[0] if len(found) == 1 else ""
