"""A seal's picture on the day that it is put to, where somebody supplies one; else a dashed place for the seal.

A picture of a seal is no electronic seal (《电子印章管理办法》, 国办发〔2025〕33号): none is drawn by itself.
Either floats behind the text, so that nothing moves and the day stays legible. Sources: GB/T 9704-2012, 7.3.5 (the
seal lies over the day; a school's has 42 mm); ECMA-376 Part 1, 20.4.2.3.
"""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256

from lxml import etree

from formgen import opc, packing
from formgen.filling.template import Template, compile_template
from formgen.filling.word_tree import W
from formgen.forms import Edition
from formgen.pictures import Picture

DAY = "dossier.filing_date"
"""The control of the day of the whole form; those of opinions are ``opinions.<role>.date``."""
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
_SHAPE = "http://schemas.microsoft.com/office/word/2010/wordprocessingShape"
_COMPATIBILITY = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_WORD_RUN = (
    f'<w:r xmlns:w="{W[1:-1]}" xmlns:r="{_OFFICE}" xmlns:wp="{_DRAWING}/wordprocessingDrawing" '
    f'xmlns:a="{_DRAWING}/main" xmlns:pic="{_DRAWING}/picture">{{}}</w:r>'
)
_SIDE = 1_512_000
"""42 mm in EMU."""
_LEFT, _ABOVE, _ABOVE_IN_CELL = -1_600_000, -650_000, -1_000_000
"""From the end of the day's text to the upper left corner: the middle of the seal lies on the middle of the day. In an
opinion's cell, where the day is the last line, it lies higher: else it would reach into the cell below."""


def sealed(data: bytes, name: str, edition: Edition, seals: Mapping[str, Picture | None]) -> Template:
    """The template with seals on the days of some controls; it goes by the digest of the file itself.

    Args:
        data: the template.
        name: what it is called.
        edition: its form.
        seals: pictures by control, None for a dashed place. Controls that the template does not have are passed over.

    Raises:
        TemplateError: it does not match its form.
    """
    package = opc.read(data, name)
    main = package.related("", "officeDocument")[0]
    marked = _marked(package, main, seals)
    made = compile_template(packing.write(packing.member(*part) for part in marked.items()), name, edition)
    return replace(made, digest=f"sha256:{sha256(data).hexdigest()}")


def places(template: Template) -> frozenset[str]:
    """The controls of a template on which a seal may lie: its days."""
    if template.layout is not None:
        return frozenset()  # a workbook has no place for one
    paths = (".".join(control.path) for control in template.controls)
    return frozenset(path for path in paths if path == DAY or (path.startswith("opinions.") and path.endswith(".date")))


def _marked(package: opc.Package, main: str, seals: Mapping[str, Picture | None]) -> dict[str, bytes]:
    parts = dict(package.parts)
    root = opc.parse_xml(parts[main])
    folder = main.rpartition("/")[0]
    used: dict[str, str] = {}
    for number, (path, picture) in enumerate(sorted(seals.items()), start=1):
        controls = [sdt for sdt in root.iter(f"{W}sdt") if _tag(sdt) == path]
        if not controls:
            continue
        if picture is None:
            _place(controls[-1], etree.fromstring(_dashed(number, in_cell=path != DAY)))
            continue
        id = f"rIdFormgenSeal{number}"
        file = f"media/formgen-seal-{number}.{picture.suffix}"
        used[id] = file
        parts[f"{folder}/{file}"] = picture.data
        _place(controls[-1], etree.fromstring(_run(id, number, picture, in_cell=path != DAY)))
    parts[main] = opc.serialise(root)
    for id, file in used.items():
        parts = opc.with_relationship(parts, main, id, f"{_OFFICE}/image", file)
    return opc.with_content_types(parts, {}, {"jpg": "image/jpeg", "png": "image/png"})


def _tag(control: etree._Element) -> str:
    tag = control.find(f"{W}sdtPr/{W}tag")
    return tag.get(f"{W}val", "") if tag is not None else ""


def _place(control: etree._Element, run: etree._Element) -> None:
    """Puts a run behind a control that stands in a paragraph, else at the end of the paragraph in it."""
    inner = next(control.iter(f"{W}p"), None)
    if inner is None:
        control.addnext(run)
    else:
        inner.append(run)


