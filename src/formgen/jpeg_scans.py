"""Whether the compressed data of a JPEG is all there, though it was closed with an end marker.

libjpeg shows grey, and no error, where the data ends too early. A picture of one pass, which most are, is decoded
without its end marker: a decoder that has all it needs is done, one that has not waits for more, and that is told. A
cut within the last few bytes is not noticed then, nor does anybody see it. One of several passes has to be decoded to
its end, and so twice, the second time with more data before the end: one that needed it shows something else. The later
passes of a progressive JPEG may be missing as a whole: that its headers tell. Arithmetic coding, whose data may rightly
end early, is only decoded. Source: ITU-T T.81, B.2 and G.1.
"""

import hashlib
import io
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from PIL import Image

_PROGRESSIVE: Final = frozenset({0xC2, 0xC6})
_ARITHMETIC: Final = frozenset(range(0xC9, 0xD0)) - {0xCC}
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_END: Final = b"\xff\xd9"
_MORE: Final = hashlib.sha256(b"more data").digest().replace(b"\xff", b"\x5a") * 2
"""Data that decodes to blocks unlike those of nothing but zeros, which is what libjpeg goes on with."""
_LOOKAHEAD: Final = bytes(8)
"""The decoder takes as many bytes at a time as its register holds, and so looks beyond those that it needs."""
_STRIP: Final = 256
_IN_SCANS: Final = frozenset({0x00, 0xFF, *range(0xD0, 0xD8)})
"""What follows FF within a scan: an escaped byte, a fill byte, a restart."""
_MARKER: Final = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]", re.DOTALL)


@dataclass(slots=True)
class _Frame:
    """What the headers of a JPEG say of its passes."""

    marker: int = 0
    components: bytes = b""
    restarts: bool = False
    passes: int = 0
    seen: set[int] = field(default_factory=set)
    """Components that some pass is about."""
    scan: int = 0
    """Where the data of the last scan begins."""
    left: dict[tuple[int, int], int] = field(default_factory=dict)
    """Component and coefficient -> how many of its low bits no pass has given yet."""


def is_whole(data: bytes, width: int, height: int) -> bool:
    """Whether the data of every pass is there, in a JPEG that is nothing but segments and scans up to its end marker.

    Where it is, the JPEG has been decoded.

    Raises:
        OSError: it cannot be decoded.
    """
    frame = _frame(data)
    small = (max(1, width // 8), max(1, height // 8))
    if frame.marker in _ARITHMETIC:
        return _is_decoded(data, small)
    if frame.marker in _PROGRESSIVE:
        coded = ((component, coefficient) for component in frame.components for coefficient in range(64))
        if any(frame.left.get(place) != 0 for place in coded):
            return False
    elif not frame.seen.issuperset(frame.components):
        return False
    elif frame.passes == 1:
        return _is_decoded(data.removesuffix(_END) + _LOOKAHEAD, small)
    # A baseline JPEG needs its means only; in the last pass of a progressive one they do not change.
    shown = (width, height) if frame.marker in _PROGRESSIVE else small
    return _seen(data, shown) == _seen(data.removesuffix(_END) + _more(data, frame) + _END, shown)


def _is_decoded(data: bytes, size: tuple[int, int]) -> bool:
    """Whether the decoder comes to its end.

    Raises:
        OSError: it does not, for want of data or because of wrong ones.
    """
    with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
        image.draft("L", size)  # colours are read all the same, and not worked out
        image.load()
    return True


def next_marker(data: bytes, at: int) -> int:
    """Where the next segment begins at or behind ``at``, which is in the data of a scan.

    Raises:
        IndexError: nothing comes any more.
    """
    match = _MARKER.search(data, at)
    if match is None:
        raise IndexError(at)
    return match.start()


def _more(data: bytes, frame: _Frame) -> bytes:
    """Data to go on with, and the restart marker that would come next with data behind it."""
    if not frame.restarts:
        return _MORE
    passed = sum(data.count(bytes((0xFF, marker)), frame.scan) for marker in range(0xD0, 0xD8))
    return _MORE + bytes((0xFF, 0xD0 + passed % 8)) + _MORE


def _seen(data: bytes, size: tuple[int, int]) -> bytes:
    """The pixels, or a digest of many."""
    digest = hashlib.sha256()
    with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
        image.draft(None, size)
        image.load()
        if image.height <= _STRIP:
            return image.tobytes()
        for top in range(0, image.height, _STRIP):
            digest.update(image.crop((0, top, image.width, min(top + _STRIP, image.height))).tobytes())
    return digest.digest()


def _frame(data: bytes) -> _Frame:
    frame = _Frame()
    for marker, content, end in _segments(data):
        if marker in _FRAMES:
            frame.marker = marker
            frame.components = content[6 : 6 + 3 * content[5] : 3]
        elif marker == 0xDD:
            frame.restarts = content != b"\0\0"
        elif marker == 0xDA:
            count = content[0]
            first, last, bits = content[1 + 2 * count : 4 + 2 * count]
            frame.scan = end
            frame.passes += 1
            components = content[1 : 1 + 2 * count : 2]
            frame.seen.update(components)
            for component in components if frame.marker in _PROGRESSIVE else b"":
                frame.left.update({(component, coefficient): bits & 15 for coefficient in range(first, last + 1)})
    return frame


def _segments(data: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Each segment's marker and content, and where it ends; scan data is passed over."""
    at = 2
    while data[at : at + 2] != _END:
        if data[at] != 0xFF or data[at + 1] in _IN_SCANS:
            at = next_marker(data, at + 1)
            continue
        length: int = struct.unpack_from(">H", data, at + 2)[0]
        end = at + 2 + length
        yield data[at + 1], data[at + 4 : end], end
        at = end
