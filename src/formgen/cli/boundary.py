"""How a command begins and ends: its streams, and one sentence with an exit code for whatever goes wrong."""

import io
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from formgen.cli import wrong_usage
from formgen.errors import FormgenError, UsageError
from formgen.findings import Text
from formgen.reports import screen
from formgen.reports.problems import environment_error, told
from formgen.reports.screen import Line

INTERRUPTED = 130
"""The exit code of Ctrl-C."""
_log = logging.getLogger(__name__)
# Typer raises what its own copy of click defines (before 0.26: click's); of those classes it gives out this one.
_CommandLineError = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")


@contextmanager
def boundary(lang: str) -> Iterator[None]:
    """Ends the process with one sentence and an exit code for whatever goes wrong inside."""
    try:
        yield
    except (KeyboardInterrupt, typer.Abort):
        screen.notes([Line(Text("已中断", "interrupted").lang(lang))])
        sys.exit(INTERRUPTED)
    except Exception as error:
        _log.debug("", exc_info=error)
        problem = _as_formgen_error(error)
        screen.notes(told(problem, lang))
        sys.exit(problem.exit_code)


def _as_formgen_error(error: Exception) -> FormgenError:
    if isinstance(error, FormgenError):
        return error
    if isinstance(error, _CommandLineError):
        command = getattr(getattr(error, "ctx", None), "command_path", "formgen")
        remedy = Text(f"用法见 {command} --help", f"see {command} --help")
        return UsageError(wrong_usage.said(error), remedy=remedy)
    if isinstance(error, OSError):
        return environment_error(error)
    if isinstance(error, UnicodeEncodeError) and error.encoding != "utf-8":
        return _unwritable(error)
    what = f"{type(error).__name__}: {error}"
    return FormgenError(
        Text(f"formgen 内部错误（{what}）", f"internal error of formgen ({what})"),
        remedy=Text(
            "这不是您的问题：请加 --debug 再运行一次，把输出报告给维护者",
            "this is not your fault: please run it again with --debug and report what it prints",
        ),
    )


def _unwritable(error: UnicodeEncodeError) -> FormgenError:
    """The error for a name that the system's encoding does not have."""
    return FormgenError(
        Text(
            f"系统的文件名编码是 {error.encoding}，写不了中文的名字",
            f"the system's encoding of file names is {error.encoding}: it has no Chinese",
        ),
        place=error.object[error.start : error.end],
        remedy=Text(
            "请设环境变量 LC_ALL=C.UTF-8（或 PYTHONUTF8=1），再运行一次",
            "set LC_ALL=C.UTF-8 (or PYTHONUTF8=1) in the environment and run it again",
        ),
    )


def open_streams() -> None:
    """Makes stdout and stderr ready for Chinese; what was closed by the caller (``>&-``) goes nowhere."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # The next file to be opened, perhaps a document, would get this number and with it what is printed.
            os.open(os.devnull, os.O_RDWR)
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # On a stream that is ASCII, Chinese would otherwise end in a traceback.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _nowhere() -> io.TextIOWrapper:
    return open(os.devnull, "w", encoding="utf-8")
