"""What is built and installed: exactly the files that belong to it, and it works far from the checkout."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
DATA = {"schemas": "*.schema.json", "templates": "[a-z]*.*", "parameters": "*.toml"}
# What is left lying about in a checkout that is worked in.
JUNK = (
    "templates/~$staff_list.docx",
    "templates/.~lock.staff_list.xlsx#",
    "templates/.~staff_list.xlsx",
    "templates/Thumbs.db",
    "schemas/.DS_Store",
    "parameters/desktop.ini",
    "src/formgen/__pycache__/cli.cpython-311.pyc",
    "outputs/demo-2020/manifest.json",
    ".venv/pyvenv.cfg",
    "inputs/demo-2020/~$staff_list.xlsx",
)
# A wheel's modules lie elsewhere than those that coverage measures: they would count as files never run.
PLAIN = {name: value for name, value in os.environ.items() if not name.startswith(("COVERAGE_", "COV_"))}


def run(*command: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env={**PLAIN, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def build(source: Path, out: Path, *targets: str) -> None:
    chosen = [word for target in targets for word in ("-t", target)]
    done = run(sys.executable, "-m", "hatchling", "build", "-d", out, *chosen, cwd=source)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist of a checkout that has junk in it."""
    folder = tmp_path_factory.mktemp("package")
    ignored = shutil.ignore_patterns(".git", ".venv", ".*_cache", ".hypothesis", ".coverage*", "outputs", "__pycache__")
    shutil.copytree(ROOT, folder / "checkout", ignore=ignored)
    for name in JUNK:
        path = folder / "checkout" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"junk")
    build(folder / "checkout", folder / "dist", "wheel", "sdist")
    return folder / "dist"


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's contents, to be put in front of the checkout that the tests themselves use."""
    folder = tmp_path_factory.mktemp("site")
    shutil.unpack_archive(wheel, folder, "zip")
    return folder


def test_the_wheel_holds_the_package_and_its_data_and_nothing_else(wheel: Path) -> None:
    source = ROOT / "src"
    expected = {path.relative_to(source).as_posix() for path in source.rglob("*.py")} | {"formgen/py.typed"}
    for folder, pattern in DATA.items():
        expected |= {f"formgen/data/{folder}/{path.name}" for path in (ROOT / folder).glob(pattern)}
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == expected


def test_the_wheel_says_its_licence_and_lower_bounds_only(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        info = next(name.rpartition("/")[0] for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = message_from_bytes(archive.read(f"{info}/METADATA"))
        licence = archive.read(f"{info}/licenses/LICENSE")
        commands = archive.read(f"{info}/entry_points.txt").decode()
    assert metadata["License-Expression"] == "Apache-2.0"
    assert licence == (ROOT / "LICENSE").read_bytes()
    assert "formgen = formgen.cli:main" in commands
    needed = [Requirement(line) for line in metadata.get_all("Requires-Dist", [])]
    extras = PROJECT["project"]["optional-dependencies"].values()
    declared = [*PROJECT["project"]["dependencies"], *(line for extra in extras for line in extra)]
    assert {canonicalize_name(each.name) for each in needed} == {
        canonicalize_name(Requirement(line).name) for line in declared
    }
    assert {part.operator for each in needed for part in each.specifier} == {">="}


def test_the_sdist_holds_what_its_tests_need_and_no_junk(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert not names.intersection(JUNK)
    assert {"LICENSE", "Makefile", "README.zh-CN.md", "constraints.txt", "tests/test_package.py"} <= names
    for folder in ("docs", "inputs", "schemas", "templates", "parameters", "src", "tests"):
        assert any(name.startswith(f"{folder}/") for name in names), folder


def test_the_wheel_of_the_sdist_is_the_wheel_of_the_checkout(built: Path, wheel: Path, tmp_path: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    build(tmp_path / sdist.name.removesuffix(".tar.gz"), tmp_path / "again", "wheel")
    (again,) = (tmp_path / "again").glob("*.whl")
    with zipfile.ZipFile(wheel) as first, zipfile.ZipFile(again) as second:
        assert {each.filename: each.CRC for each in second.infolist()} == {
            each.filename: each.CRC for each in first.infolist()
        }


def test_the_wheel_fills_a_dossier_in_a_folder_of_its_own(installed: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "inputs/demo-2020", tmp_path / "案卷 一")
    where = run(
        sys.executable, "-c", "import formgen; print(formgen.__file__)", cwd=tmp_path, PYTHONPATH=str(installed)
    )
    assert Path(where.stdout.strip()).is_relative_to(installed)
    done = run(
        sys.executable, "-m", "formgen", "generate", "案卷 一", "-o", "out", cwd=tmp_path, PYTHONPATH=str(installed)
    )
    assert (done.returncode, done.stderr) == (0, "")
    documents = sorted(path.suffix for path in (tmp_path / "out/案卷 一").rglob("*") if path.is_file())
    assert documents == [*[".docx"] * 15, ".json", ".xlsx"]


def test_the_wheel_tells_its_version(installed: Path, tmp_path: Path) -> None:
    done = run(sys.executable, "-m", "formgen", "--version", cwd=tmp_path, PYTHONPATH=str(installed))
    assert done.stdout == f"formgen {PROJECT['project']['version']}\n"


def test_the_constraints_pin_every_requirement_and_name_no_address() -> None:
    lines = [line for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if line[:1] not in ("", "#")]
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*", line)] == []
    pins = {canonicalize_name(name): version for name, version in (line.split("==") for line in lines)}
    asked = [*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"]]
    asked += [line for group in PROJECT["dependency-groups"].values() for line in group]
    for requirement in map(Requirement, asked):
        pinned = pins.get(canonicalize_name(requirement.name))
        assert pinned is not None, f"{requirement} has no pin"
        assert requirement.specifier.contains(pinned), f"{requirement} against {pinned}"
