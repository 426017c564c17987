"""A text that is read piece by piece is the text that it is as a whole, wherever its pieces end."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formgen.intake import text_files
from formgen.intake.text_files import Text, Undecodable, understood
from formgen.scratch import Scratch

MARKS = ("#", "Err:", '="')
WORDS = st.sampled_from(
    ["王静", ",", "\n", "\r\n", "\r", "\0", "#REF!", "Err:502", '="1"', "\ufeff", "\U00020bb7", " "]
)
TEXTS = st.lists(WORDS, max_size=40).map("".join)
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16-le", "utf-16-be"])


def copied(data: bytes) -> Scratch:
    copy = Scratch()
    copy.append(data)
    return copy


@pytest.fixture(name="piece", params=[2, 4, 10], autouse=True)
def fixture_piece(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_files, "_PIECE", request.param)


@given(TEXTS, ENCODINGS, st.integers(0, 30))
def test_lines_and_what_is_in_them_are_those_of_the_whole(written: str, encoding: str, head: int) -> None:
    data = written.encode(encoding)
    codec = encoding.removesuffix("-sig")
    whole = data.decode(codec).removeprefix("\ufeff")
    text = Text(copied(data), codec)
    assert "".join(text.pieces()) == whole
    without = whole.replace("\0", "")
    assert list(text.lines()) == list(io.StringIO(without, newline=""))
    contents = text_files._contents(text, MARKS, head)
    assert contents.head == without[:head]
    assert contents.holds == {mark for mark in MARKS if mark in without}
    assert contents.zero == (whole.count("\n", 0, whole.index("\0")) + 1 if "\0" in whole else 0)


@given(TEXTS, ENCODINGS, st.binary(min_size=1, max_size=3), st.integers(0, 200))
def test_what_is_no_text_is_told_with_its_line(written: str, encoding: str, junk: bytes, at: int) -> None:
    data = written.encode(encoding)
    data = data[:at] + junk + data[at:]
    encodings = text_files._encodings(data)
    expected: str | int = 0
    for each in encodings:
        try:
            expected = data.decode(each).removeprefix("\ufeff")
            break
        except UnicodeDecodeError as error:
            expected = data[: error.start].decode(each, errors="replace").count("\n") + 1
    try:
        text, _ = understood(copied(data), MARKS, 10)
        found: str | int = "".join(text.pieces())
    except Undecodable as problem:
        found = problem.line
    assert found == expected


def test_the_ways_of_two_bytes_are_told_over_all_pieces() -> None:
    data = ("姓名,学院\n" + "王静,理工学院\n" * 20).encode("utf-16-be")
    assert understood(data, MARKS, 10)[0].encoding == "utf-16-be"
    assert understood(copied(data[1:]), MARKS, 10)[0].encoding == "gb18030"
