"""Values that are set together read as if each were set alone."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from formgen.filling.lookups import Filling, Lookup
from formgen.filling.slots import Body, Line, Lines, Value
from formgen.filling.typesetting import date, plain, yes_no

PATHS = (("a",), ("b",), ("c", "x"), ("c", "y"), ("c", "x", "z"))
TEXT = st.text(st.characters() | st.sampled_from("&<>\n\r\t 文\0\ufffe"))
JSON = TEXT | st.none() | st.booleans() | st.integers() | st.lists(TEXT) | st.dictionaries(st.sampled_from("xz"), TEXT)
RECORD = st.dictionaries(st.sampled_from("abc"), JSON | st.fixed_dictionaries({}, optional={"x": JSON, "y": JSON}))


def value(keys: tuple[str, ...], typeset: Any = plain) -> Value:
    return Value(Lookup(0, keys), typeset, "|br|", "|tab|")


def lines(keys: tuple[str, ...]) -> Lines:
    return Lines(Lookup(0, keys), plain, Body(("(", Line("|tab|"), ")")))


PIECES = [
    *(value(keys, typeset) for keys in PATHS for typeset in (plain, date, yes_no)),
    *(lines(keys) for keys in PATHS),
    value(()),
]


@given(RECORD)
def test_values_set_together_read_as_each_alone(record: dict[str, Any]) -> None:
    alone = [piece.text(Filling([record])) for piece in PIECES]
    assert Body(tuple(PIECES)).text(Filling([record])) == b"".join(alone)


def test_what_a_text_holds_is_escaped_and_broken_in_its_own_place() -> None:
    body = Body(("1", value(("a",)), "2", lines(("b",)), "3", value(("c", "x"))))
    told = {"a": "<&>\r\nx\ty", "b": "one\ntwo", "c": {"x": "\0"}}
    assert body.text(Filling([told])) == b"1&lt;&amp;&gt;|br|x|tab|y2(one)(two)3\xef\xbf\xbd"
    assert body.text(Filling([{"a": "A&B", "b": "one"}])) == b"1A&amp;B2(one)3"


def test_values_of_an_outer_and_an_inner_scope_are_set_together() -> None:
    inner = Value(Lookup(1, ("a",)), plain, "", "")
    body = Body((value(("a",)), ":", inner, ";"))
    assert body.text(Filling([{"a": "out"}, {"a": "in"}])) == b"out:in;"
    assert body.text(Filling([{"a": "out"}, None])) == b"out:;"
