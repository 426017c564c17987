"""That a rule is asked once for all rows that answer alike, and says of each what it would say of it alone."""

import random
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from formgen import checks, rules
from formgen.checks import Report
from formgen.findings import Address, Finding, Kind, Outcome, Text
from formgen.rules import Rule, asking
from formgen.rules.subject import Law, Node, Unreadable, Verdict, failed, not_applicable, passed, unreadable
from formgen.rules.table import together
from judging import Material, base, material

DAY = date(2020, 11, 18)
R10 = next(found for found in rules.all_rules() if found.id == "R10")
POSTS = ("主席", "部长", "副部长", "干事", "主任")
DEPARTMENTS = ("学习部", "宣传部", "主席团")


def listing(members: list[Any], **filing: Any) -> Material:
    raw = base()
    raw["records"]["staff_list"] = {"members": members}
    raw["dossier"] |= filing
    return material(raw, DAY)


def row(number: int, **said: Any) -> dict[str, Any]:
    return {"serial": number + 1, "name": f"成员{number}", "political_status": "共青团员", "grade": 2019, **said}


def rule_of(function: Any, each: str = "staff_list:/members/*", **sentence: str) -> Rule:
    message = Text(*[sentence.get("message", "不对")] * 2)
    return replace(R10, kind=replace(R10.kind, message=message), function=function, each=each, wordings={})


def judge(dossier: Material, *rule_set: Rule) -> Report:
    return checks.check(dossier, rule_set=rule_set)


def counts(report: Report) -> dict[Outcome, int]:
    (run,) = report.runs
    return {outcome: count for outcome, count in run.counts.items() if count}


def test_a_rule_is_asked_once_for_all_rows_that_answer_alike() -> None:
    asked = []

    def function(subject: Node, law: Law) -> Iterator[Verdict]:
        asked.append(subject.get("grade"))
        yield passed(subject.at()) if subject.get("grade") == 2018 else not_applicable(subject.at())

    report = judge(listing([row(number, grade=2017 + number % 3) for number in range(300)]), rule_of(function))
    assert sorted(asked) == [2017, 2018, 2019]
    assert counts(report) == {Outcome.PASSED: 100, Outcome.NOT_APPLICABLE: 200}


def test_only_what_a_rule_asked_for_parts_the_rows() -> None:
    calls = []

    def function(subject: Node, law: Law) -> Iterator[Verdict]:
        calls.append(1)
        if not subject.is_blank("remark"):
            yield not_applicable(subject.at())
        elif subject.has_text("name"):
            yield passed(subject.at("name"))

    members = [row(number, **({"remark": f"第{number}"} if number % 2 else {})) for number in range(100)]
    assert counts(judge(listing(members), rule_of(function))) == {Outcome.PASSED: 50, Outcome.NOT_APPLICABLE: 50}
    assert len(calls) == 2


def test_a_verdict_that_makes_a_finding_is_given_on_each_row_in_its_order() -> None:
    def function(subject: Node, law: Law) -> Iterator[Verdict]:
        if subject.get("political_status") == "群众":
            yield failed(subject.at("name"), name=subject.get("name"))
        else:
            yield passed(subject.at("name"))

    members = [row(number, **({"political_status": "群众"} if number % 3 == 0 else {})) for number in range(30)]
    report = judge(listing(members), rule_of(function, message="{name}"))
    assert [finding.message() for finding in report.findings] == [f"成员{number}" for number in range(0, 30, 3)]
    assert [finding.at.pointer[1] for finding in report.findings] == list(range(0, 30, 3))


@pytest.mark.parametrize("asks_first", [True, False])
def test_each_row_that_cannot_be_read_is_told_with_the_cause_of_its_own(asks_first: bool) -> None:
    def function(subject: Node, law: Law) -> Iterator[Verdict]:
        blocked = subject.blocked("grade") if asks_first else None
        if blocked is not None:
            yield unreadable(subject.at(), blocked)
        else:
            yield passed(subject.at()) if subject.get("grade") else not_applicable(subject.at())

    members = [row(number, grade="一" if number % 2 else 2019) for number in range(20)]
    report = judge(listing(members), rule_of(function))
    told = [(finding.at, finding.cause) for finding in report.findings if finding.kind.id == "R10"]
    places = [Address("staff_list", ("members", number)) for number in range(1, 20, 2)]
    assert told == [(place, Address("staff_list", (*place.pointer, "grade"))) for place in places]


