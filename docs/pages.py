"""Writes the pages that follow from the code: docs/forms and docs/commands.md. A test checks that they are current.

``python docs/pages.py`` (``make docs``); docs/rules has its own writer, ``formgen.rules.page``.
"""

import json
from collections.abc import Iterable, Iterator
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

from formgen import dossier, forms, rules
from formgen.cli import help_pages
from formgen.filling.controls import join_path
from formgen.filling.typesetting import typesetter
from formgen.record import Record
from formgen.reports import rulebook

_DOCS = Path(__file__).parent
_MADE = "由 `python docs/pages.py` 从 schemas/ 生成，不要手改。"
_MADE_OF_COMMANDS = "由 `python docs/pages.py` 从命令的 `--help` 生成，不要手改。"
_LEAVE_OUT = (
    '没有的就**不写这一项**（不写空的 `""`，不写 `null`）。标“必填”的，它所在的那一组写了就必须有。'
    "[怎样做自己的案卷](../own-dossier.md)。"
)
_GROUPS, _LONGEST = 4, 30
_TYPES = {"string": "文字", "integer": "整数", "boolean": "是否", "object": "一组", "array": "列表"}
_SAMPLES: dict[str, Any] = {
    "date": "2020-11-08",
    "month": "2002-05",
    "date_range": {"start": "2020-11-17", "end": "2020-11-18"},
    "grade": 2019,
    "rank": {"text": "3/45"},
    "yes_no": True,
}


def form_pages() -> dict[str, str]:
    """The pages of all forms and their index, by file name."""
    catalogue = forms.catalogue()
    pages = {f"{key}.md": _form_page(editions[-1]) for key, editions in catalogue.items()}
    rows = [
        f"| [{key}]({key}.md) | {editions[-1].title} | {_kept_in(editions[-1])} | {_documents(editions[-1])} |"
        for key, editions in catalogue.items()
    ]
    how = "怎样从头做一个案卷：[自己的案卷](../own-dossier.md)。"
    head = ["# 表单", "", how, "", "| 代号 | 名称 | 案卷中的材料 | 生成 |", "|---|---|---|---|"]
    more = ["", "整个案卷的情况（学校、备案日期、在校生等）写在 `dossier.json`：[案卷](dossier.md)。", "", _MADE]
    return {**pages, "dossier.md": _dossier_page(), "README.md": "\n".join([*head, *rows, *more]) + "\n"}


def _kept_in(edition: forms.Edition) -> str:
    if edition.many:
        return f"`{edition.key}/*.json` 或 `*.docx`，每份一个文件"
    lists = any(field.get("type") == "array" for field in edition.schema["properties"].values())
    return f"`{edition.key}.json`" + (f" 或 `{edition.key}.xlsx`" if lists and ".xlsx" in edition.templates else "")


def _documents(edition: forms.Edition) -> str:
    return "、".join(suffix[1:].upper() for suffix in edition.templates) or "—"


def _form_page(edition: forms.Edition) -> str:
    lines = [f"# {edition.title}", "", f"`{edition.key}` · 材料：{_kept_in(edition)} · 生成：{_documents(edition)}", ""]
    lines += ["“字段”就是模板里控件的标记（[怎样画模板](../templates.md)）；“列表”的各项写作 `[]`。", ""]
    lines += [_LEAVE_OUT, "", "| 字段 | 名称 | 类型 | 打印为 | 填写说明 |", "|---|---|---|---|---|"]
    lines += [_row(*each) for each in _fields(edition.schema)]
    lines += [line for record in _demo().records.get(edition.key, ())[:1] for line in _example_of(record)]
    return "\n".join([*lines, *_rules_of(edition.key), "", _MADE]) + "\n"


def _example_of(record: Record) -> list[str]:
    edition = forms.catalogue().edition(record.form, _demo().as_of)
    newer = edition is not forms.catalogue()[record.form][-1]
    name = record.origins.find(()).file + (f"，{_demo().as_of.isoformat()} 时的版本" if newer else "")
    return _example(name, record.values)


@cache
def _demo() -> dossier.Dossier:
    return dossier.load(_DOCS.parent / "inputs" / "demo-2020")


def _dossier_page() -> str:
    lines = [f"# {forms.dossier_schema()['title']}", "", forms.dossier_schema()["description"] + "。", ""]
    lines += ["模板里用 `dossier.` 加字段，可以打印在任何表单上，如 `dossier.organisation.name`。", ""]
    lines += [_LEAVE_OUT, "", "| 字段 | 名称 | 类型 | 打印为 | 填写说明 |", "|---|---|---|---|---|"]
    lines += [_row(*each) for each in _fields(forms.dossier_schema())]
    lines += _example("dossier.json", _demo().values)
    return "\n".join([*lines, *_rules_of("dossier"), "", _MADE]) + "\n"


def _rules_of(form: str) -> list[str]:
    own = [rule for rule in rulebook.in_order(rules.all_rules()) if rule.form == form]
    entries = [f"- [{rule.id}](../rules/{rule.id}.md) {rule.kind.title.zh}" for rule in own]
    return ["", "## 核对它的规则", "", *entries] if own else []


