"""The page of a rule: what it demands, on which basis, what it says and which cases show it.

``python -m formgen.rules.page docs/rules tests/cases`` writes them all; a test checks that those in the repository are
current. ``formgen rule ID`` prints the same page, without the cases where those are not at hand.
"""

import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from formgen import rules
from formgen.findings import Severity, Text
from formgen.rules import Rule

_SEVERITY: Final[Mapping[Severity, Text]] = {
    Severity.ERROR: Text("错误：未改正或豁免之前不能签发", "error: nothing is issued until it is corrected or waived"),
    Severity.WARNING: Text("警告：列出，不妨碍签发", "warning: listed, does not stop issuing"),
    Severity.INFO: Text("提示", "information"),
}
_INDEX: Final = Text("规则", "Rules")
_BASIS: Final = Text("依据", "Basis")
_READS: Final = Text("所读的内容", "What it reads")
_SAYS: Final = Text("发现问题时", "When it fails")
_MISSING: Final = Text("证据不足时（未核对，不算通过）", "When evidence is missing (unverified, never passed)")
_OTHER: Final = Text("其他说法", "Other sentences")
_HINT: Final = Text("怎样改正", "What to do")
_CASES: Final = Text("用例", "Cases")
_IN_FORCE: Final = Text("施行：{dates}；{waivable}。", "In force: {dates}; {waivable}.")
_FROM: Final = Text("自 {since} 起", "from {since}")
_UNTIL: Final = Text("自 {since} 至 {until}", "from {since} until {until}")
_WAIVABLE: Final = Text("可以逐处豁免（waivers.toml）", "can be waived, place by place (waivers.toml)")
_NOT_WAIVABLE: Final = Text("不能豁免", "cannot be waived")


@dataclass(frozen=True, slots=True)
class Example:
    """A case of a rule: its name and whether the rule fails, passes or is unverified in it."""

    name: str
    expect: tuple[str, ...]

    def outcomes(self, rule: str) -> str:
        """What the case shows of a rule, in order of writing."""
        said = dict.fromkeys(line.split()[1] for line in self.expect if line.split()[0] == rule)
        return ", ".join(said)


def render(rule: Rule, examples: Iterable[Example] = (), lang: str = "zh") -> str:
    """The page of a rule as Markdown."""
    kind = rule.kind
    lines = [f"# {rule.id} {kind.title.lang(lang)}", "", f"`{kind.name}` · {_SEVERITY[kind.severity].lang(lang)}", ""]
    dates = {"since": rule.effective_from.isoformat(), "until": rule.effective_until}
    in_force = (_FROM if rule.effective_until is None else _UNTIL).lang(lang, dates)
    waivable = (_WAIVABLE if rule.waivable else _NOT_WAIVABLE).lang(lang)
    lines += [_IN_FORCE.lang(lang, {"dates": in_force, "waivable": waivable}), ""]
    lines += _section(_BASIS.lang(lang), kind.basis)
    lines += _section(_SAYS.lang(lang), [kind.message.lang(lang)])
    if kind.missing is not None:
        lines += _section(_MISSING.lang(lang), [kind.missing.lang(lang)])
    lines += _section(_OTHER.lang(lang), [text.lang(lang) for text in rule.wordings.values()])
    lines += _section(_HINT.lang(lang), [kind.hint.lang(lang)])
    lines += _section(_READS.lang(lang), [f"`{place}`" for place in rule.reads])
    lines += _section(_CASES.lang(lang), [f"{example.name} → {example.outcomes(rule.id)}" for example in examples])
    return "\n".join(lines).rstrip("\n") + "\n"


def _section(title: str, entries: Sequence[str]) -> list[str]:
    return [f"## {title}", "", *(f"- {entry}" for entry in entries), ""] if entries else []


def pages(cases: Path) -> dict[str, str]:
    """The pages of all rules and their index, by file name."""
    found = rules.all_rules()
    written = {f"{rule.id}.md": render(rule, _examples(cases, rule)) for rule in found}
    rows = [
        f"| [{rule.id}]({rule.id}.md) | {rule.kind.title.zh} | {rule.kind.severity} | `{rule.form}` |"
        for rule in sorted(found, key=lambda rule: (len(rule.id), rule.id))  # R100 after R99
    ]
    index = [f"# {_INDEX.zh}", "", "| 编号 | 规则 | 级别 | 表单 |", "|---|---|---|---|", *rows, ""]
    index += ["由 `python -m formgen.rules.page docs/rules tests/cases` 生成。"]
    return {**written, "README.md": "\n".join(index) + "\n"}


def _examples(cases: Path, rule: Rule) -> list[Example]:
    found: list[Example] = []
    for path in sorted(cases.glob(f"*/{rule.id}.toml")):
        tables = tomllib.loads(path.read_text("utf-8"))["case"]
        found.extend(Example(table["name"], tuple(table["expect"])) for table in tables)
    return found


def main(arguments: Sequence[str]) -> int:
    """Writes all pages into the first folder, with the cases that lie in the second; 2 if called otherwise."""
    if len(arguments) != 2:
        sys.stderr.write("usage: python -m formgen.rules.page docs/rules tests/cases\n")
        return 2
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages(Path(arguments[1])).items():
        (folder / name).write_text(text, "utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
