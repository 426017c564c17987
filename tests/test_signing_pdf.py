"""Signed PDF: pyHanko signs and verifies, poppler gives its own opinion, the answers mean what they mean elsewhere."""

import importlib
import io
import random
import subprocess
from datetime import timedelta
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer

from formgen.errors import UsageError
from formgen.opc import PackageError
from formgen.signing import pdf
from formgen.signing.certificates import Trust
from formgen.signing.verdict import Held, Question
from formgen.signing.verification import verify
from signing_kit import NOW, ca, form, office

TRUST = Trust((ca().certificate,), NOW)


def plain(text: str = "signed") -> bytes:
    """A PDF of one page with a line of text."""
    content = f"BT /F1 24 Tf 72 720 Td ({text}) Tj ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out, places = b"%PDF-1.7\n", []
    for number, each in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"xref\n0 6\n0000000000 65535 f \n%strailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        table,
        len(out),
    )


@cache
def signed(*, ecdsa: bool = False) -> bytes:
    return pdf.sign(plain(), "试验.pdf", office(ecdsa=ecdsa), NOW, comment="同意")


def ids(data: bytes, trust: Trust = TRUST) -> list[str]:
    return [each.id for answer in verify(data, "", trust).answers for each in answer.reasons]


@pytest.mark.parametrize("ecdsa", [False, True])
def test_a_signed_pdf_holds_and_tells_who_signed_and_when(ecdsa: bool) -> None:
    told = verify(signed(ecdsa=ecdsa), "试验.pdf", TRUST)
    assert told.holds
    (found,) = told.signatures
    assert (found.signer, found.stated, found.part) == ("青川示范学院团委", NOW, "Signature1")


def test_the_original_stands_unchanged_before_what_is_added() -> None:
    assert signed().startswith(plain())


def test_two_sign_one_pdf() -> None:
    told = verify(pdf.sign(signed(), "", office("第二人"), NOW), "", TRUST)
    assert told.holds
    assert [each.signer for each in told.signatures] == ["青川示范学院团委", "第二人"]


def test_one_changed_byte_breaks_it() -> None:
    assert ids(signed().replace(b"(signed)", b"(singed)")) == ["part-changed"]


def test_no_changed_byte_of_what_was_signed_passes() -> None:
    data = signed()
    lots = random.Random(20201204)
    for at in lots.sample(range(len(plain())), 60):
        changed = data[:at] + bytes([data[at] ^ 1 << lots.randrange(8)]) + data[at + 1 :]
        assert not verify(changed, "", TRUST).holds


def turned(data: bytes) -> bytes:
    """A signed PDF with its page turned by an update behind the signature."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    page, _ = writer.find_page_for_modification(0)
    page.get_object()["/Rotate"] = importlib.import_module("pyhanko.pdf_utils.generic").NumberObject(90)
    writer.update_container(page.get_object())
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def test_what_is_added_after_signing_is_not_covered() -> None:
    assert ids(signed() + b"%more\n") == ["pdf-extended"]
    assert ids(turned(signed())) == ["pdf-extended", "pdf-changed-since"]


def test_a_pdf_written_anew_has_no_valid_signature() -> None:
    file = io.BytesIO()
    copy_into_new_writer(PdfFileReader(io.BytesIO(signed()))).write(file)
    assert not verify(file.getvalue(), "", TRUST).holds


def test_a_pdf_without_a_signature_says_so() -> None:
    assert ids(plain()) == ["unsigned"]


@pytest.mark.parametrize("data", [b"%PDF-", b"%PDF-1.7\n" + b"x" * 100, plain()[:300]])
def test_a_damaged_pdf_is_answered_and_not_signed(data: bytes) -> None:
    assert not verify(data, "", TRUST).holds
    with pytest.raises(PackageError, match=r"甲\.pdf: this PDF cannot be opened"):
        pdf.sign(data, "甲.pdf", office(), NOW)


def test_the_certificate_is_judged_as_for_other_documents() -> None:
    assert ids(signed(), Trust((office(ecdsa=False).certificate,), NOW)) == []
    assert ids(signed(), Trust((), NOW)) == ["no-trust"]
    assert ids(signed(), Trust((ca().certificate,), NOW - timedelta(days=1))) == ["signed-in-future"]
    assert ids(signed(), Trust((ca().certificate,), NOW + timedelta(days=20_000))) == ["expired-since"] * 2


def test_without_the_extra_a_pdf_is_neither_signed_nor_called_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> ModuleType:
        raise ModuleNotFoundError(name)

    data = signed()
    monkeypatch.setattr(pdf, "import_module", missing)
    told = verify(data, "", TRUST)
    assert [each.id for each in told.answer(Question.MATHEMATICS).reasons] == ["pdf-unchecked"]
    assert told.answer(Question.CERTIFICATE).held is Held.NOT_CHECKED
    with pytest.raises(UsageError, match="not installed"):
        pdf.sign(plain(), "甲.pdf", office(), NOW)


@pytest.mark.office("pdfsig")
def test_poppler_calls_a_signed_form_valid_and_a_changed_one_not(tmp_path: Path) -> None:
    (tmp_path / "form.docx").write_bytes(form("校级学生代表大会召开情况.docx"))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    convert = [
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        "pdf",
        "--outdir",
        str(tmp_path),
        str(tmp_path / "form.docx"),
    ]
    subprocess.run(convert, check=True, capture_output=True)
    original = (tmp_path / "form.pdf").read_bytes()

    def opinion(data: bytes) -> str:
        (tmp_path / "asked.pdf").write_bytes(data)
        asked = subprocess.run(["pdfsig", "-nocert", str(tmp_path / "asked.pdf")], capture_output=True, check=False)
        return asked.stdout.decode()

    for ecdsa in (False, True):
        made = pdf.sign(original, "", office(ecdsa=ecdsa), NOW)
        assert verify(made, "", TRUST).holds
        assert "Signature is Valid" in opinion(made)
        assert "Total document signed" in opinion(made)
        at = len(original) // 2
        broken = made[:at] + bytes([made[at] ^ 1]) + made[at + 1 :]
        assert "Digest Mismatch" in opinion(broken)
        assert not verify(broken, "", TRUST).holds
