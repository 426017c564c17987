"""Signed documents: what a signature covers, what stays as it was, what survives being saved again."""

import re
from io import BytesIO

import docx
import pytest
from lxml import etree
from openpyxl import load_workbook
from PIL import Image

from formgen import opc
from formgen.opc import Package, PackageError
from formgen.signing import lines, parts, protection
from formgen.signing.canonical import canonical, relationships
from formgen.signing.certificates import Trust
from formgen.signing.package import sign, without_signatures, written
from formgen.signing.verification import verify
from office import OFFICE, docx_parts, pack, paragraph
from office import docx as word
from office import run as word_run
from signing_kit import NOW, ca, form, forms, office

SIG = "_xmlsignatures/sig1.xml"
TRUST = Trust((ca().certificate,), NOW)
STAFF = "校级组织工作人员名单.xlsx"


def package(data: bytes) -> Package:
    return opc.read(data, "试验")


def ids(data: bytes) -> list[str]:
    return [each.id for answer in verify(data, "", TRUST).answers for each in answer.reasons]


@pytest.mark.parametrize("ecdsa", [False, True])
def test_every_form_of_the_demo_is_signed_and_holds(ecdsa: bool) -> None:
    for name, data in forms().items():
        told = verify(sign(data, name, office(ecdsa=ecdsa), NOW), name, TRUST)
        assert told.holds, (name, told)
        assert [each.stated for each in told.signatures] == [NOW]
    assert len(forms()) > 10


def test_a_signature_covers_each_part_and_relationship_but_the_two_with_properties() -> None:
    made = package(sign(form("01.docx"), "", office(), NOW))
    listed = set(re.findall(r'URI="/([^?]*)\?', made.parts[SIG].decode()))
    plumbing = {name for name in made.parts if name.startswith("_xmlsignatures/")}
    assert set(made.parts) - listed - plumbing == {"[Content_Types].xml", "docProps/core.xml", "docProps/app.xml"}
    assert "customXml/item1000.xml" in listed
    sources = re.findall(r'SourceId="([^"]*)"', made.parts[SIG].decode())
    assert len(sources) == sum(
        len(parts.covered_ids(made, parts.source_of(name))) for name in made.parts if name.endswith(".rels")
    ) - len(made.relationships("_xmlsignatures/origin.sigs"))


@pytest.mark.parametrize("name", ["01.docx", STAFF])
def test_signing_leaves_every_other_part_and_the_content_digest_as_they_were(name: str) -> None:
    before, after = package(form(name)), package(sign(form(name), "", office(), NOW))
    assert after.content_digest == before.content_digest
    assert without_signatures(after).parts.keys() == before.parts.keys()
    for part, data in before.parts.items():
        if part not in ("[Content_Types].xml", "_rels/.rels"):
            assert after.parts[part] == data


def test_the_same_key_and_time_give_the_same_bytes() -> None:
    first, second = (sign(form("01.docx"), "", office(), NOW) for _ in range(2))
    assert first == second


def test_several_sign_one_document_and_each_covers_it() -> None:
    data = form("01.docx")
    signers = [office(), office("第二人", ecdsa=True), office("第三人")]
    for signer in signers:
        data = sign(data, "", signer, NOW)
    told = verify(data, "", TRUST)
    assert told.holds
    assert [each.signer for each in told.signatures] == ["青川示范学院团委", "第二人", "第三人"]
    assert [each.key for each in told.signatures] == ["RSA-2048", "ECDSA secp256r1", "RSA-2048"]


def test_a_tenth_signature_is_refused() -> None:
    data = word(paragraph(word_run()))
    for _ in range(9):
        data = sign(data, "", office(ecdsa=True), NOW)
    with pytest.raises(PackageError, match="has 9 signatures already"):
        sign(data, "", office(ecdsa=True), NOW)


def test_a_document_whose_signature_is_broken_is_not_signed_again() -> None:
    broken = package(sign(form("01.docx"), "", office(), NOW)).parts | {"word/styles.xml": b"<x/>"}
    with pytest.raises(PackageError, match="cannot be signed: changed after it was signed") as refused:
        sign(pack(broken), "甲.docx", office(), NOW)
    assert refused.value.place == "甲.docx"


def test_what_a_broken_off_signature_left_is_cleared_away() -> None:
    left = dict(package(sign(form("01.docx"), "", office(), NOW)).parts)
    del left[SIG]
    left["[Content_Types].xml"] = re.sub(rb'<Override PartName="/_xmls[^>]*/>', b"", left["[Content_Types].xml"])
    assert ids(pack(left)) != []
    assert ids(sign(pack(left), "", office(), NOW)) == []


