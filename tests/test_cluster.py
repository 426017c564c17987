"""The same plan on other machines: a real scheduler with workers as processes of their own, one of which is killed."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

import formgen
from formgen import cli
from formgen.delivery import workers
from formgen.errors import UsageError

ROOT = Path(__file__).parent.parent
ENVIRONMENT = {**{k: v for k, v in os.environ.items() if "COV" not in k}, "PYTHONPATH": str(ROOT / "src")}
PATIENCE = 60
"""Seconds after which something is broken; nothing is measured."""


class Cluster:
    """A scheduler and two workers on this machine."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self._file = folder / "scheduler.json"
        self._start("dask_scheduler", "--port", "0", "--no-dashboard", "--host", "127.0.0.1")
        self.workers = [self._start("dask_worker", "--nthreads", "1", "--no-nanny", "--no-dashboard") for _ in "12"]
        wait_for(self._file.is_file)
        self.address: str = json.loads(self._file.read_text("utf-8"))["address"]

    def _start(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.{module}", "--scheduler-file", str(self._file), *arguments]
        log = self._stack.enter_context((self._folder / "log").open("ab"))
        process = subprocess.Popen(command, cwd=self._folder, env=ENVIRONMENT, stdout=log, stderr=log)
        self._stack.callback(process.wait)
        self._stack.callback(process.kill)
        return process


def wait_for(condition: Any) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with ExitStack() as stack:
        yield Cluster(tmp_path_factory.mktemp("cluster"), stack)


def many(folder: Path, count: int) -> Path:
    """The demo with so many candidates."""
    shutil.copytree(ROOT / "inputs" / "demo-2020", folder)
    kept = folder / "candidate_registration"
    models = [json.loads(file.read_text("utf-8")) for file in sorted(kept.iterdir())]
    shutil.rmtree(kept)
    kept.mkdir()
    for number in range(count):
        own = {"name": f"候选{number}", "student_number": f"{number:06}"}
        text = json.dumps({**models[number % len(models)], **own}, ensure_ascii=False)
        (kept / f"{number:04}.json").write_text(text, "utf-8")
    return folder


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def start(*arguments: object) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "formgen", "generate", *map(str, arguments), "--lang", "en"]
    return subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_a_worker_that_is_killed_in_the_middle_loses_nothing(cluster: Cluster, tmp_path: Path) -> None:
    folder = many(tmp_path / "demo", 384)
    out = tmp_path / "out"
    log = out / "demo" / ".formgen-staging" / "rendered.jsonl"
    with start(folder, "-o", out, "--cluster", cluster.address) as run:
        wait_for(lambda: log.is_file() or run.poll() is not None)
        cluster.workers[0].kill()
        said, noted = run.communicate()
    assert run.returncode == 0, noted.decode()
    assert b"388 files written" in said
    dossier = formgen.load(folder)
    formgen.generate(dossier, formgen.check(dossier), tmp_path / "here")
    assert files(out) == files(tmp_path / "here")
    # Several dossiers: each is a worker's, and what is told comes back in order.
    for name in ("b", "a"):
        many(tmp_path / "all" / name, 2)
    (tmp_path / "all" / "a" / "congress_report.json").write_text('{"place": 3}', "utf-8")
    with start(tmp_path / "all", "-o", out, "--cluster", cluster.address) as run:
        said, noted = run.communicate()
    assert run.returncode == 1, noted.decode()
    assert said.index(b"dossier a,") < said.index(b"dossier b,")
    assert b"a: there are errors, so nothing has been issued" in noted
    assert (out / "b" / "manifest.json").is_file()


def test_what_a_worker_does_not_see_is_told_before_anything_is_done(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "exists", lambda _path: True)  # here, not where the worker runs
    with pytest.raises(UsageError, match="does not see the same folders"):
        with_cluster(cluster.address, [tmp_path / "only here"])


def with_cluster(address: str, places: list[Path]) -> None:
    with workers.cluster(address, places):
        raise AssertionError("it was taken")


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "no address"])
def test_a_scheduler_that_does_not_answer_is_told(
    address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "_SECONDS", 1)
    with pytest.raises(SystemExit) as ended:
        cli.main(["generate", str(ROOT / "inputs" / "demo-2020"), "-o", str(tmp_path), "--cluster", address])
    assert ended.value.code == 2
    assert "连不上这个调度器" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_without_the_library_it_is_said_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match="is not installed"):
        with_cluster("tcp://127.0.0.1:1", [])


def test_what_workers_may_log_holds_no_values() -> None:
    from formgen.delivery.work import Chunk, Task

    task = Task(("staff_list", ".docx"), {"name": "沈知远"}, {"沈知远.jpg": "sha256:0"})
    assert "沈知远" not in repr(Chunk(b"\xe6\xb2\x88", (task,)))
