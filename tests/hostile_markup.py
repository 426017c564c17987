"""Workbooks whose XML says more than one thing, or says it where no program looks: cells in extensions, values twice.

As :data:`hostile.FILES`. Of none may a person be lost in silence, or get what is another's.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Final
from xml.sax.saxutils import escape

from hostile import NAMES, Hostile, column, grid, sheet_xml
from random_sheets import MAIN, packed

_DAMAGED: Final = frozenset({"I-workbook-damaged"})
_SOUND: Final[frozenset[str]] = frozenset()
_OTHERS = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_NOBODY = '<c r="B{0}" t="inlineStr"><is><t>假人</t></is></c>'
_ROW = f'<row r="9">{_NOBODY.format(9)}</row>'
_END = "</sheetData>"
_TEXTS = list(dict.fromkeys(text for row in grid() for text in row if text))
_SHARED = f'<worksheet xmlns="{MAIN}"><sheetData>' + "".join(
    f'<row r="{number}">'
    + "".join(
        f'<c r="{column(at)}{number}" t="s"><v>{_TEXTS.index(text)}</v></c>' for at, text in enumerate(row) if text
    )
    + "</row>"
    for number, row in enumerate(grid(), start=1)
) + f"{_END}</worksheet>"  # fmt: skip
_NAME = f"<v>{_TEXTS.index(NAMES[0])}</v>"


def _changed(*changes: tuple[str, str]) -> bytes:
    """A sound workbook in whose sheet texts are replaced; all of them must be there."""

    def change(xml: str) -> str:
        for old, new in changes:
            assert old in xml, old
            xml = xml.replace(old, new, 1)
        return xml

    return sheet_xml(change)


def _prefixed(pattern: str, new: str) -> bytes:
    """The same, where a second prefix means what no prefix does."""

    def change(xml: str) -> str:
        found, times = re.subn(pattern, new, xml.replace("<worksheet ", f'<worksheet xmlns:x="{MAIN}" ', 1), count=1)
        assert times
        return found

    return sheet_xml(change)


def _shared(each: Callable[[str], str], old: str = _NAME, new: str = _NAME, before: str = "") -> bytes:
    """A sound workbook with its texts apart, each written so, and a change in the sheet."""
    assert old in _SHARED
    return packed(_SHARED.replace(old, new, 1), before + "".join(map(each, _TEXTS)))


def _plain(text: str) -> str:
    return f"<si><t>{escape(text)}</t></si>"


def _cut(text: str, between: str) -> str:
    return f"<si><t>{escape(text[:1])}{between}{escape(text[1:])}</t></si>"


def _alternative(choice: str, fallback: str) -> str:
    return (
        f'<mc:AlternateContent xmlns:mc="{_OTHERS}"><mc:Choice Requires="x14">{choice}</mc:Choice>'
        f"<mc:Fallback>{fallback}</mc:Fallback></mc:AlternateContent>"
    )


MARKUP: Final = [
    Hostile(f"{name}.xlsx", make, verdict, names)
    for name, make, verdict, names in (
        ("row-in-an-extension", partial(_changed, (_END, f"{_END}<extLst><ext>{_ROW}</ext></extLst>")), _DAMAGED, None),
        (
            "extension-without-cells",
            partial(
                _changed,
                ("<sheetData>", "<extLst><ext><col min='2' max='2' hidden='1'/></ext></extLst><sheetData>"),
                (_END, f"{_END}<extLst><ext><f>A1</f><mergeCell ref='B2:B4'/></ext></extLst><mergeCells/>"),
            ),
            _SOUND,
            NAMES,
        ),
        ("rows-in-a-second-sheet-data", partial(_changed, (_END, f"{_END}<sheetData>{_ROW}{_END}")), _DAMAGED, None),
        ("row-that-some-programs-read", partial(_changed, (_END, _alternative(_ROW, "") + _END)), _DAMAGED, None),
        ("controls-for-some", partial(_changed, (_END, _END + _alternative("<controls/>", ""))), _SOUND, NAMES),
        ("cell-of-a-second-prefix", partial(_prefixed, "<c (r=.B3.*?)</c>", r"<x:c \1</x:c>"), _DAMAGED, None),
        ("value-of-a-second-prefix", partial(_prefixed, "<is>(<t>李.*?)</is>", r"<x:is>\1</x:is>"), _DAMAGED, None),
        ("text-of-a-second-prefix", partial(_prefixed, "<t>(李.*?)</t>", r"<x:t>\1</x:t>"), _DAMAGED, None),
        ("two-values", partial(_shared, _plain, new=f"{_NAME}<v>1</v>"), _DAMAGED, None),
        ("text-and-value", partial(_changed, ("<t>王静</t></is>", "<t>王静</t></is><v>假人</v>")), _DAMAGED, None),
        ("value-and-text", partial(_changed, ("<is><t>王静", "<v>假人</v><is><t>王静")), _DAMAGED, None),
        ("text-number-with-a-line", partial(_shared, _plain, new="<v>1_0</v>"), _DAMAGED, None),
        ("number-with-a-line", partial(_changed, ("</row>", "<c r='J1'><v>1_0</v></c></row>")), _DAMAGED, None),
        ("value-behind-an-extension", partial(_shared, _plain, new=f"<extLst/>{_NAME}"), _DAMAGED, None),
        ("text-behind-an-extension", partial(_changed, ("<is><t>王静", "<extLst/><is><t>王静")), _DAMAGED, None),
        ("text-outside-of-cells", partial(_changed, ("</row>", "</row><is><t>假</t></is>")), _DAMAGED, None),
        *(
            (name, partial(_changed, ("</row>", f'<c r="J1" {cell}</c></row>')), _SOUND, NAMES)
            for name, cell in (
                ("empty-day", 't="d"><v></v>'),
                ("day-that-is-only-midnight", 't="d"><v>T00:00:00</v>'),
                ("empty-truth", 't="b"><v/>'),
                ("blank-number", "><v> </v>"),
            )
        ),
        ("text-in-a-text", partial(_shared, lambda text: f"<si>{_plain(text)}</si>"), _DAMAGED, None),
        ("texts-for-some", partial(_shared, _plain, before=_alternative(_plain("假"), _plain("真"))), _DAMAGED, None),
        (
            "texts-of-a-second-prefix",
            partial(_shared, lambda text: f'<si><x:t xmlns:x="{MAIN}">{escape(text)}</x:t></si>'),
            _DAMAGED,
            None,
        ),
        ("texts-with-an-extension", partial(_shared, _plain, before="<extLst><ext/></extLst>"), _SOUND, NAMES),
        ("texts-in-cdata", partial(_shared, lambda text: f"<si><t><![CDATA[{text}]]></t></si>"), _SOUND, NAMES),
        ("texts-with-comments", partial(_shared, partial(_cut, between="<!-- <si/> -->")), _SOUND, NAMES),
        ("texts-with-instructions", partial(_shared, partial(_cut, between="<?x <si/>?>")), _SOUND, NAMES),
        (
            "texts-by-numbers",
            partial(_shared, lambda text: f"<si><t>{''.join(f'&#x{ord(letter):X};' for letter in text)}</t></si>"),
            _SOUND,
            NAMES,
        ),
        ("comment-between-rows", partial(_changed, ("</row>", f"</row><!-- {_END}{_ROW} -->")), _SOUND, NAMES),
        ("comment-in-a-name", partial(_changed, ("<t>王静", "<t>王<!-- 假 -->静")), _SOUND, NAMES),
        ("name-in-cdata", partial(_changed, ("<t>王静</t>", "<t><![CDATA[王静]]></t>")), _SOUND, NAMES),
        ("something-behind-the-sheet", partial(_changed, ("</worksheet>", f"</worksheet>{_ROW}")), _DAMAGED, None),
    )
]
