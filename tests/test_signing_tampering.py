"""Tampered files: each is refused, each with its own reason, and every reason has a file."""

import base64
import random
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from io import BytesIO

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from formgen import opc
from formgen.signing import authority, package, reasons, signature
from formgen.signing.certificates import Trust
from formgen.signing.keys import KeySigner
from formgen.signing.package import sign
from formgen.signing.verdict import Held, Question
from formgen.signing.verification import verify
from office import pack
from signing_kit import NOW, START, ca, form, office

SIG = "_xmlsignatures/sig1.xml"
ORIGIN_RELS = "_xmlsignatures/_rels/origin.sigs.rels"
DOC, DOC_RELS = "word/document.xml", "word/_rels/document.xml.rels"
TYPES, ROOT_RELS = "[Content_Types].xml", "_rels/.rels"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
Parts = dict[str, bytes]
Edit = Callable[[Parts], None]
TRUST = Trust((ca().certificate,), NOW + timedelta(days=30))


@cache
def signed(name: str = "01.docx") -> bytes:
    return sign(form(name), name, office(), NOW)


def parts_of(data: bytes) -> Parts:
    return dict(opc.read(data, "").parts)


def found(data: bytes) -> dict[str, str]:
    """The ids of the reasons against a file, with the question that each speaks to."""
    told = verify(data, "文件", TRUST)
    return {each.id: answer.question for answer in told.answers for each in answer.reasons}


def replaced(part: str, old: str, new: str, count: int = 1) -> Edit:
    def edit(parts: Parts) -> None:
        assert old.encode() in parts[part], f"{old} is not in {part}"
        parts[part] = parts[part].replace(old.encode(), new.encode(), count)

    return edit


def matched(part: str, pattern: str, new: str) -> Edit:
    def edit(parts: Parts) -> None:
        parts[part], times = re.subn(pattern.encode(), new.encode(), parts[part], count=1, flags=re.DOTALL)
        assert times == 1, pattern

    return edit


def added(part: str, content: bytes = b"<x/>", content_type: str = "application/xml") -> Edit:
    def edit(parts: Parts) -> None:
        parts[part] = content
        entry = f'<Override PartName="/{part}" ContentType="{content_type}"/></Types>'
        parts[TYPES] = parts[TYPES].replace(b"</Types>", entry.encode())

    return edit


def related(part: str, target: str, kind: str, id: str = "rIdNew", mode: str = "") -> Edit:
    entry = f'<Relationship Id="{id}" Type="{kind}" Target="{target}"{mode}/></Relationships>'
    return replaced(part, "</Relationships>", entry)


def together(*edits: Edit) -> Edit:
    def edit(parts: Parts) -> None:
        for each in edits:
            each(parts)

    return edit


def removed(part: str) -> Edit:
    def edit(parts: Parts) -> None:
        del parts[part]
        parts[TYPES] = re.sub(rb'<Override PartName="/%s"[^>]*/>' % re.escape(part).encode(), b"", parts[TYPES])

    return edit


def other_signature(parts: Parts) -> None:
    parts[SIG] = parts_of(signed("02.docx"))[SIG]


def certificate(replacement: str) -> Edit:
    return matched(SIG, "<X509Certificate>[^<]*</X509Certificate>", replacement)


def der(signer: KeySigner) -> str:
    pem = authority.as_pem(signer.certificate).decode()
    return "".join(line for line in pem.splitlines() if "-----" not in line)


def digests_mended(parts: Parts) -> None:
    """The body changed, and every digest made to fit: only the key is missing."""
    edited = {**parts, DOC: parts[DOC].replace(b"<w:body>", b"<w:body><w:p/>")}
    made = signature.build(opc.Package(edited), Impostor(), signature.Order(NOW))
    parts |= {DOC: edited[DOC], SIG: made}


class Impostor:
    """Somebody with the office's certificate, which is public, and without its key."""

    certificate = office().certificate

    def sign(self, data: bytes) -> bytes:
        return bytes(256)


def loose_bits(parts: Parts) -> None:
    match = re.search(rb"<SignatureValue>([^<]*[A-Za-z0-9+/])==</SignatureValue>", parts[SIG])
    assert match is not None
    last = match[1][-1:]
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = alphabet[alphabet.index(last) ^ 1 : (alphabet.index(last) ^ 1) + 1]
    parts[SIG] = parts[SIG].replace(match[1] + b"==", match[1][:-1] + other + b"==")


