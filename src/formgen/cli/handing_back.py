"""The command that hands a submitted file back: annotate."""

from pathlib import Path
from typing import Annotated

# The rooms are imported by the commands that need them: `formgen --help` waits for none of their libraries.
import typer

from formgen.cli.options import (
    AsOf,
    DossierOption,
    FailOnOption,
    ForceOption,
    FormOption,
    Lang,
    LangOption,
    ListFormat,
    ListFormatOption,
    app,
    day_of,
)
from formgen.reports.tally import FailOn

FileArgument = Annotated[
    Path,
    typer.Argument(metavar="FILE", help="报送的表格或 Word 文件。A spreadsheet or Word file that was handed in."),
]
OutOption = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        metavar="PATH",
        help="写成哪个文件，或写到哪个文件夹；默认写在原文件旁边，名称加“.批注”。Where to write the copy.",
    ),
]
NoteOption = Annotated[
    bool,
    typer.Option(
        "--note",
        help="另给每个院系写一段改正提示，可贴进聊天。Print a short note for each college, to paste into a chat.",
    ),
]
SinceOption = Annotated[
    Path | None,
    typer.Option(
        "--since",
        metavar="OLD",
        help="与上次报送的文件比较：改了什么，还差什么。Compare with the last submission.",
    ),
]


@app.command()
def annotate(
    file: FileArgument,
    out: OutOption = None,
    form: FormOption = None,
    beside: DossierOption = None,
    as_of: AsOf = None,
    fail_on: FailOnOption = FailOn.ERROR,
    force: ForceOption = False,
    note: NoteOption = False,
    since: SinceOption = None,
    output_format: ListFormatOption = ListFormat.TEXT,
    lang: LangOption = Lang.ZH,
) -> int:
    """把问题逐格标在报送文件的副本上，发还学院改。Marks each finding on a copy of a file, to be handed back."""
    from formgen.annotation import handing

    day = day_of(as_of)
    request = handing.Request(file, out, form, beside, day, force, lang, since, note, output_format is ListFormat.JSON)
    return handing.run(request, fail_on)
