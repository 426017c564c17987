"""The bytes that are hashed: Canonical XML 1.0 without comments, and relationships as the package format has them."""

import re
from collections.abc import Collection
from copy import deepcopy

from lxml import etree

from formgen.opc import parse_xml
from formgen.signing.vocabulary import RELATIONSHIP

_DECLARATION = re.compile(
    rb"""<\?xml version=(["'])1\.0\1 encoding=(["'])[Uu][Tt][Ff]-8\2(?: standalone=(["'])(?:yes|no)\3)?\?>\r?\n?"""
)


_TAG = rb"""<(?:/[\w:.-]+|[\w:.-]+(?: [\w:.-]+="[^"<>\t\r\n]*+")*+(?: ?/)?)>"""
_PLAIN = re.compile(b"(?:" + _TAG + b")++")
_PLAIN_TEXT = re.compile(b"(?:" + _TAG + b"[^<>]*+)++")


def canonical(element: etree._Element) -> bytes:
    """The canonical form of an element with all that it inherits.

    lxml leaves out an inherited default namespace when it canonicalises a part of a tree, so the element is made the
    root of a tree of its own.
    """
    root = _bare(element)
    root.text = element.text
    for child in element:
        root.append(deepcopy(child))  # appending the child itself would move it
    return etree.tostring(root, method="c14n", with_comments=False)


def _bare(element: etree._Element) -> etree._Element:
    """The element without content, with its attributes and every namespace that it knows."""
    # The stubs of lxml know no default namespace.
    return etree.Element(element.tag, _attributes(element), nsmap=element.nsmap)  # type: ignore[arg-type]


def _attributes(element: etree._Element) -> dict[str, str]:
    return {str(name): str(value) for name, value in element.attrib.items()}


def relationships(data: bytes, ids: Collection[str]) -> bytes:
    """Some entries of a .rels part as the relationship transform gives them: by id, with a mode, nothing between."""
    source = parse_xml(data)
    root = _bare(source)
    chosen = [entry for entry in source.iterchildren(RELATIONSHIP) if entry.get("Id") in ids]
    for entry in sorted(chosen, key=lambda entry: entry.get("Id", "").encode("utf-16-be")):
        etree.SubElement(root, RELATIONSHIP, {"TargetMode": "Internal", **_attributes(entry)})
    return etree.tostring(root, method="c14n", with_comments=False)


def is_plain(data: bytes, *, text: bool) -> bool:
    """Whether an XML part is spelt so that no byte of its tags can change without a meaning.

    One space before each attribute, double quotes, nothing loose: so all serialisers write. Attributes may come in any
    order, and with ``text`` there may be text between the tags.
    """
    match = _DECLARATION.match(data)
    return (_PLAIN_TEXT if text else _PLAIN).fullmatch(data, match.end() if match is not None else 0) is not None
