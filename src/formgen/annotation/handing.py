"""Hands one submitted file back: reads it, judges it, writes the annotated copy and says what was written."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from formgen import annotation, opc, own_files, submission
from formgen.annotation import (
    Annotated,
    Contents,
    Remark,
    comparing,
    conversion,
    copies,
    list_sheet,
    notes,
    telling,
    word_document,
)
from formgen.annotation.entries import Entries
from formgen.annotation.remarks import is_here
from formgen.annotation.since import Comparison, compare
from formgen.checks import Report, check
from formgen.dossier import Dossier
from formgen.errors import UsageError
from formgen.findings import Text
from formgen.intake import opening, table_kinds
from formgen.intake.reading import Notes
from formgen.reports import screen, text
from formgen.reports.screen import Line
from formgen.reports.tally import FailOn, Tally, tally
from formgen.submission import UnreadableSubmission

_WORKBOOKS = (".xlsx", ".xlsm")
_CONVERTED = (".xls", ".ods", ".csv", ".tsv")
_DOCUMENT = ".docx"
_AS_XLSX = Text(
    "原文件是 {suffix}，副本写成 .xlsx：只带各格的值和合并的单元格，格式、公式和图片没有带过去。",
    "The file is {suffix}, the copy .xlsx: it has the values and merged cells, no formats, formulas or pictures.",
)
_WROTE = Text("写出 {path}：", "wrote {path}: ")
_SAME = Text("{path} 没有变化，未重写：", "{path} is unchanged and was not written again: ")
_COLOURED = Text("{count} 个单元格标了颜色", "{count} cells coloured")
_COMMENTED = Text("并加了批注", " and commented")
_SOME = Text(
    "，前 {count} 个加了批注（再多 Excel 会很慢）", ", the first {count} commented: more would make Excel slow"
)
_LISTED = Text("，“{title}”列出 {count} 项", ", {count} findings listed in the sheet {title}")
_NOT_ALL = Text("，共 {count} 项", ", of {count} in all")
_PLACES = Text("{count} 处加了批注", "{count} places commented")
_ELSEWHERE = Text(
    "另有 {count} 项问题不在这个文件里，没有写进副本；用 validate 看",
    "{count} more findings are not about this file and were left out of the copy; see them with validate",
)


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for."""

    file: Path
    out: Path | None = None
    form: str | None = None
    beside: Path | None = None
    as_of: date | None = None
    force: bool = False
    lang: str = "zh"
    since: Path | None = None
    """The submission before this one."""
    note: bool = False
    """Whether notes to the colleges are wanted."""
    json: bool = False
    """Whether what was done is told as JSON."""


@dataclass(frozen=True, slots=True)
class Handed:
    """What was done with a file."""

    lines: tuple[Line, ...]
    """For a person."""
    document: dict[str, Any]
    """For a program."""
    found: Tally
    """In the file itself."""


def run(request: Request, fail_on: FailOn) -> int:
    """Carries a request out and prints what was done; the exit code.

    Raises:
        UsageError: the file is no workbook, or somebody's file is in the place of the copy.
        FormgenError: the file cannot be read.
    """
    handed = hand_back(request)
    if request.json:
        screen.document(telling.text(handed.document))
    else:
        screen.results(handed.lines)
    return int(handed.found.reaches(fail_on))


def hand_back(request: Request) -> Handed:
    """Carries a request out.

    Raises:
        UsageError: as :func:`run`.
        FormgenError: as :func:`run`.
    """
    lang = request.lang
    suffix = request.file.suffix.lower()
    path = place_of_copy(request)
    judged = _judge(request.file, request)
    remarks = annotation.remarks(judged.dossier, judged.report, lang)
    compared = _compare(judged, remarks, request)
    said = [_AS_XLSX.lang(lang, {"suffix": suffix})] if suffix in _CONVERTED else []
    if compared is not None and request.since is not None:
        said.append(comparing.summary(compared, request.since, lang))
    contents = Contents(
        request.file.name,
        judged.report.as_of.isoformat(),
        text.counts([remark.finding for remark in remarks], lang),
        remarks,
        changes=comparing.became(compared, lang) if compared is not None else None,
        notes=said,
    )
    made = _annotated(request.file, suffix, contents, judged, lang)
    written = own_files.put(path, made.data, force=request.force)
    told = list(notes.notes(judged.entries, remarks, path.name)) if request.note else []
    document = telling.document(
        request.file,
        path,
        judged.report,
        remarks,
        made,
        form=judged.entries.form,
        written=written,
        elsewhere=_elsewhere(judged, remarks),
        compared=compared,
        notes=told,
    )
    lines = list(_lines(path, judged, remarks, made, lang, written=written))
    lines += [Line(said[0])] if suffix in _CONVERTED else []
    if compared is not None and request.since is not None:
        lines += comparing.lines(compared, request.since, judged.entries.title, lang)
    for note in told:
        lines += [Line(""), *map(Line, note.split("\n"))]
    # The college answers for its own file; what is wrong elsewhere in the dossier is counted above, no more.
    return Handed(tuple(lines), document, tally([remark.finding for remark in remarks]))


