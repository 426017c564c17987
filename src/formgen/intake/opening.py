"""Opens a file with tables in it, whatever its format, or says in one sentence why not."""

import re
from typing import Final

from formgen import opc
from formgen.findings import Text
from formgen.intake import collecting, grids, kinds, limits, table_kinds, xlsx_book
from formgen.intake.grids import Book, Damaged, Excess, Foreign
from formgen.intake.long_tables import Told
from formgen.intake.reading import Notes
from formgen.scratch import Scratch

SUFFIXES: Final = (".xlsx", ".xlsm", ".xls", ".ods", ".csv", ".tsv")
"""Of the files that tables are read from."""
_ZIPPED: Final = (".xlsx", ".xlsm", ".ods")
_TEXT: Final = (".csv", ".tsv")
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP: Final = b"PK\x03\x04"
_ODS: Final = b"application/vnd.oasis.opendocument.spreadsheet"
_MARKUP: Final = re.compile(rb"(?i)<(?:!doctype|html|head|body|table|meta|\?xml|workbook)\b")


def open_book(data: bytes | Scratch, suffix: str, notes: Notes, told: Told | None = None) -> Book | None:
    """The workbook in ``data``, None (with a finding) if it cannot be read.

    Args:
        data: the content of the file, as :meth:`.Notes.contents` or :meth:`.Notes.at_hand` gives it.
        suffix: that of its name, in small letters.
        notes: of the file.
        told: says whether its rows become records: the later ones of a long table are then on the disk.
    """
    try:
        with collecting.put_off():
            book = _book(data, suffix, notes, told)
        if book is not None:
            book.digest = notes.digest
        return book
    except opc.PackageError as error:
        notes.refuse(table_kinds.PACKAGE, problem=error.problem.zh, english=error.problem.en)
    except Foreign as error:
        notes.refuse(table_kinds.OTHER_FORMAT, suffix=suffix, found=error.found.zh, english=error.found.en)
    except Excess as error:
        notes.refuse(kinds.TOO_LARGE, what=error.what, limit=f"{error.limit:,}")
    except Damaged as error:
        notes.refuse(table_kinds.WORKBOOK_DAMAGED, reason=str(error))
    return None


def _book(data: bytes | Scratch, suffix: str, notes: Notes, told: Told | None) -> Book | None:
    found = _foreign(data, suffix)
    if found is not None:
        raise Foreign(found)
    # What few send is loaded when somebody does.
    if suffix in _TEXT:
        from formgen.intake import csv_book

        return csv_book.read(data, notes, told)
    if suffix == ".xls":
        from formgen.intake import xls_book

        return xls_book.read(bytes(data))
    archive = opc.survey(data, notes.file, limits.unpacked_bytes(len(data)))
    if suffix == ".ods":
        from formgen.intake import ods_book

        return ods_book.read(archive, told)
    return xlsx_book.read(archive, len(data), told)


def _foreign(data: bytes | Scratch, suffix: str) -> Text | None:
    """What a file really is whose name says otherwise, or that no table is read from."""
    head = data[:8]
    if head == _OLE:
        old = _old_format(data)
        return old if old is not None or suffix == ".xls" else Text("旧格式 .xls 的工作簿", "an old .xls workbook")
    if head[:4] == _ZIP:
        found = _package(data)
        fits = found == suffix or (suffix == ".xlsm" and found == ".xlsx") or (suffix in _ZIPPED and not found)
        return None if fits else _named(found)
    if suffix in _TEXT:
        return None
    if _MARKUP.search(data[:1024].replace(b"\0", b"")):
        return Text("网页或 XML 文本", "a web page or XML text")
    if suffix in _ZIPPED:
        return None  # no zip at all, or one that is cut off: said where it is opened
    return Text("别的东西（不是工作簿）", "no workbook")


def _old_format(data: bytes | Scratch) -> Text | None:
    """What an OLE file is that is no old workbook without a password."""
    if _wide("EncryptedPackage") in data:
        return grids.PASSWORD
    if _wide("WordDocument") in data:
        return Text("旧格式 .doc 或 .wps 的文档", "an old .doc or .wps document")
    return None


def _package(data: bytes | Scratch) -> str:
    """The suffix that fits what a zip file begins with; empty for another zip."""
    if _ODS in data[:200]:
        return ".ods"
    if b"xl/workbook.xml" in data:
        return ".xlsx"
    return ".docx" if b"word/document.xml" in data else ""


def _named(suffix: str) -> Text:
    return {
        ".ods": Text("ODS 表格", "an ODS spreadsheet"),
        ".xlsx": Text("XLSX 工作簿", "an XLSX workbook"),
        ".docx": Text("Word 文档", "a Word document"),
    }.get(suffix, Text("别的压缩文件", "another zip file"))


def _wide(text: str) -> bytes:
    return text.encode("utf-16-le")
