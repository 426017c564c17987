"""What was read as something else than a cell says is counted and shown, so that nothing changes unseen."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from calling import Command
from formgen import submission
from formgen.reports import readings
from hostile import HEADINGS, book, csv, grid

PLAIN = ("1", "王静", "共青团员", "理工学院", "2019", "3/45", "否", "2019年任理工1901班班长", "")


def said(path: Path, *people: Sequence[str], lang: str = "zh", **more: Any) -> list[str]:
    path.write_bytes(book(grid(people)) if path.suffix == ".xlsx" else csv(grid(people)).encode())
    found = submission.load(path, form="staff_list")
    return [line.text for line in readings.lines(found, lang, **{"counts_only": False, **more})]


def person(**other: str) -> list[str]:
    places = {"name": 1, "grade": 4, "rank": 5}
    row = list(PLAIN)
    for key, text in other.items():
        row[places[key]] = text
    return row


def test_what_is_read_as_it_stands_is_not_spoken_of(tmp_path: Path) -> None:
    assert said(tmp_path / "名单.xlsx", PLAIN) == []


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_each_field_is_counted_with_different_examples_and_their_cells(tmp_path: Path, suffix: str) -> None:
    people = [person(grade="19级"), person(grade="19级", name="王　静"), person(grade="２０１８")]
    assert said(tmp_path / f"名单{suffix}", *people) == [
        f"有 4 格读出的值与写法不同（formgen read 名单{suffix} 逐格列出）：",
        "姓名 1 处：B3 “王　静” 读作 “王静”",
        "年级 3 处：E2 “19级” 读作 “2019”；E4 “２０１８” 读作 “2018” 等",
    ]


def test_each_row_of_a_list_of_candidates_is_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "候选人.csv"
    lines = [
        "姓名,性别,学院,年级,班级排名,有无挂科,学号,出生年月",
        "王静,女,理工学院,19级,3/45,无,2019010101,2001.3",
        "李　明,男,理工学院,2019,3/45,无,2019010102,2001-03",
        "赵一,男,理工学院,2019,,无,2019010103,2001-03",
    ]
    path.write_text("\n".join(lines), "utf-8")
    found = submission.load(path, form="candidate_registration")
    assert [line.text for line in readings.lines(found, "zh", counts_only=False)] == [
        "有 3 格读出的值与写法不同（formgen read 候选人.csv 逐格列出）：",
        "姓名 1 处：A3 “李　明” 读作 “李明”",
        "年级 1 处：D2 “19级” 读作 “2019”",
        "出生年月 1 处：H2 “2001.3” 读作 “2001-03”",
    ]


def test_where_values_are_not_to_be_shown_they_are_counted(tmp_path: Path) -> None:
    shown = said(tmp_path / "a.xlsx", person(name="王　静"), lang="en", counts_only=True)
    assert shown == [
        "1 cells were read as something else than they say (formgen read a.xlsx lists them all):",
        "姓名, 1",
    ]


def test_long_texts_are_cut(tmp_path: Path) -> None:
    [_, line] = said(tmp_path / "a.xlsx", person(name="王" + "\u200b" * 60 + "静"))
    assert "…” 读作 “王静”" in line


def test_the_command_says_it_below_the_report_on_a_lone_file(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "名单.csv"
    path.write_bytes(csv([HEADINGS, person(grade="19级")]).encode())
    assert "E2 “19级” 读作 “2019”" in command("validate", path).out
    redacted = command("validate", path, "--redact").out
    assert "年级 1 处" in redacted
    assert "19级" not in redacted
