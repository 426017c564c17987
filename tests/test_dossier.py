"""Loading a dossier: which file is what, which day applies, and where everything came from."""

import errno
import hashlib
import json
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from formgen import dossier
from formgen.dossier import Dossier, UnreadableDossier
from formgen.errors import FormgenError, UsageError
from formgen.findings import Address
from formgen.intake import picture_files
from formgen.record import Origin

ROOT = Path(__file__).parents[1]
HEAD = {"organisation": {"name": "青川示范学院"}, "filing_date": "2020-12-04"}
Put = Callable[..., Path]
needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are of POSIX")
PICTURE = (ROOT / "inputs/demo-2020/photos/01.jpg").read_bytes()


@pytest.fixture(name="folder")
def fixture_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "demo-2020"
    folder.mkdir()
    (folder / "dossier.json").write_text(json.dumps(HEAD), "utf-8")
    return folder


@pytest.fixture(name="put")
def fixture_put(folder: Path) -> Put:
    def put(name: str, content: Any = None) -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(
            content if isinstance(content, bytes) else json.dumps({} if content is None else content).encode()
        )
        return path

    return put


def refused(folder: Path, as_of: date | None = None) -> str:
    """The sentence of the usage error; it has a remedy or a place."""
    with pytest.raises(UsageError) as caught:
        dossier.load(folder, as_of)
    assert caught.value.exit_code == 2
    assert caught.value.place
    return caught.value.sentence("zh") + caught.value.sentence("en")


def kinds(found: Dossier) -> list[str]:
    return [f.kind.id for f in found.findings]


def test_a_dossier_has_its_records_in_order_of_their_id(folder: Path, put: Put) -> None:
    put("staff_list.json", {"members": []})
    for id in ("10", "02", "01"):
        put(f"candidate_registration/{id}.json", {"name": id})
    found = dossier.load(folder)
    assert (found.name, found.values, found.findings, found.waivers_file) == ("demo-2020", HEAD, (), None)
    assert list(found.records) == ["candidate_registration", "staff_list"]
    assert [r.id for r in found.records["candidate_registration"]] == ["01", "02", "10"]
    assert [r.id for r in found.records["staff_list"]] == [None]


def test_every_file_that_was_read_has_its_digest(folder: Path, put: Put) -> None:
    path = put("candidate_registration/01.json", {"photo": "./photos//01.jpg"})
    put("photos/01.jpg", PICTURE)
    put("photos/unused.jpg", PICTURE)
    inputs = dossier.load(folder).inputs
    assert sorted(inputs) == ["candidate_registration/01.json", "dossier.json", "photos/01.jpg"]
    assert inputs["candidate_registration/01.json"] == f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
    assert inputs["photos/01.jpg"] == f"sha256:{hashlib.sha256(PICTURE).hexdigest()}"


def test_records_and_origins_are_found_by_address(folder: Path, put: Put) -> None:
    put("candidate_registration/01.json", {"name": "王静"})
    put("congress_report.json", b"{")
    found = dossier.load(folder)
    at = Address("candidate_registration", ("name",), "01")
    record = found.record_at(at)
    assert record is not None
    assert record.values == {"name": "王静"}
    assert str(found.origin(at)) == "candidate_registration/01.json:1"
    assert found.record_at(Address("candidate_registration", (), "02")) is None
    assert found.record_at(Address("congress_report")) is None
    assert str(found.origin(Address("congress_report"))) == "congress_report.json:1"
    assert str(found.origin(Address("congress_report", ("held",)))) == "congress_report.json:1"
    assert str(found.origin(Address("dossier", ("filing_date",)))) == "dossier.json:1"
    assert found.origin(Address("staff_list", ("members",))) == Origin("demo-2020")


