"""Lines on a screen or in a pipe: coloured and wrapped where a person reads them, plain where a program does."""

import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, TextIO

# What a terminal would obey, and what would make a line read as something else. Data may hold anything.
_COMMANDS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
# What the system's encoding could not read of a file's name: bytes, which Python keeps as half characters.
_BYTES = re.compile("[\udc80-\udcff]+")
# Where a line may end: behind a space, and behind a Chinese character with the punctuation that belongs to it.
_UNIT = re.compile(
    "[“‘（《「]*(?:[\u2e80-\u9fff\uff00-\uffef\U00020000-\U0003ffff]|[!-~]+|[^ ])[”’）》」，。；：、？！]* *| +"
)


class Line(NamedTuple):
    """One line of text; ``style`` is rich's."""

    text: str
    indent: int = 0
    style: str = ""


def plain(text: str) -> str:
    """``text`` with its control characters spelt out."""
    return _COMMANDS.sub(lambda match: f"\\u{ord(match[0]):04x}", readable(text))


def readable(text: str) -> str:
    """``text`` with the names of files read as UTF-8, also where the system takes them for ASCII (``LC_ALL=C``)."""
    return _BYTES.sub(
        lambda match: match[0].encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace"), text
    )


def results(lines: Iterable[Line]) -> None:
    """Writes lines to stdout."""
    with _whoever_listens(sys.stdout):
        _show(lines, sys.stdout)


def document(text: str) -> None:
    """Writes a text to stdout as it is: JSON, Markdown, help."""
    pieces([text])


def pieces(texts: Iterable[str]) -> None:
    """Writes a text to stdout as it is, piece by piece."""
    with _whoever_listens(sys.stdout):
        for text in texts:
            sys.stdout.write(readable(text))
        sys.stdout.write("\n")


def notes(lines: Iterable[Line]) -> None:
    """Writes lines to stderr."""
    with _whoever_listens(sys.stderr):
        _show(lines, sys.stderr)


@contextmanager
def _whoever_listens(stream: TextIO) -> Iterator[None]:
    """Flushes what is written inside; ``formgen … | head`` ends the listening, not the work."""
    try:
        yield
        stream.flush()
    except BrokenPipeError:
        silence(stream)


def silence(stream: TextIO) -> None:
    """Sends what is still to come, and what waits in the buffer, nowhere."""
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno())


def _show(lines: Iterable[Line], stream: TextIO) -> None:
    """Writes the lines. On a terminal they have colours (unless NO_COLOR) and wrap behind their indent."""
    if not stream.isatty():
        for line in lines:
            stream.write(f"{' ' * line.indent}{plain(line.text)}\n" if line.text else "\n")
        return
    # Only a terminal needs it, and it takes a while to load.
    from rich.console import Console

    console = Console(file=stream, highlight=False, markup=False, emoji=False)
    for line in lines:
        for row in _rows(plain(line.text), console.width - line.indent - 1):
            console.print(" " * line.indent + row, style=line.style or None, overflow="fold")


def _rows(text: str, width: int) -> Iterator[str]:
    """``text`` in rows of at most ``width`` cells; only a longer word goes beyond."""
    from rich.cells import cell_len

    row, filled = "", 0
    for unit in _UNIT.findall(text):
        size = cell_len(unit.rstrip(" "))
        if row and filled + size > width:
            yield row.rstrip(" ")
            row, filled = "", 0
        row += unit
        filled += cell_len(unit)
    yield row.rstrip(" ")
