"""File names that Windows, macOS and Linux all take."""

import re
from unicodedata import normalize

MAX_BYTES = 200
"""Of one name. Linux takes 255; archives and synchronised folders add to names."""
_RESERVED_CHARACTERS = re.compile('[<>:"/\\\\|?*\\x00-\\x1f\\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]')
_RESERVED_NAMES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\..*)?", re.IGNORECASE)


def safe(stem: str, suffix: str = "") -> str:
    """``stem`` and ``suffix`` as a file name; what a system does not take is ``_``, what is too long is cut off."""
    stem = _RESERVED_CHARACTERS.sub("_", normalize("NFC", stem)).lstrip(" ")
    room = MAX_BYTES - len(suffix.encode())
    stem = stem.encode()[:room].decode(errors="ignore")
    if not suffix:
        stem = stem.rstrip(". ")
    if _RESERVED_NAMES.fullmatch(stem) or stem in ("", ".", ".."):
        stem = f"_{stem.strip('.')}"
    return stem.rstrip(" ") + suffix if suffix else stem


def folded(path: str) -> str:
    """The same text for all paths that some system takes for the same file."""
    return normalize("NFC", normalize("NFC", path).casefold())
