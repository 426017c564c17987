"""Findings for a person: grouped by form and rule, with the place of each and what to do about it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path

from formgen.checks import Report
from formgen.delivery import Delivery
from formgen.dossier import BY_COMMAND, Dossier
from formgen.findings import Address, Finding, Kind, Outcome, Severity, Text
from formgen.forms import catalogue, dossier_schema
from formgen.reports.screen import Line
from formgen.reports.tally import NOTHING, Tally, tally
from formgen.submission import NEWEST

PER_RULE = 20
"""Findings of one rule in one form that are listed; the others are counted. JSON has them all."""
_PLACES = 60
"""Places that are listed in one line."""

_MARKS = {
    Severity.ERROR: (Text("错误", "error"), "bold red"),
    Severity.WARNING: (Text("警告", "warning"), "yellow"),
    Severity.INFO: (Text("提示", "info"), "cyan"),
}
_UNVERIFIED = (Text("无法核实", "unverified"), "magenta")
_WAIVED = (Text("已豁免", "waived"), "dim")

_HEAD = Text(
    "案卷 {name}，按 {day} 的规定核对{why}{instead}", "dossier {name}, judged by the rules of {day}{why}{instead}"
)
_HEAD_FILE = Text(
    "报送件 {name}（{title}），按 {day} 的规定核对{why}{instead}",
    "submitted file {name} ({title}), judged by the rules of {day}{why}{instead}",
)
_INSTEAD = Text("，不按备案日期 {filing}", ", not by those of the filing date, {filing}")
_WHY = Text("（{why}）", " ({why})")
_REASONS = {
    "备案日期": Text("备案日期", "the filing date"),
    BY_COMMAND: Text("由命令指定", "given with the command"),
    NEWEST: Text(NEWEST, "the newest that formgen knows; --as-of DATE takes those of another day"),
}
"""Why a day's law was applied, where it is not the dossier that says so."""
_TITLE = Text("{title}（{form}）", "{title} ({form})")
_BETWEEN = Text("、", ", ")
_CLAUSES = Text("；", "; ")
_ALSO_AT = Text("另见：{places}", "see also: {places}")
_AND_MORE = Text("{places} 等 {count} 处", "{places} and others, {count} in all")
_FOLDED = Text("由此另有 {count} 项无法核实：{rules}", "{count} more cannot be verified because of this: {rules}")
_TIMES = Text("{rule}（{count} 项）", "{rule} ({count})")
_REASON = Text("豁免理由：{reason}", "waived because: {reason}")
_CUT = Text(
    "{rule} 共 {count} 处，另有 {more} 处没有逐一列出（--format json 有全部）",
    "{rule}: {count} findings, {more} of them not listed here (--format json has all)",
)
_CUT_AT = Text("在 {places}", "at {places}")
_BASIS = Text("依据：{basis}", "basis: {basis}")
_SUMMARY = Text(
    "错误 {errors}、警告 {warnings}、提示 {infos}、无法核实 {unverified}、已豁免 {waived}",
    "{errors} errors, {warnings} warnings, {infos} notes, {unverified} unverified, {waived} waived",
)
_NONE = Text("没有发现问题", "nothing was found")
_OVER_ALL = Text(
    "共 {all} 份：{wrong} 份有错误、{warned} 份只有警告、{free} 份两样都没有{refused}；合计{counts}",
    "{all} in all: {wrong} with errors, {warned} with warnings only, {free} with neither{refused}; together {counts}",
)
_REFUSED = Text("、{count} 份没能核对", ", {count} could not be judged")
_FREE = Text("可以出具", "can be issued")
_STOPS = Text("不能出具（先改正错误）", "cannot be issued (correct the errors first)")
_ALL_BUT = Text(
    "除 {count} 份外可以出具（那几份先改正错误）", "can be issued but for {count} records (correct their errors first)"
)
_RESULT = Text("{counts}；结论：{verdict}", "{counts}; result: {verdict}")


def lines(dossier: Dossier, report: Report, lang: str = "zh") -> Iterator[Line]:
    """The report on one dossier."""
    yield Line(heading(dossier, report, lang), style="bold")
    listed, followers = fold(report.findings)
    for form, of_form in groupby(listed, key=lambda finding: finding.at.form):
        yield Line("")
        yield Line(form_title(form, dossier, lang), style="bold underline")
        yield from _form(list(of_form), followers, dossier, lang)
    yield Line("")
    yield Line(closing(report, lang), style="bold")


