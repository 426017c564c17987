"""Names of documents from a pattern: ``{college}/{name}-{serial}``, fields of the form in braces.

The pattern's own slashes make folders; a value never does. What two records would both be called is refused with both
named, never numbered: a document's name must not depend on who else is in the list.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from formgen.delivery import names
from formgen.errors import UsageError
from formgen.filling.typesetting import typesetter
from formgen.findings import Text
from formgen.forms import Edition, Schema, field_schema
from formgen.record import Record

MAX_LENGTH = 180
"""Of a path below the dossier's folder, in Windows' units: it takes 259 of the whole path."""
_SUFFIXES = (".docx", ".xlsx")
_FIELD = re.compile(r"\{([a-z0-9_.]+)\}")
_OWN = ("serial", "title", "dossier")
"""What a pattern may name besides the form's fields; the serial is what tells records apart, a file's name or a row's
number."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern, split at its slashes."""

    text: str
    segments: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> "Pattern":
        """The pattern that a text spells; the suffix may be left out, as each template has its own.

        Raises:
            UsageError: it is none, or leads out of the folder.
        """
        bare = next((text[: -len(suffix)] for suffix in _SUFFIXES if text.lower().endswith(suffix)), text)
        segments = bare.split("/")
        if "\\" in text or any(segment.strip(" ") in ("", ".", "..") for segment in segments):
            raise _wrong(
                text,
                Text("有空的一段、反斜杠，或通到文件夹之外", "an empty part, a backslash, or a way out of the folder"),
            )
        if re.search("[{}]", _FIELD.sub("", bare)):
            raise _wrong(text, Text("花括号里只能写字段的名称", "braces hold names of fields only"))
        return cls(text, tuple(segments))

    def check(self, edition: Edition) -> None:
        """Sees whether a form has the fields that the pattern names.

        Raises:
            UsageError: it has not.
        """
        for name in self._fields():
            if name not in _OWN and not _is_printable(edition.schema, name):
                fields = [key for key in edition.schema["properties"] if _is_printable(edition.schema, key)]
                raise _wrong(
                    self.text,
                    Text(f"“{edition.title}”没有字段 {name}", f"{edition.key} has no field {name}"),
                    Text(f"可用：{'、'.join((*fields, *_OWN))}", f"there are: {', '.join((*fields, *_OWN))}"),
                )

    def path(self, record: Record, edition: Edition, dossier: str, prefix: str, suffix: str) -> str:
        """The path of a record's document below its folder; what is blank in the record is ``_``.

        Raises:
            UsageError: it is longer than some system takes.
        """
        own = {"serial": record.id or "", "title": edition.title, "dossier": dossier}
        said = [_FIELD.sub(lambda match: _text(record, edition.schema, own, match[1]), part) for part in self.segments]
        *folders, name = said
        path = "/".join([*map(names.safe, folders), names.safe(prefix + name, suffix)])
        if len(path.encode("utf-16-le", "surrogatepass")) // 2 > MAX_LENGTH:
            raise _wrong(
                self.text,
                Text(f"写成的文件名太长（{path}）", f"this name would be too long: {path}"),
                Text("请少写几个字段", "name fewer fields"),
            )
        return path

    def _fields(self) -> Iterator[str]:
        for segment in self.segments:
            yield from _FIELD.findall(segment)


def _is_printable(schema: Schema, name: str) -> bool:
    field = field_schema(schema, tuple(name.split(".")))
    return field is not None and ("x-typeset" in field or field.get("type") not in ("object", "array"))


def _text(record: Record, schema: Schema, own: Mapping[str, str], name: str) -> str:
    """A field as the form prints it, on one line."""
    if name in own:
        return own[name]
    value: Any = record.values
    for key in name.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    text = typesetter(field_schema(schema, tuple(name.split("."))) or {})(value)
    return " ".join(text.split()) or "_"


def _wrong(pattern: str, problem: Text, remedy: Text | None = None) -> UsageError:
    return UsageError(
        Text(f"文件名的写法不对：{problem.zh}", f"this pattern of names will not do: {problem.en}"),
        place=f"--name {pattern}",
        remedy=remedy or Text("写法如 {college}/{name}-{serial}", "write it as {college}/{name}-{serial}"),
    )
