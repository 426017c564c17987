"""Many documents in one: for the printer, and in an archive."""

import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from shutil import copyfileobj
from typing import BinaryIO

from formgen.delivery import disk, names, rendering
from formgen.delivery.extras import Places
from formgen.delivery.manifest import Entry
from formgen.delivery.plan import DRAFT_PREFIX, Job, Plan
from formgen.filling.bundle import Bundle
from formgen.pictures import Picture

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

    def sources(self, plan: Plan, entries: Mapping[str, Entry]) -> Mapping[str, str]:
        """The bundles, each with the digest of its documents."""
        return {
            path: _digest(entries[job.target].content_digest for job in jobs)
            for path, jobs in self._volumes(plan).items()
        }

    def make(
        self, plan: Plan, entries: Mapping[str, Entry], places: Places, targets: Mapping[str, Path]
    ) -> Iterator[Sequence[str]]:
        """Writes them, one after the other."""
        renderer = rendering.renderer(plan)
        for path, jobs in self._volumes(plan).items():
            if path not in targets:
                continue
            source = renderer.sources[jobs[0].form, _WORD]
            bundle = Bundle(source.data, source.name, source.edition, len(jobs), draft=source.draft)
            pictures: dict[str, Picture] = {}
            values = []
            for task in rendering.tasks(plan, renderer, jobs):
                values.append(renderer.values(task))
                pictures |= renderer.pictures(task)
            disk.stage(targets[path], bundle.fill(values, pictures))
            yield [path]

    def _volumes(self, plan: Plan) -> dict[str, list[Job]]:
        volumes: dict[str, list[Job]] = {}
        for form in sorted({job.form for job in plan.jobs}):
            edition = plan.forms.edition(form, plan.dossier.as_of)
            jobs = [job for job in plan.jobs if job.form == form and job.suffix == _WORD]
            starts = range(0, len(jobs), VOLUME) if edition.many else ()
            for number, start in enumerate(starts, start=1):
                end = f"-{str(number).zfill(len(str(len(starts))))}" if len(starts) > 1 else ""
                prefix = DRAFT_PREFIX if plan.draft else ""
                name = names.safe(f"{prefix}{edition.title}-打印{end}", _WORD)
                volumes[name] = jobs[start : start + VOLUME]
        return volumes


@dataclass(frozen=True)
class Zip:
    """An archive of the documents, in a folder of the dossier's name."""

    wanted: bool
    kind: str = Kind.ZIP.value

    def sources(self, plan: Plan, entries: Mapping[str, Entry]) -> Mapping[str, str]:
        """The archive, with the digest of the documents' names and contents."""
        if not entries:
            return {}
        name = names.safe(f"{DRAFT_PREFIX if plan.draft else ''}{plan.dossier.name}", ".zip")
        return {name: _digest(f"{path}\0{entries[path].content_digest}" for path in sorted(entries))}

    def make(
        self, plan: Plan, entries: Mapping[str, Entry], places: Places, targets: Mapping[str, Path]
    ) -> Iterator[Sequence[str]]:
        """Writes it."""
        folder = names.safe(plan.dossier.name)

        def write(stream: BinaryIO) -> None:
            # Documents are compressed already.
            with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
                for path in sorted(entries):
                    member = zipfile.ZipInfo(f"{folder}/{path}")  # without a time, and the same on every system:
                    member.create_system, member.file_size = 0, entries[path].size
                    with archive.open(member, "w") as target, places.of(path).open("rb") as source:
                        copyfileobj(source, target, _BIT)

        for path, file in targets.items():
            disk.compose(file, write)
            yield [path]
