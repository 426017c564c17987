"""Packages are written without time stamps, bit by bit, and by zlib where ISA-L is missing."""

import hashlib
import io
import subprocess
import sys
import zipfile

import pytest

from formgen import packing

LONG = b"".join(b"<row>%d</row>" % number for number in range(100_000))


def contents(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert package.testzip() is None
        return {name: package.read(name) for name in package.namelist()}


@pytest.mark.parametrize("step", [1_000, 300_000, len(LONG)])
def test_a_part_that_comes_bit_by_bit_is_whole(step: int) -> None:
    packer = packing.Packer("long.xml")
    for start in range(0, len(LONG), step):
        packer.add(LONG[start : start + step])
    member = packer.finish()
    assert member.size == len(LONG)
    assert len(member.packed) < len(LONG) // 3
    assert contents(packing.write([member])) == {"long.xml": LONG}


def test_the_digest_of_a_part_is_that_of_its_content() -> None:
    packer = packing.Packer("a.xml")
    packer.add(b"ab")
    packer.add(b"c")
    packer.finish()
    assert packer.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_members_behind_those_that_are_laid_already_are_found() -> None:
    laid = packing.lay([packing.member("a.xml", b"<a/>"), packing.member(packing.CONTENT_TYPES, b"<Types/>")])
    data = packing.write([packing.member("图.png", b"picture"), packing.member("b.xml", b"<b/>")], laid)
    assert list(contents(data).items()) == [
        (packing.CONTENT_TYPES, b"<Types/>"),
        ("a.xml", b"<a/>"),
        ("图.png", b"picture"),
        ("b.xml", b"<b/>"),
    ]
    assert packing.write([packing.member("b.xml", b"<b/>")], laid) == packing.write(
        [packing.member("b.xml", b"<b/>")], laid
    )


@pytest.mark.parametrize("size", [0, 1, 8 * 1024 - 1, 8 * 1024, 16 * 1024, 100_000])
def test_a_part_of_any_size_is_whole_and_has_its_digest(size: int) -> None:
    """Small ones are deflated in another way."""
    packer = packing.Packer("a.xml")
    packer.add(LONG[:size])
    assert contents(packing.write([packer.finish()])) == {"a.xml": LONG[:size]}
    assert packer.sha256 == hashlib.sha256(LONG[:size]).hexdigest()


def test_what_many_files_share_takes_less_room() -> None:
    """It is deflated once, so that it may take longer."""
    lasting, single = packing.lasting_member("a.xml", LONG), packing.member("a.xml", LONG)
    assert contents(packing.write([lasting])) == contents(packing.write([single])) == {"a.xml": LONG}
    assert len(lasting.packed) < len(single.packed)
    assert packing.lasting_member("a.png", LONG).packed == LONG


def test_pictures_are_stored_as_they_are() -> None:
    member = packing.member("word/media/A.JPEG", b"x" * 100)
    assert (member.method, member.packed) == (zipfile.ZIP_STORED, b"x" * 100)


def test_where_isal_is_missing_zlib_does_it_and_the_manifest_says_so() -> None:
    script = (
        "import sys; sys.modules['isal'] = None\n"
        "from formgen import packing\n"
        "from formgen.delivery import manifest\n"
        "assert manifest.deflate() == {'library': 'zlib', 'level': 6, 'version': packing.LIBRARY_VERSION}\n"
        "sys.stdout.buffer.write(packing.write([packing.member('a.xml', b'<a/>' * 9999)]))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
    assert contents(done.stdout) == {"a.xml": b"<a/>" * 9999}
