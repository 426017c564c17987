"""Verifying a signed .docx or .xlsx: separate answers, each with its reasons.

Other programs' "valid" is information, never the decision: this asks for more than they do.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain

from formgen import opc
from formgen.opc import Package, PackageError
from formgen.signing import archive, certificates, changing, coverage, mathematics, pdf, timestamps
from formgen.signing.certificates import Moments, Trust
from formgen.signing.keys import fingerprint, issuer_of, kind_of, name_of
from formgen.signing.parts import MAX_SIGNATURES, left_out
from formgen.signing.reading import Read, read
from formgen.signing.reasons import Refused, reason
from formgen.signing.verdict import Answer, Held, Question, Reason, Signature, Verification, refused
from formgen.signing.vocabulary import ORIGIN_RELATIONSHIP


@dataclass(frozen=True)
class _Judged:
    """One signature with the reasons against it, by question."""

    facts: Signature | None
    mathematics: tuple[Reason, ...] = ()
    coverage: tuple[Reason, ...] = ()
    certificate: tuple[Reason, ...] = ()


def verify(data: bytes, name: str, trust: Trust) -> Verification:
    """What is known about the signatures in a document. Whatever the bytes are, this answers and does not raise."""
    if data.startswith(pdf.MARK):
        return pdf.verify(data, name, trust)
    try:
        package = opc.read(data, "")
        return _verify(package, tuple(archive.check(data)), name, trust)
    except PackageError as error:
        unreadable = reason("file-unreadable", why="")
        return refused(name, Reason(unreadable.id, error.problem))


def weaknesses(data: bytes) -> tuple[Reason, ...]:
    """What speaks against the signatures in a document, apart from who made them."""
    found = verify(data, "", Trust((), datetime.max.replace(tzinfo=UTC)))
    return (*found.answer(Question.MATHEMATICS).reasons, *found.answer(Question.COVERAGE).reasons)


def _verify(package: Package, hidden: Sequence[Reason], name: str, trust: Trust) -> Verification:
    origins = [r.part for r in package.relationships().values() if r.type == ORIGIN_RELATIONSHIP and r.part is not None]
    parts = [part for origin in origins for part in coverage.signature_parts(package, origin)]
    if not parts:
        return refused(name, reason("unsigned"))
    if len(parts) > MAX_SIGNATURES:
        return refused(name, reason("signatures-unclear", f"{len(parts)}"))
    judged = [_judge(package, part, trust) for part in parts]
    whole = (*hidden, *coverage.check_structure(package), *changing.check(package))
    answers = [
        Answer.of(Question.MATHEMATICS, chain.from_iterable(each.mathematics for each in judged)),
        Answer.of(Question.COVERAGE, (*whole, *chain.from_iterable(each.coverage for each in judged))),
        _on_certificates(judged, trust),
    ]
    signatures = tuple(each.facts for each in judged if each.facts is not None)
    return Verification(name, signatures, tuple(answers), tuple(sorted(left_out(package))), package.content_digest)


def _on_certificates(judged: Sequence[_Judged], trust: Trust) -> Answer:
    if not trust.authorities:
        return Answer(Question.CERTIFICATE, Held.NOT_CHECKED, (reason("no-trust"),))
    if any(each.facts is None for each in judged):
        return Answer(Question.CERTIFICATE, Held.NOT_CHECKED)
    reasons = tuple(chain.from_iterable(each.certificate for each in judged))
    if reasons and all(each.id == "stamp-unchecked" for each in reasons):
        return Answer(Question.CERTIFICATE, Held.NOT_CHECKED, reasons)
    return Answer.of(Question.CERTIFICATE, reasons)


def _judge(package: Package, part: str, trust: Trust) -> _Judged:
    try:
        signature = read(package.parts.get(part, b""))
    except Refused as refusal:
        why = refusal.reason
        return _Judged(None, mathematics=(Reason(why.id, why.text, f"{part} {why.place}".strip()),))
    wrong = tuple(mathematics.check(package, signature))
    stamped, against = timestamps.check(signature, trust)
    moments = Moments(signature.stated, trust.now, stamped)
    return _Judged(
        _facts(part, signature, stamped),
        mathematics=wrong,
        coverage=tuple(coverage.check_signature(package, signature)),
        certificate=(*against, *_checked(signature, trust, moments)),
    )


def _checked(signature: Read, trust: Trust, moments: Moments) -> Iterator[Reason]:
    return certificates.check(signature.certificate, trust.authorities, moments)


def _facts(part: str, signature: Read, stamped: datetime | None) -> Signature:
    certificate = signature.certificate
    return Signature(
        part=part,
        signer=name_of(certificate),
        issuer=issuer_of(certificate),
        fingerprint=fingerprint(certificate),
        key=kind_of(certificate),
        stated=signature.stated,
        stamped=stamped,
        line=signature.line,
    )
