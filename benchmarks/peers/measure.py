"""One contender in a process of its own: ``python MODULE CONTENDER WORKSHOP OUT COUNT [ROWS]`` prints what it took."""

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

BLOCKS = 8
"""The documents are written in so many blocks, and the quickest counts: what else the machine does is not asked."""
Make = Callable[[int, Path], None]
"""Writes the document of one record."""
Prepare = Callable[[Path, int], tuple[Make, str, str]]
"""From the folder of templates and the number of rows: what writes documents, the suffix, the version."""


def peak() -> float:
    """The peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def main(contenders: dict[str, Prepare]) -> None:
    """Fills ``COUNT`` documents and prints processor time for each in ms, memory before and at the peak in MB."""
    name, workshop, out, count, *rows = sys.argv[1:]
    make, suffix, version = contenders[name](Path(workshop), int(rows[0]) if rows else 0)
    before = peak()
    if int(count) > 1:
        make(0, Path(out) / f"{name}-warm{suffix}")
    took = []
    for block in range(BLOCKS if int(count) >= BLOCKS else 1):
        numbers = range(block, int(count), BLOCKS) if int(count) >= BLOCKS else range(int(count))
        start = time.process_time()
        for number in numbers:
            make(number, Path(out) / f"{name}-{number}{suffix}")
        took.append((time.process_time() - start) / len(numbers) * 1000)
    print(json.dumps({"ms": min(took), "before": before, "peak": peak(), "version": version}))
