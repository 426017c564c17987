"""The school's documents as data: transcribed word for word, each at its clause; and every rule on them fires."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import judging
from formgen import checks, dossier, forms, rules
from formgen.findings import Address, Finding, Outcome
from formgen.rules import Rule
from judging import Case, cases, judge

HERE = Path(__file__).parent
INPUTS = HERE.parent / "inputs"
SEED = (HERE / "seed" / "disclosure-2020.md").read_text("utf-8")
LINES = SEED.split("\n")
# Lines are glued: a page break cuts paragraphs, and within a line every space counts.
GLUED = re.sub(r"\s*\n\s*", "", SEED)

CHARTER_RULES = [
    found
    for found in rules.all_rules()
    if any(place.startswith("charter:/") for place in found.reads) and ".charter." in found.function.__module__
]
ALL_CASES = cases()
EACH = pytest.mark.parametrize("name", ["lzmvc-2020", "demo-2020"])


def charter(name: str) -> Any:
    return json.loads((INPUTS / name / "charter.json").read_text("utf-8"))


def statements(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for topic, entries in charter(name)["statements"].items():
        for entry in entries:
            yield topic, entry


SEED_STATEMENTS = [
    pytest.param(entry, id=f"{topic}/{number}")
    for topic, entries in charter("lzmvc-2020")["statements"].items()
    for number, entry in enumerate(entries)
]


@pytest.mark.parametrize("entry", SEED_STATEMENTS)
def test_a_quotation_stands_in_the_published_document_word_for_word(entry: dict[str, Any]) -> None:
    assert entry["quote"] in GLUED


@pytest.mark.parametrize("entry", SEED_STATEMENTS)
def test_a_quotation_stands_in_the_clause_that_is_named(entry: dict[str, Any]) -> None:
    titles = {document["key"]: document["title"] for document in charter("lzmvc-2020")["documents"]}
    section = _section(titles[entry["document"]])
    clause = re.match(r"第[一二三四五六七八九十]+条|[一二三四五六七八九十]+(?=、|$)", entry["clause"])
    if clause is None:
        assert entry["quote"] in re.sub(r"\s*\n\s*", "", section)
        return
    heads = re.compile(r"(?m)^#* ?(第[一二三四五六七八九十]+条|[一二三四五六七八九十]+(?=、))")
    starts = [(match.start(), match[1]) for match in heads.finditer(section)]
    ends = [start for start, _ in starts[1:]] + [len(section)]
    parts = [section[start:end] for (start, label), end in zip(starts, ends, strict=True) if label == clause[0]]
    assert any(entry["quote"] in re.sub(r"\s*\n\s*", "", part) for part in parts)


def _section(title: str) -> str:
    """The part of the published text that begins with a document's title."""
    titles = [index for index, line in enumerate(LINES) if re.match("#+ [^第一二三四五六七八九（(]|#+ 《", line)]
    (start,) = [index for index in titles if title in LINES[index]]
    later = [index for index in titles if index > start]
    return "\n".join(LINES[start : later[0] if later else len(LINES)])


@EACH
def test_every_statement_names_a_document_that_is_listed(name: str) -> None:
    listed = {document["key"] for document in charter(name)["documents"]}
    assert {entry["document"] for _, entry in statements(name)} <= listed
    assert {heading["document"] for heading in charter(name)["outline"]} <= listed


def test_the_outline_is_that_of_the_published_charter() -> None:
    first, last = (
        next(index for index, line in enumerate(LINES) if text in line) for text in ("学生会章程》", "结构图")
    )
    printed = [
        (match[2], len(match[1]))
        for line in LINES[first + 1 : last]
        if (match := re.match(r"(#*) ?(第[一二三四五六七八九十]+[章条])", line))
    ]
    ours = [
        (re.match("第.+?[章条]", heading["label"]), heading["level"])
        for heading in charter("lzmvc-2020")["outline"]
        if heading["document"] == "charter"
    ]
    assert [(label[0], level) for label, level in ours if label] == printed
    assert len(ours) == len(printed)


def test_every_topic_is_stated_somewhere_and_read_by_a_rule() -> None:
    topics = set(forms.catalogue()["charter"][0].schema["properties"]["statements"]["properties"])
    assert topics == {topic for name in ("lzmvc-2020", "demo-2020") for topic, _ in statements(name)} | {
        "permanent_units"
    }
    reads = {place for found in rules.all_rules() for place in found.reads if place.startswith("charter:/statements/")}
    assert topics - {place.split("/")[2] for place in reads} == {"passages"}


def test_the_invented_documents_say_nothing_that_a_rule_objects_to() -> None:
    report = checks.check(dossier.load(INPUTS / "demo-2020"), rule_set=CHARTER_RULES)
    assert report.findings == ()


@pytest.fixture(scope="module")
def demo() -> Any:
    """The invented dossier as plain data."""
    read = dossier.load(INPUTS / "demo-2020")
    records = {
        form: {record.id: record.values for record in found} if forms.catalogue()[form][0].many else found[0].values
        for form, found in read.records.items()
    }
    return {"dossier": read.values, "records": records}


