"""The commands of sign-off, from a policy to a verified file, and what they say when something is wrong."""

import json
import re
import shlex
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from calling import Ended, call
from formgen.cli import clock
from formgen.errors import FormgenError, UsageError
from formgen.findings import Text
from formgen.reports import sign_offs
from formgen.signing import authority
from issuing_kit import FIRST, FORM, edit, small_dossier
from issuing_kit import ROOT_FOLDER as ROOT
from signing_kit import SECRET, ca, office

PEOPLE = {
    "root": None,
    "经办员": "clerk",
    "闵知节": "college_league",
    "武承泽": "college_party",
    "路听雪": "student_affairs",
    "申载阳": "university_league",
    "祝明德": "university_party",
}


@cache
def pair_of(_name: str) -> authority.ApprovalKey:
    return authority.new_approval_key(SECRET)


@cache
def office_file() -> bytes:
    return authority.as_pkcs12(office(), SECRET)


class Bench:
    """Keys, a policy and a dossier in a folder; commands that take the ledger and the root from the environment."""

    def __init__(self, parent: Path, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.place, self._capsys, self.now = parent, capsys, FIRST
        self.dossier = small_dossier(parent)
        for name in PEOPLE:
            pair = pair_of(name)
            self.key(name).write_bytes(pair.private)
            self.public(name).write_bytes(pair.public)
        (parent / "office.p12").write_bytes(office_file())
        text = 'office = "青川示范学院"\nnumber = 1\n'
        for name, role in list(PEOPLE.items())[1:]:
            text += f'[[key]]\nkey = "{name}.pub.pem"\nperson = "{name}"\nroles = ["{role}"]\nfrom = 2020-10-01\n'
        (parent / "policy.toml").write_text(text, "utf-8")
        for variable, value in {
            "FORMGEN_KEY_PASSPHRASE": SECRET,
            "FORMGEN_LEDGER": parent / "ledger",
            "FORMGEN_ROOT": self.public("root"),
        }.items():
            patch.setenv(variable, str(value))
        patch.setattr(clock, "now", self.tick)

    def tick(self) -> datetime:
        self.now += timedelta(hours=20)
        return self.now

    def key(self, name: str) -> Path:
        return self.place / f"{name}.pem"

    def public(self, name: str) -> Path:
        return self.place / f"{name}.pub.pem"

    def run(self, *arguments: object) -> Ended:
        return call(self._capsys, *arguments)

    def signoff(self, command: str, *arguments: object, who: str | None = None) -> Ended:
        return self.run("signoff", command, *arguments, *(("--key", self.key(who)) if who else ()))

    def signed_policy(self) -> Path:
        file = self.place / "policy.json"
        ended = self.signoff("policy", self.place / "policy.toml", "--root-key", self.key("root"), "-o", file)
        assert ended.code == 0, ended.err
        return file

    def start(self) -> list[str]:
        ended = self.signoff("start", self.dossier, "--form", FORM, "--policy", self.signed_policy(), who="经办员")
        assert ended.code == 0, ended.err
        return re.findall("[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}", ended.out)

    def review(self, who: str) -> str:
        out = self.place / f"review-{who}"
        ended = self.signoff("review", self.dossier, "-o", out, who=who)
        assert ended.code == 0, ended.err
        found = re.search("--seen ([0-9a-f]{8})", ended.out)
        assert found is not None
        return found[1]

    def approve(self, who: str, *arguments: object) -> Ended:
        return self.signoff("approve", self.dossier, "--seen", self.review(who), "--acknowledge", *arguments, who=who)

    def approve_all(self) -> None:
        for who in list(PEOPLE)[2:]:
            assert self.approve(who).code == 0

    def issue(self, *arguments: object) -> Ended:
        keys = ("--key", self.place / "office.p12", "--clerk", self.key("经办员"))
        return self.run("issue", self.dossier, "-o", self.place / "issued", *keys, "--form", FORM, *arguments)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Bench:
    return Bench(tmp_path, monkeypatch, capsys)


def test_from_a_policy_to_a_verified_file(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = bench.start()
    again = bench.signoff("start", bench.dossier, "--form", FORM, who="经办员")
    assert (again.code, "另有 2 案已在办理" in again.out) == (0, True)
    bench.approve_all()
    waiting = bench.signoff("status", first, "--dossier", bench.dossier)
    assert "学生会主席团选举候选人登记表 01  已签完，待出具" in waiting.out
    assert re.search("学院团组织  闵知节  同意", waiting.out)
    # The clerk's key has its own passphrase where both keys are asked for at once.
    monkeypatch.setenv("FORMGEN_LEDGER_PASSPHRASE", SECRET)
    issued = bench.issue()
    assert (issued.code, "已出具 2 份" in issued.out) == (0, True), issued.err
    (bench.place / "ca.pem").write_bytes(authority.as_pem(ca().certificate))
    known = ("--ledger", bench.place / "ledger", "--root", bench.public("root"), "--at", "2020-12-04")
    verified = bench.run("verify", bench.place / "issued", "--trust", bench.place / "ca.pem", *known)
    assert (verified.code, "2 份成立" in verified.out) == (0, True), verified.out
    told = bench.run("verify", bench.place / "issued", "--trust", bench.place / "ca.pem", *known, "--format", "json")
    answers = json.loads(told.out)["files"][0]["answers"]
    assert {name: answer["held"] for name, answer in answers.items()} == dict.fromkeys(answers, "yes")
    status = json.loads(bench.signoff("status", "--format", "json").out)
    assert [case["case"] for case in status["cases"]] == sorted([first, second])
    assert status["cases"][0]["issued"] is True
    assert {step["means"] for step in status["cases"][0]["steps"]} == {"key"}


def test_a_review_needs_an_empty_folder_and_somebody_whose_turn_it_is(bench: Bench) -> None:
    bench.start()
    bench.review("闵知节")
    full = bench.signoff("review", bench.dossier, "-o", bench.place / "review-闵知节", who="闵知节")
    assert (full.code, "不是空" in full.err or "已有内容" in full.err) == (2, True)
    nobody = bench.signoff("review", bench.dossier, "-o", bench.place / "other", who="武承泽")
    assert (nobody.code, "没有轮到您" in nobody.out) == (1, True)
    public = bench.run(
        "signoff", "review", bench.dossier, "-o", bench.place / "x", "--key", bench.public("闵知节"), "--lang", "en"
    )
    assert (public.code, "2 cases await" in public.out) == (0, True)


def test_who_looks_is_told_what_issuing_will_refuse(bench: Bench) -> None:
    bench.start()
    bench.now = datetime(2020, 11, 30, 9, tzinfo=FIRST.tzinfo)
    told = bench.signoff("review", bench.dossier, "-o", bench.place / "late", who="闵知节")
    assert told.code == 0
    assert "即使今天全部签完，出具时也会有错误：R20" in told.err


def test_approving_something_else_than_was_seen_is_refused(bench: Bench) -> None:
    bench.start()
    code = bench.review("闵知节")
    edit(bench.dossier / FORM / "01.json", plan="另一个设想。")
    refused = bench.signoff("approve", bench.dossier, "--seen", code, who="闵知节")
    assert (refused.code, "与您看过的不一样" in refused.err) == (1, True)
    assert "变了：材料" in refused.err


def test_findings_that_are_unverified_must_be_acknowledged(bench: Bench) -> None:
    edit(bench.dossier / "election.json", department_approvals=None, attendance=None, rounds=None)
    bench.start()
    out = bench.place / "review"
    seen = bench.signoff("review", bench.dossier, "-o", out, who="闵知节")
    assert "--acknowledge" in seen.out
    assert (out / "问题.html").is_file()
    code = re.search("--seen ([0-9a-f]{8})", seen.out)[1]  # type: ignore[index]
    refused = bench.signoff("approve", bench.dossier, "--seen", code, who="闵知节")
    assert (refused.code, "须知悉" in refused.err) == (1, True)


def test_some_cases_are_excepted_rejected_and_submitted_again(bench: Bench) -> None:
    first, _ = bench.start()
    approved = bench.approve("闵知节", "--except", first, "--comment", "同意推荐。")
    assert (approved.code, "已同意 1 案" in approved.out) == (0, True)
    rejected = bench.signoff("reject", first, "--comment", "照片不清", who="闵知节")
    assert (rejected.code, "已被闵知节退回" in rejected.out) == (0, True)
    again = bench.signoff("start", bench.dossier, "--form", FORM, "--only", first, who="经办员")
    assert (again.code, "送审 1 案" in again.out) == (0, True)
    unknown = bench.signoff("start", bench.dossier, "--only", "0000-0000-0000", who="经办员")
    assert (unknown.code, "没有这些案号" in unknown.err) == (2, True)


def test_an_opinion_on_paper_is_recorded_and_told_as_paper(bench: Bench) -> None:
    numbers = bench.start()
    scan = bench.place / "scan.pdf"
    scan.write_bytes(b"%PDF")
    order = ("--paper", scan, "--role", "college_league", "--day", "2020-10-26")
    recorded = bench.signoff("record", *numbers, *order, "--by", "某书记", who="经办员")
    assert (recorded.code, "某书记  同意（纸质）" in recorded.out) == (0, True), recorded.err
    english = bench.signoff("status", "--lang", "en")
    assert "某书记  approved (paper)" in english.out
    empty = bench.signoff("record", *numbers, *order, "--by", " ", who="经办员")
    assert (empty.code, "--by" in empty.err) == (2, True)


def test_a_dossier_with_errors_is_not_submitted(bench: Bench) -> None:
    edit(bench.dossier / FORM / "01.json", name=None)
    policy = bench.signed_policy()
    one = bench.signoff("start", bench.dossier, "--form", FORM, "--policy", policy, who="经办员")
    assert (one.code, "有错误，没有送审" in one.err, "送审 1 案" in one.out) == (0, True, True)
    edit(bench.dossier / "dossier.json", organisation={})
    whole = bench.signoff("start", bench.dossier, "--form", FORM, who="经办员")
    assert (whole.code, "不能送审或签批" in whole.err) == (1, True)


def test_what_is_not_signed_off_is_left_out(bench: Bench) -> None:
    bench.start()
    left = bench.issue()
    assert (left.code, "还没有签完" in left.err, "已出具 0 份" in left.out) == (1, True, True)


def test_one_reason_for_many_cases_is_told_once() -> None:
    refused: dict[str, FormgenError] = {
        number: UsageError(Text("没有送审", "not submitted"), place=number, remedy=Text("请送审", "submit it"))
        for number in ("a", "b", "c", "d")
    }
    refused["e"] = UsageError(Text("有错误", "it has errors"))
    lines = [line.text for line in sign_offs.left_out(refused, "zh")]
    assert lines == ["a、b、c 等 4 案  没有送审\n  → 请送审", "e  有错误"]
    [first, _] = [line.text for line in sign_offs.left_out(refused, "en")]
    assert first == "a, b, c and others, 4 cases  not submitted\n  → submit it"


def test_a_seal_that_is_no_picture_is_told(bench: Bench) -> None:
    bench.start()
    (bench.place / "seal.png").write_bytes(b"no picture")
    refused = bench.issue("--seal", bench.place / "seal.png")
    assert (refused.code, "seal.png" in refused.err) == (2, True)
    photo = bench.dossier / "photos/07.png"
    taken = bench.issue("--seal", f"university_league={photo}")
    assert (taken.code, "还没有签完" in taken.err) == (1, True)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda bench: (bench.place / "ledger/cases/notes").mkdir(), "别的文件"),
        (lambda bench: bench.public("root").write_bytes(bench.public("闵知节").read_bytes()), "根钥匙"),
        (lambda bench: next((bench.place / "ledger/cases").rglob("*.json")).write_bytes(b"x"), "不是完好的"),
        (lambda bench: next((bench.place / "ledger/policies").iterdir()).unlink(), "签批规则不在"),
    ],
)
def test_a_ledger_that_does_not_hold_is_told(bench: Bench, spoil: Callable[[Bench], object], said: str) -> None:
    bench.start()
    spoil(bench)
    ended = bench.signoff("status")
    assert ended.code == 1
    assert said in ended.out + ended.err


