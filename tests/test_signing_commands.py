"""sign and verify as commands: what they write and print, and how they end."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import formgen
from calling import call
from formgen import opc
from formgen.findings import Text
from formgen.reports import verifications
from formgen.signing import authority
from formgen.signing.certificates import Trust
from formgen.signing.package import sign
from formgen.signing.verdict import Answer, Held, Question, Reason, Signature, Verification
from formgen.signing.verification import verify
from office import DOT
from signing_kit import NOW, ROOT, SECRET, START, ca, form, office
from test_signing_package import LINE, with_line
from test_signing_pdf import plain, turned

STAFF = "校级组织工作人员名单.xlsx"
DAY = "2020-12-31"
SCHEMA = json.loads((ROOT / "schemas/_verification.schema.json").read_text("utf-8"))


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two forms, a key whose passphrase is known, and the authority's certificate."""
    monkeypatch.setenv("FORMGEN_KEY_PASSPHRASE", SECRET)
    (tmp_path / "forms").mkdir()
    for name in ("01.docx", STAFF):
        (tmp_path / "forms" / name).write_bytes(form(name))
    (tmp_path / "office.p12").write_bytes(authority.as_pkcs12(office(), SECRET))
    (tmp_path / "ca.pem").write_bytes(authority.as_pem(ca().certificate))
    return tmp_path


def test_a_folder_is_signed_into_another_and_verified(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.read_bytes() for path in (desk / "forms").iterdir()}
    done = call(capsys, "sign", desk / "forms", "--key", desk / "office.p12", "-o", desk / "signed")
    assert (done.code, done.err) == (0, "")
    assert [Path(line).name for line in done.out.splitlines()] == ["01.docx", STAFF]
    assert sorted(path.name for path in (desk / "signed").iterdir()) == ["01.docx", STAFF]
    assert {path: path.read_bytes() for path in (desk / "forms").iterdir()} == before
    told = call(capsys, "verify", desk / "signed", "--trust", desk / "ca.pem")
    assert (told.code, told.err) == (0, "")
    assert told.out.splitlines() == [
        f"{desk / 'signed/01.docx'}：成立  青川示范学院团委",
        f"{desk / 'signed' / STAFF}：成立  青川示范学院团委",
        "共 2 份：2 份成立，0 份没有成立",
        "签批簿没有核对：签名成立不等于已经签批",
    ]


