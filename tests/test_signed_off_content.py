"""What a sign-off is bound to: the files that were looked at, the exceptions, and everything that makes the form."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from formgen import check, forms, load, opc, parameters, resources, waivers
from formgen.errors import UsageError
from formgen.issuing import signing_off
from formgen.issuing.foreseeing import foreseen
from formgen.issuing.review import TABLE
from formgen.reports import sign_offs, verifications
from formgen.rules import digest as rules_digest
from formgen.signing import authority
from formgen.signing.refusals import Reason, Refused
from formgen.signing.statement import Decision
from issuing_kit import FORM, LATER, ROOT_FOLDER, House, edit, packed, said
from ledger_kit import key_of
from signing_kit import ca

STAFF = "staff_list"


@pytest.fixture
def house(tmp_path: Path) -> House:
    parent = tmp_path / "house"
    parent.mkdir()
    return House.at(parent)


def sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


# --- what was looked at ----------------------------------------------------------------------------------------------


def test_what_is_recorded_are_the_digests_of_the_files_that_lay_before_the_approver(
    house: House, tmp_path: Path
) -> None:
    numbers = house.submit(None)
    seen, _ = house.review("申载阳", None)
    written = {name: (tmp_path / "review" / name).read_bytes() for name in seen.write(tmp_path / "review")}
    house.approve("申载阳", None)
    shown = next(chain for chain in map(house.chain, numbers) if chain.current.approvals).entries[-1].step.shown
    assert shown is not None
    # The league approves single forms first: each of their files is one for the printer.
    printed = {name for name, data in written.items() if sha256(data) in shown.bundle}
    assert sorted(name.rpartition("/")[2] for name in printed) == [
        "校级学生代表大会召开情况.docx",
        "校级组织工作人员名单.docx",
        "校级组织工作人员名单.xlsx",
        "高校学生会组织深化改革评估备案表.docx",
    ]
    assert len(shown.bundle) == len(printed)
    assert shown.findings == sha256(written["问题.html"])
    listed = json.loads(written["送审清单.json"])
    assert all(sha256(written[name]) == digest for name, digest in listed["files"].items())


def test_many_forms_are_one_document_for_the_printer_whose_digest_is_recorded(house: House, tmp_path: Path) -> None:
    number = next(iter(house.submit()))
    seen, _ = house.review("闵知节")
    seen.write(tmp_path / "review")
    house.approve("闵知节")
    (bundle,) = (tmp_path / "review").rglob("*-打印.docx")
    chain = house.chain(number)
    shown = chain.entries[-1].step.shown
    assert shown is not None
    assert shown.bundle == (sha256(bundle.read_bytes()),)
    told = [line.text for line in sign_offs.lines(chain, house.opened()[1], "zh")]
    assert any(shown.bundle[0].removeprefix("sha256:")[:12] in line for line in told)
    as_json = json.loads(sign_offs.document([chain], house.opened()[1], {}, "zh"))
    assert as_json["cases"][0]["steps"][-1]["shown"]["bundle"] == list(shown.bundle)


def test_a_table_of_findings_in_another_language_is_another_thing_to_have_looked_at(house: House) -> None:
    house.submit()
    seen, _ = house.review("闵知节")
    english = replace(seen, findings={**seen.findings, TABLE: b"the same in English"})
    assert english.code != seen.code


def test_who_is_still_awaited_after_the_next_one_is_told(house: House) -> None:
    number = next(iter(house.submit()))
    *_, last = [line.text for line in sign_offs.lines(house.chain(number), house.opened()[1], "zh")]
    assert last == "以后还有：学院党组织、学生工作部门、校团委、校党委"
    for person in ("闵知节", "武承泽", "路听雪", "申载阳"):
        house.approve(person)
    *_, last = [line.text for line in sign_offs.lines(house.chain(number), house.opened()[1], "zh")]
    assert "以后还有" not in last


def test_what_issuing_would_refuse_is_foreseen_before_it_is_approved(house: House) -> None:
    house.submit()
    ledger, trust = house.opened()
    material = house.material()
    cases = list(material.cases(ledger, FORM))
    assert foreseen(material, cases, ledger, trust, date(2020, 11, 2)) == ()
    # The congress elected on 22 November: what is approved after that comes too late, whoever is still awaited.
    late = foreseen(material, cases, ledger, trust, date(2020, 11, 23))
    assert [(each.kind.id, each.at.record) for each in late] == [("R20", "01"), ("R20", "02")]
    one = foreseen(material, cases[:1], ledger, trust, date(2020, 11, 23))
    assert [each.at.record for each in one] == ["01"]
    house.approve_all()
    assert foreseen(material, cases, *house.opened(), date(2020, 11, 23)) == ()
    assert foreseen(material, list(material.cases(ledger, STAFF))[:0], *house.opened(), date(2020, 11, 23)) == ()


def test_a_form_without_cells_for_opinions_has_nothing_that_could_come_too_late(house: House) -> None:
    house.submit("congress_report")
    material = house.material()
    ledger, trust = house.opened()
    assert foreseen(material, list(material.cases(ledger, "congress_report")), ledger, trust, date(2020, 12, 30)) == ()


# --- what concerns a form --------------------------------------------------------------------------------------------


def test_findings_about_other_forms_and_other_records_are_not_to_be_acknowledged(house: House) -> None:
    waived(house)
    house.submit(None)
    listed, _ = house.review("申载阳", "congress_report")
    assert (len(listed.cases), listed.to_acknowledge) == (1, 0)
    assert json.loads(listed.findings["问题.json"])["findings"] == []
    both, _ = house.review("闵知节")
    assert (len(both.cases), both.to_acknowledge) == (2, 1)
    material = house.material()
    first, second = material.cases(house.opened()[0], FORM)
    assert [len(material.concerning([case]).findings) for case in (first, second)] == [1, 0]


def test_findings_about_what_has_no_form_of_its_own_concern_every_form(house: House) -> None:
    edit(house.dossier / "election.json", department_approvals=None, attendance=None, rounds=None)
    house.submit("congress_report")
    assert house.review("申载阳", "congress_report")[0].to_acknowledge > 0


# --- recorded exceptions ---------------------------------------------------------------------------------------------


def waived(house: House) -> None:
    """A candidate's rank is too low, and somebody has granted an exception for that."""
    edit(house.dossier / FORM / "01.json", class_rank={"text": "30/42", "kind": "fraction", "value": 30, "of": 42})
    (finding,) = (each for each in check(load(house.dossier)).findings if each.stops)
    entry = {
        "rule": finding.kind.id,
        "at": str(finding.at),
        "values_digest": waivers.values_digest(finding),
        "reason": "校团委批准",
        "approved_by": "校团委",
    }
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in entry.items()]
    (house.dossier / "waivers.toml").write_text("\n".join(["[[waiver]]", *lines, "until = 2030-01-01"]), "utf-8")


