"""What an approver looks at, and the code that says: this is what I have seen.

The proofs are rendered to files, the findings to a table. Approving renders both anew; where the code is another one,
something has changed since it was looked at, and nothing is signed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from formgen.delivery import disk
from formgen.findings import Outcome
from formgen.issuing.material import Case, Material
from formgen.reports import rendering
from formgen.reports.rendering import Format
from formgen.signing import dsse
from formgen.signing.statement import Shown

_CODE = 8


@dataclass(frozen=True)
class Review:
    """The proofs of some cases and the findings of their dossiers."""

    materials: tuple[Material, ...]
    cases: tuple[Case, ...]
    bundle: bytes
    """The list of the proofs: case, kind of document, digest. The documents for the printer are made of these."""
    findings: bytes
    """The table of the findings, as JSON."""
    to_acknowledge: int
    """Findings that do not stop the forms, and that an approver has to take note of: unverified and waived ones."""

    @property
    def code(self) -> str:
        """Stands for everything that was shown."""
        return sha256(self.bundle + b"\0" + self.findings).hexdigest()[:_CODE]

    @property
    def shown(self) -> Shown:
        """What a statement has of it."""
        return Shown(dsse.digest(self.bundle), dsse.digest(self.findings), self.to_acknowledge)

    def write(self, folder: Path, lang: str) -> tuple[str, ...]:
        """Writes proofs, documents for the printer, list and table into an empty folder; the paths below it."""
        written = []
        with disk.reporting(folder):
            for name, data in self._files(lang):
                disk.write(folder / name, data)
                written.append(name)
        return tuple(written)

    def _files(self, lang: str) -> Iterator[tuple[str, bytes]]:
        yield "送审清单.json", self.bundle
        yield "问题.json", self.findings
        judged = [(material.dossier, material.report, None) for material in self.materials]
        table = rendering.document(Format.HTML, judged, (), lang, redact=False)
        yield "问题.html", table.encode("utf-8", "backslashreplace")
        for material in self.materials:
            own = [case for case in self.cases if case.dossier is material.dossier]
            folder = material.plan.folder.name
            for job in (job for case in own for job in case.jobs):
                yield f"{folder}/{job.target}", material.proof(job).data
            for name, data in material.bundles(own):
                yield f"{folder}/{name}", data


def review(materials: Sequence[Material], cases: Sequence[Case]) -> Review:
    """What there is to look at before approving some cases."""
    listed = sorted(
        (case.number, kind, digest)
        for case in cases
        for kind, digest in case.subjects.items()
        if kind.startswith("proof.")
    )
    judged = [(material.dossier, material.report, None) for material in materials]
    findings = rendering.document(Format.JSON, judged, (), "zh", redact=False)
    noted = [
        finding
        for material in materials
        for finding in material.report.findings
        if finding.waived is not None or finding.outcome is Outcome.UNVERIFIED
    ]
    return Review(
        tuple(materials),
        tuple(cases),
        dsse.canonical([list(entry) for entry in listed]),
        findings.encode("utf-8", "backslashreplace"),
        len(noted),
    )
