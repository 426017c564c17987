"""From a judged dossier to files in a folder: what goes where, and that it gets there whole or not at all.

What fills and writes is imported by the functions that do it: a report on a dossier starts without.
"""

from collections.abc import Collection, Sequence
from pathlib import Path

from formgen.checks import Report
from formgen.delivery.delivered import Delivery, Paths
from formgen.dossier import Dossier
from formgen.errors import FormgenError, OutputError, UsageError
from formgen.findings import Text
from formgen.spilling import SpillList, arranged, tuples

__all__ = ["Delivery", "NotIssuable", "finished", "generate", "not_converted", "not_issuable"]


class NotIssuable(FormgenError):
    """There are errors in the dossier, so only drafts can be written."""

    exit_code = 1


def generate(
    dossier: Dossier,
    report: Report,
    out: Path,
    *,
    draft: bool = False,
    fillable: bool = False,
    force: bool = False,
    workers: int = 1,
) -> Delivery:
    """Writes the documents of a dossier into a folder below ``out``; of a record that has an error, none.

    Args:
        dossier: the dossier.
        report: what ``check`` said of it.
        out: the folder that holds a folder for each dossier.
        draft: write marked drafts, in spite of errors.
        fillable: write drafts that keep their controls, for a person to go on with; of forms in Word only.
        force: replace files that somebody has edited, or that are not ours.
        workers: how many processes render; the bytes are the same.

    Raises:
        NotIssuable: there are errors that are not of single records only, and it is not a draft.
        UsageError: a file that is not ours has one of the names.
        TemplateError: a template does not match its form.
        OutputError: the place does not take it, or another run is writing there.
    """
    from formgen.delivery import plan as planning
    from formgen.delivery.carrying import Order, carry_out
    from formgen.delivery.workers import processes

    draft = draft or fillable
    if report.blocks and not draft:
        raise not_issuable(dossier)
    plan = planning.plan(dossier, out, draft, withheld=() if draft else report.withheld, fillable=fillable)
    with processes(min(workers, len(plan.jobs))) as crew:
        return carry_out(plan, report, Order(force=force), crew)


def not_issuable(dossier: Dossier) -> NotIssuable:
    """What is said of a dossier of which nothing may be issued."""
    return NotIssuable(
        Text("有错误未改正，没有出具任何文件", "there are errors, so nothing has been issued"),
        place=dossier.name,
        remedy=Text("请改正后再运行；要先看样子，可加 --draft", "correct them, or see drafts with --draft"),
    )


def not_converted(paths: Sequence[str]) -> OutputError:
    """What is said of files that were asked for besides the documents, and could not be made."""
    shown = [*paths[:_SHOWN], *(["…"] if len(paths) > _SHOWN else [])]
    return OutputError(
        Text(f"没有转换成：{'、'.join(shown)}", f"could not be converted: {', '.join(shown)}"),
        remedy=Text(
            "文件本身都已写出；请在 LibreOffice 中打开看看，或再运行一次",
            "the documents themselves are written; open them in LibreOffice, or run the command again",
        ),
    )


_SHOWN = 20


def finished(
    dossier: Dossier, out: Path, records: Collection[tuple[str, str]] | None = None
) -> tuple[Path, Sequence[str]]:
    """The folder of a dossier below ``out``, and the finished forms that lie there as earlier runs wrote them.

    Args:
        dossier: the dossier.
        out: the folder that holds a folder for each dossier.
        records: those that are asked for, by form and id; None for all forms.
    """
    from formgen.delivery import disk, manifest, names

    folder = out / names.safe(dossier.name)
    try:
        known = manifest.read(folder / manifest.NAME)
        entries = SpillList((e for e in known if isinstance(e, manifest.Entry)), codec=tuples(manifest.Entry))
    except (UsageError, OSError):
        return folder, ()  # whose files these are, nobody can say
    asked = (e for e in entries if not e.draft and (records is None or (e.form, e.record) in records))
    return folder, Paths(arranged(e.path for e in asked if disk.digest(folder / e.path) == e.sha256))
