"""Measures reading and judging submitted lists beside two peers, and writes the tables into docs/benchmarks.md.

    python benchmarks/reading.py DATE [--files 1000] [--rows 100000] [--most 1000000] [--rounds 3]

The peers (openpyxl + jsonschema, frictionless) get an environment of their own, which this script makes; all take
turns, A, B, C, A, B, C, each in a process of its own; what counts is the median. Where one process is compared with one
it is processor time; a folder of files is also given to the whole command, `formgen validate FOLDER` as anybody calls
it, and measured by the clock from its start to its end, beside the peers' whole programs.

What is asked: many files of 59 rows, with schema, rules and all findings with their cells, by the clock at least four
times as fast as either peer, who know no rules and print nothing, each with its default settings (ours takes as many
processes as pay); one long list, in processor time, at least six times as fast, read and checked by its schema as they
do; time that grows with the rows and no faster; under 1.5 GB for a million rows; and a list of which every row is wrong
in no more than three times the time of a clean one. It ends with 1 if one of these does not hold.
"""

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import page
import xlsxwriter

HERE = Path(__file__).parent
PEOPLE = 59
FILES_FACTOR, ROWS_FACTOR, WRONG_FACTOR = 4.0, 6.0, 3.0
MEGABYTES = 1_500
GROWTH = 13.0
"""Ten times the rows may take so many times as long; a square would take a hundred."""
PEERS = ("openpyxl>=3.1.5", "jsonschema>=4.23", "frictionless[excel]>=5.18")
HEADINGS = (
    "序号", "姓名", "政治面貌", "院系", "年级", "最近1个学期/最近1学年/入学以来学习成绩综合排名（一年级新生不需填写）",
    "是否存在课程不及格情况", "院系、班级学生工作经历", "备注",
)  # fmt: skip

OURS = """
import resource, sys, time
from datetime import date
from pathlib import Path
from formgen import checks, forms, schema_checks, submission

def work(paths, judge):
    places = 0
    for path in paths:
        dossier = submission.load(path, as_of=date(2020, 12, 4))
        if judge:
            places += sum(len(str(dossier.origin(finding.at))) > 0 for finding in checks.check(dossier).findings)
        else:
            schema = forms.catalogue().edition("staff_list", dossier.as_of).schema
            for record in dossier.records["staff_list"]:
                found = schema_checks.check(record.values, schema, record.address)
                places += sum(len(str(record.origins.find(finding.at.pointer))) > 0 for finding in found)
    return places

files = sorted(Path(sys.argv[1]).glob("*.xlsx"))
judge = sys.argv[2] == "judge"
if sys.argv[3] == "warm":
    work(files[:1], judge)
begun = time.process_time()
places = work(files, judge)
print(time.process_time() - begun, places, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def people(count: int, seed: int) -> Iterator[list[Any]]:
    """Rows of a list in which hardly anything is wrong; names do not come twice."""
    draw = random.Random(seed)  # noqa: S311 (always the same lists)
    for number in range(count):
        name = "".join(chr(0x4E00 + number // 2_000**place % 2_000) for place in range(3))
        department = draw.choice(("学习部", "宣传部", "组织部", "文体部"))
        post = f"2019年任计科190{draw.randint(1, 9)}班班长，现任学生会{department}干事"
        status, college = draw.choice(("共青团员", "中共党员")), draw.choice(("理工学院", "文学院", "机电系"))
        yield [
            number + 1,
            name,
            status,
            college,
            draw.choice(("18级", "19级")),
            f"{draw.randint(1, 18)}/60",
            "否",
            post,
        ]


def write(path: Path, rows: Iterator[Sequence[Any]], *, long: bool = False) -> None:
    """A workbook as Excel would write it; a long one without the table of its texts, which would not fit in memory."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": long})
    sheet = book.add_worksheet("名单")
    sheet.write_row(0, 0, HEADINGS)
    for number, row in enumerate(rows, start=1):
        sheet.write_row(number, 0, row)
    book.close()


