"""What the regulations demand, as rules: how they are declared and collected.

One module or package per form (named by its key) and ``dossier`` for what concerns the whole. A rule is declared where
it is written::

    @rule("R03", name="too-many-in-presidium", title=Text(…), message=Text(…), basis=("…",), each="staff_list:", …)
    def too_many_in_presidium(subject: Node, law: Law) -> Iterator[Verdict]:

and is called once for each place that ``each`` names. It is pure: what it says depends on the values it reads and on
the law of the day alone. An id is never reused: when the logic changes, the old rule ends and a new id begins.
"""

import hashlib
import importlib
import inspect
import pkgutil
import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Final, Literal

from formgen.findings import Kind, Outcome, Severity, Text
from formgen.rules.subject import UNREADABLE_WORDING, Law, Node, Verdict

Judge = Callable[[Node, Law], Iterator[Verdict]]
Stage = Literal["fill", "issue"]

_NO_TEXT: Final = Text("", "")
_UNREADABLE: Final = Text(
    "所依据的内容本身有问题，本条未能核对；请先改正那一处",
    "what this rule reads has a finding of its own, so it could not be checked; correct that first",
)
_declared: dict[str, "Rule"] = {}


@dataclass(frozen=True)
class Rule:
    """One demand of the regulations, and how it is judged."""

    kind: Kind
    function: Judge
    each: str
    """The places that are judged one by one: ``form:/pointer`` with ``*`` for each member of a list."""
    reads: tuple[str, ...]
    """Every place that the rule may read, written the same way."""
    effective_from: date
    effective_until: date | None
    """The last day."""
    stage: Stage
    waivable: bool
    wordings: Mapping[str, Text] = field(default_factory=dict)
    """Other sentences than ``message`` and ``missing``, by name."""

    @property
    def id(self) -> str:
        """The rule's id."""
        return self.kind.id

    @cached_property
    def form(self) -> str:
        """The key of the form that is judged, or ``dossier``."""
        return self.each.partition(":")[0]

    def in_force(self, on: date) -> bool:
        """Whether the rule holds on a day."""
        return self.effective_from <= on and (self.effective_until is None or on <= self.effective_until)

    def kind_for(self, verdict: Verdict) -> Kind:
        """The kind of a finding made from a verdict: the rule's own, with the sentence that the verdict chose.

        Raises:
            ValueError: the verdict's values are not exactly the fields of that sentence.
        """
        kind, fields = self._kinds[verdict.outcome, verdict.wording]
        if verdict.values.keys() != fields:
            raise ValueError(f"{self.id}: the sentence has the fields {sorted(fields)}, given {sorted(verdict.values)}")
        return kind

    @cached_property
    def _kinds(self) -> Mapping[tuple[Outcome, str], tuple[Kind, frozenset[str]]]:
        texts = {(Outcome.FAILED, ""): self.kind.message, (Outcome.UNVERIFIED, UNREADABLE_WORDING): _UNREADABLE}
        if self.kind.missing is not None:
            texts[Outcome.UNVERIFIED, ""] = self.kind.missing
        for name, text in self.wordings.items():
            texts[Outcome.FAILED, name] = texts[Outcome.UNVERIFIED, name] = text
        return {
            (outcome, name): (
                replace(self.kind, message=text) if outcome is Outcome.FAILED else replace(self.kind, missing=text),
                fields_of(text),
            )
            for (outcome, name), text in texts.items()
        }


def fields_of(text: Text) -> frozenset[str]:
    """The names of the fields of a sentence, in either language."""
    parts = (*string.Formatter().parse(text.zh), *string.Formatter().parse(text.en))
    return frozenset(name for _, name, _, _ in parts if name)


def rule(
    id_: str,
    *,
    name: str,
    title: Text,
    message: Text,
    basis: tuple[str, ...],
    each: str,
    reads: tuple[str, ...],
    effective_from: date,
    effective_until: date | None = None,
    missing: Text | None = None,
    hint: Text = _NO_TEXT,
    severity: Severity = Severity.ERROR,
    stage: Stage = "fill",
    waivable: bool = True,
    wordings: Mapping[str, Text] = MappingProxyType({}),
) -> Callable[[Judge], Judge]:
    """Declares the function below it as a rule.

    ``missing`` is what is said when the outcome is *unverified*: which evidence is missing and where to put it.

    Raises:
        ValueError: a rule of this id is declared already.
    """

    def declare(function: Judge) -> Judge:
        if id_ in _declared:
            raise ValueError(f"{id_} is declared in {_declared[id_].function.__module__} and {function.__module__}")
        kind = Kind(id_, name, title, message, severity, hint, missing, basis)
        _declared[id_] = Rule(
            kind,
            function,
            each,
            reads,
            effective_from,
            effective_until,
            stage,
            waivable,
            MappingProxyType({**wordings}),
        )
        return function

    return declare


@lru_cache(maxsize=1)
def all_rules() -> tuple[Rule, ...]:
    """Every rule that formgen knows, in order of id."""
    for name in _modules():
        importlib.import_module(name)
    return tuple(_declared[id_] for id_ in sorted(_declared))


@lru_cache(maxsize=1)
def waivable() -> frozenset[str]:
    """The ids of the rules whose findings may be waived."""
    return frozenset(found.id for found in all_rules() if found.waivable)


def in_force(on: date, stage: Stage = "fill") -> tuple[Rule, ...]:
    """The rules that hold on a day. Those of the stage ``issue`` come on top of those of ``fill``."""
    return tuple(found for found in all_rules() if found.in_force(on) and found.stage in ("fill", stage))


@lru_cache(maxsize=1)
def digest() -> str:
    """SHA-256 of what the rules say and how they are written, as ``sha256:…``."""
    seen = hashlib.sha256()
    for name in _modules():
        seen.update(f"{name}\0{inspect.getsource(importlib.import_module(name))}\0".encode())
    for found in all_rules():
        seen.update(f"{found.kind!r} {found.each} {found.effective_from} {found.effective_until}\0".encode())
    return "sha256:" + seen.hexdigest()


def _modules() -> tuple[str, ...]:
    """The full names of the modules of rules and of what they share; ``page`` only describes them."""
    names = (module.name for module in pkgutil.walk_packages(__path__, f"{__name__}."))
    return tuple(sorted(name for name in names if name != f"{__name__}.page"))
