"""The page docs/soak.md: a section for each kind of soak, replaced when that one has run."""

import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

_ROOT = Path(__file__).parents[1]
LISTED = 100
HEAD = "# Soak\n\nWritten by `make soak`; do not edit.\n"


def section(title: str, text: str, figures: str, counts: Mapping[str, int], counted: str, wrong: Sequence[str]) -> str:
    """A section: what was done, the figures of this run, how often it ended how, and what was wrong with that."""
    rows = [f"| {counted} | times |", "|---|---|", *(f"| {name} | {count} |" for name, count in sorted(counts.items()))]
    listed = ["", *(f"- {each}" for each in wrong[:LISTED])] if wrong else []
    listed += [f"- and {len(wrong) - LISTED} more"] if len(wrong) > LISTED else []
    return "\n".join([f"## {title}", "", text, "", figures, "", *rows, *listed]) + "\n"


def put(page: str, new: str) -> str:
    """The page with this section in the place of the one with its title, or at its end."""
    title = new.partition("\n")[0]
    found = re.search(rf"^{re.escape(title)}\n.*?(?=^## |\Z)", page, re.DOTALL | re.MULTILINE)
    if found is None:
        return f"{page.rstrip()}\n\n{new}" if page.startswith(HEAD) else f"{HEAD}\n{new}"
    return page[: found.start()] + new + ("\n" if page[found.end() :] else "") + page[found.end() :]


def write(target: Path, new: str) -> None:
    """Puts a section into the file of the page."""
    target.write_text(put(target.read_text("utf-8") if target.exists() else "", new), "utf-8")


def commit() -> str:
    """The commit that was soaked."""
    asked = ["git", "-C", str(_ROOT), "rev-parse", "--short", "HEAD"]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