OBJECT = 'Type="http://www.w3.org/2000/09/xmldsig#Object"'
REFERENCE = (
    '<Reference Type="{kind}" URI="{uri}"><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
    "<DigestValue>AAAA</DigestValue></Reference>"
)
ANOTHER = REFERENCE.format(kind="http://www.w3.org/2000/09/xmldsig#Object", uri="{}")
C14N = 'Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"'
SHA256 = 'Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"'
PARTS_DIGEST = f'ContentType=[^"]*"><DigestMethod {SHA256}/>'

TAMPERED: dict[str, tuple[str, Edit]] = {
    # what the signature says
    "a comment inside a digest": ("signature-comment", matched(SIG, "<DigestValue>(....)", r"<DigestValue>\1<!---->")),
    "an instruction inside the signature": ("signature-comment", replaced(SIG, "<SignedInfo>", "<?x y?><SignedInfo>")),
    "a comment before the signature": ("signature-comment", replaced(SIG, "<Signature ", "<!--x--><Signature ")),
    "a comment after the signature": ("signature-comment", replaced(SIG, "</Signature>", "</Signature><!--x-->")),
    "a signature cut off": ("signature-unreadable", matched(SIG, "</Object></Signature>", "")),
    "a namespace that has no canonical form": (
        "signature-unreadable",
        replaced(SIG, "<Manifest>", '<Manifest xmlns:q="q">'),
    ),
    "an xml: attribute": ("signature-inherits", replaced(SIG, "<Manifest>", '<Manifest xml:space="preserve">')),
    "one id twice": ("id-twice", replaced(SIG, "<Manifest>", '<Manifest Id="idPackageObject">')),
    "one id twice, spelt otherwise": ("id-twice", replaced(SIG, "<Manifest>", '<Manifest ID="idPackageObject">')),
    "a signature wrapped in another": (
        "signature-shape",
        together(
            matched(SIG, "<Signature ", '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><Object><Signature '),
            replaced(SIG, "</Signature>", "</Signature></Object></Signature>"),
        ),
    ),
    "another root": (
        "signature-shape",
        together(replaced(SIG, "<Signature ", "<Signatures "), replaced(SIG, "</Signature>", "</Signatures>")),
    ),
    "a second list of what is signed": (
        "signature-shape",
        replaced(SIG, "<SignatureValue>", "<SignedInfo/><SignatureValue>"),
    ),
    "an empty list of what is signed": (
        "signature-shape",
        matched(SIG, "<SignedInfo>.*</SignedInfo>", "<SignedInfo/>"),
    ),
    "an element inside a digest": ("signature-shape", replaced(SIG, "</DigestValue>", "<x/></DigestValue>")),
    "a parameter of the algorithm": (
        "signature-shape",
        matched(
            SIG,
            "<SignatureMethod ([^>]*)/>",
            r"<SignatureMethod \1><HMACOutputLength>1</HMACOutputLength></SignatureMethod>",
        ),
    ),
    "a reference without a digest": ("signature-shape", matched(SIG, "<DigestValue>[^<]*</DigestValue>", "")),
    "properties of another signature": (
        "signature-shape",
        matched(SIG, '(<xd:QualifyingProperties [^>]*Target="#id)PackageSignature', r"\1Other"),
    ),
    "a reference to nothing": ("reference-to-nothing", replaced(SIG, 'URI="#idOfficeObject"', 'URI="#idNothing"')),
    "a reference out of the file": ("reference-to-nothing", replaced(SIG, 'URI="#idOfficeObject"', 'URI="http://x/"')),
    "a reference to the whole document": ("reference-to-nothing", replaced(SIG, 'URI="#idOfficeObject"', 'URI=""')),
    "a reference to a part of an object": (
        "reference-misplaced",
        replaced(SIG, 'URI="#idOfficeObject"', 'URI="#idOfficeV1Details"'),
    ),
    "a reference of another type": (
        "reference-misplaced",
        replaced(SIG, f'{OBJECT} URI="#idOfficeObject"', 'URI="#idOfficeObject"'),
    ),
    "a reference twice": (
        "reference-twice",
        replaced(SIG, "</SignedInfo>", ANOTHER.format("#idPackageObject") + "</SignedInfo>"),
    ),
    "a transform of what is signed": (
        "transform-unexpected",
        replaced(
            SIG,
            f"<Transform {C14N}/>",
            '<Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>',
        ),
    ),
    "a stylesheet for a part": (
        "transform-unexpected",
        matched(
            SIG,
            f'(<Reference URI="/{DOC}[^>]*>)',
            r'\1<Transforms><Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/></Transforms>',
        ),
    ),
    "relationships without their transform": (
        "transform-unexpected",
        matched(SIG, f'(<Reference URI="/{DOC_RELS}[^>]*>)<Transforms>.*?</Transforms>', r"\1"),
    ),
    "relationships by type instead of by id": (
        "transform-unexpected",
        matched(
            SIG, "<mdssi:RelationshipReference ([^>]*)SourceId=", r"<mdssi:RelationshipsGroupReference \1SourceType="
        ),
    ),
    "another canonical form": (
        "canonicalisation-unexpected",
        replaced(
            SIG,
            f"<CanonicalizationMethod {C14N}",
            '<CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"',
        ),
    ),
    "a canonical form with comments": (
        "canonicalisation-unexpected",
        replaced(SIG, f"<CanonicalizationMethod {C14N[:-1]}", f"<CanonicalizationMethod {C14N[:-1]}#WithComments"),
    ),
    "SHA-1 for the signature": (
        "method-weak",
        replaced(
            SIG, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
        ),
    ),
    "a shared secret for the signature": (
        "method-weak",
        replaced(
            SIG,
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
        ),
    ),
    "SHA-1 for what is signed": (
        "digest-weak",
        replaced(SIG, SHA256, 'Algorithm="http://www.w3.org/2000/09/xmldsig#sha1"'),
    ),
    "MD5 for a part": (
        "digest-weak",
        matched(
            SIG,
            f"({DOC}[^>]*>)<DigestMethod {SHA256}/>",
            r'\1<DigestMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#md5"/>',
        ),
    ),
    "SHA-1 for the certificate": (
        "digest-weak",
        matched(
            SIG,
            f"<xd:CertDigest><DigestMethod {SHA256}",
            '<xd:CertDigest><DigestMethod Algorithm="http://www.w3.org/2000/09/xmldsig#sha1"',
        ),
    ),
    "loose bits at the end of the signature": ("encoding-loose", loose_bits),
    "no base64": ("encoding-loose", matched(SIG, "<SignatureValue>....", "<SignatureValue>????")),
    "an object that nobody signed": (
        "object-unsigned",
        replaced(SIG, "</Signature>", "<Object><x/></Object></Signature>"),
    ),
    "an unknown unsigned property": (
        "object-unsigned",
        replaced(
            SIG,
            "<xd:UnsignedSignatureProperties/>",
            "<xd:UnsignedSignatureProperties><xd:CounterSignature/></xd:UnsignedSignatureProperties>",
        ),
    ),
    "unsigned properties of another kind": (
        "object-unsigned",
        replaced(SIG, "<xd:UnsignedSignatureProperties/>", "<xd:UnsignedDataObjectProperties/>"),
    ),
    "unsigned properties twice": (
        "object-unsigned",
        replaced(SIG, "</xd:UnsignedProperties>", "</xd:UnsignedProperties><xd:UnsignedProperties/>"),
    ),
    "words among unsigned properties": (
        "object-unsigned",
        replaced(SIG, "<xd:UnsignedProperties>", "<xd:UnsignedProperties>x"),
    ),
    "the list of parts not signed": (
        "manifest-missing",
        matched(SIG, '<Reference [^>]*URI="#idPackageObject">.*?</Reference>', ""),
    ),
    "the time and certificate not signed": (
        "properties-unsigned",
        matched(SIG, '<Reference Type="[^"]*SignedProperties".*?</Reference>', ""),
    ),
    "no certificate": ("certificate-count", certificate("")),
    "two certificates": ("certificate-count", certificate(f"<X509Certificate>{der(ca())}</X509Certificate>" * 2)),
    "a certificate that is none": ("certificate-unreadable", certificate("<X509Certificate>AAAA</X509Certificate>")),
    "another certificate": (
        "certificate-exchanged",
        certificate(f"<X509Certificate>{der(office('冒名者'))}</X509Certificate>"),
    ),
    "the certificate's digest gone": ("certificate-exchanged", matched(SIG, "<xd:CertDigest>.*?</xd:CertDigest>", "")),
    "another time in one place": ("time-unclear", replaced(SIG, "<xd:SigningTime>2020", "<xd:SigningTime>2019")),
    "a time that is none": ("time-unclear", replaced(SIG, "2020-12-04T09:30:00Z", "2020-13-04T09:30:00Z", 2)),
    "a time before all time": ("time-unclear", replaced(SIG, "2020-12-04T09:30:00Z", "0001-01-01T00:00:00+14:00", 2)),
    "a time in words": ("time-unclear", replaced(SIG, "2020-12-04T09:30:00Z", "yesterday", 2)),
    # what does not fit
    "another time in both places": ("object-changed", replaced(SIG, "2020-12-04T09:30:00Z", "2019-12-04T09:30:00Z", 2)),
    "another comment": (
        "object-changed",
        replaced(SIG, "<SignatureComments/>", "<SignatureComments>同意</SignatureComments>"),
    ),
    "another signature value": (
        "signature-wrong",
        matched(SIG, "<SignatureValue>[^<]*", f"<SignatureValue>{base64.b64encode(bytes(256)).decode()}"),
    ),
    "the method of another kind of key": ("signature-wrong", replaced(SIG, "#rsa-sha256", "#ecdsa-sha256")),
    "a changed body with every digest mended": ("signature-wrong", digests_mended),
    "another algorithm of the same strength": ("signature-wrong", replaced(SIG, "#rsa-sha256", "#rsa-sha512")),
    "one letter of the body": ("part-changed", replaced(DOC, "<w:body>", "<w:body ><!--x-->")),
    "a photo": ("part-changed", lambda parts: parts.__setitem__("word/media/picture1.jpg", b"\xff\xd8")),
    "the data that it carries": ("part-changed", replaced("customXml/item1000.xml", "<record", "<record ")),
    "the signature of another form": ("part-changed", other_signature),
    "a relationship that leads elsewhere": (
        "part-changed",
        replaced(DOC_RELS, 'Target="styles.xml"', 'Target="settings.xml"'),
    ),
    "a relationship that leads outside": (
        "part-changed",
        replaced(DOC_RELS, 'Target="styles.xml"', 'Target="styles.xml" TargetMode="External"'),
    ),
    "a part taken out": ("part-missing", removed("customXml/itemProps1000.xml")),
    "a part listed twice": ("part-twice", matched(SIG, f'(<Reference URI="/{DOC}.*?</Reference>)', r"\1\1")),
    "a part with an odd name": ("part-name", replaced(SIG, f'URI="/{DOC}?', 'URI="/word/%64ocument.xml?')),
    "a part without its content type": ("part-name", matched(SIG, f'URI="/{DOC}[^"]*"', f'URI="/{DOC}"')),
    "another content type of a signed part": (
        "content-type-changed",
        replaced(TYPES, "wordprocessingml.styles+xml", "wordprocessingml.numbering+xml"),
    ),
    "a relationship taken out": (
        "relationship-missing",
        matched(DOC_RELS, '<Relationship [^>]*Target="styles.xml"/>', ""),
    ),
    # what is not covered
    "a second part of styles": (
        "relationship-unsigned",
        together(
            added(
                "word/styles2.xml",
                content_type="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml",
            ),
            related(DOC_RELS, "styles2.xml", f"{OFFICE}/styles"),
        ),
    ),
    "a part to which nothing leads": ("part-unsigned", added("word/more.xml")),
    "a part among the signatures": ("part-unsigned", added("_xmlsignatures/more.xml")),
    "a second relationship to a signed part": (
        "relationship-unsigned",
        related(DOC_RELS, "footer1.xml", f"{OFFICE}/styles"),
    ),
    "a relationship to a program": (
        "relationship-unsigned",
        related(ROOT_RELS, "word/document.xml", f"{OFFICE}/attachedToolbars"),
    ),
    "a relationship to a place on the net": (
        "relationship-unsigned",
        related(DOC_RELS, "http://x/", f"{OFFICE}/attachedTemplate", mode=' TargetMode="External"'),
    ),
    "relationships of a part that had none": (
        "relationship-unsigned",
        lambda parts: parts.__setitem__(
            "word/_rels/styles.xml.rels",
            opc.with_relationship({}, "word/styles.xml", "a", f"{OFFICE}/image", "x.png")["word/_rels/styles.xml.rels"],
        ),
    ),
    "properties that are something else": (
        "part-unsigned",
        replaced(TYPES, "application/vnd.openxmlformats-package.core-properties+xml", "application/xml"),
    ),
    "properties somewhere else": (
        "part-unsigned",
        together(
            added("word/core.xml", content_type="application/vnd.openxmlformats-package.core-properties+xml"),
            related(ROOT_RELS, "word/core.xml", f"{PACKAGE}/metadata/core-properties"),
        ),
    ),
    "two relationships of one id": (
        "relationships-unclear",
        related(DOC_RELS, "footer1.xml", f"{OFFICE}/styles", "rId1"),
    ),
    "a foreign attribute of a relationship": (
        "relationships-unclear",
        replaced(DOC_RELS, '<Relationship Id="rId1"', '<Relationship x="1" Id="rId1"'),
    ),
    "a foreign element among relationships": (
        "relationships-unclear",
        replaced(DOC_RELS, "</Relationships>", "<x/></Relationships>"),
    ),
    "relationships with an attribute": (
        "relationships-unclear",
        replaced(DOC_RELS, "<Relationships ", '<Relationships x="1" '),
    ),
    "a content type of an extension twice": (
        "content-types-unclear",
        replaced(TYPES, "</Types>", '<Default Extension="xml" ContentType="application/xml"/></Types>'),
    ),
    "a content type for nothing": (
        "content-types-unclear",
        replaced(TYPES, "</Types>", '<Override PartName="/word/x.xml" ContentType="application/xml"/></Types>'),
    ),
    "an extension for nothing": (
        "content-types-unclear",
        replaced(TYPES, "</Types>", '<Default Extension="exe" ContentType="application/xml"/></Types>'),
    ),
    "a foreign element among content types": ("content-types-unclear", replaced(TYPES, "</Types>", "<x/></Types>")),
    "another content type of all that is XML": (
        "content-types-unclear",
        replaced(TYPES, 'Extension="xml" ContentType="application/xml"', 'Extension="xml" ContentType="text/html"'),
    ),
    "two places of signatures": (
        "signatures-unclear",
        related(ROOT_RELS, "_xmlsignatures/origin.sigs", f"{PACKAGE}/digital-signature/origin"),
    ),
    "something in the place of signatures": (
        "signatures-unclear",
        lambda parts: parts.__setitem__("_xmlsignatures/origin.sigs", b"x"),
    ),
    "a signature of another content type": (
        "signatures-unclear",
        replaced(TYPES, "digital-signature-xmlsignature+xml", "digital-signature-certificate"),
    ),
    "something else beside the signatures": (
        "signatures-unclear",
        related(ORIGIN_RELS, "../word/document.xml", f"{OFFICE}/officeDocument"),
    ),
    "white space between relationships": ("signature-spelling", replaced(DOC_RELS, "/><Rel", "/> <Rel")),
    "more white space in a relationship": (
        "signature-spelling",
        replaced(DOC_RELS, "<Relationship ", "<Relationship  "),
    ),
    "other quotes in a relationship": ("signature-spelling", replaced(DOC_RELS, 'Id="rId1"', "Id='rId1'")),
    "a comment among relationships": ("signature-spelling", replaced(DOC_RELS, "/><Rel", "/><!--x--><Rel")),
    "white space in the signature": ("signature-spelling", replaced(SIG, "<SignedInfo>", "<SignedInfo >")),
    "white space among content types": ("signature-spelling", replaced(TYPES, "/><Override", "/>\n<Override")),
    "another version of XML": ("signature-spelling", replaced(TYPES, "version='1.0'", "version='1.1'")),
    "no signature at all": (
        "unsigned",
        together(removed(SIG), matched(ORIGIN_RELS, "<Relationship [^>]*/>", "")),
    ),
    "a signature that is not there": ("signature-unreadable", removed(SIG)),
    "no way to the signatures": ("unsigned", matched(ROOT_RELS, '<Relationship [^>]*origin"[^>]*/>', "")),
}


