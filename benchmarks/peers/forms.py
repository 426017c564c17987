"""The forms of the comparison: one document written for each tool in its own placeholders, and the data that fill it.

Only the standard library: this runs beside the peers, too.
"""

import io
import json
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

_NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" mc:Ignorable="w14"'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_NAMES = (
    "姓名,性别,民族,出生年月,籍贯,政治面貌,学号,学院,专业,班级,年级,联系电话,电子邮箱,身份证号,现任职务,竞选职务,"
    "本班排名,综合排名,外语水平,特长,宿舍,家庭住址,紧急联系人,推荐人"
)
LABELS = _NAMES.split(",")
FIELDS = [f"field{number:02}" for number in range(1, 25)]
PARAGRAPHS = ["experience", "awards", "statement"]
BOXES = {"state": ["met", "unmet", "partly"]}
COLUMNS = ["serial", "name", "political_status", "college", "grade", "rank", "failed_course", "experience", "remark"]
CANDIDATE_BYTES = 94_000
STAFF_ROWS = 59


# --- the data --------------------------------------------------------------------------------------------------------


def candidate(number: int) -> dict[str, str]:
    """One candidate: 24 short texts, three long ones of two paragraphs each, a choice."""
    values = {
        key: f"{label}{number}-{index} A&B" for index, (key, label) in enumerate(zip(FIELDS, LABELS, strict=True))
    }
    sentence = "组织迎新晚会、学风督查与志愿服务，协调各部门按期完成工作，"
    for index, key in enumerate(PARAGRAPHS):
        values[key] = f"{sentence * 7}第{number}份{index}。\n{sentence * 6}完。"
    return {**values, "state": BOXES["state"][number % 3]}


def member(number: int) -> dict[str, Any]:
    """One person of the staff list, as formgen's form has it."""
    return {
        "serial": number + 1,
        "name": f"成员{number + 1}",
        "political_status": ("共青团员", "中共党员", "群众")[number % 3],
        "college": f"{'文理工商艺'[number % 5]}学院",
        "grade": 2018 + number % 3,
        "rank": {"text": f"{number % 30 + 1}/120", "kind": "place", "value": number % 30 + 1, "of": 120},
        "failed_course": False,
        "experience": f"20{18 + number % 3}级{number % 7 + 1}班班长，学生会<宣传部>干事",
        **({"remark": "兼任"} if number % 10 == 0 else {}),
    }


def printed(member: dict[str, Any]) -> dict[str, Any]:
    """The texts that the form prints: the peers get them ready."""
    texts = {"grade": f"{member['grade'] % 100}级", "rank": member["rank"]["text"], "failed_course": "否"}
    return {column: texts.get(column, member.get(column, "")) for column in COLUMNS}


# --- the documents ---------------------------------------------------------------------------------------------------

Placeholder = Callable[[str], str]


class Ids:
    """The revision ids that Word scatters over a document; always the same ones."""

    def __init__(self) -> None:
        self._number = 0x00A10000

    def paragraph(self) -> str:
        """The attributes of a paragraph."""
        self._number += 0x1F3
        id = f"{self._number:08X}"
        return f' w14:paraId="{id}" w14:textId="77777777" w:rsidR="{id}" w:rsidRPr="{id}" w:rsidRDefault="{id}"'


_FONTS = '<w:rFonts w:ascii="仿宋_GB2312" w:eastAsia="仿宋_GB2312" w:hAnsi="宋体" w:cs="宋体" w:hint="eastAsia"/>'
_LOOK = f'<w:rPr>{_FONTS}<w:color w:val="000000"/><w:kern w:val="0"/><w:sz w:val="24"/><w:szCs w:val="24"/></w:rPr>'
_BORDERS = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>' for side in ("top", "left", "bottom", "right")
)


def run(text: str) -> str:
    """Words in the look of the form."""
    return f'<w:r>{_LOOK}<w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(ids: Ids, content: str) -> str:
    """A paragraph around runs."""
    layout = '<w:widowControl/><w:spacing w:line="360" w:lineRule="atLeast"/><w:jc w:val="left"/>'
    return f"<w:p{ids.paragraph()}><w:pPr>{layout}{_LOOK}</w:pPr>{content}</w:p>"


def cell(ids: Ids, content: str, span: int = 1) -> str:
    """A cell with one paragraph, or with those given."""
    grid = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    properties = f'<w:tcW w:w="{2300 * span}" w:type="dxa"/>{grid}<w:tcBorders>{_BORDERS}</w:tcBorders>'
    body = content if content.startswith("<w:p ") or "<w:p " in content[:60] else paragraph(ids, content)
    return f'<w:tc><w:tcPr>{properties}<w:vAlign w:val="center"/></w:tcPr>{body}</w:tc>'


def row(cells: Iterable[str]) -> str:
    """A table row."""
    return f'<w:tr><w:trPr><w:trHeight w:val="567"/></w:trPr>{"".join(cells)}</w:tr>'


