"""Measures the rules and the summary, and writes the tables into docs/benchmarks.md.

    python benchmarks/rules.py DATE [--dossiers 3000]

What is asked: the whole rule book on a dossier of 59 people in under 10 ms once it is loaded; rules that stay linear up
to 100,000 rows; a summary of 3,000 dossiers in bounded memory. It ends with 1 if one of these does not hold.
"""

import argparse
import copy
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import many_dossiers
import page

from formgen import checks, rules
from formgen.dossier import Dossier, load
from formgen.record import CellOrigins, Origin, Record
from formgen.rules import Rule
from formgen.rules.subject import Law, Node, Verdict

ROOT = Path(__file__).parents[1]
SHIPPED = ROOT / "inputs" / "lzmvc-2020"
PEOPLE = 59
MILLISECONDS = 10.0
ROWS = (1_000, 10_000, 100_000)
GROWTH = 25.0
"""Ten times the rows may take so many times as long: linear, with room for noise; a square would take a hundred."""
MEMORY = 1.3
"""Ten times the dossiers may take so many times the memory."""
_REPEATS = 40


def best(run: Callable[[], object], repeats: int) -> float:
    """The least processor time of some runs, in seconds: what else the machine does is no property of ours."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return min(times)


def timed(rule: Rule, spent: Counter[str]) -> Rule:
    """The rule, noting how long it takes."""

    def function(subject: Node, law: Law) -> Iterator[Verdict]:
        start = time.process_time()
        try:
            yield from list(rule.function(subject, law))
        finally:
            spent[rule.id] += time.process_time() - start

    return replace(rule, function=function)


def small() -> tuple[list[str], bool]:
    """The whole rule book on the shipped dossier of 59 people."""
    dossier = load(SHIPPED)
    people = len(dossier.records["staff_list"][0].values["members"])
    if people != PEOPLE:
        raise ValueError(f"{SHIPPED} has {people} people")
    in_force = rules.in_force(dossier.as_of)
    checks.check(dossier)  # the parameters and schemas are loaded
    whole = best(lambda: checks.check(dossier), _REPEATS) * 1000
    book = whole - best(lambda: checks.check(dossier, rule_set=()), _REPEATS) * 1000
    spent: Counter[str] = Counter()
    for _ in range(_REPEATS):
        checks.check(dossier, rule_set=[timed(rule, spent) for rule in in_force])
    lines = [
        f"### The rule book on a dossier of {PEOPLE} people",
        "",
        f"`inputs/lzmvc-2020`, loaded; processor time, the best of {_REPEATS} runs.",
        f"Asked: under {MILLISECONDS:.0f} ms for the rules.",
        "",
        "| what | ms |",
        "|---|---:|",
        f"| {len(in_force)} rules | {book:.2f} |",
        f"| the whole check: schemas, {len(in_force)} rules, waivers, order | {whole:.2f} |",
        *(f"| of these: {id_} | {seconds / _REPEATS * 1000:.2f} |" for id_, seconds in spent.most_common(3)),
        "",
    ]
    return lines, book < MILLISECONDS


def grown(dossier: Dossier, rows: int) -> Dossier:
    """The dossier with a staff list of so many rows, each another person."""
    record = dossier.records["staff_list"][0]
    members = record.values["members"]
    many = [copy.deepcopy(members[number % len(members)]) for number in range(rows)]
    for number, member in enumerate(many):
        member["serial"], member["name"] = number + 1, f"成员{number + 1}"
    values = {**record.values, "members": many}
    staff = Record("staff_list", values, CellOrigins(Origin("staff_list.xlsx")))
    return replace(dossier, records={**dossier.records, "staff_list": (staff,)})


def growth() -> tuple[list[str], bool]:
    """The same rules over ever longer staff lists."""
    shipped = load(SHIPPED)
    in_force = rules.in_force(shipped.as_of)
    seconds: dict[str, list[float]] = {}
    for rows in ROWS:
        dossier = grown(shipped, rows)
        repeats = max(1, ROWS[-2] // rows)
        without = best(lambda dossier=dossier: checks.check(dossier, rule_set=()), repeats)
        whole = best(lambda dossier=dossier: checks.check(dossier), repeats)
        seconds.setdefault("schemas, waivers, order", []).append(without)
        seconds.setdefault(f"all {len(in_force)} rules", []).append(max(whole - without, 0.0))
        spent: Counter[str] = Counter()
        checks.check(dossier, rule_set=[timed(rule, spent) for rule in in_force])
        for rule in in_force:
            seconds.setdefault(rule.id, []).append(spent[rule.id])
    names = [name for name in seconds if name not in {rule.id for rule in in_force}]
    names += sorted((rule.id for rule in in_force), key=lambda id_: -seconds[id_][-1])[:5]
    lines = [
        "### Rules over long staff lists",
        "",
        "The same dossier with more rows, in memory; processor time.",
        f"Asked: ten times the rows in under {GROWTH:.0f} times the time.",
        "",
        "| seconds | " + " | ".join(f"{rows:,} rows" for rows in ROWS) + " | last step | µs a row |",
        "|---|" + "---:|" * (len(ROWS) + 2),
    ]
    for name in names:
        spent = seconds[name]
        cells = " | ".join(f"{each:.3f}" for each in spent)
        lines.append(f"| {name} | {cells} | ×{spent[-1] / spent[-2]:.1f} | {spent[-1] / ROWS[-1] * 1e6:.1f} |")
    total = seconds[names[1]]
    slow = [name for name in names if seconds[name][-1] > seconds[name][-2] * GROWTH and seconds[name][-1] > 0.05]
    return [*lines, ""], not slow and total[-1] <= total[-2] * GROWTH


def summary(count: int) -> tuple[list[str], bool]:
    """A summary of a tenth of the dossiers and of all: the time, and the memory that both take."""
    lines = [
        f"### A summary of {count:,} dossiers",
        "",
        "`formgen validate FOLDER --summary out.xlsx` over the two shipped dossiers, each time changed a little",
        f"(`benchmarks/many_dossiers.py`). Asked: ten times the dossiers in under {MEMORY} times the memory.",
        "",
        "| dossiers | processes | seconds | ms a dossier | peak memory of the largest process (MB) | workbook (MB) |",
        "|---:|---:|---:|---:|---:|---:|",
    ]
    peaks: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for number in (count // 10, count):
            many_dossiers.make(Path(folder) / str(number), number)
            for jobs in (1, 2) if number == count else (1,):
                book = Path(folder) / "summary.xlsx"
                seconds, peak = _measured(
                    "validate", str(Path(folder) / str(number)), "--summary", str(book), "-j", str(jobs)
                )
                if jobs == 1:
                    peaks[number] = peak
                size = book.stat().st_size / 1e6
                each = seconds / number * 1000
                lines.append(f"| {number:,} | {jobs} | {seconds:.1f} | {each:.0f} | {peak:.0f} | {size:.1f} |")
    return [*lines, ""], peaks[count] <= peaks[count // 10] * MEMORY


_CHILD = """
import resource, sys, formgen.cli
try:
    formgen.cli.main(sys.argv[1:])
