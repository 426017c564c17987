"""Kills batches at random moments and has the next run go on, hundreds of times: ``make soak``.

Each time a process is killed in one of its changes to the disk, a file half-written; some are killed twice, some have
two workers when they go on. The tree must then be that of a run that nobody disturbed.

    python tests/soaking.py docs/soak.md DATE [--kills 200]
"""

import argparse
import random
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

import soak_page
from killing import Stage, changes_of, deliver, kill_copy, tree

TWICE, TWO_WORKERS = 4, 8
"""One in so many is killed twice; one in so many goes on with two workers."""


def soak(kills: int, seed: int) -> tuple[Counter[str], list[str]]:
    """How often which change was the last, and what did not come out right."""
    rng = random.Random(seed)
    last: Counter[str] = Counter()
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        parent = Path(name)
        stage = Stage(parent / "stage")
        changes = changes_of(stage, parent / "count")
        done = 0
        while done < kills:
            folder = parent / "now"
            folder.mkdir()
            out = stage.out(folder)
            moments = [rng.randrange(len(changes)) for _ in range(2 if rng.randrange(TWICE) == 0 else 1)]
            for order, moment in enumerate(moments):
                # A run that goes on has fewer changes to make: it is killed early, or comes to its end.
                if kill_copy(stage.folder, out, moment if order == 0 else rng.randrange(3)):
                    last[changes[moment] if order == 0 else "going on"] += 1
                    done += 1
            deliver(stage.folder, out, workers=2 if rng.randrange(TWO_WORKERS) == 0 else 1)
            if tree(out) != stage.tree_after:
                wrong.append(f"killed in change {' and '.join(map(str, moments))} of {len(changes)}")
            shutil.rmtree(folder)
            print(f"\r{done}/{kills}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return last, wrong


def section(last: Counter[str], wrong: list[str], day: str, seed: int) -> str:
    """The section of docs/soak.md."""
    text = (
        "A batch is killed (SIGKILL) in a random change to the disk, a file half-written, and the next run goes on;\n"
        "the tree is compared, byte by byte, with that of a run that nobody disturbed."
    )
    figures = (
        f"Commit {soak_page.commit()}, {day}, seed {seed}: {sum(last.values())} kills,\n"
        f"{len(wrong)} trees that differed."
    )
    return soak_page.section("A batch that is killed", text, figures, last, "killed in", wrong)


def main() -> int:
    """Soaks and writes the section."""
    parser = argparse.ArgumentParser()
    parser.add_argument("target", type=Path)
    parser.add_argument("day")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=2020)
    given = parser.parse_args()
    last, wrong = soak(given.kills, given.seed)
    soak_page.write(given.target, section(last, wrong, given.day, given.seed))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
