"""A dossier: the folder with one organisation's material for one term, read into records.

::

    lzmvc-2020/
      dossier.json                                    the organisation, the dates
      staff_list.xlsx  or  staff_list.json            a form of which there is one: one file named by its key
      candidate_registration/01.json, 02.json, …      a form of which there are many: a folder, a file for each record
      photos/   waivers.toml   findings.json          no forms
"""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from unicodedata import normalize

from formgen import intake
from formgen.errors import FormgenError, UsageError
from formgen.findings import Address, Finding, Text
from formgen.forms import Edition, Forms, catalogue, dossier_schema
from formgen.intake import admission, json_files, kinds, photos
from formgen.intake.json_text import ILLEGAL
from formgen.intake.reading import Notes, Reading
from formgen.record import CellOrigins, Origin, Origins, Record

BY_COMMAND = "由命令指定"
"""Why the law of a day is applied that the command names."""
_DOSSIER = "dossier.json"
_WAIVERS = "waivers.toml"
_READ = (".json", ".xlsx")
_NOT_YET = (".csv", ".xls", ".xlsm", ".et", ".ods", ".docx", ".doc", ".wps")
"""Formats that people hand in. One of these named like a form gets a finding; any other file is no form."""
_NEVER = (".pdf", ".zip", ".rar", ".7z", ".txt", ".wpt", ".dps")
"""Formats that are handed in as well, and that no form will be read from."""
_NO_FORMS = frozenset({_DOSSIER, _WAIVERS, "findings.json", "photos"})


class UnreadableDossier(FormgenError):
    """dossier.json cannot be read, so the day whose rules apply is unknown: the data's fault, not the command's."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Scope:
    """What is judged where a file was handed in by itself: its form, and what other forms say about that one."""

    path: Path
    form: str
    unknown: frozenset[str] = frozenset()
    """Fields of dossier.json that nobody gave, because there is no dossier beside the file; nor are there other forms.

    None where there is a dossier: what it does not say is then not so, rather than unknown.
    """


@dataclass(frozen=True)
class Dossier:
    """One organisation's records for one term."""

    folder: Path
    name: str
    values: dict[str, Any]
    """dossier.json; empty if that could not be read."""
    origins: Origins
    records: Mapping[str, tuple[Record, ...]]
    """Form -> its records in order of their id. A form whose files could not be read has none, or fewer."""
    as_of: date
    as_of_why: str
    findings: tuple[Finding, ...]
    """What reading found."""
    inputs: Mapping[str, str]
    """Name relative to the folder -> ``sha256:…`` of every file that was read, pictures included."""
    waivers_file: Path | None = None
    places: Mapping[Address, Origin] = field(default_factory=dict)
    """Origins of findings whose address is no value of a record."""
    scope: Scope | None = None
    """The file that alone is judged; None for a whole dossier."""

    def record_at(self, address: Address) -> Record | None:
        """The record that an address leads into."""
        return next((record for record in self.records.get(address.form, ()) if record.id == address.record), None)

    def origin(self, address: Address) -> Origin:
        """Where a value or a finding has its place; the dossier's folder for a form that is not there."""
        place = self.places.get(address)
        if place is not None:
            return place
        if address.form == "dossier":
            if address.pointer[:1] == ("waivers",):  # a table of waivers.toml, no value of dossier.json
                return Origin(_WAIVERS)
            return self.origins.find(address.pointer)
        record = self.record_at(address)
        if record is not None:
            return record.origins.find(address.pointer)
        whole = self.name if self.scope is None else self.scope.path.name
        return self.places.get(Address(address.form, (), address.record), Origin(whole))


@dataclass(frozen=True, slots=True)
class _Source:
    """A file that holds a record."""

    path: Path
    file: str
    form: str
    id: str | None = None


