"""A table whose rows become records is read the same, whether its rows and texts lie in memory or on the disk."""

import io
import random
import subprocess
import sys
import weakref
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from formgen import intake, opc, scratch, submission
from formgen.forms import catalogue
from formgen.intake import collecting, columns, limits, long_tables, plain_rows, plain_strings, reading, rows, xlsx_book
from formgen.intake.columns import Column
from formgen.intake.grids import Damaged, Excess, Mark, Marked, Row, Sheet, Words
from formgen.intake.headings import titles
from formgen.intake.long_tables import LongRows, LongTexts
from formgen.intake.opening import open_book
from formgen.intake.reading import Notes, Reading
from formgen.intake.xml_parts import NotPlain
from formgen.scratch import Pieces, Scratch
from hostile import FILES
from hostile_markup import MARKUP
from random_sheets import listing, workbook
from test_intake_formats import ods

FORM = catalogue()["candidate_registration"][0]
STAFF = catalogue()["staff_list"][0]
HEADINGS = ["序号", "姓名", "性别", "出生年月", "政治面貌", "学院", "年级", "班级", "学号", "工作经历", "个人简介"]
SLOW = {
    *("bomb.xlsx", "a-million-formatted-empty-rows.xlsx"),
    *("an-attribute-of-ten-megabytes.xlsx", "a-text-of-a-million-characters.xlsx"),
}
WORKBOOKS = [each for each in (*FILES, *MARKUP) if each.suffix in (".xlsx", ".xlsm") and each.name not in SLOW]
Setting = Callable[[int], None]


@pytest.fixture(name="spill")
def fixture_spill(monkeypatch: pytest.MonkeyPatch) -> Setting:
    """Lets go to the disk whatever can; every size is another way of going there."""

    def spill(size: int) -> None:
        monkeypatch.setattr(long_tables, "_KEPT", size)
        monkeypatch.setattr(long_tables, "_PAGE", size)
        monkeypatch.setattr(long_tables, "_PAGE_BYTES", 60 * size)
        monkeypatch.setattr(long_tables, "_NEAR", size)
        monkeypatch.setattr(long_tables, "_CHANGED", size)
        monkeypatch.setattr(long_tables, "_KEPT_WEIGHT", 60 * size)
        monkeypatch.setattr(long_tables, "_NEAR_WEIGHT", 60 * size)
        monkeypatch.setattr(long_tables, "_PAGE_WEIGHT", 60 * size)
        monkeypatch.setattr(rows, "_IN_TURN", size)
        monkeypatch.setattr(limits, "HEADING_ROWS", 3)
        monkeypatch.setattr(reading, "_IN_MEMORY", 0)
        monkeypatch.setattr(opc, "_CHUNK", 700)  # rows come in many pieces

    return spill


def always(_: Iterable[str]) -> bool:
    return True


# --- workbooks -------------------------------------------------------------------------------------------------------


def answer(data: bytes, told: long_tables.Told | None) -> Any:
    """Everything that reading a workbook gives, by going through it and by asking; or why it cannot be read."""
    try:
        found = xlsx_book.read(opc.survey(data, "名单.xlsx", limits.UNPACKED_BYTES), told=told)
    except (Damaged, Excess, opc.PackageError) as error:
        return type(error), str(error)
    return [
        (sheet.name, list(sheet.rows.items()), _asked(sheet), sheet.merges, sheet.hidden_rows, sheet.hidden_columns)
        for sheet in found.sheets
    ]


def _asked(sheet: Sheet) -> Any:
    numbers = [*sheet.rows, 0, -1, sheet.last_row + 1]
    random.Random(1).shuffle(numbers)
    return sheet.last_row, len(sheet.rows), [(number, number in sheet.rows, sheet.row(number)) for number in numbers]


@pytest.mark.parametrize("seed", range(60))
def test_workbooks_of_chance_are_read_the_same(seed: int, spill: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opc, "_CHUNK", 700 + seed)
    data = (workbook, listing)[seed % 2](seed)
    expected = answer(data, None)
    spill(1 + seed % 5)
    assert answer(data, always) == expected
    monkeypatch.setattr(plain_rows, "read", _refuse)
    monkeypatch.setattr(plain_strings, "read", _refuse)
    assert answer(data, always) == expected


def _refuse(*_: object) -> None:
    raise NotPlain


@pytest.mark.parametrize("hostile", WORKBOOKS, ids=str)
def test_hostile_workbooks_are_read_the_same(hostile: Any, spill: Setting) -> None:
    data = hostile.make()
    expected = answer(data, None)
    spill(2)
    assert answer(data, always) == expected


