"""Texts as they stand in XML: escaped, without what XML cannot hold; alone, or a whole column at once."""

from collections.abc import Sequence

from formgen.characters import ILLEGAL


def escape(text: str) -> str:
    r"""``text`` as the content of an XML element, whatever is in it; every kind of line end becomes ``\n``."""
    if not text.isprintable():
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        if not text.replace("\n", "").isprintable():
            # It is a schema finding long before; a draft prints the replacement character for it.
            text = ILLEGAL.sub("\ufffd", text)
    return without_markup(text)


def escape_all(texts: Sequence[str], together: str) -> Sequence[bytes] | None:
    """:func:`escape` for many texts, all of them ``together``, encoded; None if they must be looked at one by one.

    Line ends, tabs, wide spaces and what XML cannot hold are not "printable"; nor is the zero that is put between them.
    """
    if not together.isprintable():
        return None
    if "&" not in together and "<" not in together and ">" not in together:
        return list(map(str.encode, texts))
    return without_markup("\0".join(texts)).encode().split(b"\0")


def without_markup(text: str) -> str:
    """``text``, which holds nothing but printable characters, as the content of an XML element."""
    # Most texts hold none of these, and asking is cheaper than replacing nothing.
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    return text.replace(">", "&gt;") if ">" in text else text
