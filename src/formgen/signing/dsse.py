"""DSSE envelopes: a payload and one Ed25519 signature over it.

Source: the Dead Simple Signing Envelope specification, 1.0.2. Envelopes are read more strictly than it asks: an
envelope has one spelling, RFC 8785 JSON with one signature, so that the digest of its file stands for it.
"""

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

MAX_BYTES = 16 * 1024 * 1024
"""Of an envelope. An approval of 100,000 forms at once takes some 12 MB."""
_MAX_INTEGER = 2**53 - 1


class Malformed(Exception):
    """Bytes are not the one spelling of what they should hold; the text says what is wrong, in English."""


@dataclass(frozen=True)
class Envelope:
    """A signed payload. Whether the signature is good is asked of it with a key."""

    payload_type: str
    payload: bytes
    keyid: str
    signature: bytes
    _asked: dict[bytes, bool] = field(default_factory=dict, compare=False, repr=False)

    def signed_by(self, key: Ed25519PublicKey) -> bool:
        """Whether the signature is that of ``key``. An approval of many cases is asked once for each of them."""
        public = key.public_bytes_raw()
        if public not in self._asked:
            try:
                key.verify(self.signature, _to_sign(self.payload_type, self.payload))
                self._asked[public] = True
            except InvalidSignature:
                self._asked[public] = False
        return self._asked[public]


def canonical(value: Any) -> bytes:
    """``value`` as RFC 8785 JSON.

    Raises:
        Malformed: it holds something that this JSON cannot say, such as an integer beyond 2**53.
    """
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, RecursionError) as error:
        raise Malformed(str(error)) from error


def parsed(data: bytes) -> Any:
    """The value of which ``data`` is the RFC 8785 JSON.

    Raises:
        Malformed: ``data`` is no JSON, or another spelling of it: spaces, another order, a key twice.
    """
    try:
        value = json.loads(data.decode(), parse_float=_no_number, parse_constant=_no_number, parse_int=_integer)
        # Without fractions the standard library spells the same as RFC 8785, in a tenth of the time; what is signed is
        # spelt by the library of that name.
        if json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() == data:
            return value
    except (ValueError, RecursionError) as error:
        raise Malformed(f"no canonical JSON: {error}") from error
    raise Malformed("JSON that is not in its canonical form")


def _integer(text: str) -> int:
    value = int(text)
    return value if abs(value) <= _MAX_INTEGER else _no_number(text)


def _no_number(text: str) -> Any:
    raise ValueError(f"no number for a statement: {text}")


def digest(data: bytes) -> str:
    """SHA-256 of ``data``, as ``sha256:…``."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def keyid_of(key: Ed25519PublicKey) -> str:
    """What names a key: the SHA-256 of its 32 bytes."""
    return digest(key.public_bytes_raw())


def seal(payload_type: str, payload: bytes, key: Ed25519PrivateKey) -> bytes:
    """The envelope of ``payload``, signed."""
    signature = key.sign(_to_sign(payload_type, payload))
    return canonical(
        {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": payload_type,
            "signatures": [{"keyid": keyid_of(key.public_key()), "sig": base64.b64encode(signature).decode()}],
        }
    )


def opened(data: bytes) -> Envelope:
    """The envelope in ``data``; its signature has not been looked at yet.

    Raises:
        Malformed: it is no envelope, or not the one spelling of it.
    """
    if len(data) > MAX_BYTES:
        raise Malformed(f"an envelope of more than {MAX_BYTES} bytes")
    match parsed(data):
        case {
            "payload": str(payload),
            "payloadType": str(payload_type),
            "signatures": [{"keyid": str(keyid), "sig": str(signature), **more_of_one}],
            **more,
        } if not more and not more_of_one:
            return Envelope(payload_type, _unpacked(payload), keyid, _unpacked(signature))
        case _:
            raise Malformed("no DSSE envelope with one signature")


def _unpacked(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed(f"no base64: {error}") from error
    if base64.b64encode(data).decode() != text:
        raise Malformed("base64 that is not in its one spelling")
    return data


def _to_sign(payload_type: str, payload: bytes) -> bytes:
    """The pre-authentication encoding."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
