"""A file handed in by itself: its form is told, it is judged by what is known, and the rest is unverified."""

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from formgen import cli, submission
from formgen.checks import Report, check
from formgen.dossier import Dossier
from formgen.errors import UsageError
from formgen.findings import Address, Outcome
from formgen.intake.kinds import NO_DOSSIER
from formgen.reports import text
from formgen.reports.rendering import Format, document
from formgen.rules import all_rules

INPUTS = Path(__file__).parent.parent / "inputs"
SEED, DEMO = INPUTS / "lzmvc-2020", INPUTS / "demo-2020"
LIST = SEED / "staff_list.xlsx"


def ids(report: Report, outcome: Outcome = Outcome.FAILED) -> set[str]:
    return {finding.kind.id for finding in report.findings if finding.outcome is outcome}


def head(dossier: Dossier, lang: str = "zh") -> str:
    return text.heading(dossier, check(dossier), lang)


@pytest.fixture
def lone(tmp_path: Path) -> Path:
    return Path(shutil.copy(LIST, tmp_path / "机电系.xlsx"))


def test_a_lone_list_is_judged_by_itself_under_the_newest_law(lone: Path) -> None:
    dossier = submission.load(lone)
    report = check(dossier)
    assert (dossier.name, list(dossier.records), dossier.as_of) == ("机电系", ["staff_list"], date(2023, 9, 1))
    assert str(dossier.origin(Address("staff_list", ("members", 0, "name")))) == "机电系.xlsx!Sheet1!B3"
    assert {run.rule for run in report.runs} >= {"R10", "R14"}
    assert not {run.rule for run in report.runs} & {"R22", "R81", "R173", "R08"}
    assert ids(report) >= {"R10", "R85"}
    assert "I-no-dossier" not in ids(report)


def test_the_head_says_which_law_was_applied_and_how_to_choose_another(lone: Path) -> None:
    assert head(submission.load(lone)).startswith(
        "报送件 机电系.xlsx（校级组织工作人员名单（staff_list）），按 2023-09-01"
    )
    assert "--as-of" in head(submission.load(lone))
    assert "--as-of" in head(submission.load(lone), "en")
    assert "由命令指定" in head(submission.load(lone, as_of=date(2020, 12, 4)))


def test_what_only_a_dossier_knows_is_unverified_under_one_cause(lone: Path) -> None:
    listed, followers = text.fold(check(submission.load(lone)).findings)
    assert [finding.at for finding in listed if finding.kind.id == "I-no-dossier"] == [Address("dossier")]
    assert {finding.kind.id for finding in followers[Address("dossier")]} >= {"R01", "R11", "R14", "R97"}
    assert len(listed) < 15


def test_a_named_day_stands_in_for_the_day_of_filing(lone: Path) -> None:
    report = check(submission.load(lone, as_of=date(2020, 11, 18)))
    assert [f.values["name"] for f in report.findings if f.kind.id == "R14"] == ["程子敏"]
    assert "R08" in {run.rule for run in report.runs}


def test_beside_its_dossier_a_list_is_judged_as_if_it_lay_in_it(lone: Path) -> None:
    dossier = submission.load(lone, beside=SEED)
    report = check(dossier)
    assert dossier.as_of == date(2020, 11, 18)
    assert ids(report) >= {"R10", "R14", "R101"}
    assert not (ids(report) | ids(report, Outcome.UNVERIFIED)) & {"R22", "I-no-dossier"}


def one_college(path: Path, college: str, count: int = 3) -> Path:
    """The first people of the demo's list, all of one college, with a rank that is too low."""
    book = openpyxl.load_workbook(DEMO / "staff_list.xlsx")
    sheet = book.active
    column = next(cell.column for row in sheet.iter_rows(max_row=3) for cell in row if cell.value == "院系")
    first = next(row for row in range(1, 9) if sheet.cell(row, 1).value == 1)
    sheet.delete_rows(first + count, 100)
    for row in range(first, first + count):
        sheet.cell(row, column).value = college
    book.save(path)
    return path


def test_one_college_s_list_is_not_compared_with_the_figures_of_the_school(tmp_path: Path) -> None:
    dossier = submission.load(one_college(tmp_path / "理学院.xlsx", "理学院"), beside=DEMO)
    report = check(dossier)
    ran = {run.rule for run in report.runs}
    assert ids(report) == set()  # not R17 (how many there are), not R61 (who has been appraised)
    assert not ran & {"R17", "R61"}
    assert ran >= {"R10", "R11", "R14"}
    [finding] = [finding for finding in report.findings if finding.kind.id == "I-part-of-list"]
    assert (finding.at, finding.outcome) == (Address("staff_list"), Outcome.UNVERIFIED)
    assert "理学院" in finding.kind.message.zh.format(**finding.values)
    # What the dossier says applies all the same: its day of filing, what its ranks are of.
    assert dossier.as_of == date(2020, 12, 4)


