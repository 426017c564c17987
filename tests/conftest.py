"""What holds for all tests: repeatable examples, tests that need LibreOffice, a list of what has grown long."""

import ast
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import hypothesis
import pytest

from calling import Command, call

SOURCE = Path(__file__).parents[1] / "src"
MODULE_LINES, FUNCTION_LINES = 400, 40

# The same examples on every run and no time limit for one: a test must not depend on the machine's load.
hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.load_profile("repeatable")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test marked ``office`` is skipped where LibreOffice or poppler is missing; in CI it fails there.

    The marker's arguments are more programs, and ``python3-uno``: the system's Python with LibreOffice's interface.
    """
    marker = item.get_closest_marker("office")
    if marker is None:
        return
    programs = ("soffice", "pdftotext", "pdftoppm", *marker.args)
    missing = [
        program for program in programs if not (_has_uno() if program == "python3-uno" else shutil.which(program))
    ]
    if missing and os.environ.get("CI") == "true":
        pytest.fail(f"CI must have {', '.join(missing)}: see .ci/run", pytrace=False)
    if missing:
        pytest.skip(f"needs {', '.join(missing)} (LibreOffice and poppler)")


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Calls formgen with these words."""
    return lambda *words: call(capsys, *words)


@cache
def _has_uno() -> bool:
    asked = subprocess.run(["/usr/bin/python3", "-c", "import uno"], capture_output=True, check=False)
    return asked.returncode == 0


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Names what has grown long. Nothing fails: a hard limit makes people tear apart what belongs together."""
    long = []
    for path in sorted(SOURCE.rglob("*.py")):
        text = path.read_text("utf-8")
        name = path.relative_to(SOURCE).as_posix()
        if (lines := len(text.splitlines())) > MODULE_LINES:
            long.append(f"{name}: {lines} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                size = (node.end_lineno or node.lineno) - node.lineno + 1
                if size > FUNCTION_LINES:
                    long.append(f"{name}:{node.lineno} {node.name}: {size} lines")
    if long:
        terminalreporter.section("long modules and functions: is each still one subject?")
        for line in long:
            terminalreporter.write_line(line)
