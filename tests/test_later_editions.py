"""The form of November 2021, its rewording of 2023, and a school's own stricter numbers."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from formgen import checks, cli, dossier, forms, parameters
from formgen.findings import Outcome
from formgen.intake.deriving import derive
from formgen.rules.subject import Law
from judging import base
from test_parameters import WRITTEN, written

FORM_A, FORM_B = forms.catalogue()["assessment_filing"]
LAW = parameters.load()
FIRST_DAY = date(2021, 11, 1)
# Which item of 2020 became which, as other schools' filings of both kinds show.
RENUMBERED = {"1": "1", "2": "2", "3a": "3", "3b": "4", "3c": "5", "4": "6", "5": "7", "6": "8", "7": "9", "8": "10"}


def items(edition: forms.Edition) -> Any:
    return edition.schema["properties"]["items"]["properties"]


def test_the_later_form_is_in_force_from_its_first_day() -> None:
    assert forms.catalogue().edition("assessment_filing", date(2021, 10, 31)) == FORM_A
    assert forms.catalogue().edition("assessment_filing", FIRST_DAY) == FORM_B


def test_the_later_form_has_no_template_and_does_not_borrow_the_earlier_one() -> None:
    assert FORM_B.templates == {}


def test_the_later_form_says_that_it_is_incomplete() -> None:
    assert "不完整" in FORM_B.schema["description"]
    assert "尚无模板" in FORM_B.schema["description"]


def test_every_row_that_rules_know_of_is_in_the_form_of_the_day() -> None:
    for on, edition in ((date(2021, 10, 31), FORM_A), (FIRST_DAY, FORM_B)):
        known = [*LAW.value("assessment.items", on), *LAW.value("assessment.items_unseen", on)]
        assert known == list(items(edition))
        for item in LAW.value("assessment.counted", on).values():
            assert "count" in items(edition)[item]["properties"]
        assert "held" in items(edition)[LAW.value("assessment.dated", on)]["properties"]
        assert set(LAW.value("filing.wording", on)) <= set(items(edition))


@pytest.mark.parametrize(("earlier", "later"), RENUMBERED.items())
def test_a_renumbered_item_keeps_its_wording_but_for_the_known_changes(earlier: str, later: str) -> None:
    before, after = items(FORM_A)[earlier]["description"], items(FORM_B)[later]["description"]
    assert after.startswith(before.replace("高校行政职能", "行政职能"))


def test_the_known_wording_of_the_later_form_stands_in_its_schema() -> None:
    for on in (FIRST_DAY, date(2023, 9, 1)):
        for item, wording in LAW.value("filing.wording", on).items():
            assert wording in items(FORM_B)[item]["description"]


@pytest.fixture
def december(tmp_path: Path) -> Path:
    """A dossier of December 2021 with a filing and a report on the congress."""
    folder, raw = tmp_path / "december", base(FIRST_DAY)
    folder.mkdir()
    filing = {**raw["dossier"], "filing_date": "2021-12-01", "academic_year": {"start": 2021}}
    (folder / "dossier.json").write_text(json.dumps(filing), "utf-8")
    for form in ("assessment_filing", "congress_report"):
        (folder / f"{form}.json").write_text(json.dumps(raw["records"][form]), "utf-8")
    return folder


def test_a_form_without_a_template_is_named_and_the_others_are_written(
    december: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for lang, said in (("zh", "还没有模板，只核对、没有出具"), ("en", "assessment_filing (")):
        with pytest.raises(SystemExit):
            cli.main(["generate", str(december), "-o", str(tmp_path / "out"), "--draft", "--lang", lang])
        assert said in capsys.readouterr().err.replace("\n", "")
    (written_file,) = (tmp_path / "out" / "december").glob("*.docx")
    title = forms.catalogue()["congress_report"][0].title
    assert written_file.name == f"草稿-{title}.docx"


def test_a_filing_of_december_2021_is_read_by_the_later_form(december: Path) -> None:
    values = json.loads((december / "assessment_filing.json").read_text("utf-8"))
    values["items"]["3a"] = {"conclusion": "met"}
    (december / "assessment_filing.json").write_text(json.dumps(values), "utf-8")
    found = dossier.load(december)
    assert found.as_of == date(2021, 12, 1)
    report = checks.check(found)
    assert "S-unknown-field assessment_filing:/items/3a" in [f"{one.kind.id} {one.at}" for one in report.findings]
    (conclusions,) = [run.counts for run in report.runs if run.rule == "R80"]
    assert (conclusions[Outcome.PASSED], conclusions[Outcome.FAILED]) == (12, 0)


@pytest.mark.parametrize(
    ("experience", "derived"),
    [
        ("2019年任汉文1902班班长，现任学习部部长", {"department": "学习部", "role": "部长"}),
        ("曾任学习部干事现任校学生会宣传部副部长。", {"department": "宣传部", "role": "副部长"}),
        ("2019年任班长\n现任学生会执行主席", {"role": "执行主席"}),
        ("2018年任班长，现任学生会主席团成员", {"role": "主席团成员"}),
        ("2024年任班长，现任学生会学习部工作人员", {"department": "学习部", "role": "工作人员"}),
        ("2019年任汉文1902班班长，2020年任学习部部长", {}),
    ],
)
def test_the_present_post_is_found_after_earlier_experience(experience: str, derived: dict[str, str]) -> None:
    member = {"experience": experience}
    schema = forms.catalogue()["staff_list"][0].schema["properties"]["members"]["items"]
    assert {str(at[-1]) for at, _ in derive(schema, member)} == set(derived)
    assert member == {"experience": experience, **derived}


@pytest.mark.parametrize(("local", "allowed"), [('"lower"', {39, 40}), ('"higher"', {40, 41}), ("true", {39, 40, 41})])
def test_a_school_may_only_be_as_strict_or_stricter(tmp_path: Path, local: str, allowed: set[int]) -> None:
    law = written(tmp_path, WRITTEN.replace('unit = "人"', f'unit = "人"\nlocal = {local}'))
    assert {own for own in (39, 40, 41) if law["staff.limit"].allows(own, 40)} == allowed


def test_a_school_may_not_set_what_is_not_marked_local(tmp_path: Path) -> None:
    law = Law(date(2020, 1, 1), written(tmp_path), {"staff.limit": 30})
    assert law.value("staff.limit") == law.national("staff.limit") == 40
    assert not law.is_local("staff.limit")
    assert not law.is_local("staff.limits")


def test_a_stricter_number_of_the_school_stands_in_for_that_of_the_law_and_a_looser_one_does_not() -> None:
    for own, applied in ((30, 30), (40, 40), (50, 40)):
        law = Law(date(2020, 11, 18), LAW, {"staff.limit": own})
        assert (law.value("staff.limit"), law.national("staff.limit")) == (applied, 40)
        assert law.is_local("staff.limit")


@pytest.mark.parametrize("local", ['"stricter"', "false", "1"])
def test_a_mark_that_says_nothing_is_refused(tmp_path: Path, local: str) -> None:
    with pytest.raises(ValueError, match=r"staff\.limit.*local"):
        written(tmp_path, WRITTEN.replace('unit = "人"', f'unit = "人"\nlocal = {local}'))


def test_only_a_whole_number_can_be_a_schools_own(tmp_path: Path) -> None:
    text = WRITTEN.replace('unit = "人"', 'unit = "人"\nlocal = "lower"').replace("value = 40", 'value = "四十"')
    with pytest.raises(ValueError, match="whole numbers"):
        written(tmp_path, text)