@pytest.mark.parametrize("colleges", [None, 3, [], [{"key": "a", "name": "理学院"}]])
def test_of_a_school_that_has_no_other_college_a_list_is_the_whole(colleges: Any, tmp_path: Path) -> None:
    folder = tmp_path / "dossier"
    shutil.copytree(DEMO, folder)
    values = json.loads((folder / "dossier.json").read_text("utf-8"))
    values["colleges"] = colleges
    (folder / "dossier.json").write_text(json.dumps(values), "utf-8")
    report = check(submission.load(one_college(tmp_path / "理学院.xlsx", "理学院"), beside=folder))
    assert "R17" in ids(report)
    assert "I-part-of-list" not in ids(report, Outcome.UNVERIFIED)


def test_a_list_takes_the_place_of_the_one_in_the_dossier(tmp_path: Path) -> None:
    file = tmp_path / "改后.json"
    file.write_text('{"members": [{"serial": 1, "name": "王静"}]}', "utf-8")
    dossier = submission.load(file, beside=DEMO)
    assert [len(record.values["members"]) for record in dossier.records["staff_list"]] == [1]
    assert set(dossier.inputs) >= {"改后.json", "charter.json"}
    assert "staff_list.xlsx" not in dossier.inputs


def test_a_cause_in_another_file_of_the_dossier_is_told(lone: Path, tmp_path: Path) -> None:
    folder = tmp_path / "dossier"
    shutil.copytree(DEMO, folder)
    values = json.loads((folder / "dossier.json").read_text("utf-8"))
    values["ranking"]["period"] = "month"
    (folder / "dossier.json").write_text(json.dumps(values), "utf-8")
    report = check(submission.load(lone, beside=folder))
    assert Address("dossier", ("ranking", "period")) in {finding.at for finding in report.findings}


def test_photos_of_a_lone_registration_are_looked_up_in_its_dossier(tmp_path: Path) -> None:
    first = sorted((DEMO / "candidate_registration").iterdir())[0]
    values = json.loads(first.read_text("utf-8"))
    file = tmp_path / "王.json"
    file.write_text(json.dumps({**values, "photo": "photos/none.jpg"}), "utf-8")
    assert [f.kind.id for f in submission.load(file, beside=DEMO).findings] == ["I-photo-missing"]
    assert [f.kind.id for f in submission.load(file).findings] == ["I-no-dossier"]
    assert submission.load(file).records["candidate_registration"][0].id == "王"
    assert any(name.startswith("photos/") for name in submission.load(first, beside=DEMO).inputs)


@pytest.mark.parametrize(
    ("name", "content", "form"),
    [
        ("a.json", '{"members": []}', "staff_list"),
        ("a.json", '{"organisation": "x", "items": {}, "filled_by": ""}', "assessment_filing"),
        ("charter.json", "{}", "charter"),
    ],
)
def test_json_is_told_by_its_fields_or_by_its_name(tmp_path: Path, name: str, content: str, form: str) -> None:
    file = tmp_path / name
    file.write_text(content, "utf-8")
    assert submission.load(file).scope.form == form  # type: ignore[union-attr]


@pytest.mark.parametrize("content", ['{"x": 1}', "[]", "{}", '{"name": "王静", "born": "2002", "from": "兰州"}'])
def test_a_file_of_no_known_form_is_a_question_that_lists_the_forms(tmp_path: Path, content: str) -> None:
    file = tmp_path / "a.json"
    file.write_text(content, "utf-8")
    with pytest.raises(UsageError) as problem:
        submission.load(file)
    assert "staff_list（校级组织工作人员名单）" in problem.value.sentence("zh")


