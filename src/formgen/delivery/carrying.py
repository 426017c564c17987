"""Carries out a plan: every document appears whole or not at all, and a run that was killed is made good by the next.

In this order: render into a staging folder; write journal and manifest there; one sync; rename the journal, then each
document, into place; remove what is superseded; rename the manifest; remove journal and staging folder. Until the
first rename nothing has changed. From then on each file is one that the old manifest or the journal knows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from formgen.checks import Report
from formgen.delivery import disk, manifest, names, work
from formgen.delivery.manifest import Entry
from formgen.delivery.plan import Job, Plan
from formgen.errors import UsageError
from formgen.findings import Text
from formgen.forms import Edition, Schema
from formgen.record import Record


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a run did to the folder; paths are below it, in order."""

    folder: Path
    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]
    left: tuple[str, ...]
    """Superseded files that somebody has edited: they stay, and are no longer ours."""


@dataclass(frozen=True)
class _Found:
    """What lies in the output folder before the run."""

    ours: Mapping[str, Entry]
    """Files that are still as the manifest or a journal says."""
    edited: Mapping[str, Entry]
    """Files that are not."""
    listed: frozenset[tuple[str, str]]
    """Path and digest of what the manifest itself lists."""


def carry_out(plan: Plan, report: Report, *, force: bool = False, workers: int = 1) -> Delivery:
    """Writes what was planned, and the manifest.

    Args:
        plan: what to write.
        report: what was found; its summary goes into the manifest.
        force: replace files that somebody has edited, or that are not ours.
        workers: how many processes render.

    Raises:
        UsageError: a file that is not ours has one of the names; nothing has been written.
        TemplateError: a template does not match its form; nothing has been written.
        OutputError: the place does not take it.
    """
    sources = {(job.form, job.suffix): _source(plan, job) for job in plan.jobs}
    staging = plan.folder / disk.STAGING
    with disk.reporting(plan.folder):
        found = _look(plan, force)
        _refuse_folders(plan)
        if not force:
            _refuse_foreign(plan, found)
        made = _missing_folders(plan)
        disk.clear(staging)
        try:
            delivery = _deliver(plan, report, found, work.Renderer(sources, plan.dossier.folder), workers)
        except BaseException:
            _undo(staging, made)
            raise
        disk.clear(staging)
        return delivery


def _source(plan: Plan, job: Job) -> work.Source:
    edition = plan.forms.edition(job.form, plan.dossier.as_of)
    path = edition.templates[job.suffix]
    return work.Source(path.read_bytes(), path.name, edition, plan.draft)


def _undo(staging: Path, made: list[Path]) -> None:
    """Takes back what is not yet in place; the error that led here is the one to be told."""
    try:
        disk.clear(staging)
    except OSError:
        return  # the next run clears it
    for folder in made:
        disk.remove_if_empty(folder)


def _missing_folders(plan: Plan) -> list[Path]:
    """The folders that are not there yet, the deepest first."""
    needed = {plan.folder, *((plan.folder / job.target).parent for job in plan.jobs)}
    above = {place for folder in needed for place in (folder, *folder.parents) if not place.exists()}
    return sorted(above, key=lambda place: len(place.parts), reverse=True)


# --- what is there ---------------------------------------------------------------------------------------------------


def _look(plan: Plan, force: bool) -> _Found:
    known: dict[str, list[Entry]] = {}
    listed = _entries(plan.folder / manifest.NAME, force)
    for entry in (*listed, *_entries(plan.folder / manifest.JOURNAL, force)):
        known.setdefault(entry.path, []).append(entry)
    ours, edited = {}, {}
    for path, entries in known.items():
        digest = disk.digest(plan.folder / path)
        match = next((entry for entry in entries if entry.sha256 == digest), None)
        if match is not None:
            ours[path] = match
        elif digest is not None:
            edited[path] = entries[0]
    return _Found(ours, edited, frozenset((entry.path, entry.sha256) for entry in listed))


def _entries(path: Path, force: bool) -> tuple[Entry, ...]:
    try:
        return manifest.read(path)
    except UsageError:
        if force:
            return ()
        raise


def _refuse_folders(plan: Plan) -> None:
    for job in plan.jobs:
        if (plan.folder / job.target).is_dir():
            raise UsageError(
                Text("有一个文件夹与要写的文件同名", "a folder has the name of a file that is to be written"),
                place=str(plan.folder / job.target),
                remedy=Text("请把它移到别处", "move it away"),
            )


def _refuse_foreign(plan: Plan, found: _Found) -> None:
    ours = {names.folded(path): path for path in found.ours}
    foreign = []
    for job in plan.jobs:
        target = plan.folder / job.target
        if job.target not in found.ours and (target.exists() or target.is_symlink()):
            # Where case does not count, a document of ours may have got its name in another spelling.
            other = ours.get(names.folded(job.target))
            if other is None or not _is_same_file(target, plan.folder / other):
                foreign.append(job.target)
    if foreign:
        raise UsageError(
            Text(
                f"这些文件不是 formgen 写的，或写出后被人改过：{'、'.join(foreign)}",
                f"not written by formgen, or edited since: {', '.join(foreign)}",
            ),
            place=str(plan.folder),
            remedy=Text(
                "请把它们移到别处（留住改动），或加 --force 覆盖；这次什么也没有写",
                "move them away to keep the edits, or replace them with --force; nothing has been written",
            ),
        )


def _is_same_file(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)


# --- writing ---------------------------------------------------------------------------------------------------------


