"""Delivery when the disk fails or the process is killed: nothing half-written, and the next run makes it good."""

import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from formgen.delivery import disk
from formgen.delivery.workers import LostWorker
from formgen.errors import OutputError
from formgen.findings import Text
from killing import ENVIRONMENT, Stage, changes_of, deliver, kill, tree, watch


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return Stage(tmp_path_factory.mktemp("stage"))


def test_the_scene_has_something_to_write_to_replace_and_to_remove(stage: Stage) -> None:
    gone = stage.tree_before.keys() - stage.tree_after.keys()
    assert "demo/学生会主席团选举候选人登记表/01.docx" in gone
    assert "demo/草稿-校级学生代表大会召开情况.docx" in gone
    new = stage.tree_after.keys() - stage.tree_before.keys()
    assert new == {"demo/学生会主席团选举候选人登记表/04.docx", "demo/findings.json"}
    assert {"demo/demo.zip", "demo/学生会主席团选举候选人登记表-打印.docx"} <= stage.tree_after.keys()
    path = "demo/校级学生代表大会召开情况.docx"
    assert stage.tree_before[path] != stage.tree_after[path]
    assert not [path for path in stage.tree_after if Path(path).name.startswith(".")]


def test_a_fault_at_any_change_is_told_and_the_next_run_makes_it_good(stage: Stage, tmp_path: Path) -> None:
    changes = changes_of(stage, tmp_path / "count")
    assert {"write", "append", "compose", "make_folder", "replace", "remove", "clear", "sync"} <= set(changes)
    first_rename = changes.index("replace")
    for number, name in enumerate(changes):
        (tmp_path / str(number)).mkdir()
        out = stage.out(tmp_path / str(number))
        seen: list[str] = []

        def fail(name: str, seen: list[str] = seen, number: int = number) -> None:
            seen.append(name)
            if len(seen) == number + 1:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        with pytest.MonkeyPatch.context() as patch:
            watch(patch, fail)
            with pytest.raises(OutputError, match="disk is full"):
                deliver(stage.folder, out)
        if number <= first_rename:
            assert tree(out) == stage.tree_before, f"change {number} ({name}) left something behind"
        deliver(stage.folder, out)
        assert tree(out) == stage.tree_after, f"change {number} ({name}) was not made good"


