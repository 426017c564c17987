"""What would be written where: one job for each document. Nothing is touched here."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from formgen.delivery import names
from formgen.delivery.naming import Pattern
from formgen.dossier import Dossier
from formgen.errors import UsageError
from formgen.findings import Text
from formgen.forms import Edition, Forms, catalogue
from formgen.spilling import PLAIN, SpillDict, SpillList, tuples

DRAFT_PREFIX = "草稿-"
FILLABLE_PREFIX = "可填写-"
_FILLABLE = frozenset({".docx"})


class Job(NamedTuple):
    """One document. ``target`` is its path below the plan's folder, with ``/``; ``suffix`` its template's."""

    form: str
    record: str | None
    suffix: str
    target: str


_JOBS: Final = tuples(Job)


class Jobs(SpillList[Job]):
    """Jobs in order of forms and records; those of a record follow each other."""

    def __init__(self, jobs: Iterable[Job] = ()) -> None:
        self.templates: dict[tuple[str, str], None] = {}
        """Forms and suffixes."""
        self.folders = Folders()
        """Those that the documents lie in."""
        super().__init__(jobs, codec=_JOBS)

    def append(self, job: Job) -> None:
        """Adds a job."""
        self.templates[job.form, job.suffix] = None
        self.folders.add(job.target)
        super().append(job)


class Folders:
    """The folders that paths lie in."""

    def __init__(self, paths: Iterable[str] = ()) -> None:
        self._all = SpillDict[None](codec=PLAIN)
        self._last: str | None = None
        for path in paths:
            self.add(path)

    def add(self, path: str) -> None:
        """Adds the one of a path, which most often is that of the path before."""
        folder = path.rpartition("/")[0]
        if folder != self._last:
            self._all[folder] = None
            self._last = folder

    def __iter__(self) -> Iterator[str]:
        """They in order: one that lies in another comes behind it."""
        return (folder for folder, _ in self._all.in_order())


@dataclass(frozen=True)
class Plan:
    """The documents of a dossier, and the folder they go to."""

    dossier: Dossier
    folder: Path
    draft: bool
    jobs: Jobs
    forms: Forms
    withheld: Sequence[Job] = ()
    """Documents that must not be written, because their records have errors; what lies there of them stays."""
    fillable: bool = False
    """Whether they are drafts that keep their controls."""


def plan(
    dossier: Dossier,
    out: Path,
    draft: bool = False,
    forms: Forms | None = None,
    *,
    withheld: Collection[tuple[str, str]] | None = (),
    pattern: Pattern | None = None,
    fillable: bool = False,
) -> Plan:
    """What is to be written for a dossier below ``out``.

    Args:
        dossier: the dossier.
        out: the folder that holds a folder for each dossier.
        draft: whether it is to be marked drafts.
        forms: the forms there are; else those that formgen ships.
        withheld: the records, by form and id, of which nothing is written; None for all.
        pattern: how documents are called of which there are many; else by the record's id.
        fillable: whether the drafts are Word forms that keep their controls.

    Raises:
        UsageError: two documents would have the same name, or the place lies inside a dossier.
    """
    forms = catalogue() if forms is None else forms
    folder = out / names.safe(dossier.name)
    _refuse_inside_dossier(folder)
    prefix = FILLABLE_PREFIX if fillable else DRAFT_PREFIX if draft else ""
    every = _jobs(dossier, prefix, forms, pattern)
    jobs = Jobs(job for job in every if not fillable or job.suffix in _FILLABLE)
    _refuse_collisions(jobs, folder)
    if withheld is None:
        return Plan(dossier, folder, draft, Jobs(), forms, jobs, fillable)
    if not withheld:
        return Plan(dossier, folder, draft, jobs, forms, (), fillable)
    kept, stopped = _parted(jobs, withheld)
    # Of a record that could not be read there is no job, but perhaps a document of an earlier run.
    stopped.extend(_unread(withheld, dossier, prefix, forms))
    return Plan(dossier, folder, draft, kept, forms, stopped, fillable)


def without_template(dossier: Dossier, forms: Forms) -> tuple[Edition, ...]:
    """The editions of a dossier's forms that nobody has drawn a template for; data for rules alone needs none."""
    used = (forms.edition(form, dossier.as_of) for form, records in sorted(dossier.records.items()) if records)
    return tuple(edition for edition in used if not edition.templates and edition.schema.get("x-kind") != "input")


