"""Every rule on its cases: patches on one valid dossier, each on a stated day."""

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from formgen import checks, forms, rules
from formgen.findings import Outcome, Severity, Text
from formgen.rules import Rule, page, rule
from formgen.rules.subject import Law, Node, Verdict, failed
from judging import CASES, Case, base, cases, judge, lines, material, problems, valid

ALL_CASES = cases()
ALL_RULES = rules.all_rules()
_EVIDENCE_OFTEN_MISSING = ("R02", "R16")

every_rule = pytest.mark.parametrize("found", ALL_RULES, ids=lambda found: found.id)


def cases_of(found: Rule) -> list[Case]:
    return [case for case in ALL_CASES if case.rule == found.id]


@pytest.mark.parametrize("case", ALL_CASES, ids=str)
def test_a_case_ends_as_it_says(case: Case) -> None:
    assert problems(case, judge(case)) == []


def test_the_valid_dossier_has_no_finding() -> None:
    report = checks.check(valid())
    assert lines(report) == []
    assert not report.stops
    assert [run.rule for run in report.runs] == [found.id for found in rules.in_force(date(2020, 11, 18))]


@pytest.mark.parametrize("on", [date(2021, 10, 31), date(2021, 11, 1), date(2023, 8, 31), date(2023, 9, 1)])
def test_the_valid_dossier_has_no_finding_on_either_side_of_a_new_edition(on: date) -> None:
    assert lines(checks.check(valid(on))) == []


def test_every_case_belongs_to_a_rule_and_lies_beside_its_form() -> None:
    places = {found.id: found.function.__module__.split(".")[2] for found in ALL_RULES}
    assert {case.rule: case.form for case in ALL_CASES} == places


def test_no_two_cases_share_a_name() -> None:
    names = [str(case) for case in ALL_CASES]
    assert sorted(set(names)) == sorted(names)


@every_rule
def test_every_rule_has_a_case_that_passes_and_one_that_fails(found: Rule) -> None:
    outcomes = frozenset[str]().union(*(case.outcomes for case in cases_of(found)))
    assert {"passed", "failed"} <= outcomes
    if found.id in _EVIDENCE_OFTEN_MISSING:
        assert "unverified" in outcomes


@every_rule
def test_a_rule_that_says_nothing_is_noticed_by_its_cases(found: Rule) -> None:
    def silent(subject: Node, law: Law) -> Iterator[Verdict]:
        yield from ()

    emptied = [replace(other, function=silent) if other is found else other for other in ALL_RULES]
    failing = [case for case in cases_of(found) if "failed" in case.outcomes]
    for case in failing:
        in_force = [other for other in emptied if other.in_force(case.on)]
        assert problems(case, judge(case, in_force)) != []


@every_rule
def test_a_rule_begins_on_its_first_day_and_not_the_day_before(found: Rule) -> None:
    case = next(case for case in cases_of(found) if "failed" in case.outcomes)
    before = replace(case, on=found.effective_from - timedelta(days=1))
    first = replace(case, on=found.effective_from)
    assert not any(line.startswith(f"{found.id} ") for line in lines(judge(before)))
    assert any(line.startswith(f"{found.id} failed") for line in lines(judge(first)))


def test_a_rule_that_ends_has_a_case_on_its_last_day_and_on_the_day_after() -> None:
    ending = [found for found in ALL_RULES if found.effective_until is not None]
    assert {found.id for found in ending} >= {"R08", "R40", "R153"}
    for found in ending:
        assert found.effective_until is not None
        after = found.effective_until + timedelta(days=1)
        assert any("failed" in case.outcomes for case in cases_of(found) if case.on == found.effective_until)
        assert any(case.outcomes == {"not_in_force"} for case in cases_of(found) if case.on == after)


@pytest.mark.parametrize("case", ALL_CASES, ids=str)
def test_a_finding_says_its_sentence_in_both_languages(case: Case) -> None:
    for finding in judge(case).findings:
        for lang in ("zh", "en"):
            assert not re.search(r"[{}]", finding.message(lang))
        unverified = finding.outcome is Outcome.UNVERIFIED
        text = finding.kind.missing if unverified else finding.kind.message
        assert text is not None
        assert rules.fields_of(text) == finding.values.keys()


