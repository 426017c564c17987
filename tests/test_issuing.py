"""From submission to a verified file: what is approved is what is issued, and nothing else passes."""

import io
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx as python_docx
import pytest
from PIL import Image

from formgen import opc, pictures, rules
from formgen.delivery import disk
from formgen.errors import FormgenError, UsageError
from formgen.filling import data_part, seals
from formgen.filling.readback import read_document
from formgen.forms import catalogue
from formgen.issuing import signing_off, verifying
from formgen.issuing.issue import NotIssuable
from formgen.issuing.signing_off import NotSeen
from formgen.pictures import Picture
from formgen.signing import authority, dsse, exclusive
from formgen.signing import package as packages
from formgen.signing.refusals import Reason, Refused
from formgen.signing.verdict import Held, Question
from issuing_kit import FIRST, FORM, STEPS, House, changed, edit, packed, said
from ledger_kit import key_of, policy_file
from signing_kit import START, office


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Candidates' forms that have been issued; tests must not change it."""
    house = House.at(tmp_path_factory.mktemp("done")).ready()
    house.issue()
    return house


@pytest.fixture
def house(tmp_path: Path) -> House:
    parent = tmp_path / "house"
    parent.mkdir()
    return House.at(parent)


@pytest.fixture
def copy(done: House, tmp_path: Path) -> House:
    """The same, to be changed."""
    for name in ("demo", "ledger", "issued"):
        shutil.copytree(done.ledger.parent / name, tmp_path / name)
    return House(tmp_path / "demo", tmp_path / "ledger", tmp_path / "issued", done.now, done.policy)


def texts(file: Path) -> str:
    document = python_docx.Document(str(file))
    return "\n".join(p.text for t in document.tables for r in t.rows for c in r.cells for p in c.paragraphs)


# --- the ordinary way ------------------------------------------------------------------------------------------------


def test_an_issued_form_is_verified_by_all_five_answers(done: House) -> None:
    assert [file.name for file in done.files()] == ["01.docx", "02.docx"]
    for file in done.files():
        found = done.verify(file)
        assert said(found) == {}
        assert {answer.question for answer in found.answers} == set(Question)
        assert found.holds


def test_an_issued_form_prints_opinions_names_days_case_and_head(done: House) -> None:
    file = done.files()[0]
    printed = texts(file)
    assert "同意。" in printed
    assert "2020年10月29日" in printed
    number = done.cases()[0].number
    head = done.chain(number).current.head
    footer = "".join(p.text for p in python_docx.Document(str(file)).sections[0].footer.paragraphs)
    assert f"案号 {number}　签批 {head}" in footer
    assert "校党委 祝明德 2020-11-02" in footer


def test_values_and_approvals_are_kept_apart(done: House) -> None:
    carried = data_part.find(opc.read(done.files()[0].read_bytes(), ""))
    assert carried is not None
    assert "opinions" not in carried.values
    assert set(carried.approvals["opinions"]) == {
        "college_league", "college_party", "student_affairs", "university_league", "university_party"
    }  # fmt: skip


def test_both_documents_of_a_list_are_one_case_and_the_workbook_verifies_from_its_cells(house: House) -> None:
    house.ready("staff_list")
    assert len(house.cases("staff_list")) == 1
    issued = house.issue("staff_list")
    assert len(issued.written) == 2
    assert [said(house.verify(file)) for file in house.files()] == [{}, {}]


def test_opinions_that_the_record_gives_itself_stay_as_they_are(tmp_path: Path) -> None:
    house = House.at(tmp_path, opinions=True).ready()
    house.issue()
    file = house.files()[0]
    assert "经学院团委会议研究" in texts(file)
    assert data_part.find(opc.read(file.read_bytes(), "")).approvals["opinions"] == {}  # type: ignore[union-attr]
    assert said(house.verify(file)) == {}


def test_an_opinion_on_paper_prints_and_verifies_as_paper(house: House) -> None:
    first, second = house.submit()
    for number in (first, second):
        house.record(number, "college_league", "闵知节")
    for person in STEPS[1:]:
        house.approve(person)
    house.issue()
    file = house.files()[0]
    assert "（纸质签署，扫描件 abababababab）" in texts(file)
    assert "学院团组织 闵知节 2020-10-29（纸质）" in "".join(
        p.text for p in python_docx.Document(str(file)).sections[0].footer.paragraphs
    )
    assert said(house.verify(file)) == {}


