"""Whether a signature covers everything: what other programs do not ask, and call "valid" all the same.

An unsigned second ``styles`` part, for one, hides signed text from the reader while every digest is right ("Every
Signature is Broken", USENIX Security 2023). So each part and each relationship is signed or is known not to be.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from formgen import opc
from formgen.opc import CONTENT_TYPES, RELATIONSHIPS, Package
from formgen.signing.canonical import is_plain
from formgen.signing.parts import covered_ids, left_out, source_of, unused_types
from formgen.signing.reading import Read
from formgen.signing.reasons import reason
from formgen.signing.verdict import Reason
from formgen.signing.vocabulary import (
    ORIGIN_RELATIONSHIP,
    ORIGIN_TYPE,
    RELATIONSHIP,
    RELATIONSHIPS_TYPE,
    SIGNATURE_RELATIONSHIP,
    SIGNATURE_TYPE,
)

_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_ENTRY = {"Id", "Type", "Target", "TargetMode"}
_ONLY_ONE = frozenset(
    {"officeDocument", "styles", "stylesWithEffects", "settings", "numbering", "fontTable", "theme", "footnotes"}
    | {"endnotes", "comments", "sharedStrings", "core-properties", "extended-properties", "custom-properties", "origin"}
)
"""The kinds of relationships of which a part has one at most."""


def check_structure(package: Package) -> Iterator[Reason]:
    """What holds for the package, whoever signed it."""
    yield from _check_types(package)
    for name in package.parts:
        if name.endswith(".rels"):
            yield from _check_relationships(package, name)
    yield from _check_plumbing(package)


def check_signature(package: Package, signature: Read) -> Iterator[Reason]:
    """The parts and relationships that this signature leaves out."""
    covered = {each.name: each for each in signature.covered}
    exempt = {CONTENT_TYPES, *left_out(package), *plumbing(package)}
    for name in sorted(package.parts):
        if name in exempt:
            continue
        if name.endswith(".rels"):
            ids = covered_ids(package, source_of(name))
            signed = covered[name].ids if name in covered else ()
            unsigned = sorted(set(ids) - set(signed or ()))
            if unsigned:
                yield reason("relationship-unsigned", f"{name}: {'、'.join(unsigned)}")
        elif name not in covered:
            yield reason("part-unsigned", name)


def plumbing(package: Package) -> dict[str, str]:
    """The parts that hold signatures and lead to them, with their content types: none but those that are reached."""
    origins = [r.part for r in package.relationships().values() if r.type == ORIGIN_RELATIONSHIP and r.part is not None]
    found: dict[str, str] = {}
    for origin in origins:
        found |= {origin: ORIGIN_TYPE, opc.rels_name(origin): RELATIONSHIPS_TYPE}
        found |= dict.fromkeys(signature_parts(package, origin), SIGNATURE_TYPE)
    return found


def signature_parts(package: Package, origin: str) -> list[str]:
    """The signatures that ``origin`` leads to, in the order of their names."""
    related = package.relationships(origin).values()
    return sorted({r.part for r in related if r.part is not None and r.type == SIGNATURE_RELATIONSHIP}, key=_numbered)


def _numbered(name: str) -> tuple[int, str]:
    return len(name), name


def _check_plumbing(package: Package) -> Iterator[Reason]:
    origins = [r for r in package.relationships().values() if r.type == ORIGIN_RELATIONSHIP]
    if len(origins) != 1 or origins[0].part is None:
        yield reason("signatures-unclear")
        return
    origin = origins[0].part
    for name, content_type in plumbing(package).items():
        if name not in package.parts or package.content_type(name) != content_type:
            yield reason("signatures-unclear", name)
        elif content_type == SIGNATURE_TYPE and not is_plain(package.parts[name], text=True):
            yield reason("signature-spelling", name)
    related = package.relationships(origin).values()
    if package.parts.get(origin) or any(r.type != SIGNATURE_RELATIONSHIP or r.part is None for r in related):
        yield reason("signatures-unclear", origin)


def _check_types(package: Package) -> Iterator[Reason]:
    data = package.parts[CONTENT_TYPES]
    root = opc.parse_xml(data)
    known = {f"{_TYPES}Default": {"Extension", "ContentType"}, f"{_TYPES}Override": {"PartName", "ContentType"}}
    if root.tag != f"{_TYPES}Types" or any(known.get(str(entry.tag)) != set(entry.attrib) for entry in root):
        yield reason("content-types-unclear", CONTENT_TYPES)
    keys = [str(entry.get("Extension") or entry.get("PartName") or "").lower() for entry in root]
    yield from (reason("content-types-unclear", key) for key in _repeated(keys))
    yield from (reason("content-types-unclear", key) for key in unused_types(package.parts))
    for entry in root:
        wanted = {"xml": "application/xml", "rels": RELATIONSHIPS_TYPE}.get(str(entry.get("Extension")))
        if wanted is not None and entry.get("ContentType") != wanted:
            yield reason("content-types-unclear", str(entry.get("Extension")))
    if not is_plain(data, text=False):
        yield reason("signature-spelling", CONTENT_TYPES)


def _check_relationships(package: Package, name: str) -> Iterator[Reason]:
    data = package.parts[name]
    root = opc.parse_xml(data)
    if root.tag != f"{RELATIONSHIPS}Relationships" or root.attrib or package.content_type(name) != RELATIONSHIPS_TYPE:
        yield reason("relationships-unclear", name)
    if any(entry.tag != RELATIONSHIP or len(entry) or not set(entry.attrib) <= _ENTRY for entry in root):
        yield reason("relationships-unclear", name)
    if _repeated(entry.get("Id", "") for entry in root):
        yield reason("relationships-unclear", name)
    # Relationships are a set, so their order is not signed: which of two would be taken must not depend on it.
    kinds = [entry.get("Type", "").rpartition("/")[2] for entry in root.iterchildren(RELATIONSHIP)]
    yield from (reason("relationships-unclear", f"{name}: {kind}") for kind in _repeated(kinds) if kind in _ONLY_ONE)
    if not is_plain(data, text=False):
        yield reason("signature-spelling", name)


def _repeated(names: Iterable[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]
