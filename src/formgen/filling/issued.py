"""An issued document: filled with the record and its approvals, printed in opinion cells and in every footer."""

from collections.abc import Mapping
from typing import Any

from lxml import etree

from formgen import opc
from formgen.filling import data_part, page_marks
from formgen.filling.approvals import Approvals
from formgen.filling.template import Template
from formgen.filling.word_tree import W
from formgen.filling.xml_text import escape
from formgen.pictures import Picture

_LOWEST, _HIGHEST = 620, 1000
"""Twips from the lower edge of the page to the first line: three lines must have room, below the page number."""
_GAP = 40
_A4 = 16838
_SIZE = 13
"""Half points."""
_PRINT_SIZE = 6
_RUN = (
    '<w:r><w:rPr><w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="宋体"/>'
    '<w:color w:val="595959"/><w:sz w:val="{size}"/><w:szCs w:val="{size}"/></w:rPr>'
    '<w:t xml:space="preserve">{text}</w:t>{more}</w:r>'
)


def issued(
    template: Template, values: Mapping[str, Any], approvals: Approvals, pictures: Mapping[str, Picture] | None = None
) -> opc.Package:
    """The document of a record with its approvals; not yet protected, not yet signed."""
    filled = opc.read(template.fill(approvals.printed(values), pictures).data, "")
    parts = dict(filled.parts)
    parts[data_part.NAME] = data_part.build(
        template.edition.key,
        template.edition.schema_digest,
        template.digest,
        template.draft,
        data_part.content(data_part.encode(template.carried_values(values))),
        approvals.value(),
    )
    return marked(opc.Package(parts), approvals)


def marked(package: opc.Package, approvals: Approvals) -> opc.Package:
    """The document with case, head and approvals in small print at the foot of every page.

    In a Word document the lines stand in a frame of their own on the page, so that nothing else moves: the proof that
    was approved and what is issued break their pages at the same places.
    """
    main = package.related("", "officeDocument")[0]
    if package.content_type(main).endswith("sheet.main+xml"):
        return _marked_workbook(package, main, approvals)
    root = opc.parse_xml(package.parts[main])
    height = min(_measures(root, "pgSz", "h"), default=_A4)
    footer = min(_measures(root, "pgMar", "footer"), default=_HIGHEST)
    top = height - max(_LOWEST, min(_HIGHEST, footer - _GAP))
    first, second = approvals.lines
    runs = _RUN.format(size=_SIZE, text=escape(first), more="<w:br/>") + _RUN.format(
        size=_SIZE, text=escape(second), more=""
    )
    paragraph = (
        f'<w:p xmlns:w="{W[1:-1]}"><w:pPr>'
        '<w:framePr w:w="9000" w:wrap="around" w:vAnchor="page" w:hAnchor="margin" w:x="1"'
        f' w:y="{top}"/>'
        '<w:snapToGrid w:val="0"/><w:spacing w:before="0" w:after="0" w:line="180" w:lineRule="exact"/>'
        f'<w:ind w:left="0" w:right="0" w:firstLine="0"/><w:jc w:val="left"/></w:pPr>{runs}</w:p>'
    )
    return opc.Package(page_marks.in_every_story(package, main, "footer", paragraph, "issue"))


def _measures(root: etree._Element, element: str, attribute: str) -> list[int]:
    """What the sections of a document say of one measure, in twips."""
    found = (section.get(f"{W}{attribute}", "") for section in root.iter(f"{W}{element}"))
    return [int(text) for text in found if text.isdecimal() and int(text)]


def _marked_workbook(package: opc.Package, main: str, approvals: Approvals) -> opc.Package:
    parts = dict(package.parts)
    text = "\n".join(line.replace("&", "&&") for line in approvals.lines)
    for part in package.related(main, "worksheet"):
        root = opc.parse_xml(parts[part])
        page_marks.in_print(root, "footer", "L", f'&"宋体"&{_PRINT_SIZE}{text}')
        parts[part] = opc.serialise(root)
    return opc.Package(parts)
