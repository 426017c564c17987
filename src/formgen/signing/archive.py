"""The zip below the parts: nothing between them, behind them or beside them that another program might read instead.

A program that goes by the directory at the end, and one that goes from part to part, must see the same.
Source: PKWARE APPNOTE 6.3, 4.3 and 4.5.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

from formgen.signing.reasons import reason
from formgen.signing.verdict import Reason

_LOCAL = struct.Struct("<4s5H3I2H")
_END = 22
_SIZES_FOLLOW = 0x8
_BLOCK = 1 << 20
"""Bytes that are unpacked at once, to be thrown away."""
_HARMLESS_EXTRA = {0x0001, 0x000A, 0x5455, 0x7875, 0xA220}
"""Sizes of large files, times, whose the file is, room that Office leaves for growth; but never another name."""


def check(data: bytes) -> Iterator[Reason]:
    """What hides in the zip of a package that could be read."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = sorted(archive.infolist(), key=lambda member: member.header_offset)
        directory = archive.start_dir
    names = [member.filename for member in members]
    at = 0
    for member in members:
        if member.header_offset != at or (member.is_dir() and not _is_folder(member, names)):
            yield reason("hidden-data", member.filename)
            return
        _, _, flags, method, _, _, crc, packed, size, name, extra = _LOCAL.unpack_from(data, at)
        told = (flags, method, crc, packed, size)
        here = (member.flag_bits, member.compress_type, member.CRC, member.compress_size, member.file_size)
        later = (*here[:2], 0, 0, 0)
        if told != here and not (flags & _SIZES_FOLLOW and told == later):
            yield reason("hidden-data", member.filename)
        start = at + _LOCAL.size + name
        if not _is_harmless(data[start : start + extra]) or not _is_harmless(member.extra):
            yield reason("hidden-data", member.filename)
        at = start + extra + member.compress_size
        if not _is_filled(member, data[start + extra : at]):
            yield reason("hidden-data", member.filename)
        if flags & _SIZES_FOLLOW:  # sizes and checksum behind the part, with or without a mark of their own
            at += 16 if data[at : at + 4] == b"PK\x07\x08" else 12
    length, where, comment = struct.unpack("<IIH", data[-10:])
    if at != directory or where != directory or directory + length + _END != len(data) or comment:
        yield reason("hidden-data")


def _is_folder(member: zipfile.ZipInfo, names: list[str]) -> bool:
    """Whether an entry for a folder says nothing more than the names of the parts in it do."""
    return not member.file_size and any(
        len(name) > len(member.filename) and name.startswith(member.filename) for name in names
    )


def _is_filled(member: zipfile.ZipInfo, packed: bytes) -> bool:
    """Whether the packed bytes are the part to their end: what comes behind it no program unpacks."""
    if member.compress_type == zipfile.ZIP_STORED:
        return len(packed) == member.file_size
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    unpacker.decompress(packed, _BLOCK)
    while unpacker.unconsumed_tail:
        unpacker.decompress(unpacker.unconsumed_tail, _BLOCK)
    return unpacker.eof and not unpacker.unused_data


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
