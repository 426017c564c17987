"""Words: that the filing is printed as it was issued, and that a document is always called by one title."""

from collections.abc import Iterator
from datetime import date

from formgen.findings import Severity, Text
from formgen.rules import rule
from formgen.rules.subject import Law, Node, Verdict, failed, not_applicable, passed, unreadable

_SINCE = date(2019, 10, 1)


@rule(
    "R159",
    name="item-worded-differently",
    title=Text("备案表的文字与规定的不同", "An item worded differently from the form"),
    message=Text(
        "{item}的文字作“{printed}”，规定的表格作“{official}”",
        "{item} reads “{printed}”; the form as issued reads “{official}”",
    ),
    hint=Text("按规定的表格改正文字", "Use the wording of the form as issued"),
    basis=("高校学生会组织深化改革评估备案表各版的文字（parameters/filing.toml）",),
    each="assessment_filing:",
    reads=("assessment_filing:/items/*/wording",),
    effective_from=_SINCE,
    severity=Severity.INFO,
)
def item_worded_differently(subject: Node, law: Law) -> Iterator[Verdict]:
    """What is printed of an item holds the official wording, as far as that is known."""
    for item, official in law.value("filing.wording").items():
        at = subject.at("items", item, "wording")
        blocked = subject.blocked("items", item, "wording")
        if blocked is not None:
            yield unreadable(at, blocked)
        elif (printed := subject.get("items", item, "wording")) is None:
            yield not_applicable(at)
        elif _bare(official) in _bare(printed):
            yield passed(at)
        else:
            shown, expected = _difference(_bare(printed), _bare(official))
            yield failed(at, item=subject.title("items", item), printed=shown, official=expected)


def _bare(text: str) -> str:
    """A text without white space, which differs from copy to copy."""
    return "".join(text.split())


def _difference(printed: str, official: str) -> tuple[str, str]:
    """The stretch in which two texts differ, of each, with a few characters around it."""
    before = _alike(printed, official)
    rest = min(len(printed), len(official)) - before
    after = min(_alike(printed[::-1], official[::-1]), rest)
    first, last = max(before - 4, 0), max(after - 4, 0)
    return printed[first : len(printed) - last], official[first : len(official) - last]


def _alike(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    return next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


@rule(
    "R84",
    name="document-by-two-titles",
    title=Text("同一文件有两个名称", "One document by two titles"),
    message=Text(
        "{place}引作《{title}》，{other_place}引作《{other_title}》，应是同一份文件",
        "{place} cites 《{title}》, {other_place} cites 《{other_title}》: this should be one document",
    ),
    hint=Text("统一为文件的全称", "Use the document's full title throughout"),
    basis=("公文引用文件应写全称，同一文件前后一致（通行做法）",),
    each="charter:",
    reads=("charter:/statements/cited_documents", "charter:/documents"),
    effective_from=_SINCE,
    severity=Severity.WARNING,
)
def document_by_two_titles(subject: Node, law: Law) -> Iterator[Verdict]:
    """Titles that differ only in words which do not tell documents apart are one document's."""
    fillers = law.value("filing.title_fillers")
    firsts: dict[str, dict[str, Node]] = {}
    for cited in subject.each("statements", "cited_documents"):
        blocked = cited.blocked("title")
        if blocked is not None:
            yield unreadable(cited.at("title"), blocked)
        elif (title := cited.get("title")) is not None:
            firsts.setdefault(_essence(title, fillers), {}).setdefault(title, cited)
    documents = _documents(subject)
    for titles in firsts.values():
        (title, first), *others = titles.items()
        if not others:
            yield passed(first.at("title"))
        for other_title, other in others:
            said = {"place": _place(other, documents), "other_place": _place(first, documents)}
            yield failed(other.at("title"), also=(first.at("title"),), title=other_title, other_title=title, **said)


def _documents(subject: Node) -> dict[str, str]:
    """The titles of the school's own documents, by key, as far as they can be read."""
    readable = (document for document in subject.each("documents") if document.blocked() is None)
    return {str(document.get("key")): str(document.get("title")) for document in readable}


def _place(cited: Node, documents: dict[str, str]) -> str:
    """Where a document is cited: the title of the citing document, and the clause."""
    key, clause = (None if cited.blocked(field) else cited.get(field) for field in ("document", "clause"))
    title = documents.get(str(key)) or key
    return f"《{title}》{clause}" if title and clause else str(cited.address)


def _essence(title: str, fillers: list[str]) -> str:
    """A title without the words that make no other document of it."""
    for word in fillers:
        title = title.replace(word, "")
    return title
