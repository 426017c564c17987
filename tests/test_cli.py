"""The commands: what they print where, and how they end."""

import importlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
import typer

import formgen
from calling import Command
from formgen import cli, forms
from formgen.cli import help_pages, wrong_usage
from formgen.errors import FormgenError
from formgen.filling import readback
from formgen.findings import Text
from formgen.reports import screen

ROOT = Path(__file__).parent.parent
INPUTS = ROOT / "inputs"


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    """The demo with two of its candidates."""
    folder = tmp_path / "demo"
    shutil.copytree(INPUTS / "demo-2020", folder)
    for file in sorted((folder / "candidate_registration").iterdir())[2:]:
        file.unlink()
    return folder


@pytest.fixture
def outputs(demo: Path, tmp_path: Path) -> Path:
    """The documents of the demo."""
    dossier = formgen.load(demo)
    return formgen.generate(dossier, formgen.check(dossier), tmp_path / "made").folder


def process(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    return subprocess.run(
        [sys.executable, "-m", "formgen", *arguments],
        env=environment,
        encoding="utf-8",
        capture_output=True,
        check=False,
        **options,
    )


# --- validate and generate -------------------------------------------------------------------------------------------


def test_validate_shows_each_finding_of_the_seed_at_its_cell(command: Command) -> None:
    ended = command("validate", INPUTS / "lzmvc-2020")
    assert ended.code == 1
    assert ended.err == ""
    for cell, name in (("F28", "程子敏"), ("C43", "焦志涛"), ("C42", "曹玉聪")):
        assert re.search(rf"staff_list\.xlsx!Sheet1!{cell}  {name}", ended.out)
    assert "结论：不能出具" in ended.out


def test_validate_finds_nothing_in_a_clean_dossier(command: Command, demo: Path) -> None:
    ended = command("validate", demo)
    assert (ended.code, ended.err) == (0, "")
    assert "没有发现问题；结论：可以出具" in ended.out


def test_validate_speaks_english(command: Command) -> None:
    ended = command("validate", INPUTS / "lzmvc-2020", "--lang", "en")
    assert "judged by the rules of 2020-11-18" in ended.out
    assert "result: cannot be issued" in ended.out


def test_json_is_one_document_also_when_there_are_findings_and_refusals(command: Command, tmp_path: Path) -> None:
    ended = command("validate", INPUTS / "lzmvc-2020", tmp_path / "none", "--format", "json")
    assert ended.code == 2
    whole = json.loads(ended.out)
    assert [dossier["name"] for dossier in whole["dossiers"]] == ["lzmvc-2020"]
    assert [(refusal["path"], refusal["exit_code"]) for refusal in whole["refused"]] == [(str(tmp_path / "none"), 2)]
    assert "没有这个文件夹" in ended.err


def test_a_folder_of_dossiers_stands_for_those_in_it(command: Command) -> None:
    ended = command("validate", INPUTS, "--format", "json")
    assert [dossier["name"] for dossier in json.loads(ended.out)["dossiers"]] == ["demo-2020", "lzmvc-2020"]


def test_one_bad_dossier_does_not_stop_the_others(command: Command, demo: Path, tmp_path: Path) -> None:
    ended = command("generate", tmp_path / "none", demo, "-o", tmp_path / "out")
    assert ended.code == 2
    assert "没有这个文件夹" in ended.err
    assert (tmp_path / "out" / "demo" / "manifest.json").is_file()


def test_generate_lists_what_it_wrote_and_then_that_nothing_changed(
    command: Command, demo: Path, tmp_path: Path
) -> None:
    ended = command("generate", demo, "-o", tmp_path / "out")
    assert (ended.code, ended.err) == (0, "")
    assert "写出 6 份" in ended.out
    assert str(tmp_path / "out" / "demo" / "校级组织工作人员名单.xlsx") in ended.out
    again = command("generate", demo, "-o", tmp_path / "out", "-j", "2")
    assert "6 份没有变化" in again.out
    assert "写出" not in again.out


def test_generate_says_what_it_removed_and_what_it_left(command: Command, demo: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command("generate", demo, "-o", out, "--draft")
    (out / "demo" / "草稿-校级组织工作人员名单.xlsx").write_bytes(b"edited")
    ended = command("generate", demo, "-o", out)
    assert f"已删去旧文件：{out / 'demo' / '草稿-校级组织工作人员名单.docx'}" in ended.out
    assert f"旧文件 {out / 'demo' / '草稿-校级组织工作人员名单.xlsx'} 有人改过" in ended.out


def test_errors_stop_issuing_and_a_draft_ends_with_1_too(command: Command, tmp_path: Path) -> None:
    out = tmp_path / "out"
    ended = command("generate", INPUTS / "lzmvc-2020", "-o", out)
    assert ended.code == 1
    assert "没有出具任何文件" in ended.err
    assert {path.name for path in (out / "lzmvc-2020").iterdir()} == {"findings.json", "manifest.json"}
    draft = command("generate", INPUTS / "lzmvc-2020", "-o", out, "--draft", "--format", "json", "--lang", "en")
    assert draft.code == 1
    delivery = json.loads(draft.out)["dossiers"][0]["delivery"]
    assert sorted(delivery["written"]) == sorted(
        path.name for path in (out / "lzmvc-2020").iterdir() if path.suffix != ".json"
    )


def test_an_edited_document_is_refused_without_force(command: Command, demo: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command("generate", demo, "-o", out)
    edited = out / "demo" / "校级组织工作人员名单.xlsx"
    edited.write_bytes(b"edited")
    ended = command("generate", demo, "-o", out)
    assert ended.code == 2
    assert edited.name in ended.err
    assert "--force" in ended.err
    assert edited.read_bytes() == b"edited"
    assert command("generate", demo, "-o", out, "--force").code == 0
    assert edited.read_bytes() != b"edited"


@pytest.mark.parametrize(
    ("threshold", "findings", "code"),
    [
        ("error", "", 0),
        ("error", "warning", 0),
        ("warning", "warning", 1),
        ("warning", "unverified", 0),
        ("unverified", "unverified", 1),
        ("unverified", "warning", 1),
        ("unverified", "", 0),
    ],
)
def test_fail_on_takes_in_what_comes_before_it(
    threshold: str, findings: str, code: int, command: Command, demo: Path, tmp_path: Path
) -> None:
    if findings == "warning":
        waiver = {"rule": "R14", "at": "staff_list:/members/0/rank", "values_digest": "sha256:0"}
        lines = [f'{key} = "{value}"' for key, value in {**waiver, "reason": "x", "approved_by": "y"}.items()]
        text = "\n".join(["[[waiver]]", *lines, "until = 2030-01-01"])
        (demo / "waivers.toml").write_text(text, "utf-8")
    if findings == "unverified":
        path = demo / "dossier.json"
        whole = json.loads(path.read_text("utf-8"))
        whole["as_of"] = {"date": whole.pop("filing_date"), "why": "试验"}
        path.write_text(json.dumps(whole), "utf-8")
    summary = json.loads(command("validate", demo, "--format", "json").out)["summary"]
    expected = {"": (0, 0), "warning": (1, 0), "unverified": (0, 1)}[findings]
    assert summary["failed"]["error"] == 0
    assert (min(summary["failed"]["warning"], 1), min(summary["unverified"], 1)) == expected
    assert command("generate", demo, "-o", tmp_path / "out", "--fail-on", threshold).code == code
    assert (tmp_path / "out" / "demo" / "manifest.json").is_file()


def test_as_of_replaces_the_day_of_the_dossier(command: Command, demo: Path) -> None:
    ended = command("validate", demo, "--as-of", "2020-11-30", "--format", "json")
    assert json.loads(ended.out)["dossiers"][0]["as_of"]["date"] == "2020-11-30"


@pytest.mark.parametrize("day", ["20201130", "2020-W47-3", "2020-13-01", "2020-02-30", "gestern"])
def test_a_day_that_is_none_is_wrong_usage(day: str, command: Command, demo: Path) -> None:
    ended = command("validate", demo, "--as-of", day)
    assert (ended.code, ended.out) == (2, "")
    assert f"--as-of 不是日期：{day}" in ended.err


@pytest.mark.parametrize("twice", [False, True])
def test_two_dossiers_of_one_name_are_refused(twice: bool, command: Command, demo: Path, tmp_path: Path) -> None:
    other = demo if twice else tmp_path / "other" / "DEMO"
    if not twice:
        shutil.copytree(demo, other)
    ended = command("generate", demo, other, "-o", tmp_path / "out")
    assert ended.code == 2
    assert "同名" in ended.err
    assert not (tmp_path / "out").exists()


def test_a_place_without_dossiers_is_called_that(command: Command) -> None:
    ended = command("validate", ROOT)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"{ROOT}: 这里没有案卷（没有 dossier.json）")


def test_json_about_a_dossier_that_could_not_be_judged_is_not_clean(command: Command, demo: Path) -> None:
    (demo / "dossier.json").write_text("{")
    ended = command("validate", demo, "--format", "json")
    assert ended.code == 1
    assert json.loads(ended.out)["summary"]["stops"] is True


@pytest.mark.parametrize("draft", [[], ["--draft"]])
def test_finished_forms_of_before_are_called_older_when_the_dossier_has_errors_by_now(
    draft: list[str], command: Command, demo: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert "早于现在的材料" not in command("generate", demo, "-o", out).err
    (demo / "congress_report.json").write_text('{"place": 3}')
    ended = command("generate", demo, "-o", out, *draft)
    assert ended.code == 1
    [line] = [line for line in ended.err.splitlines() if "早于现在的材料" in line]
    assert line.startswith(f"{out / 'demo'} 里以前写出的 6 份正式表单")
    assert "校级学生代表大会召开情况.docx" in line
    assert "草稿" not in line


def test_without_a_manifest_no_form_is_called_older(command: Command, demo: Path, tmp_path: Path) -> None:
    (demo / "congress_report.json").write_text('{"place": 3}')
    (tmp_path / "out" / "demo").mkdir(parents=True)
    (tmp_path / "out" / "demo" / "manifest.json").write_text("{")
    assert "早于" not in command("generate", demo, "-o", tmp_path / "out").err


# --- looking things up -----------------------------------------------------------------------------------------------


def test_read_gives_back_what_a_document_says(command: Command, outputs: Path) -> None:
    ended = command("read", outputs / "校级学生代表大会召开情况.docx")
    assert (ended.code, ended.err) == (0, "")
    whole = json.loads(ended.out)
    assert (whole["form"], whole["draft"], whole["compared"], whole["differences"]) == (
        "congress_report", False, True, [],
    )  # fmt: skip
    report = json.loads((INPUTS / "demo-2020" / "congress_report.json").read_text("utf-8"))
    assert whole["values"]["place"] == report["place"]


def test_read_gives_back_the_list_of_a_workbook(command: Command, outputs: Path) -> None:
    whole = json.loads(command("read", outputs / "校级组织工作人员名单.xlsx").out)
    assert whole["values"]["members"][0]["name"] == "沈知远"


def test_read_warns_where_text_and_data_differ_and_where_they_cannot_be_compared(
    command: Command, outputs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = outputs / "校级学生代表大会召开情况.docx"
    edited = readback.Difference("place", "word/document.xml", "会堂", "别处")
    for found, warning in (
        (readback.Readback("congress_report", False, {}, (edited,), True), "place：正文是“别处”，数据是“会堂”"),
        (readback.Readback("congress_report", False, {}, (), False), "没有核对正文与数据"),
    ):
        monkeypatch.setattr(readback, "read_document", lambda *_, found=found: found)
        ended = command("read", file)
        assert ended.code == 0
        assert warning in ended.err
        assert json.loads(ended.out)["compared"] is found.compared


def test_read_says_why_a_list_cannot_be_read(
    command: Command, outputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def give_list(data: bytes, name: str, known: forms.Forms, read_list: readback.ReadList) -> NoReturn:
        raise AssertionError(read_list(known["staff_list"][0]))

    file = tmp_path / "list.xlsx"
    file.write_bytes(b"no workbook")
    monkeypatch.setattr(readback, "read_document", give_list)
    ended = command("read", file)
    assert ended.code == 2
    assert ended.err.startswith(str(file))


def test_read_gives_what_somebody_filled_in(command: Command) -> None:
    ended = command("read", INPUTS / "demo-2020" / "staff_list.xlsx")
    assert ended.code == 0
    whole = json.loads(ended.out)
    assert (whole["form"], whole["values"]["members"][0]["name"]) == ("staff_list", "沈知远")


def test_read_refuses_a_file_that_is_not_there(command: Command, tmp_path: Path) -> None:
    missing = command("read", tmp_path / "none.docx")
    assert missing.code == 2
    assert "none.docx" in missing.err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are of POSIX")
@pytest.mark.parametrize("words", [["read"], ["template", "check"]])
def test_a_pipe_is_not_waited_for(words: list[str], command: Command, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "congress_report.docx")
    ended = command(*words, tmp_path / "congress_report.docx")
    assert ended.code == 2
    assert "不是普通文件" in ended.err


def test_forms_lists_every_form(command: Command) -> None:
    out = command("forms").out
    every_edition = [key for key, editions in forms.catalogue().items() for _ in editions]
    assert [line.split()[0] for line in out.splitlines()] == every_edition


def test_rules_lists_every_rule(command: Command) -> None:
    out = command("rules", "--lang", "en").out
    assert "R14   error" in out
    assert "Rank missing" in out
    assert "R40   error     2019-10-01  2021-10-31" in out


def test_rule_explains_one(command: Command) -> None:
    assert "# R14" in command("rule", "r14").out
    ended = command("rule", "R00")
    assert ended.code == 2
    assert "没有规则“R00”" in ended.err


def test_template_check_takes_the_form_from_the_name_of_the_file(command: Command) -> None:
    ended = command("template", "check", ROOT / "templates" / "staff_list.xlsx")
    assert ended.code == 0
    assert "与“校级组织工作人员名单”相符" in ended.out


def test_template_check_names_each_control_that_does_not_fit(command: Command) -> None:
    ended = command("template", "check", ROOT / "templates" / "staff_list.docx", "--form", "congress_report")
    assert ended.code == 1
    assert "members[].serial" in ended.out


def test_template_check_needs_to_know_the_form(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "new.2020-01-01.docx"
    file.write_bytes(b"")
    ended = command("template", "check", file)
    assert ended.code == 2
    assert "没有表单“new”" in ended.err


# --- the whole command -----------------------------------------------------------------------------------------------


def test_without_a_command_it_shows_its_help(command: Command) -> None:
    ended = command()
    assert ended.code == 2
    assert "validate" in ended.out


@pytest.mark.parametrize("name", ["validate", "generate", "read", "forms", "rules", "rule", "template"])
def test_each_command_is_explained_in_chinese_first(name: str, command: Command) -> None:
    ended = command(name, "--help")
    assert ended.code == 0
    explained = next(line for line in ended.out.splitlines()[1:] if re.search("[\u4e00-\u9fff]", line))
    assert re.match("\\W*[\u4e00-\u9fff]", explained)


def test_the_help_lists_every_command_in_the_order_of_the_work(command: Command) -> None:
    listed = re.findall(r"^│ ([a-z]+) ", command("--help").out.partition("收材料")[2], re.MULTILINE)
    assert listed[:6] == ["blank", "validate", "read", "annotate", "merge", "generate"]
    registered = [each.name or each.callback.__name__ for each in cli.app.registered_commands if each.callback]
    assert sorted(listed) == sorted([*registered, *(str(group.name) for group in cli.app.registered_groups)])


@pytest.mark.parametrize("words", [["--help"], ["validate", "-h"], ["signoff", "status", "--help"]])
def test_help_speaks_one_language(words: list[str], command: Command) -> None:
    english, chinese = command(*words, "--lang", "en").out, command("--lang=zh", *words).out
    assert re.search("[\u4e00-\u9fff]", english) is None
    assert "Usage: formgen" in english
    assert "用法：formgen" in chinese
    assert re.search("Show|Usage|Options|default|required", chinese) is None


def test_the_language_may_stand_in_front_of_the_command(command: Command) -> None:
    assert command("--lang", "en", "rule", "R14").out == command("rule", "R14", "--lang", "en").out
    assert command("--lang", "en", "rule", "R14", "--lang", "zh").out == command("rule", "R14").out


def test_each_text_of_the_help_is_a_chinese_sentence_and_an_english_one() -> None:
    def below(each: Any) -> Iterator[Any]:
        yield from (each, *each.params)
        for child in getattr(each, "commands", {}).values():
            yield from below(child)

    for each in below(help_pages.program()):
        assert re.fullmatch("[^。]*[\u4e00-\u9fff][^。]*。[^。\u4e00-\u9fff]+", each.help), each.help


def test_the_version_is_printed(command: Command) -> None:
    ended = command("--version")
    assert (ended.code, ended.out) == (0, f"formgen {formgen.__version__}\n")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["validate"], "缺少参数 PATH..."),
        (["frobnicate"], "没有命令 frobnicate"),
        (["validate", ".", "--lang", "fr"], "选项 --lang 只能是 zh、en，写的是 fr"),
        (["validate", ".", "--zzz"], "没有选项 --zzz"),
        (["validate", ".", "--expl"], "没有选项 --expl，是不是 --explain、--help？"),
        (["validate", ".", "--redact=x"], "选项 --redact 后面不要写值"),
        (["generate", ".", "-j", "0"], "选项 -j、--jobs 应是 1 至 256 的整数"),
        (["generate", ".", "-j", "many"], "选项 -j、--jobs 应是 1 至 256 的整数"),
        (["generate", ".", "-o"], "选项 -o 后面要写值"),
        (["template"], "缺少子命令"),
        (["rule", "R01", "R02"], "多写了 R02"),
    ],
)
def test_wrong_usage_is_one_sentence_and_ends_with_2(arguments: list[str], sentence: str, command: Command) -> None:
    ended = command(*arguments)
    assert (ended.code, ended.out) == (2, "")
    first, remedy = ended.err.splitlines()
    assert first == f"命令写法不对：{sentence}"
    assert re.fullmatch("  → 用法见 formgen [a-z ]*--help", remedy)


def test_wrong_usage_of_a_kind_that_has_no_sentence_of_ours_keeps_the_librarys() -> None:
    assert wrong_usage.said(typer.BadParameter("strange")).zh == "命令写法不对：Invalid value: strange"
    assert wrong_usage.said(ValueError("No such command")).zh == "命令写法不对：没有命令 No such command"


@pytest.mark.parametrize("language", [["--lang", "en"], ["--lang=en"]])
def test_errors_are_in_the_language_that_was_asked_for(language: list[str], command: Command, tmp_path: Path) -> None:
    ended = command("validate", tmp_path / "none", *language)
    assert "there is no such folder" in ended.err


def failing(error: BaseException) -> Callable[..., NoReturn]:
    def fail(*_: object, **__: object) -> NoReturn:
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (ZeroDivisionError("x"), 3, "formgen 内部错误（ZeroDivisionError: x）"),
        (KeyboardInterrupt(), 130, "已中断"),
        (typer.Abort(), 130, "已中断"),
        (PermissionError(13, "Permission denied", "/a/b"), 3, "/a/b: 系统不允许或做不到：没有权限"),
        (FormgenError(Text("坏了", "broken")), 3, "坏了"),
    ],
)
def test_whatever_goes_wrong_becomes_one_sentence(
    error: BaseException, code: int, sentence: str, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "catalogue", failing(error))
    ended = command("forms")
    assert ended.code == code
    assert sentence in ended.err
    assert "Traceback" not in ended.err


def test_an_environment_that_fails_does_not_stop_the_other_dossiers(
    command: Command, demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "dossier.json").write_text("{}")
    real = os.listdir

    def deny(path: Path) -> list[str]:
        if Path(path).name == "bad":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "listdir", deny)
    ended = command("validate", tmp_path / "bad", demo)
    assert ended.code == 3
    assert f"{tmp_path / 'bad'}: 系统不允许或做不到" in ended.err
    assert "可以出具" in ended.out


