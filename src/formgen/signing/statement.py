"""What an envelope of the ledger says: one step of one case, or the list of steps that one approval signs at once.

Both are in-toto Statements (v1). The subjects of a step are the digests that it is about: ``input``, ``waivers``,
``rules``, and of each document ``template.docx``, ``proof.docx``, … A statement names no student; a case is a number.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any, Final

from formgen.signing import dsse

TYPE: Final = "https://in-toto.io/Statement/v1"
STEP: Final = "https://formgen.example/signoff/step/v1"
BATCH: Final = "https://formgen.example/signoff/batch/v1"
PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
CHINA: Final = timezone(timedelta(hours=8))
"""The forms' days are those of China, whatever the machine's time zone."""
_HEX = re.compile("[0-9a-f]{64}")
_KEYS = {"case", "sequence", "round", "decision", "role", "form", "scope", "previous", "policy", "time", "comment"}
_MORE = {"shown", "paper", "waived"}


class Decision(StrEnum):
    """What a step does. ``ISSUE`` is the closing statement."""

    SUBMIT = "submit"
    APPROVE = "approve"
    REJECT = "reject"
    ISSUE = "issue"


@dataclass(frozen=True, slots=True)
class Shown:
    """What an approver had before the eyes: the digests of the files for the printer and of the table of findings."""

    bundle: tuple[str, ...]
    """SHA-256 of each file's own bytes: of many forms there is one document, of a single form its proof."""
    findings: str
    acknowledged: int
    """How many findings, unverified or waived, the approver took note of."""


@dataclass(frozen=True, slots=True)
class Paper:
    """An opinion that was stamped on paper, and is recorded by a clerk on behalf of who gave it."""

    scan: str
    by: str
    day: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of one case."""

    case: str
    sequence: int
    round: int
    decision: Decision
    role: str
    form: str
    scope: str
    """What the key's owner must be in charge of, such as a college; empty if it does not matter."""
    previous: str
    """Digest of the entry before; empty for the first."""
    policy: str
    time: str
    subjects: Mapping[str, str]
    comment: str = ""
    shown: Shown | None = None
    paper: Paper | None = None
    waived: tuple[str, ...] = ()
    """Of a submission: the rules of which a recorded exception lets something pass, in order."""

    @property
    def moment(self) -> datetime:
        """When the step was taken."""
        return moment(self.time)

    @property
    def day(self) -> date:
        """The day that is printed: of the paper, else of the step."""
        return date.fromisoformat(self.paper.day) if self.paper is not None else self.moment.astimezone(CHINA).date()

    def value(self) -> dict[str, Any]:
        """The statement, as JSON values."""
        predicate: dict[str, Any] = {key: getattr(self, key) for key in sorted(_KEYS)}
        predicate["decision"] = self.decision.value
        if self.shown is not None:
            predicate["shown"] = _shown(self.shown)
        if self.paper is not None:
            predicate["paper"] = {"scan": self.paper.scan, "by": self.paper.by, "day": self.paper.day}
        if self.waived:
            predicate["waived"] = list(self.waived)
        return _statement(self.subjects, STEP, predicate)

    @property
    def digest(self) -> str:
        """What a list of steps has of this one."""
        return dsse.digest(dsse.canonical(self.value()))


@dataclass(frozen=True, slots=True)
class Batch:
    """One approval of many cases: the digest of each one's step by its case, and what was shown for all."""

    steps: Mapping[str, str]
    policy: str
    role: str
    decision: Decision
    time: str
    shown: Shown | None = field(default=None)

    def value(self) -> dict[str, Any]:
        """The statement, as JSON values; its list is in order of case."""
        predicate: dict[str, Any] = {
            "decision": self.decision.value,
            "policy": self.policy,
            "role": self.role,
            "time": self.time,
        }
        if self.shown is not None:
            predicate["shown"] = _shown(self.shown)
        return _statement(self.steps, BATCH, predicate)


def moment(text: str) -> datetime:
    """The moment that ``text`` spells: RFC 3339, to the second, with its distance from UTC.

    Raises:
        ValueError: it is written in another way.
    """
    found = datetime.fromisoformat(text)
    if found.tzinfo is None or found.isoformat(timespec="seconds") != text:
        raise ValueError(text)
    return found


def spelt(time: datetime) -> str:
    """A moment as statements have it."""
    return time.astimezone(CHINA).isoformat(timespec="seconds")


def _shown(shown: Shown) -> dict[str, Any]:
    return {"bundle": list(shown.bundle), "findings": shown.findings, "acknowledged": shown.acknowledged}


