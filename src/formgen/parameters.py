"""The numbers and word lists of the regulations, by date, each with its source.

``parameters/staff.toml`` holds ``[limit]``; its name is then ``staff.limit``. Each parameter has a title, a unit and
``values``: from when (and until when, both days included) what held, where that is written, and the sentence itself.
``local = "lower"`` or ``"higher"`` marks a number that a school may set for itself, and which way is stricter;
``local = true`` one that no regulation fixes, so that any number of the school's is as good.
"""

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from formgen import resources

_STRICTER: Final = ("lower", "higher")


class UnknownParameter(KeyError):
    """A rule asked for a value that the regulations do not give: our mistake, never the data's."""


@dataclass(frozen=True, slots=True)
class Value:
    """What a parameter was between two days, and the sentence that says so."""

    since: date
    until: date | None
    value: Any
    source: str
    quote: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number or list of the regulations with all its values in order of time."""

    name: str
    title: str
    unit: str
    values: tuple[Value, ...]
    local: str | bool = False
    """Which way a school's own number may differ: ``lower``, ``higher``, or either way (True)."""

    def allows(self, own: int, law: int) -> bool:
        """Whether a school's own number is as strict as the law's, or stricter."""
        if self.local == "lower":
            return own <= law
        return own >= law if self.local == "higher" else bool(self.local)


class Parameters(Mapping[str, Parameter]):
    """Every parameter by its name."""

    def __init__(self, parameters: Mapping[str, Parameter], digest: str) -> None:
        self._parameters = parameters
        self.digest = digest
        """SHA-256 of all parameters, as ``sha256:…``."""
        self._held: dict[tuple[str, date], Any] = {}

    def __getitem__(self, name: str) -> Parameter:
        return self._parameters[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parameters)

    def __len__(self) -> int:
        return len(self._parameters)

    def value(self, name: str, on: date) -> Any:
        """What the parameter is on a day.

        Raises:
            UnknownParameter: there is no such parameter, or none of its values holds on that day.
        """
        key = (name, on)
        if key not in self._held:
            self._held[key] = self.held(name, on).value
        return self._held[key]

    def held(self, name: str, on: date) -> Value:
        """The value of a day with its source.

        Raises:
            UnknownParameter: as ``value``.
        """
        if name not in self._parameters:
            raise UnknownParameter(f"there is no parameter {name!r}")
        for held in reversed(self._parameters[name].values):
            if held.since <= on and (held.until is None or on <= held.until):
                return held
        raise UnknownParameter(f"parameter {name!r} has no value on {on}")


@lru_cache(maxsize=1)
def load() -> Parameters:
    """The parameters that formgen ships."""
    return read(resources.folder("parameters"))


def read(folder: Path) -> Parameters:
    """The parameters in the TOML files of a folder.

    Raises:
        ValueError: a file is not what a parameter file should be; the message names file and parameter.
    """
    found: dict[str, Parameter] = {}
    raw: dict[str, Any] = {}
    for path in sorted(folder.glob("*.toml")):
        for key, table in tomllib.loads(path.read_text("utf-8")).items():
            name = f"{path.stem}.{key}"
            found[name] = _parameter(name, table)
            raw[name] = table
    canonical = json.dumps(raw, ensure_ascii=False, sort_keys=True, default=str)
    return Parameters(found, "sha256:" + hashlib.sha256(canonical.encode()).hexdigest())


def _parameter(name: str, table: Any) -> Parameter:
    if not isinstance(table, dict) or set(table) - {"local"} != {"title", "unit", "values"} or not table["values"]:
        raise ValueError(f"parameter {name!r} needs exactly title, unit, at least one of values, and may have local")
    values = tuple(_value(name, entry) for entry in table["values"])
    for earlier, later in pairwise(values):
        if earlier.since >= later.since or (earlier.until is not None and earlier.until >= later.since):
            raise ValueError(f"parameter {name!r}: the values of {earlier.since} and {later.since} overlap")
    local = table.get("local", False)
    known = local is True or local in _STRICTER
    if "local" in table and not (known and all(type(held.value) is int for held in values)):
        raise ValueError(f"parameter {name!r}: local is lower, higher or true, and only for whole numbers")
    return Parameter(name, str(table["title"]), str(table["unit"]), values, local)


def _value(name: str, entry: Mapping[str, Any]) -> Value:
    known = {"from", "until", "value", "source", "quote"}
    if set(entry) - known or known - {"until"} - set(entry):
        raise ValueError(f"parameter {name!r}: a value needs from, value, source, quote, and may have until")
    return Value(entry["from"], entry.get("until"), entry["value"], str(entry["source"]), str(entry["quote"]))
