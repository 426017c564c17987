"""Are tags and names understood, and is every wrong use of a control refused and named?"""

from typing import Any

import pytest

from formgen.errors import TemplateError
from formgen.filling.controls import Role, join_path, leaves, list_prefixes, parse_name, parse_tag, split_path
from formgen.filling.template import compile_template
from formgen.forms import catalogue
from office import (
    block,
    control,
    docx,
    edition,
    paragraph,
    picture,
    problems,
    row,
    run,
    table,
    tick,
    value,
)

TAGS: list[tuple[str, tuple[Role, str, str] | None]] = [
    ("name", (Role.VALUE, "name", "")),
    (" name ", (Role.VALUE, "name", "")),
    ("members[].name", (Role.VALUE, "members[].name", "")),
    ("a[].b[].c", (Role.VALUE, "a[].b[].c", "")),
    ("words[]", (Role.VALUE, "words[]", "")),
    ("items.3a.conclusion=met", (Role.TICK, "items.3a.conclusion", "met")),
    ("gender=男", (Role.TICK, "gender", "男")),
    ("x=a=b", (Role.TICK, "x", "a=b")),
    ("?photo", (Role.PRESENT, "photo", "")),
    ("!photo", (Role.ABSENT, "photo", "")),
    ("?a[].b", (Role.PRESENT, "a[].b", "")),
    *((tag, None) for tag in ["", "?", "a b", "a.", ".a", "a..b", "[]", "a[", "a[].", "a[][]", "a[0]", "a[]b"]),
    *((tag, None) for tag in ["x=", "?x=y", "!x=y", "??x", "姓名", "a-b", "a\nb"]),
]


@pytest.mark.parametrize(("tag", "meaning"), TAGS)
def test_a_tag_is_a_path_with_a_mark_or_none(tag: str, meaning: tuple[Role, str, str] | None) -> None:
    control = parse_tag(tag)
    assert (control and (control.role, join_path(control.path), control.equals)) == meaning


NAMES: list[tuple[str, tuple[Role, str, str] | None]] = [
    ("f_name", (Role.VALUE, "name", "")),
    ("f_members.each.name", (Role.VALUE, "members[].name", "")),
    ("f_members.each", (Role.VALUE, "members[]", "")),
    ("f_dossier.organisation.name", (Role.VALUE, "dossier.organisation.name", "")),
    ("f_items.3a.conclusion.is.met", (Role.TICK, "items.3a.conclusion", "met")),
    ("f_gender.is.男", (Role.TICK, "gender", "男")),
    ("f_if.photo", (Role.PRESENT, "photo", "")),
    ("f_a.eachother", (Role.VALUE, "a.eachother", "")),
    ("f_", None),
    ("f_if.x.is.y", None),
    ("f_a..b", None),
    ("f_a?", None),
]


@pytest.mark.parametrize(("name", "meaning"), NAMES)
def test_an_excel_name_is_a_path_or_none(name: str, meaning: tuple[Role, str, str] | None) -> None:
    control = parse_name(name)
    assert (control and (control.role, join_path(control.path), control.equals)) == meaning
    assert control is None or control.tag == name


def test_a_path_is_split_and_joined_again() -> None:
    for path in ("a", "a.b", "a[]", "a[].b[].c", "a.b[].3a"):
        assert join_path(split_path(path)) == path
    assert [join_path(p) for p in list_prefixes(split_path("a[].b[].c"))] == ["a[]", "a[].b[]"]


def test_the_leaves_of_the_staff_list_are_its_nine_columns() -> None:
    schema = catalogue()["staff_list"][0].schema
    assert [join_path(path) for path in leaves(schema)] == [
        f"members[].{key}"
        for key in ("serial", "name", "political_status", "college", "grade", "rank", "failed_course", "experience")
    ] + ["members[].remark"]


