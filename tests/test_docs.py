"""The documents say what is so: paths, links, commands, generated pages."""

import json
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from formgen import check, load, schema_checks
from formgen.findings import Address
from formgen.forms import catalogue, dossier_schema

ROOT = Path(__file__).parents[1]
PAGES = runpy.run_path(str(ROOT / "docs/pages.py"))
COMMANDS: dict[str, Any] = dict(PAGES["commands"]())
READMES = ("README.md", "README.zh-CN.md")
# Tools leave these beside the project; outputs/ holds what was generated. In a second checkout .git is a file.
_OURS = [path for path in sorted(ROOT.iterdir()) if path.is_dir() and path.name[0] != "." and path.name != "outputs"]
FILES = [
    path
    for folder in [*_OURS, ROOT / ".ci"]
    for path in sorted(folder.rglob("*"))
    if path.is_file() and path.parent.name != "__pycache__"
] + [path for path in sorted(ROOT.iterdir()) if path.is_file() and not path.name.startswith((".coverage", ".git"))]
MARKDOWN = [path.relative_to(ROOT).as_posix() for path in FILES if path.suffix == ".md"]


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def shell_lines(name: str) -> Iterator[str]:
    """The lines of a document's fenced shell commands, without their comments."""
    for language, block in re.findall(r"^```(\w*)\n(.*?)^```", text_of(name), re.MULTILINE | re.DOTALL):
        if language in ("sh", "powershell"):
            yield from (line.partition(" #")[0].strip() for line in block.splitlines() if line.strip())


def formgen_calls(name: str) -> list[list[str]]:
    """The calls of formgen that a document shows, each without the program itself."""
    calls = []
    for line in shell_lines(name):
        words = shlex.split(line.replace("\\", "/"))
        if words[0].rpartition("/")[2] == "formgen":
            calls.append(words[1:])
    return calls


# --- paths and links -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md", "README.zh-CN.md"])
def test_every_path_that_a_document_names_exists(name: str) -> None:
    known = {path.name for path in FILES if path.parent == ROOT} | {path.name for path in _OURS}
    spans = re.findall(r"`([^`\s]+)`", text_of(name))
    paths = [span for span in spans if span.split("/")[0] in known]
    assert paths, "the document names no path at all"
    # <key> stands for any name.
    assert [path for path in paths if not list(ROOT.glob(re.sub(r"<[^>]*>", "*", path).rstrip("/")))] == []


def test_the_page_of_the_architecture_names_every_room_and_every_module_outside_of_one() -> None:
    source = ROOT / "src/formgen"
    rooms = [path.parent.relative_to(ROOT).as_posix() for path in source.glob("*/**/__init__.py")]
    modules = [path.relative_to(ROOT).as_posix() for path in source.glob("*.py") if path.name != "__init__.py"]
    named = set(re.findall(r"`([^`\s]+)`", text_of("ARCHITECTURE.md")))
    assert rooms
    assert [each for each in [*(f"{room}/" for room in rooms), *modules] if each not in named] == []


@pytest.mark.parametrize("name", MARKDOWN)
def test_every_relative_link_leads_somewhere(name: str) -> None:
    targets = re.findall(r"\]\(([^)\s]+)\)", text_of(name))
    local = [target.partition("#")[0] for target in targets if not re.match(r"[a-z]+:|#", target)]
    assert [target for target in local if not (ROOT / name).parent.joinpath(target).exists()] == []


def test_no_file_names_a_place_of_somebodys_machine() -> None:
    place = re.compile(
        rb"(?<![\w.<])/(?:wor[k]|roo[t]|hom[e]/\w+|User[s]/\w+|op[t]/\w+)/|\.librar[y]\b|[A-Z]:\\User[s]"
    )
    found = [path.relative_to(ROOT).as_posix() for path in FILES if place.search(path.read_bytes())]
    assert found == []


