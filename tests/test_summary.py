"""The summary of many dossiers as the command writes it: rows, sheets, reports, and what is refused."""

import io
import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import openpyxl
import pytest

from calling import Command
from formgen import dossier
from formgen.delivery import workers
from formgen.dossier import Dossier
from formgen.findings import Outcome
from formgen.reports import cell_text, progress, rendering, summary, summary_run, summary_workbook
from formgen.reports.rendering import Format
from formgen.reports.summary import PER_SCHOOL, Order
from formgen.reports.tally import FailOn

INPUTS = Path(__file__).parent.parent / "inputs"
Sheet = list[dict[str, Any]]


@pytest.fixture
def schools(tmp_path: Path) -> Path:
    """A clean dossier, one with errors, one that cannot be read, one folder without anything."""
    folder = tmp_path / "schools"
    folder.mkdir()
    shutil.copytree(INPUTS / "demo-2020", folder / "clean", ignore=shutil.ignore_patterns("candidate_registration"))
    shutil.copytree(INPUTS / "lzmvc-2020", folder / "wrong")
    (folder / "damaged").mkdir()
    (folder / "damaged" / "dossier.json").write_text("{", "utf-8")
    (folder / "empty").mkdir()
    return folder


def change(file: Path, **values: object) -> None:
    said = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps({**said, **values}), "utf-8")


def book(path: Path) -> dict[str, Sheet]:
    """Every sheet's rows by heading."""
    found = {}
    for sheet in openpyxl.load_workbook(path).worksheets:
        head, *rows = sheet.iter_rows(values_only=True)
        found[sheet.title] = [dict(zip(map(str, head), row, strict=True)) for row in rows]
    return found


def test_each_dossier_is_a_row_the_worst_first(schools: Path, tmp_path: Path, command: Command) -> None:
    out = tmp_path / "out.xlsx"
    code, said, err = command("validate", schools, "--summary", out)
    assert (code, err) == (1, "")
    assert said == f"核对了 4 个案卷：不能出具 1，可以出具 1，读不出 2；摘要写在 {out}\n"
    rows = book(out)["学校"]
    assert [row["案卷"] for row in rows] == ["damaged", "empty", "wrong", "clean"]
    assert [row["能否出具"] for row in rows] == ["读不出", "读不出", "不能出具", "可以出具"]
    wrong, clean = rows[2:]
    report = summary.judge(schools / "wrong", Order(None, "zh"))
    assert (wrong["错误"], wrong["警告"]) == (report.tally.errors, report.tally.warnings)
    assert (wrong["实有人数"], wrong["实有主席团"], wrong["实有部门"], wrong["达标"]) == (59, 5, 6, 17)
    assert wrong["最要紧的规则"].startswith("R87 ")
    assert (clean["学校"], clean["组织"], clean["按哪天的规定"], clean["错误"]) == (
        "青川示范学院",
        "学生会",
        "2020-12-04",
        0,
    )
    assert "候选人登记表" in clean["未报送"]
    assert "工作人员名单" not in clean["未报送"]


def test_each_rule_has_a_sheet_with_the_dossiers_that_fail_it(schools: Path, tmp_path: Path, command: Command) -> None:
    out = tmp_path / "out.xlsx"
    command("validate", schools, "--summary", out)
    sheets = book(out)
    (row,) = sheets["R14"]
    assert (row["案卷"], row["结果"], row["位置"]) == ("wrong", "错误", "staff_list.xlsx!Sheet1!F28")
    assert "程子敏" in row["问题"]
    total = next(row for row in sheets["规则"] if row["规则"] == "R14")
    assert (total["最重的结果"], total["错误的案卷"], total["共几处"]) == ("错误", 1, 1)
    assert {row["规则"] for row in sheets["规则"]} == {title for title in sheets if title[0] in "RSI"}
    assert sheets["规则"][0]["最重的结果"] == "错误"


def test_what_follows_from_another_finding_is_counted_and_not_listed(schools: Path) -> None:
    wrong = summary.judge(schools / "wrong", Order(None, "zh"))
    assert "R11" not in {breach.rule for breach in wrong.breaches}
    assert "R11" in wrong.untold
    assert wrong.tally.unverified > sum(b.count for b in wrong.breaches if b.weight is summary.Weight.UNVERIFIED)


def test_more_findings_of_a_rule_than_a_cap_are_counted(schools: Path, tmp_path: Path, command: Command) -> None:
    values = dossier.load(schools / "wrong").records["staff_list"][0].values
    for member in values["members"]:
        member.pop("political_status", None)
        member["grade"] = "？"
    (schools / "wrong" / "staff_list.xlsx").unlink()
    (schools / "wrong" / "staff_list.json").write_text(json.dumps(values), "utf-8")
    out = tmp_path / "out.xlsx"
    command("validate", schools, "--summary", out)
    rows = book(out)["S-type"]
    assert len(rows) == PER_SCHOOL + 1
    assert rows[-1]["问题"] == f"另有 {59 - PER_SCHOOL} 处没有逐一列出（每个案卷每条规则列 {PER_SCHOOL} 处）"
    assert rows[-1]["位置"] is None


