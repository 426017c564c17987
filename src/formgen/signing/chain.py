"""The chain of one case: its steps in order, judged one by one; what may come next.

The same judgement says whether a ledger holds and whether a step may be added, so nothing is ever written that would
not be accepted when it is read.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from formgen.findings import Text
from formgen.signing import dsse
from formgen.signing.policy import CLERK, Key, Policy, Stages
from formgen.signing.refusals import Reason, Refused
from formgen.signing.statement import CHINA, Decision, Paper, Step


@dataclass(frozen=True)
class Trust:
    """What a ledger is judged by: the policies that the root has signed, the newest of them, and the time."""

    policies: Mapping[str, Policy]
    """By digest."""
    newest: Policy
    now: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """A step as it lies in the ledger. An approval of many cases has one envelope for all of them."""

    step: Step
    keyid: str
    digest: str
    """Of its file."""
    envelope: dsse.Envelope
    person: str = ""
    """Who is bound by it: the key's owner, or who gave the opinion on paper."""


@dataclass(frozen=True, slots=True)
class Round:
    """What has been done since a submission."""

    number: int
    stages: Stages
    start: Entry
    approvals: tuple[Entry, ...] = ()
    rejection: Entry | None = None
    closing: Entry | None = None

    @property
    def subjects(self) -> Mapping[str, str]:
        """What the round is about."""
        return self.start.step.subjects

    @property
    def turn(self) -> tuple[str, ...]:
        """The roles whose turn it is; none when the round has ended."""
        if self.rejection is not None:
            return ()
        done = {entry.step.role for entry in self.approvals}
        for stage in self.stages:
            left = tuple(role for role in stage if role not in done)
            if left:
                return left
        return ()

    @property
    def lacking(self) -> tuple[str, ...]:
        """The roles that have not approved yet."""
        done = {entry.step.role for entry in self.approvals}
        return tuple(role for stage in self.stages for role in stage if role not in done)

    @property
    def complete(self) -> bool:
        """Whether every step has been approved."""
        return self.rejection is None and not self.lacking

    @property
    def persons(self) -> frozenset[str]:
        """Who has acted in the round."""
        return frozenset(entry.person for entry in (self.start, *self.approvals))

    @property
    def head(self) -> str:
        """The digest of the last approval: it stands on the issued form."""
        return self.approvals[-1].digest


@dataclass(frozen=True)
class Chain:
    """The steps of a case that have been judged good."""

    case: str
    entries: tuple[Entry, ...] = ()
    rounds: tuple[Round, ...] = ()
    _policies: tuple[Policy, ...] = field(default=(), repr=False)

    @property
    def current(self) -> Round:
        """The last round.

        Raises:
            Refused: the case was never submitted.
        """
        if not self.rounds:
            raise Refused(Reason.NOT_OPEN, self.case)
        return self.rounds[-1]

    @property
    def tip(self) -> str:
        """The digest that the next step must quote."""
        return self.entries[-1].digest if self.entries else ""

    @property
    def open(self) -> bool:
        """Whether somebody's approval is awaited."""
        return bool(self.rounds) and bool(self.rounds[-1].turn)

    def extended(self, entry: Entry, trust: Trust, place: str) -> "Chain":
        """The chain with one more step.

        Raises:
            Refused: the step must not be there.
        """
        step = entry.step
        if step.case != self.case:
            raise Refused(Reason.OTHER_CASE, place, step.case)
        if step.sequence != len(self.entries) + 1:
            raise Refused(Reason.MISSING_STEP, place, str(len(self.entries) + 1))
        if step.previous != self.tip:
            raise Refused(Reason.CHAIN, place)
        policy = self._policy(step, trust, place)
        key = _key(entry, policy, trust, place)
        self._need_time(step, key, trust, place)
        if not key.may(CLERK if step.paper is not None else step.role, step.scope):
            raise Refused(Reason.ROLE, place, key.person)
        person = step.paper.by if step.paper is not None else key.person
        entry = replace(entry, person=person)
        rounds = self._rounds(entry, policy, place)
        return replace(self, entries=(*self.entries, entry), rounds=rounds, _policies=(*self._policies, policy))

    def _policy(self, step: Step, trust: Trust, place: str) -> Policy:
        policy = trust.policies.get(step.policy)
        if policy is None:
            raise Refused(Reason.POLICY_UNKNOWN, place)
        if self._policies and policy.number < self._policies[-1].number:
            raise Refused(Reason.POLICY_OLDER, place)
        return policy

    def _need_time(self, step: Step, key: Key, trust: Trust, place: str) -> None:
        if self.entries and step.moment < self.entries[-1].step.moment:
            raise Refused(Reason.TIME_BEFORE, place, step.time)
        if step.moment > trust.now:
            raise Refused(Reason.TIME_AFTER, place, step.time)
        if not key.holds_on(step.moment.astimezone(CHINA).date()):
            raise Refused(Reason.KEY_ENDED, place, key.person)
        if step.paper is not None and step.day > step.moment.astimezone(CHINA).date():
            raise Refused(Reason.TIME_AFTER, place, step.paper.day)

    def _rounds(self, entry: Entry, policy: Policy, place: str) -> tuple[Round, ...]:
        step = entry.step
        if step.decision is Decision.SUBMIT:
            return (*self.rounds, self._submitted(entry, policy, place))
        if not self.rounds:
            raise Refused(Reason.NOT_OPEN, place)
        now = self.rounds[-1]
        if step.round != now.number or (step.form, step.scope) != (now.start.step.form, now.start.step.scope):
            raise Refused(Reason.OTHER_CASE, place, f"{step.form} {step.scope} #{step.round}".strip())
        if policy.stages(step.form) != now.stages:
            raise Refused(Reason.CONTENT, place, Text("签批规则的步骤", "the steps of the policy"))
        changed = [(name, now.subjects[name]) for name in now.subjects if step.subjects.get(name) != now.subjects[name]]
        if changed:
            raise Refused(Reason.CONTENT, place, named(name for name, _ in changed))
        if step.decision is Decision.ISSUE:
            return (*self.rounds[:-1], _closed(now, entry, place))
        return (*self.rounds[:-1], _decided(now, entry, policy, place))

    def _submitted(self, entry: Entry, policy: Policy, place: str) -> Round:
        step = entry.step
        if step.role != CLERK or step.paper is not None:
            raise Refused(Reason.ROLE, place, entry.person)
        if step.round != len(self.rounds) + 1:
            raise Refused(Reason.MISSING_STEP, place, f"#{len(self.rounds) + 1}")
        if self.rounds:
            last = self.rounds[-1]
            if step.form != last.start.step.form:
                raise Refused(Reason.OTHER_CASE, place, step.form)
            same = last.subjects == step.subjects and policy.stages(step.form) == last.stages
            if same and last.rejection is None:
                raise Refused(Reason.UNDER_WAY, place)
        return Round(step.round, policy.stages(step.form), entry)


