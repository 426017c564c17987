"""Delivery when the disk fails or the process is killed: nothing half-written, and the next run makes it good."""

import errno
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import formgen
from formgen.delivery import Delivery, disk
from formgen.errors import OutputError

ROOT = Path(__file__).parent.parent
CHANGES = ("write", "append", "make_folder", "replace", "remove", "clear", "sync", "remove_if_empty")

# Ends itself in the middle of the change of that name and number; a file that is being written is left half-written.
KILLED = """
import os, signal, sys
from pathlib import Path
import formgen
from formgen.delivery import disk

wanted, left = sys.argv[3], int(sys.argv[4])

def killed_in_time(name, change):
    def wrapped(*arguments):
        global left
        left -= wanted in ("any", name)
        if left < 0:
            if name in ("write", "append"):
                arguments[0].parent.mkdir(parents=True, exist_ok=True)
                with arguments[0].open("ab") as stream:
                    stream.write(arguments[1][: len(arguments[1]) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        return change(*arguments)
    return wrapped

for name in sys.argv[5].split(","):
    setattr(disk, name, killed_in_time(name, getattr(disk, name)))
dossier = formgen.load(Path(sys.argv[1]))
formgen.generate(dossier, formgen.check(dossier), Path(sys.argv[2]))
"""


def small_dossier(parent: Path) -> Path:
    """The demo with two of its candidates."""
    folder = parent / "demo"
    shutil.copytree(ROOT / "inputs" / "demo-2020", folder)
    for file in sorted((folder / "candidate_registration").iterdir())[2:]:
        file.unlink()
    return folder


def run(folder: Path, out: Path, *, draft: bool = False) -> Delivery:
    dossier = formgen.load(folder)
    return formgen.generate(dossier, formgen.check(dossier), out, draft=draft)


def change(folder: Path) -> None:
    """A candidate is gone, another one comes, a third one's form changes, and so does the report."""
    registrations = folder / "candidate_registration"
    one = json.loads((registrations / "01.json").read_text("utf-8"))
    (registrations / "01.json").unlink()
    (registrations / "03.json").write_text(json.dumps(one), "utf-8")
    report = json.loads((folder / "congress_report.json").read_text("utf-8"))
    report["place"] = "改过的地点"
    (folder / "congress_report.json").write_text(json.dumps(report), "utf-8")


def tree(folder: Path) -> dict[str, bytes | None]:
    """Everything in a folder; folders have no bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


class Stage:
    """A dossier that has changed since its documents were written, and what an undisturbed run makes of it."""

    def __init__(self, parent: Path) -> None:
        self.folder = small_dossier(parent)
        self.before = parent / "before"
        run(self.folder, self.before)
        run(self.folder, self.before, draft=True)
        change(self.folder)
        after = parent / "after"
        shutil.copytree(self.before, after)
        run(self.folder, after)
        self.tree_before = tree(self.before)
        self.tree_after = tree(after)

    def out(self, parent: Path) -> Path:
        shutil.copytree(self.before, parent / "out")
        return parent / "out"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return Stage(tmp_path_factory.mktemp("stage"))


def watch(monkeypatch: pytest.MonkeyPatch, on_change: Callable[[str], None]) -> None:
    """Has ``on_change`` called before each change that delivery makes on the disk."""

    def watched(name: str, change: Callable[..., None]) -> Callable[..., None]:
        def wrapped(*arguments: Any) -> None:
            on_change(name)
            change(*arguments)

        return wrapped

    for name in CHANGES:
        monkeypatch.setattr(disk, name, watched(name, getattr(disk, name)))


def changes_of(stage: Stage, parent: Path) -> list[str]:
    """The names of all changes of an undisturbed run, in order."""
    seen: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        watch(patch, seen.append)
        run(stage.folder, stage.out(parent))
    return seen


def test_the_scene_has_something_to_write_to_replace_and_to_remove(stage: Stage) -> None:
    gone = stage.tree_before.keys() - stage.tree_after.keys()
    assert "demo/学生会主席团选举候选人登记表/01.docx" in gone
    assert "demo/草稿-校级学生代表大会召开情况.docx" in gone
    assert stage.tree_after.keys() - stage.tree_before.keys() == {"demo/学生会主席团选举候选人登记表/03.docx"}
    path = "demo/校级学生代表大会召开情况.docx"
    assert stage.tree_before[path] != stage.tree_after[path]
    assert not [path for path in stage.tree_after if Path(path).name.startswith(".")]


def test_a_fault_at_any_change_is_told_and_the_next_run_makes_it_good(stage: Stage, tmp_path: Path) -> None:
    changes = changes_of(stage, tmp_path / "count")
    assert {"write", "make_folder", "replace", "remove", "clear", "sync"} <= set(changes)
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
                run(stage.folder, out)
        if number <= first_rename:
            assert tree(out) == stage.tree_before, f"change {number} ({name}) left something behind"
        run(stage.folder, out)
        assert tree(out) == stage.tree_after, f"change {number} ({name}) was not made good"


def test_a_first_run_that_fails_leaves_no_folder(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> None:
        if name == "sync":
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    watch(monkeypatch, fail)
    with pytest.raises(OutputError, match="cannot be written"):
        run(stage.folder, tmp_path / "new" / "out")
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_while_rendering_leaves_nothing(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(name: str) -> None:
        if name == "sync":
            raise KeyboardInterrupt

    out = stage.out(tmp_path)
    watch(monkeypatch, interrupt)
    with pytest.raises(KeyboardInterrupt):
        run(stage.folder, out)
    assert tree(out) == stage.tree_before


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
            run(stage.folder, out)
    run(stage.folder, out)
    assert tree(out) == stage.tree_after


def kill(folder: Path, out: Path, name: str, number: int) -> None:
    """Runs a process that is killed in the change of that name (or ``any``) and number, counted from 0."""
    child = subprocess.run(
        [sys.executable, "-c", KILLED, str(folder), str(out), name, str(number), ",".join(CHANGES)],
        # Without coverage: nothing could be measured of a process that is killed.
        env={**{k: v for k, v in os.environ.items() if "COV" not in k}, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        check=False,
    )
    assert child.returncode == -9, child.stderr.decode()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="SIGKILL is of POSIX")
def test_ten_kills_are_each_made_good_by_the_next_run(stage: Stage, tmp_path: Path) -> None:
    changes = changes_of(stage, tmp_path / "count")
    for number in random.Random(2020).sample(range(len(changes)), 10):
        (tmp_path / str(number)).mkdir()
        out = stage.out(tmp_path / str(number))
        kill(stage.folder, out, "any", number)
        run(stage.folder, out)
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
    (folder / "candidate_registration" / "03.json").unlink()
    # The second one dies when its own journal has just got its name.
    kill(folder, out, "replace", 1)
    run(folder, out)
    fresh = tmp_path / "fresh"
    run(folder, fresh)
    assert tree(out) == tree(fresh)


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
            run(stage.folder, out)
    run(stage.folder, out, draft=True)
    run(stage.folder, out)
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
