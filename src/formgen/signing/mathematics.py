"""Whether a signature is the key's, over this content: the digests of everything it names, and the signature itself."""

import hashlib
from collections.abc import Iterator

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from lxml import etree

from formgen.opc import Package, relationship_ids
from formgen.signing.canonical import canonical, relationships
from formgen.signing.keys import MIN_RSA_BITS
from formgen.signing.reading import Covered, Read
from formgen.signing.reasons import Refused, reason
from formgen.signing.verdict import Reason

_CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)


def check(package: Package, signature: Read) -> Iterator[Reason]:
    """What is wrong with the signature or with what it names; nothing if it is the key's and all is unchanged."""
    try:
        for reference in signature.references:
            if _digest(reference.algorithm, canonical(reference.target)) != reference.digest:
                yield reason("object-changed", reference.target.get("Id", ""))
        _check_key(signature.certificate)
        if not _matches(signature, canonical(signature.info)):
            yield reason("signature-wrong")
    except Refused as refused:
        yield refused.reason
    except etree.C14NError:
        yield reason("signature-unreadable")
    for covered in signature.covered:
        yield from _check_part(package, covered)


def _check_part(package: Package, covered: Covered) -> Iterator[Reason]:
    data = package.parts.get(covered.name)
    if data is None:
        yield reason("part-missing", covered.name)
        return
    if package.content_type(covered.name) != covered.content_type:
        yield reason("content-type-changed", covered.name)
    if covered.ids is not None:
        missing = sorted(set(covered.ids) - relationship_ids(data))
        if missing:
            yield reason("relationship-missing", f"{covered.name}: {'、'.join(missing)}")
            return
        data = relationships(data, covered.ids)
    if _digest(covered.algorithm, data) != covered.digest:
        yield reason("part-changed", covered.name)


def _digest(algorithm: type[hashes.HashAlgorithm], data: bytes) -> bytes:
    return hashlib.new(algorithm().name, data).digest()


def _check_key(certificate: x509.Certificate) -> None:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= MIN_RSA_BITS:
        return
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, _CURVES):
        return
    raise Refused("key-weak")


def _matches(signature: Read, data: bytes) -> bool:
    key = signature.certificate.public_key()
    algorithm = signature.algorithm()
    try:
        if isinstance(key, rsa.RSAPublicKey) and signature.kind == "rsa":
            key.verify(signature.value, data, padding.PKCS1v15(), algorithm)
            return True
        if isinstance(key, ec.EllipticCurvePublicKey) and signature.kind == "ecdsa":
            key.verify(_der(signature.value, (key.key_size + 7) // 8), data, ec.ECDSA(algorithm))
            return True
    except InvalidSignature:
        pass  # said by the answer
    return False


def _der(raw: bytes, size: int) -> bytes:
    if len(raw) != 2 * size:
        raise InvalidSignature
    return utils.encode_dss_signature(int.from_bytes(raw[:size], "big"), int.from_bytes(raw[size:], "big"))