def test_only_a_table_of_records_is_put_aside_and_only_a_long_one(spill: Setting) -> None:
    asked: list[list[str]] = []

    def told(texts: Iterable[str]) -> bool:
        asked.append(list(texts))
        return len(asked) > 2

    def kinds(data: bytes) -> set[type]:
        return {type(sheet.rows) for sheet in xlsx_book.read(opc.survey(data, "", 10**8), told=told).sheets}

    data = listing(3)
    assert kinds(data) == {dict}
    assert asked == []
    spill(1)
    assert kinds(data) == {dict}
    texts, cells = asked
    assert set(cells[:9]) & set(texts)
    assert kinds(data) == {LongRows}


# --- rows ------------------------------------------------------------------------------------------------------------

CELLS = st.sampled_from(["甲", "学生会", "1", "\U00020bb7", Marked("2001-03", Mark.DATE), Marked("", Mark.UNCOMPUTED)])
ROWS = st.dictionaries(st.integers(1, 6), CELLS, min_size=1, max_size=4).map(
    lambda cells: Row(tuple(sorted(cells)), tuple(cells[column] for column in sorted(cells)))
)


@given(
    st.lists(st.tuples(st.integers(1, 3), ROWS), max_size=30),
    st.lists(st.tuples(st.integers(0, 29), ROWS), max_size=6),
    st.integers(1, 4),
    st.randoms(use_true_random=False),
)
@settings(max_examples=150)
def test_rows_on_the_disk_are_a_dict(
    drawn: list[tuple[int, Row]], changes: list[tuple[int, Row]], size: int, order: random.Random
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(limits, "HEADING_ROWS", size - 1)
        for name in ("_KEPT", "_PAGE", "_NEAR", "_CHANGED"):
            patched.setattr(long_tables, name, size)
        found = LongRows(always)
        expected: dict[int, Row] = {}
        number = 0
        shapes: dict[tuple[int, ...], tuple[int, ...]] = {}
        for step, (columns, cells) in drawn:
            number += step
            row = Row(shapes.setdefault(columns, columns), cells)
            expected[number] = found[number] = row  # type: ignore[index]
        assert len({id(row.columns) for _, row in found.items()}) == len(shapes)
        numbers = list(expected)
        for at, row in changes:
            if at < len(numbers):
                found[numbers[at]]
                expected[numbers[at]] = found[numbers[at]] = row  # type: ignore[index]
        assert found == expected
        assert list(found) == numbers
        order.shuffle(numbers)
        assert [found[number] for number in numbers] == [expected[number] for number in numbers]
        assert len(found) == len(expected)
        for missing in (number + 1, 0, "1"):
            assert missing not in found
            assert found.get(missing) is None  # type: ignore[call-overload]


def test_a_row_between_others_is_none_that_could_be_put_in_later() -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(long_tables, "_KEPT", 1)
        patched.setattr(limits, "HEADING_ROWS", 2)
        found = LongRows(always)
        found.update((number, Row((1,), ("甲",))) for number in (1, 2, 4, 6))
        found.update((number, Row((1,), ("甲",))) for number in (8, 10))
        with pytest.raises(KeyError):
            found[9] = Row((1,), ("乙",))  # type: ignore[index]


def test_pages_of_long_rows_get_fewer_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_tables, "_KEPT", 1)
    monkeypatch.setattr(long_tables, "_PAGE", 64)
    monkeypatch.setattr(long_tables, "_PAGE_BYTES", 20_000)
    made = [(number, Row((1,), (str(number) * 1000,))) for number in range(1, 400)]
    found = LongRows(always)
    for entry in made:
        found.update([entry])
    assert list(found.items()) == made
    sizes = [len(found._pieces[page]) for page in range(len(found._pieces))]
    assert max(sizes) > 50_000
    assert 10_000 < sizes[-1] < 20_000


# --- texts -----------------------------------------------------------------------------------------------------------


@given(st.lists(st.text(max_size=40), min_size=1, max_size=60), st.integers(20, 400), st.data())
@settings(max_examples=150)
def test_texts_on_the_disk_are_a_list(texts: list[str], weight: int, data: st.DataObject) -> None:
    with pytest.MonkeyPatch.context() as patched:
        for name in ("_KEPT_WEIGHT", "_NEAR_WEIGHT", "_PAGE_WEIGHT"):
            patched.setattr(long_tables, name, weight)
        made = LongTexts(always)
        half = len(texts) // 2
        made.extend(texts[:half])
        for text in texts[half:]:
            made.append(text)
        found = made.settled()
        for index in data.draw(st.lists(st.integers(0, len(texts) - 1), max_size=80)):
            assert found[index] == texts[index]
        assert [found[index] for index in range(len(texts))] == texts
        with pytest.raises(LookupError):
            found[len(texts)]