# Its cases name colleges and delegations that the invented dossier has not.
OWN_MUTATION = {
    "R112": {"congress_report:/delegations/0/count": 40},
    "R101": {"charter:/statements/departments/0/names/0": "办公室"},
    "R103": {"staff_list:/members/0/role": "主席"} | {f"staff_list:/members/{n}/role": "副主席" for n in range(1, 5)},
}


@pytest.mark.parametrize("found", CHARTER_RULES, ids=lambda found: found.id)
def test_a_rule_on_the_documents_fires_on_a_mutation_of_the_invented_dossier(
    found: Rule, demo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = next(case for case in ALL_CASES if case.rule == found.id and "failed" in case.outcomes)
    if found.id in OWN_MUTATION:
        case = replace(case, set=OWN_MUTATION[found.id], remove=())
    monkeypatch.setattr(judging, "base", lambda on: json.loads(json.dumps(demo)))
    report = judge(case, [found])
    assert Outcome.FAILED in {finding.outcome for finding in report.findings}


def _finding(case: Case, rule: str) -> Finding:
    return next(finding for finding in judge(case).findings if finding.kind.id == rule)


def _case(rule: str, on: date, **patch: Any) -> Case:
    named = {f"charter:/statements/{topic}/0/{field}": value for topic, (field, value) in patch.items()}
    return Case(rule, "charter", "by hand", on, (), named)


def _filing(finding: Finding) -> list[str]:
    return [str(place) for place in finding.also if place.form == "assessment_filing"]


@pytest.mark.parametrize(("on", "item"), [(date(2021, 10, 31), "7"), (date(2021, 11, 1), "9")])
def test_the_row_of_the_filing_that_says_otherwise_is_named_by_the_edition_of_the_day(on: date, item: str) -> None:
    finding = _finding(_case("R98", on, nominated_by=("by", "union")), "R98")
    assert _filing(finding) == [f"assessment_filing:/items/{item}/conclusion"]


def test_a_row_that_is_not_ticked_is_no_other_place_of_a_conflict() -> None:
    case = _case("R22", date(2020, 11, 18), presidium_elected_by=("by", "committee"))
    assert _filing(_finding(case, "R22")) == []
    ticked = replace(case, set={**case.set, "assessment_filing:/items/8/conclusion": "met"})
    assert _filing(_finding(ticked, "R22")) == ["assessment_filing:/items/8/conclusion"]


def test_a_row_that_cannot_be_read_hides_nothing() -> None:
    case = _case("R22", date(2020, 11, 18), presidium_elected_by=("by", "committee"))
    broken = replace(case, set={**case.set, "assessment_filing:/items/8/conclusion": 8})
    assert _finding(broken, "R22").outcome is Outcome.FAILED


def test_a_dossier_without_the_documents_is_not_judged_by_them() -> None:
    case = Case("R22", "charter", "none", date(2020, 11, 18), (), remove=("charter:",))
    assert judge(case, CHARTER_RULES).findings == ()


def test_a_clause_is_cited_with_its_document_once() -> None:
    said = [("候选人由学生会推荐", "一"), ("候选人由主席推荐", "二")]
    stated = [{"by": "union", "document": "election", "clause": clause, "quote": text} for text, clause in said]
    case = Case("R98", "charter", "two", date(2020, 11, 18), (), {"charter:/statements/nominated_by": stated})
    assert "《主席团选举办法》一“候选人由学生会推荐”；二“候选人由主席推荐”" in _finding(case, "R98").message()


def test_a_statement_of_a_document_that_is_not_listed_is_cited_by_its_key() -> None:
    finding = _finding(
        replace(
            _case("R98", date(2020, 11, 18), nominated_by=("by", "union")),
            remove=("charter:/documents",),
        ),
        "R98",
    )
    assert "《election》一" in finding.message()


def test_both_places_of_a_contradiction_are_named() -> None:
    case = next(case for case in ALL_CASES if case.rule == "R87" and "failed" in case.outcomes)
    finding = _finding(case, "R87")
    assert finding.at == Address.parse("charter:/statements/election_majority/0")
    assert finding.also == (Address.parse("charter:/statements/election_majority/1"),)


def _places(node: Any, way: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield way
    # One entry of a list stands for them all.
    inside = node.items() if isinstance(node, dict) else enumerate(node[:1]) if isinstance(node, list) else ()
    for key, child in inside:
        yield from _places(child, (*way, key))


TOPICS = sorted(charter("demo-2020")["statements"])


@pytest.mark.parametrize("topic", ["documents", "outline", *TOPICS])
def test_no_rule_raises_whatever_stands_in_the_place_of_a_value(topic: str, demo: Any) -> None:
    way: tuple[str | int, ...] = ("statements", topic) if topic in TOPICS else (topic,)
    sound = demo["records"]["charter"]
    for place in _places(sound["statements"][topic] if topic in TOPICS else sound[topic], way):
        for value in (None, [None], 9):
            changed = json.loads(json.dumps(sound))
            parent = changed
            for key in place[:-1]:
                parent = parent[key]
            parent[place[-1]] = value
            raw = {**demo, "records": {**demo["records"], "charter": changed}}
            report = checks.check(judging.material(raw, date(2020, 12, 4)), rule_set=CHARTER_RULES)
            assert report.runs
