"""Reports that may leave the office: a judged dossier without names and other personal values.

Everything that a report prints is replaced before any format sees it, so that no format can forget to: the values of
messages, the values and origins that excerpts are taken from, pointers, the ids of records and the names of files.

Personal is what the schemas mark ``x-sensitive``, and what stands where such a value belongs without being one (a text
in place of a row, a field that the form does not have). A *telling* value (a name, a number) is replaced wherever it
occurs; a *plain* one (男, 共青团员, 3), which also occurs in the regulations' own words, where it is told as the value
of a finding that reads such a field.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from formgen.checks import Report
from formgen.delivery import Delivery
from formgen.delivery.delivered import Paths
from formgen.dossier import Dossier
from formgen.findings import Address, Finding, Pointer, Text
from formgen.forms import Schema, catalogue, dossier_schema
from formgen.record import Origin, Origins, Record
from formgen.records import Records
from formgen.reports.personal import (
    SHORT_NUMBER,
    Secret,
    below,
    covers,
    field_of,
    is_personal,
    numbered,
    reads,
    regulations,
    row_of,
    school_names,
    secrets,
    vocabulary,
)

WITHHELD: Final = Text("〔略〕", "〔withheld〕")
_SERIAL: Final = Text("序号 {serial}", "no. {serial}")
_LINE: Final = Text("{file} 第 {line} 行", "{file} line {line}")
_PUNCTUATION: Final = re.compile(r"([、，,；;：:（）()“”\s…]+)")
_DIGEST: Final = re.compile("sha256:[0-9a-f]{64}")


class Redactor:
    """Takes what is personal out of one dossier and out of what is said of it."""

    def __init__(self, dossier: Dossier, lang: str = "zh") -> None:
        self._dossier = dossier
        self._lang = lang
        self._ids = numbered(dossier)
        self._files = {
            f"{form}/{id_}.{suffix}": f"{form}/{alias}.{suffix}"
            for (form, id_), alias in self._ids.items()
            for suffix in ("json", "xlsx", "docx", "csv")
        }
        self._telling: dict[str, Address] = {}
        self._plain: dict[tuple[str, tuple[str, ...]], set[str]] = {}
        self._rows: dict[Address, list[Secret]] = {}
        self._collect()
        # First character -> lengths, longest first: a text is gone through once, however many names there are.
        lengths: dict[str, set[int]] = {}
        for text in self._telling:
            lengths.setdefault(text[0], set()).add(len(text))
        self._lengths = {first: sorted(found, reverse=True) for first, found in lengths.items()}

    def _collect(self) -> None:
        common = vocabulary()
        public = "\n".join(school_names(self._dossier.values)) + regulations()
        for secret in secrets(self._dossier):
            self._rows.setdefault(row_of(secret.at), []).append(secret)
            for text in secret.texts:
                if len(text) < 2 or text in common or text in public or SHORT_NUMBER.fullmatch(text):
                    self._plain.setdefault((secret.at.form, secret.field), set()).add(text)
                else:
                    self._telling.setdefault(text, secret.at)

    # --- what is printed -------------------------------------------------------------------------------------------

    def dossier(self) -> Dossier:
        """The dossier without what is personal. Where a place in it was found stays the same."""
        old = self._dossier
        records = {
            form: Records(
                (
                    Record(
                        form,
                        self._masked(record.values, catalogue().edition(form, old.as_of).schema, record.address),
                        _Origins(record.origins, self),
                        self._id(form, record.id),
                    )
                    for record in found
                ),
                origins=partial(self._origins, found),
            )
            for form, found in old.records.items()
        }
        return replace(
            old,
            name=self.text(old.name),
            values=self._masked(old.values, dossier_schema(), Address("dossier")),
            origins=_Origins(old.origins, self),
            records=records,
            as_of_why=self.text(old.as_of_why),
            findings=(),
            inputs={},
            apart={},
            places={self.address(at): self.origin(place) for at, place in old.places.items()},
        )

    def _origins(self, records: Records, index: int, _: Any) -> Origins:
        return _Origins(records[index].origins, self)

    def report(self, report: Report) -> Report:
        """The report without what is personal."""
        return replace(report, findings=tuple(map(self.finding, report.findings)))

    def delivery(self, delivery: Delivery) -> Delivery:
        """What was written, without the names in it."""
        return replace(
            delivery,
            written=Paths(map(self.text, delivery.written)),
            unchanged=Paths(map(self.text, delivery.unchanged)),
            removed=Paths(map(self.text, delivery.removed)),
            left=Paths(map(self.text, delivery.left)),
            withheld=Paths(map(self.text, delivery.withheld)),
            older=Paths(map(self.text, delivery.older)),
            replaced=Paths(map(self.text, delivery.replaced)),
        )

    def finding(self, finding: Finding) -> Finding:
        """A finding without what is personal."""
        plain = self._plain_for(finding)
        row = self._rows.get(row_of(finding.at), [])
        return finding._replace(
            at=self.address(finding.at),
            also=tuple(map(self.address, finding.also)),
            cause=self.address(finding.cause) if finding.cause is not None else None,
            waived=self.text(finding.waived) if finding.waived is not None else None,
            values={key: self._value(key, value, finding, plain, row) for key, value in finding.values.items()},
        )

    def address(self, at: Address) -> Address:
        """An address without a telling id or key."""
        pointer = tuple(self.text(key) if isinstance(key, str) else key for key in at.pointer)
        return Address(at.form, pointer, self._id(at.form, at.record))

    def origin(self, origin: Origin) -> Origin:
        """An origin without what stood there, nor a telling name of the file or sheet."""
        sheet = self.text(origin.sheet) if origin.sheet is not None else None
        return origin._replace(file=self.text(self._files.get(origin.file, origin.file)), sheet=sheet, text=None)

    def text(self, text: str, near: Address | None = None) -> str:
        """A text, each telling value in it replaced by its serial number and cell; those ``near`` a row first."""
        parts: list[str] = []
        start = 0
        for place, character in enumerate(text):
            if place < start or character not in self._lengths:
                continue
            found = next((n for n in self._lengths[character] if text[place : place + n] in self._telling), 0)
            if found:
                parts += [text[start:place], self._label(text[place : place + found], near)]
                start = place + found
        return "".join([*parts, text[start:]])

    def _label(self, text: str, near: Address | None) -> str:
        at = self._telling[text]
        if near is not None:
            at = next((secret.at for secret in self._rows.get(row_of(near), ()) if text in secret.texts), at)
        return self._name(at)

    def _name(self, at: Address) -> str:
        """What stands for a personal value: the serial number of its row, if it has one, and its cell or line."""
        row = row_of(at)
        values = self._values(row)
        serial = values.get("serial") if isinstance(values, dict) else None
        parts = [_SERIAL.lang(self._lang, {"serial": serial})] if isinstance(serial, int) else []
        place = self._dossier.origin(at)
        file = self._files.get(place.file, place.file)
        if place.cell is not None:
            parts.append(place.cell)
        else:
            parts.append(_LINE.lang(self._lang, {"file": file, "line": place.line}) if place.line else file)
        return f"〔{'·'.join(parts)}〕"

    def _values(self, at: Address) -> Any:
        record = self._dossier.record_at(at)
        values = record.values if record is not None else None
        for key in at.pointer:
            if isinstance(values, list) and isinstance(key, int) and key < len(values):
                values = values[key]
            else:
                values = values.get(key) if isinstance(values, dict) else None
        return values

    def _id(self, form: str, record: str | None) -> str | None:
        if record is None or SHORT_NUMBER.fullmatch(record):
            return record
        return self._ids.get((form, record), WITHHELD.lang(self._lang))

    # --- the values of a message -------------------------------------------------------------------------------------

    def _plain_for(self, finding: Finding) -> set[str]:
        """The plain values that the finding may tell: those of the personal fields that its rule reads."""
        own = ((finding.at.form, field_of(finding.at.pointer)),)
        read_by_rule = reads().get(finding.kind.id, own)
        return {
            text
            for (form, field), texts in self._plain.items()
            if any(form == of and covers(read, field) for of, read in read_by_rule)
            for text in texts
        }

    def _value(self, key: str, value: Any, finding: Finding, plain: set[str], row: list[Secret]) -> Any:
        if isinstance(value, str):
            return self._words(key, value, finding, plain)
        if isinstance(value, int) and not isinstance(value, bool):
            own = self._values(row_of(finding.at))
            is_open = isinstance(own, dict) and own.get(key) == value and not any(s.at.pointer[-1] == key for s in row)
            told = any(type(secret.value) is int and secret.value == value for secret in row)
            return WITHHELD.lang(self._lang) if told and not is_open else value
        if isinstance(value, Mapping):
            return {self.text(str(k)): self._value(str(k), v, finding, plain, row) for k, v in value.items()}
        if isinstance(value, list | tuple):
            return [self._value(key, item, finding, plain, row) for item in value]
        return value

    def _words(self, key: str, text: str, finding: Finding, plain: set[str]) -> str:
        withheld = WITHHELD.lang(self._lang)
        if _DIGEST.fullmatch(text) or self._is_raw(key, finding):
            return withheld  # a digest of a name is a name to whoever tries all names
        try:
            named = Address.parse(text)
        except ValueError:
            named = None  # words
        if named is not None and str(named) == text:
            return str(self.address(named))
        if text in plain:
            return withheld
        parts = _PUNCTUATION.split(self.text(text, finding.at))
        return "".join(withheld if part in plain else part for part in parts)

    def _is_raw(self, key: str, finding: Finding) -> bool:
        """Whether the value is what a file has in a personal field, told by the schema or the reading of the file."""
        if finding.kind.id[0] not in "SI" or key not in ("value", "text", "path", "reason", "key"):
            return False
        schema = dossier_schema()
        if finding.at.form != "dossier":
            schema = catalogue().edition(finding.at.form, self._dossier.as_of).schema
        return is_personal(schema, finding.at.pointer)

    # --- what excerpts are taken from --------------------------------------------------------------------------------

    def _masked(self, value: Any, schema: Schema | None, at: Address) -> Any:
        """A copy of the values: personal ones replaced, the other texts without telling values."""
        if schema is not None and "x-sensitive" in schema:
            return self._name(at) if isinstance(value, str) and value in self._telling else WITHHELD.lang(self._lang)
        if isinstance(value, dict):
            return {self.text(str(key)): self._masked(v, below(schema, key), at / key) for key, v in value.items()}
        if isinstance(value, list):
            return [self._masked(item, below(schema, i), at / i) for i, item in enumerate(value)]
        if schema is None:
            return WITHHELD.lang(self._lang)  # no place of the form: it may be anything
        return self.text(value, at) if isinstance(value, str) else value


class _Origins:
    """The origins of a record, without what is personal."""

    def __init__(self, origins: Origins, redactor: Redactor) -> None:
        self._origins = origins
        self._redactor = redactor

    def find(self, pointer: Pointer) -> Origin:
        return self._redactor.origin(self._origins.find(pointer))
