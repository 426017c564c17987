"""Does opc refuse what must not be opened, write the same bytes always, and digest content and nothing else?"""

import io
import os
import struct
import subprocess
import sys
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formgen import opc
from formgen.opc import CONTENT_TYPES, Package, PackageError, member, read, write
from office import DOT, OFFICE, content_types, docx, docx_parts, pack, paragraph, relationships, run

PARTS = docx_parts(paragraph(run("内容")))
SAMPLE = pack(PARTS)
ORIGIN = "http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/origin"


def refused(data: bytes) -> str:
    """The English sentence by which ``data`` is refused."""
    with pytest.raises(PackageError) as caught:
        read(data, "坏.docx")
    assert caught.value.place == "坏.docx"
    assert caught.value.exit_code == 1
    assert caught.value.problem.zh
    return caught.value.problem.en


def entry(name: str, content: bytes = b"x", **changes: int) -> tuple[bytes, bytes]:
    """A zip member and its directory entry, written by hand; ``changes`` are lies in the directory."""
    stored = zipfile.ZIP_STORED
    crc = zlib.crc32(content)
    fields = {"flags": 0x800, "method": stored, "crc": crc, "packed": len(content), "size": len(content), "at": 0}
    fields |= changes
    common = struct.pack(
        "<5H3I2H",
        20,
        fields["flags"],
        fields["method"],
        0,
        33,
        fields["crc"],
        fields["packed"],
        fields["size"],
        len(name.encode()),
        0,
    )
    directory = b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<3H2I", 0, 0, 0, 0, fields["at"])
    return b"PK\x03\x04" + common + name.encode() + content, directory + name.encode()


def zipped(*entries: tuple[bytes, bytes]) -> bytes:
    body = b"".join(local for local, _ in entries)
    directory = b"".join(listed for _, listed in entries)
    count = len(entries)
    return body + directory + b"PK\x05\x06" + struct.pack("<4H2IH", 0, 0, count, count, len(directory), len(body), 0)


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"", b"P", b"PK\x03\x04", b"hello", b"\xff\xd8\xff\xe0", b"MZ" + SAMPLE])
def test_what_is_no_zip_is_refused(data: bytes) -> None:
    assert "not a zip package" in refused(data) or "damaged" in refused(data)


def test_an_old_office_file_is_refused_with_what_to_do() -> None:
    with pytest.raises(PackageError, match="old-format") as caught:
        read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "旧.doc")
    assert caught.value.remedy is not None
    assert ".docx" in caught.value.remedy.zh


def test_a_zip_without_content_types_is_no_office_file() -> None:
    assert refused(pack({"a.txt": "a"})) == "this zip is not an Office file"


def test_an_empty_zip_is_refused() -> None:
    assert "not a zip package" in refused(pack({}))


@pytest.mark.parametrize("second", ["word/document.xml", "word/Document.XML", "WORD/document.xml"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_parts_of_one_name_are_refused_whatever_their_case(second: str) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in (CONTENT_TYPES, "word/document.xml", second):
            archive.writestr(zipfile.ZipInfo(name), "<a/>")
    assert "two parts have the name" in refused(file.getvalue())


@pytest.mark.parametrize(
    "name",
    ["../a.xml", "a/../../b.xml", "/etc/a.xml", "//a", "a\\b.xml", "..\\a", "..", "a/../b.xml", "./a.xml", "a//b.xml"],
)
def test_a_name_that_points_elsewhere_is_refused(name: str) -> None:
    assert "points outside" in refused(zipped(entry(CONTENT_TYPES, at=0), entry(name, at=50)))


def test_a_name_with_a_hidden_end_is_refused() -> None:
    assert "points outside" in refused(zipped(entry("a.xml\0.exe"), entry(CONTENT_TYPES, at=41)))


def test_an_encrypted_member_is_refused() -> None:
    assert "encrypted" in refused(zipped(entry(CONTENT_TYPES, flags=0x801)))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, 9, 99])
def test_another_compression_is_refused(method: int) -> None:
    assert "unknown compression" in refused(zipped(entry(CONTENT_TYPES, method=method)))


