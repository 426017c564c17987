"""Findings as text and as JSON."""

import dataclasses
import io
import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import formgen
from formgen import resources
from formgen.checks import Report, RuleRun
from formgen.delivery import Delivery
from formgen.dossier import Dossier
from formgen.errors import UsageError
from formgen.findings import Address, Finding, Kind, Outcome, Pointer, Severity, Text
from formgen.record import CellOrigins, Origin, Record
from formgen.records import Records
from formgen.reports import as_json, screen, text
from formgen.reports.problems import environment_error, told
from formgen.reports.screen import Line
from formgen.reports.tally import FailOn, Tally, tally

INPUTS = Path(__file__).parent.parent / "inputs"
SCHEMA = json.loads((resources.folder("schemas") / "_findings.schema.json").read_text("utf-8"))
MEMBERS = Address("staff_list", ("members",))


def kind(id: str, severity: Severity = Severity.ERROR) -> Kind:
    return Kind(
        id,
        "bad",
        Text(f"{id} 的题目", f"title of {id}"),
        Text("{name} 不对", "{name} is wrong"),
        severity,
        Text("请改正", "correct it"),
        Text("{name} 无从核对", "{name} cannot be checked"),
        ("某某办法第 1 条", "第 2 条"),
    )


def finding(id: str, row: int, outcome: Outcome = Outcome.FAILED, **more: Any) -> Finding:
    severity = more.pop("severity", Severity.ERROR)
    return Finding(kind(id, severity), MEMBERS / row / "name", {"name": f"第{row}人"}, outcome, **more)


@pytest.fixture
def dossier() -> Dossier:
    """A dossier with a staff list of which each member has a cell."""
    cells: dict[Pointer, Origin] = {
        ("members", row, "name"): Origin("staff_list.xlsx", "表1", f"B{row + 3}") for row in range(100)
    }
    record = Record("staff_list", {}, CellOrigins(Origin("staff_list.xlsx", "表1"), cells))
    whole = CellOrigins(Origin("dossier.json", line=1))
    return Dossier(Path("x"), "x", {}, whole, {"staff_list": Records([record])}, date(2020, 12, 4), "备案日期", (), {})


def printed(findings: Iterable[Finding], dossier: Dossier, lang: str = "zh") -> list[str]:
    report = Report(tuple(findings), (), dossier.as_of)
    return [" " * line.indent + line.text for line in text.lines(dossier, report, lang)]


# --- text ------------------------------------------------------------------------------------------------------------


def test_a_finding_says_how_bad_what_where_why_and_what_to_do(dossier: Dossier) -> None:
    also = (MEMBERS / 1 / "name", MEMBERS / 2 / "name")
    assert printed([finding("R10", 0, also=also)], dossier) == [
        "案卷 x，按 2020-12-04 的规定核对（备案日期）",
        "",
        "校级组织工作人员名单（staff_list）",
        "  错误 R10 R10 的题目",
        "    staff_list.xlsx!表1!B3  第0人 不对",
        "      另见：staff_list.xlsx!表1!B4、B5",
        "    依据：某某办法第 1 条；第 2 条",
        "    → 请改正",
        "",
        "错误 1、警告 0、提示 0、无法核实 0、已豁免 0；结论：不能出具（先改正错误）",
    ]


def test_the_report_is_there_in_english(dossier: Dossier) -> None:
    lines = printed([finding("R10", 0)], dossier, "en")
    assert lines[3:5] == ["  error R10 title of R10", "    staff_list.xlsx!表1!B3  第0人 is wrong"]
    assert lines[-1].endswith("result: cannot be issued (correct the errors first)")


def test_without_findings_it_says_so(dossier: Dossier) -> None:
    assert printed([], dataclasses.replace(dossier, as_of_why="")) == [
        "案卷 x，按 2020-12-04 的规定核对",
        "",
        "没有发现问题；结论：可以出具",
    ]


def test_a_finding_of_the_dossier_stands_under_its_name(dossier: Dossier) -> None:
    bare = Kind("R81", "x", Text("题", "t"), Text("没有写", "missing"))
    lines = printed([Finding(bare, Address("dossier", ("x",)))], dossier)
    assert lines[2:6] == ["案卷（dossier）", "  错误 R81 题", "    dossier.json:1  没有写", ""]


def test_findings_of_one_rule_stand_under_one_heading(dossier: Dossier) -> None:
    lines = printed([finding("R10", 0), finding("R10", 1), finding("R11", 0)], dossier)
    assert [line for line in lines if "题目" in line] == ["  错误 R10 R10 的题目", "  错误 R11 R11 的题目"]
    assert sum("请改正" in line for line in lines) == 2


