"""Whether the compressed data of a JPEG is all there, though it was closed with an end marker.

libjpeg shows grey, and no error, where the data ends too early. A picture of one pass, which most are, is decoded once,
by headers that make it one row of blocks taller. It has no data for that row: libjpeg decodes the first block of it
from whatever bits are left over, and is from then on out of data, which gives it blocks of nothing. Data that ended
before make that first block one of nothing, too. Where it is not, all was there; where it is, it may be a coincidence,
or there are restart markers. Then, and with several passes, the picture is decoded to its end twice, the second time
with more data before the end: one that needed it shows something else. The later passes of a progressive JPEG may be
missing as a whole: that its headers tell. Arithmetic coding, whose data may rightly end early, is only decoded.
Source: ITU-T T.81, B.2, F.2.2 and G.1.
"""

import hashlib
import io
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from PIL import Image

_PROGRESSIVE: Final = frozenset({0xC2, 0xC6})
_ARITHMETIC: Final = frozenset(range(0xC9, 0xD0)) - {0xCC}
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_END: Final = b"\xff\xd9"
_MORE: Final = b"\xd5" + hashlib.sha256(b"more data").digest().replace(b"\xff", b"\x5a") * 2
"""Data that from its first bit on is unlike nothing but zeros, which is what libjpeg goes on with."""
_BLOCK: Final = 8
"""Pixels of a block, each way; decoded at an eighth of its size it is one."""
_NOTHING: Final = 128
"""The pixel of a block that has no data: the middle between black and white."""
_STRIP: Final = 256
_IN_SCANS: Final = frozenset({0x00, 0xFF, *range(0xD0, 0xD8)})
"""What follows FF within a scan: an escaped byte, a fill byte, a restart."""
_MARKER: Final = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]", re.DOTALL)


@dataclass(slots=True)
class _Frame:
    """What the headers of a JPEG say of its passes."""

    marker: int = 0
    at: int = 0
    """Where the segment with its size begins."""
    components: bytes = b""
    sampling: bytes = b""
    """Of each component, blocks across and down in a unit of the scan, four bits each."""
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
        ValueError: its headers make no sense.
    """
    frame = _frame(data)
    if frame.marker in _ARITHMETIC:
        _decode(data, (width, height))
        return True
    if frame.marker in _PROGRESSIVE:
        coded = ((component, coefficient) for component in frame.components for coefficient in range(64))
        if any(frame.left.get(place) != 0 for place in coded):
            return False
    elif not frame.seen.issuperset(frame.components):
        return False
    elif frame.passes == 1:
        across, down = _unit(frame)
        width, height = -(-width // across) * across, -(-height // down) * down
        if _has_left_over(data, frame, width, height):
            return True
        data = _resized(data, frame, width, height)  # what lies beyond the edges is compared, too
    return _seen(data) == _seen(data.removesuffix(_END) + _more(data, frame) + _END)


def _unit(frame: _Frame) -> tuple[int, int]:
    """The pixels of what one pass holds together, across and down.

    Raises:
        ValueError: a component has no pixels.
    """
    sampling = [divmod(each, 16) for each in frame.sampling]
    if not sampling or not all(map(all, sampling)):
        raise ValueError(sampling)
    if len(sampling) == 1:
        return _BLOCK, _BLOCK
    return _BLOCK * max(across for across, _ in sampling), _BLOCK * max(down for _, down in sampling)


def _has_left_over(data: bytes, frame: _Frame, width: int, height: int) -> bool:
    """Whether a JPEG of one pass, of so many pixels with those beyond its edges, had data to its last block and beyond.

    Those are the bits that fill its last byte, or none. Where that is not seen, it may have had all the same.

    Raises:
        OSError: it cannot be decoded.
    """
    image = _decode(_resized(data, frame, width, height + 1), (width // _BLOCK, height // _BLOCK))
    # At an eighth of the size each block is a pixel, if the first component has as many as there can be.
    finest = _unit(frame) in ((_BLOCK, _BLOCK), tuple(_BLOCK * count for count in divmod(frame.sampling[0], 16)))
    fits = finest and image.mode == "L" and image.height == height // _BLOCK + 1
    return fits and image.getpixel((0, image.height - 1)) != _NOTHING


def _resized(data: bytes, frame: _Frame, width: int, height: int) -> bytes:
    """The JPEG with another size in its headers.

    Raises:
        struct.error: there is no such size.
    """
    at = frame.at + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


def _decode(data: bytes, size: tuple[int, int]) -> "Image.Image":
    """The picture in shades of grey, about as small as asked for.

    Raises:
        OSError: there is none.
    """
    from PIL import Image

    with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
        image.draft("L", size)  # colours are read all the same, and not worked out
        image.load()
        return image


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


def _seen(data: bytes) -> bytes:
    """The pixels, or a digest of many."""
    digest = hashlib.sha256()
    from PIL import Image

    with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
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
            frame.at = end - len(content) - 4
            frame.components = content[6 : 6 + 3 * content[5] : 3]
            frame.sampling = content[7 : 7 + 3 * content[5] : 3]
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
