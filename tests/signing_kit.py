"""What tests of signing share: one authority with its keys, and a command that is called in this process."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

import pytest

from formgen import cli
from formgen.signing import authority
from formgen.signing.keys import KeySigner

NOW = datetime(2020, 12, 4, 9, 30, tzinfo=UTC)
START = datetime(2020, 9, 1, tzinfo=UTC)
SECRET = "口令 secret"


@cache
def ca() -> KeySigner:
    return authority.new_authority("试用签发机构", START)


@cache
def office(name: str = "青川示范学院团委", *, ecdsa: bool = False) -> KeySigner:
    return authority.new_key(ca(), name, START, ecdsa=ecdsa)


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> Ended:
    """Calls a command in this process."""
    with pytest.raises(SystemExit) as ended:
        cli.main([str(argument) for argument in arguments])
    assert isinstance(ended.value.code, int)
    printed = capsys.readouterr()
    return Ended(ended.value.code, printed.out, printed.err)
