"""Keys: made by the command, never replaced, loaded only if they are what is wanted."""

import os
import stat
from datetime import timedelta
from pathlib import Path

import pytest
import typer
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import pkcs12

from calling import call
from formgen.cli import clock, passphrases
from formgen.errors import FormgenError, UsageError
from formgen.signing import authority, keys
from signing_kit import NOW, SECRET, START, ca, office

PASSPHRASE = passphrases.KEY


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSPHRASE, SECRET)


@pytest.mark.usefixtures("secret")
def test_a_new_key_comes_with_an_authority_that_certifies_it_and_the_next_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = call(capsys, "keys", "new", "校团委", "-o", tmp_path / "keys")
    assert (first.code, first.err) == (0, "")
    assert [Path(line).name for line in first.out.splitlines()] == ["ca.p12", "ca.pem", "校团委.p12", "校团委.pem"]
    second = call(capsys, "keys", "new", "学院", "--ecdsa", "--days", "30", "-o", tmp_path / "keys")
    assert [Path(line).name for line in second.out.splitlines()] == ["学院.p12", "学院.pem"]
    (root,) = keys.load_certificates(tmp_path / "keys/ca.pem")
    for name, kind in (("校团委", "RSA-2048"), ("学院", "ECDSA secp256r1")):
        signer = keys.load_pkcs12(tmp_path / f"keys/{name}.p12", SECRET)
        signer.certificate.verify_directly_issued_by(root)
        assert keys.name_of(signer.certificate) == name
        assert keys.kind_of(signer.certificate) == kind
        assert keys.load_certificates(tmp_path / f"keys/{name}.pem") == (signer.certificate,)
    lasts = signer.certificate.not_valid_after_utc - signer.certificate.not_valid_before_utc
    assert lasts == timedelta(days=30)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
@pytest.mark.usefixtures("secret")
def test_what_is_secret_can_be_read_by_its_owner_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call(capsys, "keys", "new", "校团委", "-o", tmp_path)
    call(capsys, "keys", "new", "张三", "--ledger", "-o", tmp_path)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert {name for name, mode in modes.items() if not mode & 0o077} == {"ca.p12", "校团委.p12", "张三.ledger.pem"}


@pytest.mark.usefixtures("secret")
def test_a_key_for_approvals_is_told_by_its_digest_in_both_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = call(capsys, "keys", "new", "张三", "--ledger", "-o", tmp_path).out.splitlines()
    shown = {call(capsys, "keys", "show", file).out for file in made}
    private = keys.load_ed25519(tmp_path / "张三.ledger.pem", SECRET)
    assert shown == {f"Ed25519  {keys.key_id(private.public_key())}\n"}
    assert keys.load_ed25519_public(tmp_path / "张三.ledger.pub.pem") == private.public_key()


@pytest.mark.usefixtures("secret")
def test_a_certificate_is_told_with_its_owner_dates_and_digest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "office.p12").write_bytes(authority.as_pkcs12(office(), SECRET))
    (tmp_path / "office.pem").write_bytes(authority.as_pem(office().certificate))
    shown = {call(capsys, "keys", "show", tmp_path / name).out for name in ("office.p12", "office.pem")}
    digest = keys.fingerprint(office().certificate)
    assert shown == {f"青川示范学院团委  RSA-2048  2020-09-01 至 2049-09-09  签发者 试用签发机构  {digest}\n"}
    english = call(capsys, "keys", "show", tmp_path / "office.pem", "--lang", "en").out
    assert "2020-09-01 to 2049-09-09" in english


