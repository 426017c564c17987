"""The commands of sign-off: policy, start, review, approve, reject, record, status."""

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

# The rooms are imported by the commands that need them: `formgen --help` waits for none of their libraries.
import typer

from formgen.cli import sign_off_options as given
from formgen.cli.options import Lang, LangOption, ListFormat, ListFormatOption, Paths, app, contents, day_of
from formgen.cli.sign_off_options import (
    KeyOption,
    LedgerOption,
    OneFormOption,
    OnlyOption,
    PolicyOption,
    RoleOption,
    RootOption,
)
from formgen.errors import FormgenError, UsageError
from formgen.findings import Text
from formgen.reports import screen
from formgen.reports.screen import Line

if TYPE_CHECKING:
    from formgen.issuing.material import Material

signoff_app = typer.Typer(
    help="签批：送审、看送审稿、同意、退回、登记纸质意见。Sign-off: submit, review, approve, reject, record paper.",
    no_args_is_help=False,
)
app.add_typer(signoff_app, name="signoff")
_NOWHERE = Path("outputs")
"""Nothing is written there: only the names of documents come from it."""
Comment = Annotated[str, typer.Option("--comment", metavar="TEXT", help="意见，印在意见栏里。The opinion, printed.")]


@signoff_app.command("policy")
def policy(
    file: Annotated[Path, typer.Argument(metavar="FILE.toml", help="签批规则。The policy as written.")],
    root: Annotated[Path, typer.Option("--root-key", metavar="ROOT.pem", help="根私钥，平时离线保管。The root's key.")],
    out: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="写到哪个文件。Where to write.")] = Path(
        "policy.json"
    ),
    after: Annotated[
        Path | None, typer.Option("--after", metavar="FILE", help="上一版（签署过的）。The version before, signed.")
    ] = None,
    lang: LangOption = Lang.ZH,
) -> int:
    """签署签批规则：哪些表单经哪几步、谁有哪把密钥。Signs a policy: steps of each form, people, keys, dates."""
    from formgen.signing import dsse, exclusive, keys
    from formgen.signing import policy as policies

    key = given.private_key(root, lang)
    earlier = None
    if after is not None:
        try:
            earlier = policies.read(contents(after), key.public_key())
        except (dsse.Malformed, policies.NotSigned) as error:
            raise UsageError(
                Text("这不是用这把根私钥签署的签批规则", "this is no policy that this root key has signed"),
                place=str(after),
            ) from error

    def key_at(name: str) -> bytes:
        return keys.load_ed25519_public(file.parent / name).public_bytes_raw()

    made = policies.signed(policies.drafted(contents(file), str(file), key_at, earlier), key)
    if not exclusive.create(out, made):
        raise UsageError(
            Text("已经有这个文件，不会覆盖", "the file is there already and is not replaced"),
            place=str(out),
            remedy=Text("请用 -o 换一个名称", "choose another name with -o"),
        )
    screen.results([Line(f"{out}  {dsse.digest(made)}")])
    return 0


@signoff_app.command("start")
def start(
    paths: Paths,
    ledger: LedgerOption,
    root: RootOption,
    key: KeyOption,
    policy: PolicyOption = None,
    form: OneFormOption = None,
    only: OnlyOption = None,
    lang: LangOption = Lang.ZH,
) -> int:
    """送审：没有错误的每份表单成为一案；退回的、改过的重新送审。Submits every form that has no errors."""
    from formgen.issuing import signing_off

    desk = given.desk(ledger, root, policy, key, lang, create=True)
    found = given.materials(paths, _NOWHERE)
    given.need_free_of_errors(found)
    chosen = given.cases(found, desk.ledger, form, only)
    done, passed_over = signing_off.submit(desk, chosen)
    for case in chosen:
        said = _SUBMITTED if case.number in done else _UNDER_WAY
        screen.results([Line(said.lang(lang, {"case": case.number, "label": case.label}))])
    _note_withheld(found, lang)
    screen.results([Line(_STARTED.lang(lang, {"new": len(done), "old": len(passed_over)}), style="bold")])
    return 0 if chosen else 1


ReviewKeyOption = Annotated[
    Path,
    typer.Option("--key", metavar="FILE.pem", help="自己的签批密钥，公钥也可以。One's own key, or its public half."),
]
OutOption = Annotated[
    Path, typer.Option("-o", "--output", metavar="FOLDER", help="送审稿放到哪里（空文件夹）。Where to put it.")
]


