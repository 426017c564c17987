"""The list of the rules, what each came to in a dossier, and the options of the commands that print reports."""

import json
import shutil
import unicodedata
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest

from calling import Command
from formgen.checks import Report, RuleRun
from formgen.findings import Outcome
from formgen.reports import rulebook
from formgen.reports.rendering import Format
from formgen.reports.tables import aligned
from formgen.rules import all_rules

INPUTS = Path(__file__).parent.parent / "inputs"


def width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


# --- tables and lists ------------------------------------------------------------------------------------------------


def test_columns_stand_below_each_other_also_in_chinese() -> None:
    lines = list(aligned([("编号", "级别", "题目"), ("R1", "error", "x"), ("R10", "", "")]))
    assert lines == ["编号  级别   题目", "R1    error  x", "R10"]
    assert width(lines[0].partition("题")[0]) == width(lines[1].partition("x")[0])


def test_rules_are_listed_in_order_of_their_numbers() -> None:
    ids = [rule.id for rule in rulebook.in_order(all_rules())]
    assert sorted(ids, key=lambda id_: int(id_[1:])) == ids


@pytest.mark.parametrize(("lang", "basis"), [("zh", "依据："), ("en", "basis: ")])
def test_each_rule_has_a_line_and_below_it_its_basis(lang: str, basis: str, command: Command) -> None:
    code, out, _ = command("rules", "--lang", lang)
    lines = out.splitlines()
    assert (code, len(lines)) == (0, 1 + 2 * len(all_rules()))
    for rule, line, below in zip(rulebook.in_order(all_rules()), lines[1::2], lines[2::2], strict=True):
        assert line.startswith(f"{rule.id} ")
        assert line.endswith(rule.kind.title.lang(lang))
        assert rule.kind.severity.value in line
        assert rule.form in line
        assert below.startswith(f"      {basis}{rule.kind.basis[0]}")


def test_the_list_is_there_as_json(command: Command) -> None:
    _, out, _ = command("rules", "--format", "json")
    listed = {rule["id"]: rule for rule in json.loads(out)["rules"]}
    assert len(listed) == len(all_rules())
    found = listed["R40"]
    assert (found["effective_from"], found["effective_until"]) == ("2019-10-01", "2021-10-31")
    assert (found["severity"], found["stage"], found["waivable"]) == ("error", "fill", True)
    assert set(found["title"]) == {"zh", "en"}
    assert "congress_report" in found["forms"]


# --- what each rule came to ------------------------------------------------------------------------------------------


def remarks(day: date, *runs: RuleRun, lang: str = "zh") -> dict[str, tuple[str, ...]]:
    return {row[0]: row for row in rulebook.explanation(Report((), runs, day), lang)}


def test_a_rule_that_never_ran_is_visible_and_says_why() -> None:
    counts = {Outcome.PASSED: 3, Outcome.FAILED: 2, Outcome.NOT_APPLICABLE: 1, Outcome.UNVERIFIED: 4}
    nothing = dict.fromkeys(Outcome, 0)
    ran, idle = RuleRun("R10", counts, dict.fromkeys(Outcome, 1)), RuleRun("R11", nothing, nothing)
    rows = remarks(date(2020, 12, 4), ran, idle)
    assert set(rows) == {rule.id for rule in all_rules()}
    assert rows["R10"][1:5] == ("3 (1)", "2 (1)", "1 (1)", "4 (1)")
    assert rows["R11"][1:5] == ("0",) * 4
    assert rows["R10"][-1] == ""
    assert rows["R11"][-1] == "案卷里没有这条规则要核对的内容"
    assert rows["R12"][1:5] == ("–",) * 4
    assert rows["R12"][-1] == "没有运行"
    assert rows["R20"][-1] == "没有运行：只在签发时核对"
    assert remarks(date(2018, 1, 1))["R10"][-1] == "没有运行：2018-01-01 尚未施行"
    assert remarks(date(2022, 1, 1), lang="en")["R40"][-1] == "did not run: no longer in force on 2022-01-01"


