"""What stands in a blank Word form where nothing has been filled in yet.

Word says of such a place that it shows a placeholder, and no longer says so once somebody has typed there. LibreOffice
7.4 goes on saying so: in what it has saved, only the text itself tells whether a place is still empty.
"""

import re
from typing import Final

WRITE: Final = "填写…"
CHOOSE: Final = "选择…"
DAY: Final = "选日期…"
MONTH: Final = "选年月…"
MONTH_IN_WORDS: Final = "年-月…"
ROOM: Final = "\u3000" * 4
"""For what others fill in on paper: room, and no words that would be printed."""
_EXAMPLE = re.compile("如 [^…]+…")


def example(text: str) -> str:
    """The prompt that shows how an entry is written."""
    return f"如 {text}…"


def is_prompt(text: str) -> bool:
    """Whether a text is one that a blank form shows, and nobody has written."""
    written = text.strip()
    if written in (WRITE, CHOOSE, DAY, MONTH, MONTH_IN_WORDS) or _EXAMPLE.fullmatch(written) is not None:
        return True
    return not set(written) - set("\u3000 年月日")  # empty, or the room for a date that is written on paper
