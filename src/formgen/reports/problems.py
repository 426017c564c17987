"""Errors, as opposed to findings, for a person."""

from pathlib import Path

from formgen.errors import FormgenError, system_reason
from formgen.findings import Text
from formgen.reports.screen import Line

_LESS = Text("请关闭别的程序再运行一次，或把文件分成几份", "close other programs and try again, or split the file")


def told(error: FormgenError, lang: str) -> list[Line]:
    """The lines that tell an error."""
    first, *rest = error.sentence(lang).split("\n")
    return [Line(first, style="bold red"), *(Line(line.strip(), indent=2) for line in rest)]


def problem_of(error: FormgenError | OSError | MemoryError, place: Path) -> FormgenError:
    """The error that a person is told of who wanted what lies at ``place``."""
    if isinstance(error, MemoryError):
        return FormgenError(Text("内存不够", "out of memory"), place=str(place), remedy=_LESS)
    return error if isinstance(error, FormgenError) else environment_error(error)


def environment_error(error: OSError) -> FormgenError:
    """The error for what the system says about a file or a stream."""
    reason = system_reason(error)
    return FormgenError(
        Text(f"系统不允许或做不到：{reason.zh}", f"the system does not allow it or fails: {reason.en}"),
        place=str(error.filename or ""),
        remedy=Text("请检查这个文件、权限和磁盘空间，再运行一次", "check this file, permissions and disk space"),
    )
