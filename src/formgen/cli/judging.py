"""The command that judges dossiers and submitted files, and which of them are meant."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

# The rooms are imported by the commands that need them: `formgen --help` waits for none of their libraries.
from formgen.cli.options import (
    AsOf,
    DossierOption,
    ExplainOption,
    FailOnOption,
    Format,
    FormatOption,
    FormOption,
    Lang,
    LangOption,
    PathsOrFiles,
    RedactOption,
    ReportsOption,
    SinceOption,
    SummaryOption,
    WorkersOption,
    app,
    day_of,
)
from formgen.errors import UsageError
from formgen.findings import Text
from formgen.reports.tally import FailOn

if TYPE_CHECKING:
    from formgen.delivery.workers import Workers

_SHOWN = 20
"""So many files that are passed over are named."""
_PASSED_OVER = Text(
    "没有读取（不是表格、Word 文件，或是空白表、批注副本）：{names}", "not read (no forms, or ours): {names}"
)


@app.command()
def validate(
    paths: PathsOrFiles,
    as_of: AsOf = None,
    fail_on: FailOnOption = FailOn.ERROR,
    output: FormatOption = Format.TEXT,
    lang: LangOption = Lang.ZH,
    redact: RedactOption = None,
    explain: ExplainOption = False,
    summary: SummaryOption = None,
    since: SinceOption = None,
    reports: ReportsOption = None,
    workers: WorkersOption = None,
    form: FormOption = None,
    beside: DossierOption = None,
) -> int:
    """核对案卷或报送的文件：哪里不对、依据什么、怎样改。Checks dossiers or submitted files: what is wrong, and why."""
    need_file(paths, form, beside)
    if summary is not None:
        _refuse_explaining(explain)
        return _summarise(paths, summary, since, reports, workers, day_of(as_of), fail_on, output, lang, redact)
    for value, option in ((since, "--since"), (reports, "--reports")):
        _need_summary(value, option)
    from formgen.delivery.workers import processes, processors
    from formgen.reports import judging, rendering

    order = judging.Order(lang, day_of(as_of), rendering.Format(output), redact, explain, form, beside)

    def hire(paying: int) -> AbstractContextManager["Workers"]:
        return processes(workers if workers is not None else min(processors(), paying))

    return judging.run(list(meant(paths, form, lang)), order, hire).finish(fail_on)


def need_file(paths: Sequence[Path], form: str | None, beside: Path | None) -> None:
    """Refuses what is said of submitted files where there are none.

    Raises:
        UsageError: there are none.
    """
    given = "--form" if form is not None else "--dossier"
    if (form is not None or beside is not None) and all(map(_is_of_dossiers, paths)):
        raise UsageError(
            Text(f"{given} 只用于报送的文件，这里只有文件夹", f"{given} is for submitted files; here are folders only"),
            remedy=Text(f"请指定文件，或去掉 {given}", f"name a file, or leave {given} out"),
        )


def _is_of_dossiers(path: Path) -> bool:
    """Whether it is a dossier, or a folder of some."""
    return path.is_dir() and any((place / "dossier.json").is_file() for place in (path, *path.iterdir()))


def _summarise(
    paths: list[Path],
    summary: Path,
    since: Path | None,
    reports: Path | None,
    workers: int | None,
    day: date | None,
    fail_on: FailOn,
    output: Format,
    lang: Lang,
    redact: bool | None,
) -> int:
    from formgen.reports import rendering, summary_run
    from formgen.reports.summary import Order

    if output is not Format.TEXT and reports is None:
        raise UsageError(
            Text("--format 与 --summary 同用时说的是 --reports 的格式", "--format with --summary is that of --reports"),
            remedy=Text("请加 --reports 文件夹，或去掉 --format", "add --reports FOLDER, or leave --format out"),
        )
    folders = summary_run.dossiers(paths, (summary, since, reports), lang)
    refuse_same_name(folders)
    order = Order(day, lang, reports, rendering.Format(output), redact)
    return summary_run.run(folders, summary_run.Request(summary, since, order, workers, fail_on))


def _refuse_explaining(explain: bool) -> None:
    if explain:
        raise UsageError(
            Text("--explain 不能与 --summary 同用", "--explain does not go with --summary"),
            remedy=Text("请分两次运行", "run the command twice"),
        )


def _need_summary(value: object, option: str) -> None:
    if value is not None:
        raise UsageError(
            Text(f"{option} 只能与 --summary 同用", f"{option} goes with --summary only"),
            remedy=Text("请加 --summary 汇总.xlsx", "add --summary FILE.xlsx"),
        )


def meant(paths: Sequence[Path], form: str | None, lang: Lang) -> Iterator[Path]:
    """The dossiers and submissions that are meant: each path, or of a folder the dossiers, or else the files, in it.

    A folder of records of one form is one submission. What is passed over in a folder of files is told.
    """
    from formgen import submission

    for path in dossiers(paths):
        inside: list[Path] = []
        if path.is_dir() and not (path / "dossier.json").exists() and not submission.is_folder_of_records(path, form):
            inside = handed_in(path, lang)
        yield from inside or [path]


def handed_in(folder: Path, lang: Lang) -> list[Path]:
    """The submissions in a folder of files; what is passed over is told."""
    from formgen import sources
    from formgen.forms import catalogue

    inside = sources.handed_in(folder, catalogue())
    if inside:
        _say_passed_over(sources.passed_over(folder, inside), lang)
    return inside


def _say_passed_over(files: Sequence[Path], lang: Lang) -> None:
    from formgen.reports import screen

    if files:
        names = "、".join(path.name for path in files[:_SHOWN]) + ("…" if len(files) > _SHOWN else "")
        screen.notes([screen.Line(_PASSED_OVER.lang(lang, {"names": names}))])


def dossiers(paths: Sequence[Path]) -> Iterator[Path]:
    """The dossiers that are meant: each path, or in its place the dossiers in it."""
    for path in paths:
        inside: list[Path] = []
        if path.is_dir() and not (path / "dossier.json").exists():
            inside = sorted(child for child in path.iterdir() if (child / "dossier.json").is_file())
        yield from inside or [path]


def refuse_same_name(folders: Sequence[Path]) -> None:
    """Refuses dossiers and files that would be written to the same folder.

    Raises:
        UsageError: there are two.
    """
    from formgen.delivery import names

    seen: dict[str, Path] = {}
    again: set[Path] = set()
    for folder in folders:
        whole = folder.resolve()
        other = seen.setdefault(names.folded(names.safe(whole.stem if folder.is_file() else whole.name)), folder)
        if other is not folder or folder in again:
            raise UsageError(
                Text(
                    f"案卷 {other} 和 {folder} 同名，会写到同一个文件夹",
                    f"the dossiers {other} and {folder} have the same name and would be written to the same folder",
                ),
                remedy=Text("请分开运行，各用一个 -o", "run them one by one, each with its own -o"),
            )
        again.add(folder)
