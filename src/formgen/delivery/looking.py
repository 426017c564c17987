"""What lies in an output folder before a run, and what of it must not be replaced."""

import marshal
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from formgen.delivery import disk, manifest, names
from formgen.delivery.manifest import Entry, Extra, Known
from formgen.errors import UsageError
from formgen.findings import Text
from formgen.spilling import PLAIN, Codec, SpillDict


class Lying(NamedTuple):
    """A file that lies there and that a manifest or a journal names."""

    known: Known
    """What is said of it: by the manifest, else by the journal; of two that name it, by the one that is right."""
    digest: str
    """What it is."""
    listed: bool
    """Whether it is the manifest that says so."""

    @property
    def is_ours(self) -> bool:
        """Whether it is still as it was written; else somebody has edited it."""
        return self.known.sha256 == self.digest


_LYING: Final = Codec(
    lambda lying: marshal.dumps((tuple(lying.known), lying.digest, lying.listed)),
    lambda packed: _lying(*PLAIN.loads(packed)),
)


def _lying(values: tuple[Any, ...], digest: str, listed: bool) -> Lying:
    return Lying(manifest.known(*values), digest, listed)


class Found:
    """What lies there of which a manifest or a journal tells; whatever else lies there is not ours."""

    def __init__(self, folder: Path) -> None:
        """Prepares for what lies in ``folder``; it is still to be told."""
        self._whole = f"{folder}{os.sep}"
        self._files = SpillDict[Lying](codec=_LYING)
        self.kinds: set[str] = set()
        """The kinds of files of ours that are no documents."""

    def take(self, known: Known, *, listed: bool) -> None:
        """Looks at a file that the manifest, or the journal, names."""
        lying = self._files.get(known.path)
        digest = disk.digest(self._whole + known.path) if lying is None else lying.digest
        if digest is None or (lying is not None and (lying.is_ours or known.sha256 != digest)):
            return
        self._files[known.path] = Lying(known, digest, listed)
        if isinstance(known, Extra) and known.sha256 == digest:
            self.kinds.add(known.kind)

    def ours(self, path: str) -> Known | None:
        """The file of ours that has this path, if it is still as it was written."""
        lying = self._files.get(path)
        return lying.known if lying is not None and lying.is_ours else None

    def document(self, path: str) -> Entry | None:
        """The document of ours that lies there."""
        known = self.ours(path)
        return known if isinstance(known, Entry) else None

    def __iter__(self) -> Iterator[Lying]:
        """All of them, in the order in which they were first named."""
        return iter(self._files.values())


def look(folder: Path, force: bool) -> Found:
    """What lies in a folder; with ``force`` a manifest that cannot be read counts for nothing.

    Raises:
        UsageError: a manifest that formgen did not write.
    """
    found = Found(folder)
    for name in (manifest.NAME, manifest.JOURNAL):
        for known in _known(folder / name, force):
            found.take(known, listed=name == manifest.NAME)
    return found


def _known(path: Path, force: bool) -> Iterator[Known]:
    if force:
        try:
            for _ in manifest.read(path):
                pass
        except UsageError:
            return iter(())
    return manifest.read(path)


def _there(folder: Path, targets: Iterable[str]) -> Iterator[str]:
    """The targets whose names are taken, if only by a link that leads nowhere."""
    # A Path for each of thousands of targets takes longer than to ask the system about them, as does to ask of each
    # in a folder that is not there.
    whole = f"{folder}{os.sep}"
    folders: dict[str, bool] = {}
    for target in targets:
        inside = target.rpartition("/")[0]
        if inside not in folders:
            if len(folders) == _FOLDERS:
                folders.clear()
            folders[inside] = os.path.isdir(whole + inside)
        if folders[inside] and os.path.lexists(whole + target):
            yield target


_FOLDERS = 1000
"""So many folders are remembered, whether they are there."""


def refuse_taken(folder: Path, targets: Iterable[str], found: Found, *, force: bool = False) -> None:
    """Refuses to write where a folder lies, and, except by ``force``, to replace what is not ours or was edited.

    Raises:
        UsageError: that would happen.
    """
    spelt: Mapping[str, str] | None = None
    foreign: list[str] = []
    for path in _there(folder, targets):
        if os.path.isdir(f"{folder}{os.sep}{path}"):
            raise UsageError(
                Text("有一个文件夹与要写的文件同名", "a folder has the name of a file that is to be written"),
                place=str(folder / path),
                remedy=Text("请把它移到别处", "move it away"),
            )
        if force or len(foreign) > _SHOWN or found.ours(path) is not None:
            continue
        # Where case does not count, a document of ours may have got its name in another spelling.
        spelt = _by_folded_name(found) if spelt is None else spelt
        other = spelt.get(names.folded(path))
        if other is None or not is_same_file(folder / path, folder / other):
            foreign.append(path)
    if foreign:
        shown = foreign[:_SHOWN]
        raise UsageError(
            Text(
                f"这些文件不是 formgen 写的，或写出后被人改过：{'、'.join(shown)}{'…' if shown != foreign else ''}",
                f"not written by formgen, or edited since: {', '.join(shown)}{'…' if shown != foreign else ''}",
            ),
            place=str(folder),
            remedy=Text(
                "请把它们移到别处（留住改动），或加 --force 覆盖；这次什么也没有写",
                "move them away to keep the edits, or replace them with --force; nothing has been written",
            ),
        )


_SHOWN = 20


def _by_folded_name(found: Found) -> Mapping[str, str]:
    ours = (lying.known.path for lying in found if lying.is_ours)
    return SpillDict(((names.folded(path), path) for path in ours), codec=PLAIN)


def is_same_file(one: Path, other: Path) -> bool:
    """Whether two names lead to the same file."""
    return one.exists() and other.exists() and one.samefile(other)
