"""One run over many dossiers and submitted files that ends in what is found: who judges which, and in what order.

Of several, each is judged by one worker and comes back as what there is to say of it, lines or parts of a document,
and never as the dossier.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from formgen import rules
from formgen.delivery.workers import LostWorker, Workers
from formgen.reports.progress import Progress
from formgen.reports.rendering import Format
from formgen.reports.session import Session, Told

Hire = Callable[[int], AbstractContextManager[Workers]]
"""Finds workers for work that pays for so many."""
BYTES_PER_WORKER = 2_000_000
"""A process takes so long to begin that less work, such as fifty lists of sixty people, is done faster without it."""
BYTES_APART = 30_000
"""What a file costs however small it is, as bytes of a larger one; a folder counts as that."""

BYTES_AT_ONCE = 300_000
"""So much work goes to a worker at once: some lists of sixty people, which take a fiftieth of a second."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of each: plain data, which goes to the workers."""

    lang: str
    as_of: date | None = None
    output: Format = Format.TEXT
    redact: bool | None = None
    explain: bool = False
    form: str | None = None
    """The form of submitted files."""
    beside: Path | None = None
    """The dossier that they belong to."""

    def session(self, *, aloud: bool) -> Session:
        """A session that tells what is found as it is asked for."""
        return Session(self.lang, self.output, redact=self.redact, explain=self.explain, aloud=aloud)


def run(paths: Sequence[Path], order: Order, hire: Hire) -> Session:
    """Judges each dossier or file and says what is found, in their order, whoever judges them."""
    session = order.session(aloud=True)
    if len(paths) == 1:
        # Of a single one a document can be made piece by piece: nothing is kept of it.
        _judge(paths[0], order, session)
        return session
    rules.all_rules()  # workers are copies of this process: what it has loaded they need not
    with hire(_paying(paths)) as workers, Progress(order.lang) as progress:
        progress.begin(len(paths))
        for told in workers.each(_apart, ((path, order) for path in paths), _lost, _handful(paths)):
            with progress.aside():
                session.take(told)
            progress.advance(1)
    session.sum_up()
    return session


def _judge(path: Path, order: Order, session: Session) -> None:
    with session.each(path):
        session.judge(path, order.as_of, form=order.form, beside=order.beside)


def _apart(work: tuple[Path, Order]) -> Told:
    path, order = work
    session = order.session(aloud=False)
    _judge(path, order, session)
    return session.told()


def _lost(work: tuple[Path, Order], error: LostWorker) -> Told:
    path, order = work
    session = order.session(aloud=False)
    session.lost(path, error.of(str(path)))
    return session.told()


def _paying(paths: Sequence[Path]) -> int:
    """How many workers pay for so many files of such sizes; no more than there are files."""
    return min(-(-_weight(paths) // BYTES_PER_WORKER), len(paths))


def _handful(paths: Sequence[Path]) -> int:
    """How many files go to a worker at once; a dossier goes alone."""
    if any(path.is_dir() for path in paths):
        return 1
    return max(1, BYTES_AT_ONCE * len(paths) // _weight(paths))


def _weight(paths: Sequence[Path]) -> int:
    return sum(path.stat().st_size if path.is_file() else 0 for path in paths) + len(paths) * BYTES_APART