def _statement(subjects: Mapping[str, str], kind: str, predicate: Mapping[str, Any]) -> dict[str, Any]:
    listed = [{"name": name, "digest": {"sha256": _hex(subjects[name])}} for name in sorted(subjects)]
    return {"_type": TYPE, "subject": listed, "predicateType": kind, "predicate": dict(predicate)}


def _hex(digest: str) -> str:
    return digest.removeprefix("sha256:")


# --- reading ---------------------------------------------------------------------------------------------------------


def read_step(value: Any) -> Step:
    """The step that a statement is.

    Raises:
        Malformed: it is none.
    """
    subjects, predicate = _parts(value, STEP)
    if not predicate.keys() >= _KEYS or not predicate.keys() <= _KEYS | _MORE:
        raise dsse.Malformed(f"a step with the keys {sorted(predicate)}")
    fields = {key: predicate[key] for key in _KEYS}
    numbers = (fields["sequence"], fields["round"])
    texts = [fields[key] for key in _KEYS if key not in ("sequence", "round")]
    if not all(type(n) is int and n > 0 for n in numbers) or not all(isinstance(text, str) for text in texts):
        raise dsse.Malformed("a step with values of the wrong kind")
    _need_time(fields["time"])
    fields["decision"] = _decision(fields["decision"])
    return Step(
        **fields,
        subjects=subjects,
        shown=_read_shown(predicate),
        paper=_read_paper(predicate),
        waived=_read_waived(predicate),
    )


def read_batch(value: Any) -> Batch:
    """The list of steps that a statement is.

    Raises:
        Malformed: it is none.
    """
    subjects, predicate = _parts(value, BATCH)
    match predicate:
        case {"policy": str(policy), "role": str(role), "decision": decision, "time": str(time), **more} if (
            more.keys() <= {"shown"}
        ):
            _need_time(time)
            return Batch(subjects, policy, role, _decision(decision), time, _read_shown(predicate))
        case _:
            raise dsse.Malformed("a list of steps with values of the wrong kind")


def _parts(value: Any, kind: str) -> tuple[dict[str, str], dict[str, Any]]:
    match value:
        case {
            "_type": str(type_),
            "subject": list(listed),
            "predicateType": str(found),
            "predicate": dict(said),
            **more,
        }:
            if type_ == TYPE and found == kind and not more:
                return _read_subjects(listed), said
    raise dsse.Malformed(f"no in-toto statement of the type {kind}")


def _read_subjects(listed: list[Any]) -> dict[str, str]:
    subjects = {}
    for entry in listed:
        match entry:
            case {"name": str(name), "digest": {"sha256": str(digest), **others}, **more} if (
                not others and not more and _HEX.fullmatch(digest)
            ):
                subjects[name] = f"sha256:{digest}"
            case _:
                raise dsse.Malformed("a subject without name and SHA-256")
    if list(subjects) != sorted(subjects) or len(subjects) != len(listed):
        raise dsse.Malformed("subjects out of order, or two of one name")
    return subjects


def _need_time(text: str) -> None:
    try:
        moment(text)
    except ValueError as error:
        raise dsse.Malformed(f"no time: {text}") from error


def _decision(text: Any) -> Decision:
    try:
        return Decision(text)
    except ValueError as error:
        raise dsse.Malformed(f"no decision: {text}") from error


def _read_shown(predicate: Mapping[str, Any]) -> Shown | None:
    match predicate.get("shown"):
        case None:
            return None
        case {"bundle": list(bundle), "findings": str(findings), "acknowledged": int(acknowledged), **more} if (
            not more and all(isinstance(each, str) for each in bundle)
        ):
            return Shown(tuple(bundle), findings, acknowledged)
        case _:
            raise dsse.Malformed("what was shown has values of the wrong kind")


def _read_waived(predicate: Mapping[str, Any]) -> tuple[str, ...]:
    match predicate.get("waived"):
        case None:
            return ()
        case list(listed) if listed and predicate["decision"] == Decision.SUBMIT:
            if all(isinstance(rule, str) for rule in listed) and sorted(set(listed)) == listed:
                return tuple(listed)
    raise dsse.Malformed("the waived rules have values of the wrong kind")


def _read_paper(predicate: Mapping[str, Any]) -> Paper | None:
    match predicate.get("paper"):
        case None:
            return None
        case {"scan": str(scan), "by": str(by), "day": str(day), **more} if not more and by:
            try:
                if date.fromisoformat(day).isoformat() == day:
                    return Paper(scan, by, day)
            except ValueError as error:
                raise dsse.Malformed(f"no day: {day}") from error
    raise dsse.Malformed("a paper's values are of the wrong kind")
