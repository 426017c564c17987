"""Why a ledger, or a step that is to be added to it, is refused: each reason has a name and a sentence."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from formgen.errors import FormgenError
from formgen.findings import Text


class Reason(StrEnum):
    """The names of the reasons; tests and the JSON output know them by these."""

    MALFORMED = "malformed"
    POLICY_SIGNATURE = "policy-signature"
    POLICY_UNKNOWN = "policy-unknown"
    POLICY_OLDER = "policy-older"
    POLICY_FORK = "policy-fork"
    OTHER_FILE = "other-file"
    MISSING_STEP = "missing-step"
    OTHER_CASE = "other-case"
    CHAIN = "chain"
    KEY_UNKNOWN = "key-unknown"
    SIGNATURE = "signature"
    NOT_IN_BATCH = "not-in-batch"
    TIME_BEFORE = "time-before"
    TIME_AFTER = "time-after"
    DAY_BEFORE = "day-before"
    KEY_ENDED = "key-ended"
    ROLE = "role"
    ORDER = "order"
    SAME_PERSON = "same-person"
    CONTENT = "content"
    NOT_OPEN = "not-open"
    UNDER_WAY = "under-way"
    INCOMPLETE = "incomplete"
    HEAD = "head"
    NOT_CLOSED = "not-closed"
    SUPERSEDED = "superseded"
    NO_CASE = "no-case"
    OTHER_LEDGER = "other-ledger"
    NO_LEDGER = "no-ledger"


@dataclass(frozen=True, slots=True)
class _Said:
    problem: Text
    remedy: Text | None = None


_RESTART: Final = Text(
    "请重新送审：formgen signoff start；以前的签批不会带到改过的内容上",
    "submit it again with formgen signoff start; approvals do not carry over to changed content",
)
_ASK: Final = Text(
    "签批记录被人动过：请从备份恢复，并查明是谁改的",
    "somebody has tampered with the ledger: restore it from a copy, and find out who",
)
_SAID: Final = {
    Reason.MALFORMED: _Said(Text("不是完好的签批记录（{what}）", "no whole record of sign-off ({what})"), _ASK),
    Reason.POLICY_SIGNATURE: _Said(
        Text("签批规则不是由指定的根钥匙签署的", "the policy is not signed by the root key"),
        Text(
            "请核对 --root 和 --policy；根公钥要从可靠的人那里当面取得",
            "check --root and --policy; have the root's public key from somebody whom you trust",
        ),
    ),
    Reason.POLICY_UNKNOWN: _Said(
        Text("所依据的签批规则不在签批簿里", "the policy that it names is not in the ledger"), _ASK
    ),
    Reason.POLICY_OLDER: _Said(
        Text("所依据的签批规则比前一步的版次旧", "it names an older policy than the step before"),
        Text("请用最新的签批规则", "use the newest policy"),
    ),
    Reason.POLICY_FORK: _Said(
        Text("有两份不同的签批规则是同一版次（{what}）", "there are two policies of the same number ({what})"),
        Text("请把其中一份改成下一版次，重新签署", "give one of them the next number and sign it again"),
    ),
    Reason.OTHER_FILE: _Said(
        Text("签批簿里有别的文件：{what}", "there is another file in the ledger: {what}"),
        Text(
            "可能是同步软件留下的冲突副本：请移到签批簿之外，查明来历",
            "perhaps a synchronised folder's copy: move it out, and find out where it comes from",
        ),
    ),
    Reason.MISSING_STEP: _Said(Text("缺少一步：{what}", "a step is missing: {what}"), _ASK),
    Reason.OTHER_CASE: _Said(Text("这一步属于另一案：{what}", "this step belongs to another case: {what}"), _ASK),
    Reason.CHAIN: _Said(
        Text("与前一步接不上：前面的记录被改过或换过", "it does not follow from the step before"), _ASK
    ),
    Reason.KEY_UNKNOWN: _Said(
        Text("签批规则里没有这把钥匙", "the policy does not list this key"),
        Text("请把它加进签批规则的下一版", "add it to the next version of the policy"),
    ),
    Reason.SIGNATURE: _Said(Text("签名不对：内容被改过", "the signature is wrong: the content was changed"), _ASK),
    Reason.NOT_IN_BATCH: _Said(
        Text("成批签批的清单里没有这一步，或与它不符", "the list that was approved does not have this step"), _ASK
    ),
    Reason.TIME_BEFORE: _Said(
        Text("时间（{what}）早于前一步：倒签", "its time ({what}) is before that of the step before: back-dated"),
        Text("请核对电脑的时钟", "check the computer's clock"),
    ),
    Reason.TIME_AFTER: _Said(
        Text("时间（{what}）还没有到", "its time ({what}) has not come yet"),
        Text(
            "请核对电脑的时钟；登记纸质意见的，核对 --day",
            "check the computer's clock, or --day of an opinion on paper",
        ),
    ),
    Reason.DAY_BEFORE: _Said(
        Text("纸质意见的日期早于前一步（{what}）", "the opinion on paper is earlier than the step before ({what})"),
        Text(
            "请核对 --day 和纸上的日期；意见确实在前的，请在前一步以后重新征求",
            "check --day and the paper; if it was given too early, ask for it again",
        ),
    ),
    Reason.KEY_ENDED: _Said(
        Text("{what} 的钥匙这一天不在有效期内", "the key of {what} is not valid on that day"),
        Text("请换一把有效的钥匙", "use a key that is valid"),
    ),
    Reason.ROLE: _Said(
        Text("{what} 没有这一步的职责（或不管这个学院）", "{what} has not this role (or not for this college)"),
        Text("请由签批规则写明的人签批", "let one of those sign whom the policy names"),
    ),
    Reason.ORDER: _Said(
        Text("还没有轮到或已经签过：{what}", "it is not the turn of {what}, or it has been taken already"),
        Text("formgen signoff status 列出轮到谁", "formgen signoff status tells whose turn it is"),
    ),
    Reason.SAME_PERSON: _Said(
        Text(
            "{what} 在这一轮已经经手，每一步要由不同的人签批",
            "{what} has acted in this round: each step is another person's",
        ),
        Text("请由另一人签批", "let somebody else sign"),
    ),
    Reason.CONTENT: _Said(Text("送审以后变了：{what}", "changed since it was submitted: {what}"), _RESTART),
    Reason.NOT_OPEN: _Said(
        Text(
            "这一案没有在签批（没有送审，或已退回、已出具）", "the case is not open: not submitted, rejected, or issued"
        ),
        Text("请先送审：formgen signoff start", "submit it first: formgen signoff start"),
    ),
    Reason.UNDER_WAY: _Said(
        Text(
            "内容没有变，这一轮还在签批中或已经签完", "the content is the same, and its round is under way or complete"
        ),
    ),
    Reason.INCOMPLETE: _Said(
        Text("还没有签完，缺：{what}", "it is not signed off yet, still lacking: {what}"),
        Text("formgen signoff status 列出轮到谁", "formgen signoff status tells whose turn it is"),
    ),
    Reason.HEAD: _Said(
        Text("文件上的签批号与签批簿不符", "the head that the file names is not that of the ledger"),
        Text("签批簿不全，或文件不是由它出具的", "the ledger is incomplete, or the file was not issued from it"),
    ),
    Reason.NOT_CLOSED: _Said(
        Text("签批簿里没有这份文件的出具记录", "the ledger has no closing statement for this file"),
        Text("请再运行一次 formgen issue", "run formgen issue once more"),
    ),
    Reason.SUPERSEDED: _Said(
        Text(
            "这份文件出具以后又重新送审了，以后来的为准", "the case has been submitted again since this file was issued"
        ),
    ),
    Reason.NO_CASE: _Said(Text("签批簿里没有这一案：{what}", "the ledger has no such case: {what}")),
    Reason.NO_LEDGER: _Said(
        Text("这里没有签批簿", "there is no ledger here"),
        Text("请核对 --ledger；formgen signoff start 会新建", "check --ledger; formgen signoff start makes one"),
    ),
    Reason.OTHER_LEDGER: _Said(
        Text("这不是这个根钥匙的签批簿", "this ledger belongs to another root key"),
        Text("请核对 --root 和 --ledger", "check --root and --ledger"),
    ),
}


class Refused(FormgenError):
    """A ledger does not hold, or a step must not be taken. ``reason`` names why."""

    exit_code = 1

    def __init__(self, reason: Reason, place: str = "", what: "str | Text" = "") -> None:
        said = _SAID[reason]
        zh, en = (what.zh, what.en) if isinstance(what, Text) else (what, what)
        problem = Text(said.problem.zh.replace("{what}", zh), said.problem.en.replace("{what}", en))
        super().__init__(problem, place=place, remedy=said.remedy)
        self.reason = reason
        self._made_of = (reason, place, what)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self._made_of