@pytest.mark.usefixtures("secret")
@pytest.mark.parametrize("options", [(), ("--ledger",)])
def test_a_key_is_never_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...]) -> None:
    call(capsys, "keys", "new", "校团委", *options, "-o", tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    again = call(capsys, "keys", "new", "校团委", *options, "-o", tmp_path)
    assert again.code == 2
    assert "不会覆盖" in again.err
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.usefixtures("secret")
@pytest.mark.parametrize("arguments", [(" ",), ("字" * 65,), ("CA",), ("校团委", "--ledger", "--ecdsa")])
def test_a_name_or_a_pair_of_options_that_cannot_be_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    assert call(capsys, "keys", "new", *arguments, "-o", tmp_path).code == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("secret")
def test_where_one_file_of_a_key_cannot_be_written_none_is_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = os.open

    def full(path: os.PathLike[str], flags: int, mode: int = 0o777) -> int:
        if os.fspath(path).endswith(".pem"):
            raise OSError(28, "No space left on device", os.fspath(path))
        return opened(path, flags, mode)

    monkeypatch.setattr(os, "open", full)
    ended = call(capsys, "keys", "new", "校团委", "-o", tmp_path)
    monkeypatch.undo()
    assert ended.code == 3
    assert "磁盘已满" in ended.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("secret")
def test_an_interrupted_command_leaves_no_half_of_a_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = os.open

    def interrupted(path: os.PathLike[str], flags: int, mode: int = 0o777) -> int:
        if os.fspath(path).endswith("校团委.pem"):
            raise KeyboardInterrupt
        return opened(path, flags, mode)

    monkeypatch.setattr(os, "open", interrupted)
    assert call(capsys, "keys", "new", "校团委", "-o", tmp_path).code == 130
    monkeypatch.undo()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("secret")
def test_a_lost_certificate_of_the_authority_is_written_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call(capsys, "keys", "new", "甲", "--ecdsa", "-o", tmp_path)
    lost = (tmp_path / "ca.pem").read_bytes()
    (tmp_path / "ca.pem").unlink()
    call(capsys, "keys", "new", "乙", "--ecdsa", "-o", tmp_path)
    assert (tmp_path / "ca.pem").read_bytes() == lost


def test_a_passphrase_is_asked_for_on_a_terminal_and_a_new_one_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PASSPHRASE, raising=False)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    asked: list[object] = []

    def prompt(text: str, **options: object) -> str:
        asked.append((text, options["hide_input"], options["confirmation_prompt"]))
        return SECRET

    monkeypatch.setattr(typer, "prompt", prompt)
    assert passphrases.passphrase("甲.p12", PASSPHRASE, "zh") == SECRET
    assert passphrases.passphrase("甲.p12", PASSPHRASE, "en", new=True) == SECRET
    assert asked == [("甲.p12 的口令", True, False), ("passphrase of 甲.p12", True, "once more")]


def test_without_a_terminal_the_environment_must_have_the_passphrase(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(PASSPHRASE, raising=False)
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    ended = call(capsys, "keys", "new", "校团委", "-o", tmp_path)
    assert ended.code == 2
    assert PASSPHRASE in ended.err
    monkeypatch.setenv(PASSPHRASE, "")
    assert "不能是空的" in call(capsys, "keys", "new", "校团委", "-o", tmp_path).err


def test_the_authority_may_have_a_passphrase_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSPHRASE, "of the key")
    monkeypatch.setenv(passphrases.CA, "of the authority")
    assert call(capsys, "keys", "new", "校团委", "-o", tmp_path).code == 0
    assert keys.load_pkcs12(tmp_path / "ca.p12", "of the authority").certificate.subject
    assert keys.load_pkcs12(tmp_path / "校团委.p12", "of the key").certificate.subject


def test_both_kinds_of_keys_sign_as_xml_signatures_want_it() -> None:
    data = b"signed"
    public = office().certificate.public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    public.verify(office().sign(data), data, padding.PKCS1v15(), hashes.SHA256())
    signature = office(ecdsa=True).sign(data)
    assert len(signature) == 64
    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    curve = office(ecdsa=True).certificate.public_key()
    assert isinstance(curve, ec.EllipticCurvePublicKey)
    curve.verify(utils.encode_dss_signature(r, s), data, ec.ECDSA(hashes.SHA256()))


def test_a_certificate_never_lasts_longer_than_its_authority() -> None:
    late = authority.new_key(ca(), "末年", START + timedelta(days=10_000))
    assert late.certificate.not_valid_after_utc <= ca().certificate.not_valid_after_utc