except SystemExit as ended:
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    print(max(resource.getrusage(each).ru_maxrss for each in who))
    sys.exit(0 if ended.code in (0, 1) else ended.code)
"""


def _measured(*arguments: str) -> tuple[float, float]:
    """Seconds, and the peak memory in MB of the largest process, of a command in a process of its own."""
    start = time.perf_counter()
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, *arguments], stdout=subprocess.PIPE, env=environment, check=True, text=True
    )
    seconds = time.perf_counter() - start
    unit = 1e6 if sys.platform == "darwin" else 1e3
    return seconds, int(done.stdout.splitlines()[-1]) / unit


def main() -> int:
    """Measures everything and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("date", help="the day that the page names")
    parser.add_argument("--dossiers", type=int, default=3_000)
    wanted = parser.parse_args()
    # The summary comes first: a process starts with the peak memory of the one that started it, which is small still.
    many = summary(wanted.dossiers)
    parts = [small(), growth(), many]
    lines = ["## Rules and summaries", "", *page.where(wanted.date), ""]
    for part, holds in parts:
        lines += part
        print("\n".join(part), "holds" if holds else "DOES NOT HOLD", sep="\n", flush=True)
    page.put("rules.py", lines)
    return 0 if all(holds for _, holds in parts) else 1


if __name__ == "__main__":
    sys.exit(main())
