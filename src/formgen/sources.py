"""Which files of a dossier's folder hold which forms."""

import difflib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from unicodedata import normalize

from formgen import own_files
from formgen.characters import ILLEGAL
from formgen.errors import UsageError
from formgen.findings import Address, Finding, Text
from formgen.forms import Edition, Forms
from formgen.intake import SUFFIXES, documents, kinds
from formgen.record import Origin
from formgen.spilling import PLAIN, SpillDict

DOSSIER = "dossier.json"
WAIVERS = "waivers.toml"
_READ = (".json", *SUFFIXES)
_NOT_YET = (".et", ".docx", ".doc", ".wps")
"""Formats that people hand in. One of these named like a form gets a finding; any other file is no form."""
_HANDED_IN = (*SUFFIXES, *_NOT_YET)
_DOCUMENTS = documents.SUFFIXES
"""Documents that a form is read from. One of another name is just a document: a dossier may hold notices."""
_NEVER = (".pdf", ".zip", ".rar", ".7z", ".txt", ".wpt", ".dps")
"""Formats that are handed in as well, and that no form will be read from."""
_ASIDE = ("~$", ".", "_")
_NO_FORMS = frozenset({DOSSIER, WAIVERS, "findings.json", "photos"})


class Source(NamedTuple):
    """A file that holds a record."""

    folder: str
    file: str
    """Its name below the folder, with ``/``."""
    form: str
    id: str | None = None

    @property
    def path(self) -> Path:
        """Where it lies."""
        return Path(self.folder, self.file)


def need(condition: bool, problem: Text, place: Path, remedy: Text | None = None) -> None:
    """Raises a UsageError unless ``condition``."""
    if not condition:
        raise UsageError(problem, place=str(place), remedy=remedy)


def sources_in(folder: Path, forms: Forms) -> Iterator[Source]:
    """The files of a dossier that hold records.

    Raises:
        UsageError: it cannot be told which form a file holds, or which of two files counts.
    """
    taken: dict[str, str] = {}
    for path in _entries(folder):
        if path.name in _NO_FORMS:
            continue
        is_folder = path.is_dir()
        form = path.name if is_folder else path.stem
        if form in forms:
            found = list(of_form(path, is_folder, forms[form][0]))
        elif path.suffix.lower() in _READ or (is_folder and any(path.glob("*.json"))):
            raise _no_form(path, form, forms)
        else:
            continue
        if not found:
            continue
        need(
            form not in taken,
            Text(
                f"“{form}”有两个来源：{taken.get(form)} 和 {path.name}",
                f"{form} has two sources: {taken.get(form)} and {path.name}",
            ),
            folder,
            Text("请只保留一个，另一个移出案卷", "keep one of them and move the other out of the dossier"),
        )
        taken[form] = path.name
        yield from found


def handed_in(folder: Path, forms: Forms) -> list[Path]:
    """The submitted tables and Word files in a folder; none in a dossier, of which some file is called like a form.

    Blanks and annotated copies of ours that nobody has touched are none.
    """
    entries = _entries(folder)
    if any(path.stem in forms for path in entries):
        return []
    return [path for path in entries if path.suffix.lower() in _HANDED_IN and not own_files.is_ours(path)]


def passed_over(folder: Path, taken: Sequence[Path]) -> list[Path]:
    """The files in a folder of submissions that are none of those taken: pictures, PDFs, untouched blanks of ours."""
    known = set(taken)
    return [path for path in _entries(folder) if path not in known and path.is_file()]


