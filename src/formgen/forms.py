"""Forms and their editions, found by key and date.

A form is what ``schemas/<key>.schema.json`` says it is; ``schemas/<key>.<first day>.schema.json`` is a later edition,
in force from that day. Templates of the same name lie in ``templates/``. Nothing else lists the forms.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

from formgen import resources
from formgen.errors import UsageError
from formgen.findings import Text

_NAME = re.compile(r"([a-z][a-z0-9_]*)(?:\.([0-9]{4}-[0-9]{2}-[0-9]{2}))?")
_FORMATS = (".docx", ".xlsx")
Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Edition:
    """A form's schema and templates as in force from ``since``."""

    key: str
    since: date
    schema: Schema
    """The schema with every ``$ref`` put in place."""
    schema_digest: str
    templates: Mapping[str, Path]
    """Suffix (``.docx``, ``.xlsx``) -> template."""

    @property
    def title(self) -> str:
        """The form's official name."""
        return str(self.schema["title"])

    @property
    def many(self) -> bool:
        """Whether a dossier may hold any number of this form's records."""
        return self.schema.get("x-records") == "many"

    @cached_property
    def printable(self) -> Schema:
        """The schema of what a template may print: the form's own fields, and ``dossier`` for those of the dossier."""
        return {**self.schema, "properties": {**self.schema["properties"], "dossier": dossier_schema()}}


class Forms(Mapping[str, tuple[Edition, ...]]):
    """Every form by its key; its editions in order of their first day."""

    def __init__(self, editions: Mapping[str, tuple[Edition, ...]]) -> None:
        self._editions = editions

    def __getitem__(self, key: str) -> tuple[Edition, ...]:
        return self._editions[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._editions)

    def __len__(self) -> int:
        return len(self._editions)

    def edition(self, key: str, on: date) -> Edition:
        """The edition of ``key`` in force on a day; the first one for days before it.

        Raises:
            UsageError: there is no form of that key.
        """
        if key not in self._editions:
            raise UsageError(
                Text(f"没有表单“{key}”", f"there is no form {key!r}"),
                remedy=Text(f"现有表单：{'、'.join(self)}", f"the forms are: {', '.join(self)}"),
            )
        editions = self._editions[key]
        return next((edition for edition in reversed(editions) if edition.since <= on), editions[0])


@lru_cache(maxsize=1)
def catalogue() -> Forms:
    """The forms that formgen ships."""
    found: dict[str, list[Edition]] = {}
    for path in sorted(resources.folder("schemas").glob("*.schema.json")):
        match = _NAME.fullmatch(path.name.removesuffix(".schema.json"))
        if match is None:
            continue  # "_common" and its like: parts of schemas, no forms
        key, first_day = match.groups()
        stem = path.name.removesuffix(".schema.json")
        templates = {
            suffix: template
            for suffix in _FORMATS
            if (template := resources.folder("templates") / f"{stem}{suffix}").is_file()
        }
        schema = read_schema(path.name)
        found.setdefault(key, []).append(
            Edition(
                key=key,
                since=date.fromisoformat(first_day) if first_day else date.min,
                schema=schema,
                schema_digest=digest_of(schema),
                templates=templates,
            )
        )
    return Forms({key: tuple(sorted(editions, key=lambda e: e.since)) for key, editions in found.items()})


@lru_cache(maxsize=1)
def dossier_schema() -> Schema:
    """The schema of ``dossier.json``."""
    return read_schema("_dossier.schema.json")


def digest_of(schema: Schema) -> str:
    """SHA-256 of a schema's canonical JSON, as ``sha256:…``."""
    canonical = json.dumps(schema, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()


@cache
def _read(name: str) -> Any:
    return json.loads((resources.folder("schemas") / name).read_text("utf-8"))


def read_schema(name: str) -> Schema:
    """The schema in the file ``name`` with every ``$ref`` put in place.

    A ``$ref`` names a ``$defs`` entry of the same file or of a neighbour; what stands beside it (title, description,
    ``x-`` keywords) overrides the target's. The dialect of ``_extensions.schema.json`` has no recursion.
    """
    whole = _read(name)
    resolved = _resolve(whole, whole)
    return {keyword: value for keyword, value in resolved.items() if keyword != "$defs"}


def _resolve(node: Any, document: Any) -> Any:
    if isinstance(node, list):
        return [_resolve(item, document) for item in node]
    if not isinstance(node, dict):
        return node
    beside = {k: _resolve(v, document) for k, v in node.items() if k not in ("$ref", "$defs")}
    if "$ref" not in node:
        return beside
    file, _, pointer = node["$ref"].partition("#/$defs/")
    target_document = _read(file) if file else document
    return {**_resolve(target_document["$defs"][pointer], target_document), **beside}


def field_schema(schema: Schema, keys: tuple[str, ...]) -> Schema | None:
    """The schema of the field at ``keys`` (``[]`` enters a list), or None where there is none."""
    node: Schema | None = schema
    for key in keys:
        if node is None:
            return None
        if key == "[]":
            node = node.get("items")
        else:
            extra = node.get("additionalProperties")
            node = node.get("properties", {}).get(key, extra if isinstance(extra, dict) else None)
    return node
