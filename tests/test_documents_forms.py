"""A form that was filled in by hand is read by the tags of its controls, or by its labels where those are lost."""

import datetime
import subprocess
from pathlib import Path
from typing import Any

import pytest

import by_hand
import office
from formgen import blanks, checks, dossier, forms, intake, submission
from formgen.filling.template import compile_template
from formgen.findings import Severity
from formgen.intake import Reading
from office import block, control, paragraph, run
from typed_forms import cell, page, said, word

ROOT = Path(__file__).parents[1]
ON = datetime.date(2020, 11, 18)
CANDIDATE = forms.catalogue().edition("candidate_registration", ON)
FILING = forms.catalogue().edition("assessment_filing", ON)
CONGRESS = forms.catalogue().edition("congress_report", ON)
STAFF = forms.catalogue().edition("staff_list", ON)
TEXTS = {
    "name": "王　静",
    "gender": "女",
    "ethnicity": "汉族",
    "birth": "2001年5月",
    "political_status": "团员",
    "student_number": "2019010101",
    "level": "专科生",
    "grade": "19级",
    "college": "机电学院",
    "class": "数控1901",
    "class_rank": "３/45",
    "awards": "2020年三好学生",
    "opinions.college_league.opinion": "同意推荐",
    "opinions.college_league.date": "2020年11月8日",
}
ROWS = [
    {"experience[].start": "2019年9月", "experience[].end": "2020.9", "experience[].unit": "学习部"},
    {"experience[].start": "2020年9月", "experience[].end": "至今", "experience[].post": "部长"},
]
VALUES: dict[str, Any] = {
    "name": "王静",
    "gender": "女",
    "ethnicity": "汉族",
    "birth": "2001-05",
    "political_status": "共青团员",
    "student_number": "2019010101",
    "level": "专科",
    "grade": 2019,
    "college": "机电学院",
    "class": "数控1901",
    "class_rank": {"text": "3/45", "kind": "fraction", "value": 3, "of": 45},
    "failed_course": False,
    "awards": "2020年三好学生",
    "experience": [
        {"start": "2019-09", "end": "2020-09", "unit": "学习部"},
        {"start": "2020-09", "end": "至今", "post": "部长"},
    ],
    "opinions": {"college_league": {"opinion": "同意推荐", "date": "2020-11-08"}},
}
TICKED = [f"items.{key}.conclusion=met" for key in FILING.schema["properties"]["items"]["properties"]]
FILED = {
    "items.3a.count": "38",
    "items.3a.remark": "在校生 9000 人",
    "items.9.held": "2020年11月17日至18日",
    "filled_by": "李四",
}
REPORTED = {"held": "2020年11月17日至18日", "place": "大礼堂", "delegate_total": "245", "agenda[]": "选举主席团"}


def read(data: bytes, folder: Path, edition: forms.Edition = CANDIDATE, name: str = "01.docx") -> Reading:
    path = folder / name
    path.write_bytes(data)
    return intake.read(path, name, edition, "01" if edition.many else None)


def values(reading: Reading) -> Any:
    assert reading.record is not None
    return reading.record.values


def blank(edition: forms.Edition, folder: Path) -> Path:
    path = folder / f"{edition.key}.docx"
    path.write_bytes(blanks.make(edition, ".docx"))
    return path


def errors(reading: Reading) -> list[tuple[str, str]]:
    stopping = {finding.kind.id for finding in reading.findings if finding.kind.severity is Severity.ERROR}
    return [entry for entry in said(reading) if entry[0] in stopping]


# --- by tag ----------------------------------------------------------------------------------------------------------


def test_a_blank_that_somebody_filled_in_gives_its_values_by_tag(tmp_path: Path) -> None:
    data = by_hand.filled(blank(CANDIDATE, tmp_path), TEXTS, ["failed_course=false"], ROWS)
    reading = read(data, tmp_path)
    assert values(reading) == VALUES
    assert said(reading) == []
    assert reading.record is not None
    origin = reading.record.origins.find(("experience", 1, "post"))
    assert (str(origin), origin.text) == ("01.docx!第1个表格!第9行第4格", "部长")


def test_a_box_that_is_ticked_beside_another_is_told_once(tmp_path: Path) -> None:
    data = by_hand.filled(blank(CANDIDATE, tmp_path), TEXTS, ["failed_course=false", "failed_course=true"], ROWS)
    assert said(read(data, tmp_path)) == [("I-undetermined", "failed_course")]


@pytest.mark.parametrize("edition", [CANDIDATE, FILING, CONGRESS, STAFF], ids=lambda edition: edition.key)
def test_a_blank_in_which_nothing_is_written_has_no_values(edition: forms.Edition, tmp_path: Path) -> None:
    reading = read(blanks.make(edition, ".docx"), tmp_path, edition)
    assert values(reading) == {}
    assert said(reading) == []


