"""Changes the rules one place at a time and counts how many changes the cases notice: ``make mutate``.

Own work because neither tool does: mutmut leaves functions with a decorator alone, and every rule has one;
cosmic-ray starts a process of pytest for each change, which for the thousands of them takes hours. Here the code of a
function is exchanged in a running process, the cases that reach it are judged, and the code is put back.

Noticed is a change when a case does not end as it says, when judging raises, or when the findings on the two shipped
dossiers differ (which ``test_seed_findings`` compares), or when it takes longer than a long while.

    python tests/mutating.py docs/mutation.md DATE [module …]
"""

import ast
import copy
import importlib
import inspect
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

from formgen import checks, dossier, rules
from formgen.rules import Rule
from formgen.rules.subject import Law, Node, Verdict
from judging import cases, lines, problems

ROOT = Path(__file__).parents[1]
SECONDS = 10
_SHIPPED = ("demo-2020", "lzmvc-2020")
_LEFT_OUT = ("formgen.rules.page", "formgen.rules")
"""What describes and collects rules; it has tests of its own."""

_OTHER: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_SWAPPED = {"any": "all", "all": "any", "min": "max", "max": "min", "passed": "failed", "not_applicable": "passed"}


@dataclass(frozen=True)
class Mutant:
    """A function with one place changed."""

    module: str
    function: str
    line: int
    before: str
    after: str
    code: CodeType

    def __str__(self) -> str:
        return f"{self.module}:{self.line} {self.function}: `{self.before}` → `{self.after}`"


class TooLong(BaseException):
    """A changed function does not end. No Exception, so that nothing catches it on the way."""


# --- changes ---------------------------------------------------------------------------------------------------------


def changes(node: ast.AST) -> Iterator[Callable[[], tuple[ast.AST, ast.AST]]]:
    """For each place inside a function, what changes it in a copy; each gives the node before and after."""
    for inner in ast.walk(node):
        yield from _of_operator(inner)
        if isinstance(inner, ast.Constant) and type(inner.value) in (int, bool):
            yield lambda inner=inner: _set(
                inner,
                "value",
                not inner.value if type(inner.value) is bool else inner.value + 1,
            )
        elif isinstance(inner, ast.If | ast.IfExp | ast.comprehension):
            yield from _of_condition(inner)
        elif isinstance(inner, ast.Name) and inner.id in _SWAPPED:
            yield lambda inner=inner: _set(inner, "id", _SWAPPED[inner.id])
        elif isinstance(inner, ast.Call):
            for position, keyword in enumerate(inner.keywords):
                if keyword.arg in ("also", "cause", "wording"):
                    yield lambda inner=inner, position=position: _drop(inner, "keywords", position)
        for field in ("body", "orelse"):
            for position, statement in enumerate(getattr(inner, field, None) or [] if _is_block(inner) else []):
                if isinstance(statement, ast.Expr | ast.Continue | ast.Break) and not _says_nothing(statement):
                    yield lambda inner=inner, field=field, position=position: _omit(inner, field, position)


def _is_block(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.If | ast.For | ast.While | ast.With | ast.Try)


def _says_nothing(statement: ast.stmt) -> bool:
    """Whether it makes no difference: a docstring; "not applicable", which a rule without a verdict is as well."""
    value = getattr(statement, "value", None)
    if isinstance(value, ast.Yield) and isinstance(value.value, ast.Call):
        return ast.unparse(value.value.func) == "not_applicable"
    return isinstance(value, ast.Constant) or (isinstance(value, ast.Yield) and value.value is None)


def _of_operator(node: ast.AST) -> Iterator[Callable[[], tuple[ast.AST, ast.AST]]]:
    if isinstance(node, ast.Compare):
        for position, operator in enumerate(node.ops):
            if type(operator) in _OTHER:
                ops = [*node.ops[:position], _OTHER[type(operator)](), *node.ops[position + 1 :]]
                yield lambda ops=ops: _set(node, "ops", ops)
    elif isinstance(node, ast.BoolOp | ast.BinOp | ast.AugAssign) and type(node.op) in _OTHER:
        yield lambda: _set(node, "op", _OTHER[type(node.op)]())


def _of_condition(node: ast.If | ast.IfExp | ast.comprehension) -> Iterator[Callable[[], tuple[ast.AST, ast.AST]]]:
    if isinstance(node, ast.comprehension):
        for position in range(len(node.ifs)):
            yield lambda position=position: _drop(node, "ifs", position)
    else:
        yield lambda: _set(node, "test", ast.UnaryOp(ast.Not(), node.test))


def _set(node: ast.AST, field: str, value: Any) -> tuple[ast.AST, ast.AST]:
    before = copy.deepcopy(node)
    setattr(node, field, value)
    return before, node


