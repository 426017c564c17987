"""The last two answers about a signed file: does the ledger know it, and does its own data print it again."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from formgen import opc, pictures
from formgen.errors import FormgenError
from formgen.filling import data_part
from formgen.filling import issued as issued_pages
from formgen.filling.approvals import Approvals
from formgen.filling.approvals import read as read_approvals
from formgen.filling.readback import Readback, read_document, template_of
from formgen.filling.template import Template
from formgen.findings import Text
from formgen.forms import Edition, Forms
from formgen.issuing import opinions
from formgen.issuing.issue import finished
from formgen.pictures import Picture
from formgen.signing import verdict
from formgen.signing.chain import Round, Trust, named
from formgen.signing.ledger import Ledger
from formgen.signing.refusals import Reason, Refused
from formgen.signing.verdict import Answer, Held, Question, Verification

ReadList = Callable[[Edition], Any]
_NOT_ISSUED = verdict.Reason(
    "ledger-not-issued",
    Text("文件没有签批数据：不是 formgen issue 出具的", "the file carries no approvals: formgen issue did not make it"),
)
_OTHER_TEMPLATE = verdict.Reason(
    "rendering-other-template",
    Text(
        "这份文件所用的模板或表单版本现在没有了，不能重新生成",
        "the template or edition that it was made with is not there any more: it cannot be rendered again",
    ),
)
_PROOF = verdict.Reason(
    "rendering-proof",
    Text(
        "按文件自带的数据生成的送审稿，与签批的不同", "the proof that its data renders is not the one that was approved"
    ),
)
_CONTENT = verdict.Reason(
    "rendering-content",
    Text("按文件自带的数据重新生成，内容与文件不同", "rendered again from its own data, the content is another"),
)
_PICTURE = verdict.Reason(
    "rendering-picture", Text("文件里没有它所列的图片", "a picture that the file lists is not in it")
)


@dataclass(frozen=True)
class Known:
    """A ledger and what it is judged by."""

    ledger: Ledger
    trust: Trust


def with_answers(
    verification: Verification, data: bytes, forms: Forms, read_list: ReadList, known: Known | None
) -> Verification:
    """A verification with the answers of the ledger, if one is given, and of rendering, if the file has its data.

    Args:
        verification: what is known of the file.
        data: the file.
        forms: the forms that may have made it.
        read_list: reads the list of a workbook, whose cells are its data.
        known: the ledger to ask.
    """
    try:
        package = opc.read(data, "")
    except opc.PackageError:  # what is wrong with it has been said; a PDF is none
        no = Answer(Question.LEDGER, Held.NO, (_NOT_ISSUED,))
        return verification if known is None else verification.with_answer(no)
    try:
        carried = data_part.find(package)
        approvals = read_approvals(carried.approvals) if carried is not None and carried.approvals is not None else None
    except opc.PackageError as error:
        why = (_told("file-unreadable", error),)
        if known is not None:
            verification = verification.with_answer(Answer(Question.LEDGER, Held.NO, why))
        return verification.with_answer(Answer(Question.RENDERING, Held.NO, why))
    suffix = verification.file.rpartition(".")[2].lower()
    round_: Round | None = None
    if known is not None:
        answer, round_ = _in_ledger(verification, package, approvals, suffix, known)
        verification = verification.with_answer(answer)
    if carried is not None and approvals is not None:
        answer = _rendered(verification.file, data, package, approvals, round_, forms, read_list)
        verification = verification.with_answer(answer)
    return verification


def _told(id: str, error: FormgenError) -> verdict.Reason:
    return verdict.Reason(id, error.problem, error.place)


# --- the ledger ------------------------------------------------------------------------------------------------------


def _in_ledger(
    verification: Verification, package: opc.Package, approvals: Approvals | None, suffix: str, known: Known
) -> tuple[Answer, Round | None]:
    if approvals is None:
        return Answer(Question.LEDGER, Held.NO, (_NOT_ISSUED,)), None
    try:
        found = _round(approvals, known)
        _need_closing(verification, package, approvals, found, suffix, known)
        return Answer(Question.LEDGER, Held.YES), found
    except Refused as error:
        return Answer(Question.LEDGER, Held.NO, (_told(f"ledger-{error.reason}", error),)), None


def _round(approvals: Approvals, known: Known) -> Round:
    """The round that a file was issued from.

    Raises:
        Refused: the ledger does not hold, or has no such round.
    """
    chain = known.ledger.chain(approvals.case, known.trust)
    if not chain.rounds:
        raise Refused(Reason.NO_CASE, what=approvals.case)
    found = next((each for each in chain.rounds if each.complete and each.head == approvals.head), None)
    if found is None:
        raise Refused(Reason.HEAD, approvals.case)
    if found.closing is None:
        raise Refused(Reason.NOT_CLOSED, approvals.case)
    if found is not chain.current:
        raise Refused(Reason.SUPERSEDED, approvals.case)
    return found


def _need_closing(
    verification: Verification,
    package: opc.Package,
    approvals: Approvals,
    found: Round,
    suffix: str,
    known: Known,
) -> None:
    """That the closing statement is about this file, its certificate, and what it prints of the approvals.

    Raises:
        Refused: it is about something else.
    """
    closing = found.closing.step.subjects if found.closing is not None else {}
    if closing.get(f"issued.{suffix}") != package.content_digest:
        raise Refused(Reason.CONTENT, approvals.case, named([f"issued.{suffix}"]))
    if closing.get("certificate") not in {signature.fingerprint for signature in verification.signatures}:
        raise Refused(Reason.CONTENT, approvals.case, named(["certificate"]))
    if approvals.signed != opinions.of_round(found, known.trust):
        raise Refused(Reason.CONTENT, approvals.case, named(["approvals"]))


# --- rendering again -------------------------------------------------------------------------------------------------


def _rendered(
    name: str,
    data: bytes,
    package: opc.Package,
    approvals: Approvals,
    found: Round | None,
    forms: Forms,
    read_list: ReadList,
) -> Answer:
    try:
        said = read_document(data, name, forms, read_list)
        template = template_of(package, name, forms)
        shown = _pictures(package, approvals)
    except FormgenError as error:
        return Answer(Question.RENDERING, Held.NO, (_told("rendering-unreadable", error),))
    if template is None:
        return Answer(Question.RENDERING, Held.NOT_CHECKED, (_OTHER_TEMPLATE,))
    if shown is None:
        return Answer(Question.RENDERING, Held.NO, (_PICTURE,))
    return Answer.of(Question.RENDERING, _differences(package, template, said, approvals, shown, found, name))


def _differences(
    package: opc.Package,
    template: Template,
    said: Readback,
    approvals: Approvals,
    shown: Mapping[str, Picture],
    found: Round | None,
    name: str,
) -> Iterator[verdict.Reason]:
    suffix = name.rpartition(".")[2].lower()
    if found is not None and template.fill(said.values, shown).content_digest != found.subjects[f"proof.{suffix}"]:
        yield _PROOF
    again = finished(issued_pages.issued(template, said.values, approvals, shown))
    if again.content_digest != package.content_digest:
        yield _CONTENT
        for difference in said.differences:
            place = difference.field or difference.place
            text = Text(
                f"现为“{difference.found}”，数据是“{difference.expected}”",
                f"now {difference.found!r}, the data says {difference.expected!r}",
            )
            yield verdict.Reason("rendering-text", text, place)


def _pictures(package: opc.Package, approvals: Approvals) -> dict[str, Picture] | None:
    """The pictures that a document shows, by the value that names each; None if one is not in it."""
    media = {
        f"sha256:{sha256(data).hexdigest()}": data
        for name, data in package.parts.items()
        if name.rpartition(".")[2].lower() in ("jpg", "png")
    }
    shown: dict[str, Picture] = {}
    for value, noted in approvals.pictures.items():
        if noted.digest not in media:
            return None
        picture = pictures.read(media[noted.digest])
        shown[value] = Picture(picture.data, picture.suffix, picture.width, picture.height, noted.turns, noted.mirrored)
    return shown
