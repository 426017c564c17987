"""What is wrong with a command line, in both languages: the library that parses it speaks English only."""

import re
from enum import Enum

from formgen.findings import Text

_QUOTED = re.compile(r"'([^']*)'")
_BRACKETED = re.compile(r"\(([^()]*)\)$")


def said(error: Exception) -> Text:
    """The sentence for an error of the command line.

    The library's classes are told by their names: which module they lie in depends on its version.
    """
    english = str(getattr(error, "format_message", error.__str__)())
    return Text(f"命令写法不对：{_chinese(error, english)}", english)


def _chinese(error: Exception, english: str) -> str:
    parameter = getattr(error, "param", None)
    match type(error).__name__:
        case "MissingParameter" if parameter is not None:
            return f"缺少{_name(parameter)}"
        case "BadParameter" if parameter is not None:
            return f"{_name(parameter)} {_wanted(parameter)}{_written(getattr(error, 'message', ''))}"
        case "NoSuchOption":
            near = "、".join(sorted(getattr(error, "possibilities", None) or ()))
            return f"没有选项 {getattr(error, 'option_name', '')}" + (f"，是不是 {near}？" if near else "")
        case "BadOptionUsage":
            verb = "后面不要写值" if "does not take" in english else "后面要写值"
            return f"选项 {getattr(error, 'option_name', '')} {verb}"
    if english.startswith("No such command"):
        return f"没有命令 {_found(_QUOTED, english)}"
    if english.startswith("Got unexpected extra argument"):
        return f"多写了 {_found(_BRACKETED, english)}"
    return "缺少子命令" if english.startswith("Missing command") else english


def _name(parameter: object) -> str:
    """A parameter as a person writes it."""
    options = getattr(parameter, "opts", [])
    if options and str(options[0]).startswith("-"):
        return f"选项 {'、'.join(options)}"
    return f"参数 {getattr(parameter, 'metavar', None) or getattr(parameter, 'name', '')}"


def _wanted(parameter: object) -> str:
    """What a parameter takes: one of some words, a number of processes, or a path."""
    default = getattr(parameter, "default", None)
    if isinstance(default, Enum):
        return f"只能是 {'、'.join(str(choice.value) for choice in type(default))}"
    return "应是 1 至 256 的整数" if getattr(parameter, "metavar", "") == "N" else "的值不对"


def _written(message: str) -> str:
    """What was written instead, where the library says it."""
    match = re.search("'([^']*)' is not", message)
    return f"，写的是 {match[1]}" if match is not None else ""


def _found(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match[1] if match is not None else text
