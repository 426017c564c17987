"""What the manifest says of the documents of a run, made when somebody asks for it.

Of each document that was rendered two digests and a size are kept, as bytes: of thousands, what is said of them takes
more memory than their records do.
"""

from collections.abc import Iterator, Mapping
from struct import Struct

from formgen.delivery import manifest
from formgen.delivery.looking import Found
from formgen.delivery.manifest import Entry
from formgen.delivery.plan import Plan
from formgen.delivery.work import Rendered, Renderer

_DIGEST = "sha256:"
_KEPT = Struct("<32s32sQ")


class Entries(Mapping[str, Entry]):
    """Target -> its entry, of the documents that have been rendered, in the order of the plan."""

    def __init__(self, plan: Plan, renderer: Renderer, found: Found) -> None:
        """Prepare for the documents of ``plan``; each is still to be added."""
        self._plan = plan
        self._found = found
        self._packed = manifest.deflate()
        self._numbers: dict[str, int] = {}
        self._kept = bytearray()
        self._common = {
            (form, suffix): (
                source.edition.since.isoformat() if source.edition.since.year > 1 else None,
                source.edition.schema_digest,
                renderer.template((form, suffix)).digest,
            )
            for (form, suffix), source in renderer.sources.items()
        }

    def add(self, rendered: Rendered) -> None:
        """Take the next document of the plan."""
        number = len(self._numbers)
        self._numbers[self._plan.jobs[number].target] = number
        self._kept += _KEPT.pack(_raw(rendered.content_digest), _raw(rendered.sha256), rendered.size)

    def is_new(self, target: str) -> bool:
        """Whether a document is not in place yet."""
        old = self._found.document(target)
        return old is None or old.content_digest != self[target].content_digest

    def __getitem__(self, target: str) -> Entry:
        number = self._numbers[target]
        job = self._plan.jobs[number]
        raw, sha256, size = _KEPT.unpack_from(self._kept, number * _KEPT.size)
        content = _DIGEST + raw.hex()
        made = (_DIGEST + sha256.hex(), size, self._packed)
        old = self._found.document(target)
        if old is not None and old.content_digest == content:
            # The same content may have been packed by another library: the file stays as it is.
            made = (old.sha256, old.size, old.deflate)
        common = self._common[job.form, job.suffix]
        return Entry(target, job.form, job.record, *common, content, *made, self._plan.draft)

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)


def _raw(digest: str) -> bytes:
    return bytes.fromhex(digest.removeprefix(_DIGEST))
