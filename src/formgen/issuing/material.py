"""The cases of a dossier: each record that has a document, with the digests that approvals are about."""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from formgen import parameters, rules, waivers
from formgen.checks import Report
from formgen.delivery import names, rendering
from formgen.delivery import plan as planning
from formgen.delivery.bundles import VOLUME
from formgen.delivery.plan import Job
from formgen.delivery.work import Renderer
from formgen.dossier import Dossier
from formgen.filling import issued as issuing_pages
from formgen.filling import seals
from formgen.filling.approvals import Approvals, Shown
from formgen.filling.bundle import Bundle
from formgen.filling.readback import with_seals
from formgen.filling.template import Document
from formgen.findings import Address, Finding
from formgen.opc import Package
from formgen.pictures import Picture
from formgen.record import Record
from formgen.signing.ledger import Ledger

_WORD = ".docx"


@dataclass(frozen=True)
class Case:
    """A record that goes through the steps of sign-off, with all its documents."""

    number: str
    dossier: Dossier
    record: Record
    title: str
    scope: str
    """The college that the form is about, where it has one: a key may be limited to some."""
    jobs: tuple[Job, ...]
    subjects: Mapping[str, str]
    waived: tuple[str, ...]
    """The rules of which a recorded exception lets something pass that concerns it."""

    @property
    def form(self) -> str:
        """The form's key."""
        return self.record.form

    @property
    def label(self) -> str:
        """What the case is called on the screen of the office."""
        return f"{self.title} {self.record.id}" if self.record.id is not None else self.title


