"""What goes on on the disk is what it would be in memory."""

import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formgen.delivery.plan import Job
from formgen.spilling import PLAIN, SpillDict, SpillList, tuples

_KEPT = st.integers(0, 4)
_KEYS = st.text(max_size=3)
_ENTRIES = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=4)


@given(_KEPT, st.lists(_ENTRIES), st.lists(st.tuples(st.integers(0, 20), _ENTRIES)))
def test_a_list_is_a_list(kept: int, entries: list[Any], replaced: list[tuple[int, Any]]) -> None:
    spilled = SpillList[Any](entries, codec=PLAIN, kept=kept)
    for index, entry in replaced:
        if index < len(entries):
            spilled[index] = entries[index] = entry
    assert (list(spilled), len(spilled)) == (entries, len(entries))
    assert [spilled[index] for index in range(-len(entries), len(entries))] == entries * 2
    assert spilled[1:-1] == entries[1:-1]


def test_a_tuple_with_names_is_one_again() -> None:
    jobs = [Job("candidate_registration", str(number), ".docx", f"{number}.docx") for number in range(3)]
    spilled = SpillList(jobs, codec=tuples(Job), kept=1)
    assert [(type(job), job) for job in spilled] == [(Job, job) for job in jobs]


@pytest.mark.parametrize("kept", [0, 2, 9])
def test_a_list_has_an_end(kept: int) -> None:
    spilled = SpillList("abc", kept=kept)
    for index in (3, -4):
        with pytest.raises(IndexError):
            spilled[index]
        with pytest.raises(IndexError):
            spilled[index] = "x"


@given(_KEPT, st.lists(st.tuples(st.sampled_from(["put", "take"]), _KEYS, _ENTRIES)))
def test_a_mapping_is_a_dict(kept: int, steps: list[tuple[str, str, Any]]) -> None:
    spilled, plain = SpillDict[Any](kept=kept), dict[str, Any]()
    for step, key, value in steps:
        if step == "put":
            spilled[key] = plain[key] = value
        elif key in plain:
            del spilled[key], plain[key]
        else:
            with pytest.raises(KeyError):
                del spilled[key]
    assert spilled == plain
    assert (list(spilled.items()), list(spilled.values())) == (list(plain.items()), list(plain.values()))
    assert list(spilled.in_order()) == sorted(plain.items(), key=lambda entry: entry[0])
    assert len(spilled) == len(plain)
    for _, key, _ in steps:
        assert (key in spilled, spilled.get(key)) == (key in plain, plain.get(key))


@pytest.mark.parametrize("kept", [0, 3, 9])
def test_a_mapping_keeps_the_order_of_its_entries(kept: int) -> None:
    entries = [("丙", 1), ("甲", 2), ("\udc80", 3), ("a", 4), ("", 5)]
    assert list(SpillDict(entries, kept=kept).items()) == entries
    assert None not in SpillDict(entries, kept=kept)


def test_many_pages_come_in_order() -> None:
    numbers = [(f"{number * 7919 % 2003:04}", number) for number in range(2003)]
    spilled = SpillList(numbers, kept=3)
    assert list(spilled) == numbers
    for start, stop in ((0, 2), (2, 5), (1, 1500), (250, 260), (1990, 2003), (1999, 2001), (7, 7)):
        assert spilled[start:stop] == numbers[start:stop]
        assert spilled[start:stop:2] == numbers[start:stop:2]
    assert list(SpillDict(numbers, kept=3).items()) == numbers
    assert list(SpillDict(numbers, kept=3).in_order()) == sorted(numbers)


def test_entries_that_are_put_in_again_are_the_new_ones() -> None:
    numbers = [(f"{number % 700}", number) for number in range(3000)]
    spilled = SpillDict(numbers, kept=5)
    assert spilled == dict(numbers)
    assert len(spilled) == 700


def test_a_list_grows_while_it_is_gone_through() -> None:
    spilled = SpillList(range(400), kept=10)
    for entry in spilled:
        if entry < 400:
            spilled.append(entry + 400)
    assert list(spilled) == list(range(800))


def test_entries_may_be_replaced_while_they_are_gone_through() -> None:
    spilled = SpillList(range(1000), kept=10)
    for index, entry in enumerate(spilled):
        spilled[index] = entry * 2
    assert list(spilled) == [number * 2 for number in range(1000)]


_FULL = """
import resource, sys
from formgen.errors import OutputError
from formgen.spilling import SpillDict, SpillList
spilled = {"list": SpillList, "dict": lambda: SpillDict()}[sys.argv[1]]()
resource.setrlimit(resource.RLIMIT_FSIZE, (6_000_000, 6_000_000))
try:
    for number in range(2000):
        if sys.argv[1] == "list":
            spilled.append(b"x" * 10_000)
        else:
            spilled[str(number)] = b"x" * 10_000
except OutputError as error:
    print(number > 1000, error.sentence("zh"))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of files are a matter of Unix")
@pytest.mark.parametrize("kind", ["list", "dict"])
def test_a_full_disk_is_said(kind: str) -> None:
    said = subprocess.run([sys.executable, "-c", _FULL, kind], capture_output=True, text=True, check=True).stdout
    assert said.startswith("True 临时文件写不下")
    assert "TMPDIR" in said


def test_a_small_list_needs_no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*_: object, **__: object) -> NoReturn:
        raise AssertionError("a database")

    monkeypatch.setattr(sqlite3, "connect", connect)
    assert list(SpillList(range(1000))) == list(range(1000))
    with pytest.raises(AssertionError, match="a database"):
        SpillList(range(2000))


def test_nothing_is_left_in_the_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SQLITE_TMPDIR", str(tmp_path))
    spilled = SpillList([b"x" * 10_000] * 1000, kept=0)
    assert len(spilled) == 1000
    assert list(tmp_path.iterdir()) == []
