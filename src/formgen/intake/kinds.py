"""The findings of intake: why something in a file could not be read, or was read with a doubt.

Those of tables are in :mod:`formgen.intake.table_kinds`, those of documents in :mod:`formgen.intake.documents.kinds`.
``values`` of a finding are exactly the fields of its message; where it is, its address says.
"""

from formgen.findings import Kind, Severity, Text


def kind(name: str, title: Text, message: Text, hint: Text, severity: Severity = Severity.ERROR) -> Kind:
    """A finding of intake."""
    return Kind(id=f"I-{name}", name=name, title=title, message=message, hint=hint, severity=severity)


# --- any file --------------------------------------------------------------------------------------------------------

FORMAT = kind(
    "format",
    Text("不支持的文件格式", "unsupported file format"),
    Text(
        "这份表单不能从 {suffix} 文件读取，可用：{formats}",
        "this form is not read from {suffix} files, but from: {formats}",
    ),
    Text("请改用可用的格式另存", "save it in one of these formats and put that into the dossier"),
)
UNREADABLE = kind(
    "unreadable",
    Text("文件打不开", "the file cannot be opened"),
    Text("文件打不开（{reason}）", "the file cannot be opened ({english})"),
    Text("请检查文件是否存在、是否有读取权限", "check that the file exists and that you may read it"),
)
NOT_REGULAR = kind(
    "not-a-regular-file",
    Text("不是普通文件", "not a regular file"),
    Text(
        "这不是普通文件（是文件夹、管道或设备），没有读取",
        "this is no regular file (a folder, pipe or device); it was not read",
    ),
    Text("请换成内容相同的普通文件", "put a regular file with the same content in its place"),
)
OUTSIDE = kind(
    "outside",
    Text("文件不在案卷文件夹内", "the file lies outside the dossier"),
    Text(
        "这是一个链接，通到案卷文件夹之外，没有读取", "this is a link that leads outside the dossier; it was not read"
    ),
    Text("请把文件本身放进案卷文件夹", "put the file itself into the dossier"),
)
TOO_LARGE = kind(
    "too-large",
    Text("文件过大", "the file is too large"),
    Text("{what} 超过上限 {limit}，不予打开", "{what} exceeds the limit of {limit}; it is not opened"),
    Text("请只保留本表单所需的内容", "keep only what this form needs"),
)
MORE = kind(
    "more-findings",
    Text("同类问题过多", "too many findings of one kind"),
    Text(
        "此文件还有 {count} 处“{name}”问题未逐一列出", "this file has {count} more findings {name} that are not listed"
    ),
    Text("改正已列出的问题后再核对一次", "correct those that are listed and check again"),
)

NOT_READ = kind(
    "not-read",
    Text("案卷里有没有读取的材料", "something in the dossier is not read"),
    Text("“{name}”没有读取，其中的内容没有核对", "{name!r} was not read; nothing in it was checked"),
    Text(
        "是要核对的材料，按表单名称另存为 .json 或 .xlsx，直接放在规定的位置；不是的，文件名以 _ 开头或移出案卷",
        "save what is to be checked as .json or .xlsx in its place, named like its form; begin other names with _",
    ),
    Severity.WARNING,
)

# --- the day ---------------------------------------------------------------------------------------------------------

OTHER_DAY = kind(
    "other-day",
    Text("不是按备案日期的规定核对", "not the rules of the day of filing are applied"),
    Text(
        "备案日期是 {filed}，而这次按 {day} 的规定、版次和数值核对",
        "the day of filing is {filed}, but the rules, editions and numbers of {day} are applied",
    ),
    Text(
        "正式备案应按备案日期核对：去掉 --as-of 和 dossier.json 的 as_of",
        "for the filing itself leave out --as-of, and as_of in dossier.json",
    ),
    Severity.WARNING,
)

NO_DOSSIER = kind(
    "no-dossier",
    Text("只有这一份文件，没有案卷", "this file alone, without its dossier"),
    Text(
        "没有学校、备案日期、在校生人数和其他表单可以对照",
        "there is no school, day of filing, number of students or other form to compare with",
    ),
    Text(
        "报送的单位不必为此改动，由校级汇总时核对；手里有案卷的，加 --dossier 案卷文件夹"
        " 再核对一次（只缺备案日期的，加 --as-of 日期）",
        "nothing in the file is to be changed for this; whoever has the dossier checks again with --dossier FOLDER"
        " (--as-of DATE is enough where only the day of filing is wanting)",
    ),
)

PART = kind(
    "part-of-list",
    Text("只是一个学院的名单", "the list of one college"),
    Text(
        "名单里都是{college}的人，没有与其他表单里的全校人数、名单对照",
        "everybody in it is of {college}: it was not compared with what other forms say of the whole school",
    ),
    Text(
        "报送的单位不必为此改动；各学院的名单汇总（formgen merge）放进案卷后再核对",
        "nothing is to be changed for this; check again when the lists are merged (formgen merge) into the dossier",
    ),
)

# --- JSON ------------------------------------------------------------------------------------------------------------

