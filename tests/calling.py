"""Calls of the command in this process."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest


class Ended(NamedTuple):
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Command = Callable[..., Ended]


def call(capsys: pytest.CaptureFixture[str], *words: object) -> Ended:
    from formgen import cli  # not before a test asks for it: it loads Typer

    with pytest.raises(SystemExit) as ended:
        cli.main([str(word) for word in words])
    printed = capsys.readouterr()
    assert isinstance(ended.value.code, int)
    return Ended(ended.value.code, printed.out, printed.err)
