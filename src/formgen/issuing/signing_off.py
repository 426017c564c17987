"""The steps of sign-off on the cases of dossiers: submitting, approving, rejecting, recording paper."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from formgen.errors import FormgenError, UsageError
from formgen.findings import Text
from formgen.issuing.material import Case
from formgen.issuing.review import Review
from formgen.signing import dsse
from formgen.signing.chain import Chain, Trust, named, next_step
from formgen.signing.ledger import Added, Ledger, Make
from formgen.signing.policy import CLERK, Key, Policy
from formgen.signing.refusals import Reason, Refused
from formgen.signing.statement import Decision, Paper, Step, spelt


class NotSeen(FormgenError):
    """What would be approved is not what was looked at."""

    exit_code = 1


@dataclass(frozen=True)
class Desk:
    """Somebody who acts on a ledger, with a key, at a time."""

    ledger: Ledger
    trust: Trust
    key: Ed25519PrivateKey
    now: datetime

    @property
    def policy(self) -> Policy:
        """The newest policy."""
        return self.trust.newest


def submit(desk: Desk, cases: Iterable[Case]) -> tuple[dict[str, Chain], dict[str, Refused]]:
    """Submits cases, or submits them again that were rejected or have changed; by number of the case."""
    done: dict[str, Chain] = {}
    passed_over: dict[str, Refused] = {}
    for case in cases:

        def make(chain: Chain, case: Case = case) -> Step:
            return Step(
                case=case.number,
                sequence=len(chain.entries) + 1,
                round=len(chain.rounds) + 1,
                decision=Decision.SUBMIT,
                role=CLERK,
                form=case.form,
                scope=case.scope,
                previous=chain.tip,
                policy=desk.policy.digest,
                time=spelt(desk.now),
                subjects=case.subjects,
                waived=case.waived,
            )

        try:
            done[case.number] = desk.ledger.add(case.number, make, desk.key, desk.trust)
        except Refused as error:
            if error.reason is not Reason.UNDER_WAY:
                raise
            passed_over[case.number] = error
    return done, passed_over


def own_key(policy: Policy, key: Ed25519PublicKey) -> Key:
    """The entry of a key in the policy.

    Raises:
        Refused: it has none.
    """
    found = policy.keys.get(dsse.keyid_of(key))
    if found is None:
        raise Refused(Reason.KEY_UNKNOWN)
    return found


def awaiting(
    ledger: Ledger, trust: Trust, cases: Iterable[Case], key: Key, role: str | None
) -> tuple[tuple[Case, ...], dict[str, Refused]]:
    """The cases in which it is the turn of a key's owner, as they were submitted; those that have changed since, apart.

    Args:
        ledger: the ledger.
        trust: what it is judged by.
        cases: the cases of the dossiers.
        key: whose turn it is to be.
        role: in which of the key's roles; any, if it is None.
    """
    own = _approving(key, role)
    found: list[Case] = []
    changed: dict[str, Refused] = {}
    for case in cases:
        chain = ledger.chain(case.number, trust)
        if not chain.open or role_in(chain, own, key) is None:
            continue
        try:
            need_unchanged(chain, case)
            found.append(case)
        except Refused as error:
            changed[case.number] = error
    return tuple(found), changed


def _approving(key: Key, role: str | None) -> tuple[str, ...]:
    """The roles in which a key's owner may approve; a clerk's is none, but for the refusal that names it."""
    own = (role,) if role is not None else tuple(each for each in key.roles if each != CLERK)
    return own or key.roles


def role_in(chain: Chain, own: Collection[str], key: Key) -> str | None:
    """In which of some roles a key's owner may take the next step."""
    scope = chain.current.start.step.scope
    return next((role for role in chain.current.turn if role in own and key.may(role, scope)), None)


def need_unchanged(chain: Chain, case: Case) -> None:
    """That a case is what was submitted.

    Raises:
        Refused: it is not; the message names what differs.
    """
    then, now = chain.current.subjects, case.subjects
    differing = {name for name in {*then, *now} if then.get(name) != now.get(name)}
    if chain.current.start.step.waived != case.waived:
        differing.add("waivers")
    if differing:
        raise Refused(Reason.CONTENT, case.label, named(differing))


