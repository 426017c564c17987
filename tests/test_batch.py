"""Many records and dossiers at once: one bad one never stops the others, names, trials, one run at a time, resuming."""

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import formgen
from calling import Command
from formgen import opc, resources
from formgen.delivery import Delivery, disk, locking, plan, staging, work, workers
from formgen.delivery.naming import MAX_LENGTH, Pattern
from formgen.errors import OutputError, UsageError
from formgen.forms import catalogue
from formgen.intake import kinds, photos
from formgen.record import CellOrigins, Origin, Record
from formgen.reports import delivering, progress

ROOT = Path(__file__).parent.parent
CANDIDATES = "学生会主席团选举候选人登记表"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The demo with three of its candidates."""
    copy = tmp_path / "demo"
    shutil.copytree(ROOT / "inputs" / "demo-2020", copy)
    for file in sorted((copy / "candidate_registration").iterdir())[3:]:
        file.unlink()
    return copy


def run(folder: Path, out: Path, **options: Any) -> Delivery:
    dossier = formgen.load(folder)
    return formgen.generate(dossier, formgen.check(dossier), out, **options)


def edit(path: Path, **values: Any) -> None:
    whole = {**json.loads(path.read_text("utf-8")), **values}
    path.write_text(json.dumps({k: v for k, v in whole.items() if v is not None}, ensure_ascii=False), "utf-8")


def candidate(folder: Path, number: str) -> Path:
    return folder / "candidate_registration" / f"{number}.json"


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def listed(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "demo" / "manifest.json").read_text("utf-8"))
    return found


# --- one bad record --------------------------------------------------------------------------------------------------


def test_an_error_of_one_record_withholds_its_document_and_no_other(folder: Path, tmp_path: Path) -> None:
    edit(candidate(folder, "02"), gender="?")
    delivery = run(folder, tmp_path / "out")
    assert delivery.withheld == (f"{CANDIDATES}/02.docx",)
    assert len(delivery.written) == 6
    assert f"{CANDIDATES}/02.docx" not in files(tmp_path / "out" / "demo")
    assert listed(tmp_path / "out")["withheld"] == [{"form": "candidate_registration", "record": "02"}]


def test_a_record_that_cannot_be_read_withholds_itself_only(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(folder, out)
    candidate(folder, "02").write_text("{", "utf-8")
    delivery = run(folder, out)
    assert (delivery.withheld, delivery.removed) == ((f"{CANDIDATES}/02.docx",), ())
    assert delivery.older == (f"{CANDIDATES}/02.docx",)


def test_the_document_of_before_stays_while_its_record_has_errors(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(folder, out)
    before = files(out)[f"demo/{CANDIDATES}/02.docx"]
    edit(candidate(folder, "02"), gender="?")
    delivery = run(folder, out)
    assert (delivery.older, delivery.removed) == ((f"{CANDIDATES}/02.docx",), ())
    assert files(out)[f"demo/{CANDIDATES}/02.docx"] == before
    assert f"{CANDIDATES}/02.docx" in [entry["path"] for entry in listed(out)["files"]]


def test_findings_lie_beside_the_documents_and_go_when_there_are_none(
    command: Command, folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    photo = json.loads(candidate(folder, "02").read_text("utf-8"))["photo"]
    edit(candidate(folder, "02"), photo="photos/nobody.jpg")
    code, printed, noted = command("generate", folder, "-o", out)
    assert code == 1
    assert "除 1 份外可以出具" in printed
    assert f"1 份有错误未改正，没有出具：{CANDIDATES}/02.docx" in printed
    assert "没有出具任何文件" not in noted
    whole = json.loads((out / "demo" / "findings.json").read_text("utf-8"))
    schema = json.loads((resources.folder("schemas") / "_findings.schema.json").read_text("utf-8"))
    assert list(Draft202012Validator(schema).iter_errors(whole)) == []
    assert [finding["record"] for finding in whole["findings"]] == ["02"]
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    assert command("generate", folder, "-o", out)[0] == 1
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before
    edit(candidate(folder, "02"), photo=photo)
    code, printed, _ = command("generate", folder, "-o", out)
    assert code == 0
    assert f"已删去旧文件：{out / 'demo' / 'findings.json'}" in printed
    assert not (out / "demo" / "findings.json").exists()


def test_what_was_issued_of_a_record_that_has_errors_by_now_is_called_older(
    command: Command, folder: Path, tmp_path: Path
) -> None:
    command("generate", folder, "-o", tmp_path / "out")
    edit(candidate(folder, "02"), gender="?")
    for draft in ([], ["--draft"]):
        code, _, noted = command("generate", folder, "-o", tmp_path / "out", *draft)
        assert code == 1
        assert f"里以前写出的 1 份正式表单早于现在的材料，请不要报送：{CANDIDATES}/02.docx" in noted


def test_an_error_of_the_dossier_stops_all_and_is_found_beside_the_older_forms(
    command: Command, folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    command("generate", folder, "-o", out)
    before = {path: data for path, data in files(out / "demo").items() if path.endswith("x")}
    edit(folder / "congress_report.json", place=3)
    code, _, noted = command("generate", folder, "-o", out)
    assert code == 1
    assert "没有出具任何文件" in noted
    after = files(out / "demo")
    assert {path: data for path, data in after.items() if path.endswith("x")} == before
    assert "findings.json" in after
    assert len(listed(out)["withheld"]) == 6


# --- several dossiers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jobs", [1, 2])
def test_several_dossiers_are_told_in_order_and_together(
    jobs: int, command: Command, folder: Path, tmp_path: Path
) -> None:
    for name in ("b", "c"):
        shutil.copytree(folder, tmp_path / "all" / name)
    edit(tmp_path / "all" / "b" / "congress_report.json", place=3)
    code, printed, noted = command("generate", tmp_path / "all", "-o", tmp_path / "out", "-j", jobs)
    assert code == 1
    assert printed.index("案卷 b") < printed.index("案卷 c")
    assert "共 2 个案卷或文件，1 个没有出具：写出 7 份" in printed
    assert noted.startswith("b: 有错误未改正")
    assert (tmp_path / "out" / "b" / "findings.json").is_file()
    code, printed, _ = command("generate", tmp_path / "all", "-o", tmp_path / "out", "-j", jobs, "--format", "json")
    whole = json.loads(printed)
    assert [each["name"] for each in whole["dossiers"]] == ["b", "c"]
    assert [each["path"] for each in whole["refused"]] == [str(tmp_path / "all" / "b")]


def test_the_documents_of_a_submitted_file_lie_under_its_name(command: Command, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copy(folder / "staff_list.xlsx", tmp_path / "信息学院.xlsx")
    code, _, noted = command("generate", tmp_path / "信息学院.xlsx", "--dossier", folder, "-o", out)
    assert (code, noted) == (0, "")
    assert {path for path in files(out) if not path.endswith(".json")} == {
        "信息学院/校级组织工作人员名单.docx",
        "信息学院/校级组织工作人员名单.xlsx",
    }


def test_a_folder_of_records_is_a_submission_too(command: Command, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    kept = folder / "candidate_registration"
    code, _, noted = command("generate", kept, "--dossier", folder, "-o", out)
    assert (code, noted) == (0, "")
    written = {path for path in files(out) if not path.endswith(".json")}
    assert written == {f"candidate_registration/{CANDIDATES}/0{n}.docx" for n in (1, 2, 3)}
    run(folder, tmp_path / "whole")
    assert (
        files(out)[f"candidate_registration/{CANDIDATES}/01.docx"]
        == files(tmp_path / "whole")[f"demo/{CANDIDATES}/01.docx"]
    )
    kept.rename(tmp_path / "收到的")
    code, _, noted = command(
        "generate", tmp_path / "收到的", "--form", "candidate_registration", "-o", out, "--lang", "en"
    )
    # Without a dossier what its photos are is not known: `photos/` does not lie beside it.
    assert code == 0
    assert (out / "收到的" / CANDIDATES / "03.docx").is_file()
    code, _, noted = command("generate", tmp_path / "收到的", "-o", out)
    assert code == 2
    assert "没有 dossier.json" in noted


def test_photos_of_a_table_without_a_dossier_lie_beside_it(command: Command, tmp_path: Path) -> None:
    from openpyxl import Workbook

    fields = catalogue()["candidate_registration"][0].schema["properties"]
    shown = {key: field["title"] for key, field in fields.items() if field.get("type") not in ("object", "array")}
    workbook = Workbook()
    workbook.worksheets[0].append(
        ["序号", *shown.values(), *(fields[key]["title"] for key in ("class_rank", "experience"))]
    )
    for number, photo in (("01", "01.jpg"), ("02", "none.jpg")):
        values = json.loads((ROOT / f"inputs/demo-2020/candidate_registration/{number}.json").read_text("utf-8"))
        said = {**values, "photo": photo, "failed_course": "无"}
        line = f"2018.09-2019.09 {values['class']} 班长"
        workbook.worksheets[0].append([number, *(said.get(key) for key in shown), values["class_rank"]["text"], line])
    workbook.save(tmp_path / "候选人.xlsx")
    shutil.copytree(ROOT / "inputs" / "demo-2020" / "photos", tmp_path / "photos")
    code, printed, _ = command(
        "generate", tmp_path / "候选人.xlsx", "-o", tmp_path / "out", "--form", "candidate_registration"
    )
    assert code == 1
    assert "none.jpg" in printed
    made = files(tmp_path / "out" / "候选人")
    assert [path for path in made if path.endswith(".docx")] == [f"{CANDIDATES}/01.docx"]
    assert any(name.endswith("picture1.jpg") for name in opc.read(made[f"{CANDIDATES}/01.docx"], "x").parts)


@pytest.mark.parametrize("pattern", ["photos/0*.jpg", "none"])
def test_workers_look_at_the_pictures_and_find_the_same(
    pattern: str, command: Command, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for photo in folder.glob(pattern):
        photo.write_bytes(photo.read_bytes()[:-900])
        break
    edit(candidate(folder, "03"), photo="../secret.jpg")
    said = [command("generate", folder, "-o", tmp_path / "one", "-j", 1)]
    monkeypatch.setattr(delivering, "DOCUMENTS_PER_WORKER", 1)
    handed_out = {name: named_to_workers(monkeypatch, name) for name in ("begin", "do")}
    said.append(command("generate", folder, "-o", tmp_path / "two", "-j", 2))
    assert handed_out["begin"] == [f"photos/{path.name}" for path in sorted((folder / "photos").iterdir())]
    assert handed_out["do"] == ["../secret.jpg"]
    assert said[1][0] == said[0][0] == 1
    assert said[1][1].replace(str(tmp_path / "two"), str(tmp_path / "one")) == said[0][1]
    assert files(tmp_path / "two") == files(tmp_path / "one")


def named_to_workers(monkeypatch: pytest.MonkeyPatch, method: str) -> list[str]:
    """The pictures that workers are to look at from now on."""
    names: list[str] = []
    real = getattr(workers.Workers, method)

    def noted(crew: workers.Workers, function: Any, pieces: Any) -> Any:
        given = list(pieces)
        if function is photos.look_at:
            names.extend(name for _, some, _ in given for name in some)
        return real(crew, function, given)

    monkeypatch.setattr(workers.Workers, method, noted)
    return names


def test_of_the_pictures_of_others_no_more_are_looked_at_than_were_begun(tmp_path: Path) -> None:
    parts = [(tmp_path, [f"photos/{number}.jpg"], {}) for number in range(4)]
    with workers.processes(2) as crew:
        begun = crew.begin(photos.look_at, parts)
        ahead = photos.Ahead(photos.by(crew.do), begun.results)
        assert list(ahead(tmp_path, [], {})) == []
        assert list(ahead(tmp_path.parent, ["photos/0.jpg"], {})) == [photos.Looked(None, kinds.PHOTO_MISSING)]
        names = ["photos/3.jpg", "/none.jpg", "photos/0.jpg"]
        wrong = [looked.wrong for looked in ahead(tmp_path, names, {})]
        assert wrong == [kinds.PHOTO_MISSING, kinds.PHOTO_OUTSIDE, kinds.PHOTO_MISSING]
        assert [piece for piece, _ in begun.results(lambda _: True)] == parts[1:3]
        assert list(begun.results(lambda _: True)) == []
        idle = crew.begin(photos.look_at, parts * 100)
        idle.end()
        assert list(idle.results(lambda _: True)) == []
        ahead = photos.Ahead(photos.by(crew.do), crew.begin(photos.look_at, parts).results)
        elsewhere = {"photos/3.jpg": ROOT / "inputs" / "demo-2020" / "photos" / "03.jpg"}
        assert [looked.wrong for looked in ahead(tmp_path, ["photos/3.jpg"], elsewhere)] == [None]


def end_this_process(code: int) -> None:
    os._exit(code)


def test_a_worker_that_ends_while_files_are_read_is_told_of_when_its_pictures_are_wanted() -> None:
    with workers.processes(2) as crew:
        begun = crew.begin(end_this_process, [7])
        with pytest.raises(workers.LostWorker, match="worker process ended") as told:
            list(begun.results(lambda _: True))
    assert told.value.remedy is not None
    assert "-j" in told.value.remedy.zh


# --- a trial ---------------------------------------------------------------------------------------------------------


def test_a_trial_says_what_would_happen_and_writes_nothing(command: Command, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, printed, _ = command("generate", folder, "-o", out, "--dry-run")
    assert code == 0
    assert "会写出 7 份，在" in printed
    assert "什么也没有写" in printed
    assert not out.exists()
    command("generate", folder, "-o", out)
    edit(folder / "congress_report.json", place="别处")
    candidate(folder, "03").unlink()
    before = files(out)
    code, printed, _ = command("generate", folder, "-o", out, "--dry-run")
    assert "会写出 1 份（其中 1 份替换旧的）" in printed
    assert "5 份没有变化" in printed
    assert f"会删去旧文件：{out / 'demo' / CANDIDATES / '03.docx'}" in printed
    assert files(out) == before
    (out / "demo" / "校级组织工作人员名单.xlsx").write_bytes(b"edited")
    code, _, noted = command("generate", folder, "-o", out, "--dry-run", "--lang", "en")
    assert code == 2
    assert "edited since" in noted


# --- names -----------------------------------------------------------------------------------------------------------


def test_documents_are_named_by_a_pattern_of_the_forms_fields(command: Command, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command("generate", folder, "-o", out, "--name", "{college}/{grade} {name}-{serial}.docx")
    names = {path for path in files(out / "demo") if "/" in path}
    assert "信息工程学院/18级 沈知远-01.docx" in names
    assert len(names) == 3
    command("generate", folder, "-o", out)
    assert {path for path in files(out / "demo") if "/" in path} == {f"{CANDIDATES}/0{n}.docx" for n in (1, 2, 3)}
    assert not (out / "demo" / "信息工程学院").exists()


def test_two_records_of_one_name_are_refused_with_both_named(command: Command, folder: Path, tmp_path: Path) -> None:
    code, _, noted = command("generate", folder, "-o", tmp_path / "out", "--name", "{level}")
    assert code == 2
    assert "“candidate_registration/01”和“candidate_registration/02”会写成同名文件 本科.docx" in noted
    assert "{serial}" in noted
    assert not (tmp_path / "out").exists()


def test_a_document_and_a_folder_of_one_name_are_refused(tmp_path: Path) -> None:
    jobs = (plan.Job("x", "1", ".docx", "a.docx"), plan.Job("x", "2", ".docx", "A.docx/b.docx"))
    with pytest.raises(UsageError, match=r"a\.docx of 'x/1' has the name of the folder of 'x/2'"):
        plan._refuse_collisions(jobs, tmp_path)


@pytest.mark.parametrize(
    ("pattern", "values", "path"),
    [
        ("{name}", {"name": "../../etc/passwd"}, ".._.._etc_passwd.docx"),
        ("{college}/{name}", {"college": "..", "name": "x"}, "_/x.docx"),
        ("{college}/{name}", {"college": "CON", "name": "nul"}, "_CON/_nul.docx"),
        ("{college}/{name}", {"college": "财经 . ", "name": "a:b"}, "财经/a_b.docx"),
        ("{name}", {}, "_.docx"),
        ("{name}", {"name": ["x"]}, "_.docx"),
        ("{class_rank.text}名", {"class_rank": {"text": "3/45"}}, "3_45名.docx"),
        ("{name}.DOCX", {"name": "甲\n乙"}, "甲 乙.docx"),
        ("{title}-{dossier}-{serial}", {}, f"{CANDIDATES}-d-7.docx"),
        ("{name}", {"name": "e\u0301"}, "é.docx"),
    ],
)
def test_a_name_from_a_pattern_is_safe_whatever_the_values(pattern: str, values: Any, path: str) -> None:
    record = Record("candidate_registration", values, CellOrigins(Origin("x")), "7")
    edition = catalogue()["candidate_registration"][0]
    assert Pattern.parse(pattern).path(record, edition, "d", "", ".docx") == path


@pytest.mark.parametrize("pattern", ["", "/{name}", "{name}/", "../{name}", "a//b", "a\\b", "{name!r}", "{}", "a{b"])
def test_a_pattern_that_leads_out_or_is_none_is_refused(pattern: str) -> None:
    with pytest.raises(UsageError, match="pattern of names"):
        Pattern.parse(pattern)


@pytest.mark.parametrize("field", ["nmae", "experience", "opinions", "name.first", "name.__class__"])
def test_a_pattern_with_a_field_that_the_form_does_not_print_in_one_piece_is_refused(
    field: str, command: Command, folder: Path, tmp_path: Path
) -> None:
    code, _, noted = command("generate", folder, "-o", tmp_path / "out", "--name", f"{{{field}}}")
    assert code == 2
    assert f"没有字段 {field}" in noted
    assert "可用：name、" in noted


def test_a_name_that_windows_would_not_take_for_its_length_is_refused() -> None:
    record = Record("candidate_registration", {"name": "长" * 60}, CellOrigins(Origin("x")), "7")
    edition = catalogue()["candidate_registration"][0]
    assert len(Pattern.parse("{name}/{name}").path(record, edition, "d", "", ".docx")) <= MAX_LENGTH
    with pytest.raises(UsageError, match="too long"):
        Pattern.parse("{name}/{name}/{name}/{name}").path(record, edition, "d", "", ".docx")


# --- one run at a time -----------------------------------------------------------------------------------------------


def test_a_second_run_into_the_same_folder_is_told_and_changes_nothing(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "demo").mkdir(parents=True)
    with locking.locked(out / "demo"), pytest.raises(OutputError, match="another run") as told:
        run(folder, out)
    assert told.value.exit_code == 3
    assert files(out) == {}
    assert run(folder, out).written


def test_the_lock_of_a_process_that_was_killed_is_gone_with_it(folder: Path, tmp_path: Path) -> None:
    place = tmp_path / "out" / "demo"
    place.mkdir(parents=True)
    script = (
        "import sys, time; from pathlib import Path; from formgen.delivery import locking\n"
        "with locking.locked(Path(sys.argv[1])):\n    print('held', flush=True); time.sleep(600)"
    )
    environment = {**{k: v for k, v in os.environ.items() if "COV" not in k}, "PYTHONPATH": str(ROOT / "src")}
    with subprocess.Popen([sys.executable, "-c", script, str(place)], env=environment, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(OutputError, match="another run"):
            run(folder, tmp_path / "out")
        other.kill()
    assert run(folder, tmp_path / "out").written


def test_where_a_folder_takes_no_lock_a_file_in_it_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fcntl = pytest.importorskip("fcntl")

    def refuse(_descriptor: int, operation: int = 0) -> None:
        if operation != fcntl.LOCK_UN:
            raise OSError(errno.EBADF, "no locks on folders here")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with locking.locked(tmp_path):
        assert (tmp_path / locking.FILE).is_file()

    def taken(*_: object) -> None:
        raise OSError(errno.EAGAIN, "taken")

    monkeypatch.setattr(fcntl, "lockf", taken)
    with pytest.raises(OutputError, match="another run"), locking.locked(tmp_path):
        raise AssertionError
    monkeypatch.setattr(fcntl, "lockf", refuse)
    with pytest.raises(OSError, match="no locks"), locking.locked(tmp_path):
        raise AssertionError


# --- resuming --------------------------------------------------------------------------------------------------------


def killed_before_the_sync(folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that ends like a process that is killed: nothing is taken back."""

    def die(_paths: object) -> None:
        raise SystemExit(9)

    with monkeypatch.context() as patch:
        patch.setattr(disk, "sync", die)
        patch.setattr(disk, "clear", lambda _folder: None)
        with pytest.raises(SystemExit):
            run(folder, out)


