"""``manifest.json``: what was written, from what, and what was found; and the journal of a run under way.

Neither holds a clock or a value of the dossier: findings are named by rule and address.
"""

import json
import marshal
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from heapq import merge
from itertools import chain, islice
from operator import attrgetter
from pathlib import Path
from typing import Any, Final, NamedTuple

import formgen
from formgen import packing, parameters, rules
from formgen.checks import Report
from formgen.delivery import disk
from formgen.delivery.plan import Plan
from formgen.errors import UsageError
from formgen.findings import Finding, Outcome, Severity, Text
from formgen.spilling import PLAIN, Codec, SpillDict, in_order, tuples

NAME = "manifest.json"
JOURNAL = ".formgen-journal.json"
_VERSION = 1


class Entry(NamedTuple):
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


class Extra(NamedTuple):
    """A file made of the documents, or of the findings. ``source`` is the digest of what it was made from."""

    path: str
    kind: str
    source: str
    sha256: str
    size: int
    draft: bool


Known = Entry | Extra
"""A file that formgen has written."""
KNOWN: Final = Codec(
    lambda known: marshal.dumps(tuple(known)),
    lambda packed: known(*PLAIN.loads(packed)),
)


def known(*values: Any) -> Known:
    """A file of these values."""
    return Entry(*values) if len(values) == len(Entry._fields) else Extra(*values)


def deflate() -> dict[str, str | int]:
    """What compresses the files that are written now."""
    return {"library": packing.LIBRARY, "version": packing.LIBRARY_VERSION, "level": packing.LEVEL}


def build(plan: Plan, report: Report, documents: Mapping[str, Entry], others: Iterable[Known] = ()) -> Iterator[bytes]:
    """The manifest of a folder that holds ``documents`` and ``others``, bit by bit."""
    dossier = plan.dossier
    waivers = disk.digest(dossier.waivers_file) if dossier.waivers_file is not None else None
    # Neither part of the key has a character that comes before the one between them.
    withheld = SpillDict(
        ((f"{job.form}\0{job.record or ''}", (job.form, job.record or None)) for job in plan.withheld), codec=PLAIN
    )
    return _json(
        {
            "version": _VERSION,
            "formgen": formgen.__version__,
            "dossier": dossier.name,
            "as_of": {"date": dossier.as_of.isoformat(), "why": dossier.as_of_why},
            "inputs": dossier.inputs,
            "rules": rules.digest(),
            "parameters": parameters.load().digest,
            "waivers": waivers,
            **_listed(documents, others),
            "withheld": ({"form": form, "record": record} for _, (form, record) in withheld.in_order()),
            "findings": _findings(report.findings),
        }
    )


def journal(documents: Mapping[str, Entry], others: Iterable[Known]) -> Iterator[bytes]:
    """The journal of files of which some are about to get their names, bit by bit."""
    return _json({"version": _VERSION, **_listed(documents, others)})


def _json(whole: Mapping[str, Any]) -> Iterator[bytes]:
    """The text, a line for each entry of a list: indented throughout, ten thousand files take ten times as long.

    As one text, with all that it is made of, it takes more memory than everything else that is known of a batch.
    """
    before = "{\n"
    for key, value in whole.items():
        yield f"{before}  {json.dumps(key)}: ".encode()
        before = ",\n"
        if isinstance(value, Iterator) or (isinstance(value, list) and value):
            yield from _lines("[]", (_text(_plain(item)) for item in value))
        elif isinstance(value, Mapping) and value and all(isinstance(each, str) for each in value.values()):
            yield from _lines("{}", (f"{_text(name)}: {_text(each)}" for name, each in in_order(value)))
        else:
            text = json.dumps(value, ensure_ascii=False, indent=2).replace("\n", "\n  ")
            yield text.encode("utf-8", "backslashreplace")
    yield b"\n}\n"


def _lines(brackets: str, lines: Iterator[str]) -> Iterator[bytes]:
    """Lines between brackets, some of them together."""
    opening, closing = f"{brackets[0]}\n", brackets
    while some := list(islice(lines, _TOGETHER)):
        yield (opening + ",\n".join(f"    {line}" for line in some)).encode("utf-8", "backslashreplace")
        opening, closing = ",\n", f"\n  {brackets[1]}"
    yield closing.encode()


_text = json.JSONEncoder(ensure_ascii=False).encode
"""Made once: ``dumps`` makes it anew for each of thousands of lines."""
_TOGETHER = 256


def _plain(item: Any) -> Any:
    return item._asdict() if isinstance(item, Known) else item


