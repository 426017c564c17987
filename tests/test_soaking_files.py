"""The soak over damaged files notices what it is there to notice; a few of its files are judged here, too."""

import random
import sys
from pathlib import Path

import pytest

import damaging
import soak_page
import soaking_files as soaking
from damaging import Whole
from formgen import submission
from formgen.errors import FormgenError
from hostile import book, csv, grid, member_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits of this kind are Linux's")
LIST = Whole("utf-8.csv", csv().encode(), "staff_list")


def test_some_damaged_files_are_read_or_refused_with_a_sentence() -> None:
    soaked = soaking.soak(30, seed=7)
    assert soaked.wrong == []
    assert sum(soaked.ended.values()) == 30
    assert "0 that came out wrong." in soaking.section(soaked, "2020-12-04", 7)


def test_an_exception_a_lone_surrogate_and_too_much_memory_are_told(tmp_path: Path) -> None:
    def crash(*_: object) -> str:
        raise KeyError("members")

    def hoard(*_: object) -> str:
        return str(len(bytearray(2 * soaking.MEGABYTES * 2**20)))

    assert "KeyError in test_soaking_files.py" in soaking.confined(LIST, b"", tmp_path, crash)[1]
    assert "MemoryError" in soaking.confined(LIST, b"", tmp_path, hoard)[1]
    with pytest.raises(UnicodeEncodeError):
        soaking._printed(["\ud800"])


def test_a_process_that_ends_without_a_word_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(*_: object) -> str:
        while True:
            pass

    monkeypatch.setattr(soaking, "SECONDS", 0)
    assert soaking.confined(LIST, b"", tmp_path, hang)[0] == "ended"


def test_rows_that_vanish_without_a_word_are_told(tmp_path: Path) -> None:
    whole = next(each for each in damaging.corpus()[0] if each.name == "plain.xlsx")
    path = tmp_path / whole.name
    path.write_bytes(book(grid()[:3]))
    with pytest.raises(AssertionError, match="only 2 rows"):
        soaking.kept(whole, path, submission.load(path, form="staff_list"))


def test_a_file_that_is_changed_and_one_that_is_left_over_are_told(tmp_path: Path) -> None:
    (tmp_path / "left.part").touch()
    with pytest.raises(AssertionError, match="left over"):
        soaking.judged(LIST, LIST.data, tmp_path)


def test_a_copy_that_says_something_else_is_told(tmp_path: Path) -> None:
    path, other = tmp_path / LIST.name, tmp_path / "other.csv"
    path.write_bytes(LIST.data)
    other.write_bytes(csv(member_of(0, 1, "王靓")).encode())
    with pytest.raises(AssertionError, match="something else"):
        soaking.annotated(LIST, path, submission.load(other, form="staff_list"))


def test_a_signature_that_held_over_changed_content_would_be_told() -> None:
    signed = next(whole for whole in damaging.corpus()[1] if whole.signed)
    soaking.verified(signed, signed.data)
    with pytest.raises(AssertionError, match="nobody signed"):
        soaking.verified(Whole(signed.name, signed.data, signed.form), signed.data)
    other = Whole(signed.name, damaging.form(signed.name), signed.form, signed=True)
    with pytest.raises(AssertionError, match="has changed"):
        soaking.verified(other, signed.data)


def test_a_number_makes_the_same_file_again() -> None:
    made = [damaging.damaged(LIST.data, random.Random("2020/5")) for _ in range(2)]
    assert made[0] == made[1] != LIST.data


def test_a_section_of_the_page_is_replaced_and_the_others_stay() -> None:
    one, two = (soak_page.section(title, "…", "…", {"a": 1}, "ended", []) for title in ("Kills", "Files"))
    page = soak_page.put(soak_page.put("", one), two)
    assert page == f"{soak_page.HEAD}\n{one}\n{two}"
    wrong = [f"file {number}" for number in range(soak_page.LISTED + 7)]
    again = soak_page.put(page, soak_page.section("Kills", "…", "…", {"a": 2}, "ended", wrong))
    assert "| a | 2 |" in again
    assert "- and 7 more" in again
    assert again.endswith(f"\n{two}")
    assert soak_page.put(again, one) == page


# --- what it has found -----------------------------------------------------------------------------------------------


def test_relationships_under_a_name_in_other_letters_are_refused(tmp_path: Path) -> None:
    """Their copy had two parts of one name, which no program opens."""
    path = tmp_path / "01.docx"
    parts = damaging.parts(damaging.form(path.name))
    path.write_bytes(
        damaging.packed([(name.replace("_rels/document", "_RELS/document"), data) for name, data in parts])
    )
    dossier = submission.load(path, form="candidate_registration")
    assert next(finding.kind.id for finding in dossier.findings) == "I-document"


def test_a_damaged_workbook_is_not_handed_back_as_if_it_were_whole(tmp_path: Path) -> None:
    """One without its styles came back with new ones, under which dates were numbers."""
    path = tmp_path / "a.xlsx"
    parts = damaging.parts(damaging.form("校级组织工作人员名单.xlsx"))
    path.write_bytes(damaging.packed([part for part in parts if part[0] != "xl/styles.xml"]))
    with pytest.raises(FormgenError, match="styles"):
        soaking.handing.run(soaking.handing.Request(path, tmp_path / "copy.xlsx", "staff_list"), soaking.FailOn.ERROR)
    assert not (tmp_path / "copy.xlsx").exists()


def test_styles_that_no_relationship_leads_to_stay_those_of_the_copy(tmp_path: Path) -> None:
    """They got a second part beside them, in which the styles of the cells were not."""
    path = tmp_path / "a.xlsx"
    parts = damaging.parts(damaging.form("校级组织工作人员名单.xlsx"))
    rels = "xl/_rels/workbook.xml.rels"
    path.write_bytes(
        damaging.packed([(name, data.replace(b'/styles"', b'/x"') if name == rels else data) for name, data in parts])
    )
    whole = Whole(path.name, b"", "staff_list")
    assert soaking.annotated(whole, path, submission.load(path, form="staff_list")) == ", annotated"


@pytest.mark.parametrize("text", ["王\u202e静", "甲\t乙", "甲\x1b乙", "_x0041_", "甲\x7f乙"])
def test_a_copy_in_another_format_has_the_characters_that_the_file_has(text: str, tmp_path: Path) -> None:
    """They were spelt out, and the spelling was read as what the college had written."""
    path = tmp_path / LIST.name
    path.write_bytes(csv(member_of(0, 8, text)).encode())
    assert soaking.annotated(LIST, path, submission.load(path, form="staff_list")) == ", annotated"