def _run(id: str, number: int, picture: Picture, *, in_cell: bool) -> str:
    width = _SIDE * picture.width // max(picture.width, picture.height)
    height = _SIDE * picture.height // max(picture.width, picture.height)
    graphic = (
        f'<a:graphicData uri="{_DRAWING}/picture"><pic:pic><pic:nvPicPr><pic:cNvPr id="0" name="印章"/>'
        f'<pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="{id}"/><a:stretch><a:fillRect/></a:stretch>'
        f'</pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData>'
    )
    drawing = _anchored(number, "印章", (width, height), graphic, in_cell=in_cell)
    return _WORD_RUN.format(f"<w:drawing>{drawing}</w:drawing>")


def _dashed(number: int, *, in_cell: bool) -> str:
    """A circle as large as a seal, with words where nothing else stands: below the day, in a cell above it."""
    inside = 'tIns="216000" bIns="0" anchor="t"' if in_cell else 'tIns="0" bIns="72000" anchor="b"'
    words = (
        '<w:p><w:pPr><w:snapToGrid w:val="0"/><w:spacing w:before="0" w:after="0" w:line="200" w:lineRule="exact"/>'
        '<w:ind w:firstLine="0"/><w:jc w:val="center"/></w:pPr><w:r><w:rPr>'
        '<w:rFonts w:ascii="宋体" w:hAnsi="宋体" w:eastAsia="宋体"/><w:color w:val="8C8C8C"/><w:sz w:val="15"/>'
        '<w:szCs w:val="15"/></w:rPr><w:t>（盖章处）</w:t></w:r></w:p>'
    )
    graphic = (
        f'<a:graphicData uri="{_SHAPE}"><wps:wsp><wps:cNvSpPr/><wps:spPr><a:xfrm><a:off x="0" y="0"/>'
        f'<a:ext cx="{_SIDE}" cy="{_SIDE}"/></a:xfrm><a:prstGeom prst="ellipse"><a:avLst/></a:prstGeom><a:noFill/>'
        '<a:ln w="9525"><a:solidFill><a:srgbClr val="A6A6A6"/></a:solidFill><a:prstDash val="dash"/></a:ln></wps:spPr>'
        f"<wps:txbx><w:txbxContent>{words}</w:txbxContent></wps:txbx>"
        f'<wps:bodyPr lIns="0" rIns="0" {inside}/></wps:wsp></a:graphicData>'
    )
    drawing = _anchored(number, "盖章处", (_SIDE, _SIDE), graphic, in_cell=in_cell)
    return _WORD_RUN.format(
        f'<mc:AlternateContent xmlns:mc="{_COMPATIBILITY}"><mc:Choice xmlns:wps="{_SHAPE}" Requires="wps">'
        f"<w:drawing>{drawing}</w:drawing></mc:Choice></mc:AlternateContent>"
    )


def _anchored(number: int, name: str, size: tuple[int, int], graphic: str, *, in_cell: bool) -> str:
    """A shape behind the text.

    One that may reach out of its row must not be laid out in the cell: LibreOffice would push it, or the row, away.
    """
    return (
        '<wp:anchor distT="0" distB="0" distL="0" distR="0" simplePos="0" relativeHeight="251660288" behindDoc="1" '
        f'locked="1" layoutInCell="{int(in_cell)}" allowOverlap="1"><wp:simplePos x="0" y="0"/>'
        f'<wp:positionH relativeFrom="character"><wp:posOffset>{_LEFT}</wp:posOffset></wp:positionH>'
        '<wp:positionV relativeFrom="paragraph">'
        f"<wp:posOffset>{_ABOVE_IN_CELL if in_cell else _ABOVE}</wp:posOffset></wp:positionV>"
        f'<wp:extent cx="{size[0]}" cy="{size[1]}"/><wp:effectExtent l="0" t="0" r="0" b="0"/><wp:wrapNone/>'
        f'<wp:docPr id="{9_000 + number}" name="{name}"/><wp:cNvGraphicFramePr/><a:graphic>{graphic}</a:graphic>'
        "</wp:anchor>"
    )
