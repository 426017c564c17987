"""Content controls as a person fills them in: drop-downs, dates and check boxes in place of a template's text.

Source: ECMA-376 Part 1, 17.5.2 (structured document tags); MS-DOCX 2.6 (w14:checkbox).
"""

import copy

from lxml import etree

from formgen import prompts
from formgen.blanks.fields import Entry, Field
from formgen.filling.word_tree import W14, W

PLACEHOLDER_STYLE = "PlaceholderText"
_ALIAS = 64
"""Characters that Word takes in the title of a control."""
_TEXT_BOX = f"{W}txbxContent"
_KINDS = (
    *(f"{W}{kind}" for kind in ("text", "richText", "dropDownList", "comboBox", "date", "picture")),
    f"{W14}checkbox",
)
_DAYS = {Entry.DATE: "yyyy-MM-dd", Entry.MONTH: "yyyy-MM"}
_FIRST = (f"{W}rPr", f"{W}alias", f"{W}tag", f"{W}id")
"""What stands in front in the properties of a control, in the order of the standard."""


def kind_of(sdt: etree._Element) -> etree._Element | None:
    """The element that says what kind of control it is."""
    return next((e for e in sdt.iterfind(f"{W}sdtPr/*") if e.tag in _KINDS), None)


def prepare(sdt: etree._Element, field: Field, placeholder: str) -> None:
    """Makes the control of a value the one that its field asks for, empty and undeletable."""
    kind = kind_of(sdt)
    if kind is not None and kind.tag == f"{W14}checkbox":
        tick(sdt, on=False)
        _settle(sdt, field, kind, empty=False)
    elif kind is not None and kind.tag == f"{W}picture":
        _settle(sdt, field, kind, empty=False)
    else:
        _settle(sdt, field, _kind(field), empty=True)
        _show(sdt, placeholder)


def placeholder(field: Field) -> str:
    """What stands where nothing has been filled in yet: short, because the place may be narrow."""
    match field.entry:
        case Entry.CHOICE | Entry.OFFER:
            return prompts.CHOOSE
        case Entry.DATE:
            return prompts.DAY
        case Entry.MONTH:
            return prompts.MONTH
        case Entry.RANK:
            return prompts.example(field.examples[0]) if field.examples else prompts.WRITE
        case _:
            return prompts.MONTH_IN_WORDS if field.schema.get("x-typeset") == "month" else prompts.WRITE


def _kind(field: Field) -> etree._Element | None:
    """The element of the kind of control that a field asks for; a text has none, which makes it a rich-text control.

    When LibreOffice 7.4 saves a plain-text control (``w:text``), it takes the placeholder for text and writes it twice.
    """
    match field.entry:
        case Entry.CHOICE | Entry.OFFER:
            made = etree.Element(f"{W}dropDownList" if field.entry is Entry.CHOICE else f"{W}comboBox")
            for word in field.words:
                etree.SubElement(made, f"{W}listItem", {f"{W}displayText": word, f"{W}value": word})
            return made
        case Entry.DATE | Entry.MONTH:
            made = etree.Element(f"{W}date")
            for name, value in (
                ("dateFormat", _DAYS[field.entry]),
                ("lid", "zh-CN"),
                ("storeMappedDataAs", "dateTime"),
                ("calendar", "gregorian"),
            ):
                etree.SubElement(made, f"{W}{name}", {f"{W}val": value})
            return made
        case _:
            return None


def _settle(sdt: etree._Element, field: Field, kind: etree._Element | None, *, empty: bool) -> None:
    """Writes the properties of a control anew: its title says what to fill in, and it cannot be deleted."""
    properties = sdt.find(f"{W}sdtPr")
    if properties is None:
        raise AssertionError("a control with a tag has properties")
    kept = {e.tag: e for e in properties if e.tag in _FIRST}
    for child in list(properties):
        properties.remove(child)
    alias = kept.setdefault(f"{W}alias", etree.Element(f"{W}alias"))
    alias.set(f"{W}val", _title(alias.get(f"{W}val") or field.title, field))
    kept.setdefault(f"{W}id", etree.Element(f"{W}id"))
    properties.extend(kept[tag] for tag in _FIRST if tag in kept)
    etree.SubElement(properties, f"{W}lock", {f"{W}val": "sdtLocked"})
    if empty:
        etree.SubElement(properties, f"{W}showingPlcHdr")
    if kind is not None:
        properties.append(kind)


def _title(title: str, field: Field) -> str:
    how = field.hint or (f"如 {field.examples[0]}" if field.examples and not field.words else "")
    whole = f"{title}（{how}）" if how else title
    return whole if len(whole) <= _ALIAS else f"{whole[: _ALIAS - 1]}…"


def tick(sdt: etree._Element, *, on: bool) -> None:
    """Ticks the check box of a control, or clears it."""
    box = sdt.find(f"{W}sdtPr/{W14}checkbox")
    if box is None:
        raise AssertionError("no check box")
    checked = box.find(f"{W14}checked")
    if checked is None:
        checked = etree.Element(f"{W14}checked")
        box.insert(0, checked)
    checked.set(f"{W14}val", "1" if on else "0")
    state = box.find(f"{W14}{'checkedState' if on else 'uncheckedState'}")
    usual = "2612" if on else "2610"
    for text in list(sdt.iter(f"{W}t"))[:1]:
        text.text = chr(int(usual if state is None else state.get(f"{W14}val", usual), 16))


def _show(sdt: etree._Element, text: str) -> None:
    """Puts a placeholder into a control; what is typed in its place looks as the template's own text did."""
    content = sdt.find(f"{W}sdtContent")
    if content is None:
        content = etree.SubElement(sdt, f"{W}sdtContent")
    paragraph = next(content.iter(f"{W}p"), None)
    inline = next(sdt.iterancestors(f"{W}p", _TEXT_BOX, f"{W}tc", f"{W}body"), None)
    if paragraph is None and (inline is None or inline.tag != f"{W}p"):
        paragraph = etree.SubElement(content, f"{W}p")
    holder = content if paragraph is None else paragraph
    look = next(content.iter(f"{W}rPr"), None)
    look = etree.Element(f"{W}rPr") if look is None else copy.deepcopy(look)
    for style in look.findall(f"{W}rStyle"):
        look.remove(style)
    properties = sdt.find(f"{W}sdtPr")
    if properties is not None and properties.find(f"{W}rPr") is None and len(look):
        properties.insert(0, copy.deepcopy(look))
    for child in list(holder):
        if child.tag != f"{W}pPr":
            holder.remove(child)
    if paragraph is not None:
        parent = paragraph.getparent()
        for other in [] if parent is None else parent.findall(f"{W}p"):
            if other is not paragraph and parent is not None:
                parent.remove(other)
    look.insert(0, etree.Element(f"{W}rStyle", {f"{W}val": PLACEHOLDER_STYLE}))
    run = etree.SubElement(holder, f"{W}r")
    run.append(look)
    written = etree.SubElement(run, f"{W}t", {"{http://www.w3.org/XML/1998/namespace}space": "preserve"})
    written.text = text
