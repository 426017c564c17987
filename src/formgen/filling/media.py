"""The pictures of one document: files, the shapes that show them, and the relationships between the two."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from formgen import opc
from formgen.pictures import Picture

_IMAGE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
_KEPT = 64


class Media:
    """The pictures of one document: files once each, a relationship for each part that shows one."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.files: dict[str, Picture] = {}
        self._names: dict[str, str] = {}
        self.added: dict[str, str] = {}
        """The pictures that the current part shows, with the ids of their relationships."""
        self.kept: set[str] = set()
        """The template's own pictures that it shows, by relationship id."""
        self._shapes = 0
        self._controls = 100_000  # clear of the numbers of shapes, among which placeholders have such

    def begin(self) -> None:
        """Start with another part."""
        self.added = {}
        self.kept = set()

    def shape(self, picture: Picture, box: tuple[int, int]) -> Mapping[str, str]:
        """The attributes of the shape that shows ``picture``, as large as fits into ``box`` (EMU)."""
        name = self._names.get(picture.sha256)
        if name is None:
            name = f"{self._name}{len(self.files) + 1}.{picture.suffix}"
            self._names[picture.sha256] = name
            self.files[name] = picture
        id = self.added.setdefault(name, _picture_id(len(self.added)))
        self._shapes += 1
        # Clear of the numbers that the template's other shapes have.
        return {
            **_extent(picture.width, picture.height, picture.turns, picture.mirrored, box),
            "embed": id,
            "id": str(10_000 + self._shapes),
        }

    def keep(self, relationships: Sequence[str]) -> None:
        """Note that these pictures of the template are still shown."""
        self.kept.update(relationships)

    def control(self) -> int:
        """The number of the next control."""
        self._controls += 1
        return self._controls


@lru_cache(_KEPT)
def _extent(width: int, height: int, turns: int, mirrored: bool, box: tuple[int, int]) -> Mapping[str, str]:
    """How large a picture is shown, and how it is turned: the photos of many candidates are alike in it."""
    turned = turns % 2 == 1
    if turned:
        width, height = height, width
    # Integers throughout: the same picture has the same size on every machine.
    if width * box[1] > height * box[0]:
        size = (box[0], max(1, box[0] * height // width))
    else:
        size = (max(1, box[1] * width // height), box[1])
    cx, cy = reversed(size) if turned else size
    extent = {
        "cx": cx,
        "cy": cy,
        "rot": turns * 5_400_000,
        "flip": int(mirrored),
        # A shape keeps its size from before it is turned; what a quarter turn adds to its sides is said apart.
        "beside": max(0, (size[0] - cx) // 2),
        "above": max(0, (size[1] - cy) // 2),
    }
    return {name: str(value) for name, value in extent.items()}


def _picture_id(index: int) -> str:
    return f"rIdPicture{index + 1}"


def relationships(rels: bytes, gone: frozenset[str], added: Sequence[str]) -> bytes:
    """A part's relationships without those to placeholders that are gone, and with those to its pictures."""
    if not gone and not added:
        return rels
    root = opc.parse_xml(rels)
    for entry in list(root):
        if entry.get("Id") in gone:
            root.remove(entry)
    for index, name in enumerate(added):
        attributes = {"Id": _picture_id(index), "Type": _IMAGE, "Target": name}
        root.append(root.makeelement(f"{opc.RELATIONSHIPS}Relationship", attributes))
    return opc.serialise(root)
