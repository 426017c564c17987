"""What tests of the ledger share: an office with its people, a signed policy, a ledger with a case in it."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from formgen.signing import dsse, policy
from formgen.signing.chain import Chain, Trust, next_step
from formgen.signing.ledger import Ledger
from formgen.signing.statement import CHINA, Decision, Step, spelt

NOON = datetime(2020, 10, 27, 12, 0, tzinfo=CHINA)
LATER = datetime(2021, 1, 1, tzinfo=CHINA)
FORM = "candidate_registration"
COLLEGE = "信息工程学院"
SUBJECTS = {name: dsse.digest(name.encode()) for name in ("input", "waivers", "rules", "template.docx", "proof.docx")}
# Who has which role; the first of each is the one that acts unless a test says otherwise.
PEOPLE: Mapping[str, tuple[str, ...]] = {
    "闵知节": ("college_league",),
    "武承泽": ("college_party",),
    "路听雪": ("student_affairs",),
    "申载阳": ("university_league",),
    "祝明德": ("university_party",),
    "经办员": ("clerk",),
    "多面手": ("college_league", "college_party"),
}


@cache
def key_of(person: str) -> Ed25519PrivateKey:
    """A person's key: the same on every run."""
    return Ed25519PrivateKey.from_private_bytes(person.encode().ljust(32, b".")[:32])


ROOT = key_of("root")


def public(key: Ed25519PrivateKey) -> str:
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def policy_value(number: int = 1, **changes: Mapping[str, Any]) -> dict[str, Any]:
    """A policy; ``changes`` are, by person, other values of the entry of that key."""
    entries = [
        {
            "public": public(key_of(person)),
            "person": person,
            "roles": list(roles),
            "scopes": [],
            "from": "2020-10-01",
            "until": None,
            **changes.get(person, {}),
        }
        for person, roles in PEOPLE.items()
    ]
    steps = {form: [list(stage) for stage in stages] for form, stages in policy.STEPS.items()}
    return {"version": 1, "office": "青川示范学院", "number": number, "steps": steps, "titles": {}, "keys": entries}


def policy_file(number: int = 1, root: Ed25519PrivateKey = ROOT, **changes: Mapping[str, Any]) -> bytes:
    return policy.signed(policy_value(number, **changes), root)


@dataclass
class Office:
    """A ledger, and people who act on it one minute after another."""

    folder: Path
    policy: bytes = field(default_factory=policy_file)
    now: datetime = NOON

    def __post_init__(self) -> None:
        self.ledger = Ledger.open(self.folder, ROOT.public_key(), create=True)
        self.case = self.ledger.case_of("demo", FORM, "01")

    def trust(self, newest: bytes | None = None) -> Trust:
        return Ledger.open(self.folder, ROOT.public_key()).trust(LATER, newest or self.policy)

    def chain(self, case: str | None = None) -> Chain:
        """The case as somebody reads it who opens the ledger anew."""
        return Ledger.open(self.folder, ROOT.public_key()).chain(case or self.case, self.trust())

    def time(self) -> str:
        self.now += timedelta(minutes=1)
        return spelt(self.now)

    def submit(self, case: str | None = None, person: str = "经办员", **changes: Any) -> Chain:
        def make(found: Chain) -> Step:
            values: dict[str, Any] = {
                "case": found.case,
                "sequence": len(found.entries) + 1,
                "round": len(found.rounds) + 1,
                "decision": Decision.SUBMIT,
                "role": "clerk",
                "form": FORM,
                "scope": COLLEGE,
                "previous": found.tip,
                "policy": dsse.digest(self.policy),
                "time": self.time(),
                "subjects": SUBJECTS,
            }
            return Step(**{**values, **changes})

        return self.ledger.add(case or self.case, make, key_of(person), self.trust())

    def step(self, found: Chain, decision: Decision, role: str, **more: Any) -> Step:
        newest = self.trust().newest
        return next_step(found, decision, role, newest, more.pop("time", None) or self.time(), **more)

    def approve(self, person: str, role: str | None = None, case: str | None = None, **more: Any) -> Chain:
        role = role or PEOPLE[person][0]
        return self.ledger.add(
            case or self.case,
            lambda found: self.step(found, more.pop("decision", Decision.APPROVE), role, **more),
            key_of(person),
            self.trust(),
        )

    def approve_all(self, case: str | None = None) -> Chain:
        for person in list(PEOPLE)[:5]:
            found = self.approve(person, case=case)
        return found

    def close(self, person: str = "经办员") -> Chain:
        issued = {"issued.docx": dsse.digest(b"issued")}
        return self.approve(person, "clerk", decision=Decision.ISSUE, more=issued)

    def path(self, sequence: int, case: str | None = None) -> Path:
        return self.folder / "cases" / (case or self.case) / f"{sequence:04}.json"
