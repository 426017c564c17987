"""What a rule is given and what it gives back: a cursor over checked values, the law of a day, verdicts.

A rule never sees files, origins or the clock. A value with a finding of its own has been replaced by
:class:`Withheld`; whoever reads it stops with :class:`Unreadable`, and the rule is *unverified* there.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any, Final, NamedTuple, overload

from formgen.findings import Address, Outcome, address_of
from formgen.parameters import Parameters, Value
from formgen.rules.table import LONG, Rows, Table, Withheld, withheld_inside


class Unreadable(Exception):
    """A rule came upon a value that is withheld; ``cause`` is the place of the finding."""

    def __init__(self, cause: Address) -> None:
        super().__init__(str(cause))
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Law:
    """The regulations as they stand on a day, with a school's own stricter numbers in place of theirs."""

    on: date
    parameters: Parameters
    settings: Mapping[str, int] = field(default_factory=dict)
    """Parameter -> the school's own number; one that the law does not allow is not applied."""
    _known: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def value(self, name: str) -> Any:
        """What a parameter is on this day."""
        try:
            return self._known[name]
        except KeyError:
            return self._known.setdefault(name, self._settle(name))

    def is_local(self, name: str) -> bool:
        """Whether there is a parameter of that name that a school may set for itself."""
        return name in self.parameters and self.parameters[name].local is not False

    def national(self, name: str) -> Any:
        """What a parameter is on this day, whatever the school set."""
        return self.parameters.value(name, self.on)

    def held(self, name: str) -> Value:
        """What a parameter is on this day, whatever the school set, with the source that says so."""
        return self.parameters.held(name, self.on)

    def _settle(self, name: str) -> Any:
        law, own = self.national(name), self.settings.get(name)
        return own if own is not None and self.parameters[name].allows(own, law) else law


_SINGLE: Final = frozenset({str, int, bool, type(None)})