@every_rule
def test_a_declaration_is_complete(found: Rule) -> None:
    kind = found.kind
    assert re.fullmatch(r"R[0-9]{2,3}", kind.id)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.name)
    assert kind.basis
    assert all(text.zh and text.en for text in (kind.title, kind.message, kind.hint, *found.wordings.values()))
    assert rules.fields_of(Text(kind.title.zh, kind.title.en)) == frozenset()
    for text in (kind.message, kind.missing, *found.wordings.values()):
        if text is not None:
            assert rules.fields_of(Text(text.zh, "")) == rules.fields_of(Text("", text.en))
    assert (found.function.__doc__ or "").endswith(".")
    assert found.form == "dossier" or found.form in forms.catalogue()


def test_names_of_rules_are_unique() -> None:
    assert len({found.kind.name for found in ALL_RULES}) == len(ALL_RULES)


@every_rule
def test_a_quotation_of_the_filing_is_what_the_form_says(found: Rule) -> None:
    items = forms.catalogue()["assessment_filing"][0].schema["properties"]["items"]["properties"]
    for basis in found.kind.basis:
        quoted = re.match(r"评估备案表第 ([0-9]+) 项：(.+)", basis)
        if quoted is None:
            continue
        said = [item["description"] for key, item in items.items() if key.rstrip("abc") == quoted[1]]
        assert any(quotation in text for quotation in re.findall("“([^”]+”?[^”]*)”", quoted[2]) for text in said)


@every_rule
def test_a_rule_reads_only_what_it_declares(found: Rule, monkeypatch: pytest.MonkeyPatch) -> None:
    read: set[str] = set()
    get, reach = Node.get, Node._reach

    def note(node: Node, keys: tuple[str | int, ...]) -> None:
        at = node.at(*keys)
        read.add(f"{at.form}:/" + "/".join("*" if isinstance(key, int) else key for key in at.pointer))

    def getting(node: Node, *keys: str | int) -> Any:
        note(node, keys)
        return get(node, *keys)

    def reaching(node: Node, keys: tuple[str | int, ...]) -> Any:
        note(node, keys)
        return reach(node, keys)

    monkeypatch.setattr(Node, "get", getting)
    monkeypatch.setattr(Node, "_reach", reaching)
    for case in cases_of(found):
        if found.in_force(case.on):
            judge(case, [found])
    assert read
    undeclared = {place for place in read if not any(_covers(declared, place) for declared in found.reads)}
    assert undeclared == set()


def _covers(declared: str, place: str) -> bool:
    # The way to what is declared is part of it: the list on the way to its rows.
    pattern = re.escape(declared).replace(r"\*", "[^/]+")
    return re.fullmatch(f"{pattern}(/.*)?", place) is not None or declared.startswith(f"{place}/")


@every_rule
def test_what_a_rule_declares_to_read_is_in_the_form(found: Rule) -> None:
    for place in found.reads:
        key, _, pointer = place.partition(":")
        editions = [] if key == "dossier" else forms.catalogue()[key]
        schemas = [forms.dossier_schema()] if key == "dossier" else [edition.schema for edition in editions]
        assert any(_leads_somewhere(schema, pointer.split("/")[1:]) for schema in schemas), place


def _leads_somewhere(node: Any, steps: list[str]) -> bool:
    for step in steps:
        if step == "*":
            node = node.get("items") or next(iter(node.get("properties", {}).values()), None)
        else:
            node = node.get("properties", {}).get(step)
        if node is None:
            return False
    return True


