"""The commands. Each asks the rooms of the house to do it; here is only how they are called and how they end.

Exit codes: 0 done; 1 findings at or above ``--fail-on``; 2 wrong usage; 3 our fault or the environment's. Results go to
stdout, everything else to stderr. What can go wrong becomes one sentence in :func:`_boundary`, and nowhere else.
"""

import io
import json
import logging
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

# The rooms are imported by the commands that need them: `formgen --help` waits for none of their libraries.
import typer

from formgen.errors import FormgenError, UsageError
from formgen.findings import Text
from formgen.reports import screen
from formgen.reports.problems import environment_error, told
from formgen.reports.screen import Line
from formgen.reports.tally import FailOn

if TYPE_CHECKING:
    from formgen.forms import Edition


class Format(StrEnum):
    """How results are printed."""

    TEXT = "text"
    JSON = "json"


class Lang(StrEnum):
    """The language of what is printed."""

    ZH = "zh"
    EN = "en"


_log = logging.getLogger(__name__)
app = typer.Typer(
    name="formgen",
    help="学生会改革材料：核对、填表。Checks a student union's material and fills the official forms from it.",
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    no_args_is_help=False,
)
template_app = typer.Typer(help="模板。Templates.", no_args_is_help=False)
app.add_typer(template_app, name="template")

Paths = Annotated[
    list[Path],
    typer.Argument(metavar="PATH...", help="案卷文件夹，或装有若干案卷的文件夹。Dossiers, or a folder of dossiers."),
]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATE", help="按哪一天的规定核对，如 2020-11-18。The day whose rules apply."),
]
FormatOption = Annotated[Format, typer.Option("--format", help="输出格式。How results are printed.")]
LangOption = Annotated[Lang, typer.Option("--lang", help="输出语言。The language of what is printed.")]
FailOnOption = Annotated[
    FailOn,
    typer.Option(
        "--fail-on",
        help="从哪一级问题起以 1 退出；后者包含前者。Findings that end with 1; each adds to those before.",
    ),
]


# --- judging and writing ---------------------------------------------------------------------------------------------


@app.command()
def validate(
    paths: Paths,
    as_of: AsOf = None,
    fail_on: FailOnOption = FailOn.ERROR,
    output: FormatOption = Format.TEXT,
    lang: LangOption = Lang.ZH,
) -> int:
    """核对案卷，列出问题；不写任何文件。Checks dossiers and lists what is wrong; writes nothing."""
    from formgen.reports.session import Session

    day = _day(as_of)
    session = Session(lang, is_json=output is Format.JSON)
    for folder in _dossiers(paths):
        with session.each(folder):
            session.judge(folder, day)
    return session.finish(fail_on)