def test_what_cannot_be_read_is_told_on_a_sheet_of_its_own(schools: Path, tmp_path: Path, command: Command) -> None:
    out = tmp_path / "out.xlsx"
    (schools / "stray.zip").write_bytes(b"")
    code, _, err = command("validate", schools, "--summary", out, "--lang", "en")
    damaged, empty = book(out)["unreadable"]
    assert code == 1
    assert "damaged/dossier.json:1" in damaged["reason and remedy"]
    assert "no dossier.json" in empty["reason and remedy"]
    assert err == f"{schools} has 1 files outside of all dossiers, which were not checked: stray.zip\n"


def test_many_stray_files_are_cut_short_and_a_dossier_itself_may_be_named(schools: Path, tmp_path: Path) -> None:
    for number in range(7):
        (schools / f"{number}.zip").write_bytes(b"")
    (schools / "~$out.xlsx").write_bytes(b"")
    found = summary_run.dossiers([schools, INPUTS / "demo-2020", tmp_path / "none"], [schools / "empty", None], "zh")
    assert [path.name for path in found] == ["clean", "damaged", "wrong", "demo-2020", "none"]


def test_a_folder_without_any_folder_is_taken_for_a_dossier(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("", "utf-8")
    assert summary_run.dossiers([tmp_path], [], "zh") == [tmp_path]


def test_the_bytes_are_the_same_whatever_the_number_of_processes(
    schools: Path, tmp_path: Path, command: Command
) -> None:
    out = tmp_path / "out.xlsx"
    contents = []
    for jobs in (1, 2):
        command("validate", schools, "--summary", out, "-j", jobs)
        contents.append(out.read_bytes())
    assert contents[0] == contents[1]


def test_a_name_that_begins_like_a_formula_is_a_text(schools: Path, tmp_path: Path, command: Command) -> None:
    name = '=HYPERLINK("http://example.org")'
    change(schools / "wrong" / "dossier.json", organisation={"name": name})
    change(schools / "clean" / "dossier.json", organisation={"name": "\ud800\x07+1" + "长" * 90})
    out = tmp_path / "out.xlsx"
    command("validate", schools, "--summary", out)
    cells = [row[0] for row in openpyxl.load_workbook(out)["学校"].iter_rows(min_row=4)]
    assert [(cell.value, cell.data_type, cell.quotePrefix) for cell in cells] == [
        (name, "s", True),
        ("\ufffd\ufffd+1" + "长" * 90, "s", False),
    ]
    assert all(cell.data_type != "f" for sheet in openpyxl.load_workbook(out) for row in sheet.rows for cell in row)


def test_what_no_workbook_takes_is_spelt_out() -> None:
    assert cell_text.writable("a\x07\ud800\uffff\u202eb\nc") == "a\\u0007\\ud800\\uffff\\u202eb\nc"


def test_a_text_that_is_longer_than_a_cell_is_cut() -> None:
    assert len(cell_text.writable("长" * 40_000)) == 32_767


def test_each_sheet_can_be_filtered_printed_and_scrolled(schools: Path, tmp_path: Path, command: Command) -> None:
    out = tmp_path / "out.xlsx"
    command("validate", schools, "--summary", out)
    for sheet in openpyxl.load_workbook(out):
        assert sheet.auto_filter.ref == sheet.dimensions.replace(sheet.dimensions.split(":")[0], "A1")
        assert sheet.freeze_panes in ("A2", "B2")
        assert sheet.print_title_rows == "$1:$1"
        assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)
        assert all(sheet.column_dimensions[cell.column_letter].width > 5 for cell in sheet[1])


@pytest.mark.parametrize("output", list(Format))
def test_a_report_on_each_dossier_lies_beside_and_is_linked(
    schools: Path, tmp_path: Path, command: Command, output: Format
) -> None:
    out, reports = tmp_path / "out.xlsx", tmp_path / "the reports"
    (schools / "wrong").rename(schools / "错 #1")
    command("validate", schools, "--summary", out, "--reports", reports, "--format", output)
    suffix = "txt" if output is Format.TEXT else output
    assert sorted(path.name for path in reports.iterdir()) == [f"clean.{suffix}", f"错 #1.{suffix}"]
    link = openpyxl.load_workbook(out)["学校"]["U4"].hyperlink
    assert link is not None
    assert link.target == f"the%20reports/错%20%231.{suffix}"
    text = (reports / f"错 #1.{suffix}").read_text("utf-8")
    assert ("程子敏" in text) is (output in (Format.TEXT, Format.JSON))


