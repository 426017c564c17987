"""PDFs of the documents, through LibreOffice: a process for many files, with a profile of its own, and never for ever.

A PDF holds the time at which it was made, so its bytes differ from run to run; it is made anew when its document's
content changes.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from formgen.delivery import disk, workers
from formgen.delivery.entries import Entries
from formgen.delivery.extras import Places
from formgen.delivery.plan import Plan
from formgen.errors import FormgenError
from formgen.findings import Text
from formgen.spilling import PLAIN, SpillDict

_BATCH = 50
"""Files that a process converts: to begin takes it as long as ten of them."""
_TO_BEGIN, _EACH = 120, 10
"""Seconds that it may take to begin, and for each file."""
_NAMES = ("soffice", "libreoffice")
_PLACES = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    r"C:\Program Files\LibreOffice\program\soffice.com",
)


def office() -> str:
    """LibreOffice.

    Raises:
        FormgenError: it is not installed.
    """
    found = next(filter(None, map(shutil.which, (*_NAMES, *_PLACES))), None)
    if found is None:
        raise FormgenError(
            Text(
                "转换 PDF 要用 LibreOffice，这台电脑上没有找到",
                "PDFs are made by LibreOffice, which is not installed here",
            ),
            remedy=Text(
                "请安装 LibreOffice（soffice 要在 PATH 中），或去掉 --pdf",
                "install LibreOffice (soffice must be on the PATH), or leave --pdf out",
            ),
        )
    return found


def _silent(_count: int) -> None:
    """Tells nobody how far it is."""


@dataclass(frozen=True)
class Pdf:
    """A PDF beside each document; of a form that is written in two formats, of the Word document."""

    wanted: bool
    progress: Callable[[int], None] = _silent
    kind: str = "pdf"

    def sources(self, plan: Plan, entries: Entries) -> Mapping[str, str]:
        """The PDFs, each with the content digest of its document."""
        digests = ((pdf, entries[path].content_digest) for pdf, path in _documents(entries).items())
        return SpillDict(digests, codec=PLAIN)

    def make(
        self, plan: Plan, entries: Entries, places: Places, targets: Mapping[str, Path]
    ) -> Iterator[Sequence[str]]:
        """Converts them, several processes side by side; what cannot be converted is left out.

        Raises:
            FormgenError: LibreOffice is not installed.
        """
        if not targets:
            return
        program = office()
        documents = _documents(entries)
        files = ((path, places.of(documents[path]), file) for path, file in targets.items())
        batches = iter(lambda: list(islice(files, _BATCH)), [])
        count = min(workers.processors(), -(-len(targets) // _BATCH))
        with ThreadPoolExecutor(count) as pool:
            for done in workers.Workers(pool, count).do(partial(_convert, program), batches):
                self.progress(len(done))
                yield done


def _documents(entries: Entries) -> SpillDict[str]:
    """The document of each PDF; ``.docx`` comes before ``.xlsx``."""
    found = SpillDict[str](codec=PLAIN)
    for path, _ in entries.in_order():
        found.setdefault(f"{path.rpartition('.')[0]}.pdf", path)
    return found


_File = tuple[str, Path, Path]
"""The path of a PDF, its document, and where it is staged."""


def _convert(program: str, files: Sequence[_File]) -> list[str]:
    """Converts files by one process, those that it fails on once more by one each; gives the paths that came out."""
    done = _run(program, files)
    if len(files) > 1:
        for file in files:
            if file[0] not in done:
                done += _run(program, [file])
    return done


def _run(program: str, files: Sequence[_File]) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="formgen-pdf-") as name:
        folder = Path(name)
        for number, (_, document, _) in enumerate(files):
            shutil.copyfile(document, folder / f"{number}{document.suffix}")
        # A profile of its own: otherwise a LibreOffice that is open would take the work, or refuse it.
        command = [
            program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--norestore",
            "--nolockcheck", "--convert-to", "pdf", "--outdir", str(folder / "pdf"),
            *(str(folder / f"{number}{document.suffix}") for number, (_, document, _) in enumerate(files)),
        ]  # fmt: skip
        _wait(command, _TO_BEGIN + _EACH * len(files))
        done = []
        for number, (path, _, staged) in enumerate(files):
            made = folder / "pdf" / f"{number}.pdf"
            if made.is_file() and made.stat().st_size:
                disk.stage(staged, made.read_bytes())
                done.append(path)
        return done


def _wait(command: Sequence[str], seconds: int) -> None:
    """Runs a command; one that takes too long is ended with all that it has started."""
    quiet = subprocess.DEVNULL
    with subprocess.Popen(  # noqa: S603 - a program that was found, and names of files that are our own
        command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
    ) as process:
        try:
            process.wait(seconds)
        except BaseException as error:
            _end(process)
            if not isinstance(error, subprocess.TimeoutExpired):
                raise


def _end(process: subprocess.Popen[bytes]) -> None:
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:  # Windows
        process.kill()
