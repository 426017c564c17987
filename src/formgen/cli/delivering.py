"""The command that writes documents: generate."""

from contextlib import AbstractContextManager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

# The rooms are imported by the commands that need them: `formgen --help` waits for none of their libraries.
import typer

from formgen.cli.judging import meant, need_file, refuse_same_name
from formgen.cli.options import (
    AsOf,
    DossierOption,
    FailOnOption,
    ForceOption,
    Format,
    FormatOption,
    FormOption,
    Lang,
    LangOption,
    OutOption,
    PathsOrFiles,
    RedactOption,
    app,
    day_of,
)
from formgen.errors import UsageError
from formgen.findings import Text
from formgen.reports.tally import FailOn

if TYPE_CHECKING:
    from formgen.delivery.workers import Workers


class Bundle(StrEnum):
    """What documents are bundled into: the kinds of :mod:`formgen.delivery.bundles`, which is slow to load."""

    PRINT = "print"
    ZIP = "zip"


DraftOption = Annotated[
    bool, typer.Option("--draft", help="有错误也写出，标明“草稿”。Write marked drafts in spite of errors.")
]
FillableOption = Annotated[
    bool,
    typer.Option(
        "--fillable",
        help="写成填好、还能在 Word 中改的草稿（有错误也写）。Filled Word forms to be corrected, in spite of errors.",
    ),
]
TrialOption = Annotated[
    bool, typer.Option("--dry-run", help="只说会写出什么，不写。Say what would be written, and write nothing.")
]
NameOption = Annotated[
    str | None,
    typer.Option(
        "--name",
        metavar="PATTERN",
        help="可有多份的表单的文件名，如 {college}/{name}-{serial}。Names of documents of which there are many.",
    ),
]
BundleOption = Annotated[
    list[Bundle] | None,
    typer.Option(
        "--bundle",
        show_default=False,
        help="另把登记表合成一个文件供打印，或全部打成压缩包。Also one file for the printer, or a zip.",
    ),
]
PdfOption = Annotated[bool, typer.Option("--pdf", help="另存 PDF（要装 LibreOffice）。Also PDFs (needs LibreOffice).")]
WorkersOption = Annotated[
    int | None,
    typer.Option(
        "-j",
        "--jobs",
        metavar="N",
        min=1,
        max=256,
        show_default=False,
        help="用几个进程；默认看有多少事可做。How many processes; by default as many as pay.",
    ),
]
ClusterOption = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        metavar="ADDRESS",
        help="由 Dask 集群来做，如 tcp://10.0.0.5:8786（见 docs/cluster.md）。Have a Dask cluster do it.",
    ),
]


@app.command()
def generate(
    paths: PathsOrFiles,
    out: OutOption = Path("outputs"),
    draft: DraftOption = False,
    fillable: FillableOption = False,
    force: ForceOption = False,
    trial: TrialOption = False,
    name: NameOption = None,
    bundle: BundleOption = None,
    pdf: PdfOption = False,
    workers: WorkersOption = None,
    cluster: ClusterOption = None,
    as_of: AsOf = None,
    fail_on: FailOnOption = FailOn.ERROR,
    output: FormatOption = Format.TEXT,
    lang: LangOption = Lang.ZH,
    redact: RedactOption = None,
    form: FormOption = None,
    beside: DossierOption = None,
) -> int:
    """核对案卷或报送的文件，把没有错误的填成正式表单。Fills the forms of dossiers or files that have no errors."""
    from formgen.cli.stopping import stoppable
    from formgen.delivery import bundles
    from formgen.delivery.naming import Pattern
    from formgen.delivery.pdf import office
    from formgen.delivery.workers import cluster as cluster_of
    from formgen.delivery.workers import processes, processors
    from formgen.reports import delivering, rendering
    from formgen.reports.session import Session

    need_file(paths, form, beside)
    if fillable and (draft or bundle or pdf):
        raise _other_work("--draft" if draft else "--bundle" if bundle else "--pdf")
    if cluster is not None:  # a worker has another working folder
        paths, out = [path.absolute() for path in paths], out.absolute()
        beside = beside.absolute() if beside is not None else None
    order = delivering.Order(
        out=out,
        lang=lang,
        as_of=day_of(as_of),
        output=rendering.Format(output),
        redact=redact,
        draft=draft or fillable,
        fillable=fillable,
        force=force,
        trial=trial,
        pattern=Pattern.parse(name) if name is not None else None,
        bundles=frozenset(bundles.Kind(each) for each in bundle or ()),
        pdf=pdf,
        form=form,
        beside=beside,
    )
    if pdf and not trial:
        office()  # before anything is written
    taken = list(meant(paths, form, lang))
    refuse_same_name(taken)

    def hire(paying: int) -> AbstractContextManager["Workers"]:
        if cluster is not None:
            return cluster_of(cluster, [*taken, *([beside] if beside is not None else []), _made(out)])
        return processes(workers if workers is not None else min(processors(), paying))

    session = Session(lang, order.output, redact=redact)
    with stoppable():
        delivering.run(taken, order, session, hire)
    return session.finish(fail_on)


def _other_work(option: str) -> UsageError:
    return UsageError(
        Text(
            f"--fillable 写的是给人接着填的草稿，不能与 {option} 一起用",
            f"--fillable writes drafts for a person to go on with, and does not go with {option}",
        ),
        remedy=Text("请分两次运行", "run the command twice"),
    )


def _made(folder: Path) -> Path:
    """The nearest folder above the output that is there: all workers must see the same one."""
    return next(place for place in (folder, *folder.parents) if place.exists())
