"""Who does the work: this process, some processes of this machine, or a Dask cluster; and how much is under way.

All that differs is the executor. Results come in the order of the work, and only so much is handed out that workers
stay busy: neither work nor results pile up, however much there is.
"""

import gc
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any, Generic, TypeVar

import formgen
from formgen.errors import FormgenError, UsageError
from formgen.findings import Text

_AHEAD = 3
"""Pieces of work that wait for each worker."""
_ENDED = Text("工作进程意外中止，可能是内存不足", "a worker process ended unexpectedly, perhaps out of memory")
_Work = TypeVar("_Work")
_Result = TypeVar("_Result")


class LostWorker(FormgenError):
    """A worker process has ended in the middle of its work."""

    def of(self, place: str) -> "LostWorker":
        """The same, said of the work at ``place``."""
        return LostWorker(self.problem, place=place, remedy=self.remedy)


class Begun(Generic[_Work, _Result]):
    """Work that was handed out before anybody knew which of it is wanted."""

    def __init__(self, pieces: Iterable[tuple[_Work, Future[_Result]]]) -> None:
        self._pieces = list(pieces)

    def results(self, wanted: Callable[[_Work], bool]) -> Iterator[tuple[_Work, _Result]]:
        """The pieces that are wanted now, with their results; the others may be wanted later.

        Raises:
            LostWorker: one ended in the middle.
        """
        kept, self._pieces = deque(self._pieces), []
        with _lost_workers():
            while kept:
                piece, future = kept.popleft()
                if wanted(piece):
                    yield piece, future.result()
                else:
                    self._pieces.append((piece, future))

    def end(self) -> None:
        """Has nothing more done."""
        for _, future in self._pieces:
            future.cancel()
        self._pieces = []


class Workers:
    """Does pieces of work. Without an executor, this process does them."""

    def __init__(
        self, executor: Executor | None = None, count: int = 1, renew: Callable[[], Executor] | None = None
    ) -> None:
        self._executor = executor
        self.count = count
        self._renew = renew

    @property
    def apart(self) -> bool:
        """Whether the work is done elsewhere than here."""
        return self._executor is not None

    def do(self, function: Callable[[_Work], _Result], work: Iterable[_Work]) -> Iterator[_Result]:
        """The results of each piece of work, in order; what one raises is raised here.

        Raises:
            LostWorker: one ended in the middle.
        """
        if self._executor is None:
            yield from map(function, work)
            return
        waiting: deque[Future[_Result]] = deque()
        try:
            with _lost_workers():
                for piece in work:
                    waiting.append(self._executor.submit(function, piece))
                    if len(waiting) > self.count * _AHEAD:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()

    def begin(self, function: Callable[[_Work], _Result], work: Iterable[_Work]) -> Begun[_Work, _Result]:
        """Hands out work while this process does something else; all of it at once.

        Raises:
            LostWorker: one has ended.
        """
        with _lost_workers():
            return Begun((piece, self._somebody().submit(function, piece)) for piece in work)

    def each(
        self,
        function: Callable[[_Work], _Result],
        work: Iterable[_Work],
        lost: Callable[[_Work, LostWorker], _Result],
        handful: int = 1,
    ) -> Iterator[_Result]:
        """The same for pieces that can be done twice: of one that ends its worker, there is what ``lost`` says of it.

        With a worker all others of its pool end, and nobody says whose work it was: what was under way is done again,
        piece by piece, and one that ends its worker when it is alone was it. Of small pieces a ``handful`` goes to a
        worker at once: to hand one out and to take its result costs half a millisecond.
        """
        if self._executor is None:
            yield from map(function, work)
            return
        rest = iter(work)
        waiting: deque[tuple[Sequence[_Work], Future[list[_Result]]]] = deque()
        try:
            while True:
                while len(waiting) <= self.count * _AHEAD and (several := tuple(islice(rest, handful))):
                    waiting.append((several, self._handed_out(function, several)))
                if not waiting:
                    return
                pieces, future = waiting[0]
                if _ends(future):
                    self._begin_again()
                    for number, (pieces, future) in enumerate(waiting):
                        if _ends(future):
                            waiting[number] = pieces, self._alone(function, pieces, lost)
                    continue
                waiting.popleft()
                yield from future.result()
        finally:
            for _, future in waiting:
                future.cancel()

    def close(self) -> None:
        """Ends the workers."""
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)

    def _handed_out(self, function: Callable[[_Work], _Result], pieces: Sequence[_Work]) -> Future[list[_Result]]:
        try:
            return self._somebody().submit(_all_of, function, pieces)
        except BrokenProcessPool as error:
            failed: Future[list[_Result]] = Future()
            failed.set_exception(error)
            return failed

    def _somebody(self) -> Executor:
        if self._executor is None:
            raise AssertionError("there is nobody to do it")
        return self._executor

    def _alone(
        self,
        function: Callable[[_Work], _Result],
        pieces: Sequence[_Work],
        lost: Callable[[_Work, LostWorker], _Result],
    ) -> Future[list[_Result]]:
        """What pieces come to, each while no other is under way."""
        results: list[_Result] = []
        for piece in pieces:
            future = self._handed_out(function, (piece,))
            if _ends(future):
                self._begin_again()
                results.append(lost(piece, _lost()))
            else:
                results += future.result()
        done: Future[list[_Result]] = Future()
        done.set_result(results)
        return done

    def _begin_again(self) -> None:
        self.close()
        if self._renew is None:
            raise _lost()
        self._executor = self._renew()


