"""What several commands take: the application, its options, what their values become."""

import re
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from formgen.errors import UsageError, system_reason
from formgen.findings import Text
from formgen.reports.tally import FailOn

if TYPE_CHECKING:
    from collections.abc import Callable

    from formgen.forms import Edition


class Format(StrEnum):
    """How results are printed: those of :class:`formgen.reports.rendering.Format`, which is slow to load."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    HTML = "html"


class ListFormat(StrEnum):
    """How a list is printed."""

    TEXT = "text"
    JSON = "json"


class Lang(StrEnum):
    """The language of what is printed."""

    ZH = "zh"
    EN = "en"


app = typer.Typer(
    name="formgen",
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    no_args_is_help=False,
)
template_app = typer.Typer(
    help="给画模板的人：列出字段，把打的字变成控件，核对模板。For authors of templates: fields, controls, checks.",
    no_args_is_help=False,
)
app.add_typer(template_app, name="template")

Paths = Annotated[
    list[Path],
    typer.Argument(metavar="PATH...", help="案卷文件夹，或装有若干案卷的文件夹。Dossiers, or a folder of dossiers."),
]
PathsOrFiles = Annotated[
    list[Path],
    typer.Argument(
        metavar="PATH...",
        help="案卷文件夹、装有若干案卷的文件夹，或报送的文件。Dossiers, a folder of dossiers, or submitted files.",
    ),
]
FormOption = Annotated[
    str | None,
    typer.Option(
        "--form",
        metavar="KEY",
        help="报送的文件是哪种表单；默认按表头认。The form of a submitted file; by default its headings tell.",
    ),
]
DossierOption = Annotated[
    Path | None,
    typer.Option(
        "--dossier",
        metavar="FOLDER",
        help="报送的文件属于哪个案卷，用来对照。The dossier that a submitted file belongs to, to compare with.",
    ),
]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATE", help="按哪一天的规定核对，如 2020-11-18。The day whose rules apply."),
]
FormatOption = Annotated[Format, typer.Option("--format", help="输出格式。How results are printed.")]
OutOption = Annotated[Path, typer.Option("-o", "--output", metavar="FOLDER", help="写到哪个文件夹。Where to write.")]
ListFormatOption = Annotated[ListFormat, typer.Option("--format", help="输出格式。How results are printed.")]
ForceOption = Annotated[
    bool, typer.Option("--force", help="覆盖被人改过的同名文件。Replace a file that somebody has edited.")
]
LangOption = Annotated[Lang, typer.Option("--lang", help="输出语言。The language of what is printed.")]
FailOnOption = Annotated[
    FailOn,
    typer.Option(
        "--fail-on",
        help="从哪一级问题起以 1 退出；后者包含前者。Findings that end with 1; each adds to those before.",
    ),
]
RedactOption = Annotated[
    bool | None,
    typer.Option(
        "--redact/--no-redact",
        show_default=False,
        help="姓名等个人信息换成序号和单元格；sarif、html 默认如此。Replace personal data (sarif, html: default).",
    ),
]
ExplainOption = Annotated[
    bool,
    typer.Option(
        "--explain", help="另列每条规则的核对情况。Add what each rule came to, those that never ran included."
    ),
]
SummaryOption = Annotated[
    Path | None,
    typer.Option(
        "--summary",
        metavar="FILE.xlsx",
        help="把全部案卷汇总成一个工作簿，每个学校一行。Write one workbook about all dossiers, one row for each.",
    ),
]
SinceOption = Annotated[
    Path | None,
    typer.Option(
        "--since",
        metavar="FILE.xlsx",
        help="与以前的汇总比较（连同 --summary）。With --summary: compare with this one.",
    ),
]
ReportsOption = Annotated[
    Path | None,
    typer.Option(
        "--reports",
        metavar="FOLDER",
        help="每个案卷另写一份报告，格式按 --format（连同 --summary）。With --summary: a report on each dossier.",
    ),
]
WorkersOption = Annotated[
    int | None,
    typer.Option(
        "-j",
        "--jobs",
        metavar="N",
        min=1,
        max=256,
        help="用几个进程；默认看有多少事可做。How many processes; by default as many as pay.",
    ),
]


def day_of(text: str | None, option: str = "--as-of") -> date | None:
    """The day that an option names.

    Raises:
        UsageError: it names none.
    """
    if text is None:
        return None
    try:
        # Python also reads 20201118 and 2020-W47-3, which are likelier to be slips.
        if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass  # said below
    raise UsageError(
        Text(f"{option} 不是日期：{text}", f"{option} is not a date: {text}"),
        remedy=Text("请写成 2020-11-18 的样子", "write it as 2020-11-18"),
    )


def contents(file: Path) -> bytes:
    """The bytes of a file that a command was given.

    Raises:
        UsageError: it cannot be opened, or is a pipe or a device, which would be waited for without end.
    """
    if file.exists() and not file.is_file():
        raise UsageError(
            Text("这不是普通文件（是文件夹、管道或设备）", "this is no regular file (a folder, pipe or device)"),
            place=str(file),
            remedy=Text("请指定一个文件", "name a file"),
        )
    try:
        return file.read_bytes()
    except OSError as error:
        reason = system_reason(error)
        raise UsageError(
            Text(f"文件打不开：{reason.zh}", f"the file cannot be opened: {reason.en}"),
            place=str(file),
            remedy=Text("请检查文件名和路径", "check the name and the path"),
        ) from error


def list_reader(file: Path) -> "Callable[[Edition], object]":
    """Reads the list of a workbook, whose cells are its data, for what reads generated documents back."""

    def read_list(edition: "Edition") -> object:
        from formgen import intake

        reading = intake.read(file, file.name, edition, None)
        if reading.record is None:
            finding = reading.findings[0]
            raise UsageError(Text(finding.message("zh"), finding.message("en")), place=str(file))
        return reading.record.values

    return read_list
