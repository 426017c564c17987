"""The ledger: who may do what, when; and every attack on it is refused by name."""

import base64
import json
import multiprocessing
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format
from in_toto_attestation.v1.statement import Statement
from in_toto_attestation.v1.statement_pb2 import Statement as StatementPb
from securesystemslib.dsse import Envelope as TheirEnvelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

from formgen.signing import chain, dsse, exclusive, policy
from formgen.signing.ledger import Ledger
from formgen.signing.refusals import Reason, Refused
from formgen.signing.statement import Decision, Paper, Shown, Step, moment, read_batch, read_step, spelt
from ledger_kit import COLLEGE, FORM, LATER, NOON, PEOPLE, ROOT, SUBJECTS, Office, key_of, policy_file, policy_value


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "ledger")


def refused(reason: Reason, act: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as caught:
        act()
    assert caught.value.reason is reason, caught.value
    assert caught.value.exit_code == 1
    assert caught.value.sentence("zh")
    return caught.value


# --- the ordinary way ------------------------------------------------------------------------------------------------


def test_a_case_goes_through_every_step_and_is_closed(office: Office) -> None:
    assert office.submit().current.turn == ("college_league",)
    done = office.approve_all()
    assert done.current.complete
    assert done.current.head == done.tip
    closed = office.close()
    assert closed.current.closing is not None
    assert office.chain() == closed
    assert [entry.person for entry in closed.entries][1:6] == list(PEOPLE)[:5]


def test_two_roles_of_one_stage_come_in_either_order(office: Office) -> None:
    office.submit()
    for person in ("闵知节", "武承泽", "申载阳"):
        found = office.approve(person)
    assert found.current.turn == ("student_affairs",)
    assert office.approve("路听雪").current.turn == ("university_party",)


def test_other_forms_take_the_two_steps_of_the_policy(office: Office) -> None:
    office.submit(form="staff_list", scope="")
    assert office.approve("申载阳").current.turn == ("university_party",)
    assert office.approve("祝明德").current.complete


def test_a_rejection_restarts_at_step_one(office: Office) -> None:
    office.submit()
    office.approve("闵知节")
    rejected = office.approve("武承泽", decision=Decision.REJECT, comment="照片不清")
    assert not rejected.current.complete
    assert rejected.current.turn == ()
    refused(Reason.NOT_OPEN, lambda: office.approve("武承泽"))
    again = office.submit()
    assert again.current.number == 2
    assert again.current.turn == ("college_league",)
    assert office.approve_all().current.complete


def test_changed_content_restarts_and_the_same_content_does_not(office: Office) -> None:
    office.submit()
    office.approve("闵知节")
    refused(Reason.UNDER_WAY, office.submit)
    again = office.submit(subjects={**SUBJECTS, "input": dsse.digest(b"other")})
    assert again.current.approvals == ()
    assert again.current.turn == ("college_league",)


def test_an_opinion_on_paper_is_recorded_as_paper_in_the_name_of_who_gave_it(office: Office) -> None:
    office.submit()
    paper = Paper(dsse.digest(b"scan"), "闵知节", "2020-10-26")
    found = office.approve("经办员", "college_league", paper=paper)
    entry = found.current.approvals[0]
    assert (entry.person, entry.step.paper, entry.step.day.isoformat()) == ("闵知节", paper, "2020-10-26")
    assert office.chain() == found
    # Who opined on paper has acted in this round, with whatever key.
    refused(Reason.SAME_PERSON, lambda: office.approve("经办员", "college_party", paper=paper))


def test_paper_is_recorded_by_a_clerk_only_and_not_of_days_to_come(office: Office) -> None:
    office.submit()
    paper = Paper(dsse.digest(b"scan"), "某人", "2020-10-26")
    refused(Reason.ROLE, lambda: office.approve("闵知节", "college_league", paper=paper))
    tomorrow = replace(paper, day="2020-10-28")
    refused(Reason.TIME_AFTER, lambda: office.approve("经办员", "college_league", paper=tomorrow))


def test_an_opinion_on_paper_is_not_of_a_day_before_the_step_before(office: Office) -> None:
    def paper(by: str, day: str) -> Paper:
        return Paper(dsse.digest(b"scan"), by, day)

    office.submit()
    office.approve("经办员", "college_league", paper=paper("闵知节", "2020-10-22"))
    too_early = refused(
        Reason.DAY_BEFORE, lambda: office.approve("经办员", "college_party", paper=paper("武承泽", "2020-10-21"))
    )
    assert "2020-10-21，前一步是 2020-10-22" in too_early.problem.zh
    office.approve("经办员", "college_party", paper=paper("武承泽", "2020-10-22"))  # the same day is in order
    office.approve("经办员", "university_league", paper=paper("申载阳", "2020-10-25"))
    # Two of one stage come in either order, and the stage behind them comes after the later of both.
    office.approve("经办员", "student_affairs", paper=paper("路听雪", "2020-10-23"))
    last = paper("祝明德", "2020-10-24")
    refused(Reason.DAY_BEFORE, lambda: office.approve("经办员", "university_party", paper=last))
    assert office.approve("祝明德").current.complete


# --- many at once ----------------------------------------------------------------------------------------------------


def batch_of(office: Office, count: int) -> list[str]:
    cases = sorted(office.ledger.case_of("demo", FORM, str(number)) for number in range(count))
    for case in cases:
        office.submit(case)
    return cases


def approve_batch(office: Office, cases: list[str], person: str = "闵知节") -> Any:
    time, shown = office.time(), Shown((dsse.digest(b"bundle"),), dsse.digest(b"table"), 2)

    def make(found: chain.Chain) -> Step:
        step = chain.next_step(found, Decision.APPROVE, PEOPLE[person][0], office.trust().newest, time)
        return replace(step, shown=shown)

    return office.ledger.add_all(cases, make, key_of(person), office.trust())


def test_one_approval_signs_many_cases_and_leaves_out_what_is_excepted(office: Office) -> None:
    cases = batch_of(office, 5)
    done = approve_batch(office, cases[1:])
    assert sorted(done.done) == cases[1:]
    assert done.refused == {}
    assert len(list((office.folder / "batches").iterdir())) == 1
    assert office.chain(cases[0]).current.turn == ("college_league",)
    for case in cases[1:]:
        assert office.chain(case) == done.done[case]
        assert office.chain(case).current.turn == ("college_party",)


def test_each_case_of_a_batch_verifies_alone_and_the_list_names_nobody(office: Office, tmp_path: Path) -> None:
    cases = batch_of(office, 4)
    approve_batch(office, cases)
    for case in cases[1:]:
        shutil.rmtree(office.folder / "cases" / case)
    assert office.chain(cases[0]).current.turn == ("college_party",)
    batch = next((office.folder / "batches").iterdir())
    statement = json.loads(dsse.opened(batch.read_bytes()).payload)
    assert [subject["name"] for subject in statement["subject"]] == cases
    assert {len(subject["digest"]["sha256"]) for subject in statement["subject"]} == {64}


def test_a_case_that_cannot_be_approved_is_left_out_with_its_reason(office: Office) -> None:
    cases = batch_of(office, 3)
    office.approve("闵知节", case=cases[1])
    done = approve_batch(office, cases)
    assert sorted(done.done) == [cases[0], cases[2]]
    assert done.refused[cases[1]].reason is Reason.ORDER
    assert approve_batch(office, [cases[1]]).done == {}


def test_a_step_that_the_list_does_not_have_is_refused(office: Office) -> None:
    cases = batch_of(office, 3)
    approve_batch(office, cases[:2])
    member = json.loads(office.path(2, cases[0]).read_bytes())
    member["statement"]["predicate"]["comment"] = "同意"
    office.path(2, cases[0]).write_bytes(dsse.canonical(member))
    refused(Reason.NOT_IN_BATCH, lambda: office.chain(cases[0]))
    shutil.copy(office.path(2, cases[1]), office.path(2, cases[2]))
    refused(Reason.OTHER_CASE, lambda: office.chain(cases[2]))


def test_a_list_that_was_exchanged_or_lost_is_refused(office: Office) -> None:
    cases = batch_of(office, 2)
    approve_batch(office, cases)
    path = next((office.folder / "batches").iterdir())
    data = path.read_bytes()
    path.unlink()
    refused(Reason.MISSING_STEP, lambda: office.chain(cases[0]))
    path.write_bytes(data.replace(b"payload", b"payloae", 1))
    refused(Reason.NOT_IN_BATCH, lambda: office.chain(cases[0]))
    member = json.loads(office.path(2, cases[1]).read_bytes())
    office.path(2, cases[1]).write_bytes(dsse.canonical({**member, "batch": "sha256:../../x"}))
    refused(Reason.MALFORMED, lambda: office.chain(cases[1]))


# --- attacks ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("subject", sorted(SUBJECTS))
def test_an_approval_of_changed_content_is_refused_and_names_what_changed(office: Office, subject: str) -> None:
    office.submit()
    error = refused(Reason.CONTENT, lambda: office.approve("闵知节", more={subject: dsse.digest(b"something else")}))
    named = {"input": "材料", "waivers": "豁免", "rules": "规则", "template.docx": "模板", "proof.docx": "送审稿"}
    assert named[subject] in error.sentence("zh")


def test_an_approval_with_one_more_subject_is_refused(office: Office) -> None:
    office.submit()
    refused(Reason.CONTENT, lambda: office.approve("闵知节", more={"proof.xlsx": dsse.digest(b"more")}))


def test_an_approval_replayed_for_another_case_is_refused(office: Office) -> None:
    office.submit()
    office.approve("闵知节")
    other = office.ledger.case_of("demo", FORM, "02")
    office.submit(other)
    shutil.copy(office.path(2), office.path(2, other))
    refused(Reason.OTHER_CASE, lambda: office.chain(other))


def test_an_approval_replayed_in_the_next_round_is_refused(office: Office) -> None:
    office.submit()
    office.approve("闵知节")
    office.approve("武承泽", decision=Decision.REJECT)
    office.submit()
    shutil.copy(office.path(2), office.path(5))
    refused(Reason.MISSING_STEP, office.chain)


def test_a_step_that_was_removed_is_missed(office: Office) -> None:
    office.submit()
    office.approve_all()
    office.path(3).unlink()
    refused(Reason.MISSING_STEP, office.chain)
    for sequence in (4, 5, 6):
        office.path(sequence).rename(office.path(sequence - 1))
    refused(Reason.MISSING_STEP, office.chain)


def test_a_ledger_whose_end_was_cut_off_is_no_longer_complete(office: Office) -> None:
    office.submit()
    whole = office.approve_all().current.head
    office.path(6).unlink()
    assert not office.chain().current.complete
    assert office.chain().tip != whole


def test_the_same_person_twice_is_refused(office: Office) -> None:
    office.submit()
    office.approve("多面手", "college_league")
    refused(Reason.SAME_PERSON, lambda: office.approve("多面手", "college_party"))


def test_the_same_person_with_two_keys_is_refused(office: Office) -> None:
    office.policy = policy_file(闵知节={"person": "一人"}, 武承泽={"person": "一人"})
    office.submit()
    office.approve("闵知节")
    refused(Reason.SAME_PERSON, lambda: office.approve("武承泽"))


def test_who_submits_does_not_approve(office: Office) -> None:
    office.policy = policy_file(闵知节={"roles": ["college_league", "clerk"]})
    office.submit(person="闵知节")
    refused(Reason.SAME_PERSON, lambda: office.approve("闵知节"))


def test_a_wrong_role_is_refused(office: Office) -> None:
    office.submit()
    refused(Reason.ROLE, lambda: office.approve("武承泽", "college_league"))
    refused(Reason.ROLE, lambda: office.submit(office.ledger.case_of("x"), person="闵知节"))


def test_a_key_for_another_college_is_refused(office: Office) -> None:
    office.policy = policy_file(闵知节={"scopes": ["理学院"]})
    office.submit()
    refused(Reason.ROLE, lambda: office.approve("闵知节"))
    office.submit(other := office.ledger.case_of("demo", FORM, "02"), scope="理学院")
    assert office.approve("闵知节", case=other).current.approvals


def test_a_step_before_its_turn_is_refused(office: Office) -> None:
    office.submit()
    refused(Reason.ORDER, lambda: office.approve("祝明德"))
    office.approve("闵知节")
    refused(Reason.ORDER, lambda: office.approve("多面手", "college_league"))


def test_an_attackers_policy_is_refused(office: Office) -> None:
    office.submit()
    theirs = policy_file(root=key_of("attacker"))
    refused(Reason.POLICY_SIGNATURE, lambda: office.trust(theirs))
    (office.folder / "policies" / f"{dsse.digest(theirs)[7:]}.json").write_bytes(theirs)
    refused(Reason.POLICY_SIGNATURE, office.trust)


def test_an_attackers_root_is_refused(office: Office) -> None:
    refused(Reason.OTHER_LEDGER, lambda: Ledger.open(office.folder, key_of("attacker").public_key()))


def test_a_key_that_no_policy_lists_is_refused(office: Office) -> None:
    office.submit()
    refused(
        Reason.KEY_UNKNOWN,
        lambda: office.ledger.add(
            office.case,
            lambda found: office.step(found, Decision.APPROVE, "college_league"),
            key_of("nobody"),
            office.trust(),
        ),
    )


def resigned(path: Path, change: Callable[[dict[str, Any]], object], person: str | None) -> None:
    """Edits the statement of a step; signs it again with the key of ``person``, or leaves the old signature."""
    envelope = json.loads(path.read_bytes())
    statement = json.loads(base64.b64decode(envelope["payload"]))
    change(statement)
    payload = dsse.canonical(statement)
    if person is None:
        envelope["payload"] = base64.b64encode(payload).decode()
        path.write_bytes(dsse.canonical(envelope))
    else:
        path.write_bytes(dsse.seal(envelope["payloadType"], payload, key_of(person)))


def test_an_edited_envelope_is_refused(office: Office) -> None:
    office.submit()
    office.approve("闵知节")
    resigned(office.path(2), lambda statement: statement["predicate"].update(comment="改"), None)
    refused(Reason.SIGNATURE, office.chain)


def test_a_step_that_was_signed_anew_breaks_the_chain_behind_it(office: Office) -> None:
    office.submit()
    office.approve("闵知节")
    office.approve("武承泽")
    resigned(office.path(2), lambda statement: statement["predicate"].update(comment="改"), "闵知节")
    refused(Reason.CHAIN, office.chain)


def test_back_dating_is_refused(office: Office) -> None:
    office.submit()
    earlier = spelt(NOON - timedelta(days=1))
    refused(Reason.TIME_BEFORE, lambda: office.approve("闵知节", time=earlier))


def test_a_time_that_has_not_come_is_refused(office: Office) -> None:
    office.submit()
    refused(Reason.TIME_AFTER, lambda: office.approve("闵知节", time=spelt(LATER + timedelta(seconds=1))))


def test_a_key_after_its_end_or_before_its_beginning_is_refused(office: Office) -> None:
    office.policy = policy_file(闵知节={"until": "2020-10-26"}, 武承泽={"from": "2020-10-28"})
    office.submit()
    refused(Reason.KEY_ENDED, lambda: office.approve("闵知节"))
    office.approve("多面手")
    refused(Reason.KEY_ENDED, lambda: office.approve("武承泽"))
    office.now = NOON + timedelta(days=1)
    assert office.approve("武承泽").current.approvals


def test_a_new_policy_ends_a_key_for_what_it_signed_in_the_name_of_the_old_one(office: Office) -> None:
    office.submit()
    office.approve("闵知节")
    newer = policy_file(2, 闵知节={"until": "2020-10-26"})
    refused(Reason.KEY_ENDED, lambda: office.ledger.chain(office.case, office.trust(newer)))
    harmless = policy_file(2, 闵知节={"until": "2020-10-27"})
    assert office.ledger.chain(office.case, office.trust(harmless)).current.approvals


def test_a_step_in_the_name_of_an_older_policy_than_the_step_before_is_refused(office: Office) -> None:
    old = office.policy
    office.submit()
    office.policy = policy_file(2)
    office.approve("闵知节")
    trust = office.trust()
    step = chain.next_step(office.chain(), Decision.APPROVE, "college_party", policy.read(old, ROOT.public_key()), "")
    late = replace(step, time=office.time())
    refused(Reason.POLICY_OLDER, lambda: office.ledger.add(office.case, lambda _: late, key_of("武承泽"), trust))


def test_steps_that_the_policy_changed_meanwhile_make_the_case_restart(office: Office) -> None:
    office.submit()
    value = policy_value(2)
    value["steps"][FORM] = [["college_league"], ["university_party"]]
    office.policy = policy.signed(value, ROOT)
    refused(Reason.CONTENT, lambda: office.approve("闵知节"))
    assert office.submit().current.stages == (("college_league",), ("university_party",))


def test_two_policies_of_the_same_number_are_refused(office: Office) -> None:
    office.submit()
    refused(Reason.POLICY_FORK, lambda: office.trust(policy_file(闵知节={"until": "2021-01-01"})))


def test_a_policy_that_is_lost_is_missed(office: Office) -> None:
    office.submit()
    shutil.rmtree(office.folder / "policies")
    refused(Reason.POLICY_UNKNOWN, lambda: office.ledger.chain(office.case, office.trust(policy_file(2))))
    refused(Reason.POLICY_UNKNOWN, lambda: office.ledger.trust(LATER))


def test_a_fork_is_refused(office: Office) -> None:
    office.submit()
    fork = office.path(2).with_name("0002 (conflicted copy).json")
    office.approve("闵知节")
    shutil.copy(office.path(2), fork)
    refused(Reason.OTHER_FILE, office.chain)
    fork.rename(office.path(3))
    refused(Reason.MISSING_STEP, office.chain)


def test_another_second_step_in_the_place_of_the_third_is_refused(office: Office) -> None:
    office.submit()
    first = office.chain()
    office.approve("闵知节")
    rival = office.step(first, Decision.APPROVE, "college_league")
    data = dsse.seal(
        "application/vnd.in-toto+json", dsse.canonical(replace(rival, sequence=3).value()), key_of("多面手")
    )
    office.path(3).write_bytes(data)
    refused(Reason.CHAIN, office.chain)


def test_closing_takes_a_clerk_and_a_complete_round_and_happens_once(office: Office) -> None:
    office.submit()
    refused(Reason.INCOMPLETE, office.close)
    office.approve_all()
    refused(Reason.ROLE, lambda: office.close("闵知节"))
    office.close()
    refused(Reason.NOT_OPEN, office.close)
    refused(Reason.NOT_OPEN, lambda: office.approve("多面手", "college_party"))


@pytest.mark.parametrize("changes", [{"round": 2}, {"sequence": 2}, {"previous": "sha256:0"}, {"role": "x"}])
def test_a_submission_that_says_something_else_than_is_so_is_refused(office: Office, changes: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        office.submit(**changes)
    assert office.ledger.cases() == ()


def test_a_case_of_another_form_is_refused(office: Office) -> None:
    office.submit()
    refused(Reason.OTHER_CASE, lambda: office.submit(form="staff_list"))
    step = replace(office.step(office.chain(), Decision.APPROVE, "university_league"), form="staff_list")
    refused(Reason.OTHER_CASE, lambda: office.ledger.add(office.case, lambda _: step, key_of("申载阳"), office.trust()))


def test_an_approval_of_a_case_that_was_never_submitted_is_refused(office: Office) -> None:
    refused(Reason.NOT_OPEN, lambda: office.approve("闵知节"))
    office.submit(other := office.ledger.case_of("other"))
    step = replace(office.step(office.chain(other), Decision.APPROVE, "college_league"), case=office.case)
    first = replace(step, sequence=1, previous="")
    refused(Reason.NOT_OPEN, lambda: office.ledger.add(office.case, lambda _: first, key_of("闵知节"), office.trust()))


# --- damage ----------------------------------------------------------------------------------------------------------


def spoilt(statement: dict[str, Any], *path: str, value: Any) -> None:
    *way, last = path
    for key in way:
        statement = statement[key]
    statement[last] = value


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("_type",), "other"),
        (("predicateType",), "other"),
        (("more",), 1),
        (("subject",), [{"name": "input", "digest": {"sha256": "0"}}]),
        (("subject",), [{"name": n, "digest": {"sha256": "0" * 64}} for n in ("b", "a")]),
        (("subject",), [{"name": n, "digest": {"sha256": "0" * 64}} for n in ("a", "a")]),
        (("predicate", "more"), 1),
        (("predicate", "sequence"), "2"),
        (("predicate", "sequence"), True),
        (("predicate", "comment"), None),
        (("predicate", "decision"), "maybe"),
        (("predicate", "time"), "2020-10-27"),
        (("predicate", "time"), "2020-10-27T12:00:00"),
        (("predicate", "time"), "yesterday"),
        (("predicate", "shown"), {"bundle": "x"}),
        (("predicate", "shown"), {"bundle": "x", "findings": "y", "acknowledged": 1}),
        (("predicate", "shown"), {"bundle": [1], "findings": "y", "acknowledged": 1}),
        (("predicate", "waived"), ["R11"]),
        (("predicate", "paper"), {"scan": "x", "by": "", "day": "2020-10-27"}),
        (("predicate", "paper"), {"scan": "x", "by": "x", "day": "20201027"}),
        (("predicate", "paper"), {"scan": "x", "by": "x", "day": "soon"}),
    ],
)
def test_a_statement_of_another_shape_is_refused(office: Office, path: tuple[str, ...], value: Any) -> None:
    office.submit()
    office.approve("闵知节")
    resigned(office.path(2), lambda statement: spoilt(statement, *path, value=value), "闵知节")
    refused(Reason.MALFORMED, office.chain)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"",
        lambda data: data[:-10],
        lambda data: data + b"\n",
        lambda data: data.replace(b":", b": ", 1),
        lambda data: b'{"batch":"x","statement":{}}',
        lambda data: b'{"payload":"e30=","payloadType":"x","signatures":[]}',
        lambda data: data.replace(b"vnd.in-toto", b"vnd.other"),
        lambda data: data.replace(b'"payload":"', b'"payload":"*'),
        lambda data: b"[" * 100_000,
        lambda data: b"\xff",
    ],
)
def test_a_damaged_file_is_refused(office: Office, change: Callable[[bytes], bytes]) -> None:
    office.submit()
    office.path(1).write_bytes(change(office.path(1).read_bytes()))
    refused(Reason.MALFORMED, office.chain)


