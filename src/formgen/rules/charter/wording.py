"""How the documents are written: stray words and spaces, chapters and articles, brackets."""

import re
from collections.abc import Iterator

from formgen.findings import Severity, Text
from formgen.rules import rule
from formgen.rules.charter.statements import DOCUMENTS, SINCE, cite, filled, stated
from formgen.rules.subject import Law, Node, Verdict, failed, not_applicable, passed

_STATEMENTS = "charter:/statements"


def _all(charter: Node) -> Iterator[Node]:
    """Every statement of every topic."""
    for topic in charter.names("statements"):
        yield from stated(charter, topic)


@rule(
    "R120",
    name="stray-word-or-space",
    title=Text("夹有外文单词或多余的空格", "A stray foreign word or space"),
    message=Text("夹有外文单词“{found}”：{quoted}", "A foreign word stands in the Chinese text, “{found}”: {quoted}"),
    hint=Text("对照原件改正文字", "Correct the text after the original"),
    basis=("公文文字的通行要求：不夹用外文单词，汉字之间不空格",),
    each="charter:",
    reads=(_STATEMENTS, DOCUMENTS),
    effective_from=SINCE,
    severity=Severity.INFO,
    wordings={
        "space": Text(
            "汉字之间有多余的空格“{found}”：{quoted}", "A stray space between characters, “{found}”: {quoted}"
        )
    },
)
def stray_word_or_space(subject: Node, law: Law) -> Iterator[Verdict]:
    """Chinese text has no foreign word and no space between its characters."""
    patterns = {
        "": re.compile(law.value("charter.stray_latin")),
        "space": re.compile(law.value("charter.stray_space")),
    }
    seen: set[str] = set()
    for statement in _all(subject):
        quote, at = statement.get("quote"), statement.at("quote")
        if quote in seen:
            continue
        seen.add(quote)
        found = {wording: pattern.search(quote) for wording, pattern in patterns.items()}
        for wording, match in found.items():
            if match is not None:
                yield failed(at, wording=wording, found=match[0], quoted=cite(statement))
        if not any(found.values()):
            yield passed(at)


@rule(
    "R121",
    name="outline-in-disorder",
    title=Text("章、条的体例不一", "Chapters and articles in disorder"),
    message=Text("“{label}”作为一章，却按条编号", "“{label}” is used as a chapter, but numbered as an article"),
    hint=Text("统一章、条的编号和标题级别", "Number chapters and articles alike, on one heading level"),
    basis=("法规、章程的通行体例：章下设条，同级标题同一格式",),
    each="charter:",
    reads=("charter:/outline", DOCUMENTS),
    effective_from=SINCE,
    severity=Severity.INFO,
    wordings={
        "levels": Text(
            "《{document}》同为一级的标题格式不同（标题级别 {levels}），如“{first}”“{other}”",
            "Headings of one rank in {document} have different levels ({levels}), such as “{first}” and “{other}”",
        )
    },
)
def outline_in_disorder(subject: Node, law: Law) -> Iterator[Verdict]:
    """Chapters are numbered as chapters; headings of one rank have one level in each document."""
    ranks: dict[tuple[str, str], dict[int, Node]] = {}
    sound = True
    for heading in filled(subject.each("outline")):
        kind, label = heading.get("kind"), heading.get("label")
        other = "article" if kind == "chapter" else "chapter"
        if re.match(law.value(f"charter.{other}_label"), label) is not None:
            sound = False
            yield failed(heading.at("label"), label=label)
        ranks.setdefault((heading.get("document"), kind), {}).setdefault(heading.get("level"), heading)
    for (document, _), levels in ranks.items():
        if len(levels) == 1:
            continue
        sound = False
        first, other_heading = list(levels.values())[0:1] + list(levels.values())[-1:]
        said = {"levels": "、".join(str(level) for level in levels), "document": _title(subject, document)}
        also = tuple(heading.at("level") for heading in levels.values() if heading is not first)
        at = first.at("level")
        yield failed(
            at, also=also, wording="levels", first=first.get("label"), other=other_heading.get("label"), **said
        )
    if sound:
        yield passed(subject.at("outline")) if ranks else not_applicable(subject.at("outline"))


def _title(charter: Node, key: str) -> str:
    titles = (node.get("title") for node in filled(charter.each("documents")) if node.get("key") == key)
    return str(next(titles, key))


@rule(
    "R122",
    name="brackets-mixed",
    title=Text("全角、半角括号混用", "Full-width and half-width brackets mixed"),
    message=Text(
        "《{document}》的编号混用全角、半角括号，如“{full}”与“{half}”",
        "{document} numbers its clauses with both kinds of brackets, such as “{full}” and “{half}”",
    ),
    hint=Text("统一用全角括号", "Use full-width brackets"),
    basis=("公文文字的通行要求：中文用全角标点",),
    each="charter:",
    reads=(_STATEMENTS, DOCUMENTS),
    effective_from=SINCE,
    severity=Severity.INFO,
)
def brackets_mixed(subject: Node, law: Law) -> Iterator[Verdict]:
    """The clauses of a document are numbered with one kind of brackets."""
    full: dict[str, Node] = {}
    half: dict[str, Node] = {}
    for statement in _all(subject):
        clause, document = statement.get("clause"), statement.get("document")
        if "（" in clause:
            full.setdefault(document, statement)
        if "(" in clause:
            half.setdefault(document, statement)
    for document in dict.fromkeys((*full, *half)):
        one, other = full.get(document), half.get(document)
        if one is None or other is None:
            yield passed((one or other or subject).at("clause"))
            continue
        said = {"document": _title(subject, document), "full": one.get("clause"), "half": other.get("clause")}
        yield failed(other.at("clause"), also=(one.at("clause"),), **said)
