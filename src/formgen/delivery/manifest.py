"""``manifest.json``: what was written, from what, and what was found; and the journal of a run under way.

Neither holds a clock or a value of the dossier: findings are named by rule and address.
"""

import json
import re
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import formgen
from formgen import opc, parameters, rules
from formgen.checks import Report
from formgen.delivery import disk
from formgen.delivery.plan import Plan
from formgen.errors import UsageError
from formgen.findings import Finding, Outcome, Severity, Text

NAME = "manifest.json"
JOURNAL = ".formgen-journal.json"
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One document. ``since`` is the first day of the form's edition, None for its first."""

    path: str
    form: str
    record: str | None
    since: str | None
    schema_digest: str
    template_digest: str
    content_digest: str
    sha256: str
    size: int
    deflate: dict[str, str | int]
    draft: bool


def deflate() -> dict[str, str | int]:
    """What compresses the files that are written now."""
    library, level = opc.DEFLATE
    return {"library": library, "version": zlib.ZLIB_RUNTIME_VERSION, "level": level}


def build(plan: Plan, report: Report, entries: Iterable[Entry]) -> bytes:
    """The manifest of a folder that holds ``entries``."""
    dossier = plan.dossier
    waivers = disk.digest(dossier.waivers_file) if dossier.waivers_file is not None else None
    return _json(
        {
            "version": _VERSION,
            "formgen": formgen.__version__,
            "dossier": dossier.name,
            "as_of": {"date": dossier.as_of.isoformat(), "why": dossier.as_of_why},
            "inputs": dict(sorted(dossier.inputs.items())),
            "rules": rules.digest(),
            "parameters": parameters.load().digest,
            "waivers": waivers,
            "files": _listed(entries),
            "findings": _findings(report.findings),
        }
    )


def journal(entries: Iterable[Entry]) -> bytes:
    """The journal of files that are about to get their names."""
    return _json({"version": _VERSION, "files": _listed(entries)})


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "backslashreplace")


def _listed(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    return [asdict(entry) for entry in sorted(entries, key=lambda entry: (entry.path, entry.sha256))]


def _findings(findings: tuple[Finding, ...]) -> dict[str, Any]:
    standing = [finding for finding in findings if finding.waived is None]
    failed = Counter(f.kind.severity for f in standing if f.outcome is Outcome.FAILED)
    unverified = [f for f in standing if f.outcome is Outcome.UNVERIFIED]
    waived = [f for f in findings if f.waived is not None]
    return {
        "failed": {severity.value: failed[severity] for severity in Severity},
        "unverified": sorted(
            ({"rule": f.kind.id, "at": str(f.at)} for f in unverified), key=lambda item: (item["rule"], item["at"])
        ),
        "waived": sorted(
            ({"rule": f.kind.id, "at": str(f.at), "reason": f.waived} for f in waived),
            key=lambda item: (str(item["rule"]), str(item["at"])),
        ),
    }


# --- reading ---------------------------------------------------------------------------------------------------------


def read(path: Path) -> tuple[Entry, ...]:
    """The entries of a manifest or journal; none where there is no such file.

    Raises:
        UsageError: the file is not one that formgen wrote; nobody can say then which documents are ours.
        OSError: it cannot be opened.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return ()
    try:
        whole = json.loads(data)
        if whole["version"] != _VERSION:
            raise ValueError(whole["version"])
        return tuple(_entry(raw) for raw in whole["files"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _damaged(path) from error


def _entry(raw: Any) -> Entry:
    """The entry that was listed. Files are replaced and removed on its word, so its path must stay in the folder."""
    path, sha256 = raw["path"], raw["sha256"]
    if not isinstance(path, str) or not isinstance(sha256, str):
        raise TypeError(path)
    if not path or path.startswith("/") or ".." in PurePosixPath(path).parts or re.search(r"[\\:\0]", path):
        raise ValueError(path)
    return Entry(**raw)


def _damaged(path: Path) -> UsageError:
    return UsageError(
        Text(
            "这不是本版 formgen 写的清单，认不出哪些文件可以替换",
            "this was not written by this version of formgen, so it cannot be told which files may be replaced",
        ),
        place=str(path),
        remedy=Text("请把整个输出文件夹移走，或加 --force", "move the whole output folder away, or add --force"),
    )
