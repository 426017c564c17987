"""Keys: loading them from files, and what everything that signs with one needs of it.

An office's key signs documents (RSA or ECDSA with a certificate, in a PKCS#12 file); a person's key signs approvals
(Ed25519, in a PEM file). A token or a remote seal system takes part by being a :class:`Signer`.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import pkcs12

from formgen.errors import UsageError, system_reason
from formgen.findings import Text

MIN_RSA_BITS = 2048
_MAX_FILE = 1024 * 1024
_CURVE_BYTES = 32
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class Signer(Protocol):
    """Whatever can sign: a key in memory, on a token, or behind a seal system."""

    @property
    def certificate(self) -> x509.Certificate:
        """The certificate of the key: RSA of at least 2048 bits, or elliptic on P-256."""
        ...

    def sign(self, data: bytes) -> bytes:
        """The signature of ``data`` over SHA-256: PKCS#1 v1.5 for RSA, r and s of 32 bytes each for ECDSA."""
        ...


@dataclass(frozen=True)
class KeySigner:
    """A key in memory with its certificate."""

    certificate: x509.Certificate
    key: PrivateKey

    def sign(self, data: bytes) -> bytes:
        """As :class:`Signer` says."""
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return raw_ecdsa(self.key.sign(data, ec.ECDSA(hashes.SHA256())), _CURVE_BYTES)


def raw_ecdsa(der: bytes, size: int) -> bytes:
    """Both numbers, r and s, one behind the other, as XML signatures and tokens have them, from a library's DER."""
    r, s = utils.decode_dss_signature(der)
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def check_certificate(certificate: x509.Certificate, place: str) -> x509.Certificate:
    """The certificate, if its key is one that may sign documents.

    Raises:
        UsageError: it is of another kind or too short.
    """
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= MIN_RSA_BITS:
        return certificate
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return certificate
    raise UsageError(
        Text(
            f"这个密钥不能签文件：需要 {MIN_RSA_BITS} 位以上的 RSA，或 ECDSA P-256",
            f"this key cannot sign documents: RSA of {MIN_RSA_BITS} bits or more is needed, or ECDSA P-256",
        ),
        place=place,
        remedy=Text("请另做一个密钥：formgen keys new", "make another key: formgen keys new"),
    )


