"""What is known of many dossiers, kept on the disk and given back in the order of a summary, one row at a time."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Any, Self

from formgen.reports.summary import WEIGHTS, Breach, School, Weight
from formgen.reports.tally import Tally

# rank: the place of a dossier among all, the worst first; what cannot be judged comes before everything.
_TABLES = """
CREATE TABLE school (dossier TEXT PRIMARY KEY, unread INT, errors INT, warnings INT, unverified INT, data TEXT);
CREATE TABLE breach (rule TEXT, weight INT, dossier TEXT, title TEXT, count INT, places TEXT);
CREATE INDEX by_rule ON breach (rule, weight, dossier);
CREATE INDEX by_dossier ON breach (dossier);
CREATE TABLE earlier_school (dossier TEXT PRIMARY KEY, name TEXT, unread INT, errors INT, warnings INT);
CREATE TABLE earlier_breach (dossier TEXT, rule TEXT, weight INT, PRIMARY KEY (dossier, rule, weight));
"""
_WORST_FIRST = "unread DESC, errors DESC, warnings DESC, unverified DESC, school.dossier"
_COUNTED = (WEIGHTS.index(Weight.ERROR), WEIGHTS.index(Weight.WARNING))


@dataclass(frozen=True, slots=True)
class RuleTotal:
    """How many dossiers a rule concerns, and how many findings it has in them, by weight."""

    rule: str
    title: str
    dossiers: dict[Weight, int]
    findings: int

    @property
    def worst(self) -> Weight:
        """The heaviest weight that it has anywhere."""
        return min(self.dossiers, key=WEIGHTS.index)


@dataclass(frozen=True, slots=True)
class Earlier:
    """What an earlier summary says of a dossier."""

    dossier: str
    name: str
    unread: bool
    errors: int
    warnings: int


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a dossier: the earlier state and the present one (None where it is in one summary only)."""

    then: Earlier | None
    now: School | None
    mended: tuple[str, ...] = ()
    """Rules that failed and do not any longer."""
    new: tuple[str, ...] = ()
    """Rules that fail and did not."""
    open: tuple[str, ...] = ()
    """Rules that failed and of which it cannot be told now: unverified, waived, or without what they judge."""

    @property
    def comparable(self) -> bool:
        """Whether both states were judged."""
        return self.then is not None and self.now is not None and not self.then.unread and self.now.problem is None