def test_validate_explains_on_demand_below_the_findings(command: Command) -> None:
    _, out, _ = command("validate", INPUTS / "demo-2020", "--explain", "--lang", "en")
    findings, _, table = out.partition("What each rule came to")
    assert "can be issued" in findings
    assert all(f"\n  {rule.id} " in table for rule in all_rules())
    assert "What each rule" not in command("validate", INPUTS / "demo-2020", "--lang", "en")[1]


# --- the formats and the options -------------------------------------------------------------------------------------


@pytest.mark.parametrize("output", ["sarif", "html", "json"])
def test_each_format_is_one_document_also_where_a_dossier_is_refused(output: str, command: Command) -> None:
    code, out, err = command("validate", INPUTS / "demo-2020", "nowhere", "--format", output, "--explain")
    assert code == 2
    assert "没有这个文件夹" in err
    if output == "html":
        assert out.startswith("<!DOCTYPE html>")
        assert ElementTree.fromstring(out[out.index("<body>") : out.index("</html>")]).tag == "body"  # noqa: S314
        assert "各条规则的核对情况" in out
    else:
        assert json.loads(out)
    # The reason may hold names, so that only the screen has it where names are left out.
    assert ("没有这个文件夹" in out) is (output == "json")


def test_names_are_left_out_or_kept_as_asked(command: Command) -> None:
    seed = INPUTS / "lzmvc-2020"
    kept = {"text": True, "json": True, "sarif": False, "html": False}
    for output in Format:
        for option, shows in ((None, kept[output]), ("--redact", False), ("--no-redact", True)):
            _, out, _ = command("validate", seed, "--format", output.value, *([option] if option else []))
            assert ("焦志涛" in out) is shows, (output, option)
    assert json.loads(command("validate", seed, "--format", "json", "--redact")[1])["redacted"] is True


def test_generate_leaves_out_names_as_well(command: Command, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    shutil.copytree(INPUTS / "demo-2020", folder)
    for file in sorted((folder / "candidate_registration").iterdir())[1:]:
        file.unlink()
    first = folder / "candidate_registration" / "01.json"
    name = json.loads(first.read_text("utf-8"))["name"]
    first.rename(first.with_name(f"{name}.json"))
    written = command("generate", folder, "-o", tmp_path / "a")[1]
    assert name in written
    redacted = command("generate", folder, "-o", tmp_path / "b", "--redact")[1]
    assert name not in redacted
    assert "写出" in redacted


def test_english_reports_say_why_the_day_was_taken_in_english(command: Command) -> None:
    out = command("validate", INPUTS / "demo-2020", "--lang", "en")[1]
    assert "(the filing date)" in out
    assert (
        "(given with the command)"
        in command("validate", INPUTS / "demo-2020", "--lang", "en", "--as-of", "2020-12-04")[1]
    )


def test_the_reviewers_workbook_does_not_pretend_to_explain(command: Command, tmp_path: Path) -> None:
    code, _, err = command("validate", INPUTS, "--summary", tmp_path / "s.xlsx", "--explain")
    assert code == 2
    assert "--explain 不能与 --summary 同用" in err


@pytest.mark.parametrize(("output", "part"), [("sarif", '"2.1.0"'), ("html", "<!DOCTYPE html>")])
def test_beside_a_summary_there_can_be_reports_to_pass_on(
    output: str, part: str, command: Command, tmp_path: Path
) -> None:
    folder, summary = tmp_path / "reports", tmp_path / "s.xlsx"
    command("validate", INPUTS / "lzmvc-2020", "--summary", summary, "--reports", folder, "--format", output)
    written = (folder / f"lzmvc-2020.{output}").read_text("utf-8")
    assert part in written
    assert "焦志涛" not in written
