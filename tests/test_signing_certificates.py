"""Whom a certificate is trusted to be: chains, purposes and dates, each refused with its own reason."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from formgen.signing import authority
from formgen.signing.certificates import Moments, Trust, check
from formgen.signing.keys import KeySigner, PrivateKey
from formgen.signing.package import sign
from formgen.signing.verdict import Held, Question
from formgen.signing.verification import verify
from signing_kit import NOW, START, ca, form, office

DAY = timedelta(days=1)
MOMENTS = Moments(NOW, NOW + 30 * DAY)
SIGNS = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
CERTIFIES = x509.KeyUsage(False, False, False, False, False, True, False, False, False)


@cache
def key(name: str) -> PrivateKey:
    """Whose key it is. Those who stamp times share one: pyHanko's authority for tests needs RSA, which takes time."""
    if name.startswith("时间戳"):
        return key("时间戳") if name != "时间戳" else rsa.generate_private_key(65537, 2048)
    return ec.generate_private_key(ec.SECP256R1())


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


def made(
    name: str,
    issuer: str,
    *extensions: tuple[x509.ExtensionType, bool],
    since: datetime = START,
    until: datetime = START + 3650 * DAY,
    by: str = "",
) -> x509.Certificate:
    builder = x509.CertificateBuilder(named(issuer), named(name), key(name).public_key(), 7, since, until)
    for value, critical in extensions:
        builder = builder.add_extension(value, critical)
    return builder.sign(key(by or issuer), hashes.SHA256())


def may_certify(length: int | None = None) -> tuple[x509.ExtensionType, bool]:
    return x509.BasicConstraints(ca=True, path_length=length), True


def ids(certificate: x509.Certificate, trust: Sequence[x509.Certificate], moments: Moments = MOMENTS) -> list[str]:
    return [reason.id for reason in check(certificate, trust, moments)]


ROOT = made("根", "根", may_certify(), (CERTIFIES, True))
BETWEEN = made("学校", "根", may_certify(0), (CERTIFIES, True))
LEAF = made("校团委", "学校", (SIGNS, True))


def test_a_certificate_is_trusted_through_those_between_it_and_an_authority() -> None:
    assert ids(LEAF, [ROOT, BETWEEN]) == []
    assert ids(made("甲", "根", (SIGNS, True)), [ROOT]) == []


def test_an_authority_may_be_renewed_under_its_old_name() -> None:
    renewed = made("学校", "根", may_certify(0), until=START + 4000 * DAY, by="根")
    stranger = made("学校", "学校", may_certify(), by="冒名的学校")
    assert ids(LEAF, [ROOT, stranger, renewed]) == []


def test_the_signers_own_certificate_may_be_trusted_itself() -> None:
    assert ids(LEAF, [LEAF]) == []


def test_a_certificate_in_between_is_not_trusted_for_itself() -> None:
    assert ids(LEAF, [BETWEEN]) == ["certificate-untrusted"]


@pytest.mark.parametrize(
    ("certificate", "trust", "reason"),
    [
        (LEAF, [ROOT], "certificate-untrusted"),
        (made("自称", "自称", (SIGNS, True)), [ROOT], "certificate-untrusted"),
        (made("校团委", "学校", by="冒名的学校"), [ROOT, BETWEEN], "certificate-broken"),
        (made("校团委", "根", (CERTIFIES, True)), [ROOT], "certificate-purpose"),
        (
            made("校团委", "根", (x509.NameConstraints([x509.DNSName("x")], None), True)),
            [ROOT],
            "certificate-unknown-limit",
        ),
        (made("乙", "校团委"), [ROOT, BETWEEN, LEAF], "authority-purpose"),
        (made("乙", "无期"), [made("无期", "无期", may_certify(), (SIGNS, True))], "authority-purpose"),
        (made("乙", "分校"), [ROOT, BETWEEN, made("分校", "学校", may_certify())], "chain-too-long"),
        (
            made("乙", "五"),
            [
                ROOT,
                *(
                    made(own, above, may_certify())
                    for own, above in zip("五四三二一", ["四", "三", "二", "一", "根"], strict=True)
                ),
            ],
            "chain-too-long",
        ),
    ],
)
def test_a_chain_that_does_not_hold_is_refused(
    certificate: x509.Certificate, trust: list[x509.Certificate], reason: str
) -> None:
    assert ids(certificate, trust) == [reason]


LIMITED = made("校团委", "根", (SIGNS, True), since=NOW, until=NOW + 10 * DAY)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("moments", "reasons"),
    [
        (Moments(NOW - SECOND, NOW), ["not-yet-valid"]),
        (Moments(NOW, NOW), []),
        (Moments(NOW, NOW + 10 * DAY), []),
        (Moments(NOW, NOW + 10 * DAY + SECOND), ["expired-since"]),
        (Moments(NOW + 10 * DAY + SECOND, NOW + 20 * DAY), ["expired-before"]),
        (Moments(NOW + 10 * DAY + SECOND, NOW + 20 * DAY, stamped=NOW + DAY), []),
        (Moments(NOW, NOW + 20 * DAY, stamped=NOW + 11 * DAY), ["expired-before"]),
        (Moments(NOW + 300 * SECOND, NOW), []),
        (Moments(NOW + 301 * SECOND, NOW), ["signed-in-future"]),
    ],
)
def test_a_certificate_is_valid_from_its_first_to_its_last_second(moments: Moments, reasons: list[str]) -> None:
    assert ids(LIMITED, [ROOT], moments) == reasons


def test_an_authority_that_has_expired_vouches_for_nobody() -> None:
    old = made("旧", "旧", may_certify(), until=NOW - DAY)
    assert ids(made("甲", "旧"), [old]) == ["expired-before"]


def test_without_anybody_trusted_the_certificate_is_not_checked_and_nothing_is_passed() -> None:
    told = verify(sign(form("01.docx"), "", office(), NOW), "", Trust((), NOW))
    answer = told.answer(Question.CERTIFICATE)
    assert (answer.held, [each.id for each in answer.reasons]) == (Held.NOT_CHECKED, ["no-trust"])
    assert not told.holds


def test_a_file_tells_which_of_its_signers_is_not_trusted() -> None:
    stranger = authority.new_authority("别的机构", START)
    outsider = authority.new_key(stranger, "外人", START, ecdsa=True)
    data = sign(sign(form("01.docx"), "", office(), NOW), "", outsider, NOW)
    told = verify(data, "", Trust((ca().certificate,), NOW))
    answer = told.answer(Question.CERTIFICATE)
    assert [(each.id, each.place) for each in answer.reasons] == [("certificate-untrusted", "外人")]
    assert [each.signer for each in told.signatures] == ["青川示范学院团委", "外人"]
    assert isinstance(outsider, KeySigner)
