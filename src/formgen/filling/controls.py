"""The fillable places of a template: whether what their tags ask for is something that the form has."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from formgen import forms
from formgen.findings import Text
from formgen.tags import NAME_PREFIX, Control, Path, Role, join_path, list_prefixes, parse_name, parse_tag, split_path

__all__ = [
    "NAME_PREFIX",
    "Control",
    "Path",
    "Problem",
    "Role",
    "join_path",
    "leaves",
    "list_prefixes",
    "parse_name",
    "parse_tag",
    "problem_with",
    "split_path",
]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a template does not match its schema: the part (or sheet), the control, and what is wrong."""

    part: str
    control: str
    text: Text


def problem_with(control: Control, schema: forms.Schema, *, picture: bool = False, ticks: bool = False) -> Text | None:
    """What is wrong with ``control`` against the schema of what may be printed, or None.

    ``picture`` and ``ticks`` say what kind of control it stands in.
    """
    field = forms.field_schema(schema, control.path)
    if field is None:
        near = difflib.get_close_matches(join_path(control.path), map(join_path, leaves(schema)), 1, 0.5)
        return Text(
            f"表单没有字段“{join_path(control.path)}”" + (f"，是不是“{near[0]}”？" if near else ""),
            f"the form has no field {join_path(control.path)!r}" + (f"; did you mean {near[0]!r}?" if near else ""),
        )
    if control.role in (Role.PRESENT, Role.ABSENT):
        return None
    is_picture = field.get("x-typeset") == "picture"
    if is_picture != picture:
        return (
            Text("这个字段是图片，要用图片内容控件", "this field is a picture: use a picture control")
            if is_picture
            else Text("图片内容控件只能用于图片字段", "a picture control is for a picture field only")
        )
    if control.role is Role.TICK:
        return _tick_problem(control.equals, field)
    if ticks:
        return Text("复选框的标记要写成“字段=值”", "the tag of a check box must read field=value")
    if field.get("type") in ("object", "array") and "x-typeset" not in field:
        return Text("这是一组字段，不能作为一个值打印", "this is a group of fields and cannot be printed as one value")
    return None


def _tick_problem(equals: str, field: forms.Schema) -> Text | None:
    allowed = ["true", "false"] if field.get("type") == "boolean" else [str(value) for value in field.get("enum", ())]
    if equals in allowed:
        return None
    if not allowed:
        return Text("这个字段没有可选项，不能用复选框", "this field has no choices to tick")
    return Text(f"“{equals}”不是可选项（{'、'.join(allowed)}）", f"{equals!r} is none of the choices {allowed}")


def leaves(schema: forms.Schema, path: Path = ()) -> Iterator[Path]:
    """Every field that can be printed by itself."""
    if path and (schema.get("type") not in ("object", "array") or "x-typeset" in schema):
        yield path
    elif schema.get("type") == "array":
        yield from leaves(schema["items"], (*path, "[]"))
    else:
        for key, field in schema.get("properties", {}).items():
            if "x-optional-column" not in field:
                yield from leaves(field, (*path, key))
