"""What a row's values are written as: in the way that is read back as the same values."""

import copy
from collections.abc import Mapping
from typing import Any

from formgen.blanks import sheet
from formgen.blanks.fields import Field
from formgen.intake import spellings
from formgen.intake.deriving import derive
from formgen.intake.headings import Table


class NotWritable(Exception):
    """A value that no cell can hold so that it is read back as it is; ``field`` is the title of its column."""

    def __init__(self, key: str, field: str) -> None:
        super().__init__(field)
        self.key = key
        self.field = field


def cells_of(
    values: Mapping[str, Any], written: Mapping[str, str], columns: Mapping[str, Field], table: Table
) -> dict[str, str | int]:
    """The cells of a row by field.

    Args:
        values: its canonical values.
        written: what was written for them.
        columns: the columns that there are.
        table: what kind of list it is.

    Raises:
        NotWritable: a value has no column, or is not read back from any text.
    """
    for key in values:
        if key not in columns:
            raise NotWritable(key, key)
    given = _given(values, table)
    return {key: _cell(key, columns[key], value, written.get(key, "")) for key, value in given.items()}


def _given(values: Mapping[str, Any], table: Table) -> Mapping[str, Any]:
    """The values without those that are derived again from the others whenever the list is read."""
    given = values
    for key in reversed(table.fields):
        if key in table.optional and key in given:
            without = {name: value for name, value in given.items() if name != key}
            again = copy.deepcopy(without)
            list(derive(table.item, again))
            if again == values:
                given = without
    return given


def _cell(key: str, field: Field, value: Any, written: str) -> str | int:
    """As the form prints it, else as it was written: whichever is read back as the same."""
    for text in (sheet.shown(field, value), spellings.tidy(written)):
        if text != "" and len(str(text)) <= sheet.CELL and spellings.value(field.schema, str(text)) == value:
            return text
    raise NotWritable(key, field.title)
