"""Which parts and relationships of a package a signature covers, and which make up signatures themselves."""

from collections.abc import Mapping

from formgen import opc
from formgen.opc import CONTENT_TYPES, Package
from formgen.signing.vocabulary import LEFT_OUT, ORIGIN_RELATIONSHIP

MAX_SIGNATURES = 9
"""In one document. Each is as much work as the first, and nobody has so many offices."""
_FOLDER = "_xmlsignatures/"


def is_plumbing(name: str) -> bool:
    """Whether a part belongs to signatures themselves."""
    return name.startswith(_FOLDER)


def left_out(package: Package) -> frozenset[str]:
    """The parts that no signature covers: the two with properties, where they are nothing else."""
    related = {(r.part, r.type) for r in package.relationships().values()}
    return frozenset(
        name
        for name, (relationship, content_type) in LEFT_OUT.items()
        if name in package.parts and (name, relationship) in related and package.content_type(name) == content_type
    )


def covered_ids(package: Package, source: str) -> list[str]:
    """The ids of the relationships of ``source`` that a signature covers."""
    return [
        r.id
        for r in package.relationships(source).values()
        if not (
            source == "" and (r.type == ORIGIN_RELATIONSHIP or (r.part in LEFT_OUT and r.type == LEFT_OUT[r.part][0]))
        )
    ]


def source_of(rels: str) -> str:
    """The part whose relationships a .rels part holds; empty for the package itself."""
    folder, _, name = rels.rpartition("_rels/")
    return folder + name.removesuffix(".rels")


def unused_types(parts: Mapping[str, bytes]) -> list[str]:
    """The extensions and part names for which a content type is declared and which no part has."""
    names = {part.lower() for part in parts if part != CONTENT_TYPES}
    extensions = {name.rpartition(".")[2] for name in names}
    found = []
    for entry in opc.parse_xml(parts[CONTENT_TYPES]):
        part, extension = entry.get("PartName"), entry.get("Extension")
        if part is not None and part.lstrip("/").lower() not in names:
            found.append(part)
        if extension is not None and extension.lower() not in extensions | {"xml", "rels"}:
            found.append(extension)
    return found
