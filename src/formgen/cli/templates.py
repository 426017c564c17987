"""The commands for whoever draws templates: what a form has, from typed names to controls, whether a template fits."""

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

# The rooms are imported by the commands that need them: `formgen --help` waits for none of their libraries.
import typer

from formgen.cli.options import (
    AsOf,
    ForceOption,
    Lang,
    LangOption,
    ListFormat,
    ListFormatOption,
    contents,
    day_of,
    template_app,
)
from formgen.errors import UsageError
from formgen.findings import Text
from formgen.reports import screen
from formgen.reports.screen import Line

if TYPE_CHECKING:
    from formgen.filling.controls import Problem
    from formgen.forms import Edition

TemplateForm = Annotated[
    str | None,
    typer.Option("--form", metavar="KEY", help="表单；默认取文件名。The form; by default the file's name."),
]


def _edition(file: Path, form: str | None, as_of: str | None) -> "Edition":
    """The edition of a template. It is named by it; without a day it is the newest."""
    from formgen.forms import catalogue

    key, _, first_day = file.stem.partition(".")
    day = day_of(as_of) or day_of(first_day or None) or date.max
    return catalogue().edition(form if form is not None else key, day)


@template_app.command("check")
def template_check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="模板文件。The template.")],
    form: TemplateForm = None,
    as_of: AsOf = None,
    lang: LangOption = Lang.ZH,
) -> int:
    """核对模板的控件与表单的字段是否相符。Checks a template's controls against the fields of its form."""
    edition = _edition(file, form, as_of)
    return _check(file, file.name, contents(file), edition, (), lang)


def _check(file: Path, name: str, data: bytes, edition: "Edition", before: "Iterable[Problem]", lang: Lang) -> int:
    from formgen.filling.template import examine

    template, problems = examine(data, name, edition)
    for problem in (*before, *problems):
        place = " ".join(part for part in (problem.part, problem.control) if part)
        screen.results([Line(f"{file}: {place}: {problem.text.lang(lang)}")])
    if template is not None:
        values = {"file": file, "title": edition.title, "count": len(template.controls)}
        screen.results([Line(_GOOD.lang(lang, values))])
    return 1 if problems or before else 0


_GOOD = Text("{file}：与“{title}”相符，控件 {count} 个", "{file}: matches {title}, {count} controls")


@template_app.command("outline")
def template_outline(
    form: Annotated[str, typer.Argument(metavar="FORM", help="表单代号，如 staff_list。The form's key.")],
    as_of: AsOf = None,
    output: ListFormatOption = ListFormat.TEXT,
    lang: LangOption = Lang.ZH,
) -> int:
    """列出模板可用的字段：标记、名称、类型。Lists the fields that a template may print, with their tags."""
    from formgen.filling.outline import outline
    from formgen.forms import catalogue
    from formgen.reports.tables import aligned

    edition = catalogue().edition(form, day_of(as_of) or date.max)
    entries = list(outline(edition))
    if output is ListFormat.JSON:
        listed = [
            {
                "tag": entry.tag,
                "name": entry.name,
                "title": entry.title,
                "kind": entry.sort.name.lower(),
                "choices": list(entry.choices),
                "repeated": entry.repeated,
                "sensitive": entry.sensitive,
            }
            for entry in entries
        ]
        screen.document(json.dumps({"version": 1, "form": form, "fields": listed}, ensure_ascii=False, indent=2))
        return 0
    rows = [[_HEAD.lang(lang, {}).split("|")[column] for column in range(5)]]
    for entry in entries:
        notes = [_REPEATED.lang(lang)] if entry.repeated else []
        notes += [_SENSITIVE.lang(lang)] if entry.sensitive else []
        kind = entry.sort.value[lang is Lang.EN] + (f"（{'、'.join(entry.choices)}）" if entry.choices else "")
        rows.append([entry.tag, entry.name, entry.title, kind, "、".join(notes)])
    screen.results(Line(line) for line in aligned(rows))
    return 0


_HEAD = Text("Word 标记|Excel 名称|名称|类型|备注", "Word tag|Excel name|title|kind|notes")
_REPEATED = Text("列表", "repeated")
_SENSITIVE = Text("个人信息", "personal")


@template_app.command("adopt")
def template_adopt(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="写有 {{字段}} 的 .docx 或 .xlsx。A document in which {{fields}} were typed."
        ),
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", help="写成哪个文件。The template to write.")
    ],
    form: TemplateForm = None,
    as_of: AsOf = None,
    force: ForceOption = False,
    lang: LangOption = Lang.ZH,
) -> int:
    """把打字写的 {{字段}} 变成模板的控件，再核对。Turns typed {{fields}} into controls, and checks the template."""
    from formgen import own_files
    from formgen.filling.adopting import adopt

    suffix = file.suffix.lower()
    _need(suffix in (".docx", ".xlsx"), file, _FORMAT, _SAVE)
    _need(output.suffix.lower() == suffix, output, Text(f"要以 {suffix} 结尾", f"has to end in {suffix}"), _NAME)
    _need(output.resolve() != file.resolve(), output, _SAME, _NAME)
    edition = _edition(output, form, as_of)
    adopted = adopt(contents(file), file.name, edition)
    if not adopted.tags and not adopted.problems:
        raise UsageError(
            Text("没有找到 {{字段}}", "no {{fields}} were found"),
            place=str(file),
            remedy=Text(f"字段见 formgen template outline {edition.key}", f"formgen template outline {edition.key}"),
        )
    own_files.put(output, adopted.data, force=force)
    screen.results([Line(_ADOPTED.lang(lang, {"file": output, "count": len(adopted.tags)}))])
    return _check(output, output.name, adopted.data, edition, adopted.problems, lang)


def _need(condition: bool, place: Path, problem: Text, remedy: Text) -> None:
    if not condition:
        raise UsageError(problem, place=str(place), remedy=remedy)


_FORMAT = Text("这不是 .docx 或 .xlsx 文件", "this is no .docx or .xlsx file")
_SAVE = Text("请另存为 .docx 或 .xlsx", "save it as .docx or .xlsx")
_SAME = Text("不能写到原来的文件上", "the file itself is not written to")
_NAME = Text("请用 -o 另写一个文件名", "name another file with -o")
_ADOPTED = Text("{file}：{count} 处 {{{{字段}}}} 变成了控件", "{file}: {count} {{{{fields}}}} became controls")
