"""Tags in the bytes of an XML part, each with its place, so that what is not changed stays as it was written.

A sheet of 100,000 rows has millions of elements. As a tree it would cost gigabytes; as bytes with a few places marked
it costs what it weighs.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from formgen import opc
from formgen.findings import Text

# Well-formed XML has a bare "<" nowhere but at tags and in what these skip; ">" may stand in an attribute's value.
_SKIPPED = rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>"
_REST = rb"(?P<rest>[^>\"']*+(?:\"[^\"]*+\"[^>\"']*+|'[^']*+'[^>\"']*+)*+)>"
_ANY = re.compile(_SKIPPED + rb"|<(?P<close>/?)(?P<name>[^\s/>!?]++)" + _REST, re.DOTALL)
_DECLARATION = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"'][^>]*?\?>")
_ATTRIBUTE = re.compile(rb"\s([^\s=]+)\s*=\s*(\"[^\"]*\"|'[^']*')")
_NAMESPACE = re.compile(rb"\sxmlns(?::([^\s=]+))?\s*=\s*[\"']([^\"']*)[\"']")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_REFERENCE = re.compile("&(?:#x([0-9A-Fa-f]+)|#([0-9]+)|([a-z]+));")


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag at ``data[start:end]``; ``name`` is as written, with its prefix."""

    name: bytes
    start: int
    end: int
    closes: bool
    """Whether it is an end tag."""
    empty: bool
    """Whether it is start and end in one."""
    rest: bytes

    @property
    def local(self) -> str:
        """The name without its prefix."""
        return self.name.rpartition(b":")[2].decode()

    def get(self, attribute: str) -> str | None:
        """The value of an attribute, its name written without a prefix."""
        return self.attributes().get(attribute)

    def attributes(self) -> dict[str, str]:
        """The attributes by name as written."""
        return {name.decode(): _value(value) for name, value in _ATTRIBUTE.findall(b" " + self.rest)}

    def with_attribute(self, attribute: str, value: str | None) -> bytes:
        """The bytes of the tag with an attribute set, or taken out; the others stay as they are."""
        pattern = re.compile(rb"\s" + re.escape(attribute.encode()) + rb"\s*=\s*(?:\"[^\"]*\"|'[^']*')")
        body = pattern.sub(b"", b" " + self.rest.removesuffix(b"/"), count=1).strip()
        added = b"" if value is None else f"{attribute}={quoteattr(value)}".encode()
        inside = b" ".join(part for part in (b"<" + self.name, body, added) if part)
        return inside + (b"/>" if self.empty else b">")

    def opened(self) -> bytes:
        """The bytes of the tag as a start tag that is not empty."""
        return b"<" + self.name + self.rest.removesuffix(b"/").rstrip() + b">"


def _value(quoted: bytes) -> str:
    return _REFERENCE.sub(_character, quoted[1:-1].decode())


def _character(reference: re.Match[str]) -> str:
    if reference[3]:
        return _NAMED[reference[3]]
    return chr(int(reference[1], 16) if reference[1] else int(reference[2]))


def tags(data: bytes, start: int = 0, end: int | None = None, names: tuple[bytes, ...] = ()) -> Iterator[Tag]:
    """The tags between two places; only those of ``names``, as written, where these are given."""
    for match in (_pattern(names) if names else _ANY).finditer(data, start, len(data) if end is None else end):
        name = match["name"]
        if name is not None:
            rest = match["rest"]
            yield Tag(name, match.start(), match.end(), bool(match["close"]), rest.endswith(b"/"), rest)


@cache
def _pattern(names: tuple[bytes, ...]) -> re.Pattern[bytes]:
    listed = b"|".join(map(re.escape, names))
    return re.compile(_SKIPPED + rb"|<(?P<close>/?)(?P<name>" + listed + rb")(?=[\s/>])" + _REST, re.DOTALL)


def children(data: bytes, start: int, passed: bytes = b"") -> Iterator[tuple[Tag, int]]:
    """The elements that follow each other from ``start`` on, until the one around them ends: start tag and end.

    Inside an element named ``passed``, which must not hold another of that name, nothing is looked at.
    """
    depth = 0
    opened: Tag | None = None
    walk = tags(data, start)
    while (tag := next(walk, None)) is not None:
        if tag.closes:
            depth -= 1
            if depth < 0:
                return
        elif depth == 0:
            opened = tag
            if tag.name == passed and not tag.empty:
                tag = next(end for end in tags(data, tag.end, None, (passed,)) if end.closes)
                walk = tags(data, tag.end)
        if not tag.closes and not tag.empty:
            depth += 1
        elif depth == 0 and opened is not None:
            yield opened, tag.end


def namespaces(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, str]]:
    """The namespaces that are declared between two places: prefix (empty for the default) and name."""
    for match in _NAMESPACE.finditer(data, start, end):
        yield match[1] or b"", match[2].decode("utf-8", "replace")


def utf8(data: bytes, part: str) -> bytes:
    """The part as UTF-8 without a byte order mark, known to be well-formed and without a DOCTYPE.

    Raises:
        PackageError: it is not.
    """
    declared = _DECLARATION.match(data)
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    encoding = declared[1].decode().lower() if declared else "utf-16" if wide else "utf-8"
    try:
        if encoding not in ("utf-8", "utf8", "us-ascii"):
            text = data.decode(encoding)
            data = re.sub(r"^\ufeff?\s*<\?xml[^>]*\?>", "", text, count=1).encode()
        _parse(data)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise opc.PackageError(
            Text(f"文件内部的 XML 已损坏（{part}）", f"the XML inside the file is damaged ({part}: {error})")
        ) from error
    return data.removeprefix(b"\xef\xbb\xbf")


def _parse(data: bytes) -> None:
    def refuse(*_: object) -> None:
        raise ValueError("DOCTYPE")

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.Parse(data, True)
