"""A submission: one file that a college handed in, read as a dossier that holds nothing else.

What the file alone cannot say, such as the day of filing or how many students the school has, comes from a dossier
beside it. Without one it is unknown, and the rules that ask for it are *unverified*.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final

from formgen import dossier, intake, parameters, rules, sources
from formgen.dossier import BY_COMMAND, Dossier, Scope
from formgen.errors import FormgenError, UsageError
from formgen.findings import Address, Finding, Outcome, Text
from formgen.forms import Edition, Forms, catalogue, dossier_schema
from formgen.intake import Reading, Recognised, documents, headings, kinds, photos
from formgen.intake.grids import Book
from formgen.record import CellOrigins, Origin, Record
from formgen.records import Records
from formgen.spilling import PLAIN, SpillDict

NEWEST: Final = "formgen 所知最新的规定；要按别的日期核对，请加 --as-of"
"""Why the law of a day is applied that nobody named."""
_ASSUMED: Final = ("organisation", "settings", "as_of", "academic_year")
"""Fields of dossier.json without which a list is judged all the same: as that of a student union with no own rules."""


class UnreadableSubmission(FormgenError):
    """A file whose form nobody named cannot be opened, so that it cannot be told either."""

    exit_code = 1


def load(
    path: Path,
    *,
    form: str | None = None,
    beside: Path | None = None,
    as_of: date | None = None,
    look: photos.Look | None = None,
) -> Dossier:
    """The file at ``path``, or the folder of records of one form, as a dossier.

    Args:
        path: the file or folder; its photos lie in ``photos/`` beside it, else in the dossier's.
        form: the form that it holds; else the one that its headings or fields are those of.
        beside: the dossier that it belongs to, whose own file of this form, if there is one, it takes the place of.
        as_of: the day whose editions, rules and numbers apply; else that of the dossier, else the newest that there is.
        look: looks at pictures; else some threads do.

    Raises:
        UsageError: there is no such file, or its form cannot be told; or the dossier is not as it has to be laid out.
        UnreadableSubmission: the file cannot be opened, and no form is given.
        UnreadableDossier: dossier.json cannot be read, and ``as_of`` is not given.
    """
    forms = catalogue()
    recognised = _recognised_folder(path, form, forms) if path.is_dir() else _recognised_file(path, form, forms, as_of)
    [key] = recognised.forms
    around = dossier.load(beside, as_of, leave_out=key, look=look) if beside is not None else _alone(path, as_of)
    edition = forms.edition(key, around.as_of)
    records, findings, places = Records(), list[Finding](), dict(around.places)
    digests: SpillDict[str] = SpillDict(around.inputs.items(), codec=PLAIN)
    for file, reading in _readings(path, edition, recognised.book):
        records = records.joined(reading.records)
        findings += reading.findings
        places.update(reading.places)
        if reading.digest is not None:
            digests[file] = reading.digest
    own = beside is None or (path.parent / photos.FOLDER).is_dir()
    place = path.parent if own or beside is None else beside
    apart = {} if beside is None else _files(path, edition)
    if beside is not None or (place / photos.FOLDER).is_dir() or _has_documents(path):
        records, wrong = dossier.with_photos(place, records, edition, digests, look, own=own, apart=apart)
        findings += wrong
    unknown = frozenset[str]()
    if beside is None:
        known = _ASSUMED if as_of is None else (*_ASSUMED, "filing_date")
        unknown = frozenset(dossier_schema()["properties"]) - frozenset(known)
        findings.append(Finding(kinds.NO_DOSSIER, Address("dossier"), outcome=Outcome.UNVERIFIED))
    college = None if beside is None else _only_college(records, edition, around)
    if college is not None:
        findings.append(Finding(kinds.PART, Address(key), {"college": college}, outcome=Outcome.UNVERIFIED))
    return replace(
        around,
        folder=place,
        name=_name(path),
        records={**around.records, key: records.by_id()},
        findings=(*around.findings, *findings),
        inputs=digests,
        places=places,
        scope=Scope(path, key, unknown, part=college is not None),
        apart=apart,
    )


def _only_college(records: Sequence[Record], edition: Edition, around: Dossier) -> str | None:
    """The college that everybody in a list belongs to, of a school that has several: it is a share of the whole."""
    table = headings.table(edition.schema)
    if table is None or table.key is None or not isinstance(around.values, dict):
        return None
    schools = around.values.get("colleges")
    key = next((each for each in table.fields if "x-offer-from" in table.item["properties"][each]), None)
    if key is None or not isinstance(schools, list) or len(schools) < 2:
        return None
    lists = [record.values.get(table.key) for record in records if isinstance(record.values, dict)]
    rows = [row for rows in lists if isinstance(rows, list) for row in rows if isinstance(row, dict)]
    named = {row[key] for row in rows if isinstance(row.get(key), str)}
    return named.pop() if len(named) == 1 else None


@lru_cache(maxsize=1)
def newest_law() -> date:
    """The last day on which any rule, number or edition that formgen knows comes into force."""
    days = [rule.effective_from for rule in rules.all_rules()]
    days += [rule.effective_until + timedelta(1) for rule in rules.all_rules() if rule.effective_until is not None]
    days += [value.since for parameter in parameters.load().values() for value in parameter.values]
    days += [edition.since for editions in catalogue().values() for edition in editions]
    return max(days)


def _readings(path: Path, edition: Edition, book: Book | None) -> Iterator[tuple[str, Reading]]:
    """What each file says."""
    if not path.is_dir():
        yield path.name, intake.read(path, path.name, edition, intake.id_of(path, edition), book)
        return
    for source in sources.of_form(path, True, edition):
        yield source.file, intake.read(source.path, source.file, edition, source.id)


def _files(path: Path, edition: Edition) -> dict[str, Path]:
    """The files of a submission by their names for people."""
    if not path.is_dir():
        return {path.name: path.resolve()}
    return {source.file: source.path.resolve() for source in sources.of_form(path, True, edition)}


def _has_documents(path: Path) -> bool:
    """Whether pictures may lie within what was handed in."""
    files = path.iterdir() if path.is_dir() else [path]
    return any(file.suffix.lower() in documents.SUFFIXES for file in files)


def is_folder_of_records(path: Path, form: str | None) -> bool:
    """Whether a folder is no dossier but holds records of one form: the one that is given, or that it is called by."""
    if not path.is_dir() or (path / sources.DOSSIER).exists():
        return False
    key = form or path.name
    return key in catalogue() and catalogue()[key][0].many


def _recognised_folder(path: Path, form: str | None, forms: Forms) -> Recognised:
    if form is not None or path.name in forms:
        return Recognised((form or path.name,))
    raise _unrecognised(path, (), forms)


def _recognised_file(path: Path, form: str | None, forms: Forms, as_of: date | None) -> Recognised:
    _need_file(path)
    return _recognised(path, forms, as_of or newest_law()) if form is None else Recognised((form,))


def _name(path: Path) -> str:
    return path.resolve().name if path.is_dir() else path.stem


def _alone(path: Path, as_of: date | None) -> Dossier:
    """What is known of the dossier of a file without one."""
    day, why = (newest_law(), NEWEST) if as_of is None else (as_of, BY_COMMAND)
    return Dossier(path.parent, _name(path), {}, CellOrigins(Origin(path.name)), {}, day, why, (), {})


def _need_file(path: Path) -> None:
    problem = None
    if not path.exists():
        problem = Text("没有这个文件", "there is no such file")
    elif not path.is_file():
        problem = Text("这不是普通文件（是文件夹、管道或设备）", "this is no regular file (a folder, pipe or device)")
    if problem is not None:
        raise UsageError(problem, place=str(path), remedy=Text("请指定报送的文件", "name the file that was handed in"))
    if path.name == sources.DOSSIER:
        raise UsageError(
            Text("这是案卷的说明，不是表单", "this says what a dossier is about; it is no form"),
            place=str(path),
            remedy=Text("请指定它所在的案卷文件夹", "name the folder of the dossier that it lies in"),
        )


def _recognised(path: Path, forms: Forms, day: date) -> Recognised:
    """The form that a file holds; its name decides where its content does not."""
    found = intake.recognise(path, path.name, [forms.edition(key, day) for key in forms])
    if found.problem is not None:
        said = Text(found.problem.message("zh"), found.problem.message("en"))
        raise UnreadableSubmission(said, place=str(path), remedy=found.problem.kind.hint)
    if len(found.forms) == 1:
        return found
    if path.stem in (found.forms or forms):
        return replace(found, forms=(path.stem,))
    raise _unrecognised(path, found.forms, forms)


def _unrecognised(path: Path, fitting: Sequence[str], forms: Forms) -> UsageError:
    named = "、".join(f"{key}（{forms[key][-1].title}）" for key in fitting or forms)
    if fitting:
        problem = Text("看不出这是哪一种表单，几种都像", "this could be several forms")
    else:
        problem = Text(
            "看不出这是哪一种表单：没有找到表头或字段", "which form this is cannot be told: no known headings or fields"
        )
    remedy = Text(f"请用 --form 指定，可用：{named}", f"name it with --form, one of: {', '.join(fitting or forms)}")
    return UsageError(problem, place=str(path), remedy=remedy)
