"""From a judged dossier to files in a folder: what goes where, and that it gets there whole or not at all."""

from pathlib import Path

from formgen.checks import Report
from formgen.delivery import disk, manifest, names
from formgen.delivery import plan as planning
from formgen.delivery.carrying import Delivery, carry_out
from formgen.dossier import Dossier
from formgen.errors import FormgenError, UsageError
from formgen.findings import Text

__all__ = ["Delivery", "NotIssuable", "finished", "generate"]


class NotIssuable(FormgenError):
    """There are errors in the dossier, so only drafts can be written."""

    exit_code = 1


def generate(
    dossier: Dossier, report: Report, out: Path, *, draft: bool = False, force: bool = False, workers: int = 1
) -> Delivery:
    """Writes the documents of a dossier into a folder below ``out``.

    Args:
        dossier: the dossier.
        report: what ``check`` said of it.
        out: the folder that holds a folder for each dossier.
        draft: write marked drafts, in spite of errors.
        force: replace files that somebody has edited, or that are not ours.
        workers: how many processes render; the bytes are the same.

    Raises:
        NotIssuable: there are errors, and it is not a draft.
        UsageError: a file that is not ours has one of the names.
        TemplateError: a template does not match its form.
        OutputError: the place does not take it.
    """
    if report.stops and not draft:
        raise NotIssuable(
            Text("有错误未改正，没有出具任何文件", "there are errors, so nothing has been issued"),
            place=dossier.name,
            remedy=Text("请改正后再运行；要先看样子，可加 --draft", "correct them, or see drafts with --draft"),
        )
    return carry_out(planning.plan(dossier, out, draft), report, force=force, workers=workers)


def finished(dossier: Dossier, out: Path) -> tuple[Path, tuple[str, ...]]:
    """The folder of a dossier below ``out``, and the finished forms that lie there as earlier runs wrote them."""
    folder = out / names.safe(dossier.name)
    try:
        entries = manifest.read(folder / manifest.NAME)
    except (UsageError, OSError):
        return folder, ()  # whose files these are, nobody can say
    return folder, tuple(sorted(e.path for e in entries if not e.draft and disk.digest(folder / e.path) == e.sha256))