def _deliver(plan: Plan, report: Report, found: _Found, renderer: work.Renderer, workers: int) -> Delivery:
    new = _render(plan, found, renderer, workers)
    changed = any(found.ours.get(path) != entry for path, entry in new.items())
    moved = {path: staged for path, staged in _staged(plan).items() if staged.is_file()}
    superseded = [path for path, entry in found.ours.items() if path not in new and _goes(plan, entry)]
    left = [path for path, entry in found.edited.items() if path not in new and _goes(plan, entry)]
    gone = {*new, *superseded, *left}
    kept = [entry for path, entry in {**found.edited, **found.ours}.items() if path not in gone]
    listing = manifest.build(plan, report, [*new.values(), *kept])
    target = plan.folder / manifest.NAME
    if moved or superseded or changed or not target.is_file() or target.read_bytes() != listing:
        _put_in_place(plan, found, new, moved, superseded, listing)
    disk.remove(plan.folder / manifest.JOURNAL)
    unchanged = (path for path in new if path not in moved)
    return Delivery(plan.folder, *(tuple(sorted(paths)) for paths in (moved, unchanged, superseded, left)))


def _goes(plan: Plan, entry: Entry) -> bool:
    """Whether a document that is not written any more is to go: a draft leaves the clean files of before alone."""
    return entry.draft or not plan.draft


def _put_in_place(
    plan: Plan,
    found: _Found,
    new: Mapping[str, Entry],
    moved: Mapping[str, Path],
    superseded: Iterable[str],
    listing: bytes,
) -> None:
    # Files that only an earlier journal knows stay known until the manifest is there.
    earlier = [entry for entry in found.ours.values() if (entry.path, entry.sha256) not in found.listed]
    staging = plan.folder / disk.STAGING
    journal, listed = staging / "journal", staging / "manifest"
    disk.write(journal, manifest.journal([*earlier, *(new[path] for path in moved)]))
    disk.write(listed, listing)
    for path in moved:
        _make_folder_inside(plan.folder, (plan.folder / path).parent)
    disk.sync([*moved.values(), journal, listed])
    disk.replace(journal, plan.folder / manifest.JOURNAL)
    for path, staged in moved.items():
        disk.replace(staged, plan.folder / path)
    written = {names.folded(path): plan.folder / path for path in new}
    for path in superseded:
        spelt_anew = written.get(names.folded(path))
        if spelt_anew is not None and _is_same_file(spelt_anew, plan.folder / path):
            continue
        disk.remove(plan.folder / path)
        if "/" in path:
            disk.remove_if_empty((plan.folder / path).parent)
    disk.replace(listed, plan.folder / manifest.NAME)


def _make_folder_inside(folder: Path, place: Path) -> None:
    disk.make_folder(place)
    if not place.resolve().is_relative_to(folder.resolve()):
        raise UsageError(
            Text("这个文件夹通到输出文件夹之外", "this folder leads outside the output folder"),
            place=str(place),
            remedy=Text("请删去这个链接", "remove this link"),
        )


def _staged(plan: Plan) -> dict[str, Path]:
    staging = plan.folder / disk.STAGING
    return {job.target: staging / f"{number}{job.suffix}" for number, job in enumerate(plan.jobs)}


def _render(plan: Plan, found: _Found, renderer: work.Renderer, workers: int) -> dict[str, Entry]:
    """The entry of each document of the plan, rendered into the staging folder where its content is new."""
    staged = _staged(plan)
    records = {(form, record.id): record for form, kept in plan.dossier.records.items() for record in kept}
    tasks = [
        work.Task(
            template=(job.form, job.suffix),
            values=_values(plan, records[job.form, job.record]),
            pictures=_pictures(plan, _edition(renderer, job).schema, records[job.form, job.record].values),
            staged=staged[job.target],
            known=found.ours[job.target].content_digest if job.target in found.ours else None,
        )
        for job in plan.jobs
    ]
    entries = {}
    for job, rendered in zip(plan.jobs, work.render_all(renderer, tasks, workers), strict=True):
        old = found.ours.get(job.target)
        same = old if old is not None and old.content_digest == rendered.content_digest else None
        edition = _edition(renderer, job)
        entries[job.target] = Entry(
            path=job.target,
            form=job.form,
            record=job.record,
            since=edition.since.isoformat() if edition.since.year > 1 else None,
            schema_digest=edition.schema_digest,
            template_digest=renderer.template((job.form, job.suffix)).digest,
            content_digest=rendered.content_digest,
            # The same content may have been packed by another library: the file stays as it is.
            sha256=same.sha256 if same is not None else rendered.sha256,
            size=same.size if same is not None else rendered.size,
            deflate=same.deflate if same is not None else manifest.deflate(),
            draft=plan.draft,
        )
    return entries


def _edition(renderer: work.Renderer, job: Job) -> Edition:
    return renderer.sources[job.form, job.suffix].edition


def _values(plan: Plan, record: Record) -> dict[str, Any]:
    """What a template prints: the record's values (a draft's may be any JSON) and the dossier's."""
    own = record.values if isinstance(record.values, dict) else {}
    return {**own, "dossier": plan.dossier.values}


def _pictures(plan: Plan, schema: Schema, values: Any) -> dict[str, str]:
    """The pictures that a record names, and that were there when it was read; with their digests."""
    if isinstance(values, str):
        name = PurePosixPath(values).as_posix()
        is_picture = schema.get("x-typeset") == "picture"
        return {values: plan.dossier.inputs[name]} if is_picture and name in plan.dossier.inputs else {}
    found: dict[str, str] = {}
    if isinstance(values, list):
        for item in values:
            found |= _pictures(plan, schema.get("items", {}), item)
    elif isinstance(values, dict):
        for key, child in schema.get("properties", {}).items():
            found |= _pictures(plan, child, values[key]) if key in values else {}
    return found
