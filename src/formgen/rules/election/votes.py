"""The election itself as arithmetic: who came, which ballots count, who is elected."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from formgen.findings import Address, Severity, Text
from formgen.rules import rule
from formgen.rules.election.method import (
    SHARE_FIELDS,
    SHARE_READS,
    is_void,
    reads,
    record_of,
    round_number,
    stated,
    usual,
)
from formgen.rules.subject import Law, Node, Verdict, failed, not_applicable, passed, unverified
from formgen.tally import Result, Share, elect

_SINCE = date(2019, 10, 1)
_METHOD = "校级组织主席团成员候选人产生办法及选举办法第三部分"
_LEFT_OPEN = Text("学校的办法对此写法不一", "the school's own documents differ on this")


@dataclass(frozen=True, slots=True)
class Ballot:
    """One ballot: its seats, the names and votes of its candidates, whom it declares elected."""

    seats: int
    names: tuple[str, ...]
    votes: tuple[int, ...]
    declared: frozenset[int]


def _ballot(node: Node, election: Node) -> Ballot | None:
    """A ballot as numbers; None where a number of it is not given."""
    seats = node.get("seats")
    seats = election.get("seats") if seats is None else seats
    candidates = list(node.each("candidates"))
    votes = [candidate.get("votes", "for") for candidate in candidates]
    if seats is None or not candidates or None in votes:
        return None
    names = tuple(candidate.get("name") or "—" for candidate in candidates)
    declared = frozenset(index for index, candidate in enumerate(candidates) if candidate.get("elected"))
    return Ballot(seats, names, tuple(votes), declared)


def _voters(ballot: Node, of: str | None) -> int | None:
    """How many the votes are counted against: those due, those present, or the valid ballots."""
    if of == "valid":
        return _number(ballot.get("ballots", "valid"))
    return _number(record_of(ballot).get("attendance", "due" if of == "due" else "present"))


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a ballot decides by one clause of the school's method."""

    result: Result
    needed: int
    clause: Address


def _decisions(ballot: Node, count: Ballot) -> list[Decision]:
    """What a ballot decides by each clause that says how many votes elect; none where nothing can be counted."""
    found = []
    for said, clause in stated(ballot.dossier, "election_majority", *SHARE_READS).items():
        numerator, denominator, strict, of = said
        voters = _voters(ballot, of)
        if voters is not None and None not in (numerator, denominator, strict):
            share = Share(numerator, denominator, strict)
            found.append(Decision(elect(count.votes, count.seats, voters, share), share.least(voters), clause))
    return found


_MAJORITY_READS = (
    "election:/seats",
    "election:/attendance/due",
    "election:/attendance/present",
    "election:/rounds/*/seats",
    "election:/rounds/*/ballots",
    "election:/rounds/*/candidates",
    *reads("election_majority", *SHARE_READS),
)


@rule(
    "R23",
    name="election-not-competitive",
    title=Text("不是差额、无记名选举", "Not a competitive secret ballot"),
    message=Text(
        "第一轮候选人 {candidates} 名，应选 {seats} 名，不是差额选举",
        "{candidates} candidates for {seats} seats on the first ballot: no choice",
    ),
    missing=Text(
        "看不出是否差额、无记名选举；election.json 还缺：{lacking}",
        "Whether it was a competitive secret ballot cannot be told; election.json lacks {lacking}",
    ),
    hint=Text("候选人须多于应选名额，无记名投票", "There must be more candidates than seats, and a secret ballot"),
    basis=(f"{_METHOD}（二）：“采用差额无记名投票选举产生”；其他学校的办法相同",),
    each="election:",
    reads=("election:/ballot", "election:/seats", "election:/rounds"),
    effective_from=_SINCE,
    wordings={"open": Text("主席团选举没有用无记名投票（{ballot}）", "The ballot was not secret ({ballot})")},
)
def election_not_competitive(subject: Node, law: Law) -> Iterator[Verdict]:
    """There are more candidates than seats, and the ballot is secret."""
    first = next(subject.each("rounds"), None)
    seats, kind = subject.get("seats"), subject.get("ballot")
    candidates = 0 if first is None else first.size("candidates")
    at = subject.at("rounds") if first is None else first.at("candidates")
    competitive = seats is not None and candidates > seats
    if kind not in (None, "secret"):
        yield failed(subject.at("ballot"), wording="open", ballot=kind)
    if seats is not None and candidates and not competitive:
        yield failed(at, also=(subject.at("seats"),), candidates=candidates, seats=seats)
    given = {"ballot": kind is not None, "seats": seats is not None, "rounds.candidates": candidates > 0}
    lacking = [name for name, there in given.items() if not there]
    if lacking:
        cause = at if first is None else None  # R130's place: one record that is not there is one finding
        yield unverified(at, cause=cause, lacking=", ".join(lacking))
    elif competitive and kind == "secret":
        yield passed(at)


