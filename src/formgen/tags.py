"""The tags of controls: what a content control's tag (Word) or a defined name (Excel) asks for.

Grammar: ``path = key ('.' key | '[]')*``; before it ``?`` (keep if present) or ``!`` (keep if absent), after it
``=value`` (tick if equal). In Excel a name may hold letters, digits, ``_`` and ``.`` only: prefix ``f_``,
``[]`` is ``.each``, ``=`` is ``.is.``, ``?`` is ``f_if.``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

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