def test_redact_leaves_no_name_in_the_workbook_nor_in_the_reports(
    schools: Path, tmp_path: Path, command: Command
) -> None:
    out, reports = tmp_path / "out.xlsx", tmp_path / "reports"
    command("validate", schools, "--summary", out, "--reports", reports, "--redact")
    names = [member["name"] for member in dossier.load(schools / "wrong").records["staff_list"][0].values["members"]]
    said = str(book(out)) + (reports / "wrong.txt").read_text("utf-8")
    assert [name for name in names if name in said] == []
    assert "可能含有人名" in book(out)["读不出"][0]["原因和办法"]


def test_values_that_are_no_filing_at_all_are_no_conclusions(tmp_path: Path) -> None:
    (tmp_path / "dossier.json").write_text('{"organisation": 7, "filing_date": "2021-12-01"}', "utf-8")
    file = tmp_path / "assessment_filing.json"
    file.write_text('{"items": [1]}', "utf-8")
    assert summary.judge(tmp_path, Order(None, "zh")).conclusions == {}
    file.write_text(
        '{"items": {"1": 3, "2": {"conclusion": "unmet"}, "3": {"count": "x"}, "4": {"count": 5}}}', "utf-8"
    )
    school = summary.judge(tmp_path, Order(None, "zh"))
    assert school.conclusions == {"blank": 11, "unmet": 1}
    assert (school.unmet, school.counts, school.name) == (("2",), {"presidium": 5}, "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--since", "a.xlsx"), "--since 只能与 --summary 同用"),
        (("--reports", "a"), "--reports 只能与 --summary 同用"),
        (("--summary", "a.xlsx", "--format", "json"), "--format 与 --summary 同用时说的是 --reports 的格式"),
        (("--summary", "a.xlsx", "--explain"), "--explain 不能与 --summary 同用"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    schools: Path, command: Command, arguments: tuple[str, ...], said: str
) -> None:
    code, _, err = command("validate", schools, *arguments)
    assert code == 2
    assert said in err


def test_a_file_that_is_no_summary_is_not_replaced(schools: Path, tmp_path: Path, command: Command) -> None:
    out = tmp_path / "notes.xlsx"
    openpyxl.Workbook().save(out)
    before = out.read_bytes()
    code, _, err = command("validate", schools, "--summary", out)
    assert (code, out.read_bytes()) == (2, before)
    assert "已有同名的文件，又不是摘要" in err


def test_a_summary_that_cannot_be_written_leaves_nothing_behind(
    schools: Path, tmp_path: Path, command: Command
) -> None:
    (tmp_path / "none").write_text("a file where a folder is wanted")
    code, _, _ = command("validate", schools, "--summary", tmp_path / "none" / "out.xlsx")
    assert code == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["none", "schools"]


def test_too_many_dossiers_for_a_sheet_are_refused(
    schools: Path, tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(summary_workbook, "ROOM", 3)
    code, _, err = command("validate", schools, "--summary", tmp_path / "out.xlsx")
    assert code == 2
    assert "一次最多核对 3 个案卷" in err


def test_a_crash_of_ours_ends_with_3(
    schools: Path, tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> NoReturn:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(summary, "check", full)
    out = tmp_path / "out.xlsx"
    assert command("validate", schools, "--summary", out)[0] == 3
    assert "磁盘已满" in str(book(out)["读不出"])


def test_a_terminal_shows_how_far_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(progress, "PATIENCE", -1)
    request = summary_run.Request(tmp_path / "汇总.xlsx", None, Order(None, "zh"), 1, FailOn.ERROR)
    summary_run.run([INPUTS / "demo-2020"], request)
    assert "1/1" in sys.stderr.getvalue()  # type: ignore[attr-defined]


def test_what_is_waived_weighs_nothing_else() -> None:
    finding = summary.check(dossier.load(INPUTS / "lzmvc-2020")).findings[0]
    weights = [summary.weight_of(finding._replace(outcome=outcome, waived="why")) for outcome in Outcome]
    assert weights == [summary.Weight.WAIVED] * len(Outcome)


def test_a_redacted_dossier_is_still_a_dossier() -> None:
    loaded: Dossier = dossier.load(INPUTS / "demo-2020")
    again, _, _ = rendering.redacted((loaded, summary.check(loaded), None), "zh")
    assert again.name == loaded.name


def test_many_dossiers_are_judged_by_as_many_processes_as_pay(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    @contextmanager
    def processes(count: int) -> Iterator[workers.Workers]:
        asked.append(count)
        yield workers.Workers()

    monkeypatch.setattr(workers, "processes", processes)
    monkeypatch.setattr(workers, "processors", lambda: 4)
    monkeypatch.setattr(summary, "judge", lambda folder, order: folder)
    for count, dossiers in ((None, 3), (None, 45), (None, 3000), (1, 3000), (8, 3)):
        folders = [Path(str(number)) for number in range(dossiers)]
        assert list(summary.judge_all(folders, Order(None, "zh"), count)) == folders
    assert asked == [0, 2, 4, 1, 3]
