"""A filled-in Word form with each finding as a comment on the cell or paragraph that it is about.

Source: ECMA-376 Part 1, 17.13.4 (comments).
"""

from collections.abc import Iterable, Mapping, Sequence

from lxml import etree

from formgen import opc, own_files
from formgen.annotation.annotated import Annotated
from formgen.annotation.list_sheet import Contents
from formgen.annotation.styles import COLOURS
from formgen.findings import Text
from formgen.intake.documents import strict, word
from formgen.intake.documents.structured import W
from formgen.reports import cell_text

_AUTHOR = "formgen"
_INITIALS = "核对"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments"
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"
_EMPTY = f'<w:comments xmlns:w="{W[1:-1]}"/>'.encode()
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_RANGES = (f"{W}commentRangeStart", f"{W}commentRangeEnd")


def annotate(data: bytes, contents: Contents, lang: str = "zh") -> Annotated:
    """The document in ``data`` with the remarks as comments.

    Comments of ours of an earlier round are taken out; what is about no single place stands at the beginning.

    Raises:
        PackageError: the document is damaged, or has no paragraph to comment on.
    """
    package = strict.as_ordinary(opc.read(data, contents.file))
    found = word.located(package, contents.file)
    first = next(found[1].iter(f"{W}p"), None) if found is not None else None
    if found is None or first is None:
        raise opc.PackageError(
            Text("这份 Word 文件里没有正文", "the Word document has no text"),
            place=contents.file,
            remedy=Text("请在 Word 或 WPS 中打开，另存为 .docx", "open it in Word and save it as .docx"),
        )
    main, root, elements = found
    parts = dict(package.parts)
    part = next((name for name in package.related(main, "comments") if name in parts), None)
    comments = opc.parse_xml(parts[part] if part is not None else _EMPTY)
    _take_off(root, comments)
    texts: dict[etree._Element, list[str]] = {}
    for remark in contents.remarks:
        if remark.weight in COLOURS:
            element = elements.get((remark.origin.sheet, remark.origin.cell), first)
            texts.setdefault(element, []).append(remark.comment(lang))
    _put(root, comments, texts)
    if part is None:
        part = _free("word/comments{}.xml", parts)
        parts = opc.with_relationship(
            parts, main, _free("rIdFormgen{}", package.relationships(main)), _RELATION, f"/{part}"
        )
        parts = opc.with_content_types(parts, {part: _TYPE}, {})
    parts |= {main: opc.serialise(root), part: opc.serialise(comments)}
    return Annotated(own_files.sealed(parts, part), commented=len(texts))


def _free(pattern: str, taken: Iterable[str]) -> str:
    """A name that is not taken."""
    known = {name.lower() for name in taken}
    number = 1
    while pattern.format(number).lower() in known:
        number += 1
    return pattern.format(number)


def _take_off(root: etree._Element, comments: etree._Element) -> None:
    """Removes our comments, and what marks their places."""
    ours = [each for each in comments.iter(f"{W}comment") if each.get(f"{W}author") == _AUTHOR]
    ids = {each.get(f"{W}id") for each in ours}
    marks = [each for each in root.iter(*_RANGES) if each.get(f"{W}id") in ids]
    references = [each for each in root.iter(f"{W}commentReference") if each.get(f"{W}id") in ids]
    runs = [_run_of(each) for each in references]
    for element in (*ours, *marks, *runs):
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)


def _run_of(reference: etree._Element) -> etree._Element:
    """The run that holds nothing but a reference; the reference itself where the run holds more."""
    run = reference.getparent()
    if run is None or run.tag != f"{W}r":
        return reference
    others = [child for child in run if child is not reference and child.tag != f"{W}rPr"]
    return reference if others else run


def _put(root: etree._Element, comments: etree._Element, texts: Mapping[etree._Element, Sequence[str]]) -> None:
    """Writes the comments, in the order of the document."""
    taken = [each.get(f"{W}id", "") for each in comments.iter(f"{W}comment")]
    number = max((int(id) for id in taken if id.isdecimal() and len(id) < 10), default=-1) + 1
    for element in root.iter(f"{W}p", f"{W}tc"):
        if element not in texts:
            continue
        paragraphs = [element] if element.tag == f"{W}p" else list(element.iter(f"{W}p"))
        if not paragraphs:
            continue
        id = str(number)
        number += 1
        comments.append(_comment(comments, id, "\n".join(texts[element])))
        start, end = (root.makeelement(name, {f"{W}id": id}) for name in _RANGES)
        has_properties = len(paragraphs[0]) > 0 and paragraphs[0][0].tag == f"{W}pPr"
        paragraphs[0].insert(int(has_properties), start)
        run = root.makeelement(f"{W}r", {})
        run.append(root.makeelement(f"{W}commentReference", {f"{W}id": id}))
        paragraphs[-1].extend([end, run])


def _comment(comments: etree._Element, id: str, text: str) -> etree._Element:
    attributes = {f"{W}id": id, f"{W}author": _AUTHOR, f"{W}initials": _INITIALS}
    comment = comments.makeelement(f"{W}comment", attributes)
    for line in cell_text.writable(text).split("\n"):
        paragraph, run, words = (comments.makeelement(f"{W}{name}", {}) for name in ("p", "r", "t"))
        words.text = line
        words.set(_SPACE, "preserve")
        run.append(words)
        paragraph.append(run)
        comment.append(paragraph)
    return comment
