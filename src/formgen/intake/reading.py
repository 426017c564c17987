"""What reading one file gives, and how it is put together."""

import hashlib
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from formgen.errors import system_reason
from formgen.findings import Address, Finding, Kind, Pointer
from formgen.intake import kinds, limits
from formgen.record import Origin, Record
from formgen.scratch import Scratch

_IN_MEMORY = 4_000_000
"""Bytes of a file that is worth no copy."""
_PIECE = 1 << 18


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that was read: its records, none if it could not be read, and what is to be said of it.

    A list of candidates has many records, any other file has one. ``places`` are the origins of findings whose address
    is no value of a record: a line that is not JSON, a heading. ``digest`` is the file's ``sha256:…``, None if it could
    not even be opened.
    """

    records: Sequence[Record]
    findings: tuple[Finding, ...]
    places: Mapping[Address, Origin] = field(default_factory=dict)
    digest: str | None = None

    @property
    def record(self) -> Record | None:
        """The record of a file that holds one; None if it could not be read."""
        return self.records[0] if self.records else None


class Notes:
    """Findings and places of one file while it is being read."""

    def __init__(self, file: str, form: str, record: str | None, digest: str | None = None) -> None:
        self.file = file
        self.whole = Address(form, (), record)
        self.digest = digest
        self._findings: list[Finding] = []
        self.places: dict[Address, Origin] = {}
        self._count: Counter[Kind] = Counter()

    def add(self, kind: Kind, pointer: Pointer = (), origin: Origin | None = None, **values: object) -> None:
        """Notes a finding; ``origin`` where the record's own origins would not lead there."""
        self.note(Finding(kind, Address(self.whole.form, pointer, self.whole.record), values), origin)

    def note(self, finding: Finding, origin: Origin | None = None) -> None:
        """Notes a finding about any of the file's records."""
        self._count[finding.kind] += 1
        if self._count[finding.kind] > limits.FINDINGS_PER_KIND:
            return
        self._findings.append(finding)
        if origin is not None:
            self.places.setdefault(finding.at, origin)

    def refuse(self, kind: Kind, **values: object) -> None:
        """Notes a finding about the file as a whole."""
        self.add(kind, (), Origin(self.file), **values)

    def contents(self, path: Path, most: int | None = None) -> bytes | None:
        """The bytes of the file, None (with a finding) if it has more than ``most`` or cannot be opened."""
        most = limits.FILE_BYTES if most is None else most
        try:
            with path.open("rb") as stream:
                size = min(os.fstat(stream.fileno()).st_size, most)
                data = stream.read(size + 1)  # not most: so much memory would be taken first
                if len(data) > size:
                    data += stream.read(most - size)  # it has grown, or is too large
        except OSError as error:
            self._refuse_unreadable(error)
            return None
        return data if self._is_taken(len(data), most, hashlib.sha256(data)) else None

    def at_hand(self, path: Path, most: int) -> bytes | Scratch | None:
        """As :meth:`contents`; those of a large file are copied to where they take no memory.

        A copy, since what is read must be what its digest was made of, whoever writes the file meanwhile.
        """
        found, digest = Scratch(), hashlib.sha256()
        try:
            if not _IN_MEMORY < path.stat().st_size <= most:
                return self.contents(path, most)
            with path.open("rb") as stream:
                while len(found) <= most and (piece := stream.read(_PIECE)):
                    digest.update(piece)
                    found.append(piece)
        except OSError as error:
            self._refuse_unreadable(error)
            return None
        return found if self._is_taken(len(found), most, digest) else None

    def _refuse_unreadable(self, error: OSError) -> None:
        reason = system_reason(error)
        self.refuse(kinds.UNREADABLE, reason=reason.zh, english=reason.en)

    def _is_taken(self, size: int, most: int, digest: "hashlib._Hash") -> bool:
        """Whether a file is not too large; notes its digest then."""
        if size > most:
            self.refuse(kinds.TOO_LARGE, what=self.file, limit=f"{most // 1_000_000} MB")
            return False
        self.digest = f"sha256:{digest.hexdigest()}"
        return True

    def reading(self, *records: Record) -> Reading:
        """The reading of records, with everything that was noted."""
        return self.reading_of(records)

    def reading_of(self, records: Sequence[Record]) -> Reading:
        """The same of many."""
        findings = list(self._findings)
        for kind, count in self._count.items():
            if count > limits.FINDINGS_PER_KIND:
                values = {"count": count - limits.FINDINGS_PER_KIND, "name": kind.id}
                findings.append(Finding(kinds.MORE, self.whole, values))
        return Reading(records, tuple(findings), self.places, self.digest)
