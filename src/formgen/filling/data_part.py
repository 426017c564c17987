"""The part of a document that carries its own data: the values it prints, and of which schema and template they are.

A custom XML part, as ECMA-376 Part 1, 15.2.5 has it; Word, Excel and LibreOffice keep it.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from formgen.filling.controls import Path
from formgen.findings import Text
from formgen.opc import Package, PackageError, parse_xml

NAMESPACE = "urn:formgen:record:1"
NAME = "customXml/item1000.xml"
"""A number beyond those that Word gives its own."""
PROPERTIES_NAME = "customXml/itemProps1000.xml"
PROPERTIES_TYPE = "application/vnd.openxmlformats-officedocument.customXmlProperties+xml"
PROPERTIES_RELATIONSHIP = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/customXmlProps"
PROPERTIES = (
    b"<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n"
    b'<ds:datastoreItem xmlns:ds="http://schemas.openxmlformats.org/officeDocument/2006/customXml" '
    b'ds:itemID="{5D1B6F0E-2B0B-4C57-9E0D-F0A6C0DE2020}"><ds:schemaRefs>'
    b'<ds:schemaRef ds:uri="urn:formgen:record:1"/></ds:schemaRefs></ds:datastoreItem>'
)
"""Without properties LibreOffice drops the part when it saves the document."""
CONTENT_TYPE = "application/xml"
RELATIONSHIP = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/customXml"
encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False).encode
_UNSAFE = re.compile("[\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
Tree = dict[str, Any]
"""Paths as a tree of keys; an empty one is a leaf."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What a document says of itself."""

    form: str
    schema: str
    template: str
    draft: bool
    values: Any
    approvals: Any = None
    """Of an issued document: the approvals that it prints, as JSON values."""


def tree_of(paths: Iterable[Path]) -> Tree:
    """The paths as a tree of keys; an empty one is a leaf, whose whole value is printed."""
    tree: Tree = {}
    for path in sorted(set(paths), key=len):
        node = tree
        for key in path:
            if key in node and not node[key]:
                break  # a shorter path prints all of this
            node = node.setdefault(key, {})
    return tree


def pruned(value: Any, tree: Tree) -> Any:
    """``value`` without what no path of ``tree`` prints."""
    if not tree:
        return value
    if isinstance(value, list) and "[]" in tree:
        each = tree["[]"]
        # Where an item is printed whole, it need not be copied.
        whole = frozenset() if any(each.values()) else frozenset(each)
        return [item if isinstance(item, dict) and item.keys() <= whole else pruned(item, each) for item in value]
    if isinstance(value, dict):
        return {
            key: pruned(value[key], branch) if branch else value[key] for key, branch in tree.items() if key in value
        }
    return None


def build(form: str, schema: str, template: str, draft: bool, values: bytes, approvals: Any = None) -> bytes:
    """The bytes of the part; an issued document's approvals stand in an element of their own.

    Args:
        form: its key.
        schema: the digest of its schema.
        template: the digest of the template.
        draft: whether the document is one.
        values: what :func:`content` makes of their JSON.
        approvals: as JSON values.
    """
    mark = ' draft="true"' if draft else ""
    head = (
        f"<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n"
        f'<record xmlns="{NAMESPACE}" form="{form}" schema="{schema}" template="{template}"{mark}>'
    )
    apart = [b"<approvals>", content(encode(approvals)), b"</approvals>"] if approvals is not None else []
    return b"".join([head.encode(), values, *apart, b"</record>"])


def content(text: str) -> bytes:
    """JSON as the content of an element."""
    try:
        data = text.encode()
        suspect = b"\x7f" in data or b"\xc2" in data or "\ufffe" in text or "\uffff" in text
    except UnicodeEncodeError:  # half a pair
        suspect = True
    if suspect:
        data = _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text).encode()
    if b"&" in data:
        data = data.replace(b"&", b"&amp;")
    if b"<" in data:
        data = data.replace(b"<", b"&lt;")
    return data.replace(b">", b"&gt;") if b">" in data else data


def find(package: Package) -> Carried | None:
    """What the package carries, or None if formgen did not make it.

    The part is known by its namespace: Word gives custom XML parts other names when it saves.
    """
    for name in names(package.parts):
        root = parse_xml(package.parts[name])
        if root.tag == f"{{{NAMESPACE}}}record":
            return _carried(root)
    return None


def names(parts: Mapping[str, bytes]) -> list[str]:
    """The parts that are about carried values: those that hold them, and their properties."""
    return [name for name, data in parts.items() if name.startswith("customXml/") and NAMESPACE.encode() in data]


def _carried(root: etree._Element) -> Carried:
    attributes: Mapping[str, str] = {str(name): str(value) for name, value in root.attrib.items()}
    try:
        values = json.loads(root.text or "null")
        approvals = json.loads(root.findtext(f"{{{NAMESPACE}}}approvals") or "null")
    except (ValueError, RecursionError) as error:
        raise PackageError(Text("文件自带的数据已损坏", "the data that the file carries is damaged")) from error
    return Carried(
        form=attributes.get("form", ""),
        schema=attributes.get("schema", ""),
        template=attributes.get("template", ""),
        draft=attributes.get("draft") == "true",
        values=values,
        approvals=approvals,
    )
