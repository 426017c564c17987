"""What the manifest says of the documents of a run, made when somebody asks for it.

Of each document that was rendered two digests and a size are kept, as bytes: of thousands, what is said of them takes
more memory than their records do.
"""

from collections.abc import Collection, Iterator, Mapping
from struct import Struct
from typing import Any, NamedTuple

from formgen.delivery import manifest
from formgen.delivery.manifest import Entry
from formgen.delivery.plan import Job, Plan
from formgen.delivery.work import Rendered, Renderer
from formgen.spilling import SpillDict, tuples

_DIGEST = "sha256:"
_BYTES = Struct("<32s32sQ?")


class _Document(NamedTuple):
    """What is kept of a document."""

    template: int
    """The number of its template."""
    record: str | None
    made: bytes
    """The digests of its content and of its file, the file's size, and whether it is not in place yet."""
    earlier: tuple[int, dict[str, str | int]] | None
    """Its size and by what it was packed, where an earlier run wrote it and that is not as it would be now."""


class Entries(Mapping[str, Entry]):
    """Target -> its entry, of the documents that have been rendered, in the order of the plan."""

    def __init__(self, plan: Plan, renderer: Renderer) -> None:
        """Prepare for the documents of ``plan``; each is still to be added."""
        self._draft = plan.draft
        self._packed = manifest.deflate()
        self._documents = SpillDict[_Document](codec=tuples(_Document))
        self._common = [
            (
                form,
                source.edition.since.isoformat() if source.edition.since.year > 1 else None,
                source.edition.schema_digest,
                renderer.template((form, suffix)).digest,
            )
            for (form, suffix), source in renderer.sources.items()
        ]
        self._numbers = {key: number for number, key in enumerate(renderer.sources)}
        self._new = 0
        self.differ = False
        """Whether the manifest that lies there says something else of any of them."""

    def add(self, job: Job, old: Entry | None, rendered: Rendered) -> bool:
        """Take the next document of the plan, and what lies there in its place; whether that is another one."""
        is_new = old is None or old.content_digest != rendered.content_digest
        sha256, earlier = rendered.sha256, None
        if old is not None and not is_new:
            # The same content may have been packed by another library: the file stays as it is.
            sha256, earlier = old.sha256, (old.size, old.deflate)
            earlier = earlier if earlier != (rendered.size, self._packed) else None
        made = _BYTES.pack(_raw(rendered.content_digest), _raw(sha256), rendered.size, is_new)
        document = _Document(self._numbers[job.form, job.suffix], job.record, made, earlier)
        self._documents[job.target] = document
        self._new += is_new
        self.differ = self.differ or old is None or old != self._entry(job.target, document)
        return is_new

    @property
    def new(self) -> Collection[str]:
        """The targets of those that are not in place yet."""
        return _New(self._documents, self._new)

    def in_plan(self) -> Iterator[Entry]:
        """The entries in the order of the plan."""
        return (self._entry(target, document) for target, document in self._documents.items())

    def in_order(self) -> Iterator[tuple[str, Entry]]:
        """Targets and entries in order of the targets."""
        return ((target, self._entry(target, document)) for target, document in self._documents.in_order())

    def written(self) -> Iterator[tuple[str, bool]]:
        """Targets in order, and whether each is not in place yet."""
        return ((target, _is_new(document)) for target, document in self._documents.in_order())

    def __getitem__(self, target: str) -> Entry:
        return self._entry(target, self._documents[target])

    def __contains__(self, target: object) -> bool:
        return target in self._documents

    def __iter__(self) -> Iterator[str]:
        return iter(self._documents)

    def __len__(self) -> int:
        return len(self._documents)

    def _entry(self, target: str, document: _Document) -> Entry:
        content, sha256, size, _ = _BYTES.unpack(document.made)
        digests = (_DIGEST + content.hex(), _DIGEST + sha256.hex())
        size, deflate = document.earlier or (size, self._packed)
        form, since, schema, template = self._common[document.template]
        made_of = (form, document.record, since, schema, template)
        return Entry(target, *made_of, *digests, size, deflate, self._draft)


class _New(Collection[str]):
    def __init__(self, documents: SpillDict[_Document], count: int) -> None:
        self._documents = documents
        self._count = count

    def __contains__(self, target: object) -> bool:
        document: Any = self._documents.get(target) if isinstance(target, str) else None
        return document is not None and _is_new(document)

    def __iter__(self) -> Iterator[str]:
        return (target for target, document in self._documents.items() if _is_new(document))

    def __len__(self) -> int:
        return self._count


def _is_new(document: _Document) -> bool:
    return document.made[-1] == 1


def _raw(digest: str) -> bytes:
    return bytes.fromhex(digest.removeprefix(_DIGEST))
