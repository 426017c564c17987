"""Pictures as they go into a document: judged, stripped of metadata, never re-encoded.

A photo from a phone says where and when it was taken. What is written here are the same compressed bytes without those
parts; which way up it is (EXIF orientation) is kept beside them, for the shape to be rotated.
Sources: ITU-T T.81 (JPEG), W3C PNG 3rd edition, CIPA DC-008 (EXIF).
"""

import hashlib
import io
import struct
import zlib
from dataclasses import dataclass, replace
from functools import cached_property

from formgen import jpeg_scans
from formgen.errors import FormgenError
from formgen.findings import Text

MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 50_000_000
"""A phone's photo has 12 to 50 million; a bomb has more in a few kilobytes."""

_PNG = b"\x89PNG\r\n\x1a\n"
# What a PNG needs to look right; text, time and EXIF chunks are left behind.
_PNG_KEPT = frozenset(b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP pHYs sBIT".split())
_HEADER = 25
"""Bytes of the chunk that a PNG begins with."""
_JPEG_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_BARE = frozenset({0x00, 0x01, *range(0xD0, 0xD9)})
"""Markers without a length, which have no place between segments."""
_POSITIONS = {2: (0, True), 3: (2, False), 4: (2, True), 5: (3, True), 6: (1, False), 7: (1, True), 8: (3, False)}
"""EXIF orientation -> quarter turns clockwise, and whether it is mirrored left to right before."""
_UPRIGHT = (0, False)


class PictureError(FormgenError):
    """A file that cannot be used as a picture."""

    exit_code = 1


@dataclass(frozen=True)
class Picture:
    """A picture without its metadata. ``width`` and ``height`` are of the stored pixels, before ``turns``."""

    data: bytes
    suffix: str
    """``jpg`` or ``png``."""
    width: int
    height: int
    turns: int = 0
    """Quarter turns clockwise that show it upright."""
    mirrored: bool = False
    """Whether it is to be mirrored left to right before it is turned."""

    @cached_property
    def sha256(self) -> str:
        """The digest of the data, as 64 digits."""
        return hashlib.sha256(self.data).hexdigest()


def read(data: bytes) -> Picture:
    """The picture in ``data``.

    Raises:
        PictureError: it is no JPEG or PNG, is cut off, damaged, or too large.
    """
    if len(data) > MAX_BYTES:
        raise _refuse(f"图片超过 {MAX_BYTES // 2**20} MB", f"the picture has more than {MAX_BYTES // 2**20} MB")
    try:
        if data.startswith(_PNG):
            picture = _read_png(data)
        elif data.startswith(b"\xff\xd8\xff"):
            picture = _read_jpeg(data)
        else:
            raise PictureError(
                Text("这不是 JPEG 或 PNG 图片", "this is not a JPEG or PNG picture"),
                remedy=Text("请另存为 JPEG 或 PNG（改扩展名没有用）", "save it as JPEG or PNG; renaming does not help"),
            )
    except (IndexError, struct.error) as error:
        raise _cut_off() from error
    if picture.width * picture.height > MAX_PIXELS or not picture.width * picture.height:
        raise _refuse(
            f"图片有 {picture.width}×{picture.height} 像素，超出限度",
            f"{picture.width}×{picture.height} pixels: too many",
        )
    _decode(picture)
    return picture


def judged(data: bytes) -> Picture:
    """The picture in ``data``, of which :func:`read` has found these very bytes good: it is not decoded again.

    Raises:
        PictureError: it was not so.
    """
    try:
        return _read_png(data) if data.startswith(_PNG) else _read_jpeg(data)
    except (IndexError, struct.error) as error:
        raise _cut_off() from error


def position(data: bytes) -> tuple[int, bool]:
    """The quarter turns and the mirroring that the file itself asks for; upright where it is no picture."""
    try:
        picture = judged(data)
    except PictureError:
        return _UPRIGHT
    return picture.turns, picture.mirrored


def saying_its_position(picture: Picture) -> Picture:
    """The same picture with the one piece of metadata that says which way up it is."""
    code = next((code for code, asked in _POSITIONS.items() if asked == (picture.turns, picture.mirrored)), None)
    if code is None:
        return picture
    exif = struct.pack("<2sHIHHHIHHI", b"II", 42, 8, 1, 0x0112, 3, 1, code, 0, 0)
    if picture.suffix == "png":
        chunk = b"eXIf" + exif
        block = struct.pack(">I", len(exif)) + chunk + struct.pack(">I", zlib.crc32(chunk))
        at = len(_PNG) + _HEADER
    else:
        block = b"\xff\xe1" + struct.pack(">H", 8 + len(exif)) + b"Exif\0\0" + exif
        at = len(b"\xff\xd8")
    return replace(picture, data=picture.data[:at] + block + picture.data[at:])


def _decode(picture: Picture) -> None:
    """Decode, as small as the format allows: only that notices a picture that was cut off."""
    from PIL import Image, UnidentifiedImageError  # most commands meet no picture

    try:
        if picture.suffix == "png":
            with Image.open(io.BytesIO(picture.data), formats=["PNG"]) as image:
                image.load()
        elif not jpeg_scans.is_whole(picture.data, picture.width, picture.height):
            raise _cut_off()
    except (
        OSError,
        IndexError,
        struct.error,
        SyntaxError,
        ValueError,
        UnidentifiedImageError,
        zlib.error,
        Image.DecompressionBombError,
    ) as error:
        raise _cut_off() from error


def _refuse(zh: str, en: str) -> PictureError:
    return PictureError(Text(zh, en), remedy=Text("请换一张较小的图片", "use a smaller picture"))


def _cut_off() -> PictureError:
    return PictureError(
        Text("图片不完整或已损坏", "the picture is cut off or damaged"),
        remedy=Text("请重新传送或重新导出这张图片", "send or export the picture again"),
    )


def _read_png(data: bytes) -> Picture:
    kept = [_PNG]
    at = len(_PNG)
    position = _UPRIGHT
    while True:
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data) or (kind == b"IHDR") != (at == len(_PNG)):
            raise _cut_off()  # a second header would be decoded and not judged
        if kind in _PNG_KEPT:
            if zlib.crc32(data[at + 4 : end - 4]) != struct.unpack_from(">I", data, end - 4)[0]:
                raise _cut_off()  # Pillow lets some of these pass; Word shows an empty frame
            kept.append(data[at:end])
        elif kind == b"eXIf":
            position = _position(data[at + 8 : end - 4])
        at = end
        if kind == b"IEND":
            break
    width, height = struct.unpack_from(">II", data, 16)
    return Picture(b"".join(kept), "png", width, height, *position)