@pytest.mark.parametrize("asks_first", [True, False])
def test_rows_that_cannot_be_read_for_what_lies_elsewhere_are_told_with_that_cause(asks_first: bool) -> None:
    elsewhere = Address("dossier", ("ranking",))

    def function(subject: Node, law: Law) -> Iterator[Verdict]:
        wrong = asks_first and subject.blocked("grade") is not None
        if not asks_first:
            with suppress(Unreadable):  # the rule goes on without it
                subject.get("grade")
        yield unreadable(subject.at("grade") if wrong else subject.at(), elsewhere)

    members = [row(number, grade="一" if number % 2 else 2019) for number in range(20)]
    report = judge(listing(members, ranking="学年"), rule_of(function))
    told = [(finding.at, finding.cause) for finding in report.findings if finding.kind.id == "R10"]
    assert told == [
        (Address("staff_list", ("members", number, *(("grade",) if asks_first and number % 2 else ()))), elsewhere)
        for number in range(20)
    ]


def test_a_rule_that_looks_at_where_a_row_stands_is_asked_for_each() -> None:
    def function(subject: Node, law: Law) -> Iterator[Verdict]:
        odd = int(subject.address.pointer[-1]) % 2
        yield not_applicable(subject.at()) if odd else passed(subject.at())

    assert counts(judge(listing([row(n) for n in range(9)]), rule_of(function))) == {
        Outcome.PASSED: 5,
        Outcome.NOT_APPLICABLE: 4,
    }


def test_a_rule_that_looks_at_more_of_a_row_than_single_values_is_asked_for_each() -> None:
    def function(subject: Node, law: Law) -> Iterator[Verdict]:
        yield passed(subject.at()) if "of" in subject.names("rank") else not_applicable(subject.at())

    rank = {"text": "3/45", "kind": "place", "value": 3}
    members = [row(n, rank={**rank, **({"of": 45} if n % 4 else {})}) for n in range(8)]
    assert counts(judge(listing(members), rule_of(function))) == {Outcome.PASSED: 6, Outcome.NOT_APPLICABLE: 2}


def test_records_are_counted_once_for_each_that_came_to_an_outcome() -> None:
    def function(subject: Node, law: Law) -> Iterator[Verdict]:
        yield passed(subject.at()) if subject.has_text("name") else not_applicable(subject.at())

    raw = base()
    raw["records"]["candidate_registration"] = {f"{n}": {"name": f"某{n}"} if n % 3 else {} for n in range(12)}
    (run,) = judge(material(raw, DAY), rule_of(function, "candidate_registration:")).runs
    assert run.records[Outcome.PASSED] == 8
    assert run.records[Outcome.NOT_APPLICABLE] == 4
    (run,) = judge(listing([row(n) for n in range(12)]), rule_of(function)).runs
    assert run.records[Outcome.PASSED] == 1


def drawn(seed: int) -> Material:
    """A list in which much is wrong, of few different values."""
    draw = random.Random(seed)
    ranks: list[Any] = [{"text": f"{n}/45", "kind": "place", "value": n, "of": 45} for n in (0, 3, 20, 46)]
    ranks += [{"text": "7", "kind": "unknown", "value": 7}, "第三", {"kind": "place"}]
    choices: dict[str, list[Any]] = {
        "serial": [1, 2, 3, "x"],
        "name": ["甲", "乙", "", None, 7],
        "political_status": ["共青团员", "群众", "党员", "中共党员", 3],
        "grade": [2017, 2019, 2020, 2021, "19级", 2019.0],
        "rank": ranks,
        "failed_course": [True, False, "否"],
        "experience": ["现任学习部干事", "2019年任班长", 5],
        "role": [*POSTS, 1],
        "department": [*DEPARTMENTS, []],
        "level": ["本科生", "硕士研究生", "x"],
        "remark": ["同名"],
    }
    often = draw.choice((0.1, 0.5, 0.95))
    members: list[Any] = [
        {
            key: draw.choice(values if draw.random() < 0.05 else values[:2])
            for key, values in choices.items()
            if draw.random() < often
        }
        for _ in range(draw.choice((3, 30, 120)))
    ]
    if seed % 3 == 0:
        members[draw.randrange(len(members))] = draw.choice((None, "x", []))
    return listing(members, **draw.choice(({}, {"ranking": {"kind": 5}}, {"filing_date": "x"}, {"ranking": "x"})))


