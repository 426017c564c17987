"""The report on one dossier as the text of a file beside a summary, in each format."""

from formgen.checks import Report
from formgen.dossier import Dossier
from formgen.reports import rendering, screen, text
from formgen.reports.rendering import Format

SUFFIXES = {Format.TEXT: ".txt", Format.JSON: ".json", Format.SARIF: ".sarif", Format.HTML: ".html"}


def contents(output: Format, dossier: Dossier, report: Report, lang: str, *, redact: bool) -> str:
    """The whole report in one of the formats, ``redact`` without what is personal."""
    if output is not Format.TEXT:
        return f"{rendering.document(output, [(dossier, report, None)], (), lang, redact=redact)}\n"
    if redact:
        dossier, report, _ = rendering.redacted((dossier, report, None), lang)
    lines = text.lines(dossier, report, lang)
    return "".join(f"{' ' * line.indent}{screen.plain(line.text)}\n" if line.text else "\n" for line in lines)