def test_the_file_is_whole_before_anybody_tampers_with_it() -> None:
    assert found(signed()) == {}
    assert verify(signed(), "", TRUST).holds
    assert found(pack(parts_of(signed()))) == {}


@pytest.mark.parametrize("name", TAMPERED)
def test_a_tampered_file_is_refused_with_its_own_reason(name: str) -> None:
    expected, edit = TAMPERED[name]
    parts = parts_of(signed())
    edit(parts)
    told = verify(pack(parts), "文件", TRUST)
    ids = {each.id for answer in told.answers for each in answer.reasons}
    assert expected in ids
    assert not told.holds


# --- below the parts -------------------------------------------------------------------------------------------------


def with_gap(data: bytes) -> bytes:
    """A second body between the parts, which only programs that do not ask the directory find."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        members = sorted(archive.infolist(), key=lambda member: member.header_offset)
        start = archive.start_dir
    at, hidden = members[1].header_offset, members[1].header_offset
    local = data[members[0].header_offset : at]
    moved = bytearray(data[start:])
    for member in members[1:]:
        old = struct.pack("<I", member.header_offset) + member.filename.encode()
        assert moved.count(old) == 1
        moved = moved.replace(old, struct.pack("<I", member.header_offset + len(local)) + member.filename.encode())
    moved[-6:-2] = struct.pack("<I", start + len(local))
    return data[:hidden] + local + data[at:start] + bytes(moved)


def with_comment(data: bytes) -> bytes:
    return data[:-2] + struct.pack("<H", 4) + b"more"


def with_extra(kind: int) -> Callable[[bytes], bytes]:
    """Every part has an extra field; some programs take the one of kind 0x7075 for the part's real name."""

    def changed(data: bytes) -> bytes:
        file = BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for name, content in parts_of(data).items():
                entry = zipfile.ZipInfo(name)
                entry.extra = struct.pack("<HH", kind, 6) + b"styles"
                archive.writestr(entry, content)
        return file.getvalue()

    return changed


