"""That the staff belong to the Party or the League, and say which."""

from collections.abc import Iterator
from datetime import date

from formgen.findings import Severity, Text
from formgen.rules import rule
from formgen.rules.common import WRITE_STATUS, is_freshman, label, unclear_status
from formgen.rules.subject import Law, Node, Verdict, failed, not_applicable, passed, unverified

_SINCE = date(2019, 10, 1)
_STATUS_B = "2021 年 11 月起的备案表为第 7 项"
_STATUS = "评估备案表第 5 项：“学生会组织工作人员为共产党员或共青团员。”"
_LABEL_READS = ("staff_list:/members/*/name", "staff_list:/members/*/serial")


@rule(
    "R10",
    name="neither-party-nor-league",
    title=Text("既非党员也非团员", "Neither party nor league member"),
    message=Text(
        "{name}（序号 {serial}）的政治面貌是“{status}”，看不出是共产党员或共青团员",
        "{name} (no. {serial}): “{status}” does not show a member of the Party or the League",
    ),
    missing=Text("{name}（序号 {serial}）没有填政治面貌", "{name} (no. {serial}): the political status is not given"),
    hint=Text(
        "入党积极分子、发展对象不是政治面貌：本人是团员的，填“共青团员”",
        "An applicant for the Party is no status of its own: write 共青团员 for a member of the League",
    ),
    basis=(_STATUS, _STATUS_B),
    each="staff_list:/members/*",
    reads=("staff_list:/members/*/political_status", *_LABEL_READS),
    effective_from=_SINCE,
)
def neither_party_nor_league(subject: Node, law: Law) -> Iterator[Verdict]:
    """Staff are members of the Party (probationary ones too) or of the League."""
    status, at = subject.get("political_status"), subject.at("political_status")
    accepted = (law.value(f"political_status.{name}") for name in ("party", "league", "compound", "ambiguous"))
    if status is None:
        yield unverified(at, **label(subject))
    elif any(status in words for words in accepted):
        yield passed(at)
    else:
        yield failed(at, **label(subject), status=status)


@rule(
    "R85",
    name="ambiguous-political-status",
    title=Text("政治面貌写得不全", "Ambiguous political status"),
    message=Text(
        "{name}（序号 {serial}）的政治面貌写作“{status}”，看不出是中共党员还是中共预备党员",
        "{name} (no. {serial}): “{status}” may be a full or a probationary member of the Party",
    ),
    hint=WRITE_STATUS,
    basis=(_STATUS, _STATUS_B),
    each="staff_list:/members/*",
    reads=("staff_list:/members/*/political_status", *_LABEL_READS),
    effective_from=_SINCE,
    severity=Severity.WARNING,
    wordings={
        "compound": Text(
            "{name}（序号 {serial}）的政治面貌写作“{status}”：后一半是发展党员的阶段，不是政治面貌，请只写共青团员",
            "{name} (no. {serial}): the second half of “{status}” is a stage on the way to the Party; write 共青团员",
        )
    },
)
def ambiguous_political_status(subject: Node, law: Law) -> Iterator[Verdict]:
    """A word that may mean a full or a probationary member is not printed unasked."""
    status, at = subject.get("political_status"), subject.at("political_status")
    unclear = unclear_status(status, law)
    if status is None:
        yield not_applicable(at)
    elif unclear is None:
        yield passed(at)
    else:
        yield failed(at, wording="" if unclear == "ambiguous" else unclear, **label(subject), status=status)


@rule(
    "R158",
    name="freshman-full-party-member",
    title=Text("一年级新生已是正式党员", "A freshman who is a full member of the Party"),
    message=Text(
        "{name}（序号 {serial}，{grade} 级）是一年级新生，政治面貌写作“{status}”；入学不久即为正式党员不多见，请核实",
        "{name} (no. {serial}, entered {grade}) is a freshman, given as “{status}”: unusual so early, please confirm",
    ),
    missing=Text(
        "{name}（序号 {serial}）的政治面貌是“{status}”，没有填年级，看不出是否一年级新生；请补填年级",
        "{name} (no. {serial}) is given as “{status}” and has no grade: whether a freshman cannot be told; add it",
    ),
    hint=Text("向本人和党组织核实", "Ask the member and the Party body"),
    basis=(_STATUS, _STATUS_B, "从申请入党到转为正式党员一般在两年以上（通行情况，只作提示）"),
    each="staff_list:/members/*",
    reads=(
        "staff_list:/members/*/political_status",
        "staff_list:/members/*/grade",
        "dossier:/filing_date",
        *_LABEL_READS,
    ),
    effective_from=_SINCE,
    severity=Severity.INFO,
    wordings={
        "vague": Text(
            "{name}（序号 {serial}，{grade} 级）是一年级新生，政治面貌写作“{status}”；"
            "如指正式党员，入学不久并不多见，写全后再核实",
            "{name} (no. {serial}, entered {grade}) is a freshman, given as “{status}”: should this mean a full member,"
            " it is unusual so early; write it in full first",
        )
    },
)
def freshman_full_party_member(subject: Node, law: Law) -> Iterator[Verdict]:
    """A full member of the Party in the first year is to be confirmed."""
    status, at = subject.get("political_status"), subject.at("political_status")
    vague = status in law.value("political_status.ambiguous")
    freshman = is_freshman(subject, law) if vague or status in law.value("political_status.full") else False
    if freshman is None:
        yield unverified(at, cause=subject.at("grade"), **label(subject), status=status)
    elif not freshman:
        yield passed(at)
    elif vague:
        yield unverified(at, cause=at, wording="vague", **label(subject), grade=subject.get("grade"), status=status)
    else:
        yield failed(at, **label(subject), grade=subject.get("grade"), status=status)
