"""The command that hands a submitted workbook back: what it writes where, what it says, how it ends."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from jsonschema import Draft202012Validator

from calling import Command
from formgen import opc, resources
from formgen.annotation import handing
from formgen.errors import FormgenError
from formgen.reports.tally import FailOn
from hostile import FILES, Hostile
from office import Sheet, paragraph, xlsx
from office import docx as document
from test_cli import INPUTS


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The seed's staff list as a college would send it."""
    return Path(shutil.copy(INPUTS / "lzmvc-2020" / "staff_list.xlsx", tmp_path / "名单.xlsx"))


SEED = ("--dossier", INPUTS / "lzmvc-2020")


def sheets(path: Path) -> list[Any]:
    return list(openpyxl.load_workbook(path).worksheets)


def test_the_copy_has_each_finding_of_the_list_on_its_cell(command: Command, file: Path) -> None:
    before = file.read_bytes()
    ended = command("annotate", file, *SEED)
    assert (ended.code, ended.err) == (1, "")
    copy = file.with_name("名单.批注.xlsx")
    assert f"写出 {copy}：" in ended.out
    people, listed = sheets(copy)
    assert "R14" in people["F28"].comment.text
    assert "R10" in people["C43"].comment.text
    assert "R85" in people["C42"].comment.text
    assert people["F27"].comment is None
    cells = {row[1].value: row[1].hyperlink.location for row in listed.iter_rows(min_row=5)}
    assert cells["F28"] == "'Sheet1'!F28"
    assert file.read_bytes() == before


def test_only_what_is_about_the_file_is_written_into_it(command: Command, file: Path) -> None:
    ended = command("annotate", file, *SEED)
    assert "项问题不在这个文件里" in ended.out
    assert {row[6].value for row in sheets(file.with_name("名单.批注.xlsx"))[1].iter_rows(min_row=5)} >= {"R14", "R10"}
    whole = "".join(str(cell.value) for row in sheets(file.with_name("名单.批注.xlsx"))[1].iter_rows() for cell in row)
    assert "dossier.json" not in whole
    assert "charter" not in whole


def test_a_file_without_findings_comes_back_with_an_empty_list(command: Command, tmp_path: Path) -> None:
    file = Path(shutil.copy(INPUTS / "demo-2020" / "staff_list.xlsx", tmp_path))
    ended = command("annotate", file, "--dossier", INPUTS / "demo-2020")
    assert ended.code == 0
    assert "没有发现问题" in sheets(tmp_path / "staff_list.批注.xlsx")[-1]["A1"].value


def test_the_copy_that_comes_back_is_judged_as_the_file_was_and_annotated_beside_it(
    command: Command, file: Path
) -> None:
    first = command("annotate", file, *SEED)
    second = command("annotate", file.with_name("名单.批注.xlsx"), *SEED)
    third = command("annotate", file.with_name("名单.批注2.xlsx"), *SEED)
    assert first.out.splitlines()[1] == second.out.splitlines()[1] == third.out.splitlines()[1]
    copies = [sheets(file.with_name(f"名单.批注{number}.xlsx")) for number in ("", "2", "3")]
    assert [[sheet.title for sheet in copy] for copy in copies] == [["Sheet1", "问题清单"]] * 3
    assert len({copy[0]["F28"].comment.text for copy in copies}) == 1
    assert len({copy[0]["F28"].fill.fgColor.rgb for copy in copies}) == 1


def test_an_unchanged_copy_is_replaced_and_an_edited_one_is_not(command: Command, file: Path) -> None:
    copy = file.with_name("名单.批注.xlsx")
    command("annotate", file, *SEED)
    assert "没有变化，未重写" in command("annotate", file, *SEED).out
    assert "写出" in command("annotate", file, *SEED, "--lang", "zh", "--as-of", "2020-12-01").out
    book = openpyxl.load_workbook(copy)
    book.save(copy)
    edited = copy.read_bytes()
    ended = command("annotate", file, *SEED)
    assert ended.code == 2
    assert "可能有人改过" in ended.err
    assert copy.read_bytes() == edited
    assert command("annotate", file, *SEED, "--force").code == 1
    assert copy.read_bytes() != edited
    assert sorted(path.name for path in file.parent.iterdir()) == ["名单.xlsx", "名单.批注.xlsx"]


