"""Ballot papers: how many went out and came back, and whether the votes on them add up."""

from collections.abc import Iterator
from datetime import date

from formgen.findings import Severity, Text
from formgen.rules import rule
from formgen.rules.election.method import record_of, round_number
from formgen.rules.subject import Law, Node, Verdict, failed, not_applicable, passed, unverified

_SINCE = date(2019, 10, 1)
_METHOD = "校级组织主席团成员候选人产生办法及选举办法第三部分"
_BALLOTS = "election:/rounds/*/ballots"


def _seats(ballot: Node) -> int | None:
    """The seats of a round: its own, else the election's."""
    own = ballot.get("seats")
    seats: int | None = record_of(ballot).get("seats") if own is None else own
    return seats


@rule(
    "R29",
    name="more-ballots-returned-than-issued",
    title=Text("收回的选票多于发出的", "More ballots returned than issued"),
    message=Text(
        "第 {round} 轮发出 {issued} 张，收回 {returned} 张，选举无效，应重新选举",
        "Round {round}: {issued} ballots issued, {returned} returned: the election is void",
    ),
    missing=Text(
        "第 {round} 轮没有写发出、收回的选票数：请填 election.json 的 rounds 的 ballots",
        "Round {round}: the ballots issued and returned are not given: fill in ballots of rounds in election.json",
    ),
    hint=Text("核对票数；确实多出的，重新选举", "Check the numbers; if there are more, vote again"),
    basis=(f"{_METHOD}（四）：“收回的选票多于发出的选票，选举无效，应重新选举。”",),
    each="election:/rounds/*",
    reads=(f"{_BALLOTS}/issued", f"{_BALLOTS}/returned", "election:/attendance/present", "election:/rounds"),
    effective_from=_SINCE,
    wordings={
        "more_than_present": Text(
            "第 {round} 轮发出 {issued} 张选票，实到会代表只有 {present} 名",
            "Round {round}: {issued} ballots issued to {present} delegates",
        ),
    },
)
def more_ballots_returned_than_issued(subject: Node, law: Law) -> Iterator[Verdict]:
    """No more ballots come back than went out, and no more go out than there are delegates present."""
    at = subject.at("ballots")
    issued, returned = subject.get("ballots", "issued"), subject.get("ballots", "returned")
    election = record_of(subject)
    present = election.get("attendance", "present")
    if issued is None or returned is None:
        yield unverified(at, round=round_number(subject))
    elif returned > issued:
        again = election.size("rounds") > round_number(subject)
        # A void ballot is mended by the next one.
        yield passed(at) if again else failed(at, round=round_number(subject), issued=issued, returned=returned)
    elif present is not None and issued > present:
        also = (election.at("attendance", "present"),)
        yield failed(
            at, also=also, wording="more_than_present", round=round_number(subject), issued=issued, present=present
        )
    else:
        yield passed(at)


@rule(
    "R30",
    name="overmarked-ballots-counted",
    title=Text("所选超过应选名额的票没有作废", "Ballots with too many marks were counted"),
    message=Text(
        "第 {round} 轮所选超过应选名额的票 {overmarked} 张，无效票只有 {void} 张",
        "Round {round}: {overmarked} ballots have too many marks, only {void} are void",
    ),
    missing=Text(
        "第 {round} 轮看不出所选是否超过应选名额：请填 seats、有效票和各候选人的赞成票",
        "Round {round}: whether too many were marked cannot be told: give seats, valid ballots and votes",
    ),
    hint=Text("每票所选不得超过应选名额，超过的计入无效票", "A ballot with more marks than seats is void"),
    basis=(f"{_METHOD}（四）：“所选的人数等于少于规定应选人数……选举有效”；其他学校的办法：多选的选票无效",),
    each="election:/rounds/*",
    reads=(
        f"{_BALLOTS}/overmarked",
        f"{_BALLOTS}/void",
        f"{_BALLOTS}/valid",
        "election:/seats",
        "election:/rounds/*/seats",
        "election:/rounds/*/write_ins",
        "election:/rounds/*/candidates/*/votes/for",
    ),
    effective_from=_SINCE,
    wordings={
        "too_many_marks": Text(
            "第 {round} 轮赞成票合计 {marks}，多于 {valid} 张有效票各选 {seats} 名的总和 {most}",
            "Round {round}: {marks} votes in all are more than {valid} valid ballots with {seats} marks each ({most})",
        ),
    },
)
def overmarked_ballots_counted(subject: Node, law: Law) -> Iterator[Verdict]:
    """Ballots with more marks than seats are void, so the votes are at most the seats on each valid ballot."""
    at, number = subject.at("ballots"), round_number(subject)
    overmarked, void, valid = (subject.get("ballots", key) for key in ("overmarked", "void", "valid"))
    seats = _seats(subject)
    votes = [candidate.get("votes", "for") for candidate in subject.each("candidates")]
    if overmarked is not None and void is not None and overmarked > void:
        yield failed(subject.at("ballots", "overmarked"), round=number, overmarked=overmarked, void=void)
        return
    if seats is None or valid is None or not votes or None in votes:
        yield unverified(at, round=number)
        return
    marks, most = sum(votes) + (subject.get("write_ins") or 0), seats * valid
    if marks > most:
        said = {"round": number, "marks": marks, "valid": valid, "seats": seats, "most": most}
        yield failed(at, also=(subject.at("candidates"),), wording="too_many_marks", **said)
    else:
        yield passed(at)


