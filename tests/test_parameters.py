"""The numbers of the regulations, each by its dates."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from formgen import forms, parameters
from formgen.parameters import Parameter, UnknownParameter, Value

ALL = [(found, value) for found in parameters.load().values() for value in found.values]
WRITTEN = """
[limit]
title = "上限"
unit = "人"
[[limit.values]]
from = 2019-10-01
until = 2020-12-31
value = 40
source = "某文件"
quote = "不超过 40 人"
[[limit.values]]
from = 2022-01-01
value = 30
source = "某文件"
quote = "不超过 30 人"
"""


def written(folder: Path, text: str = WRITTEN) -> parameters.Parameters:
    (folder / "staff.toml").write_text(text, "utf-8")
    return parameters.read(folder)


@pytest.mark.parametrize(("found", "value"), ALL, ids=lambda part: getattr(part, "name", ""))
def test_a_value_holds_from_its_first_day_and_not_the_day_before(found: Parameter, value: Value) -> None:
    law = parameters.load()
    assert law.value(found.name, value.since) == value.value
    before = value.since - timedelta(days=1)
    if value is found.values[0]:
        with pytest.raises(UnknownParameter):
            law.value(found.name, before)
    else:
        assert law.value(found.name, before) != value.value


@pytest.mark.parametrize(("found", "value"), ALL, ids=lambda part: getattr(part, "name", ""))
def test_a_value_says_where_it_is_written(found: Parameter, value: Value) -> None:
    assert found.title
    assert found.unit
    assert value.source
    assert value.quote
    if found.unit in ("人", "个", "%"):
        assert str(value.value) in re.findall("[0-9]+", value.quote)


def test_a_quotation_of_an_item_is_what_the_form_says() -> None:
    items = forms.catalogue()["assessment_filing"][0].schema["properties"]["items"]["properties"]
    checked = 0
    for _, value in ALL:
        number = re.match(r"高校学生会组织深化改革评估备案表（2020）第 ([0-9]+) 项", value.source)
        if number is not None:
            said = [item["description"] for key, item in items.items() if key.rstrip("abc") == number[1]]
            assert any(value.quote in text for text in said)
            checked += 1
    assert checked > 5


def test_the_rows_that_need_a_conclusion_are_those_of_the_form() -> None:
    items = forms.catalogue()["assessment_filing"][0].schema["properties"]["items"]["properties"]
    assert parameters.load().value("assessment.items", date(2020, 11, 18)) == list(items)


def test_what_a_candidate_is_asked_for_is_in_the_form() -> None:
    fields = forms.catalogue()["candidate_registration"][0].schema["properties"]
    assert set(parameters.load().value("candidate.asked", date(2020, 11, 18))) <= set(fields)


def test_words_of_political_status_that_are_clear_are_those_that_intake_writes() -> None:
    law, day = parameters.load(), date(2020, 11, 18)
    spellings = forms.catalogue()["staff_list"][0].schema["properties"]["members"]["items"]
    written_so = spellings["properties"]["political_status"]["x-spellings"]
    accepted = [*law.value("political_status.party", day), *law.value("political_status.league", day)]
    unclear = [*law.value("political_status.ambiguous", day), *law.value("political_status.compound", day)]
    assert accepted == [word for word in written_so if word not in unclear]


def test_a_value_ends_with_its_last_day(tmp_path: Path) -> None:
    law = written(tmp_path)
    assert law.value("staff.limit", date(2020, 12, 31)) == 40
    with pytest.raises(UnknownParameter, match="no value on 2021-01-01"):
        law.value("staff.limit", date(2021, 1, 1))
    assert law.value("staff.limit", date(2022, 1, 1)) == 30


def test_a_name_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnknownParameter, match=r"no parameter 'staff\.limits'"):
        written(tmp_path).value("staff.limits", date(2020, 1, 1))


def test_parameters_are_a_mapping_by_name(tmp_path: Path) -> None:
    law = written(tmp_path)
    assert dict(law) == {"staff.limit": law["staff.limit"]}
    assert len(law) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('unit = "人"\n', ""),
        ('quote = "不超过 40 人"\n', ""),
        ("value = 40\n", "value = 40\nvalues = 41\n"),
        ("until = 2020-12-31", "until = 2022-01-01"),
        ("from = 2022-01-01", "from = 2019-10-01"),
    ],
)
def test_a_file_that_is_not_complete_is_refused(tmp_path: Path, old: str, new: str) -> None:
    assert old in WRITTEN
    with pytest.raises(ValueError, match=r"staff\.limit"):
        written(tmp_path, WRITTEN.replace(old, new))


def test_the_digest_changes_with_a_value_only(tmp_path: Path) -> None:
    first = written(tmp_path).digest
    assert re.fullmatch("sha256:[0-9a-f]{64}", first)
    assert written(tmp_path, "# 说明\n" + WRITTEN).digest == first
    assert written(tmp_path, WRITTEN.replace("value = 40", "value = 41")).digest != first
