"""The standing of cases in sign-off, for the screen and as JSON."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from formgen.errors import FormgenError
from formgen.findings import Text
from formgen.reports.screen import Line
from formgen.signing.chain import Chain, Entry, Trust
from formgen.signing.statement import Decision, Shown, Step

_DECISIONS: Final = {
    Decision.SUBMIT: Text("送审", "submitted"),
    Decision.APPROVE: Text("同意", "approved"),
    Decision.REJECT: Text("退回", "rejected"),
    Decision.ISSUE: Text("出具", "issued"),
}
_PAPER: Final = Text("纸质", "paper")
_SHORT: Final = 12
_WAIVED: Final = Text("有豁免：{rules}", "exceptions: {rules}")
_SHOWN: Final = Text(
    "所看送审稿 {bundle}，问题表 {findings}，知悉 {count} 处", "saw proofs {bundle}, table {findings}, noted {count}"
)
_NUMBERS: Final = 3
"""So many cases with the same reason are named."""
_AND_MORE: Final = Text("{told} 等 {count} 案", "{told} and others, {count} cases")
_AFTER: Final = Text("以后还有：{titles}", "and after that: {titles}")


def standing(chain: Chain, trust: Trust) -> Text:
    """Where a case is, in one line."""
    if not chain.rounds:
        return Text("没有送审", "not submitted")
    now = chain.current
    if now.rejection is not None:
        return Text(f"已被{now.rejection.person}退回", f"rejected by {now.rejection.person}")
    if now.closing is not None:
        return Text("已出具", "issued")
    if now.complete:
        return Text("已签完，待出具", "signed off, to be issued")
    titles = [trust.newest.title(role) for role in now.turn]
    return Text(f"待{'、'.join(titles)}签批", f"awaits {', '.join(titles)}")


def lines(chain: Chain, trust: Trust, lang: str, label: str = "") -> Iterator[Line]:
    """A case with its steps, those of its current round at least."""
    named = f"{chain.case}  {label}".rstrip()
    yield Line(f"{named}  {standing(chain, trust).lang(lang)}", style="bold")
    for entry in chain.entries:
        yield Line(_step(entry, trust, lang), indent=2)
        yield from _beside(entry.step, lang)
    if len(chain.current.lacking) > len(chain.current.turn) > 0:
        titles = "、".join(trust.newest.title(role) for role in chain.current.lacking[len(chain.current.turn) :])
        yield Line(_AFTER.lang(lang, {"titles": titles}), indent=2)


def _beside(step: Step, lang: str) -> Iterator[Line]:
    """What a step says of exceptions, and of the files that the approver had before the eyes."""
    if step.waived:
        yield Line(_WAIVED.lang(lang, {"rules": "、".join(step.waived)}), indent=4, style="yellow")
    if step.shown is not None:
        values = {
            "bundle": "、".join(_shortened(digest) for digest in step.shown.bundle),
            "findings": _shortened(step.shown.findings),
            "count": step.shown.acknowledged,
        }
        yield Line(_SHOWN.lang(lang, values), indent=4)


def _step(entry: Entry, trust: Trust, lang: str) -> str:
    step = entry.step
    policy = trust.policies[step.policy]
    paper = f"（{_PAPER.zh}）" if lang == "zh" else f" ({_PAPER.en})"
    means = paper if step.paper is not None else ""
    said = f"  {step.comment}" if step.comment else ""
    head = _shortened(entry.digest)
    decision = _DECISIONS[step.decision].lang(lang)
    return f"{step.day.isoformat()}  {policy.title(step.role)}  {entry.person}  {decision}{means}  {head}{said}"


def _shortened(digest: str) -> str:
    return digest.removeprefix("sha256:")[:_SHORT]


def left_out(refused: Mapping[str, FormgenError], lang: str) -> Iterator[Line]:
    """Why some cases were left out: each reason once, with the numbers that it is said of."""
    said: dict[str, list[str]] = {}
    for number, error in sorted(refused.items()):
        said.setdefault(error.sentence(lang, besides=number), []).append(number)
    for sentence, numbers in said.items():
        told = ("、" if lang == "zh" else ", ").join(numbers[:_NUMBERS])
        if len(numbers) > _NUMBERS:
            told = _AND_MORE.lang(lang, {"told": told, "count": len(numbers)})
        yield Line(f"{told}  {sentence}", style="yellow")


def document(chains: Sequence[Chain], trust: Trust, broken: Mapping[str, FormgenError], lang: str) -> str:
    """All cases as JSON."""
    whole = {
        "version": 1,
        "policy": {"number": trust.newest.number, "digest": trust.newest.digest},
        "cases": [_case(chain, trust, lang) for chain in chains],
        "broken": [{"case": number, "message": error.sentence(lang)} for number, error in sorted(broken.items())],
    }
    return json.dumps(whole, ensure_ascii=False, indent=2)


def _case(chain: Chain, trust: Trust, lang: str) -> dict[str, Any]:
    return {
        "case": chain.case,
        "form": chain.current.start.step.form,
        "standing": standing(chain, trust).lang(lang),
        "round": chain.current.number,
        "turn": list(chain.current.turn),
        "complete": chain.current.complete,
        "issued": chain.current.closing is not None,
        "lacking": list(chain.current.lacking),
        "waived": list(chain.current.start.step.waived),
        "head": chain.current.head if chain.current.complete else None,
        "steps": [
            {
                "decision": entry.step.decision.value,
                "role": entry.step.role,
                "person": entry.person,
                "time": entry.step.time,
                "day": entry.step.day.isoformat(),
                "means": "key" if entry.step.paper is None else "paper",
                "comment": entry.step.comment,
                "shown": _shown(entry.step.shown),
                "digest": entry.digest,
            }
            for entry in chain.entries
        ],
    }


def _shown(shown: Shown | None) -> dict[str, Any] | None:
    if shown is None:
        return None
    return {"bundle": list(shown.bundle), "findings": shown.findings, "acknowledged": shown.acknowledged}
