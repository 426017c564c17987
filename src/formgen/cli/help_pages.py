"""What ``--help`` shows: the commands in the order of the work, each text in one language.

Every text is written as ``中文。English.``, where the commands and options are; the library that prints it knows only
one string. Which half is shown is known when a page is asked for, and only then is it loaded what pages need.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

import typer

from formgen.cli.options import app
from formgen.findings import Text

PANELS = {
    "收材料。Collecting": ("blank", "validate", "read", "annotate", "merge"),
    "出文件。Producing": ("generate", "template"),
    "签批。Signing": ("signoff", "issue", "sign", "verify", "keys"),
    "规则。Rules": ("forms", "rules", "rule"),
}
"""The commands in the order in which a term's work needs them; one that is missing here stops every command."""
_EPILOG = "每个命令后面加 --help 看它的用法，加 --lang en 看英文。Add --help to a command for its options."
_HELP = "说明用法。Show this message and exit."
_COMPLETION = {
    "install_completion": "让命令行会自动补全。Install completion for the current shell.",
    "show_completion": "显示自动补全的脚本。Show the script for completion, to copy or change it.",
}
_WORDS = {
    "ARGUMENTS_PANEL_TITLE": Text("参数", "Arguments"),
    "OPTIONS_PANEL_TITLE": Text("选项", "Options"),
    "COMMANDS_PANEL_TITLE": Text("命令", "Commands"),
    "DEFAULT_STRING": Text("[默认：{}]", "[default: {}]"),
    "ENVVAR_STRING": Text("[环境变量：{}]", "[env var: {}]"),
    "REQUIRED_LONG_STRING": Text("[必填]", "[required]"),
}


def half(text: str, lang: str) -> str:
    """The Chinese or the English half of a help text."""
    chinese, stop, english = text.partition("。")
    return english if lang == "en" else chinese + stop


def program() -> Any:
    """The whole command, an object of Typer's own click, with what is below it in the order of the work."""
    command: Any = typer.main.get_command(app)
    places = {name: panel for panel, names in PANELS.items() for name in names}
    order = list(places)
    command.commands = dict(sorted(command.commands.items(), key=lambda each: order.index(each[0])))
    for name, below in command.commands.items():
        below.rich_help_panel = places[name]
    for parameter in command.params:
        parameter.help = _COMPLETION.get(parameter.name, parameter.help)
    command.epilog = _EPILOG
    return command


def speaking(command: Any, lang: str) -> Any:
    """The same command, which speaks ``lang`` wherever no other language is asked for."""
    for each in _all(command):
        each.format_help = partial(_format_help, each, lang, each.format_help)
        for parameter in each.params:
            if parameter.name == "lang":
                parameter.default = type(parameter.default)(lang)
    return command


def _all(command: Any) -> Iterator[Any]:
    yield command
    for below in getattr(command, "commands", {}).values():
        yield from _all(below)


def _format_help(command: Any, lang: str, original: Any, context: Any, formatter: Any) -> None:
    from typer import rich_utils

    for name, text in _WORDS.items():
        setattr(rich_utils, name, text.lang(lang))
    below = getattr(command, "commands", {}).values()
    command.get_help_option(context).help = _HELP
    for each in (command, *below, *command.get_params(context)):
        each.help = half(each.help, lang)
        each.rich_help_panel = half(each.rich_help_panel or "", lang).rstrip("。")
    if command.epilog:
        command.epilog = half(command.epilog, lang)
    if lang != "en":
        command.options_metavar = "[选项]"
        command.subcommand_metavar = "命令 [参数]..."
        command.get_usage = partial(_usage, command.get_usage)
    original(context, formatter)


def _usage(original: Any, context: Any) -> str:
    return str(original(context)).replace("Usage: ", "用法：", 1)
