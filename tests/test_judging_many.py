"""Many files judged by one command: the same words from any number of processes, whatever one of the files does."""

import json
import pickle
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import openpyxl
import pytest

from calling import Command
from formgen.delivery import workers
from formgen.reports import judging, session
from formgen.reports.rendering import Format

INPUTS = Path(__file__).parent.parent / "inputs"
LIST = INPUTS / "lzmvc-2020" / "staff_list.xlsx"


@pytest.fixture
def handed_in(tmp_path: Path) -> Path:
    """Lists of three colleges, and between them files that cannot be read."""
    folder = tmp_path / "报送"
    folder.mkdir()
    for name in ("1机电系", "3文学院", "6理工学院"):
        book = openpyxl.load_workbook(LIST)
        book.active["C5"] = name
        book.save(folder / f"{name}.xlsx")
    (folder / "2坏.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    (folder / "4不是.xlsx").write_bytes(b"")
    shutil.copy(LIST, folder / "5名单.xlsx")
    return folder


@pytest.mark.parametrize(
    ("output", "words"),
    [
        (Format.TEXT, ("--explain",)),
        (Format.JSON, ("--lang", "en")),
        (Format.SARIF, ("--no-redact",)),
        (Format.HTML, ("--explain", "--redact")),
    ],
)
def test_two_processes_say_what_one_says(
    output: Format, words: tuple[str, ...], handed_in: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = command("validate", handed_in, "--format", output, "-j", 1, *words)

    @contextmanager
    def apart(count: int) -> Iterator[workers.Workers]:
        assert count == 2
        yield workers.Workers(_Travelling(), count)  # what travels is what matters, not who does it

    monkeypatch.setattr(workers, "processes", apart)
    assert command("validate", handed_in, "--format", output, "-j", 2, *words) == alone
    code, out, _ = alone
    assert code == 1
    if output is Format.JSON:
        whole = json.loads(out)
        assert [each["name"] for each in whole["dossiers"]] == ["1机电系", "3文学院", "5名单", "6理工学院"]
        assert [Path(each["path"]).name for each in whole["refused"]] == ["2坏.xlsx", "4不是.xlsx"]
        assert whole["summary"]["failed"]["error"] == sum(
            each["summary"]["failed"]["error"] for each in whole["dossiers"]
        )


def test_the_last_line_says_how_many_of_all_are_in_order_and_what_was_found_in_them(
    handed_in: Path, command: Command
) -> None:
    shutil.copy(INPUTS / "demo-2020" / "staff_list.xlsx", handed_in / "7好.xlsx")
    *before, between, last = command("validate", handed_in).out.splitlines()
    assert between == ""
    assert last.startswith(
        "共 7 份：4 份有错误、0 份只有警告、1 份两样都没有、2 份没能核对；合计错误 7、警告 8、提示 12、无法核实"
    )
    of_each = [int(count) for count in re.findall("^错误 .*无法核实 ([0-9]+)", "\n".join(before), re.MULTILINE)]
    assert last.endswith(f"、无法核实 {sum(of_each)}、已豁免 0")
    assert (len(of_each), min(of_each) > 50) == (5, True)
    assert "共 1 份" not in command("validate", handed_in / "5名单.xlsx").out
    english = command("validate", handed_in / "5名单.xlsx", handed_in / "7好.xlsx", "--lang", "en")
    assert english.out.splitlines()[-1].startswith(
        "2 in all: 1 with errors, 0 with warnings only, 1 with neither; together 1 errors, 2 warnings, 3 notes, "
    )


def test_what_a_dossier_lacks_besides_is_not_said_of_each_file_that_belongs_to_it(
    handed_in: Path, command: Command, tmp_path: Path
) -> None:
    dossier = tmp_path / "案卷"
    shutil.copytree(INPUTS / "demo-2020", dossier)
    (dossier / "charter.json").unlink()
    assert "R173" in command("validate", dossier).out
    told = command("validate", handed_in, "--dossier", dossier).out
    assert "R173" not in told
    assert "R17 " in told  # which compares the list with the filing of the same dossier


def test_what_is_passed_over_in_a_folder_of_files_is_told(handed_in: Path, command: Command) -> None:
    (handed_in / "外国语学院.pdf").write_bytes(b"%PDF-1.4")
    assert command("blank", "staff_list", "-o", handed_in / "体育系.xlsx")[0] == 0
    _, out, err = command("validate", handed_in)
    assert "没有读取（不是表格、Word 文件，或是空白表、批注副本）：体育系.xlsx、外国语学院.pdf" in err
    assert "外国语学院" not in out
    assert "not read (no forms, or ours): 体育系.xlsx" in command("validate", handed_in, "--lang", "en")[2]


def test_real_processes_say_the_same(handed_in: Path, command: Command) -> None:
    assert command("validate", handed_in, "-j", 2) == command("validate", handed_in, "-j", 1)


KILLING = """
import os, sys
from formgen import checks, cli
from formgen.reports import session, summary

whole = checks.check

def check(dossier):
    if dossier.name.startswith(sys.argv[1]):
        os._exit(9)
    return whole(dossier)

session.check = summary.check = check
sys.exit(cli.main(sys.argv[2:]))
"""


def killed(name: str, *words: object) -> tuple[int, str, str]:
    """What the command says where judging what begins with ``name`` ends the process."""
    done = subprocess.run([sys.executable, "-c", KILLING, name, *map(str, words)], capture_output=True, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere workers are no copies: they would not be killed")
def test_a_file_that_ends_its_process_is_told_and_the_others_are_judged(handed_in: Path) -> None:
    code, out, err = killed("3", "validate", handed_in, "-j", 2, "--format", "json")
    assert code == 3
    whole = json.loads(out)
    assert [each["name"] for each in whole["dossiers"]] == ["1机电系", "5名单", "6理工学院"]
    assert [Path(each["path"]).name for each in whole["refused"]] == ["2坏.xlsx", "3文学院.xlsx", "4不是.xlsx"]
    assert "3文学院.xlsx: 工作进程意外中止，可能是内存不足" in err


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere workers are no copies: they would not be killed")
def test_a_dossier_that_ends_its_process_stands_in_the_summary_as_one_that_was_not_read(tmp_path: Path) -> None:
    for name in ("1", "2", "3"):
        shutil.copytree(INPUTS / "demo-2020", tmp_path / "in" / name)
    code, out, _ = killed("2", "validate", tmp_path / "in", "--summary", tmp_path / "out.xlsx", "-j", 2)
    assert code == 3
    assert "核对了 3 个案卷：不能出具 0，可以出具 2，读不出 1" in out
    unread = openpyxl.load_workbook(tmp_path / "out.xlsx")["读不出"]
    assert "工作进程意外中止" in str([[cell.value for cell in row] for row in unread.rows])


def test_a_file_for_which_memory_is_too_small_is_told(
    handed_in: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(session, "check", full)
    code, _, err = command("validate", handed_in / "5名单.xlsx")
    assert (code, "5名单.xlsx: 内存不够" in err) == (3, True)


def test_small_work_is_done_by_one_process_and_large_by_more(tmp_path: Path) -> None:
    counts: list[int] = []

    @contextmanager
    def hire(count: int) -> Iterator[workers.Workers]:
        counts.append(count)
        yield workers.Workers()

    small, large = tmp_path / "small.xlsx", tmp_path / "large.xlsx"
    small.write_bytes(b"")
    large.write_bytes(b"\x00" * 3 * judging.BYTES_PER_WORKER)
    for paths in ([small] * 2, [small] * 100, [large] * 2, [small]):
        judging.run(paths, judging.Order("zh"), hire)
    assert counts == [1, 2, 2]  # a single file is read here


class _Travelling(workers.Executor):
    """Does work here, and sends it and its result through what would carry them between processes."""

    def submit(self, function, /, *given):  # type: ignore[no-untyped-def]
        future: workers.Future[object] = workers.Future()
        try:
            future.set_result(pickle.loads(pickle.dumps(function(*pickle.loads(pickle.dumps(given))))))  # noqa: S301
        except ZeroDivisionError as error:
            future.set_exception(error)
        return future


class _Mortal(workers.Executor):
    """Is dead for good from the first 7 on."""

    def __init__(self) -> None:
        self._dead = False

    def submit(self, function, /, each, pieces):  # type: ignore[no-untyped-def]
        if self._dead:
            raise workers.BrokenProcessPool
        self._dead = 7 in pieces
        future: workers.Future[object] = workers.Future()
        if self._dead:
            future.set_exception(workers.BrokenProcessPool())
        else:
            future.set_result(function(each, pieces))
        return future


@pytest.mark.parametrize("handful", [1, 3, 50])
def test_each_piece_that_ends_its_worker_is_told_in_its_turn_and_the_others_are_done(handful: int) -> None:
    crew = workers.Workers(_Mortal(), 2, _Mortal)
    work = [7, *range(1, 21), 7, 7, 30]
    results = list(crew.each(str, work, lambda piece, error: f"{piece}: {error.of('here').place}", handful))
    assert results == ["7: here", *map(str, range(1, 7)), "7: here", *map(str, range(8, 21)), *["7: here"] * 2, "30"]


def test_workers_that_cannot_begin_again_say_that_one_is_lost() -> None:
    crew = workers.Workers(_Mortal(), 1)
    with pytest.raises(workers.LostWorker, match="worker process ended unexpectedly"):
        list(crew.each(str, [1, 7], lambda piece, _: str(piece)))


def _inverse(piece: int) -> int:
    return 1 // piece


def test_what_a_piece_of_work_raises_is_raised_in_its_turn() -> None:
    results = workers.Workers(_Travelling(), 1).each(_inverse, [1, 0], lambda piece, _: piece)
    assert next(results) == 1
    with pytest.raises(ZeroDivisionError):
        next(results)