def test_a_thumbnail_goes_and_white_space_among_relationships_and_types_goes_before_it_is_signed() -> None:
    given = docx_parts(paragraph(word_run()), files={"docProps/thumbnail.png": b"png"})
    kind = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/thumbnail"
    root = str(given["_rels/.rels"])
    given["_rels/.rels"] = root.replace(
        "</Rel", f'\n <Relationship Id="a" Type="{kind}" Target="docProps/thumbnail.png"/>\n</Rel'
    )
    given["[Content_Types].xml"] = str(given["[Content_Types].xml"]).replace(
        "</Types>", '\n<Default Extension="exe" ContentType="x/y"/></Types>'
    )
    made = package(sign(pack(given), "", office(), NOW))
    assert "docProps/thumbnail.png" not in made.parts
    assert b"\n " not in made.parts["_rels/.rels"]
    assert b"exe" not in made.parts["[Content_Types].xml"]


@pytest.mark.parametrize("name", ["word/图.png", "word/a%20b.png", "word/[0].piece", "word/none"])
def test_a_part_that_a_reference_cannot_name_is_refused(name: str) -> None:
    with pytest.raises(PackageError, match="unusual name or no content type"):
        sign(word(paragraph(word_run()), files={name: b"x"}), "", office(), NOW)


def test_a_document_with_two_parts_of_styles_is_not_signed() -> None:
    """Which of them a program takes depends on the order of relationships, and that is not signed."""
    files = {"word/a.xml": "<x/>", "word/b.xml": "<x/>"}
    two = {"document": {"a": ("styles", "a.xml"), "b": ("styles", "b.xml")}}
    with pytest.raises(PackageError, match="relationships with a repeated id"):
        sign(word(paragraph(word_run()), files=files, related=two), "", office(), NOW)


def test_the_order_of_relationships_is_nobodys_statement() -> None:
    made = dict(package(sign(form("01.docx"), "", office(), NOW)).parts)
    entries = re.findall(rb"<Relationship [^>]*/>", made["word/_rels/document.xml.rels"])
    turned = b"".join(reversed(entries))
    again = {
        **made,
        "word/_rels/document.xml.rels": made["word/_rels/document.xml.rels"].replace(b"".join(entries), turned),
    }
    assert again != made
    assert ids(pack(again)) == []
    assert Package(again).content_digest == Package(made).content_digest


def test_a_file_that_is_no_package_is_refused_by_its_name() -> None:
    with pytest.raises(PackageError, match=r"甲\.docx"):
        sign(b"nonsense", "甲.docx", office(), NOW)


# --- canonical forms -------------------------------------------------------------------------------------------------


def test_an_element_is_hashed_with_the_namespaces_that_it_inherits() -> None:
    root = etree.fromstring(
        '<S xmlns="urn:a" xmlns:q="urn:q"><I Id="1"><!--x--><b/>t<z:c xmlns:z="urn:z"><d/></z:c></I>t</S>'
    )
    expected = b'<I xmlns="urn:a" xmlns:q="urn:q" Id="1"><b></b>t<z:c xmlns:z="urn:z"><d></d></z:c></I>'
    assert canonical(root[0]) == expected
    assert etree.tostring(root).endswith(b"</I>t</S>")


def test_relationships_are_hashed_by_id_with_their_mode_and_nothing_between() -> None:
    data = (
        f'<Relationships xmlns="{opc.RELATIONSHIPS[1:-1]}"> <Relationship Id="b" Type="t" Target="&amp;"/>'
        '<Relationship TargetMode="External" Id="B" Type="t" Target="x"/><Relationship Id="c" Type="t" Target="x"/>'
        "</Relationships>"
    ).encode()
    expected = (
        f'<Relationships xmlns="{opc.RELATIONSHIPS[1:-1]}">'
        '<Relationship Id="B" Target="x" TargetMode="External" Type="t"></Relationship>'
        '<Relationship Id="b" Target="&amp;" TargetMode="Internal" Type="t"></Relationship></Relationships>'
    )
    assert relationships(data, ["b", "B"]).decode() == expected


# --- saved again -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["01.docx", "校级学生代表大会召开情况.docx", "高校学生会组织深化改革评估备案表.docx"])
def test_a_document_saved_again_unchanged_by_python_docx_stays_valid(name: str) -> None:
    signed = sign(written(protection.protected(package(form(name)))), "", office(), NOW)
    again = BytesIO()
    docx.Document(BytesIO(signed)).save(again)
    assert again.getvalue() != signed
    assert ids(again.getvalue()) == []


def test_a_document_changed_by_python_docx_does_not() -> None:
    document = docx.Document(BytesIO(sign(form("01.docx"), "", office(), NOW)))
    document.paragraphs[0].add_run("改")
    again = BytesIO()
    document.save(again)
    assert ids(again.getvalue()) == ["part-changed"]


def test_a_workbook_saved_again_by_openpyxl_is_reported_unsigned() -> None:
    again = BytesIO()
    load_workbook(BytesIO(sign(form(STAFF), "", office(), NOW))).save(again)
    assert ids(again.getvalue()) == ["unsigned"]


# --- protection ------------------------------------------------------------------------------------------------------


def test_a_protected_document_is_read_only_and_final_and_its_settings_stay_in_order() -> None:
    made = protection.protected(package(form("01.docx")))
    settings = opc.parse_xml(made.parts["word/settings.xml"])
    names = [str(each.tag).rpartition("}")[2] for each in settings]
    assert names.index("documentProtection") == names.index("defaultTabStop") - 1
    assert b'name="_MarkAsFinal"' in made.parts["docProps/custom.xml"]
    assert b"Final</cp:contentStatus>" in made.parts["docProps/core.xml"]
    assert docx.Document(BytesIO(written(made))).core_properties.content_status == "Final"
    assert protection.protected(made).parts == made.parts