class Node:
    """A place in a dossier, and what stands there."""

    __slots__ = ("_lists", "_tables", "address", "dossier", "sound", "value")

    def __init__(self, address: Address, value: Any, dossier: "View", sound: bool) -> None:
        self.address = address
        self.value = value
        self.dossier = dossier
        self.sound = sound
        """Whether nothing is withheld here and inside."""
        self._lists: dict[tuple[str | int, ...], tuple[Node, ...]] | None = None
        self._tables: dict[tuple[str | int, ...], Table] | None = None

    def at(self, *keys: str | int) -> Address:
        """The address below this one."""
        form, pointer, record = self.address
        return address_of((form, (*pointer, *keys), record))

    def get(self, *keys: str | int) -> Any:
        """The text, number or choice below this place, or None where it is not given.

        Raises:
            Unreadable: it, or what it lies in, has a finding of its own.
        """
        value = self.value
        for key in keys:
            if type(value) is not dict:
                break
            value = value.get(key)
        else:
            # The usual case, decided by one look: rules ask some thousand times in a dossier.
            if type(value) in _SINGLE:
                return value
        value = self._reach(keys)
        if isinstance(value, dict | list):
            raise TypeError(f"{self.at(*keys)} is not a single value")
        return value

    def each(self, *keys: str | int) -> Iterator["Node"]:
        """The members of the list below this place; none where it is not given.

        They are made once: some forty rules go through the same list.
        """
        if self._lists is None:
            self._lists = {}
        members = self._lists.get(keys)
        if members is None:
            members = self._lists[keys] = tuple(self._members(keys))
        return iter(members)

    def _members(self, keys: tuple[str | int, ...]) -> Iterator["Node"]:
        form, pointer, record = self.address
        pointer, dossier, sound = (*pointer, *keys), self.dossier, self.sound
        for index, value in enumerate(self._list(keys)):
            address = address_of((form, (*pointer, index), record))
            yield Node(address, value, dossier, sound or dossier.is_sound(address))

    def alike(self, key: str, *fields: str) -> tuple[Rows, ...]:
        """The members of a list gathered by what stands in these fields, in order of the first of each.

        ``subject.alike("members", "role", "rank/kind")``: what is asked of these fields is asked once for all rows of
        a part, of its first. A row of which one of the fields is withheld is a part by itself.
        """
        return self.table(key).alike(fields)

    def column(self, key: str, field: str) -> Sequence[Any]:
        """What stands in a field of each member of a list, ``Withheld`` where that has a finding of its own."""
        return self.table(key).column(tuple(field.split("/")))

    def rows(self, key: str, numbers: Sequence[int]) -> Rows:
        """Some members of a list, by their positions in it."""
        return Rows(self.table(key), numbers)

    def table(self, *keys: str | int) -> Table:
        """The list below this place, empty where it is not given; made once for all rules."""
        if self._tables is None:
            self._tables = {}
        found = self._tables.get(keys)
        if found is None:
            found = self._tables[keys] = self._table(keys)
        return found

    def _table(self, keys: tuple[str | int, ...]) -> Table:
        values = self._list(keys)
        form, pointer, record = self.address
        around, dossier, sound = (*pointer, *keys), self.dossier, self.sound

        def at(number: int, *inner: str | int) -> Address:
            return address_of((form, (*around, number, *inner), record))

        def node(number: int) -> Node:
            address = address_of((form, (*around, number), record))
            return Node(address, values[number], dossier, sound or dossier.is_sound(address))

        kept = cache(node) if len(values) <= LONG else node  # many rules ask for the same rows; a million take memory
        return Table(values, kept, at, sound=sound, records=(record,))

    def size(self, *keys: str | int) -> int:
        """The length of the list below this place; 0 where it is not given."""
        return len(self._list(keys))

    def names(self, *keys: str | int) -> tuple[str, ...]:
        """The keys of the group below this place; none where it is not given."""
        group = self._reach(keys)
        return tuple(group) if isinstance(group, dict) else ()

    def is_blank(self, *keys: str | int) -> bool:
        """Whether nothing is given below this place: no value, or a list or group without any."""
        value = self._reach(keys)
        return value is None or value in ([], {})

    def has_text(self, *keys: str | int) -> bool:
        """Whether the text below this place is given, and is more than blanks."""
        return bool((self.get(*keys) or "").strip())

    def blocked(self, *keys: str | int) -> Address | None:
        """The place of a finding that withholds something at, above or inside the place below this one, or None."""
        if self.sound:
            return None
        try:
            value = self._reach(keys)
        except Unreadable as problem:
            return problem.cause
        return withheld_inside(value)

    def title(self, *keys: str | int) -> str:
        """What the form calls the field below this place, by its own name alone."""
        return self.dossier.title(self.at(*keys))

    def expand(self, pattern: tuple[str, ...]) -> Iterator["Node"]:
        """The places that a pattern of keys names, ``*`` standing for each member of a list."""
        if isinstance(self.value, Withheld) or not pattern:
            yield self
        elif pattern[0] == "*":
            for child in self.each():
                yield from child.expand(pattern[1:])
        elif isinstance(self.value, dict) and pattern[0] in self.value:
            if pattern[1:2] == ("*",) and isinstance(self.value[pattern[0]], list):
                for child in self.each(pattern[0]):
                    yield from child.expand(pattern[2:])
                return
            at = self.at(pattern[0])
            child = Node(at, self.value[pattern[0]], self.dossier, self.sound or self.dossier.is_sound(at))
            yield from child.expand(pattern[1:])

    def _reach(self, keys: tuple[str | int, ...]) -> Any:
        value = self.value
        for key in keys:
            if not isinstance(value, dict):
                break
            value = value.get(key)
        else:
            if not isinstance(value, Withheld):
                return value
        if isinstance(value, Withheld):
            raise Unreadable(value.cause)
        return None

    def _list(self, keys: tuple[str | int, ...]) -> list[Any]:
        value = self._reach(keys)
        return value if isinstance(value, list) else []


def _table_of(nodes: tuple[Node, ...]) -> Table:
    def at(number: int, *keys: str | int) -> Address:
        return nodes[number].at(*keys)

    return Table([node.value for node in nodes], nodes.__getitem__, at, sound=all(node.sound for node in nodes))


_PART: Final = 200
"""So many records, which may be pages long, are judged at a time; of more, none is kept."""


class _Nodes(Sequence[Node]):
    """The records of a form, each made when somebody asks for it."""

    def __init__(self, records: Sequence[tuple[Address, Any]], dossier: "View") -> None:
        self._records = records
        self._dossier = dossier

    @overload
    def __getitem__(self, index: int) -> Node: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Node, ...]: ...
    def __getitem__(self, index: int | slice) -> Node | tuple[Node, ...]:
        if isinstance(index, slice):
            return tuple(map(self._node, self._records[index]))
        return self._node(self._records[index])

    def __iter__(self) -> Iterator[Node]:
        return map(self._node, self._records)

    def __len__(self) -> int:
        return len(self._records)

    def _node(self, record: tuple[Address, Any]) -> Node:
        address, values = record
        return Node(address, values, self._dossier, self._dossier.is_sound(address))


