"""The fillable places of a template: what a control's tag (Word) or a defined name (Excel) asks for.

Grammar: ``path = key ('.' key | '[]')*``; before it ``?`` (keep if present) or ``!`` (keep if absent), after it
``=value`` (tick if equal). In Excel a name may hold letters, digits, ``_`` and ``.`` only: prefix ``f_``,
``[]`` is ``.each``, ``=`` is ``.is.``, ``?`` is ``f_if.``.
"""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from formgen import forms
from formgen.findings import Text

Path = tuple[str, ...]
"""Keys from the record's root; ``[]`` enters a list."""
_TAG = re.compile(r"([?!]?)([A-Za-z0-9_]+(?:\[\])?(?:\.[A-Za-z0-9_]+(?:\[\])?)*)(?:=(.+))?", re.DOTALL)
NAME_PREFIX = "f_"


class Role(Enum):
    """What a control does with its path."""

    VALUE = "value"
    TICK = "tick"
    PRESENT = "present"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Control:
    """A parsed tag; ``tag`` is its text, for messages."""

    tag: str
    role: Role
    path: Path
    equals: str = ""


def parse_tag(tag: str) -> Control | None:
    """The control that a Word tag asks for, or None if it is no path."""
    match = _TAG.fullmatch(tag.strip())
    if match is None:
        return None
    mark, path, equals = match.groups()
    roles = {"": Role.VALUE if equals is None else Role.TICK, "?": Role.PRESENT, "!": Role.ABSENT}
    if mark and equals is not None:
        return None
    return Control(tag, roles[mark], split_path(path), equals or "")


def parse_name(name: str) -> Control | None:
    """The control that an Excel defined name asks for, or None if it is no path. ``name`` begins with ``f_``."""
    body = name[len(NAME_PREFIX) :]
    mark = ""
    if body.startswith("if."):
        mark, body = "?", body[3:]
    path, _, equals = body.partition(".is.")
    path = re.sub(r"\.each(?=\.|$)", "[]", path)
    control = parse_tag(f"{mark}{path}" + (f"={equals}" if equals else ""))
    return None if control is None else Control(name, control.role, control.path, control.equals)


def split_path(path: str) -> Path:
    """The keys of a written path: ``members[].name`` gives ``("members", "[]", "name")``."""
    return tuple(key for key in re.split(r"\.|(\[\])", path) if key)


def join_path(path: Path) -> str:
    """The written form of ``path``."""
    return ".".join(path).replace(".[]", "[]")


def list_prefixes(path: Path) -> Iterator[Path]:
    """Every list that ``path`` goes through, outermost first: ``a[].b[].c`` gives ``a[]`` and ``a[].b[]``."""
    return (path[: index + 1] for index, key in enumerate(path) if key == "[]")


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
