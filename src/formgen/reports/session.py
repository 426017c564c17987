"""One run of a command over several dossiers: what was found and what went wrong, told once, in one language."""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from formgen import submission
from formgen.checks import Report, check
from formgen.delivery import Delivery, not_converted
from formgen.dossier import Dossier, load
from formgen.errors import FormgenError
from formgen.findings import Text
from formgen.forms import catalogue
from formgen.intake.photos import Look
from formgen.reports import readings, rendering, rulebook, screen, text
from formgen.reports.problems import problem_of, told
from formgen.reports.rendering import Format, Judged, Part, Refused
from formgen.reports.screen import Line
from formgen.reports.tally import FailOn, Tally, tally

_log = logging.getLogger(__name__)
_NO_TEMPLATE = Text(
    "《{title}》（{form}）自 {since} 起的版本还没有模板，只核对、没有出具；其他表单照常出具",
    "{form} ({title}) has no template yet for the edition in force from {since}: it was checked, but not written;"
    " the other forms were",
)
_NO_WORD = Text(
    "《{title}》（{form}）没有 Word 模板，写不成可填写的表；请用 formgen blank {form} 的空白工作簿",
    "{form} ({title}) has no Word template, so there is no form to be gone on with: see formgen blank {form}",
)


@dataclass(frozen=True, slots=True)
class Told:
    """What a session has to say of some dossiers, as it travels between processes."""

    results: tuple[Line, ...]
    notes: tuple[Line, ...]
    parts: tuple[Part, ...]
    """Of a document; none of text."""
    refused: tuple[Refused, ...]
    tallies: tuple[Tally, ...]
    counts: Mapping[str, int]