def count_fills(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    filled: list[str] = []
    values = work.Renderer.values

    def counted(self: work.Renderer, task: work.Task) -> dict[str, Any]:
        filled.append(task.template[0])
        return values(self, task)

    monkeypatch.setattr(work.Renderer, "values", counted)
    return filled


def test_what_a_killed_run_has_rendered_is_used_by_the_next(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    killed_before_the_sync(folder, out, monkeypatch)
    edit(folder / "congress_report.json", place="别处")
    filled = count_fills(monkeypatch)
    assert len(run(folder, out).written) == 7
    assert filled == ["congress_report"]
    run(folder, tmp_path / "fresh")
    assert files(out) == files(tmp_path / "fresh")


@pytest.mark.parametrize("damage", ["staged", "log", "lines", "all"])
def test_what_a_killed_run_has_left_is_believed_only_as_far_as_it_is_there(
    damage: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    killed_before_the_sync(folder, out, monkeypatch)
    place = out / "demo" / disk.STAGING
    log = place / "rendered.jsonl"
    if damage == "staged":
        victim = Path(staging.place(place, f"{CANDIDATES}/01.docx"))
        victim.write_bytes(victim.read_bytes()[:-7])
    elif damage == "log":
        log.write_bytes(log.read_bytes()[:-7] + b"\n[1, 2]\nnull\n" + b"[" * 100_000)
    elif damage == "lines":
        first, second, *others = map(json.loads, filter(None, log.read_text("utf-8").split("\n")))
        lines = [[*first[:-1], "many"], [*second[:2], "sha256:none", *second[3:]], *others]
        log.write_text("".join(f"\n{json.dumps(line)}" for line in lines), "utf-8")
    else:
        shutil.rmtree(place)
        place.write_bytes(b"a file in its place")
        place.unlink()
    filled = count_fills(monkeypatch)
    run(folder, out)
    assert len(filled) == {"staged": 1, "log": 1, "lines": 2, "all": 7}[damage]
    run(folder, tmp_path / "fresh")
    assert files(out) == files(tmp_path / "fresh")


def test_a_draft_whose_values_no_json_can_say_is_rendered_each_time(folder: Path) -> None:
    renderer = work.Renderer({}, folder, {"x": 10**5000})
    task = work.Task(("candidate_registration", ".docx"), {}, {}, None, None)
    edition = catalogue()["candidate_registration"][0]
    source = work.Source(edition.templates[".docx"].read_bytes(), "x.docx", edition, draft=True)
    renderer.sources = {task.template: source}
    assert renderer._key(task) == ""


# --- progress --------------------------------------------------------------------------------------------------------


class Terminal:
    """A stderr that says it is a terminal, and keeps what is written."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self.text = ""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None:
        pass


def test_a_bar_appears_only_after_a_while_and_only_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with progress.Progress("zh") as quick:
        quick.begin(10)
        quick.advance(10)
        with quick.aside():
            pass
    assert terminal.text == ""
    monkeypatch.setattr(progress, "PATIENCE", -1)
    with progress.Progress("zh") as slow:
        slow.begin(10)
        slow.advance(3)
        with slow.aside():
            assert slow._bar is not None
        slow.advance(7)
    assert "3/10" in terminal.text
    assert "还需" in terminal.text
    with progress.Progress("en", silent=True) as silent:
        silent.advance(1)
        assert silent._bar is None
