"""Keys on tokens: a software token from Debian stands for one of plastic."""

import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from cryptography.hazmat.primitives import serialization

from calling import call
from formgen.errors import UsageError
from formgen.signing import tokens
from formgen.signing.certificates import Trust
from formgen.signing.keys import KeySigner
from formgen.signing.package import sign
from formgen.signing.verification import verify
from signing_kit import NOW, ca, form, office

LIBRARY = "/usr/lib/softhsm/libsofthsm2.so"
PIN = "1234"
RSA, ECDSA = "团委 RSA", "团委 ECDSA"


def needed() -> None:
    if shutil.which("softhsm2-util") is None or not os.path.exists(LIBRARY) or sys.platform != "linux":
        if os.environ.get("CI") == "true":
            pytest.fail("CI must have softhsm2: see .ci/run", pytrace=False)
        pytest.skip("needs softhsm2")
    pytest.importorskip("pkcs11")


def stored(session: object, signer: KeySigner, label: str, pkcs11: ModuleType) -> None:
    """Puts a key and its certificate on the token."""
    private = signer.key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    util = importlib.import_module("pkcs11.util.rsa" if label == RSA else "pkcs11.util.ec")
    decode = util.decode_rsa_private_key if label == RSA else util.decode_ec_private_key
    attribute = pkcs11.Attribute
    own = {attribute.LABEL: label, attribute.TOKEN: True, attribute.SIGN: True, attribute.PRIVATE: True}
    session.create_object({**decode(private), **own})  # type: ignore[attr-defined]
    der = signer.certificate.public_bytes(serialization.Encoding.DER)
    x509 = importlib.import_module("pkcs11.util.x509").decode_x509_certificate(der)
    session.create_object({**x509, attribute.LABEL: label, attribute.TOKEN: True})  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The library of a token with one key of each kind, and of another token that is empty."""
    needed()
    pkcs11 = importlib.import_module("pkcs11")
    folder = tmp_path_factory.mktemp("tokens")
    (folder / "store").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'store'}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
        for name, pin in (("office", PIN), ("other", "9999")):
            prepare = ["softhsm2-util", "--init-token", "--free", "--label", name, "--pin", pin, "--so-pin", "0000"]
            subprocess.run(prepare, check=True, capture_output=True)
        with pkcs11.lib(LIBRARY).get_token(token_label="office").open(rw=True, user_pin=PIN) as session:
            stored(session, office(), RSA, pkcs11)
            stored(session, office(ecdsa=True), ECDSA, pkcs11)
        yield LIBRARY


@pytest.mark.parametrize("label", [RSA, ECDSA])
def test_a_key_on_a_token_signs_as_one_in_a_file(token: str, label: str) -> None:
    with tokens.opened(token, label, PIN) as signer:
        data = sign(form("01.docx"), "", signer, NOW)
    assert verify(data, "", Trust((ca().certificate,), NOW)).holds


def test_the_command_signs_with_a_token(
    token: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORMGEN_TOKEN_PIN", PIN)
    (tmp_path / "01.docx").write_bytes(form("01.docx"))
    ended = call(capsys, "sign", tmp_path / "01.docx", "--token", token, "--label", RSA, "-o", tmp_path / "out")
    assert (ended.code, ended.err) == (0, "")
    assert verify((tmp_path / "out/01.docx").read_bytes(), "", Trust((ca().certificate,), NOW)).signatures


def test_another_pin_and_another_label_are_refused(token: str) -> None:
    with pytest.raises(UsageError, match="cannot be opened"), tokens.opened(token, RSA, "4321"):
        raise AssertionError("opened")
    with pytest.raises(UsageError, match="no token holds"), tokens.opened(token, "别的", PIN):
        raise AssertionError("opened")


def test_a_library_that_is_none_is_refused(tmp_path: Path) -> None:
    needed()
    (tmp_path / "library.so").write_bytes(b"nonsense")
    with pytest.raises(UsageError, match="cannot be opened"), tokens.opened(str(tmp_path / "library.so"), RSA, PIN):
        raise AssertionError("opened")


def test_without_the_extra_it_is_said_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> ModuleType:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(tokens, "import_module", missing)
    with pytest.raises(UsageError, match="not installed") as refused, tokens.opened(LIBRARY, RSA, PIN):
        raise AssertionError("opened")
    assert "formgen[pkcs11]" in str(refused.value)
