"""A table of candidates: each row is a record of its own, with its id, its cells and its picture."""

import io
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from formgen import checks, intake, submission
from formgen.dossier import Dossier, load
from formgen.errors import UsageError
from formgen.findings import Address
from formgen.forms import catalogue
from formgen.intake import Reading, spellings
from formgen.intake.table_origins import RowOrigins
from formgen.record import Record

DEMO = Path(__file__).parent.parent / "inputs" / "demo-2020"
FORM = catalogue()["candidate_registration"][0]
HEADINGS = [
    "序号",
    "姓名",
    "性别",
    "政治面貌",
    "学院",
    "年级",
    "班级",
    "班级排名",
    "有无挂科",
    "工作经历",
    "学号",
    "出生年月",
]
ROW = [
    1, "王静", "女", "团员", "理工学院", "19级", "计科1901班", "3/45", "无",
    "2019.09-2020.09 计科1901班 班长\n2020.9至今 学生会学习部部长", 2019010101, "2001.3",
]  # fmt: skip
Rows = list[list[Any]]
Read = Callable[[Rows], Reading]


def book(rows: Rows) -> bytes:
    workbook = Workbook()
    for row in [HEADINGS, *rows]:
        workbook.worksheets[0].append(row)
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


@pytest.fixture(name="read")
def fixture_read(tmp_path: Path) -> Read:
    def read(rows: Rows) -> Reading:
        path = tmp_path / "candidate_registration.xlsx"
        path.write_bytes(book(rows))
        return intake.read(path, path.name, FORM, None)

    return read


@pytest.fixture(name="demo")
def fixture_demo(tmp_path: Path) -> Callable[[Rows], Dossier]:
    def demo(rows: Rows) -> Dossier:
        folder = tmp_path / "demo"
        shutil.copytree(DEMO, folder, ignore=shutil.ignore_patterns("candidate_registration"))
        (folder / "candidate_registration.xlsx").write_bytes(book(rows))
        return load(folder)

    return demo


def row(**changes: Any) -> list[Any]:
    """A row with some of its cells changed, by heading."""
    return [changes.get(heading, value) for heading, value in zip(HEADINGS, ROW, strict=True)]


def ids(records: tuple[Record, ...]) -> list[str | None]:
    return [record.id for record in records]


def test_each_row_is_a_record_with_canonical_values_and_its_own_cells(read: Read) -> None:
    reading = read([ROW, row(序号=2, 姓名="李　明")])
    assert ids(reading.records) == ["01", "02"]
    assert reading.records[0].values == {
        "name": "王静", "gender": "女", "political_status": "共青团员", "college": "理工学院", "grade": 2019,
        "class": "计科1901班", "class_rank": {"text": "3/45", "kind": "fraction", "value": 3, "of": 45},
        "failed_course": False, "student_number": "2019010101", "birth": "2001-03",
        "experience": [
            {"start": "2019-09", "end": "2020-09", "unit": "计科1901班", "post": "班长"},
            {"start": "2020-09", "end": "至今", "unit": "学生会学习部", "post": "部长"},
        ],
    }  # fmt: skip
    assert reading.records[1].values["name"] == "李明"
    assert str(reading.records[1].origins.find(("name",))) == "candidate_registration.xlsx!Sheet!B3"
    assert reading.records[1].origins.find(("name",)).text == "李　明"
    assert str(reading.records[1].origins.find(("experience", 1, "post"))).endswith("!J3")
    assert str(reading.records[1].origins.find(())).endswith("!A3")


