"""The rules that there are, compared with the list of them that is kept beside the tests.

A rule that vanishes, or changes its severity or its dates, changes what dossiers pass: it must not happen by accident.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from formgen.reports import rulebook
from formgen.rules import all_rules

KEPT = Path(__file__).with_name("rule_inventory.json")
LAW = ("severity", "effective_from", "effective_until", "stage", "waivable", "forms")
HOW = "if it is meant: formgen rules --format json > tests/rule_inventory.json"


def by_id(text: str) -> dict[str, dict[str, Any]]:
    return {rule["id"]: rule for rule in json.loads(text)["rules"]}


KEPT_RULES = by_id(KEPT.read_text("utf-8"))
TODAY = by_id(rulebook.inventory(rulebook.in_order(all_rules())))


@pytest.mark.parametrize("id_", KEPT_RULES)
def test_a_rule_is_still_there_with_the_same_severity_and_dates(id_: str) -> None:
    assert id_ in TODAY, f"{id_} has vanished; {HOW}"
    kept, today = ({key: rule[key] for key in LAW} for rule in (KEPT_RULES[id_], TODAY[id_]))
    assert today == kept, HOW


def test_every_rule_is_in_the_list() -> None:
    assert list(KEPT_RULES) == list(TODAY), HOW


def test_the_list_is_what_the_command_prints() -> None:
    assert KEPT.read_text("utf-8") == rulebook.inventory(rulebook.in_order(all_rules())) + "\n", HOW
