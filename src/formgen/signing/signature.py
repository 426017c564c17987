"""A signature part: which parts and relationships it covers, who signed and when, and the signature itself.

Shape: ECMA-376 Part 2 (manifest), MS-OFFCRYPTO 2.5 (what Office adds), XAdES-EPES.
"""

import base64
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree

from formgen.opc import CONTENT_TYPES, Package
from formgen.signing.canonical import canonical, relationships
from formgen.signing.keys import Signer, check_certificate
from formgen.signing.parts import covered_ids, is_plumbing, left_out, source_of
from formgen.signing.vocabulary import (
    C14N,
    DS,
    ECDSA_SHA256,
    MDSSI,
    OBJECT_TYPE,
    OFFICE,
    RELATIONSHIP_TRANSFORM,
    RSA_SHA256,
    SHA256,
    SIGNED_PROPERTIES_TYPE,
    XADES,
)

TimeStamp = Callable[[bytes], bytes]
"""Asks a time-stamping authority: the bytes to be stamped in, the DER of an RFC 3161 token out."""
_LOCAL_SIGNATURE, _ON_A_LINE = 1, 2


@dataclass(frozen=True)
class OnLine:
    """A signature on one of the document's signature lines: the line's id, and the pictures shown on it."""

    id: str
    valid: bytes
    invalid: bytes


@dataclass(frozen=True)
class Order:
    """What is wanted of a signature besides the key: the time that it states, its number, where it stands."""

    when: datetime
    number: int = 1
    line: OnLine | None = None
    comment: str = ""
    stamp: TimeStamp | None = field(default=None, repr=False)


def build(package: Package, signer: Signer, order: Order) -> bytes:
    """The bytes of a signature part over ``package``."""
    suffix = "" if order.number < 3 else f"-{order.number}"  # LibreOffice 7.4 refuses a third with the same ids
    pictures = _pictures(order.line, suffix)
    objects = [
        _package_object(package, order.when, suffix),
        _office_object(order, suffix),
        *(text for _, text in pictures),
        _properties_object(signer, order.when, suffix),
    ]
    references = [
        _reference(f"#idPackageObject{suffix}", OBJECT_TYPE),
        _reference(f"#idOfficeObject{suffix}", OBJECT_TYPE),
        _reference(f"#idSignedProperties{suffix}", SIGNED_PROPERTIES_TYPE, f'<Transform Algorithm="{C14N}"/>'),
        *(_reference(f"#{id}", OBJECT_TYPE) for id, _ in pictures),
    ]
    certificate = check_certificate(signer.certificate, "")
    method = RSA_SHA256 if isinstance(certificate.public_key(), rsa.RSAPublicKey) else ECDSA_SHA256
    der = certificate.public_bytes(serialization.Encoding.DER)
    text = (
        f'<Signature xmlns="{DS}" Id="idPackageSignature{suffix}"><SignedInfo>'
        f'<CanonicalizationMethod Algorithm="{C14N}"/><SignatureMethod Algorithm="{method}"/>{"".join(references)}'
        f"</SignedInfo><SignatureValue/><KeyInfo><X509Data><X509Certificate>{_base64(der)}</X509Certificate></X509Data>"
        f"</KeyInfo>{''.join(objects)}</Signature>"
    )
    return _signed(etree.fromstring(text), signer, order.stamp)


def _signed(root: etree._Element, signer: Signer, stamp: TimeStamp | None) -> bytes:
    """The tree with its digests, the signature over them and the time stamp over that."""
    by_id = {element.get("Id"): element for element in root.iter() if element.get("Id") is not None}
    info, value = root[0], root[1]
    for reference in info.iterchildren(f"{{{DS}}}Reference"):
        target = by_id[reference.get("URI", "")[1:]]
        reference[-1].text = _digest(canonical(target))
    value.text = _base64(signer.sign(canonical(info)))
    if stamp is not None:
        (unsigned,) = root.iter(f"{{{XADES}}}UnsignedSignatureProperties")
        token = _base64(stamp(canonical(value)))
        unsigned.append(
            etree.fromstring(
                f'<xd:SignatureTimeStamp xmlns:xd="{XADES}"><CanonicalizationMethod xmlns="{DS}" Algorithm="{C14N}"/>'
                f"<xd:EncapsulatedTimeStamp>{token}</xd:EncapsulatedTimeStamp></xd:SignatureTimeStamp>"
            )
        )
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _package_object(package: Package, when: datetime, suffix: str) -> str:
    references = "".join(_part_references(package))
    return (
        f'<Object Id="idPackageObject{suffix}"><Manifest>{references}</Manifest><SignatureProperties>'
        f'<SignatureProperty Id="idSignatureTime{suffix}" Target="#idPackageSignature{suffix}">'
        f'<mdssi:SignatureTime xmlns:mdssi="{MDSSI}"><mdssi:Format>YYYY-MM-DDThh:mm:ssTZD</mdssi:Format>'
        f"<mdssi:Value>{_time(when)}</mdssi:Value></mdssi:SignatureTime></SignatureProperty></SignatureProperties></Object>"
    )


