"""The values that a document carries, as JSON in an element: the library's text, a list written column by column.

The library's encoder takes as long for a staff list as all the rest of filling it, most of it for sorting the keys of
each item. Here keys are sorted once, and what a list's items have in one place is taken, checked and quoted at once;
what its rows were filled from is neither taken nor escaped again.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from json.encoder import encode_basestring
from operator import itemgetter
from types import NoneType
from typing import Any

from formgen.filling.columns import BATCH, Taken, Values
from formgen.filling.data_part import Tree, content, encode, pruned
from formgen.filling.typesetting import plain

_FEW = 8
"""So many items the library's encoder writes as quickly."""
_Columns = list[bytes | Sequence[bytes]]
"""A text for each of some items; ``bytes`` where all have the same."""


class _Uneven(Exception):
    """The items are not alike enough to be written by columns."""


def carried_text(value: Any, tree: Tree, taken: Taken) -> bytes:
    """``content(encode(pruned(value, tree)))``."""
    if not _holds_long_list(value, tree):
        return content(encode(pruned(value, tree)))
    if isinstance(value, dict):
        members = [_key(key) + carried_text(value[key], tree[key], taken) for key in sorted(tree) if key in value]
        return b"{" + b",".join(members) + b"}"
    try:
        return b"[" + _joined(_items(value, tree["[]"], taken.get(id(value), {})), len(value)) + b"]"
    except _Uneven:
        return content(encode(pruned(value, tree)))


def _holds_long_list(value: Any, tree: Tree) -> bool:
    """Whether it is, or holds, a list that is worth writing by columns."""
    if isinstance(value, list):
        return _FEW < len(value) <= BATCH and bool(tree.get("[]"))
    return isinstance(value, dict) and any(
        _holds_long_list(value.get(key), branch) for key, branch in tree.items() if branch
    )


def _key(key: str) -> bytes:
    return content(encode_basestring(key)) + b":"


_known_key = lru_cache(256)(_key)
"""The same for keys of a schema; those of data are not kept."""


def _each(texts: Iterable[str]) -> list[bytes]:
    return list(map(content, texts))


# --- lists -----------------------------------------------------------------------------------------------------------


def _joined(columns: _Columns, count: int) -> bytes:
    """The columns side by side, item by item, with a comma between items."""
    row = [b""]
    changing: list[tuple[int, Sequence[bytes]]] = []
    for column in columns:
        if isinstance(column, bytes):
            row[-1] += column
        else:
            changing.append((len(row), column))
            row += (b"", b"")
    texts = row * count
    for index, column in changing:
        texts[index :: len(row)] = column
    return b"".join(texts)[:-1]


def _items(items: Sequence[Any], each: Tree, taken: Mapping[tuple[str, ...], Values]) -> _Columns:
    """The items of a list as objects, each with a comma behind it."""
    if set(map(type, items)) != {dict}:
        raise _Uneven
    columns: _Columns = []
    for key in sorted(each):
        values = taken.get((key,)) or Values([item.get(key) for item in items])
        name = b"," + _known_key(key) if columns else _known_key(key)
        if NoneType not in values.kinds:
            columns += [name, *_values(values, each[key])]
        elif not columns or each[key]:
            raise _Uneven  # no comma would stand before the first that is there
        else:
            columns.append(_where_there(key, name, items, values))
    return [b"{", *columns, b"},"]


def _where_there(key: str, name: bytes, items: Sequence[dict[str, Any]], found: Values) -> Sequence[bytes]:
    """A key of which some items have nothing, or which they have not, with its value."""
    escaped = _quotable(found) if found.kinds <= {str, NoneType} else None
    if escaped is None:
        pairs = zip(items, found.values, strict=True)
        return [name + content(encode(value)) if key in item else b"" for item, value in pairs]
    start, nothing = name + b'"', name + b"null"
    return [
        start + text + b'"' if value is not None else nothing if key in item else b""
        for item, value, text in zip(items, found.values, escaped, strict=True)
    ]


def _quotable(found: Values) -> Sequence[bytes] | None:
    """Texts, escaped for XML, if JSON has them between quotes as they are."""
    together = found.texts(plain)[1]
    return None if '"' in together or "\\" in together else found.escaped(plain)


def _values(found: Values, tree: Tree) -> _Columns:
    """What stands in one place of all items, each of which has it."""
    kinds, values = found.kinds, found.values
    if kinds == {dict}:
        return _objects(values, tree)
    if tree:
        raise _Uneven
    if found.same:
        return [content(encode(values[0]))]
    if kinds == {str}:
        escaped = _quotable(found)
        return [_each(map(encode_basestring, values))] if escaped is None else [b'"', escaped, b'"']
    digits = found.digits(plain)
    if digits is not None:
        return [digits]
    if kinds == {bool}:
        return [[b"true" if value else b"false" for value in values]]
    return [_each(map(encode, values))]


def _objects(values: Sequence[dict[str, Any]], tree: Tree) -> _Columns:
    """Objects of the same keys."""
    keys = sorted(values[0])
    if tree or not keys or set(map(len, values)) != {len(keys)}:
        raise _Uneven
    columns: _Columns = [b"{"]
    for key in keys:
        try:
            column = Values(list(map(itemgetter(key), values)))
        except KeyError as error:
            raise _Uneven from error
        columns += [_key(key), *_values(column, {}), b","]
    return [*columns[:-1], b"}"]
