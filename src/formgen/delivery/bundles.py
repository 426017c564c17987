"""Many documents in one: for the printer, and in an archive."""

import zipfile
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from itertools import islice
from pathlib import Path
from shutil import copyfileobj
from typing import BinaryIO, NamedTuple, cast

from formgen.delivery import disk, names, rendering
from formgen.delivery.entries import Entries
from formgen.delivery.extras import Places
from formgen.delivery.plan import DRAFT_PREFIX, Plan
from formgen.delivery.work import Renderer, Task
from formgen.filling.bundle import Bundle
from formgen.pictures import Picture
from formgen.spilling import SpillList

VOLUME = 500
"""Records in one document for the printer: some thousand pages, which Word still opens."""
_WORD = ".docx"
_BIT = 1024 * 1024


class Kind(StrEnum):
    """What documents are bundled into."""

    PRINT = "print"
    ZIP = "zip"


def _digest(lines: Iterable[str]) -> str:
    whole = sha256()
    for line in lines:
        whole.update(f"{line}\n".encode("utf-8", "surrogatepass"))
    return f"sha256:{whole.hexdigest()}"


@dataclass(frozen=True)
class Print:
    """For each form of which there are many, one document with all of them, each on its own sheets."""

    wanted: bool
    kind: str = Kind.PRINT.value

    def sources(self, plan: Plan, entries: Entries) -> Mapping[str, str]:
        """The bundles, each with the digest of its documents."""
        volumes = list(_volumes(plan))
        forms = {volume.form for volume in volumes}
        digests = (
            entry.content_digest
            for job, entry in zip(plan.jobs, entries.in_plan(), strict=True)
            if job.form in forms and job.suffix == _WORD
        )
        return {volume.path: _digest(islice(digests, volume.documents)) for volume in volumes}

    def make(
        self, plan: Plan, entries: Entries, places: Places, targets: Mapping[str, Path]
    ) -> Iterator[Sequence[str]]:
        """Writes them, one after the other."""
        renderer = rendering.renderer(plan)
        volumes = list(_volumes(plan))
        forms = {volume.form for volume in volumes}
        jobs = (job for job in plan.jobs if job.form in forms and job.suffix == _WORD)
        tasks = rendering.tasks(plan, renderer, jobs)
        for volume in volumes:
            of_volume = islice(tasks, volume.documents)
            if volume.path in targets:
                disk.stage(targets[volume.path], _filled(renderer, volume, of_volume))
                yield [volume.path]
            deque(of_volume, maxlen=0)  # the next volume begins behind it


class _Volume(NamedTuple):
    """One document for the printer."""

    path: str
    form: str
    documents: int
    """How many documents are in it, the next ones of the plan."""


def _volumes(plan: Plan) -> Iterator[_Volume]:
    counts = Counter(job.form for job in plan.jobs if job.suffix == _WORD)
    for form, count in sorted(counts.items()):
        edition = plan.forms.edition(form, plan.dossier.as_of)
        starts = range(0, count, VOLUME) if edition.many else ()
        for number, start in enumerate(starts, start=1):
            end = f"-{str(number).zfill(len(str(len(starts))))}" if len(starts) > 1 else ""
            prefix = DRAFT_PREFIX if plan.draft else ""
            yield _Volume(names.safe(f"{prefix}{edition.title}-打印{end}", _WORD), form, min(VOLUME, count - start))


def _filled(renderer: Renderer, volume: _Volume, tasks: Iterable[Task]) -> bytes:
    source = renderer.sources[volume.form, _WORD]
    bundle = Bundle(source.data, source.name, source.edition, volume.documents, draft=source.draft)
    pictures: dict[str, Picture] = {}
    values = []
    for task in tasks:
        values.append(renderer.values(task))
        pictures |= renderer.pictures(task)
    return bundle.fill(values, pictures)


@dataclass(frozen=True)
class Zip:
    """An archive of the documents, in a folder of the dossier's name."""

    wanted: bool
    kind: str = Kind.ZIP.value

    def sources(self, plan: Plan, entries: Entries) -> Mapping[str, str]:
        """The archive, with the digest of the documents' names and contents."""
        if not entries:
            return {}
        name = names.safe(f"{DRAFT_PREFIX if plan.draft else ''}{plan.dossier.name}", ".zip")
        return {name: _digest(f"{path}\0{entry.content_digest}" for path, entry in entries.in_order())}

    def make(
        self, plan: Plan, entries: Entries, places: Places, targets: Mapping[str, Path]
    ) -> Iterator[Sequence[str]]:
        """Writes it."""
        folder = names.safe(plan.dossier.name)

        def write(stream: BinaryIO) -> None:
            # Documents are compressed already.
            with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
                # What it keeps of each member until the end takes a kB. It looks members up only to warn of doubles.
                archive.filelist = cast("list[zipfile.ZipInfo]", SpillList[zipfile.ZipInfo]())
                for path, entry in entries.in_order():
                    archive.NameToInfo.clear()
                    member = zipfile.ZipInfo(f"{folder}/{path}")  # without a time, and the same on every system:
                    member.create_system, member.file_size = 0, entry.size
                    with archive.open(member, "w") as target, places.of(path).open("rb") as source:
                        copyfileobj(source, target, _BIT)

        for path, file in targets.items():
            disk.compose(file, write)
            yield [path]