def test_base64_has_one_spelling() -> None:
    envelope = dsse.seal("x", b"x", ROOT)
    other = envelope.replace(b'"payload":"eA=="', b'"payload":"eB=="')
    assert other != envelope
    with pytest.raises(dsse.Malformed, match="one spelling"):
        dsse.opened(other)


def test_what_this_json_cannot_say_is_not_signed() -> None:
    with pytest.raises(dsse.Malformed):
        dsse.canonical({"number": 2**60})


def test_a_file_that_is_too_large_a_link_or_a_folder_is_refused(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.submit()
    office.path(2).mkdir()
    refused(Reason.MALFORMED, office.chain)
    office.path(2).rmdir()
    (tmp_path / "elsewhere").write_bytes(office.path(1).read_bytes())
    office.path(2).symlink_to(tmp_path / "elsewhere")
    refused(Reason.MALFORMED, office.chain)
    office.path(2).unlink()
    monkeypatch.setattr(dsse, "MAX_BYTES", 100)
    with pytest.raises(dsse.Malformed, match="more than 100"):
        dsse.opened(bytes(101))
    refused(Reason.MALFORMED, office.chain)


def test_other_files_in_the_ledger_are_named(office: Office) -> None:
    office.submit()
    assert office.ledger.cases() == (office.case,)
    refused(Reason.NO_CASE, lambda: office.chain("../x"))
    (office.folder / "cases" / "notes").mkdir()
    assert "notes" in str(refused(Reason.OTHER_FILE, office.ledger.cases))
    kept = next((office.folder / "policies").iterdir())
    shutil.copy(kept, kept.with_name("copy.json"))
    refused(Reason.OTHER_FILE, office.trust)


def test_a_ledger_that_is_not_there_or_damaged_is_refused(tmp_path: Path) -> None:
    root = ROOT.public_key()
    refused(Reason.NO_LEDGER, lambda: Ledger.open(tmp_path / "elsewhere", root))
    refused(Reason.NO_LEDGER, lambda: Ledger.open(tmp_path, root))
    (tmp_path / "cases").mkdir()
    refused(Reason.MALFORMED, lambda: Ledger.open(tmp_path, root))  # there was one: its head has been taken away
    (tmp_path / "ledger.json").write_bytes(b'{"version":2}')
    refused(Reason.MALFORMED, lambda: Ledger.open(tmp_path, root))
    (tmp_path / "ledger.json").write_bytes(b"no")
    refused(Reason.MALFORMED, lambda: Ledger.open(tmp_path, root))


# --- interruptions and neighbours ------------------------------------------------------------------------------------


class Struck(Exception):
    """The power fails here."""


# An interruption before a change leaves what one after the change before it leaves.
STRIKES = [
    ("make_folder", False),
    ("write", False),
    ("write", True),
    ("settle", True),
    ("link", True),
    ("remove", True),
]


@pytest.mark.parametrize(("name", "after"), STRIKES)
def test_an_interruption_at_any_change_leaves_a_ledger_that_verifies_and_a_way_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, after: bool
) -> None:
    """Each change of a whole life of two cases is broken in turn, once before and once after it is made."""
    struck = 0
    for number in range(200):
        calls = iter(range(10_000))
        original = getattr(exclusive, name)

        def broken(*arguments: Any, _number: int = number, _calls: Any = calls, _original: Any = original) -> Any:
            strikes = next(_calls) == _number
            if strikes and name == "write" and not after:
                arguments[0].write_bytes(arguments[1][: len(arguments[1]) // 2])  # half of it got to the disk
            if strikes and not after:
                raise Struck
            answer = _original(*arguments)
            if strikes:
                raise Struck
            return answer

        place = tmp_path / str(number)
        with monkeypatch.context() as patch:
            patch.setattr(exclusive, name, broken)
            try:
                life(Office(place))
                break
            except Struck:
                struck += 1
        life(Office(place, now=NOON + timedelta(days=1)))  # the next run takes it from there
        whole = Office(place)
        assert len(whole.ledger.cases()) == 2
        assert all(whole.chain(case).current.closing is not None for case in whole.ledger.cases()[:1])
    assert struck > 5


def life(office: Office) -> None:
    """Everything that can be done in a ledger, as commands do it: what is done already is passed over."""
    cases = sorted(office.ledger.case_of("demo", FORM, str(number)) for number in (1, 2))
    for case in cases:
        if not office.chain(case).rounds:
            office.submit(case)
    approve_batch(office, cases)
    for person in list(PEOPLE)[1:5]:
        if PEOPLE[person][0] in office.chain(cases[0]).current.turn:
            office.approve(person, case=cases[0])
    office.case = cases[0]
    if office.chain().current.closing is None:
        office.close()


def act(folder: Path, person: str, results: Any) -> None:
    """What a process does that acts at the same time as others."""
    office = Office(folder)
    barrier, queue = results
    barrier.wait()
    try:
        office.approve(person, time=spelt(NOON + timedelta(hours=1)))
        queue.put("done")
    except Refused as error:
        queue.put(error.reason.value)


@pytest.mark.parametrize(
    ("people", "expected", "length"),
    [
        (("路听雪", "申载阳"), ["done", "done"], 5),  # two roles of one stage: none is lost
        (("路听雪", "路听雪"), ["done", "order"], 4),  # the same step twice: it is taken once
    ],
)
def test_two_approvers_at_once_never_lose_or_fork_a_step(
    office: Office, people: tuple[str, str], expected: list[str], length: int
) -> None:
    office.submit()
    office.approve("闵知节")
    office.approve("武承泽")
    context = multiprocessing.get_context("spawn")
    results = context.Barrier(2), context.Queue()
    processes = [context.Process(target=act, args=(office.folder, person, results)) for person in people]
    for process in processes:
        process.start()
    said = sorted(results[1].get(timeout=60) for _ in people)
    for process in processes:
        process.join()
    assert said == expected
    assert len(office.chain().entries) == length


def test_many_files_are_made_durable_at_once_and_few_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[str] = []
    monkeypatch.setattr(os, "sync", lambda: called.append("all"))
    monkeypatch.setattr(os, "fsync", lambda descriptor: called.append("one"))
    files = [(tmp_path / str(number), b"x") for number in range(20)]
    assert exclusive.create_all(files) == [True] * 20
    assert called == ["all", "all"]
    called.clear()
    assert exclusive.create_all([*files[:1], (tmp_path / "more", b"x")]) == [False, True]
    assert called == ["one"] * 5  # both files and the folder before linking, the new one and the folder after
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*map(str, range(20)), "more"])


