"""Keys on a token or in a hardware module, which never give them away (PKCS#11). Needs formgen[pkcs11]."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from formgen.errors import UsageError
from formgen.findings import Text
from formgen.signing.keys import check_certificate


@dataclass(frozen=True)
class TokenSigner:
    """A key that stays on its token. Usable as long as the token's session lasts."""

    certificate: x509.Certificate
    key: Any

    def sign(self, data: bytes) -> bytes:
        """As :class:`~formgen.signing.keys.Signer` says."""
        pkcs11 = _pkcs11()
        if isinstance(self.certificate.public_key(), rsa.RSAPublicKey):
            return bytes(self.key.sign(data, mechanism=pkcs11.Mechanism.SHA256_RSA_PKCS))
        return bytes(self.key.sign(hashlib.sha256(data).digest(), mechanism=pkcs11.Mechanism.ECDSA))


@contextmanager
def opened(module: str, label: str, pin: str) -> Iterator[TokenSigner]:
    """The key that a token holds under ``label``, with the certificate beside it.

    Args:
        module: the library that comes with the token (a ``.so`` or ``.dll``).
        label: what key and certificate are called on it.
        pin: what unlocks it.

    Raises:
        UsageError: there is no such library, token or key, or the PIN is another one.
    """
    pkcs11 = _pkcs11()
    try:
        session = _unlocked(pkcs11, module, label, pin)
    except (pkcs11.PKCS11Error, RuntimeError) as error:
        what = str(error) or type(error).__name__
        raise UsageError(
            Text(f"令牌打不开（{what}）", f"the token cannot be opened ({what})"),
            place=module,
            remedy=Text("请检查令牌、它的程序库和 PIN", "check the token, its library and the PIN"),
        ) from error
    with session:
        yield _signer(pkcs11, session, module, label)


def _unlocked(pkcs11: ModuleType, module: str, label: str, pin: str) -> Any:
    """A session with the one token that holds the label; a PIN is never tried on another."""
    ready = pkcs11.TokenFlag.TOKEN_INITIALIZED
    tokens = [token for token in pkcs11.lib(module).get_tokens() if ready in token.flags]
    if len(tokens) > 1:
        tokens = [token for token in tokens if _holds(pkcs11, token, label)]
    if len(tokens) != 1:
        raise _not_there(module, label)
    return tokens[0].open(user_pin=pin)


def _holds(pkcs11: ModuleType, token: Any, label: str) -> bool:
    with token.open() as session:
        return len(list(_certificates(pkcs11, session, label))) > 0


def _certificates(pkcs11: ModuleType, session: Any, label: str) -> Any:
    wanted = {pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE, pkcs11.Attribute.LABEL: label}
    return session.get_objects(wanted)


def _signer(pkcs11: ModuleType, session: Any, module: str, label: str) -> TokenSigner:
    wanted = {pkcs11.Attribute.CLASS: pkcs11.ObjectClass.PRIVATE_KEY, pkcs11.Attribute.LABEL: label}
    keys, certificates = list(session.get_objects(wanted)), list(_certificates(pkcs11, session, label))
    if len(keys) != 1 or len(certificates) != 1:
        raise _not_there(module, label)
    certificate = x509.load_der_x509_certificate(bytes(certificates[0][pkcs11.Attribute.VALUE]))
    return TokenSigner(check_certificate(certificate, f"{module} {label}"), keys[0])


def _not_there(module: str, label: str) -> UsageError:
    return UsageError(
        Text(
            f"令牌上没有“{label}”的密钥和证书（各一个）", f"no token holds one key and one certificate called {label!r}"
        ),
        place=module,
        remedy=Text("请用令牌自带的程序查看名称", "look the name up with the program that came with the token"),
    )


def _pkcs11() -> ModuleType:
    try:
        return import_module("pkcs11")
    except ModuleNotFoundError as error:
        raise UsageError(
            Text("使用令牌的组件没有安装", "what speaks to tokens is not installed"),
            remedy=Text("请安装：pip install 'formgen[pkcs11]'", "install it: pip install 'formgen[pkcs11]'"),
        ) from error
