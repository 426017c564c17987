"""Whether a trusted authority vouches for the signer, at the time of signing and now.

Nothing is fetched, and no list of revoked certificates is asked: an office that loses a key says so to those who
verify, who stop trusting the authority, and ends the key in the ledger's policy.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from formgen.errors import UsageError
from formgen.findings import Text
from formgen.signing.keys import name_of
from formgen.signing.reasons import Refused, reason
from formgen.signing.verdict import Reason

_LONGEST = 5
_CLOCKS_DIFFER = timedelta(minutes=5)
"""So much may the clock of the one who signed be ahead of ours."""
_UNDERSTOOD = {
    x509.BasicConstraints.oid,
    x509.KeyUsage.oid,
    x509.ExtendedKeyUsage.oid,
    x509.SubjectKeyIdentifier.oid,
    x509.AuthorityKeyIdentifier.oid,
    x509.CertificatePolicies.oid,
}


@dataclass(frozen=True)
class Moments:
    """When it was signed as far as is known, and when that is asked."""

    stated: datetime
    now: datetime
    stamped: datetime | None = None

    @property
    def signed(self) -> datetime:
        """The proven time, else the stated one."""
        return self.stamped or self.stated


@dataclass(frozen=True)
class Trust:
    """Whom the one who asks trusts, and when that is asked; no authorities mean that none was named."""

    authorities: Sequence[x509.Certificate]
    now: datetime


def check(certificate: x509.Certificate, trust: Sequence[x509.Certificate], moments: Moments) -> Iterator[Reason]:
    """What speaks against the signer's certificate.

    Args:
        certificate: the signer's.
        trust: the authorities that are trusted. One that does not certify itself is trusted only through one that does,
            unless it is the signer's own certificate.
        moments: when it was signed, and now.
    """
    if moments.signed - moments.now > _CLOCKS_DIFFER:
        yield reason("signed-in-future")
    try:
        chain = _chain(certificate, trust)
        _check_purposes(chain)
    except Refused as refused:
        yield refused.reason
        return
    for link in chain:
        yield from _check_dates(link, moments)


def need_fit(certificate: x509.Certificate, when: datetime) -> None:
    """That whoever verifies later can accept what a certificate signs at a time.

    Raises:
        UsageError: it has expired, is not valid yet, or is not for signing.
    """
    try:
        _check_purposes([certificate])
        found = next(_check_dates(certificate, Moments(when, when)), None)
    except Refused as refused:
        found = refused.reason
    if found is not None:
        raise UsageError(
            Text(f"这个证书现在不能用来签名：{found.text.zh}", f"this certificate cannot sign now: {found.text.en}"),
            place=found.place,
            remedy=Text(
                "请换有效的密钥：formgen keys show 写明期限", "use a valid key: formgen keys show tells its dates"
            ),
        )


def _chain(certificate: x509.Certificate, trust: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """The certificates from the signer's to one that is trusted for itself."""
    chain = [certificate]
    while chain[-1] not in trust or not (chain[-1] is certificate or chain[-1].issuer == chain[-1].subject):
        if len(chain) >= _LONGEST:
            raise Refused("chain-too-long")
        candidates = [each for each in trust if each.subject == chain[-1].issuer and each not in chain]
        if not candidates:
            raise Refused("certificate-untrusted", name_of(chain[-1]))
        issuer = next((each for each in candidates if _issued(chain[-1], each)), None)
        if issuer is None:
            raise Refused("certificate-broken", name_of(chain[-1]))
        chain.append(issuer)
    return chain


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _check_purposes(chain: Sequence[x509.Certificate]) -> None:
    for depth, certificate in enumerate(chain):
        place = name_of(certificate)
        extensions = certificate.extensions
        if any(each.critical and each.oid not in _UNDERSTOOD for each in extensions):
            raise Refused("certificate-unknown-limit", place)
        found = {each.oid: each.value for each in extensions}
        usage, constraints = found.get(x509.KeyUsage.oid), found.get(x509.BasicConstraints.oid)
        if depth == 0:
            if isinstance(usage, x509.KeyUsage) and not (usage.digital_signature or usage.content_commitment):
                raise Refused("certificate-purpose", place)
            continue
        if not (isinstance(constraints, x509.BasicConstraints) and constraints.ca):
            raise Refused("authority-purpose", place)
        if isinstance(usage, x509.KeyUsage) and not usage.key_cert_sign:
            raise Refused("authority-purpose", place)
        if constraints.path_length is not None and depth - 1 > constraints.path_length:
            raise Refused("chain-too-long", place)


def _check_dates(certificate: x509.Certificate, moments: Moments) -> Iterator[Reason]:
    since, until = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    place = f"{name_of(certificate)}: {since.date().isoformat()} – {until.date().isoformat()}"
    if moments.signed < since:
        yield reason("not-yet-valid", place)
    if moments.signed > until:
        yield reason("expired-before", place)
    elif moments.stamped is None and moments.now > until:
        yield reason("expired-since", place)