class Collection:
    """The dossiers of a run, and those of an earlier summary to compare them with. Closing it forgets them."""

    def __init__(self) -> None:
        # A database without a name lies in a temporary file of SQLite's own, and only as far as memory is short.
        self._store = sqlite3.connect("", isolation_level=None)
        self._store.executescript(_TABLES)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._store.close()

    def add(self, school: School) -> None:
        """Takes in what is known of a dossier."""
        said = asdict(school)
        said.pop("breaches")
        counted = school.tally
        rank = (school.problem is not None, counted.errors, counted.warnings, counted.unverified)
        row = (school.dossier, *rank, json.dumps(said))
        self._store.execute("INSERT INTO school VALUES (?, ?, ?, ?, ?, ?)", row)
        self._store.executemany(
            "INSERT INTO breach VALUES (?, ?, ?, ?, ?, ?)",
            [
                (each.rule, WEIGHTS.index(each.weight), school.dossier, each.title, each.count, json.dumps(each.places))
                for each in school.breaches
            ],
        )

    def schools(self, *, unread_only: bool = False) -> Iterator[School]:
        """The dossiers, the worst first; each with its breaches."""
        where = "WHERE unread" if unread_only else ""
        for (data,) in self._store.execute(f"SELECT data FROM school {where} ORDER BY {_WORST_FIRST}"):  # noqa: S608
            yield self._school(data)

    def _school(self, data: str) -> School:
        said: dict[str, Any] = json.loads(data)
        lists = {key: tuple(said.pop(key)) for key in ("unmet", "unsent", "untold")}
        breaches = self._store.execute("SELECT * FROM breach WHERE dossier = ? ORDER BY rowid", (said["dossier"],))
        found = tuple(_breach(rule, weight, *rest) for rule, weight, _, *rest in breaches)
        return School(**{**said, **lists, "tally": Tally(**said["tally"]), "breaches": found})

    def totals(self) -> list[RuleTotal]:
        """The rules that say something anywhere, in order of their worst weight, then of how many dossiers."""
        found: dict[str, RuleTotal] = {}
        query = (
            "SELECT rule, title, weight, COUNT(*), SUM(count) FROM breach GROUP BY rule, weight ORDER BY rule, weight"
        )
        for rule, title, weight, dossiers, findings in self._store.execute(query):
            before = found.get(rule)
            among = {**(before.dossiers if before else {}), WEIGHTS[weight]: dossiers}
            found[rule] = RuleTotal(rule, title, among, findings + (before.findings if before else 0))
        return sorted(found.values(), key=lambda t: (WEIGHTS.index(t.worst), -t.dossiers[t.worst], t.rule))

    def of_rule(self, rule: str) -> Iterator[tuple[School, Breach]]:
        """The dossiers that a rule says something of, the heaviest weight and then the worst dossier first."""
        rows = self._store.execute(
            "SELECT school.data, rule, weight, title, count, places FROM breach JOIN school USING (dossier)"  # noqa: S608
            f" WHERE rule = ? ORDER BY weight, {_WORST_FIRST}",
            (rule,),
        )
        for data, *rest in rows:
            said = json.loads(data)
            yield School(said["dossier"], said["name"]), _breach(*rest)

    # --- the comparison with an earlier summary ----------------------------------------------------------------------

    def add_earlier(self, earlier: Earlier) -> None:
        """Takes in what an earlier summary says of a dossier; of two rows for one dossier the first counts."""
        row = (earlier.dossier, earlier.name, earlier.unread, earlier.errors, earlier.warnings)
        self._store.execute("INSERT OR IGNORE INTO earlier_school VALUES (?, ?, ?, ?, ?)", row)

    def add_earlier_breach(self, dossier: str, rule: str, weight: Weight) -> None:
        """Takes in that a dossier had a finding of a rule."""
        row = (dossier, rule, WEIGHTS.index(weight))
        self._store.execute("INSERT OR IGNORE INTO earlier_breach VALUES (?, ?, ?)", row)

    def changes(self) -> Iterator[Change]:
        """What became of each dossier: first what is unreadable now, then where errors were added."""
        query = """
            SELECT dossier, earlier_school.name, earlier_school.unread, earlier_school.errors, earlier_school.warnings,
                   school.data
            FROM (SELECT dossier FROM school UNION SELECT dossier FROM earlier_school)
            LEFT JOIN school USING (dossier) LEFT JOIN earlier_school USING (dossier)
            ORDER BY COALESCE(school.unread, 0) DESC,
                     COALESCE(school.errors, 0) - COALESCE(earlier_school.errors, 0) DESC, dossier
        """
        for dossier, name, unread, errors, warnings, data in self._store.execute(query):
            then = None if name is None else Earlier(dossier, name, bool(unread), errors, warnings)
            yield self._change(Change(then, None if data is None else self._school(data)))

    def _change(self, change: Change) -> Change:
        if change.now is None or not change.comparable:
            return change
        rows = self._store.execute("SELECT rule, weight FROM earlier_breach WHERE dossier = ?", (change.now.dossier,))
        then = {rule for rule, weight in rows if weight in _COUNTED}
        failing = {each.rule for each in change.now.breaches if WEIGHTS.index(each.weight) in _COUNTED}
        doubtful = ({each.rule for each in change.now.breaches} | set(change.now.untold)) - failing
        mended, new = sorted(then - failing - doubtful), sorted(failing - then)
        return Change(change.then, change.now, tuple(mended), tuple(new), tuple(sorted(then & doubtful)))


def _breach(rule: str, weight: int, title: str, count: int, places: str) -> Breach:
    return Breach(rule, title, WEIGHTS[weight], count, tuple((place, message) for place, message in json.loads(places)))
