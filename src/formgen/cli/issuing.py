"""The command that issues what is signed off."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

# The rooms are imported by the commands that need them: `formgen --help` waits for none of their libraries.
import typer

from formgen.cli import passphrases
from formgen.cli import sign_off_options as given
from formgen.cli.options import Lang, LangOption, OutOption, Paths, app, contents
from formgen.cli.sign_off_options import LedgerOption, OneFormOption, PolicyOption, RootOption
from formgen.errors import UsageError
from formgen.findings import Text
from formgen.reports import screen
from formgen.reports.screen import Line

if TYPE_CHECKING:
    from formgen.pictures import Picture


ClerkOption = Annotated[
    Path, typer.Option("--clerk", metavar="FILE.pem", help="经办人的签批密钥。The clerk's key for the ledger.")
]
SealOption = Annotated[
    list[str] | None,
    typer.Option(
        "--seal",
        metavar="PNG",
        help="印章图片，压在表末的日期上；写作 角色=PNG 则压在该单位意见的日期上。A seal's picture, for the day.",
    ),
]


@app.command()
def issue(
    paths: Paths,
    ledger: LedgerOption,
    root: RootOption,
    key: Annotated[Path, typer.Option("--key", metavar="OFFICE.p12", help="单位的签名密钥。The office's key.")],
    clerk: ClerkOption,
    out: OutOption = Path("issued"),
    seal: SealOption = None,
    policy: PolicyOption = None,
    form: OneFormOption = None,
    force: Annotated[bool, typer.Option("--force", help="覆盖别的文件。Replace other files.")] = False,
    lang: LangOption = Lang.ZH,
) -> int:
    """出具：签完的各案写出正式文件，印上签批、设为只读、签名。Issues what is signed off: printed, final, signed."""
    from formgen.issuing.issue import issue as issued
    from formgen.reports import sign_offs
    from formgen.reports.progress import Progress
    from formgen.signing import keys

    seals = dict(_seal(each) for each in seal or ())
    desk = given.desk(ledger, root, policy, clerk, lang)
    signer = keys.load_pkcs12(key, passphrases.passphrase(str(key), passphrases.KEY, lang))
    found = given.materials(paths, out)
    given.need_free_of_errors(found)
    count, complete = 0, True
    for material in found:
        with Progress(lang) as progress:
            progress.begin(sum(form in (None, job.form) for job in material.plan.jobs))
            done = issued(material, desk, signer, form=form, force=force, seals=seals, progress=progress.advance)
        for target in sorted((*done.written, *done.unchanged)):
            screen.results([Line(str(done.folder / target))])
        screen.notes(sign_offs.left_out(done.left_out, lang))
        count += len(done.written) + len(done.unchanged)
        complete = complete and not done.left_out
    screen.results([Line(_ISSUED.lang(lang, {"count": count}), style="bold")])
    return 0 if count and complete else 1


def _seal(order: str) -> tuple[str, "Picture"]:
    """The control of a day, and the picture that is to lie on it."""
    from formgen import pictures
    from formgen.filling.seals import DAY

    role, equals, file = order.rpartition("=")
    try:
        picture = pictures.read(contents(Path(file)))
    except pictures.PictureError as error:
        raise UsageError(error.problem, place=file, remedy=error.remedy) from error
    return (f"opinions.{role}.date" if equals else DAY), picture


_ISSUED = Text("已出具 {count} 份", "{count} documents issued")