def test_findings_of_all_files_are_collected_with_their_places(folder: Path, put: Put) -> None:
    put("candidate_registration/01.json", b'{"name": NaN}')
    put("candidate_registration/02.json", b"\n{")
    put("staff_list.et", b"name")
    put("candidate_registration/03.docx", b"PK")
    found = dossier.load(folder)
    assert kinds(found) == ["I-not-a-number", "I-json-syntax", "I-document", "I-format"]
    places = [
        "candidate_registration/01.json:1",
        "candidate_registration/02.json:2",
        "candidate_registration/03.docx",
        "staff_list.et",
    ]
    assert [str(found.origin(f.at)) for f in found.findings] == places
    assert found.records == {"candidate_registration": (), "staff_list": ()}
    read = ["candidate_registration/01.json", "candidate_registration/02.json", "candidate_registration/03.docx"]
    assert sorted(found.inputs) == [*read, "dossier.json"]


def test_what_is_no_form_is_left_alone(folder: Path, put: Put) -> None:
    names = ["findings.json", ".staff.json", "_notes.json", "~$staff_list.xlsx", "readme.md", "说明.txt"]
    for name in (
        *names,
        "photos/x.json",
        "_old/x.json",
        "附件/x.pdf",
        "candidate_registration/_x.json",
        "waivers.toml",
    ):
        put(name)
    found = dossier.load(folder)
    assert (found.records, kinds(found), list(found.inputs)) == ({}, [], ["dossier.json"])
    assert found.waivers_file == folder / "waivers.toml"
    assert found.origin(Address("dossier", ("waivers", 0))) == Origin("waivers.toml")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("candidate_registration/二批/03.json", "candidate_registration/二批"),
        ("candidate_registration/04.pdf", "candidate_registration/04.pdf"),
        ("staff_list.txt", "staff_list.txt"),
        ("工作人员名单.docx", "工作人员名单.docx"),
        ("候选人/01.docx", "候选人"),
    ],
)
def test_what_looks_handed_in_and_is_not_read_is_a_warning(folder: Path, put: Put, name: str, said: str) -> None:
    put("candidate_registration/01.json")
    put(name)
    found = dossier.load(folder)
    (finding,) = found.findings
    assert (finding.kind.id, finding.values, finding.stops) == ("I-not-read", {"name": said}, False)
    assert found.origin(finding.at) == Origin(said)
    assert len(found.records["candidate_registration"]) == 1


# --- the day ---------------------------------------------------------------------------------------------------------


AS_OF = {"date": "2020-11-18", "why": "章程通过"}


@pytest.mark.parametrize(
    ("head", "argument", "day", "why"),
    [
        ({"filing_date": "2020-12-04"}, None, date(2020, 12, 4), "备案日期"),
        ({"filing_date": "2020-12-04", "as_of": AS_OF}, None, date(2020, 11, 18), "章程通过"),
        ({"filing_date": "2020-12-04", "as_of": AS_OF}, date(2021, 1, 1), date(2021, 1, 1), "由命令指定"),
        ({"as_of": {"date": "2020-11-18"}}, None, date(2020, 11, 18), ""),
        ({"filing_date": "2020-02-30"}, date(2021, 1, 1), date(2021, 1, 1), "由命令指定"),
    ],
)
def test_the_command_wins_over_as_of_and_that_over_the_filing_date(
    folder: Path, put: Put, head: dict[str, Any], argument: date | None, day: date, why: str
) -> None:
    put("dossier.json", head)
    found = dossier.load(folder, argument)
    assert (found.as_of, found.as_of_why, found.values) == (day, why, head)


@pytest.mark.parametrize(
    ("head", "argument", "other"),
    [
        ({"filing_date": "2020-12-04"}, None, False),
        ({"filing_date": "2020-12-04"}, date(2020, 12, 4), False),
        ({"filing_date": "2020-12-04"}, date(2019, 12, 4), True),
        ({"filing_date": "2020-12-04", "as_of": AS_OF}, None, True),
        ({"as_of": AS_OF}, None, False),
        ({"filing_date": "2020-02-30", "as_of": AS_OF}, None, False),
    ],
)
def test_another_day_than_that_of_filing_is_named(
    folder: Path, put: Put, head: dict[str, Any], argument: date | None, other: bool
) -> None:
    put("dossier.json", {"organisation": {"name": "甲"}, **head})
    found = dossier.load(folder, argument)
    assert kinds(found) == ["I-other-day"] * other
    for finding in found.findings:
        assert found.as_of.isoformat() in finding.message("zh")
        assert not finding.stops


