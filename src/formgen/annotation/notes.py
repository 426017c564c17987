"""Short correction notes to paste into a chat: one for each college, in Chinese, as people write them there."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from formgen.annotation.entries import Entries, Entry
from formgen.annotation.remarks import Remark
from formgen.annotation.styles import Weight
from formgen.findings import Address

_LINES, _NAMED = 8, 6
"""Lines of a note, and people in one line; the rest is counted: the copy has them all."""
_TOLD = (Weight.ERROR, Weight.WARNING, Weight.UNVERIFIED, Weight.INFO)
_NOBODY = ""
"""The college of what is said of no single person."""


@dataclass(frozen=True, slots=True)
class _Told:
    """A remark as one college is told of it: with its own people only."""

    remark: Remark
    people: tuple[tuple[Address, Entry], ...]

    @property
    def is_whole(self) -> bool:
        """Whether nobody else's people are part of it, so that its own words can be used."""
        return len(self.people) < 2 and not self.remark.finding.also


def notes(entries: Entries, remarks: Sequence[Remark], copy: str) -> list[str]:
    """The notes of a submitted file, one for each college that has something to correct.

    Args:
        entries: the people in the file.
        remarks: what there is to say of it.
        copy: the name of the annotated copy.
    """
    groups: dict[str, list[_Told]] = {}
    for remark in remarks:
        if _is_for_colleges(remark, entries):
            for college, told in _shared_out(remark, entries):
                groups.setdefault(college, []).append(told)
    colleges = list(dict.fromkeys(map(_college, entries.all)))
    if len(colleges) == 1 and _NOBODY in groups:  # one college's own list: what is said of the whole is for it, too
        groups = {colleges[0]: [*groups.pop(_NOBODY), *groups.get(colleges[0], [])]}
    order = [college for college in dict.fromkeys([*colleges, _NOBODY]) if college in groups]
    return ["\n".join(_note(college, groups[college], entries, copy)) for college in order]


def _is_for_colleges(remark: Remark, entries: Entries) -> bool:
    """Whether who sent the file can mend it: what is unverified, where the person's own row says too little."""
    if remark.weight is Weight.UNVERIFIED:
        return remark.finding.cause is None and entries.find(remark.finding.at) is not None
    return remark.weight in _TOLD


def _shared_out(remark: Remark, entries: Entries) -> Iterator[tuple[str, _Told]]:
    """The colleges that a remark concerns, each with what it is told."""
    found = [(at, entries.find(at)) for at in dict.fromkeys((remark.finding.at, *remark.finding.also))]
    people = [(at, hit[0]) for at, hit in found if hit is not None]
    for college in dict.fromkeys(_college(entry) for _, entry in people) or [_NOBODY]:
        yield college, _Told(remark, tuple((at, entry) for at, entry in people if _college(entry) == college))


def _college(entry: Entry) -> str:
    return entry.text("college").strip()


def _note(college: str, told: Sequence[_Told], entries: Entries, copy: str) -> Iterator[str]:
    alike: dict[tuple[int, str, str], list[_Told]] = {}
    for each in told:
        kind = each.remark.finding.kind  # the hint of a schema finding depends on its field
        alike.setdefault((_TOLD.index(each.remark.weight), kind.id, kind.hint.zh), []).append(each)
    lines = [_line(alike[key], entries) for key in sorted(alike, key=lambda key: key[0])]
    head = f"【{college}】" if college else ""
    yield f"{head}您好，报来的《{entries.form_title}》（{entries.file}）有 {len(told)} 处请核对改正："
    yield from (f"{number}. {line}" for number, line in enumerate(lines[:_LINES], 1))
    more = f"另有 {len(lines) - _LINES} 类问题见附件。" if len(lines) > _LINES else ""
    yield f"{more}位置和改法都标在附件“{copy}”里，改好后请直接发回这个附件。"


def _line(told: Sequence[_Told], entries: Entries) -> str:
    """One line about all that a rule says to a college."""
    first = told[0]
    kind = first.remark.finding.kind
    hint = f"。{kind.hint.zh}" if kind.hint.zh else ""  # a hint has no full stop of its own
    if len(told) == 1 and first.is_whole:
        return f"{_where(first)}{first.remark.finding.message('zh')}{hint}"
    places = dict.fromkeys(
        f"{entries.dossier.origin(at).cell or ''} {entry.name}".strip() for each in told for at, entry in each.people
    )
    if not places:  # about no single person: what differs is in the message
        places = dict.fromkeys(each.remark.finding.message("zh") for each in told)
        return f"{_some(places, '；')}{hint}"
    return f"{kind.title.zh}：{_some(places, '、')}{hint}"


def _where(told: _Told) -> str:
    """The cell and the person, unless the message names the person itself."""
    cell = told.remark.origin.cell
    name = next((entry.name for _, entry in told.people), "")
    named = "" if name in told.remark.finding.message("zh") else f"{name}："
    return f"{cell} {named}" if cell is not None else named


def _some(places: Iterable[str], between: str) -> str:
    """The first few of some places, and how many there are."""
    listed = list(places)
    named = between.join(listed[:_NAMED])
    return f"{named} 等 {len(listed)} 处" if len(listed) > _NAMED else named
