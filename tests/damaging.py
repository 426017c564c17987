"""Damages files at random: in their bytes, or inside a part of a package; and the files that are damaged.

What is made depends on the random numbers alone, so that a file that did harm can be made again.
"""

import io
import random
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import xlsxwriter

import typed_forms as typed
from formgen.signing.package import sign
from hostile import FILES, cells, csv, grid, ods_book, xls
from office import DOT, Sheet, pack, xlsx_parts
from signing_kit import NOW, ROOT, form, office

LARGEST = 2_000_000
"""Larger files, and parts that unpack to more, are not damaged from within: making them would take the time."""
_TOKENS = (
    b"", b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"-1", b"0", b"1048577", b"9" * 30, b"1e999", b"NaN", b"../", b"%2e%2e/",
    b"XFE9", b"&x;", b"]]>", b"<!--", b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/hostname'>]>", b"<a>" * 2000,
    b"=1+1", b"#REF!", "｛｝㊙\u202e".encode(), b'"', b"\r\n", b",", b"|",
)  # fmt: skip
_TEXTS = (
    b"", b"0", b"1", b"-1", b"3", b"2020", b"44000.5", b"1e5", b"1E+300", b"99999999999999999999", b"&#10;", b" ",
    b"&#x200b;", "㊙".encode(), "王静".encode(), "共青团员".encode(), "序号".encode(), "姓名".encode(), b"_xD800_",
    b"&lt;&amp;", b"A1", b"A1:XFD1048576", b"s", b"b", b"d", b"e", b"n", b"str", b"true", b"50%", "长".encode() * 300,
)  # fmt: skip
"""What may stand as text or as an attribute's value: the XML remains XML."""
_SPOTS = (rb"[0-9]+", rb'\s[\w:]+="[^"]*"', rb"<[^<>]+>", rb">[^<]+<", rb"[^\x00-\x7f]+", rb"[,;\t\n]")
"""Where a change hurts: numbers, attributes, tags, texts, words, what separates cells."""
_VALUES = (rb'(?<==")[^"<]*(?=")', rb"(?<=>)[^<>]+(?=</)")
_ELEMENT = rb"<([A-Za-z0-9:]+)(?: [^<>]*)?(?:/>|>(?:(?!<\1[ >/]).)*?</\1>)"
_BROKEN = (
    zipfile.BadZipFile,
    RuntimeError,
    NotImplementedError,
    OSError,
    ValueError,
    EOFError,
    zlib.error,
    struct.error,
)


@dataclass(frozen=True)
class Whole:
    """A file to be damaged; ``signed`` has signatures that hold."""

    name: str
    data: bytes
    form: str
    signed: bool = False


# --- the files -------------------------------------------------------------------------------------------------------


@cache
def corpus() -> tuple[tuple[Whole, ...], ...]:
    """Sound lists; sound documents, signed ones among them; and the files that do harm already."""
    harmful = [Whole(each.name, each.make(), each.form) for each in FILES]
    return _lists(), _documents(), tuple(each for each in harmful if len(each.data) <= LARGEST)


def _lists() -> tuple[Whole, ...]:
    plain = xlsx_parts({"说明": Sheet({"A1": "请填写"}), "名单": Sheet(cells(grid(), 3))})
    made = {
        "plain.xlsx": pack(plain),
        "shared.xlsx": _drawn(),
        "macros.xlsm": pack({**plain, "xl/vbaProject.bin": bytes(512)}),
        "finished.xlsx": form("校级组织工作人员名单.xlsx"),
        "old.xls": xls(),
        "open.ods": ods_book(),
        "utf-8.csv": csv().encode("utf-8-sig"),
        "gb18030.csv": csv().encode("gb18030"),
        "utf-16.tsv": csv(separator="\t").encode("utf-16"),
        "tabs.tsv": csv(separator="\t").encode(),
    }
    return tuple(Whole(name, data, "staff_list") for name, data in made.items())