@app.command()
def generate(
    paths: Paths,
    out: Annotated[
        Path, typer.Option("-o", "--output", metavar="FOLDER", help="写到哪个文件夹。Where to write.")
    ] = Path("outputs"),
    draft: Annotated[
        bool, typer.Option("--draft", help="有错误也写出，标明“草稿”。Write marked drafts in spite of errors.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="覆盖被人改过的文件。Replace files that somebody has edited.")
    ] = False,
    workers: Annotated[
        int, typer.Option("-j", "--jobs", metavar="N", min=1, max=256, help="用几个进程。How many processes.")
    ] = 1,
    as_of: AsOf = None,
    fail_on: FailOnOption = FailOn.ERROR,
    output: FormatOption = Format.TEXT,
    lang: LangOption = Lang.ZH,
) -> int:
    """核对案卷，没有错误时写出表单。Checks dossiers and, where there are no errors, writes their forms."""
    from formgen.delivery import generate as deliver
    from formgen.reports.session import Session

    day = _day(as_of)
    folders = list(_dossiers(paths))
    _refuse_same_name(folders)
    session = Session(lang, is_json=output is Format.JSON)
    for folder in folders:
        with session.each(folder):
            dossier, report = session.judge(folder, day)
            session.delivered(deliver(dossier, report, out, draft=draft, force=force, workers=workers))
    return session.finish(fail_on)


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        # Python also reads 20201118 and 2020-W47-3, which are likelier to be slips.
        if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass  # said below
    raise UsageError(
        Text(f"--as-of 不是日期：{text}", f"--as-of is not a date: {text}"),
        remedy=Text("请写成 2020-11-18 的样子", "write it as 2020-11-18"),
    )


def _dossiers(paths: Sequence[Path]) -> Iterator[Path]:
    """The dossiers that are meant: each path, or in its place the dossiers in it."""
    for path in paths:
        inside: list[Path] = []
        if path.is_dir() and not (path / "dossier.json").exists():
            inside = sorted(child for child in path.iterdir() if (child / "dossier.json").is_file())
        yield from inside or [path]


def _refuse_same_name(folders: Sequence[Path]) -> None:
    from formgen.delivery import names

    seen: dict[str, Path] = {}
    for number, folder in enumerate(folders):
        other = seen.setdefault(names.folded(names.safe(folder.resolve().name)), folder)
        if other is not folder or folder in folders[:number]:
            raise UsageError(
                Text(
                    f"案卷 {other} 和 {folder} 同名，会写到同一个文件夹",
                    f"the dossiers {other} and {folder} have the same name and would be written to the same folder",
                ),
                remedy=Text("请分开运行，各用一个 -o", "run them one by one, each with its own -o"),
            )


# --- looking things up -----------------------------------------------------------------------------------------------


@app.command()
def read(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="formgen 生成的文件。A file that formgen made.")],
    lang: LangOption = Lang.ZH,
) -> int:
    """把生成的文件读回 JSON。Gives back as JSON what a generated file says."""
    from formgen import intake
    from formgen.filling.readback import read_document
    from formgen.forms import catalogue

    def read_list(edition: "Edition") -> object:
        reading = intake.read(file, file.name, edition, None)
        if reading.record is None:
            finding = reading.findings[0]
            raise UsageError(Text(finding.message("zh"), finding.message("en")), place=str(file))
        return reading.record.values

    found = read_document(_contents(file), file.name, catalogue(), read_list)
    if not found.compared:
        screen.notes([Line(_OTHER_TEMPLATE.lang(lang), style="yellow")])
    for difference in found.differences:
        values = {**asdict(difference), "place": difference.field or difference.place}
        screen.notes([Line(_EDITED.lang(lang, values), style="yellow")])
    whole = {"version": 1, **asdict(found)}
    screen.document(json.dumps(whole, ensure_ascii=False, indent=2))
    return 0


_OTHER_TEMPLATE = Text(
    "这份文件不是用现在的模板写的，没有核对正文与数据是否一致",
    "made with another template than today's: text and data were not compared",
)
_EDITED = Text(
    "{place}：正文是“{found}”，数据是“{expected}”，写出后被人改过",
    "{place}: the text is {found!r}, the data {expected!r}: edited after it was written",
)


@app.command()
def forms() -> int:
    """列出表单。Lists the forms."""
    from formgen.forms import catalogue

    for key, editions in catalogue().items():
        for edition in editions:
            since = f"  {edition.since.isoformat()}" if edition.since != date.min else ""
            screen.results([Line(f"{key}{since}  {edition.title}  {' '.join(sorted(edition.templates))}")])
    return 0


@app.command()
def rules(lang: LangOption = Lang.ZH) -> int:
    """列出规则。Lists the rules."""
    from formgen.rules import all_rules

    for rule in all_rules():
        until = rule.effective_until.isoformat() if rule.effective_until is not None else ""
        period = f"{rule.effective_from.isoformat()}–{until}"
        line = f"{rule.id}  {rule.kind.severity.value:<7}  {period}  {rule.form}  {rule.kind.title.lang(lang)}"
        screen.results([Line(line)])
    return 0


@app.command()
def rule(
    id_: Annotated[str, typer.Argument(metavar="ID", help="规则编号，如 R14。A rule's id.")],
    lang: LangOption = Lang.ZH,
) -> int:
    """说明一条规则。Explains a rule."""
    from formgen.rules import all_rules, page

    found = next((each for each in all_rules() if each.id == id_.upper()), None)
    if found is None:
        raise UsageError(
            Text(f"没有规则“{id_}”", f"there is no rule {id_!r}"),
            remedy=Text("formgen rules 列出全部规则", "formgen rules lists them all"),
        )
    screen.document(page.render(found, lang=lang).rstrip("\n"))
    return 0