def heading(dossier: Dossier, report: Report, lang: str) -> str:
    """Which dossier it is, and by the law of which day it was judged; if not of the day of filing, it says so."""
    reason = _REASONS.get(dossier.as_of_why)
    why = reason.lang(lang) if reason is not None else dossier.as_of_why
    said = _WHY.lang(lang, {"why": why}) if why else ""
    day, filing = report.as_of.isoformat(), dossier.values.get("filing_date")
    instead = _INSTEAD.lang(lang, {"filing": filing}) if isinstance(filing, str) and filing != day else ""
    values = {"name": dossier.name, "day": day, "why": said, "instead": instead}
    if dossier.scope is None:
        return _HEAD.lang(lang, values)
    form = form_title(dossier.scope.form, dossier, lang)
    return _HEAD_FILE.lang(lang, {**values, "name": dossier.scope.path.name, "title": form})


def fold(findings: Iterable[Finding]) -> tuple[list[Finding], dict[Address, list[Finding]]]:
    """The findings to list, and those that are only counted: what cannot be verified for a cause that is listed."""
    findings = list(findings)
    roots = {finding.at for finding in findings if finding.cause is None}
    listed: list[Finding] = []
    followers: dict[Address, list[Finding]] = {}
    for finding in findings:
        folds = finding.outcome is Outcome.UNVERIFIED and finding.waived is None
        if folds and finding.cause is not None and finding.cause in roots:
            followers.setdefault(finding.cause, []).append(finding)
        else:
            listed.append(finding)
    return listed, followers


def form_title(form: str, dossier: Dossier, lang: str) -> str:
    """The official name of a form, which is Chinese, and its key."""
    title = dossier_schema()["title"] if form == "dossier" else catalogue().edition(form, dossier.as_of).title
    return _TITLE.lang(lang, {"title": title, "form": form})


def _form(
    findings: Sequence[Finding], followers: dict[Address, list[Finding]], dossier: Dossier, lang: str
) -> Iterator[Line]:
    """The findings of one form: a block for each run of the same rule, so that basis and hint stand once."""
    totals: dict[str, int] = {}
    for finding in findings:
        totals[finding.kind.id] = totals.get(finding.kind.id, 0) + 1
    shown: dict[str, int] = {}
    hidden: dict[str, list[Address]] = {}
    for _, run in groupby(findings, key=alike):
        block = list(run)
        kind = block[0].kind
        room = max(PER_RULE - shown.get(kind.id, 0), 0)
        hidden.setdefault(kind.id, []).extend(finding.at for finding in block[room:])
        shown[kind.id] = shown.get(kind.id, 0) + len(block)
        if room > 0:
            yield _mark(block[0], lang)
            for finding in block[:room]:
                # A cause has one finding that its followers are told under.
                yield from _one(finding, followers.pop(finding.at, []), dossier, lang)
            yield from _advice(kind, lang)
        if shown[kind.id] == totals[kind.id] > PER_RULE:
            yield Line(cut(kind.id, totals[kind.id], PER_RULE, lang), indent=4, style="italic")
            yield Line(_CUT_AT.lang(lang, {"places": places(hidden[kind.id], dossier, lang)}), indent=6)


def alike(finding: Finding) -> tuple[str, str, Outcome, bool]:
    """What findings share that are told under one mark. The hint of a schema finding depends on its field."""
    return finding.kind.id, finding.kind.hint.zh, finding.outcome, finding.waived is not None


def mark(finding: Finding) -> tuple[Text, str]:
    """How bad a finding is: the word and its style."""
    if finding.waived is not None:
        return _WAIVED
    return _UNVERIFIED if finding.outcome is Outcome.UNVERIFIED else _MARKS[finding.kind.severity]


def _mark(finding: Finding, lang: str) -> Line:
    text, style = mark(finding)
    return Line(f"{text.lang(lang)} {finding.kind.id} {finding.kind.title.lang(lang)}", indent=2, style=style)