def shifted(rows: Iterator[list[Any]]) -> Iterator[list[Any]]:
    """The same with a column put in behind the first: everything stands under the wrong heading."""
    return ([row[0], None, *row[1:]] for row in rows)


def folder(
    place: Path, name: str, rows: Callable[[int], Iterator[Sequence[Any]]], files: int = 1, *, long: bool = False
) -> Path:
    """A folder with so many workbooks."""
    made = place / name
    made.mkdir()
    for number in range(files):
        write(made / f"{number:04d}.xlsx", rows(number), long=long)
    return made


def ours(files: Path, *, judge: bool, warm: bool = True) -> tuple[float, int, int]:
    """Processor seconds, findings and peak megabytes of formgen."""
    words = [sys.executable, "-c", OURS, str(files), "judge" if judge else "schema", "warm" if warm else "cold"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    seconds, found, memory = done.stdout.split()
    return float(seconds), int(found), int(memory)


def peer(python: Path, name: str, files: Path) -> float:
    """Processor seconds of a peer."""
    words = [str(python), str(HERE / "reading_peers.py"), name, str(files)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[0])


def peers_python(place: Path) -> Path:
    """The Python of the peers' environment."""
    subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
    python = place / "bin" / "python"
    subprocess.run([str(python), "-m", "pip", "install", "-q", *PEERS], check=True)
    return python


def by_the_clock(*words: str | Path) -> float:
    """Seconds that a whole program takes, from its start to its end."""
    begun = time.perf_counter()
    done = subprocess.run([str(word) for word in words], stdout=subprocess.DEVNULL, check=False)
    seconds = time.perf_counter() - begun
    if done.returncode not in (0, 1):  # 1: there are errors in the lists
        raise subprocess.CalledProcessError(done.returncode, done.args)
    return seconds


def whole_commands(python: Path, files: Path, choices: argparse.Namespace) -> dict[str, float]:
    """The median seconds by the clock of each program, on a folder of files; ours first."""
    command = (sys.executable, "-m", "formgen", "validate", files, "--as-of", "2020-12-04")
    return rounds(
        choices.rounds,
        {
            "formgen validate": lambda: by_the_clock(*command),
            "formgen validate -j 1": lambda: by_the_clock(*command, "-j", "1"),
            "openpyxl + jsonschema": lambda: by_the_clock(python, HERE / "reading_peers.py", "openpyxl", files),
            "frictionless": lambda: by_the_clock(python, HERE / "reading_peers.py", "frictionless", files),
        },
    )


def table(medians: dict[str, float], own: str, count: int) -> list[str]:
    """The rows of a table: all beside ``own``."""
    return [
        f"| {name} | {seconds * 1000 / count:,.1f} | {seconds:,.2f} | {seconds / medians[own]:.1f} |"
        for name, seconds in medians.items()
    ]


def faster(medians: dict[str, float], own: str) -> float:
    """How many times as fast as the faster peer ``own`` is."""
    return min(medians["openpyxl + jsonschema"], medians["frictionless"]) / medians[own]


def rounds(count: int, runs: dict[str, Callable[[], float]]) -> dict[str, float]:
    """The median of each run; they take turns."""
    spent: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(count):
        for name, run in runs.items():
            spent[name].append(run())
    return {name: statistics.median(times) for name, times in spent.items()}


def compared(
    python: Path, files: Path, count: int, choices: argparse.Namespace, *, judge: bool
) -> tuple[list[str], float]:
    """The rows of a table, and how many times as fast as the faster peer we are."""
    runs: dict[str, Callable[[], float]] = {
        "formgen, schema": lambda: ours(files, judge=False)[0],
        "formgen, schema and rules": lambda: ours(files, judge=True)[0],
        "openpyxl + jsonschema": lambda: peer(python, "openpyxl", files),
        "frictionless": lambda: peer(python, "frictionless", files),
    }
    medians = rounds(choices.rounds, runs)
    own = "formgen, schema and rules" if judge else "formgen, schema"
    return table(medians, own, count), faster(medians, own)


def main() -> int:
    """Measures, writes, and says whether all that is asked holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("date")
    parser.add_argument("--files", type=int, default=1_000)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--most", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", type=Path, help="the Python of an environment with the peers; else one is made")
    choices = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        python = choices.peers or peers_python(place / "peers")
        many = folder(place, "many", lambda number: people(PEOPLE, number), choices.files)
        many_lines, _ = compared(python, many, choices.files, choices, judge=True)
        whole = whole_commands(python, many, choices)
        long = folder(place, "long", lambda _: people(choices.rows, 0))
        long_lines, long_factor = compared(python, long, 1, choices, judge=False)
        wrong = folder(place, "wrong", lambda number: shifted(people(PEOPLE, number)), choices.files)
        times = rounds(
            choices.rounds,
            {"clean": lambda: ours(many, judge=True)[0], "wrong": lambda: ours(wrong, judge=True)[0]},
        )
        sizes = [choices.most // 100, choices.most // 10, choices.most]
        grown = []
        for rows in sizes:
            files = folder(place, f"rows{rows}", lambda _, rows=rows: people(rows, 1), long=True)
            grown.append((rows, ours(files, judge=True, warm=False)))
    growth = [later[1][0] / max(earlier[1][0], 0.001) for earlier, later in pairwise(grown)]
    asked = {
        f"{choices.files:,} files, by the clock: at least {FILES_FACTOR:.0f} times": (
            faster(whole, "formgen validate") >= FILES_FACTOR
        ),
        f"{choices.rows:,} rows: at least {ROWS_FACTOR:.0f} times": long_factor >= ROWS_FACTOR,
        f"all wrong: at most {WRONG_FACTOR:.0f} times a clean one": times["wrong"] <= WRONG_FACTOR * times["clean"],
        f"ten times the rows: at most {GROWTH:.0f} times": max(growth) <= GROWTH,
        f"{sizes[-1]:,} rows: under {MEGABYTES:,} MB": grown[-1][1][2] < MEGABYTES,
    }
    head = "| what | ms a file | all, s | times ours |\n|---|---:|---:|---:|"
    page.put(
        Path(__file__).name,
        [
            "## Reading submitted lists",
            "",
            *page.where(choices.date),
            "",
            "The median of several rounds in turns, each in a process of its own, in processor time unless the clock",
            "is named; others worked beside. The peers know no rules; openpyxl reads in its fast mode, which trusts a",
            "sheet's stated size.",
            "",
            f"### {choices.files:,} files of {PEOPLE} rows",
            "",
            "The whole program by the clock, from start to end, with default settings; ours with rules and a report:",
            "",
            head,
            *table(whole, "formgen validate", choices.files),
            "",
            "One process, warm, in processor time:",
            "",
            head,
            *many_lines,
            "",
            f"With a shifted column, so that every row is wrong: {times['wrong'] / times['clean']:.1f} times the time.",
            "",
            f"### One file of {choices.rows:,} rows",
            "",
            head,
            *long_lines,
            "",
            "### Longer lists, with schema and rules",
            "",
            "| rows | s | findings | peak MB |\n|---:|---:|---:|---:|",
            *[f"| {rows:,} | {took:.1f} | {found:,} | {memory:,} |" for rows, (took, found, memory) in grown],
            "",
            "| asked | holds |\n|---|---|",
            *[f"| {what} | {'yes' if holds else '**no**'} |" for what, holds in asked.items()],
        ],
    )
    for what, holds in asked.items():
        if not holds:
            print(f"does not hold: {what}", file=sys.stderr)
    return int(not all(asked.values()))


if __name__ == "__main__":
    sys.exit(main())
