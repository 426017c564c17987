"""One run over many dossiers that ends in a summary workbook: judging, progress, writing, the closing line."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import formgen
from formgen import rules, whole_files
from formgen.errors import UsageError
from formgen.findings import Text
from formgen.reports import screen, summary_earlier, summary_workbook
from formgen.reports.progress import Progress
from formgen.reports.screen import Line
from formgen.reports.summary import PER_SCHOOL, Order, judge_all
from formgen.reports.summary_collection import Collection
from formgen.reports.summary_workbook import About
from formgen.reports.tally import FailOn

_VERSION = Text("formgen 版本", "version of formgen")
_DIGEST = Text("规则的摘要值", "digest of the rules")
_DOSSIERS = Text("案卷", "dossiers")
_LISTING = Text("每条规则在每个案卷列出", "listed of a rule in a dossier")
_FOLDED = Text("没有逐条列出的", "what is not listed")
_FOLDED_SAID = Text(
    "由别的问题引起的“无法核实”只计数，不列出；完整的见各案卷的报告（--reports）",
    "what is unverified because of another finding is counted only; the reports have all (--reports)",
)
_SINCE = Text("与哪一份摘要比较", "compared with")
_RULES_THEN = Text("上次用的规则", "the rules of then")
_SAME_RULES = Text("与这次相同", "the same as now")
_OTHER_RULES = Text(
    "与这次不同：“新出现”可能只是规则变了，不一定是案卷变了",
    "not those of now: what is new may be due to the rules, not to the dossier",
)
_CLOSING = Text(
    "核对了 {all} 个案卷：不能出具 {stopped}，可以出具 {free}，读不出 {unread}；摘要写在 {file}",
    "{all} dossiers: {stopped} cannot be issued, {free} can, {unread} are unreadable; the summary is {file}",
)
_STRAY = Text(
    "{folder} 里有 {count} 个文件不在任何案卷中，没有核对：{names}",
    "{folder} has {count} files outside of all dossiers, which were not checked: {names}",
)
_STRAY_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for: where the summary goes and what it is compared with."""

    summary: Path
    since: Path | None
    order: Order
    workers: int | None
    fail_on: FailOn


def dossiers(paths: Sequence[Path], no_dossiers: Sequence[Path | None], lang: str) -> list[Path]:
    """The dossiers that are meant: each path, or in its place all folders in it, those without dossier.json too.

    A school whose folder is empty would otherwise be missing from the summary without a word. Files that lie beside
    the folders are told on stderr.

    Args:
        paths: what the command was given.
        no_dossiers: files and folders of this run's own.
        lang: the language of what is told.
    """
    own = {path.resolve() for path in no_dossiers if path is not None}
    found: list[Path] = []
    for path in paths:
        if not path.is_dir() or (path / "dossier.json").exists():
            found.append(path)
            continue
        inside = sorted(child for child in path.iterdir() if not child.name.startswith((".", "_", "~$")))
        inside = [child for child in inside if child.resolve() not in own]
        folders = [child for child in inside if child.is_dir()]
        stray = [child.name for child in inside if not child.is_dir()]
        found += folders or [path]
        if stray and folders:
            names = ("、" if lang == "zh" else ", ").join(stray[:_STRAY_SHOWN])
            names += "…" if len(stray) > _STRAY_SHOWN else ""
            said = {"folder": path, "count": len(stray), "names": names}
            screen.notes([Line(_STRAY.lang(lang, said), style="yellow")])
    return found


def run(folders: Sequence[Path], request: Request) -> int:
    """Judges the dossiers, writes the summary and says so; the exit code.

    Raises:
        UsageError: the summary would replace a file that is none, or the earlier one cannot be read.
        OSError: a file could not be written.
    """
    lang = request.order.lang
    _refuse(folders, request)
    with Collection() as collection, Progress(lang) as progress:
        progress.begin(len(folders))
        about = [(_VERSION.lang(lang), formgen.__version__), (_DIGEST.lang(lang), rules.digest())]
        compared = _earlier(request, collection, lang)
        if request.order.reports is not None:
            request.order.reports.mkdir(parents=True, exist_ok=True)
        code, counts = 0, {"stopped": 0, "free": 0, "unread": 0}
        for school in judge_all(folders, request.order, request.workers):
            collection.add(school)
            progress.advance(1)
            code = max(code, school.code(request.fail_on))
            counts["unread" if school.problem is not None else "stopped" if school.stops else "free"] += 1
        about.append((_DOSSIERS.lang(lang), str(len(folders))))
        about.append((_LISTING.lang(lang), str(PER_SCHOOL)))
        about.append((_FOLDED.lang(lang), _FOLDED_SAID.lang(lang)))
        _write(collection, request, About((*about, *compared)))
    said = {**counts, "all": len(folders), "file": request.summary}
    screen.results([Line(_CLOSING.lang(lang, said), style="bold")])
    return code


def _refuse(folders: Sequence[Path], request: Request) -> None:
    if len(folders) > summary_workbook.ROOM:
        raise UsageError(
            Text(f"一次最多核对 {summary_workbook.ROOM} 个案卷", f"at most {summary_workbook.ROOM} dossiers at a time"),
            remedy=Text("请分开运行", "run them in parts"),
        )
    if request.summary.exists() and not summary_earlier.is_summary(request.summary):
        raise UsageError(
            Text("已有同名的文件，又不是摘要，没有覆盖", "the file is there and no summary; it was not replaced"),
            place=str(request.summary),
            remedy=Text("请换一个名字，或移走那个文件", "choose another name, or move that file away"),
        )


def _earlier(request: Request, collection: Collection, lang: str) -> list[tuple[str, str]]:
    """What is said of the earlier summary; it is read before anything is written, as it may be the same file."""
    if request.since is None:
        return []
    then = summary_earlier.read(request.since, collection)
    digests = {then.get(_DIGEST.zh), then.get(_DIGEST.en)}
    rules_then = _SAME_RULES if rules.digest() in digests else _OTHER_RULES
    if rules_then is _OTHER_RULES:
        screen.notes([Line(f"{_RULES_THEN.lang(lang)}: {rules_then.lang(lang)}", style="yellow")])
    return [(_SINCE.lang(lang), request.since.name), (_RULES_THEN.lang(lang), rules_then.lang(lang))]


def _write(collection: Collection, request: Request, about: About) -> None:
    path, reports = request.summary, request.order.reports
    seen = "" if reports is None else f"{Path(os.path.relpath(reports, path.parent)).as_posix()}/"
    with whole_files.whole(path) as stream:
        compared = request.since is not None
        summary_workbook.write(collection, stream, request.order.lang, about, seen, compared=compared)
