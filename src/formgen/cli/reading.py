"""The command that says what a file says: a document that formgen made, or a form that somebody filled in."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

# The rooms are imported by the commands that need them: `formgen --help` waits for none of their libraries.
import typer

from formgen.cli.options import AsOf, FormOption, Lang, LangOption, app, contents, day_of, list_reader
from formgen.errors import FormgenError, UsageError
from formgen.findings import Finding, Text, format_pointer
from formgen.reports import screen
from formgen.reports.screen import Line

if TYPE_CHECKING:
    from formgen.forms import Edition
    from formgen.intake.documents.blocks import Document
    from formgen.intake.reading import Reading
    from formgen.record import Record

_PACKAGES = (".docx", ".docm", ".xlsx", ".xlsm")


class UnreadableFile(FormgenError):
    """A file from which nothing can be read: the data's fault, not the command's."""

    exit_code = 1


@app.command()
def read(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="formgen 生成的文件，或填好的表：Word、网页、表格、JSON。A file that formgen made, or a filled form.",
        ),
    ],
    form: FormOption = None,
    photos: Annotated[
        Path | None,
        typer.Option(
            "--photos",
            metavar="FOLDER",
            help="把 Word 表里的照片取出，存进这个文件夹，如案卷的 photos。Save the pictures of a Word form here.",
        ),
    ] = None,
    as_of: AsOf = None,
    lang: LangOption = Lang.ZH,
) -> int:
    """把文件的内容读成 JSON；读不出、看不准的逐条说明。Gives as JSON what a file says, and what could not be read."""
    from formgen.filling import readback
    from formgen.intake import documents

    data, day = contents(file), day_of(as_of)
    document = None
    if file.suffix.lower() in documents.SUFFIXES:
        document = _opened(data, file)
    # Whoever fills a form in by hand leaves the controls; a document that formgen has filled has none.
    if file.suffix.lower() in _PACKAGES and photos is None and (document is None or not document.controls):
        try:
            return _made(file, data, lang)
        except readback.UnknownDocument:
            pass
    if document is not None:
        return _filled_in(file, document, _Asked(form, day, photos), lang)
    if photos is not None:
        raise UsageError(
            Text("只有 Word 表里的照片能取出", "pictures are taken out of Word forms only"),
            place=str(file),
            remedy=Text("去掉 --photos", "leave --photos out"),
        )
    return _submitted(file, form, day, lang)


def _opened(data: bytes, file: Path) -> "Document":
    from formgen.intake import documents
    from formgen.intake.reading import Notes

    notes = Notes(file.name, "dossier", None)
    document = documents.open_document(data, file.name, notes)
    if document is None:
        raise _unreadable(notes.reading().findings[0], file)
    return document


def _unreadable(finding: Finding, file: Path) -> UnreadableFile:
    said = Text(finding.message("zh"), finding.message("en"))
    return UnreadableFile(said, place=str(file), remedy=finding.kind.hint)


# --- what formgen made -----------------------------------------------------------------------------------------------


def _made(file: Path, data: bytes, lang: Lang) -> int:
    from formgen.filling import readback
    from formgen.forms import catalogue

    found = readback.read_document(data, file.name, catalogue(), list_reader(file))
    if not found.compared:
        screen.notes([Line(_OTHER_TEMPLATE.lang(lang), style="yellow")])
    for difference in found.differences:
        values = {**asdict(difference), "place": difference.field or difference.place}
        screen.notes([Line(_EDITED.lang(lang, values), style="yellow")])
    _print({"version": 1, **asdict(found)})
    return 0


_OTHER_TEMPLATE = Text(
    "这份文件不是用现在的模板写的，没有核对正文与数据是否一致",
    "made with another template than today's: text and data were not compared",
)
_EDITED = Text(
    "{place}：正文是“{found}”，数据是“{expected}”，写出后被人改过",
    "{place}: the text is {found!r}, the data {expected!r}: edited after it was written",
)


# --- what somebody filled in -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a person said of the file, and where its pictures are to go."""

    form: str | None
    day: date | None
    photos: Path | None


