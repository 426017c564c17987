"""What an approver looks at, and the code that says: this is what I have seen.

The proofs are rendered to files, the findings to a table. Approving renders both anew; where the code is another one,
something has changed since it was looked at, and nothing is signed. What is recorded are digests of the files'
own bytes: whoever keeps the folder can hold it against the ledger with any program that computes SHA-256.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from formgen.delivery import disk
from formgen.findings import Finding, Outcome
from formgen.issuing.material import Case, Material
from formgen.reports import rendering
from formgen.reports.rendering import Format
from formgen.signing import dsse
from formgen.signing.statement import Shown

_CODE = 8
LIST, TABLE, DATA = "送审清单.json", "问题.html", "问题.json"


@dataclass(frozen=True)
class Review:
    """The proofs of some cases and the findings that concern them."""

    materials: tuple[Material, ...]
    cases: tuple[Case, ...]
    bundle: Mapping[str, bytes]
    """The files for the printer, by their paths: together they show every proof."""
    findings: Mapping[str, bytes]
    """The table of the findings, to look at and as JSON."""
    to_acknowledge: int
    """Findings that do not stop the forms, and that an approver has to take note of: unverified and waived ones."""

    @cached_property
    def listed(self) -> bytes:
        """The list of everything that is shown: case, kind of document, digest; path and digest of each file."""
        proofs = sorted(
            [case.number, kind, digest]
            for case in self.cases
            for kind, digest in case.subjects.items()
            if kind.startswith("proof.")
        )
        files = {**self.bundle, **self.findings}
        return dsse.canonical({"proofs": proofs, "files": {name: dsse.digest(data) for name, data in files.items()}})

    @property
    def code(self) -> str:
        """Stands for everything that was shown."""
        return sha256(self.listed).hexdigest()[:_CODE]

    @cached_property
    def shown(self) -> Shown:
        """What each statement has of it: the files of all cases are gone through once, not for every case."""
        bundle = tuple(sorted(dsse.digest(data) for data in self.bundle.values()))
        return Shown(bundle, dsse.digest(self.findings[TABLE]), self.to_acknowledge)

    def write(self, folder: Path) -> tuple[str, ...]:
        """Writes proofs, documents for the printer, list and table into an empty folder; the paths below it."""
        written = []
        with disk.reporting(folder):
            for name, data in self._files():
                disk.write(folder / name, data)
                written.append(name)
        return tuple(written)

    def _files(self) -> Iterator[tuple[str, bytes]]:
        yield LIST, self.listed
        yield from self.findings.items()
        yield from self.bundle.items()
        for material in self.materials:
            for job in (job for case in _own(self.cases, material) for job in case.jobs):
                name = f"{material.plan.folder.name}/{job.target}"
                if name not in self.bundle:
                    yield name, material.proof(job).data


def review(materials: Sequence[Material], cases: Sequence[Case], lang: str = "zh") -> Review:
    """What there is to look at before approving some cases; the table of findings in ``lang``."""
    bundle: dict[str, bytes] = {}
    judged: list[rendering.Judged] = []
    for material in materials:
        own = _own(cases, material)
        bundle |= {f"{material.plan.folder.name}/{name}": data for name, data in material.for_printing(own)}
        judged.append((material.dossier, material.concerning(own), None))
    findings = {
        name: rendering.document(kind, judged, (), lang, redact=False).encode("utf-8", "backslashreplace")
        for name, kind in ((TABLE, Format.HTML), (DATA, Format.JSON))
    }
    noted = sum(_is_noted(finding) for _, report, _ in judged for finding in report.findings)
    return Review(tuple(materials), tuple(cases), bundle, findings, noted)


def _own(cases: Sequence[Case], material: Material) -> list[Case]:
    return [case for case in cases if case.dossier is material.dossier]


def _is_noted(finding: Finding) -> bool:
    return finding.waived is not None or finding.outcome is Outcome.UNVERIFIED
