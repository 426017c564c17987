"""The people in a submitted file: each is a row of its list, or a record of its own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from formgen.dossier import Dossier
from formgen.findings import Address, Pointer
from formgen.forms import Schema, catalogue
from formgen.intake import headings
from formgen.record import Origin


@dataclass(frozen=True, slots=True)
class Entry:
    """One person, by the address of the row or record."""

    at: Address
    values: Mapping[str, Any]

    def text(self, field: str) -> str:
        """The text of a field, empty if it has none."""
        value = self.values.get(field)
        return value if isinstance(value, str) else ""

    @property
    def name(self) -> str:
        """The person's name, empty if it is not known."""
        return self.text("name")


@dataclass(frozen=True)
class Entries:
    """All people in the file that a dossier was made of."""

    dossier: Dossier

    @cached_property
    def form(self) -> str:
        """The form that the file holds."""
        return self.dossier.scope.form if self.dossier.scope is not None else ""

    @cached_property
    def file(self) -> str:
        """The file's name."""
        return self.dossier.scope.path.name if self.dossier.scope is not None else ""

    @property
    def form_title(self) -> str:
        """The official name of the form."""
        return catalogue().edition(self.form, self.dossier.as_of).title

    @cached_property
    def _list(self) -> tuple[str | None, Schema]:
        """The field that holds the list, None if each record is a person; and the schema of a person."""
        edition = catalogue().edition(self.form, self.dossier.as_of)
        table = None if edition.many else headings.table(edition.schema)
        return (None, edition.schema) if table is None or table.key is None else (table.key, table.item)

    @cached_property
    def all(self) -> tuple[Entry, ...]:
        """The people in their order."""
        return tuple(self._entries())

    @cached_property
    def _by_address(self) -> Mapping[Address, Entry]:
        return {entry.at: entry for entry in self.all}

    def _entries(self) -> Iterator[Entry]:
        key, _ = self._list
        for record in self.dossier.records.get(self.form, ()):
            if not isinstance(record.values, dict):
                continue
            if key is None:
                yield Entry(record.address, record.values)
                continue
            rows = record.values.get(key)
            for number, row in enumerate(rows if isinstance(rows, list) else ()):
                if isinstance(row, dict):
                    yield Entry(record.address / key / number, row)

    def find(self, at: Address) -> tuple[Entry, Pointer] | None:
        """The person whom an address leads to, and the rest of the way; None for what is about no single one."""
        for length in range(len(at.pointer) + 1):
            entry = self._by_address.get(Address(at.form, at.pointer[:length], at.record))
            if entry is not None:
                return entry, at.pointer[length:]
        return None

    def title(self, field: str) -> str:
        """The heading of a field, without its hint."""
        _, schema = self._list
        title = str(schema.get("properties", {}).get(field, {}).get("title", field))
        return title.partition("（")[0].partition("\n")[0]

    def fields(self) -> list[str]:
        """The fields of a person in the order of the form."""
        _, schema = self._list
        return list(schema.get("properties", {}))

    def origin(self, entry: Entry, field: str) -> Origin:
        """Where a field of a person stands."""
        return self.dossier.origin(entry.at / field)