def _filled_in(file: Path, document: "Document", asked: _Asked, lang: Lang) -> int:
    from formgen.cli.taking_out import take_out
    from formgen.forms import catalogue
    from formgen.intake import documents
    from formgen.intake.reading import Notes
    from formgen.intake.table_origins import FROM_TABLES

    known, form, day = catalogue(), asked.form, asked.day
    keys = list(known) if form is None else [known.edition(form, day or date.max).key]
    editions = {key: (known.edition(key, day),) if day is not None else known[key] for key in keys}
    key = form if form is not None else _recognised(file, document, editions)
    edition = documents.best_edition(document, editions[key])
    found = documents.read_as(document, edition, Notes(file.name, key, file.stem if edition.many else None))
    reading = found.reading
    if reading.record is None:
        raise _unreadable(reading.findings[0], file)
    if asked.photos is not None:
        reading = replace(reading, records=(take_out(reading.record, edition.schema, file, asked.photos),))
    if edition.many and any(isinstance(record.origins, FROM_TABLES) for record in reading.records):
        return _say(reading, lang, {"form": key, "edition": _since(edition), "records": _listed(reading.records)})
    values = {**reading.records[0].values, **({"dossier": found.dossier} if found.dossier else {})}
    return _say(reading, lang, {"form": key, "edition": _since(edition), "values": values})


def _recognised(file: Path, document: "Document", editions: Mapping[str, tuple["Edition", ...]]) -> str:
    from formgen.intake import documents
    from formgen.intake.documents import kinds

    scores: dict[str, int] = {}
    for several in editions.values():
        for edition in several:
            for key, score in documents.recognise(document, [edition]).items():
                scores[key] = max(score, scores.get(key, 0))
    best = [key for key, score in scores.items() if score == max(scores.values())]
    if len(best) == 1:
        return best[0]
    if not best and document.pictures:
        raise UnreadableFile(
            Text(
                f"没有读到任何表单的栏目；文件里有图片 {document.pictures} 张，图片里的表格读不出来",
                f"no form was found; there are {document.pictures} pictures, and a table in a picture cannot be read",
            ),
            place=str(file),
            remedy=kinds.PICTURES_ONLY.hint,
        )
    raise UsageError(
        Text("看不出这是哪一种表单", "which form this is cannot be told"),
        place=str(file),
        remedy=Text(
            f"请用 --form 指定：{'、'.join(best or editions)}", f"name it with --form: {', '.join(best or editions)}"
        ),
    )


def _submitted(file: Path, form: str | None, day: date | None, lang: Lang) -> int:
    """A spreadsheet or JSON file, read as the submission that it is."""
    from formgen import submission
    from formgen.forms import catalogue
    from formgen.intake.reading import Reading

    whole = submission.load(file, form=form, as_of=day)
    key = next(iter(whole.records), form or "")
    edition = catalogue().edition(key, whole.as_of)
    records = whole.records.get(key, ())
    findings = tuple(finding for finding in whole.findings if finding.at.form == key)
    reading = Reading(records, findings, whole.places)
    if not records:
        raise _unreadable(findings[0], file)
    if not edition.many:
        return _say(reading, lang, {"form": key, "edition": _since(edition), "values": records[0].values})
    return _say(reading, lang, {"form": key, "edition": _since(edition), "records": _listed(records)})


def _listed(records: Sequence["Record"]) -> list[dict[str, Any]]:
    return [{"record": record.id, "values": record.values} for record in records]


def _since(edition: "Edition") -> str | None:
    return edition.since.isoformat() if edition.since > date.min else None


def _say(reading: "Reading", lang: Lang, head: Mapping[str, Any]) -> int:
    """Prints what was read, with the place of each value, and what is to be said of it."""
    from formgen.intake.table_origins import RowOrigins, TableOrigins
    from formgen.record import CellOrigins

    origins = [
        {"record": record.id, "pointer": format_pointer(at), "place": str(origin), "text": origin.text}
        for record in reading.records
        if isinstance(record.origins, CellOrigins | TableOrigins | RowOrigins)
        for at, origin in sorted(record.origins.every(), key=lambda entry: list(map(str, entry[0])))
    ]
    findings = [_finding(finding, reading, lang) for finding in reading.findings]
    for finding in findings:
        style = "red" if finding["severity"] == "error" else "yellow"
        screen.notes([Line(f"{finding['place']}: {finding['message']}", style=style)])
    _print({"version": 1, **head, "origins": origins, "findings": findings})
    return 1 if any(finding.stops for finding in reading.findings) else 0


def _finding(finding: Finding, reading: "Reading", lang: Lang) -> dict[str, Any]:
    place = reading.places.get(finding.at)
    for record in reading.records:
        if place is None and record.id == finding.at.record:
            place = record.origins.find(finding.at.pointer)
    return {
        "rule": finding.kind.id,
        "severity": finding.kind.severity.value,
        "message": finding.message(lang),
        "hint": finding.kind.hint.lang(lang),
        "at": str(finding.at),
        "place": str(place) if place is not None else "",
    }


def _print(whole: Mapping[str, Any]) -> None:
    screen.document(json.dumps(whole, ensure_ascii=False, indent=2))