def test_what_lies_in_folders_is_signed_into_the_same_folders(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("甲", "乙"):
        (desk / "schools" / name).mkdir(parents=True)
        (desk / "schools" / name / "01.docx").write_bytes(form("01.docx"))
    assert call(capsys, "sign", desk / "schools", "--key", desk / "office.p12", "-o", desk / "signed").code == 0
    assert sorted(path.relative_to(desk) for path in (desk / "signed").rglob("*.docx")) == [
        Path("signed/乙/01.docx"),
        Path("signed/甲/01.docx"),
    ]


def test_one_file_that_cannot_be_opened_stops_no_other(
    desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (desk / "forms/signed.docx").write_bytes(sign(form("01.docx"), "", office(), NOW))
    read = Path.read_bytes

    def locked(path: Path) -> bytes:
        if path.name == "01.docx":
            raise PermissionError(13, "Permission denied", str(path))
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", locked)
    told = call(capsys, "verify", desk / "forms", "--trust", desk / "ca.pem")
    assert told.code == 1
    assert "文件打不开：没有权限" in told.out
    assert "共 3 份：1 份成立，2 份没有成立" in told.out


def test_signing_protects_first_unless_it_is_told_not_to(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for options, out in (((), "protected"), (("--no-protect",), "plain")):
        call(capsys, "sign", desk / "forms/01.docx", "--key", desk / "office.p12", "-o", desk / out, *options)
    protected, plain_ = (opc.read((desk / out / "01.docx").read_bytes(), "") for out in ("protected", "plain"))
    assert b"documentProtection" in protected.parts["word/settings.xml"]
    assert b"documentProtection" not in plain_.parts["word/settings.xml"]
    assert plain_.content_digest == opc.read(form("01.docx"), "").content_digest


def test_a_signed_document_is_signed_by_a_second_hand_as_it_is(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = ("--key", desk / "office.p12")
    call(capsys, "sign", desk / "forms/01.docx", *key, "-o", desk / "once")
    assert call(capsys, "sign", desk / "once/01.docx", *key, "-o", desk / "twice").code == 0
    told = call(capsys, "verify", desk / "twice", "--trust", desk / "ca.pem", "--lang", "en")
    assert told.code == 0
    assert "holds  青川示范学院团委、青川示范学院团委" in told.out


def test_a_file_that_does_not_hold_is_told_with_every_answer(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (desk / "signed.docx").write_bytes(sign(form("01.docx"), "", office(), NOW))
    told = call(capsys, "verify", desk / "signed.docx", "--at", DAY)
    assert told.code == 1
    assert told.out.splitlines() == [
        f"{desk / 'signed.docx'}：未核对  青川示范学院团委",
        "  签名者 青川示范学院团委（签发者 试用签发机构，RSA-2048），2020-12-04 17:30（签名者自称的时间）",
        "  签名  成立",
        "  覆盖  成立",
        "  证书  未核对",
        "    没有指定信任谁，证书未核对",
        "  重新生成  成立",
        "  签名不管的部分：docProps/app.xml、docProps/core.xml（标题、作者、编辑时间等属性）",
        "共 1 份：0 份成立，1 份没有成立",
    ]
    english = call(capsys, "verify", desk / "signed.docx", desk / "forms/01.docx", "--at", DAY, "--lang", "en")
    assert "  certificate: not checked" in english.out
    assert "2020-12-04 09:30 UTC (as the signer states)" in english.out
    assert "  signature: does not hold\n    the file has no signature" in english.out
    assert english.out.endswith("2 files: 0 hold, 2 do not\n")


def test_the_day_of_checking_counts_for_the_certificate(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (desk / "signed.docx").write_bytes(sign(form("01.docx"), "", office(), NOW))
    arguments = ("verify", desk / "signed.docx", "--trust", desk / "ca.pem", "--at")
    assert call(capsys, *arguments, DAY).code == 0
    late = call(capsys, *arguments, "2050-01-01")
    assert late.code == 1
    assert "证书现在已过期" in late.out
    assert call(capsys, *arguments, "31.12.2020").code == 2


def test_json_is_one_document_that_its_schema_describes(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (desk / "forms/signed.docx").write_bytes(sign(form("01.docx"), "", office(), NOW))
    (desk / "forms/signed.pdf").write_bytes(plain())
    (desk / "forms/broken.docx").write_bytes(b"nonsense")
    told = call(capsys, "verify", desk / "forms", "--trust", desk / "ca.pem", "--at", DAY, "--format", "json")
    assert told.code == 1
    whole = json.loads(told.out)
    Draft202012Validator.check_schema(SCHEMA)
    assert list(Draft202012Validator(SCHEMA).iter_errors(whole)) == []
    assert whole["summary"] == {"files": 5, "holding": 1, "failing": 4}
    assert whole["at"] == f"{DAY}T23:59:59Z"
    (signed,) = [each for each in whole["files"] if each["file"].endswith("signed.docx")]
    assert signed["holds"]
    assert {key: value["held"] for key, value in signed["answers"].items()} == {
        "mathematics": "yes",
        "coverage": "yes",
        "certificate": "yes",
        "ledger": "not_checked",
        "rendering": "yes",
    }


def test_a_pdf_is_signed_and_verified_by_the_same_commands(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (desk / "form.pdf").write_bytes(plain())
    key = ("--key", desk / "office.p12")
    assert call(capsys, "sign", desk / "form.pdf", *key, "-o", desk / "signed", "--comment", "同意").code == 0
    assert call(capsys, "verify", desk / "signed/form.pdf", "--trust", desk / "ca.pem").code == 0
    refused = call(capsys, "sign", desk / "form.pdf", *key, "-o", desk / "again", "--line", "张三")
    assert refused.code == 2
    assert "文件里没有签名行" in refused.err


def test_of_a_pdf_that_was_changed_since_no_traceback_of_a_library_is_shown(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (desk / "form.pdf").write_bytes(plain())
    assert call(capsys, "sign", desk / "form.pdf", "--key", desk / "office.p12", "-o", desk / "signed").code == 0
    file = desk / "signed/form.pdf"
    file.write_bytes(turned(file.read_bytes()))
    told = call(capsys, "verify", file, "--trust", desk / "ca.pem")
    assert (told.code, told.err) == (1, "")
    assert "Traceback" in call(capsys, "verify", file, "--trust", desk / "ca.pem", "--debug").err


def test_a_signature_line_is_named_by_its_signer_or_its_id(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (desk / "line.docx").write_bytes(with_line())
    (desk / "hand.png").write_bytes(DOT)
    for number, (name, options) in enumerate([("张三", ()), (LINE, ("--picture", desk / "hand.png"))]):
        out = desk / str(number)
        arguments = ("sign", desk / "line.docx", "--key", desk / "office.p12", "--line", name, "-o", out, *options)
        assert call(capsys, *arguments).code == 0
        (found,) = verify((out / "line.docx").read_bytes(), "", Trust((), NOW)).signatures
        assert found.line == LINE
    no_png = ("--line", "张三", "--picture", desk / "ca.pem", "-o", desk / "no")
    assert call(capsys, "sign", desk / "line.docx", "--key", desk / "office.p12", *no_png).code == 2
    refused = call(
        capsys, "sign", desk / "line.docx", "--key", desk / "office.p12", "--line", "李四", "-o", desk / "no"
    )
    assert refused.code == 2
    assert "这里有：张三" in refused.err


@pytest.mark.parametrize(
    "arguments", [(), ("--key", "a.p12", "--token", "lib.so"), ("--token", "lib.so"), ("--label", "x")]
)
def test_it_must_be_said_which_key_signs(
    desk: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    refused = call(capsys, "sign", desk / "forms", *arguments, "-o", desk / "signed")
    assert refused.code == 2
    assert "--key" in refused.err
    assert not (desk / "signed").exists()


def test_a_certificate_that_has_expired_or_is_not_for_signing_does_not_sign(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, signer in {
        "old.p12": authority.new_key(ca(), "校团委", START, days=30),
        "ca.p12": ca(),
    }.items():
        (desk / name).write_bytes(authority.as_pkcs12(signer, SECRET))
        ended = call(capsys, "sign", desk / "forms", "--key", desk / name, "-o", desk / "signed")
        assert (ended.code, "这个证书现在不能用来签名" in ended.err) == (2, True)
    assert not (desk / "signed").exists()


def test_a_draft_is_not_signed(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dossier = formgen.load(ROOT / "inputs/demo-2020")
    made = formgen.generate(dossier, formgen.check(dossier), desk / "drafts", draft=True).folder
    draft = next(made.rglob("草稿-01.docx"))
    refused = call(capsys, "sign", draft, "--key", desk / "office.p12", "-o", desk / "signed")
    assert refused.code == 2
    assert "这是草稿" in refused.err


def test_nothing_is_replaced_and_nothing_is_signed_twice_into_one_name(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("sign", desk / "forms", "--key", desk / "office.p12", "-o", desk / "signed")
    call(capsys, *arguments)
    before = {path: path.read_bytes() for path in (desk / "signed").iterdir()}
    again = call(capsys, *arguments)
    assert again.code == 2
    assert "不会覆盖" in again.err
    assert {path: path.read_bytes() for path in (desk / "signed").iterdir()} == before
    twice = call(capsys, "sign", desk / "forms", desk / "signed", "--key", desk / "office.p12", "-o", desk / "third")
    assert twice.code == 2
    assert not (desk / "third").exists()


def test_what_cannot_be_written_leaves_nothing(
    desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: Path, target: Path) -> None:
        raise OSError(28, "No space left on device", str(source))

    monkeypatch.setattr(Path, "replace", full)
    ended = call(capsys, "sign", desk / "forms", "--key", desk / "office.p12", "-o", desk / "signed")
    assert ended.code == 3
    assert "磁盘已满" in ended.err
    assert list((desk / "signed").iterdir()) == []


def test_what_is_not_there_or_nothing_to_sign_is_a_usage_error(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (desk / "empty").mkdir()
    (desk / "empty/~$01.docx").write_bytes(b"")
    assert call(capsys, "verify", desk / "empty").code == 2
    assert call(capsys, "verify", desk / "missing.docx").code == 2
    assert call(capsys, "verify", desk / "forms", "--trust", desk / "forms/01.docx").code == 2
    broken = desk / "broken.docx"
    broken.write_bytes(b"nonsense")
    assert call(capsys, "sign", broken, "--key", desk / "office.p12", "-o", desk / "signed").code == 1
    refused = call(capsys, "sign", desk / "forms", "--key", desk / "ca.pem", "-o", desk / "signed")
    assert refused.code == 2


def test_a_folder_of_a_thousand_shows_how_far_it_is(desk: Path) -> None:
    """On a terminal, after a while; asked of the program itself, for a bar looks for a real terminal."""
    script = (
        "import sys, formgen.cli, formgen.reports.progress as p; p.PATIENCE = -1; sys.stderr.isatty = lambda: True; "
        "formgen.cli.main(sys.argv[1:])"
    )
    (desk / "forms/signed.docx").write_bytes(sign(form("01.docx"), "", office(), NOW))
    done = subprocess.run(
        [sys.executable, "-c", script, "verify", str(desk / "forms")],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "TERM": "xterm", "COLUMNS": "80"},
    )
    assert done.returncode == 1
    assert "3/3" in done.stderr.decode()
    assert "3/3" not in done.stdout.decode()


def test_a_proven_time_and_another_answer_are_told_too() -> None:
    signature = Signature("sig1.xml", "甲", "乙", "sha256:0", "RSA-2048", NOW, NOW + timedelta(minutes=1))
    whole = Verification("文件", (signature,), (Answer(Question.MATHEMATICS, Held.YES),))
    assert whole.holds
    more = whole.with_answer(Answer.of(Question.LEDGER, [Reason("gone", Text("没有", "none"))]))
    assert not more.holds
    assert more.answer(Question.LEDGER).held is Held.NO
    replaced = more.with_answer(Answer(Question.LEDGER, Held.YES))
    assert replaced.holds
    assert "2020-12-04 17:31（时间戳证明）" in verifications.signed(signature, "zh")
    untimed = Signature("Signature1", "甲", "乙", "sha256:0", "RSA-2048", None)
    assert verifications.signed(untimed, "en").endswith(", —")
    assert len(list(verifications.summary([replaced], "zh"))) == 1
