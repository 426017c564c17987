"""Content that shows something else another day although no byte of it changed: nobody can sign for that.

Fields that print today's date or the title, controls that are bound to the title, formulas with today's date or chance,
pictures and templates from elsewhere: the title lies in a part that no signature covers, the rest not even in the file.
"""

import re
from collections.abc import Iterator

from lxml import etree

from formgen.opc import Package, parse_xml
from formgen.signing.reasons import reason
from formgen.signing.verdict import Reason

_LINK = "/hyperlink"
"""The relationship of a link that is followed on a click: it shows nothing by itself."""
_UNSIGNED = re.compile("core-properties|extended-properties|coverPageProps")
# ECMA-376 Part 1, 17.16.5: fields that show the day, the properties of the document, or what lies elsewhere.
_FIELDS = re.compile(
    " *(?:AUTHOR|COMMENTS|CREATEDATE|DATABASE|DATE|DDE|DDEAUTO|DOCPROPERTY|EDITTIME|IMPORT|INCLUDE|INCLUDEPICTURE"
    "|INCLUDETEXT|INFO|KEYWORDS|LASTSAVEDBY|LINK|NUMCHARS|NUMWORDS|PRINTDATE|RD|REVNUM|SAVEDATE|SUBJECT|TEMPLATE|TIME"
    r"|TITLE|USERADDRESS|USERINITIALS|USERNAME)(?![A-Z])",
    re.IGNORECASE,
)
# Functions of a workbook that give another value whenever it is opened.
_VOLATILE = re.compile(
    rb"<(?:\w+:)?(?:f|definedName)(?: [^>]*)?>[^<]*?\b(NOW|TODAY|RAND|RANDBETWEEN|RANDARRAY|WEBSERVICE|RTD)\("
)
_VOLATILE_MARKS = (b"NOW(", b"TODAY(", b"RAND(", b"RANDBETWEEN(", b"RANDARRAY(", b"WEBSERVICE(", b"RTD(")
_MARKS = (b"instrText", b"fldSimple", b"dataBinding")
_ENCODING = re.compile(rb"""^(?:\xef\xbb\xbf)?<\?xml[^>]*?encoding=["'](?!utf-8["'])""", re.IGNORECASE)


def check(package: Package) -> Iterator[Reason]:
    """The places of a package that show something that no signature covers."""
    for name, data in package.parts.items():
        if name.endswith(".rels"):
            source = name.replace("_rels/", "").removesuffix(".rels")
            for relationship in package.relationships(source).values():
                if relationship.part is None and not relationship.type.endswith(_LINK):
                    yield reason("shows-elsewhere", f"{source or '/'} {relationship.id}")
        elif name.endswith(".xml"):
            # The marks are sought in UTF-8: a part in another encoding is put into that.
            plain = etree.tostring(parse_xml(data), encoding="UTF-8") if _is_veiled(data) else data
            if any(mark in plain for mark in _MARKS):
                yield from _check_part(name, parse_xml(plain))
            if any(mark in plain for mark in _VOLATILE_MARKS) and (found := _VOLATILE.search(plain)) is not None:
                yield reason("shows-unsigned", f"{name} {found[1].decode()}")


def _is_veiled(data: bytes) -> bool:
    """Whether a part is spelt in another encoding, in which the marks look otherwise."""
    return b"\0" in data[:4] or data[:2] in (b"\xff\xfe", b"\xfe\xff") or _ENCODING.match(data[:200]) is not None


def _check_part(name: str, root: etree._Element) -> Iterator[Reason]:
    for code in _field_codes(root):
        if _FIELDS.match(code) is not None:
            yield reason("shows-unsigned", f"{name} {code.split()[0]}")
    for bound in root.iter("{*}dataBinding"):
        if any(_UNSIGNED.search(str(value)) for value in bound.attrib.values()):
            yield reason("shows-unsigned", name)


def _field_codes(root: etree._Element) -> Iterator[str]:
    """The codes of all fields: one code may be spread over several runs, and one field lie inside another."""
    for simple in root.iter("{*}fldSimple"):
        yield _attribute(simple, "instr")
    codes = [""]
    for element in root.iter("{*}fldChar", "{*}instrText"):
        kind = _attribute(element, "fldCharType")
        if kind == "begin":
            codes.append("")
        elif kind == "end" and len(codes) > 1:
            yield codes.pop()
        else:
            codes[-1] += element.text or ""
    yield from codes


def _attribute(element: etree._Element, name: str) -> str:
    """An attribute by its name, in whichever of the two namespaces that Word has for it."""
    return next((str(value) for key, value in element.attrib.items() if str(key).rpartition("}")[2] == name), "")
