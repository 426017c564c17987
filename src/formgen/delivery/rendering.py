"""The documents of a plan: from its records to files in the staging folder, by whoever does the work."""

import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from operator import attrgetter
from pathlib import Path
from typing import Any

from formgen.delivery import disk, staging, work
from formgen.delivery.entries import Entries
from formgen.delivery.looking import Found
from formgen.delivery.manifest import Entry
from formgen.delivery.plan import Job, Plan
from formgen.delivery.work import Chunk, Rendered, Renderer, Source, Task
from formgen.delivery.workers import Workers
from formgen.intake import photos

_CHUNK = 64
"""Documents that a worker gets at a time, and that are noted down together."""


def renderer(plan: Plan) -> Renderer:
    """What renders the documents of a plan."""
    sources = {key: _source(plan, *key) for key in plan.jobs.templates}
    return Renderer(sources, plan.dossier.folder.resolve(), plan.dossier.values, plan.dossier.apart)


def _source(plan: Plan, form: str, suffix: str) -> Source:
    edition = plan.forms.edition(form, plan.dossier.as_of)
    path = edition.templates[suffix]
    return Source(path.read_bytes(), path.name, edition, plan.draft, plan.fillable)


def render(
    plan: Plan,
    found: Found,
    renderer: Renderer,
    workers: Workers,
    progress: Callable[[int], None],
    *,
    trial: bool = False,
) -> Entries:
    """The entry of each document of the plan, rendered into the staging folder where its content is new.

    Raises:
        TemplateError: a template does not match its form.
        FormgenError: a picture, or a worker that ended.
        OSError: a file could not be written.
    """
    for key in sorted(renderer.sources):
        renderer.template(key)  # a template that does not match is said once, here
    folder = (plan.folder / disk.STAGING).absolute()
    earlier = {} if trial else staging.earlier(folder)
    entries = Entries(plan, renderer)
    # Those whose documents are being rendered, each with what lies there in its place.
    under_way: deque[tuple[Job, Entry | None]] = deque()
    placed = _placed(plan, renderer, found, None if trial else folder, earlier, under_way.append)
    for results in _results(renderer, placed, workers):
        done = ((*under_way.popleft(), result) for result in results)
        new = [(job.target, result) for job, old, result in done if entries.add(job, old, result)]
        if new and not trial:
            staging.note(folder, new)
        progress(len(results))
    return entries


def tasks(plan: Plan, renderer: Renderer, jobs: Iterable[Job]) -> Iterator[Task]:
    """A task for each job, made when it is asked for: not all records are to be in memory twice."""
    return (Task((job.form, job.suffix), values, pictures) for job, values, pictures in _printed(plan, renderer, jobs))


def _printed(plan: Plan, renderer: Renderer, jobs: Iterable[Job]) -> Iterator[tuple[Job, Any, dict[str, str]]]:
    """What each document prints: the values of its record, and its pictures. ``jobs`` come in order of the plan."""
    fields = {key: tuple(photos.fields(source.edition.schema)) for key, source in renderer.sources.items()}
    for job, values in _with_values(plan, jobs):
        yield job, values, _pictures(plan, fields[job.form, job.suffix], values)


def _with_values(plan: Plan, jobs: Iterable[Job]) -> Iterator[tuple[Job, Any]]:
    """Each job with the values of its record; both are gone through once, side by side."""
    for form, of_form in groupby(jobs, key=attrgetter("form")):
        records = plan.dossier.records[form].values()
        record: tuple[str | None, Any] | None = None
        last = ""
        for job in of_form:
            # Two records may have the same id; the next one's documents begin anew with the first suffix.
            if record is None or record[0] != job.record or job.suffix <= last:
                record = next(each for each in records if each[0] == job.record)
            last = job.suffix
            yield job, record[1]


def _placed(
    plan: Plan,
    renderer: Renderer,
    found: Found,
    folder: Path | None,
    earlier: Mapping[str, Rendered],
    begun: Callable[[tuple[Job, Entry | None]], None],
) -> Iterator[Task]:
    """The tasks with the places of their files, and what is known of them."""
    for job, values, pictures in _printed(plan, renderer, plan.jobs):
        old = found.document(job.target)
        begun((job, old))
        staged = staging.place(folder, job.target) if folder is not None else None
        known = old.content_digest if old is not None else None
        yield Task((job.form, job.suffix), values, pictures, staged, known, earlier.get(job.target))


def _results(renderer: Renderer, tasks: Iterator[Task], workers: Workers) -> Iterator[list[Rendered]]:
    if not workers.apart:
        while chunk := tuple(islice(tasks, _CHUNK)):
            yield [renderer.render(task) for task in chunk]
        return
    packed = pickle.dumps(renderer)
    chunks = iter(lambda: tuple(islice(tasks, _CHUNK)), ())
    yield from workers.do(work.render, (Chunk(packed, chunk) for chunk in chunks))


def _pictures(plan: Plan, fields: Sequence[photos.Keys], values: Any) -> dict[str, str]:
    """The pictures that a record names, and that were there when it was read; with their digests."""
    named = (text for keys in fields for _, text in photos.named(values, keys))
    digests = ((text, plan.dossier.inputs.get(photos.plain(text))) for text in named)
    return {text: digest for text, digest in digests if digest is not None}
