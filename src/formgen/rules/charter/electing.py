"""How the presidium comes to its seats, by the documents: who elects, by which vote, with how many candidates."""

from collections.abc import Iterator

from formgen.findings import Severity, Text
from formgen.rules import rule
from formgen.rules.charter.statements import (
    CONCLUSION,
    SINCE,
    cite,
    document_kind,
    listed,
    place,
    places,
    reads,
    stated,
    ticked,
)
from formgen.rules.subject import Law, Node, Verdict, failed, not_applicable, passed, unverified

_ELECTOR = "评估备案表第 8 项：“主席团由学生代表大会（非其委员会、常务委员会、常任代表会议等）选举产生。”"
_METHOD = "校级组织主席团成员候选人产生办法及选举办法"


@rule(
    "R22",
    name="not-elected-by-congress",
    title=Text("主席团不由学生代表大会选举", "Presidium not elected by the congress"),
    message=Text(
        "主席团应由学生代表大会选举产生，而{quoted}",
        "The congress must elect the presidium, but {quoted}",
    ),
    missing=Text(
        "文件没有写主席团由谁选举，无法核对；请记入 charter 的 statements.presidium_elected_by",
        "No document says who elects the presidium; put it into statements.presidium_elected_by of charter",
    ),
    hint=Text("改为由学生代表大会选举产生", "Have the congress elect it"),
    basis=(_ELECTOR,),
    each="charter:",
    reads=(*reads("presidium_elected_by"), CONCLUSION),
    effective_from=SINCE,
)
def not_elected_by_congress(subject: Node, law: Law) -> Iterator[Verdict]:
    """The congress itself elects the presidium, no committee or standing body of it."""
    found = stated(subject, "presidium_elected_by")
    wrong = [statement for statement in found if statement.get("by") != law.value("charter.elector")]
    if not found:
        yield unverified(place(subject, "presidium_elected_by"))
    elif wrong:
        right = [statement for statement in found if statement not in wrong]
        also = (*places(wrong[1:]), *places(right), *ticked(subject, law.value("election.item")))
        yield failed(wrong[0].address, also=also, quoted=cite(*wrong))
    else:
        yield passed(found[0].address)


@rule(
    "R90",
    name="circular-election",
    title=Text("选举者就是被选举、被任免者", "Those who elect are those who are elected"),
    message=Text(
        "选举主席团的机构由主席团成员或主席团任免的人组成，互相产生：{quoted}",
        "Those who elect the presidium are its members or were appointed by it: {quoted}",
    ),
    hint=Text(
        "主席团改由学生代表大会选举，或改变委员会的组成",
        "Have the congress elect the presidium, or change who sits on the committee",
    ),
    basis=(_ELECTOR,),
    each="charter:",
    reads=reads("presidium_elected_by", "committee_formed_by", "department_heads_decided_by"),
    effective_from=SINCE,
)
def circular_election(subject: Node, law: Law) -> Iterator[Verdict]:
    """A committee that elects the presidium does not consist of the presidium and of those whom it appoints."""
    electing = [node for node in stated(subject, "presidium_elected_by") if node.get("by") == "committee"]
    if not electing:
        yield not_applicable(place(subject, "presidium_elected_by"))
        return
    heads = stated(subject, "department_heads_decided_by")
    appointing = [node for node in heads if "presidium" in listed(node, "steps")]
    for formed in stated(subject, "committee_formed_by"):
        members = listed(formed, "members")
        appointed = appointing if "department_heads" in members else []
        if "presidium" in members or appointed:
            also = (*places(electing), *places(appointed))
            yield failed(formed.address, also=also, quoted=cite(formed, electing[0], *appointed))
        else:
            yield passed(formed.address)


@rule(
    "R91",
    name="no-secret-choice",
    title=Text("选举不是差额、无记名", "No secret ballot, or no choice"),
    message=Text(
        "主席团应以无记名投票选举，而{quoted}", "The presidium must be elected by secret ballot, but {quoted}"
    ),
    hint=Text("改为差额、无记名投票", "Use a secret ballot with more candidates than seats"),
    basis=(f"{_METHOD}三（二）：“采用差额无记名投票选举产生。”",),
    each="charter:",
    reads=reads("ballot", "candidate_count", "seat_count"),
    effective_from=SINCE,
    wordings={
        "no_choice": Text(
            "候选人 {candidates} 名不多于应选 {seats} 名，不是差额选举：{quoted}",
            "{candidates} candidates for {seats} seats leave no choice: {quoted}",
        )
    },
)
def no_secret_choice(subject: Node, law: Law) -> Iterator[Verdict]:
    """The presidium is elected by secret ballot among more candidates than seats."""
    ballots = stated(subject, "ballot")
    wrong = [statement for statement in ballots if statement.get("kind") != "secret"]
    if wrong:
        right = [statement for statement in ballots if statement not in wrong]
        yield failed(wrong[0].address, also=places((*wrong[1:], *right)), quoted=cite(*wrong, *right))
    elif ballots:
        yield passed(ballots[0].address)
    seats = next(iter(stated(subject, "seat_count")), None)
    for candidates in stated(subject, "candidate_count"):
        if seats is None or candidates.get("count") > seats.get("count"):
            yield not_applicable(candidates.address) if seats is None else passed(candidates.address)
            continue
        said = {"candidates": candidates.get("count"), "seats": seats.get("count"), "quoted": cite(candidates)}
        yield failed(candidates.address, also=(seats.address,), wording="no_choice", **said)