def test_issuing_again_changes_nothing(copy: House) -> None:
    before = {file: file.read_bytes() for file in copy.files()}
    again = copy.issue()
    assert again.written == ()
    assert len(again.unchanged) == 2
    assert {file: file.read_bytes() for file in copy.files()} == before


def test_a_file_that_was_lost_is_issued_again_from_the_same_approvals(copy: House) -> None:
    file = copy.files()[0]
    digest = opc.read(file.read_bytes(), "").content_digest
    file.unlink()
    assert len(copy.issue().written) == 1
    assert opc.read(file.read_bytes(), "").content_digest == digest
    assert said(copy.verify(file)) == {}


# --- what is approved is what was looked at --------------------------------------------------------------------------


def test_an_approver_looks_at_what_is_hashed(house: House, tmp_path: Path) -> None:
    house.submit()
    seen, changed_since = house.review("闵知节")
    assert changed_since == {}
    written = seen.write(tmp_path / "review")
    assert sorted(name.rpartition("/")[2] for name in written) == [
        "01.docx", "02.docx", "学生会主席团选举候选人登记表-打印.docx", "送审清单.json", "问题.html", "问题.json"
    ]  # fmt: skip
    proofs = {opc.read(path.read_bytes(), "").content_digest for path in (tmp_path / "review").rglob("0?.docx")}
    assert proofs == {case.subjects["proof.docx"] for case in seen.cases}
    house.approve("闵知节")
    step = house.chain(seen.cases[0].number).entries[-1].step
    assert step.shown == seen.shown
    assert step.subjects == seen.cases[0].subjects


def test_what_is_shown_is_not_hashed_anew_for_each_case(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(house.submit()) == 2
    seen, _ = house.review(STEPS[0])
    hashed: list[bytes] = []
    digest = dsse.digest
    monkeypatch.setattr(dsse, "digest", lambda data: (hashed.append(data), digest(data))[1])
    approved = signing_off.approve(house.desk(STEPS[0]), seen, seen.code, None, acknowledge=True)
    assert len(approved.done) == 2
    for data in seen.bundle.values():
        assert hashed.count(data) == 2  # once for the code, once for all statements


def test_approving_without_having_looked_is_refused(house: House) -> None:
    house.submit()
    seen, _ = house.review("闵知节")
    with pytest.raises(NotSeen, match="looked at"):
        signing_off.approve(house.desk("闵知节"), seen, "00000000", None, acknowledge=True)


def test_what_is_unverified_or_waived_must_be_acknowledged(house: House) -> None:
    election = house.dossier / "election.json"
    edit(election, department_approvals=None, attendance=None, rounds=None)
    house.submit()
    seen, _ = house.review("闵知节")
    assert seen.to_acknowledge > 0
    with pytest.raises(NotSeen, match="acknowledged"):
        signing_off.approve(house.desk("闵知节"), seen, seen.code, None)
    assert house.approve("闵知节").refused == {}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda house: edit(house.dossier / FORM / "01.json", plan="另一个设想。"), "材料"),
        (lambda house: edit(house.dossier / "dossier.json", filing_date="2020-12-05"), "材料"),
        (lambda house: shutil.copy(house.dossier / "photos/03.jpg", house.dossier / "photos/01.jpg"), "材料"),
        (lambda house: (house.dossier / "waivers.toml").write_text(WAIVER, "utf-8"), "豁免"),
    ],
)
def test_content_that_changed_after_approval_is_not_approved_further_and_not_issued(
    copy: House, house: House, change: Callable[[House], Any], named: str
) -> None:
    house.submit()
    house.approve("闵知节")
    change(house)
    seen, changed_since = house.review("武承泽")
    first = house.cases()[0].number
    assert first not in {case.number for case in seen.cases}
    assert named in changed_since[first].sentence("zh")
    change(copy)
    left_out = copy.issue().left_out
    assert named in left_out[copy.cases()[0].number].sentence("zh")


WAIVER = f"""
[[waiver]]
rule = "R14"
at = "candidate_registration#01:/name"
values_digest = "sha256:{"0" * 64}"
reason = "测试"
approved_by = "测试"
until = 2030-01-01
"""


