"""What lies in an output folder before a run, and what of it must not be replaced."""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from formgen.delivery import disk, manifest, names
from formgen.delivery.manifest import Entry, Known
from formgen.errors import UsageError
from formgen.findings import Text


@dataclass(frozen=True)
class Found:
    """What lies there, by path below the folder."""

    ours: Mapping[str, Known]
    """Files that are still as the manifest or a journal says."""
    edited: Mapping[str, Known]
    """Files that are not."""
    listed: frozenset[tuple[str, str]]
    """Path and digest of what the manifest itself lists."""

    def document(self, path: str) -> Entry | None:
        """The document of ours that lies there."""
        known = self.ours.get(path)
        return known if isinstance(known, Entry) else None


def look(folder: Path, force: bool) -> Found:
    """What lies in a folder; with ``force`` a manifest that cannot be read counts for nothing.

    Raises:
        UsageError: a manifest that formgen did not write.
    """
    known: dict[str, list[Known]] = {}
    listed = _known(folder / manifest.NAME, force)
    for file in (*listed, *_known(folder / manifest.JOURNAL, force)):
        known.setdefault(file.path, []).append(file)
    ours, edited = {}, {}
    for path, files in known.items():
        digest = disk.digest(folder / path)
        match = next((file for file in files if file.sha256 == digest), None)
        if match is not None:
            ours[path] = match
        elif digest is not None:
            edited[path] = files[0]
    return Found(ours, edited, frozenset((file.path, file.sha256) for file in listed))


def _known(path: Path, force: bool) -> tuple[Known, ...]:
    try:
        return manifest.read_all(path)
    except UsageError:
        if force:
            return ()
        raise


def refuse_folders(folder: Path, targets: Collection[str]) -> None:
    """Refuses to write where a folder lies.

    Raises:
        UsageError: one does.
    """
    for target in _there(folder, targets):
        if (folder / target).is_dir():
            raise UsageError(
                Text("有一个文件夹与要写的文件同名", "a folder has the name of a file that is to be written"),
                place=str(folder / target),
                remedy=Text("请把它移到别处", "move it away"),
            )


def _there(folder: Path, targets: Iterable[str]) -> Iterator[str]:
    """The targets whose names are taken, if only by a link that leads nowhere."""
    # A Path for each of thousands of targets takes longer than to ask the system about them, as does to ask of each
    # in a folder that is not there.
    whole = f"{folder}{os.sep}"
    folders: dict[str, bool] = {}
    for target in targets:
        inside = target.rpartition("/")[0]
        if inside not in folders:
            folders[inside] = os.path.isdir(whole + inside)
        if folders[inside] and os.path.lexists(whole + target):
            yield target


def refuse_foreign(folder: Path, targets: Collection[str], found: Found) -> None:
    """Refuses to replace what is not ours, or was edited.

    Raises:
        UsageError: that would happen.
    """
    ours = {names.folded(path): path for path in found.ours}
    foreign = []
    for path in _there(folder, (path for path in targets if path not in found.ours)):
        # Where case does not count, a document of ours may have got its name in another spelling.
        other = ours.get(names.folded(path))
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


def is_same_file(one: Path, other: Path) -> bool:
    """Whether two names lead to the same file."""
    return one.exists() and other.exists() and one.samefile(other)