def place_of_copy(request: Request) -> Path:
    """Where the copy of the file goes.

    Raises:
        UsageError: the file is none that is annotated, or the copy cannot have that name.
    """
    suffix = request.file.suffix.lower()
    if suffix not in (*_WORKBOOKS, *_CONVERTED, _DOCUMENT) and request.file.exists():
        raise _not_annotated(request.file)
    return copies.target(request.file, ".xlsx" if suffix in _CONVERTED else suffix, request.out)


@dataclass(frozen=True, slots=True)
class _Judged:
    dossier: Dossier
    report: Report
    entries: Entries


def _judge(file: Path, request: Request, form: str | None = None, as_of: date | None = None) -> _Judged:
    """A submitted file, read and judged.

    Raises:
        UnreadableSubmission: it could not even be opened, or is too large or damaged: a copy would hide the damage.
    """
    dossier = submission.load(file, form=form or request.form, beside=request.beside, as_of=as_of or request.as_of)
    said = [finding.kind for finding in dossier.findings if dossier.origin(finding.at).file == file.name]
    if file.name not in dossier.inputs or table_kinds.WORKBOOK_DAMAGED in said:
        raise _unreadable(file, dossier)
    return _Judged(dossier, check(dossier), Entries(dossier))


def _unreadable(file: Path, dossier: Dossier) -> UnreadableSubmission:
    """The error that says what reading a file has found."""
    finding = next(finding for finding in dossier.findings if dossier.origin(finding.at).file == file.name)
    said = Text(finding.message("zh"), finding.message("en"))
    return UnreadableSubmission(said, place=str(file), remedy=finding.kind.hint)


def _compare(judged: _Judged, remarks: Sequence[Remark], request: Request) -> Comparison | None:
    """What is different from the last submission, if one is named: read as the same form, judged by the same law."""
    if request.since is None:
        return None
    old = _judge(request.since, request, judged.entries.form, judged.dossier.as_of)
    if not old.dossier.records.get(judged.entries.form):
        raise _unreadable(request.since, old.dossier)
    listed, _ = text.fold(old.report.findings)
    findings = [finding for finding in listed if is_here(finding, old.dossier)]
    return compare(old.entries, judged.entries, findings, [remark.finding for remark in remarks])


def _annotated(file: Path, suffix: str, contents: Contents, judged: _Judged, lang: str) -> Annotated:
    """The annotated file, of whatever format."""
    data = file.read_bytes()
    if suffix not in _CONVERTED:
        annotate = word_document.annotate if suffix == _DOCUMENT else annotation.annotate
        try:
            return annotate(data, contents, lang)
        except opc.PackageError as error:
            if judged.dossier.records.get(judged.entries.form):
                raise
            raise _unreadable(file, judged.dossier) from error  # reading says better what the file really is
    book = opening.open_book(data, suffix, Notes(file.name, judged.entries.form, None))
    if book is None:
        raise _unreadable(file, judged.dossier)
    book.sheets = [sheet for sheet in book.sheets if not list_sheet.is_ours(sheet)]  # of an earlier round
    titles = conversion.names(book)
    moved = [remark.in_sheets(titles) for remark in contents.remarks]
    return annotation.annotate(conversion.converted(book, titles), replace(contents, remarks=moved), lang)


def _not_annotated(file: Path) -> UsageError:
    if file.is_dir():
        return UsageError(
            Text(
                "这个文件夹里没有报送的表格或 Word 文件",
                "this folder holds no spreadsheets or Word files that were handed in",
            ),
            place=str(file),
            remedy=Text(
                "请指定报送的文件，或装着它们的文件夹；案卷用 validate 核对", "name files, or a folder of them"
            ),
        )
    return UsageError(
        Text("只有表格和 Word 文件能批注", "only spreadsheets and Word documents can be annotated"),
        place=str(file),
        remedy=Text(
            "请另存为 .xlsx 或 .docx 再批注；其他文件的问题用 validate 看",
            "save it as .xlsx or .docx first; see the findings on other files with validate",
        ),
    )


def _lines(
    path: Path,
    judged: _Judged,
    remarks: Sequence[Remark],
    made: Annotated,
    lang: str,
    *,
    written: bool,
) -> Iterator[Line]:
    yield Line(text.heading(judged.dossier, judged.report, lang), style="bold")
    yield Line(text.counts([remark.finding for remark in remarks], lang))
    done = (_WROTE if written else _SAME).lang(lang, {"path": path})
    yield Line(f"{done}{_what(made, len(remarks), lang)}", style="bold")
    if elsewhere := _elsewhere(judged, remarks):
        yield Line(_ELSEWHERE.lang(lang, {"count": elsewhere}))


def _elsewhere(judged: _Judged, remarks: Sequence[Remark]) -> int:
    """How many findings are not about the file."""
    listed, _ = text.fold(judged.report.findings)
    return len(listed) - len(remarks)


def _what(made: Annotated, count: int, lang: str) -> str:
    """What was put into the copy."""
    if not made.title:
        return _PLACES.lang(lang, {"count": made.commented})
    parts = [_COLOURED.lang(lang, {"count": made.coloured})]
    if made.coloured:
        comments = _COMMENTED if made.commented == made.coloured else _SOME
        parts.append(comments.lang(lang, {"count": made.commented}))
    parts.append(_LISTED.lang(lang, {"count": made.listed, "title": made.title}))
    if made.listed < count:
        parts.append(_NOT_ALL.lang(lang, {"count": count}))
    return "".join(parts)