def test_rules_hold_no_words_or_numbers_of_their_own() -> None:
    choices = {text for schema in _schemas() for text in _enums(schema)}
    for name in rules._modules():
        if name.rpartition(".")[2] in ("asking", "subject", "table"):
            continue
        tree = ast.parse(Path(str(inspect.getsourcefile(__import__(name, fromlist=["_"])))).read_text("utf-8"))
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            for node in (inner for statement in function.body for inner in ast.walk(statement)):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and _is_word(node.value):
                    assert node.value in choices, f"{name}.{function.name}: {node.value}"
                if isinstance(node, ast.Constant) and type(node.value) is int:
                    # 0, 1: counting; 3: how many examples are shown; 4: one place and three more; 100: per cent.
                    assert node.value in (0, 1, 3, 4, 100), f"{name}.{function.name}: {node.value}"


def _is_word(text: str) -> bool:
    return any("一" <= character <= "鿿" for character in text)


def _schemas() -> list[Any]:
    return [
        forms.dossier_schema(),
        *(edition.schema for editions in forms.catalogue().values() for edition in editions),
    ]


def _enums(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from node.get("enum", ()) if isinstance(node.get("enum"), list) else ()
        for child in node.values():
            yield from _enums(child)


def test_an_id_is_declared_once() -> None:
    declare = rule(
        "R01",
        name="again",
        title=Text("又一条", "again"),
        message=Text("又", "again"),
        basis=("无",),
        each="dossier:",
        reads=(),
        effective_from=date(2020, 1, 1),
    )
    with pytest.raises(ValueError, match="R01 is declared in"):
        declare(lambda subject, law: iter([failed(subject.address)]))


def test_rules_of_the_stage_issue_come_on_top(monkeypatch: pytest.MonkeyPatch) -> None:
    late = replace(ALL_RULES[0], stage="issue")
    monkeypatch.setattr(rules, "all_rules", lambda: (late, ALL_RULES[1]))
    day = date(2020, 11, 18)
    assert rules.in_force(day, "fill") == (ALL_RULES[1],)
    assert rules.in_force(day, "issue") == (late, ALL_RULES[1])


def test_the_digest_covers_what_the_rules_say(monkeypatch: pytest.MonkeyPatch) -> None:
    before = rules.digest()
    assert re.fullmatch("sha256:[0-9a-f]{64}", before)
    rules.digest.cache_clear()
    changed = replace(ALL_RULES[0], kind=replace(ALL_RULES[0].kind, severity=Severity.INFO))
    monkeypatch.setattr(rules, "all_rules", lambda: (changed, *ALL_RULES[1:]))
    assert rules.digest() != before
    rules.digest.cache_clear()


def test_one_thousand_rows_of_one_unknown_kind_are_one_finding() -> None:
    raw = base()
    members = raw["records"]["staff_list"]["members"]
    for _ in range(50):
        members.append({**members[4], "serial": len(members) + 1, "name": f"新人{len(members)}"})
    raw["dossier"]["ranking"] = {}
    report = checks.check(material(raw, date(2020, 11, 18)))
    unfolded = [finding for finding in report.findings if finding.kind.id in ("R11", "R16") and finding.cause is None]
    assert [str(finding.at) for finding in unfolded] == ["dossier:/ranking"]
    assert unfolded[0].values["count"] == 54


def test_the_documentation_of_the_rules_is_current() -> None:
    docs = CASES.parents[1] / "docs" / "rules"
    written = {path.name: path.read_text("utf-8") for path in docs.glob("*.md")}
    assert written == page.pages(CASES), "run: python -m formgen.rules.page docs/rules tests/cases"


def test_the_index_of_the_pages_is_in_order_of_the_numbers() -> None:
    listed = re.findall(r"^\| \[R([0-9]+)[a-z]?\]", page.pages(CASES)["README.md"], re.MULTILINE)
    assert list(map(int, listed)) == sorted(map(int, listed))


def test_a_page_is_written_in_either_language_and_without_cases() -> None:
    found = ALL_RULES[0]
    assert found.kind.title.zh in page.render(found)
    english = page.render(found, lang="en")
    assert found.kind.title.en in english
    assert "Cases" not in english


def test_the_pages_are_written_by_one_command(tmp_path: Path) -> None:
    assert page.main([str(tmp_path), str(CASES)]) == 0
    assert {path.name for path in tmp_path.iterdir()} == set(page.pages(CASES))
    assert page.main([]) == 2
