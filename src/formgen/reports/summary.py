"""What a reviewer is told of many dossiers: one row for each, worst first, and who fails which rule.

Each dossier is judged by itself and comes back as a :class:`School`, plain data that may travel between processes;
:mod:`~formgen.reports.summary_collection` keeps them on the disk, so that thousands need no more memory than a few.
"""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from formgen import parameters, whole_files
from formgen.checks import Report, check
from formgen.delivery import workers
from formgen.delivery.workers import LostWorker
from formgen.dossier import Dossier, load
from formgen.errors import FormgenError, UsageError
from formgen.findings import Finding, Outcome, Text
from formgen.forms import catalogue
from formgen.reports import rendering, summary_files
from formgen.reports.problems import problem_of
from formgen.reports.rendering import Format
from formgen.reports.tally import FailOn, Tally, tally
from formgen.rules import all_rules
from formgen.rules.subject import Law

PER_SCHOOL = 20
"""Findings of one rule in one dossier that are listed; the others are counted."""
_log = logging.getLogger(__name__)


class Weight(StrEnum):
    """How much a finding weighs with a reviewer, in order from the worst."""

    ERROR = "error"
    WARNING = "warning"
    UNVERIFIED = "unverified"
    INFO = "info"
    WAIVED = "waived"


WEIGHTS = tuple(Weight)
_NOTHING = Tally(0, 0, 0, 0, 0)


def weight_of(finding: Finding) -> Weight:
    """The weight of a finding: what is waived weighs least, what is unverified less than a warning."""
    if finding.waived is not None:
        return Weight.WAIVED
    return Weight.UNVERIFIED if finding.outcome is Outcome.UNVERIFIED else Weight(finding.kind.severity.value)


@dataclass(frozen=True, slots=True)
class Breach:
    """The findings of one rule and one weight in one dossier: how many, and the first of them."""

    rule: str
    title: str
    weight: Weight
    count: int
    places: tuple[tuple[str, str], ...]
    """Place and message."""