def _all_of(function: Callable[[_Work], _Result], pieces: Sequence[_Work]) -> list[_Result]:
    return [function(piece) for piece in pieces]


@contextmanager
def _lost_workers() -> Iterator[None]:
    """Says what has happened where a worker ends in the middle of work that the next run goes on with."""
    try:
        yield
    except BrokenProcessPool as error:
        raise LostWorker(
            _ENDED,
            remedy=Text("请减少 -j 的数目再运行一次，会接着做", "run again with a smaller -j: what is done is kept"),
        ) from error


def _ends(future: Future[Any]) -> bool:
    """Waits for a piece of work; whether its worker has ended in the middle."""
    return isinstance(future.exception(), BrokenProcessPool)


def _lost() -> LostWorker:
    return LostWorker(_ENDED, remedy=Text("请减少 -j 的数目再运行一次", "run again with a smaller -j"))


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def processes(count: int) -> Iterator[Workers]:
    """So many processes of this machine; for one, this one."""
    if count <= 1:
        yield Workers()
        return

    def begin() -> Executor:
        return ProcessPoolExecutor(count, mp_context=_context(), initializer=_begin)

    workers = Workers(begin(), count, begin)
    try:
        yield workers
    finally:
        workers.close()


@contextmanager
def cluster(address: str, places: Sequence[Path]) -> Iterator[Workers]:
    """The workers of a Dask cluster, which must see the same folders and run the same formgen.

    Args:
        address: of its scheduler, such as ``tcp://10.0.0.5:8786``.
        places: folders and files that each worker must see.

    Raises:
        UsageError: the library is not installed, nobody answers, or a worker does not see the places.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise _refused(address, "没有安装 formgen[cluster]", "formgen[cluster] is not installed", _INSTALL) from error
    try:
        client: Any = Client(address, timeout=_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise _refused(address, "连不上这个调度器", "the scheduler does not answer", _START) from error
    with client:
        threads = client.nthreads()
        if not threads:
            raise _refused(address, "这个集群还没有工作进程", "this cluster has no workers yet", _START)
        here = _seen(places)
        for worker, there in sorted(client.run(_seen, places).items()):
            if there != here:
                raise _refused(
                    worker, "这个工作进程看不到同样的文件夹，或 formgen 版本不同",
                    "this worker does not see the same folders, or has another version of formgen", _SHARE,
                )  # fmt: skip
        with client.get_executor() as executor:
            yield Workers(executor, sum(threads.values()))


_SECONDS = 10
_INSTALL = Text("请安装：pip install 'formgen[cluster]'", "install it: pip install 'formgen[cluster]'")
_START = Text("请先启动调度器和工作进程：见 docs/cluster.md", "start scheduler and workers first: see docs/cluster.md")
_SHARE = Text(
    "案卷和输出文件夹要放在每台机器都以同一路径看到的共享文件夹里，每台装同一版本的 formgen",
    "dossiers and output must lie in a shared folder of the same path everywhere, with the same formgen installed",
)


def _refused(place: str, zh: str, en: str, remedy: Text) -> UsageError:
    return UsageError(Text(zh, en), place=place, remedy=remedy)


def _seen(places: Sequence[Path]) -> tuple[str, tuple[bool, ...]]:
    """What a machine has: formgen's version, and which of the places it sees."""
    return formgen.__version__, tuple(place.exists() for place in places)


def _context() -> BaseContext:
    """How processes begin. A copy of this one has all libraries loaded; a new one loads them for most of a second.

    Only Linux makes copies that can be relied on, and only of a process without other threads.
    """
    copies = sys.platform == "linux" and threading.active_count() == 1
    return get_context("fork" if copies else "spawn")


def _begin() -> None:
    """Prepares a worker process. An interrupt is for the parent, which ends the workers; if that is killed, they go."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # what a copy of the parent would do is for the parent
    gc.freeze()  # what is there stays until the end: no need to look through it again and again
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_go_with, args=(parent.sentinel,), daemon=True).start()


def _go_with(sentinel: int) -> None:
    """Ends this process when its parent has ended: nobody else would, and it would write into the next run's folder."""
    wait([sentinel])
    os._exit(1)
