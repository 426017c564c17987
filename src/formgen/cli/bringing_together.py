"""The command that brings lists together: merge."""

from datetime import date
from pathlib import Path
from typing import Annotated

# The rooms are imported by the commands that need them: `formgen --help` waits for none of their libraries.
import typer

from formgen.cli.options import (
    AsOf,
    FailOnOption,
    ForceOption,
    Lang,
    LangOption,
    ListFormat,
    ListFormatOption,
    app,
    day_of,
)
from formgen.errors import UsageError
from formgen.findings import Text
from formgen.reports import screen
from formgen.reports.tally import FailOn

PathsArgument = Annotated[
    list[Path],
    typer.Argument(metavar="PATH...", help="报送的名单，或装着名单的文件夹。Lists, or folders of them."),
]
OutputOption = Annotated[
    Path, typer.Option("-o", "--output", metavar="FILE.xlsx", help="写成哪个文件。The file to write.")
]
BesideOption = Annotated[
    Path | None,
    typer.Option(
        "--dossier",
        metavar="FOLDER",
        help="哪个案卷的学院：看谁报送了、谁还没有。Whose colleges: tells who has sent and who has not.",
    ),
]
FormOption = Annotated[str, typer.Option("--form", metavar="KEY", help="哪种名单。What the lists are lists of.")]


@app.command()
def merge(
    paths: PathsArgument,
    output: OutputOption,
    beside: BesideOption = None,
    form: FormOption = "staff_list",
    as_of: AsOf = None,
    force: ForceOption = False,
    fail_on: FailOnOption = FailOn.ERROR,
    output_format: ListFormatOption = ListFormat.TEXT,
    lang: LangOption = Lang.ZH,
) -> int:
    """汇总各学院的名单：谁报送的、谁重复、谁还没报。Joins colleges' lists: who sent, who is in two, who is missing."""
    from formgen import merging, own_files
    from formgen.dossier import load
    from formgen.forms import catalogue
    from formgen.merging import telling
    from formgen.reports.progress import Progress

    if output.suffix.lower() != ".xlsx":
        raise UsageError(
            Text("汇总只能写成 .xlsx", "what is merged is written as .xlsx"),
            place=str(output),
            remedy=Text("请让 -o 的文件名以 .xlsx 结尾", "let the name after -o end in .xlsx"),
        )
    dossier = load(beside, day_of(as_of)) if beside is not None else None
    day = day_of(as_of) or (dossier.as_of if dossier is not None else date.max)
    colleges = merging.colleges_of(dossier.values if dossier is not None else None)
    own_files.refuse_to_replace(output, force=force)  # before the work, not after it
    with Progress(lang) as progress:
        merged = merging.merge(
            paths, catalogue().edition(form, day), output, colleges, progress.begin, progress.advance
        )
    if merged.data is not None:
        own_files.put(output, merged.data, force=force)
    if output_format is ListFormat.JSON:
        screen.document(telling.document(merged, output, lang))
    else:
        screen.results(telling.lines(merged, output, lang))
    return 1 if telling.reaches(merged, fail_on) else 0