def test_rules_and_templates_that_changed_are_named(copy: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "digest", lambda: "sha256:other")
    assert "规则" in next(iter(copy.issue().left_out.values())).sentence("zh")


def test_only_what_changed_restarts(house: House) -> None:
    house.submit()
    house.approve("闵知节")
    edit(house.dossier / FORM / "01.json", plan="另一个设想。")
    first, second = house.cases()
    again = house.submit()
    assert list(again) == [first.number]
    assert house.chain(first.number).current.turn == ("college_league",)
    assert house.chain(second.number).current.turn == ("college_party",)


def test_an_excepted_case_stays_behind_and_a_rejected_one_restarts(house: House) -> None:
    first, second = house.submit()
    assert sorted(house.approve("闵知节", exceptions=[first]).done) == [second]
    assert house.chain(first).current.turn == ("college_league",)
    signing_off.reject(house.desk("闵知节"), first, None, "照片不清")
    assert house.chain(first).current.rejection is not None
    assert list(house.submit()) == [first]
    assert house.chain(second).current.turn == ("college_party",)
    seen, _ = house.review("武承泽")
    with pytest.raises(UsageError, match="no such case"):
        signing_off.approve(
            house.desk("武承泽"), seen, seen.code, None, acknowledge=True, exceptions=["0000-0000-0000"]
        )


def test_who_is_in_charge_of_another_college_is_not_asked(house: House) -> None:
    house.policy = policy_file(闵知节={"scopes": ["理学院"]})
    house.submit()
    assert house.review("闵知节")[0].cases == ()


def test_a_key_that_the_policy_does_not_list_is_refused(house: House) -> None:
    house.submit()
    with pytest.raises(Refused) as caught:
        signing_off.own_key(house.opened()[1].newest, key_of("nobody").public_key())
    assert caught.value.reason is Reason.KEY_UNKNOWN


# --- what must not be issued -----------------------------------------------------------------------------------------


def test_a_case_that_is_not_signed_off_is_left_out_with_what_it_lacks(house: House) -> None:
    left_out = house.issue().left_out
    assert {error.sentence("en").split(":")[0] for error in left_out.values()} == set(left_out)
    house.submit()
    house.approve("闵知节")
    sentence = next(iter(house.issue().left_out.values())).sentence("zh")
    assert "学院党组织、学生工作部门、校团委、校党委" in sentence
    assert house.files() == []


def test_an_approval_after_the_election_is_an_error_of_the_last_stage(house: House) -> None:
    house.submit()
    for person in STEPS[:4]:
        house.approve(person)
    house.now = FIRST.replace(month=11, day=29)
    house.approve(STEPS[4])
    done = house.issue()
    assert {"R20"} == {f.kind.id for f in done.report.findings if f.stops}
    assert all("R20" in error.sentence("zh") for error in done.left_out.values())
    assert house.files() == []


def test_an_error_of_the_whole_dossier_in_the_last_stage_stops_everything(house: House) -> None:
    house.ready("congress_report")
    election = house.dossier / "election.json"
    first, *others = json.loads(election.read_text("utf-8"))["department_approvals"]
    edit(election, department_approvals=[{**first, "names": first["names"][1:]}, *others])
    with pytest.raises(NotIssuable, match="R21"):
        house.issue("congress_report")


def test_a_file_that_is_not_ours_is_not_replaced(house: House) -> None:
    house.ready()
    target = house.out / "demo" / "学生会主席团选举候选人登记表" / "01.docx"
    target.parent.mkdir(parents=True)
    target.write_bytes(b"mine")
    with pytest.raises(UsageError, match="not replaced"):
        house.issue()
    assert target.read_bytes() == b"mine"
    house.issue(force=True)
    assert said(house.verify(target)) == {}
    target.unlink()
    target.mkdir()
    with pytest.raises(UsageError, match="not replaced"):
        house.issue()


def test_what_an_earlier_round_issued_is_replaced_and_no_longer_verifies(copy: House) -> None:
    file = copy.files()[0]
    old = file.read_bytes()
    edit(copy.dossier / FORM / "01.json", plan="另一个设想。")
    copy.now = FIRST.replace(month=11, day=4)
    copy.submit()
    copy.approve_all()
    assert len(copy.issue().written) == 1
    assert said(copy.verify(file)) == {}
    assert said(copy.verify(file, data=old)) == {Question.LEDGER: ["ledger-superseded"]}