@signoff_app.command("review")
def review(
    paths: Paths,
    ledger: LedgerOption,
    root: RootOption,
    key: ReviewKeyOption,
    out: OutOption = Path("review"),
    policy: PolicyOption = None,
    form: OneFormOption = None,
    only: OnlyOption = None,
    role: RoleOption = None,
    lang: LangOption = Lang.ZH,
) -> int:
    """签批前看：写出送审稿和问题表，给出签批时要用的代码。Writes the proofs and the findings to look at."""
    from formgen.cli.clock import now
    from formgen.issuing import foreseeing, signing_off
    from formgen.issuing import review as reviewing
    from formgen.signing.statement import CHINA

    opened, trust = given.opened(ledger, root, policy, now())
    found = given.materials(paths, _NOWHERE)
    given.need_free_of_errors(found)
    own = signing_off.own_key(trust.newest, given.public_key(key, lang))
    cases, changed = signing_off.awaiting(opened, trust, given.cases(found, opened, form, only), own, role)
    _tell_left_out(changed, lang)
    if not cases:
        screen.results([Line(_NOBODY.lang(lang))])
        return 1
    _need_empty(out)
    seen = reviewing.review(found, cases, lang)
    seen.write(out)
    for case in cases:
        screen.results([Line(f"{case.number}  {case.label}")])
    for material in found:
        for finding in foreseeing.foreseen(material, cases, opened, trust, trust.now.astimezone(CHINA).date()):
            said = {"rule": finding.kind.id, "message": finding.message(lang)}
            screen.notes([Line(_FORESEEN.lang(lang, said), style="yellow")])
    values = {"count": len(cases), "folder": out, "code": seen.code, "noted": seen.to_acknowledge}
    screen.results([Line(_REVIEW.lang(lang, values), style="bold")])
    if seen.to_acknowledge:
        screen.results([Line(_TO_ACKNOWLEDGE.lang(lang, values))])
    return 0


AcknowledgeOption = Annotated[
    bool, typer.Option("--acknowledge", help="已知悉没有核对和已豁免的问题。Unverified and waived findings noted.")
]
ExceptionsOption = Annotated[
    list[str] | None, typer.Option("--except", metavar="CASE", help="这些案号除外，可写几次。Not these cases.")
]


@signoff_app.command("approve")
def approve(
    paths: Paths,
    ledger: LedgerOption,
    root: RootOption,
    key: KeyOption,
    seen: Annotated[str, typer.Option("--seen", metavar="CODE", help="review 给出的代码。The code that review gave.")],
    acknowledge: AcknowledgeOption = False,
    exceptions: ExceptionsOption = None,
    comment: Comment = "",
    policy: PolicyOption = None,
    form: OneFormOption = None,
    only: OnlyOption = None,
    role: RoleOption = None,
    lang: LangOption = Lang.ZH,
) -> int:
    """同意：一次签批看过的各案，--except 除外。Approves what was looked at, many cases at once."""
    from formgen.issuing import review as reviewing
    from formgen.issuing import signing_off

    desk = given.desk(ledger, root, policy, key, lang)
    found = given.materials(paths, _NOWHERE)
    given.need_free_of_errors(found)
    own = signing_off.own_key(desk.policy, desk.key.public_key())
    listed = given.cases(found, desk.ledger, form, only)
    cases, changed = signing_off.awaiting(desk.ledger, desk.trust, listed, own, role)
    _tell_left_out(changed, lang)
    done = signing_off.approve(
        desk,
        reviewing.review(found, cases, lang),
        seen,
        role,
        acknowledge=acknowledge,
        exceptions=exceptions or (),
        comment=comment,
    )
    _tell_left_out(done.refused, lang)
    labels = {case.number: case.label for case in listed}
    for number in sorted(done.done):
        screen.results([Line(f"{number}  {labels[number]}")])
    screen.results([Line(_APPROVED.lang(lang, {"count": len(done.done)}), style="bold")])
    return 0 if done.done and not done.refused else 1


@signoff_app.command("reject")
def reject(
    numbers: Annotated[list[str], typer.Argument(metavar="CASE...", help="案号。Numbers of cases.")],
    ledger: LedgerOption,
    root: RootOption,
    key: KeyOption,
    comment: Annotated[str, typer.Option("--comment", metavar="TEXT", help="为什么退回。Why.")],
    policy: PolicyOption = None,
    role: RoleOption = None,
    lang: LangOption = Lang.ZH,
) -> int:
    """退回：改正并重新送审以后，从第一步重新开始。Rejects: every step begins anew."""
    from formgen.issuing import signing_off
    from formgen.reports import sign_offs

    desk = given.desk(ledger, root, policy, key, lang)
    for number in numbers:
        chain = signing_off.reject(desk, number, role, comment)
        screen.results(sign_offs.lines(chain, desk.trust, lang))
    return 0