def test_without_any_day_the_request_cannot_be_carried_out(folder: Path, put: Put) -> None:
    put("dossier.json", {"organisation": {"name": "x"}})
    assert "--as-of" in refused(folder)
    assert dossier.load(folder, date(2020, 12, 4)).as_of == date(2020, 12, 4)


@pytest.mark.parametrize("day", ["2020-02-30", "20201118", "2020-W47-3", "明天", 3, None])
@pytest.mark.parametrize("key", ["filing_date", "as_of"])
def test_an_unreadable_day_is_the_datas_fault(folder: Path, put: Put, key: str, day: object) -> None:
    put("dossier.json", {"filing_date": "2020-12-04", key: {"date": day} if key == "as_of" else day})
    with pytest.raises(UnreadableDossier) as caught:
        dossier.load(folder)
    assert caught.value.exit_code == 1
    assert key in caught.value.sentence("zh")
    assert caught.value.place.endswith("dossier.json:1")


def test_an_as_of_that_is_no_object_is_the_datas_fault(folder: Path, put: Put) -> None:
    put("dossier.json", {"filing_date": "2020-12-04", "as_of": "2020-11-18"})
    with pytest.raises(UnreadableDossier):
        dossier.load(folder)


@pytest.mark.parametrize(("content", "kind"), [(b"{,", "I-json-syntax"), (b"[]", "I-not-an-object")])
def test_an_unreadable_head_stops_unless_the_command_gives_the_day(
    folder: Path, put: Put, content: bytes, kind: str
) -> None:
    put("dossier.json", content)
    put("staff_list.json")
    with pytest.raises(UnreadableDossier) as caught:
        dossier.load(folder)
    assert caught.value.exit_code == 1
    assert caught.value.place.endswith("dossier.json:1")
    found = dossier.load(folder, date(2020, 12, 4))
    assert (kinds(found), found.values, list(found.records)) == ([kind], {}, ["staff_list"])
    assert str(found.origin(found.findings[0].at)) == "dossier.json:1"
    assert str(found.origin(Address("dossier", ("organisation",)))) == "dossier.json"
    assert found.findings[0].message("zh") in caught.value.sentence("zh")


# --- the layout ------------------------------------------------------------------------------------------------------


def test_a_missing_folder_a_file_and_a_folder_without_head_are_refused(tmp_path: Path) -> None:
    assert "没有这个文件夹" in refused(tmp_path / "none")
    (tmp_path / "file").touch()
    assert "这不是文件夹" in refused(tmp_path / "file")
    assert "没有 dossier.json" in refused(tmp_path)


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["staff_list.json", "staff_list.xlsx"], "两个来源"),
        (["staff_list.json", "staff_list.csv"], "两个来源"),
        (["candidate_registration.json"], "不能是单个 .json 文件"),
        (["candidate_registration/01.json", "candidate_registration.json"], "不能是单个 .json 文件"),
        (["staff_list/01.json"], "不能是文件夹"),
        (["staf_list.json"], "是不是“staff_list”"),
        (["名单.xlsx"], "不是表单的名称"),
        (["candidates/01.json"], "是不是“candidate_registration”"),
        (["candidate_registration/a.json", "candidate_registration/A.json"], "同一个编号"),
        (["candidate_registration/01.json", "candidate_registration/01.JSON"], "同一个编号"),
        (["candidate_registration/1:2.json"], "冒号"),
        (["candidate_registration/1\x07.json"], "不能印出"),
    ],
)
def test_a_layout_that_could_mean_two_things_is_refused(
    folder: Path, put: Put, names: list[str], sentence: str
) -> None:
    for name in names:
        put(name)
    assert sentence in refused(folder)


# --- files that are not opened ---------------------------------------------------------------------------------------


