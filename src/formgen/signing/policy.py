"""The policy of sign-off: which steps each form takes, who may take them, with which keys, from when until when.

Written as TOML by the office, signed once by an offline root key. The next version has a higher number; it may end a
key's validity, and every key of before stays listed, so that what it signed in its time can still be judged.
"""

import base64
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from formgen.errors import UsageError
from formgen.findings import Text
from formgen.signing import dsse

PAYLOAD_TYPE: Final = "application/vnd.formgen.signoff-policy+json"
CLERK: Final = "clerk"
"""The role that submits, records papers and issues."""
Stages = tuple[tuple[str, ...], ...]
"""Roles in their order; those of one stage come in either order."""
DEFAULT: Final = "default"
STEPS: Final[Mapping[str, Stages]] = {
    "candidate_registration": (
        ("college_league",),
        ("college_party",),
        ("student_affairs", "university_league"),
        ("university_party",),
    ),
    DEFAULT: (("university_league",), ("university_party",)),
}
"""What a policy asks that says nothing else."""
TITLES: Final[Mapping[str, str]] = {
    "college_league": "学院团组织",
    "college_party": "学院党组织",
    "student_affairs": "学生工作部门",
    "university_league": "校团委",
    "university_party": "校党委",
    CLERK: "经办人",
}


@dataclass(frozen=True, slots=True)
class Key:
    """A person's key: what it may do, and the first and last day on which it may."""

    public: bytes
    person: str
    roles: tuple[str, ...]
    scopes: tuple[str, ...]
    since: date
    until: date | None

    @property
    def verifier(self) -> Ed25519PublicKey:
        """The key itself."""
        return Ed25519PublicKey.from_public_bytes(self.public)

    def holds_on(self, day: date) -> bool:
        """Whether the key is valid on a day."""
        return self.since <= day and (self.until is None or day <= self.until)

    def may(self, role: str, scope: str) -> bool:
        """Whether the key may take a step of ``role`` in a case of ``scope``."""
        return role in self.roles and (not self.scopes or scope in self.scopes)


@dataclass(frozen=True)
class Policy:
    """A policy as it was signed. ``digest`` is of its envelope's file."""

    office: str
    number: int
    steps: Mapping[str, Stages]
    titles: Mapping[str, str]
    keys: Mapping[str, Key]
    digest: str
    data: bytes

    def stages(self, form: str) -> Stages:
        """The stages that a form goes through."""
        return self.steps.get(form, self.steps[DEFAULT])

    def title(self, role: str) -> str:
        """A role's name for a person."""
        return self.titles.get(role, TITLES.get(role, role))


class NotSigned(Exception):
    """A policy is not signed by the root key."""


def signed(value: Mapping[str, Any], root: Ed25519PrivateKey) -> bytes:
    """The file of a policy."""
    return dsse.seal(PAYLOAD_TYPE, dsse.canonical(value), root)


