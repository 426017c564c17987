"""Renders documents: what a worker process does, and what a single process does in its place.

Everything that goes to a worker and comes back is plain data, so that it works where processes are spawned.
"""

import hashlib
import signal
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from formgen import pictures
from formgen.delivery import disk
from formgen.errors import FormgenError, UsageError
from formgen.filling.template import Template, compile_template
from formgen.findings import Text
from formgen.forms import Edition

TemplateKey = tuple[str, str]
"""Form and suffix."""


@dataclass(frozen=True)
class Source:
    """A template as it lies on the disk, and what it is compiled for."""

    data: bytes
    name: str
    edition: Edition
    draft: bool


@dataclass(frozen=True)
class Task:
    """One document to render. ``known`` is the content digest that needs no writing: it is there already."""

    template: TemplateKey
    values: Any
    pictures: Mapping[str, str]
    """Value of a picture field -> ``sha256:…`` that the file had when the dossier was judged."""
    staged: Path
    known: str | None


@dataclass(frozen=True, slots=True)
class Rendered:
    """A document that was rendered; its file is there unless its content was known."""

    content_digest: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class _Refused:
    """An error on its way from a worker: exceptions with our arguments do not travel between processes."""

    error: type[FormgenError]
    problem: Text
    place: str
    remedy: Text | None


class Renderer:
    """Renders the documents of one dossier; each template is compiled once."""

    def __init__(self, sources: Mapping[TemplateKey, Source], folder: Path) -> None:
        self.sources = sources
        self.folder = folder
        self._compiled: dict[TemplateKey, Template] = {}

    def template(self, key: TemplateKey) -> Template:
        """The compiled template.

        Raises:
            TemplateError: it does not match its form.
        """
        if key not in self._compiled:
            source = self.sources[key]
            self._compiled[key] = compile_template(source.data, source.name, source.edition, draft=source.draft)
        return self._compiled[key]

    def render(self, task: Task) -> Rendered:
        """Renders one document into its staged file.

        Raises:
            UsageError: a picture is no longer what was judged.
            OSError: the file could not be written.
        """
        draft = self.sources[task.template].draft
        shown = {}
        for name, digest in task.pictures.items():
            data = self._contents(name, digest)
            try:
                shown[name] = pictures.read(data)
            except pictures.PictureError as error:
                if not draft:
                    raise pictures.PictureError(error.problem, place=name, remedy=error.remedy) from error
        document = self.template(task.template).fill(task.values, shown)
        if document.content_digest != task.known:
            disk.write(task.staged, document.data)
        sha256 = f"sha256:{hashlib.sha256(document.data).hexdigest()}"
        return Rendered(document.content_digest, sha256, len(document.data))

    def _contents(self, name: str, digest: str) -> bytes:
        try:
            with (self.folder / name).open("rb") as stream:
                data = stream.read(pictures.MAX_BYTES + 1)
        except OSError:
            data = b""  # it was there a moment ago; said below
        same = f"sha256:{hashlib.sha256(data).hexdigest()}" == digest
        if not same and len(data) <= pictures.MAX_BYTES:
            raise UsageError(
                Text("图片在核对之后变了", "the picture changed after it was checked"),
                place=str(self.folder / name),
                remedy=Text("请再运行一次", "run the command again"),
            )
        return data


def render_all(renderer: Renderer, tasks: Sequence[Task], workers: int) -> Iterator[Rendered]:
    """The tasks' documents in their order, rendered here or by so many processes; the bytes are the same.

    Raises:
        FormgenError: a template, a picture, or a process that was killed.
        OSError: a file could not be written.
    """
    workers = min(workers, len(tasks))
    if workers <= 1:
        yield from map(renderer.render, tasks)
        return
    for key in sorted({task.template for task in tasks}):
        renderer.template(key)  # a template that does not match is said once, here
    pool = ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=_begin, initargs=(renderer.sources, renderer.folder)
    )
    try:
        for result in pool.map(_render, tasks, chunksize=max(1, len(tasks) // (workers * 8))):
            if isinstance(result, _Refused):
                raise result.error(result.problem, place=result.place, remedy=result.remedy)
            yield result
    except BrokenProcessPool as error:
        raise FormgenError(
            Text("工作进程意外中止，可能是内存不足", "a worker process ended unexpectedly, perhaps out of memory"),
            remedy=Text("请减少 -j 的数目再运行一次", "run again with a smaller -j"),
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


_renderer: Renderer | None = None


def _begin(sources: Mapping[TemplateKey, Source], folder: Path) -> None:
    """Prepares a worker process. An interrupt is for the parent, which ends the workers."""
    global _renderer
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _renderer = Renderer(sources, folder)


def _render(task: Task) -> Rendered | _Refused:
    if _renderer is None:
        raise AssertionError("a worker without its renderer")
    try:
        return _renderer.render(task)
    except FormgenError as error:
        return _Refused(type(error), error.problem, error.place, error.remedy)