def test_a_case_that_is_not_there_is_told(bench: Bench) -> None:
    bench.start()
    ended = bench.signoff("status", "0000-0000-0000")
    assert (ended.code, "没有这一案" in ended.out) == (1, True)


def test_the_ledger_is_asked_only_with_the_roots_key(bench: Bench) -> None:
    ended = bench.run("verify", bench.dossier / "staff_list.xlsx", "--ledger", bench.place / "ledger")
    assert (ended.code, "--root" in ended.err) == (2, True)


def test_a_policy_is_not_replaced_and_follows_the_one_before(bench: Bench) -> None:
    first = bench.signed_policy()
    order = ("policy", bench.place / "policy.toml", "--root-key", bench.key("root"))
    taken = bench.signoff(*order, "-o", first)
    assert (taken.code, "不会覆盖" in taken.err) == (2, True)
    same = bench.signoff(*order, "-o", bench.place / "second.json", "--after", first)
    assert (same.code, "大于上一版" in same.err) == (2, True)
    other = bench.signoff(*order, "-o", bench.place / "second.json", "--after", bench.place / "policy.toml")
    assert (other.code, "不是用这把根私钥" in other.err) == (2, True)
    toml = bench.place / "policy.toml"
    toml.write_text(toml.read_text("utf-8").replace("number = 1", "number = 2"), "utf-8")
    assert bench.signoff(*order, "-o", bench.place / "second.json", "--after", first).code == 0