def load(
    folder: Path, as_of: date | None = None, forms: Forms | None = None, *, leave_out: str | None = None
) -> Dossier:
    """The dossier in a folder.

    Args:
        folder: the folder.
        as_of: the day whose editions, rules and numbers apply; else dossier.json's ``as_of``, else its filing date.
        forms: the forms there are; else those that formgen ships.
        leave_out: a form whose files are not read, because a submission takes their place.

    Raises:
        UsageError: the folder does not hold a dossier as it has to be laid out.
        UnreadableDossier: dossier.json cannot be read and ``as_of`` is not given.
    """
    forms = catalogue() if forms is None else forms
    _need_dossier(folder)
    sources = sorted(_sources(folder, forms), key=lambda source: (source.form, source.id or ""))
    head = _head(folder)
    day, why = (as_of, BY_COMMAND) if as_of is not None else _as_of(head, folder)

    findings, places = [*head.findings, *_other_day(head, day)], dict(head.places)
    for finding, place in _not_read(folder, forms):
        findings.append(finding)
        places[finding.at] = place
    inputs = {_DOSSIER: head.digest} if head.digest is not None else {}
    records: dict[str, list[Record]] = {}
    for source in sources:
        if source.form == leave_out:
            continue
        edition = forms.edition(source.form, day)
        reading = _refused(folder, source) or intake.read(source.path, source.file, edition, source.id)
        findings += reading.findings
        places.update(reading.places)
        if reading.digest is not None:
            inputs[source.file] = reading.digest
        records.setdefault(source.form, []).extend(reading.records)
        for record in reading.records:
            wrong, digests = photos.look_up(folder, record, edition.schema)
            findings += wrong
            inputs.update(digests)
    whole = head.record
    return Dossier(
        folder=folder,
        name=folder.resolve().name,
        values=whole.values if whole is not None and isinstance(whole.values, dict) else {},
        origins=whole.origins if whole is not None else CellOrigins(Origin(_DOSSIER)),
        records={form: tuple(found) for form, found in records.items()},
        as_of=day,
        as_of_why=why,
        findings=tuple(findings),
        inputs=dict(sorted(inputs.items())),
        waivers_file=_waivers(folder),
        places=places,
    )


def _refused(folder: Path, source: _Source) -> Reading | None:
    """What is said of a file that is not even opened; None for one that is."""
    kind = admission.objection(folder.resolve(), source.path)
    if kind is None:
        return None
    notes = Notes(source.file, source.form, source.id)
    notes.refuse(kind)
    return notes.reading()


def _waivers(folder: Path) -> Path | None:
    path = folder / _WAIVERS
    if not path.exists() and not path.is_symlink():
        return None
    kind = admission.objection(folder.resolve(), path)
    if kind is not None:
        raise UsageError(Text(kind.message.zh, kind.message.en), place=str(path), remedy=kind.hint)
    return path


def _need(condition: bool, problem: Text, place: Path, remedy: Text | None = None) -> None:
    if not condition:
        raise UsageError(problem, place=str(place), remedy=remedy)


def _need_dossier(folder: Path) -> None:
    _need(folder.exists(), Text("没有这个文件夹", "there is no such folder"), folder)
    _need(folder.is_dir(), Text("这不是文件夹", "this is not a folder"), folder)
    _need(
        (folder / _DOSSIER).exists(),
        Text("这里没有案卷（没有 dossier.json）", "there is no dossier here (no dossier.json)"),
        folder,
        Text(
            "请指向案卷文件夹本身；新案卷请先写 dossier.json（组织名称、备案日期）",
            "name the dossier's own folder; in a new one, write dossier.json first (organisation, filing date)",
        ),
    )


# --- dossier.json ----------------------------------------------------------------------------------------------------


def _head(folder: Path) -> Reading:
    path = folder / _DOSSIER
    source = _Source(path, _DOSSIER, "dossier")
    reading = _refused(folder, source) or json_files.read(path, _DOSSIER, "dossier", dossier_schema(), None)
    if reading.record is None or isinstance(reading.record.values, dict):
        return reading
    finding = Finding(kinds.NOT_AN_OBJECT, reading.record.address)
    return Reading((), (*reading.findings, finding), {finding.at: reading.record.origins.find(())}, reading.digest)


def _as_of(head: Reading, folder: Path) -> tuple[date, str]:
    """The day that dossier.json names, and why that one."""
    if head.record is None:
        finding = head.findings[0]
        raise UnreadableDossier(
            Text(finding.message("zh"), finding.message("en")),
            place=str(folder / str(head.places.get(finding.at, _DOSSIER))),
            remedy=finding.kind.hint,
        )
    values = head.record.values
    stated = values.get("as_of")
    if stated is not None:
        stated = stated if isinstance(stated, dict) else {}
        why = stated.get("why")
        return _day(stated.get("date"), "as_of", head.record, folder), why if isinstance(why, str) else ""
    if "filing_date" in values:
        return _day(values["filing_date"], "filing_date", head.record, folder), "备案日期"
    raise UsageError(
        Text("不知道按哪一天的规定核对", "the day whose rules apply is not known"),
        place=str(folder / _DOSSIER),
        remedy=Text(
            "请在 dossier.json 写明 filing_date，或 as_of（日期和理由），或在命令中加 --as-of",
            "give filing_date in dossier.json, or as_of (date and reason), or --as-of with the command",
        ),
    )


