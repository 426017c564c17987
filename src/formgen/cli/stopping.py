"""Stopping a long command: by Ctrl-C, or as a system does that shuts down (SIGTERM). What is done stays done."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from formgen.errors import FormgenError
from formgen.findings import Text

_GO_ON = Text(
    "做完的没有丢，写了一半的不会留下：再运行一次同样的命令，会接着做",
    "what is done is kept, and nothing is half-written: run the same command again, and it goes on",
)


class Interrupted(FormgenError):
    """Somebody has pressed Ctrl-C."""

    exit_code = 130


class Terminated(FormgenError):
    """The system, or another program, has told this one to end."""

    exit_code = 143


class _Terminate(KeyboardInterrupt):
    """SIGTERM: unwinds like Ctrl-C."""


@contextmanager
def stoppable() -> Iterator[None]:
    """Says of work that is interrupted how it goes on.

    Raises:
        Interrupted: by Ctrl-C.
        Terminated: by SIGTERM.
    """
    here = threading.current_thread() is threading.main_thread()  # no other one may choose what signals do
    before = signal.signal(signal.SIGTERM, _terminate) if here else None
    try:
        yield
    except _Terminate as stop:
        raise Terminated(Text("被要求停止", "told to stop"), remedy=_GO_ON) from stop
    except KeyboardInterrupt as stop:
        raise Interrupted(Text("已中断", "interrupted"), remedy=_GO_ON) from stop
    finally:
        if here:
            signal.signal(signal.SIGTERM, before)


def _terminate(_signal: int, _frame: object) -> NoReturn:
    raise _Terminate
