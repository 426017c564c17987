"""The commands that sign documents and verify them."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

# The rooms are imported by the commands that need them: `formgen --help` waits for none of their libraries.
import typer

from formgen.cli import passphrases
from formgen.cli.options import Lang, LangOption, ListFormat, ListFormatOption, OutOption, app, contents, list_reader
from formgen.errors import UsageError
from formgen.findings import Text
from formgen.reports import screen
from formgen.reports.screen import Line

if TYPE_CHECKING:
    from datetime import datetime

    from formgen.issuing.verifying import Known
    from formgen.opc import Package
    from formgen.signing.certificates import Trust
    from formgen.signing.keys import Signer
    from formgen.signing.signature import OnLine
    from formgen.signing.verdict import Verification

_SUFFIXES = (".docx", ".xlsx", ".pdf")
Files = Annotated[
    list[Path], typer.Argument(metavar="PATH...", help="文件，或装有文件的文件夹。Files, or folders of files.")
]


KeyOption = Annotated[Path | None, typer.Option("--key", metavar="FILE.p12", help="密钥文件。The file with the key.")]
TokenOption = Annotated[
    str | None,
    typer.Option(
        "--token", metavar="LIBRARY", help="用令牌里的密钥：令牌的程序库。A token's key: its PKCS#11 library."
    ),
]
LabelOption = Annotated[
    str | None, typer.Option("--label", metavar="NAME", help="令牌里密钥的名称。What the token calls the key.")
]
LineOption = Annotated[
    str | None,
    typer.Option("--line", metavar="NAME", help="签在哪一处签名行：建议签名人或编号。The signature line to sign on."),
]
PictureOption = Annotated[
    Path | None,
    typer.Option("--picture", metavar="FILE.png", help="签名行上显示的图片。The picture shown on that line."),
]
ProtectOption = Annotated[
    bool, typer.Option("--protect/--no-protect", help="先设为只读、标为最终版。Read-only and final before signing.")
]


@app.command()
def sign(
    paths: Files,
    key: KeyOption = None,
    out: OutOption = Path("signed"),
    token: TokenOption = None,
    label: LabelOption = None,
    line: LineOption = None,
    picture: PictureOption = None,
    comment: Annotated[str, typer.Option("--comment", metavar="TEXT", help="签名说明。Why it is signed.")] = "",
    protect: ProtectOption = True,
    lang: LangOption = Lang.ZH,
) -> int:
    """签名：写出签过名的副本，原件不动。Signs documents: writes signed copies, the originals stay as they are."""
    from formgen.cli.clock import now
    from formgen.signing import certificates

    chosen = list(_files(paths))
    _refuse_same_name([out / below for _, below in chosen])
    wish = _Wish(line, _png(picture), comment, protect)
    with _signer(key, token, label, lang) as signer:
        certificates.need_fit(signer.certificate, now())
        for file, below in chosen:
            _write_new(out / below, _signed(contents(file), file, signer, now(), wish))
            screen.results([Line(str(out / below))])
    return 0


def _png(file: Path | None) -> bytes | None:
    data = contents(file) if file is not None else None
    if data is not None and not data.startswith(b"\x89PNG\r\n\x1a\n"):
        raise UsageError(
            Text("签名行上的图片要用 PNG 格式", "the picture on a signature line must be a PNG"),
            place=str(file),
            remedy=Text("请另存为 .png", "save it as .png"),
        )
    return data


@dataclass(frozen=True)
class _Wish:
    """What is wanted besides the signature."""

    line: str | None
    picture: bytes | None
    comment: str
    protect: bool


@contextmanager
def _signer(key: Path | None, token: str | None, label: str | None, lang: str) -> "Iterator[Signer]":
    from formgen.signing import keys, tokens

    if key is not None and token is None and label is None:
        yield keys.load_pkcs12(key, passphrases.passphrase(str(key), passphrases.KEY, lang))
    elif key is None and token is not None and label is not None:
        with tokens.opened(token, label, passphrases.passphrase(label, passphrases.PIN, lang)) as signer:
            yield signer
    else:
        raise UsageError(
            Text("要说明用哪个密钥", "it must be said which key to use"),
            remedy=Text(
                "请写 --key 文件.p12，或 --token 程序库 --label 名称",
                "write --key FILE.p12, or --token LIBRARY --label NAME",
            ),
        )


def _signed(data: bytes, file: Path, signer: "Signer", when: "datetime", wish: _Wish) -> bytes:
    from formgen import opc
    from formgen.signing import package as packages
    from formgen.signing import parts, pdf, protection

    if data.startswith(pdf.MARK):
        if wish.line is not None:
            raise _no_line(file, wish.line, ())
        return pdf.sign(data, str(file), signer, when, comment=wish.comment)
    package = opc.read(data, str(file))
    _refuse_draft(package, file)
    line = _line(package, file, wish.line, wish.picture) if wish.line is not None else None
    if wish.protect and not any(map(parts.is_plumbing, package.parts)):
        data = packages.written(protection.protected(package, str(file)))
    return packages.sign(data, str(file), signer, when, line=line, comment=wish.comment)


def _refuse_draft(package: "Package", file: Path) -> None:
    from formgen.filling import data_part, draft_mark

    carried = data_part.find(package)
    # A draft to be gone on with carries no data: what a person writes there is the data.
    if (carried is not None and carried.draft) or draft_mark.is_marked(package):
        raise UsageError(
            Text("这是草稿，不能签名", "this is a draft: it cannot be signed"),
            place=str(file),
            remedy=Text(
                "请改正问题后用 formgen generate 写出正式的表单", "mend it and write the form with formgen generate"
            ),
        )


def _line(package: "Package", file: Path, wanted: str, picture: bytes | None) -> "OnLine":
    from formgen.signing import lines

    found = lines.find(package)
    for each in found:
        if wanted in (each.id, each.signer):
            return lines.signed_on(each, picture)
    raise _no_line(file, wanted, [each.signer or each.id for each in found])


def _no_line(file: Path, wanted: str, there: Sequence[str]) -> UsageError:
    names = "、".join(there)
    return UsageError(
        Text(f"没有“{wanted}”的签名行", f"there is no signature line for {wanted!r}"),
        place=str(file),
        remedy=Text(f"这里有：{names}", f"there are: {names}") if there else Text("文件里没有签名行", "there are none"),
    )


def _refuse_same_name(targets: Sequence[Path]) -> None:
    seen: set[Path] = set()
    for target in targets:
        if target in seen or os.path.lexists(target):
            raise UsageError(
                Text("已经有同名的文件，不会覆盖", "there is a file of that name already; it is not replaced"),
                place=str(target),
                remedy=Text("请用 -o 换一个文件夹", "choose another folder with -o"),
            )
        seen.add(target)


def _write_new(path: Path, data: bytes) -> None:
    """Writes a file that was not there, whole or not at all."""
    from formgen import whole_files
    from formgen.delivery import disk

    with disk.reporting(path.parent):
        whole_files.write(path, data)


TrustOption = Annotated[
    list[Path] | None,
    typer.Option("--trust", metavar="CA.pem", help="信任的签发机构，可写几次。Authorities that are trusted."),
]
AtOption = Annotated[
    str | None, typer.Option("--at", metavar="DATE", help="按哪一天核对证书，默认今天。The day of checking.")
]
LedgerOption = Annotated[
    Path | None,
    typer.Option("--ledger", metavar="FOLDER", help="签批簿：连同 --root 核对签批。The ledger, asked with --root."),
]
RootOption = Annotated[
    Path | None,
    typer.Option("--root", metavar="ROOT.pub.pem", help="根公钥，当面取得。The root's public key."),
]
PolicyOption = Annotated[
    Path | None,
    typer.Option("--policy", metavar="FILE", help="最新的签批规则，签批簿里有了可省。The newest policy."),
]


@app.command()
def verify(
    paths: Files,
    trust: TrustOption = None,
    at: AtOption = None,
    ledger: LedgerOption = None,
    root: RootOption = None,
    policy: PolicyOption = None,
    output: ListFormatOption = ListFormat.TEXT,
    lang: LangOption = Lang.ZH,
) -> int:
    """核验：签名、覆盖、证书、签批、重新生成分别回答，都成立才以 0 退出。Verifies: 0 only if every answer holds."""
    from formgen.cli.clock import moment_of
    from formgen.reports import verifications
    from formgen.reports.progress import Progress
    from formgen.signing import keys
    from formgen.signing.certificates import Trust

    files = [file for file, _ in _files(paths)]
    authorities = tuple(each for file in trust or () for each in keys.load_certificates(file))
    now = moment_of(at, "--at")
    known = _known(ledger, root, policy, now)
    done = []
    with Progress(lang) as progress:
        progress.begin(len(files))
        for verification in _verified(files, Trust(authorities, now), known):
            done.append(verification)
            progress.advance(1)
            if output is ListFormat.TEXT:
                with progress.aside():
                    screen.results(verifications.lines(verification, lang))
    if output is ListFormat.JSON:
        screen.document(verifications.document(done, now, lang))
    else:
        screen.results(verifications.summary(done, lang))
    return int(not all(each.holds for each in done))


def _verified(files: Iterable[Path], trust: "Trust", known: "Known | None") -> Iterator["Verification"]:
    """One after another; of thousands, one that cannot be opened is told and stops nothing."""
    from formgen.forms import catalogue
    from formgen.issuing import verifying
    from formgen.signing import verdict, verification

    for file in files:
        try:
            data = contents(file)
        except UsageError as error:
            yield verdict.refused(str(file), verdict.Reason("file-unreadable", error.problem))
            continue
        found = verification.verify(data, str(file), trust)
        yield verifying.with_answers(found, data, catalogue(), list_reader(file), known)


def _known(ledger: Path | None, root: Path | None, policy: Path | None, now: "datetime") -> "Known | None":
    """The ledger to be asked, if one is named.

    Raises:
        UsageError: it comes without the root's key: whoever made the ledger could have made that, too.
    """
    from formgen.cli.sign_off_options import opened
    from formgen.issuing.verifying import Known

    if ledger is None and root is None and policy is None:
        return None
    if ledger is None or root is None:
        raise UsageError(
            Text("核对签批要同时写 --ledger 和 --root", "--ledger and --root go together"),
            remedy=Text("根公钥要从可靠的人那里当面取得", "have the root's public key from somebody whom you trust"),
        )
    return Known(*opened(ledger, root, policy, now))


def _files(paths: Sequence[Path]) -> Iterator[tuple[Path, Path]]:
    """The files that are meant, each with its place below the folder that was named: all that can be signed in it."""
    found = False
    for path in paths:
        if not path.exists():
            raise UsageError(
                Text("没有这个文件或文件夹", "there is no such file or folder"),
                place=str(path),
                remedy=Text("请检查路径", "check the path"),
            )
        if not path.is_dir():
            found = True
            yield path, Path(path.name)
            continue
        for file in sorted(path.rglob("*")):
            if file.suffix.lower() in _SUFFIXES and file.name[0] not in "~." and file.is_file():
                found = True
                yield file, file.relative_to(path)
    if not found:
        raise UsageError(
            Text("文件夹里没有 .docx、.xlsx 或 .pdf 文件", "there is no .docx, .xlsx or .pdf file in this folder"),
            place="、".join(map(str, paths)),
            remedy=Text("请检查路径", "check the path"),
        )