def test_a_second_certificate_does_not_close_a_case_again(copy: House) -> None:
    copy.files()[0].unlink()
    with pytest.raises(UsageError, match="certificate"):
        copy.issue(signer=office("另一单位"))


# --- tampering: each answer fails by its own -------------------------------------------------------------------------


def test_a_changed_part_breaks_the_mathematics(done: House) -> None:
    file = done.files()[0]
    data = changed(file, "word/styles.xml", b"w:style", b"w:stylf")
    assert Question.MATHEMATICS in said(done.verify(file, data=data))


def test_an_added_part_breaks_the_coverage(done: House) -> None:
    file = done.files()[0]
    parts = dict(opc.read(file.read_bytes(), "").parts)
    assert Question.COVERAGE in said(done.verify(file, data=packed({**parts, "word/more.xml": b"<a/>"})))


def test_another_authority_breaks_the_certificate_alone(done: House) -> None:
    other = authority.new_authority("别的机构", START)
    assert set(said(done.verify(done.files()[0], trust=other))) == {Question.CERTIFICATE}


def resigned(house: House, file: Path, change: Callable[[dict[str, bytes]], dict[str, bytes]]) -> bytes:
    """The file with something changed by somebody who has the office's key."""
    parts = dict(packages.without_signatures(opc.read(file.read_bytes(), "")).parts)
    return packages.sign(packed(change(parts)), file.name, office(), house.now)


def test_a_file_that_was_edited_and_signed_again_is_not_the_one_that_was_closed(done: House) -> None:
    file = done.files()[0]
    document = "word/document.xml"

    def rename(parts: dict[str, bytes]) -> dict[str, bytes]:
        return {**parts, document: parts[document].replace("沈知远".encode(), "沈远知".encode())}

    found = said(done.verify(file, data=resigned(done, file, rename)))
    assert found == {
        Question.LEDGER: ["ledger-content"],
        Question.RENDERING: ["rendering-content", "rendering-text"],
    }


def test_a_file_whose_data_was_edited_along_with_its_text_is_another_proof(done: House) -> None:
    file = done.files()[0]

    def rename(parts: dict[str, bytes]) -> dict[str, bytes]:
        names = ("word/document.xml", data_part.NAME)
        return {**parts, **{n: parts[n].replace("沈知远".encode(), "沈远知".encode()) for n in names}}

    assert said(done.verify(file, data=resigned(done, file, rename))) == {Question.LEDGER: ["ledger-content"]}


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b'"case":"', b'"case":"x', "ledger-no-case"),
        (b'"head":"sha256:', b'"head":"sha256:0', "ledger-head"),
        ('"person":"闵知节"'.encode(), '"person":"某某某"'.encode(), "ledger-content"),
    ],
)
def test_what_a_file_says_of_its_approvals_is_held_against_the_ledger(
    done: House, old: bytes, new: bytes, reason: str
) -> None:
    file = done.files()[0]

    def swap(parts: dict[str, bytes]) -> dict[str, bytes]:
        assert old in parts[data_part.NAME]
        return {**parts, data_part.NAME: parts[data_part.NAME].replace(old, new)}

    found = said(done.verify(file, data=resigned(done, file, swap)))
    assert found[Question.LEDGER] == [reason]


def test_a_picture_that_was_taken_out_is_missed(done: House) -> None:
    file = done.files()[0]

    def swap(parts: dict[str, bytes]) -> dict[str, bytes]:
        old = b'"digest":"sha256:'
        return {**parts, data_part.NAME: parts[data_part.NAME].replace(old, old + b"0")}

    assert said(done.verify(file, data=resigned(done, file, swap)))[Question.RENDERING] == ["rendering-picture"]


def test_damaged_approvals_are_told(done: House) -> None:
    file = done.files()[0]

    def spoil(parts: dict[str, bytes]) -> dict[str, bytes]:
        return {**parts, data_part.NAME: parts[data_part.NAME].replace(b'"case":', b'"cas":')}

    found = said(done.verify(file, data=resigned(done, file, spoil)))
    assert found == {Question.LEDGER: ["file-unreadable"], Question.RENDERING: ["file-unreadable"]}


