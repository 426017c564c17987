"""What a document carries is written as the library's encoder writes it, by columns or not."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from formgen.filling import data_part
from formgen.filling.carried_text import carried_text
from formgen.filling.columns import BATCH, Values

TREE = data_part.tree_of(
    [
        ("name",),
        ("held", "start"),
        ("members", "[]", "a"),
        ("members", "[]", "rank"),
        ("members", "[]", "b"),
        ("deep", "[]", "part", "x"),
        ("words", "[]"),
        ("whole",),
    ]
)
RANK = {"text": "3/120", "kind": "place", "of": 120, "value": 3}
LISTS = {
    "alike": [{"a": "文", "b": n, "rank": RANK} for n in range(5)],
    "quotes and markup": [{"a": 'x"\\<&>', "b": "\n\x7f\ud800", "rank": None}] * 3,
    "absent behind the first": [{"a": "文"}, {"a": "字", "b": None}, {"a": "", "rank": RANK}],
    "the first is absent": [{"b": 1}, {"a": 2, "b": 2}],
    "nothing is there": [{}, {}],
    "printed not at all": [{"z": 1, "a": "文"}, {"a": "字"}],
    "parts unlike": [{"a": "1", "rank": RANK}, {"a": "2", "rank": {"text": "7"}}],
    "parts of other names": [{"a": {"x": 1}, "b": 1}, {"a": {"y": 1}, "b": 2}],
    "empty parts": [{"a": {}}, {"a": {}}],
    "parts within parts": [{"a": {"x": {"z": 1, "y": [1]}}}] * 2,
    "kinds mixed": [{"a": 1}, {"a": True}, {"a": "1"}, {"a": 1.5}],
    "truth": [{"a": True, "b": False}, {"a": False, "b": True}],
    "no items": [3, "text", None, [1]],
    "empty": [],
    "long": [{"b": n, "a": "文"} for n in range(BATCH + 1)],
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abx") | st.text(), inner, max_size=4),
    max_leaves=12,
)
ITEM = st.fixed_dictionaries({}, optional={"a": JSON, "b": JSON, "rank": JSON, "part": JSON, "z": JSON})
MEMBERS = st.lists(ITEM) | st.lists(ITEM, max_size=4).map(lambda items: items * 9)
FIELDS = {"name": JSON, "held": JSON, "whole": JSON, "words": JSON, "members": MEMBERS, "deep": MEMBERS}


def expected(values: Any) -> bytes:
    return data_part.content(data_part.encode(data_part.pruned(values, TREE)))


@pytest.mark.parametrize("times", [1, 5])
@pytest.mark.parametrize("kind", LISTS)
def test_a_list_is_written_as_the_encoder_writes_it_few_items_or_many(kind: str, times: int) -> None:
    for key in ("members", "deep", "words", "whole", "name", "held"):
        values = {key: LISTS[kind] * times, "name": "某"}
        assert carried_text(values, TREE, {}) == expected(values)


def test_what_was_taken_for_the_rows_is_not_taken_again() -> None:
    items = LISTS["alike"] * 2
    taken = {id(items): {("b",): Values(["taken"] * len(items))}}
    values = {"members": [{**item, "b": "taken"} for item in items]}
    assert carried_text({"members": items}, TREE, taken) == expected(values)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=300)
@given(st.fixed_dictionaries({}, optional=FIELDS) | JSON)
def test_any_values_are_written_as_the_encoder_writes_them(values: Any) -> None:
    assert carried_text(values, TREE, {}) == expected(values)
