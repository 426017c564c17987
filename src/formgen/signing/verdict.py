"""What verification says: separate answers, each with its reasons, none of them a summary of the others."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from formgen.findings import Text


class Question(StrEnum):
    """What is asked of a signed file. Only yes to all of them means that it was signed off."""

    MATHEMATICS = "mathematics"
    COVERAGE = "coverage"
    CERTIFICATE = "certificate"
    LEDGER = "ledger"
    RENDERING = "rendering"


class Held(StrEnum):
    """The answer to one question. What was not checked never counts as held."""

    YES = "yes"
    NO = "no"
    NOT_CHECKED = "not_checked"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an answer is not yes: an id for programs, the place in the file, a sentence for people."""

    id: str
    text: Text
    place: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question with all reasons that were found."""

    question: Question
    held: Held
    reasons: tuple[Reason, ...] = ()

    @classmethod
    def of(cls, question: Question, reasons: Iterable[Reason]) -> "Answer":
        """Yes where there is no reason against it."""
        found = tuple(reasons)
        return cls(question, Held.NO if found else Held.YES, found)


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed, as the certificate says, and when: as the signer states it, and as a time stamp proves it."""

    part: str
    signer: str
    issuer: str
    fingerprint: str
    key: str
    stated: datetime | None
    stamped: datetime | None = None
    line: str = ""
    """The id of the signature line that was signed."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody who approved a form had before the eyes, as the ledger has it: digests of the files' own bytes."""

    person: str
    bundle: tuple[str, ...]
    findings: str
    acknowledged: int


@dataclass(frozen=True)
class Verification:
    """What is known about one file. ``not_covered`` names what no signature in it covers."""

    file: str
    signatures: tuple[Signature, ...]
    answers: tuple[Answer, ...]
    not_covered: tuple[str, ...] = ()
    content_digest: str = ""
    waived: tuple[str, ...] = ()
    """The rules of which a recorded exception let something pass, as the ledger has it."""
    seen: tuple[Seen, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether everything that was asked holds."""
        return all(answer.held is Held.YES for answer in self.answers)

    def answer(self, question: Question) -> Answer:
        """The answer to one question; *not checked* where nobody asked it."""
        found = [answer for answer in self.answers if answer.question is question]
        return found[0] if found else Answer(question, Held.NOT_CHECKED)

    def with_answer(self, answer: Answer) -> "Verification":
        """The same with one more answer, or another one to the same question."""
        kept = [each for each in self.answers if each.question is not answer.question]
        return replace(self, answers=(*kept, answer))


def refused(name: str, why: Reason) -> Verification:
    """The answer where nothing can be verified at all."""
    unknown = [Answer(question, Held.NOT_CHECKED) for question in (Question.COVERAGE, Question.CERTIFICATE)]
    return Verification(name, (), (Answer(Question.MATHEMATICS, Held.NO, (why,)), *unknown))
