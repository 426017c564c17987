"""Is inputs/demo-2020 as clean, and as awkward, as inputs/README.md promises?"""

import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from PIL import Image, ImageOps

HERE = Path(__file__).parent
DEMO = HERE.parents[1] / "inputs" / "demo-2020"
CANDIDATES = sorted((DEMO / "candidate_registration").glob("*.json"))


def read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def members() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read(HERE / "demo_staff_list.json")["members"]
    return found


def test_the_sheet_holds_the_canonical_members() -> None:
    rows = list(load_workbook(DEMO / "staff_list.xlsx")["Sheet1"].iter_rows(min_row=3, values_only=True))
    expected = [
        (
            one["serial"],
            one["name"],
            one["political_status"],
            one["college"],
            f"{one['grade'] - 2000}级",
            one.get("rank", {}).get("text"),
            "否",
            one["experience"],
            None,
        )
        for one in members()
    ]
    assert rows == expected


def test_the_staff_are_five_presidium_members_and_six_departments_as_filed() -> None:
    presidium = [one for one in members() if one["role"] == "执行主席"]
    departments = {one["department"] for one in members() if one["role"] != "执行主席"}
    for department in departments:
        roles = [one["role"] for one in members() if one.get("department") == department]
        assert set(roles) == {"部长", "副部长", "干事"}
        assert roles.count("部长") == 1
    items = read(DEMO / "assessment_filing.json")["items"]
    assert [items[key]["count"] for key in ("3a", "3b", "3c")] == [len(members()), len(presidium), len(departments)]
    assert (len(members()), len(presidium), len(departments)) == (38, 5, 6)
    assert [one["serial"] for one in members()] == list(range(1, 39))
    assert len({one["name"] for one in members()}) == 38


def test_everyone_past_the_first_year_ranks_within_thirty_percent_and_no_freshman_has_a_rank() -> None:
    for one in members():
        assert ("rank" in one) == (one["grade"] < 2020), one["name"]
        if "rank" in one:
            assert one["rank"]["text"] == f"{one['rank']['value']}/{one['rank']['of']}"
            assert one["rank"]["value"] * 100 <= one["rank"]["of"] * 30, one["name"]


def test_the_congress_adds_up_and_stands_for_one_percent_of_the_students() -> None:
    dossier, report = read(DEMO / "dossier.json"), read(DEMO / "congress_report.json")
    total = dossier["enrolment"]["total"]
    assert sum(dossier["enrolment"]["by_college"].values()) == total
    assert sum(one["count"] for one in report["delegations"]) == report["delegate_total"]
    assert report["delegate_total"] * 100 >= total
    assert report["held"] == read(DEMO / "assessment_filing.json")["items"]["9"]["held"]


def test_twelve_candidates_stand_two_of_each_college_and_the_first_five_win() -> None:
    candidates = [read(path) for path in CANDIDATES]
    colleges = [one["name"] for one in read(DEMO / "dossier.json")["colleges"]]
    assert sorted(one["college"] for one in candidates) == sorted(colleges * 2)
    same = ("name", "college", "grade", "political_status")
    winners = [tuple(one[key] for key in same) for one in members() if one["role"] == "执行主席"]
    assert [tuple(one[key] for key in same) for one in candidates[:5]] == winners


@pytest.mark.parametrize("path", CANDIDATES, ids=lambda path: path.stem)
def test_every_candidate_meets_the_conditions_and_passed_the_steps_in_order(path: Path) -> None:
    one = read(path)
    assert one["class_rank"]["value"] * 100 <= one["class_rank"]["of"] * 15
    assert one["failed_course"] is False
    first = one["experience"][0]
    assert f"{one['grade']}-09" <= first["start"] <= "2019-10"
    bodies = ("college_league", "college_party", "student_affairs", "university_league", "university_party")
    dates = [one["opinions"][body]["date"] for body in bodies]
    assert dates == sorted(dates)
    assert dates[-1] < read(DEMO / "congress_report.json")["held"]["start"]
    # Long enough to look like a form that a person filled in, short enough for the identity page to be one page.
    assert all(80 <= len(one[text]) <= 220 for text in ("profile", "plan"))
    listed = {member["name"]: member for member in members()}.get(one["name"])
    if listed is not None:
        assert (listed["college"], listed["grade"]) == (one["college"], one["grade"])


@pytest.mark.parametrize("path", CANDIDATES, ids=lambda path: path.stem)
def test_every_candidate_has_an_upright_photo_of_one_inch(path: Path) -> None:
    with Image.open(DEMO / read(path)["photo"]) as photo:
        assert photo.format == ("PNG" if path.stem == "07" else "JPEG")
        assert photo.size == ((413, 295) if path.stem == "04" else (295, 413))
        assert ImageOps.exif_transpose(photo).size == (295, 413)


def test_no_two_portraits_are_the_same_and_both_views_of_the_hall_are_there() -> None:
    portraits = {(DEMO / read(path)["photo"]).read_bytes() for path in CANDIDATES}
    assert len(portraits) == len(CANDIDATES) == 12
    for photo in read(DEMO / "congress_report.json")["photos"]:
        assert (DEMO / photo["file"]).stat().st_size < 80_000


def test_the_names_hold_rare_characters_and_a_middle_dot() -> None:
    names = "".join(one["name"] for one in members())
    assert all(mark in names for mark in ("䶮", "𠮷", "·"))