def _one(finding: Finding, followers: Sequence[Finding], dossier: Dossier, lang: str) -> Iterator[Line]:
    yield Line(f"{dossier.origin(finding.at)}  {finding.message(lang)}", indent=4)
    if finding.also:
        yield Line(others(finding, dossier, lang), indent=6)
    if finding.waived is not None:
        yield Line(waiver(finding, lang), indent=6)
    if followers:
        yield Line(folded(followers, lang), indent=6, style="magenta")


def others(finding: Finding, dossier: Dossier, lang: str) -> str:
    """Where else to look."""
    return _ALSO_AT.lang(lang, {"places": places(finding.also, dossier, lang)})


def places(addresses: Sequence[Address], dossier: Dossier, lang: str) -> str:
    """Where several things stand; file and sheet are named once for those that follow each other."""
    parts: list[str] = []
    last: tuple[str, str | None] | None = None
    for origin in dict.fromkeys(dossier.origin(address) for address in addresses[:_PLACES]):
        same = last == (origin.file, origin.sheet)
        short = origin.cell if origin.cell is not None else origin.line
        parts.append(str(short) if same and short is not None else str(origin))
        last = (origin.file, origin.sheet)
    joined = _BETWEEN.lang(lang).join(parts)
    if len(addresses) <= _PLACES:
        return joined
    return _AND_MORE.lang(lang, {"places": joined, "count": len(addresses)})


def waiver(finding: Finding, lang: str) -> str:
    """For which reason a finding is waived."""
    return _REASON.lang(lang, {"reason": finding.waived})


def folded(followers: Sequence[Finding], lang: str) -> str:
    """How many findings follow from another one, by rule."""
    counts: dict[str, int] = {}
    for follower in followers:
        counts[follower.kind.id] = counts.get(follower.kind.id, 0) + 1
    rules = _BETWEEN.lang(lang).join(
        rule if count == 1 else _TIMES.lang(lang, {"rule": rule, "count": count})
        for rule, count in sorted(counts.items())
    )
    return _FOLDED.lang(lang, {"count": len(followers), "rules": rules})


def _advice(kind: Kind, lang: str) -> Iterator[Line]:
    if kind.basis:
        yield Line(basis(kind, lang), indent=4, style="dim")
    hint = kind.hint.lang(lang)
    if hint:
        yield Line(f"→ {hint}", indent=4, style="green")


def basis(kind: Kind, lang: str) -> str:
    """What a rule rests on, in the words of the regulations."""
    return _BASIS.lang(lang, {"basis": _CLAUSES.lang(lang).join(kind.basis)})


def cut(rule: str, count: int, listed: int, lang: str) -> str:
    """That findings of a rule are not listed one by one, and how many there are."""
    return _CUT.lang(lang, {"rule": rule, "count": count, "more": count - listed})


def closing(report: Report, lang: str) -> str:
    """How many findings there are, and whether the forms can be issued."""
    if report.stops and not report.blocks:
        verdict = _ALL_BUT.lang(lang, {"count": len(report.withheld)})
    else:
        verdict = (_STOPS if report.stops else _FREE).lang(lang)
    return _RESULT.lang(lang, {"counts": counts(report.findings, lang), "verdict": verdict})


def counts(findings: Sequence[Finding], lang: str) -> str:
    """How many findings there are of each weight."""
    return _counted(tally(findings), lang) if findings else _NONE.lang(lang)


def over_all(tallies: Sequence[Tally], refused: int, lang: str) -> Line:
    """How many of several dossiers or files are in order, and what was found in all of them."""
    wrong = sum(1 for each in tallies if each.errors)
    warned = sum(1 for each in tallies if each.warnings and not each.errors)
    values = {
        "all": len(tallies) + refused,
        "wrong": wrong,
        "warned": warned,
        "free": len(tallies) - wrong - warned,
        "refused": _REFUSED.lang(lang, {"count": refused}) if refused else "",
        "counts": _counted(sum(tallies, NOTHING), lang),
    }
    return Line(_OVER_ALL.lang(lang, values), style="bold")


def _counted(counted: Tally, lang: str) -> str:
    return _SUMMARY.lang(lang, asdict(counted))


# --- what was written ------------------------------------------------------------------------------------------------

