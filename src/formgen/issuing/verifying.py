"""The last two answers about a signed file: does the ledger know it, and does its own data print it again."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from formgen import opc, pictures
from formgen.errors import FormgenError
from formgen.filling import issued as issued_pages
from formgen.filling import shown_pictures
from formgen.filling.approvals import Approvals, Shown
from formgen.filling.readback import Made, UnknownDocument, differences_from, made_of, with_seals
from formgen.filling.template import Template
from formgen.findings import Text
from formgen.forms import Edition, Forms
from formgen.issuing import opinions
from formgen.issuing.issue import finished
from formgen.pictures import Picture, PictureError
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
_WHICH_PICTURE = verdict.Reason(
    "rendering-which-picture",
    Text(
        "文字与数据一致；哪张图片在哪里无从核对（没有经过签批的文件不记）",
        "text and data agree; which picture belongs where is not told by a file that was not signed off",
    ),
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
        made = made_of(package, verification.file, forms, read_list)
    except UnknownDocument:  # nothing in it says what it should be
        made = None
    except FormgenError as error:
        why = (_told("file-unreadable", error),)
        if known is not None:
            verification = verification.with_answer(Answer(Question.LEDGER, Held.NO, why))
        return verification.with_answer(Answer(Question.RENDERING, Held.NO, why))
    suffix = verification.file.rpartition(".")[2].lower()
    round_: Round | None = None
    if known is not None:
        approvals = made.approvals if made is not None else None
        answer, round_ = _in_ledger(verification, package, approvals, suffix, known)
        verification = _with_record(verification.with_answer(answer), round_)
    return verification if made is None else verification.with_answer(_rendered(package, made, round_, suffix))


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


def _with_record(verification: Verification, found: Round | None) -> Verification:
    """The same with what the ledger says of the exceptions and of what approvers saw."""
    if found is None:
        return verification
    seen = tuple(
        verdict.Seen(entry.person, shown.bundle, shown.findings, shown.acknowledged)
        for entry in found.approvals
        if (shown := entry.step.shown) is not None
    )
    return replace(verification, waived=found.start.step.waived, seen=seen)


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


def _rendered(package: opc.Package, made: Made, found: Round | None, suffix: str) -> Answer:
    template = made.template
    if template is None:
        return Answer(Question.RENDERING, Held.NOT_CHECKED, (_OTHER_TEMPLATE,))
    if made.approvals is None:
        return _rendered_without_approvals(package, made, template)
    try:
        shown = _pictures(package, made.approvals.pictures)
        put = _pictures(package, made.approvals.seals if suffix == "docx" else {})
    except PictureError as error:
        return Answer(Question.RENDERING, Held.NO, (_told("rendering-picture", error),))
    if shown is None or put is None:
        return Answer(Question.RENDERING, Held.NO, (_PICTURE,))
    reasons: list[verdict.Reason] = []
    proof = found.subjects.get(f"proof.{suffix}") if found is not None else None
    if found is not None and template.fill(made.values, shown).content_digest != proof:
        reasons.append(_PROOF)
    again = finished(issued_pages.issued(with_seals(template, suffix, put), made.values, made.approvals, shown))
    if again.content_digest != package.content_digest:
        reasons += [_CONTENT, *_edited(package, made)]
    return Answer.of(Question.RENDERING, reasons)


def _rendered_without_approvals(package: opc.Package, made: Made, template: Template) -> Answer:
    """Of a form that was signed but not signed off: is it what its data prints, protected or not."""
    try:
        pictures_ = _InOrder(package, template)
    except opc.PackageError as error:
        return Answer(Question.RENDERING, Held.NO, (_told("file-unreadable", error),))
    filled = opc.read(template.fill(made.values, pictures_).data, "")
    if package.content_digest in (filled.content_digest, finished(filled).content_digest):
        return Answer(Question.RENDERING, Held.YES)
    edited = tuple(_edited(package, made))
    if not edited and pictures_.asked > 1:  # two places may show one picture, which is stored once
        return Answer(Question.RENDERING, Held.NOT_CHECKED, (_WHICH_PICTURE,))
    return Answer(Question.RENDERING, Held.NO, (_CONTENT, *edited))


def _edited(package: opc.Package, made: Made) -> Iterator[verdict.Reason]:
    for difference in differences_from(package, made):
        text = Text(
            f"现为“{difference.found}”，数据是“{difference.expected}”",
            f"now {difference.found!r}, the data says {difference.expected!r}",
        )
        yield verdict.Reason("rendering-text", text, difference.field or difference.place)


def _pictures(package: opc.Package, listed: Mapping[str, Shown]) -> dict[str, Picture] | None:
    """The pictures that a document has noted; None if one is not in it.

    Raises:
        PictureError: one is damaged.
    """
    media = {f"sha256:{sha256(data).hexdigest()}": data for data in shown_pictures.stored(package).values()}
    shown: dict[str, Picture] = {}
    for value, noted in listed.items():
        if noted.digest not in media:
            return None
        picture = pictures.read(media[noted.digest])
        shown[value] = replace(picture, turns=noted.turns, mirrored=noted.mirrored)
    return shown


class _InOrder(dict[str, Picture]):
    """The pictures of a document that does not say which is which: they are numbered in the order of their use."""

    def __init__(self, package: opc.Package, template: Template) -> None:
        super().__init__()
        self._left = shown_pictures.shown(package, template.package.parts)
        self.asked = 0

    def __bool__(self) -> bool:
        return True  # filling takes an empty dictionary for none

    def __missing__(self, name: str) -> Picture:
        self.asked += 1
        if not self._left:
            raise KeyError(name)
        self[name] = self._left.pop(0)
        return self[name]

    def get(self, name: str, default: Any = None) -> Any:
        """The picture of that name, the next one if it has not been asked for before."""
        try:
            return self[name]
        except KeyError:
            return default