@needs_pipes
@pytest.mark.parametrize("name", ["staff_list.json", "staff_list.xlsx", "candidate_registration/01.json"])
def test_a_pipe_in_the_place_of_a_file_is_a_finding_and_not_waited_for(folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    os.mkfifo(folder / name)
    found = dossier.load(folder)
    assert kinds(found) == ["I-not-a-regular-file"]
    assert str(found.origin(found.findings[0].at)) == name


@needs_pipes
def test_dossier_json_that_is_a_pipe_is_told(folder: Path) -> None:
    (folder / "dossier.json").unlink()
    os.mkfifo(folder / "dossier.json")
    with pytest.raises(UnreadableDossier, match="no regular file"):
        dossier.load(folder)


@needs_pipes
def test_waivers_that_are_a_pipe_are_refused(folder: Path) -> None:
    os.mkfifo(folder / "waivers.toml")
    assert "不是普通文件" in refused(folder)


def test_a_link_out_of_the_dossier_is_not_read_whatever_it_leads_to(folder: Path, put: Put, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.json"
    elsewhere.write_text('{"place": "会堂"}', "utf-8")
    (folder / "congress_report.json").symlink_to(elsewhere)
    (folder / "candidate_registration").symlink_to(put("../candidates/01.json", {"name": "王静"}).parent)
    found = dossier.load(folder)
    assert kinds(found) == ["I-outside", "I-outside"]
    assert [records for records in found.records.values() if records] == []
    assert list(found.inputs) == ["dossier.json"]


def test_a_link_inside_the_dossier_is_read(folder: Path, put: Put) -> None:
    (folder / "congress_report.json").symlink_to(put("_drafts/report.json", {"place": "会堂"}))
    found = dossier.load(folder)
    assert found.findings == ()
    assert found.records["congress_report"][0].values == {"place": "会堂"}


@pytest.mark.parametrize("name", ["dossier.json", "waivers.toml"])
def test_a_link_out_of_the_dossier_is_no_file_about_the_whole(folder: Path, tmp_path: Path, name: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("{}" if name == "dossier.json" else "")
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(elsewhere)
    with pytest.raises(FormgenError, match="leads outside the dossier"):
        dossier.load(folder)


def test_a_link_that_leads_to_itself_is_unreadable(folder: Path) -> None:
    (folder / "congress_report.json").symlink_to(folder / "congress_report.json")
    assert kinds(dossier.load(folder)) == ["I-unreadable"]


# --- pictures --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["/etc/hostname", "../x.jpg", "photos/../../x.jpg", "..\\x.jpg", "C:x.jpg", "link/x.jpg"]
)
def test_a_picture_outside_the_dossier_is_a_finding(folder: Path, put: Put, tmp_path: Path, name: str) -> None:
    (tmp_path / "x.jpg").touch()
    (folder / "link").symlink_to(tmp_path)
    put("candidate_registration/01.json", {"photo": name})
    found = dossier.load(folder)
    assert kinds(found) == ["I-photo-outside"]
    assert str(found.findings[0].at) == "candidate_registration#01:/photo"
    assert found.findings[0].message("zh")
    assert str(found.origin(found.findings[0].at)) == "candidate_registration/01.json:1"
    assert len(found.inputs) == 2


@pytest.mark.parametrize("name", ["photos\\01.jpg", "photos/../photos/01.jpg", "photos\\..\\photos\\01.jpg"])
def test_a_name_that_leads_to_a_picture_on_one_system_only_is_told_how_to_be_written(
    folder: Path, put: Put, name: str
) -> None:
    put("photos/01.jpg", PICTURE)
    put("candidate_registration/01.json", {"photo": name})
    [finding] = dossier.load(folder).findings
    assert finding.kind.id == "I-photo-spelling"
    assert "之外" not in finding.message()
    assert finding.message() == f"图片路径“{name}”含有 \\ 或 .."
    assert "请写 /" in finding.kind.hint.zh


@needs_pipes
def test_a_picture_that_is_a_pipe_is_not_waited_for(folder: Path, put: Put) -> None:
    (folder / "photos").mkdir()
    os.mkfifo(folder / "photos" / "01.jpg")
    put("candidate_registration/01.json", {"photo": "photos/01.jpg"})
    [finding] = dossier.load(folder).findings
    assert finding.message() == "图片“photos/01.jpg”不能用：这是管道或设备，不是文件"


def test_a_picture_that_may_not_be_read_is_not_called_missing(
    folder: Path, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = put("photos/01.jpg", PICTURE)
    put("candidate_registration/01.json", {"photo": "photos/01.jpg"})

    def deny(path: str, *_mode: Any, **_more: Any) -> Any:
        assert Path(path) == picture.resolve()
        raise PermissionError(errno.EACCES, "Permission denied", path)

    monkeypatch.setattr(picture_files, "open", deny, raising=False)
    found = dossier.load(folder)
    assert kinds(found) == ["I-photo-unreadable"]
    assert found.findings[0].message("zh") == "图片“photos/01.jpg”打不开：没有权限"
    assert found.findings[0].message("en") == "the picture 'photos/01.jpg' cannot be opened: Permission denied"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (PICTURE[: len(PICTURE) // 2], "图片不完整或已损坏"),
        (b"not a picture", "这不是 JPEG 或 PNG 图片"),
        (b"", "这不是 JPEG 或 PNG 图片"),
    ],
)
def test_a_picture_that_cannot_be_used_is_a_finding_at_the_field_that_names_it(
    folder: Path, put: Put, content: bytes, problem: str
) -> None:
    put("candidate_registration/01.json", {"photo": "photos/01.jpg"})
    put("photos/01.jpg", content)
    found = dossier.load(folder)
    assert kinds(found) == ["I-photo-damaged"]
    assert str(found.findings[0].at) == "candidate_registration#01:/photo"
    assert problem in found.findings[0].message()
    assert found.inputs["photos/01.jpg"].startswith("sha256:")


@pytest.mark.parametrize("name", ["photos/01.jpg", "photos", "loop", "x" * 5000, "locked/01.jpg"])
def test_a_picture_that_is_not_there_is_a_finding(folder: Path, put: Put, name: str) -> None:
    (folder / "photos").mkdir()
    (folder / "loop").symlink_to(folder / "loop")
    put("congress_report.json", {"photos": [{"caption": "x"}, {"file": name}]})
    found = dossier.load(folder)
    assert kinds(found) == ["I-photo-missing"]
    assert str(found.findings[0].at) == "congress_report:/photos/1/file"
    assert len(found.inputs) == 2


@pytest.mark.parametrize("value", [None, 3, "", [], {}])
def test_what_is_no_name_of_a_picture_is_left_to_the_schema(folder: Path, put: Put, value: object) -> None:
    put("candidate_registration/01.json", {"photo": value})
    assert dossier.load(folder).findings == ()


# --- the dossiers that come with formgen -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["lzmvc-2020", "demo-2020"])
def test_a_shipped_dossier_is_read_without_findings(name: str) -> None:
    found = dossier.load(ROOT / "inputs" / name)
    assert found.findings == ()
    assert found.records["staff_list"][0].values["members"]


def test_the_workbook_and_its_twin_in_json_give_the_same_values(folder: Path) -> None:
    twin = folder / "staff_list.json"
    twin.write_bytes((ROOT / "tests" / "seed" / "staff_list.json").read_bytes())
    [written] = dossier.load(folder).records["staff_list"]
    [read] = dossier.load(ROOT / "inputs" / "lzmvc-2020").records["staff_list"]
    assert read.values == written.values


def test_the_places_in_the_seed_workbook_hold_what_was_read() -> None:
    found = dossier.load(ROOT / "inputs" / "lzmvc-2020")
    [record] = found.records["staff_list"]
    sheet = load_workbook(ROOT / "inputs" / "lzmvc-2020" / "staff_list.xlsx").worksheets[0]
    for index, member in enumerate(record.values["members"]):
        origin = found.origin(Address("staff_list", ("members", index, "name")))
        assert origin.sheet == sheet.title
        assert origin.cell is not None
        assert sheet[origin.cell].value == member["name"]
