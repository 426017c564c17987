"""Compares words of a document with words of a form, whatever was done to them on the way."""

import re
from functools import lru_cache

from formgen.intake.documents.simplified import simplified, without_pinyin
from formgen.intake.spellings import fold, without_hint

_SIGNS = re.compile(r"[^0-9a-z\u3400-\u9fff\U00020000-\U000323af]+")
_LABEL = 400
"""No label is longer."""
_LABEL_END = re.compile(r"[:：]+$")


def label(text: str) -> str:
    """A label for comparing: without white space, colon, a remark in brackets at its end, pinyin."""
    return _label(text[:_LABEL])


# What is remembered of a file stays for the next: beginnings only.
@lru_cache(maxsize=4096)
def _label(beginning: str) -> str:
    folded = fold(simplified(without_pinyin(beginning)))
    return without_hint(_LABEL_END.sub("", folded))


@lru_cache(maxsize=4096)
def _pairs(beginning: str) -> frozenset[str]:
    letters = _SIGNS.sub("", fold(simplified(without_pinyin(beginning))))
    return frozenset(letters[index : index + 2] for index in range(len(letters) - 1))


def likeness(text: str, wording: str) -> float:
    """How much ``text`` is ``wording``, from 0 to 1: pairs of neighbouring characters that both have.

    The wording may hold more than the text: of a row that was reworded, both wordings.
    """
    mine, theirs = _pairs(text[:_READ]), _pairs(wording[:_READ])
    common = len(mine & theirs)
    if common == 0:
        return 0.0
    both = 2 * common / (len(mine) + len(theirs))
    return max(both, 0.95 * common / len(mine)) if len(mine) >= _LONG else both


_LONG = 8
"""A shorter text is in many wordings by chance."""
_READ = 1000
"""No statement is longer."""
