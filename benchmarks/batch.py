"""Measures a batch beside docxtpl's bare render, and writes the tables into docs/benchmarks.md.

    python benchmarks/batch.py DATE [--candidates 10000] [--dossiers 60]

From cold start: a spreadsheet of candidates and a folder of photos become checked documents, by the command itself.
docxtpl renders the same template with the same values, in an environment of its own, its template reused, nothing
checked; both take turns. What else the machine does shows in the clock, so processor time stands beside it.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jinja
import many_candidates
import many_dossiers
import page

from formgen.dossier import load

ROOT = Path(__file__).parents[1]
PEER = "docxtpl==0.20.2"
CHECKED, BARE = 50, 100
"""What is asked for: so many times the rate of the peer, with all checks, and for filling and writing alone."""
MEMORY = 1.1
"""Ten times the documents may take so many times the memory: what is known of each lies on the disk."""
_SAMPLE = 100
_ROUNDS = 2
_ALONE = """
import json, sys, time
from pathlib import Path
import formgen
from formgen.delivery import carrying, plan
from formgen.delivery.workers import processes
if __name__ == "__main__":
    dossier = formgen.load(Path(sys.argv[1]))
    report = formgen.check(dossier)
    begin = time.perf_counter()
    with processes(int(sys.argv[3])) as crew:
        carrying.carry_out(plan.plan(dossier, Path(sys.argv[2])), report, None, crew)
    print(json.dumps(time.perf_counter() - begin))
"""


@dataclass(frozen=True)
class Run:
    """What a process took, with those that it started."""

    wall: float
    processor: float
    memory: int
    """MB of the largest of them."""
    said: str


def run(*command: object) -> Run:
    begin = time.perf_counter()
    with subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, cwd=ROOT) as child:
        assert child.stdout is not None  # noqa: S101
        said = child.stdout.read().decode()
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - begin
    if child.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} ended with {child.returncode}")
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024, said)


def generate(folder: Path, out: Path, *options: object) -> Run:
    return run(sys.executable, "-m", "formgen", "generate", folder, "-o", out, *options)


class Peer:
    """docxtpl, with the same template and values."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        venv.create(folder / "venv", with_pip=True)
        self._python = folder / "venv" / "bin" / "python"
        run(self._python, "-m", "pip", "install", "--quiet", PEER)
        (folder / "out").mkdir()
        jinja.as_word_saves(ROOT / "templates" / "candidate_registration.docx", folder / "saved.docx")
        self.fields = jinja.write(folder / "saved.docx", folder / "template.docx")
        dossier = load(many_candidates.DEMO)
        records = [{**r.values, "dossier": dossier.values} for r in dossier.records["candidate_registration"]]
        (folder / "records.json").write_text(json.dumps(records), "utf-8")

    def render(self) -> tuple[float, float]:
        """Seconds for a document, by the clock and of the processor."""
        script = ROOT / "benchmarks" / "peers" / "docxtpl_candidates.py"
        place = self._folder
        said = run(
            self._python, script, place / "template.docx", place / "records.json", many_candidates.DEMO,
            place / "out", _SAMPLE,
        ).said  # fmt: skip
        found = json.loads(said)
        return found["wall"], found["processor"]


