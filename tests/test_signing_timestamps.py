"""Time stamps: a proven time outlives the signer's certificate; a stamp that proves nothing is refused."""

import asyncio
import base64
import hashlib
import random
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any

import pytest
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID
from pyhanko.sign.general import as_signing_certificate_v2, simple_cms_attribute
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from formgen import opc
from formgen.signing import timestamps
from formgen.signing.certificates import Trust
from formgen.signing.keys import KeySigner
from formgen.signing.package import sign
from formgen.signing.verdict import Held, Question
from formgen.signing.verification import verify
from office import pack
from signing_kit import NOW, START, form
from test_signing_certificates import CERTIFIES, ROOT, SIGNS, key, made, may_certify, named

SIG = "_xmlsignatures/sig1.xml"
STAMPS = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True
DAY = timedelta(days=1)
STAMPED = NOW + timedelta(minutes=5)
TSA = made("时间戳", "根", STAMPS)
# The signer's certificate ends long before the day of verifying.
SIGNER = KeySigner(made("校团委", "根", (SIGNS, True), until=NOW + 10 * DAY), key("校团委"))
LATER = Trust((ROOT,), NOW + 100 * DAY)


def asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def stamper(
    certificate: x509.Certificate = TSA, at: datetime = STAMPED, between: tuple[x509.Certificate, ...] = ()
) -> Callable[[bytes], bytes]:
    """An authority that stamps whatever it gets, always at the same time."""
    der = key("时间戳").private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    store = SimpleCertificateStore()
    store.register_multiple([asn1(each) for each in between])
    authority = DummyTimeStamper(
        asn1(certificate), asn1_keys.PrivateKeyInfo.load(der), certs_to_embed=store, fixed_dt=at, include_nonce=False
    )

    def stamp(data: bytes) -> bytes:
        token = asyncio.run(authority.async_timestamp(hashlib.sha256(data).digest(), "sha256"))
        if isinstance(certificate.public_key(), ec.EllipticCurvePublicKey):
            _sign_again(token["content"]["signer_infos"][0], certificate)
        return bytes(token.dump(force=True))

    return stamp


def _sign_again(signer: Any, certificate: x509.Certificate) -> None:
    """Puts an elliptic signature in the place of the one that pyHanko's test authority made: it knows RSA only.

    The certificate is named in the newer way, by SHA-256.
    """
    (named,) = [each for each in signer["signed_attrs"] if each["type"].native == "signing_certificate"]
    index = list(signer["signed_attrs"]).index(named)
    signer["signed_attrs"][index] = simple_cms_attribute(
        "signing_certificate_v2", as_signing_certificate_v2(asn1(certificate))
    )
    attributes = signer["signed_attrs"].untag().dump(force=True)
    own = key(certificate.subject.rfc4514_string().removeprefix("CN="))
    assert isinstance(own, ec.EllipticCurvePrivateKey)
    signer["signature_algorithm"] = {"algorithm": "sha256_ecdsa"}
    signer["signature"] = own.sign(attributes, ec.ECDSA(hashes.SHA256()))


def stamped(stamp: Callable[[bytes], bytes] | None = None) -> bytes:
    return sign(form("01.docx"), "", SIGNER, NOW, stamp=stamp or stamper())


def ids(data: bytes, trust: Trust = LATER) -> list[str]:
    return [each.id for answer in verify(data, "", trust).answers for each in answer.reasons]


def test_without_a_stamp_an_expired_certificate_proves_nothing() -> None:
    assert ids(sign(form("01.docx"), "", SIGNER, NOW)) == ["expired-since"]


def test_a_stamp_proves_the_time_when_the_certificate_was_valid() -> None:
    told = verify(stamped(), "", LATER)
    assert told.holds
    assert (told.signatures[0].stated, told.signatures[0].stamped) == (NOW, STAMPED)


def test_an_authority_may_have_an_elliptic_key() -> None:
    assert ids(stamped(stamper(made("椭圆", "根", STAMPS)))) == []


