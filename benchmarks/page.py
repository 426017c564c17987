"""The page docs/benchmarks.md: each script writes its own part of it and leaves the others."""

import os
import platform
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
_HEAD = "# Benchmarks\n\nWritten by `make bench`; do not edit. Each part names its script, commit, day and machine.\n"


def put(script: str, lines: Sequence[str]) -> None:
    """Puts the part of ``script`` in the place of its former one, or at the end."""
    begin, end = f"<!-- begin {script} -->", f"<!-- end {script} -->"
    part = "\n".join([begin, "", *lines]).rstrip("\n") + f"\n\n{end}\n"
    page = PAGE.read_text("utf-8") if PAGE.is_file() else _HEAD
    there = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}\n", re.DOTALL)
    page = there.sub(lambda _: part, page) if there.search(page) else f"{page.rstrip()}\n\n{part}"
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page, "utf-8")


def where(day: str) -> Iterator[str]:
    """The commit, the day and the machine."""
    git = ["git", "-C", str(ROOT)]
    commit = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True)
    changed = subprocess.run([*git, "status", "--porcelain", "-uno"], capture_output=True, text=True, check=True)
    state = f"{commit.stdout.strip()}{' with changes' if changed.stdout.strip() else ''}"
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    yield f"Commit {state}, {day}; {os.cpu_count()} cores, {memory:.0f} GB,"
    yield f"{platform.system()} {platform.machine()}, Python {platform.python_version()}."