def measure(folder: Path, count: int, dossiers: int, day: str, met: list[bool]) -> Iterator[str]:
    """The lines of the page; ``met`` takes whether each thing that is asked for holds."""
    small, large = folder / "small", folder / "large"
    many_candidates.make(small, count // 10)
    many_candidates.make(large, count)
    peer = Peer(folder / "peer") if (folder / "peer").mkdir() is None else None
    assert peer is not None  # noqa: S101
    peers: list[tuple[float, float]] = []
    whole: list[Run] = []
    alone: list[float] = []
    for number in range(_ROUNDS):
        peers.append(peer.render())
        whole.append(generate(large, folder / f"out{number}"))
        peers.append(peer.render())
        place = folder / f"alone{number}"
        alone.append(json.loads(run(sys.executable, "-c", _ALONE, large, place, 2).said))
    one = generate(large, folder / "one", "-j", 1)
    again = generate(large, folder / "one", "-j", 1)
    few = [generate(small, folder / "few", "-j", 1) for _ in range(2)]
    files = list(_of_files(folder, count))
    wall, processor = (statistics.median(column) for column in zip(*peers, strict=True))
    best, bare = min(run.wall for run in whole), min(alone)
    grown = [(one, few[0]), (again, few[1]), *files]
    met += [wall * count / best >= CHECKED, wall * count / bare >= BARE]
    met += [many.memory <= MEMORY * of_few.memory for many, of_few in grown]
    yield "## A batch"
    yield ""
    yield f"`benchmarks/batch.py`. {' '.join(page.where(day))}"
    yield f"{count} candidates from one spreadsheet, each with a photo of some 30 kB, from cold start; beside {PEER},"
    yield f"which renders the same form ({peer.fields} places) with its template reused and checks nothing."
    yield ""
    yield "| | documents/s by the clock | × | processor ms each | × | MB |"
    yield "|---|---|---|---|---|---|"
    yield f"| docxtpl, bare render, one process | {1 / wall:.0f} | 1 | {processor * 1000:.1f} | 1 | |"
    for title, taken in (
        ("formgen, all checks, as many processes as pay", min(whole, key=lambda each: each.wall)),
        ("the same, one process", one),
        ("the same again: nothing is written", again),
    ):
        each = taken.processor / count
        yield (
            f"| {title} | {count / taken.wall:.0f} | {wall * count / taken.wall:.0f} | {each * 1000:.2f} "
            f"| {processor / each:.0f} | {taken.memory} |"
        )
    yield f"| filling and writing alone, two processes | {count / bare:.0f} | {wall * count / bare:.0f} | | | |"
    yield ""
    yield f"Memory of one process, in MB; ten times the candidates may take {MEMORY} times as much:"
    yield ""
    yield f"| | {count // 10} candidates | {count} candidates | × |"
    yield "|---|---|---|---|"
    titles = ("a spreadsheet", "the same again: nothing is written", "a file of JSON for each", "the same again")
    for title, (many, of_few) in zip(titles, grown, strict=True):
        yield f"| {title} | {of_few.memory} | {many.memory} | {many.memory / of_few.memory:.2f} |"
    yield ""
    yield from _province(folder, dossiers)
    yield ""
    yield f"Asked for: {CHECKED} times docxtpl's rate with all checks ({wall * count / best:.0f} here), {BARE} times"
    yield f"for filling and writing alone ({wall * count / bare:.0f} here)."


def _of_files(folder: Path, count: int) -> Iterator[tuple[Run, Run]]:
    """A first run and another one over a file for each candidate, each beside the same of a tenth of them."""
    many, few = folder / "many-files", folder / "few-files"
    many_candidates.make(many, count, files=True)
    many_candidates.make(few, count // 10, files=True)
    for _ in range(2):
        yield generate(many, folder / "of-files", "-j", 1), generate(few, folder / "of-files", "-j", 1)


def _province(folder: Path, dossiers: int) -> Iterator[str]:
    """What a whole dossier costs: the unit of work of a province."""
    many_dossiers.make(folder / "schools", dossiers)
    taken = run(
        sys.executable, "-c",
        "import sys; from formgen import cli\ntry: cli.main(sys.argv[1:])\nexcept SystemExit: pass",
        "generate", folder / "schools", "-o", folder / "province", "--draft", "-j", 2,
    )  # fmt: skip
    written = sum(1 for path in (folder / "province").rglob("*.*") if path.suffix in (".docx", ".xlsx"))
    yield f"{dossiers} dossiers of schools, read, checked and written as drafts ({written} documents) by two"
    yield f"processes: {taken.wall:.1f} s by the clock, {taken.processor / dossiers * 1000:.0f} ms of a processor each,"
    yield f"{taken.memory} MB in the largest process."


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("day")
    parser.add_argument("--candidates", type=int, default=10_000)
    parser.add_argument("--dossiers", type=int, default=60)
    given = parser.parse_args()
    met: list[bool] = []
    with tempfile.TemporaryDirectory() as name:
        lines = list(measure(Path(name), given.candidates, given.dossiers, given.day, met))
    page.put("batch.py", lines)
    print("\n".join(lines))
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
