"""What a template's author can use: the fields of a form, each with its tags and what kind of control it takes."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from formgen.forms import Edition, Schema
from formgen.tags import NAME_PREFIX, Path, join_path


class Sort(Enum):
    """What stands in a control, in Chinese and English."""

    TEXT = ("文字", "text")
    LINES = ("多行文字", "lines")
    NUMBER = ("整数", "number")
    DATE = ("日期", "date")
    MONTH = ("年月", "month")
    DAYS = ("起止日期", "days")
    CHOICE = ("选择", "choice")
    YES_NO = ("是否", "yes or no")
    PICTURE = ("图片", "picture")


@dataclass(frozen=True, slots=True)
class Entry:
    """A field. ``choices`` are what may stand behind ``=`` in the tag of a check box."""

    path: Path
    title: str
    sort: Sort
    choices: tuple[str, ...]
    repeated: bool
    sensitive: bool
    description: str

    @property
    def tag(self) -> str:
        """What is typed between the braces, and the tag of the control that comes of it."""
        return join_path(self.path)

    @property
    def name(self) -> str:
        """The defined name in a workbook."""
        return excel_name(self.tag)


def excel_name(tag: str) -> str:
    """The defined name that means the same as a tag."""
    mark, path = ("if.", tag[1:]) if tag.startswith("?") else ("", tag)
    path, equals, value = path.partition("=")
    return f"{NAME_PREFIX}{mark}{path.replace('[]', '.each')}" + (f".is.{value}" if equals else "")


def outline(edition: Edition) -> Iterator[Entry]:
    """The fields that a template of this edition may print, those of the dossier last; in the order of the schema."""
    yield from _entries(edition.printable, (), sensitive=False)


_LONG = 1000
"""A text that may be longer than this has lines."""


def _entries(schema: Schema, path: Path, *, sensitive: bool) -> Iterator[Entry]:
    for key, field in schema.get("properties", {}).items():
        # A photo is printed, though a list of names may leave its column out.
        if "x-optional-column" not in field or field.get("x-typeset") == "picture":
            yield from _entry(field, (*path, key), sensitive=sensitive)


def _entry(field: Schema, path: Path, *, sensitive: bool) -> Iterator[Entry]:
    sensitive = sensitive or "x-sensitive" in field
    if field["type"] == "array":
        yield from _entry(field["items"], (*path, "[]"), sensitive=sensitive)
    elif field["type"] == "object" and "x-typeset" not in field:
        yield from _entries(field, path, sensitive=sensitive)
    else:
        sort = sort_of(field)
        choices = {Sort.YES_NO: ("true", "false"), Sort.CHOICE: tuple(map(str, field.get("enum", ())))}.get(sort, ())
        title, said = str(field.get("title", path[-1])), str(field.get("description", ""))
        yield Entry(path, title, sort, choices, "[]" in path, sensitive, said)


def sort_of(field: Schema) -> Sort:
    """What kind of thing a field is."""
    typeset = field.get("x-typeset")
    named = {"picture": Sort.PICTURE, "date": Sort.DATE, "month": Sort.MONTH, "date_range": Sort.DAYS}
    if typeset in named:
        return named[typeset]
    if field.get("type") == "boolean":
        return Sort.YES_NO
    if "enum" in field:
        return Sort.CHOICE
    if field.get("type") == "integer":
        return Sort.NUMBER
    return Sort.LINES if field.get("maxLength", 0) > _LONG else Sort.TEXT