def test_who_comes_second_reads_again_and_signs_behind(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.submit()
    office.approve("闵知节")
    office.approve("武承泽")
    create, quicker = exclusive.create, iter([True])

    def beaten(path: Path, data: bytes) -> bool:
        if path.parent.name == office.case and next(quicker, False):
            Office(office.folder, now=NOON + timedelta(minutes=30)).approve("申载阳")
        return create(path, data)

    monkeypatch.setattr(exclusive, "create", beaten)
    office.now = NOON + timedelta(hours=1)
    found = office.approve("路听雪")
    assert [entry.person for entry in found.current.approvals[2:]] == ["申载阳", "路听雪"]


def test_a_batch_that_comes_second_signs_what_is_left_in_another_list(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = batch_of(office, 3)
    link, quicker = exclusive.link, iter([True])

    def beaten(source: Path, target: Path) -> bool:
        if target.parent.name == cases[1] and next(quicker, False):
            Office(office.folder, now=NOON + timedelta(minutes=30)).approve("多面手", case=cases[1])
        return link(source, target)

    monkeypatch.setattr(exclusive, "link", beaten)
    office.now = NOON + timedelta(hours=1)
    done = approve_batch(office, cases)
    assert sorted(done.done) == [cases[0], cases[2]]
    assert done.refused[cases[1]].reason is Reason.ORDER


def test_a_place_that_is_always_taken_is_told(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.submit()
    link = exclusive.link
    monkeypatch.setattr(exclusive, "link", lambda new, path: path.parent.name != office.case and link(new, path))
    with pytest.raises(Exception, match="all the time"):
        office.approve("闵知节")
    with pytest.raises(Exception, match="all the time"):
        approve_batch(office, [office.case])


# --- second opinions -------------------------------------------------------------------------------------------------


def test_securesystemslib_accepts_the_envelopes_and_in_toto_the_statements(office: Office) -> None:
    office.submit()
    office.approve("闵知节")
    data = office.path(2).read_bytes()
    theirs = TheirEnvelope.from_dict(json.loads(data))
    key = key_of("闵知节").public_key()
    known = SSlibKey(dsse.keyid_of(key), "ed25519", "ed25519", {"public": key.public_bytes_raw().hex()})
    assert theirs.verify([known], 1)
    other = SSlibKey("x", "ed25519", "ed25519", {"public": key_of("武承泽").public_key().public_bytes_raw().hex()})
    with pytest.raises(VerificationError):
        theirs.verify([other], 1)
    statement = json_format.Parse(theirs.payload, StatementPb())
    Statement.copy_from_pb(statement).validate()
    assert statement.predicate["case"] == office.case


def test_a_statement_read_back_is_the_same() -> None:
    step = Step(
        "0000-0000-0000", 2, 1, Decision.APPROVE, "clerk", FORM, COLLEGE, "sha256:1", "sha256:2", spelt(NOON),
        SUBJECTS, "同意", Shown(("sha256:3",), "sha256:4", 5), Paper("sha256:6", "某人", "2020-10-27"),
    )  # fmt: skip
    assert read_step(step.value()) == step
    assert moment(step.time) == NOON
    with pytest.raises(dsse.Malformed):
        read_batch(step.value())
