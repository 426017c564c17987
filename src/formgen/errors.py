"""What can go wrong outside the data, each with what it is about.

::

    FormgenError
    ├── UsageError      the request cannot be carried out as it was made        exit 2
    ├── TemplateError   a template does not match its schema                    exit 2
    ├── OutputError     the place for the output does not take it               exit 3
    └── RuleCrash       a rule raised: our fault, never the data's              exit 3

What is wrong with the *data* is never an exception but a :class:`~formgen.findings.Finding`.
"""

import errno
from collections.abc import Mapping
from typing import Any, Final

from formgen.findings import Text

_REASONS: Final[Mapping[int | None, str]] = {
    errno.ENOENT: "没有这个文件或文件夹",
    errno.EACCES: "没有权限",
    errno.EPERM: "不允许这样做",
    errno.EROFS: "这里只能读，不能写",
    errno.EISDIR: "这是文件夹，不是文件",
    errno.ENOTDIR: "路径中有一段是文件，不是文件夹",
    errno.EEXIST: "已经有同名的文件",
    errno.ENOSPC: "磁盘已满",
    errno.EFBIG: "文件太大",
    errno.ENAMETOOLONG: "文件名太长",
    errno.ELOOP: "链接绕成了圈",
    errno.EMFILE: "同时打开的文件太多",
    errno.ENXIO: "没有这个设备",
    errno.EIO: "磁盘读写出错",
    errno.EINVAL: "文件名或操作不合系统的规定",
    errno.EBADF: "输入或输出已经关闭",
}


def system_reason(error: OSError) -> Text:
    """What the system says about a file; the system itself says it in English only."""
    english = error.strerror or str(error)
    return Text(_REASONS.get(error.errno, english), english)


class FormgenError(Exception):
    """An error that the command turns into one sentence: what, where, what to do."""

    exit_code = 3

    def __init__(self, problem: Text, *, place: str = "", remedy: Text | None = None) -> None:
        super().__init__(problem.en)
        self.problem = problem
        self.place = place
        self.remedy = remedy

    def __reduce__(self) -> tuple[Any, ...]:
        # An exception travels between processes as its ``args``, which are not what this one is made of.
        return _told_again, (type(self), self.problem, self.place, self.remedy)

    def __str__(self) -> str:
        return self.sentence("en")

    def sentence(self, lang: str, besides: str = "") -> str:
        """The error for a person, in ``zh`` or ``en``; its place unless that is said ``besides``."""
        parts = [f"{self.place}: " if self.place not in ("", besides) else "", self.problem.lang(lang)]
        if self.remedy is not None:
            parts.append(f"\n  → {self.remedy.lang(lang)}")
        return "".join(parts)


def _told_again(kind: type[FormgenError], problem: Text, place: str, remedy: Text | None) -> FormgenError:
    return kind(problem, place=place, remedy=remedy)


class UsageError(FormgenError):
    """The request cannot be carried out as it was made."""

    exit_code = 2


class TemplateError(FormgenError):
    """A template is damaged or does not match its schema; ``place`` names the file and the control."""

    exit_code = 2


class OutputError(FormgenError):
    """A file could not be written: no room, no permission, edited by somebody."""

    exit_code = 3


class RuleCrash(FormgenError):
    """A rule raised an exception; nothing is said about the data."""

    exit_code = 3