def _drop(node: ast.AST, field: str, position: int) -> tuple[ast.AST, ast.AST]:
    before = copy.deepcopy(node)
    del getattr(node, field)[position]
    return before, node


def _omit(node: ast.AST, field: str, position: int) -> tuple[ast.AST, ast.AST]:
    statements = getattr(node, field)
    before = statements[position]
    statements[position] = ast.Pass()
    return before, statements[position]


def mutants(module: str) -> Iterator[Mutant]:
    """Every function of a module with one place changed."""
    home = importlib.import_module(module)
    path = Path(str(inspect.getsourcefile(home)))
    tree = ast.parse(path.read_text("utf-8"))
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    for owner, body in [(None, tree.body), *((each, each.body) for each in classes)]:
        for function in body:
            # Code with "super()" hangs on its class and cannot be exchanged.
            if isinstance(function, ast.FunctionDef) and "super()" not in ast.unparse(function):
                name = f"{owner.name}.{function.name}" if owner else function.name
                yield from _of_function(module, name, function, str(path))


def _of_function(module: str, name: str, function: ast.FunctionDef, path: str) -> Iterator[Mutant]:
    count = sum(1 for _ in changes(_body(function)))
    for number in range(count):
        changed = _body(function)
        before, after = list(changes(changed))[number]()
        said = (" ".join(ast.unparse(node).split()) for node in (before, after))
        line = getattr(before, "lineno", None) or function.lineno
        # A generator stays one even when its last yield is gone.
        source = ast.Module([changed], [])
        ast.fix_missing_locations(source)
        code = compile(source, path, "exec")
        found = next(each for each in code.co_consts if isinstance(each, CodeType))
        yield Mutant(module, name, line, *(_short(text) for text in said), found)


def _body(function: ast.FunctionDef) -> ast.FunctionDef:
    """A copy without decorators and annotations: only what is run when it is called."""
    changed = copy.deepcopy(function)
    changed = _Unannotated().visit(changed)
    changed.decorator_list = []
    changed.returns = None
    around = (changed.args.vararg, changed.args.kwarg)
    for argument in (*changed.args.args, *changed.args.kwonlyargs, *changed.args.posonlyargs, *filter(None, around)):
        argument.annotation = None
    if any(isinstance(node, ast.Yield | ast.YieldFrom) for node in ast.walk(changed)):
        never = ast.parse("if False:\n    yield").body[0]
        never.test.value = None  # type: ignore[attr-defined]
        changed.body.append(never)
    return changed


