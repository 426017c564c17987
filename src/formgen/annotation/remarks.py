"""What there is to say about a submitted file, each remark with the cell that it is about.

Only what has its place in the file itself is told: the copy goes back to the college that sent it, and is to say
nothing about other colleges' lists or the school's own papers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from formgen.annotation.sheet_part import Place, place_of
from formgen.annotation.styles import Weight
from formgen.checks import Report
from formgen.dossier import Dossier
from formgen.findings import Finding, Outcome, Severity, Text
from formgen.record import Origin
from formgen.reports import text

_WEIGHTS = {Severity.ERROR: Weight.ERROR, Severity.WARNING: Weight.WARNING, Severity.INFO: Weight.INFO}
_ORDER = list(Weight)
_NAMED = 40
"""Other cells that are named; the rest is counted."""
_BETWEEN = Text("、", ", ")
_ALSO = Text("另见：{places}", "see also: {places}")
_AND_MORE = Text("{places} 等 {count} 处", "{places} and others, {count} in all")
_SEE = Text("{label} {rule}  {title}：见 {place}", "{label} {rule}  {title}: see {place}")
_HINT = Text("怎样改：{hint}", "what to do: {hint}")


@dataclass(frozen=True, slots=True)
class Remark:
    """One finding in the words in which it is written into the file."""

    finding: Finding
    weight: Weight
    label: str
    """The word for its weight."""
    title: str
    origin: Origin
    message: str
    hint: str
    basis: str
    also: tuple[Origin, ...]
    """Where else in the file to look."""
    more: tuple[str, ...]
    """What follows from it, why it is waived."""

    @property
    def place(self) -> tuple[str, Place] | None:
        """The sheet and the cell, if it is about a cell."""
        return place_in(self.origin)

    def in_sheets(self, titles: Mapping[str, str]) -> "Remark":
        """The remark in a workbook whose sheets have other names."""

        def moved(origin: Origin) -> Origin:
            return origin._replace(sheet=titles.get(origin.sheet or "", origin.sheet))

        return replace(self, origin=moved(self.origin), also=tuple(map(moved, self.also)))

    def details(self, lang: str) -> tuple[str, ...]:
        """What is told below the message."""
        cells = [_cell(other, self.origin) for other in self.also]
        if not cells:
            return self.more
        named = _BETWEEN.lang(lang).join(cells[:_NAMED])
        counted = _AND_MORE.lang(lang, {"places": named, "count": len(cells)}) if len(cells) > _NAMED else named
        return (_ALSO.lang(lang, {"places": counted}), *self.more)

    def reminder(self, other: Origin, lang: str) -> str:
        """The lines of a comment on another cell that it is about."""
        values = {"label": self.label, "rule": self.finding.kind.id, "title": self.title}
        return _SEE.lang(lang, {**values, "place": _cell(self.origin, other)})

    def comment(self, lang: str) -> str:
        """The lines of a comment."""
        lines = [f"{self.label} {self.finding.kind.id}  {self.message}", *(f"　{line}" for line in self.details(lang))]
        lines += [f"　{self.basis}"] if self.basis else []
        lines += [f"　{_HINT.lang(lang, {'hint': self.hint})}"] if self.hint else []
        return "\n".join(lines)


def remarks(dossier: Dossier, report: Report, lang: str = "zh") -> list[Remark]:
    """The remarks on a submitted file, in the order of its sheets and rows; on the whole file first."""
    listed, followers = text.fold(report.findings)
    own = [finding for finding in listed if is_here(finding, dossier)]
    # A cause has one finding that its followers are told under.
    found = [_remark(finding, followers.pop(finding.at, []), dossier, lang) for finding in own]
    sheets = {sheet: number for number, sheet in enumerate(dict.fromkeys(each.origin.sheet for each in found))}
    return sorted(found, key=lambda each: _order(each, sheets))


def _order(remark: Remark, sheets: Mapping[str | None, int]) -> tuple[int, ...]:
    row, column = remark.place[1] if remark.place is not None else (0, 0)
    return (int(remark.place is not None), sheets[remark.origin.sheet], row, column, _ORDER.index(remark.weight))


def is_here(finding: Finding, dossier: Dossier) -> bool:
    """Whether a finding is about the submitted file, and not about what lies beside it in the dossier."""
    scope = dossier.scope
    if scope is None or finding.at.form != scope.form:
        return False
    return dossier.origin(finding.at).file == scope.path.name


def _remark(finding: Finding, followers: Sequence[Finding], dossier: Dossier, lang: str) -> Remark:
    kind = finding.kind
    file = dossier.scope.path.name if dossier.scope is not None else ""
    others = dict.fromkeys(dossier.origin(at) for at in finding.also)
    more = [text.waiver(finding, lang)] if finding.waived is not None else []
    more += [text.folded(followers, lang)] if followers else []
    return Remark(
        finding,
        weight(finding),
        text.mark(finding)[0].lang(lang),
        kind.title.lang(lang),
        dossier.origin(finding.at),
        finding.message(lang),
        kind.hint.lang(lang),
        text.basis(kind, lang) if kind.basis else "",
        tuple(other for other in others if other.file == file and other.cell is not None),
        tuple(more),
    )


def weight(finding: Finding) -> Weight:
    """How much a finding weighs."""
    if finding.waived is not None:
        return Weight.WAIVED
    return Weight.UNVERIFIED if finding.outcome is Outcome.UNVERIFIED else _WEIGHTS[finding.kind.severity]


def worst(remarks: Sequence[Remark]) -> Weight:
    """The weight that a cell is coloured by."""
    return min((remark.weight for remark in remarks), key=_ORDER.index)


def place_in(origin: Origin) -> tuple[str, Place] | None:
    """The sheet and the cell of an origin, if it is one."""
    place = place_of(origin.cell or "")
    return (origin.sheet, place) if origin.sheet is not None and place is not None else None


def _cell(origin: Origin, near: Origin) -> str:
    """The name of a cell for somebody who looks at another one."""
    return f"{origin.cell}" if origin.sheet == near.sheet else f"{origin.sheet}!{origin.cell}"