@rule(
    "R32",
    name="ballot-not-free",
    title=Text("委托投票，或监票人是候选人", "Proxy votes, or a candidate as scrutineer"),
    message=Text("监票人{name}是候选人", "The scrutineer {name} is a candidate"),
    missing=Text(
        "没有写监票人：请填 election.json 的 scrutineers",
        "The scrutineers are not given: fill in scrutineers of election.json",
    ),
    hint=Text("监票人由不是候选人的代表担任；不得委托投票", "Scrutineers are no candidates; nobody votes by proxy"),
    basis=("各校公开的选举办法：因故不能到会的不得委托他人投票；监票人从不是候选人的代表中推选",),
    each="election:",
    reads=(
        "election:/proxy_votes",
        "election:/scrutineers",
        "election:/rounds/*/candidates/*/name",
    ),
    effective_from=_SINCE,
    wordings={"proxies": Text("有 {count} 张委托投票", "{count} votes were cast by proxy")},
)
def ballot_not_free(subject: Node, law: Law) -> Iterator[Verdict]:
    """Nobody votes by proxy, and no scrutineer stands for election."""
    proxies = subject.get("proxy_votes")
    places: dict[str, Node] = {}
    for ballot in subject.each("rounds"):
        for candidate in ballot.each("candidates"):
            places.setdefault(str(candidate.get("name")), candidate)
    wrong = [one for one in subject.each("scrutineers") if one.get() in places]
    if proxies:
        yield failed(subject.at("proxy_votes"), wording="proxies", count=proxies)
    for one in wrong:
        yield failed(one.address, also=(places[str(one.get())].at("name"),), name=one.get())
    if subject.size("scrutineers") == 0:
        yield unverified(subject.at("scrutineers"))
    elif not proxies and not wrong:
        yield passed(subject.at("scrutineers"))


@rule(
    "R131",
    name="votes-do-not-add-up",
    title=Text("选票、得票的合计不符", "Votes do not add up"),
    message=Text(
        "第 {round} 轮有效 {valid}、无效 {void}、空白 {blank}，合计不是收回的 {returned} 张",
        "Round {round}: {valid} valid, {void} void and {blank} blank do not make the {returned} returned",
    ),
    missing=Text(
        "第 {round} 轮的选票数不全，无法核对合计：请填收回、有效、无效各多少张",
        "Round {round}: the sum cannot be checked: give the ballots returned, valid and void",
    ),
    hint=Text("核对计票报告单", "Check the report of the tellers"),
    basis=("合计须等于各数之和（由选票数推定）",),
    each="election:/rounds/*",
    reads=(_BALLOTS, "election:/rounds/*/candidates"),
    effective_from=_SINCE,
    wordings={
        "candidate": Text(
            "第 {round} 轮{name}的赞成、反对、弃权合计 {sum} 票，有效票 {valid} 张",
            "Round {round}: {name} has {sum} votes for, against and abstaining on {valid} valid ballots",
        ),
    },
)
def votes_do_not_add_up(subject: Node, law: Law) -> Iterator[Verdict]:
    """Valid, void and blank ballots are those returned; each candidate's votes are the valid ballots."""
    at, number = subject.at("ballots"), round_number(subject)
    returned, valid, void, blank = (subject.get("ballots", key) for key in ("returned", "valid", "void", "blank"))
    if returned is None or valid is None or void is None:
        yield unverified(at, round=number)
        return
    sound = valid + void + (blank or 0) == returned
    if not sound:
        yield failed(at, round=number, valid=valid, void=void, blank=blank or 0, returned=returned)
    for candidate in subject.each("candidates"):
        given = [candidate.get("votes", key) for key in ("for", "against", "abstain")]
        total = sum(count or 0 for count in given)
        # Where only the votes in favour are recorded, all that can be said is that they are not too many.
        if total > valid or (None not in given and total != valid):
            sound = False
            name = candidate.get("name") or "—"
            yield failed(
                candidate.at("votes"), also=(at,), wording="candidate", round=number, name=name, sum=total, valid=valid
            )
    if sound:
        yield passed(at)


@rule(
    "R140",
    name="delegates-without-ballot",
    title=Text("发出的选票少于实到代表", "Delegates without a ballot"),
    message=Text(
        "实到会代表 {present} 名，第 {round} 轮只发出 {issued} 张选票",
        "{present} delegates were present, round {round} issued {issued} ballots",
    ),
    hint=Text("核对实到人数和发出的选票；离会的代表写明", "Check both numbers; note the delegates who had left"),
    basis=(f"{_METHOD}（三）：“出席本次代表大会的正式代表参加选举。”",),
    each="election:/rounds/*",
    reads=(f"{_BALLOTS}/issued", "election:/attendance/present"),
    effective_from=_SINCE,
    severity=Severity.WARNING,
)
def delegates_without_ballot(subject: Node, law: Law) -> Iterator[Verdict]:
    """Every delegate present gets a ballot."""
    at, issued = subject.at("ballots", "issued"), subject.get("ballots", "issued")
    election = record_of(subject)
    present = election.get("attendance", "present")
    if issued is None or present is None:
        yield not_applicable(at)  # R27 and R29 ask for them
    elif issued < present:
        also = (election.at("attendance", "present"),)
        yield failed(at, also=also, present=present, round=round_number(subject), issued=issued)
    else:
        yield passed(at)
