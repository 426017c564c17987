"""How far a long piece of work is: a bar on stderr with rate and remaining time, where a person looks on."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

PATIENCE = 1
"""Seconds that a person waits without asking."""


class Progress:
    """A bar that appears only on a terminal, and only if the work takes longer than a person's patience."""

    def __init__(self, lang: str, *, silent: bool = False) -> None:
        self._lang = lang
        self._shown = not silent and sys.stderr.isatty()
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._total = self._done = 0
        self._began = monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def begin(self, total: int) -> None:
        """So much there is to do."""
        self._total = total

    def advance(self, count: int) -> None:
        """So much more is done."""
        self._done += count
        if not self._shown:
            return
        if self._bar is None and monotonic() - self._began > PATIENCE:
            self._show()
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=self._done, rate=self._rate())

    @contextmanager
    def aside(self) -> Iterator[None]:
        """While something else is printed, the bar is not there."""
        if self._bar is not None:
            self._bar.stop()
        yield
        if self._bar is not None:
            self._bar.start()

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        remaining = "还需" if self._lang == "zh" else "left"
        columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}/s " + remaining))
        self._bar = Bar(*columns, TimeRemainingColumn(), console=Console(file=sys.stderr), transient=True)
        self._task = self._bar.add_task("", total=self._total, rate=self._rate())
        self._bar.start()

    def _rate(self) -> int:
        return round(self._done / max(monotonic() - self._began, 0.001))
