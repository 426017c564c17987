"""What issuing would find, before it is approved: the rules of the last stage on forms as they would be signed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from formgen import rules
from formgen.checks import check
from formgen.findings import Finding
from formgen.issuing import opinions
from formgen.issuing.material import Case, Material
from formgen.signing.chain import Round, Trust
from formgen.signing.ledger import Ledger


def foreseen(
    material: Material, cases: Sequence[Case], ledger: Ledger, trust: Trust, today: date
) -> tuple[Finding, ...]:
    """The errors that would keep some cases from being issued, even if all who are still awaited approved on a day.

    Steps that others still owe are none of them; an approval that comes too late is.
    """
    own = [case for case in cases if case.dossier is material.dossier]
    last = {rule.id for rule in rules.all_rules() if rule.stage == "issue"}
    printed = {
        case.record.address: _signed(material, case, ledger.chain(case.number, trust).current, today) for case in own
    }
    records = {
        form: each_form.changed(lambda each: printed.get(each.address, each.values))
        for form, each_form in material.dossier.records.items()
    }
    report = check(replace(material.dossier, records=records), stage="issue")
    return tuple(each for each in material.concerning(own, report).findings if each.kind.id in last and each.stops)


def _signed(material: Material, case: Case, now: Round, today: date) -> object:
    """The values of a case with the opinions that there are, and those that are owed, given on a day."""
    values = case.record.values
    schema = material.plan.forms.edition(case.form, material.dossier.as_of).schema
    given = opinions.opinions(now, values, schema)
    owed = opinions.owed(now, values, schema, today)
    if not given and not owed:
        return values
    return {**values, "opinions": {**(values.get("opinions") or {}), **given, **owed}}
