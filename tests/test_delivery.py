"""What delivery writes where, and what it leaves alone."""

import dataclasses
import hashlib
import json
import os
import pickle
import shutil
import signal
import zlib
from concurrent.futures import Executor
from concurrent.futures.process import BrokenProcessPool
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import formgen
from formgen import forms, opc, packing
from formgen.checks import Report
from formgen.delivery import Delivery, NotIssuable, carrying, disk, manifest, names, plan, work, workers
from formgen.dossier import Dossier
from formgen.errors import FormgenError, TemplateError, UsageError
from formgen.findings import Address, Finding, Kind, Outcome, Severity, Text
from formgen.pictures import PictureError
from formgen.record import CellOrigins, Origin, Record
from formgen.records import Records

INPUTS = Path(__file__).parent.parent / "inputs"
CANDIDATES = "学生会主席团选举候选人登记表"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The demo with two of its candidates."""
    copy = tmp_path / "demo"
    shutil.copytree(INPUTS / "demo-2020", copy)
    for file in sorted((copy / "candidate_registration").iterdir())[2:]:
        file.unlink()
    return copy


def run(folder: Path, out: Path, **options: Any) -> Delivery:
    dossier = formgen.load(folder)
    return formgen.generate(dossier, formgen.check(dossier), out, **options)


def edit(path: Path, **values: Any) -> None:
    """Changes top-level values of a JSON file; None takes one out."""
    whole = {**json.loads(path.read_text("utf-8")), **values}
    path.write_text(json.dumps({k: v for k, v in whole.items() if v is not None}, ensure_ascii=False), "utf-8")


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def listed(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "demo" / "manifest.json").read_text("utf-8"))
    return found


# --- what is written -------------------------------------------------------------------------------------------------


def test_each_record_becomes_a_document_for_each_template_of_its_form(folder: Path, tmp_path: Path) -> None:
    delivery = run(folder, tmp_path / "out")
    assert delivery.folder == tmp_path / "out" / "demo"
    assert set(delivery.written) == {
        "高校学生会组织深化改革评估备案表.docx",
        "校级组织工作人员名单.docx",
        "校级组织工作人员名单.xlsx",
        "校级学生代表大会召开情况.docx",
        f"{CANDIDATES}/01.docx",
        f"{CANDIDATES}/02.docx",
    }
    assert files(tmp_path / "out" / "demo").keys() == {*delivery.written, "manifest.json"}


def test_the_manifest_says_what_was_written_from_what(folder: Path, tmp_path: Path) -> None:
    run(folder, tmp_path / "out")
    whole = listed(tmp_path / "out")
    assert (whole["version"], whole["dossier"]) == (1, "demo")
    assert whole["as_of"] == {"date": "2020-12-04", "why": "备案日期"}
    dossier = folder / "dossier.json"
    assert whole["inputs"]["dossier.json"] == f"sha256:{hashlib.sha256(dossier.read_bytes()).hexdigest()}"
    assert "photos/01.jpg" in whole["inputs"]
    assert whole["waivers"] is None
    assert whole["findings"] == {"failed": {"error": 0, "warning": 0, "info": 0}, "unverified": [], "waived": []}
    assert [entry["path"] for entry in whole["files"]] == sorted(entry["path"] for entry in whole["files"])
    for entry in whole["files"]:
        data = (tmp_path / "out" / "demo" / entry["path"]).read_bytes()
        assert entry["sha256"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
        assert entry["size"] == len(data)
        assert entry["content_digest"] == opc.read(data, entry["path"]).content_digest
        assert entry["deflate"] == manifest.deflate()
        edition = forms.catalogue().edition(entry["form"], date(2020, 12, 4))
        template = edition.templates[Path(entry["path"]).suffix].read_bytes()
        assert entry["template_digest"] == f"sha256:{hashlib.sha256(template).hexdigest()}"
        assert entry["schema_digest"] == edition.schema_digest
        assert not entry["draft"]


def test_the_manifest_names_what_could_not_be_verified_and_what_is_waived_but_no_value(
    folder: Path, tmp_path: Path
) -> None:
    dossier = formgen.load(folder)
    kind = Kind("R90", "x", Text("题", "title"), Text("{name} 不对", "{name} is wrong"), Severity.WARNING)
    at = Address("staff_list", ("members", 0, "name"))
    found = [
        Finding(kind, at, {"name": "沈知远"}),
        Finding(kind, at, {"name": "沈知远"}, Outcome.UNVERIFIED),
        Finding(kind, at, {"name": "沈知远"}, waived="另有批文"),
    ]
    waivers = folder / "waivers.toml"
    waivers.write_text("")
    dossier = dataclasses.replace(dossier, waivers_file=waivers)
    formgen.generate(dossier, Report(tuple(found), (), dossier.as_of), tmp_path / "out")
    whole = listed(tmp_path / "out")
    assert whole["findings"] == {
        "failed": {"error": 0, "warning": 1, "info": 0},
        "unverified": [{"rule": "R90", "at": "staff_list:/members/0/name"}],
        "waived": [{"rule": "R90", "at": "staff_list:/members/0/name", "reason": "另有批文"}],
    }
    assert whole["waivers"] == f"sha256:{hashlib.sha256(b'').hexdigest()}"
    assert "沈知远" not in json.dumps(whole, ensure_ascii=False)


def test_the_bytes_are_the_same_whatever_the_number_of_workers(folder: Path, tmp_path: Path) -> None:
    trees = []
    for count in (1, 2, 8):
        run(folder, tmp_path / str(count), workers=count)
        trees.append(files(tmp_path / str(count)))
    assert trees[0] == trees[1] == trees[2]


def test_a_second_run_writes_nothing(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(folder, out)
    for path in (out, *out.rglob("*")):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    delivery = run(folder, out)
    assert delivery.written == ()
    assert len(delivery.unchanged) == 6
    assert {path.stat().st_mtime for path in (out, *out.rglob("*"))} == {1_000_000_000}


def test_only_what_changed_is_written_again(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(folder, out)
    edit(folder / "congress_report.json", place="另一个地点")
    delivery = run(folder, out)
    assert delivery.written == ("校级学生代表大会召开情况.docx",)
    assert len(delivery.unchanged) == 5


def test_a_value_that_no_document_prints_changes_only_the_manifest(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(folder, out)
    before = listed(out)
    edit(folder / "dossier.json", campuses=2)
    assert run(folder, out).written == ()
    assert listed(out)["inputs"] != before["inputs"]
    assert listed(out)["files"] == before["files"]


def test_a_file_packed_by_another_library_is_left_as_it_is(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(folder, out)
    path = out / "demo" / "校级学生代表大会召开情况.docx"
    parts = opc.read(path.read_bytes(), path.name).parts
    packed = opc.write([opc.Member(n, len(d), zlib.crc32(d), 0, d) for n, d in parts.items()])
    path.write_bytes(packed)
    whole = listed(out)
    for entry in whole["files"]:
        if entry["path"] == path.name:
            sha256 = f"sha256:{hashlib.sha256(packed).hexdigest()}"
            entry |= {"sha256": sha256, "size": len(packed), "deflate": {"library": "stored", "level": 0}}
    (out / "demo" / "manifest.json").write_text(json.dumps(whole), "utf-8")
    assert run(folder, out).written == ()
    assert path.read_bytes() == packed
    assert {"library": "stored", "level": 0} in [entry["deflate"] for entry in listed(out)["files"]]


# --- drafts ----------------------------------------------------------------------------------------------------------


def test_errors_stop_issuing_and_a_draft_is_written_all_the_same(folder: Path, tmp_path: Path) -> None:
    edit(folder / "dossier.json", organisation={"name": "青川示范学院"})
    with pytest.raises(NotIssuable) as told:
        run(folder, tmp_path / "out")
    assert told.value.exit_code == 1
    assert not (tmp_path / "out").exists()
    delivery = run(folder, tmp_path / "out", draft=True)
    assert "草稿-校级学生代表大会召开情况.docx" in delivery.written
    assert f"{CANDIDATES}/草稿-01.docx" in delivery.written
    assert all(entry["draft"] for entry in listed(tmp_path / "out")["files"])


def test_a_clean_run_removes_our_own_draft_without_force(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(folder, out, draft=True)
    delivery = run(folder, out)
    assert len(delivery.removed) == len(delivery.written) == 6
    assert not [path for path in files(out) if "草稿" in path]


def test_a_draft_run_leaves_clean_files_and_their_entries_alone(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(folder, out)
    clean, entries = files(out), listed(out)["files"]
    (out / "demo" / "高校学生会组织深化改革评估备案表.docx").write_bytes(b"edited")
    clean["demo/高校学生会组织深化改革评估备案表.docx"] = b"edited"
    edit(folder / "congress_report.json", place="另一个地点")
    delivery = run(folder, out, draft=True)
    assert delivery.removed == delivery.left == ()
    after = files(out)
    assert {path: data for path, data in after.items() if path in clean and path != "demo/manifest.json"} == {
        path: data for path, data in clean.items() if path != "demo/manifest.json"
    }
    assert [entry for entry in listed(out)["files"] if not entry["draft"]] == entries


def test_a_draft_that_somebody_has_edited_stays_and_is_named(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(folder, out, draft=True)
    draft = out / "demo" / "草稿-校级学生代表大会召开情况.docx"
    draft.write_bytes(b"edited")
    delivery = run(folder, out)
    assert delivery.left == (draft.name,)
    assert draft.read_bytes() == b"edited"
    assert draft.name not in [entry["path"] for entry in listed(out)["files"]]


def test_a_draft_leaves_out_what_is_not_there_or_no_object(folder: Path, tmp_path: Path) -> None:
    (folder / "congress_report.json").write_text("[1, 2]", "utf-8")
    edit(folder / "candidate_registration" / "01.json", photo="photos/nobody.jpg")
    edit(folder / "candidate_registration" / "02.json", photo=["photos/02.jpg"])
    delivery = run(folder, tmp_path / "out", draft=True)
    assert len(delivery.written) == 6


def test_a_draft_leaves_out_a_picture_that_is_none_and_a_clean_run_refuses_it(folder: Path, tmp_path: Path) -> None:
    (folder / "photos" / "01.jpg").write_bytes(b"\xff\xd8\xff no picture")
    dossier = formgen.load(folder)
    digest = f"sha256:{hashlib.sha256((folder / 'photos' / '01.jpg').read_bytes()).hexdigest()}"
    dossier = dataclasses.replace(dossier, inputs={**dossier.inputs, "photos/01.jpg": digest})
    nothing = Report((), (), dossier.as_of)
    assert len(formgen.generate(dossier, nothing, tmp_path / "draft", draft=True).written) == 6
    for count in (1, 2):
        with pytest.raises(PictureError) as told:
            formgen.generate(dossier, nothing, tmp_path / "out", workers=count)
        assert told.value.place == "photos/01.jpg"
        assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("contents", [b"another one", None])
def test_a_picture_that_changes_after_it_was_judged_is_refused(
    contents: bytes | None, folder: Path, tmp_path: Path
) -> None:
    dossier = formgen.load(folder)
    report = formgen.check(dossier)
    photo = folder / "photos" / "01.jpg"
    photo.unlink()
    if contents is not None:
        photo.write_bytes(contents)
    with pytest.raises(UsageError, match="changed after it was checked"):
        formgen.generate(dossier, report, tmp_path / "out")
    assert not (tmp_path / "out").exists()


# --- what is ours ----------------------------------------------------------------------------------------------------


def test_an_edited_file_is_refused_before_anything_is_written_and_force_replaces_it(
    folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    run(folder, out)
    edited = out / "demo" / "校级学生代表大会召开情况.docx"
    good = edited.read_bytes()
    edited.write_bytes(good + b" ")
    edit(folder / "assessment_filing.json", filled_by="另一人")
    before = files(out)
    with pytest.raises(UsageError, match=edited.stem) as told:
        run(folder, out)
    assert told.value.remedy is not None
    assert "--force" in told.value.remedy.zh
    assert files(out) == before
    run(folder, out, force=True)
    assert edited.read_bytes() == good


def test_a_file_that_was_there_before_formgen_is_refused(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "demo").mkdir(parents=True)
    (out / "demo" / "校级组织工作人员名单.xlsx").write_bytes(b"somebody's")
    with pytest.raises(UsageError, match=r"校级组织工作人员名单\.xlsx"):
        run(folder, out)
    assert files(out) == {"demo/校级组织工作人员名单.xlsx": b"somebody's"}


def test_other_files_in_the_folder_are_never_touched(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "demo" / CANDIDATES).mkdir(parents=True)
    (out / "demo" / CANDIDATES / "notes.txt").write_bytes(b"mine")
    run(folder, out)
    shutil.rmtree(folder / "candidate_registration")
    assert run(folder, out).removed == (f"{CANDIDATES}/01.docx", f"{CANDIDATES}/02.docx")
    assert (out / "demo" / CANDIDATES / "notes.txt").read_bytes() == b"mine"


def test_documents_of_records_that_are_gone_go_with_their_folder(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(folder, out)
    shutil.rmtree(folder / "candidate_registration")
    run(folder, out)
    assert not (out / "demo" / CANDIDATES).exists()
    assert len(listed(out)["files"]) == 4


def test_a_document_that_somebody_deleted_is_written_again(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(folder, out)
    (out / "demo" / "校级组织工作人员名单.xlsx").unlink()
    assert run(folder, out).written == ("校级组织工作人员名单.xlsx",)


@pytest.mark.parametrize("force", [False, True])
def test_a_folder_with_the_name_of_a_document_is_refused(force: bool, folder: Path, tmp_path: Path) -> None:
    place = tmp_path / "out" / "demo" / "校级组织工作人员名单.xlsx"
    place.mkdir(parents=True)
    with pytest.raises(UsageError, match="a folder has the name"):
        run(folder, tmp_path / "out", force=force)
    assert files(tmp_path / "out") == {}


def test_a_link_that_leads_outside_is_not_followed(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "out" / "demo").mkdir(parents=True)
    (tmp_path / "out" / "demo" / CANDIDATES).symlink_to(elsewhere)
    with pytest.raises(UsageError, match="outside the output folder"):
        run(folder, tmp_path / "out")
    assert list(elsewhere.iterdir()) == []
    assert files(tmp_path / "out") == {}


@pytest.mark.parametrize(
    "contents",
    [
        "no JSON",
        "[]",
        '{"version": 2, "files": []}',
        '{"version": 1, "files": [{"path": "a.docx"}]}',
        '{"version": 1, "files": [{"path": 1, "sha256": "x"}]}',
        '{"version": 1, "files": [{"path": "../a.docx", "sha256": "x"}]}',
        '{"version": 1, "files": [{"path": "/a.docx", "sha256": "x"}]}',
        '{"version": 1, "files": [{"path": "a.docx", "sha256": "x"}]}',
    ],
)
def test_a_manifest_that_we_did_not_write_is_refused(contents: str, folder: Path, tmp_path: Path) -> None:
    place = tmp_path / "out" / "demo" / "manifest.json"
    place.parent.mkdir(parents=True)
    place.write_text(contents, "utf-8")
    with pytest.raises(UsageError, match="not written by this version") as told:
        run(folder, tmp_path / "out")
    assert told.value.place == str(place)
    run(folder, tmp_path / "out", force=True)
    assert listed(tmp_path / "out")["version"] == 1


def test_a_document_whose_name_changes_only_in_case_is_kept_where_case_does_not_count(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    (folder / "candidate_registration" / "01.json").rename(folder / "candidate_registration" / "a.json")
    run(folder, out)
    (folder / "candidate_registration" / "a.json").rename(folder / "candidate_registration" / "A.json")
    # A link stands for what such a system does: both spellings lead to one file, before and after it is replaced.
    lower, upper = out / "demo" / CANDIDATES / "a.docx", out / "demo" / CANDIDATES / "A.docx"
    upper.hardlink_to(lower)
    replace = disk.replace

    def replace_both(source: Path, target: Path | str) -> None:
        replace(source, target)
        if Path(target) == upper:
            lower.unlink()
            lower.hardlink_to(upper)

    monkeypatch.setattr(disk, "replace", replace_both)
    run(folder, out)
    assert upper.is_file()
    assert lower.is_file()
    paths = [entry["path"] for entry in listed(out)["files"]]
    assert f"{CANDIDATES}/A.docx" in paths
    assert f"{CANDIDATES}/a.docx" not in paths


def test_where_case_counts_the_document_of_the_old_spelling_goes(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    if (folder / "DOSSIER.JSON").exists():
        pytest.skip("here case does not count")
    (folder / "candidate_registration" / "01.json").rename(folder / "candidate_registration" / "a.json")
    run(folder, out)
    (folder / "candidate_registration" / "a.json").rename(folder / "candidate_registration" / "A.json")
    delivery = run(folder, out)
    assert (delivery.written, delivery.removed) == ((f"{CANDIDATES}/A.docx",), (f"{CANDIDATES}/a.docx",))


# --- the plan --------------------------------------------------------------------------------------------------------


def imagined(**records: tuple[Record, ...]) -> Dossier:
    origins = CellOrigins(Origin("x.json"))
    kept = {form: Records(each) for form, each in records.items()}
    return Dossier(Path("x"), "x", {}, origins, kept, date(2020, 12, 4), "", (), {})


def test_two_records_with_the_same_file_name_are_refused(tmp_path: Path) -> None:
    origins = CellOrigins(Origin("x.json"))
    found = tuple(Record("candidate_registration", {}, origins, id) for id in ("a?", "A_"))
    with pytest.raises(UsageError, match=r"'candidate_registration/a\?' and 'candidate_registration/A_'"):
        plan.plan(imagined(candidate_registration=found), tmp_path)


def test_two_forms_with_the_same_title_are_refused(tmp_path: Path) -> None:
    origins = CellOrigins(Origin("x.json"))
    edition = forms.catalogue()["staff_list"][0]
    same = forms.Forms({key: (dataclasses.replace(edition, key=key),) for key in ("one", "two")})
    dossier = imagined(**{key: (Record(key, {}, origins),) for key in same})
    with pytest.raises(UsageError, match="'one' and 'two'"):
        plan.plan(dossier, tmp_path, forms=same)


def test_a_later_edition_is_named_by_its_first_day(folder: Path, tmp_path: Path) -> None:
    edition = dataclasses.replace(forms.catalogue()["congress_report"][0], since=date(2020, 1, 1))
    later = forms.Forms({**forms.catalogue(), "congress_report": (edition,)})
    dossier = formgen.load(folder)
    carrying.carry_out(plan.plan(dossier, tmp_path / "out", forms=later), formgen.check(dossier))
    days = {entry["form"]: entry["since"] for entry in listed(tmp_path / "out")["files"]}
    assert days["congress_report"] == "2020-01-01"
    assert days["staff_list"] is None


@pytest.mark.parametrize("count", [1, 2])
def test_a_template_that_does_not_match_stops_everything(count: int, folder: Path, tmp_path: Path) -> None:
    right = forms.catalogue()
    swapped = dataclasses.replace(right["staff_list"][0], templates=right["congress_report"][0].templates)
    broken = forms.Forms({**right, "staff_list": (swapped,)})
    dossier = formgen.load(folder)
    report = formgen.check(dossier)
    with workers.processes(count) as crew, pytest.raises(TemplateError, match="does not match its form"):
        carrying.carry_out(plan.plan(dossier, tmp_path / "out", forms=broken), report, workers=crew)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("out", [".", "outputs", "photos/x"])
def test_nothing_is_written_into_a_dossier(out: str, folder: Path) -> None:
    before = files(folder)
    with pytest.raises(UsageError, match="inside the dossier 'demo'"):
        run(folder, folder / out)
    assert files(folder) == before


def test_an_output_folder_that_would_be_the_dossier_itself_is_refused(folder: Path) -> None:
    with pytest.raises(UsageError, match="inside the dossier"):
        run(folder, folder.parent)


def test_a_worker_that_dies_is_told(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(Executor):
        def __init__(self, *_: object, **__: object) -> None:
            pass

        def submit(self, *_: object, **__: object) -> Any:
            raise BrokenProcessPool("killed")

    monkeypatch.setattr(workers, "ProcessPoolExecutor", Broken)
    with pytest.raises(FormgenError, match="worker process ended") as told:
        run(folder, tmp_path / "out", workers=2)
    assert told.value.exit_code == 3
    assert not (tmp_path / "out").exists()


def test_a_worker_renders_and_refuses_like_the_process_itself(folder: Path, tmp_path: Path) -> None:
    edition = forms.catalogue()["congress_report"][0]
    key = ("congress_report", ".docx")
    source = work.Source(edition.templates[".docx"].read_bytes(), "congress_report.docx", edition, draft=False)
    renderer = pickle.dumps(work.Renderer({key: source}, folder, {}))
    task = work.Task(key, {"place": "会堂"}, {}, str(tmp_path / "0.docx"), None)
    (done,) = work.render(work.Chunk(renderer, (task,)))
    assert done.sha256 == disk.digest(tmp_path / "0.docx")
    with pytest.raises(UsageError) as refused:
        work.render(work.Chunk(renderer, (task._replace(pictures={"photos/none.jpg": "sha256:0"}),)))
    again = pickle.loads(pickle.dumps(refused.value))  # noqa: S301
    assert (type(again), again.place) == (UsageError, str(folder / "photos" / "none.jpg"))
    assert again.sentence("zh") == refused.value.sentence("zh")


def test_a_worker_leaves_interrupts_to_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    handlers: list[object] = []
    monkeypatch.setattr(signal, "signal", lambda *arguments: handlers.append(arguments))
    workers._begin()
    assert handlers == [(signal.SIGINT, signal.SIG_IGN), (signal.SIGTERM, signal.SIG_DFL)]


def test_a_worker_keeps_only_so_many_renderers(folder: Path) -> None:
    for number in range(work._KEPT + 2):
        work.render(work.Chunk(pickle.dumps(work.Renderer({}, folder, number)), ()))
    assert len(work._renderers) == work._KEPT


# --- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stem", "suffix", "name"),
    [
        ("张三", ".docx", "张三.docx"),
        ('a<b>c:d"e/f\\g|h?i*j', ".docx", "a_b_c_d_e_f_g_h_i_j.docx"),
        ("a\x00b\x1fc", "", "a_b_c"),
        ("名\u202e称", "", "名_称"),
        ("CON", ".docx", "_CON.docx"),
        ("con.2020", ".docx", "_con.2020.docx"),
        ("com¹", "", "_com¹"),
        ("console", ".docx", "console.docx"),
        ("name. .", "", "name"),
        ("name ", ".docx", "name.docx"),
        ("  name", "", "name"),
        ("", "", "_"),
        ("..", "", "_"),
        ("", ".docx", "_.docx"),
        ("e\u0301", "", "\u00e9"),
    ],
)
def test_names_are_safe_on_every_system(stem: str, suffix: str, name: str) -> None:
    assert names.safe(stem, suffix) == name


def test_a_long_name_is_cut_between_characters() -> None:
    name = names.safe("长" * 100, ".docx")
    assert name == "长" * 65 + ".docx"
    assert len(name.encode()) <= names.MAX_BYTES


def test_names_that_some_system_takes_for_the_same_fold_together() -> None:
    assert names.folded("A/É.docx") == names.folded("a/e\u0301.docx")
    assert names.folded("a") != names.folded("b")


def test_the_deflate_of_the_manifest_is_that_of_the_package_writer() -> None:
    written = {"library": packing.LIBRARY, "version": packing.LIBRARY_VERSION, "level": packing.LEVEL}
    assert manifest.deflate() == written


# --- many documents --------------------------------------------------------------------------------------------------


def test_a_manifest_of_many_documents_is_never_held_as_one_text() -> None:
    entry = manifest.Entry("", "f", "1", None, "s", "t", "c", "sha256:0", 1, {}, draft=False)
    files = [entry._replace(path=f"{number:06}.docx") for number in range(3000)]
    half = {file.path: file for file in reversed(files[::2])}
    chunks = list(manifest.journal(half, list(reversed(files[1::2]))))
    assert max(map(len, chunks)) < len(b"".join(chunks)) // 10
    assert [file["path"] for file in json.loads(b"".join(chunks))["files"]] == [file.path for file in files]


def test_a_manifest_is_read_line_by_line_and_however_it_is_laid_out(tmp_path: Path) -> None:
    place = tmp_path / "manifest.json"
    entry = manifest.Entry("", "f", "1", None, "s", "t", "c", "sha256:0", 1, {"level": 2}, draft=False)
    files = [entry._replace(path=f"{number}.docx", since="2020-12-04" if number else None) for number in range(3)]
    extra = manifest.Extra("a.pdf", "pdf", "sha256:1", "sha256:2", 3, draft=True)
    written = b"".join(manifest.journal({file.path: file for file in files}, [extra]))
    laid_out = [written, json.dumps(json.loads(written), indent=2).encode(), json.dumps(json.loads(written)).encode()]
    for text in (*laid_out, written.replace(b"\n", b"\r\n")):
        place.write_bytes(text)
        assert list(manifest.read(place)) == [*files, extra]
    assert len({id(file.deflate) for file in list(manifest.read(place))[:3]}) == 1
    for end in range(1, len(written) - 2, 7):
        place.write_bytes(written[:end])
        with pytest.raises(UsageError, match="not written by this version"):
            list(manifest.read(place))


@pytest.mark.parametrize("content", [b"", b"a", b"abcd", b"abce", b"abcde"])
def test_a_file_holds_what_it_holds_and_neither_more_nor_less(content: bytes, tmp_path: Path) -> None:
    place = tmp_path / "file"
    assert not disk.holds(place, [content])
    place.write_bytes(b"abcd")
    assert disk.holds(place, [content[:3], content[3:]]) == (content == b"abcd")