def _day(text: object, key: str, record: Record, folder: Path) -> date:
    try:
        day = date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        day = None
    if day is not None and day.isoformat() == text:  # Python also reads 20201118 and 2020-W47-3
        return day
    raise UnreadableDossier(
        Text(f"{key} 不是日期", f"{key} is not a date"),
        place=str(folder / str(record.origins.find((key,)))),
        remedy=Text("请写成 2020-11-18 的样子", "write it as 2020-11-18"),
    )


def _other_day(head: Reading, day: date) -> Iterator[Finding]:
    """The finding that another day's rules are applied than those of the day of filing."""
    filed = head.record.values.get("filing_date") if head.record is not None else None
    try:
        differs = isinstance(filed, str) and date.fromisoformat(filed) != day
    except ValueError:
        return  # the schema's matter
    if differs:
        yield Finding(kinds.OTHER_DAY, Address("dossier", ("filing_date",)), {"day": day.isoformat(), "filed": filed})


# --- the folder ------------------------------------------------------------------------------------------------------


def _sources(folder: Path, forms: Forms) -> Iterator[_Source]:
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
            found = list(_of_form(path, is_folder, forms[form][0]))
        elif path.suffix.lower() in _READ or (is_folder and any(path.glob("*.json"))):
            raise _no_form(path, form, forms)
        else:
            continue
        if not found:
            continue
        _need(
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


def _entries(folder: Path) -> list[Path]:
    """What lies in a folder, in order of name, without lock files and hidden ones."""
    return sorted(path for path in folder.iterdir() if not path.name.startswith(("~$", ".", "_")))


def _of_form(path: Path, is_folder: bool, edition: Edition) -> Iterator[_Source]:
    form = edition.key
    if not is_folder:
        if path.suffix.lower() not in (*_READ, *_NOT_YET):
            return
        problem = Text(f"“{form}”可有多份，不能是单个文件", f"there can be many of {form}: it cannot be a single file")
        remedy = Text(f"请建文件夹 {form}/，每份一个 .json", f"make a folder {form}/ with one .json file for each")
        _need(not edition.many, problem, path, remedy)
        yield _Source(path, path.name, form)
        return
    problem = Text(f"“{form}”只有一份，不能是文件夹", f"there is one {form} only: it cannot be a folder")
    _need(edition.many, problem, path, Text(f"请改为文件 {form}.json", f"make it a file {form}.json"))
    seen: dict[str, str] = {}
    for file in _entries(path):
        if file.suffix.lower() not in (*_READ, *_NOT_YET) or file.is_dir():
            continue
        id = normalize("NFC", file.stem)
        # Windows and macOS take 01.json and 01.JSON, or A and a, for the same name; outputs are named by the id.
        other = seen.setdefault(id.casefold(), file.name)
        _need(
            other == file.name,
            Text(f"{other} 和 {file.name} 是同一个编号", f"{other} and {file.name} have the same id"),
            path,
            Text("请给其中一个改名", "rename one of them"),
        )
        _need(
            ":" not in id and ILLEGAL.search(id) is None,
            Text(
                f"文件名 {file.name!r} 含有冒号或不能印出的字符",
                f"the file name {file.name!r} has a colon or a character that cannot be printed",
            ),
            path,
            Text("请改名", "rename it"),
        )
        yield _Source(file, f"{path.name}/{file.name}", form, id)


def _not_read(folder: Path, forms: Forms) -> Iterator[tuple[Finding, Origin]]:
    """What lies in the dossier as if it were handed in, and is not read; with its place."""
    for path in _entries(folder):
        if path.name in _NO_FORMS:
            continue
        inside = _entries(path) if path.is_dir() else []
        if path.is_dir() and path.name in forms:
            passed_over = [file for file in inside if file.is_dir() or file.suffix.lower() in _NEVER]
        elif path.is_dir():
            passed_over = [path] if any(file.suffix.lower() in (*_READ, *_NOT_YET) for file in inside) else []
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