def test_few_texts_are_near_at_a_time_and_words_that_come_again_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_tables, "_KEPT_WEIGHT", 1_000)
    monkeypatch.setattr(long_tables, "_NEAR_WEIGHT", 20_000)
    made = LongTexts(always)
    made.extend(f"第{number}个" + "长" * 100 for number in range(20_000))
    found = made.settled()
    assert isinstance(found, LongTexts)
    with pytest.raises(LookupError):
        found[-1]
    read: list[Any] = []
    monkeypatch.setattr(Pieces, "__getitem__", _counting(read, Pieces.__getitem__))
    near = 0
    for number in range(5_000, 10_000):
        assert found[number].startswith(f"第{number}个")
        assert found[17].startswith("第17个")
        near = max(near, len(found) + len(found._before))
    assert near < 500
    assert len(read) == len(set(read))
    assert len(read) < 300


def _counting(asked: list[Any], do: Callable[[Pieces, Any], Any]) -> Callable[[Pieces, Any], Any]:
    def counted(pieces: Pieces, what: Any) -> Any:
        asked.append(what)
        return do(pieces, what)

    return counted


# --- readings --------------------------------------------------------------------------------------------------------


def candidates(count: int, seed: int = 0) -> list[list[Any]]:
    """Rows of candidates as they come: gaps, errors, dates, headings and sums in between, remarks below."""
    draw = random.Random(seed)
    made: list[list[Any]] = [["2020年候选人名单"], HEADINGS]
    for number in range(1, count + 1):
        experience = "\n".join(f"20{year}.09-20{year + 1}.06 学生会{draw.choice('甲乙丙')}部 部长" for year in (18, 19))
        row = [
            draw.choice((number, number, number, "x", None)), f"王{chr(0x4E00 + number)}", draw.choice("男女"),
            draw.choice(("2001-03", "2001.1", 2001.1, 36951, "#REF!", None)), draw.choice(("团员", "群众", None)),
            draw.choice(("理工学院", "文学院\x07", None)), draw.choice(("19级", "2019")),
            f"计科190{draw.randint(1, 9)}班",
            draw.choice((f"2019{number:06}", 2019_000_000_000_000_000 + number, "2.019E+11")), experience,
            "".join(draw.choices("我想为同学们做好三件事。", k=draw.randint(0, 90))) or None,
        ]  # fmt: skip
        made.append(row)
        if draw.random() < 0.1:
            made.append(draw.choice(([], HEADINGS, ["合计", None, "12"])))
    made += [["注：以上按姓氏笔画为序"]]
    if seed % 2:
        made += [[number + 100, f"李{number}", "女", "2001-03", "团员"] for number in range(3)]
    return made


def by_openpyxl(table: list[list[Any]], *, merged: bool = False, hidden: bool = False) -> bytes:
    made = Workbook()
    sheet = made.worksheets[0]
    for number, row in enumerate(table, start=1):
        for column, value in enumerate(row, start=1):
            if value is not None:
                cell = sheet.cell(number, column)
                cell.value = str(value).replace("\x07", "") if isinstance(value, str) else value
                cell.number_format = "yyyy-mm-dd" if value == 36951 else "General"
    if merged:
        for top in range(5, len(table) - 6, 4):
            sheet.merge_cells(start_row=top, end_row=top + 2, start_column=6, end_column=6)
            sheet.merge_cells(start_row=top, end_row=top, start_column=7, end_column=8)
    if hidden:
        for number in range(4, len(table), 5):
            sheet.row_dimensions[number].hidden = True
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def by_xlsxwriter(table: list[list[Any]], *, inline: bool = False) -> bytes:
    stream = io.BytesIO()
    made = xlsxwriter.Workbook(stream, {"constant_memory": inline})
    sheet, day = made.add_worksheet(), made.add_format({"num_format": "yyyy/m/d"})
    for number, row in enumerate(table):
        for column, value in enumerate(row):
            if value == 36951:
                sheet.write_number(number, column, value, day)
            elif value is not None:
                sheet.write(number, column, value)
    made.close()
    return stream.getvalue()


def by_csv(table: list[list[Any]]) -> bytes:
    texts = (["" if value is None else f'"{value}"' for value in row] + [""] * (11 - len(row)) for row in table)
    return "\r\n".join(",".join(row) for row in texts).encode("gb18030")


def by_ods(table: list[list[Any]]) -> bytes:
    return ods([["" if value is None else str(value).replace("\x07", "") for value in row] for row in table])


