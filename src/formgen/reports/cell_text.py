"""Texts that are written into cells: whatever they hold, a workbook takes them, and none becomes a formula."""

import re

from formgen.reports import screen

FORMULA = ("=", "+", "-", "@")
"""What a formula begins with when somebody types it."""
LONGEST = 32_767
"""Characters that Excel takes in a cell."""
_CUT = "…"
_IN_CODE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_CODE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_NO_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")


def writable(text: str) -> str:
    """``text`` without what XML does not take or a reader would be misled by, as long as a cell may be."""
    lines = (screen.plain(line) for line in text.split("\n"))
    clean = _NO_XML.sub(lambda match: f"\\u{ord(match[0]):04x}", "\n".join(lines))
    return clean if len(clean) <= LONGEST else clean[: LONGEST - 1] + _CUT


def literal(text: str) -> str:
    """``text`` as it stands in a part: what looks like the code of a character there is none."""
    return _CODE.sub("_x005F_", text)


def kept(text: str) -> str:
    """``text`` as it stands in a part, character by character: what XML does not take as the code that Excel writes."""
    cut = text if len(text) <= LONGEST else text[: LONGEST - 1] + _CUT
    return _IN_CODE.sub(lambda match: f"_x{ord(match[0]):04X}_", literal(cut))
