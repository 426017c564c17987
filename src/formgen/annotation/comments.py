"""The comments of a sheet: ours beside or below those that are there, and those of an earlier round taken out.

What we write stands between two marks, so that it is found again in whatever program saved the file in between, and
what people wrote before and behind it stays.

Source: ECMA-376 Part 1, 18.7 (comments).
"""

import re
from collections.abc import Iterable, Mapping

from lxml import etree

from formgen import opc
from formgen.annotation.sheet_part import Place, parsed, place_of, reference
from formgen.reports import cell_text

BEGIN, END = "〔formgen 核对〕", "〔formgen 完〕"
LONGEST = 30_000
"""Characters of ours in one comment; Excel takes 32,767 in all."""
_OURS = re.compile(rf"\n?{re.escape(BEGIN)}(?:(?!{re.escape(BEGIN)}).)*?{re.escape(END)}\n?", re.DOTALL)
_MARKS = re.compile(f"{re.escape(BEGIN)}|{re.escape(END)}")
_AUTHOR = "formgen"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def block(text: str) -> str:
    """What we write into a comment, between its marks; a value that looks like a mark does not end it."""
    clean = _MARKS.sub(lambda mark: mark[0].replace("formgen", "formgen·"), cell_text.writable(text))
    if len(clean) > LONGEST:
        clean = clean[: LONGEST - 1] + "…"
    return cell_text.literal(f"{BEGIN}\n{clean}\n{END}")


class Comments:
    """The comment part of a sheet."""

    def __init__(self, data: bytes | None, namespace: str) -> None:
        empty = f'<comments xmlns="{namespace}"><authors/><commentList/></comments>'.encode()
        self._root = parsed(data if data is not None else empty, "comments", namespace)
        self._ns = f"{{{namespace}}}"
        self._authors = self._child("authors", 0)
        self._list = self._child("commentList", 1)
        self.removed: list[Place] = []
        """Places whose comment was ours alone, of an earlier round."""
        self.changed = False
        """Whether anything of an earlier round was taken out."""
        for comment in self._all():
            self._take_off(comment)

    def add(self, texts: Mapping[Place, str]) -> None:
        """Writes a block at each place, below what stands there already."""
        present = {comment.get("ref"): comment for comment in self._all()}
        for place, text in sorted(texts.items()):
            comment = present.get(reference(place))
            if comment is None:
                author = str(self._author())
                comment = self._element("comment", ref=reference(place), authorId=author)
                self._list.append(comment)
            self._append(comment, block(text))

    def data(self) -> bytes:
        """The bytes of the part."""
        return opc.serialise(self._root)

    def lines(self) -> dict[Place, str]:
        """The whole text of each comment."""
        return {
            place: self._text(comment)
            for comment in self._all()
            if (place := place_of(comment.get("ref", ""))) is not None
        }

    # --- elements --------------------------------------------------------------------------------------------------

    def _element(self, name: str, text: str | None = None, **attributes: str) -> etree._Element:
        element = self._root.makeelement(f"{self._ns}{name}", attributes)
        element.text = text
        return element

    def _child(self, name: str, place: int) -> etree._Element:
        found = self._root.find(f"{self._ns}{name}")
        if found is None:
            found = self._element(name)
            self._root.insert(place, found)
        return found

    def _all(self) -> list[etree._Element]:
        return self._list.findall(f"{self._ns}comment")

    def _author(self) -> int:
        names = [author.text for author in self._authors]
        if _AUTHOR not in names:
            self._authors.append(self._element("author", _AUTHOR))
            return len(names)
        return names.index(_AUTHOR)

    def _texts(self, comment: etree._Element) -> list[etree._Element]:
        """The text elements of a comment, without those of phonetic guides."""
        body = comment.find(f"{self._ns}text")
        if body is None:
            return []
        holders = [body, *body.findall(f"{self._ns}r")]
        return [t for holder in holders for t in holder.findall(f"{self._ns}t")]

    def _text(self, comment: etree._Element) -> str:
        return "".join(t.text or "" for t in self._texts(comment))

    def _append(self, comment: etree._Element, text: str) -> None:
        body = comment.find(f"{self._ns}text")
        if body is None:
            body = self._element("text")
            comment.insert(0, body)
        if self._text(comment):
            text = f"\n{text}"
        self._plain_to_runs(body)
        run = self._element("r")
        style = self._element("rPr")
        style.extend([self._element("sz", val="9"), self._element("rFont", val="宋体")])
        run.extend([style, self._written(text)])
        runs = [child for child in body if child.tag == f"{self._ns}r"]
        body.insert(body.index(runs[-1]) + 1 if runs else 0, run)

    def _plain_to_runs(self, body: etree._Element) -> None:
        for t in body.findall(f"{self._ns}t"):
            run = self._element("r")
            body.replace(t, run)
            t.tail = None
            run.append(t)

    def _written(self, text: str) -> etree._Element:
        element = self._element("t", text)
        element.set(_SPACE, "preserve")
        return element

    def _take_off(self, comment: etree._Element) -> None:
        """Cuts ours out of a comment; one that held nothing else is removed."""
        texts = self._texts(comment)
        whole = "".join(t.text or "" for t in texts)
        cuts = [match.span() for match in _OURS.finditer(whole)]
        if not cuts:
            return
        self.changed = True
        start = 0
        for t in texts:
            own = t.text or ""
            t.text = _without(own, [(begin - start, end - start) for begin, end in cuts])
            start += len(own)
        for body in comment.findall(f"{self._ns}text"):
            for run in body.findall(f"{self._ns}r"):
                if not run.findtext(f"{self._ns}t"):
                    body.remove(run)
        if not self._text(comment).strip():
            self._list.remove(comment)
            place = place_of(comment.get("ref", ""))
            self.removed += [place] if place is not None else []


def _without(text: str, cuts: Iterable[tuple[int, int]]) -> str:
    """``text`` without what lies between some places, which follow each other and may lie outside it."""
    kept, start = [], 0
    for begin, end in cuts:
        kept.append(text[start : max(begin, start)])
        start = max(end, start)
    return "".join([*kept, text[start:]])
