"""Are forms, editions and templates found by key and date, and schemas put together right?"""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from formgen import forms, resources
from formgen.errors import UsageError
from formgen.forms import Edition, Forms, catalogue, digest_of, dossier_schema, field_schema, read_schema


def test_the_forms_that_ship_are_found_with_their_templates() -> None:
    found = catalogue()
    drawn = {key: editions[0] for key, editions in found.items() if editions[0].schema.get("x-kind") != "input"}
    assert {"assessment_filing", "candidate_registration", "congress_report", "staff_list"} <= set(drawn)
    for key, edition in drawn.items():
        assert edition.key == key
        assert edition.since == date.min
        assert edition.templates
    assert set(drawn["staff_list"].templates) == {".docx", ".xlsx"}
    for edition in (edition for editions in found.values() for edition in editions):
        assert edition.schema_digest == digest_of(edition.schema)
        assert "$ref" not in json.dumps(edition.schema)
    assert all(not found[key][0].templates for key in set(found) - set(drawn))
    assert found["candidate_registration"][0].many
    assert not found["staff_list"][0].many
    assert found["staff_list"][0].title == "校级组织工作人员名单"


def _edition(since: date) -> Edition:
    return Edition("x", since, {"title": "表"}, "sha256:0", {})


@pytest.mark.parametrize(
    ("on", "index"),
    [
        (date(2019, 1, 1), 0),
        (date(2020, 9, 1), 0),
        (date(2022, 12, 31), 0),
        (date(2023, 1, 1), 1),
        (date(2030, 1, 1), 1),
    ],
)
def test_the_edition_in_force_on_a_day_is_found(on: date, index: int) -> None:
    editions = (_edition(date(2020, 1, 1)), _edition(date(2023, 1, 1)))
    assert Forms({"x": editions}).edition("x", on) is editions[index]


def test_an_unknown_form_is_an_error_that_names_those_there_are() -> None:
    with pytest.raises(UsageError) as caught:
        catalogue().edition("staf_list", date(2020, 1, 1))
    assert "staf_list" in caught.value.sentence("zh")
    assert "staff_list" in caught.value.sentence("en")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package folder of our own, as a wheel has it."""
    for name in ("schemas", "templates"):
        (tmp_path / "data" / name).mkdir(parents=True)
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path)
    forms._read.cache_clear()
    catalogue.cache_clear()
    return tmp_path / "data"


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    forms._read.cache_clear()
    catalogue.cache_clear()


def _write(folder: Path, name: str, schema: object) -> None:
    (folder / "schemas" / f"{name}.schema.json").write_text(json.dumps(schema), "utf-8")


def test_later_editions_have_their_first_day_in_their_name(folder: Path) -> None:
    for stem in ("a", "a.2023-01-01", "a.2021-01-01", "b", "_common", "~$a", "B"):
        _write(folder, stem, {"title": stem})
    (folder / "templates" / "a.2023-01-01.docx").write_bytes(b"")
    (folder / "templates" / "a.xlsx").mkdir()
    found = catalogue()
    assert list(found) == ["a", "b"]
    assert [edition.since for edition in found["a"]] == [date.min, date(2021, 1, 1), date(2023, 1, 1)]
    assert [edition.title for edition in found["a"]] == ["a", "a.2021-01-01", "a.2023-01-01"]
    assert [list(edition.templates) for edition in found["a"]] == [[], [], [".docx"]]


def test_references_are_put_in_place_and_what_stands_beside_them_wins(folder: Path) -> None:
    _write(
        folder,
        "_common",
        {"$defs": {"line": {"type": "string", "title": "行"}, "two": {"$ref": "#/$defs/line", "minLength": 2}}},
    )
    _write(
        folder,
        "a",
        {
            "properties": {
                "own": {"$ref": "#/$defs/pair"},
                "far": {"$ref": "_common.schema.json#/$defs/two", "title": "远"},
            },
            "required": ["own", {"$ref": "#/$defs/pair"}],
            "$defs": {"pair": {"items": {"$ref": "_common.schema.json#/$defs/line"}}},
        },
    )
    line = {"type": "string", "title": "行"}
    assert read_schema("a.schema.json") == {
        "properties": {"own": {"items": line}, "far": {**line, "minLength": 2, "title": "远"}},
        "required": ["own", {"items": line}],
    }


def test_the_digest_is_that_of_the_content_not_of_the_order() -> None:
    assert digest_of({"a": 1, "b": "名"}) == digest_of({"b": "名", "a": 1})
    assert digest_of({"a": 1}) != digest_of({"a": 2})
    assert digest_of({}) == "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


def test_fields_are_found_by_path() -> None:
    schema = catalogue()["staff_list"][0].printable
    assert field_schema(schema, ("members", "[]", "grade"))["x-typeset"] == "grade"  # type: ignore[index]
    assert field_schema(schema, ("dossier", "organisation", "name"))["title"] == "学校名称"  # type: ignore[index]
    assert field_schema(dossier_schema(), ("enrolment", "by_college", "任何学院"))["type"] == "integer"  # type: ignore[index]
    for keys in (("members", "grade"), ("members", "[]", "[]"), ("x",), ("x", "y"), ("members", "[]", "name", "x")):
        assert field_schema(schema, keys) is None
    assert field_schema(schema, ()) is schema


def test_folders_are_those_of_the_checkout_where_none_are_packed() -> None:
    root = Path(__file__).parents[1]
    assert [resources.folder(name) for name in ("schemas", "templates")] == [root / "schemas", root / "templates"]


def test_folders_are_those_of_the_package_where_they_are_packed(folder: Path) -> None:
    assert resources.folder("schemas") == folder / "schemas"
