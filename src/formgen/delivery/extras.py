"""What a run makes besides the documents: the findings, later bundles and PDFs. They land as the documents do.

Each says what it would be made from; where that has not changed since an earlier run, nothing is made. What an earlier
run was asked for stays as long as it is current, and goes when it is not: a PDF of yesterday's document misleads.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Final, Protocol

from formgen.delivery import disk, names, staging
from formgen.delivery.entries import Entries
from formgen.delivery.looking import Found, refuse_taken
from formgen.delivery.manifest import Extra, Known
from formgen.delivery.plan import Plan
from formgen.delivery.work import Rendered
from formgen.errors import UsageError
from formgen.findings import Text
from formgen.spilling import PLAIN, SpillDict, tuples

FINDINGS = "findings"


class Maker(Protocol):
    """Makes one kind of files."""

    @property
    def kind(self) -> str:
        """What the manifest calls them."""
        ...

    @property
    def wanted(self) -> bool:
        """Whether this run was asked for them; else only those of earlier runs are looked after."""
        ...

    def sources(self, plan: Plan, entries: Entries) -> Mapping[str, str]:
        """The files that there would be, by path below the folder, each with the digest of what it is made from."""
        ...

    def make(
        self, plan: Plan, entries: Entries, places: "Places", targets: Mapping[str, Path]
    ) -> Iterator[Sequence[str]]:
        """Writes these files, by path, each where it is staged; gives the paths of some whenever they are done."""
        ...


@dataclass(frozen=True)
class Places:
    """Where a document's bytes are: staged where it is new, else at its own place."""

    folder: Path
    moved: Mapping[str, str]

    def of(self, target: str) -> Path:
        """The file of the document that will be called so."""
        staged = self.moved.get(target)
        return self.folder / target if staged is None else Path(staged)


_EXTRAS: Final = tuples(Extra)


class Made:
    """What came of it. There may be one for each document."""

    def __init__(self) -> None:
        self.new = SpillDict[Extra](codec=_EXTRAS)
        """What this run was asked for, made now or there already."""
        self.moved = SpillDict[None](codec=PLAIN)
        """Of those, the paths of what was made now."""
        self.current = SpillDict[None](codec=PLAIN)
        """The paths of what earlier runs were asked for, and is what it would be today."""
        self.failed = SpillDict[None](codec=PLAIN)
        """The paths of what was asked for and could not be made."""


class Targets(Mapping[str, Path]):
    """Where files are staged that are to be made, by their paths."""

    def __init__(self, staging: Path, paths: Collection[str]) -> None:
        self._staging = staging
        self._paths = paths

    def __getitem__(self, path: str) -> Path:
        if path not in self._paths:
            raise KeyError(path)
        return Path(staging.place(self._staging, path))

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def make(
    plan: Plan,
    makers: Sequence[Maker],
    entries: Entries,
    documents: Mapping[str, str],
    found: Found,
    *,
    force: bool = False,
    trial: bool = False,
) -> Made:
    """Makes what is wanted and not there; with ``force`` in place of what is not ours, too.

    Raises:
        UsageError: one has the name of a file that is not ours.
        OSError: one could not be written.
    """
    made = Made()
    places = Places(plan.folder, documents)
    for maker in makers:
        if not (maker.wanted or maker.kind in found.kinds):
            continue
        sources = maker.sources(plan, entries)
        there = (path for path, source in sources.items() if _is_current(found.ours(path), maker.kind, source))
        if not maker.wanted:
            made.current.update((path, None) for path in there)
            continue
        _refuse_taken(plan, sources, chain(entries, made.new))
        refuse_taken(plan.folder, sources, found, force=force)
        made.new.update((path, known) for path in there if isinstance(known := found.ours(path), Extra))
        targets = Targets(
            (plan.folder / disk.STAGING).absolute(), _set(path for path in sources if path not in made.new)
        )
        if trial:
            made.new.update((path, Extra(path, maker.kind, sources[path], "", 0, plan.draft)) for path in targets)
        else:
            made.new.update((extra.path, extra) for extra in _made(plan, maker, entries, places, targets, sources))
        for path in targets:
            (made.moved if path in made.new else made.failed)[path] = None
    return made


def _made(
    plan: Plan, maker: Maker, entries: Entries, places: Places, targets: Targets, sources: Mapping[str, str]
) -> Iterator[Extra]:
    """Makes files, and notes them; what a run that was killed has made already is used."""
    folder = (plan.folder / disk.STAGING).absolute()
    # Findings are of the moment, like a draft: any later run takes them away.
    draft = plan.draft or maker.kind == FINDINGS
    left = _set(targets)
    for path, before in staging.earlier(folder, targets).items():
        if before.key == sources[path] and before.sha256 == disk.digest(targets[path]):
            del left[path]
            yield Extra(path, maker.kind, sources[path], before.sha256, before.size, draft)
    for done in maker.make(plan, entries, places, Targets(folder, left)):
        made = [
            Extra(path, maker.kind, sources[path], disk.digest(file) or "", file.stat().st_size, draft)
            for path, file in ((path, targets[path]) for path in done)
        ]
        staging.note(folder, ((each.path, Rendered(each.source, "", each.sha256, each.size)) for each in made))
        yield from made


def _set(paths: Iterable[str]) -> SpillDict[None]:
    return SpillDict(((path, None) for path in paths), codec=PLAIN)


def _is_current(known: Known | None, kind: str, source: str) -> bool:
    return isinstance(known, Extra) and (known.kind, known.source) == (kind, source)


def _refuse_taken(plan: Plan, sources: Mapping[str, str], taken: Iterable[str]) -> None:
    asked = SpillDict(((names.folded(path), path) for path in sources), codec=PLAIN)
    depths = {path.count("/") for path in sources}
    for other in taken:
        # Of thousands of documents, most lie in folders that no other file goes to.
        path = asked.get(names.folded(other)) if other.count("/") in depths else None
        if path is not None:
            raise UsageError(
                Text(f"两样东西会写成同名文件 {path}", f"two things would be written to the same file {path}"),
                place=str(plan.folder),
                remedy=Text("请换一个 --name", "choose another --name"),
            )


@dataclass(frozen=True)
class Findings:
    """``findings.json``: what was found, where there is anything to say."""

    report: bytes | None
    """The report; None where nothing was found."""
    kind: str = FINDINGS
    wanted: bool = True

    def sources(self, plan: Plan, entries: Entries) -> Mapping[str, str]:
        """The report's own digest."""
        return {} if self.report is None else {"findings.json": f"sha256:{sha256(self.report).hexdigest()}"}

    def make(
        self, plan: Plan, entries: Entries, places: Places, targets: Mapping[str, Path]
    ) -> Iterator[Sequence[str]]:
        """Writes it."""
        for path, file in targets.items():
            disk.stage(file, self.report or b"")
            yield [path]