def test_an_exception_is_carried_into_the_ledger_and_shows_when_the_issued_form_is_verified(house: House) -> None:
    waived(house)
    house.ready()
    assert house.issue().left_out == {}
    with_exception, without = (house.verify(file) for file in house.files())
    assert (said(with_exception), with_exception.waived) == ({}, ("R25",))
    assert (said(without), without.waived) == ({}, ())
    told = [line.text for line in verifications.lines(with_exception, "zh")]
    assert any("有豁免：R25" in line for line in told)
    assert any("知悉 1 处" in line for line in told)
    document = json.loads(verifications.document([with_exception], LATER, "zh"))
    schema = json.loads((ROOT_FOLDER / "schemas/_verification.schema.json").read_text("utf-8"))
    assert list(Draft202012Validator(schema).iter_errors(document)) == []
    (file,) = document["files"]
    assert (file["waived"], len(file["seen"])) == (["R25"], 5)
    chain = house.chain(house.cases()[0].number)
    assert any("有豁免：R25" in line.text for line in sign_offs.lines(chain, house.opened()[1], "zh"))


def test_an_exception_that_is_taken_back_after_approval_is_refused(house: House) -> None:
    waived(house)
    house.ready()
    (house.dossier / "waivers.toml").unlink()
    first = house.cases()
    assert len(first) == 1  # the other one has an error now, and is no case any more
    assert len(house.issue().written) == 1