def test_a_filled_filing_gives_its_conclusions_by_tag(tmp_path: Path) -> None:
    ticked = [tag for tag in TICKED if tag != "items.5.conclusion=met"]
    both = [*ticked, "items.5.conclusion=met", "items.5.conclusion=unmet"]
    reading = read(by_hand.filled(blank(FILING, tmp_path), FILED, ticked), tmp_path, FILING)
    items = values(reading)["items"]
    assert items["3a"] == {"conclusion": "met", "count": 38, "remark": "在校生 9000 人"}
    assert items["9"]["held"] == {"start": "2020-11-17", "end": "2020-11-18"}
    assert ("5" in items, values(reading)["filled_by"], said(reading)) == (False, "李四", [])
    reading = read(by_hand.filled(blank(FILING, tmp_path), FILED, both), tmp_path, FILING)
    assert ("5" in values(reading)["items"], said(reading)) == (False, [("I-undetermined", "items/5/conclusion")])


def test_what_is_typed_beside_an_empty_control_or_after_it_was_deleted_is_read_by_its_label(tmp_path: Path) -> None:
    template = blank(CANDIDATE, tmp_path).read_bytes()
    root = by_hand.body(template)
    for sdt in list(root.iter(f"{by_hand.W}sdt")):
        holder = sdt.getparent()
        assert holder is not None
        if by_hand.tag(sdt) == "native_place":  # typed beside it
            sdt.addnext(by_hand.typed("甘肃兰州"))
        if by_hand.tag(sdt) == "major":  # deleted, then typed
            sdt.addnext(by_hand.typed("数控技术"))
            holder.remove(sdt)
        if by_hand.tag(sdt) == "phone":  # deleted with its label
            row = next(sdt.iterancestors(f"{by_hand.W}tr"))
            for cell_ in row.findall(f"{by_hand.W}tc")[:2]:
                row.remove(cell_)
    reading = read(by_hand.with_body(template, root), tmp_path)
    assert values(reading) == {"native_place": "甘肃兰州", "major": "数控技术"}
    assert said(reading) == [("I-field-unreadable", "phone")]
    assert "“联系电话”" in reading.findings[0].message()


def test_controls_of_every_kind_and_at_every_level_are_read(tmp_path: Path) -> None:
    listed = '<w:dropDownList><w:listItem w:displayText="女同学" w:value="女"/></w:dropDownList>'
    inner = "".join(
        f"<w:sdt><w:sdtPr><w15:repeatingSectionItem/></w:sdtPr><w:sdtContent><w:tr>{cells}</w:tr></w:sdtContent></w:sdt>"
        for cells in (
            f'<w:sdt><w:sdtPr><w:tag w:val="experience[].unit"/></w:sdtPr><w:sdtContent>{cell(paragraph(run("甲")))}'
            f"</w:sdtContent></w:sdt>{cell(paragraph(control('experience[].post', run('班长'))))}",
            f'<w:sdt><w:sdtPr><w:tag w:val="experience[].unit"/></w:sdtPr><w:sdtContent>{cell(paragraph(run("乙")))}'
            f"</w:sdtContent></w:sdt>{cell(paragraph(control('experience[].post', run('部长'))))}",
        )
    )
    body = (
        paragraph("<w:ins>" + control("name", run("李") + "<w:r><w:t>明</w:t></w:r>") + "</w:ins>")
        + paragraph(control("gender", run("女同学"), listed))
        + paragraph(control("phone", run("单击或点击此处输入文字。"), "<w:showingPlcHdr/>"))
        + block("awards", paragraph(run("一等奖")) + paragraph("<w:del><w:r><w:delText>无</w:delText></w:r></w:del>"))
        + paragraph(control("nobody", run("甲"))) + paragraph(control("nobody", run("甲")))
        + block("experience[]", f"<w:tbl>{inner}</w:tbl>")
        + paragraph(control("college", run("机电学院"))) + paragraph(control("college", run("财经学院")))
        + paragraph(control("photo", "<w:r><w:drawing><a:blip r:embed='rIdDot'/></w:drawing></w:r>", "<w:picture/>"))
        + paragraph(control("birth", run("5/2001"), '<w:date w:fullDate="2001-05-08T00:00:00Z"/>'))
        + paragraph(control("opinions.college_league.date", run("周日"), '<w:date w:fullDate="2020-11-08T00:00:00Z"/>'))
        + paragraph(control("opinions.college_party.date", run("2020年11月9日"), '<w:date w:fullDate="1999-01-01"/>'))
        + paragraph(control("opinions.student_affairs.date", run("下周"), "<w:date/>"))
    )  # fmt: skip
    reading = read(office.docx(body), tmp_path)
    assert values(reading) == {
        "name": "李明",
        "gender": "女",
        "awards": "一等奖",
        "birth": "2001-05",
        "photo": "01.docx#word/media/dot.png",
        "experience": [{"unit": "甲", "post": "班长"}, {"unit": "乙", "post": "部长"}],
        "opinions": {"college_league": {"date": "2020-11-08"}, "college_party": {"date": "2020-11-09"}},
    }
    found = [entry for entry in said(reading) if entry[0] != "I-field-unreadable"]
    assert found == [
        ("I-unknown-control", "?/nobody"),
        ("I-field-twice", "college"),
        ("I-date-unclear", "opinions/student_affairs/date"),
        ("I-changes-tracked", "document/revised"),
    ]


