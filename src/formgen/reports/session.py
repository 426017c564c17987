"""One run of a command over several dossiers: what was found and what went wrong, told once, in one language."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from formgen.checks import Report, check
from formgen.delivery import Delivery
from formgen.dossier import Dossier, load
from formgen.errors import FormgenError
from formgen.reports import as_json, screen, text
from formgen.reports.problems import environment_error, told
from formgen.reports.screen import Line
from formgen.reports.tally import FailOn, tally

_log = logging.getLogger(__name__)


class Session:
    """What a run has to say. As text it is said at once; as JSON in one document at the end."""

    def __init__(self, lang: str, *, is_json: bool) -> None:
        self._lang = lang
        self._is_json = is_json
        self._judged: list[tuple[Dossier, Report, Delivery | None]] = []
        self._refused: list[tuple[str, FormgenError]] = []

    @contextmanager
    def each(self, folder: Path) -> Iterator[None]:
        """Keeps what goes wrong with one dossier from the others."""
        try:
            yield
        except (FormgenError, OSError) as error:
            _log.debug("", exc_info=error)
            problem = error if isinstance(error, FormgenError) else environment_error(error)
            self._refused.append((str(folder), problem))
            screen.notes(told(problem, self._lang))

    def judge(self, folder: Path, as_of: date | None) -> tuple[Dossier, Report]:
        """Reads and checks a dossier."""
        dossier = load(folder, as_of)
        report = check(dossier)
        if not self._is_json:
            blank = [Line("")] if self._judged else []
            screen.results([*blank, *text.lines(dossier, report, self._lang)])
        self._judged.append((dossier, report, None))
        return dossier, report

    def delivered(self, delivery: Delivery) -> None:
        """Takes note of what was written for the dossier that was judged last."""
        dossier, report, _ = self._judged[-1]
        self._judged[-1] = (dossier, report, delivery)
        if not self._is_json:
            screen.results(text.delivered(delivery, self._lang))

    def finish(self, fail_on: FailOn) -> int:
        """The exit code: the worst of all dossiers."""
        if self._is_json:
            screen.document(as_json.document(self._judged, self._refused, self._lang))
        codes = [error.exit_code for _, error in self._refused]
        reached = any(tally(report.findings).reaches(fail_on) for _, report, _ in self._judged)
        return max([*codes, int(reached)])
