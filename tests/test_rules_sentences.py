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