# --- by label --------------------------------------------------------------------------------------------------------


@pytest.mark.office
def test_forms_whose_tags_libreoffice_has_dropped_are_read_by_their_labels(tmp_path: Path) -> None:
    made = {
        "candidate": by_hand.filled(CANDIDATE.templates[".docx"], TEXTS, ["failed_course=false"], ROWS),
        "blank": by_hand.filled(blank(CANDIDATE, tmp_path), TEXTS, ["failed_course=false"], ROWS),
        "filing": by_hand.filled(FILING.templates[".docx"], FILED, TICKED),
        "congress": by_hand.filled(CONGRESS.templates[".docx"], REPORTED, []),
    }
    for name, data in made.items():
        (tmp_path / f"{name}.docx").write_bytes(data)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    convert = [
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        "docx:MS Word 2007 XML",
        "--outdir",
        str(tmp_path / "o"),
    ]
    names = [str(tmp_path / f"{name}.docx") for name in made]
    subprocess.run([*convert, *names], check=True, capture_output=True, timeout=180)
    saved = {name: (tmp_path / "o" / f"{name}.docx").read_bytes() for name in made}
    assert not any(b'w:tag w:val="name"' in by_hand.raw(data) for data in saved.values())
    assert values(read(saved["candidate"], tmp_path)) == VALUES
    assert values(read(saved["blank"], tmp_path)) == VALUES
    filing = read(saved["filing"], tmp_path, FILING)
    assert {item["conclusion"] for item in values(filing)["items"].values()} == {"met"}
    assert values(filing)["items"]["3a"]["count"] == 38
    assert values(filing)["items"]["3a"]["remark"] == "在校生 9000 人"
    assert values(filing)["items"]["9"]["held"] == {"start": "2020-11-17", "end": "2020-11-18"}
    assert (values(filing)["filled_by"], said(filing)) == ("李四", [])
    congress = read(saved["congress"], tmp_path, CONGRESS)
    assert values(congress) == {
        "held": {"start": "2020-11-17", "end": "2020-11-18"},
        "place": "大礼堂",
        "delegate_total": 245,
        "agenda": ["选举主席团"],
    }


@pytest.mark.parametrize("key", ["candidate_registration", "assessment_filing", "congress_report", "staff_list"])
def test_a_finished_document_which_has_no_controls_gives_all_that_it_prints_by_its_labels(
    key: str, tmp_path: Path
) -> None:
    loaded = dossier.load(ROOT / "inputs" / "demo-2020")
    edition = forms.catalogue().edition(key, ON)
    path = edition.templates[".docx"]
    record = loaded.records[key][0]
    filled = compile_template(path.read_bytes(), path.name, edition).fill({**record.values, "dossier": loaded.values})
    found = values(read(filled.data, tmp_path, edition))
    printed = {key: value for key, value in record.values.items() if key not in ("photo", "photos")}
    for item in found.get("items", {}).values():
        assert item.pop("wording")
    for member in printed.get("members", []):
        member.pop("level", None)  # the school's own column, which is not printed
    assert found == printed


def test_a_schools_own_table_is_read_by_titles_and_their_aliases(tmp_path: Path) -> None:
    table = [
        ["姓名", "张　三", "性别", "男", "照片"],
        ["联系方式", "138", "竞选岗位", "", "部长"],  # a column too many
        ["团学工作经历", "起", "止", "单位", "职务"],
        ["", "2019年9月", "至今", "学习部", "干事"],
        ["", "", "", "", ""],
        ["自我评价", "踏实", "有无挂科", "□有 ☑无"],
        ["学院：机电学院"],
    ]
    for data, name in ((page(table), "01.html"), (word(table), "01.docx")):
        reading = read(data, tmp_path, CANDIDATE, name)
        assert values(reading) == {
            "name": "张三",
            "gender": "男",
            "phone": "138",
            "desired_post": "部长",
            "experience": [{"start": "2019-09", "end": "至今", "unit": "学习部", "post": "干事"}],
            "profile": "踏实",
            "failed_course": False,
            "college": "机电学院",
        }
        unread = [pointer for kind, pointer in said(reading) if kind == "I-field-unreadable"]
        assert {"ethnicity", "birth", "plan"} <= set(unread)
        assert not {"name", "experience", "college", "photo"} & set(unread)


