"""Tells a copy that is still as it was written from one that somebody has worked in.

The seal is a comment in the XML of a part that we write, with the digest of all other parts: no office program keeps
such a comment when it saves a file.
"""

import hashlib
import re
from collections.abc import Mapping

from formgen import opc

_SEAL = re.compile(rb"<!--formgen (sha256:[0-9a-f]{64})-->$")
_SIZE = 100
"""A seal is shorter, and stands at the end."""


def sealed(parts: Mapping[str, bytes], name: str) -> bytes:
    """The content of the part ``name`` with the seal of all others."""
    return parts[name] + f"<!--formgen {_digest(parts, name)}-->".encode()


def is_untouched(data: bytes) -> bool:
    """Whether a file is a copy that nobody has changed since it was written."""
    try:
        parts = opc.read(data, "").parts
    except opc.PackageError:
        return False
    seals = ((name, _SEAL.search(content[-_SIZE:])) for name, content in parts.items())
    return any(seal is not None and seal[1].decode() == _digest(parts, name) for name, seal in seals)


def _digest(parts: Mapping[str, bytes], but: str) -> str:
    lines = (f"{name}\0{hashlib.sha256(data).hexdigest()}\n" for name, data in parts.items() if name != but)
    return "sha256:" + hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()