def _key(entry: Entry, policy: Policy, trust: Trust, place: str) -> Key:
    """The key of a step as the newest policy has it: what ends a key's validity holds for what came before, too."""
    if entry.keyid not in policy.keys or entry.keyid not in trust.newest.keys:
        raise Refused(Reason.KEY_UNKNOWN, place)
    if not entry.envelope.signed_by(policy.keys[entry.keyid].verifier):
        raise Refused(Reason.SIGNATURE, place)
    then, now = policy.keys[entry.keyid], trust.newest.keys[entry.keyid]
    # What it may do is as it was then; from when until when, as is known today.
    return replace(then, since=max(then.since, now.since), until=_earlier(then.until, now.until))


def _earlier(one: date | None, other: date | None) -> date | None:
    return min((day for day in (one, other) if day is not None), default=None)


def _decided(now: Round, entry: Entry, policy: Policy, place: str) -> Round:
    step = entry.step
    if now.rejection is not None or now.closing is not None:
        raise Refused(Reason.NOT_OPEN, place)
    if step.role not in now.turn:
        raise Refused(Reason.ORDER, place, policy.title(step.role))
    if entry.person in now.persons:
        raise Refused(Reason.SAME_PERSON, place, entry.person)
    if step.subjects != now.subjects:
        raise Refused(Reason.CONTENT, place, named(step.subjects.keys() - now.subjects.keys()))
    _need_order(now, step, place)
    if step.decision is Decision.REJECT:
        return replace(now, rejection=entry)
    return replace(now, approvals=(*now.approvals, entry))


def _need_order(now: Round, step: Step, place: str) -> None:
    """An opinion on paper is not of a day before those that had to come first; roles of one stage have no order."""
    earlier = set[str]()
    for stage in now.stages:
        if step.role in stage:
            break
        earlier.update(stage)
    before = max((entry.step.day for entry in now.approvals if entry.step.role in earlier), default=step.day)
    if step.day < before:
        days = Text(f"{step.day}，前一步是 {before}", f"{step.day}; the step before is of {before}")
        raise Refused(Reason.DAY_BEFORE, place, days)


def _closed(now: Round, entry: Entry, place: str) -> Round:
    step = entry.step
    if step.role != CLERK or step.paper is not None:
        raise Refused(Reason.ROLE, place, entry.person)
    if not now.complete:
        raise Refused(Reason.INCOMPLETE, place, "、".join(now.lacking))
    if now.closing is not None:
        raise Refused(Reason.NOT_OPEN, place)
    return replace(now, closing=entry)


_NAMES = {
    "input": Text("材料", "the input"),
    "waivers": Text("豁免", "the waivers"),
    "rules": Text("规则", "the rules"),
    "template": Text("模板", "the template"),
    "proof": Text("送审稿", "the proof"),
    "issued": Text("出具的文件", "the issued document"),
    "certificate": Text("签名用的证书", "the certificate that signs"),
    "approvals": Text("文件上写的签批", "what it prints of the approvals"),
}


def named(subjects: Iterable[str]) -> Text:
    """The subjects of a step as a person calls them; that a proof differs too goes without saying."""
    listed = sorted(set(subjects))
    causes = [name for name in listed if not name.startswith("proof")] or listed
    texts = []
    for name in causes:
        kind, _, suffix = name.partition(".")
        text = _NAMES.get(kind, Text(kind, kind))
        texts.append(Text(f"{text.zh}（.{suffix}）", f"{text.en} (.{suffix})") if suffix else text)
    return Text("、".join(text.zh for text in texts), ", ".join(text.en for text in texts))


def next_step(
    chain: Chain,
    decision: Decision,
    role: str,
    policy: Policy,
    time: str,
    *,
    comment: str = "",
    paper: Paper | None = None,
    more: Mapping[str, str] | None = None,
) -> Step:
    """The step that would follow in the current round, about the same subjects (and ``more``)."""
    now = chain.current
    return Step(
        case=chain.case,
        sequence=len(chain.entries) + 1,
        round=now.number,
        decision=decision,
        role=role,
        form=now.start.step.form,
        scope=now.start.step.scope,
        previous=chain.tip,
        policy=policy.digest,
        time=time,
        subjects={**now.subjects, **(more or {})},
        comment=comment,
        paper=paper,
    )
