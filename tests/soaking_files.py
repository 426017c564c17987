"""Damages files in thousands of random ways and has them read, judged, annotated and verified: ``make soak``.

Each damaged file is judged in a process of its own with little memory and little time. Whatever is in it, it is read
or refused with a sentence; it stays as it is; an annotated copy is there whole, says the same and opens elsewhere, or
is not there; rows do not vanish without a word; and of a signed document nothing that its signatures cover can have
changed where they hold.

    python tests/soaking_files.py docs/soak.md DATE [--files 8000] [--first 0] [--seed 2020] [--keep FOLDER]
"""

import argparse
import io
import json
import os
import random
import resource
import signal
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl

import damaging
import soak_page
from damaging import Whole
from formgen import checks, opc, submission
from formgen.annotation import handing
from formgen.dossier import Dossier
from formgen.errors import FormgenError
from formgen.reports.rendering import Format, document
from formgen.reports.tally import FailOn
from formgen.signing.certificates import Trust
from formgen.signing.parts import left_out
from formgen.signing.verdict import Held, Question
from formgen.signing.verification import verify
from signing_kit import NOW, ca

MEGABYTES, SECONDS, PATIENCE = 300, 10, 120
"""What one file may take besides what this process holds already: memory, and processor time; and time by the clock."""
_ANNOTATED = (".xlsx", ".xlsm", ".xls", ".ods", ".csv", ".tsv", ".docx")
TITLE = "Damaged files"
_TEXT = f"""\
Lists, forms, filings and JSON of the tests, files that do harm and signed documents are damaged at random, then read,
judged, annotated and verified, each in a process that may take {MEGABYTES} MB more than it began with, and {SECONDS} s
of processor time. Each must be read or refused with a sentence and stay as it is; an annotated copy must be whole, say
the same when it is read, and open in openpyxl where the file does, or not be there; no row may vanish without a word; a
signature may hold only where nothing that it covers has changed. A file is made again, and judged, by its number:
`PYTHONPATH=tests python tests/soaking_files.py again.md DAY --first NUMBER --files 1 --keep FOLDER`."""


@dataclass
class Soaked:
    """How many files ended how, and what did not come out right."""

    ended: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


# --- judging ---------------------------------------------------------------------------------------------------------


def judged(whole: Whole, data: bytes, folder: Path) -> str:
    """How a damaged file ended: read, or refused and by what; anything else is raised."""
    if whole.signed or (data[:2] == b"PK" and whole.name.endswith("x")):
        verified(whole, data)
    path = folder / whole.name
    path.write_bytes(data)
    try:
        dossier = submission.load(path, form=whole.form)
    except FormgenError as error:
        _printed([error.sentence(lang) for lang in ("zh", "en")])
        return "refused"
    _reported(dossier)
    kept(whole, path, dossier)
    how = "read" if dossier.records.get(whole.form) else "found unreadable"
    if path.suffix in _ANNOTATED:
        how += annotated(whole, path, dossier)
    assert path.read_bytes() == data, "the file has been changed"
    assert [each.name for each in folder.iterdir()] == [path.name], "something is left over"
    return how


def _reported(dossier: Dossier) -> None:
    report = checks.check(dossier)
    _printed([finding.message(lang) for finding in report.findings for lang in ("zh", "en")])
    _printed([str(dossier.origin(finding.at)) for finding in report.findings])
    for output in (Format.JSON, Format.SARIF, Format.HTML):
        _printed([document(output, [(dossier, report, None)], redact=output is not Format.JSON)])


def _printed(texts: Sequence[str]) -> None:
    for text in texts:
        text.encode("utf-8")
        assert text, "says nothing"


def rows(dossier: Dossier, form: str) -> int:
    """How many people a list has, or items a filing."""
    return sum(len(found) for record in dossier.records.get(form, ()) for found in _tables(record.values))


def _tables(values: Any) -> Iterator[Any]:
    if isinstance(values, dict):
        yield from (found for found in values.values() if isinstance(found, (dict, list)))


def kept(whole: Whole, path: Path, dossier: Dossier) -> None:
    """That a list of which reading has nothing to say has the rows that it had."""
    if whole.name not in sound() or (path.suffix in (".csv", ".tsv") and _is_cut(whole.data, path.read_bytes())):
        return
    said = {finding.kind.id for finding in dossier.findings} - {"I-no-dossier"}
    found = rows(dossier, whole.form)
    assert said or found >= sound()[whole.name], f"only {found} rows, and not a word"


def _is_cut(data: bytes, by_now: bytes) -> bool:
    """Whether a text has fewer lines: where it ends early, or a line end is damaged, nobody can know of more."""
    in_pairs = data[:2] == b"\xff\xfe"  # a byte less there, and it is another text
    return in_pairs or by_now.count(b"\n") < data.count(b"\n")


_SOUND: dict[str, int] = {}


def sound() -> dict[str, int]:
    """How many rows the sound lists have, by name."""
    if not _SOUND:
        with tempfile.TemporaryDirectory() as folder:
            for whole in damaging.corpus()[0]:
                path = Path(folder, whole.name)
                path.write_bytes(whole.data)
                _SOUND[whole.name] = rows(submission.load(path, form=whole.form), whole.form)
    return _SOUND


