"""A dossier: the folder with one organisation's material for one term, read into records.

::

    lzmvc-2020/
      dossier.json                                    the organisation, the dates
      staff_list.xlsx  or  staff_list.json            a form of which there is one: one file named by its key
      candidate_registration/01.json, 02.json, …      a form of which there are many: a folder, a file for each record,
      or  candidate_registration.xlsx                 or one table, a row for each
      photos/   waivers.toml   findings.json          no forms
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeVar

from formgen import intake
from formgen.errors import FormgenError, UsageError
from formgen.findings import Address, Finding, Text
from formgen.forms import Edition, Forms, catalogue, dossier_schema
from formgen.intake import admission, json_files, kinds, photos
from formgen.intake.reading import Notes, Reading
from formgen.intake.table_origins import FROM_TABLES
from formgen.record import CellOrigins, Origin, Origins, Record
from formgen.records import Records
from formgen.sources import DOSSIER, WAIVERS, Source, need, not_read, sources_in
from formgen.spilling import PLAIN, SpillDict, SpillList, tuples

_Work = TypeVar("_Work")
_Result = TypeVar("_Result")
BY_COMMAND = "由命令指定"
"""Why the law of a day is applied that the command names."""


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
    part: bool = False
    """Whether it is one college's share of a list: other forms of the dossier speak of the whole."""


@dataclass(frozen=True)
class Dossier:
    """One organisation's records for one term."""

    folder: Path
    name: str
    values: dict[str, Any]
    """dossier.json; empty if that could not be read."""
    origins: Origins
    records: Mapping[str, Records]
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
    apart: Mapping[str, Path] = field(default_factory=dict)
    """Files whose pictures are shown and that do not lie in the folder: a form handed in beside a dossier."""

    def record_at(self, address: Address) -> Record | None:
        """The record that an address leads into."""
        records = self.records.get(address.form)
        return None if records is None else records.find(address.record)

    def origin(self, address: Address) -> Origin:
        """Where a value or a finding has its place; the dossier's folder for a form that is not there."""
        place = self.places.get(address)
        if place is not None:
            return place
        if address.form == "dossier":
            if address.pointer[:1] == ("waivers",):  # a table of waivers.toml, no value of dossier.json
                return Origin(WAIVERS)
            return self.origins.find(address.pointer)
        record = self.record_at(address)
        if record is not None:
            return record.origins.find(address.pointer)
        whole = self.name if self.scope is None else self.scope.path.name
        return self.places.get(Address(address.form, (), address.record), Origin(whole))


def load(
    folder: Path,
    as_of: date | None = None,
    forms: Forms | None = None,
    *,
    leave_out: str | None = None,
    look: photos.Look | None = None,
) -> Dossier:
    """The dossier in a folder.

    Args:
        folder: the folder.
        as_of: the day whose editions, rules and numbers apply; else dossier.json's ``as_of``, else its filing date.
        forms: the forms there are; else those that formgen ships.
        leave_out: a form whose files are not read, because a submission takes their place.
        look: looks at pictures; else some threads do.

    Raises:
        UsageError: the folder does not hold a dossier as it has to be laid out.
        UnreadableDossier: dossier.json cannot be read and ``as_of`` is not given.
    """
    forms = catalogue() if forms is None else forms
    _need_dossier(folder)
    sources: dict[str, SpillList[Source]] = {}
    for source in sources_in(folder, forms):
        sources.setdefault(source.form, SpillList(codec=tuples(Source))).append(source)
    head = _head(folder)
    day, why = (as_of, BY_COMMAND) if as_of is not None else _as_of(head, folder)

    findings, places = [*head.findings, *_other_day(head, day)], dict(head.places)
    for finding, place in not_read(folder, forms):
        findings.append(finding)
        places[finding.at] = place
    inputs: SpillDict[str] = SpillDict([(DOSSIER, head.digest)] if head.digest is not None else [], codec=PLAIN)
    records: dict[str, Records] = {}
    for form, files in sorted(sources.items()):
        if form == leave_out:
            continue
        edition = forms.edition(form, day)
        read = Records()
        for source in files:
            reading = _refused(folder, source) or intake.read(source.path, source.file, edition, source.id)
            findings += reading.findings
            places.update(reading.places)
            if reading.digest is not None:
                inputs[source.file] = reading.digest
            read = read.joined(reading.records)
        records[form], wrong = with_photos(folder, read, edition, inputs, look)
        findings += wrong
    whole = head.record
    return Dossier(
        folder=folder,
        name=folder.resolve().name,
        values=whole.values if whole is not None and isinstance(whole.values, dict) else {},
        origins=whole.origins if whole is not None else CellOrigins(Origin(DOSSIER)),
        records={form: found.by_id() for form, found in records.items()},
        as_of=day,
        as_of_why=why,
        findings=tuple(findings),
        inputs=inputs,
        waivers_file=_waivers(folder),
        places=places,
    )


