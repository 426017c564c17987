"""Who does the work: this process, some processes of this machine, or a Dask cluster; and how much is under way.

All that differs is the executor. Results come in the order of the work, and only so much is handed out that workers
stay busy: neither work nor results pile up, however much there is.
"""

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TypeVar

from formgen.errors import FormgenError
from formgen.findings import Text

_AHEAD = 3
"""Pieces of work that wait for each worker."""
_Work = TypeVar("_Work")
_Result = TypeVar("_Result")


class Workers:
    """Does pieces of work. Without an executor, this process does them."""

    def __init__(self, executor: Executor | None = None, count: int = 1) -> None:
        self._executor = executor
        self.count = count

    @property
    def apart(self) -> bool:
        """Whether the work is done elsewhere than here."""
        return self._executor is not None

    def do(self, function: Callable[[_Work], _Result], work: Iterable[_Work]) -> Iterator[_Result]:
        """The results of each piece of work, in order; what one raises is raised here.

        Raises:
            FormgenError: a worker ended in the middle.
        """
        if self._executor is None:
            yield from map(function, work)
            return
        waiting: deque[Future[_Result]] = deque()
        try:
            for piece in work:
                waiting.append(self._executor.submit(function, piece))
                if len(waiting) > self.count * _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool as error:
            raise FormgenError(
                Text("工作进程意外中止，可能是内存不足", "a worker process ended unexpectedly, perhaps out of memory"),
                remedy=Text("请减少 -j 的数目再运行一次", "run again with a smaller -j"),
            ) from error
        finally:
            for future in waiting:
                future.cancel()


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def processes(count: int) -> Iterator[Workers]:
    """So many processes of this machine; for one, this one."""
    if count <= 1:
        yield Workers()
        return
    pool = ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_leave_interrupts)
    try:
        yield Workers(pool, count)
    finally:
        pool.shutdown(cancel_futures=True)


def _leave_interrupts() -> None:
    """An interrupt is for the parent, which ends the workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
