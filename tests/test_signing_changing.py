"""Documents that show something else another day: not signed, and not called valid if somebody did."""

import pytest

from formgen import opc
from formgen.opc import Package, PackageError
from formgen.signing.changing import check
from formgen.signing.package import sign
from office import OFFICE, Sheet, docx_parts, pack, paragraph, xlsx
from office import docx as word
from office import run as word_run
from signing_kit import NOW, forms, office

STRICT = 'xmlns:s="http://purl.oclc.org/ooxml/wordprocessingml/main"'


def field(*codes: str) -> str:
    """A field whose code is spread over several runs."""
    inside = "".join(f'<w:r><w:instrText xml:space="preserve">{code}</w:instrText></w:r>' for code in codes)
    mark = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
    return mark.format("begin") + inside + mark.format("separate") + word_run("1") + mark.format("end")


def reasons(body: str, **parts: object) -> list[tuple[str, str]]:
    return [(each.id, each.place) for each in check(opc.read(word(body, **parts), "试验"))]


@pytest.mark.parametrize(
    "code", ["DATE", "  date \\@ &quot;yyyy&quot;", "Title", "DOCPROPERTY x", 'INCLUDEPICTURE "http://x/"', "TIME\\@h"]
)
def test_a_field_that_changes_by_itself_is_told(code: str) -> None:
    ((id, place),) = reasons(paragraph(field(code)))
    assert id == "shows-unsigned"
    assert place.startswith("word/document.xml ")


@pytest.mark.parametrize("code", ["PAGE", "NUMPAGES \\* MERGEFORMAT", "REF x", "DATES", "SEQ 表", "FORMTEXT", ""])
def test_a_field_that_only_counts_or_points_is_not(code: str) -> None:
    assert reasons(paragraph(field(code))) == []


def test_neither_runs_nor_other_fields_nor_another_spelling_hide_a_field() -> None:
    assert len(reasons(paragraph(field("DA", "TE")))) == 1
    assert len(reasons(paragraph('<w:fldSimple w:instr=" DATE "><w:r/></w:fldSimple>'))) == 1
    assert len(reasons(paragraph(f'<s:fldSimple {STRICT} s:instr="DATE"/>'))) == 1
    nested = field("IF ").replace('<w:r><w:fldChar w:fldCharType="separate"/></w:r>', field("TITLE"))
    assert [place for _, place in reasons(paragraph(nested))] == ["word/document.xml TITLE"]
    assert len(reasons(paragraph("<w:r><w:instrText>DATE</w:instrText></w:r>"))) == 1


def test_a_header_in_another_encoding_is_read_too() -> None:
    given = docx_parts(paragraph(), stories={"header1": paragraph(field("DATE"))})
    for encoding in ("utf-16", "utf-16-le", "iso-8859-1"):
        text = str(given["word/header1.xml"])
        declared = f'<?xml version="1.0" encoding="{encoding}"?>{text}'
        parts = {**given, "word/header1.xml": declared.encode(encoding)}
        made = Package({name: data.encode() if isinstance(data, str) else data for name, data in parts.items()})
        assert [each.id for each in check(made)] == ["shows-unsigned"], encoding


def test_a_control_bound_to_the_title_is_told_and_one_bound_to_signed_data_is_not() -> None:
    bound = (
        '<w:sdt><w:sdtPr><w:dataBinding w:prefixMappings="xmlns:x=\'{space}\'" w:xpath="/x:y" w:storeItemID="{{0}}"/>'
        "</w:sdtPr><w:sdtContent><w:p/></w:sdtContent></w:sdt>"
    )
    core = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
    assert reasons(bound.format(space=core)) == [("shows-unsigned", "word/document.xml")]
    assert reasons(bound.format(space="urn:formgen:record:1")) == []


@pytest.mark.parametrize(
    ("cells", "names", "told"),
    [
        ({"A1": "=TODAY()"}, {}, ["xl/worksheets/sheet1.xml TODAY"]),
        ({"A1": '=IF(1,1+NOW(),"x")'}, {}, ["xl/worksheets/sheet1.xml NOW"]),
        ({"A1": "=day"}, {"day": "RAND()"}, ["xl/workbook.xml RAND"]),
        ({"A1": "=SUM(B1:B9)", "A2": "请写 TODAY() 或 NOW(1)"}, {"day": "Sheet1!$A$1"}, []),
        ({"A1": "=MYNOW()"}, {}, []),
    ],
)
def test_a_formula_that_gives_another_value_each_day_is_told(
    cells: dict[str, str], names: dict[str, str], told: list[str]
) -> None:
    book = opc.read(xlsx({"Sheet1": Sheet(cells)}, names), "试验")
    assert [(each.id, each.place) for each in check(book)] == [("shows-unsigned", place) for place in told]


@pytest.mark.parametrize(("kind", "told"), [("image", 1), ("attachedTemplate", 1), ("hyperlink", 0)])
def test_what_is_fetched_from_elsewhere_is_told_but_a_link_to_click_is_not(kind: str, told: int) -> None:
    given = docx_parts(paragraph(word_run()))
    entry = f'<Relationship Id="rIdX" Type="{OFFICE}/{kind}" Target="http://x/" TargetMode="External"/></Rel'
    given["word/_rels/document.xml.rels"] = str(given["word/_rels/document.xml.rels"]).replace("</Rel", entry)
    found = [(each.id, each.place) for each in check(opc.read(pack(given), "试验"))]
    assert found == [("shows-elsewhere", "word/document.xml rIdX")] * told


def test_such_a_document_is_not_signed() -> None:
    with pytest.raises(PackageError, match="this shows the day") as refused:
        sign(word(paragraph(field("DATE"))), "甲.docx", office(), NOW)
    assert refused.value.remedy is not None
    assert "普通文字" in refused.value.remedy.zh


def test_no_form_of_ours_shows_anything_that_changes() -> None:
    for name, data in forms().items():
        assert list(check(opc.read(data, name))) == [], name