UNTAGGED = f"<w:sdt><w:sdtPr/><w:sdtContent>{run('请填写')}</w:sdtContent></w:sdt>"
BARE = f"<w:sdt><w:sdtContent>{run('x')}</w:sdtContent></w:sdt>"
EMPTY_PICTURE = control("photo", run(), "<w:picture/>")
SIZELESS = control("photo", '<w:r><w:drawing><a:blip r:embed="rIdDot"/></w:drawing></w:r>', "<w:picture/>")
D = "word/document.xml"
LIST = table(row(value("groups[].title"))) + value("name") + table(row(value("groups[].size")))
WRONG: list[tuple[str, str, tuple[str, ...], str]] = [
    ("unknown path", value("nmae"), ("name",), f"{D}|nmae|the form has no field 'nmae'; did you mean 'name'?"),
    ("far path", value("zzzzzzzz"), (), f"{D}|zzzzzzzz|the form has no field 'zzzzzzzz'"),
    (
        "path into a text",
        value("name.first"),
        (),
        f"{D}|name.first|the form has no field 'name.first'; did you mean 'name'?",
    ),
    (
        "list entered without []",
        value("groups.title"),
        (),
        "the form has no field 'groups.title'; did you mean 'groups[].title'?",
    ),
    ("[] of no list", value("name[]"), (), "the form has no field 'name[]'; did you mean 'name'?"),
    ("unknown condition", paragraph(control("?nmae")), (), f"{D}|?nmae|the form has no field 'nmae'"),
    ("unknown region", block("grups[]", value("name")), (), f"{D}|grups[]|the form has no field 'grups[]'"),
    ("text for a picture", value("photo"), (), f"{D}|photo|this field is a picture: use a picture control"),
    ("picture for a text", paragraph(picture("name")), (), f"{D}|name|a picture control is for a picture field only"),
    ("box without a value", paragraph(tick("state")), (), f"{D}|state|the tag of a check box must read field=value"),
    ("box with another value", paragraph(tick("state=meet")), (), f"{D}|state=meet|'meet' is none of the choices"),
    (
        "box of a boolean",
        paragraph(tick("sure=yes")),
        (),
        f"{D}|sure=yes|'yes' is none of the choices ['true', 'false']",
    ),
    ("box of a text", paragraph(tick("name=x")), (), f"{D}|name=x|this field has no choices to tick"),
    (
        "value without a box",
        paragraph(control("state=met")),
        (),
        f"{D}|state=met|field=value needs a check-box control",
    ),
    ("group", value("groups"), (), f"{D}|groups|this is a group of fields and cannot be printed as one value"),
    ("group of a list", paragraph(control("groups[]")), (), f"{D}|groups[]|this is a group of fields"),
    ("no path", value("姓名"), (), f"{D}|姓名|the tag is no path to a field"),
    ("no tag", paragraph(UNTAGGED), (), f"{D}|请填写|a content control has no tag"),
    ("no properties", paragraph(BARE), (), f"{D}|x|a content control has no tag"),
    ("empty tag", value(""), (), f"{D}|占位|a content control has no tag"),
    ("no picture in it", paragraph(EMPTY_PICTURE), (), f"{D}|photo|the picture control holds no picture"),
    ("a picture without size", paragraph(SIZELESS), (), f"{D}|photo|the picture has no size"),
    ("a field of a list elsewhere", LIST, (), f"{D}|groups[]|this list's controls lie apart"),
    ("two cells of nested rows", table(row(value("words[]"), value("groups[].title"))), (), "repeat the same"),
    ("a list kept as a whole", block("?groups[]", paragraph(run())), (), "outside of what is repeated for 'groups[]'"),
    ("a control in a control", paragraph(control("name", control("note"))), (), f"{D}|name|holds another control"),
    (
        "a control in a box",
        paragraph(tick("state=met", "", control("note"))),
        (),
        f"{D}|state=met|holds another control",
    ),
    (
        "a condition that is a box",
        paragraph(tick("?state")),
        (),
        f"{D}|?state|a condition cannot be a check box or a picture",
    ),
    (
        "a condition on a picture",
        paragraph(picture("?photo")),
        (),
        f"{D}|?photo|a condition cannot be a check box or a picture",
    ),
    ("never printed", "", ("name", "count"), "|name|no control prints this field"),
    ("only a condition", paragraph(control("?name")), ("name",), "|name|no control prints this field"),
    ("list never printed", value("groups[].title"), ("groups",), "|groups[].size|no control prints this field"),
]


@pytest.mark.parametrize(("body", "keys", "sentence"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_every_wrong_use_is_refused_and_named(body: str, keys: tuple[str, ...], sentence: str) -> None:
    form = edition(*(keys or ("name", "note", "state", "sure", "photo", "groups", "words")))
    found = problems(docx(body), form)
    assert any(_matches(sentence, one) for one in found), found
    with pytest.raises(TemplateError):
        compile_template(docx(body), "试验.docx", form)


def _matches(sentence: str, problem: str) -> bool:
    if "|" not in sentence:
        return sentence in problem
    place, _, text = sentence.rpartition("|")
    return problem.startswith(place + "|") and text in problem


def test_one_error_names_every_problem_in_both_languages() -> None:
    with pytest.raises(TemplateError) as caught:
        compile_template(docx(value("nmae") + paragraph(UNTAGGED)), "试验.docx", edition("name"))
    error = caught.value
    assert (error.place, error.exit_code) == ("试验.docx", 2)
    assert "word/document.xml 〔nmae〕 表单没有字段“nmae”，是不是“name”？" in error.sentence("zh")
    assert "did you mean 'name'?" in error.sentence("en")
    assert "〔name〕 没有控件打印这个字段" in error.sentence("zh")
    assert "没有标记" in error.sentence("zh")


def test_a_field_may_be_printed_by_part_of_it_or_as_a_whole() -> None:
    held: dict[str, Any] = {
        "type": "object",
        "x-typeset": "date_range",
        "properties": {"start": {"type": "string", "x-typeset": "date"}, "end": {"type": "string"}},
    }
    assert problems(docx(value("held")), edition(held=held)) == []
    assert problems(docx(value("held.start")), edition(held=held)) == ["|held|no control prints this field"]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"hello", "a.docx"),
        (docx(value("name")), "a.xlsx"),
        (docx(value("name")), "a.txt"),
        (docx("", files={"[Content_Types].xml": "<Types"}), "a.docx"),
        (docx("", files={"_rels/.rels": "<R"}), "a.docx"),
        (docx("", files={"_rels/.rels": "<R/>"}), "a.docx"),
        (docx("", files={"word/document.xml": "<w:document>"}), "a.docx"),
    ],
    ids=["no zip", "no workbook", "no template", "types", "rels", "no main part", "body"],
)
def test_what_is_no_template_is_refused(data: bytes, name: str) -> None:
    with pytest.raises(TemplateError) as caught:
        compile_template(data, name, edition("name"))
    assert caught.value.place == name


def test_every_template_that_ships_matches_its_form() -> None:
    for key, editions in catalogue().items():
        for suffix, path in editions[0].templates.items():
            assert problems(path.read_bytes(), editions[0], f"{key}{suffix}") == []