def files_below(folder: Path) -> Iterator[Path]:
    """The files below a folder by name, without lock files, hidden ones and those set aside by ``_``."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(_ASIDE))
        yield from (Path(place) / name for name in sorted(files) if not name.startswith(_ASIDE))


def _entries(folder: Path) -> list[Path]:
    """What lies in a folder, in order of name, without lock files and hidden ones."""
    return [folder / name for name in _names(folder)]


def _names(folder: Path) -> list[str]:
    """The same by name: a Path for each of thousands of files takes ten times the memory."""
    return sorted(name for name in os.listdir(folder) if not name.startswith(_ASIDE))


def _suffix(name: str) -> str:
    return os.path.splitext(name)[1].lower()


def of_form(path: Path, is_folder: bool, edition: Edition) -> Iterator[Source]:
    """The files of a form that a file or a folder holds.

    Raises:
        UsageError: the form is not kept so, or it cannot be told which of two files counts.
    """
    form = edition.key
    # A charter beside what was transcribed from it is no source.
    taken = (*_READ, *_NOT_YET, *(_DOCUMENTS if documents.can_hold(edition) else ()))
    if not is_folder:
        if path.suffix.lower() not in taken:
            return
        problem = Text(
            f"“{form}”可有多份，不能是单个 {path.suffix} 文件",
            f"there can be many of {form}: it cannot be a single {path.suffix} file",
        )
        remedy = Text(
            f"请建文件夹 {form}/，每份一个文件；或用一个表格文件，每份一行",
            f"make a folder {form}/ with one file for each, or a spreadsheet with a row for each",
        )
        need(not edition.many or path.suffix.lower() not in (".json", *_DOCUMENTS), problem, path, remedy)
        yield Source(str(path.parent), path.name, form)
        return
    problem = Text(f"“{form}”只有一份，不能是文件夹", f"there is one {form} only: it cannot be a folder")
    need(edition.many, problem, path, Text(f"请改为文件 {form}.json", f"make it a file {form}.json"))
    seen: SpillDict[str] = SpillDict(codec=PLAIN)
    for name in _names(path):
        if _suffix(name) not in taken or (path / name).is_dir():
            continue
        id = normalize("NFC", Path(name).stem)
        # Windows and macOS take 01.json and 01.JSON, or A and a, for the same name; outputs are named by the id.
        other = seen.setdefault(id.casefold(), name)
        need(
            other == name,
            Text(f"{other} 和 {name} 是同一个编号", f"{other} and {name} have the same id"),
            path,
            Text("请给其中一个改名", "rename one of them"),
        )
        need(
            ":" not in id and ILLEGAL.search(id) is None,
            Text(
                f"文件名 {name!r} 含有冒号或不能印出的字符",
                f"the file name {name!r} has a colon or a character that cannot be printed",
            ),
            path,
            Text("请改名", "rename it"),
        )
        yield Source(str(path.parent), f"{path.name}/{name}", form, id)


def not_read(folder: Path, forms: Forms) -> Iterator[tuple[Finding, Origin]]:
    """What lies in the dossier as if it were handed in, and is not read; with its place."""
    for path in _entries(folder):
        if path.name in _NO_FORMS:
            continue
        inside = _names(path) if path.is_dir() else []
        if path.is_dir() and path.name in forms:
            passed_over = [path / name for name in inside if _suffix(name) in _NEVER or (path / name).is_dir()]
        elif path.is_dir():
            passed_over = [path] if any(_suffix(name) in (*_READ, *_NOT_YET) for name in inside) else []
        else:
            unread = _NEVER if path.stem in forms else _NOT_YET
            passed_over = [path] if path.suffix.lower() in unread else []
        for file in passed_over:
            name = file.relative_to(folder).as_posix()
            yield Finding(kinds.NOT_READ, Address("dossier", ("files", name)), {"name": name}), Origin(name)


def _no_form(path: Path, form: str, forms: Forms) -> UsageError:
    near = difflib.get_close_matches(form, forms, n=1, cutoff=0.5)
    zh = f"是不是“{near[0]}”？" if near else ""
    en = f"do you mean {near[0]}? " if near else ""
    return UsageError(
        Text(f"“{form}”不是表单的名称", f"{form!r} is no form"),
        place=str(path),
        remedy=Text(
            f"{zh}表单有：{'、'.join(forms)}；不是表单的文件请以 _ 开头或移出案卷",
            f"{en}The forms are: {', '.join(forms)}; begin the names of other files with _ or move them out",
        ),
    )