def test_a_protected_workbook_has_every_sheet_locked() -> None:
    made = protection.protected(package(form(STAFF)))
    book = load_workbook(BytesIO(written(made)))
    assert all(sheet.protection.sheet for sheet in book.worksheets)
    assert book.security.lockStructure
    assert protection.protected(made).parts == made.parts


def test_what_a_document_lacks_is_added_and_what_it_has_is_kept() -> None:
    custom = (
        '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties">'
        '<property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="2" name="学校"/></Properties>'
    )
    given = docx_parts(paragraph(word_run()))
    bare = protection.protected(package(pack(given)))
    assert {"word/settings.xml", "docProps/custom.xml", "docProps/core.xml"} <= set(bare.parts)
    assert ids(sign(written(bare), "", office(), NOW)) == []
    kind = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
    with_custom = opc.with_relationship(
        {name: data.encode() if isinstance(data, str) else data for name, data in given.items()},
        "",
        "rIdC",
        f"{OFFICE}/custom-properties",
        "docProps/custom.xml",
    )
    with_custom = opc.with_content_types(
        {**with_custom, "docProps/custom.xml": custom.encode()}, {"docProps/custom.xml": kind}, {}
    )
    kept = protection.protected(Package(with_custom)).parts["docProps/custom.xml"].decode()
    assert 'name="学校"' in kept
    assert 'pid="3" name="_MarkAsFinal"' in kept


def test_what_is_neither_a_document_nor_a_workbook_is_not_protected() -> None:
    given = docx_parts(paragraph(word_run()))
    given["_rels/.rels"] = str(given["_rels/.rels"]).replace("word/document.xml", "ppt/presentation.xml")
    with pytest.raises(PackageError, match="no Word or Excel file"):
        protection.protected(package(pack(given)))
    lost = {**package(form("01.docx")).parts}
    del lost["word/settings.xml"]
    with pytest.raises(PackageError, match=r"the part word/settings\.xml is missing"):
        protection.protected(Package(lost))


# --- signature lines -------------------------------------------------------------------------------------------------

LINE = "{11111111-2222-3333-4444-555555555555}"


def with_line() -> bytes:
    shape = (
        '<w:r><w:pict><v:shape id="_x0000_i1025" style="width:192pt;height:96pt"><v:imagedata r:id="rIdDot"/>'
        '<o:lock xmlns:o="urn:schemas-microsoft-com:office:office" v:ext="edit" ungrouping="t"/>'
        '<o:signatureline xmlns:o="urn:schemas-microsoft-com:office:office" v:ext="edit" '
        f'id="{LINE}" provid="{{00000000-0000-0000-0000-000000000000}}" o:suggestedsigner="张三" '
        'o:suggestedsigner2="书记" issignatureline="t"/></v:shape></w:pict></w:r>'
    )
    return word(paragraph(shape))


def test_a_signature_on_a_line_names_it_and_carries_its_two_pictures() -> None:
    (line,) = lines.find(package(with_line()))
    assert (line.id, line.signer, line.title) == (LINE, "张三", "书记")
    data = sign(with_line(), "", office(), NOW, line=lines.signed_on(line))
    told = verify(data, "", TRUST)
    assert told.holds
    assert told.signatures[0].line == LINE
    text = package(data).parts[SIG].decode()
    assert "<SignatureType>2</SignatureType>" in text
    assert 'URI="#idValidSigLnImg"' in text
    assert 'URI="#idInvalidSigLnImg"' in text


def test_the_pictures_of_a_line_are_drawn_or_the_valid_one_is_the_signers() -> None:
    (line,) = lines.find(package(with_line()))
    drawn = lines.signed_on(line)
    assert drawn == lines.signed_on(line)
    assert drawn.valid != drawn.invalid
    assert Image.open(BytesIO(drawn.valid)).size == (384, 192)
    assert lines.signed_on(line, b"picture").valid == b"picture"


def test_a_picture_of_a_signed_line_cannot_be_exchanged() -> None:
    (line,) = lines.find(package(with_line()))
    made = dict(package(sign(with_line(), "", office(), NOW, line=lines.signed_on(line))).parts)
    made[SIG] = re.sub(rb'(<Object Id="idValidSigLnImg">)[^<]*', rb"\1AAAA", made[SIG])
    assert ids(pack(made)) == ["object-changed"]


def test_only_what_is_a_signature_line_counts_as_one() -> None:
    assert lines.find(package(form("01.docx"))) == []
    other = docx_parts(paragraph(word_run("signatureline")), files={"word/signatureline.bin": b"signatureline"})
    other["[Content_Types].xml"] = str(other["[Content_Types].xml"]).replace(
        "</Types>", '<Default Extension="bin" ContentType="x/y"/></Types>'
    )
    assert lines.find(package(pack(other))) == []
