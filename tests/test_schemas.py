"""The schemas themselves: every one keeps to our small dialect, and every reference leads somewhere."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from formgen import forms, resources

FILES = sorted(resources.folder("schemas").glob("*.schema.json"))
DOCUMENTS = {path.name: json.loads(path.read_text("utf-8")) for path in FILES}
DIALECT = DOCUMENTS["_extensions.schema.json"]

# The dialect itself and the reports are written in full JSON Schema: nobody fills them in.
NO_FORMS = {
    "_annotation.schema.json",
    "_extensions.schema.json",
    "_findings.schema.json",
    "_merger.schema.json",
    "_verification.schema.json",
}

every_schema = pytest.mark.parametrize("name", sorted(DOCUMENTS.keys() - NO_FORMS))


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Every object in a document."""
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from nodes(child)


@every_schema
def test_a_schema_uses_only_the_keywords_of_our_dialect(name: str) -> None:
    Draft202012Validator.check_schema(DOCUMENTS[name])
    assert list(Draft202012Validator(DIALECT).iter_errors(DOCUMENTS[name])) == []


@every_schema
def test_a_misspelt_keyword_would_be_noticed(name: str) -> None:
    misspelt = {**DOCUMENTS[name], "x-sensitiv": True}
    assert list(Draft202012Validator(DIALECT).iter_errors(misspelt)) != []


@every_schema
def test_a_schema_is_named_by_its_file(name: str) -> None:
    assert DOCUMENTS[name]["$id"].endswith(f"/{name}")


@every_schema
def test_every_reference_leads_to_a_definition_and_has_only_annotations_beside_it(name: str) -> None:
    for node in nodes(DOCUMENTS[name]):
        reference = node.get("$ref")
        if not isinstance(reference, str):
            continue
        file, _, key = reference.partition("#/$defs/")
        assert key in DOCUMENTS[file or name]["$defs"], reference
        beside = {key for key in node if not key.startswith("x-")}
        assert beside <= {"$ref", "title", "description"}, reference


@every_schema
def test_no_pattern_uses_what_the_two_validators_read_differently(name: str) -> None:
    patterns = [node["pattern"] for node in nodes(DOCUMENTS[name]) if isinstance(node.get("pattern"), str)]
    for pattern in patterns:
        assert re.search(r"\\[dwsbDWSB]|\(\?[=!<](?!P)", pattern.replace("(?P<", "(")) is None


def test_every_form_has_a_schema_in_force_on_any_day_and_no_reference_left() -> None:
    assert forms.catalogue()
    schemas = [edition.schema for editions in forms.catalogue().values() for edition in editions]
    for schema in (*schemas, forms.dossier_schema()):
        assert not any("$ref" in node or "$defs" in node for node in nodes(schema))


def test_every_field_has_a_title_for_people() -> None:
    schemas = [edition.schema for editions in forms.catalogue().values() for edition in editions]
    for schema in (*schemas, forms.dossier_schema()):
        for node in nodes(schema):
            for field in node.get("properties", {}).values() if node.get("type") == "object" else ():
                assert field["title"]


def test_every_text_and_list_and_number_has_a_bound() -> None:
    """A finding speaks of bounds; and what has none can fill a memory."""
    schemas = [edition.schema for editions in forms.catalogue().values() for edition in editions]
    for schema in (*schemas, forms.dossier_schema()):
        for node in nodes(schema):
            bounds = {"string": "maxLength", "array": "maxItems", "integer": "maximum"}
            kind = node.get("type")
            if isinstance(kind, str) and kind in bounds and "enum" not in node:
                assert bounds[kind] in node
            if kind == "integer":
                assert "minimum" in node
