"""One run of a command over several dossiers: what was found and what went wrong, told once, in one language."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from formgen import submission
from formgen.checks import Report, check
from formgen.delivery import Delivery
from formgen.delivery.plan import without_template
from formgen.dossier import Dossier, load
from formgen.errors import FormgenError
from formgen.findings import Text
from formgen.forms import catalogue
from formgen.reports import rendering, rulebook, screen, text
from formgen.reports.problems import environment_error, told
from formgen.reports.rendering import Format, Judged, Refused
from formgen.reports.screen import Line
from formgen.reports.tally import FailOn, tally

_log = logging.getLogger(__name__)
_NO_TEMPLATE = Text(
    "《{title}》（{form}）自 {since} 起的版本还没有模板，只核对、没有出具；其他表单照常出具",
    "{form} ({title}) has no template yet for the edition in force from {since}: it was checked, but not written;"
    " the other forms were",
)


class Session:
    """What a run has to say. As text it is said at once; in the other formats in one document at the end."""

    def __init__(
        self, lang: str, output: Format = Format.TEXT, *, redact: bool | None = None, explain: bool = False
    ) -> None:
        self._lang = lang
        self._output = output
        self._redact = output.redacts(redact)
        self._explain = explain
        self._judged: list[Judged] = []
        self._refused: list[Refused] = []

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

    def judge(
        self, path: Path, as_of: date | None, *, form: str | None = None, beside: Path | None = None
    ) -> tuple[Dossier, Report]:
        """Reads and checks a dossier, or a file that was handed in: of ``form``, with the dossier ``beside`` it."""
        dossier = submission.load(path, form=form, beside=beside, as_of=as_of) if path.is_file() else load(path, as_of)
        report = check(dossier)
        if self._output is Format.TEXT:
            blank = [Line("")] if self._judged else []
            shown, said, _ = self._shown(dossier, report, None)
            screen.results([*blank, *text.lines(shown, said, self._lang)])
            if self._explain:
                screen.results(rulebook.explained(report, self._lang))
        self._judged.append((dossier, report, None))
        return dossier, report

    def delivered(self, delivery: Delivery) -> None:
        """Takes note of what was written for the dossier that was judged last."""
        dossier, report, _ = self._judged[-1]
        self._judged[-1] = (dossier, report, delivery)
        if self._output is Format.TEXT:
            _, _, shown = self._shown(dossier, report, delivery)
            screen.results(text.delivered(shown if shown is not None else delivery, self._lang))
        for edition in without_template(dossier, catalogue()):
            values = {"title": edition.title, "form": edition.key, "since": edition.since.isoformat()}
            screen.notes([Line(_NO_TEMPLATE.lang(self._lang, values), style="yellow")])

    def left(self, folder: Path, older: Sequence[str]) -> None:
        """Takes note of finished forms of before, which lie in the output folder of a dossier that has errors now."""
        dossier, report, _ = self._judged[-1]
        if report.stops and older:
            delivery = Delivery(folder, (), tuple(older), (), ())
            _, _, shown = self._shown(dossier, report, delivery)
            screen.notes([text.older(folder, (shown or delivery).unchanged, self._lang)])

    def _shown(self, dossier: Dossier, report: Report, delivery: Delivery | None) -> Judged:
        judged = (dossier, report, delivery)
        return rendering.redacted(judged, self._lang) if self._redact else judged

    def finish(self, fail_on: FailOn) -> int:
        """The exit code: the worst of all dossiers."""
        if self._output is not Format.TEXT:
            screen.document(
                rendering.document(
                    self._output,
                    self._judged,
                    self._refused,
                    self._lang,
                    redact=self._redact,
                    explain=self._explain,
                )
            )
        codes = [error.exit_code for _, error in self._refused]
        reached = any(tally(report.findings).reaches(fail_on) for _, report, _ in self._judged)
        return max([*codes, int(reached)])