def load_pkcs12(path: Path, passphrase: str) -> KeySigner:
    """The key and certificate in a PKCS#12 file.

    Raises:
        UsageError: the file cannot be read, the passphrase is another one, or there is no usable key in it.
    """
    data = _contents(path)
    try:
        key, certificate, _ = pkcs12.load_key_and_certificates(data, passphrase.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _not_opened(path) from error
    if certificate is None or not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise UsageError(
            Text("文件里没有能签名的密钥和证书", "there is no key with a certificate that could sign in this file"),
            place=str(path),
            remedy=Text("请用带私钥的 .p12 文件", "use a .p12 file that holds the private key"),
        )
    return KeySigner(check_certificate(certificate, str(path)), key)


def load_ed25519(path: Path, passphrase: str | None = None) -> ed25519.Ed25519PrivateKey:
    """A person's key for approvals, from a PEM file (PKCS#8), encrypted or not.

    Raises:
        UsageError: the file cannot be read, the passphrase is another one, or the key is of another kind.
    """
    data = _contents(path)
    try:
        key = serialization.load_pem_private_key(data, passphrase.encode() if passphrase is not None else None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        # TypeError: a passphrase for a file that is not encrypted, or none for one that is.
        raise _not_opened(path) from error
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise _no_approval_key(path)
    return key


def load_ed25519_public(path: Path) -> ed25519.Ed25519PublicKey:
    """The public half of a person's key, from a PEM file.

    Raises:
        UsageError: the file cannot be read, or holds something else.
    """
    try:
        key = serialization.load_pem_public_key(_contents(path))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _no_approval_key(path) from error
    if not isinstance(key, ed25519.Ed25519PublicKey):
        raise _no_approval_key(path)
    return key


def load_certificates(path: Path) -> tuple[x509.Certificate, ...]:
    """The certificates in a PEM file, at least one.

    Raises:
        UsageError: the file cannot be read, or holds none.
    """
    data = _contents(path)
    try:
        return tuple(x509.load_pem_x509_certificates(data))
    except ValueError as error:
        raise UsageError(
            Text("文件里没有证书（需要 PEM 格式）", "there is no certificate in this file (PEM is needed)"),
            place=str(path),
            remedy=Text("请用 keys new 写出的 ca.pem，或导出为 PEM", "use the ca.pem of keys new, or export as PEM"),
        ) from error


def load_der(data: bytes) -> x509.Certificate:
    """The certificate in ``data``, all of it read: the library reads parts on first use, and they may be nonsense.

    Raises:
        ValueError: it cannot be read.
    """
    try:
        certificate = x509.load_der_x509_certificate(data)
        _ = (certificate.subject, certificate.issuer, certificate.public_key(), certificate.extensions)
        _ = (certificate.not_valid_before_utc, certificate.not_valid_after_utc)
    except (
        UnsupportedAlgorithm,
        x509.DuplicateExtension,
        x509.InvalidVersion,
        x509.UnsupportedGeneralNameType,
    ) as error:
        raise ValueError(str(error)) from error
    return certificate


def key_id(key: ed25519.Ed25519PublicKey) -> str:
    """The name of a person's key in policies and approvals: ``sha256:…`` of its 32 bytes."""
    return "sha256:" + hashlib.sha256(key.public_bytes_raw()).hexdigest()


def fingerprint(certificate: x509.Certificate) -> str:
    """``sha256:…`` of the certificate, to be compared on the telephone."""
    return "sha256:" + certificate.fingerprint(hashes.SHA256()).hex()


def name_of(certificate: x509.Certificate) -> str:
    """Whom the certificate names: its common name, else all of its subject."""
    return _common_name(certificate.subject)


def issuer_of(certificate: x509.Certificate) -> str:
    """Who issued the certificate, in the same way."""
    return _common_name(certificate.issuer)


def _common_name(name: x509.Name) -> str:
    found: Sequence[x509.NameAttribute[str | bytes]] = name.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(found[0].value) if found else name.rfc4514_string()


def kind_of(certificate: x509.Certificate) -> str:
    """The kind of the certificate's key, for a person."""
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA-{key.key_size}"
    return f"ECDSA {key.curve.name}" if isinstance(key, ec.EllipticCurvePublicKey) else type(key).__name__


def _contents(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise UsageError(Text("这不是普通文件", "this is no regular file"), place=str(path), remedy=_NAME_A_FILE)
        with path.open("rb") as file:
            data = file.read(_MAX_FILE + 1)
    except OSError as error:
        reason = system_reason(error)
        raise UsageError(
            Text(f"文件打不开：{reason.zh}", f"the file cannot be opened: {reason.en}"),
            place=str(path),
            remedy=_NAME_A_FILE,
        ) from error
    if len(data) > _MAX_FILE:
        raise UsageError(
            Text("文件太大，不像是密钥或证书", "too large for a key or certificate"),
            place=str(path),
            remedy=_NAME_A_FILE,
        )
    return data


_NAME_A_FILE = Text("请检查文件名和路径", "check the name and the path")


def _not_opened(path: Path) -> UsageError:
    return UsageError(
        Text("密钥打不开：口令不对，或文件不是密钥", "the key cannot be opened: another passphrase, or no key file"),
        place=str(path),
        remedy=Text(
            "请核对口令和文件；很老的 .p12 请用现在的程序重新导出",
            "check the passphrase and the file; export a very old .p12 again with a program of today",
        ),
    )


def _no_approval_key(path: Path) -> UsageError:
    return UsageError(
        Text("这不是签批用的密钥（Ed25519）", "this is no key for approvals (Ed25519)"),
        place=str(path),
        remedy=Text("请用 formgen keys new --ledger 做一个", "make one with formgen keys new --ledger"),
    )