def test_findings_of_one_rule_with_different_hints_have_each_their_own(dossier: Dossier) -> None:
    other = finding("S-type", 1)._replace(kind=dataclasses.replace(kind("S-type"), hint=Text("写数字", "")))
    lines = printed([finding("S-type", 0), other], dossier)
    assert [line for line in lines if "人 不对" in line or "→" in line] == [
        "    staff_list.xlsx!表1!B3  第0人 不对",
        "    → 请改正",
        "    staff_list.xlsx!表1!B4  第1人 不对",
        "    → 写数字",
    ]


def test_severities_and_outcomes_have_their_own_words(dossier: Dossier) -> None:
    lines = printed(
        [
            finding("R01", 0, severity=Severity.WARNING),
            finding("R02", 0, severity=Severity.INFO),
            finding("R03", 0, Outcome.UNVERIFIED),
            finding("R04", 0, waived="另有批文"),
        ],
        dossier,
    )
    assert [line.split()[0] for line in lines if "的题目" in line] == ["警告", "提示", "无法核实", "已豁免"]
    assert "      豁免理由：另有批文" in lines
    assert "    staff_list.xlsx!表1!B3  第0人 无从核对" in lines
    assert lines[-1] == "错误 0、警告 1、提示 1、无法核实 1、已豁免 1；结论：可以出具"


def test_what_cannot_be_verified_for_a_listed_cause_is_folded_under_it(dossier: Dossier) -> None:
    root = finding("S-type", 0)
    followers = [
        finding(id, row, Outcome.UNVERIFIED, cause=root.at) for id, row in (("R11", 0), ("R11", 1), ("R12", 0))
    ]
    lines = printed([root, *followers], dossier)
    assert "      由此另有 3 项无法核实：R11（2 项）、R12" in lines
    assert not [line for line in lines if "无从核对" in line]
    assert "无法核实 3" in lines[-1]


def test_followers_are_told_once_where_a_place_has_two_findings(dossier: Dossier) -> None:
    root = finding("S-type", 0)
    follower = finding("R11", 0, Outcome.UNVERIFIED, cause=root.at)
    lines = printed([root, finding("R10", 0), follower], dossier)
    assert sum("由此另有 1 项" in line for line in lines) == 1


def test_folding_hides_no_error_and_nothing_without_a_listed_cause(dossier: Dossier) -> None:
    root = finding("S-type", 0)
    error = finding("R11", 1, cause=root.at)
    orphan = finding("R12", 2, Outcome.UNVERIFIED, cause=MEMBERS / 99)
    waived = finding("R13", 3, Outcome.UNVERIFIED, cause=root.at, waived="批文")
    lines = printed([root, error, orphan, waived], dossier)
    for place in ("B4  第1人 不对", "B5  第2人 无从核对", "B6  第3人 无从核对"):
        assert f"    staff_list.xlsx!表1!{place}" in lines


def test_beyond_twenty_findings_of_a_rule_the_others_are_counted(dossier: Dossier) -> None:
    lines = printed([finding("R10", row) for row in range(25)], dossier)
    assert sum("不对" in line for line in lines) == 20
    assert "    R10 共 25 处，另有 5 处没有逐一列出（--format json 有全部）" in lines
    assert "错误 25" in lines[-1]
    assert not [line for line in printed([finding("R10", row) for row in range(20)], dossier) if "逐一" in line]


def test_the_count_of_a_rule_goes_on_after_other_findings(dossier: Dossier) -> None:
    first = [finding("R10", row) for row in range(20)]
    second = [finding("R10", row) for row in range(30, 33)]
    lines = printed([*first, finding("R11", 0), *second], dossier)
    assert sum("不对" in line for line in lines) == 21
    assert lines.index("    R10 共 23 处，另有 3 处没有逐一列出（--format json 有全部）") > lines.index(
        "  错误 R11 R11 的题目"
    )


def test_other_places_are_all_named_and_their_sheet_once(dossier: Dossier) -> None:
    also = (*(MEMBERS / row / "name" for row in range(1, 22)), Address("dossier"))
    cells = "、".join(f"B{row}" for row in range(5, 25))
    lines = printed([finding("R10", 0, also=also)], dossier)
    assert f"      另见：staff_list.xlsx!表1!B4、{cells}、dossier.json:1" in lines


def test_beyond_sixty_other_places_their_number_is_told(dossier: Dossier) -> None:
    also = tuple(MEMBERS / row / "name" for row in range(1, 70))
    [line] = [line for line in printed([finding("R10", 0, also=also)], dossier) if "另见" in line]
    assert line.endswith("、B63 等 69 处")


