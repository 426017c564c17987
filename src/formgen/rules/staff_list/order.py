"""That the list is in order: serials, names, departments, deputies."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

from formgen.findings import Severity, Text
from formgen.rules import rule
from formgen.rules.common import department_of, named, withheld
from formgen.rules.subject import Law, Node, Verdict, failed, not_applicable, passed, unreadable
from formgen.rules.table import Rows, Withheld, together

_SINCE = date(2019, 10, 1)
_LIST = "校级组织工作人员名单的表头：“序号”“姓名”“备注”"
_LABEL_READS = ("staff_list:/members/*/name", "staff_list:/members/*/serial")


@rule(
    "R18",
    name="list-out-of-order",
    title=Text("序号不连续或姓名重复", "Serials not contiguous, or a name twice"),
    message=Text(
        "名单中第 {row} 人的序号应为 {expected}，现为 {serial}",
        "Person {row} of the list: the serial must be {expected}, it is {serial}",
    ),
    hint=Text("改正序号；同名的两人在备注中写明", "Correct the serials; say so in the remarks where two share a name"),
    basis=(_LIST,),
    each="staff_list:",
    reads=("staff_list:/members", *_LABEL_READS, "staff_list:/members/*/remark"),
    effective_from=_SINCE,
    wordings={
        "no_serial": Text(
            "名单中第 {row} 人没有序号，应为 {expected}",
            "Person {row} of the list has no serial; it must be {expected}",
        ),
        "same_name": Text(
            "名单中第 {row} 人与第 {first} 人同为“{name}”，备注没有说明",
            "Persons {first} and {row} of the list are both “{name}”, and no remark explains it",
        ),
    },
)
def list_out_of_order(subject: Node, law: Law) -> Iterator[Verdict]:
    """Serials run from 1 without a gap; two rows of one name say so in their remarks."""
    expected: int | None = 1
    rows: dict[str, tuple[int, bool]] = {}
    sound = True
    columns = (subject.column("members", field) for field in ("serial", "name", "remark"))
    for row, said in enumerate(zip(*columns, strict=True)):
        if Withheld in map(type, said):
            blocked = next(value.cause for value in said if isinstance(value, Withheld))
            yield unreadable(subject.at("members", row), blocked)
            expected, sound = None, False  # whatever the next serial is, the count goes on from there
            continue
        serial, name, remark = said
        expected = serial if expected is None else expected
        if serial != expected:
            sound = False
            wording = "no_serial" if serial is None else ""
            given = {} if serial is None else {"serial": serial}
            place = subject.at("members", row, "serial")
            yield failed(place, wording=wording, row=row + 1, expected=expected, **given)
        last = expected if serial is None else serial
        expected = None if last is None else last + 1
        if name is None:
            continue
        first, explained = rows.setdefault(name, (row, remark is not None))
        if first != row and remark is None and not explained:
            sound = False
            place, also = subject.at("members", row, "name"), (subject.at("members", first, "name"),)
            yield failed(place, wording="same_name", also=also, row=row + 1, first=first + 1, name=name)
    if sound:
        yield passed(subject.at("members"))


@rule(
    "R156",
    name="row-outside-its-department",
    title=Text("名单没有按部门排列", "A row away from its department"),
    message=Text(
        "名单中有 {count} 行（{rows}）排在别的部门之后，与本部门的其他人不相连",
        "{count} rows ({rows}) stand after another department, away from the rest of their own",
    ),
    hint=Text("核对是否后来补加；移到本部门之中", "Check whether they were added later; move them to their department"),
    basis=("校级组织工作人员名单按主席团、各工作部门依次排列（通行做法）",),
    each="staff_list:",
    reads=("staff_list:/members", "staff_list:/members/*/department", *_LABEL_READS),
    effective_from=_SINCE,
    severity=Severity.INFO,
)
def row_outside_its_department(subject: Node, law: Law) -> Iterator[Verdict]:
    """The rows of a department stand together."""
    current: str | None = None
    seen: set[str] = set()
    outside: list[int] = []
    for row, department in enumerate(subject.column("members", "department")):
        if department is None or department == current or isinstance(department, Withheld):
            continue  # a department that cannot be read has a finding of its own
        if department in seen:
            outside.append(row)
        else:
            current = department
            seen.add(department)
    if outside:
        rows = subject.rows("members", outside)
        at, *also = rows.places("department")
        yield failed(at, also=tuple(also), count=len(rows), rows=named(rows))
    else:
        yield passed(subject.at("members")) if seen else not_applicable(subject.at("members"))


@rule(
    "R157",
    name="deputies-uneven",
    title=Text("部门副职与排列不一致", "Deputies that do not fit the pattern"),
    message=Text(
        "{department}的 {rows} 比本部门其他一般成员入学早，又排在部长、副部长之后，请核对是否副部长",
        "{department}: {rows} entered earlier than the other ordinary members and follow its heads;"
        " please check whether they are deputies",
    ),
    hint=Text("请部门核对；属实的不必改", "Ask the department; if it is so, nothing needs to change"),
    basis=("校级组织工作人员名单按职务依次排列；各部门副职人数相同（通行做法，只作提示）",),
    each="staff_list:",
    reads=(
        "staff_list:/members",
        "staff_list:/members/*/department",
        "staff_list:/members/*/role",
        "staff_list:/members/*/grade",
        *_LABEL_READS,
    ),
    effective_from=_SINCE,
    severity=Severity.INFO,
    wordings={
        "number": Text(
            "{department}有 {deputies} 名副职，其他各部门都是 {usual} 名，请核对",
            "{department} has {deputies} deputies, every other department {usual}; please check",
        ),
        "both": Text(
            "{department}有 {deputies} 名副职，其他各部门都是 {usual} 名；{rows} 入学早于本部门其他一般成员，"
            "又排在部长、副部长之后，请核对是否副部长",
            "{department} has {deputies} deputies, every other department {usual}; {rows} entered earlier than its"
            " other ordinary members and follow its heads: please check whether they are deputies",
        ),
    },
)
def deputies_uneven(subject: Node, law: Law) -> Iterator[Verdict]:
    """Departments have equally many deputies, and no senior member stands among them by another post."""
    parts: dict[str, list[Rows]] = {}
    for rows in subject.alike("members", "department", "role", "grade"):
        department = department_of(rows[0], law)
        if department is not None and withheld(rows[0], ("role", "grade")) is None:
            parts.setdefault(department, []).append(rows)
    words = law.value("staff.deputy_posts")
    deputies = {name: sum(len(rows) for rows in found if rows[0].get("role") in words) for name, found in parts.items()}
    tally = Counter(deputies.values())
    for name, found in parts.items():
        rows = together(found)
        usual = _shared(tally, deputies[name])
        uneven = usual is not None and usual != deputies[name]
        seniors = _seniors(rows, law)
        said: dict[str, Any] = {"department": name}
        number: dict[str, Any] = {"deputies": deputies[name], "usual": usual}
        places = (seniors or rows)[:4].places("role")
        if uneven and seniors:
            yield failed(places[0], also=places[1:], wording="both", **said, **number, rows=named(seniors))
        elif uneven:
            yield failed(places[0], wording="number", **said, **number)
        elif seniors:
            yield failed(places[0], also=places[1:], **said, rows=named(seniors))
        else:
            yield passed(places[0])


def _shared(tally: Counter[int], own: int) -> int | None:
    """The number that all other departments share, there being at least two of them, or None."""
    others = {count: departments - (count == own) for count, departments in tally.items()}
    shared = [count for count, departments in others.items() if departments]
    return shared[0] if len(shared) == 1 and others[shared[0]] > 1 else None


def _seniors(rows: Rows, law: Law) -> Rows:
    """The ordinary members directly after the heads of a department who entered before all other ordinary members."""
    nobody = rows[:0]
    ordinary = law.value("staff.rank_and_file_posts")
    heads = {*law.value("staff.head_posts"), *law.value("staff.deputy_posts")}
    roles = rows.column("role")
    if heads.isdisjoint(roles):
        return nobody
    grades = rows.column("grade")
    plain = [row for row, role in enumerate(roles) if role in ordinary]
    entered = [grades[row] for row in plain]
    if not plain or None in entered or not any(role in heads for role in roles[: plain[0]]):
        return nobody
    youngest = max(entered)
    first = entered.index(youngest)
    mixed = any(grade < youngest for grade in entered[first:])
    return nobody if mixed else rows.pick(plain[:first])
