"""The command that makes forms to hand out: blank."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

# The rooms are imported by the commands that need them: `formgen --help` waits for none of their libraries.
import typer

from formgen.cli.options import AsOf, ForceOption, Lang, LangOption, app, day_of
from formgen.errors import UsageError
from formgen.findings import Text
from formgen.reports import screen
from formgen.reports.screen import Line

if TYPE_CHECKING:
    from formgen.forms import Edition


OutputOption = Annotated[
    Path | None,
    typer.Option("-o", "--output", metavar="FILE", help="写成哪个文件，.xlsx 或 .docx。The file to write."),
]
RowsOption = Annotated[
    int | None,
    typer.Option("--rows", metavar="N", min=1, max=20000, help="列表留几行空行。Empty rows of a list."),
]
BesideOption = Annotated[
    Path | None,
    typer.Option(
        "--dossier",
        metavar="FOLDER",
        help="印上这个案卷的学校，院系可选。For this dossier's school.",
    ),
]


@app.command()
def blank(
    form: Annotated[str, typer.Argument(metavar="FORM", help="表单代号，如 staff_list。The form's key.")],
    output: OutputOption = None,
    rows: RowsOption = None,
    beside: BesideOption = None,
    as_of: AsOf = None,
    force: ForceOption = False,
    lang: LangOption = Lang.ZH,
) -> int:
    """写出空白表，发给学院和学生填。Writes a blank form for colleges and students to fill in."""
    from formgen import blanks, own_files
    from formgen.dossier import load
    from formgen.forms import catalogue

    dossier = load(beside, day_of(as_of)) if beside is not None else None
    # What is handed out today is the newest edition; no clock is asked.
    day = day_of(as_of) or (dossier.as_of if dossier is not None else date.max)
    edition = catalogue().edition(form, day)
    usual = next(iter(blanks.formats(edition)), "") or _refuse(edition, catalogue()[form])
    path = output if output is not None else Path(f"{edition.title}（空白）{usual}")
    if path.suffix == "":
        raise UsageError(
            Text("看不出要写成哪种文件", "the kind of file cannot be told"),
            place=str(path),
            remedy=Text("文件名请以 .xlsx 或 .docx 结尾", "let its name end in .xlsx or .docx"),
        )
    data = blanks.make(edition, path.suffix.lower(), rows, dossier.values if dossier is not None else None)
    own_files.put(path, data, force=force)
    screen.results([Line(_WRITTEN.lang(lang, {"file": path, "title": edition.title}))])
    return 0


def _refuse(edition: "Edition", editions: Sequence["Edition"]) -> NoReturn:
    """Says of an edition without a blank which one has one."""
    from formgen import blanks

    if any(each.since < edition.since and blanks.formats(each) for each in editions):
        since, day = edition.since.isoformat(), (edition.since - timedelta(1)).isoformat()
        raise UsageError(
            Text(
                f"“{edition.title}”{since} 起的版次没有空白表",
                f"the edition of {edition.key} since {since} has no blank",
            ),
            remedy=Text(f"更早的版次有：加 --as-of {day}", f"the one before it has: add --as-of {day}"),
        )
    raise UsageError(
        Text(f"“{edition.title}”没有空白表", f"there is no blank of {edition.key}"),
        remedy=Text("这份材料只写成 JSON：见 docs/forms", "it is written as JSON only: see docs/forms"),
    )


_WRITTEN = Text("已写出“{title}”的空白表：{file}", "wrote a blank form of {title}: {file}")
