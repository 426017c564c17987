"""What an issued document says of its approvals: beside its values, never among them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from formgen.findings import Text
from formgen.opc import PackageError
from formgen.pictures import Picture


@dataclass(frozen=True, slots=True)
class Signed:
    """One approval as the footer names it."""

    title: str
    person: str
    day: str
    paper: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture that the document shows: which of its media it is, and how it is turned."""

    digest: str
    turns: int
    mirrored: bool

    @classmethod
    def of(cls, picture: Picture) -> "Shown":
        """What is noted of a picture."""
        return cls(f"sha256:{sha256(picture.data).hexdigest()}", picture.turns, picture.mirrored)


@dataclass(frozen=True, slots=True)
class Approvals:
    """The approvals that are printed on a document."""

    case: str
    head: str
    """Digest of the last approval, which quotes all those before it."""
    signed: tuple[Signed, ...]
    opinions: Mapping[str, Mapping[str, str]]
    """What is printed in the opinion cells that the record itself leaves empty: by field of ``opinions``."""
    pictures: Mapping[str, Shown]
    """The pictures that the document shows, by the value of the field that names each."""
    seals: Mapping[str, Shown] = field(default_factory=dict)
    """The pictures of seals, by the control of the day on which each lies."""

    @property
    def lines(self) -> tuple[str, str]:
        """What stands in small print on every page."""
        signed = "；".join(f"{s.title} {s.person} {s.day}{'（纸质）' if s.paper else ''}" for s in self.signed)
        return f"案号 {self.case}　签批 {self.head}", signed

    def printed(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values with the opinions put in; what the record says itself stays."""
        own = values.get("opinions")
        given = {role: opinion for role, opinion in own.items() if opinion} if isinstance(own, dict) else {}
        return {**values, "opinions": {**self.opinions, **given}} if self.opinions else dict(values)

    def value(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "case": self.case,
            "head": self.head,
            "signed": [{"title": s.title, "person": s.person, "day": s.day, "paper": s.paper} for s in self.signed],
            "opinions": {role: dict(opinion) for role, opinion in self.opinions.items()},
            "pictures": _noted(self.pictures),
            "seals": _noted(self.seals),
        }


def _noted(pictures: Mapping[str, Shown]) -> dict[str, Any]:
    return {
        value: {"digest": shown.digest, "turns": shown.turns, "mirrored": shown.mirrored}
        for value, shown in pictures.items()
    }


def read(value: Any) -> Approvals:
    """The approvals that ``value`` spells.

    Raises:
        PackageError: it spells none.
    """
    match value:
        case {
            "case": str(case),
            "head": str(head),
            "signed": list(signed),
            "opinions": dict(opinions),
            "pictures": dict(pictures),
            "seals": dict(seals),
            **more,
        } if not more and all(map(_is_opinion, opinions.values())):
            shown, put = ({name: _shown(each) for name, each in some.items()} for some in (pictures, seals))
            return Approvals(case, head, tuple(map(_signed, signed)), opinions, shown, put)
        case _:
            raise _damaged()


def _signed(value: Any) -> Signed:
    match value:
        case {"title": str(title), "person": str(person), "day": str(day), "paper": bool(paper), **more} if not more:
            return Signed(title, person, day, paper)
        case _:
            raise _damaged()


def _shown(value: Any) -> Shown:
    match value:
        case {"digest": str(digest), "turns": int(turns), "mirrored": bool(mirrored), **more} if not more:
            return Shown(digest, turns % 4, mirrored)
        case _:
            raise _damaged()


def _is_opinion(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())


def _damaged() -> PackageError:
    return PackageError(Text("文件自带的签批数据已损坏", "what the file carries of its approvals is damaged"))