@pytest.mark.parametrize("seed", range(24))
def test_rules_say_of_rows_together_what_they_say_of_each_alone(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = checks.check(drawn(seed), stage="issue")
    monkeypatch.setattr(asking, "FEW", 1_000_000)
    assert checks.check(drawn(seed), stage="issue") == at_once


OF_ORDER = {"R18", "R156", "R157"}
"""Rules about the order of the list."""
EXAMPLES = {"R21", "R136"}
"""Rules that name only the first of those that they mean."""


def told(report: Report, order: list[int]) -> list[str]:
    """What is said of whom, whatever the order of the list; ``order`` is where each row stood."""

    def place(at: Address | None) -> str:
        way = () if at is None else at.pointer
        if way[:1] == ("members",) and len(way) > 1:
            way = ("members", order[int(way[1])], *way[2:])
        return f"{at and at.form}:{way}"

    return sorted(
        f"{each.kind.id} {each.values.get('count')} {each.values.get('post')}"
        + ("" if each.kind.id in EXAMPLES else f" {place(each.cause)} {sorted(map(place, (each.at, *each.also)))}")
        for each in report.findings
        if each.kind.id not in OF_ORDER
    )


@pytest.mark.parametrize("seed", range(30))
def test_rules_say_the_same_of_people_in_whatever_order_they_stand(seed: int) -> None:
    material, shuffled = drawn(seed), drawn(seed)
    members = shuffled.records["staff_list"][0].values["members"]
    order = list(range(len(members)))
    random.Random(seed).shuffle(order)
    members[:] = [members[place] for place in order]
    first, second = (checks.check(each, stage="issue") for each in (material, shuffled))
    assert told(first, list(range(len(order)))) == told(second, order)
    assert [each for each in first.runs if each.rule not in OF_ORDER] == [
        each for each in second.runs if each.rule not in OF_ORDER
    ]


def parts(members: list[Any], *fields: str) -> list[tuple[list[Any], list[int]]]:
    """The parts of a list as a rule is given them: what stands in the fields, and the rows."""
    seen: list[tuple[list[Any], list[int]]] = []

    def function(subject: Node, law: Law) -> Iterator[Verdict]:
        for rows in subject.alike("members", *fields):
            said = [rows[0].blocked(*field.split("/")) or rows[0].get(*field.split("/")) for field in fields]
            seen.append((said, list(rows.numbers)))
        yield passed(subject.at())

    judge(listing(members), rule_of(function, "staff_list:"))
    return seen


def test_rows_are_gathered_by_what_stands_in_some_fields_in_order_of_the_first() -> None:
    members = [{"role": "干事"}, {"role": "部长", "grade": 2019}, {"role": "干事"}, {"grade": 2019}, {}]
    assert parts(members, "role") == [(["干事"], [0, 2]), (["部长"], [1]), ([None], [3, 4])]
    assert [numbers for _, numbers in parts(members, "role", "grade")] == [[0, 2], [1], [3], [4]]
    ranks = [{"rank": {"kind": "place"}}, {}, {"rank": {"kind": "place"}}]
    assert parts(ranks, "rank/kind") == [(["place"], [0, 2]), ([None], [1])]


def test_a_row_of_which_a_field_is_withheld_is_a_part_by_itself() -> None:
    members = [{"role": "干事"}, {"role": 1}, {"role": 1}, "no row", {"role": "干事"}]
    place = [Address("staff_list", ("members", 1, "role")), Address("staff_list", ("members", 2, "role"))]
    assert parts(members, "role") == [
        (["干事"], [0, 4]),
        ([place[0]], [1]),
        ([place[1]], [2]),
        ([Address("staff_list", ("members", 3))], [3]),
    ]


def test_rows_whose_fields_one_finding_withholds_are_told_of_it_one_by_one() -> None:
    dossier = listing([{"name": "甲"}, {"name": "乙"}, {"name": "丙", "grade": 2019}, {"name": "丁", "role": "干事"}])
    text = Text("这一列读不出", "the column is unreadable")
    kind = Kind("I-column", "column", text, text)
    dossier.findings = [Finding(kind, Address("staff_list", ("members", field))) for field in ("grade", "role")]
    report = judge(dossier, *(found for found in rules.all_rules() if found.id in ("R08", "R15")))
    said = [(finding.kind.id, finding.at.pointer[1]) for finding in report.findings if finding.cause is not None]
    assert said == [("R08", 0), ("R08", 1), ("R08", 2), ("R15", 0), ("R15", 1), ("R15", 3)]


def test_parts_are_put_together_in_the_order_of_the_list() -> None:
    said: list[Any] = []

    def function(subject: Node, law: Law) -> Iterator[Verdict]:
        clerks, heads = subject.alike("members", "role")
        both = together([heads, clerks])
        said.extend((list(both.numbers), both.column("role"), [each.get("role") for each in both[1:]], len(both)))
        said.append(together([heads]) is heads)
        yield passed(subject.at())

    judge(listing([{"role": "干事"}, {"role": "部长"}, {"role": "干事"}]), rule_of(function, "staff_list:"))
    assert said == [[0, 1, 2], ["干事", "部长", "干事"], ["部长", "干事"], 3, True]


def messages(rule: str, members: list[Any]) -> list[str]:
    (found,) = (each for each in rules.all_rules() if each.id == rule)
    return [
        f"{finding.at}: {finding.message()}"
        for finding in judge(listing(members), found).findings
        if finding.cause is None
    ]


def test_a_list_out_of_order_names_its_rows_as_a_reader_counts_them() -> None:
    members = [row(0), row(2), row(3, serial=None), row(0, serial=5), {"name": "成员9"}]
    del members[2]["serial"]
    assert messages("R18", members) == [
        "staff_list:/members/1/serial: 名单中第 2 人的序号应为 2，现为 3",
        "staff_list:/members/2/serial: 名单中第 3 人没有序号，应为 4",
        "staff_list:/members/3/name: 名单中第 4 人与第 1 人同为“成员0”，备注没有说明",
        "staff_list:/members/4/serial: 名单中第 5 人没有序号，应为 6",
    ]


def test_a_serial_that_cannot_be_read_is_told_and_the_count_goes_on_behind_it() -> None:
    report = judge(
        listing([row(0), row(1, serial="二"), row(2), row(4)]), next(r for r in rules.all_rules() if r.id == "R18")
    )
    said = [(str(finding.at), str(finding.cause)) for finding in report.findings if finding.kind.id == "R18"]
    assert said == [
        ("staff_list:/members/1", "staff_list:/members/1/serial"),
        ("staff_list:/members/3/serial", "None"),
    ]


def test_posts_and_experience_that_cannot_be_read_are_told_row_by_row() -> None:
    members = [row(0, role="干事"), row(1, role=3), row(2, role=4), row(3, role="干事", experience=5)]
    known = [found for found in rules.all_rules() if found.id in ("R08", "R155")]
    report = judge(listing(members), *known)
    assert [str(finding.at) for finding in report.findings if finding.kind.id == "R08"] == [
        "staff_list:/members/1/role",
        "staff_list:/members/2/role",
    ]
    assert [str(finding.cause) for finding in report.findings if finding.kind.id == "R155"] == [
        "staff_list:/members/1/role",
        "staff_list:/members/2/role",
        "staff_list:/members/3/experience",
    ]


@pytest.mark.parametrize(
    ("each", "places"),
    [
        ("dossier:/organisation/name", ["dossier:/organisation/name"]),
        ("dossier:/organisation/*", []),  # only a list has members
        ("staff_list:/members/*/rank/of", [f"staff_list:/members/{number}/rank/of" for number in (0, 2)]),
        ("election:/rounds/*/candidates/*", [f"election:/rounds/{at}" for at in ("0/candidates/0", "1/candidates/0")]),
        ("election:/rounds/*/candidates/*/name", ["election:/rounds/0/candidates/0/name"]),
    ],
)
def test_a_rule_is_asked_about_each_place_that_its_pattern_names(each: str, places: list[str]) -> None:
    raw = base(DAY)
    raw["records"]["election"]["rounds"] = [{"candidates": [{"name": "甲"}]}, {"candidates": [{}]}, {}]
    ranks = ({"text": "1/3", "of": 3}, None, {"text": "2/5", "of": 5})
    raw["records"]["staff_list"]["members"] = [
        row(number) | ({} if rank is None else {"rank": {"kind": "fraction", "value": 1, **rank}})
        for number, rank in enumerate(ranks)
    ]
    asked: list[str] = []

    def function(subject: Node, law: Law) -> Iterator[Verdict]:
        asked.append(str(subject.address))
        yield passed(subject.address)

    judge(material(raw, DAY), rule_of(function, each))
    assert asked == places
