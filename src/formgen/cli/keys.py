"""The commands about keys: making an office's test authority and keys, and telling what a key file is."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from formgen.cli import passphrases
from formgen.cli.options import Lang, LangOption, app, contents
from formgen.errors import OutputError, UsageError, system_reason
from formgen.findings import Text
from formgen.reports import screen
from formgen.reports.screen import Line

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from formgen.signing.keys import KeySigner

keys_app = typer.Typer(
    help="给单位和签批人做密钥，看一个密钥是谁的。Makes keys for offices and approvers, and tells whose one is.",
    no_args_is_help=False,
)
app.add_typer(keys_app, name="keys")
_LONGEST_NAME = 64


@keys_app.command("new")
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="谁的密钥，如“校团委”。Whose key it is.")],
    out: Annotated[
        Path, typer.Option("-o", "--output", metavar="FOLDER", help="放进哪个文件夹。Where to put it.")
    ] = Path("keys"),
    ecdsa: Annotated[
        bool, typer.Option("--ecdsa", help="用 ECDSA P-256，默认 RSA-2048。ECDSA P-256 instead of RSA-2048.")
    ] = False,
    ledger: Annotated[
        bool, typer.Option("--ledger", help="签批用的个人密钥（Ed25519）。A person's key for approvals.")
    ] = False,
    days: Annotated[
        int, typer.Option("--days", metavar="DAYS", min=1, max=3653, help="证书有效多少天。How long it is valid.")
    ] = 1096,
    lang: LangOption = Lang.ZH,
) -> int:
    """做一个新密钥；文件夹里没有试用的签发机构时先做一个。Makes a key, and a test authority if there is none."""
    from formgen.delivery import names

    name = name.strip()
    if not 0 < len(name) <= _LONGEST_NAME or names.folded(name) == "ca":
        raise UsageError(
            Text(
                f"名称应有 1 至 {_LONGEST_NAME} 个字，也不能是 ca",
                f"a name has 1 to {_LONGEST_NAME} characters, not ca",
            ),
            remedy=Text("请写单位或人的名称，如“校团委”", "write the name of an office or person"),
        )
    if ledger and ecdsa:
        raise UsageError(
            Text("--ledger 的密钥只有 Ed25519 一种", "a key for --ledger is always Ed25519"),
            remedy=Text("请去掉 --ecdsa", "leave --ecdsa out"),
        )
    stem = out / names.safe(name)
    made = _approval_key(stem, lang) if ledger else _office_key(stem, name, days, lang, ecdsa=ecdsa)
    _write_all(made)
    screen.results(Line(str(path)) for path in made)
    return 0


def _approval_key(stem: Path, lang: str) -> dict[Path, bytes]:
    from formgen.signing import authority

    private = stem.with_name(f"{stem.name}.ledger.pem")
    public = stem.with_name(f"{stem.name}.ledger.pub.pem")
    _refuse_existing([private, public])
    pair = authority.new_approval_key(passphrases.passphrase(str(private), passphrases.KEY, lang, new=True))
    return {private: pair.private, public: pair.public}


def _office_key(stem: Path, name: str, days: int, lang: str, *, ecdsa: bool) -> dict[Path, bytes]:
    from formgen.cli.clock import now
    from formgen.signing import authority

    private, public = stem.with_name(f"{stem.name}.p12"), stem.with_name(f"{stem.name}.pem")
    _refuse_existing([private, public])
    issuer, made = _authority(stem.parent, lang)
    passphrase = passphrases.passphrase(str(private), passphrases.KEY, lang, new=True)
    signer = authority.new_key(issuer, name, now(), days=days, ecdsa=ecdsa)
    return {**made, private: authority.as_pkcs12(signer, passphrase), public: authority.as_pem(signer.certificate)}


def _authority(folder: Path, lang: str) -> tuple["KeySigner", dict[Path, bytes]]:
    """The authority that lies in the folder, or a new one with its files."""
    from formgen.cli.clock import now
    from formgen.signing import authority, keys

    private, public = folder / "ca.p12", folder / "ca.pem"
    variable = passphrases.CA if passphrases.CA in os.environ else passphrases.KEY
    if private.exists():
        issuer = keys.load_pkcs12(private, passphrases.passphrase(str(private), variable, lang))
        return issuer, {} if public.exists() else {public: authority.as_pem(issuer.certificate)}
    passphrase = passphrases.passphrase(str(private), variable, lang, new=True)
    issuer = authority.new_authority(Text("formgen 试用签发机构", "formgen test authority").lang(lang), now())
    return issuer, {private: authority.as_pkcs12(issuer, passphrase), public: authority.as_pem(issuer.certificate)}


def _refuse_existing(paths: list[Path]) -> None:
    for path in paths:
        if os.path.lexists(path):
            raise UsageError(
                Text("已经有这个密钥，不会覆盖", "this key exists already and is not replaced"),
                place=str(path),
                remedy=Text("请换一个名称，或先移走旧的", "choose another name, or move the old one away"),
            )


def _write_all(files: Mapping[Path, bytes]) -> None:
    """Writes new files, private ones for their owner only; if one fails or somebody interrupts, none is left."""
    written: list[Path] = []
    try:
        for path, data in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            mode = 0o600 if b"PRIVATE" in data or path.suffix == ".p12" else 0o644
            number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
            written.append(path)
            with open(number, "wb") as file:
                file.write(data)
    except BaseException as error:
        for path in written:
            path.unlink(missing_ok=True)
        if not isinstance(error, OSError):
            raise
        reason = system_reason(error)
        raise OutputError(
            Text(f"写不进去：{reason.zh}", f"cannot be written: {reason.en}"),
            place=str(error.filename or next(iter(files))),
            remedy=Text("请检查输出文件夹，再运行一次", "check the output folder and run again"),
        ) from error


@keys_app.command("show")
def show(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=".p12 或 .pem 文件。A .p12 or .pem file.")],
    lang: LangOption = Lang.ZH,
) -> int:
    """说明密钥或证书：谁的、哪种、何时到期、指纹。Tells whose a key is, its kind, dates and digest."""
    from formgen.signing import keys

    head = contents(file)[:200]
    if b"PRIVATE KEY" in head:
        locked = passphrases.passphrase(str(file), passphrases.KEY, lang) if b"ENCRYPTED" in head else None
        return _show_approval_key(keys.load_ed25519(file, locked).public_key())
    if b"PUBLIC KEY" in head:
        return _show_approval_key(keys.load_ed25519_public(file))
    if b"-----BEGIN" in head:
        certificates = keys.load_certificates(file)
    else:
        certificates = (keys.load_pkcs12(file, passphrases.passphrase(str(file), passphrases.KEY, lang)).certificate,)
    for certificate in certificates:
        values = {
            "name": keys.name_of(certificate),
            "issuer": keys.issuer_of(certificate),
            "kind": keys.kind_of(certificate),
            "since": certificate.not_valid_before_utc.date().isoformat(),
            "until": certificate.not_valid_after_utc.date().isoformat(),
            "digest": keys.fingerprint(certificate),
        }
        screen.results([Line(_CERTIFICATE.lang(lang, values))])
    return 0


def _show_approval_key(key: "Ed25519PublicKey") -> int:
    from formgen.signing.keys import key_id

    screen.results([Line(f"Ed25519  {key_id(key)}")])
    return 0


_CERTIFICATE = Text(
    "{name}  {kind}  {since} 至 {until}  签发者 {issuer}  {digest}",
    "{name}  {kind}  {since} to {until}  issued by {issuer}  {digest}",
)
