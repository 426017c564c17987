"""What a check says: findings as data, with message templates beside them.

Source of the shapes: the project's design, sections 3 (decision 8) and 6.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any, Final, NamedTuple

Pointer = tuple[str | int, ...]


class Severity(StrEnum):
    """How much a failed rule weighs; only an unwaived error stops issuing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Outcome(StrEnum):
    """What a rule says of one thing that it judged. The last two never count as passed."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not_applicable"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in Chinese and in English, with ``{fields}`` for values."""

    zh: str
    en: str

    def lang(self, lang: str, values: Mapping[str, Any] | None = None) -> str:
        """The sentence in ``zh`` or ``en``, its fields filled from ``values``."""
        template = self.en if lang == "en" else self.zh
        return template.format_map(values) if values is not None else template


class Address(NamedTuple):
    """A place in the data: ``form[#record]:/pointer``; ``dossier:/…`` for the dossier itself.

    A tuple, because rules make thousands of them, and a frozen dataclass costs three times as much to make.
    """

    form: str
    pointer: Pointer = ()
    record: str | None = None

    def __truediv__(self, key: str | int) -> "Address":
        return Address(self.form, (*self.pointer, key), self.record)

    def __str__(self) -> str:
        record = f"#{self.record}" if self.record is not None else ""
        return f"{self.form}{record}:{format_pointer(self.pointer)}"

    @classmethod
    def parse(cls, text: str) -> "Address":
        """The address that ``text`` spells; array positions become integers.

        Raises:
            ValueError: ``text`` is not ``form[#record]:/pointer``.
        """
        match = re.fullmatch(r"([a-z_]+)(?:#([^:]*))?:((?:/.*)?)", text, re.DOTALL)
        if match is None:
            raise ValueError(text)
        form, record, pointer = match.groups()
        keys = [unescape_key(key) for key in pointer.split("/")[1:]] if pointer != "/" else []
        return cls(form, tuple(int(key) if key.isdecimal() and key.isascii() else key for key in keys), record)


address_of: Final[Callable[[tuple[str, Pointer, str | None]], Address]] = partial(tuple.__new__, Address)
"""An address of its three parts. Thousands are made in a dossier, and by the name of the class they take twice as long.
"""


def format_pointer(pointer: Pointer) -> str:
    """The RFC 6901 text of ``pointer``, with ``/`` for the whole record."""
    return "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in pointer) or "/"


def unescape_key(key: str) -> str:
    """One RFC 6901 reference token without its escapes."""
    return key.replace("~1", "/").replace("~0", "~")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a finding is about: everything of it that does not depend on the data.

    Rules (``R01``…), schema findings (``S-…``) and intake findings (``I-…``) each have one.
    """

    id: str
    name: str
    title: Text
    message: Text
    severity: Severity = Severity.ERROR
    hint: Text = field(default=Text("", ""))
    missing: Text | None = None
    """What is said instead of ``message`` when the outcome is *unverified*: which evidence, and where to put it."""
    basis: tuple[str, ...] = ()

    def __hash__(self) -> int:
        return hash(self.id)  # that of all texts takes longer than what is looked up by it


_NO_VALUES: Final[Mapping[str, Any]] = {}


class Finding(NamedTuple):
    """One thing that a check says about one place. A tuple, as an address is.

    ``also`` are the other places of a conflict; ``cause`` is the address of the finding that this one follows from;
    ``values`` are exactly the fields of the message.
    """

    kind: Kind
    at: Address
    values: Mapping[str, Any] = _NO_VALUES
    outcome: Outcome = Outcome.FAILED
    also: tuple[Address, ...] = ()
    cause: Address | None = None
    waived: str | None = None
    """The reason of the waiver that covers this finding."""

    @property
    def stops(self) -> bool:
        """Whether this finding forbids issuing."""
        return self.outcome is Outcome.FAILED and self.kind.severity is Severity.ERROR and self.waived is None

    def message(self, lang: str = "zh") -> str:
        """The sentence for a person."""
        unverified = self.outcome is Outcome.UNVERIFIED and self.kind.missing is not None
        template = self.kind.missing if unverified and self.kind.missing is not None else self.kind.message
        return template.lang(lang, self.values)