def without_word(dossier: Dossier, forms: Forms) -> tuple[Edition, ...]:
    """The editions of a dossier's forms that have templates, but none that could be gone on with in Word."""
    used = (forms.edition(form, dossier.as_of) for form, records in sorted(dossier.records.items()) if records)
    return tuple(edition for edition in used if edition.templates and not edition.templates.keys() & _FILLABLE)


def _jobs(dossier: Dossier, prefix: str, forms: Forms, pattern: Pattern | None) -> Iterator[Job]:
    for form in sorted(dossier.records):
        if dossier.scope is not None and form != dossier.scope.form:
            continue  # it is there for comparison
        edition = forms.edition(form, dossier.as_of)
        records, suffixes = dossier.records[form], sorted(edition.templates)
        if edition.many and pattern is not None:
            pattern.check(edition)
            for record in records:
                for suffix in suffixes:
                    yield Job(form, record.id, suffix, pattern.path(record, edition, dossier.name, prefix, suffix))
            continue
        place = _folder(edition)
        for id_ in records.ids:
            for suffix in suffixes:
                yield Job(form, id_, suffix, place + names.safe(f"{prefix}{_stem(edition, id_)}", suffix))


def _folder(edition: Edition) -> str:
    """Where the documents of a form lie of which there are many."""
    return f"{names.safe(edition.title)}/" if edition.many else ""


def _stem(edition: Edition, id: str | None) -> str:
    return id or "" if edition.many else edition.title


def _parted(jobs: Iterable[Job], withheld: Collection[tuple[str, str]]) -> tuple[Jobs, Jobs]:
    """The jobs of which something is written, and those of which nothing is."""
    kept, stopped = Jobs(), Jobs()
    for job in jobs:
        (stopped if job.record is not None and (job.form, job.record) in withheld else kept).append(job)
    return kept, stopped


def _unread(withheld: Iterable[tuple[str, str]], dossier: Dossier, prefix: str, forms: Forms) -> Iterator[Job]:
    unread = set(withheld)
    for form, records in dossier.records.items():
        unread.difference_update((form, id) for id in records.ids if id is not None)
    for form, id in sorted(unread):
        edition = forms.edition(form, dossier.as_of)
        for suffix in sorted(edition.templates):
            yield Job(form, id, suffix, _folder(edition) + names.safe(f"{prefix}{_stem(edition, id)}", suffix))


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


def _refuse_collisions(jobs: Sequence[Job], folder: Path) -> None:
    seen, folders = SpillDict[int](codec=PLAIN), SpillDict[int](codec=PLAIN)
    inside = ""
    for number, job in enumerate(jobs):
        name = names.folded(job.target)
        other = seen.setdefault(name, number)
        if other != number:
            first, second = _label(jobs[other]), _label(job)
            raise UsageError(
                Text(
                    f"“{first}”和“{second}”会写成同名文件 {job.target}",
                    f"{first!r} and {second!r} would be written to the same file {job.target}",
                ),
                place=str(folder),
                remedy=Text(
                    "请给其中一份的文件改名；用了 --name 时可加 {serial}",
                    "rename the file of one of them; add {serial} to a pattern of --name",
                ),
            )
        before, inside = inside, name.rpartition("/")[0]
        if inside != before:
            folders.setdefault(inside, number)
    # A document may not have the name of a folder that another one lies in.
    for inside, number in folders.items():
        parts = inside.split("/")
        for parent in ("/".join(parts[:length]) for length in range(1, len(parts) + 1)):
            if parent in seen:
                _refuse_folder(jobs[seen[parent]], jobs[number], folder)


def _refuse_folder(file: Job, inside: Job, folder: Path) -> None:
    raise UsageError(
        Text(
            f"“{_label(file)}”的文件 {file.target} 与“{_label(inside)}”所在的文件夹同名",
            f"the file {file.target} of {_label(file)!r} has the name of the folder of {_label(inside)!r}",
        ),
        place=str(folder),
        remedy=Text("请换一个 --name", "choose another --name"),
    )


def _label(job: Job) -> str:
    return job.form if job.record is None else f"{job.form}/{job.record}"
