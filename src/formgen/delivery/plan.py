"""What would be written where: one job for each document. Nothing is touched here."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from formgen.delivery import names
from formgen.dossier import Dossier
from formgen.errors import UsageError
from formgen.findings import Text
from formgen.forms import Edition, Forms, catalogue

DRAFT_PREFIX = "草稿-"


@dataclass(frozen=True, slots=True)
class Job:
    """One document. ``target`` is its path below the plan's folder, with ``/``; ``suffix`` its template's."""

    form: str
    record: str | None
    suffix: str
    target: str


@dataclass(frozen=True)
class Plan:
    """The documents of a dossier, and the folder they go to."""

    dossier: Dossier
    folder: Path
    draft: bool
    jobs: tuple[Job, ...]
    forms: Forms


def plan(dossier: Dossier, out: Path, draft: bool = False, forms: Forms | None = None) -> Plan:
    """What is to be written for a dossier below ``out``; ``forms`` are those that formgen ships unless given.

    Raises:
        UsageError: two documents would have the same name, or the place lies inside a dossier.
    """
    forms = catalogue() if forms is None else forms
    folder = out / names.safe(dossier.name)
    _refuse_inside_dossier(folder)
    jobs = tuple(_jobs(dossier, draft, forms))
    _refuse_collisions(jobs, folder)
    return Plan(dossier, folder, draft, jobs, forms)


def without_template(dossier: Dossier, forms: Forms) -> tuple[Edition, ...]:
    """The editions of a dossier's forms that nobody has drawn a template for; data for rules alone needs none."""
    used = (forms.edition(form, dossier.as_of) for form, records in sorted(dossier.records.items()) if records)
    return tuple(edition for edition in used if not edition.templates and edition.schema.get("x-kind") != "input")


def _jobs(dossier: Dossier, draft: bool, forms: Forms) -> Iterator[Job]:
    prefix = DRAFT_PREFIX if draft else ""
    for form in sorted(dossier.records):
        edition = forms.edition(form, dossier.as_of)
        for record in dossier.records[form]:
            for suffix in sorted(edition.templates):
                if edition.many:
                    name = names.safe(f"{prefix}{record.id}", suffix)
                    yield Job(form, record.id, suffix, f"{names.safe(edition.title)}/{name}")
                else:
                    yield Job(form, record.id, suffix, names.safe(f"{prefix}{edition.title}", suffix))


def _refuse_inside_dossier(folder: Path) -> None:
    """Inputs are never modified: no output goes into a folder that is a dossier, this one or another."""
    place = folder.resolve()
    for parent in (place, *place.parents):
        if (parent / "dossier.json").is_file():
            raise UsageError(
                Text(
                    f"输出文件夹在案卷“{parent.name}”里面，案卷的内容不能改动",
                    f"the output folder lies inside the dossier {parent.name!r}, which must not be changed",
                ),
                place=str(folder),
                remedy=Text("请用 -o 换一个案卷以外的文件夹", "choose a folder outside it with -o"),
            )


def _refuse_collisions(jobs: tuple[Job, ...], folder: Path) -> None:
    seen: dict[str, Job] = {}
    for job in jobs:
        other = seen.setdefault(names.folded(job.target), job)
        if other is not job:
            first, second = _label(other), _label(job)
            raise UsageError(
                Text(
                    f"“{first}”和“{second}”会写成同名文件 {job.target}",
                    f"{first!r} and {second!r} would be written to the same file {job.target}",
                ),
                place=str(folder),
                remedy=Text("请给其中一份的文件改名", "rename the file of one of them"),
            )


def _label(job: Job) -> str:
    return job.form if job.record is None else f"{job.form}/{job.record}"
