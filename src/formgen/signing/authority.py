"""An office's own test authority, and the keys that it certifies.

For trials, and for schools that have no authority: whoever is to trust these keys must be given ``ca.pem`` in a way
that cannot be tampered with. A key from a licensed authority is used in the same way, from its PKCS#12 file.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from formgen.signing.keys import KeySigner, PrivateKey

CA_DAYS = 3653
"""How long an authority's certificate is valid unless said otherwise: ten years."""
KEY_DAYS = 1096
"""How long an office's certificate is valid unless said otherwise: three years."""


@dataclass(frozen=True)
class ApprovalKey:
    """A person's key for approvals, as two PEM files."""

    private: bytes
    public: bytes


def new_authority(name: str, now: datetime, *, days: int = CA_DAYS) -> KeySigner:
    """A new authority that certifies itself from ``now`` on."""
    key = _new_key(ecdsa=False)
    subject = _name(name)
    public = key.public_key()
    certificate = (
        _certificate(subject, subject, now, days)
        .public_key(public)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(authority=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(key, hashes.SHA256())
    )
    return KeySigner(certificate, key)


def new_key(authority: KeySigner, name: str, now: datetime, *, days: int = KEY_DAYS, ecdsa: bool = False) -> KeySigner:
    """A new key for ``name`` that ``authority`` certifies from ``now`` on."""
    key = _new_key(ecdsa=ecdsa)
    return KeySigner(certify(authority, key, name, now, days=days), key)


def certify(authority: KeySigner, key: PrivateKey, name: str, now: datetime, *, days: int) -> x509.Certificate:
    """The certificate of a key for ``name``, valid from ``now`` on; never for longer than that of ``authority``."""
    public = key.public_key()
    left = (authority.certificate.not_valid_after_utc - now).days
    issuer_key = x509.SubjectKeyIdentifier.from_public_key(authority.key.public_key())
    return (
        _certificate(_name(name), authority.certificate.subject, now, min(days, left))
        .public_key(public)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_key), critical=False)
        .sign(authority.key, hashes.SHA256())
    )


def new_approval_key(passphrase: str) -> ApprovalKey:
    """A new key for approvals, its private half encrypted."""
    key = ed25519.Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(passphrase.encode()),
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return ApprovalKey(private, public)


def as_pkcs12(signer: KeySigner, passphrase: str) -> bytes:
    """The PKCS#12 file of a key, encrypted."""
    return pkcs12.serialize_key_and_certificates(
        None, signer.key, signer.certificate, None, serialization.BestAvailableEncryption(passphrase.encode())
    )


def as_pem(certificate: x509.Certificate) -> bytes:
    """The PEM file of a certificate."""
    return certificate.public_bytes(serialization.Encoding.PEM)


def _new_key(*, ecdsa: bool) -> PrivateKey:
    if ecdsa:
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


def _certificate(subject: x509.Name, issuer: x509.Name, now: datetime, days: int) -> x509.CertificateBuilder:
    start = now.replace(microsecond=0)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