# --- commands --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", READMES)
def test_the_readmes_two_commands_are_targets_of_make_and_stand_on_its_first_screen(name: str) -> None:
    first_screen = "\n".join(text_of(name).splitlines()[:20])
    targets = re.findall(r"^([a-z]+):", text_of("Makefile"), re.MULTILINE)
    shown = re.findall(r"^make (\w+)", first_screen, re.MULTILINE)
    assert shown == ["demo", "test"]
    assert set(shown) <= set(targets)


@pytest.mark.parametrize("name", READMES)
def test_a_readme_shows_the_plain_commands_beneath_make_demo_for_both_systems(name: str) -> None:
    made = re.findall(r"\$\(BIN\)/formgen (generate .*?)(?:;|$)", text_of("Makefile"), re.MULTILINE)
    assert len(made) == 2
    lines = list(shell_lines(name))
    for call in made:
        assert f".venv/bin/formgen {call}" in lines
        assert f".venv\\Scripts\\formgen {call}" in lines


@pytest.mark.parametrize("name", READMES)
def test_a_readme_is_short(name: str) -> None:
    assert len(text_of(name).splitlines()) < 150


@pytest.mark.parametrize(
    "name",
    [
        *READMES,
        "CONTRIBUTING.md",
        "docs/templates.md",
        "docs/own-dossier.md",
        "docs/signing.md",
        "docs/signing-off.md",
        "docs/submissions.md",
    ],
)
def test_every_command_and_option_that_a_document_shows_exists(name: str) -> None:
    calls = formgen_calls(name)
    assert calls
    for words in calls:
        command = "formgen"
        for word in words:
            command = f"{command} {word}" if f"{command} {word}" in COMMANDS else command
        assert command != "formgen" or words[0].startswith("--"), words
        known = {option for parameter in COMMANDS[command].params for option in parameter.opts}
        assert {word for word in words if word.startswith("-")} <= known, words


@pytest.mark.parametrize("name", READMES)
def test_a_readmes_commands_do_what_it_says(name: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "inputs", tmp_path / "inputs")
    out = tmp_path / "outputs"
    out.mkdir()
    calls = dict.fromkeys(tuple(call) for call in formgen_calls(name))
    for call in calls:
        done = subprocess.run(
            [sys.executable, "-m", "formgen", *call],
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            env={**os.environ, "FORMGEN_KEY_PASSPHRASE": "asked for on the screen"},
            check=False,
        )
        assert done.returncode == (1 if "inputs/lzmvc-2020" in call else 0), (call, done.stdout, done.stderr)
        assert done.stdout
    assert len(list((out / "lzmvc-2020").glob("草稿-*"))) == 4
    for folder in ("demo-2020", "signed"):
        assert len([path for path in (out / folder).rglob("*") if path.suffix in (".docx", ".xlsx")]) == 16
    assert sorted(path.name for path in out.glob("*.xlsx")) == ["工作人员名单.xlsx", "批注.xlsx", "汇总.xlsx"]


