"""One run over many dossiers and submitted files that ends in documents: who does what, and what is told of it.

Of several, each is read, checked and written by one worker, and comes back as what there is to say of it. Of a single
one the workers render the documents.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from formgen import delivery
from formgen.checks import Report
from formgen.delivery import carrying, extras
from formgen.delivery.bundles import Kind, Print, Zip
from formgen.delivery.naming import Pattern
from formgen.delivery.pdf import Pdf
from formgen.delivery.plan import Plan, plan
from formgen.delivery.workers import Workers
from formgen.dossier import Dossier
from formgen.intake import photos
from formgen.reports.progress import Progress
from formgen.reports.rendering import Format
from formgen.reports.session import Session, Told
from formgen.sources import DOSSIER

Hire = Callable[[int], AbstractContextManager[Workers]]
"""Finds workers for so many pieces of work."""
DOSSIERS_PER_WORKER, DOCUMENTS_PER_WORKER = 8, 500
"""A process takes so long to begin that less work is done faster without it."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done with each dossier: plain data, which goes to the workers."""

    out: Path
    lang: str
    as_of: date | None = None
    output: Format = Format.TEXT
    redact: bool | None = None
    draft: bool = False
    fillable: bool = False
    """Whether the drafts are Word forms that keep their controls."""
    force: bool = False
    trial: bool = False
    pattern: Pattern | None = None
    bundles: frozenset[Kind] = frozenset()
    pdf: bool = False
    form: str | None = None
    """The form of submitted files."""
    beside: Path | None = None
    """The dossier that they belong to."""


def run(paths: Sequence[Path], order: Order, session: Session, hire: Hire) -> None:
    """Checks each dossier or file, writes its documents, and tells of it."""
    if len(paths) == 1:
        deliver(paths[0], order, session, hire)
        return
    with hire(-(-len(paths) // DOSSIERS_PER_WORKER)) as workers, Progress(order.lang) as progress:
        progress.begin(len(paths))
        work = ((path, order) for path in paths)
        for told in workers.do(_apart, work):
            with progress.aside():
                session.take(told)
            progress.advance(1)
    session.close(trial=order.trial)


def _apart(work: tuple[Path, Order]) -> Told:
    path, order = work
    session = Session(order.lang, order.output, redact=order.redact, aloud=False)
    deliver(path, order, session, None)
    return session.told()


def deliver(path: Path, order: Order, session: Session, hire: Hire | None) -> None:
    """Checks a dossier or a submitted file and writes its documents; what goes wrong is told."""
    with session.each(path), ExitStack() as crews:
        pictures = _pictures(path, order) if hire is not None else []
        paying = _paying(sum(len(names) for _, names, _ in pictures))
        # Begun before anything is read, workers have a copy of little, and enough to do meanwhile.
        early = crews.enter_context(hire(paying)) if hire is not None and paying > 1 else None
        dossier, report = _judged(path, order, session, early, pictures)
        del pictures
        try:
            planned = _plan(dossier, report, order)
            crew = early
            if crew is None and hire is not None:
                crew = crews.enter_context(hire(_paying(len(planned.jobs))))
            _write(planned, report, order, session, crew)
            if report.blocks and not order.draft:
                raise delivery.not_issuable(dossier)
        finally:
            if report.blocks or order.draft:
                asked = None if report.blocks else report.withheld
                session.left(*delivery.finished(dossier, order.out, asked))


def _judged(
    path: Path, order: Order, session: Session, crew: Workers | None, pictures: Sequence[photos.Part]
) -> tuple[Dossier, Report]:
    """A dossier or a submitted file, read and checked; workers, if there are some, look at the pictures meanwhile."""
    if crew is None or not crew.apart:
        return session.judge(path, order.as_of, form=order.form, beside=order.beside)
    begun = crew.begin(photos.look_at, pictures)
    look = photos.Ahead(photos.by(crew.do), begun.results)
    judged = session.judge(path, order.as_of, form=order.form, beside=order.beside, look=look)
    begun.end()
    return judged


def _paying(documents: int) -> int:
    """How many workers pay for so many documents."""
    return -(-documents // DOCUMENTS_PER_WORKER)


def _pictures(path: Path, order: Order) -> list[photos.Part]:
    """The pictures that will most likely have to be looked at, a few at a time."""
    places = [path] if (path / DOSSIER).exists() else [path.parent, *([order.beside] if order.beside else [])]
    return next(filter(None, map(photos.parts_in, places)), [])


def _write(planned: Plan, report: Report, order: Order, session: Session, crew: Workers | None) -> None:
    found = session.findings_of(planned.dossier, report)
    with Progress(order.lang, silent=crew is None) as progress:
        progress.begin(len(planned.jobs) * (2 if order.pdf else 1))
        makers = (
            extras.Findings(found),
            Print(Kind.PRINT in order.bundles),
            Zip(Kind.ZIP in order.bundles),
            Pdf(order.pdf, progress.advance),
        )
        how = carrying.Order(order.force, order.trial, makers, progress.advance)
        done = carrying.carry_out(planned, report, how, crew)
    if order.draft or not report.blocks:
        session.delivered(done, fillable=order.fillable)
        if done.older and not order.draft:
            session.left(done.folder, done.older)


def _plan(dossier: Dossier, report: Report, order: Order) -> Plan:
    withheld = () if order.draft else None if report.blocks else report.withheld
    return plan(dossier, order.out, order.draft, withheld=withheld, pattern=order.pattern, fillable=order.fillable)