def test_a_first_run_that_fails_leaves_no_folder(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> None:
        if name == "sync":
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    watch(monkeypatch, fail)
    with pytest.raises(OutputError, match="cannot be written"):
        deliver(stage.folder, tmp_path / "new" / "out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), LostWorker(Text("", ""))], ids=["interrupt", "lost worker"])
def test_what_a_run_has_rendered_that_was_stopped_is_used_by_the_next(
    stop: BaseException, stage: Stage, tmp_path: Path
) -> None:
    def interrupt(name: str) -> None:
        if name == "sync":
            raise stop

    out = stage.out(tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        watch(patch, interrupt)
        with pytest.raises(type(stop)):
            deliver(stage.folder, out)
    staging = f"demo/{disk.STAGING}"
    assert {path: data for path, data in tree(out).items() if not path.startswith(staging)} == stage.tree_before
    made = {path.stat().st_ino for path in (out / staging).iterdir() if path.suffix in (".docx", ".zip")}
    assert len(made) == 4
    deliver(stage.folder, out)
    assert made <= {path.stat().st_ino for path in (out / "demo").rglob("*")}, "the very files are used"
    assert tree(out) == stage.tree_after


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="signals of POSIX")
@pytest.mark.parametrize(
    ("number", "code", "said"), [(signal.SIGINT, 130, "已中断"), (signal.SIGTERM, 143, "被要求停止")]
)
def test_a_command_that_is_told_to_stop_says_how_to_go_on(
    number: int, code: int, said: str, stage: Stage, tmp_path: Path
) -> None:
    script = (
        "import sys, time; from formgen import cli; from formgen.delivery import disk\n"
        "disk.sync = lambda paths: (print('here', flush=True), time.sleep(600))\n"
        "cli.main(sys.argv[1:])"
    )
    out = tmp_path / "out"
    command = [sys.executable, "-c", script, "generate", str(stage.folder), "-o", str(out), "-j", "2"]
    with subprocess.Popen(
        command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        assert b"here\n" in iter(child.stdout.readline, b"")
        # As a terminal does, to the workers as well; a system that shuts down tells each process.
        os.killpg(child.pid, number)
        told = child.stderr.read().decode()
    assert said in told
    assert "再运行一次同样的命令" in told
    assert "Traceback" not in told
    assert child.returncode == code
    assert (out / "demo" / disk.STAGING / "rendered.jsonl").is_file()
    assert sorted(path.name for path in (out / "demo").iterdir()) == [disk.STAGING]


def test_staging_that_cannot_be_cleared_does_not_hide_the_error(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def fail(name: str) -> None:
        seen.append(name)
        if name == "sync":
            raise OSError(errno.EACCES, "told")
        if name == "clear" and "sync" in seen:
            raise OSError(errno.EIO, "not told")

    out = stage.out(tmp_path)
    with monkeypatch.context() as patch:
        watch(patch, fail)
        with pytest.raises(OutputError, match="no permission"):
            deliver(stage.folder, out)
    deliver(stage.folder, out)
    assert tree(out) == stage.tree_after


@pytest.mark.skipif(not hasattr(os, "fork"), reason="SIGKILL is of POSIX")
def test_ten_kills_are_each_made_good_by_the_next_run(stage: Stage, tmp_path: Path) -> None:
    changes = changes_of(stage, tmp_path / "count")
    for number in random.Random(2020).sample(range(len(changes)), 10):
        (tmp_path / str(number)).mkdir()
        out = stage.out(tmp_path / str(number))
        kill(stage.folder, out, "any", number)
        deliver(stage.folder, out)
        assert tree(out) == stage.tree_after, f"killed in change {number} ({changes[number]})"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="SIGKILL is of POSIX")
def test_two_kills_in_a_row_with_other_data_in_between_need_no_force(stage: Stage, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    shutil.copytree(stage.folder, folder)
    out = stage.out(tmp_path)
    # All documents are in place, but no manifest knows them: the last rename is the manifest's.
    renames = changes_of(stage, tmp_path / "count").count("replace")
    kill(folder, out, "replace", renames - 1)
    report = json.loads((folder / "congress_report.json").read_text("utf-8"))
    (folder / "congress_report.json").write_text(json.dumps({**report, "place": "第三个地点"}), "utf-8")
    (folder / "candidate_registration" / "04.json").unlink()
    # The second one dies when its own journal has just got its name.
    kill(folder, out, "replace", 1)
    deliver(folder, out)
    (tmp_path / "undisturbed").mkdir()
    undisturbed = stage.out(tmp_path / "undisturbed")
    deliver(folder, undisturbed)
    assert tree(out) == tree(undisturbed)


def test_a_killed_clean_run_leaves_its_documents_to_a_later_draft_run(stage: Stage, tmp_path: Path) -> None:
    out = stage.out(tmp_path)
    seen: list[str] = []

    def fail(name: str) -> None:
        seen.append(name)
        if name == "remove":
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    with pytest.MonkeyPatch.context() as patch:
        watch(patch, fail)
        with pytest.raises(OutputError):
            deliver(stage.folder, out)
    deliver(stage.folder, out, draft=True)
    deliver(stage.folder, out)
    assert tree(out) == stage.tree_after


def test_where_the_system_cannot_sync_all_each_file_is_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.delattr(os, "sync")
    monkeypatch.setattr(os, "fsync", synced.append)
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"x")
    disk.sync([tmp_path / "a", tmp_path / "b"])
    assert len(synced) == 2


@pytest.mark.parametrize(
    ("number", "sentence"),
    [(errno.EROFS, "no permission"), (errno.ENOTDIR, "a folder is needed"), (errno.EIO, "cannot be written")],
)
def test_what_the_system_says_becomes_one_sentence(number: int, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=sentence) as told, disk.reporting(tmp_path):
        raise OSError(number, os.strerror(number), str(tmp_path / "file.docx"))
    assert told.value.place == str(tmp_path / "file.docx")


def test_a_place_in_the_staging_folder_is_told_as_the_folder(tmp_path: Path) -> None:
    with pytest.raises(OutputError) as told, disk.reporting(tmp_path):
        raise OSError(errno.EACCES, "denied", str(tmp_path / disk.STAGING / "0.docx"))
    assert told.value.place == str(tmp_path)


def test_a_write_that_fails_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    for path in (tmp_path / "a", tmp_path / "a" / "b"):
        with pytest.raises(OSError, match=r"File exists|Not a directory") as told:
            disk.write(path, b"x")
        assert told.value.filename == str(tmp_path / "a")


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds children in /proc")
def test_workers_of_a_killed_run_go_with_it_and_the_next_run_makes_it_good(stage: Stage, tmp_path: Path) -> None:
    out = stage.out(tmp_path)
    script = (
        "import sys, time; from pathlib import Path; from formgen.delivery import disk; from killing import deliver\n"
        "disk.sync = lambda paths: (print('here', flush=True), time.sleep(600))\n"
        "deliver(Path(sys.argv[1]), Path(sys.argv[2]), workers=2)"
    )
    command = [sys.executable, "-c", script, str(stage.folder), str(out)]
    with subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"here\n"
        children = Path(f"/proc/{child.pid}/task/{child.pid}/children").read_text().split()
        assert len(children) >= 2
        child.send_signal(signal.SIGKILL)
    end = time.monotonic() + 60
    while any(is_running(int(number)) for number in children):
        assert time.monotonic() < end, "a worker has outlived its parent"
        time.sleep(0.02)
    assert (out / "demo" / disk.STAGING).is_dir()
    deliver(stage.folder, out)
    assert tree(out) == stage.tree_after


def is_running(number: int) -> bool:
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"  # dead, and only not yet waited for


@pytest.mark.parametrize("workers", [2, 8])
def test_any_number_of_workers_writes_the_same_bytes(workers: int, stage: Stage, tmp_path: Path) -> None:
    out = stage.out(tmp_path)
    deliver(stage.folder, out, workers=workers)
    assert tree(out) == stage.tree_after


@pytest.mark.skipif(not hasattr(os, "fork"), reason="limits of POSIX")
@pytest.mark.parametrize("limit", [0, 3_000, 60_000])
def test_a_disk_that_is_full_at_any_size_leaves_everything_as_it_was(limit: int, stage: Stage, tmp_path: Path) -> None:
    out = stage.out(tmp_path)
    script = (
        f"import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
        "from pathlib import Path; from formgen.errors import OutputError; from killing import deliver\n"
        "try: deliver(Path(sys.argv[1]), Path(sys.argv[2]))\n"
        "except OutputError as error: sys.exit('full' if 'disk is full' in str(error) else str(error))"
    )
    command = [sys.executable, "-B", "-c", script, str(stage.folder), str(out)]
    child = subprocess.run(command, env=ENVIRONMENT, capture_output=True, check=False)
    # Nothing can be written to stderr either where no file may hold anything; a pipe is no file.
    assert (child.returncode, child.stderr.decode().strip()) == (1, "full")
    assert tree(out) == stage.tree_before


def test_a_place_where_no_folder_can_be_made_is_told(stage: Stage) -> None:
    place = Path("/proc/nowhere") if Path("/proc").exists() else Path("/dev/null/nowhere")
    with pytest.raises(OutputError):
        deliver(stage.folder, place)