def test_columns_that_are_not_there_are_told_once_and_not_for_each_candidate(demo: Callable[[Rows], Dossier]) -> None:
    dossier = demo([row(序号=n, 姓名=f"王{n}", 班级=None) for n in range(20, 25)])
    said = [finding for finding in dossier.findings if finding.kind.id == "I-absent-column"]
    assert {finding.values["title"] for finding in said} >= {"民族", "籍贯", "竞选优势与工作设想"}
    assert all(finding.kind.severity == "warning" for finding in said)
    report = checks.check(dossier)
    blank = [finding for finding in report.findings if finding.kind.id == "R86" and finding.outcome == "failed"]
    assert {finding.values["fields"] for finding in blank} == {"班级、照片"}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([row(序号=9), row(序号=10)], ["09", "10"]),
        ([row(序号=9), row(序号=110)], ["009", "110"]),
        ([row(序号=None), row(序号="甲-1")], ["王静", "甲-1"]),
        ([row(序号=None, 姓名=None), row(序号="a:b")], ["2019010101", "a：b"]),
        ([row(序号=None, 姓名=None, 学号=None, 班级="x")], []),
    ],
)
def test_a_record_is_called_by_its_number_else_by_its_name(read: Read, rows: Rows, expected: list[str]) -> None:
    assert ids(read(rows).records) == (expected or ["第2行"])


def test_each_cell_of_each_row_is_told_as_it_was_written_whatever_other_rows_hold(read: Read) -> None:
    as_value = [1, "王静", None, None, "理工学院", None, None, None, None, None, "2019010101", "2001-03"]
    other = [2, "李明", "男", None, "理工学院", None, "计科1901班", None, "有", None, None, "2001年3月"]
    as_before = [3, "赵一", None, None, "经管学院", "2019", None, None, None, None, "2019010102", "2001-04"]
    rows = [ROW, as_value, other, as_before, ["合计"]]
    records = read(rows).records
    assert [record.id for record in records] == ["01", "01（第3行）", "02", "03"]
    fields = "name gender political_status college grade class class_rank failed_course experience student_number birth"
    for number, (record, row) in enumerate(zip(records, rows, strict=False), start=2):
        assert isinstance(record.origins, RowOrigins)
        told = dict(record.origins.every())
        for letter, key, written in zip("BCDEFGHIJKL", fields.split(), row[1:], strict=True):
            place = told[(key,)]
            assert place == record.origins.find((key, 0, "unit"))
            assert place.cell == f"{letter}{number}"
            assert place.text == (None if written is None else str(written))
        assert told[()].cell == f"A{number}"
        assert told[()].text is None


def test_rows_of_a_list_share_their_keys_and_are_changed_apart(read: Read) -> None:
    first, second = (record.values for record in read([ROW, [2, "李明", *ROW[2:]]]).records)
    first["plan"] = "我想做好三件事。"
    del first["gender"]
    assert second["gender"] == "女"
    assert "plan" not in second
    # Of a dictionary of its own, the table of keys alone takes more.
    assert sys.getsizeof(second) < sys.getsizeof(dict(second.items()))


def test_two_rows_of_one_number_are_an_error_that_names_both_and_neither_is_lost(read: Read) -> None:
    reading = read([ROW, row(姓名="李明")])
    assert ids(reading.records) == ["01", "01（第3行）"]
    [finding] = [finding for finding in reading.findings if finding.kind.id == "I-same-id"]
    assert finding.values == {"text": "1", "first": 2, "second": 3}
    places = [str(reading.places[at]) for at in (finding.at, *finding.also)]
    assert [place.rpartition("!")[2] for place in places] == ["A3", "A2"]


def test_a_line_of_experience_that_is_not_understood_stays_as_written_with_a_finding(
    demo: Callable[[Rows], Dossier],
) -> None:
    dossier = demo([row(工作经历="2019.09-2020.09 计科1901班 班长\n热心公益")])
    [record] = dossier.records["candidate_registration"]
    assert record.values["experience"][1] == "热心公益"
    found = [finding for finding in checks.check(dossier).findings if finding.kind.id == "S-type"]
    assert [str(dossier.origin(finding.at)) for finding in found] == ["candidate_registration.xlsx!Sheet!J2"]


