"""The commands. Each asks the rooms of the house to do it; here is only how they are called and how they end.

Exit codes: 0 done; 1 findings at or above ``--fail-on``; 2 wrong usage; 3 our fault or the environment's; 130
interrupted. Results go to stdout, everything else to stderr. What can go wrong becomes one sentence in
:mod:`formgen.cli.boundary`, and nowhere else.
"""

import logging
import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, NoReturn

import typer

# Importing them makes the commands known.
from formgen.cli import (
    bringing_together,
    delivering,
    handing_back,
    handing_out,
    help_pages,
    issuing,
    judging,
    keys,
    looking_up,
    reading,
    signing,
    signing_off,
    templates,
)
from formgen.cli.boundary import INTERRUPTED, boundary, open_streams
from formgen.cli.options import Lang, LangOption, app
from formgen.errors import UsageError
from formgen.reports import screen

__all__ = [
    "app",
    "bringing_together",
    "delivering",
    "handing_back",
    "handing_out",
    "help_pages",
    "issuing",
    "judging",
    "keys",
    "looking_up",
    "main",
    "reading",
    "signing",
    "signing_off",
    "templates",
]


def _print_version(wanted: bool) -> None:
    if wanted:
        import formgen

        screen.document(f"formgen {formgen.__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def whole(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="版本。The version.")
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="出错时显示程序内部的经过。Show tracebacks of errors.")
    ] = False,
    lang: LangOption = Lang.ZH,
) -> int:
    """学生会改革备案的表：收发、核对、填写、签批、核验。A student union's filing: checked, filled, signed off."""
    if context.invoked_subcommand is None:
        screen.document(context.get_help())
        return UsageError.exit_code
    return 0


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs the command that ``arguments`` (or those of the process) ask for, and ends the process."""
    open_streams()
    arguments = sys.argv[1:] if arguments is None else arguments
    # The traceback of each error goes into the log, which is shown only on demand. What libraries log of a bad file
    # (pyHanko: the traceback of each PDF that was changed since it was signed) is shown no sooner.
    debug = "--debug" in arguments
    logging.basicConfig(format="%(message)s", level=logging.WARNING if debug else logging.CRITICAL, force=True)
    logging.getLogger("formgen").setLevel(logging.DEBUG if debug else logging.WARNING)
    lang = _language(arguments)
    with boundary(lang):
        # It may stand anywhere, so it is taken out before Typer looks for it in front of the command.
        rest = [argument for argument in arguments if argument != "--debug"]
        command = help_pages.speaking(help_pages.program(), lang)
        code = command(args=rest, prog_name="formgen", standalone_mode=False) or 0
        if code == INTERRUPTED:
            raise KeyboardInterrupt  # Typer has caught it
        sys.exit(code)


def _language(arguments: Sequence[str]) -> str:
    """The language of everything: known even where the rest of the command cannot be parsed."""
    wants = "--lang=en" in arguments or ("--lang", "en") in pairwise(arguments)
    return Lang.EN if wants else Lang.ZH