def _drawn() -> bytes:
    """A list as a person's workbook has it: shared strings, formats, comments, a picture, a chart, a merged title."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = book.add_worksheet("名单")
    sheet.merge_range(0, 0, 0, 8, "工作人员名单", book.add_format({"bold": True, "bg_color": "#DDEEFF"}))
    for y, row in enumerate(grid()):
        for x, value in enumerate(row):
            sheet.write(1 + y, x, int(value) if y and x == 0 else value)
    sheet.write_comment("B3", "请填全名", {"author": "张老师"})
    sheet.insert_image("K2", "dot.png", {"image_data": io.BytesIO(DOT)})
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=名单!$A$3:$A$5"})
    sheet.insert_chart("K9", chart)
    sheet.data_validation("C3:C99", {"validate": "list", "source": ["共青团员", "中共党员"]})
    sheet.conditional_format("A3:A9", {"type": "cell", "criteria": ">", "value": 1, "format": book.add_format()})
    sheet.freeze_panes(2, 0)
    book.add_worksheet("另").write_comment("B2", "别动")
    book.define_name("人员", "=名单!$A$2:$I$5")
    book.close()
    return stream.getvalue()


def _documents() -> tuple[Whole, ...]:
    found = []
    for name, key in {"01.docx": "candidate_registration", "校级组织工作人员名单.xlsx": "staff_list"}.items():
        found += [Whole(name, form(name), key), Whole(name, sign(form(name), name, office(), NOW), key, signed=True)]
    lines = "\n".join("| " + " | ".join(row) + " |" for row in typed.form_a())
    made = {
        "filing.docx": typed.word(typed.form_a()),
        "filing.html": typed.page(typed.form_a()),
        "filing.md": (ROOT / "tests/seed/disclosure-2020.md").read_bytes(),
        "table.md": lines.replace("\n", "\n|---|---|---|\n", 1).encode(),
    }
    found += [Whole(name, data, "assessment_filing") for name, data in made.items()]
    for name in ("charter", "election", "delegates"):
        found.append(Whole(f"{name}.json", (ROOT / f"inputs/demo-2020/{name}.json").read_bytes(), name))
    return tuple(found)


def chosen(rng: random.Random) -> Whole:
    """A file to be damaged: mostly a sound list."""
    lists, documents, harmful = corpus()
    return rng.choice(rng.choices((lists, documents, harmful), (6, 3, 2))[0])


# --- damaging --------------------------------------------------------------------------------------------------------


def damaged(data: bytes, rng: random.Random) -> bytes:
    """The file with one to three things changed: in its bytes, or in a part of it."""
    package = data[:2] == b"PK"
    for _ in range(rng.choice((1, 1, 2, 3))):
        if package and rng.random() < 0.9:
            inside = _in_a_part(data, rng)
            data = _in_bytes(data, rng) if inside is None else inside
        else:
            change = _in_bytes if package or rng.random() < 0.5 else _in_markup
            data = change(data, rng)
    return data


def _in_bytes(data: bytes, rng: random.Random) -> bytes:
    if not data:
        return rng.choice(_TOKENS)
    if rng.random() < 0.6:
        spots = _spots(rng.choice(_SPOTS), data)
        if spots:
            start, end = rng.choice(spots)
            return data[:start] + rng.choice((*_TOKENS, data[start:end] * 2)) + data[end:]
    start = rng.randrange(len(data))
    end = min(len(data), start + rng.choice((1, 1, 4, 64, 4096)))
    piece = rng.choice((bytes([rng.randrange(256)]), rng.choice(_TOKENS), data[start:end] * 2, rng.randbytes(8)))
    return data[:start] if rng.random() < 0.05 else data[:start] + piece + data[end:]


def _in_markup(data: bytes, rng: random.Random) -> bytes:
    """Markup that is still well-formed, mostly: a value is another one, an element is elsewhere, twice or gone."""
    if rng.random() < 0.5:
        spots = _spots(rng.choice(_VALUES), data)
        if spots:
            start, end = rng.choice(spots)
            there, other = data[start:end], rng.choice(spots)
            pieces = [rng.choice(_TEXTS), data[slice(*other)], there + rng.choice(_TEXTS)]
            if there.isdigit() and len(there) < 9:
                pieces.append(str(int(there) + rng.choice((-1, 1, 1000))).encode())
            return data[:start] + rng.choice(pieces) + data[end:]
    spots = _spots(_ELEMENT, data)
    if not spots:
        return _in_bytes(data, rng)
    start, end = rng.choice(spots)
    there, at = data[start:end], rng.choice(spots)[0]
    rest = data[:start] + data[end:]
    return rng.choice((rest, data[:end] + data[start:], rest[:at] + there + rest[at:]))


def _spots(pattern: bytes, data: bytes) -> list[tuple[int, int]]:
    return [match.span() for match in re.finditer(pattern, data[:LARGEST], re.DOTALL)]


def _in_a_part(data: bytes, rng: random.Random) -> bytes | None:
    """The package with a part damaged, renamed, doubled or gone; None where it cannot be opened."""
    found = parts(data)
    if found is None:
        return None
    # The larger ones are those with the content.
    [at] = rng.choices(range(len(found)), [len(content) ** 0.5 + 1 for _, content in found])
    name, content = found[at]
    kinds: Sequence[tuple[int, Callable[[], list[tuple[str, bytes]]]]] = (
        (12, lambda: [(name, _in_markup(content, rng))]),
        (4, lambda: [(name, _in_bytes(content, rng))]),
        (1, lambda: [(name, rng.choice(found)[1])]),
        (1, lambda: [(name.upper() if rng.random() < 0.5 else name.replace("e", "%65"), content)]),
        (1, lambda: [(name, content), (name.title(), _in_bytes(content, rng))]),
        (1, lambda: [(name, content), (name, _in_bytes(content, rng))]),
        (1, list),
    )
    [(_, change)] = rng.choices(kinds, [weight for weight, _ in kinds])
    found[at : at + 1] = change()
    return packed(found)


def packed(parts: Sequence[tuple[str, bytes]]) -> bytes:
    """A package of these parts, two of one name among them."""
    stream = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore", UserWarning)  # two parts of one name
        for part, inside in parts:
            archive.writestr(zipfile.ZipInfo(part), inside)
    return stream.getvalue()


def parts(data: bytes) -> list[tuple[str, bytes]] | None:
    """The parts of a package by name; None of what is none, or is too large."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if not members or len(members) > 200 or sum(member.file_size for member in members) > LARGEST:
                return None
            return [(member.filename, archive.read(member)) for member in members]
    except _BROKEN:
        return None


def write(folder: Path, number: int, whole: Whole, data: bytes) -> Path:
    """Keeps a file that did harm, named by its number."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{number}-{whole.name}"
    path.write_bytes(data)
    return path
