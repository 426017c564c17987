"""Records that lie on the disk are what they would be in memory, and so is all that is made of them."""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from calling import Command
from formgen import dossier, records, spilling
from formgen.forms import catalogue
from formgen.record import CellOrigins, Origin, Record
from formgen.records import Records
from formgen.rules import subject

DEMO = Path(__file__).parent.parent / "inputs" / "demo-2020"
_IDS = st.lists(st.sampled_from(["01", "02", "10", "2", "甲", "乙"]), max_size=9)


def made(ids: Sequence[str], file: str = "a.json") -> list[Record]:
    return [
        Record("form", {"name": id_, "place": place}, CellOrigins(Origin(file, line=place)), id_)
        for place, id_ in enumerate(ids)
    ]


def told(found: Sequence[Record]) -> list[tuple[Any, ...]]:
    return [(each.form, each.values, each.id, str(each.origins.find(()))) for each in found]


@pytest.fixture(name="keep")
def fixture_keep(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Lets so many of everything stay in memory."""

    def keep(count: int) -> None:
        monkeypatch.setattr(records, "KEPT", count)
        monkeypatch.setattr(spilling, "KEPT", count)
        monkeypatch.setattr(subject, "_PART", max(1, count))

    return keep


@given(st.integers(0, 4), _IDS, st.slices(9))
def test_records_are_a_sequence(kept: int, ids: list[str], some: slice) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "KEPT", kept)
        found = Records(made(ids))
    assert told(found) == told(made(ids))
    assert told(found[some]) == told(made(ids)[some])
    assert [told([found[index]]) for index in range(-len(ids), len(ids))] == [told([one]) for one in made(ids)] * 2
    in_order = sorted(made(ids), key=lambda record: record.id or "")
    assert told(found.by_id()) == told(in_order)
    assert told(found.by_id()[some]) == told(in_order[some])
    assert told(found.by_id().by_id()) == told(in_order)
    for id_ in {*ids, "none"}:
        first = next((each for each in made(ids) if each.id == id_), None)
        asked = found.find(id_)
        assert told([asked] if asked else []) == told([first] if first else [])


@given(st.integers(0, 4), _IDS)
def test_changed_records_come_from_where_they_came(kept: int, ids: list[str]) -> None:
    def change(record: Record) -> Any:
        place = record.values["place"]
        return record.values if place % 3 == 0 else {**record.values, "place": -place, "photo": "x"}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "KEPT", kept)
        found = Records(made(ids)).by_id().changed(change)
    assert told(found) == told([replace(each, values=change(each)) for each in Records(made(ids)).by_id()])


@given(st.integers(0, 4), st.lists(st.tuples(st.booleans(), _IDS), max_size=4))
def test_the_records_of_several_files_keep_their_origins(kept: int, files: list[tuple[bool, list[str]]]) -> None:
    def origin(file: str, index: int, values: Any) -> CellOrigins:
        assert values == {"name": values["name"], "place": index}
        return CellOrigins(Origin(file, line=index))

    expected: list[tuple[Any, ...]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "KEPT", kept)
        found = Records()
        for number, (is_table, ids) in enumerate(files):
            one = made(ids, f"{number}.xlsx")
            found = found.joined(Records(one, origins=partial(origin, f"{number}.xlsx")) if is_table else one)
            expected += told(one)
    assert told(found) == expected


def test_records_that_differ_are_not_equal() -> None:
    assert Records(made(["01", "02"])) == made(["01", "02"])
    assert Records(made(["01", "02"])) != made(["01"])
    assert Records(made(["01"])) != made(["02"])
    assert Records() != 0


def table(folder: Path, photo: Callable[[int], str | None]) -> None:
    """The demo's dossier with a list of twelve candidates in place of their forms."""
    shutil.copytree(DEMO, folder)
    models = [json.loads(path.read_text("utf-8")) for path in sorted((folder / "candidate_registration").iterdir())]
    shutil.rmtree(folder / "candidate_registration")
    fields = catalogue()["candidate_registration"][0].schema["properties"]
    columns = [key for key in fields if key not in ("opinions", "experience", "class_rank")]
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.append(["候选人名单"])
    sheet.merge_cells("A1:D1")
    sheet.append(["序号", *(fields[key]["title"] for key in columns), "班级排名"])
    for number in range(12, 0, -1):
        values = {**models[number % len(models)], "name": f"某{number}", "student_number": f"2018{number:06}"}
        shutil.copy(DEMO / "photos" / "03.jpg", folder / "photos" / f"某{number}.jpg")
        values["photo"] = photo(number)
        if number == 7:
            values["political_status"] = "党员"
            values["gender"] = "x"
        cells = [{True: "有", False: "无"}.get(values.get(key), values.get(key)) for key in columns]
        sheet.append([number, *cells, f"{number}/45"])
    workbook.save(folder / "candidate_registration.xlsx")


@pytest.mark.parametrize("kept", [0, 1, 5])
@pytest.mark.parametrize(
    "photo", [lambda number: None, lambda number: f"某{number}.jpg", lambda number: f"photos/某{number}.jpg"]
)
def test_what_is_found_and_written_is_the_same(
    kept: int, photo: Callable[[int], str | None], command: Command, tmp_path: Path, keep: Callable[[int], None]
) -> None:
    folder = tmp_path / "demo"
    table(folder, photo)
    told_before = command("validate", folder, "--format", "json")
    drafts = command("generate", folder, "-o", tmp_path / "a", "--draft")
    found = dossier.load(folder)
    seen = [
        (each.values, {key: str(each.origins.find((key,))) for key in each.values})
        for form in found.records.values()
        for each in form
    ]
    keep(kept)
    assert command("validate", folder, "--format", "json") == told_before
    assert command("generate", folder, "-o", tmp_path / "b", "--draft").code == drafts.code
    assert tree(tmp_path / "a") == tree(tmp_path / "b")
    again = dossier.load(folder)
    assert seen == [
        (each.values, {key: str(each.origins.find((key,))) for key in each.values})
        for form in again.records.values()
        for each in form
    ]
    assert dict(again.inputs) == dict(found.inputs)


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("options", [(), ("--redact",), ("--lang", "en")])
def test_reports_of_a_folder_of_records_are_the_same(
    options: tuple[str, ...], command: Command, keep: Callable[[int], None]
) -> None:
    before = [command("validate", DEMO, "--format", format_, *options) for format_ in ("text", "json", "sarif", "html")]
    keep(0)
    assert before == [
        command("validate", DEMO, "--format", format_, *options) for format_ in ("text", "json", "sarif", "html")
    ]