def with_photos(
    folder: Path,
    records: Records,
    edition: Edition,
    digests: MutableMapping[str, str],
    look: photos.Look | None = None,
    *,
    own: bool = True,
    apart: Mapping[str, Path] | None = None,
) -> tuple[Records, list[Finding]]:
    """The records of one file with their pictures, and what is wrong with those; ``digests`` takes that of each.

    ``folder`` holds ``photos/``; unless it is the file's ``own``, a serial number there may be somebody else's.
    ``apart`` are files that lie elsewhere.
    """
    elsewhere = {} if apart is None else apart
    attaching = None
    if edition.many and all(isinstance(record.origins, FROM_TABLES) for record in records[:_FIRST]):
        attaching = photos.Attaching(folder, records, edition.schema, by_id=own)
    values = attrgetter("values") if attaching is None else attaching.seen
    look_up = partial(photos.look_up, folder.resolve(), records, edition.schema, elsewhere, digests, values=values)
    if look is None and len(records) > 1:
        # Reading, digesting and decoding pictures goes on outside of Python, the only work that threads make faster.
        with ThreadPoolExecutor(_THREADS) as pool:
            wrong = look_up(photos.by(partial(_by_threads, pool)))
    else:
        wrong = look_up(look or photos.by(map))
    if attaching is None:
        return records, wrong
    return attaching.records(), [*attaching.findings(), *wrong]


def _by_threads(pool: Executor, function: Callable[[_Work], _Result], work: Iterable[_Work]) -> Iterator[_Result]:
    """The results in order; only so much is handed out that all threads stay busy."""
    waiting: deque[Future[_Result]] = deque()
    for piece in work:
        waiting.append(pool.submit(function, piece))
        if len(waiting) > 2 * _THREADS:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


_THREADS = 4
_FIRST = 100
"""So many records tell what a file is: a table, or documents one by one."""


def _refused(folder: Path, source: Source) -> Reading | None:
    """What is said of a file that is not even opened; None for one that is."""
    kind = admission.objection(folder.resolve(), source.path)
    if kind is None:
        return None
    notes = Notes(source.file, source.form, source.id)
    notes.refuse(kind)
    return notes.reading()


def _waivers(folder: Path) -> Path | None:
    path = folder / WAIVERS
    if not path.exists() and not path.is_symlink():
        return None
    kind = admission.objection(folder.resolve(), path)
    if kind is not None:
        raise UsageError(Text(kind.message.zh, kind.message.en), place=str(path), remedy=kind.hint)
    return path


def _need_dossier(folder: Path) -> None:
    need(folder.exists(), Text("没有这个文件夹", "there is no such folder"), folder)
    need(folder.is_dir(), Text("这不是文件夹", "this is not a folder"), folder)
    need(
        (folder / DOSSIER).exists(),
        Text("这里没有案卷（没有 dossier.json）", "there is no dossier here (no dossier.json)"),
        folder,
        Text(
            "请指向案卷文件夹本身；新案卷请先写 dossier.json（组织名称、备案日期）",
            "name the dossier's own folder; in a new one, write dossier.json first (organisation, filing date)",
        ),
    )


# --- dossier.json ----------------------------------------------------------------------------------------------------


def _head(folder: Path) -> Reading:
    path = folder / DOSSIER
    source = Source(str(folder), DOSSIER, "dossier")
    reading = _refused(folder, source) or json_files.read(path, DOSSIER, "dossier", dossier_schema(), None)
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
            place=str(folder / str(head.places.get(finding.at, DOSSIER))),
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
        place=str(folder / DOSSIER),
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