@pytest.mark.parametrize("place", [0, 2])
def test_debug_shows_the_traceback_wherever_it_stands(place: int, command: Command, tmp_path: Path) -> None:
    arguments: list[object] = ["validate", tmp_path / "none"]
    arguments.insert(place, "--debug")
    ended = command(*arguments)
    assert ended.code == 2
    assert "Traceback" in ended.err
    assert "没有这个文件夹" in ended.err


def test_completion_is_there(command: Command) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    environment |= {"_FORMGEN_COMPLETE": "complete_bash", "COMP_WORDS": "formgen va", "COMP_CWORD": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "formgen"], env=environment, encoding="utf-8", capture_output=True, check=False
    )
    assert done.stdout.split() == ["validate"]


def test_on_an_ascii_stream_chinese_is_written_all_the_same() -> None:
    done = process("validate", str(INPUTS / "demo-2020"))
    assert done.returncode == 0
    assert "没有发现问题" in done.stdout
    assert done.stderr == ""


def test_a_reader_that_stops_listening_ends_nothing(demo: Path, tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "formgen", "generate", str(demo), "-o", str(tmp_path / "out")],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (tmp_path / "out" / "demo" / "manifest.json").is_file()


@pytest.mark.skipif(os.name != "posix", reason="closing streams in this way is of POSIX shells")
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize(("name", "code"), [("lzmvc-2020", 1), ("demo-2020", 0)])
def test_closed_streams_change_neither_the_work_nor_the_exit_code(
    closed: str, name: str, code: int, tmp_path: Path
) -> None:
    line = f'"$0" -m formgen generate "$1" --draft -o "$2" {closed}'
    done = subprocess.run(
        ["sh", "-c", line, sys.executable, str(INPUTS / name), str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (code, "")
    manifest = json.loads((tmp_path / name / "manifest.json").read_text("utf-8"))
    for file in manifest["files"]:
        assert (tmp_path / name / file["path"]).read_bytes()[:2] == b"PK"


@pytest.mark.skipif(sys.platform != "linux", reason="the encoding of file names can be chosen on Linux only")
def test_a_chinese_path_is_readable_also_where_the_system_takes_it_for_ascii(tmp_path: Path) -> None:
    environment = {"PYTHONPATH": str(ROOT / "src"), "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for words in ("validate", "validate --format json"):
        done = subprocess.run(
            [sys.executable, "-m", "formgen", *words.split(), str(tmp_path / "没有的案卷")],
            env={**os.environ, **environment},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 2
        assert f"{tmp_path / '没有的案卷'}: 没有这个文件夹" in done.stderr
        assert "json" not in words or str(tmp_path / "没有的案卷") in done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="the encoding of file names can be chosen on Linux only")
def test_where_file_names_are_ascii_nothing_is_written_and_it_is_said_how_to_change_that(tmp_path: Path) -> None:
    environment = {"PYTHONPATH": str(ROOT / "src"), "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [sys.executable, "-m", "formgen", "generate", str(ROOT / "inputs" / "demo-2020"), "-o", str(tmp_path / "out")],
        env={**os.environ, **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 3
    assert "系统的文件名编码是 ascii" in done.stderr
    assert "LC_ALL=C.UTF-8" in done.stderr
    assert not (tmp_path / "out").exists()


def test_bytes_that_are_no_text_are_spelt_out() -> None:
    assert screen.plain("a\udcff") == "a\\xff"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is of Linux")
def test_a_stdout_that_takes_nothing_is_told() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "formgen", "forms"],
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            check=False,
        )
    assert done.returncode == 3
    assert "系统不允许或做不到" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_a_stream_that_is_no_file_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    with pytest.raises(SystemExit):
        cli.main(["forms"])
    assert "staff_list" in stream.getvalue()


def test_importing_the_module_that_python_m_runs_runs_nothing() -> None:
    assert importlib.import_module("formgen.__main__").main is cli.main


def test_lines_for_people_hold_no_terminal_commands() -> None:
    assert screen.plain("a\x1b[2Jb\u202ec\nd") == "a\\u001b[2Jb\\u202ec\\u000ad"