def test_a_file_that_could_be_two_forms_is_a_question_that_lists_those(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text('{"nominations": []}', "utf-8")  # of the appraisal, or of the election
    with pytest.raises(UsageError) as problem:
        submission.load(file)
    assert "one of: appraisal, election" in problem.value.sentence("en")


def test_a_damaged_file_says_why_where_its_form_is_not_given_and_is_a_finding_where_it_is(tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    file.write_bytes(b"PK\x03\x04")
    with pytest.raises(submission.UnreadableSubmission) as problem:
        submission.load(file)
    assert problem.value.exit_code == 1
    report = check(submission.load(file, form="staff_list"))
    assert "I-package" in ids(report)
    assert {run.rule for run in report.runs} >= {"R01"}


def test_what_is_no_file_is_a_usage_error(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.xlsx"):
        with pytest.raises(UsageError):
            submission.load(path)
    with pytest.raises(UsageError, match="no form"):
        submission.load(LIST, form="staff")


# --- the command -----------------------------------------------------------------------------------------------------

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            cli.main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return run


def test_files_are_validated_beside_folders(run: Run, lone: Path) -> None:
    code, out, _ = run("validate", lone, DEMO, "--format", "json")
    assert code == 1
    whole = json.loads(out)
    assert [dossier["name"] for dossier in whole["dossiers"]] == ["机电系", "demo-2020"]
    assert {finding["file"] for finding in whole["findings"]} == {"机电系.xlsx"}


def test_the_command_takes_a_form_and_a_dossier(run: Run, lone: Path) -> None:
    code, out, _ = run("validate", lone, "--form", "staff_list", "--dossier", SEED)
    assert code == 1
    assert "按 2020-11-18 的规定" in out
    for option in (("--form", "staff_list"), ("--dossier", SEED)):
        code, _, err = run("validate", DEMO, *option)
        assert (code, option[0] in err) == (2, True)


def test_sarif_names_the_file(lone: Path) -> None:
    dossier = submission.load(lone)
    whole = document(Format.SARIF, [(dossier, check(dossier), None)], redact=False)
    assert {
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in json.loads(whole)["runs"][0]["results"]
    } == {"%E6%9C%BA%E7%94%B5%E7%B3%BB.xlsx"}


def test_a_folder_of_lists_is_judged_file_by_file(run: Run, lone: Path, tmp_path: Path) -> None:
    shutil.copy(lone, tmp_path / "~$机电系.xlsx")
    shutil.copy(lone, tmp_path / "_旧.xlsx")
    shutil.copy(lone, tmp_path / "文学系.xlsx")
    (tmp_path / "坏.xlsx").write_bytes(b"PK")
    (tmp_path / "说明.txt").write_text("请于周五前报送", "utf-8")
    assert run("blank", "staff_list", "-o", tmp_path / "空白.xlsx")[0] == 0
    code, out, noted = run("validate", tmp_path)
    assert (code, out.count("报送件 ")) == (1, 2)
    assert "报送件 文学系.xlsx" in out
    passed_over, bad, *_ = noted.splitlines()
    assert passed_over == "没有读取（不是表格、Word 文件，或是空白表、批注副本）：空白.xlsx、说明.txt"
    assert bad.startswith(f"{tmp_path / '坏.xlsx'}: ")


ALONE = (
    "staff_list.xlsx",
    "candidate_registration/01.json",
    "charter.json",
    "election.json",
    "delegates.json",
    "assessment_filing.json",
)


@pytest.mark.parametrize("day", [None, date(2020, 12, 4)])
@pytest.mark.parametrize("name", ALONE)
def test_nothing_said_of_a_lone_file_sends_its_sender_to_a_dossier_that_he_has_not(name: str, day: date | None) -> None:
    path = (SEED if name == LIST.name else DEMO) / name
    findings = check(submission.load(path, as_of=day)).findings
    assert findings
    for finding in findings:
        said = f"{finding.message('zh')}{finding.kind.hint.zh}"
        assert "dossier.json" not in said, finding
        if finding.cause == Address("dossier"):
            assert finding.message() == "核对这一条要看案卷或其他表单，这份文件里没有"
            assert finding.kind.hint is NO_DOSSIER.hint


def test_a_hint_that_leads_to_the_dossier_belongs_to_a_rule_that_reads_it() -> None:
    """Of a lone file such a rule is unverified, and its hint another one."""
    leading = [rule for rule in all_rules() if "dossier.json" in rule.kind.hint.zh]
    assert len(leading) >= 4
    for rule in leading:
        assert any(place.startswith("dossier:") for place in (rule.each, *rule.reads)), rule.id


def test_a_rank_that_no_dossier_makes_possible_is_told_of_a_lone_list(tmp_path: Path) -> None:
    people = [
        {"serial": row, "name": f"安{row}", "rank": {"text": text, "kind": kind, "value": value, **of}}
        for row, (text, kind, value, of) in enumerate(
            [("50/45", "fraction", 50, {"of": 45}), ("3/45", "fraction", 3, {"of": 45}), ("0", "unknown", 0, {})], 1
        )
    ]
    file = tmp_path / "机电系.json"
    file.write_text(json.dumps({"members": people}, ensure_ascii=False), "utf-8")
    report = check(submission.load(file, form="staff_list"))
    said = [str(one.at) for one in report.findings if one.kind.id == "R16" and one.outcome is Outcome.FAILED]
    assert said == ["staff_list:/members/0/rank"]