def test_a_submission_that_conceals_an_exception_is_not_approved(house: House) -> None:
    waived(house)
    desk = house.desk("经办员")
    cases = [replace(case, waived=()) for case in house.material().cases(desk.ledger, FORM)]
    signing_off.submit(desk, cases)
    seen, changed = house.review("闵知节")
    assert [case.record.id for case in seen.cases] == ["02"]
    (why,) = changed.values()
    assert isinstance(why, Refused)
    assert (why.reason, "豁免" in why.sentence("zh")) == (Reason.CONTENT, True)


# --- what makes the form ---------------------------------------------------------------------------------------------


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the folders that formgen ships, which a test may edit."""
    for name in ("schemas", "templates", "parameters"):
        shutil.copytree(resources.folder(name), tmp_path / "shipped" / name)
    forget()
    monkeypatch.setattr(resources, "folder", lambda name: tmp_path / "shipped" / name)
    yield tmp_path / "shipped"
    monkeypatch.undo()
    forget()


def forget() -> None:
    """What has been read of them is read again."""
    for kept in (*vars(forms).values(), parameters.load):
        if hasattr(kept, "cache_clear"):
            kept.cache_clear()


def other_template(folder: Path) -> None:
    file = folder / "templates" / f"{FORM}.docx"
    parts: dict[str, bytes] = dict(opc.read(file.read_bytes(), "").parts)
    body = parts["word/document.xml"]
    assert "签字：".encode() in body
    file.write_bytes(packed({**parts, "word/document.xml": body.replace("签字：".encode(), "签名：".encode())}))


def other_schema(folder: Path) -> None:
    file = folder / "schemas" / f"{FORM}.schema.json"
    schema = json.loads(file.read_text("utf-8"))
    schema["description"] = "另一个说明"
    file.write_text(json.dumps(schema, ensure_ascii=False), "utf-8")


def other_parameter(folder: Path) -> None:
    files = sorted((folder / "parameters").glob("*.toml"))
    file = next(file for file in files if "candidate" in file.read_text("utf-8"))
    text = file.read_text("utf-8")
    file.write_text(text.replace('source = "', 'source = "另一个出处，', 1), "utf-8")


@pytest.mark.parametrize(
    ("change", "named"), [(other_template, "模板"), (other_schema, "规则"), (other_parameter, "规则")]
)
def test_a_template_schema_or_parameter_that_is_another_one_is_named_and_nothing_is_approved_or_issued(
    house: House, shipped: Path, change: Callable[[Path], Any], named: str
) -> None:
    house.submit()
    house.approve("闵知节")
    change(shipped)
    forget()
    seen, changed = house.review("武承泽")
    assert seen.cases == ()
    assert [named in why.sentence("zh") for why in changed.values()] == [True, True]
    left_out = house.issue().left_out
    assert [named in why.sentence("zh") for why in left_out.values()] == [True, True]
    assert house.files() == []


def test_an_approver_who_has_other_rules_signs_what_that_approver_sees_and_is_refused(house: House) -> None:
    house.submit()
    seen, _ = house.review("闵知节")
    other = [replace(case, subjects={**case.subjects, "rules": rules_digest()}) for case in seen.cases]
    mine = replace(seen, cases=tuple(other))
    done = signing_off.approve(house.desk("闵知节"), mine, mine.code, None, acknowledge=True)
    assert done.done == {}
    assert {why.reason for why in done.refused.values()} == {Reason.CONTENT}


def test_only_a_submission_names_exceptions(house: House) -> None:
    number = next(iter(house.submit()))
    chain = house.chain(number)
    step = replace(chain.entries[0].step, decision=Decision.REJECT, waived=("R25",), sequence=2, previous=chain.tip)
    with pytest.raises(Refused) as caught:
        house.opened()[0].add(number, lambda _: step, key_of("闵知节"), house.opened()[1])
    assert caught.value.reason is Reason.MALFORMED
    assert step.day >= date(2020, 10, 27)


@pytest.mark.parametrize("days", [30, 5000])
def test_a_certificate_that_nobody_could_accept_later_closes_no_case(house: House, days: int) -> None:
    house.ready()
    start = datetime(2020, 9, 1, tzinfo=UTC) if days == 30 else datetime(2021, 9, 1, tzinfo=UTC)
    with pytest.raises(UsageError, match="expired" if days == 30 else "not yet valid"):
        house.issue(signer=authority.new_key(ca(), "校团委", start, days=days))
    assert house.files() == []
    assert all(house.chain(case.number).current.closing is None for case in house.cases())