ENCODING = kind(
    "encoding",
    Text("文件不是 UTF-8 编码", "the file is not in UTF-8"),
    Text("从第 {offset} 个字节起不是 UTF-8 编码", "from byte {offset} on this is not UTF-8"),
    Text("请用编辑器把文件另存为 UTF-8 编码", "save the file as UTF-8 in your editor"),
)
JSON_SYNTAX = kind(
    "json-syntax",
    Text("JSON 写法有误", "the JSON is not well-formed"),
    Text(
        "第 {line} 行第 {column} 个字符处不是正确的 JSON（{reason}）",
        "line {line}, column {column} is not correct JSON ({english})",
    ),
    Text(
        "常见原因：少写或多写了逗号，引号、逗号、冒号用了全角，括号没有成对",
        "often: a comma missing or too many, full-width quotes or commas, a bracket without its pair",
    ),
)
DUPLICATE_KEY = kind(
    "duplicate-key",
    Text("同一字段写了两次", "a key is given twice"),
    Text(
        "“{key}”在第 {first} 行和第 {second} 行各写了一次",
        "{key!r} is given in line {first} and again in line {second}",
    ),
    Text("只保留正确的一处；在此之前整个文件不予采用", "keep the right one; until then the file is not used"),
)
NOT_A_NUMBER = kind(
    "not-a-number",
    Text("不是数", "not a number"),
    Text("“{text}”不是数，或大到无法表示", "{text} is no number, or too large for one"),
    Text("请写出确切的数；没有就删去这一项", "write the exact number, or leave the entry out"),
)
LONG_NUMBER = kind(
    "long-number",
    Text("数字过长", "the number is too long"),
    Text("这个数有 {digits} 位，超过 {limit} 位", "this number has {digits} digits, more than {limit}"),
    Text("请写出正确的数；学号、电话等请加引号", "write the right number; put student numbers and the like in quotes"),
)
TOO_DEEP = kind(
    "too-deep",
    Text("嵌套层数过多", "nested too deeply"),
    Text("括号嵌套超过 {limit} 层", "brackets are nested more than {limit} deep"),
    Text("表单数据只有几层，请检查文件是否拿错", "a form's data has a few levels: is this the right file?"),
)
CHARACTER = kind(
    "character",
    Text("含有不能印出的字符", "a character that cannot be printed"),
    Text("含有控制字符或残缺字符 {code}", "holds the control character or half character {code}"),
    Text("请删去该字符；读入时已换成 �", "remove the character; it was read as �"),
)
RANK_DISAGREES = kind(
    "rank-disagrees",
    Text("排名的原文与数字不符", "the text and the numbers of a rank differ"),
    Text(
        "“{title}”的原文是“{text}”，类型和数字却写作 {numbers}",
        "the text of {title!r} is {text!r}, its kind and numbers are {numbers}",
    ),
    Text("改正其中有误的一处；只写原文也可以", "correct the one that is wrong; the text alone is enough"),
)
NOT_AN_OBJECT = kind(
    "not-an-object",
    Text("dossier.json 内容不对", "dossier.json is not an object"),
    Text("dossier.json 最外层应为花括号 {{…}}", "the outermost level of dossier.json has to be {{…}}"),
    Text("请对照示例案卷的 dossier.json", "compare with the dossier.json of the sample dossier"),
)

# --- pictures --------------------------------------------------------------------------------------------------------

PHOTO_OUTSIDE = kind(
    "photo-outside",
    Text("图片不在文件夹内", "the picture lies outside the folder"),
    Text("图片路径“{path}”指向所在文件夹之外", "the path {path!r} points outside its folder"),
    Text(
        "请把图片放进 photos 文件夹，写成 photos/01.jpg 这样的相对路径",
        "put the picture into the folder photos and write a relative path such as photos/01.jpg",
    ),
)
PHOTO_SPELLING = kind(
    "photo-spelling",
    Text("图片路径的写法不对", "the picture's path is misspelt"),
    Text("图片路径“{path}”含有 \\ 或 ..", "the path {path!r} has \\ or .. in it"),
    Text(
        "文件夹之间请写 /，不写 \\；路径里不写 ..。如 photos/01.jpg",
        "write / between folders, not \\, and no ..: photos/01.jpg",
    ),
)
PHOTO_UNREADABLE = kind(
    "photo-unreadable",
    Text("图片打不开", "the picture cannot be opened"),
    Text("图片“{path}”打不开：{problem}", "the picture {path!r} cannot be opened: {english}"),
    Text(
        "请检查图片和所在文件夹的读取权限，再核对一次",
        "check that you may read the picture and its folder, and check again",
    ),
)
PHOTO_ATTACHED = kind(
    "photo-attached",
    Text("照片是按文件名认的", "pictures were told by their names"),
    Text(
        "表中没有写照片，有 {count} 人的照片按文件名认出：{examples}",
        "the table names no pictures; those of {count} were told by their names: {examples}",
    ),
    Text(
        "核对一遍；认错的，在表中加“照片”一栏写明文件名",
        "look them through; where one is wrong, name it in a column 照片",
    ),
    Severity.INFO,
)
PHOTO_MISSING = kind(
    "photo-missing",
    Text("找不到图片", "the picture is missing"),
    Text("文件夹里没有图片“{path}”", "there is no picture {path!r} in the folder"),
    Text(
        "请放入图片，或改正路径（注意大小写）", "put the picture there, or correct the path (mind upper and lower case)"
    ),
)
PHOTO_DAMAGED = kind(
    "photo-damaged",
    Text("图片不能用", "the picture cannot be used"),
    Text("图片“{path}”不能用：{problem}", "the picture {path!r} cannot be used: {english}"),
    Text("请换一张完整的 JPEG 或 PNG 图片", "use a whole JPEG or PNG picture"),
)