@rule(
    "R27",
    name="no-quorum",
    title=Text("到会人数不足", "No quorum"),
    message=Text(
        "应到会代表 {due} 名，实到 {present} 名，少于所需的 {needed} 名",
        "{present} of {due} delegates were present, {needed} are needed",
    ),
    missing=Text(
        "到会人数无法核对；election.json 还缺：{lacking}",
        "The quorum cannot be checked; election.json lacks {lacking}",
    ),
    hint=Text("核对应到、实到人数；不足的应重新召开", "Check both numbers; without a quorum the election is void"),
    basis=(f"{_METHOD}（三）：“选举时，实到会代表必须超过应到会代表的半数，选举方有效。”（比例各校自定）",),
    each="election:",
    reads=("election:/attendance/due", "election:/attendance/present", *reads("quorum", *SHARE_FIELDS)),
    effective_from=_SINCE,
    wordings={
        "more_than_due": Text(
            "实到会代表 {present} 名，多于应到的 {due} 名", "{present} delegates present are more than the {due} due"
        ),
        "no_method": Text(
            "应到 {due} 名，实到 {present} 名；学校规定的到会人数没有录入 charter.json（statements.quorum），"
            "无法核对（常见的规定需 {needed} 名）",
            "{present} of {due} present; the school's own quorum is not in charter.json (statements.quorum),"
            " so it cannot be checked (a common one asks for {needed})",
        ),
        "differs": Text(
            "应到 {due} 名，实到 {present} 名；学校的文件对到会人数规定不一，有的够，有的不够（{needed} 名）",
            "{present} of {due} present: enough by one clause of the school's, not by another ({needed})",
        ),
    },
)
def no_quorum(subject: Node, law: Law) -> Iterator[Verdict]:
    """As many delegates are present as the school's own method asks for."""
    at = subject.at("attendance")
    due, present = subject.get("attendance", "due"), subject.get("attendance", "present")
    if due is None or present is None:
        given = {"attendance.due": due, "attendance.present": present}
        lacking = ", ".join(name for name, value in given.items() if value is None)
        yield unverified(at, lacking=lacking)
        return
    if present > due:
        yield failed(at, wording="more_than_due", due=due, present=present)
        return
    clauses = [
        (Share(*said), clause)
        for said, clause in stated(subject.dossier, "quorum", *SHARE_FIELDS).items()
        if None not in said
    ]
    broken = [(share.least(due), clause) for share, clause in clauses if not share.reached(present, due)]
    said = {"due": due, "present": present}
    if not clauses:
        yield unverified(at, wording="no_method", needed=usual(law, "election.usual_quorum").least(due), **said)
    elif not broken:
        yield passed(at)
    else:
        needed, clause = broken[0]
        also = (clause,)
        if len(broken) == len(clauses):
            yield failed(at, also=also, needed=needed, **said)
        else:
            yield unverified(at, also=also, wording="differs", needed=needed, **said)


