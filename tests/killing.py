"""A scene for tests that kill or disturb delivery: a dossier that has changed since its documents were written.

It has something to write, to replace, to remove, to withhold and to bundle.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import formgen
from formgen.delivery import Delivery, carrying, disk, extras, plan
from formgen.delivery.bundles import Print, Zip
from formgen.delivery.workers import processes

ROOT = Path(__file__).parent.parent
CHANGES = ("write", "append", "compose", "make_folder", "replace", "remove", "clear", "sync", "remove_if_empty")
"""What delivery does to the disk."""

_KILLED = """
import sys
from pathlib import Path
from killing import arm, deliver
arm(sys.argv[3], int(sys.argv[4]))
deliver(Path(sys.argv[1]), Path(sys.argv[2]))
"""
ENVIRONMENT = {
    # Without coverage: nothing could be measured of a process that is killed.
    **{name: value for name, value in os.environ.items() if "COV" not in name},
    "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests")]),
}


def small_dossier(parent: Path) -> Path:
    """The demo with three of its candidates."""
    folder = parent / "demo"
    shutil.copytree(ROOT / "inputs" / "demo-2020", folder)
    for file in sorted((folder / "candidate_registration").iterdir())[3:]:
        file.unlink()
    return folder


def deliver(folder: Path, out: Path, *, draft: bool = False, workers: int = 1) -> Delivery:
    """Writes a dossier's documents, findings and bundles."""
    dossier = formgen.load(folder)
    report = formgen.check(dossier)
    found = "".join(f"{finding.at}\n" for finding in report.findings).encode() or None
    makers = (extras.Findings(found), Print(wanted=not draft), Zip(wanted=not draft))
    planned = plan.plan(dossier, out, draft, withheld=() if draft else report.withheld)
    with processes(workers) as crew:
        return carrying.carry_out(planned, report, carrying.Order(makers=makers), crew)


def change(folder: Path) -> None:
    """A candidate is gone, another one comes, a third one's form has an error by now, and the report changes."""
    registrations = folder / "candidate_registration"
    one = json.loads((registrations / "01.json").read_text("utf-8"))
    (registrations / "01.json").unlink()
    (registrations / "04.json").write_text(json.dumps(one), "utf-8")
    two = json.loads((registrations / "02.json").read_text("utf-8"))
    (registrations / "02.json").write_text(json.dumps({**two, "gender": "?"}), "utf-8")
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
        deliver(self.folder, self.before)
        deliver(self.folder, self.before, draft=True)
        change(self.folder)
        after = parent / "after"
        shutil.copytree(self.before, after)
        deliver(self.folder, after)
        self.tree_before = tree(self.before)
        self.tree_after = tree(after)

    def out(self, parent: Path) -> Path:
        """A copy of what lies there before the run."""
        shutil.copytree(self.before, parent / "out")
        return parent / "out"


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
        deliver(stage.folder, stage.out(parent))
    return seen


def arm(wanted: str, number: int) -> None:
    """Has this process end itself in the middle of the change of that name (or ``any``) and number.

    A file that is being written is left half-written.
    """
    left = number

    def killed_in_time(name: str, change: Callable[..., None]) -> Callable[..., None]:
        def wrapped(*arguments: Any) -> None:
            nonlocal left
            left -= wanted in ("any", name)
            if left < 0:
                if name in ("write", "append"):
                    arguments[0].parent.mkdir(parents=True, exist_ok=True)
                    with arguments[0].open("ab") as stream:
                        stream.write(arguments[1][: len(arguments[1]) // 2])
                if name == "compose":
                    change(arguments[0], lambda stream: stream.write(b"half"))
                os.kill(os.getpid(), signal.SIGKILL)
            change(*arguments)

        return wrapped

    for name in CHANGES:
        setattr(disk, name, killed_in_time(name, getattr(disk, name)))


def kill(folder: Path, out: Path, name: str, number: int) -> None:
    """Runs a process that is killed in the change of that name (or ``any``) and number, counted from 0."""
    child = subprocess.run(
        [sys.executable, "-c", _KILLED, str(folder), str(out), name, str(number)],
        env=ENVIRONMENT,
        capture_output=True,
        check=False,
    )
    assert child.returncode == -9, child.stderr.decode()


def kill_copy(folder: Path, out: Path, number: int) -> bool:
    """The same with a copy of this process, which begins at once. Whether it was killed before its end."""
    pid = os.fork()
    if pid == 0:
        try:
            arm("any", number)
            deliver(folder, out)
            os._exit(0)
        finally:
            os._exit(1)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert status in (-9, 0), status
    return status == -9
