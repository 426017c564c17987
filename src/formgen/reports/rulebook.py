"""The rules as a list, and what each of them came to in a dossier."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from formgen.checks import Report, RuleRun
from formgen.findings import Outcome, Text
from formgen.reports.screen import Line
from formgen.reports.tables import aligned
from formgen.rules import Rule, all_rules

_HEADS = (
    Text("编号", "id"),
    Text("级别", "severity"),
    Text("自", "from"),
    Text("至", "until"),
    Text("所读的表单", "forms"),
    Text("规则", "title"),
)
_BASIS = Text("依据：{basis}", "basis: {basis}")
_SEPARATOR = Text("；", "; ")

# --- the inventory ---------------------------------------------------------------------------------------------------


def in_order(rules: Iterable[Rule]) -> list[Rule]:
    """The rules in order of their numbers: R100 after R99."""
    return sorted(rules, key=lambda rule: (len(rule.id), rule.id))


def forms_of(rule: Rule) -> tuple[str, ...]:
    """The forms that a rule judges or reads; ``dossier`` for dossier.json."""
    return tuple(dict.fromkeys((rule.form, *sorted(read.partition(":")[0] for read in rule.reads))))


def listed(rules: Sequence[Rule], lang: str = "zh") -> Iterator[Line]:
    """The rules as a table, the basis of each below it."""
    rows = [tuple(head.lang(lang) for head in _HEADS)]
    for rule in rules:
        until = rule.effective_until.isoformat() if rule.effective_until is not None else "–"
        since = rule.effective_from.isoformat()
        forms = " ".join(forms_of(rule))
        rows.append((rule.id, rule.kind.severity.value, since, until, forms, rule.kind.title.lang(lang)))
    head, *lines = aligned(rows)
    yield Line(head, style="bold")
    for rule, line in zip(rules, lines, strict=True):
        yield Line(line)
        basis = _SEPARATOR.lang(lang).join(rule.kind.basis)
        yield Line(_BASIS.lang(lang, {"basis": basis}), indent=6, style="dim")


def inventory(rules: Sequence[Rule]) -> str:
    """The rules as JSON."""
    return json.dumps({"version": 1, "rules": [_entry(rule) for rule in rules]}, ensure_ascii=False, indent=2)


def _entry(rule: Rule) -> dict[str, Any]:
    kind = rule.kind
    return {
        "id": rule.id,
        "name": kind.name,
        "title": {"zh": kind.title.zh, "en": kind.title.en},
        "severity": kind.severity.value,
        "effective_from": rule.effective_from.isoformat(),
        "effective_until": rule.effective_until.isoformat() if rule.effective_until is not None else None,
        "stage": rule.stage,
        "waivable": rule.waivable,
        "forms": list(forms_of(rule)),
        "reads": list(rule.reads),
        "basis": list(kind.basis),
    }


# --- what each rule came to ------------------------------------------------------------------------------------------

OUTCOMES = {
    Outcome.PASSED: Text("通过", "passed"),
    Outcome.FAILED: Text("未通过", "failed"),
    Outcome.NOT_APPLICABLE: Text("不适用", "not applicable"),
    Outcome.UNVERIFIED: Text("无法核实", "unverified"),
}
EXPLANATION = Text(
    "各条规则的核对情况：处数，括号内是分布在几份记录上",
    "What each rule came to: the number of places, and in brackets on how many records",
)
EXPLAIN_HEADS = (Text("编号", "id"), *OUTCOMES.values(), Text("规则", "title"), Text("说明", "remark"))
_NOT_YET = Text("没有运行：{day} 尚未施行", "did not run: not yet in force on {day}")
_ENDED = Text("没有运行：{day} 已停止施行", "did not run: no longer in force on {day}")
_OTHER_STAGE = Text("没有运行：只在签发时核对", "did not run: checked when the forms are issued")
_LEFT_OUT = Text("没有运行", "did not run")
_NOTHING = Text("案卷里没有这条规则要核对的内容", "the dossier has nothing for this rule to judge")


def explanation(report: Report, lang: str = "zh") -> list[tuple[str, ...]]:
    """A row for every rule that there is, those that did not run included: id, each outcome, title, remark."""
    runs = {run.rule: run for run in report.runs}
    rows: list[tuple[str, ...]] = []
    for rule in in_order(all_rules()):
        run = runs.get(rule.id)
        numbers = [_places(run, outcome) for outcome in OUTCOMES]
        remark = _why_not(rule, report) if run is None else _NOTHING if not any(run.counts.values()) else Text("", "")
        day = {"day": report.as_of.isoformat()}
        rows.append((rule.id, *numbers, rule.kind.title.lang(lang), remark.lang(lang, day)))
    return rows


def _places(run: RuleRun | None, outcome: Outcome) -> str:
    if run is None:
        return "–"
    count = run.counts[outcome]
    return f"{count} ({run.records[outcome]})" if count else "0"


def explained(report: Report, lang: str = "zh") -> Iterator[Line]:
    """The same as lines for a person."""
    yield Line("")
    yield Line(EXPLANATION.lang(lang), style="bold underline")
    head, *lines = aligned([tuple(head.lang(lang) for head in EXPLAIN_HEADS), *explanation(report, lang)])
    yield Line(head, indent=2, style="bold")
    for line in lines:
        yield Line(line, indent=2)


def _why_not(rule: Rule, report: Report) -> Text:
    if rule.effective_from > report.as_of:
        return _NOT_YET
    if rule.effective_until is not None and rule.effective_until < report.as_of:
        return _ENDED
    return _OTHER_STAGE if rule.stage == "issue" else _LEFT_OUT