_NOTHING = Text(
    "没有写出文件：材料里没有能生成文件的表单", "no file was written: there is no form of which a document is made"
)
_WROTE = Text("写出 {count} 份{replaced}，在 {folder}：", "{count} files written{replaced} to {folder}:")
_WOULD_WRITE = Text(
    "会写出 {count} 份{replaced}，在 {folder}：", "{count} files would be written{replaced} to {folder}:"
)
_REPLACED = Text("（其中 {count} 份替换旧的）", " ({count} in place of earlier ones)")
_MORE = Text("……另有 {count} 份", "… and {count} more")
_SAME = Text("{count} 份没有变化，未重写", "{count} files are unchanged and were not written again")
_WITHHELD = Text(
    "{count} 份有错误未改正，没有出具：{paths}",
    "{count} have errors that are not corrected and were not issued: {paths}",
)
_GONE = Text("已删去旧文件：{path}", "superseded and removed: {path}")
_WOULD_GO = Text("会删去旧文件：{path}", "superseded, would be removed: {path}")
_LEFT = Text(
    "旧文件 {path} 有人改过，没有删去；不再需要时请自行删除",
    "{path} is superseded but has been edited, so it was not removed; delete it when you do not need it",
)
_TRIAL = Text("这是试运行，什么也没有写。", "This was a trial: nothing has been written.")
_TOGETHER = Text(
    "共 {all} 个案卷或文件，{refused} 个没有出具：写出 {written} 份，没有变化 {unchanged} 份，"
    "有错误扣下 {withheld} 份，删去旧的 {removed} 份",
    "{all} dossiers or files, {refused} of them not issued: {written} documents written, {unchanged} unchanged, "
    "{withheld} withheld for errors, {removed} superseded and removed",
)
_LISTED = 20
"""Written documents that are listed."""


_OLDER = Text(
    "{folder} 里以前写出的 {count} 份正式表单早于现在的材料，请不要报送：{paths}",
    "{folder} has {count} finished forms of an earlier run; they are older than the data: do not file them: {paths}",
)


def older(folder: Path, paths: Sequence[str], lang: str) -> Line:
    """That finished forms of an earlier run are still there although the dossier has errors by now."""
    values = {"folder": folder, "count": len(paths), "paths": _named(paths, lang)}
    return Line(_OLDER.lang(lang, values), style="yellow")


def _named(paths: Sequence[str], lang: str) -> str:
    return _BETWEEN.lang(lang).join(paths[:_PLACES]) + ("…" if len(paths) > _PLACES else "")


def delivered(delivery: Delivery, lang: str = "zh") -> Iterator[Line]:
    """What was written, withheld, removed and left."""
    if not (delivery.written or delivery.unchanged or delivery.withheld):
        yield Line(_NOTHING.lang(lang), style="yellow")
    if delivery.written:
        count = len(delivery.replaced)
        replaced = _REPLACED.lang(lang, {"count": count}) if count and delivery.trial else ""
        wrote = _WOULD_WRITE if delivery.trial else _WROTE
        values = {"count": len(delivery.written), "folder": delivery.folder, "replaced": replaced}
        yield Line(wrote.lang(lang, values))
    for path in delivery.written[:_LISTED]:
        yield Line(str(delivery.folder / path), indent=2)
    if len(delivery.written) > _LISTED:
        yield Line(_MORE.lang(lang, {"count": len(delivery.written) - _LISTED}), indent=2)
    if delivery.unchanged:
        yield Line(_SAME.lang(lang, {"count": len(delivery.unchanged)}))
    if delivery.withheld:
        named = _named(delivery.withheld, lang)
        yield Line(_WITHHELD.lang(lang, {"count": len(delivery.withheld), "paths": named}), style="yellow")
    for path in delivery.removed:
        gone = _WOULD_GO if delivery.trial else _GONE
        yield Line(gone.lang(lang, {"path": delivery.folder / path}))
    for path in delivery.left:
        yield Line(_LEFT.lang(lang, {"path": delivery.folder / path}), style="yellow")
    if delivery.trial:
        yield Line(_TRIAL.lang(lang), style="bold")


def together(counts: Mapping[str, int], lang: str = "zh", *, trial: bool = False) -> Line:
    """What came of all dossiers of a run."""
    names = ("all", "refused", "written", "unchanged", "withheld", "removed")
    said = _TOGETHER.lang(lang, {name: counts.get(name, 0) for name in names})
    return Line(f"{_TRIAL.lang(lang)} {said}" if trial else said, style="bold")