@rule(
    "R28",
    name="elected-without-the-votes",
    title=Text("当选人与票数不符", "Declared elected against the votes"),
    message=Text(
        "{name}得 {votes} 票，少于当选所需的 {needed} 票，却写作当选",
        "{name} has {votes} votes, fewer than the {needed} needed, and is declared elected",
    ),
    missing=Text(
        "第 {round} 轮的票数不全，看不出谁当选：请填各候选人的赞成票、应选名额和实到人数",
        "The votes of round {round} are not complete: give the votes for each candidate, seats and attendance",
    ),
    hint=Text("核对票数与当选名单", "Compare the votes and those declared elected"),
    basis=(f"{_METHOD}（五）：“候选人所得的赞成票超过实到会代表的半数为当选。”（比例各校自定）",),
    each="election:/rounds/*",
    reads=_MAJORITY_READS,
    effective_from=_SINCE,
    wordings={
        "beaten": Text(
            "{name}得 {votes} 票写作当选，应选 {seats} 名，得票更多的人已满",
            "{name} with {votes} votes is declared elected, but {seats} others have more votes",
        ),
        "not_declared": Text(
            "{name}得 {votes} 票，够当选所需的 {needed} 票，名次也在 {seats} 名以内，却没有写作当选",
            "{name} has {votes} votes, enough ({needed}) and among the first {seats}, and is not declared elected",
        ),
        "no_method": Text(
            "当选所需票数没有录入 charter.json（statements.election_majority），"
            "第 {round} 轮无法核对（常见的规定需 {needed} 票）",
            "charter.json does not say how many votes elect (statements.election_majority);"
            " round {round} cannot be checked (a common rule asks for {needed})",
        ),
        "differs": Text(
            "第 {round} 轮谁当选取决于依据哪一条：" + _LEFT_OPEN.zh,
            "Who is elected on round {round} depends on the clause: " + _LEFT_OPEN.en,
        ),
    },
)
def elected_without_the_votes(subject: Node, law: Law) -> Iterator[Verdict]:
    """Those declared elected are those whom the votes elect."""
    at, number = subject.at("candidates"), round_number(subject)
    count = _ballot(subject, record_of(subject))
    present = _voters(subject, None)
    if is_void(subject):
        yield not_applicable(at)
        return
    if count is None or present is None:
        cause = record_of(subject).at("attendance") if present is None else None
        yield unverified(at, cause=cause, round=number)
        return
    decisions = _decisions(subject, count)
    if not decisions:
        needed = usual(law, "election.usual_majority").least(present)
        yield unverified(at, wording="no_method", round=number, needed=needed)
        return
    if len({decision.result for decision in decisions}) > 1:
        yield unverified(at, also=tuple(found.clause for found in decisions), wording="differs", round=number)
        return
    verdicts = list(_compare(subject, count, decisions[0]))
    yield from verdicts or [passed(at)]


def _compare(ballot: Node, count: Ballot, decision: Decision) -> Iterator[Verdict]:
    """Where the declared result differs from that of the votes; a tie is R31's."""
    result = decision.result
    for index, (name, votes) in enumerate(zip(count.names, count.votes, strict=True)):
        at, also = ballot.at("candidates", index, "elected"), (decision.clause,)
        declared = index in count.declared
        if declared and votes < decision.needed:
            yield failed(at, also=also, name=name, votes=votes, needed=decision.needed)
        elif declared and index not in (*result.elected, *result.tied):
            yield failed(at, also=also, wording="beaten", name=name, votes=votes, seats=count.seats)
        elif index in result.elected and not declared:
            said = {"name": name, "votes": votes, "needed": decision.needed, "seats": count.seats}
            yield failed(at, also=also, wording="not_declared", **said)


