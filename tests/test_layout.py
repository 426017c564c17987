"""One key per form, the same in schemas, templates, rules and cases."""

import json
from pathlib import Path

import pytest

from formgen.forms import catalogue

ROOT = Path(__file__).parents[1]
# Modules of formgen.rules that hold no form's rules, and the two things that are judged without being a form.
RULES_MACHINERY = {"__init__", "asking", "common", "page", "subject", "table"}
WHOLE_DOSSIER = {"dossier"}
# Editions of which nobody here has seen the whole form: judged, not yet drawn. docs/known-issues.md says so.
NOT_DRAWN = {"assessment_filing.2021-11-01"}


def visible(folder: str, pattern: str) -> list[Path]:
    """Files or folders that count: not those which Word, an editor or Python leaves beside them."""
    return [path for path in sorted((ROOT / folder).glob(pattern)) if path.name[0] not in "_.~"]


def stems(folder: str, suffixes: tuple[str, ...]) -> set[str]:
    """The names of a folder's files without suffix: key, or key and first day."""
    return {path.name.removesuffix(suffix) for suffix in suffixes for path in visible(folder, f"*{suffix}")}


SCHEMAS = stems("schemas", (".schema.json",))
KEYS = {stem.partition(".")[0] for stem in SCHEMAS}
INPUT_ONLY = {key for key, editions in catalogue().items() if editions[-1].schema.get("x-kind") == "input"}


def test_the_catalogue_is_what_lies_in_the_folder() -> None:
    assert set(catalogue()) == KEYS
    assert {"assessment_filing", "staff_list", "candidate_registration", "congress_report"} <= KEYS


def test_every_form_has_a_template_for_each_edition_and_no_template_is_without_a_form() -> None:
    with_template = {stem for stem in SCHEMAS if stem.partition(".")[0] not in INPUT_ONLY}
    assert stems("templates", (".docx", ".xlsx")) == with_template - NOT_DRAWN
    assert with_template >= NOT_DRAWN


@pytest.mark.parametrize("stem", sorted(NOT_DRAWN))
def test_an_edition_without_a_template_says_that_it_is_incomplete(stem: str) -> None:
    assert "不完整" in json.loads((ROOT / "schemas" / f"{stem}.schema.json").read_text("utf-8"))["description"]


def test_every_form_has_a_module_of_rules_and_no_module_is_without_a_form() -> None:
    rules = ROOT / "src/formgen/rules"
    # A form with many rules has a package of modules, by subject.
    modules = {path.stem for path in rules.glob("*.py")} | {path.parent.name for path in rules.glob("*/__init__.py")}
    assert modules - RULES_MACHINERY - WHOLE_DOSSIER == KEYS


def test_every_form_has_a_folder_of_cases_and_no_folder_is_without_a_form() -> None:
    folders = {path.name for path in visible("tests/cases", "*") if path.is_dir()}
    assert folders - WHOLE_DOSSIER == KEYS


@pytest.mark.parametrize(
    ("folder", "suffixes"),
    [("schemas", {".json"}), ("templates", {".docx", ".xlsx"}), ("parameters", {".toml"})],
)
def test_nothing_else_lies_in_the_folders_that_ship(folder: str, suffixes: set[str]) -> None:
    shipped = [path for path in (ROOT / folder).iterdir() if path.name[0] not in ".~"]
    assert {path.suffix for path in shipped if path.is_file()} == suffixes
    assert [path.name for path in shipped if path.is_dir()] == []
