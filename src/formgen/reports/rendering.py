"""The formats of a report as one document, and what of a report may leave the office."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any

from formgen.checks import Report
from formgen.delivery import Delivery
from formgen.dossier import Dossier
from formgen.errors import FormgenError
from formgen.findings import Text
from formgen.reports import as_html, as_json, as_sarif

Judged = tuple[Dossier, Report, Delivery | None]
Refused = tuple[str, FormgenError]


class Format(StrEnum):
    """How results are printed."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    HTML = "html"

    def redacts(self, wanted: bool | None) -> bool:
        """Whether personal values are left out: as wanted, else in the formats that are made to be passed on."""
        return wanted if wanted is not None else self in (Format.SARIF, Format.HTML)


_NOT_JUDGED = Text(
    "没有核对；原因可能含有人名，只在屏幕上显示", "not judged; the reason may hold names, so it is on the screen only"
)


def document(
    output: Format,
    judged: Sequence[Judged],
    refused: Sequence[Refused] = (),
    lang: str = "zh",
    *,
    redact: bool,
    explain: bool = False,
) -> str:
    """A report as JSON, SARIF or HTML."""
    return "".join(pieces(output, judged, refused, lang, redact=redact, explain=explain))


def pieces(
    output: Format,
    judged: Sequence[Judged],
    refused: Sequence[Refused] = (),
    lang: str = "zh",
    *,
    redact: bool,
    explain: bool = False,
) -> Iterator[str]:
    """The same, piece by piece.

    Args:
        output: the format; text has no beginning and end, it is told line by line.
        judged: the dossiers, what was found, and what was written of each.
        refused: what could not be judged, with the reason.
        lang: the language of titles, messages and hints.
        redact: replace names and other personal values by serial number and cell.
        explain: add what each rule came to; JSON has it in any case, SARIF has no place for it.
    """
    parts = [part(output, each, lang, redact=redact, explain=explain) for each in judged]
    yield from joined(output, parts, refused, lang, redact=redact)


Part = Any
"""What a document says of one dossier, in its format's own shape."""


def part(output: Format, judged: Judged, lang: str, *, redact: bool, explain: bool = False) -> Part:
    """What a document says of one dossier, to be :func:`joined` here."""
    dossier, report, delivery = redacted(judged, lang) if redact else judged
    if output is Format.SARIF:
        return as_sarif.part(dossier, report, lang)
    if output is Format.HTML:
        return as_html.part(dossier, report, delivery, lang, explain=explain)
    return as_json.part(dossier, report, delivery, lang)


def portable(part: Part) -> Part:
    """The same as plain data, to be kept and to travel between processes."""
    return part.whole() if isinstance(part, as_json.Part) else part


def joined(
    output: Format, parts: Sequence[Part], refused: Sequence[Refused], lang: str, *, redact: bool
) -> Iterator[str]:
    """The document of such parts, piece by piece."""
    if redact:
        refused = [(path, _without_reason(error)) for path, error in refused]
    if output is Format.SARIF:
        yield as_sarif.document(parts, refused, lang)
    elif output is Format.HTML:
        yield as_html.document(parts, refused, lang, redacted=redact)
    else:
        yield from as_json.pieces(parts, refused, lang, redacted=redact)


def redacted(judged: Judged, lang: str) -> Judged:
    """The same without what is personal."""
    from formgen.reports.redaction import Redactor

    dossier, report, delivery = judged
    redactor = Redactor(dossier, lang)
    return (
        redactor.dossier(),
        redactor.report(report),
        redactor.delivery(delivery) if delivery is not None else None,
    )


def _without_reason(error: FormgenError) -> FormgenError:
    bare = FormgenError(_NOT_JUDGED)
    bare.exit_code = error.exit_code
    return bare
