"""A summary compared with an earlier one: what was mended, what is new, and what cannot be told."""

import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from formgen import opc, rules
from formgen.errors import UsageError
from formgen.reports import summary_earlier, summary_run, summary_workbook
from formgen.reports.summary import Breach, Order, School, Weight
from formgen.reports.summary_collection import Change, Collection
from formgen.reports.summary_run import Request
from formgen.reports.summary_workbook import About
from formgen.reports.tally import FailOn, Tally


def school(dossier: str, *failing: str, weight: Weight = Weight.ERROR, **more: Any) -> School:
    breaches = tuple(Breach(rule, f"title of {rule}", weight, 1, (("a.json:1", "wrong"),)) for rule in failing)
    errors, warnings = (len(failing), 0) if weight is Weight.ERROR else (0, len(failing))
    return School(dossier, f"{dossier} 学院", tally=Tally(errors, warnings, 0, 0, 0), breaches=breaches, **more)


def unread(dossier: str) -> School:
    return School(dossier, problem="it is damaged")


def written(path: Path, *schools: School, lang: str = "zh", about: tuple[tuple[str, str], ...] = ()) -> Path:
    with Collection() as collection, path.open("w+b") as stream:
        for each in schools:
            collection.add(each)
        summary_workbook.write(collection, stream, lang, About(about), "", compared=False)
    return path


def compared(earlier: Path, *schools: School) -> dict[str, Change]:
    with Collection() as collection:
        summary_earlier.read(earlier, collection)
        for each in schools:
            collection.add(each)
        return {
            (change.now or change.then).dossier: change  # type: ignore[union-attr]
            for change in collection.changes()
        }


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_rules_that_no_longer_fail_are_mended_and_others_are_new(tmp_path: Path, lang: str) -> None:
    earlier = written(tmp_path / "a.xlsx", school("a", "R01", "R10"), lang=lang)
    change = compared(earlier, school("a", "R10", "R14"))["a"]
    assert (change.mended, change.new, change.open) == (("R01",), ("R14",), ())
    assert change.then is not None
    assert change.then.errors == 2


def test_a_rule_that_cannot_be_judged_any_longer_is_not_mended(tmp_path: Path) -> None:
    earlier = written(tmp_path / "a.xlsx", school("a", "R01", "R10", "R14"))
    doubtful = school("a", "R10", weight=Weight.UNVERIFIED, untold=("R01",))
    change = compared(earlier, doubtful)["a"]
    assert (change.mended, change.open) == (("R14",), ("R01", "R10"))


def test_a_warning_counts_and_what_is_only_noted_does_not(tmp_path: Path) -> None:
    earlier = written(
        tmp_path / "a.xlsx", school("a", "R84", weight=Weight.WARNING), school("b", "R95", weight=Weight.INFO)
    )
    found = compared(earlier, school("a"), school("b"))
    assert (found["a"].mended, found["b"].mended) == (("R84",), ())


def test_what_was_or_is_unreadable_is_not_compared(tmp_path: Path) -> None:
    earlier = written(tmp_path / "a.xlsx", unread("then"), school("now", "R01"), school("gone", "R01"))
    found = compared(earlier, school("then", "R01"), unread("now"), school("added", "R01"))
    assert {name: change.comparable for name, change in found.items()} == dict.fromkeys(found, False)
    assert all(change.mended == change.new == () for change in found.values())
    assert [summary_workbook._became(found[name])[0].en for name in ("then", "now", "gone", "added")] == [
        "unreadable then",
        "unreadable now",
        "not there now",
        "not there then",
    ]
    assert next(iter(found)) == "now"


def test_the_change_is_said_by_errors_first_and_then_by_warnings(tmp_path: Path) -> None:
    before = [school(name, "R01") for name in ("better", "worse", "same", "other")]
    earlier = written(tmp_path / "a.xlsx", *before)
    now = [school("better"), school("worse", "R01", "R10"), school("same", "R01"), school("other", "R10")]
    found = compared(earlier, *now)
    said = {name: summary_workbook._became(change)[0].en for name, change in found.items()}
    assert said == {"better": "better", "worse": "worse", "same": "unchanged", "other": "same counts, other rules"}
    assert list(found) == ["worse", "other", "same", "better"]


def test_a_summary_that_was_sorted_and_annotated_is_still_read(tmp_path: Path) -> None:
    path = written(tmp_path / "a.xlsx", school("a", "R01"), school("b", "R01"))
    book = openpyxl.load_workbook(path)
    for sheet in book.worksheets:
        sheet.insert_cols(1)
        sheet["A1"] = "我的备注"
        sheet.append([None, "一行备注"])
    book.create_sheet("便笺").append(["记得打电话"])
    book.create_sheet("空白")
    book.save(path)
    found = compared(path, school("a"), school("b", "R01"))
    assert {name: change.mended for name, change in found.items()} == {"a": ("R01",), "b": ()}


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"text"])
def test_what_is_no_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    with Collection() as collection, pytest.raises(UsageError, match="no summary that formgen wrote"):
        summary_earlier.read(path, collection)


def test_a_file_that_is_not_there_or_is_another_workbook_is_refused(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "other.xlsx")
    for name in ("none.xlsx", "other.xlsx"):
        with Collection() as collection, pytest.raises(UsageError, match="no summary that formgen wrote"):
            summary_earlier.read(tmp_path / name, collection)


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "a.xlsx", school("a"))
    monkeypatch.setattr(opc, "MAX_CONTENT", 100)
    assert not summary_earlier.is_summary(path)


@pytest.mark.parametrize(("digest", "same"), [(rules.digest, True), (lambda: "sha256:0", False)])
def test_the_summary_says_whether_the_rules_have_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], digest: Any, same: bool
) -> None:
    earlier = written(tmp_path / "a.xlsx", school("a", "R01"), about=(("规则的摘要值", digest()),))
    (tmp_path / "a").mkdir()
    request = Request(tmp_path / "b.xlsx", earlier, Order(None, "zh"), 1, FailOn.ERROR)
    assert summary_run.run([tmp_path / "a"], request) == 1
    book = openpyxl.load_workbook(tmp_path / "b.xlsx")
    said = {row[0]: row[1] for row in book["说明"].iter_rows(values_only=True)}
    assert said["与哪一份摘要比较"] == "a.xlsx"
    assert ("与这次相同" in said["上次用的规则"]) is same
    assert ("可能只是规则变了" in capsys.readouterr().err) is not same
    assert [row[2] for row in book["变化"].iter_rows(values_only=True)] == ["变化", "这次读不出"]


def test_the_earlier_summary_may_be_the_one_that_is_replaced(tmp_path: Path) -> None:
    path = written(tmp_path / "a.xlsx", school("a", "R01"))
    request = Request(path, path, Order(None, "en"), 1, FailOn.ERROR)
    (tmp_path / "a").mkdir()
    assert summary_run.run([tmp_path / "a"], request) == 1
    assert "changes" in openpyxl.load_workbook(path).sheetnames


def test_the_members_of_the_zip_file_bear_no_time(tmp_path: Path) -> None:
    stream = io.BytesIO(written(tmp_path / "a.xlsx", school("a", "R01")).read_bytes())
    with zipfile.ZipFile(stream) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"1980-01-01T00:00:00Z" in archive.read("docProps/core.xml")
