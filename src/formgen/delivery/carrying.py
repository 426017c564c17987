"""Carries out a plan: every document appears whole or not at all, and a run that was killed is made good by the next.

In this order: render into a staging folder, noting each document there; write journal and manifest there; one sync;
rename the journal, then each document, into place; remove what is superseded; rename the manifest; remove journal and
staging folder. Until the first rename nothing has changed. From then on each file is one that the old manifest or the
journal knows. What a run has rendered that was killed, interrupted or left by a worker is used by the next; a run that
fails takes it back.
"""

import os
import shutil
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from heapq import merge
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from formgen.checks import Report
from formgen.delivery import disk, extras, locking, looking, manifest, names, rendering
from formgen.delivery.delivered import Delivery, Paths
from formgen.delivery.entries import Entries
from formgen.delivery.looking import Found
from formgen.delivery.manifest import Extra, Known
from formgen.delivery.plan import Folders, Plan
from formgen.delivery.staging import Staged
from formgen.delivery.work import Renderer
from formgen.delivery.workers import LostWorker, Workers
from formgen.errors import UsageError
from formgen.findings import Text
from formgen.spilling import PLAIN, SpillDict, SpillList, arranged


def _silent(_count: int) -> None:
    """Tells nobody how far it is."""


@dataclass(frozen=True, slots=True)
class Order:
    """How a plan is to be carried out."""

    force: bool = False
    """Replace files that somebody has edited, or that are not ours."""
    trial: bool = False
    """Do everything but write."""
    makers: Sequence[extras.Maker] = ()
    """What is made besides the documents."""
    progress: Callable[[int], None] = _silent
    """Told of each few documents that are rendered."""


def carry_out(plan: Plan, report: Report, order: Order | None = None, workers: Workers | None = None) -> Delivery:
    """Writes what was planned, and the manifest.

    Args:
        plan: what to write.
        report: what was found; its summary goes into the manifest.
        order: how; by default just so.
        workers: who renders; by default this process.

    Raises:
        UsageError: a file that is not ours has one of the names; nothing has been written.
        TemplateError: a template does not match its form; nothing has been written.
        OutputError: the place does not take it, or another run is writing there.
        UnicodeEncodeError: the system's encoding has no such names; nothing has been written.
    """
    order = Order() if order is None else order
    workers = Workers() if workers is None else workers
    renderer = rendering.renderer(plan)
    if sys.getfilesystemencoding() != "utf-8":  # which has all names
        for job in plan.jobs:
            os.fsencode(job.target)
    with disk.reporting(plan.folder):
        if order.trial:
            return _deliver(plan, report, order, _look(plan, order), renderer, workers)
        return _locked(plan, report, order, renderer, workers)


def _locked(plan: Plan, report: Report, order: Order, renderer: Renderer, workers: Workers) -> Delivery:
    staging = plan.folder / disk.STAGING
    made = _missing_folders(plan)
    try:
        if made:
            disk.make_folder(plan.folder)
        with locking.locked(plan.folder):
            found = _look(plan, order)
            try:
                delivery = _deliver(plan, report, order, found, renderer, workers)
            except (KeyboardInterrupt, LostWorker):
                raise  # the next run goes on from what is staged
            except BaseException:
                _take_back(staging)
                raise
            disk.clear(staging)
            return delivery
    except BaseException:
        for _, folder in made.in_order():
            disk.remove_if_empty(Path(folder))
        raise


def _take_back(staging: Path) -> None:
    """Takes back what is not yet in place; the error that led here is the one to be told."""
    try:
        disk.clear(staging)
    except OSError:
        return  # the next run clears it


def _missing_folders(plan: Plan) -> SpillDict[str]:
    """The folders that are not there yet; in order, the deepest come first."""
    missing = SpillDict[str](codec=PLAIN)
    for inside in chain(("",), plan.jobs.folders):
        place = plan.folder / inside
        while (key := f"{_DEEPEST - len(place.parts):06} {place}") not in missing and not place.exists():
            missing[key] = str(place)
            place = place.parent
    return missing


_DEEPEST = 999_999


def _look(plan: Plan, order: Order) -> Found:
    found = looking.look(plan.folder, order.force)
    looking.refuse_taken(plan.folder, (job.target for job in plan.jobs), found, force=order.force)
    return found


# --- writing ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Change:
    """What is to become of the folder."""

    moved: Staged
    """Target -> the staged file that gets its name."""
    documents: Entries
    made: Mapping[str, Extra]
    """Everything that this run stands for, moved or there already."""
    superseded: Collection[str]
    listing: Callable[[], Iterable[bytes]]
    """The manifest, bit by bit."""


