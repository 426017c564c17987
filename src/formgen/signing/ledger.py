"""The ledger: a folder of files that are only ever added.

::

    ledger.json                 whose it is, and the salt from which case numbers are made
    policies/<digest>.json      every policy, as the root key signed it
    cases/<number>/0001.json    the steps of a case in their order, each quoting the digest of the one before
    batches/<digest>.json       approvals of many cases at once; each case's step names the one it belongs to

Two who act at once write to the same next name: one of them gets it, the other reads again what there is now.
"""

import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from formgen.errors import FormgenError, OutputError
from formgen.findings import Text
from formgen.signing import dsse, exclusive, policy
from formgen.signing.chain import Chain, Entry, Trust
from formgen.signing.refusals import Reason, Refused
from formgen.signing.statement import PAYLOAD_TYPE, Batch, Step, read_batch, read_step

_ABOUT: Final = "ledger.json"
_STEP_NAME = re.compile(r"[0-9]{4}\.json")
_CASE = re.compile(r"[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}")
_TRIES: Final = 50
Make = Callable[[Chain], Step]


@dataclass(frozen=True, slots=True)
class Added:
    """What an approval of many cases came to: their chains now, and why others were left out."""

    done: Mapping[str, Chain]
    refused: Mapping[str, Refused]


class Ledger:
    """A ledger on the disk, and the root key that it is judged by."""

    def __init__(self, folder: Path, root: Ed25519PublicKey, salt: bytes) -> None:
        self.folder = folder
        self._root = root
        self._salt = salt
        self._batches: dict[str, tuple[dsse.Envelope, Batch]] = {}

    @classmethod
    def open(cls, folder: Path, root: Ed25519PublicKey, *, create: bool = False) -> "Ledger":
        """The ledger in a folder; with ``create`` a new one where there is none.

        Raises:
            Refused: there is none, it is damaged, or it belongs to another root key.
        """
        path = folder / _ABOUT
        if create and not path.exists():
            about = {"version": 1, "root": dsse.keyid_of(root), "salt": secrets.token_hex(16)}
            exclusive.create(path, dsse.canonical(about))
        if not any(os.path.lexists(folder / name) for name in (_ABOUT, "policies", "cases")):
            raise Refused(Reason.NO_LEDGER, str(folder))
        data = _contents(path)
        match _parsed(data, str(path)):
            case {"version": 1, "root": str(keyid), "salt": str(salt), **more} if not more:
                if keyid != dsse.keyid_of(root):
                    raise Refused(Reason.OTHER_LEDGER, str(folder))
                return cls(folder, root, bytes.fromhex(salt))
            case _:
                raise Refused(Reason.MALFORMED, str(path), _ABOUT)

    def case_of(self, *parts: str) -> str:
        """The number of the case that ``parts`` name: the same each time, and telling nothing about them."""
        mac = hmac.new(self._salt, "\0".join(parts).encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
        return "-".join((mac[:4], mac[4:8], mac[8:12]))

    # --- policies ---

    def trust(self, now: datetime, newest: bytes | None = None) -> Trust:
        """What the ledger is judged by; ``newest`` is a policy that may not be in it yet.

        Raises:
            Refused: a policy is not signed by the root key, or two have the same number.
        """
        found: dict[str, policy.Policy] = {}
        for path in _files(self.folder / "policies"):
            data = _contents(path)
            if path.name != _name(dsse.digest(data)):
                raise Refused(Reason.OTHER_FILE, str(self.folder), f"policies/{path.name}")
            found[dsse.digest(data)] = self._policy(data, str(path))
        if newest is not None:
            found[dsse.digest(newest)] = self._policy(newest, "--policy")
        if not found:
            raise Refused(Reason.POLICY_UNKNOWN, str(self.folder))
        numbers: dict[int, policy.Policy] = {}
        for each in found.values():
            if numbers.setdefault(each.number, each) is not each:
                raise Refused(Reason.POLICY_FORK, str(self.folder), str(each.number))
        return Trust(found, numbers[max(numbers)], now)

    def _policy(self, data: bytes, place: str) -> policy.Policy:
        try:
            return policy.read(data, self._root)
        except dsse.Malformed as error:
            raise Refused(Reason.MALFORMED, place, str(error)) from error
        except policy.NotSigned as error:
            raise Refused(Reason.POLICY_SIGNATURE, place) from error

    def _keep(self, kept: policy.Policy) -> None:
        path = self.folder / "policies" / _name(kept.digest)
        if not path.exists():
            exclusive.create(path, kept.data)

    # --- reading ---

    def cases(self) -> tuple[str, ...]:
        """The numbers of all cases, in order.

        Raises:
            Refused: something lies among them that is no case.
        """
        numbers = []
        for path in _entries(self.folder / "cases"):
            if not _CASE.fullmatch(path.name) or not path.is_dir():
                raise Refused(Reason.OTHER_FILE, str(self.folder), f"cases/{path.name}")
            if _entries(path):  # else somebody was interrupted before the first step
                numbers.append(path.name)
        return tuple(numbers)

    def chain(self, case: str, trust: Trust) -> Chain:
        """The steps of a case, each judged; none where there are none.

        Raises:
            Refused: they do not hold.
        """
        chain = Chain(case)
        if not _CASE.fullmatch(case):
            raise Refused(Reason.NO_CASE, str(self.folder), case)
        folder = self.folder / "cases" / case
        for number, path in enumerate(_entries(folder), start=1):
            place = f"{case}/{path.name}"
            if not _STEP_NAME.fullmatch(path.name):
                raise Refused(Reason.OTHER_FILE, str(self.folder), place)
            if path.name != _numbered(number):
                raise Refused(Reason.MISSING_STEP, str(self.folder), f"{case}/{_numbered(number)}")
            chain = chain.extended(self._entry(_contents(path), place), trust, place)
        return chain

    def _entry(self, data: bytes, place: str) -> Entry:
        try:
            match dsse.parsed(data):
                case {"batch": str(digest), "statement": statement, **more} if not more:
                    step = read_step(statement)
                    envelope, batch = self._batch(digest, place)
                    # The statement as it stands in the file: all of that is in its one spelling.
                    spelt = data[len(f'{{"batch":"{digest}","statement":') : -1]
                    _need_listed(step, dsse.digest(spelt), batch, place)
                    return Entry(step, envelope.keyid, dsse.digest(data), envelope)
            envelope = _statement_envelope(data)
            return Entry(read_step(dsse.parsed(envelope.payload)), envelope.keyid, dsse.digest(data), envelope)
        except dsse.Malformed as error:
            raise Refused(Reason.MALFORMED, place, str(error)) from error

    def _batch(self, digest: str, place: str) -> tuple[dsse.Envelope, Batch]:
        if digest not in self._batches:
            if not re.fullmatch("sha256:[0-9a-f]{64}", digest):
                raise Refused(Reason.MALFORMED, place, digest)
            path = self.folder / "batches" / _name(digest)
            if not path.is_file():
                raise Refused(Reason.MISSING_STEP, place, f"batches/{path.name}")
            data = _contents(path)
            if dsse.digest(data) != digest:
                raise Refused(Reason.NOT_IN_BATCH, place)
            envelope = _statement_envelope(data)
            self._batches[digest] = envelope, read_batch(dsse.parsed(envelope.payload))
        return self._batches[digest]

    # --- adding ---

    def add(self, case: str, make: Make, key: Ed25519PrivateKey, trust: Trust) -> Chain:
        """Adds the step that ``make`` says follows on a chain; again, if somebody was quicker.

        Raises:
            Refused: that step must not follow.
        """
        for _ in range(_TRIES):
            chain = self.chain(case, trust)
            step = make(chain)
            data = _sealed(step.value(), key)
            longer = chain.extended(self._entry(data, case), trust, case)
            self._keep(trust.policies[step.policy])
            if exclusive.create(self._path(step), data):
                return longer
        raise _too_busy(self.folder)

    def add_all(self, cases: Iterable[str], make: Make, key: Ed25519PrivateKey, trust: Trust) -> Added:
        """Adds to each case the step that ``make`` says, all of them in one signed list.

        A case whose step must not follow is left out of the list. Where somebody else was quicker, the cases that
        are left are signed in another list.
        """
        left = list(dict.fromkeys(cases))
        done: dict[str, Chain] = {}
        refused: dict[str, Refused] = {}
        for _ in range(_TRIES):
            steps: dict[str, tuple[Step, Chain]] = {}
            for case in left:
                try:
                    chain = self.chain(case, trust)
                    step = make(chain)
                    chain.extended(self._entry(_sealed(step.value(), key), case), trust, case)
                    steps[case] = step, chain
                except Refused as error:
                    refused[case] = error
            if not steps:
                return Added(done, refused)
            written = self._write_batch(steps, key, trust)
            done |= written
            left = [case for case in steps if case not in written]
        raise _too_busy(self.folder)

    def _write_batch(
        self, steps: Mapping[str, tuple[Step, Chain]], key: Ed25519PrivateKey, trust: Trust
    ) -> dict[str, Chain]:
        """Signs the list and gives each case its step; those whose place was taken meanwhile are not in the answer."""
        first = next(iter(steps.values()))[0]
        listed = {case: step.digest for case, (step, _) in steps.items()}
        batch = Batch(listed, first.policy, first.role, first.decision, first.time, first.shown)
        data = _sealed(batch.value(), key)
        self._keep(trust.policies[first.policy])
        exclusive.create(self.folder / "batches" / _name(dsse.digest(data)), data)
        members: list[tuple[Path, bytes]] = []
        longer: list[Chain] = []
        for case, (step, chain) in steps.items():
            member = dsse.canonical({"batch": dsse.digest(data), "statement": step.value()})
            longer.append(chain.extended(self._entry(member, case), trust, case))
            members.append((self._path(step), member))
        taken = exclusive.create_all(members)
        return {chain.case: chain for chain, mine in zip(longer, taken, strict=True) if mine}

    def _path(self, step: Step) -> Path:
        return self.folder / "cases" / step.case / _numbered(step.sequence)


def _need_listed(step: Step, digest: str, batch: Batch, place: str) -> None:
    """That a list has a step, and says of it what the step says of itself."""
    of_all = (batch.policy, batch.role, batch.decision, batch.time, batch.shown)
    if batch.steps.get(step.case) != digest:
        raise Refused(Reason.NOT_IN_BATCH, place)
    if of_all != (step.policy, step.role, step.decision, step.time, step.shown):
        raise Refused(Reason.NOT_IN_BATCH, place)


def _sealed(value: Any, key: Ed25519PrivateKey) -> bytes:
    return dsse.seal(PAYLOAD_TYPE, dsse.canonical(value), key)


def _statement_envelope(data: bytes) -> dsse.Envelope:
    envelope = dsse.opened(data)
    if envelope.payload_type != PAYLOAD_TYPE:
        raise dsse.Malformed(f"a payload of the type {envelope.payload_type}")
    return envelope


def _parsed(data: bytes, place: str) -> Any:
    try:
        return dsse.parsed(data)
    except dsse.Malformed as error:
        raise Refused(Reason.MALFORMED, place, str(error)) from error


def _contents(path: Path) -> bytes:
    """The bytes of a file of the ledger: no pipe, no link that leads out of it, none that is too large."""
    if path.is_symlink() or not path.is_file():
        raise Refused(Reason.MALFORMED, str(path), Text("没有这个文件", "there is no such file"))
    with path.open("rb") as stream:
        data = stream.read(dsse.MAX_BYTES + 1)
    if len(data) > dsse.MAX_BYTES:
        raise Refused(Reason.MALFORMED, str(path), Text("文件太大", "the file is too large"))
    return data


def _entries(folder: Path) -> list[Path]:
    """What lies in a folder, in order, without what a broken run has left."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if not path.name.startswith(exclusive.UNFINISHED))


def _files(folder: Path) -> list[Path]:
    return [path for path in _entries(folder) if path.suffix == ".json"]


def _name(digest: str) -> str:
    return f"{digest.removeprefix('sha256:')}.json"


def _numbered(sequence: int) -> str:
    return f"{sequence:04}.json"


def _too_busy(folder: Path) -> FormgenError:
    return OutputError(
        Text("签批簿一直有别人在写，没有写进去", "others are writing to the ledger all the time; nothing was written"),
        place=str(folder),
        remedy=Text("请稍后再运行一次", "run it again a little later"),
    )
