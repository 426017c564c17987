"""What tests of issuing share: a small dossier, its people, and the steps from submission to a verified file."""

import json
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from formgen import check, load, packing
from formgen.cli.options import list_reader
from formgen.errors import FormgenError
from formgen.forms import catalogue
from formgen.issuing import signing_off, verifying
from formgen.issuing.issue import Issued, issue
from formgen.issuing.material import Case, Material
from formgen.issuing.review import Review, review
from formgen.issuing.signing_off import Desk
from formgen.issuing.verifying import Known
from formgen.pictures import Picture
from formgen.signing import certificates, verification
from formgen.signing.chain import Chain, Trust
from formgen.signing.keys import KeySigner
from formgen.signing.ledger import Added, Ledger
from formgen.signing.statement import CHINA, Paper
from formgen.signing.verdict import Question, Verification
from ledger_kit import ROOT, key_of, policy_file
from signing_kit import ca, office

ROOT_FOLDER = Path(__file__).parents[1]
FORM = "candidate_registration"
STEPS = ("闵知节", "武承泽", "路听雪", "申载阳", "祝明德")
FIRST = datetime(2020, 10, 27, 9, 0, tzinfo=CHINA)
LATER = datetime(2020, 12, 4, 18, 0, tzinfo=CHINA)


def small_dossier(parent: Path, *, opinions: bool = False) -> Path:
    """The demo with two of its candidates, whose opinion cells are still empty unless they are wanted."""
    folder = parent / "demo"
    shutil.copytree(ROOT_FOLDER / "inputs" / "demo-2020", folder)
    for file in sorted((folder / FORM).iterdir())[2:]:
        file.unlink()
    if not opinions:
        for file in (folder / FORM).iterdir():
            edit(file, opinions=None)
    return folder


def edit(file: Path, **changes: Any) -> None:
    """Sets values of a JSON file; None takes them out."""
    values = json.loads(file.read_text("utf-8")) | changes
    file.write_text(json.dumps({k: v for k, v in values.items() if v is not None}, ensure_ascii=False), "utf-8")


@dataclass
class House:
    """A dossier, a ledger, and people who act one day after another."""

    dossier: Path
    ledger: Path
    out: Path
    now: datetime = FIRST
    policy: bytes = field(default_factory=policy_file)

    @classmethod
    def at(cls, parent: Path, *, opinions: bool = False) -> "House":
        return cls(small_dossier(parent, opinions=opinions), parent / "ledger", parent / "issued")

    def opened(self) -> tuple[Ledger, Trust]:
        ledger = Ledger.open(self.ledger, ROOT.public_key(), create=True)
        return ledger, ledger.trust(LATER, self.policy)

    def desk(self, person: str) -> Desk:
        self.now += timedelta(days=1)
        return Desk(*self.opened(), key_of(person), self.now)

    def material(self) -> Material:
        loaded = load(self.dossier)
        return Material(loaded, check(loaded), self.out)

    def cases(self, form: str | None = FORM) -> list[Case]:
        return list(self.material().cases(self.opened()[0], form))

    def chain(self, number: str) -> Chain:
        ledger, trust = self.opened()
        return ledger.chain(number, trust)

    def submit(self, form: str | None = FORM) -> dict[str, Chain]:
        desk = self.desk("经办员")
        return signing_off.submit(desk, self.material().cases(desk.ledger, form))[0]

    def review(self, person: str, form: str | None = FORM) -> tuple[Review, Mapping[str, FormgenError]]:
        material = self.material()
        ledger, trust = self.opened()
        key = signing_off.own_key(trust.newest, key_of(person).public_key())
        found, changed = signing_off.awaiting(ledger, trust, material.cases(ledger, form), key, None)
        return review([material], found), changed

    def approve(
        self, person: str, form: str | None = FORM, exceptions: Collection[str] = (), comment: str = ""
    ) -> Added:
        seen, _ = self.review(person, form)
        return signing_off.approve(
            self.desk(person), seen, seen.code, None, acknowledge=True, exceptions=exceptions, comment=comment
        )

    def approve_all(self, form: str | None = FORM) -> None:
        people = STEPS if form == FORM else STEPS[3:]
        for person in people:
            assert self.approve(person, form).refused == {}

    def record(self, number: str, role: str, by: str) -> Chain:
        desk = self.desk("经办员")
        return signing_off.record(desk, number, role, Paper(f"sha256:{'ab' * 32}", by, "2020-10-29"), "")

    def issue(
        self,
        form: str | None = FORM,
        *,
        force: bool = False,
        signer: KeySigner | None = None,
        seals: Mapping[str, Picture] | None = None,
    ) -> Issued:
        clerk = self.desk("经办员")
        return issue(self.material(), clerk, signer or office(), form=form, force=force, seals=seals)

    def ready(self, form: str | None = FORM) -> "House":
        """The same, with everything of a form approved."""
        self.submit(form)
        self.approve_all(form)
        return self

    def verify(self, file: Path, *, data: bytes | None = None, trust: KeySigner | None = None) -> Verification:
        data = file.read_bytes() if data is None else data
        authority = (trust or ca()).certificate
        found = verification.verify(data, str(file), certificates.Trust((authority,), LATER))
        return verifying.with_answers(found, data, catalogue(), list_reader(file), Known(*self.opened()))

    def files(self) -> list[Path]:
        return sorted(path for path in self.out.rglob("*") if path.is_file())


def said(found: Verification) -> dict[Question, list[str]]:
    """The questions that are not answered with yes, each with the names of its reasons."""
    return {a.question: [r.id for r in a.reasons] for a in found.answers if a.held != "yes"}


def packed(parts: Mapping[str, bytes]) -> bytes:
    return packing.write(packing.member(name, data) for name, data in parts.items())


def changed(file: Path, part: str, old: bytes, new: bytes) -> bytes:
    """A file with something replaced in one part."""
    from formgen import opc

    parts: dict[str, bytes] = dict(opc.read(file.read_bytes(), "").parts)
    assert old in parts[part]
    return packed({**parts, part: parts[part].replace(old, new)})
