"""Passphrases: typed on the terminal or taken from the environment, never from the command line, which others see."""

import os
import sys

import typer

from formgen.errors import UsageError
from formgen.findings import Text

KEY = "FORMGEN_KEY_PASSPHRASE"
CA = "FORMGEN_CA_PASSPHRASE"
PIN = "FORMGEN_TOKEN_PIN"
LEDGER = "FORMGEN_LEDGER_PASSPHRASE"
"""Of a person's key for approvals."""


def passphrase(place: str, variable: str, lang: str, *, new: bool = False) -> str:
    """The passphrase of ``place``: from the environment, else typed; a new one twice.

    Raises:
        UsageError: there is neither, or a new one is empty.
    """
    found = os.environ.get(variable)
    if found is None:
        if not sys.stdin.isatty():
            raise UsageError(
                Text("需要口令，而这里不能输入", "a passphrase is needed, and none can be typed here"),
                place=place,
                remedy=Text(f"请把口令放进环境变量 {variable}", f"put it into the environment variable {variable}"),
            )
        question = Text(f"{place} 的口令", f"passphrase of {place}").lang(lang)
        again = Text("再输入一次", "once more").lang(lang)
        found = str(typer.prompt(question, hide_input=True, err=True, confirmation_prompt=again if new else False))
    if new and not found:
        raise UsageError(
            Text("口令不能是空的", "the passphrase must not be empty"),
            place=place,
            remedy=Text("请另想一个", "choose another one"),
        )
    return found