def test_a_file_of_a_template_that_is_gone_is_not_checked(done: House) -> None:
    file = done.files()[0]

    def other(parts: dict[str, bytes]) -> dict[str, bytes]:
        return {**parts, data_part.NAME: parts[data_part.NAME].replace(b'template="sha256:', b'template="sha256:0')}

    found = done.verify(file, data=resigned(done, file, other))
    assert found.answer(Question.RENDERING).held is Held.NOT_CHECKED
    assert not found.holds


# --- signed, not signed off ------------------------------------------------------------------------------------------


def signed_only(house: House, form: str, change: tuple[str, str] | None = None) -> bytes:
    """A proof that the office has signed without any approval; with some words replaced before."""
    job = next(job for job in house.material().plan.jobs if job.form == form)
    data = house.material().proof(job).data
    if change is not None:
        parts = dict(opc.read(data, "").parts)
        text = parts["word/document.xml"].replace(change[0].encode(), change[1].encode())
        data = packed({**parts, "word/document.xml": text})
    return packages.sign(data, "proof.docx", office(), house.now)


def test_a_signed_file_without_approvals_is_not_signed_off(done: House, tmp_path: Path) -> None:
    data = signed_only(done, FORM)
    assert said(done.verify(tmp_path / "proof.docx", data=data)) == {Question.LEDGER: ["ledger-not-issued"]}


def test_the_text_of_a_signed_file_is_held_against_its_own_data(done: House, tmp_path: Path) -> None:
    data = signed_only(done, FORM, ("沈知远", "沈远知"))
    found = said(done.verify(tmp_path / "proof.docx", data=data))
    assert found[Question.RENDERING] == ["rendering-content", "rendering-text"]


def another(done: House, place: Path) -> House:
    """A house with a dossier of its own."""
    house = House(place / "demo", place / "ledger", place / "issued")
    shutil.copytree(done.dossier, house.dossier)
    return house


def test_a_photo_that_was_stored_sideways_is_turned_the_same_way_again(done: House, tmp_path: Path) -> None:
    # Candidate 04's was, and of the sixteen signed forms of the demo one was "not checked".
    house = another(done, tmp_path)
    edit(house.dossier / FORM / "01.json", photo="photos/04.jpg")
    data = signed_only(house, FORM)
    assert b'rot="5400000"' in opc.read(data, "").parts["word/document.xml"]
    assert house.verify(tmp_path / "proof.docx", data=data).answer(Question.RENDERING).held is Held.YES
    upright = signed_only(house, FORM, ('rot="5400000"', 'rot="0"'))
    found = said(house.verify(tmp_path / "proof.docx", data=upright))
    assert found[Question.RENDERING] == ["rendering-content"]


def test_pictures_of_a_file_that_was_not_signed_off_may_be_impossible_to_tell_apart(
    done: House, tmp_path: Path
) -> None:
    house = another(done, tmp_path)
    photos = house.dossier / "photos"
    shutil.copy(photos / "congress-1.jpg", photos / "congress-2.jpg")  # one picture in two places is stored once
    found = house.verify(tmp_path / "proof.docx", data=signed_only(house, "congress_report"))
    answer = found.answer(Question.RENDERING)
    assert (answer.held, [reason.id for reason in answer.reasons]) == (Held.NOT_CHECKED, ["rendering-which-picture"])


def test_a_part_that_is_said_to_show_pictures_and_is_damaged_is_told(done: House, tmp_path: Path) -> None:
    job = next(job for job in done.material().plan.jobs if job.form == FORM)
    parts = dict(opc.read(done.material().proof(job).data, "").parts)
    rels = parts["word/_rels/document.xml.rels"]
    data = packed({**parts, "word/odd.xml": b"<odd", "word/_rels/odd.xml.rels": rels})
    found = said(done.verify(tmp_path / "proof.docx", data=data))
    assert found[Question.RENDERING] == ["file-unreadable"]


def test_a_file_that_formgen_did_not_make_is_asked_for_its_approvals_only(done: House, tmp_path: Path) -> None:
    blank = io.BytesIO()
    python_docx.Document().save(blank)
    signed = packages.sign(blank.getvalue(), "x.docx", office(), done.now)
    found = done.verify(tmp_path / "x.docx", data=signed)
    assert said(found) == {Question.LEDGER: ["ledger-not-issued"]}
    assert found.answer(Question.RENDERING).held is Held.NOT_CHECKED