def _read_jpeg(data: bytes) -> Picture:
    kept = [b"\xff\xd8"]
    at = 2
    width = height = 0
    position = _UPRIGHT
    while data[at : at + 2] != b"\xff\xd9":
        marker = data[at + 1]
        if data[at] != 0xFF or marker in _JPEG_BARE:
            raise _cut_off()
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        end = at + 2 + struct.unpack_from(">H", data, at + 2)[0]
        if marker in _JPEG_SIZES:
            if width:
                raise _cut_off()  # a second size would be decoded and not judged
            height, width = struct.unpack_from(">HH", data, at + 5)
        elif marker == 0xE1 and data[at + 4 : at + 10] == b"Exif\0\0":
            position = _position(data[at + 10 : end])
        elif marker == 0xDA:
            end = jpeg_scans.next_marker(data, end)
        kept.append(_without_metadata(marker, data[at:end]))
        at = end
    # What a camera appends behind the end (a preview, a video) stays behind.
    return Picture(b"".join([*kept, b"\xff\xd9"]), "jpg", width, height, *position)


def _without_metadata(marker: int, segment: bytes) -> bytes:
    """What of a JPEG segment goes into a document: of application segments only what colours and density need."""
    if not (0xE0 <= marker <= 0xEF or marker == 0xFE):
        return segment
    if marker == 0xE0 and segment[4:9] == b"JFIF\0" and len(segment) >= 18:
        return b"\xff\xe0\0\x10" + segment[4:16] + b"\0\0"  # without the thumbnail that it may hold
    if marker == 0xEE and segment[4:9] == b"Adobe" and len(segment) >= 16:
        return b"\xff\xee\0\x0e" + segment[4:16]
    return segment if marker == 0xE2 and segment[4:16] == b"ICC_PROFILE\0" else b""


def _position(exif: bytes) -> tuple[int, bool]:
    """Quarter turns and mirroring that an EXIF block asks for; upright where it does not say."""
    if len(exif) < 8 or exif[:2] not in (b"II", b"MM"):
        return _UPRIGHT
    order = "<" if exif[:2] == b"II" else ">"
    start: int = struct.unpack_from(order + "I", exif, 4)[0]
    if start + 2 > len(exif):
        return _UPRIGHT
    count: int = struct.unpack_from(order + "H", exif, start)[0]
    for entry in range(start + 2, min(start + 2 + 12 * count, len(exif) - 11), 12):
        tag, kind, _ = struct.unpack_from(order + "HHI", exif, entry)
        if tag == 0x0112:
            (value,) = struct.unpack_from(order + ("I" if kind == 4 else "H"), exif, entry + 8)
            return _POSITIONS.get(value, _UPRIGHT)
    return _UPRIGHT
