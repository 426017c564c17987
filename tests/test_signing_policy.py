"""Policies of sign-off: written as TOML, judged before they are signed, read back strictly."""

from pathlib import Path
from typing import Any

import pytest

from formgen.errors import UsageError
from formgen.signing import dsse, policy
from ledger_kit import ROOT, key_of, policy_file, policy_value

HEAD = 'office = "青川示范学院"\nnumber = 1\n'
ZHANG = '[[key]]\nkey = "张三"\nperson = "张三"\nroles = ["university_league"]\nfrom = 2020-10-01\nuntil = 2021-09-30\n'
CLERK = '[[key]]\nkey = "经办员"\nperson = "经办员"\nroles = ["clerk"]\nfrom = 2020-10-01\n'


def drafted(text: str, earlier: policy.Policy | None = None) -> dict[str, Any]:
    return policy.drafted(
        text.encode(), "policy.toml", lambda name: key_of(name).public_key().public_bytes_raw(), earlier
    )


def test_a_policy_says_the_default_steps_unless_it_has_its_own() -> None:
    made = drafted(HEAD + '[steps]\nstaff_list = [["university_party"]]\n' + ZHANG + CLERK)
    read = policy.read(policy.signed(made, ROOT), ROOT.public_key())
    assert read.stages("staff_list") == (("university_party",),)
    assert read.stages("congress_report") == (("university_league",), ("university_party",))
    assert read.stages("candidate_registration")[2] == ("student_affairs", "university_league")
    assert (read.title("clerk"), read.title("unheard")) == ("经办人", "unheard")
    key = read.keys[dsse.keyid_of(key_of("张三").public_key())]
    assert (key.person, str(key.since), str(key.until)) == ("张三", "2020-10-01", "2021-09-30")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[", "TOML"),
        ("\x00", "TOML"),
        (HEAD + "more = 1\n" + CLERK, "more"),
        ("number = 1\n" + CLERK, "office"),
        ("office = 'x'\nnumber = true\n" + CLERK, "number"),
        (HEAD, "[[key]]"),
        (HEAD + "key = 1", "[[key]]"),
        (HEAD + "[steps]\nstaff_list = ['university_league']\n" + CLERK, "steps"),
        (HEAD + "[steps]\nstaff_list = [['a'], ['a']]\n" + CLERK, "steps"),
        (HEAD + "[steps]\nstaff_list = []\n" + CLERK, "steps"),
        (HEAD + "[titles]\nclerk = 1\n" + CLERK, "titles"),
        (HEAD + ZHANG, "clerk"),
        (HEAD + ZHANG.replace("university_league", "dean") + CLERK, "dean"),
        (HEAD + ZHANG + ZHANG + CLERK, "twice"),
        (HEAD + ZHANG.replace("from = 2020-10-01", "") + CLERK, "from"),
        (HEAD + ZHANG.replace("2020-10-01", "2020-10-01T00:00:00Z") + CLERK, "from"),
        (HEAD + ZHANG.replace('"university_league"', "1") + CLERK, "roles"),
        (HEAD + CLERK + "extra = 1\n", "extra"),
        (HEAD + "[[key]]\n", "person"),
    ],
)
def test_a_policy_with_a_mistake_is_not_made(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said.replace("[", r"\[")) as caught:
        drafted(text)
    assert caught.value.place == "policy.toml"


def test_the_next_version_has_a_higher_number_and_keeps_every_key() -> None:
    first = policy.read(policy.signed(drafted(HEAD + ZHANG + CLERK), ROOT), ROOT.public_key())
    second = HEAD.replace("number = 1", "number = 2")
    assert drafted(second + ZHANG + CLERK, first)["number"] == 2
    with pytest.raises(UsageError, match="above"):
        drafted(HEAD + ZHANG + CLERK, first)
    with pytest.raises(UsageError, match="张三"):
        drafted(second + CLERK, first)


@pytest.mark.parametrize(
    "changes",
    [{"steps": {}}, {"steps": []}, {"number": "1"}, {"keys": [{}]}, {"keys": 1}, {"office": None, "titles": None}],
)
def test_a_signed_policy_of_another_shape_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(dsse.Malformed):
        policy.read(policy.signed({**policy_value(), **changes}, ROOT), ROOT.public_key())


def test_something_else_that_the_root_signed_is_no_policy(tmp_path: Path) -> None:
    with pytest.raises(dsse.Malformed, match="no policy"):
        policy.read(dsse.seal("application/json", b"{}", ROOT), ROOT.public_key())
    with pytest.raises(policy.NotSigned):
        policy.read(policy_file(), key_of("other").public_key())