def told(reading: Reading) -> Any:
    """All that a reading says."""
    return (
        [(record.id, record.values, list(record.origins.every())) for record in reading.records],  # type: ignore[attr-defined]
        [(finding.kind.id, finding.at, finding.values, finding.also) for finding in reading.findings],
        reading.places,
        reading.digest,
    )


FILES_OF_CANDIDATES = {
    "by one program.xlsx": lambda table: by_openpyxl(table),
    "merged.xlsx": lambda table: by_openpyxl(table, merged=True),
    "hidden.xlsx": lambda table: by_openpyxl(table, hidden=True),
    "by another.xlsx": lambda table: by_xlsxwriter(table),
    "inline.xlsx": lambda table: by_xlsxwriter(table, inline=True),
    "text.csv": by_csv,
    "open.ods": by_ods,
}


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", FILES_OF_CANDIDATES)
def test_candidates_are_the_same_records_with_the_same_findings(
    name: str, seed: int, tmp_path: Path, spill: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / name
    path.write_bytes(FILES_OF_CANDIDATES[name](candidates(60, seed)))
    expected = told(intake.read(path, name, FORM))
    assert len(expected[0]) > 50
    assert len({kind for kind, *_ in expected[1]}) >= 3
    for size in (1, 3, 16):
        spill(size)
        put: list[Any] = []
        monkeypatch.setattr(Pieces, "append", _counting(put, Pieces.append))
        assert told(intake.read(path, name, FORM)) == expected
        assert len(put) >= (30 if size < 16 else 2)
        alone = submission.load(path).records["candidate_registration"]
        assert [record.values for record in alone] == [
            values for _, values, _ in sorted(expected[0], key=lambda one: one[0])
        ]


def test_what_stands_beneath_merged_cells_is_not_there_on_the_disk_either(tmp_path: Path, spill: Setting) -> None:
    made = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    sheet = made.add_worksheet()
    for number in range(40):
        sheet.write_row(number, 0, [f"{number}", "甲", "乙", "丙"])
    for top in range(1, 36, 5):
        sheet.merge_range(top, 1, top + 3, 2, "合并")
        sheet.write(top + 1, 2, "没人看见")
    made.close()
    data = (tmp_path / "a.xlsx").read_bytes()
    expected = answer(data, None)
    assert "没人看见" not in str(expected)
    for size in (1, 3, 10):
        spill(size)
        assert answer(data, always) == expected


@pytest.mark.parametrize(("table", "kind"), [("staff", dict), ("candidates", LongRows), ("neither", dict)])
def test_a_file_that_is_being_recognised_is_put_aside_where_it_looks_like_records(
    table: str, kind: type, spill: Setting
) -> None:
    headings = {
        "staff": ["序号", "姓名", "政治面貌", "院系", "年级", "综合排名", "有无挂科", "工作经历", "备注"],
        "candidates": HEADINGS,
        "neither": ["品名", "数量", "单价"],
    }[table]
    data = by_xlsxwriter([["标题"], headings, *([f"{number}", *headings[1:]] for number in range(30))])
    spill(3)
    editions = [FORM, STAFF]
    titles.__globals__["_all_titles"].clear()
    book = open_book(data, ".xlsx", Notes("a", "b", None), intake.recognising._told(editions))
    assert book is not None
    assert type(book.sheets[0].rows) is kind


def test_a_few_texts_in_thousands_of_cells_are_not_written_without_end(
    tmp_path: Path, spill: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ASIDE_BYTES", 1_000_000)
    path = tmp_path / "a.xlsx"
    rows = [[f"{number}", *(f"第{column}段" + "长" * 10_000 for column in range(10))] for number in range(60)]
    path.write_bytes(by_xlsxwriter([HEADINGS, *rows]))
    assert path.stat().st_size < 20_000
    spill(5)
    assert told(intake.read(path, "a.xlsx", FORM))[1][0][0] == "I-too-large"


# --- large files -----------------------------------------------------------------------------------------------------

TABLES = [each for each in (*FILES, *MARKUP) if each.suffix in intake.SUFFIXES and each.name not in SLOW]


def test_what_is_wrong_with_a_large_file_is_told_as_of_a_small_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = (".docx", ".html")
    assert {each.suffix for each in TABLES} >= {".xlsx", ".xls", ".ods", ".csv"}
    for hostile in (*TABLES, *(each for each in FILES if each.suffix in others)):
        path = tmp_path / (hostile.name + (".xlsx" if hostile.suffix in others else ""))
        path.write_bytes(hostile.make())
        with monkeypatch.context() as patched:
            expected = told(intake.read(path, path.name, STAFF))
            patched.setattr(reading, "_IN_MEMORY", 0)
            patched.setattr(rows, "_TOGETHER", 3)
            assert told(intake.read(path, path.name, STAFF)) == expected, hostile


def test_a_large_file_that_grew_too_large_or_is_gone_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04" + b"x" * 600_000)
    monkeypatch.setattr(reading, "_IN_MEMORY", 10)
    before = path.stat()

    def smaller(*_: object, **__: object) -> Any:
        path.write_bytes(path.read_bytes() * 3)
        return before

    notes = Notes("a.xlsx", "staff_list", None)
    monkeypatch.setattr(Path, "stat", smaller)
    assert notes.at_hand(path, 700_000) is None
    [finding] = notes.reading().findings
    assert (finding.kind.id, notes.digest) == ("I-too-large", None)
    monkeypatch.undo()
    notes = Notes("b.xlsx", "staff_list", None)
    assert notes.at_hand(tmp_path / "b.xlsx", 700_000) is None
    assert [finding.kind.id for finding in notes.reading().findings] == ["I-unreadable"]


def test_the_copy_of_a_large_file_is_searched_and_cut_as_its_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratch, "_BLOCK", 7)
    whole = b"abcdefghijklmnopqrstuvwxyz" * 3
    copy = Scratch()
    assert (bytes(copy), b"a" in copy) == (b"", False)
    for begin in range(0, len(whole), 10):
        copy.append(whole[begin : begin + 10])
    assert bytes(copy) == whole
    assert [copy[begin : begin + 9] for begin in range(90)] == [whole[begin : begin + 9] for begin in range(90)]
    assert all(whole[begin : begin + 12] in copy for begin in range(60))
    assert not any(piece in copy for piece in (b"za b", b"yzb", b"abcdefghijklmnopqrstuvwxyzb"))


def test_what_was_on_the_disk_goes_as_soon_as_the_file_was_read(
    tmp_path: Path, spill: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(by_xlsxwriter(candidates(60)))
    spill(5)
    made: list[weakref.ref[Scratch]] = []
    begin = Scratch.__init__

    def noted(self: Scratch) -> None:
        begin(self)
        made.append(weakref.ref(self))

    monkeypatch.setattr(Scratch, "__init__", noted)
    with collecting.put_off():
        found = intake.read(path, "a.xlsx", FORM)
        assert len(found.records) > 50
        assert len(made) >= 3
        assert [each() for each in made if each() is not None] == []


# --- the disk --------------------------------------------------------------------------------------------------------

_FULL = """
import resource
from formgen.errors import OutputError
from formgen.scratch import Pieces
pieces = Pieces()
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
try:
    for number in range(2000):
        pieces.append(b"x" * 10_000)
except OutputError as error:
    print(len(pieces), error.sentence("zh"))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of files are a matter of Unix")
def test_a_full_disk_is_said() -> None:
    said = subprocess.run([sys.executable, "-c", _FULL], capture_output=True, text=True, check=True).stdout
    assert said.startswith("100 临时文件写不下")
    assert "TMPDIR" in said


def test_pieces_lie_where_the_setting_says_and_leave_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SQLITE_TMPDIR", str(tmp_path / "missing"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    pieces = Pieces()
    for number in range(300):
        pieces.append(bytes([number % 256]) * number)
    assert [len(pieces[number]) for number in range(300)] == list(range(300))
    assert pieces[299] == bytes([43]) * 299
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(LookupError):
        pieces[300]


def test_a_column_of_long_cells_that_never_come_again_remembers_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "_CHARACTERS", 10_000)
    column = Column(FORM.schema["properties"]["experience"])
    cells = [f"2018.09-2019.06 学生会第{number}部 部长\n" * 10 for number in range(300)]
    expected = [column.read(cell) for cell in cells]
    most = 0
    for _ in range(2):
        for start in range(0, 300, 10):
            assert column.values(cells[start : start + 10]) == expected[start : start + 10]
            most = max(most, len(column._known))
    assert 10 < most < 60


def test_words_are_remembered_and_pages_of_text_are_not() -> None:
    words = Words()
    known = words.same("理工学院" * 25)
    assert words.same("理工学院" * 25) is known
    words.same("理工学院" * 26)
    assert len(words._known) == 1
    read = plain_rows._Inline(lambda text: text)
    assert [read[text] for text in ("甲", "甲&amp;乙", "甲" * 101)] == ["甲", "甲&乙", "甲" * 101]
    assert list(read) == ["甲", "甲&amp;乙"]