def annotated(whole: Whole, path: Path, dossier: Dossier) -> str:
    """What came of annotating it: a whole copy that says the same, or none."""
    # Of the same name: a picture of a document is named by its file.
    target = path.parent / "copy" / path.with_suffix(path.suffix if path.suffix in (".xlsm", ".docx") else ".xlsx").name
    target.parent.mkdir()
    try:
        with redirect_stdout(io.StringIO()):
            handing.run(handing.Request(path, target, whole.form, note=True), FailOn.ERROR)
    except FormgenError as error:
        _printed([error.sentence(lang) for lang in ("zh", "en")])
        target.parent.rmdir()  # an error where there is a copy of a file that was refused
        return ", not annotated"
    again = submission.load(target, form=whole.form)
    assert _values(again, whole.form) == _values(dossier, whole.form), "the copy says something else"
    if path.suffix in (".xlsx", ".xlsm") and _opens(path):
        assert _opens(target), "openpyxl opens the file, but not its copy"
    target.unlink()
    target.parent.rmdir()
    return ", annotated"


def _values(dossier: Dossier, form: str) -> list[Any]:
    return [record.values for record in dossier.records.get(form, ())]


def _opens(path: Path) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            openpyxl.load_workbook(path)
        except Exception:
            return False
    return True


def verified(whole: Whole, data: bytes) -> None:
    """That signatures hold only over what was signed."""
    found = verify(data, whole.name, Trust((ca().certificate,), NOW + timedelta(days=30)))
    if all(found.answer(each).held is Held.YES for each in (Question.MATHEMATICS, Question.COVERAGE)):
        assert whole.signed, "signatures hold in a file that nobody signed"
        assert covered(data) == covered(whole.data), "signatures hold, and what they cover has changed"


def covered(data: bytes) -> object:
    """What the signatures of a document must cover: parts with their types, relationships without their ids."""
    package = opc.read(data, "")
    free = left_out(package)
    parts = {
        name: (package.content_type(name), content)
        for name, content in package.parts.items()
        if name not in free and name not in ("[Content_Types].xml", "_rels/.rels")
    }
    return parts, sorted((each.type, str(each.part)) for each in package.relationships().values())


# --- soaking ---------------------------------------------------------------------------------------------------------


def confined(whole: Whole, data: bytes, folder: Path, judge: Callable[[Whole, bytes, Path], str] = judged) -> list[str]:
    """How a file ended, and what was wrong with that, in a process that may not take more than its share."""
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(out)
            pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
            most = pages * os.sysconf("SC_PAGE_SIZE") + MEGABYTES * 2**20
            resource.setrlimit(resource.RLIMIT_AS, (most, most))
            resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
            signal.alarm(PATIENCE)
            told = [judge(whole, data, folder)]
        except BaseException as error:  # whatever it is, the page is to show it
            trace = traceback.extract_tb(error.__traceback__)
            where = " < ".join(f"{Path(at.filename).name}:{at.lineno}" for at in trace[-1:-4:-1])
            told = ["raised", f"{type(error).__name__} in {where}: {error}"[:300]]
        os.write(into, json.dumps(told).encode())
        os._exit(0)
    os.close(into)
    with os.fdopen(out, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status) != 0 or not said:
        return ["ended", f"ended by {os.waitstatus_to_exitcode(status)}"]
    found: list[str] = json.loads(said)
    return found


def soak(files: int, seed: int, first: int = 0, keep: Path | None = None) -> Soaked:
    """Damages and judges so many files; each is made from the seed and its number, whatever came before."""
    soaked = Soaked()
    damaging.corpus(), sound()
    for number in range(first, first + files):
        rng = random.Random(f"{seed}/{number}")
        whole = damaging.chosen(rng)
        data = damaging.damaged(whole.data, rng)
        with tempfile.TemporaryDirectory() as folder:
            how, *wrong = confined(whole, data, Path(folder))
        soaked.ended[how] += 1
        soaked.wrong += [f"file {number}, from {whole.name}: {said}" for said in wrong]
        if wrong and keep is not None:
            damaging.write(keep, number, whole, data)
        if number % 50 == 0:
            print(f"\r{number - first}/{files}, {len(soaked.wrong)} wrong", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return soaked


def section(soaked: Soaked, day: str, seed: int) -> str:
    """The section of docs/soak.md."""
    figures = (
        f"Commit {soak_page.commit()}, {day}, seed {seed}: {sum(soaked.ended.values())} files,\n"
        f"{len(soaked.wrong)} that came out wrong."
    )
    return soak_page.section(TITLE, _TEXT, figures, soaked.ended, "ended", soaked.wrong)


def main() -> int:
    """Soaks and writes the section."""
    parser = argparse.ArgumentParser()
    parser.add_argument("target", type=Path)
    parser.add_argument("day")
    parser.add_argument("--files", type=int, default=8000)
    parser.add_argument("--first", type=int, default=0, help="the number of the first file: one of them again")
    parser.add_argument("--seed", type=int, default=2020)
    parser.add_argument("--keep", type=Path, help="where files that came out wrong are kept")
    given = parser.parse_args()
    soaked = soak(given.files, given.seed, given.first, given.keep)
    soak_page.write(given.target, section(soaked, given.day, given.seed))
    return 1 if soaked.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