def test_one_label_in_two_places_is_never_a_guess(tmp_path: Path) -> None:
    table = [["姓名", "张三", "性别", "男"], ["民族", "汉族", "学院", "机电学院"], ["姓名", "李四"]]
    reading = read(page(table), tmp_path, CANDIDATE, "01.html")
    assert "name" not in values(reading)
    assert ("I-field-twice", "name") in said(reading)
    [finding] = [finding for finding in reading.findings if finding.kind.id == "I-field-twice"]
    assert "“张三”和“李四”" in finding.message()


def test_a_list_goes_on_below_headings_that_every_page_repeats_and_ends_at_the_next_label(tmp_path: Path) -> None:
    heading = [STAFF.schema["properties"]["members"]["items"]["properties"][key]["title"] for key in
               ("serial", "name", "political_status", "college", "grade", "rank", "failed_course")]  # fmt: skip
    rows = [
        heading,
        ["1", "王静", "团员", "机电系", "19级", "3/45", "否"],
        heading,
        ["2", "李明", "中共党员", "机电系", "20级", "", "否"],
    ]
    reading = read(page(rows), tmp_path, STAFF, "staff_list.html")
    members = values(reading)["members"]
    assert [member["name"] for member in members] == ["王静", "李明"]
    assert (members[0]["grade"], members[0]["failed_course"], "rank" in members[1]) == (2019, False, False)


def test_a_paper_with_one_known_label_is_not_the_form(tmp_path: Path) -> None:
    reading = read(page([["姓名", "张三"], ["题目", "散文"]]), tmp_path, CANDIDATE, "01.html")
    assert (reading.record, said(reading)) == (None, [("I-form-not-found", "")])


# --- as a source -----------------------------------------------------------------------------------------------------


def test_a_dossier_takes_word_forms_and_pages_as_its_sources(tmp_path: Path) -> None:
    folder = tmp_path / "清河"
    (folder / "candidate_registration").mkdir(parents=True)
    (folder / "dossier.json").write_text('{"organisation": {"name": "清河"}, "filing_date": "2020-11-18"}', "utf-8")
    (folder / "通知.docx").write_bytes(b"anything")
    data = by_hand.filled(blank(CANDIDATE, tmp_path), {**TEXTS, "birth": "五月"}, [], ROWS)
    (folder / "candidate_registration" / "01.docx").write_bytes(data)
    loaded = dossier.load(folder)
    [record] = loaded.records["candidate_registration"]
    assert (record.id, record.values["name"]) == ("01", "王静")
    assert sorted(loaded.inputs) == ["candidate_registration/01.docx", "dossier.json"]
    report = checks.check(loaded)
    places = {str(loaded.origin(finding.at)) for finding in report.findings if finding.at.record == "01"}
    assert "candidate_registration/01.docx!第1个表格!第2行第2格" in places


def test_a_charter_beside_its_transcription_is_no_second_source(tmp_path: Path) -> None:
    (tmp_path / "dossier.json").write_text('{"organisation": {"name": "清河"}, "filing_date": "2020-11-18"}', "utf-8")
    (tmp_path / "charter.json").write_text("{}", "utf-8")
    (tmp_path / "charter.md").write_text("# 章程", "utf-8")
    assert list(dossier.load(tmp_path).records) == ["charter"]
    (tmp_path / "charter.json").rename(tmp_path / "charter.docx")
    assert [finding.kind.id for finding in dossier.load(tmp_path).findings] == ["I-format"]


def test_one_file_for_a_form_of_which_there_are_many_is_refused(tmp_path: Path) -> None:
    (tmp_path / "dossier.json").write_text('{"organisation": {"name": "清河"}, "filing_date": "2020-11-18"}', "utf-8")
    (tmp_path / "candidate_registration.docx").write_bytes(b"")
    with pytest.raises(dossier.UsageError, match=r"cannot be a single \.docx file"):
        dossier.load(tmp_path)


def test_a_submitted_word_form_is_recognised_by_its_places(tmp_path: Path) -> None:
    path = tmp_path / "王静的表.docx"
    path.write_bytes(by_hand.filled(blank(CANDIDATE, tmp_path), TEXTS, [], ROWS))
    loaded = submission.load(path, as_of=ON)
    assert list(loaded.records) == ["candidate_registration"]
    assert loaded.records["candidate_registration"][0].id == "王静的表"
