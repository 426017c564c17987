"""Where an annotated copy goes."""

import re
from pathlib import Path

from formgen.errors import UsageError
from formgen.findings import Text

_MARK = "批注"
_ROUND = re.compile(rf"(?P<stem>.+)\.{_MARK}(?P<round>[0-9]{{0,4}})", re.DOTALL)


def target(file: Path, suffix: str, out: Path | None) -> Path:
    """The path of the copy of ``file``.

    Without ``out`` it is beside the file: of ``名单.xlsx`` it is ``名单.批注.xlsx``, and of that one, when it was
    corrected and is annotated again, ``名单.批注2.xlsx``.

    Args:
        file: what is annotated.
        suffix: of the copy.
        out: the path, or the folder, that was asked for.

    Raises:
        UsageError: it is the file itself, or its name has another suffix, with which no program would open it.
    """
    path = out if out is not None and not out.is_dir() else (out or file.parent) / _named(file, suffix)
    if path.suffix.lower() != suffix:
        raise UsageError(
            Text(f"批注副本是 {suffix} 文件，名称却以 {path.suffix or path.name} 结尾", f"the copy is a {suffix} file"),
            place=str(path),
            remedy=Text(
                f"请把 -o 的文件名改为以 {suffix} 结尾；要写进文件夹的，先建好它",
                f"give -o a name that ends with {suffix}, or a folder that is there",
            ),
        )
    if path.exists() and path.samefile(file):
        raise UsageError(
            Text("批注副本不能写在原文件上", "the copy cannot take the place of the file itself"),
            place=str(path),
            remedy=Text("请用 -o 换一个名称", "choose another name with -o"),
        )
    return path


def _named(file: Path, suffix: str) -> str:
    earlier = _ROUND.fullmatch(file.stem)
    if earlier is None:
        return f"{file.stem}.{_MARK}{suffix}"
    return f"{earlier['stem']}.{_MARK}{int(earlier['round'] or 1) + 1}{suffix}"
