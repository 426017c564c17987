"""The commands that look things up: which forms and rules there are."""

from datetime import date
from typing import Annotated

# The rooms are imported by the commands that need them: `formgen --help` waits for none of their libraries.
import typer

from formgen.cli.options import Lang, LangOption, ListFormat, ListFormatOption, app
from formgen.errors import UsageError
from formgen.findings import Text
from formgen.reports import screen
from formgen.reports.screen import Line


@app.command()
def forms() -> int:
    """列出表单：代号、名称、能写成的格式。Lists the forms: key, title, formats."""
    from formgen.forms import catalogue

    for key, editions in catalogue().items():
        for edition in editions:
            since = f"  {edition.since.isoformat()}" if edition.since != date.min else ""
            screen.results([Line(f"{key}{since}  {edition.title}  {' '.join(sorted(edition.templates))}")])
    return 0


@app.command()
def rules(
    output: ListFormatOption = ListFormat.TEXT,
    lang: LangOption = Lang.ZH,
) -> int:
    """列出规则：编号、级别、施行日期、所读的表单、依据。Lists the rules with dates, forms and basis."""
    from formgen.reports import rulebook
    from formgen.rules import all_rules

    if output is ListFormat.JSON:
        screen.document(rulebook.inventory(rulebook.in_order(all_rules())))
    else:
        screen.results(rulebook.listed(rulebook.in_order(all_rules()), lang))
    return 0


@app.command()
def rule(
    id_: Annotated[str, typer.Argument(metavar="ID", help="规则编号，如 R14。A rule's id.")],
    lang: LangOption = Lang.ZH,
) -> int:
    """说明一条规则：要求什么、依据、怎样改。Explains a rule: what it demands, its basis, what to do."""
    from formgen.rules import all_rules, page

    found = next((each for each in all_rules() if each.id == id_.upper()), None)
    if found is None:
        raise UsageError(
            Text(f"没有规则“{id_}”", f"there is no rule {id_!r}"),
            remedy=Text("formgen rules 列出全部规则", "formgen rules lists them all"),
        )
    screen.document(page.render(found, lang=lang).rstrip("\n"))
    return 0
