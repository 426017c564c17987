"""Time stamps on signatures (XAdES-T): RFC 3161 tokens of an authority that saw the signature at a time.

Reading a token takes asn1crypto, which comes with formgen[pdf]; without it a time stamp is reported as not checked.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import import_module
from types import ModuleType
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from formgen.signing import certificates
from formgen.signing.canonical import canonical
from formgen.signing.certificates import Moments, Trust
from formgen.signing.keys import load_der, name_of
from formgen.signing.reading import Read
from formgen.signing.reasons import reason
from formgen.signing.verdict import Reason

_DIGESTS: Final[Mapping[str, type[hashes.HashAlgorithm]]] = {
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}


class _WrongToken(Exception):
    """A token that proves nothing; never leaves this module."""


# What reading a damaged token raises: asn1crypto reads it bit by bit.
_HOSTILE = (_WrongToken, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


def check(signature: Read, trust: Trust) -> tuple[datetime | None, tuple[Reason, ...]]:
    """The time that a signature's time stamps prove, if any, and what is wrong with them."""
    if not signature.stamps:
        return None, ()
    try:
        cms = import_module("asn1crypto.cms")
        import_module("asn1crypto.tsp")  # teaches the former what a time stamp is
    except ModuleNotFoundError:
        return None, (reason("stamp-unchecked"),)
    stamped = canonical(signature.value_element)
    proven: list[datetime] = []
    for token in signature.stamps:
        try:
            when, authority, others = _read(cms, token, stamped)
        except _HOSTILE:
            return None, (reason("stamp-wrong"),)
        against = _against(authority, (*trust.authorities, *others), trust, when)
        if against:
            return None, (reason("stamp-wrong"), *against)
        proven.append(when)
    return min(proven), ()


def _against(
    authority: x509.Certificate, known: Sequence[x509.Certificate], trust: Trust, when: datetime
) -> tuple[Reason, ...]:
    """What speaks against the authority that stamped, which is judged at the time of its stamp."""
    usages = [each.value for each in authority.extensions if each.oid == x509.ExtendedKeyUsage.oid]
    if usages != [x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])]:
        return (reason("certificate-purpose", name_of(authority)),)
    # Of what comes with the token nothing is trusted for itself: only what leads to a named authority.
    between = [each for each in known if each in trust.authorities or each.issuer != each.subject]
    return tuple(certificates.check(authority, between, Moments(when, trust.now, stamped=when)))


def _read(
    cms: ModuleType, token: bytes, stamped: bytes
) -> tuple[datetime, x509.Certificate, tuple[x509.Certificate, ...]]:
    """When a token says that it saw ``stamped``, whose it is, and the other certificates in it."""
    content = cms.ContentInfo.load(token, strict=True)
    if content["content_type"].native != "signed_data":
        raise _WrongToken
    signed = content["content"]
    if signed["encap_content_info"]["content_type"].native != "tst_info" or len(signed["signer_infos"]) != 1:
        raise _WrongToken
    info = signed["encap_content_info"]["content"].parsed
    imprint = info["message_imprint"]
    name = imprint["hash_algorithm"]["algorithm"].native
    if name not in _DIGESTS or hashlib.new(name, stamped).digest() != imprint["hashed_message"].native:
        raise _WrongToken
    held = [load_der(each.chosen.dump()) for each in signed["certificates"]]
    signer = signed["signer_infos"][0]
    authority = _signer_of(signer, held)
    _check_signature(signer, authority, signed["encap_content_info"]["content"].contents)
    return info["gen_time"].native.astimezone(UTC), authority, tuple(each for each in held if each != authority)


def _signer_of(signer: Any, held: Sequence[x509.Certificate]) -> x509.Certificate:
    """The certificate of the token's signer: the one that its signed attributes name by digest.

    The older attribute does so with SHA-1, and most authorities still use it. It only chooses among certificates of
    the key that made the signature, which is checked with SHA-256 at least.
    """
    attributes = {each["type"].native: each["values"] for each in signer["signed_attrs"]}
    if "signing_certificate_v2" in attributes:
        named = attributes["signing_certificate_v2"][0]["certs"][0]
        algorithm = _DIGESTS[named["hash_algorithm"]["algorithm"].native]()
    else:
        named, algorithm = attributes["signing_certificate"][0]["certs"][0], hashes.SHA1()  # noqa: S303
    for each in held:
        if each.fingerprint(algorithm) == named["cert_hash"].native:
            return each
    raise _WrongToken


def _check_signature(signer: Any, authority: x509.Certificate, content: bytes) -> None:
    attributes = {each["type"].native: each["values"] for each in signer["signed_attrs"]}
    name = signer["digest_algorithm"]["algorithm"].native
    if name not in _DIGESTS or attributes["content_type"][0].native != "tst_info":
        raise _WrongToken
    if attributes["message_digest"][0].native != hashlib.new(name, content).digest():
        raise _WrongToken
    data = signer["signed_attrs"].untag().dump(force=True)
    key, value, algorithm = authority.public_key(), signer["signature"].native, _DIGESTS[name]()
    try:
        if isinstance(key, rsa.RSAPublicKey) and signer["signature_algorithm"].signature_algo == "rsassa_pkcs1v15":
            key.verify(value, data, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(value, data, ec.ECDSA(algorithm))
        else:
            raise _WrongToken
    except InvalidSignature as error:
        raise _WrongToken from error
