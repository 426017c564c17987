"""One run over many dossiers and submitted files that ends in documents: who does what, and what is told of it.

Of several, each is read, checked and written by one worker, and comes back as what there is to say of it. Of a single
one the workers render the documents.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
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
from formgen.reports.progress import Progress
from formgen.reports.rendering import Format
from formgen.reports.session import Session, Told

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
    with session.each(path):
        dossier, report = session.judge(path, order.as_of, form=order.form, beside=order.beside)
        try:
            _write(dossier, report, order, session, hire)
            if report.blocks and not order.draft:
                raise delivery.not_issuable(dossier)
        finally:
            if report.blocks or order.draft:
                asked = None if report.blocks else report.withheld
                session.left(*delivery.finished(dossier, order.out, asked))


def _write(dossier: Dossier, report: Report, order: Order, session: Session, hire: Hire | None) -> None:
    planned = _plan(dossier, report, order)
    found = session.findings_of(dossier, report)
    crew = hire(-(-len(planned.jobs) // DOCUMENTS_PER_WORKER)) if hire is not None else nullcontext(Workers())
    with Progress(order.lang, silent=hire is None) as progress, crew as workers:
        progress.begin(len(planned.jobs) * (2 if order.pdf else 1))
        makers = (
            extras.Findings(found),
            Print(Kind.PRINT in order.bundles),
            Zip(Kind.ZIP in order.bundles),
            Pdf(order.pdf, progress.advance),
        )
        how = carrying.Order(order.force, order.trial, makers, progress.advance)
        done = carrying.carry_out(planned, report, how, workers)
    if order.draft or not report.blocks:
        session.delivered(done)
        if done.older and not order.draft:
            session.left(done.folder, done.older)


def _plan(dossier: Dossier, report: Report, order: Order) -> Plan:
    withheld = () if order.draft else None if report.blocks else report.withheld
    return plan(dossier, order.out, order.draft, withheld=withheld, pattern=order.pattern)