class Session:
    """What a run has to say. As text it is said at once; in the other formats in one document at the end."""

    def __init__(
        self,
        lang: str,
        output: Format = Format.TEXT,
        *,
        redact: bool | None = None,
        explain: bool = False,
        aloud: bool = True,
    ) -> None:
        self._lang = lang
        self._output = output
        self._redact = output.redacts(redact)
        self._explain = explain
        self._aloud = aloud
        self._last: tuple[Dossier, Report] | None = None
        self._judged: list[Judged] = []
        self._parts: list[Part] = []
        self._refused: list[Refused] = []
        self._tallies: list[Tally] = []
        self._results: list[Line] = []
        self._notes: list[Line] = []
        self._counts: Counter[str] = Counter()

    @contextmanager
    def each(self, folder: Path) -> Iterator[None]:
        """Keeps what goes wrong with one dossier from the others."""
        self._counts["all"] += 1
        try:
            yield
        except (FormgenError, OSError, MemoryError) as error:
            _log.debug("", exc_info=error)
            self._refuse(folder, problem_of(error, folder))

    def lost(self, folder: Path, problem: FormgenError) -> None:
        """Takes note of one that nobody could come to the end of."""
        self._counts["all"] += 1
        self._refuse(folder, problem)

    def _refuse(self, folder: Path, problem: FormgenError) -> None:
        """Takes note that one could not be judged."""
        self._counts["refused"] += 1
        self._refused.append((str(folder), problem))
        self._say_beside(told(problem, self._lang))

    def judge(
        self,
        path: Path,
        as_of: date | None,
        *,
        form: str | None = None,
        beside: Path | None = None,
        look: Look | None = None,
    ) -> tuple[Dossier, Report]:
        """Reads and checks a dossier, or a file that was handed in: of ``form``, with the dossier ``beside`` it.

        ``look`` looks at pictures.
        """
        handed_in = path.is_file() or submission.is_folder_of_records(path, form)
        if handed_in:
            dossier = submission.load(path, form=form, beside=beside, as_of=as_of, look=look)
        else:
            dossier = load(path, as_of, look=look)
        report = check(dossier)
        if self._output is Format.TEXT:
            shown, said, _ = self._shown(dossier, report, None)
            self._say([*self._between(), *text.lines(shown, said, self._lang)])
            self._say(readings.lines(dossier, self._lang, counts_only=bool(self._redact)))
            if self._explain:
                self._say(rulebook.explained(report, self._lang))
        else:
            self._judged.append((dossier, report, None))
        self._tallies.append(tally(report.findings))
        self._last = (dossier, report)
        return dossier, report

    def findings_of(self, dossier: Dossier, report: Report) -> bytes | None:
        """The findings on a dossier as they are kept beside its documents; None where there are none."""
        if not report.findings:
            return None
        judged = [(dossier, report, None)]
        return f"{rendering.document(Format.JSON, judged, (), self._lang, redact=self._redact)}\n".encode()

    def delivered(self, delivery: Delivery, *, fillable: bool = False) -> None:
        """Takes note of what was written for the dossier that was judged last; ``fillable``: to be gone on with."""
        # with what fills, which only a delivery has loaded
        from formgen.delivery.plan import without_template, without_word

        dossier, report = self._judged_last()
        if self._output is Format.TEXT:
            _, _, shown = self._shown(dossier, report, delivery)
            self._say(text.delivered(shown if shown is not None else delivery, self._lang))
        else:
            self._judged[-1] = (dossier, report, delivery)
        for name in ("written", "unchanged", "removed", "withheld"):
            self._counts[name] += len(getattr(delivery, name))
        if delivery.failed:
            problem = not_converted(delivery.failed)
            self._refused.append((dossier.name, problem))
            self._say_beside(told(problem, self._lang))
        unwritten = [(_NO_TEMPLATE, edition) for edition in without_template(dossier, catalogue())]
        if fillable:
            unwritten += [(_NO_WORD, edition) for edition in without_word(dossier, catalogue())]
        for said, edition in unwritten:
            values = {"title": edition.title, "form": edition.key, "since": edition.since.isoformat()}
            self._say_beside([Line(said.lang(self._lang, values), style="yellow")])

    def left(self, folder: Path, older: Sequence[str]) -> None:
        """Takes note of finished forms of before, which lie in the output folder of a dossier that has errors now."""
        dossier, report = self._judged_last()
        if report.stops and older:
            delivery = Delivery(folder, (), older, (), ())
            _, _, shown = self._shown(dossier, report, delivery)
            self._say_beside([text.older(folder, (shown or delivery).unchanged, self._lang)])

    def told(self) -> Told:
        """What there is to say, for another session to say it."""
        return Told(
            tuple(self._results), tuple(self._notes), tuple(map(rendering.portable, self._all_parts())),
            tuple(self._refused),
            tuple(self._tallies), dict(self._counts),
        )  # fmt: skip

    def take(self, told: Told) -> None:
        """Says what another session has to say."""
        if told.results:
            self._say([*self._between(), *told.results])
        self._say_beside(told.notes)
        self._parts += told.parts
        self._refused += told.refused
        self._tallies += told.tallies
        self._counts.update(told.counts)

    def close(self, *, trial: bool = False) -> None:
        """Says what came of all dossiers together, where there were several."""
        if self._output is Format.TEXT and self._counts["all"] > 1:
            self._say([Line(""), text.together(self._counts, self._lang, trial=trial)])

    def sum_up(self) -> None:
        """Says what was found in all that were judged, where there were several."""
        if self._output is Format.TEXT and self._counts["all"] > 1:
            self._say([Line(""), text.over_all(self._tallies, len(self._refused), self._lang)])

    def finish(self, fail_on: FailOn) -> int:
        """The exit code: the worst of all dossiers."""
        if self._output is not Format.TEXT:
            parts = list(self._all_parts())
            screen.pieces(rendering.joined(self._output, parts, self._refused, self._lang, redact=self._redact))
        codes = [error.exit_code for _, error in self._refused]
        reached = any(tally.reaches(fail_on) for tally in self._tallies)
        return max([*codes, int(reached)])

    def _all_parts(self) -> Iterator[Part]:
        yield from self._parts
        for judged in self._judged:
            yield rendering.part(self._output, judged, self._lang, redact=self._redact, explain=self._explain)

    def _judged_last(self) -> tuple[Dossier, Report]:
        if self._last is None:
            raise AssertionError("nothing has been judged")
        return self._last

    def _between(self) -> list[Line]:
        return [Line("")] if self._tallies else []

    def _say(self, lines: Iterable[Line]) -> None:
        if self._aloud:
            screen.results(lines)
        else:
            self._results += lines

    def _say_beside(self, lines: Iterable[Line]) -> None:
        if self._aloud:
            screen.notes(lines)
        else:
            self._notes += lines

    def _shown(self, dossier: Dossier, report: Report, delivery: Delivery | None) -> Judged:
        judged = (dossier, report, delivery)
        return rendering.redacted(judged, self._lang) if self._redact else judged
