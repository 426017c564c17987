"""Which college sent a file: by its name, its folder, or the college of all who are in it. Never by a guess.

A name is written with or without its suffix (信息工程学院, 信息工程系, 信息工程); it counts only where it stands by
itself: 电子信息学院 is not 信息学院.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from formgen.intake.spellings import fold

_SUFFIX = re.compile("(二级学院|学院|系|院)$")
_ANY_SUFFIX = "(?:二级学院|学院|系|院)?"
# What a name may follow (the university's), and what may follow it without being part of it.
_NO_LETTER = r"[^\u2e80-\u2fdf\u3040-\u9fff\uf900-\ufaffa-z]"
_LEFT = rf"(?:^|(?<={_NO_LETTER})|(?<=大学|学校|学院|名单|报送|汇总))"
_FOLLOWING = "学生会|研究生会|团委|团总支|分团委|工作人员|校级|候选人|学生|名单|报送|汇总|登记|材料|主席团"
_RIGHT = rf"(?=$|{_NO_LETTER}|{_FOLLOWING})"


@dataclass(frozen=True, slots=True)
class College:
    """A college of the dossier."""

    name: str
    key: str


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent a file, as far as that can be told."""

    college: College | None
    candidates: tuple[College, ...] = ()
    """Where the name of the file fits several: all of them."""
    contradicted: str = ""
    """The college that its rows name, where that is another one than its name says."""


@dataclass(frozen=True)
class Colleges:
    """The colleges of a dossier."""

    all: tuple[College, ...]
    _by_core: Mapping[str, Sequence[College]] = field(init=False)

    def __post_init__(self) -> None:
        cores: dict[str, list[College]] = {}
        for college in self.all:
            cores.setdefault(core(college.name), []).append(college)
        object.__setattr__(self, "_by_core", cores)

    def named(self, text: str) -> College | None:
        """The college that a text names and nothing else; None for none, or for several."""
        folded = fold(text)
        exact = [college for college in self.all if folded in (fold(college.name), fold(college.key))]
        found = exact or list(self._by_core.get(core(text), ()))
        return found[0] if len(found) == 1 else None

    def within(self, text: str) -> tuple[College, ...]:
        """The colleges that a text has in it; of names that lie within each other the longest."""
        folded = fold(text)
        spans: list[tuple[int, int, College]] = []
        for college in self.all:
            for pattern in self._patterns(college):
                spans += [(*match.span(), college) for match in re.finditer(_LEFT + pattern + _RIGHT, folded)]
        kept = {
            college
            for start, end, college in spans
            if not any(s <= start and end <= e and e - s > end - start for s, e, _ in spans)
        }
        return tuple(college for college in self.all if college in kept)

    def _patterns(self, college: College) -> Iterable[str]:
        stem = core(college.name)
        # A key such as 1 or A stands in the names of files for many things.
        if len(college.key) > 1 and not college.key.isdecimal():
            yield re.escape(fold(college.key))
        # Two colleges of one core (机电学院, 机电系) are told apart by their suffix alone.
        alone = len(self._by_core[stem]) == 1 and len(stem) > 1
        yield re.escape(stem) + _ANY_SUFFIX if alone else re.escape(fold(college.name))


def sender(name: PurePath, members: Sequence[str | None], colleges: Colleges) -> Sender:
    """Who sent a file.

    Args:
        name: its name, with the folders that it may be known by.
        members: the college of each person in it, as far as it is written there.
        colleges: those of the dossier.
    """
    of_members = _of_members(members, colleges)
    for part in (name.stem, *reversed(name.parts[:-1])):
        found = colleges.within(part)
        if len(found) > 1:
            return Sender(None, candidates=found)
        if found:
            other = of_members if of_members not in (None, found[0]) else None
            return Sender(found[0], contradicted=other.name if other is not None else "")
    return Sender(of_members)


def _of_members(members: Sequence[str | None], colleges: Colleges) -> College | None:
    """The one college that every person in a file belongs to."""
    if not members or None in members:
        return None
    found = {colleges.named(text) for text in members if text is not None}
    return found.pop() if len(found) == 1 else None


def core(name: str) -> str:
    """A college's name folded and without its suffix."""
    folded = fold(name)
    return _SUFFIX.sub("", folded) or folded
