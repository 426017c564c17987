"""Issuing: the documents of cases that are signed off: with their approvals, protected, signed, closed in the ledger.

In this order: render and sign, and write beside the place; one sync for some hundred; then for each case close in the
ledger and rename into place. A run that was killed is made good by the next: what is closed is rendered to the same
content again.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from formgen import opc
from formgen.checks import Report, check
from formgen.delivery import disk
from formgen.delivery.plan import Job
from formgen.dossier import Dossier
from formgen.errors import FormgenError, UsageError
from formgen.filling.approvals import Approvals, Shown
from formgen.findings import Text
from formgen.issuing import opinions
from formgen.issuing.material import Case, Material
from formgen.issuing.signing_off import Desk, need_unchanged
from formgen.pictures import Picture
from formgen.record import Record
from formgen.signing import keys, protection, verification
from formgen.signing import package as packages
from formgen.signing.certificates import Trust, need_fit
from formgen.signing.chain import Chain, Round, next_step
from formgen.signing.keys import Signer
from formgen.signing.policy import CLERK
from formgen.signing.refusals import Reason, Refused
from formgen.signing.statement import Decision, Step, spelt
from formgen.signing.verdict import Held, Question

_STAGED = ".formgen-issue-"
_TOGETHER = 100
"""Cases whose files are made durable at once."""


@dataclass(frozen=True)
class Ready:
    """A case that is signed off, and what its documents print of that."""

    case: Case
    round: Round
    approvals: Approvals
    seals: Mapping[str, Picture]


@dataclass(frozen=True)
class Issued:
    """What a run did: paths below ``folder``, and why other cases were left out, by number."""

    folder: Path
    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    left_out: Mapping[str, FormgenError]
    report: Report
    """What the rules of the last stage say."""


class NotIssuable(FormgenError):
    """The rules that hold for issued forms have found errors."""

    exit_code = 1


def ready(
    material: Material, desk: Desk, form: str | None, seals: Mapping[str, Picture]
) -> tuple[list[Ready], dict[str, FormgenError]]:
    """The cases of a dossier that are signed off as they are now; of the others, why they are not."""
    found: list[Ready] = []
    left_out: dict[str, FormgenError] = {}
    for case in material.cases(desk.ledger, form):
        try:
            chain = desk.ledger.chain(case.number, desk.trust)
            now = chain.current
            need_unchanged(chain, case)
            if not now.complete:
                titles = "、".join(desk.policy.title(role) for role in now.lacking)
                raise Refused(Reason.NOT_OPEN if now.rejection is not None else Reason.INCOMPLETE, case.label, titles)
            put = material.seals(case.jobs, seals)
            found.append(Ready(case, now, _approvals(material, case, now, desk, put), put))
        except Refused as error:
            left_out[case.number] = error
    return found, left_out


def _approvals(material: Material, case: Case, now: Round, desk: Desk, put: Mapping[str, Picture]) -> Approvals:
    schema = material.plan.forms.edition(case.form, material.dossier.as_of).schema
    shown = {name: each for job in case.jobs for name, each in material.pictures(job).items()}
    noted = {path: Shown.of(picture) for path, picture in put.items()}
    return opinions.approvals(case.number, now, desk.trust, case.record.values, schema, shown, noted)


def with_opinions(dossier: Dossier, found: Iterable[Ready]) -> Dossier:
    """The dossier as its issued forms will say it: with the opinions that the ledger has."""
    printed = {each.case.record.address: each.approvals for each in found}

    def values(record: Record) -> Any:
        approvals = printed.get(record.address)
        return record.values if approvals is None else approvals.printed(record.values)

    return replace(dossier, records={form: records.changed(values) for form, records in dossier.records.items()})


def issue(
    material: Material,
    desk: Desk,
    signer: Signer,
    *,
    form: str | None = None,
    force: bool = False,
    seals: Mapping[str, Picture] | None = None,
    progress: Callable[[int], None] = lambda count: None,
) -> Issued:
    """Issues the documents of a dossier's cases that are signed off.

    Args:
        material: the dossier.
        desk: the clerk who closes the cases.
        signer: the office's key.
        form: the form that is meant; all, if it is None.
        force: replace files that are not ours.
        seals: pictures of seals, by the control of the day on which each is to lie.
        progress: called with the number of documents that are done.

    Raises:
        NotIssuable: the rules of the last stage find errors that are not of single records only.
        UsageError: a file that is not ours has one of the names, or the certificate cannot sign at that time.
        OutputError: the place does not take it.
    """
    need_fit(signer.certificate, desk.now)
    found, left_out = ready(material, desk, form, seals or {})
    report = check(with_opinions(material.dossier, found), stage="issue")
    if report.blocks:
        raise not_issuable(material.dossier, report)
    for each in found:
        if (each.case.form, each.case.record.id) in report.withheld:
            left_out[each.case.number] = not_issuable(material.dossier, report, each.case.label)
    issuable = [each for each in found if each.case.number not in left_out]
    written: list[str] = []
    unchanged: list[str] = []
    with disk.reporting(material.plan.folder):
        for start in range(0, len(issuable), _TOGETHER):
            for target, moved in _together(issuable[start : start + _TOGETHER], material, desk, signer, force=force):
                (written if moved else unchanged).append(target)
                progress(1)
    return Issued(material.plan.folder, tuple(written), tuple(unchanged), left_out, report)


def not_issuable(dossier: Dossier, report: Report, label: str = "") -> NotIssuable:
    """What is said of forms that the rules of the last stage hold back; it names the rules."""
    rules = sorted({finding.kind.id for finding in report.findings if finding.stops})
    return NotIssuable(
        Text(
            f"签批后的核对发现错误，没有出具（{'、'.join(rules)}）",
            f"there are errors after sign-off, so nothing has been issued ({', '.join(rules)})",
        ),
        place=f"{dossier.name} {label}".strip(),
        remedy=Text("请改正材料，重新送审", "correct the material and submit it again"),
    )


@dataclass
class _Staged:
    """A case whose documents are written beside their places."""

    ready: Ready
    subjects: Mapping[str, str]
    files: dict[Path, Path] = field(default_factory=dict)
    """Staged file -> its place."""


def _together(
    several: Sequence[Ready], material: Material, desk: Desk, signer: Signer, *, force: bool
) -> Iterator[tuple[str, bool]]:
    """The documents of some cases, whose files are made durable at once: the path of each, and whether it was written.

    Closing comes after that and before renaming: a file in its place is one that the ledger knows.
    """
    staged: list[_Staged] = []
    try:
        for each in several:
            packages_ = {job: finished(material.issued(job, each.approvals, each.seals)) for job in each.case.jobs}
            subjects = {f"issued{job.suffix}": package.content_digest for job, package in packages_.items()}
            subjects["certificate"] = keys.fingerprint(signer.certificate)
            _need_same_closing(each, subjects)
            staged.append(_Staged(each, subjects))
            for job, package in packages_.items():
                moved = _stage(staged[-1], job, package, material, desk, signer, force=force)
                yield job.target, moved
        disk.sync([place for each in staged for place in each.files])
        for done in staged:
            _close(done.ready, desk, done.subjects)
            for place, target in done.files.items():
                disk.replace(place, target)
    finally:
        for place in (place for each in staged for place in each.files):
            disk.remove(place)


def _stage(
    staged: _Staged, job: Job, package: opc.Package, material: Material, desk: Desk, signer: Signer, *, force: bool
) -> bool:
    """Signs a document and writes it beside its place, unless it is there already."""
    target = material.plan.folder / job.target
    if _is_there(target, package.content_digest, signer, desk.now):
        return False
    number = staged.ready.case.number
    if not force:
        _refuse_foreign(target, desk.ledger.chain(number, desk.trust), package.content_digest)
    place = target.with_name(f"{_STAGED}{number}{job.suffix}")
    disk.remove(place)
    staged.files[place] = target
    disk.write(place, packages.sign(packages.written(package), job.target, signer, desk.now))
    return True


def finished(package: opc.Package) -> opc.Package:
    """The rendering, read-only and final, in the spelling that is signed."""
    return packages.prepared(protection.protected(package))


def _need_same_closing(each: Ready, subjects: Mapping[str, str]) -> None:
    closing = each.round.closing
    if closing is None:
        return
    differing = [name for name in subjects if closing.step.subjects.get(name) != subjects[name]]
    if differing:
        raise UsageError(
            Text(
                "这一案已经出具过，内容或印章证书与那一次不同",
                "this case has been issued already, with other content or another certificate",
            ),
            place=each.case.label,
            remedy=Text(
                "请用那一次的证书（--key），或重新送审", "use the certificate of that time (--key), or submit it again"
            ),
        )


def _close(each: Ready, desk: Desk, subjects: Mapping[str, str]) -> None:
    if each.round.closing is not None:
        return

    def make(chain: Chain) -> Step:
        if chain.current.number != each.round.number:
            raise Refused(Reason.SUPERSEDED, each.case.label)
        return next_step(chain, Decision.ISSUE, CLERK, desk.policy, spelt(desk.now), more=subjects)

    desk.ledger.add(each.case.number, make, desk.key, desk.trust)


def _is_there(target: Path, digest: str, signer: Signer, now: datetime) -> bool:
    """Whether a file is what would be written, with a signature that holds."""
    data = _contents(target)
    if data is None:
        return False
    found = verification.verify(data, "", Trust((), now))
    holds = all(found.answer(each).held is Held.YES for each in (Question.MATHEMATICS, Question.COVERAGE))
    signed = keys.fingerprint(signer.certificate) in {each.fingerprint for each in found.signatures}
    return found.content_digest == digest and holds and signed


def _refuse_foreign(target: Path, chain: Chain, digest: str) -> None:
    """A file that an earlier round issued is ours and is replaced; any other stays."""
    data = _contents(target)
    if data is None:
        if target.exists() or target.is_symlink():
            raise _foreign(target)
        return
    closings = (found.closing for found in chain.rounds if found.closing is not None)
    ours = {value for closing in closings for value in closing.step.subjects.values()}
    if _digest(data) not in {digest, *ours}:
        raise _foreign(target)


def _foreign(target: Path) -> UsageError:
    return UsageError(
        Text("这里已有别的文件，不会覆盖", "there is another file, which is not replaced"),
        place=str(target),
        remedy=Text("请把它移走，或加 --force", "move it away, or add --force"),
    )


def _contents(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() and not path.is_symlink() else None


def _digest(data: bytes) -> str:
    try:
        return opc.read(data, "").content_digest
    except opc.PackageError:
        return ""