@pytest.mark.parametrize("none", ["无", " 暂无", "——", "／"])
def test_who_writes_that_there_is_no_experience_has_none(none: str, read: Read) -> None:
    reading = read([[*ROW[:9], none, *ROW[10:]]])
    assert reading.records[0].values.get("experience") is None
    assert not [finding for finding in reading.findings if finding.at.pointer[:1] == ("experience",)]
    # A line that says more is kept as it is written.
    [kept] = read([[*ROW[:9], "无，担任过组长", *ROW[10:]]]).records
    assert kept.values["experience"] == ["无，担任过组长"]


def test_an_endless_line_is_not_looked_into() -> None:
    schema = FORM.schema["properties"]["experience"]
    assert spellings.value(schema, "2019-" + "-" * 30_000) == ["2019-" + "-" * 30_000]


def test_pictures_are_told_by_number_name_or_column_and_it_is_said_which(demo: Callable[[Rows], Dossier]) -> None:
    dossier = demo([row(序号=n, 姓名=f"王{n}") for n in (1, 7, 40)])
    photos = {record.id: record.values.get("photo") for record in dossier.records["candidate_registration"]}
    assert photos == {"01": "photos/01.jpg", "07": "photos/07.png", "40": None}
    [said] = [finding for finding in dossier.findings if finding.kind.id == "I-photo-attached"]
    assert said.values == {"count": 2, "examples": "王1 photos/01.jpg、王7 photos/07.png"}
    assert "photos/07.png" in dossier.inputs


def test_a_number_in_the_photos_of_a_dossier_is_not_somebodys_whose_list_came_from_elsewhere(tmp_path: Path) -> None:
    table = tmp_path / "candidates.xlsx"
    table.write_bytes(book([row(序号=1, 姓名="王一")]))

    def photo() -> object:
        dossier = submission.load(table, form="candidate_registration", beside=DEMO)
        [record] = dossier.records["candidate_registration"]
        return dossier.folder, record.values.get("photo")

    assert photo() == (DEMO, None)
    (tmp_path / "photos").mkdir()
    shutil.copy(DEMO / "photos" / "02.jpg", tmp_path / "photos" / "01.jpg")
    assert photo() == (tmp_path, "photos/01.jpg")


def test_a_picture_of_two_namesakes_is_nobodys(tmp_path: Path, demo: Callable[[Rows], Dossier]) -> None:
    dossier = demo([row(序号=31), row(序号=32), row(序号=33, 姓名="李明")])
    for name in ("王静.jpg", "李明.jpg", "李明.png"):
        shutil.copy(DEMO / "photos" / "01.jpg", dossier.folder / "photos" / name)
    photos = [record.values.get("photo") for record in load(dossier.folder).records["candidate_registration"]]
    assert photos == [None, None, None]


def test_a_column_of_file_names_is_completed(demo: Callable[[Rows], Dossier], monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [[*ROW, "02.jpg"], [*row(序号=2), "无.jpg"], [*row(序号=3), None]]
    monkeypatch.setitem(globals(), "HEADINGS", [*HEADINGS, "照片"])
    dossier = demo(rows)
    photos = [record.values.get("photo") for record in dossier.records["candidate_registration"]]
    assert photos == ["photos/02.jpg", "无.jpg", "photos/03.jpg"]
    assert [finding.kind.id for finding in dossier.findings if "photo-m" in finding.kind.id] == ["I-photo-missing"]


def test_a_table_and_a_folder_are_two_sources(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    shutil.copytree(DEMO, folder)
    (folder / "candidate_registration.xlsx").write_bytes(book([ROW]))
    with pytest.raises(UsageError, match="two sources"):
        load(folder)


def test_a_table_inside_the_folder_of_records_is_a_finding(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    shutil.copytree(DEMO, folder)
    (folder / "candidate_registration" / "13.xlsx").write_bytes(book([ROW]))
    dossier = load(folder)
    assert [(f.kind.id, f.at) for f in dossier.findings] == [("I-format", Address("candidate_registration", (), "13"))]
