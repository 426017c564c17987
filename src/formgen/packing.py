"""Writing a zip package: deterministic, and no slower than deflating what is new in it.

No time stamps and no platform marks; ``[Content_Types].xml`` comes first. ISA-L deflates some ten times as fast as zlib
at level 6 (docs/benchmarks.md says what that costs in size); where it is missing, zlib does it. With ISA-L, a part that
differs between documents and is not long gets the fixed code of level 0 (some 600 bytes more for half of the time), and
what many documents share is deflated once, at level 3. The same library and version give the same bytes on processors
of one family. Source: PKWARE APPNOTE 6.3.
"""

import hashlib
import struct
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

try:
    from isal import __version__ as _isal_version
    from isal import isal_zlib
except ImportError:
    isal_zlib = None  # type: ignore[assignment]

LIBRARY, LEVEL, LIBRARY_VERSION = (
    ("zlib", 6, zlib.ZLIB_RUNTIME_VERSION) if isal_zlib is None else ("isal", 2, _isal_version)
)
"""What compresses the files that are written now; named in every manifest."""
CONTENT_TYPES = "[Content_Types].xml"

_zlib = zlib if isal_zlib is None else isal_zlib
_LOCAL, _CENTRAL = b"PK\x03\x04", b"PK\x01\x02\x14\0"
_SAID = struct.Struct("<5H3I2H")
"""What is said of a member, before its content and again in the directory."""
_NOTHING_MORE = bytes(10)
"""No comment, the first disk, no attributes."""
_END = struct.Struct("<4s4H2IH")
_DATE_1980_01_01 = 33
_MUCH = 64 * 1024
"""Bytes that are worth a call of their own to the deflater."""
_LITTLE = 128 * 1024
"""Bytes that are not worth a Huffman code of their own, which takes as long as deflating them."""
_LITTLE_LEVEL, _ONCE_LEVEL = (LEVEL, LEVEL) if isal_zlib is None else (0, 3)

# glibc gives every freed block of some size back to the system, and takes the next one page by page, until it has
# seen a larger one go; that alone was a third of the time of a long document. Nothing is ever written to this one. What
# is still larger, such as a file of ten thousand records, goes back once it has been read. With a quarter of this, a
# document of two thousand rows takes a tenth longer.
bytes(4 * 1024 * 1024)


class Member(NamedTuple):
    """A part as it lies in the zip: its compressed bytes ready to be written, any number of times."""

    name: str
    size: int
    crc: int
    method: int
    packed: bytes


def member(name: str, data: bytes) -> Member:
    """The part ``name``, deflated; pictures, which are compressed already, are stored."""
    if _is_picture(name):
        stored = Member(name, len(data), _zlib.crc32(data), zipfile.ZIP_STORED, data)
        _clear_registers()
        return stored
    return _whole(name, data, _LITTLE_LEVEL if len(data) < _LITTLE else LEVEL)


def lasting_member(name: str, data: bytes) -> Member:
    """The same for a part that many files share: deflated once, it may take longer."""
    return member(name, data) if _is_picture(name) else _whole(name, data, _ONCE_LEVEL)


def _is_picture(name: str) -> bool:
    return name.lower().endswith((".jpg", ".jpeg", ".png"))


def _whole(name: str, data: bytes, level: int) -> Member:
    packed = _zlib.compress(data, level, -15)
    whole = Member(name, len(data), _zlib.crc32(data), zipfile.ZIP_DEFLATED, packed)
    _clear_registers()
    return whole


def _clear_registers() -> None:
    """Lets SHA-256 be as fast as it can be after ISA-L was at work.

    ISA-L returns with the upper halves of the vector registers in use, and SHA-256, whose instructions know nothing of
    those, takes a third longer from then on (AMD EPYC, isal 1.9.1). Nothing in Python clears them but a function that
    happens to: OpenSSL's SHA-512 does, in half a microsecond.
    """
    hashlib.sha512(b"").digest()


class Packer:
    """Takes the content of a part bit by bit, and keeps no more of it than it deflates at once."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._waiting: list[bytes] = []
        self._much = 0
        self._size = self._crc = 0
        self._sha256 = hashlib.sha256()
        self._deflate = _zlib.compressobj(LEVEL, zlib.DEFLATED, -15)
        self._packed: list[bytes] = []

    def add(self, content: bytes) -> None:
        """Take what comes next."""
        if self._waiting and self._much + len(content) > _MUCH:
            self._take_waiting()
        self._waiting.append(content)
        self._much += len(content)

    def _take_waiting(self) -> None:
        content = b"".join(self._waiting)  # not copied where it is one
        self._waiting.clear()
        self._much = 0
        self._sha256.update(content)
        self._size += len(content)
        self._crc = _zlib.crc32(content, self._crc)
        self._packed.append(self._deflate.compress(content))
        _clear_registers()

    def finish(self) -> Member:
        """The whole part; nothing can be added to it any more."""
        if not self._size:
            content = b"".join(self._waiting)
            self._sha256.update(content)
            return member(self._name, content)
        self._take_waiting()
        self._packed.append(self._deflate.flush())
        _clear_registers()
        return Member(self._name, self._size, self._crc, zipfile.ZIP_DEFLATED, b"".join(self._packed))

    @property
    def sha256(self) -> str:
        """The digest of what was taken, as 64 digits."""
        return self._sha256.hexdigest()


@dataclass(frozen=True, slots=True)
class Laid:
    """Members as they lie at the beginning of a zip, and their entries in its directory."""

    body: bytes = b""
    directory: bytes = b""
    count: int = 0


def lay(members: Iterable[Member]) -> Laid:
    """``members`` as given, ``[Content_Types].xml`` first."""
    ordered = sorted(members, key=lambda m: m.name != CONTENT_TYPES)
    body, directory, _ = _entries(ordered, 0)
    return Laid(b"".join(body), b"".join(directory), len(ordered))


def write(members: Iterable[Member], after: Laid | None = None) -> bytes:
    """The zip of ``members``: as given behind those that are laid already, else ``[Content_Types].xml`` first."""
    if after is None:
        after, members = lay(members), ()
    behind = tuple(members)
    body, entries, begins = _entries(behind, len(after.body))
    count = after.count + len(behind)
    directory = b"".join((after.directory, *entries))
    end = _END.pack(b"PK\x05\x06", 0, 0, count, count, len(directory), begins, 0)
    return b"".join((after.body, *body, directory, end))


def may_be_ours(data: bytes) -> bool:
    """Whether a zip's directory begins as one that is written here: soon told, and of most programs' files untrue."""
    begins = int.from_bytes(data[-6:-2], "little")
    return data[begins : begins + len(_CENTRAL)] == _CENTRAL


def _entries(members: Iterable[Member], offset: int) -> tuple[list[bytes], list[bytes], int]:
    """What ``members`` add to a zip from ``offset`` on, and to its directory; and where they end."""
    body: list[bytes] = []
    directory: list[bytes] = []
    for m in members:
        name = m.name.encode()
        flags = 0 if m.name.isascii() else 0x800
        said = _SAID.pack(20, flags, m.method, 0, _DATE_1980_01_01, m.crc, len(m.packed), m.size, len(name), 0)
        directory += (_CENTRAL, said, _NOTHING_MORE, offset.to_bytes(4, "little"), name)
        body += (_LOCAL, said, name, m.packed)
        offset += len(_LOCAL) + len(said) + len(name) + len(m.packed)
    return body, directory, offset