def _fields(schema: forms.Schema, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], forms.Schema, bool]]:
    """Path and schema of every field, and whether what it stands in must have it."""
    for key, field in schema.get("properties", {}).items():
        yield (*path, key), field, key in schema.get("required", ())
        if field["type"] == "array":
            yield from _fields(field["items"], (*path, key, "[]"))
        else:
            yield from _fields(field, (*path, key))


def _row(path: tuple[str, ...], field: forms.Schema, required: bool) -> str:
    notes = "；".join([*(["**必填**"] if required else []), *_notes(field)])
    cells = [f"`{join_path(path)}`", field.get("title", ""), _type(field), _printed(field), notes]
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _example(name: str, values: Any) -> list[str]:
    """A part of the invented dossier as an example: of each list one entry, of large groups some."""
    lines = ["", "## 例子", "", f"摘自虚构的 `inputs/demo-2020`（{name}），每个列表只留一条，长的文字只留开头：", ""]
    return [*lines, "```json", json.dumps(_shortened(values), ensure_ascii=False, indent=2), "```"]


def _shortened(value: Any) -> Any:
    if isinstance(value, dict):
        groups = [key for key, child in value.items() if isinstance(child, dict | list)]
        left_out = groups[_GROUPS:] if len(groups) > 2 * _GROUPS else []
        return {key: _shortened(child) for key, child in value.items() if key not in left_out}
    if isinstance(value, list):
        return [_shortened(item) for item in value[:1]]
    return value[:_LONGEST] + "……" if isinstance(value, str) and len(value) > 2 * _LONGEST else value


def _type(field: forms.Schema) -> str:
    return "选择" if "enum" in field else "图片" if field.get("x-typeset") == "picture" else _TYPES[field["type"]]


def _printed(field: forms.Schema) -> str:
    if "x-optional-column" in field:
        return "不打印"
    sample = _SAMPLES.get(field.get("x-typeset", ""))
    return f"如 {typesetter(field)(sample)}" if sample is not None else ""


def _notes(field: forms.Schema) -> Iterator[str]:
    if "description" in field:
        yield field["description"].rstrip("。")
    if "enum" in field and not all(str(value) in field.get("description", "") for value in field["enum"]):
        yield "可选：" + "、".join(map(str, field["enum"]))
    if "x-aliases" in field:
        yield "表头也可写作：" + "、".join(field["x-aliases"])
    for value, spellings in field.get("x-spellings", {}).items():
        yield f"{'、'.join(spellings)} 即 {value}"
    if "x-sensitive" in field:
        yield "**个人信息**"


def commands() -> Iterator[tuple[str, Any]]:
    """Every command with its full name, ``formgen`` itself first; the objects are those of Typer's own click."""
    yield from _commands_below("formgen", help_pages.program())


def _commands_below(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    yield name, command
    for child, below in getattr(command, "commands", {}).items():
        yield from _commands_below(f"{name} {child}", below)


def commands_page() -> str:
    """The page of all commands and options."""
    lines = ["# 命令 · Commands", ""]
    lines += ["| 退出码 | | |", "|---|---|---|"]
    lines += ["| 0 | 完成 | done |", "| 1 | 有问题（`--fail-on` 及以上） | findings at or above `--fail-on` |"]
    lines += ["| 2 | 用法不对 | wrong usage |", "| 3 | 程序或环境出错 | our fault or the environment's |"]
    lines += ["| 130 | 被 Ctrl-C 中断，没有写完的不会留下 | interrupted by Ctrl-C; nothing half-written is left |"]
    lines += [
        "| 143 | `generate` 被系统要求停止（如关机） | `generate` was told to stop, as when a system shuts down |",
        "",
    ]
    lines += ["结果写到标准输出，其余写到标准错误。Results go to stdout, everything else to stderr.", ""]
    lines += [f"- {panel}: {_linked(names)}" for panel, names in help_pages.PANELS.items()] + [""]
    for name, command in commands():
        lines += [f"## {name}", "", command.help, ""]
        rows = [_row_of_parameter(parameter) for parameter in command.params]
        lines += ["| 参数 | 取值 | 默认 | 说明 |", "|---|---|---|---|", *rows, ""] if rows else []
    return "\n".join([*lines, _MADE_OF_COMMANDS]) + "\n"


def _linked(names: Iterable[str]) -> str:
    return "、".join(f"[{name}](#formgen-{name})" for name in names)


def _row_of_parameter(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"| `{parameter.metavar}` | | | {parameter.help} |"
    default = parameter.default
    if parameter.is_flag:
        taken, default = "", None
    elif isinstance(default, Enum):
        taken, default = "、".join(f"`{choice.value}`" for choice in type(default)), default.value
    else:
        taken = f"`{parameter.metavar}`"
    names = "、".join(f"`{name}`" for name in parameter.opts)
    return f"| {names} | {taken} | {'' if default is None else f'`{default}`'} | {parameter.help} |"


def pages() -> dict[str, str]:
    """Every page by its path below docs/."""
    return {**{f"forms/{name}": text for name, text in form_pages().items()}, "commands.md": commands_page()}


def main() -> None:
    """Writes all pages."""
    for name, text in pages().items():
        path = _DOCS / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8", newline="\n")


if __name__ == "__main__":
    main()
