"""Workbooks of chance, in the manner of one program or another; the odd ones have something in them that is not."""

import random
from collections.abc import Sequence
from xml.sax.saxutils import escape

from hostile import HEADINGS, PEOPLE, SHEET, column, pack, parts

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_FORMATS = (0, 0, 0, 9, 14, 22)
TEXTS = (*PEOPLE[0][1:8], "甲&乙<丙>", "王\u200b静", "_x000D_", " ", "第一行\n第二行", "\U00020bb7", "e\u0301", "]]>")
_NUMBERS = ("1", "0.15", "44290", "123456789012345678", "1e5", "-5", "nan")
_ROWS = ('<row r="{}"', '<row r="{}" spans="1:9" ht="15.6" x14ac:dyDescent="0.3"', '<row r="{}" customFormat="false"')
_CELLS = (
    '<c r="{at}" s="1"/>',
    '<c r="{at}"><f>A1&amp;B1</f><v>7</v></c>',
    '<c r="{at}"><f>ROW()</f></c>',
    '<c r="{at}" t="str"><f t="shared" ref="A1:A9" si="0">ROW()</f><v>甲</v></c>',
    '<c r="{at}" t="e"><v>#REF!</v></c>',
    '<c r="{at}" t="b"><v>1</v></c>',
    '<c r="{at}" t="d"><v>2020-11-17T00:00:00</v></c>',
    '<c t="n" r="{at}"><v>1</v></c>',
    '<c r="{at}" t="s"></c>',
    '<c r="{at}" t="inlineStr"><is><r><t>甲</t></r><rPh sb="0"><t>乙</t></rPh><r><t> x</t></r></is></c>',
    '<c r="{at}" t="inlineStr"><is><r><rPr><b/></rPr><t>甲</t></r><r><rPr/><t>乙</t></r></is></c>',
    '<c r="{at}" s="3"><v>0.5</v></c>',
    '<c r="{at}" s="4" t="n"><v>44290</v></c>',
    '<c r="{at}" t="s" s="2"><v>1</v></c>',
)
_ODD_CELLS = (
    "<c/>",
    '<c r="A1"/>',
    '<c r="AAAA1"/>',
    '<c r="Z{row}" t="s"><v>-1</v></c>',
    '<c r="Z{row}" t="s"><v>99</v></c>',
    '<c r="Z{row}" t="s"><is><t></t></is></c>',
    '<c r="Z{row}" t="q"><v>1</v></c>',
    '<c r="Z{row}" s="1" s="1"><v>1</v></c>',
    '<c r="Z{row}"><v>\x01</v></c>',
    '<c r="Z{row}"><v>\ufffe</v></c>',
    '<c r="Z{row}"><v></v></c>',
    '<c r="Z{row}"><v>1]]></v></c>',
    '<c r="Z{row}" x="<"/>',
    '<c r="Z{row}" t="inlineStr"><is><t>&#1;</t></is></c>',
    '<c r="Z{row}" t="inlineStr"><is><t>&#1114112;</t></is></c>',
    '<c r="Z{row}" t="inlineStr"><is><t>&x;</t></is></c>',
    "</c>",
)
_ODD = (
    *("<!-- </row> -->", "\n", "<x/>", "<?p?>", "<![CDATA[x]]>", "&#65;", "</row>", "<row>", "<row/>", "x"),
    *('<row r="1"/>', '<row r="{row}"/>', '<row r="99999" r="99999"/>', '<row r="99999" x="<"/>', '<row x="a/>'),
)
_STRINGS = (
    *(
        "<si><r><t>甲</t></r><r><t>乙</t></r></si>",
        '<si><t>甲</t><phoneticPr fontId="1"/></si>',
        "\n",
        "<si>",
        "</sst>",
    ),
    *(
        "<si><t>甲</t><rPh><t>乙</t></rPh></si>",
        "<!-- <si> -->",
        "<si><t>&#13;&x;</t></si>",
        "<si><t>a</t><t>b</t></si>",
    ),
)
_HEADS = ('<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n', "<?xml version='1.0' encoding='utf-8'?>", "")
_ODD_HEADS = ('<?xml version="1.0" encoding = "gbk"?>', "\ufeff", "<!DOCTYPE a>", '<?xml version="1.0"?><!-- -->')
_ODD_BEGINNINGS = ("<sheetData >", "<!-- <sheetData> --><sheetData>", "<a><sheetData>", '<row r="1"><sheetData>')
_TAILS = ("", "", '<mergeCells><mergeCell ref="D3:D5"/></mergeCells>')
_ODD_TAILS = ('<sheetData><row r="9000"><c r="A9000"><v>1</v></c></row></sheetData>', "<x>", "<row/>")


