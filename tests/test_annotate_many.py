"""Several files, or a folder of them, handed back by one command: each for itself, whatever one of them does."""

import json
import shutil
from pathlib import Path

import openpyxl
import pytest

from calling import Command
from test_annotate_command import SEED, told
from test_cli import INPUTS


@pytest.fixture
def handed_in(tmp_path: Path) -> Path:
    """Lists of two colleges, a damaged one, and a picture."""
    folder = tmp_path / "报送"
    folder.mkdir()
    for name in ("1机电系", "3文学院"):
        shutil.copy(INPUTS / "lzmvc-2020" / "staff_list.xlsx", folder / f"{name}.xlsx")
    (folder / "2坏.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    (folder / "合影.png").write_bytes(b"")
    return folder


def test_each_file_of_a_folder_gets_its_copy_and_a_bad_one_is_told(command: Command, handed_in: Path) -> None:
    ended = command("annotate", handed_in, *SEED)
    assert ended.code == 1
    for name in ("1机电系", "3文学院"):
        assert f"写出 {handed_in / f'{name}.批注.xlsx'}：" in ended.out
        assert openpyxl.load_workbook(handed_in / f"{name}.批注.xlsx")["Sheet1"]["F28"].comment is not None
    assert "2坏.xlsx: 工作簿打不开：文件已损坏或不完整" in ended.err
    assert "合影.png" in ended.err
    assert ended.out.endswith("3 份文件：批注了 2 份，没有批注 1 份\n")
    # Copies that nobody has touched are none of what was handed in.
    again = command("annotate", handed_in, *SEED)
    assert "没有变化，未重写" in again.out
    assert sorted(path.name for path in handed_in.glob("*批注*")) == ["1机电系.批注.xlsx", "3文学院.批注.xlsx"]


def test_copies_go_to_a_folder_which_is_made(command: Command, handed_in: Path) -> None:
    out = handed_in.parent / "发还" / "第一轮"
    ended = command("annotate", handed_in / "1机电系.xlsx", handed_in / "3文学院.xlsx", *SEED, "-o", out)
    assert sorted(path.name for path in out.iterdir()) == ["1机电系.批注.xlsx", "3文学院.批注.xlsx"]
    assert (ended.err, ended.out.splitlines()[-1]) == ("", "2 份文件：批注了 2 份，没有批注 0 份")
    english = command("annotate", handed_in, *SEED, "-o", out, "--lang", "en")
    assert english.out.splitlines()[-1] == "3 files: 2 annotated, 1 not"


def test_what_was_done_is_one_json_document(command: Command, handed_in: Path) -> None:
    whole = told(command("annotate", handed_in, *SEED, "--format", "json", "--note").out)
    assert [Path(each["file"]).name for each in whole["files"]] == ["1机电系.xlsx", "3文学院.xlsx"]
    assert [Path(each["file"]).name for each in whole["refused"]] == ["2坏.xlsx"]
    assert "文件已损坏" in whole["refused"][0]["problem"]["zh"]
    assert all(each["notes"] for each in whole["files"])
    assert json.dumps(whole["files"][0]["findings"]) == json.dumps(whole["files"][1]["findings"])


def test_several_copies_are_neither_one_file_nor_compared_with_one(command: Command, handed_in: Path) -> None:
    one = command("annotate", handed_in, "-o", handed_in / "合影.png")
    assert (one.code, "几份副本不能写成一个文件" in one.err) == (2, True)
    since = command("annotate", handed_in, "--since", handed_in / "1机电系.xlsx")
    assert (since.code, "--since 一次只比较一份文件" in since.err) == (2, True)
    assert not list(handed_in.glob("*批注*"))


def test_two_copies_of_one_name_are_not_written_over_each_other(command: Command, handed_in: Path) -> None:
    (handed_in / "2坏.xlsx").unlink()
    (handed_in / "1机电系.csv").write_text("姓名,政治面貌,院系,年级\n王静,党员,理学院,2019\n", "utf-8")
    ended = command("annotate", handed_in, *SEED, "--form", "staff_list")
    assert ended.code == 2
    assert "1机电系.xlsx: 它的副本会与 1机电系.csv 的同名" in ended.err
    assert "批注了 2 份，没有批注 1 份" in ended.out
