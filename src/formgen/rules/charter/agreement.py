"""What is stated in several places is stated in the same way."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from formgen.findings import Severity, Text
from formgen.rules import rule
from formgen.rules.charter.statements import SINCE, cite, place, places, reads, stated, value
from formgen.rules.subject import Law, Node, Verdict, failed, not_applicable, passed


@dataclass(frozen=True, slots=True)
class Single:
    """A topic on which there can be one answer only, or one for each value of the field ``within``."""

    topic: str
    fields: tuple[str, ...]
    """What must be the same."""
    within: str | None = None


_ERRORS = (
    Single("committee_formed_by", ("way",)),
    Single("presidium_size", ("count",)),
    Single("quorum", ("numerator", "denominator", "strict", "of")),
    Single("election_majority", ("numerator", "denominator", "strict")),
    Single("resolution_majority", ("numerator", "denominator", "strict")),
    Single("tie_rule", ("rule",)),
    Single("candidate_count", ("count",)),
    Single("seat_count", ("count",)),
    Single("candidates_submitted_for", ("purpose",)),
    Single("candidate_experience_years", ("years",)),
    Single("candidate_rank", ("percent",), within="population"),
    Single("delegate_unit", ("unit",)),
    Single("delegate_surplus_percent", ("percent",)),
    Single("non_backbone_percent", ("percent",)),
    Single("appraisal_board", ("members",), within="level"),
    Single("appraisal_subjects", ("subjects",)),
    Single("appraisal_grades", ("grades",)),
    Single("amendment", ("proposers", "proposer_numerator", "proposer_denominator", "numerator", "denominator")),
    Single("congress_interval_years", ("years",)),
    Single("retiming", ("numerator", "denominator", "approved_by")),
    Single("interpreted_by", ("by",)),
    Single("member_levels", ("levels",)),
    Single("college_presidium_limit", ("count",)),
    Single("college_staff", ("min", "max")),
)
_WARNINGS = (
    Single("standing_body", ("name",)),
    Single("congress_organiser", ("name",), within="task"),
    Single("relations", ("relation",), within="body"),
    Single("leadership", ("form",)),
)
_TERMS = (Single("terms", ("term",), within="concept"), Single("terms", ("concept",), within="term"))
_MESSAGE = Text(
    "“{topic}”有 {count} 种说法：{first}；而{others}",
    "“{topic}” is stated in {count} ways: {first}; but {others}",
)
_HINT = Text("确定以哪一处为准，改正其余各处", "Decide which one holds, and correct the others")
_BASIS = ("学校公开的章程与各项办法同时有效，对同一事项只能有一种规定（由各文件并列推定）",)


def _differing(charter: Node, single: Single) -> Iterator[Verdict]:
    """Whether the statements on a topic agree; one finding for each thing that is stated in several ways."""
    groups: dict[object, dict[object, list[Node]]] = {}
    for statement in stated(charter, single.topic):
        group = None if single.within is None else value(statement, single.within)
        said = tuple(value(statement, field) for field in single.fields)
        groups.setdefault(group, {}).setdefault(said, []).append(statement)
    at = place(charter, single.topic)
    if not groups:
        yield not_applicable(at)
    for ways in groups.values():
        first, *others = (statements[0] for statements in ways.values())
        if not others:
            yield passed(first.address)
            continue
        every = [statement for statements in ways.values() for statement in statements]
        also = places(statement for statement in every if statement is not first)
        said_in = {"first": cite(first), "others": cite(*others)}
        yield failed(
            first.address, also=also, topic=charter.title("statements", single.topic), count=len(ways), **said_in
        )


def _reads(singles: tuple[Single, ...]) -> tuple[str, ...]:
    return reads(*dict.fromkeys(single.topic for single in singles))


@rule(
    "R87",
    name="stated-differently",
    title=Text("同一事项的规定前后矛盾", "One thing is stated in different ways"),
    message=_MESSAGE,
    hint=_HINT,
    basis=_BASIS,
    each="charter:",
    reads=_reads(_ERRORS),
    effective_from=SINCE,
)
def stated_differently(subject: Node, law: Law) -> Iterator[Verdict]:
    """What the documents lay down on one matter is the same wherever they say it."""
    for single in _ERRORS:
        yield from _differing(subject, single)


@rule(
    "R88",
    name="named-differently",
    title=Text("机构、关系的说法前后不一", "A body or a relation goes by different names"),
    message=_MESSAGE,
    hint=Text(
        "同一机构用同一名称；确属不同机构的，在文件中分别写明", "Use one name; say so where two bodies are meant"
    ),
    basis=_BASIS,
    each="charter:",
    reads=_reads(_WARNINGS),
    effective_from=SINCE,
    severity=Severity.WARNING,
)
def named_differently(subject: Node, law: Law) -> Iterator[Verdict]:
    """The standing body, who prepares the congress, the relation to those above: one name, one relation."""
    for single in _WARNINGS:
        yield from _differing(subject, single)


@rule(
    "R89",
    name="terms-differ",
    title=Text("用语前后不一", "Terms differ"),
    message=Text(
        "“{topic}”有 {count} 种写法或所指：{first}；而{others}",
        "“{topic}” has {count} wordings or meanings: {first}; but {others}",
    ),
    hint=Text("统一用语；一词两指的，换用不同的词", "Use one term for one thing"),
    basis=_BASIS,
    each="charter:",
    reads=reads("terms"),
    effective_from=SINCE,
    severity=Severity.INFO,
)
def terms_differ(subject: Node, law: Law) -> Iterator[Verdict]:
    """One thing has one name, and one name means one thing."""
    for single in _TERMS:
        for verdict in _differing(subject, single):
            yield verdict if not verdict.values else _with_word(subject, single, verdict)


def _with_word(charter: Node, single: Single, verdict: Verdict) -> Verdict:
    """The verdict with the thing or the word itself in place of the topic's title."""
    node = next(statement for statement in stated(charter, single.topic) if statement.address == verdict.at)
    said: Mapping[str, Any] = {**verdict.values, "topic": node.get(single.within or single.fields[0])}
    return failed(verdict.at, also=verdict.also, **said)
