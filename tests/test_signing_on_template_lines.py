"""A signature line that an author put into a shipped form: filled, blank and signed on it, with its pictures."""

from io import BytesIO

import pytest
from PIL import Image

from formgen import load, opc
from formgen.filling.template import compile_template
from formgen.forms import catalogue
from formgen.signing import lines, protection
from formgen.signing import package as packages
from formgen.signing.certificates import Trust
from formgen.signing.verification import verify
from issuing_kit import packed
from office import DOT, OFFICE
from signing_kit import NOW, ROOT, ca, office

GUID = "{6F0A1B2C-3D4E-4F50-8A9B-0C1D2E3F4A5B}"
# As docs/templates.md shows it.
SHAPE = (
    '<w:p><w:pPr><w:jc w:val="right"/></w:pPr><w:r><w:pict xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:o="urn:schemas-microsoft-com:office:office"><v:shape id="签名行" type="#_x0000_t75" '
    f'style="width:144pt;height:72pt"><v:imagedata xmlns:r="{OFFICE}" r:id="rIdLine" o:title=""/>'
    f'<o:signatureline v:ext="edit" id="{GUID}" provid="{{00000000-0000-0000-0000-000000000000}}" '
    'o:suggestedsigner="校团委" o:suggestedsigner2="负责人" issignatureline="t"/></v:shape></w:pict></w:r></w:p>'
)


def with_line(form: str) -> bytes:
    """A shipped template with a signature line at its end."""
    parts: dict[str, bytes] = dict(opc.read(catalogue()[form][0].templates[".docx"].read_bytes(), "").parts)
    body = parts["word/document.xml"].decode()
    place = body.rindex("<w:sectPr")
    parts["word/document.xml"] = (body[:place] + SHAPE + body[place:]).encode()
    parts["word/media/line.png"] = DOT
    parts = opc.with_relationship(parts, "word/document.xml", "rIdLine", f"{OFFICE}/image", "media/line.png")
    return packed(opc.with_content_types(parts, {}, {"png": "image/png"}))


def filled(form: str, *, draft: bool = False) -> bytes:
    dossier = load(ROOT / "inputs" / "demo-2020")
    template = compile_template(with_line(form), f"{form}.docx", catalogue()[form][0], draft=draft)
    return template.fill({**dossier.records[form][0].values, "dossier": dossier.values}).data


@pytest.mark.parametrize("form", ["staff_list", "assessment_filing"])
def test_a_line_of_a_template_goes_through_filling_and_is_signed_on_with_its_pictures(form: str) -> None:
    data = packed(protection.protected(opc.read(filled(form), "")).parts)
    (line,) = lines.find(opc.read(data, ""))
    assert (line.id, line.signer, line.title) == (GUID, "校团委", "负责人")
    own = BytesIO()
    Image.new("RGB", (384, 192), (250, 250, 250)).save(own, "PNG")
    signed = packages.sign(data, "x.docx", office(), NOW, line=lines.signed_on(line, own.getvalue()))
    told = verify(signed, "x.docx", Trust((ca().certificate,), NOW))
    assert (told.holds, [each.line for each in told.signatures]) == (True, [GUID])


def test_a_draft_of_it_keeps_the_line_for_nobody_to_sign() -> None:
    assert len(lines.find(opc.read(filled("assessment_filing", draft=True), ""))) == 1


def test_the_page_for_authors_shows_this_very_line() -> None:
    page = "".join((ROOT / "docs" / "templates.md").read_text("utf-8").split())
    shown = SHAPE[SHAPE.index("<o:signatureline") : SHAPE.index("</v:shape>")].replace(GUID, "{GUID}")
    assert "".join(shown.split()) in page
