"""How a value stands on paper: ``2019`` as ``19级``, two dates as ``2020年11月17日至18日``.

Which one a field has is said by ``x-typeset`` in its schema. A value of another shape than the schema asks for (a draft
may hold one) is printed as it stands: a draft must show what is wrong, and filling never fails over data.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from formgen.forms import Schema

Typeset = Callable[[Any], str]
_LONGEST = 14
"""Characters of three numbers of four digits."""


def typesetter(field: Schema) -> Typeset:
    """The function that turns a value of ``field`` into its text."""
    return _TYPESETTERS[field.get("x-typeset", "plain")]


def plain(value: Any) -> str:
    """The value as it stands; empty for what is absent or has parts."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, (dict, list)):
        return ""
    return canonical(value)


def canonical(value: Any) -> str:
    """The text by which a tick compares: ``true``, ``3``, ``met``."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def date(value: Any) -> str:
    """``2020-11-08`` as ``2020年11月8日`` (GB/T 9704: Arabic, in full, no leading zero)."""
    numbers = _numbers(value, 3)
    return "{}年{}月{}日".format(*numbers) if numbers else plain(value)


def month(value: Any) -> str:
    """``2002-05`` as ``2002年5月``."""
    numbers = _numbers(value, 2)
    return "{}年{}月".format(*numbers) if numbers else plain(value)


def date_range(value: Any) -> str:
    """Start and end as ``2020年11月17日至18日``: the end names only what differs."""
    if not isinstance(value, dict):
        return plain(value)
    start, end = value.get("start"), value.get("end")
    first, last = _numbers(start, 3), _numbers(end, 3)
    if first == last or not first or not last:
        # One day, or one of the two is missing or no date: what there is, each as far as it can be printed.
        texts = [date(start)] if first == last and first else [date(start), date(end)]
        return "至".join(text for text in texts if text)
    if first[:2] == last[:2]:
        return f"{date(start)}至{last[2]}日"
    return f"{date(start)}至{last[1]}月{last[2]}日" if first[0] == last[0] else f"{date(start)}至{date(end)}"


def grade(value: Any) -> str:
    """``2019`` as ``19级``; a year outside this century in full."""
    if not isinstance(value, int) or isinstance(value, bool):
        return plain(value)
    return f"{value % 100:02d}级" if 2000 <= value <= 2099 else f"{value}级"


def rank(value: Any) -> str:
    """A rank as it was written."""
    text = value.get("text") if isinstance(value, dict) else value
    return text if isinstance(text, str) else plain(text)


def yes_no(value: Any) -> str:
    """``true`` as 是, ``false`` as 否."""
    return ("是" if value else "否") if isinstance(value, bool) else plain(value)


def _numbers(value: Any, count: int) -> Sequence[int]:
    return _split(value, count) if isinstance(value, str) and len(value) <= _LONGEST else ()


@lru_cache(4096)
def _split(value: str, count: int) -> Sequence[int]:
    """The numbers of a day or a month, of which many records have the same; none if it is no such thing."""
    parts = value.split("-")
    fits = len(parts) == count and all(part.isascii() and part.isdecimal() and len(part) <= 4 for part in parts)
    return tuple(map(int, parts)) if fits else ()


_TYPESETTERS: dict[str, Typeset] = {
    "plain": plain,
    "date": date,
    "month": month,
    "date_range": date_range,
    "grade": grade,
    "rank": rank,
    "yes_no": yes_no,
    "picture": plain,
}