def read(data: bytes, root: Ed25519PublicKey) -> Policy:
    """The policy in a file.

    Raises:
        Malformed: it is no policy.
        NotSigned: it is not signed by ``root``.
    """
    envelope = dsse.opened(data)
    if envelope.payload_type != PAYLOAD_TYPE:
        raise dsse.Malformed("no policy of sign-off")
    if not envelope.signed_by(root):
        raise NotSigned
    value = dsse.parsed(envelope.payload)
    try:
        return _policy(value, data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise dsse.Malformed(f"a policy with values of the wrong kind: {error}") from error


def _policy(value: Any, data: bytes) -> Policy:
    steps = {form: tuple(tuple(stage) for stage in stages) for form, stages in value["steps"].items()}
    keys = {}
    for entry in value["keys"]:
        public = base64.b64decode(entry["public"], validate=True)
        key = Key(
            public,
            entry["person"],
            tuple(entry["roles"]),
            tuple(entry["scopes"]),
            date.fromisoformat(entry["from"]),
            date.fromisoformat(entry["until"]) if entry["until"] is not None else None,
        )
        keys[dsse.keyid_of(key.verifier)] = key
    if DEFAULT not in steps or not isinstance(value["number"], int) or len(keys) != len(value["keys"]):
        raise ValueError("no default steps, no number, or a key twice")
    return Policy(value["office"], value["number"], steps, dict(value["titles"]), keys, dsse.digest(data), data)


# --- writing one -----------------------------------------------------------------------------------------------------


def drafted(text: bytes, name: str, key_at: Callable[[str], bytes], earlier: Policy | None = None) -> dict[str, Any]:
    """The policy that a TOML file writes, to be signed.

    Args:
        text: the file.
        name: its name, for messages.
        key_at: the 32 bytes of a public key that the file names.
        earlier: the version before, if there is one.

    Raises:
        UsageError: something is missing, wrong, or gone since the version before.
    """
    try:
        raw = tomllib.loads(text.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise _wrong(name, f"不是正确的 TOML（{error}）", f"this is no correct TOML ({error})") from error
    unknown = raw.keys() - {"office", "number", "steps", "titles", "key"}
    if unknown:
        raise _wrong(name, f"不认识：{'、'.join(sorted(unknown))}", f"unknown: {', '.join(sorted(unknown))}")
    if not isinstance(raw.get("office"), str) or not _is_number(raw.get("number")):
        raise _wrong(name, "缺少 office（单位）或 number（版次，从 1 起）", "office or number (from 1) is missing")
    steps = {**{form: [list(stage) for stage in stages] for form, stages in STEPS.items()}, **_steps(raw, name)}
    entries = raw.get("key", [])
    if not isinstance(entries, list) or not entries:
        raise _wrong(name, "没有一个 [[key]]", "there is no [[key]]")
    keys = [_entry(entry, number, name, key_at) for number, entry in enumerate(entries, start=1)]
    _need_all_roles(steps, keys, name)
    if earlier is not None:
        _need_successor(raw["number"], keys, earlier, name)
    titles = raw.get("titles", {})
    if not isinstance(titles, dict) or not all(isinstance(title, str) for title in titles.values()):
        raise _wrong(name, "titles 应是“角色 = 名称”", "titles must be role = name")
    return {
        "version": 1,
        "office": raw["office"],
        "number": raw["number"],
        "steps": steps,
        "titles": {**TITLES, **titles},
        "keys": keys,
    }


def _steps(raw: Mapping[str, Any], name: str) -> dict[str, list[list[str]]]:
    steps = raw.get("steps", {})
    wanted = isinstance(steps, dict) and all(
        isinstance(stages, list)
        and stages
        and all(isinstance(stage, list) and stage and all(isinstance(role, str) for role in stage) for stage in stages)
        and len({role for stage in stages for role in stage}) == sum(map(len, stages))
        for stages in steps.values()
    )
    if not wanted:
        zh = 'steps 应是“表单 = [["角色"], ["角色", "角色"]]”，同一角色只出现一次'
        raise _wrong(name, zh, 'steps must be form = [["role"], ["role", "role"]], each role once')
    return dict(steps)


_ENTRY: Final[Mapping[str, tuple[type, ...]]] = {
    "key": (str,), "person": (str,), "roles": (list,), "scopes": (list,), "from": (date,), "until": (date,),
}  # fmt: skip


def _entry(entry: Any, number: int, name: str, key_at: Callable[[str], bytes]) -> dict[str, Any]:
    given = entry if isinstance(entry, dict) else {}
    missing = {"key", "person", "roles", "from"} - given.keys()
    wrong = [key for key, value in given.items() if key not in _ENTRY or type(value) not in _ENTRY[key]]
    lists = [*given.get("roles", ()), *given.get("scopes", ())] if not wrong else []
    if missing or wrong or not all(isinstance(item, str) for item in lists):
        keys = "、".join(sorted(missing | set(wrong))) or "roles、scopes"
        raise _wrong(name, f"第 {number} 个 [[key]] 缺少或写错：{keys}", f"[[key]] {number}, missing or wrong: {keys}")
    until = given.get("until")
    return {
        "public": base64.b64encode(key_at(given["key"])).decode(),
        "person": given["person"],
        "roles": list(given["roles"]),
        "scopes": list(given.get("scopes", ())),
        "from": given["from"].isoformat(),
        "until": until.isoformat() if until is not None else None,
    }


def _need_all_roles(steps: Mapping[str, list[list[str]]], keys: list[dict[str, Any]], name: str) -> None:
    """A role that nobody has may be one that opines on paper; the clerk records those, so there must be one."""
    if not any(CLERK in key["roles"] for key in keys):
        raise _wrong(name, f"没有经办人：请给一人加上角色 {CLERK}", f"nobody has the role {CLERK}")
    known = {role for stages in steps.values() for stage in stages for role in stage} | {CLERK}
    unknown = {role for key in keys for role in key["roles"]} - known
    if unknown:
        listed = "、".join(sorted(unknown))
        raise _wrong(name, f"steps 里没有这些角色：{listed}", f"no step has the roles {', '.join(sorted(unknown))}")
    if len({key["public"] for key in keys}) != len(keys):
        raise _wrong(name, "同一把钥匙写了两次", "a key is listed twice")


def _need_successor(number: int, keys: list[dict[str, Any]], earlier: Policy, name: str) -> None:
    if number <= earlier.number:
        zh, en = f"number 要大于上一版的 {earlier.number}", f"number must be above that of before, {earlier.number}"
        raise _wrong(name, zh, en)
    listed = {base64.b64decode(key["public"]) for key in keys}
    gone = [key.person for key in earlier.keys.values() if key.public not in listed]
    if gone:
        zh = f"上一版的钥匙不能删去，只能写上 until：{'、'.join(gone)}"
        raise _wrong(name, zh, f"keys of before cannot be left out, only ended with until: {', '.join(gone)}")


def _is_number(value: Any) -> bool:
    return type(value) is int and value > 0


def _wrong(name: str, zh: str, en: str) -> UsageError:
    return UsageError(Text(zh, en), place=name)
