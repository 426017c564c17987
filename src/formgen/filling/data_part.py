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
from formgen.filling.slots import escape
from formgen.opc import Package, parse_xml

NAMESPACE = "urn:formgen:record:1"
NAME = "customXml/formgen.xml"
CONTENT_TYPE = "application/xml"
RELATIONSHIP = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/customXml"
_UNSAFE = re.compile("[\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_Tree = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Carried:
    """What a document says of itself."""

    form: str
    schema: str
    template: str
    draft: bool
    values: Any


def tree_of(paths: Iterable[Path]) -> _Tree:
    """The paths as a tree of keys; an empty one is a leaf, whose whole value is printed."""
    tree: _Tree = {}
    for path in sorted(set(paths), key=len):
        node = tree
        for key in path:
            if key in node and not node[key]:
                break  # a shorter path prints all of this
            node = node.setdefault(key, {})
    return tree


def pruned(value: Any, tree: _Tree) -> Any:
    """``value`` without what no path of ``tree`` prints."""
    if not tree:
        return value
    if isinstance(value, list) and "[]" in tree:
        return [pruned(item, tree["[]"]) for item in value]
    if isinstance(value, dict):
        return {key: pruned(value[key], branch) for key, branch in tree.items() if key in value}
    return None


def build(form: str, schema: str, template: str, draft: bool, values: Any) -> bytes:
    """The bytes of the part."""
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    text = _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    mark = ' draft="true"' if draft else ""
    return (
        f"<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n"
        f'<record xmlns="{NAMESPACE}" form="{form}" schema="{schema}" template="{template}"{mark}>'
        f"{escape(text)}</record>"
    ).encode()


def find(package: Package) -> Carried | None:
    """What the package carries, or None if formgen did not make it."""
    data = package.parts.get(NAME)
    if data is None:
        return None
    root: etree._Element = parse_xml(data)
    if root.tag != f"{{{NAMESPACE}}}record":
        return None
    attributes: Mapping[str, str] = {str(name): str(value) for name, value in root.attrib.items()}
    return Carried(
        form=attributes.get("form", ""),
        schema=attributes.get("schema", ""),
        template=attributes.get("template", ""),
        draft=attributes.get("draft") == "true",
        values=json.loads(root.text or "null"),
    )