def test_two_dossiers_of_one_name_are_not_told_apart(bench: Bench, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    again = small_dossier(other)
    ended = bench.signoff("start", bench.dossier, again, "--policy", bench.signed_policy(), who="经办员")
    assert (ended.code, "同名" in ended.err) == (2, True)


# --- the page for clerks ---------------------------------------------------------------------------------------------


def test_the_worked_example_of_the_page_does_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (ROOT / "docs/signing-off.md").read_text("utf-8")
    blocks = re.findall(r"^```(\w+)\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    lines = [line for kind, block in blocks if kind == "sh" for line in block.splitlines()]
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys/policy.toml").write_text(next(block for kind, block in blocks if kind == "toml"), "utf-8")
    shutil.copytree(ROOT / "inputs" / "demo-2020", tmp_path / "inputs" / "demo-2020")
    (tmp_path / "扫描.pdf").write_bytes(b"%PDF")
    monkeypatch.chdir(tmp_path)
    # The page's opinion on paper is of this day, and none is of a day before the approval that it follows.
    monkeypatch.setattr(clock, "now", lambda: datetime(2020, 12, 3, 4, tzinfo=UTC))
    monkeypatch.setenv("FORMGEN_KEY_PASSPHRASE", SECRET)
    monkeypatch.setenv("FORMGEN_LEDGER", "ledger")
    monkeypatch.setenv("FORMGEN_ROOT", "keys/根.ledger.pub.pem")
    case = code = ""
    done = []
    for line in lines:
        words = [{"1a2b3c4d": code, "1f2e-3d4c-5b6a": case}.get(word, word) for word in shlex.split(line)[1:]]
        if words[1] == "reject":
            continue  # the page shows both ways; here the form is approved
        ended = call(capsys, *words)
        assert ended.code == 0, (line, ended)
        done.append(words[1] if words[0] == "signoff" else words[0])
        case = next(iter(re.findall("[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}", ended.out)), case)
        code = next(iter(re.findall("--seen ([0-9a-f]{8})", ended.out)), code)
    assert done[-8:] == ["policy", "start", "review", "approve", "status", "record", "issue", "verify"]