class Material:
    """A judged dossier, and what its documents would be."""

    def __init__(self, dossier: Dossier, report: Report, out: Path) -> None:
        """``out`` is where documents would go: it decides their names."""
        self.dossier = dossier
        self.report = report
        self.plan = planning.plan(dossier, out, withheld=None if report.blocks else report.withheld)
        self._renderer: Renderer = rendering.renderer(self.plan)
        self._tasks = dict(zip(self.plan.jobs, rendering.tasks(self.plan, self._renderer, self.plan.jobs), strict=True))
        self._documents = {
            key for key in self.plan.forms if self.plan.forms.edition(key, dossier.as_of).templates
        }  # of anything else, approvers of every form take note
        self._waivers = waivers.read(dossier.waivers_file)[0] if dossier.waivers_file is not None else []

    def cases(self, ledger: Ledger, form: str | None = None) -> Iterator[Case]:
        """The cases of the records that have no error, in order; of one form, if it is named."""
        grouped: dict[tuple[str, str | None], list[Job]] = {}
        for job in self.plan.jobs:
            if form in (None, job.form):
                grouped.setdefault((job.form, job.record), []).append(job)
        for (key, id), jobs in grouped.items():
            record = self.dossier.record_at(Address(key, (), id))
            if record is not None:
                yield self._case(ledger, record, tuple(jobs))

    def _case(self, ledger: Ledger, record: Record, jobs: Sequence[Job]) -> Case:
        edition = self.plan.forms.edition(record.form, self.dossier.as_of)
        college = record.values.get("college") if isinstance(record.values, dict) else None
        return Case(
            number=ledger.case_of(self.dossier.name, record.form, record.id or ""),
            dossier=self.dossier,
            record=record,
            title=edition.title,
            scope=college if isinstance(college, str) else "",
            jobs=tuple(jobs),
            subjects=self._subjects(record, jobs, edition.schema_digest),
            waived=tuple(sorted({each.kind.id for each in self._findings_on(record) if each.waived is not None})),
        )

    def concerning(self, cases: Collection[Case], report: Report | None = None) -> Report:
        """What was found (in another report, if one is given), without what is about other documents than those."""
        report = report if report is not None else self.report
        records = [case.record for case in cases]
        kept = tuple(each for each in report.findings if any(self._concerns(each, record) for record in records))
        return replace(report, findings=kept)

    def _findings_on(self, record: Record) -> Iterator[Finding]:
        return (finding for finding in self.report.findings if self._concerns(finding, record))

    def _concerns(self, finding: Finding, record: Record) -> bool:
        """Whether a finding is about a record, its form, or something that has no document of its own."""
        return self._is_about(finding.at, record) or any(_is_of(place, record) for place in finding.also)

    def _is_about(self, at: Address, record: Record) -> bool:
        return _is_of(at, record) or at.form not in self._documents

    def _subjects(self, record: Record, jobs: Sequence[Job], schema: str) -> dict[str, str]:
        tasks = [self._tasks[job] for job in jobs]
        subjects = {
            "input": _digest([record.values, self.dossier.values, sorted(tasks[0].pictures.items())]),
            "waivers": _digest(self._waived(record)),
            "rules": _digest([rules.digest(), parameters.load().digest, schema]),
        }
        for job, task in zip(jobs, tasks, strict=True):
            kind = job.suffix.removeprefix(".")
            subjects[f"template.{kind}"] = self._renderer.template(task.template).digest
            subjects[f"proof.{kind}"] = self.proof(job).content_digest
        return subjects

    def _waived(self, record: Record) -> list[Any]:
        """The recorded exceptions that are not about another document."""
        concerned = []
        for waiver in self._waivers:
            if self._is_about(Address.parse(waiver.at), record):
                said = (waiver.rule, waiver.at, waiver.values_digest, waiver.reason, waiver.approved_by)
                concerned.append([*said, waiver.until.isoformat()])
        return sorted(concerned)

    def proof(self, job: Job) -> Document:
        """The clean rendering that approvers approve."""
        task = self._tasks[job]
        return self._renderer.template(task.template).fill(self._renderer.values(task), self._renderer.pictures(task))

    def for_printing(self, cases: Sequence[Case]) -> Iterator[tuple[str, bytes]]:
        """The files that show all proofs of some cases: a form of which there are many is one document."""
        for case in cases:
            for job in case.jobs:
                if job.suffix != _WORD or job.record is None:
                    yield job.target, self.proof(job).data
        yield from self._bundles(cases)

    def _bundles(self, cases: Sequence[Case]) -> Iterator[tuple[str, bytes]]:
        grouped: dict[str, list[Job]] = {}
        for case in cases:
            for job in case.jobs:
                if job.suffix == _WORD and job.record is not None:
                    grouped.setdefault(job.form, []).append(job)
        for form, jobs in grouped.items():
            source = self._renderer.sources[form, _WORD]
            starts = range(0, len(jobs), VOLUME)
            for number, start in enumerate(starts, start=1):
                tasks = [self._tasks[job] for job in jobs[start : start + VOLUME]]
                values = [self._renderer.values(task) for task in tasks]
                pictures = {name: each for task in tasks for name, each in self._renderer.pictures(task).items()}
                bundle = Bundle(source.data, source.name, source.edition, len(tasks), draft=False)
                name = f"{source.edition.title}-打印" + (f"-{number}" if len(starts) > 1 else "")
                yield names.safe(name, _WORD), bundle.fill(values, pictures)

    def pictures(self, job: Job) -> dict[str, Shown]:
        """The pictures that a document shows, as an issued one notes them."""
        shown = self._renderer.pictures(self._tasks[job])
        return {name: Shown.of(picture) for name, picture in sorted(shown.items())}

    def seals(self, jobs: Sequence[Job], given: Mapping[str, Picture]) -> dict[str, Picture]:
        """Of pictures of seals, by the control of a day, those that have a place on some documents."""
        there = {path for job in jobs for path in seals.places(self._renderer.template((job.form, job.suffix)))}
        return {path: picture for path, picture in given.items() if path in there}

    def issued(self, job: Job, approvals: Approvals, put: Mapping[str, Picture]) -> Package:
        """The rendering with the approvals and with pictures of seals; not yet protected, not yet signed."""
        task = self._tasks[job]
        template = self._renderer.template(task.template)
        if job.suffix == _WORD:
            template = with_seals(template, "docx", put)
        return issuing_pages.issued(template, self._renderer.values(task), approvals, self._renderer.pictures(task))


def _is_of(at: Address, record: Record) -> bool:
    return at.form == record.form and at.record in (None, record.id)


def _digest(value: Any) -> str:
    """Of any JSON value: what a record holds need not be what RFC 8785 can spell."""
    text = json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