def test_overlapping_members_are_refused() -> None:
    first = entry(CONTENT_TYPES, b"<a/>" * 20)
    inside = entry("a.xml", b"<b/>", at=60)
    data = zipped((first[0], first[1]), (b"", inside[1]))
    assert "overlap" in refused(data)


def test_a_member_that_reaches_into_the_directory_is_refused() -> None:
    assert "overlap" in refused(zipped(entry(CONTENT_TYPES, packed=100, size=100)))


def test_too_many_members_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opc, "MAX_MEMBERS", len(PARTS) - 1)
    assert refused(SAMPLE) == f"more than {len(PARTS) - 1} parts"
    monkeypatch.setattr(opc, "MAX_MEMBERS", len(PARTS))
    assert set(read(SAMPLE, "a").parts) == set(PARTS)


def test_a_bomb_that_says_its_size_is_refused_before_it_is_unpacked() -> None:
    assert "a zip bomb?" in refused(zipped(entry(CONTENT_TYPES, size=opc.MAX_CONTENT + 1)))


def test_a_bomb_that_lies_about_its_size_is_refused_without_being_unpacked() -> None:
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = deflate.compress(bytes(64 * 1024 * 1024)) + deflate.flush()
    data = zipped(entry(CONTENT_TYPES, packed, size=10, method=zipfile.ZIP_DEFLATED))
    tracemalloc.start()
    sentence = refused(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "damaged" in sentence
    assert peak < 4 * 1024 * 1024


def test_a_member_shorter_than_it_says_is_refused() -> None:
    assert "damaged" in refused(zipped(entry(CONTENT_TYPES, b"<a/>", size=5)))


def test_a_wrong_checksum_is_refused() -> None:
    assert "damaged" in refused(zipped(entry(CONTENT_TYPES, b"<a/>", crc=1)))


def test_an_empty_member_with_a_wrong_checksum_is_refused() -> None:
    assert "damaged" in refused(zipped(entry(CONTENT_TYPES, b"", crc=1)))


def test_a_member_without_a_name_is_refused() -> None:
    assert "points outside" in refused(zipped(entry("")))


def test_a_directory_that_begins_before_the_file_is_refused() -> None:
    end = b"PK\x05\x06" + struct.pack("<4H2IH", 0, 0, 1, 1, 5000, 0, 0)
    assert "damaged" in refused(SAMPLE[:30] + end)


@pytest.mark.parametrize("cut", range(1, len(SAMPLE), 97))
def test_a_file_that_was_cut_off_is_refused(cut: int) -> None:
    assert refused(SAMPLE[:cut])


@pytest.mark.parametrize(
    "prefix", [b"MZ\x90\0", SAMPLE[:40], b"PK\x03\x04" + bytes(60)], ids=["program", "zip", "zeros"]
)
def test_data_before_the_zip_is_refused(prefix: bytes) -> None:
    assert refused(prefix + SAMPLE)


DOCTYPE = '<!DOCTYPE a [<!ENTITY e "e">]><a>&e;</a>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("name", ["word/document.xml", "word/_rels/a.rels", "xl/drawing.VML"])
def test_a_doctype_is_refused_in_every_encoding(encoding: str, name: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>{DOCTYPE}'
    assert "DOCTYPE" in refused(pack({CONTENT_TYPES: content_types({}), name: text.encode(encoding)}))


def test_a_doctype_in_a_part_of_another_name_is_refused_when_it_is_parsed() -> None:
    package = read(pack({CONTENT_TYPES: content_types({}), "word/document.foo": DOCTYPE}), "a")
    with pytest.raises(PackageError, match="DOCTYPE"):
        opc.parse_xml(package.parts["word/document.foo"])


def test_a_doctype_in_an_encoding_that_hides_it_is_refused_when_it_is_parsed() -> None:
    hidden = b'<?xml version="1.0" encoding="UTF-7"?>' + DOCTYPE.encode().replace(b"<!DOC", b"+ADwAIQ-DOC")
    with pytest.raises(PackageError):
        opc.parse_xml(hidden)


def test_a_doctype_within_a_text_is_no_doctype() -> None:
    parts = {**PARTS, "word/document.xml": docx_parts(paragraph(run("<!DOCTYPE")))["word/document.xml"]}
    assert read(pack(parts), "a").parts["word/document.xml"]


@pytest.mark.parametrize("xml", [b"", b"<a>", b"<a/><b/>", b"\0", "<a>\ud800</a>".encode("utf-8", "surrogatepass")])
def test_xml_that_is_not_well_formed_is_a_package_error(xml: bytes) -> None:
    with pytest.raises(PackageError, match="XML inside the file is damaged"):
        opc.parse_xml(xml)


def test_folders_in_the_zip_are_no_parts() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.mkdir("word")
        for name, content in PARTS.items():
            archive.writestr(name, content)
    assert set(read(file.getvalue(), "a").parts) == set(PARTS)


def probe(data: bytes) -> None:
    """Everything that reads a package; only PackageError may come of it."""
    try:
        package = read(data, "a")
        assert package.content_digest.startswith("sha256:")
        for part in package.parts:
            package.relationships(part)
            package.content_type(part)
    except PackageError:
        pass


@given(st.binary(max_size=200), st.sampled_from([b"", b"PK\x03\x04", SAMPLE[:100]]))
def test_any_bytes_are_read_or_refused(data: bytes, start: bytes) -> None:
    probe(start + data)


@settings(max_examples=150)
@given(st.lists(st.tuples(st.integers(0, len(SAMPLE) - 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_a_package_with_changed_bytes_is_read_or_refused(changes: list[tuple[int, int]]) -> None:
    data = bytearray(SAMPLE)
    for at, byte in changes:
        data[at] = byte
    probe(bytes(data))


@settings(max_examples=150)
@given(
    st.lists(st.tuples(st.integers(0, 150), st.sampled_from([0, 1, 0x7F, 0x80, 0xFE, 0xFF])), min_size=1, max_size=5),
    st.booleans(),
)
def test_a_package_with_a_changed_directory_is_read_or_refused(changes: list[tuple[int, int]], end: bool) -> None:
    data = bytearray(SAMPLE)
    start = len(SAMPLE) - 22 if end else SAMPLE.index(b"PK\x01\x02")
    for at, byte in changes:
        data[start + at % (22 if end else 151)] = byte
    probe(bytes(data))


@given(st.dictionaries(st.sampled_from([CONTENT_TYPES, "_rels/.rels"]), st.binary(max_size=60)))
def test_parts_with_any_content_are_read_or_refused(contents: dict[str, bytes]) -> None:
    probe(pack({**PARTS, **contents}))


# --- relationships and content types ---------------------------------------------------------------------------------


def test_content_types_are_found_by_name_and_by_extension_whatever_the_case() -> None:
    types = content_types({"word/Document.xml": "main"}).replace("<Default", "<!-- c --><Default", 1)
    package = Package({CONTENT_TYPES: types.encode(), "a": b""})
    assert package.content_type("word/document.XML") == "main"
    assert package.content_type("media/a.PNG") == "image/png"
    assert package.content_type("media/a.gif") == ""


def test_relationships_lead_to_parts_and_outside_ones_to_none() -> None:
    rels = relationships({"a": ("image", "media/a.png"), "b": ("image", "/b.png"), "c": ("image", "../../../c.png")})
    rels = rels.replace(
        "</R", f'<Relationship Id="d" Type="{OFFICE}/image" Target="https://e" TargetMode="External"/></R'
    )
    package = Package({"word/_rels/document.xml.rels": rels.encode()})
    found = package.relationships("word/document.xml")
    assert [r.part for r in found.values()] == ["word/media/a.png", "b.png", "c.png", None]
    assert found["d"].target == "https://e"
    assert package.related("word/document.xml", "image") == ["word/media/a.png", "b.png", "c.png"]
    assert package.relationships("word/none.xml") == {}


def test_a_relationship_is_added_and_replaces_one_of_its_id() -> None:
    parts = opc.with_relationship({"a.xml": b"<a/>"}, "a.xml", "x", "kind", "b.xml")
    parts = opc.with_relationship(parts, "a.xml", "x", "kind", "c.xml")
    parts = opc.with_relationship(parts, "a.xml", "y", "kind", "d.xml")
    assert [(r.id, r.part) for r in Package(parts).relationships("a.xml").values()] == [("x", "c.xml"), ("y", "d.xml")]
    assert parts["_rels/a.xml.rels"].count(b'Id="x"') == 1


def test_content_types_are_declared_once() -> None:
    parts: Mapping[str, bytes] = {CONTENT_TYPES: content_types({}).encode()}
    for kind in ("one", "two"):
        parts = opc.with_content_types(parts, {"a.xml": kind}, {"png": "image/other", "jpg": "image/jpeg"})
    package = Package(parts)
    assert package.content_type("a.xml") == "two"
    assert package.content_type("a.png") == "image/png"
    assert package.content_type("a.jpg") == "image/jpeg"
    assert parts[CONTENT_TYPES].count(b"a.xml") == 1
    assert parts[CONTENT_TYPES].count(b'"jpg"') == 1


def test_related_parts_are_taken_out_with_all_that_names_them() -> None:
    types = content_types({"docProps/thumbnail.jpeg": "image/jpeg"}).encode()
    rels = relationships({"a": ("thumbnail", "docProps/thumbnail.jpeg"), "b": ("officeDocument", "x.xml")}).encode()
    package = Package({CONTENT_TYPES: types, "_rels/.rels": rels, "docProps/thumbnail.jpeg": b"", "x.xml": b"<a/>"})
    parts = opc.without_related(package, "", "thumbnail")
    assert set(parts) == {CONTENT_TYPES, "_rels/.rels", "x.xml"}
    assert b"thumbnail" not in b"".join(parts.values())
    assert opc.without_related(Package(parts), "", "thumbnail") == parts


# --- writing ---------------------------------------------------------------------------------------------------------


def test_what_is_written_is_read_again_by_us_and_by_the_standard_library() -> None:
    contents = {"word/a.xml": b"<a/>" * 1000, "media/点.png": DOT, "empty.xml": b"", CONTENT_TYPES: b"<Types/>"}
    data = write([member(name, content) for name, content in contents.items()])
    assert read(data, "a").parts == contents
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        infos = archive.infolist()
    assert [info.filename for info in infos] == [CONTENT_TYPES, "word/a.xml", "media/点.png", "empty.xml"]
    assert {info.date_time for info in infos} == {(1980, 1, 1, 0, 0, 0)}
    assert {info.create_system for info in infos} == {0}
    assert [info.compress_type for info in infos] == [8, 8, 0, 8]


@given(st.dictionaries(st.text("abé点/.", min_size=1, max_size=6), st.binary(max_size=50), max_size=5))
def test_writing_is_a_function_of_the_members(contents: dict[str, bytes]) -> None:
    members = [member(name, content) for name, content in contents.items()]
    assert write(members) == write([member(name, bytes(content)) for name, content in contents.items()])


def test_another_process_with_another_hash_seed_writes_the_same_bytes() -> None:
    program = (
        "import sys; sys.path.insert(0, 'tests'); from office import docx, paragraph, run; from formgen import opc;"
        "p = opc.read(docx(paragraph(run('一'))), 'a');"
        "sys.stdout.buffer.write(opc.write([opc.member(n, d) for n, d in p.parts.items()]))"
    )
    root = Path(__file__).parents[1]
    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root / "src")},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1
    assert len(found.pop()) > 500


# --- the digest ------------------------------------------------------------------------------------------------------


def digest(parts: Mapping[str, bytes | str]) -> str:
    return read(pack(parts), "a").content_digest


def test_the_digest_is_that_of_the_content_however_it_is_zipped() -> None:
    again = write([member(name, data) for name, data in read(SAMPLE, "a").parts.items()])
    backwards = dict(reversed(PARTS.items()))
    assert {digest(PARTS), digest(backwards), read(again, "a").content_digest} == {
        read(pack(PARTS, zipfile.ZIP_STORED), "a").content_digest
    }


def test_the_digest_stays_the_same_when_the_package_is_signed() -> None:
    rels = relationships({"rId1": ("officeDocument", "word/document.xml")})
    signed = rels.replace("<Rel", f'<Relationship Id="s" Type="{ORIGIN}" Target="_xmlsignatures/origin.sigs"/><Rel', 2)
    signed = signed[signed.index("<Relationships") :]
    types = content_types(
        {"word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"}
    )
    parts = {
        **PARTS,
        CONTENT_TYPES: types.replace("<Override", '<Default Extension="sigs" ContentType="s"/><Override', 1),
        "_rels/.rels": rels.replace(
            "</Relationships>", f'<Relationship Id="s" Type="{ORIGIN}" Target="_xmlsignatures/o.sigs"/></Relationships>'
        ),
        "_xmlsignatures/o.sigs": b"",
        "_xmlsignatures/sig1.xml": "<Signature/>",
        "_xmlsignatures/_rels/o.sigs.rels": relationships({"a": ("signature", "sig1.xml")}),
    }
    assert digest(parts) == digest(PARTS)


def test_the_order_of_relationships_does_not_count() -> None:
    one = relationships({"a": ("x", "a"), "b": ("y", "b")})
    two = relationships({"b": ("y", "b"), "a": ("x", "a")})
    assert digest({**PARTS, "_rels/.rels": one}) == digest({**PARTS, "_rels/.rels": two})


CHANGES: list[Callable[[dict[str, bytes | str]], object]] = [
    lambda parts: parts.update({"word/document.xml": b"<a/>"}),
    lambda parts: parts.update({"word/new.xml": b""}),
    lambda parts: parts.pop("word/media/dot.png"),
    lambda parts: parts.update({"word/Media/dot.png": parts.pop("word/media/dot.png")}),
    lambda parts: parts.update({CONTENT_TYPES: str(parts[CONTENT_TYPES]).replace("image/png", "image/gif")}),
    lambda parts: parts.update({"_rels/.rels": str(parts["_rels/.rels"]).replace("word/document", "word/other")}),
    lambda parts: parts.update({"_rels/.rels": str(parts["_rels/.rels"]).replace("rId1", "rId2")}),
    lambda parts: parts.update({"_rels/.rels": str(parts["_rels/.rels"]).replace("officeDocument", "officeOther")}),
    lambda parts: parts.update({"_rels/.rels": str(parts["_rels/.rels"]).replace("/>", ' TargetMode="External"/>')}),
    lambda parts: parts.update({"word/_rels/document.xml.rels": relationships({})}),
]


@pytest.mark.parametrize("change", CHANGES)
def test_the_digest_differs_for_every_change(change: Callable[[dict[str, bytes | str]], object]) -> None:
    parts = dict(PARTS)
    change(parts)
    assert digest(parts) != digest(PARTS)


def test_parts_cannot_trade_names_and_contents_unnoticed() -> None:
    one: dict[str, bytes | str] = {CONTENT_TYPES: content_types({}), "a.xml": b"1", "b.xml": b"2"}
    two: dict[str, bytes | str] = {CONTENT_TYPES: content_types({}), "a.xml": b"2", "b.xml": b"1"}
    assert digest(one) != digest(two)


def test_a_document_of_the_builder_opens_in_python_docx() -> None:
    from docx import Document

    assert [p.text for p in Document(io.BytesIO(docx(paragraph(run("内容"))))).paragraphs] == ["内容"]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize(
    "lie",
    [{}, {"crc": 7}, {"size": 5}, {"size": 900}, {"packed": 3}, {"flags": 0x20}, {"flags": 0}],
    ids=str,
)
def test_small_members_are_unpacked_as_the_library_does(
    method: int, lie: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    content = b"<a>" + b"x" * 600
    packed = zlib.compress(content, wbits=-zlib.MAX_WBITS) if method else content
    told = {"method": method, "crc": zlib.crc32(content), "size": len(content), "packed": len(packed)}
    data = zipped(entry("x.xml", packed, **{**told, **lie}))

    def read_back() -> object:
        try:
            return b"".join(opc.survey(data, "x").chunks("x.xml"))
        except PackageError as error:
            return str(error)

    soon = read_back()
    monkeypatch.setattr(opc, "_CHUNK", 1)  # all are long
    assert read_back() == soon
    assert (soon == content) is (lie in ({}, {"flags": 0}, {"size": 900}))