def approve(
    desk: Desk,
    review: Review,
    code: str,
    role: str | None,
    *,
    acknowledge: bool = False,
    exceptions: Collection[str] = (),
    comment: str = "",
) -> Added:
    """Approves what was looked at, in one signed list; without the excepted cases.

    Raises:
        NotSeen: it is no longer what was looked at, or there is something to acknowledge.
        UsageError: an exception is none of the cases.
    """
    _need_seen(review, code, acknowledge=acknowledge)
    numbers = [case.number for case in review.cases]
    _need_known(exceptions, numbers)
    key = own_key(desk.policy, desk.key.public_key())
    own = _approving(key, role)
    expected = {case.number: case.subjects for case in review.cases}

    def make(chain: Chain) -> Step:
        turn = role_in(chain, own, key) or role or own[0]
        step = next_step(chain, Decision.APPROVE, turn, desk.policy, spelt(desk.now), comment=comment)
        # The subjects are those of what was shown, not those that somebody else wrote into the ledger.
        return replace(step, subjects=expected[chain.case], shown=review.shown)

    by_role: dict[str, list[str]] = {}
    for number in (number for number in numbers if number not in exceptions):
        acting = own[0] if len(own) == 1 else role_in(desk.ledger.chain(number, desk.trust), own, key) or own[0]
        by_role.setdefault(acting, []).append(number)
    done: dict[str, Chain] = {}
    refused: dict[str, Refused] = {}
    for group in by_role.values():
        if len(group) == 1:
            _one(desk, group[0], make, done, refused)
            continue
        added = desk.ledger.add_all(group, make, desk.key, desk.trust)
        done.update(added.done)
        refused.update(added.refused)
    return Added(done, refused)


def _need_seen(review: Review, code: str, *, acknowledge: bool) -> None:
    if code != review.code:
        raise NotSeen(
            Text("现在要签的与您看过的不一样（或还没有看过）", "what would be signed is not what you have looked at"),
            remedy=Text(
                "请先看：formgen signoff review（选项、语言与签批时一样），再用它给出的 --seen",
                "look at it with formgen signoff review, with the same options and language, then use its --seen",
            ),
        )
    if review.to_acknowledge and not acknowledge:
        raise NotSeen(
            Text(
                f"有 {review.to_acknowledge} 处没有核对或已豁免的问题，签批前须知悉",
                f"{review.to_acknowledge} findings are unverified or waived and must be acknowledged",
            ),
            remedy=Text("看过以后加 --acknowledge", "having read them, add --acknowledge"),
        )


def _need_known(exceptions: Collection[str], numbers: Collection[str]) -> None:
    unknown = set(exceptions) - set(numbers)
    if unknown:
        raise UsageError(
            Text(f"这里没有这些案号：{'、'.join(sorted(unknown))}", f"no such case here: {', '.join(sorted(unknown))}"),
            remedy=Text("formgen signoff review 列出案号", "formgen signoff review lists the cases"),
        )


def _one(desk: Desk, number: str, make: Make, done: dict[str, Chain], refused: dict[str, Refused]) -> None:
    try:
        done[number] = desk.ledger.add(number, make, desk.key, desk.trust)
    except Refused as error:
        refused[number] = error


def reject(desk: Desk, number: str, role: str | None, comment: str) -> Chain:
    """Rejects a case: its steps begin anew when it is submitted again."""
    key = own_key(desk.policy, desk.key.public_key())
    own = (role,) if role is not None else key.roles

    def make(chain: Chain) -> Step:
        turn = role_in(chain, own, key) or own[0]
        return next_step(chain, Decision.REJECT, turn, desk.policy, spelt(desk.now), comment=comment)

    return desk.ledger.add(number, make, desk.key, desk.trust)


def record(desk: Desk, number: str, role: str, paper: Paper, comment: str) -> Chain:
    """Records an opinion that was stamped on paper, on behalf of who gave it."""

    def make(chain: Chain) -> Step:
        return next_step(chain, Decision.APPROVE, role, desk.policy, spelt(desk.now), comment=comment, paper=paper)

    return desk.ledger.add(number, make, desk.key, desk.trust)