def _deliver(plan: Plan, report: Report, order: Order, found: Found, renderer: Renderer, workers: Workers) -> Delivery:
    entries = rendering.render(plan, found, renderer, workers, order.progress, trial=order.trial)
    place = (plan.folder / disk.STAGING).absolute()
    staged = Staged(place, entries.new)
    made = extras.make(plan, order.makers, entries, staged, found, force=order.force, trial=order.trial)
    moved = Staged(place, entries.new, made.moved)
    others = _others(plan, found, entries, made)
    listing = partial(_listing, plan, report, entries, made, others)
    target = plan.folder / manifest.NAME
    differ = entries.differ or any(found.ours(path) != known for path, known in made.new.items())
    if not order.trial:
        if moved or others.superseded or differ or not disk.holds(target, listing()):
            _put_in_place(plan, found, _Change(moved, entries, made.new, others.superseded, listing))
        disk.remove(plan.folder / manifest.JOURNAL)
    return _told(plan, found, entries, made, others, trial=order.trial)


def _listing(plan: Plan, report: Report, entries: Entries, made: extras.Made, others: "_Others") -> Iterator[bytes]:
    return manifest.build(plan, report, entries, chain(made.new.values(), others.kept))


def _told(plan: Plan, found: Found, entries: Entries, made: extras.Made, others: "_Others", *, trial: bool) -> Delivery:
    """What was done, in order of the paths."""
    written, unchanged, replaced = Paths(), Paths(), Paths()
    besides = ((path, path in made.moved) for path, known in made.new.in_order() if known.kind != extras.FINDINGS)
    for path, moves in merge(entries.written(), besides):
        (written if moves else unchanged).append(path)
        if moves and found.ours(path) is not None:
            replaced.append(path)
    withheld = Paths(arranged(job.target for job in plan.withheld))
    return Delivery(
        folder=plan.folder,
        written=written,
        unchanged=unchanged,
        removed=Paths(arranged(others.superseded)),
        left=Paths(arranged(others.left)),
        withheld=withheld,
        older=Paths(path for path in withheld if found.ours(path) is not None),
        replaced=replaced,
        failed=Paths(path for path, _ in made.failed.in_order()),
        trial=trial,
    )


class _Others:
    """What lies there besides what this run stands for."""

    def __init__(self) -> None:
        self.superseded = Paths()
        """What goes."""
        self.left = Paths()
        """What would go, but was edited: it is no longer ours."""
        self.kept = SpillList[Known](codec=manifest.KNOWN)
        """What stays ours."""


def _others(plan: Plan, found: Found, entries: Entries, made: extras.Made) -> _Others:
    others = _Others()
    stays = SpillDict(((job.target, None) for job in plan.withheld), codec=PLAIN)
    for lying in found:
        path = lying.known.path
        if path in entries or path in made.new:
            continue
        if path in made.current or path in stays or not _goes(plan, lying.known):
            others.kept.append(lying.known)
        else:
            (others.superseded if lying.is_ours else others.left).append(path)
    return others


def _goes(plan: Plan, known: Known) -> bool:
    """Whether a file that is not written any more is to go: a draft leaves the clean files of before alone."""
    return known.draft or not plan.draft


def _put_in_place(plan: Plan, found: Found, change: _Change) -> None:
    # Files that only an earlier journal knows stay known until the manifest is there.
    unlisted = (lying.known for lying in found if lying.is_ours and not lying.listed)
    earlier = SpillList[Known](unlisted, codec=manifest.KNOWN)
    staging = plan.folder / disk.STAGING
    journal, listed = staging / "journal", staging / "manifest"
    disk.compose(listed, lambda stream: stream.writelines(change.listing()))
    if earlier:
        known = chain(earlier, change.made.values())
        disk.compose(journal, lambda stream: stream.writelines(manifest.journal(change.documents, known)))
    else:
        # The manifest itself says what is about to get its name, and is not put together twice.
        disk.compose(journal, partial(_copy, listed))
    for folder in Folders(change.moved):
        _make_folder_inside(plan.folder, plan.folder / folder)
    disk.sync(chain((file for _, file in change.moved.pairs()), (journal, listed)))
    disk.replace(journal, plan.folder / manifest.JOURNAL)
    whole = f"{plan.folder}{os.sep}"
    for path, staged in change.moved.pairs():
        disk.replace(staged, whole + path)
    _remove_superseded(plan.folder, change.superseded, chain(change.documents, change.made))
    disk.replace(listed, plan.folder / manifest.NAME)


def _copy(source: Path, stream: BinaryIO) -> None:
    with source.open("rb") as original:
        shutil.copyfileobj(original, stream)


def _remove_superseded(folder: Path, superseded: Collection[str], new: Iterable[str]) -> None:
    if not superseded:
        return
    written = SpillDict(((names.folded(path), path) for path in new), codec=PLAIN)
    for path in superseded:
        spelt_anew = written.get(names.folded(path))
        if spelt_anew is not None and looking.is_same_file(folder / spelt_anew, folder / path):
            continue
        disk.remove(folder / path)
        for parent in list(Path(path).parents)[:-1]:
            disk.remove_if_empty(folder / parent)


def _make_folder_inside(folder: Path, place: Path) -> None:
    disk.make_folder(place)
    if not place.resolve().is_relative_to(folder.resolve()):
        raise UsageError(
            Text("这个文件夹通到输出文件夹之外", "this folder leads outside the output folder"),
            place=str(place),
            remedy=Text("请删去这个链接", "remove this link"),
        )
