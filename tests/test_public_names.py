"""The public names are those listed here, and importing them costs nothing before they are used."""

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

import formgen

ROOT = Path(__file__).parent.parent
NAMES = [
    "Delivery",
    "Dossier",
    "Finding",
    "FormgenError",
    "Report",
    "__version__",
    "check",
    "generate",
    "load",
]


def test_the_public_names_are_these() -> None:
    assert formgen.__all__ == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_each_public_name_is_there(name: str) -> None:
    assert getattr(formgen, name) is not None


def test_any_other_name_is_not_there() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = formgen.nonsense


def test_the_version_is_that_of_the_installed_package_or_says_that_there_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(metadata, "version", lambda name: f"1.2 of {name}")
    assert formgen.__version__ == "1.2 of formgen"

    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    assert formgen.__version__ == "0+checkout"


def test_the_command_line_loads_no_library_before_it_needs_it() -> None:
    heavy = ("lxml", "openpyxl", "PIL", "jsonschema", "jsonschema_rs")
    script = f"import sys, formgen.cli; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT / "src", capture_output=True, check=True)
    assert done.stdout.decode().strip() == "[]"


def test_judging_a_dossier_loads_nothing_of_what_fills_and_delivers() -> None:
    script = """
import sys
from formgen import cli
try:
    cli.main(["validate", "inputs/demo-2020"])
finally:
    print([name for name in sys.modules if name.startswith(("formgen.filling", "formgen.delivery.carrying"))])
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_package_says_that_it_is_typed() -> None:
    assert (Path(formgen.__file__).parent / "py.typed").is_file()
