"""The page of the published dossier's contradictions: which rule finds each, and where.

``python tests/contradictions.py`` writes docs/contradictions.md anew; tests/test_contradictions.py compares.
"""

import tomllib
from pathlib import Path
from typing import Any

from formgen import checks, dossier
from formgen.checks import Report
from formgen.dossier import Dossier
from formgen.findings import Finding, Outcome

TESTS = Path(__file__).parent
PAGE = TESTS.parent / "docs" / "contradictions.md"
MAPPING = tomllib.loads((TESTS / "contradictions.toml").read_text("utf-8"))
CONTROLS: list[dict[str, Any]] = MAPPING["control"]
CONTRADICTIONS: dict[str, dict[str, Any]] = {key: entry for key, entry in MAPPING.items() if key != "control"}


def published() -> tuple[Dossier, Report]:
    """The published dossier and what checking says of it."""
    read = dossier.load(TESTS.parent / "inputs" / "lzmvc-2020")
    return read, checks.check(read)


def by_place(report: Report) -> dict[str, Finding]:
    """Findings by rule and address, as the mapping writes them."""
    return {f"{finding.kind.id} {finding.at}": finding for finding in report.findings}


def outcome(entry: dict[str, Any], there: dict[str, Finding]) -> Outcome | None:
    """What came of a contradiction: failed where a rule finds it, unverified where evidence is missing, or nothing."""
    outcomes = [there[line].outcome for line in entry["found"] if line in there]
    return min(outcomes, key=(Outcome.FAILED, Outcome.UNVERIFIED).index, default=None)


def counts(entry: dict[str, Any], there: dict[str, Finding]) -> bool:
    """Whether a contradiction is found; where evidence itself is what is missing (M), saying so is finding it."""
    said = outcome(entry, there)
    return said is Outcome.FAILED or (said is Outcome.UNVERIFIED and "M" in entry["severity"])


def render(read: Dossier, report: Report) -> str:
    """The page as Markdown."""
    there = by_place(report)
    rows = [_row(number, entry, read, there) for number, entry in CONTRADICTIONS.items()]
    found = sum(counts(entry, there) for entry in CONTRADICTIONS.values())
    return "\n".join(
        [
            "# 公开材料的矛盾与缺口 · Contradictions of the published dossier",
            "",
            f"核对 `inputs/lzmvc-2020` 的结果：{len(CONTRADICTIONS)} 条中，规则发现 {found} 条，各在所注条款或单元格。",
            "级别：E 错误，W 警告，I 提示，M 缺证据（规则说“未核对”并指明缺什么，不算通过，但算发现）。",
            "位置：地址，其后是条款或单元格。规则的说明见 [docs/rules](rules/README.md)。",
            "",
            "| 编号 | 级别 | 矛盾或缺口 | 结果 | 规则与位置 | 程序不能判断的部分 |",
            "|---|---|---|---|---|---|",
            *rows,
            "",
            "由 `python tests/contradictions.py` 生成；对应关系在 `tests/contradictions.toml`，测试核对本页。",
            "",
        ]
    )


def _row(number: str, entry: dict[str, Any], read: Dossier, there: dict[str, Finding]) -> str:
    places = [_place(line, read, there[line]) for line in entry["found"] if line in there]
    said = {Outcome.FAILED: "发现", Outcome.UNVERIFIED: "未核对", None: "—"}[outcome(entry, there)]
    cells = [number, entry["severity"], entry["what"], said, "<br>".join(places), entry.get("beyond", "")]
    return "| " + " | ".join(cells) + " |"


def _place(line: str, read: Dossier, finding: Finding) -> str:
    rule, _, address = line.partition(" ")
    where = _clause(read, finding) or _cell(read, finding)
    return f"[{rule}](rules/{rule}.md) `{address}`" + (f" {where}" if where else "")


def _clause(read: Dossier, finding: Finding) -> str:
    """Document and clause of a statement of the charter; empty for any other place."""
    pointer = finding.at.pointer
    if finding.at.form != "charter" or pointer[0] != "statements" or len(pointer) < 3:
        return ""
    charter = read.records["charter"][0].values
    titles = {document["key"]: document["title"] for document in charter["documents"]}
    statement = charter["statements"][pointer[1]][pointer[2]]
    return f"《{titles[statement['document']]}》{statement['clause']}"


def _cell(read: Dossier, finding: Finding) -> str:
    origin = read.origin(finding.at)
    return str(origin) if origin.cell is not None else ""


if __name__ == "__main__":
    PAGE.write_text(render(*published()), "utf-8", newline="\n")
