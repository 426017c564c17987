"""What verification says of files, for a person and for a program."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from formgen.findings import Text
from formgen.reports.screen import Line
from formgen.signing.verdict import Answer, Held, Question, Reason, Signature, Verification

_BEIJING = timezone(timedelta(hours=8))
_QUESTIONS: Final = {
    Question.MATHEMATICS: Text("签名", "signature"),
    Question.COVERAGE: Text("覆盖", "coverage"),
    Question.CERTIFICATE: Text("证书", "certificate"),
    Question.LEDGER: Text("签批簿", "ledger"),
    Question.RENDERING: Text("重新生成", "rendered again"),
}
_HELD: Final = {
    Held.YES: Text("成立", "holds"),
    Held.NO: Text("不成立", "does not hold"),
    Held.NOT_CHECKED: Text("未核对", "not checked"),
}
_STYLES: Final = {Held.YES: "green", Held.NO: "bold red", Held.NOT_CHECKED: "yellow"}
_SIGNED = Text(
    "签名者 {signer}（签发者 {issuer}，{key}），{when}", "signed by {signer} (issued by {issuer}, {key}), {when}"
)
_STATED = Text("{time}（签名者自称的时间）", "{time} (as the signer states)")
_STAMPED = Text("{time}（时间戳证明）", "{time} (proven by a time stamp)")
_NOT_COVERED = Text(
    "签名不管的部分：{parts}（标题、作者、编辑时间等属性）",
    "not covered by signatures: {parts} (title, author, editing time)",
)
_SUMMARY = Text(
    "共 {files} 份：{holding} 份成立，{failing} 份没有成立", "{files} files: {holding} hold, {failing} do not"
)
_WAIVED = Text(
    "有豁免：{rules}（见案卷的 waivers.toml）", "exceptions were granted: {rules} (see the dossier's waivers.toml)"
)
_ACKNOWLEDGED = Text(
    "签批时知悉 {count} 处没有核对或已豁免的问题（问题表）",
    "when approving, {count} unverified or waived findings were noted (table of findings)",
)
_ONLY = Text(
    "签批簿没有核对：签名成立不等于已经签批", "the ledger was not checked: a valid signature is not a sign-off"
)


def lines(verification: Verification, lang: str) -> Iterator[Line]:
    """What is known about one file: one line where everything holds, else every answer with its reasons."""
    all_held = {answer.held for answer in verification.answers}
    held = next(each for each in (Held.NO, Held.NOT_CHECKED, Held.YES) if each in all_held)
    names = "、".join(each.signer for each in verification.signatures)
    head = (
        f"{verification.file}：{_HELD[held].lang('zh')}" if lang == "zh" else f"{verification.file}: {_HELD[held].en}"
    )
    yield Line(f"{head}  {names}" if names else head, style=_STYLES[held])
    yield from _exceptions(verification, lang)
    if verification.holds:
        return
    for signature in verification.signatures:
        yield Line(signed(signature, lang), indent=2)
    for answer in verification.answers:
        yield from _answer(answer, lang)
    if verification.not_covered:
        yield Line(_NOT_COVERED.lang(lang, {"parts": "、".join(verification.not_covered)}), indent=2)


def _exceptions(verification: Verification, lang: str) -> Iterator[Line]:
    """What was let pass, and what approvers have taken note of: a form that holds may have been an exception."""
    if verification.waived:
        yield Line(_WAIVED.lang(lang, {"rules": "、".join(verification.waived)}), indent=2, style="yellow")
    count = max((seen.acknowledged for seen in verification.seen), default=0)
    if count:
        yield Line(_ACKNOWLEDGED.lang(lang, {"count": count}), indent=2)


def signed(signature: Signature, lang: str) -> str:
    """Who signed and when."""
    proven = signature.stamped is not None
    moment = signature.stamped or signature.stated
    when = "—" if moment is None else (_STAMPED if proven else _STATED).lang(lang, {"time": _shown(moment, lang)})
    values = {"signer": signature.signer, "issuer": signature.issuer, "key": signature.key, "when": when}
    return _SIGNED.lang(lang, values)


def _shown(moment: datetime, lang: str) -> str:
    if lang == "en":
        return f"{moment:%Y-%m-%d %H:%M} UTC"
    return f"{moment.astimezone(_BEIJING):%Y-%m-%d %H:%M}"


def _answer(answer: Answer, lang: str) -> Iterator[Line]:
    title, held = _QUESTIONS[answer.question].lang(lang), _HELD[answer.held].lang(lang)
    yield Line(f"{title}  {held}" if lang == "zh" else f"{title}: {held}", indent=2, style=_STYLES[answer.held])
    for reason in answer.reasons:
        place = f"{reason.place}：" if lang == "zh" else f"{reason.place}: "
        yield Line((place if reason.place else "") + reason.text.lang(lang), indent=4)


def summary(verifications: Sequence[Verification], lang: str) -> Iterator[Line]:
    """How many files hold, and what that does not mean."""
    holding = sum(each.holds for each in verifications)
    values = {"files": len(verifications), "holding": holding, "failing": len(verifications) - holding}
    yield Line(_SUMMARY.lang(lang, values), style="bold")
    if holding and all(each.answer(Question.LEDGER).held is Held.NOT_CHECKED for each in verifications):
        yield Line(_ONLY.lang(lang), style="yellow")


def document(verifications: Sequence[Verification], now: datetime, lang: str) -> str:
    """All that is known as JSON; its schema is ``schemas/_verification.schema.json``."""
    holding = sum(each.holds for each in verifications)
    whole = {
        "version": 1,
        "at": _iso(now),
        "files": [_file(each, lang) for each in verifications],
        "summary": {"files": len(verifications), "holding": holding, "failing": len(verifications) - holding},
    }
    return json.dumps(whole, ensure_ascii=False, indent=2)


def _file(verification: Verification, lang: str) -> dict[str, Any]:
    return {
        "file": verification.file,
        "holds": verification.holds,
        "signatures": [_signature(each) for each in verification.signatures],
        "answers": {str(question): _told(verification.answer(question), lang) for question in Question},
        "not_covered": list(verification.not_covered),
        "waived": list(verification.waived),
        "seen": [
            {"person": s.person, "bundle": list(s.bundle), "findings": s.findings, "acknowledged": s.acknowledged}
            for s in verification.seen
        ],
        "content_digest": verification.content_digest or None,
    }


def _told(answer: Answer, lang: str) -> dict[str, Any]:
    return {"held": str(answer.held), "reasons": [_reason(each, lang) for each in answer.reasons]}


def _reason(reason: Reason, lang: str) -> dict[str, str]:
    return {"id": reason.id, "place": reason.place, "message": reason.text.lang(lang)}


def _signature(signature: Signature) -> dict[str, Any]:
    return {
        "part": signature.part,
        "signer": signature.signer,
        "issuer": signature.issuer,
        "fingerprint": signature.fingerprint,
        "key": signature.key,
        "stated": _iso(signature.stated),
        "stamped": _iso(signature.stamped),
        "line": signature.line or None,
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment:%Y-%m-%dT%H:%M:%SZ}"