def with_half_a_field(data: bytes) -> bytes:
    """What the first part says beside its name ends in the middle."""
    made = with_extra(0x5455)(data)
    assert found(made) == {}
    at = made.index(struct.pack("<HH", 0x5455, 6))
    return made[: at + 2] + struct.pack("<H", 3) + made[at + 4 :]


def with_other_checksum(data: bytes) -> bytes:
    """The first part says another checksum of itself than the directory does."""
    return data[:14] + bytes([data[14] ^ 1]) + data[15:]


def zipped(change: Callable[[zipfile.ZipFile], None]) -> Callable[[bytes], bytes]:
    def changed(data: bytes) -> bytes:
        file = BytesIO(data)
        with zipfile.ZipFile(file, "a") as archive:
            change(archive)
        return file.getvalue()

    return changed


def twice(archive: zipfile.ZipFile) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr(zipfile.ZipInfo(DOC), b"<x/>")


def packed_again(name: str, packed: Callable[[bytes], tuple[int, bytes]]) -> Callable[[bytes], bytes]:
    """The parts, and an empty one called ``name``; of the first, or of that one, the packed bytes are others."""

    def changed(data: bytes) -> bytes:
        file, directory = BytesIO(), b""
        entries = {**parts_of(data), **({name: b""} if name else {})}
        odd = name or next(iter(entries))
        for entry, content in entries.items():
            method, body = packed(content) if entry == odd else (0, content)
            said = struct.pack(
                "<5H3I2H", 20, 0, method, 0, 33, zlib.crc32(content), len(body), len(content), len(entry), 0
            )
            directory += b"PK\x01\x02" + struct.pack("<H", 20) + said + struct.pack("<3H2I", 0, 0, 0, 0, file.tell())
            directory += entry.encode()
            file.write(b"PK\x03\x04" + said + entry.encode() + body)
        end = struct.pack("<4H2IH", 0, 0, len(entries), len(entries), len(directory), file.tell(), 0)
        return file.getvalue() + directory + b"PK\x05\x06" + end

    return changed


def deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


WRAPPED: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "data between two parts": ("hidden-data", with_gap),
    "a comment of the archive": ("hidden-data", with_comment),
    "a folder with something in it": (
        "hidden-data",
        zipped(lambda archive: archive.writestr(zipfile.ZipInfo("word/document.xml/"), b"<x/>")),
    ),
    "data behind the packed bytes of a part": (
        "hidden-data",
        packed_again("", lambda content: (8, deflated(content) + b"more")),
    ),
    "a folder with packed bytes": ("hidden-data", packed_again("word/", lambda content: (0, b"more"))),
    "a folder with bytes behind packed nothing": (
        "hidden-data",
        packed_again("word/", lambda content: (8, deflated(content) + b"more")),
    ),
    "a folder in which nothing is": ("hidden-data", packed_again("word/a-name-says-much/", lambda content: (0, b""))),
    "a part under a name that is there": ("file-unreadable", zipped(twice)),
    "a part whose name differs in case only": (
        "file-unreadable",
        zipped(lambda archive: archive.writestr(zipfile.ZipInfo("word/Document.xml"), b"<x/>")),
    ),
    "another name of a part, beside its name": ("hidden-data", with_extra(0x7075)),
    "another content of a part, beside the directory": ("hidden-data", with_other_checksum),
    "half a field beside a part": ("hidden-data", with_half_a_field),
    "data before the archive": ("file-unreadable", lambda data: b"more" + data),
    "data behind the archive": ("hidden-data", lambda data: data + b"more"),
    "half of the file": ("file-unreadable", lambda data: data[: len(data) // 2]),
    "nothing": ("file-unreadable", lambda data: b""),
}


@pytest.mark.parametrize("name", WRAPPED)
def test_what_hides_in_the_zip_is_refused(name: str) -> None:
    expected, change = WRAPPED[name]
    data = change(signed())
    assert expected in found(data)
    assert not verify(data, "", TRUST).holds


def test_a_part_that_is_packed_otherwise_and_a_folder_with_parts_hide_nothing() -> None:
    assert found(packed_again("", lambda content: (8, deflated(content)))(signed())) == {}
    assert found(packed_again("word/", lambda content: (8, deflated(content)))(signed())) == {}
    assert found(packed_again("word/", lambda content: (0, content))(signed())) == {}


def test_of_a_very_long_name_the_beginning_is_told() -> None:
    data = packed_again("word/" + "a" * 60_000 + "/", lambda content: (0, b""))(signed())
    places = [each.place for answer in verify(data, "", TRUST).answers for each in answer.reasons]
    assert places == ["word/" + "a" * 195 + "…"]


def test_a_zip_whose_sizes_follow_the_parts_hides_nothing() -> None:
    """Programs that write to a pipe know the sizes afterwards only."""

    class Pipe(BytesIO):
        def seekable(self) -> bool:
            return False

    file = Pipe()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts_of(signed()).items():
            archive.writestr(zipfile.ZipInfo(name), content)
    assert found(file.getvalue()) == {}


def test_a_doctype_in_the_signature_is_refused() -> None:
    parts = parts_of(signed())
    parts[SIG] = b'<!DOCTYPE x [<!ENTITY y "z">]>' + parts[SIG].partition(b"?>")[2]
    assert set(found(pack(parts))) == {"file-unreadable"}


# --- weak keys, signatures of several ---------------------------------------------------------------------------------


@cache
def weakly_signed() -> bytes:
    key = rsa.generate_private_key(65537, 1024)
    certificate = authority.certify(ca(), key, "短密钥", START, days=3000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signature, "check_certificate", lambda certificate, place: certificate)
        package = opc.Package(parts_of(form("01.docx")))
        part = signature.build(package, KeySigner(certificate, key), signature.Order(NOW))
    parts = parts_of(signed())
    parts[SIG] = part
    return pack(parts)


def test_a_key_that_is_too_short_is_refused() -> None:
    assert found(weakly_signed()) == {"key-weak": Question.MATHEMATICS}


def test_an_elliptic_signature_in_the_form_that_libraries_make_is_refused() -> None:
    class Wrong:
        certificate = office(ecdsa=True).certificate

        def sign(self, data: bytes) -> bytes:
            return office(ecdsa=True).sign(data) + b"\0"

    parts = parts_of(signed())
    parts[SIG] = signature.build(opc.Package(parts_of(form("01.docx"))), Wrong(), signature.Order(NOW))
    assert set(found(pack(parts))) == {"signature-wrong"}


def test_more_signatures_than_offices_can_be_are_not_even_read() -> None:
    parts = parts_of(signed())
    for number in range(2, 11):
        parts |= dict(package.with_signature(opc.Package(parts), parts[SIG], number).parts)
    assert found(pack(parts)) == {"signatures-unclear": Question.MATHEMATICS}


def test_one_broken_signature_of_two_is_enough_to_refuse_a_file() -> None:
    parts = parts_of(sign(signed(), "", office("第二人", ecdsa=True), NOW))
    assert found(pack(parts)) == {}
    parts["_xmlsignatures/sig2.xml"] = parts["_xmlsignatures/sig2.xml"].replace(b"2020-12-04", b"2020-12-05")
    assert set(found(pack(parts))) == {"object-changed"}


def test_what_a_second_signer_adds_unseen_is_not_covered_by_the_first() -> None:
    """An added part that only the second signature covers: the first did not sign this document."""
    parts = parts_of(signed())
    added("word/more.xml")(parts)
    bare = {name: data for name, data in parts.items() if not name.startswith("_xmlsignatures/")}
    second = signature.build(opc.Package(bare), office("第二人"), signature.Order(NOW, number=2))
    parts = dict(
        opc.with_relationship(
            parts, "_xmlsignatures/origin.sigs", "rId2", f"{PACKAGE}/digital-signature/signature", "sig2.xml"
        )
    )
    added(
        "_xmlsignatures/sig2.xml", second, "application/vnd.openxmlformats-package.digital-signature-xmlsignature+xml"
    )(parts)
    assert found(pack(parts)) == {"part-unsigned": Question.COVERAGE}


# --- no byte ---------------------------------------------------------------------------------------------------------

_NOT_COVERED = re.compile(
    rb'<Relationship Id="([^"]*)" Type="[^"]*/(?:core-properties|extended-properties|origin|signature)"'
)
"""Of three relationships no signature says how they are called: those to the two parts that are not covered, and to
the signatures. A new name for one of them changes nothing."""


def _is_only_a_name(part: str, data: bytes, at: int) -> bool:
    return part.endswith(".rels") and any(match.start(1) <= at < match.end(1) for match in _NOT_COVERED.finditer(data))


def test_no_changed_byte_of_any_part_passes_but_in_what_is_said_not_to_be_covered() -> None:
    whole = parts_of(signed())
    members = {name: opc.member(name, data) for name, data in whole.items()}
    digest = opc.Package(whole).content_digest
    lots = random.Random(20201204)
    tried = 0
    for part, data in whole.items():
        for at in sorted(lots.sample(range(len(data)), min(len(data), 60))):
            changed = bytearray(data)
            changed[at] = lots.choice([byte for byte in range(256) if byte != data[at]])
            member = opc.member(part, bytes(changed))
            told = verify(opc.write({**members, part: member}.values()), "", TRUST)
            tried += 1
            if part in ("docProps/core.xml", "docProps/app.xml"):
                assert part in told.not_covered or not told.holds
                assert told.content_digest != digest
            elif told.holds:
                assert _is_only_a_name(part, data, at), (part, at, data[at], changed[at])
    assert tried > 800


def test_no_changed_byte_of_the_file_changes_what_it_says_and_passes() -> None:
    data = signed()
    parts = parts_of(data)
    lots = random.Random(20201205)
    for at in lots.sample(range(len(data)), 400):
        changed = data[:at] + bytes([data[at] ^ 1 << lots.randrange(8)]) + data[at + 1 :]
        if verify(changed, "", TRUST).holds:
            now = parts_of(changed)
            differing = {name for name in parts if now.get(name) != parts[name]} | (set(now) - set(parts))
            assert differing <= {"docProps/core.xml", "docProps/app.xml"}


def test_whatever_stands_in_the_place_of_a_signature_is_answered_and_never_raised() -> None:
    parts = parts_of(signed())
    lots = random.Random(20201206)
    words = re.findall(rb"[A-Za-z0-9+/=]+|<[^>]*>", parts[SIG])
    for _ in range(150):
        text = parts[SIG]
        for _ in range(lots.randrange(1, 4)):
            text = text.replace(lots.choice(words), lots.choice(words), 1)
        told = verify(pack({**parts, SIG: text}), "", TRUST)
        assert not told.holds or text == parts[SIG]


# --- every reason ----------------------------------------------------------------------------------------------------

ELSEWHERE = {
    # tests/test_signing_certificates.py
    "no-trust",
    "certificate-untrusted",
    "certificate-broken",
    "certificate-purpose",
    "certificate-unknown-limit",
    "authority-purpose",
    "chain-too-long",
    "not-yet-valid",
    "expired-before",
    "expired-since",
    "signed-in-future",
    # tests/test_signing_timestamps.py
    "stamp-wrong",
    "stamp-unchecked",
    # tests/test_signing_pdf.py
    "pdf-unchecked",
    "pdf-extended",
    "pdf-changed-since",
    # tests/test_signing_changing.py
    "shows-unsigned",
    "shows-elsewhere",
    # above
    "key-weak",
}


def test_every_reason_has_a_tampered_file_and_both_languages() -> None:
    expected = {each[0] for each in (*TAMPERED.values(), *WRAPPED.values())}
    assert expected | ELSEWHERE == set(reasons.TEXTS)
    assert len(TAMPERED) + len(WRAPPED) > 80
    for text in reasons.TEXTS.values():
        assert text.zh
        assert text.en
    assert verify(b"", "", TRUST).answer(Question.COVERAGE).held is Held.NOT_CHECKED
