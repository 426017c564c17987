"""The content controls of a Word document: their tags, what they show, what LibreOffice makes of them.

Source: ECMA-376 Part 1, 17.5.2 (structured document tags); MS-DOCX 2.6 (w14:checkbox).
"""

import re
from collections.abc import Iterator, Sequence

from lxml import etree

from formgen import prompts

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
ON = (None, "1", "true", "on")
"""What an attribute says of something that is so; it may be left out."""
_OF_WORD = re.compile(r"(单击|点击|按一下|选择一项|Click|Choose|Enter )")
"""How Word's own prompts begin."""


def tag_of(sdt: etree._Element) -> str:
    """The tag of a control, empty where it has none."""
    tag = sdt.find(f"{W}sdtPr/{W}tag")
    return "" if tag is None else tag.get(f"{W}val", "")


def without_repeats(holder: etree._Element) -> Iterator[etree._Element]:
    """The children of a paragraph without what LibreOffice 7.4 makes of one control when it saves a document.

    It writes a control without tag for each change of script, all of one title: the text; parts of it, each followed by
    the text; the text once more. On the page its words then stand there four times and more.
    """
    run: list[etree._Element] = []
    for child in (*holder, None):
        if child is not None and run and _alias(child) == _alias(run[0]) != "":
            run.append(child)
            continue
        yield from run[:1] if _is_one(run) else run
        run = [] if child is None else [child]


def _is_one(run: Sequence[etree._Element]) -> bool:
    """Whether neighbouring controls of one title are the text of the first and its repetitions."""
    texts = [_plain(sdt) for sdt in run]
    if len(texts) < 2 or not all(text.endswith(texts[0]) for text in texts):
        return False
    parts = "".join(text.removesuffix(texts[0]) for text in texts[1:])
    return texts[0].endswith(parts) and (parts != "" or len(texts) > 2)


def _alias(element: etree._Element) -> str:
    """The title of a control that has no tag; empty for anything else."""
    alias = element.find(f"{W}sdtPr/{W}alias") if element.tag == f"{W}sdt" and not tag_of(element) else None
    return "" if alias is None else alias.get(f"{W}val", "")


def _plain(element: etree._Element) -> str:
    return "".join(text.text or "" for text in element.iter(f"{W}t"))


def holds_controls(sdt: etree._Element) -> bool:
    """Whether there are other controls within one."""
    return any(inner is not sdt for inner in sdt.iter(f"{W}sdt"))


def shows_prompt(sdt: etree._Element, *, by_libreoffice: bool) -> bool:
    """Whether a control shows what invites to write. LibreOffice 7.4 goes on saying so when somebody has written."""
    if next(sdt.iter(f"{W}drawing"), None) is None and prompts.is_prompt(_plain(sdt)):
        return True
    shows = sdt.find(f"{W}sdtPr/{W}showingPlcHdr")
    if shows is None or shows.get(f"{W}val") not in ON:
        return False
    return not by_libreoffice or _OF_WORD.match(_plain(sdt)) is not None


def is_ticked(box: etree._Element) -> bool:
    """Whether a check box of Word is."""
    checked = box.find(f"{W14}checked")
    return checked is not None and checked.get(f"{W14}val") in ON


def choice_of(sdt: etree._Element, text: str) -> str | None:
    """The value behind the text that a drop-down list shows, the day (2020-11-08T…) behind that of a calendar."""
    day = sdt.find(f"{W}sdtPr/{W}date")
    if day is not None:
        return day.get(f"{W}fullDate")
    for item in sdt.iterfind(f"{W}sdtPr/*/{W}listItem"):
        if item.get(f"{W}displayText", item.get(f"{W}value", "")) == text:
            return item.get(f"{W}value")
    return None
