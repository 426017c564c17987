"""What LibreOffice says of signed files: another program's opinion, on the same keys and the same tampering."""

import json
import os
import subprocess
from datetime import timedelta
from functools import cache
from io import BytesIO
from pathlib import Path

import docx
import pytest

from formgen import opc
from formgen.signing import authority, lines, protection
from formgen.signing.certificates import Trust
from formgen.signing.package import sign, written
from formgen.signing.verdict import Question
from formgen.signing.verification import verify
from office import pack
from signing_kit import NOW, START, ca, form, office
from test_signing_package import with_line
from test_signing_tampering import TAMPERED
from test_signing_timestamps import ROOT, stamper

HERE = Path(__file__).parent
FORM, REPORT, STAFF = "01.docx", "校级学生代表大会召开情况.docx", "校级组织工作人员名单.xlsx"
RSA, ECDSA = "青川示范学院团委", "第二人"
OVERLOOKED = [
    "a second part of styles",
    "a part to which nothing leads",
    "a relationship to a place on the net",
    "another content type of a signed part",
]
pytestmark = pytest.mark.office("certutil", "python3-uno")


def signed(name: str, *, ecdsa: bool = False) -> bytes:
    data = written(protection.protected(opc.read(form(name), name)))
    return sign(data, name, office(ECDSA, ecdsa=True) if ecdsa else office(), NOW)


def with_changed_byte(data: bytes, part: str) -> bytes:
    """One digit in the middle of a part is another one."""
    parts = dict(opc.read(data, "").parts)
    changed = bytearray(parts[part])
    at = next(at for at in range(len(changed) // 2, len(changed)) if chr(changed[at]).isdigit())
    changed[at] ^= 1
    parts[part] = bytes(changed)
    return pack(parts)


def saved_by_python_docx(data: bytes) -> bytes:
    file = BytesIO()
    docx.Document(BytesIO(data)).save(file)
    return file.getvalue()


def made() -> dict[str, tuple[bytes, list[tuple[bool, bool]]]]:
    """Files with what LibreOffice should say of each signature: valid, and its certificate trusted."""
    stranger = authority.new_key(authority.new_authority("别的机构", START, days=9000), "外人", START, days=9000)
    (line,) = lines.find(opc.read(with_line(), ""))
    twice = sign(signed(FORM), "", office(ECDSA, ecdsa=True), NOW)
    good, broken, untrusted = (True, True), (False, True), (True, False)
    return {
        "form.docx": (signed(FORM), [good]),
        "report.docx": (signed(REPORT), [good]),
        "workbook.xlsx": (signed(STAFF), [good]),
        "elliptic.docx": (signed(FORM, ecdsa=True), [good]),
        "elliptic.xlsx": (signed(STAFF, ecdsa=True), [good]),
        "twice.docx": (twice, [good, good]),
        "thrice.docx": (sign(twice, "", office("第三人"), NOW), [good, good, good]),
        "stamped.docx": (sign(form(FORM), "", office(), NOW, stamp=stamper()), [good]),
        "line.docx": (sign(with_line(), "", office(), NOW, line=lines.signed_on(line)), [good]),
        "saved.docx": (saved_by_python_docx(signed(REPORT)), [good]),
        "stranger.docx": (sign(form(FORM), "", stranger, NOW), [untrusted]),
        "unsigned.docx": (form(FORM), []),
        "broken.docx": (with_changed_byte(signed(FORM), "word/document.xml"), [broken]),
        "broken data.docx": (with_changed_byte(signed(FORM), "customXml/item1000.xml"), [broken]),
        "broken.xlsx": (with_changed_byte(signed(STAFF), "xl/worksheets/sheet1.xml"), [broken]),
        "broken twice.docx": (with_changed_byte(twice, "word/styles.xml"), [broken, broken]),
    }


@cache
def hidden() -> dict[str, tuple[bytes, list[tuple[bool, bool]]]]:
    """Files that LibreOffice calls valid although something was done to them after they were signed."""
    files = {}
    for number, name in enumerate(OVERLOOKED):
        parts = dict(opc.read(signed(FORM), "").parts)
        TAMPERED[name][1](parts)
        files[f"hidden {number}.docx"] = (pack(parts), [(True, True)])
    return files


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("signed")


@pytest.fixture(scope="module")
def files(folder: Path) -> dict[str, tuple[bytes, list[tuple[bool, bool]]]]:
    files = made()
    for name, (data, _) in {**files, **hidden()}.items():
        (folder / name).write_bytes(data)
    return files


def test_libreoffice_calls_every_signed_file_valid_and_every_changed_one_broken(
    folder: Path, files: dict[str, tuple[bytes, list[tuple[bool, bool]]]]
) -> None:
    database = f"sql:{folder}"
    (folder / "ca.pem").write_bytes(authority.as_pem(ca().certificate))
    for arguments in (["-N", "--empty-password"], ["-A", "-n", "ca", "-t", "CT,CT,CT", "-i", str(folder / "ca.pem")]):
        subprocess.run(["certutil", "-d", database, *arguments], check=True, capture_output=True)
    done = subprocess.run(
        [
            "/usr/bin/python3",
            str(HERE / "asking_libreoffice.py"),
            str(folder / "profile"),
            *(str(folder / name) for name in (*files, *hidden())),
        ],
        env={**os.environ, "MOZILLA_CERTIFICATE_FOLDER": database, "PYTHONPATH": ""},
        check=False,
        capture_output=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr.decode()
    said = {
        Path(file).name: [(each["valid"], each["trusted"]) for each in found]
        for file, found in json.loads(done.stdout).items()
    }
    assert said == {name: expected for name, (_, expected) in {**files, **hidden()}.items()}


def test_our_own_verdict_on_the_same_files_is_the_same(files: dict[str, tuple[bytes, list[tuple[bool, bool]]]]) -> None:
    for name, (data, expected) in files.items():
        told = verify(data, name, Trust((ca().certificate, ROOT), NOW + timedelta(days=1)))
        assert told.holds is (bool(expected) and all(all(each) for each in expected)), name


def test_what_libreoffice_overlooks_is_refused_by_us() -> None:
    for name, (data, _) in zip(OVERLOOKED, hidden().values(), strict=True):
        told = verify(data, name, Trust((ca().certificate,), NOW))
        assert TAMPERED[name][0] in [each.id for answer in told.answers for each in answer.reasons]
        assert not told.holds


def test_what_libreoffice_saves_is_reported_unsigned(folder: Path, tmp_path: Path) -> None:
    for name in ("report.docx", "workbook.xlsx"):
        (tmp_path / name).write_bytes(signed(REPORT if name.endswith("docx") else STAFF))
    convert = [
        "soffice",
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--headless",
        "--convert-to",
    ]
    for suffix in ("docx", "xlsx"):
        source = next(tmp_path.glob(f"*.{suffix}"))
        subprocess.run(
            [*convert, suffix, "--outdir", str(tmp_path / "saved"), str(source)], check=True, capture_output=True
        )
        told = verify((tmp_path / "saved" / source.name).read_bytes(), "", Trust((ca().certificate,), NOW))
        assert [each.id for each in told.answer(Question.MATHEMATICS).reasons] == ["unsigned"]
