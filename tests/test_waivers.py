"""Recorded exceptions: what they cover, and everything that may be wrong with them."""

from datetime import date
from pathlib import Path

import pytest

from formgen import checks, waivers
from formgen.checks import Report
from formgen.errors import UsageError
from formgen.findings import Finding
from judging import Case, cases, lines

R14 = next(case for case in cases() if case.rule == "R14" and "failed" in case.outcomes)
AT = "staff_list:/members/1/rank"


def report(tmp_path: Path, text: str | bytes, case: Case = R14) -> Report:
    path = tmp_path / "waivers.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    dossier = case.material()
    dossier.waivers_file = path
    return checks.check(dossier)


def the_finding(found: Report, rule: str = "R14") -> Finding:
    return next(finding for finding in found.findings if finding.kind.id == rule)


def waiver(**changes: str) -> str:
    seen = waivers.values_digest(the_finding(checks.check(R14.material())))
    keys = {
        "rule": '"R14"',
        "at": f'"{AT}"',
        "values_digest": f'"{seen}"',
        "reason": '"转专业，原专业排名不适用"',
        "approved_by": '"校团委"',
        "until": "2020-11-18",
        **changes,
    }
    return "[[waiver]]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items() if value)


def test_a_waiver_marks_its_finding_and_it_no_longer_stops(tmp_path: Path) -> None:
    assert checks.check(R14.material()).stops
    found = report(tmp_path, waiver())
    assert the_finding(found).waived == "转专业，原专业排名不适用"
    assert lines(found) == lines(checks.check(R14.material()))
    assert not found.stops


def test_a_waiver_that_ended_the_day_before_is_an_error(tmp_path: Path) -> None:
    found = report(tmp_path, waiver(until="2020-11-17"))
    assert the_finding(found).waived is None
    assert the_finding(found, "W-expired").stops
    assert "2020-11-17" in the_finding(found, "W-expired").message()


def test_a_waiver_of_other_values_is_stale_and_says_the_new_digest(tmp_path: Path) -> None:
    found = report(tmp_path, waiver(values_digest='"sha256:0"'))
    assert the_finding(found).waived is None
    stale = the_finding(found, "W-stale")
    assert stale.stops
    assert waivers.values_digest(the_finding(found)) in stale.message()


def test_of_two_waivers_for_one_finding_the_fitting_one_holds(tmp_path: Path) -> None:
    found = report(tmp_path, waiver(values_digest='"sha256:0"') + waiver())
    assert the_finding(found).waived is not None
    assert str(the_finding(found, "W-stale").at) == "dossier:/waivers/0"


def test_a_waiver_without_a_finding_is_a_warning(tmp_path: Path) -> None:
    found = report(tmp_path, waiver() + waiver(at='"staff_list:/members/2/rank"'))
    assert not the_finding(found, "W-unused").stops
    assert str(the_finding(found, "W-unused").at) == "dossier:/waivers/1"
    assert not found.stops


@pytest.mark.parametrize("rule", ["S-type", "I-json", "R999", "*"])
def test_only_a_rule_can_be_waived(tmp_path: Path, rule: str) -> None:
    found = report(tmp_path, waiver(rule=f'"{rule}"'))
    assert the_finding(found, "W-not-waivable").stops
    assert the_finding(found).waived is None


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"reason": '""'}, "reason"),
        ({"approved_by": ""}, "approved_by"),
        ({"until": '"2020-11-18"'}, "until"),
        ({"until": "2020-11-18T08:00:00"}, "until"),
        ({"at": '"staff_list:/members/*/rank"'}, "at"),
        ({"at": '"第 2 行"'}, "at"),
        ({"at": "2"}, "at"),
        ({"because": '"是"'}, "because"),
    ],
)
def test_a_waiver_has_exactly_its_keys(tmp_path: Path, changes: dict[str, str], wrong: str) -> None:
    found = report(tmp_path, waiver(**changes))
    assert the_finding(found, "W-shape").values["wrong"] == wrong
    assert the_finding(found).waived is None


@pytest.mark.parametrize("text", ["waiver = 3", "waivers = []", 'waiver = ["R14"]', "[waiver]\nrule = 'R14'"])
def test_a_file_of_another_shape_is_said(tmp_path: Path, text: str) -> None:
    assert the_finding(report(tmp_path, text), "W-shape").stops


@pytest.mark.parametrize("text", ["[[waiver]", b"\xff\xfe", "a = " + "[" * 5000])
def test_a_file_that_is_not_toml_is_said(tmp_path: Path, text: str | bytes) -> None:
    found = report(tmp_path, text)
    assert the_finding(found, "W-syntax").stops
    assert str(the_finding(found, "W-syntax").at) == "dossier:/waivers"


def test_a_file_that_cannot_be_opened_is_no_finding(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be opened"):
        waivers.read(tmp_path)


def test_an_empty_file_waives_nothing(tmp_path: Path) -> None:
    assert lines(report(tmp_path, "")) == lines(checks.check(R14.material()))


def test_an_unverified_finding_can_be_waived_too(tmp_path: Path) -> None:
    case = next(case for case in cases() if case.rule == "R15" and case.outcomes == {"unverified"})
    seen = waivers.values_digest(the_finding(checks.check(case.material()), "R15"))
    text = waiver(rule='"R15"', at='"dossier:/filing_date"', values_digest=f'"{seen}"')
    assert the_finding(report(tmp_path, text, case), "R15").waived is not None


def test_every_sentence_about_waivers_is_complete(tmp_path: Path) -> None:
    text = (
        waiver()
        + waiver(rule='"S-type"')
        + waiver(until="2020-01-01")
        + waiver(values_digest='"sha256:1"')
        + waiver(at='"dossier:/"')
        + waiver(reason="")
    )
    found = [finding for finding in report(tmp_path, text).findings if finding.kind.id.startswith("W-")]
    found += [finding for finding in report(tmp_path, "?").findings if finding.kind.id == "W-syntax"]
    assert {finding.kind.id for finding in found} == {kind.id for kind in waivers.KINDS}
    for finding in found:
        assert "{" not in finding.message("zh") + finding.message("en")


def test_the_digest_is_of_values_and_outcome() -> None:
    failed = the_finding(checks.check(R14.material()))
    folded = the_finding(checks.check(R14.material()), "R11")
    assert waivers.values_digest(failed) == waivers.values_digest(failed)
    assert waivers.values_digest(failed) != waivers.values_digest(folded)
    assert date(2020, 11, 18) == R14.on
