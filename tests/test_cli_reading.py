"""``formgen read`` gives what a filled form says, tells its form, and says in a sentence what cannot be read."""

from pathlib import Path

import pytest

import by_hand
import typed_forms as typed
from calling import Command
from formgen.forms import catalogue

ROOT = Path(__file__).parents[1]
Read = Command


@pytest.fixture
def read(command: Command) -> Read:
    return lambda *words: command("read", *words)


def put(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_the_published_page_is_recognised_and_read(read: Read) -> None:
    ended = read(ROOT / "tests/seed/disclosure-2020.md")
    assert (ended.code, ended.err) == (0, "")
    assert (ended.json["form"], ended.json["edition"]) == ("assessment_filing", None)
    assert ended.json["values"]["items"]["3a"]["count"] == 59
    held = next(origin for origin in ended.json["origins"] if origin["pointer"] == "/items/9/held")
    assert held["place"] == "disclosure-2020.md:24"


def test_the_edition_is_told_by_the_options_on_the_paper(read: Read, tmp_path: Path) -> None:
    later = read(put(tmp_path, "b.html", typed.page(typed.form_b())))
    assert (later.code, later.json["edition"]) == (0, "2021-11-01")
    wrong = read(put(tmp_path, "b.html", typed.page(typed.form_b())), "--as-of", "2020-11-18")
    assert (wrong.code, wrong.out) == (1, "")
    assert "另一版次" in wrong.err


def test_what_is_wrong_is_said_beside_the_values_and_ends_with_one(read: Read, tmp_path: Path) -> None:
    boxes = typed.form_a(boxes="☑达标 ☑未达标")
    ended = read(put(tmp_path, "a.docx", typed.word(boxes)), "--form", "assessment_filing", "--lang", "en")
    assert ended.code == 1
    assert "a.docx!第1个表格!第2行第2格: the conclusion of '第 1 项' cannot be told: both boxes are ticked" in ended.err
    assert ended.json["findings"][0]["rule"] == "I-undetermined"


def test_a_form_filled_in_by_hand_is_read_though_it_may_carry_no_data(read: Read, tmp_path: Path) -> None:
    template = catalogue()["candidate_registration"][0].templates[".docx"]
    path = put(tmp_path, "王静.docx", by_hand.filled(template, {"name": "王静", "dossier.organisation.name": "清河"}))
    ended = read(path)
    assert ended.json["values"] == {"name": "王静", "dossier": {"organisation": {"name": "清河"}}}
    assert {origin["record"] for origin in ended.json["origins"]} == {"王静"}


def test_a_table_of_many_records_and_a_json_file_are_read(read: Read) -> None:
    ended = read(ROOT / "inputs/demo-2020/candidate_registration/01.json")
    assert (ended.code, ended.json["form"], ended.json["records"][0]["record"]) == (0, "candidate_registration", "01")
    ended = read(ROOT / "inputs/demo-2020/congress_report.json")
    assert ended.json["values"]["place"]


@pytest.mark.parametrize(
    ("name", "data", "code", "said"),
    [
        ("a.docx", b"PK", 1, "文件打不开"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 1, "旧格式"),
        ("a.html", b"<img src=1.png>", 1, "图片里的表格读不出来"),
        ("a.html", b"", 2, "看不出这是哪一种表单"),
        ("a.html", "<table><tr><td>姓名</td></tr></table>".encode(), 2, "看不出这是哪一种表单"),
        ("staff_list.xlsx", b"PK", 1, "不是 zip 包"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(
    name: str, data: bytes, code: int, said: str, read: Read, tmp_path: Path
) -> None:
    ended = read(put(tmp_path, name, data))
    assert (ended.code, ended.out) == (code, "")
    assert said in ended.err
    assert "Traceback" not in ended.err


def test_a_named_form_that_a_file_is_not_is_said(read: Read, tmp_path: Path) -> None:
    ended = read(put(tmp_path, "a.html", b"<p>x</p>"), "--form", "congress_report")
    assert ended.code == 1
    assert "找不到“校级学生代表大会召开情况”的栏目" in ended.err
