"""Renders documents: what a worker does, wherever it is, and what a single process does in its place.

Everything that goes to a worker and comes back is plain data, so that it works where processes are spawned, and on
another machine that sees the same folders.
"""

import hashlib
import json
import marshal
import pickle
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import formgen
from formgen import packing, pictures
from formgen.blanks import word_form
from formgen.delivery import disk
from formgen.errors import UsageError
from formgen.filling.template import Template, compile_template
from formgen.findings import Text
from formgen.forms import Edition
from formgen.intake import collecting, picture_files

TemplateKey = tuple[str, str]
"""Form and suffix."""
_KEPT = 8
"""Sets of templates that a worker keeps compiled: of so many dossiers at a time it gets work."""


@dataclass(frozen=True)
class Source:
    """A template as it lies on the disk, and what it is compiled for."""

    data: bytes
    name: str
    edition: Edition
    draft: bool
    fillable: bool = False
    """Whether documents keep its controls."""


class Rendered(NamedTuple):
    """A document that was rendered. ``key`` is the digest of everything that it is made of."""

    key: str
    content_digest: str
    sha256: str
    size: int


class Task(NamedTuple):
    """One document to render. ``known`` is the content digest that needs no writing: it is there already.

    A tuple, as what is rendered: such go to workers and back in half the time.
    """

    template: TemplateKey
    values: Any
    pictures: Mapping[str, str]
    """Value of a picture field -> ``sha256:…`` that the file had when the dossier was judged."""
    staged: str | None = None
    """Where to write; nowhere in a trial."""
    known: str | None = None
    earlier: Rendered | None = None
    """What a run that was killed has made of it."""

    def __repr__(self) -> str:
        """Without its values: where a worker fails, some executors log what it was given."""
        return f"Task({self.template})"


@dataclass(frozen=True)
class Chunk:
    """Some documents of one dossier, as they go to a worker."""

    renderer: bytes = field(repr=False)
    """The pickled :class:`Renderer`; a worker unpacks each once."""
    tasks: tuple[Task, ...]


class Renderer:
    """Renders the documents of one dossier; each template is compiled once."""

    def __init__(
        self,
        sources: Mapping[TemplateKey, Source],
        folder: Path,
        dossier: Any,
        apart: Mapping[str, Path] | None = None,
    ) -> None:
        self.sources = sources
        self.folder = folder
        self._apart = dict(apart or {})
        self._dossier = dossier
        self._compiled: dict[TemplateKey, Template] = {}
        self._common: dict[TemplateKey, Any] = {}

    def __getstate__(self) -> dict[str, Any]:
        own = {"sources": self.sources, "folder": self.folder, "_apart": self._apart, "_dossier": self._dossier}
        return {**own, "_compiled": {}, "_common": {}}

    def template(self, key: TemplateKey) -> Template:
        """The compiled template.

        Raises:
            TemplateError: it does not match its form.
        """
        if key not in self._compiled:
            self._compiled[key] = self._compile(self.sources[key])
        return self._compiled[key]

    def _compile(self, source: Source) -> Template:
        if source.fillable:
            return word_form.filled(source.data, source.name, source.edition, self._dossier)
        return compile_template(source.data, source.name, source.edition, draft=source.draft)

    def render(self, task: Task) -> Rendered:
        """Renders one document into its staged file, unless that is there already.

        Raises:
            UsageError: a picture is no longer what was judged.
            OSError: the file could not be written.
        """
        key = self._key(task)
        earlier = task.earlier
        if earlier is not None and key and earlier.key == key and _is_there(task, earlier):
            return earlier
        document = self.template(task.template).fill(self.values(task), self.pictures(task))
        if document.content_digest != task.known and task.staged is not None:
            disk.stage(task.staged, document.data)
        sha256 = f"sha256:{hashlib.sha256(document.data).hexdigest()}"
        return Rendered(key, document.content_digest, sha256, len(document.data))

    def values(self, task: Task) -> dict[str, Any]:
        """What a template prints: the record's values (a draft's may be any JSON) and the dossier's."""
        own = task.values if isinstance(task.values, dict) else {}
        return {**own, "dossier": self._dossier}

    def pictures(self, task: Task) -> dict[str, pictures.Picture]:
        """The pictures of a document; a draft goes without those that are none.

        Raises:
            UsageError: one is no longer what was judged.
            PictureError: one is none.
        """
        shown = {}
        for name, digest in task.pictures.items():
            data = self._contents(name, digest)
            draft, fillable = self.sources[task.template].draft, self.sources[task.template].fillable
            try:
                # Records with a picture that is none are withheld, except from a draft.
                picture = pictures.read(data) if draft else pictures.judged(data)
                # A form to be filled in is read again, and its photo taken from it.
                shown[name] = pictures.saying_its_position(picture) if fillable else picture
            except pictures.PictureError as error:
                if not draft:
                    raise pictures.PictureError(error.problem, place=name, remedy=error.remedy) from error
        return shown

    def _key(self, task: Task) -> str:
        """The digest of everything that a document is made of; empty where that cannot be said."""
        common = self._common.get(task.template)
        try:
            if common is None:
                source = self.sources[task.template]
                schema, template = source.edition.schema_digest, self.template(task.template).digest
                packed = (packing.LIBRARY, packing.LIBRARY_VERSION, packing.LEVEL)
                made_of = (formgen.__version__, packed, self._dossier, schema, template, source.draft, source.fillable)
                common = self._common[task.template] = hashlib.sha256(json.dumps(made_of).encode())
            whole = common.copy()
            # The second form has no mark of what is one object or another: what is equal is written alike.
            whole.update(marshal.dumps((task.values, dict(task.pictures)), 2))
        except (ValueError, RecursionError):
            return ""  # a draft may hold anything
        return whole.hexdigest()

    def _contents(self, name: str, digest: str) -> bytes:
        try:
            data = picture_files.contents(self.folder, name, self._apart) or b""
        except (OSError, pictures.PictureError):
            data = b""  # it was there a moment ago; said below
        same = f"sha256:{hashlib.sha256(data).hexdigest()}" == digest
        if not same and len(data) <= pictures.MAX_BYTES:
            raise UsageError(
                Text("图片在核对之后变了", "the picture changed after it was checked"),
                place=str(self.folder / name),
                remedy=Text("请再运行一次", "run the command again"),
            )
        return data


def _is_there(task: Task, earlier: Rendered) -> bool:
    """Whether the bytes that a killed run has made are in place, or still staged as it made them."""
    if earlier.content_digest == task.known:
        return True
    return task.staged is not None and disk.digest(Path(task.staged)) == earlier.sha256


_renderers: OrderedDict[bytes, Renderer] = OrderedDict()


def render(chunk: Chunk) -> list[Rendered]:
    """Renders the documents of a chunk.

    Raises:
        FormgenError: a template or a picture.
        OSError: a file could not be written.
    """
    name = hashlib.sha256(chunk.renderer).digest()
    renderer = _renderers.get(name)
    if renderer is None:
        # It comes from this program's own parent, never from a file.
        renderer = pickle.loads(chunk.renderer)  # noqa: S301
        _renderers[name] = renderer
        while len(_renderers) > _KEPT:
            _renderers.popitem(last=False)
    with collecting.put_off():
        return [renderer.render(task) for task in chunk.tasks]
