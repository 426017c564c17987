"""What a run makes besides the documents: the findings, later bundles and PDFs. They land as the documents do.

Each says what it would be made from; where that has not changed since an earlier run, nothing is made. What an earlier
run was asked for stays as long as it is current, and goes when it is not: a PDF of yesterday's document misleads.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Protocol

from formgen.delivery import disk, names, staging
from formgen.delivery.looking import Found, refuse_folders, refuse_foreign
from formgen.delivery.manifest import Entry, Extra, Known
from formgen.delivery.plan import Plan
from formgen.delivery.work import Rendered
from formgen.errors import UsageError
from formgen.findings import Text

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

    def sources(self, plan: Plan, entries: Mapping[str, Entry]) -> Mapping[str, str]:
        """The files that there would be, by path below the folder, each with the digest of what it is made from."""
        ...

    def make(
        self, plan: Plan, entries: Mapping[str, Entry], places: "Places", targets: Mapping[str, Path]
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


@dataclass(frozen=True)
class Made:
    """What came of it."""

    new: Mapping[str, Extra]
    """What this run was asked for, made now or there already."""
    moved: Mapping[str, Path]
    """Of those, what was made now: target -> staged file."""
    current: frozenset[str]
    """What earlier runs were asked for, and is what it would be today."""
    failed: Sequence[str]
    """What was asked for and could not be made."""


def make(
    plan: Plan,
    makers: Sequence[Maker],
    entries: Mapping[str, Entry],
    documents: Mapping[str, str],
    found: Found,
    *,
    trial: bool = False,
) -> Made:
    """Makes what is wanted and not there.

    Raises:
        UsageError: one has the name of a file that is not ours.
        OSError: one could not be written.
    """
    new: dict[str, Extra] = {}
    moved: dict[str, Path] = {}
    current: set[str] = set()
    failed: list[str] = []
    places = Places(plan.folder, documents)
    kinds = {known.kind for known in found.ours.values() if isinstance(known, Extra)}
    for maker in makers:
        if not (maker.wanted or maker.kind in kinds):
            continue
        sources = maker.sources(plan, entries)
        there = {path for path, source in sources.items() if _is_current(found.ours.get(path), maker.kind, source)}
        if not maker.wanted:
            current |= there
            continue
        _refuse_taken(plan, sources, chain(entries, new))
        refuse_folders(plan.folder, sources)
        refuse_foreign(plan.folder, sources, found)
        new |= {path: known for path in there if isinstance(known := found.ours[path], Extra)}
        targets = {path: _place(plan, path) for path in sources if path not in there}
        if trial:
            made = {path: Extra(path, maker.kind, sources[path], "", 0, plan.draft) for path in targets}
        else:
            made = _make(plan, maker, entries, places, targets, sources)
        new |= made
        moved |= {path: targets[path] for path in made}
        failed += targets.keys() - made.keys()
    return Made(new, moved, frozenset(current), sorted(failed))


def _make(
    plan: Plan,
    maker: Maker,
    entries: Mapping[str, Entry],
    places: Places,
    targets: Mapping[str, Path],
    sources: Mapping[str, str],
) -> dict[str, Extra]:
    """Makes files, and notes them; what a run that was killed has made already is used."""
    folder = (plan.folder / disk.STAGING).absolute()
    # Findings are of the moment, like a draft: any later run takes them away.
    draft = plan.draft or maker.kind == FINDINGS
    made: dict[str, Extra] = {}
    for path, before in staging.earlier(folder, targets).items():
        same = before.key == sources[path] and before.sha256 == disk.digest(targets[path])
        if same:
            made[path] = Extra(path, maker.kind, sources[path], before.sha256, before.size, draft)
    left = {path: file for path, file in targets.items() if path not in made}
    for done in maker.make(plan, entries, places, left):
        for path in done:
            file = left[path]
            made[path] = Extra(path, maker.kind, sources[path], disk.digest(file) or "", file.stat().st_size, draft)
        staging.note(folder, ((path, Rendered(sources[path], "", made[path].sha256, made[path].size)) for path in done))
    return made


def _is_current(known: Known | None, kind: str, source: str) -> bool:
    return isinstance(known, Extra) and (known.kind, known.source) == (kind, source)


def _place(plan: Plan, target: str) -> Path:
    return Path(staging.place((plan.folder / disk.STAGING).absolute(), target))


def _refuse_taken(plan: Plan, sources: Mapping[str, str], taken: Iterable[str]) -> None:
    asked = {names.folded(path): path for path in sources}
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

    def sources(self, plan: Plan, entries: Mapping[str, Entry]) -> Mapping[str, str]:
        """The report's own digest."""
        return {} if self.report is None else {"findings.json": f"sha256:{sha256(self.report).hexdigest()}"}

    def make(
        self, plan: Plan, entries: Mapping[str, Entry], places: Places, targets: Mapping[str, Path]
    ) -> Iterator[Sequence[str]]:
        """Writes it."""
        for path, file in targets.items():
            disk.stage(file, self.report or b"")
            yield [path]