@signoff_app.command("record")
def record(
    numbers: Annotated[list[str], typer.Argument(metavar="CASE...", help="案号。Numbers of cases.")],
    ledger: LedgerOption,
    root: RootOption,
    key: Annotated[Path, typer.Option("--key", metavar="FILE.pem", help="经办人的签批密钥。The clerk's key.")],
    paper: Annotated[Path, typer.Option("--paper", metavar="SCAN", help="盖章意见的扫描件。The scan of the opinion.")],
    role: Annotated[str, typer.Option("--role", metavar="ROLE", help="哪一方的意见。Whose opinion.")],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="谁签字。Who signed it.")],
    day: Annotated[str, typer.Option("--day", metavar="DATE", help="纸上的日期。The day on the paper.")],
    comment: Comment = "",
    policy: PolicyOption = None,
    lang: LangOption = Lang.ZH,
) -> int:
    """登记纸质意见：记下扫描件的摘要，表上和核验时都写明是纸质。Records a stamped opinion, always told as paper."""
    from formgen.issuing import signing_off
    from formgen.reports import sign_offs
    from formgen.signing import dsse
    from formgen.signing.statement import Paper

    desk = given.desk(ledger, root, policy, key, lang)
    signed: date | None = day_of(day, "--day")
    noted = Paper(dsse.digest(contents(paper)), by.strip(), signed.isoformat() if signed is not None else "")
    if not noted.by:
        raise UsageError(Text("--by 不能是空的", "--by must not be empty"))
    for number in numbers:
        chain = signing_off.record(desk, number, role, noted, comment)
        screen.results(sign_offs.lines(chain, desk.trust, lang))
    return 0


@signoff_app.command("status")
def status(
    ledger: LedgerOption,
    root: RootOption,
    numbers: Annotated[
        list[str] | None, typer.Argument(metavar="CASE...", help="案号；不写则全部。Cases; all if none is named.")
    ] = None,
    dossier: Annotated[
        list[Path] | None,
        typer.Option("--dossier", metavar="PATH", help="案卷，用来写明每案是哪份表单。To say which form a case is."),
    ] = None,
    policy: PolicyOption = None,
    output: ListFormatOption = ListFormat.TEXT,
    lang: LangOption = Lang.ZH,
) -> int:
    """各案到了哪一步；签批簿有一处不成立就以 1 退出。Where each case is; 1 where the ledger does not hold."""
    from formgen.cli.clock import now
    from formgen.reports import sign_offs
    from formgen.signing.refusals import Reason, Refused

    opened, trust = given.opened(ledger, root, policy, now())
    labels = {c.number: c.label for m in given.materials(dossier or (), _NOWHERE) for c in m.cases(opened)}
    chains = []
    broken: dict[str, FormgenError] = {}
    for number in numbers or opened.cases():
        try:
            chain = opened.chain(number, trust)
            if not chain.rounds:
                raise Refused(Reason.NO_CASE, what=number)
            chains.append(chain)
        except Refused as error:
            broken[number] = error
    if output is ListFormat.JSON:
        screen.document(sign_offs.document(chains, trust, broken, lang))
        return int(bool(broken))
    for chain in chains:
        screen.results(sign_offs.lines(chain, trust, lang, labels.get(chain.case, "")))
    screen.results(sign_offs.left_out(broken, lang))
    return int(bool(broken))


def _tell_left_out(refused: Mapping[str, FormgenError], lang: str) -> None:
    from formgen.reports import sign_offs

    screen.notes(sign_offs.left_out(refused, lang))


def _note_withheld(found: list["Material"], lang: str) -> None:
    for material in found:
        if material.plan.withheld:
            values = {"name": material.dossier.name, "count": len(material.plan.withheld)}
            screen.notes([Line(_WITHHELD.lang(lang, values), style="yellow")])


def _need_empty(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or os.listdir(folder)):
        raise UsageError(
            Text("这个文件夹已有内容", "this folder is not empty"),
            place=str(folder),
            remedy=Text("请用 -o 换一个空文件夹", "choose an empty one with -o"),
        )


_SUBMITTED = Text("{case}  {label}  已送审", "{case}  {label}  submitted")
_UNDER_WAY = Text("{case}  {label}  没有变，仍在办理", "{case}  {label}  unchanged, under way or complete")
_STARTED = Text("送审 {new} 案，另有 {old} 案已在办理", "{new} cases submitted, {old} under way already")
_WITHHELD = Text("{name}：{count} 份有错误，没有送审", "{name}: {count} documents have errors and were not submitted")
_NOBODY = Text("没有轮到您签批的", "nothing awaits your approval")
_REVIEW = Text(
    "{count} 案待您签批。请打开 {folder} 看送审稿和 问题.html；同意请用 --seen {code}",
    "{count} cases await your approval. Look at the proofs and 问题.html in {folder}; to approve, use --seen {code}",
)
_TO_ACKNOWLEDGE = Text(
    "其中 {noted} 处问题没有核对或已豁免，知悉后另加 --acknowledge",
    "{noted} findings are unverified or waived; having read them, add --acknowledge",
)
_FORESEEN = Text(
    "即使今天全部签完，出具时也会有错误：{rule} {message}",
    "even if all approved today, issuing would find an error: {rule} {message}",
)
_APPROVED = Text("已同意 {count} 案", "{count} cases approved")
