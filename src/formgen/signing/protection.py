"""Protection and "final": hints to whoever opens a document, which any zip program takes off.

Done before signing, for what changes a document afterwards breaks the signature. There is no password: Office derives a
key from it for a tenth of a second, and gains nothing beside a signature.
"""

from collections.abc import Mapping
from typing import Final

from lxml import etree

from formgen import opc
from formgen.findings import Text
from formgen.opc import Package, PackageError
from formgen.signing.vocabulary import CORE, CORE_RELATIONSHIP, CORE_TYPE

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_SETTINGS = "word/settings.xml"
_CUSTOM = "docProps/custom.xml"
_CUSTOM_TYPE = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
_P, _VT = f"{_OFFICE}/custom-properties", f"{_OFFICE}/docPropsVTypes"
_FINAL = "_MarkAsFinal"
_FORMAT = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"
_CP = "{http://schemas.openxmlformats.org/package/2006/metadata/core-properties}"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# The order of these elements is fixed: ECMA-376 Part 1, 17.15.1.78, 18.3.1.99, 18.2.27.
_BEFORE_DOCUMENT_PROTECTION: Final = _words(
    "writeProtection view zoom removePersonalInformation removeDateAndTime doNotDisplayPageBoundaries "
    "displayBackgroundShape printPostScriptOverText printFractionalCharacterWidth printFormsData embedTrueTypeFonts "
    "embedSystemFonts saveSubsetFonts saveFormsData mirrorMargins alignBordersAndEdges bordersDoNotSurroundHeader "
    "bordersDoNotSurroundFooter gutterAtTop hideSpellingErrors hideGrammaticalErrors activeWritingStyle proofState "
    "formsDesign attachedTemplate linkStyles stylePaneFormatFilter stylePaneSortMethod documentType mailMerge "
    "revisionView trackRevisions doNotTrackMoves doNotTrackFormatting"
)
_BEFORE_SHEET_PROTECTION: Final = _words("sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr")
_BEFORE_WORKBOOK_PROTECTION: Final = _words("fileVersion fileSharing workbookPr AlternateContent revisionPtr")


def protected(package: Package, name: str = "") -> Package:
    """The package, read-only for those who open it in Word or Excel, and marked as final.

    Raises:
        PackageError: it is neither a document nor a workbook, or is damaged; ``place`` is ``name``.
    """
    try:
        return _protected(package)
    except PackageError as error:
        raise PackageError(error.problem, place=name, remedy=error.remedy) from error


def _protected(package: Package) -> Package:
    main = (*package.related("", "officeDocument"), "")[0]
    protect = {"word": _protect_document, "xl": _protect_workbook}.get(main.partition("/")[0])
    if protect is None or main not in package.parts:
        raise PackageError(Text("这不是 Word 或 Excel 文件", "this is no Word or Excel file"))
    return Package(_mark_final(Package(protect(package, main))))


def _root(parts: Mapping[str, bytes], name: str) -> etree._Element:
    if name not in parts:
        raise PackageError(Text(f"文件不完整：缺少部件 {name}", f"the file is incomplete: the part {name} is missing"))
    return opc.parse_xml(parts[name])


def _protect_document(package: Package, main: str) -> dict[str, bytes]:
    parts = dict(package.parts)
    name = (*package.related(main, "settings"), "")[0]
    if name:
        root = _root(parts, name)
    else:
        name = _SETTINGS
        root = opc.parse_xml(f'<w:settings xmlns:w="{_W[1:-1]}"/>'.encode())
        parts = opc.with_relationship(parts, main, "rIdSettings", f"{_OFFICE}/relationships/settings", "settings.xml")
        parts = opc.with_content_types(parts, {name: f"{_WORD}.settings+xml"}, {})
    hints = {f"{_W}edit": "readOnly", f"{_W}enforcement": "1"}
    _insert(root, f"{_W}documentProtection", hints, _BEFORE_DOCUMENT_PROTECTION)
    return _respelt({**parts, name: opc.serialise(root)})


def _respelt(parts: Mapping[str, bytes]) -> dict[str, bytes]:
    """The parts of a document as python-docx would write them, so that what it saves unchanged stays signed."""
    return {
        name: opc.serialise(opc.parse_xml(data)) if name.startswith("word/") and name.endswith(".xml") else data
        for name, data in parts.items()
    }


def _protect_workbook(package: Package, main: str) -> dict[str, bytes]:
    parts = dict(package.parts)
    for name in package.related(main, "worksheet"):
        root = _root(parts, name)
        hints = {"sheet": "1", "objects": "1", "scenarios": "1"}
        _insert(root, f"{_S}sheetProtection", hints, _BEFORE_SHEET_PROTECTION)
        parts[name] = opc.serialise(root)
    root = _root(parts, main)
    _insert(root, f"{_S}workbookProtection", {"lockStructure": "1"}, _BEFORE_WORKBOOK_PROTECTION)
    return {**parts, main: opc.serialise(root)}


def _insert(root: etree._Element, tag: str, attributes: Mapping[str, str], before: frozenset[str]) -> None:
    """Puts an element behind those of ``before``, in the place of one that is there."""
    for old in root.findall(tag):
        root.remove(old)
    place = sum(1 for child in root if not isinstance(child.tag, str) or child.tag.rpartition("}")[2] in before)
    root.insert(place, root.makeelement(tag, dict(attributes)))


def _mark_final(package: Package) -> dict[str, bytes]:
    parts = dict(package.parts)
    found = package.related("", "custom-properties")
    name = found[0] if found else _CUSTOM
    if found:
        root = _root(parts, name)
    else:
        root = opc.parse_xml(f'<Properties xmlns="{_P}" xmlns:vt="{_VT}"/>'.encode())
        parts = opc.with_relationship(parts, "", "rIdFinal", f"{_OFFICE}/relationships/custom-properties", _CUSTOM)
        parts = opc.with_content_types(parts, {_CUSTOM: _CUSTOM_TYPE}, {})
    for old in [each for each in root if each.get("name") == _FINAL]:
        root.remove(old)
    taken = {each.get("pid") for each in root}
    number = next(n for n in range(2, len(taken) + 3) if str(n) not in taken)
    entry = etree.SubElement(root, f"{{{_P}}}property", {"fmtid": _FORMAT, "pid": str(number), "name": _FINAL})
    etree.SubElement(entry, f"{{{_VT}}}bool").text = "true"
    return _with_status({**parts, name: opc.serialise(root)})


def _with_status(parts: dict[str, bytes]) -> dict[str, bytes]:
    """The status that Word shows with it; it lies in a part that no signature covers."""
    found = Package(parts).related("", "core-properties")
    if found:
        root = _root(parts, found[0])
    else:
        root = opc.parse_xml(f'<cp:coreProperties xmlns:cp="{_CP[1:-1]}"/>'.encode())
        parts = opc.with_relationship(parts, "", "rIdCore", CORE_RELATIONSHIP, CORE)
        parts = opc.with_content_types(parts, {CORE: CORE_TYPE}, {})
    for old in root.findall(f"{_CP}contentStatus"):
        root.remove(old)
    etree.SubElement(root, f"{_CP}contentStatus").text = "Final"
    return {**parts, found[0] if found else CORE: opc.serialise(root)}