@rule(
    "R92",
    name="quorum-not-in-charter",
    title=Text("章程没有规定法定人数", "The charter sets no quorum"),
    message=Text(
        "章程没有规定学生代表大会的到会法定人数，只有{quoted}",
        "The charter sets no quorum for the congress; only {quoted}",
    ),
    missing=Text(
        "没有一份文件规定学生代表大会的到会法定人数；请写入章程，并记入 charter 的 statements.quorum",
        "No document sets a quorum for the congress; put it into the charter, and into statements.quorum of charter",
    ),
    hint=Text(
        "在章程中规定；其他学校多为应到代表的三分之二，全国规定未见",
        "Set it in the charter; other schools mostly ask for two thirds, a national rule was not found",
    ),
    basis=(f"{_METHOD}三（三）：“选举时，实到会代表必须超过应到会代表的半数，选举方有效。”",),
    each="charter:",
    reads=reads("quorum"),
    effective_from=SINCE,
    severity=Severity.WARNING,
)
def quorum_not_in_charter(subject: Node, law: Law) -> Iterator[Verdict]:
    """The highest document says how many delegates must be present."""
    found = stated(subject, "quorum")
    if not found:
        yield unverified(place(subject, "quorum"))
    elif any(document_kind(statement) == "charter" for statement in found):
        yield passed(found[0].address)
    else:
        yield failed(found[0].address, also=places(found[1:]), quoted=cite(*found))


@rule(
    "R93",
    name="seats-may-shrink",
    title=Text("应选名额可减少，而人数已固定", "Seats may shrink, though their number is fixed"),
    message=Text(
        "应选名额可以减少，主席团人数却是固定的：{quoted}", "Seats may shrink, but their number is fixed: {quoted}"
    ),
    hint=Text(
        "章程改为“不超过”若干人，或在选举办法中规定再次选举",
        "Let the charter say “at most”, or the method provide another ballot",
    ),
    basis=(f"{_METHOD}三（五）：“可相应减少应选名额，不再进行选举。”",),
    each="charter:",
    reads=reads("seats_may_shrink", "presidium_size"),
    effective_from=SINCE,
    severity=Severity.WARNING,
)
def seats_may_shrink(subject: Node, law: Law) -> Iterator[Verdict]:
    """Where the charter fixes the size of the presidium, the method does not let it shrink."""
    sizes = stated(subject, "presidium_size")
    for statement in stated(subject, "seats_may_shrink"):
        if statement.get("allowed") and sizes:
            yield failed(statement.address, also=places(sizes), quoted=cite(statement, *sizes))
        else:
            yield passed(statement.address)


@rule(
    "R94",
    name="no-tie-rule",
    title=Text("没有规定票数相等怎么办", "No rule for a tie"),
    message=Text(
        "规定了当选所需的票数，没有规定票数相等时怎么办：{quoted}",
        "The winning vote is set, but not what happens in a tie: {quoted}",
    ),
    hint=Text("在选举办法中规定，如重新投票", "Set it in the election method, such as another ballot"),
    basis=(f"{_METHOD}三（五）：“如遇票数相等不能确定谁当选时，应就票数相等的候选人重新投票”",),
    each="charter:",
    reads=reads("election_majority", "tie_rule"),
    effective_from=SINCE,
    severity=Severity.WARNING,
)
def no_tie_rule(subject: Node, law: Law) -> Iterator[Verdict]:
    """Documents that set a winning vote say what happens when votes are equal."""
    majorities = stated(subject, "election_majority")
    if not majorities:
        yield not_applicable(place(subject, "election_majority"))
    elif stated(subject, "tie_rule"):
        yield passed(place(subject, "tie_rule"))
    else:
        yield failed(majorities[0].address, also=places(majorities[1:]), quoted=cite(*majorities))


@rule(
    "R95",
    name="first-congress-with-incumbents",
    title=Text("第一次大会却有现任者", "A first congress, yet incumbents"),
    message=Text(
        "这是第一次（届）大会，却提到现任者：{quoted}",
        "This is the first congress, yet incumbents are mentioned: {quoted}",
    ),
    hint=Text("说明届次怎样计算，或改正", "Explain how congresses are counted, or correct it"),
    basis=("章程题注、选举议程的届次与各办法中的“现任”“换届”“改选”（由原文并列推定）",),
    each="charter:",
    reads=reads("congress_ordinal", "incumbents_mentioned"),
    effective_from=SINCE,
    severity=Severity.INFO,
)
def first_congress_with_incumbents(subject: Node, law: Law) -> Iterator[Verdict]:
    """Before a first congress nobody holds an office that only a congress can give."""
    firsts = [statement for statement in stated(subject, "congress_ordinal") if statement.get("number") == 1]
    incumbents = stated(subject, "incumbents_mentioned")
    if not firsts:
        yield not_applicable(place(subject, "congress_ordinal"))
    elif incumbents:
        yield failed(firsts[0].address, also=places((*firsts[1:], *incumbents)), quoted=cite(firsts[0], incumbents[0]))
    else:
        yield passed(firsts[0].address)