def _listed(documents: Mapping[str, Entry], others: Iterable[Known]) -> dict[str, Any]:
    """The documents and the others in order; one document at a time, for they are made as they come."""
    entries, extras = SpillDict[Entry](codec=tuples(Entry)), SpillDict[Extra](codec=tuples(Extra))
    for number, file in enumerate(others):
        place = f"{file.path}\0{file.sha256}\0{number:09}"
        if isinstance(file, Entry):
            entries[place] = file
        else:
            extras[place] = file
    return {
        "files": merge(_values(in_order(documents)), _values(entries.in_order()), key=_PLACE),
        "extras": _values(extras.in_order()),
    }


def _values(pairs: Iterator[tuple[str, Known]]) -> Iterator[Known]:
    return (known for _, known in pairs)


_PLACE = attrgetter("path", "sha256")


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


def read(path: Path) -> Iterator[Known]:
    """The documents of a manifest or journal and the files made of them, one by one; none where there is no such file.

    Raises:
        UsageError: the file is not one that formgen wrote; nobody can say then which documents are ours, nor whether
            those are that came before.
        OSError: it cannot be opened.
    """
    reader = _Reader()
    try:
        with path.open("rb") as lines:
            yield from reader.entries(lines)
        whole = json.loads(b"".join(reader.others))
        if whole["version"] != _VERSION:
            raise ValueError(whole["version"])
        for key, entries in (("files", whole["files"]), ("extras", whole.get("extras", ()))):
            for raw in entries:
                yield reader.entry(key, raw)
    except FileNotFoundError:
        return
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _damaged(path) from error


class _Reader:
    """Reads entries, those that stand in a line of their own one by one: of ten thousand, all take thirty megabytes."""

    def __init__(self) -> None:
        self.others: list[bytes] = []
        """The lines of which there are few, which are JSON by themselves."""
        self._same: dict[Any, Any] = {}

    def entries(self, lines: Iterable[bytes]) -> Iterator[Known]:
        """The entries; of an input file, or of what was withheld, there is nothing to keep."""
        key = None
        for line in lines:
            if key is not None and line.startswith(_LINE[key]):
                if key in _LISTS:
                    yield self.entry(key, json.loads(line.rstrip(b",\n")))
                else:
                    json.loads(b"{" + line.rstrip(b",\n") + b"}" if key == "inputs" else line.rstrip(b",\n"))
                continue
            key = _BEGINNINGS.get(line, key if line.startswith(b"   ") else None)
            self.others.append(line)

    def entry(self, key: str, raw: Any) -> Known:
        """An entry; what many have in common is kept once."""
        values = _inside(raw)
        for name in _COMMON & values.keys():
            value = values[name]
            if len(self._same) == _SAME:
                self._same.clear()
            values[name] = self._same.setdefault(repr(value), value)
        return _LISTS[key](**values)


_LISTS: Final[Mapping[str, type[Known]]] = {"files": Entry, "extras": Extra}
_LINE: Final = {"files": b'    {"', "extras": b'    {"', "withheld": b'    {"', "inputs": b'    "'}
_BEGINNINGS: Final = {f'  "{key}": {"{" if key == "inputs" else "["}\n'.encode(): key for key in _LINE}
_COMMON: Final = frozenset({"form", "since", "schema_digest", "template_digest", "deflate", "kind"})
_SAME: Final = 1000
"""So many different values are kept to be given to several entries."""


def _inside(raw: Any) -> dict[str, Any]:
    """What was listed of a file. Files are replaced and removed on its word, so its path must stay in the folder."""
    path, sha256 = raw["path"], raw["sha256"]
    if not isinstance(path, str) or not isinstance(sha256, str):
        raise TypeError(path)
    if not path or path.startswith("/") or ".." in path.split("/") or re.search(r"[\\:\0]", path):
        raise ValueError(path)
    values = dict(raw)
    deflate = values.pop("deflate", {})
    if not _SIMPLE.issuperset(map(type, chain(values.values(), deflate.values()))):
        raise TypeError(path)
    return dict(raw)


_SIMPLE: Final = frozenset({str, int, float, bool, type(None)})


def _damaged(path: Path) -> UsageError:
    return UsageError(
        Text(
            "这不是本版 formgen 写的清单，认不出哪些文件可以替换",
            "this was not written by this version of formgen, so it cannot be told which files may be replaced",
        ),
        place=str(path),
        remedy=Text("请把整个输出文件夹移走，或加 --force", "move the whole output folder away, or add --force"),
    )
