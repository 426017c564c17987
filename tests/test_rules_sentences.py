"""What a few rules say, where a sentence could be true of the wrong thing."""

from datetime import date
from typing import Any

import pytest

from formgen import checks
from judging import base, material

ON = date(2020, 11, 18)


def said(raw: Any, rule: str) -> list[str]:
    return [finding.message("zh") for finding in checks.check(material(raw, ON)).findings if finding.kind.id == rule]


@pytest.mark.parametrize(
    ("setting", "own", "source"),
    [("staff.rank_percent", 50, "评估备案表（2020）第 6 项"), ("delegates.surplus_percent", 10, "其他学校的办法相同")],
)
def test_a_setting_that_is_too_loose_is_held_against_the_source_of_the_number(
    setting: str, own: int, source: str
) -> None:
    raw = base(ON)
    raw["dossier"]["settings"] = {setting: {"value": own, "source": "学生会换届办法"}}
    [message] = said(raw, "R160")
    assert source in message
    assert "国家规定" not in message


def test_bodies_that_are_absent_from_the_board_are_named_and_not_their_opinions() -> None:
    raw = base(ON)
    raw["records"]["appraisal"]["board"] = [{"name": f"学生{number}", "group": "student"} for number in range(3)]
    assert said(raw, "R62") == ["评议会里没有这些单位的人：校党委学生工作部门、校团委"]


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("党员", "的政治面貌写作“党员”，看不出是中共党员还是中共预备党员"),
        (
            "共青团员、发展对象",
            "的政治面貌写作“共青团员、发展对象”：后一半是发展党员的阶段，不是政治面貌，请只写共青团员",
        ),
    ],
)
def test_an_unclear_status_is_told_of_a_member_and_of_a_candidate_by_name(status: str, sentence: str) -> None:
    raw = base(ON)
    raw["records"]["staff_list"]["members"][2]["political_status"] = status
    raw["records"]["candidate_registration"]["01"]["political_status"] = status
    assert said(raw, "R85") == [f"程松（序号 3）{sentence}"]
    assert said(raw, "R177") == [f"安可{sentence}"]
    raw["records"]["candidate_registration"]["01"]["name"] = 7  # told of by another finding
    assert said(raw, "R177") == [f"—{sentence}"]


def test_what_is_wanting_of_the_ranking_is_named_with_three_of_the_ranks() -> None:
    raw = base(ON)
    members = raw["records"]["staff_list"]["members"]
    members[4]["rank"] = {"text": "9", "kind": "unknown", "value": 9}
    raw["dossier"]["ranking"] = {"period": "year"}
    [message] = said(raw, "R16")
    assert "ranking.kind、ranking.population = major" in message
    assert "3/45、前30%、12" in message
    assert "4 " in message


def test_one_post_of_several_people_is_told_under_its_proper_name() -> None:
    raw = base(ON)
    for member in raw["records"]["staff_list"]["members"][3:5]:
        member["role"] = "部员"
    [message] = said(raw, "R153")
    assert message.startswith("名单中有 2 人（4 丁宁、5 ")
    assert message.endswith("的职务写作“部员”，规定的名称是干事")
