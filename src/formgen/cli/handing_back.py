"""The command that hands a submitted file back: annotate."""

from pathlib import Path
from typing import Annotated

# The rooms are imported by the commands that need them: `formgen --help` waits for none of their libraries.
import typer

from formgen.cli.judging import handed_in
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

FilesArgument = Annotated[
    list[Path],
    typer.Argument(
        metavar="PATH...",
        help="报送的表格或 Word 文件，或装着它们的文件夹。Files that were handed in, or folders of them.",
    ),
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
    paths: FilesArgument,
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
    from formgen.annotation import handing, handing_many

    day = day_of(as_of)
    first, *others = paths
    request = handing.Request(first, out, form, beside, day, force, lang, since, note, output_format is ListFormat.JSON)
    if not others and not first.is_dir():
        return handing.run(request, fail_on)
    files = [file for path in paths for file in (handed_in(path, lang) if path.is_dir() else ()) or [path]]
    return handing_many.run(files, request, fail_on)