def workbook(seed: int) -> bytes:
    """The workbook of a seed."""
    draw = random.Random(seed)
    is_odd = draw.random() < 0.4
    head, beginning, tail = draw.choice(_HEADS), "<sheetData>", draw.choice(_TAILS)
    if is_odd and draw.random() < 0.3:
        head, beginning, tail = draw.choice(
            (
                (draw.choice(_ODD_HEADS), beginning, tail),
                (head, draw.choice(_ODD_BEGINNINGS), tail),
                (head, beginning, draw.choice(_ODD_TAILS)),
            )
        )
    columns = '<cols><col min="3" max="3" hidden="1"/></cols>'
    sheet = f'{head}<worksheet xmlns="{MAIN}">{columns}{beginning}{_rows(draw, is_odd)}</sheetData>{tail}</worksheet>'
    strings = "".join(f"<si><t>{escape(text)}</t></si>" for text in TEXTS)
    if draw.random() < 0.3:
        strings = strings.replace("<si>", draw.choice(_STRINGS) + "<si>", 1)
    return packed(sheet, strings + draw.choice(("", "<si/>", f"<si><t>{'长' * 9}</t></si>")))


def listing(seed: int) -> bytes:
    """A list of people in the manner of one program: each column in one way, which of them where being chance."""
    draw = random.Random(seed)
    places = draw.sample(range(12), len(HEADINGS))
    ways = [draw.choice(("shared", "inline", "number", "formula")) for _ in places]
    styles = [draw.choice(("", ' s="1"', ' s="4"', ' s="3"')) for _ in places]
    formats = draw.sample(_FORMATS, len(_FORMATS))
    texts: dict[str, int] = {}

    def cell(at: int, row: int, text: str) -> str:
        begin = f'<c r="{column(places[at])}{row}"{styles[at]}'
        way = ways[at] if draw.random() < 0.95 else "inline"
        if not text or draw.random() < 0.05:
            return draw.choice(("", f"{begin}/>"))
        if way == "number" and text.isdecimal():
            return f"{begin}><v>{text}</v></c>"
        if way == "inline":
            return f'{begin} t="inlineStr"><is><t>{escape(text)}</t></is></c>'
        if way == "formula":
            return f'{begin} t="str"><f>A1</f><v>{escape(text)}</v></c>'
        return f'{begin} t="s"><v>{texts.setdefault(text, len(texts))}</v></c>'

    rows = []
    for row in range(1, draw.choice((2, 9, 40))):
        person = HEADINGS if row == 1 else (str(row - 1), f"{draw.choice('甲乙丙丁')}&{seed}", *draw.choice(PEOPLE)[2:])
        cells = sorted((places[at], cell(at, row, text)) for at, text in enumerate(person))
        rows.append(f'<row r="{row}">{"".join(each for _, each in cells)}</row>')
    shared = "".join(f"<si><t>{escape(text)}</t></si>" for text in texts)
    return packed(f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(rows)}</sheetData></worksheet>', shared, formats)


def packed(sheet: str, strings: str, number_formats: Sequence[int] = _FORMATS) -> bytes:
    """A workbook of this sheet and these shared texts."""
    found = dict(parts())
    formats = "".join(f'<xf numFmtId="{number}"/>' for number in number_formats)
    added = "".join(
        f'<Relationship Id="x{part}" Type="{_KINDS}/{part}" Target="{part}.xml"/>'
        for part in ("styles", "sharedStrings")
    )
    rels = "xl/_rels/workbook.xml.rels"
    found |= {
        SHEET: sheet,
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><cellXfs>{formats}</cellXfs></styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{strings}</sst>',
        rels: str(found[rels]).replace("</Relationships>", f"{added}</Relationships>"),
    }
    return pack(found)


def _rows(draw: random.Random, is_odd: bool) -> str:
    made = []
    number, manner = 0, draw.choice(_ROWS)
    for _ in range(draw.choice((0, 1, 3, 30, 200))):
        number += draw.choice((1, 1, 1, 1, 3))
        hidden = draw.choice(("", "", "", "", ' hidden="1"', ' hidden="false"'))
        cells = "".join(_cell(draw, f"{column(at)}{number}") for at in range(9))
        if is_odd and draw.random() < 0.02:
            cells += draw.choice(_ODD_CELLS).format(row=number)
        made.append(f"{manner.format(number)}{hidden}>{cells}</row>")
        if draw.random() < 0.03:
            number += 1
            made.append(f"{manner.format(number)}{hidden}/>")
        if is_odd and draw.random() < 0.01:
            made.append(draw.choice(_ODD).format(row=number))
    return "".join(made)


def _cell(draw: random.Random, at: str) -> str:
    kind = draw.random()
    style = draw.choice(("", "", ' s="1"'))
    if kind < 0.1:
        return ""
    if kind < 0.14:
        return draw.choice(_CELLS).format(at=at)
    if kind < 0.4:
        return f'<c r="{at}"{style}><v>{draw.choice(_NUMBERS)}</v></c>'
    if kind < 0.42:
        return f'<c r="{at}" t="inlineStr"><is><t>&#29579;&#10;{draw.choice(TEXTS[:5])}</t></is></c>'
    if kind < 0.5:
        return f'<c r="{at}"{style} t="inlineStr"><is><t>{escape(draw.choice(TEXTS))}</t></is></c>'
    return f'<c r="{at}"{style} t="s"><v>{draw.randrange(len(TEXTS))}</v></c>'
