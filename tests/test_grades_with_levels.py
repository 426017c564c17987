"""A grade that is written with the level of study says both: a postgraduate is asked for no rank."""

import datetime
import json
from pathlib import Path
from typing import Any

import pytest

from formgen import forms, intake
from formgen.intake.deriving import derive

ON = datetime.date(2021, 12, 9)
STAFF = forms.catalogue().edition("staff_list", ON)
CANDIDATE = forms.catalogue().edition("candidate_registration", ON)
WRITTEN = [
    ("2019级硕士研究生", 2019, "硕士研究生"),
    ("20级硕士", 2020, "硕士研究生"),
    ("2021级（博士）", 2021, "博士研究生"),
    ("2021级研究生", 2021, "研究生"),
    ("２０２１级研", 2021, "研究生"),
    ("博士2020级", 2020, "博士研究生"),
    ("2020级专升本", 2020, "本科"),
]


@pytest.mark.parametrize(("written", "grade", "level"), WRITTEN)
def test_a_grade_with_a_level_gives_both(written: str, grade: int, level: str) -> None:
    member: dict[str, Any] = {"grade": written}
    items = STAFF.schema["properties"]["members"]["items"]
    assert list(derive(items, member)) == [(("level",), ("grade",))]
    assert member == {"grade": grade, "level": level}


def test_the_column_of_levels_wins_over_what_the_grade_says() -> None:
    member = {"grade": "2019级硕士", "level": "博士研究生"}
    assert list(derive(STAFF.schema["properties"]["members"]["items"], member)) == []
    assert member == {"grade": 2019, "level": "博士研究生"}


@pytest.mark.parametrize("written", ["大一", "研一", "2019级硕士班", "硕士", "201级研究生"])
def test_what_names_no_year_of_entry_stays_as_it_was_written(written: str) -> None:
    member = {"grade": written}
    assert list(derive(STAFF.schema["properties"]["members"]["items"], member)) == []
    assert member == {"grade": written}


def test_a_list_keeps_the_cell_that_the_level_was_read_from(tmp_path: Path) -> None:
    (tmp_path / "staff_list.csv").write_text(
        "序号,姓名,政治面貌,院系,年级,排名,是否存在课程不及格情况,院系、班级学生工作经历,备注\n"
        "1,王静,共青团员,文学院,2020级硕士研究生,,否,现任研究生会学习部部长,\n",
        "utf-8",
    )
    record = intake.read(tmp_path / "staff_list.csv", "staff_list.csv", STAFF, None).record
    assert record is not None
    assert [record.values["members"][0][key] for key in ("grade", "level")] == [2020, "硕士研究生"]
    assert {record.origins.find(("members", 0, key)).cell for key in ("grade", "level")} == {"E2"}


def test_a_candidate_may_write_both_into_one_field(tmp_path: Path) -> None:
    (tmp_path / "01.json").write_text(json.dumps({"name": "王静", "grade": "2020级硕士"}), "utf-8")
    record = intake.read(tmp_path / "01.json", "01.json", CANDIDATE, "01").record
    assert record is not None
    assert record.values == {"name": "王静", "grade": 2020, "level": "硕士研究生"}