def test_the_copy_goes_where_it_is_asked_for(command: Command, file: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    command("annotate", file, *SEED, "-o", tmp_path / "out")
    command("annotate", file, *SEED, "-o", tmp_path / "另.xlsx")
    assert (tmp_path / "out" / "名单.批注.xlsx").read_bytes() == (tmp_path / "另.xlsx").read_bytes()


def test_the_file_itself_and_another_kind_of_name_are_refused(command: Command, file: Path) -> None:
    before = file.read_bytes()
    assert "不能写在原文件上" in command("annotate", file, "-o", file, "--force").err
    assert "请把 -o 的文件名改为以 .xlsx 结尾" in command("annotate", file, "-o", file.with_name("a.docx")).err
    assert file.read_bytes() == before


def test_english_is_spoken_on_the_screen_and_in_the_file(command: Command, file: Path) -> None:
    ended = command("annotate", file, *SEED, "--lang", "en")
    assert "findings listed in the sheet Findings" in ended.out
    people, listed = sheets(file.with_name("名单.批注.xlsx"))
    assert "what to do:" in people["F28"].comment.text
    assert listed["A4"].value == "weight"


def test_what_is_no_workbook_is_refused_with_a_way_out(command: Command, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    ended = command("annotate", tmp_path / "a.json")
    assert ended.code == 2
    assert "只有表格和 Word 文件能批注" in ended.err
    folder = command("annotate", tmp_path)
    assert (folder.code, "这个文件夹里没有报送的表格或 Word 文件" in folder.err) == (2, True)
    assert command("annotate", tmp_path / "none.xlsx").code == 2


def test_a_damaged_workbook_is_told_in_one_sentence_and_nothing_is_written(command: Command, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04 damaged")
    ended = command("annotate", tmp_path / "a.xlsx", "--form", "staff_list")
    assert ended.code == 1
    assert "Traceback" not in ended.err
    assert [path.name for path in tmp_path.iterdir()] == ["a.xlsx"]


def test_a_list_without_headings_comes_back_with_that_finding_in_its_list(command: Command, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(xlsx({"表": Sheet({"A1": "无关", "B1": "的表"})}))
    ended = command("annotate", tmp_path / "a.xlsx", "--form", "staff_list")
    assert ended.code == 1
    [row] = sheets(tmp_path / "a.批注.xlsx")[-1].iter_rows(min_row=5)
    assert row[0].value == "错误"


@pytest.mark.office
def test_what_libreoffice_has_saved_comes_back_as_clean_as_it_was(command: Command, file: Path, tmp_path: Path) -> None:
    command("annotate", file, *SEED)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    (tmp_path / "saved").mkdir()
    convert = ["soffice", profile, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir"]
    subprocess.run(
        [*convert, str(tmp_path / "saved"), str(file.with_name("名单.批注.xlsx"))],
        check=True,
        capture_output=True,
        timeout=120,
    )
    ended = command("annotate", tmp_path / "saved" / "名单.批注.xlsx", *SEED)
    assert (ended.code, ended.err) == (1, "")
    first, second = sheets(file.with_name("名单.批注.xlsx")), sheets(tmp_path / "saved" / "名单.批注2.xlsx")
    assert [sheet.title for sheet in second] == [sheet.title for sheet in first]
    texts = [
        {cell.coordinate: cell.comment.text for row in people for cell in row if cell.comment}
        for people, _ in (first, second)
    ]
    assert texts[0] == texts[1]
    fills = [
        {cell.coordinate: cell.fill.fgColor.rgb for row in people for cell in row if cell.fill.fill_type}
        for people, _ in (first, second)
    ]
    assert fills[0] == fills[1]
    rows = [[[cell.value for cell in row] for row in listed.iter_rows(min_row=4)] for _, listed in (first, second)]
    assert rows[0] == rows[1]


def outcome(request: handing.Request) -> int | FormgenError:
    try:
        return handing.run(request, FailOn.ERROR)
    except FormgenError as error:
        return error


HOSTILE = [each for each in FILES if "bomb" not in each.name][::4]


@pytest.mark.parametrize("hostile", HOSTILE, ids=str)
def test_a_hostile_file_is_annotated_or_refused_in_one_sentence(hostile: Hostile, tmp_path: Path) -> None:
    """Every fourth of them, no bombs: what reading makes of all, and what they may cost, is tested elsewhere."""
    file = tmp_path / hostile.name
    file.write_bytes(hostile.make())
    before = file.read_bytes()
    came = outcome(handing.Request(file, form=hostile.form))
    copies = [path for path in tmp_path.iterdir() if path != file]
    assert file.read_bytes() == before
    if isinstance(came, FormgenError):
        assert copies == []
        assert came.exit_code in (1, 2)
        assert "\n" not in came.problem.zh
    else:
        [copy] = copies
        assert "xl/workbook.xml" in opc.read(copy.read_bytes(), copy.name).parts


def test_a_file_that_is_something_else_is_refused_as_what_it_is(command: Command, tmp_path: Path) -> None:
    (tmp_path / "名单.xlsx").write_bytes(document(paragraph("")))
    ended = command("annotate", tmp_path / "名单.xlsx", "--form", "staff_list")
    assert ended.code == 1
    assert "内容却是Word 文档" in ended.err.replace(" Word", "Word")


# --- for programs ----------------------------------------------------------------------------------------------------

SHAPE = Draft202012Validator(json.loads((resources.folder("schemas") / "_annotation.schema.json").read_text("utf-8")))


def told(out: str) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(out)
    assert [f"{error.json_path}: {error.message}" for error in SHAPE.iter_errors(whole)] == []
    return whole


def test_what_was_done_is_told_as_one_json_document_with_the_cells(command: Command, file: Path) -> None:
    ended = command("annotate", file, *SEED, "--format", "json", "--note")
    whole = told(ended.out)
    assert (ended.code, ended.err) == (1, "")
    assert (whole["form"], whole["written"], whole["since"]) == ("staff_list", True, None)
    assert Path(whole["copy"]) == file.with_name("名单.批注.xlsx")
    assert {("R14", "F28"), ("R10", "C43")} <= {(each["rule"], each["cell"]) for each in whole["findings"]}
    assert whole["listed"] == len(whole["findings"])
    assert whole["elsewhere"] > 0
    assert whole["sheet"] == "问题清单"
    assert any("F28" in note for note in whole["notes"])
    assert told(command("annotate", file, *SEED, "--format", "json").out)["written"] is False


def test_what_is_wrong_elsewhere_in_the_dossier_is_not_the_colleges_in_either_format(
    command: Command, tmp_path: Path
) -> None:
    dossier = Path(shutil.copytree(INPUTS / "demo-2020", tmp_path / "demo"))
    (dossier / "charter.json").write_text("{", "utf-8")
    words = ("annotate", dossier / "staff_list.xlsx", "--dossier", dossier, "-o", tmp_path / "copy.xlsx")
    ended = command(*words)
    assert (ended.code, "项问题不在这个文件里" in ended.out) == (0, True)
    assert command(*words, "--format", "json").code == 0