def table(rows: Iterable[str], columns: int) -> str:
    """A table."""
    grid = "".join('<w:gridCol w:w="2300"/>' for _ in range(columns))
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="0" w:type="auto"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{"".join(rows)}</w:tbl>'
    )


def drawing() -> str:
    """A run with the picture of the form."""
    size = 'cx="1080000" cy="1440000"'
    shape = (
        '<pic:pic><pic:nvPicPr><pic:cNvPr id="1" name="photo"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill>'
        '<a:blip r:embed="rIdPhoto"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr>'
        f'<a:xfrm><a:off x="0" y="0"/><a:ext {size}/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
        "</pic:spPr></pic:pic>"
    )
    return (
        f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent {size}/>'
        '<wp:docPr id="1" name="photo"/><a:graphic>'
        f'<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">{shape}</a:graphicData>'
        "</a:graphic></wp:inline></w:drawing></w:r>"
    )


class Dialect:
    """How a tool wants its places written. This one leaves marks for the floor."""

    def value(self, name: str) -> str:
        """A run that shows a value."""
        return run(f"\x01{name}\x01")

    def lines(self, ids: Ids, name: str) -> str:
        """The paragraphs of a value with line breaks."""
        line = run(f"\x01={name}\x01")
        return f"\x01+{name}\x01{paragraph(ids, line)}\x01-{name}\x01"

    def box(self, name: str, choice: str) -> str:
        """A run with a box that is ticked if the value is ``choice``."""
        return run(f"\x01{name}={choice}\x01")

    def picture(self) -> str:
        """A run with the photo."""
        return drawing()

    def rows(self, cells: list[str], ids: Ids) -> str:
        """The row of a list, repeated for each of ``members``."""
        return "\x02" + row(cells) + "\x02"

    def item(self, name: str) -> str:
        """A run that shows a value of a list's item."""
        return self.value(name)


def candidate_form(dialect: Dialect) -> str:
    """The document part of the candidate form."""
    ids = Ids()
    rows = [row([cell(ids, dialect.picture(), 4)])]
    pairs = list(zip(LABELS, FIELDS, strict=True))
    for index in range(0, len(pairs), 2):
        cells = []
        for label, name in pairs[index : index + 2]:
            cells += [cell(ids, run(label)), cell(ids, dialect.value(name))]
        rows.append(row(cells))
    for label, name in zip(("工作经历", "所获荣誉", "竞选宣言"), PARAGRAPHS, strict=True):
        rows.append(row([cell(ids, run(label)), cell(ids, dialect.lines(ids, name), 3)]))
    boxes = "".join(dialect.box("state", choice) + run(choice) for choice in BOXES["state"])
    rows.append(row([cell(ids, run("结论")), cell(ids, boxes, 3)]))
    body = paragraph(ids, run("学生会主席团选举候选人登记表")) + table(rows, 4)
    note = "填表说明：本表一式两份，用黑色签字笔填写或打印，字迹工整，不得涂改；由本人签字后交学校团委。"
    while len(body.encode()) < CANDIDATE_BYTES - 900:
        body += paragraph(ids, run(note))
    return _document(body)


def staff_list(dialect: Dialect) -> str:
    """The document part of the staff list."""
    ids = Ids()
    head = row([cell(ids, run(column)) for column in COLUMNS])
    rows = dialect.rows([cell(ids, dialect.item(column)) for column in COLUMNS], ids)
    return _document(paragraph(ids, run("校级组织工作人员名单")) + table([head, rows], len(COLUMNS)))


def _document(body: str) -> str:
    section = '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/></w:sectPr>'
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    return f"{head}<w:document {_NAMESPACES}><w:body>{body}{section}</w:body></w:document>"


def package(document: str, template: Path, photo: bytes | None) -> bytes:
    """A .docx of ``document`` with the styles and settings of a shipped template, and the picture that it shows."""
    with zipfile.ZipFile(template) as shipped:
        parts = {
            name: shipped.read(name) for name in shipped.namelist() if "footer" not in name and "media" not in name
        }
    types = parts["[Content_Types].xml"].decode()
    for number in (1, 2):
        start = types.find(f'<Override PartName="/word/footer{number}.xml"')
        if start >= 0:
            types = types[:start] + types[types.index("/>", start) + 2 :]
    if 'Extension="jpg"' not in types:
        types = types.replace("<Override", '<Default Extension="jpg" ContentType="image/jpeg"/><Override', 1)
    parts["[Content_Types].xml"] = types.encode()
    parts["word/document.xml"] = document.encode()
    names = {"styles": "styles.xml", "settings": "settings.xml", "fontTable": "fontTable.xml"}
    related = "".join(
        f'<Relationship Id="rId{i}" Type="{_OFFICE}/{k}" Target="{n}"/>' for i, (k, n) in enumerate(names.items(), 1)
    )
    if photo is not None:
        related += f'<Relationship Id="rIdPhoto" Type="{_OFFICE}/image" Target="media/photo.jpg"/>'
        parts["word/media/photo.jpg"] = photo
    parts["word/_rels/document.xml.rels"] = (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{related}</Relationships>'
    ).encode()
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return file.getvalue()