def test_findings_that_are_not_listed_have_their_places_named(dossier: Dossier) -> None:
    lines = printed([finding("R10", row) for row in range(25)], dossier)
    assert "      在 staff_list.xlsx!表1!B23、B24、B25、B26、B27" in lines


def test_the_head_says_that_another_day_than_that_of_filing_applies(dossier: Dossier) -> None:
    with_filing = dataclasses.replace(dossier, values={"filing_date": "2020-12-01"}, as_of_why="章程通过")
    assert printed([], with_filing)[0] == "案卷 x，按 2020-12-04 的规定核对（章程通过），不按备案日期 2020-12-01"
    assert printed([], with_filing, "en")[0].endswith(", not by those of the filing date, 2020-12-01")
    same = dataclasses.replace(dossier, values={"filing_date": "2020-12-04"})
    assert printed([], same)[0] == "案卷 x，按 2020-12-04 的规定核对（备案日期）"


# --- on a screen -----------------------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def on_terminal(lines: list[Line], monkeypatch: pytest.MonkeyPatch, width: int = 30, colour: bool = False) -> str:
    stream = Terminal()
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "xterm")
    if not colour:
        monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr("sys.stdout", stream)
    screen.results(lines)
    return stream.getvalue()


def test_a_pipe_gets_whole_lines_without_colour(capsys: pytest.CaptureFixture[str]) -> None:
    screen.results([Line("很长的一行" * 50, indent=2, style="red"), Line("")])
    assert capsys.readouterr().out == "  " + "很长的一行" * 50 + "\n\n"


