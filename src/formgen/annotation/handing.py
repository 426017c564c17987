"""Hands one submitted file back: reads it, judges it, writes the annotated copy and says what was written."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from formgen import annotation, submission
from formgen.annotation import Annotated, Contents, Remark, copies
from formgen.checks import Report, check
from formgen.dossier import Dossier
from formgen.errors import FormgenError, UsageError
from formgen.findings import Text
from formgen.reports import screen, text
from formgen.reports.screen import Line
from formgen.reports.tally import FailOn, tally

_WORKBOOKS = (".xlsx", ".xlsm")
_WROTE = Text(
    "写出 {path}：{coloured} 个单元格标了颜色{comments}，“{title}”列出 {listed} 项",
    "wrote {path}: {coloured} cells coloured{comments}, {listed} findings listed in the sheet {title}",
)
_SAME = Text(
    "{path} 没有变化，未重写：{coloured} 个单元格标了颜色{comments}，“{title}”列出 {listed} 项",
    "{path} is unchanged and was not written again: {coloured} cells coloured{comments}, {listed} findings listed"
    " in the sheet {title}",
)
_COMMENTED = Text("并加了批注", " and commented")
_SOME = Text(
    "，前 {commented} 个加了批注（再多 Excel 就打不开了）", ", the first {commented} commented: Excel takes no more"
)
_NOT_ALL = Text("，共 {count} 项", ", of {count} in all")
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


def run(request: Request, fail_on: FailOn) -> int:
    """Carries a request out and prints what was done; the exit code.

    Raises:
        UsageError: the file is no workbook, or somebody's file is in the place of the copy.
        FormgenError: the file cannot be read.
    """
    lang = request.lang
    if request.file.suffix.lower() not in _WORKBOOKS and request.file.exists():
        raise _no_workbook(request.file)
    path = copies.target(request.file, request.file.suffix.lower(), request.out)
    dossier = submission.load(request.file, form=request.form, beside=request.beside, as_of=request.as_of)
    report = check(dossier)
    data = _contents(request.file, dossier, lang)
    remarks = annotation.remarks(dossier, report, lang)
    made = annotation.annotate(data, _said(request.file, report, remarks, lang), lang)
    written = copies.write(path, made.data, force=request.force)
    screen.results(_lines(path, dossier, report, remarks, made, lang, written=written))
    return int(tally(report.findings).reaches(fail_on))


def _no_workbook(file: Path) -> UsageError:
    return UsageError(
        Text("只有 Excel 工作簿能批注", "only workbooks can be annotated"),
        place=str(file),
        remedy=Text(
            "请另存为 .xlsx 再批注；其他文件的问题用 validate 看",
            "save it as .xlsx first; see the findings on other files with validate",
        ),
    )


def _contents(file: Path, dossier: Dossier, lang: str) -> bytes:
    """The bytes of the file, which reading has found to be no larger than it may be."""
    if file.name in dossier.inputs:
        return file.read_bytes()
    finding = next(finding for finding in dossier.findings if dossier.origin(finding.at).file == file.name)
    error = FormgenError(Text(finding.message("zh"), finding.message("en")), place=str(file), remedy=finding.kind.hint)
    error.exit_code = 1
    raise error


def _said(file: Path, report: Report, remarks: Sequence[Remark], lang: str) -> Contents:
    counts = text.counts([remark.finding for remark in remarks], lang)
    return Contents(file.name, report.as_of.isoformat(), counts, remarks)


def _lines(
    path: Path,
    dossier: Dossier,
    report: Report,
    remarks: Sequence[Remark],
    made: Annotated,
    lang: str,
    *,
    written: bool,
) -> Iterator[Line]:
    yield Line(text.heading(dossier, report, lang), style="bold")
    yield Line(text.counts([remark.finding for remark in remarks], lang))
    values = {"path": path, "title": made.title, "coloured": made.coloured, "listed": made.listed}
    comments = _COMMENTED if made.commented == made.coloured else _SOME
    values["comments"] = comments.lang(lang, {"commented": made.commented}) if made.coloured else ""
    line = (_WROTE if written else _SAME).lang(lang, values)
    if made.listed < len(remarks):
        line += _NOT_ALL.lang(lang, {"count": len(remarks)})
    yield Line(line, style="bold")
    listed, _ = text.fold(report.findings)
    if len(listed) > len(remarks):
        yield Line(_ELSEWHERE.lang(lang, {"count": len(listed) - len(remarks)}))