# --- what each tool wants --------------------------------------------------------------------------------------------


def control(properties: str, content: str) -> str:
    """A content control."""
    return f"<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"


class Formgen(Dialect):
    """Content controls with tags."""

    def value(self, name: str) -> str:
        return control(f'<w:tag w:val="{name}"/><w:text/>', run(name))

    def lines(self, ids: Ids, name: str) -> str:
        return paragraph(ids, control(f'<w:tag w:val="{name}"/><w:text w:multiLine="1"/>', run(name)))

    def box(self, name: str, choice: str) -> str:
        states = '<w14:checkedState w14:val="2611"/><w14:uncheckedState w14:val="2610"/>'
        properties = f'<w:tag w:val="{name}={choice}"/><w14:checkbox><w14:checked w14:val="0"/>{states}</w14:checkbox>'
        return control(properties, run("☐"))

    def picture(self) -> str:
        return control('<w:tag w:val="photo"/><w:picture/>', drawing())

    def rows(self, cells: list[str], ids: Ids) -> str:
        return row(cells)

    def item(self, name: str) -> str:
        return self.value(f"members[].{name}")


class Docxtpl(Dialect):
    """Jinja."""

    def value(self, name: str) -> str:
        return run("{{ " + name + " }}")

    def lines(self, ids: Ids, name: str) -> str:
        loop = paragraph(ids, run("{%p for line in " + name + " %}")), paragraph(ids, run("{{ line }}"))
        return "".join(loop) + paragraph(ids, run("{%p endfor %}"))

    def box(self, name: str, choice: str) -> str:
        return self.value(f"{name}_{choice}")

    def picture(self) -> str:
        return self.value("photo")

    def rows(self, cells: list[str], ids: Ids) -> str:
        words = [run("{%tr for m in members %}"), run("{%tr endfor %}")]
        start, end = (row([cell(ids, words[0], len(cells))]) for words in ([words[0]], [words[1]]))
        return start + row(cells) + end

    def item(self, name: str) -> str:
        return self.value(f"m.{name}")


class Mailmerge(Dialect):
    """Merge fields of Word."""

    def value(self, name: str) -> str:
        return f'<w:fldSimple w:instr=" MERGEFIELD {name} \\* MERGEFORMAT ">{run(f"«{name}»")}</w:fldSimple>'

    def lines(self, ids: Ids, name: str) -> str:
        return paragraph(ids, self.value(name))

    def box(self, name: str, choice: str) -> str:
        return self.value(f"{name}_{choice}")

    def rows(self, cells: list[str], ids: Ids) -> str:
        return row(cells)


class Docxtemplater(Dialect):
    """Braces."""

    def value(self, name: str) -> str:
        return run("{" + name + "}")

    def lines(self, ids: Ids, name: str) -> str:
        return paragraph(ids, self.value(name))

    def box(self, name: str, choice: str) -> str:
        return self.value(f"{name}_{choice}")

    def rows(self, cells: list[str], ids: Ids) -> str:
        return row(
            [
                cells[0].replace("{serial}", "{#members}{serial}"),
                *cells[1:-1],
                cells[-1].replace("{remark}", "{remark}{/members}"),
            ]
        )


class Carbone(Dialect):
    """Braces with a path, and the row twice."""

    def value(self, name: str) -> str:
        return run("{d." + name + "}")

    def lines(self, ids: Ids, name: str) -> str:
        return paragraph(ids, run("{d." + name + ":convCRLF}"))

    def box(self, name: str, choice: str) -> str:
        return self.value(f"{name}_{choice}")

    def rows(self, cells: list[str], ids: Ids) -> str:
        first = row(cells)
        return first + first.replace("[i].", "[i+1].")

    def item(self, name: str) -> str:
        return self.value(f"members[i].{name}")


DIALECTS = {
    "floor": Dialect(),
    "formgen": Formgen(),
    "docxtpl": Docxtpl(),
    "mailmerge": Mailmerge(),
    "docxtemplater": Docxtemplater(),
    "carbone": Carbone(),
}


def write_all(folder: Path, template: Path, photo: bytes) -> None:
    """Writes every template, and the data that the Node peers read."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, dialect in DIALECTS.items():
        for form, make in (("candidate", candidate_form), ("staff", staff_list)):
            shown = photo if form == "candidate" else None
            (folder / f"{form}-{name}.docx").write_bytes(package(make(dialect), template, shown))
    (folder / "photo.jpg").write_bytes(photo)
    data = {
        "candidates": [flat(candidate(number)) for number in range(50)],
        "members": [printed(member(number)) for number in range(2_000)],
    }
    (folder / "data.json").write_text(json.dumps(data, ensure_ascii=False), "utf-8")


def flat(values: dict[str, str]) -> dict[str, str]:
    """The values with a text for each box, for tools that know no boxes."""
    boxes = {f"{n}_{c}": "☑" if values[n] == c else "☐" for n, choices in BOXES.items() for c in choices}
    return {**values, **boxes}
