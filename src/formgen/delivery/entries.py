"""What the manifest says of the documents of a run, made when somebody asks for it.

Of each document that was rendered two digests and a size are kept, as bytes: of thousands, what is said of them takes
more memory than their records do.
"""

from collections.abc import Iterator, Mapping
from functools import partial
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
            (form, suffix): partial(
                Entry,
                form=form,
                since=source.edition.since.isoformat() if source.edition.since.year > 1 else None,
                schema_digest=source.edition.schema_digest,
                template_digest=renderer.template((form, suffix)).digest,
                draft=plan.draft,
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
        content, sha256, size = _KEPT.unpack_from(self._kept, number * _KEPT.size)
        make = partial(
            self._common[job.form, job.suffix], path=target, record=job.record, content_digest=_DIGEST + content.hex()
        )
        old = self._found.document(target)
        if old is None or old.content_digest != _DIGEST + content.hex():
            return make(sha256=_DIGEST + sha256.hex(), size=size, deflate=self._packed)
        # The same content may have been packed by another library: the file stays as it is.
        return make(sha256=old.sha256, size=old.size, deflate=old.deflate)

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)


def _raw(digest: str) -> bytes:
    return bytes.fromhex(digest.removeprefix(_DIGEST))
