"""What is known of documents goes on on the disk when there are many: nothing else about a run may change by that."""

import copy
import hashlib
import json
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import formgen
from calling import Command
from formgen import spilling
from formgen.delivery import bundles, disk, looking, manifest, plan, rendering
from formgen.delivery.delivered import Delivery, Paths
from formgen.delivery.plan import Job
from formgen.errors import UsageError
from formgen.forms import catalogue
from formgen.records import Records
from formgen.spilling import SpillList, arranged, in_order
from killing import change, small_dossier, tree

CANDIDATES = "学生会主席团选举候选人登记表"
MEMORY = spilling.KEPT
Told = list[tuple[object, ...]]


@pytest.fixture
def on_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is kept in memory, and little is read at a time."""
    monkeypatch.setattr(spilling, "KEPT", 0)
    monkeypatch.setattr(spilling, "_PAGE", 2)


def life(parent: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> Told:
    """What lies in the folder and what has been said, after each step of a dossier's life."""
    folder, out = small_dossier(parent), parent / "out"
    told: Told = []

    def step(*options: str) -> None:
        answer = command("generate", folder, "-o", out, *options)
        said = (text.replace(str(parent), "") for text in (answer.out, answer.err))
        told.append((answer.code, *said, tree(out)))

    step("--bundle", "print", "--bundle", "zip")
    step("--bundle", "print", "--bundle", "zip")
    step("--draft", "--bundle", "zip")
    step()
    change(folder)
    with monkeypatch.context() as patch:
        patch.setattr(disk, "sync", _die)
        patch.setattr(disk, "clear", lambda _folder: None)
        step("--bundle", "zip")
    step("--dry-run", "--format", "json")
    step("--bundle", "print")
    (out / "demo" / CANDIDATES / "04.docx").write_bytes(b"edited")
    step()
    (folder / "candidate_registration" / "04.json").unlink()
    step("--lang", "en")
    step("--name", "{name}/{serial}")
    step("--name", "{level}")
    (out / "demo" / CANDIDATES / "03.docx").write_bytes(b"somebody's")
    (out / "demo" / "manifest.json").write_bytes(b"{")
    step()
    step("--force")
    (folder / "candidate_registration" / "02.json").write_text("{", "utf-8")
    step("--redact")
    (folder / "congress_report.json").unlink()
    step("--format", "html")
    return told


def _die(_paths: object) -> None:
    raise KeyboardInterrupt


@pytest.fixture(scope="module")
def lives() -> dict[int, Told]:
    """How a life goes, by how much is kept in memory; each is lived once."""
    return {}


@pytest.mark.parametrize("kept", [1, 3])
def test_a_run_is_the_same_when_what_it_knows_lies_on_the_disk(
    kept: int, lives: dict[int, Told], command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundles, "VOLUME", 1)
    monkeypatch.setattr(rendering, "_CHUNK", 2)
    for most in (MEMORY, kept):
        if most not in lives:
            monkeypatch.setattr(spilling, "KEPT", most)
            (tmp_path / str(most)).mkdir()
            lives[most] = life(tmp_path / str(most), command, monkeypatch)
    assert [ended[0] for ended in lives[kept]] == [0, 0, 0, 0, 130, 1, 1, 2, 1, 1, 2, 2, 1, 1, 1]
    for number, (here, there) in enumerate(zip(lives[kept], lives[MEMORY], strict=True)):
        assert here == there, f"step {number}"


# --- plans -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ("a.DOCX", "'x/1' and 'x/9' would be written to the same file a.DOCX"),
        ("A.docx/b.docx", "the file a.docx of 'x/1' has the name of the folder of 'x/9'"),
        ("A.docx/b/c.docx", "the file a.docx of 'x/1' has the name of the folder of 'x/9'"),
    ],
)
@pytest.mark.usefixtures("on_the_disk")
def test_names_that_two_documents_may_not_share_are_found_on_the_disk(second: str, said: str, tmp_path: Path) -> None:
    others = [Job("x", str(number), ".docx", f"{number}/b.docx") for number in range(2, 9)]
    jobs = [Job("x", "1", ".docx", "a.docx"), *others]
    plan._refuse_collisions(jobs, tmp_path)
    with pytest.raises(UsageError, match=said):
        plan._refuse_collisions(SpillList([*jobs, Job("x", "9", ".docx", second)]), tmp_path)


def test_of_two_records_with_the_same_id_each_is_printed(tmp_path: Path) -> None:
    dossier = formgen.load(small_dossier(tmp_path))
    one, two, three = dossier.records["candidate_registration"]
    records = (one, replace(two, id="01"), three)
    dossier = replace(dossier, records={"candidate_registration": Records(records)})
    jobs = plan.Jobs(Job("candidate_registration", each.id, ".docx", f"{n}.docx") for n, each in enumerate(records))
    planned = plan.Plan(dossier, tmp_path / "out", draft=False, jobs=jobs, forms=catalogue())
    tasks = rendering.tasks(planned, rendering.renderer(planned), jobs)
    assert [task.values["name"] for task in tasks] == [record.values["name"] for record in records]


# --- what lies there -------------------------------------------------------------------------------------------------


def entry(path: str, content: bytes) -> manifest.Entry:
    sha256 = f"sha256:{hashlib.sha256(content).hexdigest()}"
    return manifest.Entry(path, "f", "1", None, "s", "t", "c", sha256, 1, {}, draft=False)


def listed(place: Path, *files: manifest.Entry) -> None:
    place.write_bytes(b"".join(manifest.journal({}, files)))