def test_an_authority_with_another_kind_of_key_proves_nothing() -> None:
    builder = x509.CertificateBuilder(
        ROOT.subject, named("爱德华"), ed25519.Ed25519PrivateKey.generate().public_key(), 9, START, START + 999 * DAY
    ).add_extension(*STAMPS)
    assert ids(stamped(stamper(builder.sign(key("根"), hashes.SHA256())))) == ["stamp-wrong", "expired-since"]


def test_an_authority_may_send_the_certificates_between_it_and_one_that_is_trusted() -> None:
    between = made("时间戳局", "根", may_certify(), (CERTIFIES, True))
    authority = made("时间戳二", "时间戳局", STAMPS)
    assert ids(stamped(stamper(authority, between=(between,)))) == []
    assert ids(stamped(stamper(authority))) == ["stamp-wrong", "certificate-untrusted", "expired-since"]


@pytest.mark.parametrize(
    ("authority", "reason"),
    [
        (made("时间戳零", "时间戳零", STAMPS), "certificate-untrusted"),
        (made("时间戳三", "根", (SIGNS, True)), "certificate-purpose"),
        (made("时间戳四", "根", STAMPS, until=NOW), "expired-before"),
    ],
)
def test_an_authority_that_may_not_stamp_proves_nothing(authority: x509.Certificate, reason: str) -> None:
    assert ids(stamped(stamper(authority))) == ["stamp-wrong", reason, "expired-since"]


def test_an_authority_that_comes_along_with_its_own_root_proves_nothing() -> None:
    root = made("别的根", "别的根", may_certify())
    authority = made("时间戳五", "别的根", STAMPS)
    assert "certificate-untrusted" in ids(stamped(stamper(authority, between=(root,))))


def test_a_stamp_after_the_certificate_had_ended_does_not_help() -> None:
    assert ids(stamped(stamper(at=NOW + 20 * DAY))) == ["expired-before"]


def test_a_stamp_of_something_else_is_refused() -> None:
    other = stamper()(b"something else")
    assert ids(stamped(lambda data: other)) == ["stamp-wrong", "expired-since"]


@pytest.mark.parametrize(
    "token", [b"", b"nonsense", base64.b64decode("MAA="), TSA.public_bytes(serialization.Encoding.DER)]
)
def test_what_is_no_stamp_is_refused(token: bytes) -> None:
    assert ids(stamped(lambda data: token)) == ["stamp-wrong", "expired-since"]


def test_a_damaged_stamp_never_proves_another_time() -> None:
    parts = dict(opc.read(stamped(), "").parts)
    match = re.search(rb"<xd:EncapsulatedTimeStamp>([^<]*)<", parts[SIG])
    assert match is not None
    token = base64.b64decode(match[1])
    lots = random.Random(20201204)
    for at in lots.sample(range(len(token)), 250):
        damaged = token[:at] + bytes([token[at] ^ 1 << lots.randrange(8)]) + token[at + 1 :]
        told = verify(pack({**parts, SIG: parts[SIG].replace(match[1], base64.b64encode(damaged))}), "", LATER)
        assert [each.stamped for each in told.signatures] in ([None], [STAMPED])
        assert not told.holds or told.signatures[0].stamped == STAMPED


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"<xd:EncapsulatedTimeStamp>", b"<x/><xd:EncapsulatedTimeStamp>", "signature-shape"),
        (b'xml-c14n-20010315"/><xd:Enc', b'xml-c14n-20010315#WithComments"/><xd:Enc', "canonicalisation-unexpected"),
    ],
)
def test_a_stamp_in_another_shape_is_refused(old: bytes, new: bytes, reason: str) -> None:
    parts = dict(opc.read(stamped(), "").parts)
    assert old in parts[SIG]
    assert ids(pack({**parts, SIG: parts[SIG].replace(old, new)})) == [reason]


def test_without_the_extra_a_stamp_is_not_checked_and_nothing_is_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> ModuleType:
        raise ModuleNotFoundError(name)

    data = stamped()
    monkeypatch.setattr(timestamps, "import_module", missing)
    soon = verify(data, "", Trust((ROOT,), NOW + DAY))
    assert soon.answer(Question.CERTIFICATE).held is Held.NOT_CHECKED
    assert not soon.holds
    assert ids(data) == ["stamp-unchecked", "expired-since"]