@dataclass(frozen=True, slots=True)
class School:
    """What a reviewer wants to know of one dossier. ``problem`` is why it could not be judged at all."""

    dossier: str
    """The folder's name."""
    name: str = ""
    kind: str = ""
    as_of: str = ""
    tally: Tally = _NOTHING
    stops: bool = True
    conclusions: Mapping[str, int] = field(default_factory=dict)
    """``met``, ``unmet``, ``undetermined`` and ``blank`` -> how many items."""
    unmet: tuple[str, ...] = ()
    """The items that the filing itself calls unmet."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """``staff``, ``presidium``, ``departments`` -> the 实有 number of the filing."""
    unsent: tuple[str, ...] = ()
    """Titles of the forms that are not handed in."""
    breaches: tuple[Breach, ...] = ()
    untold: tuple[str, ...] = ()
    """Rules whose silence says nothing: unverified, not in force, or without the form that they judge."""
    report: str | None = None
    """The report's file."""
    problem: str | None = None
    exit_code: int = 0

    def code(self, fail_on: FailOn) -> int:
        """The exit code that this dossier asks for."""
        return max(self.exit_code, int(self.tally.reaches(fail_on)))

    @property
    def worst(self) -> Breach | None:
        """The rule that weighs most; of equal ones that with the most findings."""
        return min(self.breaches, key=lambda b: (WEIGHTS.index(b.weight), -b.count, b.rule), default=None)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done with each dossier."""

    as_of: date | None
    lang: str
    reports: Path | None = None
    """The folder for a report on each dossier."""
    output: Format = Format.TEXT
    """The format of the reports."""
    redact: bool | None = None
    """Whether names and other personal values are left out; by default only from the formats that are passed on."""


_WITHHELD = Text(
    "没有核对；原因可能含有人名，去掉 --redact 可见", "not judged; the reason may hold names: see it without --redact"
)


def judge(folder: Path, order: Order) -> School:
    """What there is to say of one dossier; one that cannot be judged says why."""
    try:
        dossier = load(folder, order.as_of)
        report = check(dossier)
        written = _write_report(dossier, report, order)
        if order.redact:
            dossier, report, _ = rendering.redacted((dossier, report, None), order.lang)
        return _school(dossier, report, order.lang, written)
    except (FormgenError, OSError, MemoryError) as error:
        _log.debug("", exc_info=error)
        return _unread(folder, order, problem_of(error, folder))


def _unread(folder: Path, order: Order, problem: FormgenError) -> School:
    said = _WITHHELD.lang(order.lang) if order.redact else problem.sentence(order.lang)
    # What a school sent is not the wrong usage of whoever reviews it.
    code = problem.exit_code if problem.exit_code > UsageError.exit_code else 1
    return School(folder.resolve().name, problem=said, exit_code=code)


def _write_report(dossier: Dossier, report: Report, order: Order) -> str | None:
    if order.reports is None:
        return None
    path = order.reports / f"{dossier.name}{summary_files.SUFFIXES[order.output]}"
    redact = order.output.redacts(order.redact)
    text = summary_files.contents(order.output, dossier, report, order.lang, redact=redact)
    whole_files.write(path, text.encode("utf-8", "backslashreplace"))
    return path.name


def _school(dossier: Dossier, report: Report, lang: str, written: str | None) -> School:
    organisation = dossier.values.get("organisation")
    organisation = organisation if isinstance(organisation, dict) else {}
    items = _items(dossier)
    law = Law(dossier.as_of, parameters.load())
    conclusions = Counter(_conclusion(items.get(item)) for item in law.value("assessment.items"))
    stated = {key: _value(items.get(item), "count") for key, item in law.value("assessment.counted").items()}
    return School(
        dossier=dossier.name,
        name=_text(organisation.get("name")),
        kind=_text(organisation.get("kind")),
        as_of=dossier.as_of.isoformat(),
        tally=tally(report.findings),
        stops=report.stops,
        conclusions=dict(conclusions) if items else {},
        unmet=tuple(item for item in law.value("assessment.items") if _conclusion(items.get(item)) == "unmet"),
        counts={key: count for key, count in stated.items() if isinstance(count, int)},
        unsent=tuple(_unsent(dossier)),
        breaches=tuple(_breaches(dossier, report, lang)),
        untold=tuple(_untold(dossier, report)),
        report=written,
    )


def _items(dossier: Dossier) -> Mapping[str, Any]:
    """The rows of the filing; none where it is not there or says anything else instead."""
    values = next((record.values for record in dossier.records.get("assessment_filing", ())), None)
    items = values.get("items") if isinstance(values, dict) else None
    return items if isinstance(items, dict) else {}


def _value(item: Any, key: str) -> Any:
    return item.get(key) if isinstance(item, dict) else None


def _conclusion(item: Any) -> str:
    said = _value(item, "conclusion")
    return said if said in ("met", "unmet", "undetermined") else "blank"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _unsent(dossier: Dossier) -> Iterator[str]:
    """The titles of the forms of which nothing was handed in, not even a file that cannot be read."""
    for key in catalogue():
        if key not in dossier.records:
            yield catalogue().edition(key, dossier.as_of).title


def _untold(dossier: Dossier, report: Report) -> Iterator[str]:
    runs = {run.rule: run.counts for run in report.runs}
    for rule in all_rules():
        has_form = rule.form == "dossier" or rule.form in dossier.records
        if rule.id not in runs or runs[rule.id][Outcome.UNVERIFIED] or not has_form:
            yield rule.id


def _breaches(dossier: Dossier, report: Report, lang: str) -> Iterator[Breach]:
    """The findings by rule and weight; what only follows from another finding is counted there, not here."""
    roots = {finding.at for finding in report.findings if finding.cause is None}
    found: dict[tuple[Weight, str], list[Finding]] = {}
    for finding in report.findings:
        weight = weight_of(finding)
        if weight is not Weight.UNVERIFIED or finding.cause is None or finding.cause not in roots:
            found.setdefault((weight, finding.kind.id), []).append(finding)
    for (weight, rule), findings in found.items():
        first = findings[:PER_SCHOOL]
        places = tuple((str(dossier.origin(each.at)), each.message(lang)) for each in first)
        yield Breach(rule, findings[0].kind.title.lang(lang), weight, len(findings), places)


# --- many dossiers ---------------------------------------------------------------------------------------------------


_FOR_A_WORKER: Final = 20
"""Of fewer dossiers another process would hardly have begun when this one is done."""


def judge_all(folders: Sequence[Path], order: Order, count: int | None) -> Iterator[School]:
    """Each dossier in its turn, judged here or by so many processes, else by as many as pay; the same comes out."""
    paying = min(workers.processors(), len(folders) // _FOR_A_WORKER)
    with workers.processes(min(paying if count is None else count, len(folders))) as crew:
        yield from crew.each(_judge, ((folder, order) for folder in folders), _lost)


def _judge(work: tuple[Path, Order]) -> School:
    return judge(*work)


def _lost(work: tuple[Path, Order], error: LostWorker) -> School:
    folder, order = work
    return _unread(folder, order, error)