@template_app.command("check")
def template_check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="模板文件。The template.")],
    form: Annotated[
        str | None,
        typer.Option("--form", metavar="KEY", help="表单；默认取文件名。The form; by default the file's name."),
    ] = None,
    as_of: AsOf = None,
    lang: LangOption = Lang.ZH,
) -> int:
    """核对模板的控件与表单的字段是否相符。Checks a template's controls against the fields of its form."""
    from formgen.filling.template import examine
    from formgen.forms import catalogue

    key, _, first_day = file.stem.partition(".")
    # A file is named by its edition; without a day it is the newest that a template is drawn for.
    day = _day(as_of) or _day(first_day or None) or date.max
    edition = catalogue().edition(form if form is not None else key, day)
    template, problems = examine(_contents(file), file.name, edition)
    for problem in problems:
        place = " ".join(part for part in (problem.part, problem.control) if part)
        screen.results([Line(f"{file}: {place}: {problem.text.lang(lang)}")])
    if template is not None:
        values = {"file": file, "title": edition.title, "count": len(template.controls)}
        screen.results([Line(_GOOD.lang(lang, values))])
    return 1 if problems else 0


_GOOD = Text("{file}：与“{title}”相符，控件 {count} 个", "{file}: matches {title}, {count} controls")


def _contents(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(
            Text(f"文件打不开：{error.strerror}", f"the file cannot be opened: {error.strerror}"),
            place=str(file),
            remedy=Text("请检查文件名和路径", "check the name and the path"),
        ) from error


# --- the whole command -----------------------------------------------------------------------------------------------


def _print_version(wanted: bool) -> None:
    if wanted:
        import formgen

        screen.document(f"formgen {formgen.__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def whole(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="版本。The version.")
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="出错时显示程序内部的经过。Show tracebacks of errors.")
    ] = False,
) -> int:
    """学生会改革材料：核对、填表。Checks a student union's material and fills the official forms from it."""
    if context.invoked_subcommand is None:
        screen.document(context.get_help())
        return UsageError.exit_code
    return 0


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs the command that ``arguments`` (or those of the process) ask for, and ends the process."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # On a stream that is ASCII, Chinese would otherwise end in a traceback.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    arguments = sys.argv[1:] if arguments is None else arguments
    # The traceback of each error goes into the log, which is shown only on demand.
    logging.basicConfig(format="%(message)s", force=True)
    logging.getLogger("formgen").setLevel(logging.DEBUG if "--debug" in arguments else logging.WARNING)
    with _boundary(_language(arguments)):
        # It may stand anywhere, so it is taken out before Typer looks for it in front of the command.
        rest = [argument for argument in arguments if argument != "--debug"]
        code = app(args=rest, prog_name="formgen", standalone_mode=False) or 0
        if code == _INTERRUPTED_CODE:
            raise KeyboardInterrupt  # Typer has caught it
        sys.exit(code)


def _language(arguments: Sequence[str]) -> str:
    """The language of errors: known even where the rest of the command cannot be parsed."""
    wants = "--lang=en" in arguments or ("--lang", "en") in pairwise(arguments)
    return Lang.EN if wants else Lang.ZH


_INTERRUPTED_CODE = 130
# Typer raises what its own copy of click defines (before 0.26: click's); of those classes it gives out this one.
_CommandLineError = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")


@contextmanager
def _boundary(lang: str) -> Iterator[None]:
    """Ends the process with one sentence and an exit code for whatever goes wrong inside."""
    try:
        yield
    except (KeyboardInterrupt, typer.Abort):
        screen.notes([Line(Text("已中断", "interrupted").lang(lang))])
        sys.exit(_INTERRUPTED_CODE)
    except Exception as error:
        _log.debug("", exc_info=error)
        problem = _as_formgen_error(error)
        screen.notes(told(problem, lang))
        sys.exit(problem.exit_code)


def _as_formgen_error(error: Exception) -> FormgenError:
    if isinstance(error, FormgenError):
        return error
    if isinstance(error, _CommandLineError):
        message = str(getattr(error, "format_message", error.__str__)())
        command = getattr(getattr(error, "ctx", None), "command_path", "formgen")
        remedy = Text(f"用法见 {command} --help", f"see {command} --help")
        return UsageError(Text(f"命令写法不对：{message}", message), remedy=remedy)
    if isinstance(error, OSError):
        return environment_error(error)
    what = f"{type(error).__name__}: {error}"
    return FormgenError(
        Text(f"formgen 内部错误（{what}）", f"internal error of formgen ({what})"),
        remedy=Text(
            "这不是您的问题：请加 --debug 再运行一次，把输出报告给维护者",
            "this is not your fault: please run it again with --debug and report what it prints",
        ),
    )
