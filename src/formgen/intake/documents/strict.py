"""Word files that were saved as “Strict Open XML”: the same elements under the names of ISO/IEC 29500 Strict.

Source: ECMA-376 Part 1, annex on namespaces. Strict forbids some of what Transitional has (VML) and adds nothing that a
form is read for, so a file is read, and handed back, as the ordinary one that Word would save.
"""

import re

from formgen import opc

_STRICT = b"http://purl.oclc.org/ooxml/"
_ORDINARY = b"http://schemas.openxmlformats.org/"
_NAMED = re.compile(rb"""(=\s*["'])http://purl\.oclc\.org/ooxml/([A-Za-z]+)/([A-Za-z/]+)(["'])""")
_DECLARED = re.compile(rb"""\s[A-Za-z0-9]+:conformance\s*=\s*["']strict["']""")
_ENDS = {b"extendedProperties": b"extended-properties", b"customProperties": b"custom-properties"}
"""What the ordinary names spell otherwise."""


def as_ordinary(package: opc.Package) -> opc.Package:
    """The package under the ordinary names; itself, if it does not use the strict ones."""
    main = next(iter(package.related("", "officeDocument")), "")
    if not any(_STRICT in package.parts.get(name, b"") for name in (main, opc.rels_name(""))):
        return package
    return opc.Package({name: _renamed(data) if _is_xml(name) else data for name, data in package.parts.items()})


def _is_xml(name: str) -> bool:
    return name.lower().endswith((".xml", ".rels"))


def _renamed(data: bytes) -> bytes:
    return _DECLARED.sub(b"", _NAMED.sub(_ordinary, data), count=1)


def _ordinary(found: re.Match[bytes]) -> bytes:
    opening, family, rest, closing = found.groups()
    *folders, last = rest.split(b"/")
    return b"".join((opening, _ORDINARY, family, b"/2006/", b"/".join([*folders, _ENDS.get(last, last)]), closing))