def certified(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, name: x509.Name) -> x509.Certificate:
    return x509.CertificateBuilder(name, name, key.public_key(), 1, START, START + timedelta(days=1)).sign(
        key, hashes.SHA256()
    )


@pytest.mark.parametrize("kind", ["short", "curve"])
def test_a_key_that_is_too_short_or_of_another_curve_is_refused(tmp_path: Path, kind: str) -> None:
    key = rsa.generate_private_key(65537, 1024) if kind == "short" else ec.generate_private_key(ec.SECP384R1())
    signer = keys.KeySigner(certified(key, x509.Name([])), key)
    (tmp_path / "weak.p12").write_bytes(authority.as_pkcs12(signer, SECRET))
    with pytest.raises(UsageError, match="cannot sign documents"):
        keys.load_pkcs12(tmp_path / "weak.p12", SECRET)


def test_what_is_not_the_key_that_is_wanted_is_refused_with_its_file(tmp_path: Path) -> None:
    place = tmp_path / "file"

    def refusal(data: bytes | None, load: object, *arguments: object) -> str:
        if data is not None:
            place.write_bytes(data)
        with pytest.raises(FormgenError) as refused:
            load(place, *arguments)  # type: ignore[operator]
        assert str(place) in refused.value.place
        assert refused.value.remedy is not None
        return refused.value.problem.en

    unlocked = serialization.NoEncryption()
    other = dsa.generate_private_key(1024).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, unlocked
    )
    only_certificate = pkcs12.serialize_key_and_certificates(None, None, ca().certificate, None, unlocked)
    pair = authority.new_approval_key(SECRET)
    assert "cannot be opened:" in refusal(None, keys.load_pkcs12, SECRET)
    assert "another passphrase" in refusal(authority.as_pkcs12(office(), SECRET), keys.load_pkcs12, "wrong")
    assert "no key with a certificate" in refusal(only_certificate, keys.load_pkcs12, "")
    assert "another passphrase" in refusal(pair.private, keys.load_ed25519)
    assert "another passphrase" in refusal(b"nonsense", keys.load_ed25519, SECRET)
    assert "no key for approvals" in refusal(other, keys.load_ed25519)
    assert "no key for approvals" in refusal(b"nonsense", keys.load_ed25519_public)
    rsa_public = (
        office()
        .certificate.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    assert "no key for approvals" in refusal(rsa_public, keys.load_ed25519_public)
    assert "no certificate" in refusal(pair.public, keys.load_certificates)
    assert "too large" in refusal(bytes(1024 * 1024 + 1), keys.load_certificates)
    place.unlink()
    place.mkdir()
    assert "no regular file" in refusal(None, keys.load_certificates)


def test_a_file_whose_encryption_is_out_of_use_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def old(data: bytes, passphrase: bytes) -> None:
        raise UnsupportedAlgorithm("RC2")

    (tmp_path / "old.p12").write_bytes(b"old")
    monkeypatch.setattr(pkcs12, "load_key_and_certificates", old)
    with pytest.raises(UsageError, match="export a very old"):
        keys.load_pkcs12(tmp_path / "old.p12", SECRET)


def test_a_key_that_nobody_encrypted_is_loaded_without_a_passphrase(tmp_path: Path) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "plain.pem").write_bytes(plain)
    assert keys.load_ed25519(tmp_path / "plain.pem").public_key() == key.public_key()


def test_a_certificate_without_a_common_name_is_told_by_its_whole_subject() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "学院")])
    assert keys.name_of(certified(key, name)) == "O=学院"
    assert keys.issuer_of(certified(key, name)) == "O=学院"


def test_the_moment_of_a_day_is_its_end_and_without_a_day_it_is_now() -> None:
    assert clock.moment_of("2020-12-04", "--at").isoformat() == "2020-12-04T23:59:59+00:00"
    assert clock.moment_of(None, "--at") > NOW
    with pytest.raises(UsageError, match="--at is not a date"):
        clock.moment_of("2020-13-04", "--at")