@rule(
    "R31",
    name="tie-not-resolved",
    title=Text("票数相等没有按办法处理", "A tie that was not resolved"),
    message=Text(
        "第 {round} 轮{names}票数相等，争最后 {contested} 个名额，后面没有只就他们重新投票的一轮",
        "Round {round}: {names} tie for the last {contested} seats, and no new ballot among just them follows",
    ),
    missing=Text(
        "第 {round} 轮{names}票数相等，学校怎样处理没有录入 charter.json（statements.tie_rule）",
        "Round {round}: {names} tie; how the school resolves that is not in charter.json (statements.tie_rule)",
    ),
    hint=Text("就票数相等的候选人重新投票，在 rounds 增加一轮", "Vote again among the tied, and add that round"),
    basis=(
        f"{_METHOD}（五）：“如遇票数相等不能确定谁当选时，应就票数相等的候选人重新投票，以得票数多的当选。”（各校自定，有的规定空缺）",
    ),
    each="election:/rounds/*",
    reads=(*_MAJORITY_READS, "election:/rounds", *reads("tie_rule", "rule")),
    effective_from=_SINCE,
    severity=Severity.WARNING,
    wordings={
        "declared": Text(
            "第 {round} 轮{names}票数相等，不能确定谁当选，却有人写作当选",
            "Round {round}: {names} tie, and yet one of them is declared elected",
        ),
    },
)
def tie_not_resolved(subject: Node, law: Law) -> Iterator[Verdict]:
    """Candidates who tie for the last seat stand again, or the seat stays empty, as the method says."""
    at, number = subject.at("candidates"), round_number(subject)
    count = _ballot(subject, record_of(subject))
    decisions = [] if count is None else _decisions(subject, count)
    if count is None or is_void(subject) or len({decision.result for decision in decisions}) != 1:
        yield not_applicable(at)  # R28 or R29 says why
        return
    result = decisions[0].result
    if not result.tied:
        yield passed(at)
        return
    tied = {count.names[index] for index in result.tied}
    said: dict[str, Any] = {"round": number, "names": "、".join(count.names[index] for index in result.tied)}
    also = tuple(subject.at("candidates", index) for index in result.tied)
    tie_rules = {found for (found,) in stated(subject.dossier, "tie_rule", "rule")}
    if count.declared & set(result.tied):
        yield failed(at, also=also, wording="declared", **said)
    elif not tie_rules:
        yield unverified(at, also=also, **said)
    elif "revote" in tie_rules and tied not in _names_of_later_rounds(subject):
        yield failed(at, also=also, contested=result.contested, **said)
    else:
        yield passed(at)


def _names_of_later_rounds(ballot: Node) -> list[set[str]]:
    later = list(record_of(ballot).each("rounds"))[round_number(ballot) :]
    return [{str(candidate.get("name")) for candidate in found.each("candidates")} for found in later]


@rule(
    "R33",
    name="seats-left-empty",
    title=Text("当选人少于应选名额", "Fewer elected than seats"),
    message=Text(
        "应选 {seats} 名，当选 {elected} 名，学校的办法不许减少应选名额",
        "{elected} elected for {seats} seats, and the school's method does not let seats be reduced",
    ),
    missing=Text(
        "应选 {seats} 名，当选 {elected} 名；可否减少应选名额没有录入 charter.json（statements.seats_may_shrink）",
        "{elected} elected for {seats} seats; whether seats may be reduced is not in charter.json"
        " (statements.seats_may_shrink)",
    ),
    hint=Text("另行选举，或写明可以减少名额的条款", "Elect the rest, or state the clause that reduces the seats"),
    basis=(f"{_METHOD}（五）：“如果得票超过半数的候选人少于应选名额，可相应减少应选名额，不再进行选举。”（各校自定）",),
    each="election:",
    reads=(
        "election:/seats",
        "election:/rounds/*/candidates/*/elected",
        *reads("seats_may_shrink", "allowed"),
    ),
    effective_from=_SINCE,
    severity=Severity.WARNING,
    wordings={
        "too_many": Text(
            "应选 {seats} 名，各轮写作当选的共 {elected} 名", "{elected} are declared elected for {seats} seats"
        )
    },
)
def seats_left_empty(subject: Node, law: Law) -> Iterator[Verdict]:
    """All seats are filled after the last ballot, or the method lets them be fewer; never are they more."""
    at, seats = subject.at("seats"), subject.get("seats")
    if seats is None or subject.size("rounds") == 0:
        yield not_applicable(at)  # R23 and R130 ask for them
        return
    elected = sum(bool(one.get("elected")) for ballot in subject.each("rounds") for one in ballot.each("candidates"))
    clauses = stated(subject.dossier, "seats_may_shrink", "allowed")
    if elected > seats:
        yield failed(at, also=(subject.at("rounds"),), wording="too_many", seats=seats, elected=elected)
    elif elected == seats or (True,) in clauses:
        yield passed(at)
    elif clauses:
        yield failed(at, also=tuple(clauses.values()), seats=seats, elected=elected)
    else:
        yield unverified(at, seats=seats, elected=elected)