def _part_references(package: Package) -> Iterator[str]:
    without = left_out(package)
    for name in sorted(package.parts):
        if name == CONTENT_TYPES or is_plumbing(name) or name in without:
            continue
        data, transforms = package.parts[name], ""
        if name.endswith(".rels"):
            ids = covered_ids(package, source_of(name))
            if not ids:
                continue
            sources = "".join(
                f'<mdssi:RelationshipReference xmlns:mdssi="{MDSSI}" SourceId="{_escape(id)}"/>' for id in ids
            )
            transforms = (
                f'<Transform Algorithm="{RELATIONSHIP_TRANSFORM}">{sources}</Transform><Transform Algorithm="{C14N}"/>'
            )
            data = relationships(data, ids)
        yield _reference(f"/{name}?ContentType={package.content_type(name)}", "", transforms, _digest(data))


def _office_object(order: Order, suffix: str) -> str:
    """What Office shows of a signature. The version is that of the file format: readers refuse other words."""
    setup = order.line.id if order.line is not None else ""
    kind = _ON_A_LINE if order.line is not None else _LOCAL_SIGNATURE
    return (
        f'<Object Id="idOfficeObject{suffix}"><SignatureProperties><SignatureProperty Id="idOfficeV1Details{suffix}" '
        f'Target="#idPackageSignature{suffix}"><SignatureInfoV1 xmlns="{OFFICE}"><SetupID>{_escape(setup)}</SetupID>'
        f"<SignatureText/><SignatureImage/><SignatureComments>{_escape(order.comment)}</SignatureComments>"
        "<WindowsVersion>10.0</WindowsVersion><OfficeVersion>16.0</OfficeVersion>"
        "<ApplicationVersion>16.0</ApplicationVersion><Monitors>1</Monitors>"
        "<HorizontalResolution>1920</HorizontalResolution><VerticalResolution>1080</VerticalResolution>"
        "<ColorDepth>32</ColorDepth><SignatureProviderId>{00000000-0000-0000-0000-000000000000}</SignatureProviderId>"
        "<SignatureProviderUrl/><SignatureProviderDetails>9</SignatureProviderDetails>"
        f"<SignatureType>{kind}</SignatureType><ManifestHashAlgorithm>{SHA256}</ManifestHashAlgorithm>"
        f'</SignatureInfoV1><SignatureInfoV2 xmlns="{OFFICE}"><Address1/><Address2/></SignatureInfoV2>'
        "</SignatureProperty></SignatureProperties></Object>"
    )


def _pictures(line: OnLine | None, suffix: str) -> list[tuple[str, str]]:
    if line is None:
        return []
    pictures = {f"idValidSigLnImg{suffix}": line.valid, f"idInvalidSigLnImg{suffix}": line.invalid}
    return [(id, f'<Object Id="{id}">{_base64(data)}</Object>') for id, data in pictures.items()]


def _properties_object(signer: Signer, when: datetime, suffix: str) -> str:
    certificate = signer.certificate
    digest = _base64(certificate.fingerprint(hashes.SHA256()))
    return (
        f'<Object><xd:QualifyingProperties xmlns:xd="{XADES}" Target="#idPackageSignature{suffix}">'
        f'<xd:SignedProperties Id="idSignedProperties{suffix}"><xd:SignedSignatureProperties>'
        f"<xd:SigningTime>{_time(when)}</xd:SigningTime><xd:SigningCertificate><xd:Cert><xd:CertDigest>"
        f'<DigestMethod Algorithm="{SHA256}"/><DigestValue>{digest}</DigestValue></xd:CertDigest><xd:IssuerSerial>'
        f"<X509IssuerName>{_escape(certificate.issuer.rfc4514_string())}</X509IssuerName>"
        f"<X509SerialNumber>{certificate.serial_number}</X509SerialNumber></xd:IssuerSerial></xd:Cert>"
        "</xd:SigningCertificate><xd:SignaturePolicyIdentifier><xd:SignaturePolicyImplied/>"
        "</xd:SignaturePolicyIdentifier></xd:SignedSignatureProperties></xd:SignedProperties><xd:UnsignedProperties>"
        "<xd:UnsignedSignatureProperties/></xd:UnsignedProperties></xd:QualifyingProperties></Object>"
    )


def _reference(uri: str, kind: str, transforms: str = "", digest: str = "") -> str:
    type_ = f' Type="{kind}"' if kind else ""
    steps = f"<Transforms>{transforms}</Transforms>" if transforms else ""
    return (
        f'<Reference{type_} URI="{_escape(uri)}">{steps}<DigestMethod Algorithm="{SHA256}"/>'
        f"<DigestValue>{digest}</DigestValue></Reference>"
    )


def _time(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _digest(data: bytes) -> str:
    return _base64(hashlib.sha256(data).digest())


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _escape(text: str) -> str:
    return escape(text, {'"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"})
