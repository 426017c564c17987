"""The values that a document carries, as JSON: the same text as the library's, a list written column by column.

The library's encoder takes as long for a staff list as all the rest of filling it, most of it for sorting the keys of
each item. Here keys are sorted once, and what a list's items have in one place is taken, checked and quoted at once;
the values that its rows were filled from need not even be taken again.
"""

from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring
from operator import itemgetter
from typing import Any

from formgen.filling.columns import BATCH, Taken, Values
from formgen.filling.data_part import Tree, encode, pruned
from formgen.filling.typesetting import plain

_FEW = 8
"""So many items the library's encoder writes as quickly."""
_Columns = list[str | Sequence[str]]
"""A text for each of some items; ``str`` where all have the same."""


class _Uneven(Exception):
    """The items are not alike enough to be written by columns."""


def carried_text(value: Any, tree: Tree, taken: Taken) -> str:
    """``pruned(value, tree)`` as JSON with sorted keys."""
    if not _holds_long_list(value, tree):
        return encode(pruned(value, tree))
    if isinstance(value, dict):
        members = ((key, carried_text(value[key], tree[key], taken)) for key in sorted(tree) if key in value)
        return "{" + ",".join([f"{encode_basestring(key)}:{text}" for key, text in members]) + "}"
    try:
        return f"[{_joined(_items(value, tree['[]'], taken.get(id(value), {})), len(value))}]"
    except _Uneven:
        return encode(pruned(value, tree))


def _holds_long_list(value: Any, tree: Tree) -> bool:
    """Whether it is, or holds, a list that is worth writing by columns."""
    if isinstance(value, list):
        return _FEW < len(value) <= BATCH and bool(tree.get("[]"))
    return isinstance(value, dict) and any(
        _holds_long_list(value.get(key), branch) for key, branch in tree.items() if branch
    )


def _is_plain(text: str) -> bool:
    """Whether JSON writes the text as it is."""
    return '"' not in text and "\\" not in text and text.isprintable()


# --- lists -----------------------------------------------------------------------------------------------------------


def _joined(columns: _Columns, count: int) -> str:
    """The columns side by side, item by item, with a comma between items."""
    row = [""]
    changing: list[tuple[int, Sequence[str]]] = []
    for column in columns:
        if isinstance(column, str):
            row[-1] += column
        else:
            changing.append((len(row), column))
            row += ("", "")
    texts = row * count
    for index, column in changing:
        texts[index :: len(row)] = column
    return "".join(texts)[:-1]


def _items(items: Sequence[Any], each: Tree, taken: Mapping[tuple[str, ...], Values]) -> _Columns:
    """The items of a list as objects, each with a comma behind it."""
    if set(map(type, items)) != {dict}:
        raise _Uneven
    columns: _Columns = []
    for key in sorted(each):
        values = taken.get((key,)) or Values([item.get(key) for item in items])
        name = f"{encode_basestring(key)}:"
        if type(None) not in values.kinds:
            columns += [f",{name}" if columns else name, *_values(values, each[key])]
        elif not columns or each[key]:
            raise _Uneven  # no comma would stand before the first that is there
        else:
            pairs = zip(items, values.values, strict=True)
            columns.append([f",{name}{encode(value)}" if key in item else "" for item, value in pairs])
    return ["{", *columns, "},"]


def _values(found: Values, tree: Tree) -> _Columns:
    """What stands in one place of all items, each of which has it."""
    kinds, values = found.kinds, found.values
    if kinds == {dict}:
        return _objects(values, tree)
    if tree:
        raise _Uneven
    if kinds == {str}:
        texts, together = found.texts(plain)
        return ['"', texts, '"'] if _is_plain(together) else [list(map(encode_basestring, texts))]
    if kinds == {int}:
        return [list(map(str, values))]
    if kinds == {bool}:
        return [["true" if value else "false" for value in values]]
    return [list(map(encode, values))]


def _objects(values: Sequence[dict[str, Any]], tree: Tree) -> _Columns:
    """Objects of the same keys."""
    keys = sorted(values[0])
    if tree or not keys or set(map(len, values)) != {len(keys)}:
        raise _Uneven
    columns: _Columns = ["{"]
    for key in keys:
        try:
            column = Values(list(map(itemgetter(key), values)))
        except KeyError as error:
            raise _Uneven from error
        columns += [f"{encode_basestring(key)}:", *_values(column, {}), ","]
    return [*columns[:-1], "}"]
