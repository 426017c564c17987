"""The characters of symbol fonts that are boxes and ticks: a program shows ☑ where the file says ``R``."""

import re
from collections.abc import Mapping
from typing import Final

from formgen.intake.documents.blocks import BARE, TICKED

# Source: the fonts' own charts. A cross without a box is not among them: it may well mean “no”.
_FONTS: Final[Mapping[str, Mapping[int, str]]] = {
    "wingdings 2": {0x50: TICKED, 0x52: TICKED, 0x51: "☒", 0x53: "☒", 0x54: "☒", 0xA3: BARE},
    "wingdings": {0xFC: TICKED, 0xFE: TICKED, 0xFD: "☒", 0xA8: BARE, 0x6F: BARE, 0x71: BARE, 0x72: BARE},
    "webdings": {0x61: TICKED, 0x63: BARE},
}
_PRIVATE = 0xF000
_PRIVATE_SIGN = re.compile("[\uf000-\uf0ff]")
_ALONE: Final = {0xF052: TICKED, 0xF0A3: BARE, 0xF0FE: TICKED, 0xF0FC: TICKED, 0xF0A8: BARE, 0xF06F: BARE}
"""What Word writes for a symbol where the name of the font has been lost on the way."""


def is_symbol_font(font: str) -> bool:
    """Whether the letters of a font are symbols."""
    return font.strip().strip("'\"").casefold() in _FONTS


def shown(text: str, font: str = "") -> str:
    """The text with the boxes and ticks that a font shows; other symbols stay as they are written."""
    known = _FONTS.get(font.strip().strip("'\"").casefold(), {})
    if not known and _PRIVATE_SIGN.search(text) is None:
        return text
    return "".join(_sign(character, known) for character in text)


def _sign(character: str, known: Mapping[int, str]) -> str:
    code = ord(character)
    private = _PRIVATE <= code <= _PRIVATE + 0xFF
    if known and (private or code <= 0xFF):
        return known.get(code & 0xFF, character)
    return _ALONE.get(code, character) if private else character