def own_dossier(folder: Path) -> Path:
    """The files that docs/own-dossier.md shows, each under the heading with its name."""
    page = text_of("docs/own-dossier.md")
    (folder / "qinghe-2020" / "candidate_registration").mkdir(parents=True)
    for section in page.split("\n## ")[1:]:
        name = section.splitlines()[0]
        block = re.search(r"^```(?:json|toml)\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
        rows = re.findall(r"^\| *(.*?) *\|$", section, re.MULTILINE)
        if block is not None:
            (folder / "qinghe-2020" / name).write_text(block[1], "utf-8")
        elif rows:
            workbook = Workbook()
            sheet = workbook.worksheets[0]
            for row in (rows[0], *rows[2:]):
                sheet.append([cell.strip() or None for cell in row.split("|")])
            workbook.save(folder / "qinghe-2020" / name)
    return folder / "qinghe-2020"


def test_the_dossier_of_the_how_to_is_complete_and_can_be_generated(tmp_path: Path) -> None:
    folder = own_dossier(tmp_path)
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    assert files == ["candidate_registration/01.json", "dossier.json", "staff_list.xlsx", "waivers.toml"]
    for call in formgen_calls("docs/own-dossier.md"):
        command = [sys.executable, "-m", "formgen", *call]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
        assert (done.returncode, done.stderr) == (0, ""), (call, done.stdout)
        assert "已豁免 1；结论：可以出具" in done.stdout
    documents = [path.name for path in (tmp_path / "outputs").rglob("*") if path.suffix in (".docx", ".xlsx")]
    assert sorted(documents) == ["01.docx", "校级组织工作人员名单.docx", "校级组织工作人员名单.xlsx"]


def test_without_its_waiver_the_dossier_of_the_how_to_has_the_error_that_it_names(tmp_path: Path) -> None:
    folder = own_dossier(tmp_path)
    (folder / "waivers.toml").unlink()
    dossier = load(folder)
    assert [f"{finding.kind.id} {finding.at}" for finding in check(dossier).findings if finding.stops] == [
        "R14 staff_list:/members/2/rank"
    ]


@pytest.mark.parametrize("name", READMES)
def test_a_readme_leads_to_the_how_to_and_calls_formgen_where_make_puts_it(name: str) -> None:
    assert "](docs/own-dossier.md)" in text_of(name)
    programs = {line.split()[0] for line in shell_lines(name) if "formgen" in line.split()[0]}
    assert programs == {".venv/bin/formgen", ".venv\\Scripts\\formgen"}


EXAMPLES = [name for name in PAGES["pages"]() if name.startswith("forms/") and name != "forms/README.md"]


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_on_the_page_of_a_form_is_as_the_form_demands(name: str) -> None:
    [block] = re.findall(r"^```json\n(.*?)^```", text_of(f"docs/{name}"), re.MULTILINE | re.DOTALL)
    key = Path(name).stem
    day = load(ROOT / "inputs/demo-2020").as_of
    schema = dossier_schema() if key == "dossier" else catalogue().edition(key, day).schema
    assert schema_checks.check(json.loads(block), schema, Address(key)) == ()
    assert "不写这一项" in text_of(f"docs/{name}")


def test_the_pages_say_which_fields_must_be_there() -> None:
    assert "| `organisation.name` | 学校名称 | 文字 |  | **必填**" in text_of("docs/forms/dossier.md")
    assert "| 130 | " in text_of("docs/commands.md")


def test_every_command_and_option_says_what_it_is_for() -> None:
    assert {"formgen validate", "formgen generate", "formgen template check"} <= set(COMMANDS)
    silent = [name for name, command in COMMANDS.items() if not command.help]
    silent += [f"{name} {each.name}" for name, command in COMMANDS.items() for each in command.params if not each.help]
    assert silent == []


# --- generated pages -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "text"), PAGES["pages"]().items(), ids=lambda value: value.split("\n")[0][:40])
def test_a_generated_page_is_current(name: str, text: str) -> None:
    assert text_of(f"docs/{name}") == text, "run: make docs"


def test_no_page_of_a_form_is_left_over() -> None:
    written = {f"forms/{path.name}" for path in (ROOT / "docs/forms").iterdir()}
    assert written == {name for name in PAGES["pages"]() if name.startswith("forms/")}


# --- the version -----------------------------------------------------------------------------------------------------


def test_the_changelog_has_an_entry_for_the_version() -> None:
    version = tomllib.loads(text_of("pyproject.toml"))["project"]["version"]
    headings = re.findall(r"^## (\S+)", text_of("CHANGELOG.md"), re.MULTILINE)
    assert headings[0] == version


def test_the_licence_is_the_one_that_the_project_names() -> None:
    project = tomllib.loads(text_of("pyproject.toml"))["project"]
    assert project["license"] == "Apache-2.0"
    assert re.search(r"Apache License\s+Version 2\.0, January 2004", text_of("LICENSE"))