def test_what_is_no_package_is_not_signed_off(done: House, tmp_path: Path) -> None:
    found = done.verify(tmp_path / "x.docx", data=b"no zip")
    assert said(found)[Question.LEDGER] == ["ledger-not-issued"]
    without = verifying.with_answers(found, b"no zip", catalogue(), lambda _: {}, None)
    assert without == found


@pytest.mark.parametrize(
    ("attack", "reason"),
    [
        (lambda house, path: path(7).unlink(), "ledger-not-closed"),
        (lambda house, path: [path(n).unlink() for n in (6, 7)], "ledger-head"),
        (lambda house, path: path(3).unlink(), "ledger-missing-step"),
        (lambda house, path: path(3).write_bytes(path(3).read_bytes()[:-2]), "ledger-malformed"),
        (lambda house, path: shutil.rmtree(path(1).parent), "ledger-no-case"),
        (lambda house, path: shutil.rmtree(house.ledger / "batches"), "ledger-missing-step"),
        (
            lambda house, path: setattr(house, "policy", policy_file(2, 闵知节={"until": "2020-10-01"})),
            "ledger-key-ended",
        ),
    ],
)
def test_a_ledger_that_was_tampered_with_does_not_match(
    copy: House, attack: Callable[[House, Callable[[int], Path]], Any], reason: str
) -> None:
    number = copy.cases()[0].number
    attack(copy, lambda sequence: copy.ledger / "cases" / number / f"{sequence:04}.json")
    assert said(copy.verify(copy.files()[0])) == {Question.LEDGER: [reason]}


# --- interruptions ---------------------------------------------------------------------------------------------------


class Struck(Exception):
    """The power fails here."""


STRIKES = [(disk, "write"), (disk, "sync"), (disk, "replace"), (exclusive, "write"), (exclusive, "link")]


@pytest.mark.parametrize(("module", "name"), STRIKES, ids=lambda value: getattr(value, "__name__", value))
def test_issuing_that_is_interrupted_at_any_change_is_made_good_by_the_next_run(
    copy: House, monkeypatch: pytest.MonkeyPatch, module: Any, name: str
) -> None:
    """The closings and files of two cases are taken away and made again, broken off at each change in turn."""
    for case in copy.cases():
        (copy.ledger / "cases" / case.number / "0007.json").unlink()
    shutil.rmtree(copy.out)
    original = getattr(module, name)
    struck = 0
    for number in range(10):
        calls = iter(range(1000))

        def broken(*arguments: Any, _calls: Any = calls, _number: int = number) -> Any:
            if next(_calls) == _number:
                raise Struck
            return original(*arguments)

        with monkeypatch.context() as patch:
            patch.setattr(module, name, broken)
            try:
                copy.issue()
                break
            except Struck:
                struck += 1
        for file in copy.files():  # what is there is whole and closed
            assert said(copy.verify(file)) == {}
    assert struck >= 1
    assert [said(copy.verify(file)) for file in copy.files()] == [{}, {}]


def test_a_full_disk_is_told_as_such(copy: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: Any) -> None:
        raise OSError(28, "No space left on device", "x")

    copy.files()[0].unlink()
    monkeypatch.setattr(disk, "write", full)
    with pytest.raises(FormgenError, match="full"):
        copy.issue()


# --- seals -----------------------------------------------------------------------------------------------------------


def stamp() -> Picture:
    file = io.BytesIO()
    Image.new("RGBA", (60, 40), (200, 0, 0, 120)).save(file, "PNG")
    return pictures.read(file.getvalue())


def test_a_seal_lies_on_the_day_of_the_form_only_where_somebody_supplies_a_picture(house: House) -> None:
    house.ready("congress_report")
    house.issue("congress_report", seals={seals.DAY: stamp()})
    file = house.files()[0]
    parts = opc.read(file.read_bytes(), "").parts
    body = parts["word/document.xml"].decode()
    assert body.count('behindDoc="1"') == 1
    assert body.index('behindDoc="1"') > body.index("2020年12月4日")
    assert parts["word/media/formgen-seal-1.png"] == stamp().data
    assert said(house.verify(file)) == {}