def test_a_terminal_gets_colours_unless_no_color_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[31m红" in on_terminal([Line("红", style="red")], monkeypatch, colour=True)
    assert "\x1b[31m" not in on_terminal([Line("红", style="red")], monkeypatch)


def test_on_a_terminal_chinese_wraps_by_its_width_behind_the_indent(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = on_terminal([Line("学生会组织工作人员为共产党员或共青团员。", indent=4), Line("")], monkeypatch)
    assert shown.split("\n") == [
        "    学生会组织工作人员为共产",
        "    党员或共青团员。",
        "",
        "",
    ]


def test_punctuation_stays_with_its_character_and_words_stay_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = on_terminal([Line("一二三四五六七八九十一二三四，（括号）dossier.json 很好")], monkeypatch)
    assert shown.split("\n") == ["一二三四五六七八九十一二三", "四，（括号）dossier.json 很好", ""]


def test_a_word_longer_than_the_screen_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = on_terminal([Line("x" * 70)], monkeypatch)
    assert shown.split("\n") == ["x" * 30, "x" * 30, "x" * 10, ""]


def test_markup_in_data_is_text(monkeypatch: pytest.MonkeyPatch) -> None:
    assert on_terminal([Line("[red]:smile:[/red]")], monkeypatch) == "[red]:smile:[/red]\n"


# --- JSON ------------------------------------------------------------------------------------------------------------


def document(*judged: tuple[Dossier, Report, Delivery | None], lang: str = "zh", **more: Any) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(
        "".join(as_json.pieces([as_json.part(*each, lang) for each in judged], lang=lang, **more))
    )
    errors = [f"{error.json_path}: {error.message}" for error in Draft202012Validator(SCHEMA).iter_errors(whole)]
    assert errors == []
    return whole


def test_the_schema_of_the_report_is_a_schema_and_refuses_what_is_none() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    whole = json.loads("".join(as_json.pieces([])))
    assert Draft202012Validator(SCHEMA).is_valid(whole)
    for key in whole:
        assert not Draft202012Validator(SCHEMA).is_valid({k: v for k, v in whole.items() if k != key})
    assert not Draft202012Validator(SCHEMA).is_valid({**whole, "more": 1})


@pytest.mark.parametrize("name", ["lzmvc-2020", "demo-2020"])
def test_the_report_on_a_real_dossier_is_of_the_shape_of_its_schema(name: str) -> None:
    dossier = formgen.load(INPUTS / name)
    report = formgen.check(dossier)
    whole = document((dossier, report, None))
    assert len(whole["findings"]) == len(report.findings)
    assert whole["summary"] == whole["dossiers"][0]["summary"]
    assert whole["summary"]["stops"] is report.stops
    assert whole["summary"]["rule_outcomes"]["passed"] > 0


def test_each_finding_has_its_place_and_its_words(dossier: Dossier) -> None:
    root = finding("R10", 0, also=(Address("dossier", ("x",)),), waived="批文")
    follower = finding("R11", 1, Outcome.UNVERIFIED, cause=root.at)
    whole = document((dossier, Report((root, follower), (), dossier.as_of), None), lang="en")
    first, second = whole["findings"]
    assert first == {
        "dossier": "x", "rule": "R10", "severity": "error", "outcome": "failed", "title": "title of R10",
        "message": "第0人 is wrong", "basis": ["某某办法第 1 条", "第 2 条"], "hint": "correct it",
        "form": "staff_list", "record": None, "pointer": "/members/0/name",
        "file": "staff_list.xlsx", "sheet": "表1", "cell": "B3", "line": None,
        "also": [{
            "form": "dossier", "record": None, "pointer": "/x",
            "file": "dossier.json", "sheet": None, "cell": None, "line": 1,
        }],
        "cause": None, "values": {"name": "第0人"}, "waived": "批文",
    }  # fmt: skip
    assert (second["outcome"], second["cause"]) == ("unverified", "staff_list:/members/0/name")
    assert second["message"] == "第1人 cannot be checked"


def test_the_summary_counts_by_severity_and_outcome(dossier: Dossier) -> None:
    counts = {Outcome.PASSED: 3, Outcome.FAILED: 1, Outcome.NOT_APPLICABLE: 0, Outcome.UNVERIFIED: 2}
    run = RuleRun("R10", counts, counts)
    findings = (
        finding("R10", 0),
        finding("R10", 1, severity=Severity.WARNING),
        finding("R10", 2, severity=Severity.INFO),
        finding("R10", 3, Outcome.UNVERIFIED),
        finding("R10", 4, waived="批文"),
    )
    judged = (dossier, Report(findings, (run,), dossier.as_of), None)
    summary = document(judged, judged)["summary"]
    assert summary == {
        "failed": {"error": 2, "warning": 2, "info": 2},
        "unverified": 2,
        "waived": 2,
        "rule_outcomes": {"passed": 6, "failed": 2, "not_applicable": 0, "unverified": 4},
        "stops": True,
    }


def test_what_was_written_and_what_was_refused_is_there(dossier: Dossier) -> None:
    delivery = Delivery(Path("out/x"), ("a.docx",), ("b.docx",), ("c.docx",), ("d.docx",))
    refusal = UsageError(Text("没有", "nothing"), place="y")
    whole = document((dossier, Report((), (), dossier.as_of), delivery), refused=[("y", refusal)], lang="en")
    assert whole["dossiers"][0]["delivery"] == {
        "folder": str(Path("out/x")),
        "written": ["a.docx"],
        "unchanged": ["b.docx"],
        "removed": ["c.docx"],
        "left": ["d.docx"],
        "withheld": [],
    }
    assert whole["refused"] == [{"path": "y", "message": "y: nothing", "exit_code": 2}]


def test_a_run_that_has_nothing_to_write_says_so() -> None:
    lines = [line.text for line in text.delivered(Delivery(Path("out/x"), (), (), (), ()))]
    assert lines == ["没有写出文件：材料里没有能生成文件的表单"]
    assert len(list(text.delivered(Delivery(Path("out/x"), (), ("b.docx",), (), ())))) == 1


def test_values_that_json_does_not_know_are_written_as_text(dossier: Dossier) -> None:
    found = Finding(kind("R10"), MEMBERS, {"name": date(2020, 11, 18)})
    assert document((dossier, Report((found,), (), dossier.as_of), None))["findings"][0]["values"] == {
        "name": "2020-11-18"
    }


# --- counting and telling --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "reached"),
    [
        (Tally(0, 0, 5, 0, 5), []),
        (Tally(0, 0, 0, 1, 0), ["unverified"]),
        (Tally(0, 1, 0, 0, 0), ["warning", "unverified"]),
        (Tally(1, 0, 0, 0, 0), ["error", "warning", "unverified"]),
    ],
)
def test_each_threshold_takes_in_those_before_it(counts: Tally, reached: list[str]) -> None:
    assert [threshold.value for threshold in FailOn if counts.reaches(threshold)] == reached


def test_outcomes_that_are_no_finding_are_not_counted() -> None:
    assert tally([finding("R10", 0, Outcome.PASSED)]) == Tally(0, 0, 0, 0, 0)


def test_an_error_is_told_with_its_remedy_on_a_line_of_its_own() -> None:
    error = UsageError(Text("不行", "no"), place="x", remedy=Text("请改", "change it"))
    assert [(line.text, line.indent) for line in told(error, "zh")] == [("x: 不行", 0), ("→ 请改", 2)]


def test_an_error_of_the_system_without_a_sentence_is_told_by_its_own_words() -> None:
    assert "timed out" in environment_error(TimeoutError("timed out")).sentence("zh")