class _Unannotated(ast.NodeTransformer):
    """Takes out the annotations of variables, which do nothing."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is None:
            return ast.copy_location(ast.Pass(), node)
        return ast.copy_location(ast.Assign([node.target], node.value), node)


def _short(text: str) -> str:
    return text if len(text) <= 90 else f"{text[:89]}…"


# --- judging ---------------------------------------------------------------------------------------------------------


def function_of(mutant: Mutant) -> FunctionType | None:
    """The function as it is in use, whatever its decorators have made of it."""
    found: Any = importlib.import_module(mutant.module)
    for name in mutant.function.split("."):
        found = inspect.getattr_static(found, name)
    for wrapped in ("fget", "func", "__func__"):
        found = getattr(found, wrapped, found)
    found = inspect.unwrap(found)
    return found if isinstance(found, FunctionType) else None


class Judge:
    """The cases and the two shipped dossiers, and which rules and cases reach each function."""

    def __init__(self) -> None:
        stages = {rule.id: rule.stage for rule in rules.all_rules()}
        self.cases = [(case, case.material(), stages[case.rule]) for case in cases()]
        self.shipped = [dossier.load(ROOT / "inputs" / name) for name in _SHIPPED]
        self.said = [unfolded(each) for each in self.shipped]
        self.reached: dict[tuple[str, str], tuple[set[str], list[int]]] = {}
        self.before: dict[tuple[int, frozenset[str]], list[str]] = {}
        for number, (case, material, stage) in enumerate(self.cases):
            with _Watch() as watch:
                report = checks.check(
                    material, rule_set=[watch.watched(each) for each in rules.in_force(case.on, stage)]
                )
            wrong = problems(case, report)
            if wrong:
                raise ValueError(f"the cases must hold before anything is changed: {case}: {wrong}")
            for place, id_ in watch.seen:
                ids, numbers = self.reached.setdefault(place, (set(), []))
                ids.add(id_)
                if numbers[-1:] != [number]:
                    numbers.append(number)

    def notices(self, mutant: Mutant) -> bool:
        """Whether anything is different with the changed function."""
        function = function_of(mutant)
        if function is None or function.__code__.co_freevars:
            raise ValueError(f"{mutant}: cannot be exchanged")
        original = function.__code__
        ids, numbers = self.reached.get((original.co_filename, original.co_qualname), (set(), []))
        own = [number for number in numbers if self.cases[number][0].rule in ids or "" in ids]
        for number in own:
            if (number, frozenset(ids)) not in self.before:
                self.before[number, frozenset(ids)] = self._partly(number, ids)
        function.__code__ = mutant.code
        signal.setitimer(signal.ITIMER_REAL, SECONDS)
        try:
            # The rules that reach the function come first, without the others: that is quick and mostly enough.
            return (
                any(self._partly(number, ids) != self.before[number, frozenset(ids)] for number in own)
                or any(self._wholly(number) for number in own)
                or any(unfolded(each) != said for each, said in zip(self.shipped, self.said, strict=True))
            )
        except (Exception, TooLong):
            return True
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            function.__code__ = original

    def _partly(self, number: int, ids: set[str]) -> list[str]:
        case, material, stage = self.cases[number]
        some = [each for each in rules.in_force(case.on, stage) if each.id in ids or "" in ids]
        return lines(checks.check(material, rule_set=some))

    def _wholly(self, number: int) -> bool:
        case, material, stage = self.cases[number]
        return problems(case, checks.check(material, stage=stage)) != []


class _Watch:
    """Notes which functions are called, and for which rule; outside of all rules, for the rule ``""``."""

    def __init__(self) -> None:
        self.seen: set[tuple[tuple[str, str], str]] = set()
        self._rule = ""

    def __enter__(self) -> "_Watch":
        sys.setprofile(self._note)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)

    def _note(self, frame: FrameType, event: str, _: object) -> None:
        if event == "call" and "rules" in frame.f_code.co_filename:
            self.seen.add(((frame.f_code.co_filename, frame.f_code.co_qualname), self._rule))

    def watched(self, rule: Rule) -> Rule:
        """The rule, making itself known while it runs."""

        def function(subject: Node, law: Law) -> Iterator[Verdict]:
            self._rule = rule.id
            found: list[Verdict] = []
            try:
                found.extend(rule.function(subject, law))
            finally:
                self._rule = ""
            yield from found

        return replace(rule, function=function)


def unfolded(found: dossier.Dossier) -> list[str]:
    """What ``test_seed_findings`` compares."""
    report = checks.check(found)
    return [f"{each.kind.id} {each.outcome} {each.at}" for each in report.findings if each.cause is None]


def _too_long(number: int, frame: FrameType | None) -> None:
    raise TooLong


# --- the page --------------------------------------------------------------------------------------------------------


def page(counts: dict[str, Counter[bool]], alive: list[Mutant], day: str) -> str:
    """The result as Markdown."""
    noticed = sum(count[True] for count in counts.values())
    total = sum(count.total() for count in counts.values())
    git = ["git", "-C", str(ROOT)]
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    commit, changed = (
        subprocess.run([*git, *rest], capture_output=True, text=True, check=True, env=environment).stdout.strip()
        for rest in (["rev-parse", "--short", "HEAD"], ["status", "--porcelain", "-uno"])
    )
    said = [
        "# Mutation score of the rules",
        "",
        "Written by `make mutate` (`tests/mutating.py`, which says how); do not edit.",
        "",
        f"Commit {commit}{' with changes' if changed else ''}, {day}:",
        f"**{noticed} of {total} changes are noticed, {noticed * 1000 // max(total, 1) / 10} %.**",
        "",
        "| module | changes | noticed | not noticed |",
        "|---|---:|---:|---:|",
    ]
    for module, count in sorted(counts.items()):
        said.append(f"| `{module}` | {count.total()} | {count[True]} | {count[False]} |")
    said += [
        "",
        "## Not noticed",
        "",
        "Some change nothing that can be seen (a condition that another one implies).",
        "",
    ]
    said += [f"- {mutant}" for mutant in alive] or ["None."]
    return "\n".join(said) + "\n"


def main(arguments: list[str]) -> int:
    """Changes every module of rules, or those named, and writes the page."""
    target, day, *wanted = arguments
    signal.signal(signal.SIGALRM, _too_long)
    rules.all_rules()
    judge = Judge()
    counts: dict[str, Counter[bool]] = {}
    alive: list[Mutant] = []
    for module in wanted or [name for name in rules._modules() if name not in _LEFT_OUT]:
        for mutant in mutants(module):
            noticed = judge.notices(mutant)
            counts.setdefault(module, Counter())[noticed] += 1
            if not noticed:
                alive.append(mutant)
        print(module, dict(counts.get(module, {})), file=sys.stderr, flush=True)
    Path(target).write_text(page(counts, alive, day), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
