"""What the commands of sign-off take: the ledger, the root key, the policy, a person's key."""

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from formgen.cli import passphrases
from formgen.cli.options import contents
from formgen.errors import UsageError
from formgen.findings import Text

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

    from formgen.issuing.material import Case, Material
    from formgen.issuing.signing_off import Desk
    from formgen.signing.chain import Trust
    from formgen.signing.ledger import Ledger

LedgerOption = Annotated[
    Path,
    typer.Option("--ledger", metavar="FOLDER", envvar="FORMGEN_LEDGER", help="签批簿所在的文件夹。The ledger."),
]
RootOption = Annotated[
    Path,
    typer.Option(
        "--root", metavar="ROOT.pub.pem", envvar="FORMGEN_ROOT", help="根公钥，当面取得。The root's public key."
    ),
]
PolicyOption = Annotated[
    Path | None,
    typer.Option("--policy", metavar="FILE", help="签署过的签批规则；签批簿里有了可省。The signed policy, if new."),
]
KeyOption = Annotated[
    Path, typer.Option("--key", metavar="FILE.pem", help="自己的签批密钥。One's own key for approvals.")
]
RoleOption = Annotated[
    str | None,
    typer.Option("--role", metavar="ROLE", help="以哪个角色，如 university_league。In which role."),
]
OneFormOption = Annotated[
    str | None, typer.Option("--form", metavar="KEY", help="只办这一种表单。Only cases of this form.")
]
OnlyOption = Annotated[
    list[str] | None, typer.Option("--only", metavar="CASE", help="只办这些案号，可写几次。Only these cases.")
]


def root_key(path: Path) -> "Ed25519PublicKey":
    """The root's public key."""
    from formgen.signing import keys

    return keys.load_ed25519_public(path)


def opened(
    folder: Path, root: Path, policy: Path | None, now: datetime, *, create: bool = False
) -> tuple["Ledger", "Trust"]:
    """The ledger, and what it is judged by."""
    from formgen.signing.ledger import Ledger

    ledger = Ledger.open(folder, root_key(root), create=create)
    return ledger, ledger.trust(now, contents(policy) if policy is not None else None)


def desk(folder: Path, root: Path, policy: Path | None, key: Path, lang: str, *, create: bool = False) -> "Desk":
    """Somebody with a key at a ledger, now."""
    from formgen.cli.clock import now
    from formgen.issuing.signing_off import Desk

    moment = now()
    ledger, trust = opened(folder, root, policy, moment, create=create)
    return Desk(ledger, trust, private_key(key, lang), moment)


def public_key(path: Path, lang: str) -> "Ed25519PublicKey":
    """The public half of a key, from either file."""
    from formgen.signing import keys

    if b"PUBLIC KEY" in contents(path)[:200]:
        return keys.load_ed25519_public(path)
    return private_key(path, lang).public_key()


def private_key(path: Path, lang: str) -> "Ed25519PrivateKey":
    """A person's key."""
    from formgen.signing import keys

    return keys.load_ed25519(path, _passphrase(path, lang))


def _passphrase(path: Path, lang: str) -> str | None:
    """The passphrase of a key for approvals, if it has one; ``issue`` takes two keys, so it may have its own name."""
    if b"ENCRYPTED" not in contents(path)[:200]:
        return None
    variable = passphrases.LEDGER if passphrases.LEDGER in os.environ else passphrases.KEY
    return passphrases.passphrase(str(path), variable, lang)


def materials(paths: Sequence[Path], out: Path) -> list["Material"]:
    """The dossiers, judged."""
    from formgen import checks, dossier
    from formgen.cli.judging import dossiers
    from formgen.issuing.material import Material

    made = []
    for folder in dossiers(paths):
        loaded = dossier.load(folder)
        made.append(Material(loaded, checks.check(loaded), out))
    return made


def cases(found: Sequence["Material"], ledger: "Ledger", form: str | None, only: Sequence[str] | None) -> list["Case"]:
    """The cases that are meant.

    Raises:
        UsageError: a number that was named is none of theirs, or two dossiers have the same name.
    """
    listed = [case for material in found for case in material.cases(ledger, form)]
    numbers = [case.number for case in listed]
    if len(set(numbers)) != len(numbers):
        raise UsageError(
            Text("有两个案卷同名，分不清是哪一个的", "two dossiers have the same name"),
            remedy=Text("请分开办理", "take them one by one"),
        )
    unknown = sorted(set(only or ()) - set(numbers))
    if unknown:
        raise UsageError(
            Text(f"没有这些案号：{'、'.join(unknown)}", f"no such case: {', '.join(unknown)}"),
            remedy=Text("formgen signoff status 列出案号", "formgen signoff status lists the cases"),
        )
    return [case for case in listed if not only or case.number in only]


def need_free_of_errors(found: Sequence["Material"]) -> None:
    """That no dossier has errors that stop everything; records with errors of their own have no case.

    Raises:
        FormgenError: one has.
    """
    from formgen.delivery import not_issuable

    for material in found:
        if material.report.blocks:
            error = not_issuable(material.dossier)
            raise type(error)(
                Text("有错误未改正，也未豁免，不能送审或签批", "there are errors, neither mended nor waived"),
                place=error.place,
                remedy=Text("formgen validate 列出错误", "formgen validate lists them"),
            )
