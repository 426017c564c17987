"""Carries out a plan: every document appears whole or not at all, and a run that was killed is made good by the next.

In this order: render into a staging folder, noting each document there; write journal and manifest there; one sync;
rename the journal, then each document, into place; remove what is superseded; rename the manifest; remove journal and
staging folder. Until the first rename nothing has changed. From then on each file is one that the old manifest or the
journal knows. What a run has rendered that was killed, interrupted or left by a worker is used by the next; a run that
fails takes it back.
"""

import os
import shutil
from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from formgen.checks import Report
from formgen.delivery import disk, extras, locking, looking, manifest, names, rendering
from formgen.delivery.delivered import Delivery
from formgen.delivery.entries import Entries
from formgen.delivery.looking import Found
from formgen.delivery.manifest import Extra, Known
from formgen.delivery.plan import Plan
from formgen.delivery.staging import Staged
from formgen.delivery.work import Renderer
from formgen.delivery.workers import LostWorker, Workers
from formgen.errors import UsageError
from formgen.findings import Text


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
        for folder in made:
            disk.remove_if_empty(folder)
        raise


def _take_back(staging: Path) -> None:
    """Takes back what is not yet in place; the error that led here is the one to be told."""
    try:
        disk.clear(staging)
    except OSError:
        return  # the next run clears it


def _missing_folders(plan: Plan) -> list[Path]:
    """The folders that are not there yet, the deepest first."""
    needed = {plan.folder, *(plan.folder / inside for inside in {os.path.dirname(job.target) for job in plan.jobs})}
    above = {place for folder in needed for place in (folder, *folder.parents) if not place.exists()}
    return sorted(above, key=lambda place: len(place.parts), reverse=True)


def _look(plan: Plan, order: Order) -> Found:
    found = looking.look(plan.folder, order.force)
    targets = [job.target for job in plan.jobs]
    looking.refuse_folders(plan.folder, targets)
    if not order.force:
        looking.refuse_foreign(plan.folder, targets, found)
    return found


# --- writing ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Change:
    """What is to become of the folder."""

    moved: Mapping[str, str]
    """Target -> the staged file that gets its name."""
    documents: Entries
    made: Mapping[str, Extra]
    """Everything that this run stands for, moved or there already."""
    superseded: Sequence[str]
    listing: Callable[[], Iterable[bytes]]
    """The manifest, bit by bit."""


def _deliver(plan: Plan, report: Report, order: Order, found: Found, renderer: Renderer, workers: Workers) -> Delivery:
    entries = rendering.render(plan, found, renderer, workers, order.progress, trial=order.trial)
    place = (plan.folder / disk.STAGING).absolute()
    documents = Staged(place, filter(entries.is_new, entries))
    made = extras.make(plan, order.makers, entries, documents, found, trial=order.trial)
    moved = Staged(place, (*documents, *made.moved))
    superseded, left, kept = _others(plan, found, entries, made)
    listing = partial(manifest.build, plan, report, entries, [*made.new.values(), *kept])
    target = plan.folder / manifest.NAME
    changed = any(found.ours.get(path) != known for path, known in chain(entries.items(), made.new.items()))
    if not order.trial:
        if moved or superseded or changed or not disk.holds(target, listing()):
            _put_in_place(plan, found, _Change(moved, entries, made.new, superseded, listing))
        disk.remove(plan.folder / manifest.JOURNAL)
    told = sorted((*entries, *(path for path, known in made.new.items() if known.kind != extras.FINDINGS)))
    written = [path for path in told if path in moved]
    return Delivery(
        folder=plan.folder,
        written=tuple(written),
        unchanged=tuple(path for path in told if path not in moved),
        removed=tuple(sorted(superseded)),
        left=tuple(sorted(left)),
        withheld=tuple(sorted(job.target for job in plan.withheld)),
        older=tuple(sorted(job.target for job in plan.withheld if job.target in found.ours)),
        replaced=tuple(path for path in written if path in found.ours),
        failed=tuple(made.failed),
        trial=order.trial,
    )


def _others(
    plan: Plan, found: Found, documents: Container[str], made: extras.Made
) -> tuple[list[str], list[str], list[Known]]:
    """Of what lies there besides: what goes, what was edited and is no longer ours, what stays ours."""
    stays = {*made.current, *(job.target for job in plan.withheld)}
    there = {**found.edited, **found.ours}
    others = {path: known for path, known in there.items() if path not in documents and path not in made.new}
    goes = {path for path, known in others.items() if path not in stays and _goes(plan, known)}
    superseded = [path for path in found.ours if path in goes]
    left = [path for path in found.edited if path in goes]
    return superseded, left, [known for path, known in others.items() if path not in goes]


def _goes(plan: Plan, known: Known) -> bool:
    """Whether a file that is not written any more is to go: a draft leaves the clean files of before alone."""
    return known.draft or not plan.draft


def _put_in_place(plan: Plan, found: Found, change: _Change) -> None:
    # Files that only an earlier journal knows stay known until the manifest is there.
    earlier = [known for known in found.ours.values() if (known.path, known.sha256) not in found.listed]
    staging = plan.folder / disk.STAGING
    journal, listed = staging / "journal", staging / "manifest"
    disk.compose(listed, lambda stream: stream.writelines(change.listing()))
    if earlier:
        known = [*earlier, *change.made.values()]
        disk.compose(journal, lambda stream: stream.writelines(manifest.journal(change.documents, known)))
    else:
        # The manifest itself says what is about to get its name, and is not put together twice.
        disk.compose(journal, partial(_copy, listed))
    for folder in sorted({os.path.dirname(path) for path in change.moved}):
        _make_folder_inside(plan.folder, plan.folder / folder)
    disk.sync(chain(change.moved.values(), (journal, listed)))
    disk.replace(journal, plan.folder / manifest.JOURNAL)
    whole = f"{plan.folder}{os.sep}"
    for path, staged in change.moved.items():
        disk.replace(staged, whole + path)
    _remove_superseded(plan.folder, change.superseded, chain(change.documents, change.made))
    disk.replace(listed, plan.folder / manifest.NAME)


def _copy(source: Path, stream: BinaryIO) -> None:
    with source.open("rb") as original:
        shutil.copyfileobj(original, stream)


def _remove_superseded(folder: Path, superseded: Collection[str], new: Iterable[str]) -> None:
    if not superseded:
        return
    written = {names.folded(path): folder / path for path in new}
    for path in superseded:
        spelt_anew = written.get(names.folded(path))
        if spelt_anew is not None and looking.is_same_file(spelt_anew, folder / path):
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