class View:
    """A whole dossier as rules see it: values only, those with a finding taken out."""

    def __init__(
        self,
        filing: Any,
        records: Mapping[str, Sequence[tuple[Address, Any]]],
        title: Callable[[Address], str],
        unread: Mapping[str, Address],
        withheld: Iterable[Address],
    ) -> None:
        self.title = title
        self._unsound = {
            address_of((form, pointer[:length], record))
            for form, pointer, record in withheld
            for length in range(len(pointer) + 1)
        }
        at = Address("dossier")
        self.filing = Node(at, filing, self, self.is_sound(at))
        """``dossier.json``."""
        self._subjects: dict[str, tuple[Table, ...]] = {}
        self._records = {form: self._nodes(found) for form, found in records.items()}
        self._unread = unread
        self.known: dict[Any, Any] = {}
        """What several rules work out alike, by what it is: worked out once."""

    def _nodes(self, records: Sequence[tuple[Address, Any]]) -> Sequence[Node]:
        nodes = _Nodes(records, self)
        return tuple(nodes) if len(nodes) <= _PART else nodes

    def forget(self) -> None:
        """Lets go of the records, which know the view as well: else they stay until Python looks for such circles."""
        self._records.clear()
        self._subjects.clear()
        self.known.clear()

    def records(self, form: str) -> Sequence[Node]:
        """The records of a form; that of ``dossier`` is ``dossier.json``. Of very many none is kept.

        Raises:
            Unreadable: there are none because the material could not be read.
        """
        if form == "dossier":
            return (self.filing,)
        found: Sequence[Node] = self._records.get(form, ())
        if not found and form in self._unread:
            raise Unreadable(self._unread[form])
        return found

    def is_sound(self, at: Address) -> bool:
        """Whether nothing is withheld at a place and inside it."""
        return at not in self._unsound

    def subjects(self, each: str) -> Iterable[Table]:
        """The places that a rule's ``each`` names, in all records of its form; those of one list are one table.

        Very many records come in parts, which nobody keeps.
        """
        form, _, pointer = each.partition(":")
        pattern = tuple(pointer.split("/")[1:])
        roots = self.records(form)
        if len(roots) > _PART:
            parts = (tuple(roots[start : start + _PART]) for start in range(0, len(roots), _PART))
            return (table for part in parts for table in self._tables(part, pattern))
        found = self._subjects.get(each)
        if found is None:
            found = self._subjects[each] = tuple(self._tables(roots, pattern))
        return found

    def _tables(self, roots: Sequence[Node], pattern: tuple[str, ...]) -> Iterator[Table]:
        if pattern[1:] == ("*",):
            for root in roots:
                is_list = isinstance(root.value, dict) and isinstance(root.value.get(pattern[0]), list)
                yield root.table(pattern[0]) if is_list else _table_of(tuple(root.expand(pattern)))
        else:
            yield _table_of(tuple(node for root in roots for node in root.expand(pattern)))

    def record(self, form: str) -> Node | None:
        """The record of a form that has one; None where it is not handed in."""
        return next(iter(self.records(form)), None)


class Verdict(NamedTuple):
    """What a rule says of one place. ``wording`` names one of the rule's other sentences."""

    outcome: Outcome
    at: Address
    also: tuple[Address, ...] = ()
    cause: Address | None = None
    values: Mapping[str, Any] = MappingProxyType({})
    wording: str = ""


UNREADABLE_WORDING: Final = "unreadable"
_NO_VALUES: Final[Mapping[str, Any]] = {}


def passed(at: Address) -> Verdict:
    """The verdict that a place is as the rule demands."""
    return Verdict(Outcome.PASSED, at)


def not_applicable(at: Address) -> Verdict:
    """The verdict that the rule does not speak of this place."""
    return Verdict(Outcome.NOT_APPLICABLE, at)


def failed(at: Address, *, also: tuple[Address, ...] = (), wording: str = "", **values: Any) -> Verdict:
    """The verdict that a place is not as the rule demands; ``values`` are the fields of the sentence."""
    return Verdict(Outcome.FAILED, at, also, None, values, wording)


def unverified(
    at: Address,
    *,
    cause: Address | None = None,
    also: tuple[Address, ...] = (),
    wording: str = "",
    **values: Any,
) -> Verdict:
    """The verdict that evidence is missing; ``cause`` is the place whose finding this one follows from."""
    return Verdict(Outcome.UNVERIFIED, at, also, cause, values, wording)


def unreadable(at: Address, cause: Address) -> Verdict:
    """The verdict that a place cannot be judged because what stands at ``cause`` has a finding of its own."""
    return Verdict(Outcome.UNVERIFIED, at, (), cause, _NO_VALUES, UNREADABLE_WORDING)
