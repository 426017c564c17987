"""Hands several files back: each gets its copy, and what goes wrong with one keeps none of the others."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from formgen.annotation import handing, telling
from formgen.annotation.handing import Handed, Request
from formgen.errors import FormgenError, UsageError
from formgen.findings import Text
from formgen.reports import screen
from formgen.reports.problems import problem_of, told
from formgen.reports.progress import Progress
from formgen.reports.screen import Line
from formgen.reports.tally import FailOn

_TOGETHER = Text(
    "{all} 份文件：批注了 {done} 份，没有批注 {refused} 份",
    "{all} files: {done} annotated, {refused} not",
)


def run(files: Sequence[Path], request: Request, fail_on: FailOn) -> int:
    """Hands each file back and prints what was done; the exit code, the worst of all files.

    Raises:
        UsageError: all copies would have one name, or all would be compared with one file.
        OSError: the folder for the copies cannot be made.
    """
    _refuse(request)
    if request.out is not None:
        request.out.mkdir(parents=True, exist_ok=True)
    done: list[Handed] = []
    refused: list[tuple[Path, FormgenError]] = []
    taken: dict[Path, Path] = {}
    with Progress(request.lang) as progress:
        progress.begin(len(files))
        for file in files:
            try:
                each = replace(request, file=file)
                _refuse_same(taken.setdefault(handing.place_of_copy(each), file), file)
                handed = handing.hand_back(each)
            except (FormgenError, OSError, MemoryError) as error:
                refused.append((file, problem_of(error, file)))
                with progress.aside():
                    screen.notes(told(refused[-1][1], request.lang))
            else:
                done.append(handed)
                if not request.json:
                    with progress.aside():
                        screen.results([*handed.lines, Line("")])
            progress.advance(1)
    if request.json:
        screen.document(telling.text(telling.several([each.document for each in done], refused)))
    else:
        counts = {"all": len(files), "done": len(done), "refused": len(refused)}
        screen.results([Line(_TOGETHER.lang(request.lang, counts), style="bold")])
    codes = [error.exit_code for _, error in refused]
    return max([*codes, *(int(each.found.reaches(fail_on)) for each in done)])


def _refuse(request: Request) -> None:
    if request.since is not None:
        raise UsageError(
            Text("--since 一次只比较一份文件", "--since compares one file at a time"),
            remedy=Text("请逐份运行，各用自己的 --since", "run the command for each file, with its own --since"),
        )
    if request.out is not None and request.out.exists() and not request.out.is_dir():
        raise UsageError(
            Text("几份副本不能写成一个文件", "several copies cannot be one file"),
            place=str(request.out),
            remedy=Text("请让 -o 是文件夹", "let -o be a folder"),
        )


def _refuse_same(first: Path, file: Path) -> None:
    if first != file:
        raise UsageError(
            Text(f"它的副本会与 {first.name} 的同名", f"its copy would have the name of that of {first.name}"),
            place=str(file),
            remedy=Text("请改名，或单独批注它并用 -o 另取名", "rename it, or annotate it by itself with -o"),
        )