@pytest.mark.usefixtures("on_the_disk")
def test_a_file_is_ours_that_is_as_the_manifest_or_a_journal_says(tmp_path: Path) -> None:
    for name in ("as listed", "as noted", "edited", "as listed later", "twice"):
        (tmp_path / name).write_bytes(name.encode())
    old = [entry(name, b"old") for name in ("as noted", "edited", "gone", "twice")]
    listed(tmp_path / manifest.NAME, entry("as listed", b"as listed"), *old)
    later = [entry(name, name.encode()) for name in ("as noted", "as listed later", "twice", "as listed")]
    listed(tmp_path / manifest.JOURNAL, *later, entry("edited", b"older"), entry("twice", b"older"))
    found = looking.look(tmp_path, force=False)
    lying = {each.known.path: (each.is_ours, each.listed) for each in found}
    assert lying == {
        "as listed": (True, True), "as noted": (True, False), "edited": (False, True), "twice": (True, False),
        "as listed later": (True, False),
    }  # fmt: skip
    assert list(lying) == ["as listed", "as noted", "edited", "twice", "as listed later"]
    assert found.document("twice") == entry("twice", b"twice")
    assert (found.document("edited"), found.ours("gone")) == (None, None)


def test_of_a_manifest_that_cannot_be_read_nothing_is_believed_even_by_force(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a")
    listed(tmp_path / manifest.NAME, entry("a", b"a"))
    assert len(list(looking.look(tmp_path, force=True))) == 1
    with (tmp_path / manifest.NAME).open("ab") as stream:
        stream.write(b"}")
    assert list(looking.look(tmp_path, force=True)) == []
    with pytest.raises(UsageError, match="not written by this version"):
        looking.look(tmp_path, force=False)


@pytest.mark.parametrize("value", [[1], {"a": 1}, {"deflate": {"a": [1]}}])
def test_an_entry_holds_nothing_that_is_nested(value: Any, tmp_path: Path) -> None:
    wrong = value if isinstance(value, dict) and "deflate" in value else {"record": value}
    whole = {"version": 1, "files": [{**entry("a", b"a")._asdict(), **wrong}]}
    (tmp_path / manifest.NAME).write_text(json.dumps(whole), "utf-8")
    with pytest.raises(UsageError, match="not written by this version"):
        list(manifest.read(tmp_path / manifest.NAME))


def test_lines_that_are_only_looked_at_must_be_sound_too(tmp_path: Path) -> None:
    text = (
        '{\n  "version": 1,\n  "inputs": {\n    "a": "b"\n  },\n  "withheld": [\n    {"c": "d"}\n  ],\n'
        '  "files": []\n}\n'
    )
    place = tmp_path / manifest.NAME
    place.write_text(text, "utf-8")
    assert list(manifest.read(place)) == []
    for sound in ('"b"', '"d"', '"a": "b"'):
        place.write_text(text.replace(sound, sound[:-1]), "utf-8")
        with pytest.raises(UsageError, match="not written by this version"):
            list(manifest.read(place))


def test_files_in_the_way_are_named_but_not_all_of_many(tmp_path: Path) -> None:
    paths = [f"{number:02}.docx" for number in range(30)]
    for path in paths:
        (tmp_path / path).write_bytes(b"")
    found = looking.look(tmp_path, force=False)
    looking.refuse_taken(tmp_path, (), found)
    with pytest.raises(UsageError, match=r"19\.docx\n"):
        looking.refuse_taken(tmp_path, paths[:20], found)
    with pytest.raises(UsageError, match=r"19\.docx…\n"):
        looking.refuse_taken(tmp_path, paths, found)


@pytest.mark.usefixtures("on_the_disk")
def test_folders_that_are_made_for_nothing_go_the_deepest_first(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = small_dossier(tmp_path)
    monkeypatch.setattr(disk, "sync", _fail)
    code, _, _ = command("generate", folder, "-o", tmp_path / "a" / "out", "--name", "{college}/{name}/{serial}")
    assert (code, (tmp_path / "a").exists()) == (3, False)


def _fail(_paths: object) -> None:
    raise OSError(28, "full")


def test_folders_are_asked_after_again_when_there_are_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "_FOLDERS", 2)
    paths = [f"{number}/a" for number in (1, 2, 3, 1, 2, 3)]
    for path in paths[:2]:
        (tmp_path / path).parent.mkdir()
        (tmp_path / path).write_bytes(b"")
    assert list(looking._there(tmp_path, paths)) == ["1/a", "2/a", "1/a", "2/a"]


# --- what is told ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kept", [0, 9])
def test_paths_are_what_a_tuple_of_them_is(kept: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spilling, "KEPT", kept)
    paths = Paths(["a", "b"])
    assert paths == ("a", "b")
    assert paths == Paths(["a", "b"])
    assert (paths != ("a",), paths != ("a", "c"), paths != "ab", paths != 2) == (True, True, True, True)
    assert (hash(paths), repr(paths)) == (hash(("a", "b")), "('a', 'b')")
    assert copy.deepcopy(paths) == paths
    assert pickle.loads(pickle.dumps(paths)) == paths  # noqa: S301
    delivery, plain = Delivery(Path("out"), paths, Paths(), (), ()), Delivery(Path("out"), ("a", "b"), (), (), ())
    for one, other in ((delivery, plain), (plain, delivery)):
        assert one == other
    assert hash(delivery) == hash(plain)


@pytest.mark.parametrize("kept", [0, 2, 9])
def test_texts_are_arranged_as_they_are_sorted(kept: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spilling, "KEPT", kept)
    texts = ["乙", "甲", "a", "乙", "", "ab", "a"]
    assert list(arranged(iter(texts))) == sorted(texts)
    entries = {text: number for number, text in enumerate(texts)}
    assert list(in_order(entries)) == list(in_order(spilling.SpillDict(entries.items()))) == sorted(entries.items())
