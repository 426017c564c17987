"""The zip below the parts: nothing between them, behind them or beside them that another program might read instead.

A program that goes by the directory at the end, and one that goes from part to part, must see the same.
Source: PKWARE APPNOTE 6.3, 4.3 and 4.5.
"""

import io
import struct
import zipfile
from collections.abc import Iterator

from formgen.signing.reasons import reason
from formgen.signing.verdict import Reason

_LOCAL = struct.Struct("<4s5H3I2H")
_END = 22
_SIZES_FOLLOW = 0x8
_HARMLESS_EXTRA = {0x0001, 0x000A, 0x5455, 0x7875, 0xA220}
"""Sizes of large files, times, whose the file is, room that Office leaves for growth; but never another name."""


def check(data: bytes) -> Iterator[Reason]:
    """What hides in the zip of a package that could be read."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = sorted(archive.infolist(), key=lambda member: member.header_offset)
        directory = archive.start_dir
    at = 0
    for member in members:
        if member.header_offset != at or (member.filename.endswith("/") and member.file_size):
            yield reason("hidden-data", member.filename)
            return
        _, _, flags, method, _, _, crc, packed, size, names, extra = _LOCAL.unpack_from(data, at)
        told = (flags, method, crc, packed, size)
        here = (member.flag_bits, member.compress_type, member.CRC, member.compress_size, member.file_size)
        later = (*here[:2], 0, 0, 0)
        if told != here and not (flags & _SIZES_FOLLOW and told == later):
            yield reason("hidden-data", member.filename)
        start = at + _LOCAL.size + names
        if not _is_harmless(data[start : start + extra]) or not _is_harmless(member.extra):
            yield reason("hidden-data", member.filename)
        at = start + extra + member.compress_size
        if flags & _SIZES_FOLLOW:  # sizes and checksum behind the part, with or without a mark of their own
            at += 16 if data[at : at + 4] == b"PK\x07\x08" else 12
    length, where, comment = struct.unpack("<IIH", data[-10:])
    if at != directory or where != directory or directory + length + _END != len(data) or comment:
        yield reason("hidden-data")


def _is_harmless(extra: bytes) -> bool:
    """Whether extra fields say nothing that a program could take for the part's name or content."""
    while extra:
        if len(extra) < 4:
            return False
        kind, length = struct.unpack_from("<HH", extra)
        if kind not in _HARMLESS_EXTRA or len(extra) < 4 + length:
            return False
        extra = extra[4 + length :]
    return True
