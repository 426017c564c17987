"""Reads the texts that the cells of a workbook share, where they are written as programs write them.

As with :mod:`.plain_rows`: what is written otherwise goes through the parser, and what comes out is the same.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Final

from formgen.intake import grids
from formgen.intake.grids import Budget
from formgen.intake.long_tables import LongTexts
from formgen.intake.xml_parts import LONGEST, TEXT, Beginning, Feed, NotPlain, is_utf_8, take_items, without_entities

_BEGIN: Final = re.compile(rb'<sst(?: [A-Za-z:]+="[^"<>&]*")*>')
_PLAIN: Final = re.compile(
    f'<si><t(?: xml:space="preserve")?>({TEXT})</t>(?:<phoneticPr fontId="[0-9]+"(?: type="[A-Za-z]+")?/>)?</si>'
    "|(<si/>|<si[ >].*?</si>)|(.+)",
    re.DOTALL,
)


def read(chunks: Iterable[bytes], part: str, budget: Budget, found: list[str] | LongTexts, begin: Beginning) -> None:
    """Appends each text to ``found``; ``begin`` sets the handlers that do the same the long way.

    Raises:
        NotPlain: the part has to be read the long way; what was found by now is to be forgotten.
        Damaged: there is something wrong with it, which the long way says more exactly.
        Excess: it holds too much.
        PackageError: the package is damaged.
    """
    pieces = iter(chunks)
    roots: list[str] = []
    feed = Feed(part, lambda parser, root, _: roots.append(root))
    rest = b""
    while (match := _BEGIN.search(rest)) is None:
        piece = next(pieces, b"")
        if not piece or len(rest) > LONGEST:
            raise NotPlain
        rest += piece
    feed.give(rest[: match.end()])
    if not is_utf_8(rest) or roots != ["sst"]:
        raise NotPlain
    taken = _Texts(part, budget, found, begin)
    feed.give(take_items(pieces, rest[match.end() :], b"</si>", b"</sst>", taken.take))
    for piece in pieces:
        feed.give(piece)
    feed.end()
    if roots != ["sst"]:
        raise NotPlain


@dataclass
class _Texts:
    """Takes texts, as they are written."""

    part: str
    budget: Budget
    found: list[str] | LongTexts
    begin: Beginning

    def take(self, text: str) -> None:
        """Takes whole ones."""
        matches = _PLAIN.findall(text)
        others = list(map(itemgetter(1), matches))
        if any(map(itemgetter(2), matches)):
            raise NotPlain
        if not any(others):
            self._add(list(map(itemgetter(0), matches)))
            self.budget.element(text.count("<") - text.count("</"))
            return
        for is_other, group in groupby(matches, key=lambda match: bool(match[1])):
            if is_other:
                self._parse("".join(map(itemgetter(1), group)))
            else:
                self._add(list(map(itemgetter(0), group)))
        self.budget.element(2 * others.count(""))

    def _add(self, written: list[str]) -> None:
        together = "".join(written)
        if "&" in together or "_x" in together or not all(map(str.strip, written)):
            texts = map(without_entities, written)
            self.found.extend("" if text.isspace() else grids.unescaped(text) for text in texts)
        else:
            self.found.extend(written)

    def _parse(self, items: str) -> None:
        feed = Feed(self.part, self.begin)
        feed.give(f"<sst>{items}</sst>".encode())
        feed.end()
