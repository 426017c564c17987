"""Filings as schools type them: rows of cells, written as a web page, a Word table or lines of text."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path

import office
from formgen import forms, intake
from formgen.intake import Reading

A = forms.catalogue().edition("assessment_filing", datetime.date(2020, 11, 18))
B = forms.catalogue().edition("assessment_filing", datetime.date(2021, 12, 1))
Rows = Sequence[Sequence[str]]
REMARKS_A = {"3a": "实有 38 人", "3b": "实有 5 人", "3c": "实有 6 个", "9": "召开日期为： 2020 年 11 月 17 日至 18 日"}
REMARKS_B = {"3": "实有 38 人", "4": "实有 5 人", "5": "实有 6 个", "11": "2021年11月17日"}


def rows(
    edition: forms.Edition,
    boxes: str,
    remarks: Mapping[str, str],
    changed: Mapping[str, Sequence[str]] | None = None,
    heading: Sequence[str] = ("项目", "验收结论", "备注"),
) -> list[list[str]]:
    """The rows of a filing with these boxes in each; ``changed`` replaces whole rows."""
    found = [list(heading)]
    for key, field in edition.schema["properties"]["items"]["properties"].items():
        words = field["description"]
        if words.endswith("。"):
            number = key.rstrip("abc")
            row = [f"{number}. {words}" if key[-1] not in "bc" else words, boxes, remarks.get(key, "")]
            found.append(list((changed or {}).get(key, row)))
    return found


def form_a(changed: Mapping[str, Sequence[str]] | None = None, boxes: str = "☑ 达标 ☐ 未达标") -> list[list[str]]:
    return rows(A, boxes, REMARKS_A, changed)


def form_b(changed: Mapping[str, Sequence[str]] | None = None, boxes: str = "☑是 □否") -> list[list[str]]:
    return rows(B, boxes, REMARKS_B, changed, ("项目", "评估结论", "备注"))


def page(table: Rows, before: str = "", after: str = "", *, raw: bool = False) -> bytes:
    """A web page; the texts are HTML already if ``raw``."""
    body = "".join(
        "<tr>" + "".join(f"<td>{cell if raw else escape(cell)}</td>" for cell in row) + "</tr>" for row in table
    )
    return f"<html><head><meta charset=utf-8></head><body>{before}<table>{body}</table>{after}</body></html>".encode()


def cell(content: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{content}</w:tc>"


def word(table: Rows, before: str = "", *, raw: bool = False) -> bytes:
    """A Word document; the cells are runs already if ``raw``."""
    body = "".join(
        "<w:tr>"
        + "".join(cell(f"<w:p>{text if raw else f'<w:r><w:t>{escape(text)}</w:t></w:r>'}</w:p>") for text in row)
        + "</w:tr>"
        for row in table
    )
    return office.docx(f"{before}<w:tbl>{body}</w:tbl><w:p/>")


def read(data: bytes, name: str, folder: Path, edition: forms.Edition = A, id: str | None = None) -> Reading:
    path = folder / name
    path.write_bytes(data)
    return intake.read(path, name, edition, id)


def conclusions(reading: Reading) -> dict[str, str]:
    assert reading.record is not None
    return {key: item["conclusion"] for key, item in reading.record.values["items"].items() if "conclusion" in item}


def said(reading: Reading) -> list[tuple[str, str]]:
    return [(finding.kind.id, "/".join(map(str, finding.at.pointer))) for finding in reading.findings]


def keys(edition: forms.Edition, *, but: Iterable[str] = ()) -> list[str]:
    fields = edition.schema["properties"]["items"]["properties"]
    return [key for key, field in fields.items() if field["description"].endswith("。") and key not in set(but)]