def test_a_seal_on_an_opinion_lies_on_the_day_of_that_opinion(house: House) -> None:
    house.ready()
    house.issue(seals={"opinions.university_league.date": stamp(), seals.DAY: stamp(), "opinions.nobody.date": stamp()})
    file = house.files()[0]
    carried = data_part.find(opc.read(file.read_bytes(), ""))
    assert list(carried.approvals["seals"]) == ["opinions.university_league.date"]  # type: ignore[union-attr]
    assert said(house.verify(file)) == {}


def test_without_a_picture_a_dashed_place_waits_for_the_seal_and_moves_no_text(done: House, house: House) -> None:
    body = opc.read(done.files()[0].read_bytes(), "").parts["word/document.xml"].decode()
    assert body.count("（盖章处）") == body.count('behindDoc="1"') == 5
    assert "（盖章处）" not in texts(done.files()[0])  # it stands in shapes, not among the words of the form
    house.ready()
    house.issue(seals={"opinions.university_league.date": stamp()})
    file = house.files()[0]
    body = opc.read(file.read_bytes(), "").parts["word/document.xml"].decode()
    assert (body.count("（盖章处）"), body.count('behindDoc="1"')) == (4, 5)
    assert read_document(file.read_bytes(), file.name, catalogue(), lambda _: {}).differences == ()


def test_a_dashed_place_is_no_part_of_what_is_approved(done: House) -> None:
    material = done.material()
    for case in done.cases():
        assert "（盖章处）".encode() not in opc.read(material.proof(case.jobs[0]).data, "").parts["word/document.xml"]


def test_a_workbook_has_no_place_for_a_seal_and_its_document_has(house: House) -> None:
    house.ready("staff_list")
    house.issue("staff_list", seals={seals.DAY: stamp()})
    shown = {file.suffix: opc.read(file.read_bytes(), "").parts for file in house.files()}
    assert [suffix for suffix, parts in shown.items() if any("seal" in part for part in parts)] == [".docx"]
    assert [said(house.verify(file)) for file in house.files()] == [{}, {}]


def test_a_seal_that_was_exchanged_is_another_content(house: House) -> None:
    house.ready("congress_report")
    house.issue("congress_report", seals={seals.DAY: stamp()})
    file = house.files()[0]
    other = io.BytesIO()
    Image.new("RGB", (60, 40), (0, 0, 200)).save(other, "PNG")

    def swap(parts: dict[str, bytes]) -> dict[str, bytes]:
        return {**parts, "word/media/formgen-seal-1.png": other.getvalue()}

    found = said(house.verify(file, data=resigned(house, file, swap)))
    assert found == {Question.LEDGER: ["ledger-content"], Question.RENDERING: ["rendering-picture"]}


# --- how it looks ----------------------------------------------------------------------------------------------------


@pytest.mark.office
def test_what_is_issued_breaks_its_pages_as_the_proof_did_and_prints_its_case(
    done: House, house: House, tmp_path: Path
) -> None:
    # The filing's day stands in the last row of a table, out of which the dashed place reaches.
    house.ready("assessment_filing").issue("assessment_filing")
    shown = [
        *zip(done.cases(), done.files(), strict=True),
        *zip(house.cases("assessment_filing"), house.files(), strict=True),
    ]
    for number, (case, file) in enumerate(shown):
        material = (done if case.form == FORM else house).material()
        (tmp_path / f"proof{number}.docx").write_bytes(material.proof(case.jobs[0]).data)
        shutil.copy(file, tmp_path / f"issued{number}.docx")
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    convert = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    subprocess.run([*convert, *map(str, sorted(tmp_path.glob("*.docx")))], check=True, capture_output=True)

    def pages(name: str) -> list[str]:
        ended = subprocess.run(["pdftotext", "-layout", tmp_path / name, "-"], check=True, capture_output=True)
        return ended.stdout.decode().split("\f")[:-1]

    for number, (case, _) in enumerate(shown):
        issued, proof = pages(f"issued{number}.pdf"), pages(f"proof{number}.pdf")
        head = (done if case.form == FORM else house).chain(case.number).current.head
        assert len(issued) == len(proof) == 2
        assert all(case.number in page and head in page for page in issued)
        assert not any(case.number in page for page in proof)
