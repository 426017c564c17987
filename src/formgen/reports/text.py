"""Findings for a person: grouped by form and rule, with the place of each and what to do about it."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from formgen.checks import Report
from formgen.delivery import Delivery
from formgen.dossier import Dossier
from formgen.findings import Address, Finding, Kind, Outcome, Severity, Text
from formgen.forms import catalogue, dossier_schema
from formgen.reports.screen import Line
from formgen.reports.tally import tally

PER_RULE = 20
"""Findings of one rule in one form that are listed; the others are counted. JSON has them all."""
_ALSO = 3

_MARKS = {
    Severity.ERROR: (Text("错误", "error"), "bold red"),
    Severity.WARNING: (Text("警告", "warning"), "yellow"),
    Severity.INFO: (Text("提示", "info"), "cyan"),
}
_UNVERIFIED = (Text("无法核实", "unverified"), "magenta")
_WAIVED = (Text("已豁免", "waived"), "dim")

_HEAD = Text("案卷 {name}，按 {day} 的规定核对{why}", "dossier {name}, judged by the rules of {day}{why}")
_WHY = Text("（{why}）", " ({why})")
_ALSO_AT = Text("另见：{places}", "see also: {places}")
_AND_MORE = Text("{places} 等 {count} 处", "{places} and others, {count} in all")
_FOLDED = Text("由此另有 {count} 项无法核实：{rules}", "{count} more cannot be verified because of this: {rules}")
_TIMES = Text("{rule}（{count} 项）", "{rule} ({count})")
_REASON = Text("豁免理由：{reason}", "waived because: {reason}")
_CUT = Text(
    "{rule} 共 {count} 处，另有 {more} 处没有逐一列出（--format json 有全部）",
    "{rule}: {count} findings, {more} of them not listed here (--format json has all)",
)
_BASIS = Text("依据：{basis}", "basis: {basis}")
_SUMMARY = Text(
    "错误 {errors}、警告 {warnings}、提示 {infos}、无法核实 {unverified}、已豁免 {waived}",
    "{errors} errors, {warnings} warnings, {infos} notes, {unverified} unverified, {waived} waived",
)
_NONE = Text("没有发现问题", "nothing was found")
_FREE = Text("可以出具", "can be issued")
_STOPS = Text("不能出具（先改正错误）", "cannot be issued (correct the errors first)")
_RESULT = Text("{counts}；结论：{verdict}", "{counts}; result: {verdict}")


def lines(dossier: Dossier, report: Report, lang: str = "zh") -> Iterator[Line]:
    """The report on one dossier."""
    why = _WHY.lang(lang, {"why": dossier.as_of_why}) if dossier.as_of_why else ""
    yield Line(_HEAD.lang(lang, {"name": dossier.name, "day": report.as_of.isoformat(), "why": why}), style="bold")
    listed, followers = _fold(report.findings)
    for form, of_form in groupby(listed, key=lambda finding: finding.at.form):
        yield Line("")
        yield Line(f"{_title(form, dossier)}（{form}）", style="bold underline")
        yield from _form(list(of_form), followers, dossier, lang)
    yield Line("")
    yield _closing(report, lang)


def _fold(findings: Iterable[Finding]) -> tuple[list[Finding], dict[Address, list[Finding]]]:
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


def _title(form: str, dossier: Dossier) -> str:
    if form == "dossier":
        return str(dossier_schema()["title"])
    return catalogue().edition(form, dossier.as_of).title


def _form(
    findings: Sequence[Finding], followers: dict[Address, list[Finding]], dossier: Dossier, lang: str
) -> Iterator[Line]:
    """The findings of one form: a block for each run of the same rule, so that basis and hint stand once."""
    totals: dict[str, int] = {}
    for finding in findings:
        totals[finding.kind.id] = totals.get(finding.kind.id, 0) + 1
    shown: dict[str, int] = {}
    for _, run in groupby(findings, key=_alike):
        block = list(run)
        kind = block[0].kind
        room = PER_RULE - shown.get(kind.id, 0)
        shown[kind.id] = shown.get(kind.id, 0) + len(block)
        if room > 0:
            yield _mark(block[0], lang)
            for finding in block[:room]:
                # A cause has one finding that its followers are told under.
                yield from _one(finding, followers.pop(finding.at, []), dossier, lang)
            yield from _advice(kind, lang)
        if shown[kind.id] == totals[kind.id] > PER_RULE:
            values = {"rule": kind.id, "count": totals[kind.id], "more": totals[kind.id] - PER_RULE}
            yield Line(_CUT.lang(lang, values), indent=4, style="italic")


def _alike(finding: Finding) -> tuple[str, Outcome, bool]:
    return finding.kind.id, finding.outcome, finding.waived is not None


def _mark(finding: Finding, lang: str) -> Line:
    if finding.waived is not None:
        text, style = _WAIVED
    elif finding.outcome is Outcome.UNVERIFIED:
        text, style = _UNVERIFIED
    else:
        text, style = _MARKS[finding.kind.severity]
    return Line(f"{text.lang(lang)} {finding.kind.id} {finding.kind.title.lang(lang)}", indent=2, style=style)


def _one(finding: Finding, followers: Sequence[Finding], dossier: Dossier, lang: str) -> Iterator[Line]:
    yield Line(f"{dossier.origin(finding.at)}  {finding.message(lang)}", indent=4)
    if finding.also:
        places = "、".join(str(dossier.origin(address)) for address in finding.also[:_ALSO])
        if len(finding.also) > _ALSO:
            places = _AND_MORE.lang(lang, {"places": places, "count": len(finding.also)})
        yield Line(_ALSO_AT.lang(lang, {"places": places}), indent=6)
    if finding.waived is not None:
        yield Line(_REASON.lang(lang, {"reason": finding.waived}), indent=6)
    if followers:
        counts: dict[str, int] = {}
        for follower in followers:
            counts[follower.kind.id] = counts.get(follower.kind.id, 0) + 1
        rules = "、".join(
            rule if count == 1 else _TIMES.lang(lang, {"rule": rule, "count": count})
            for rule, count in sorted(counts.items())
        )
        yield Line(_FOLDED.lang(lang, {"count": len(followers), "rules": rules}), indent=6, style="magenta")


def _advice(kind: Kind, lang: str) -> Iterator[Line]:
    if kind.basis:
        yield Line(_BASIS.lang(lang, {"basis": "；".join(kind.basis)}), indent=4, style="dim")
    hint = kind.hint.lang(lang)
    if hint:
        yield Line(f"→ {hint}", indent=4, style="green")


def _closing(report: Report, lang: str) -> Line:
    counted = tally(report.findings)
    values = {name: getattr(counted, name) for name in ("errors", "warnings", "infos", "unverified", "waived")}
    counts = _SUMMARY.lang(lang, values) if report.findings else _NONE.lang(lang)
    verdict = (_STOPS if report.stops else _FREE).lang(lang)
    return Line(_RESULT.lang(lang, {"counts": counts, "verdict": verdict}), style="bold")


# --- what was written ------------------------------------------------------------------------------------------------

_WROTE = Text("写出 {count} 份，在 {folder}：", "{count} files written to {folder}:")
_SAME = Text("{count} 份没有变化，未重写", "{count} files are unchanged and were not written again")
_GONE = Text("已删去旧文件：{path}", "superseded and removed: {path}")
_LEFT = Text(
    "旧文件 {path} 有人改过，没有删去；不再需要时请自行删除",
    "{path} is superseded but has been edited, so it was not removed; delete it when you do not need it",
)


def delivered(delivery: Delivery, lang: str = "zh") -> Iterator[Line]:
    """What was written, removed and left."""
    values = {"count": len(delivery.written), "folder": delivery.folder}
    if delivery.written:
        yield Line(_WROTE.lang(lang, values))
    for path in delivery.written:
        yield Line(str(delivery.folder / path), indent=2)
    if delivery.unchanged:
        yield Line(_SAME.lang(lang, {"count": len(delivery.unchanged)}))
    for path in delivery.removed:
        yield Line(_GONE.lang(lang, {"path": delivery.folder / path}))
    for path in delivery.left:
        yield Line(_LEFT.lang(lang, {"path": delivery.folder / path}), style="yellow")
