"""Findings as one HTML file, and the excerpts in it."""

import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import formgen
from formgen.checks import Report, RuleRun, check
from formgen.delivery import Delivery
from formgen.dossier import Dossier
from formgen.errors import UsageError
from formgen.findings import Address, Finding, Kind, Outcome, Severity, Text
from formgen.record import CellOrigins, Origin, Record
from formgen.records import Records
from formgen.reports import as_html
from formgen.reports.excerpts import Quotation, Row, excerpt

INPUTS = Path(__file__).parent.parent / "inputs"
MEMBERS = Address("staff_list", ("members",))
EMPTY = {"meta", "br"}


class Page(HTMLParser):
    """The tags and texts of a page; a tag that is not closed in its place is an error."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return "".join(self.words)

    def classes(self, tag: str) -> list[str | None]:
        return [attributes.get("class") for name, attributes in self.tags if name == tag]


def kind(id: str = "R10", severity: Severity = Severity.ERROR) -> Kind:
    message = Text("{name} 不对", "{name} is wrong")
    return Kind(id, "bad", Text("题目", "title"), message, severity, Text("请改", "mend it"), None, ("某条",))


def finding(row: int = 0, outcome: Outcome = Outcome.FAILED, *, of: Kind | None = None, **more: Any) -> Finding:
    return Finding(of or kind(), MEMBERS / row / "name", {"name": more.pop("name", "某人")}, outcome, **more)


MEMBER = {
    "serial": 3, "name": "王小明", "rank": {"text": "3/45", "kind": "fraction", "value": 3, "of": 45},
    "failed_course": False, "experience": "长" * 300, "unknown": 1,
}  # fmt: skip
CHARTER = {
    "documents": [{"key": "charter", "title": "某某章程"}, {"key": 1}, "x"],
    "statements": {
        "quorum": [
            {"document": "charter", "clause": "第十条", "quote": "过半数有效。"},
            {"document": "other", "clause": "第二条", "quote": "三分之二有效。"},
            {"quote": "无出处"},
        ]
    },
}


def dossier() -> Dossier:
    cells = {("members", row, "name"): Origin("名单.xlsx", "表1", f"B{row + 3}") for row in range(9)}
    records = {
        "staff_list": (Record("staff_list", {"members": [MEMBER]}, CellOrigins(Origin("名单.xlsx"), cells)),),
        "charter": (Record("charter", CHARTER, CellOrigins(Origin("charter.json"))),),
        "assessment_filing": (
            Record("assessment_filing", {"items": {"7": {"conclusion": "met"}}}, CellOrigins(Origin("a.json"))),
        ),
        "congress_report": (
            Record(
                "congress_report",
                {"held": {"start": "2020-11-18", "end": "2020-11-19"}, "place": "礼堂", "agenda": ["一"]},
                CellOrigins(Origin("c.json")),
            ),
        ),
        "delegates": (Record("delegates", ["x"], CellOrigins(Origin("d.json"))),),
    }
    values = {"organisation": {"name": "某大学"}}
    kept = {form: Records(each) for form, each in records.items()}
    return Dossier(Path("甲"), "甲", values, CellOrigins(Origin("dossier.json")), kept, date(2020, 12, 4), "", (), {})


def page(*findings: Finding, lang: str = "zh", **more: Any) -> Page:
    at = dossier()
    return Page(as_html.document([as_html.part(at, Report(findings, (), at.as_of), None, lang)], lang=lang, **more))


# --- the page --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", ["lzmvc-2020", "demo-2020"])
def test_the_report_on_a_real_dossier_is_a_page_that_loads_nothing(name: str, lang: str) -> None:
    dossier = formgen.load(INPUTS / name)
    whole = as_html.document([as_html.part(dossier, check(dossier), None, lang, explain=True)], lang=lang)
    shown = Page(whole)
    assert not {"script", "link", "img", "iframe", "a"} & {tag for tag, _ in shown.tags}
    assert not {"src", "href", "onclick"} & {key for _, attributes in shown.tags for key in attributes}
    assert not re.search(r"url\(|@import|https?://", whole)
    assert shown.tags[0] == ("html", {"lang": {"zh": "zh-CN", "en": "en"}[lang]})
    assert "default-src 'none'" in str(shown.tags)


def test_a_finding_has_its_words_its_place_and_its_row() -> None:
    shown = page(finding(waived=None, also=(MEMBERS / 1 / "name",)))
    for part in (
        "R10 题目",
        "某人 不对",
        "名单.xlsx!表1!B3",
        "王小明",
        "3/45",
        "另见：名单.xlsx!表1!B4",
        "请改",
        "依据：某条",
    ):
        assert part in shown.text
    assert "marked" in shown.classes("td")
    assert shown.classes("p")[1] == "verdict stops"


def test_how_bad_it_is_shows_in_a_sign_and_a_word() -> None:
    shown = page(
        finding(0),
        finding(1, of=kind("R11", Severity.WARNING)),
        finding(2, of=kind("R12", Severity.INFO)),
        finding(3, Outcome.UNVERIFIED),
        finding(4, waived="批文"),
    )
    assert shown.classes("article") == ["error", "warning", "info", "unverified", "waived"]
    for badge in ("■ 错误", "▲ 警告", "● 提示", "？ 无法核实", "○ 已豁免"):
        assert badge in shown.text
    assert "豁免理由：批文" in shown.text
    borders = {
        re.search(rf"\.{name} {{ border-left: ([^;]+) var", as_html.STYLE)[1] for name in shown.classes("article")
    }  # type: ignore[index]
    assert len(borders) == 5


def test_what_follows_from_a_finding_is_counted_under_it() -> None:
    root = finding(0)
    follower = finding(1, Outcome.UNVERIFIED, of=kind("R11"), cause=root.at)
    assert "由此另有 1 项无法核实：R11" in page(root, follower).text


def test_data_is_text_and_never_markup() -> None:
    shown = page(finding(name="<script>alert('&')</script>\x1b\nx"))
    assert "<script>alert('&')</script>\\u001b\nx" in shown.text
    assert not {"script"} & {tag for tag, _ in shown.tags}


def test_beyond_a_hundred_findings_of_a_rule_the_others_are_counted() -> None:
    shown = page(*(finding(row) for row in range(105)), finding(of=kind("R11")), finding(200))
    assert shown.classes("div").count("finding") == 101
    assert "R10 共 106 处，另有 6 处没有逐一列出" in shown.text
    assert "没有逐一列出" not in page(*(finding(row) for row in range(100))).text


def test_clauses_that_disagree_are_quoted_side_by_side() -> None:
    at = Address("charter", ("statements", "quorum", 0))
    other = Address("charter", ("statements", "quorum", 1))
    shown = page(Finding(kind(), at, {"name": "x"}, also=(other, other, MEMBERS)))
    quotes = [tag for tag, _ in shown.tags if tag == "blockquote"]
    assert len(quotes) == 2
    assert "过半数有效。 《某某章程》第十条" in shown.text
    assert "三分之二有效。 other第二条" in shown.text


def test_it_says_that_names_are_replaced_what_was_written_and_what_was_refused() -> None:
    at = dossier()
    delivery = Delivery(Path("out"), ("a.docx",), (), (), ())
    refused = [("y", UsageError(Text("没有", "nothing")))]
    whole = as_html.document([as_html.part(at, Report((), (), at.as_of), delivery, "en")], refused, "en", redacted=True)
    shown = Page(whole)
    for part in (
        "names and other personal data are replaced",
        "Files written",
        "a.docx",
        "y: nothing",
        "can be issued",
    ):
        assert part in shown.text
    assert shown.classes("p")[2] == "verdict"
    assert "replaced" not in page(lang="en").text


def test_what_each_rule_came_to_is_added_on_demand() -> None:
    at = dossier()
    run = RuleRun("R10", dict.fromkeys(Outcome, 7), dict.fromkeys(Outcome, 2))
    whole = as_html.document([as_html.part(at, Report((), (run,), at.as_of), None, explain=True)])
    assert Page(whole).text.count("7 (2)7 (2)7 (2)7 (2)") == 1
    assert "各条规则的核对情况" not in page().text


# --- excerpts --------------------------------------------------------------------------------------------------------


def row_at(at: Address, lang: str = "zh") -> Row:
    found = excerpt(at, dossier(), lang)
    assert isinstance(found, Row)
    return found


def test_the_excerpt_of_a_table_is_its_row_with_the_cell_that_is_meant() -> None:
    row = row_at(MEMBERS / 0 / "rank" / "value")
    assert row.headings[:2] == ("序号", "姓名")
    assert row.cells == ("3", "王小明", "3/45", "否", "长" * 199 + "…", "1")
    assert row.marked == 2
    assert row.headings[-1] == "unknown"
    assert row_at(MEMBERS / 0, "en").cells[3] == "no"
    assert row_at(MEMBERS / 0).marked is None


def test_a_cell_that_was_not_filled_is_shown_as_such() -> None:
    row = row_at(MEMBERS / 0 / "grade")
    assert row.marked is not None
    assert (row.headings[row.marked], row.cells[row.marked]) == ("年级", "（没有填）")


def test_of_a_form_without_rows_only_the_field_is_shown() -> None:
    assert row_at(Address("congress_report", ("held", "start"))).cells == ("2020-11-18–2020-11-19",)
    assert row_at(Address("dossier", ("organisation", "kind"))).cells == ("某大学", "（没有填）")


def test_the_items_of_the_filing_are_found_though_their_keys_are_digits() -> None:
    row = row_at(Address("assessment_filing", ("items", 7, "conclusion")))
    assert (row.cells, row.marked) == (("met",), 0)


@pytest.mark.parametrize(
    "at",
    [
        Address("congress_report", ("agenda",)),
        Address("congress_report", ("photos",)),
        Address("congress_report"),
        Address("delegates", (0,)),
        Address("election", ("date",)),
        Address("staff_list", (), "01"),
    ],
)
def test_where_there_is_no_row_there_is_no_excerpt(at: Address) -> None:
    assert excerpt(at, dossier()) is None


def test_a_row_that_is_not_there_has_no_excerpt_of_another() -> None:
    assert excerpt(MEMBERS / 5 / "name", dossier()) is None


def test_a_quotation_without_a_source_is_a_quotation() -> None:
    assert excerpt(Address("charter", ("statements", "quorum", 2)), dossier()) == Quotation("", "无出处")
