"""Bad input, item by item: one sentence with file and place, the right exit code, no traceback, nothing written."""

import dataclasses
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from formgen import cli, forms
from formgen.delivery import plan

ROOT = Path(__file__).parent.parent


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    """The demo with two of its candidates."""
    folder = tmp_path / "demo"
    shutil.copytree(ROOT / "inputs" / "demo-2020", folder)
    for file in sorted((folder / "candidate_registration").iterdir())[2:]:
        file.unlink()
    return folder


@pytest.fixture
def refused(demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Generates the demo, which must not succeed, and gives back what was printed.

    No document is written; where the fault is that of one candidate alone, only that candidate's is not.
    """

    def run(code: int, *parts: str, folder: Path = demo, only: str | None = None) -> str:
        before = {
            path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.stat().st_size < 10**7
        }
        for command in (["validate"], ["generate", "-o", str(tmp_path / "out")]):
            with pytest.raises(SystemExit) as ended:
                cli.main([*command, str(folder)])
            printed = "".join(capsys.readouterr())
            assert ended.value.code == code, printed
            assert "Traceback" not in printed
            assert "内部错误" not in printed
            for part in parts:
                assert part in printed
            assert sum(parts[0] in line for line in printed.splitlines()) == 1, f"not one sentence: {printed}"
        written = {path.name for path in (tmp_path / "out").rglob("*") if path.suffix in (".docx", ".xlsx")}
        assert {name for name in written if only is None or name == f"{only}.docx"} == set()
        assert only is None or "02.docx" in written
        assert before == {path: path.read_bytes() for path in before}
        return printed

    return run


Refused = Callable[..., str]


def write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")


def edit(path: Path, **values: Any) -> None:
    write(path, json.dumps({**json.loads(path.read_text("utf-8")), **values}, ensure_ascii=False, indent=2))


# --- files -----------------------------------------------------------------------------------------------------------


def test_a_dossier_that_is_not_there(refused: Refused, tmp_path: Path) -> None:
    refused(2, f"{tmp_path / 'none'}: 没有这个文件夹", folder=tmp_path / "none")


def test_a_dossier_that_is_a_file(refused: Refused, demo: Path) -> None:
    refused(2, f"{demo / 'dossier.json'}: 这是案卷的说明，不是表单", folder=demo / "dossier.json")


def test_a_dossier_without_its_dossier_json(refused: Refused, demo: Path) -> None:
    (demo / "dossier.json").unlink()
    refused(2, f"{demo}: 这里没有案卷（没有 dossier.json）")


def test_a_json_syntax_error(refused: Refused, demo: Path) -> None:
    write(demo / "congress_report.json", '{\n  "place": "会堂",\n  "delegate_total" 120\n}\n')
    refused(1, "congress_report.json:3  第 3 行第 20 个字符处不是正确的 JSON（字段名后面应有英文冒号）")


def test_a_json_syntax_error_in_dossier_json(refused: Refused, demo: Path) -> None:
    write(demo / "dossier.json", '{"organisation": }')
    refused(1, f"{demo / 'dossier.json'}:1: 第 1 行第 18 个字符")


def test_a_file_that_is_not_utf_8(refused: Refused, demo: Path) -> None:
    path = demo / "congress_report.json"
    path.write_bytes('{\n "place": "会堂"}'.encode("gbk"))
    refused(1, "congress_report.json:2  从第 14 个字节起不是 UTF-8")


def test_a_key_that_is_given_twice(refused: Refused, demo: Path) -> None:
    write(demo / "congress_report.json", '{\n "place": "会堂",\n "place": "别处"\n}')
    refused(1, "congress_report.json:3  “place”在第 2 行和第 3 行各写了一次")


def test_a_field_that_the_form_does_not_have(refused: Refused, demo: Path) -> None:
    edit(demo / "congress_report.json", plase="会堂")
    printed = refused(1, "没有字段 plase")
    assert "congress_report.json:" in printed


def test_a_value_of_the_wrong_type(refused: Refused, demo: Path) -> None:
    edit(demo / "congress_report.json", delegate_total="一百二十")
    printed = refused(1, "“代表数量”应是整数")
    assert "congress_report.json:" in printed


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_number_that_is_none(text: str, refused: Refused, demo: Path) -> None:
    write(demo / "congress_report.json", f'{{\n "delegate_total": {text}\n}}')
    refused(1, "congress_report.json:2  “", text)


def test_a_json_file_of_100_mb(refused: Refused, demo: Path) -> None:
    with (demo / "congress_report.json").open("wb") as file:
        file.truncate(100_000_000)
    refused(1, "congress_report.json  congress_report.json 超过上限")


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "[" * 5_000 + "]" * 5_000])
def test_json_that_is_nested_too_deeply(text: str, refused: Refused, demo: Path) -> None:
    write(demo / "congress_report.json", text)
    refused(1, "congress_report.json:1  括号嵌套超过 100 层")


# --- pictures --------------------------------------------------------------------------------------------------------


def test_a_photo_that_is_missing(refused: Refused, demo: Path) -> None:
    (demo / "photos" / "01.jpg").unlink()
    printed = refused(1, "没有图片“photos/01.jpg”", only="01")
    assert "candidate_registration/01.json:" in printed


def test_a_photo_that_is_cut_off(refused: Refused, demo: Path) -> None:
    photo = demo / "photos" / "01.jpg"
    photo.write_bytes(photo.read_bytes()[:-2000])
    printed = refused(1, "photos/01.jpg", "不完整或已损坏", only="01")
    assert "candidate_registration/01.json:" in printed


def test_a_photo_that_is_no_picture(refused: Refused, demo: Path) -> None:
    (demo / "photos" / "01.jpg").write_bytes(b"GIF89a and so on")
    printed = refused(1, "photos/01.jpg", "不是 JPEG 或 PNG", only="01")
    assert "candidate_registration/01.json:" in printed


@pytest.mark.parametrize("path", ["../photo.jpg", "/etc/hostname", "C:\\photo.jpg", "photos/../../photo.jpg"])
def test_a_photo_outside_the_dossier(path: str, refused: Refused, demo: Path) -> None:
    shutil.copy(demo / "photos" / "01.jpg", demo.parent / "photo.jpg")
    edit(demo / "candidate_registration" / "01.json", photo=path)
    printed = refused(1, f"图片路径“{path}”指向所在文件夹之外", only="01")
    assert "candidate_registration/01.json:" in printed


# --- the dossier as a whole ------------------------------------------------------------------------------------------


def test_an_unknown_form(refused: Refused, demo: Path) -> None:
    (demo / "congress_report.json").rename(demo / "congres_report.json")
    refused(2, f"{demo / 'congres_report.json'}: “congres_report”不是表单", "是不是“congress_report”")


def test_a_dossier_with_neither_filing_date_nor_as_of(refused: Refused, demo: Path) -> None:
    whole = json.loads((demo / "dossier.json").read_text("utf-8"))
    del whole["filing_date"]
    write(demo / "dossier.json", json.dumps(whole))
    refused(2, f"{demo / 'dossier.json'}: 不知道按哪一天的规定核对", "--as-of")


def test_two_sources_of_one_form(refused: Refused, demo: Path) -> None:
    write(demo / "staff_list.json", "{}")
    refused(2, f"{demo}: “staff_list”有两个来源：staff_list.json 和 staff_list.xlsx")


# --- templates and places --------------------------------------------------------------------------------------------


def generate(demo: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> tuple[object, str]:
    with pytest.raises(SystemExit) as ended:
        cli.main(["generate", str(demo), "-o", str(out)])
    printed = capsys.readouterr().err
    assert "Traceback" not in printed
    return ended.value.code, printed


def test_a_template_that_is_no_zip(
    demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    template = tmp_path / "congress_report.docx"
    template.write_bytes(b"no zip")
    known = forms.catalogue()
    edition = dataclasses.replace(known["congress_report"][0], templates={".docx": template})
    monkeypatch.setattr(plan, "catalogue", lambda: forms.Forms({**known, "congress_report": (edition,)}))
    code, printed = generate(demo, tmp_path / "out", capsys)
    assert code == 2
    assert printed.startswith("congress_report.docx: 这不是 .docx/.xlsx 文件")
    assert not (tmp_path / "out").exists()


def test_template_check_of_a_file_that_is_no_zip(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    template = tmp_path / "congress_report.docx"
    template.write_bytes(b"no zip")
    with pytest.raises(SystemExit) as ended:
        cli.main(["template", "check", str(template)])
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("congress_report.docx: 这不是 .docx/.xlsx 文件")


@pytest.mark.parametrize("place", ["out", "out/below", "out/demo"])
def test_a_file_in_the_place_of_the_output_folder(
    place: str, demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "out" / "demo" if place == "out/demo" else tmp_path / "out"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"a file")
    code, printed = generate(demo, tmp_path / "out" if place == "out/demo" else tmp_path / place, capsys)
    assert code == 3
    assert "这里需要一个文件夹" in printed
    assert printed.startswith(f"{file}: ")
    assert file.read_bytes() == b"a file"


def test_a_file_in_the_place_of_the_folder_of_the_candidates(
    demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "out" / "demo" / "学生会主席团选举候选人登记表"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"a file")
    code, printed = generate(demo, tmp_path / "out", capsys)
    assert code == 3
    assert str(file) in printed
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == [file]


@pytest.mark.skipif(sys.platform == "win32", reason="limits of file sizes are of POSIX")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_disk_that_is_full(workers: str, demo: Path, tmp_path: Path) -> None:
    script = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (15000, 15000));"
        "from formgen.cli import main; main(sys.argv[1:])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "generate", str(demo), "-o", str(tmp_path / "out"), "-j", workers],
        # Measured by coverage, the process would fill that disk with measurements.
        env={**{k: v for k, v in os.environ.items() if "COV" not in k}, "PYTHONPATH": str(ROOT / "src")},
        encoding="utf-8",
        capture_output=True,
        check=False,
    )
    assert done.returncode == 3
    assert done.stderr.startswith(f"{tmp_path / 'out' / 'demo'}: 磁盘已满")
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()
