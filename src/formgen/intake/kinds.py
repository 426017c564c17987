"""The findings of intake: why something in a file could not be read, or was read with a doubt.

``values`` of a finding are exactly the fields of its message; where it is, its address says.
"""

from formgen.findings import Kind, Severity, Text


def _kind(name: str, title: Text, message: Text, hint: Text, severity: Severity = Severity.ERROR) -> Kind:
    return Kind(id=f"I-{name}", name=name, title=title, message=message, hint=hint, severity=severity)


# --- any file --------------------------------------------------------------------------------------------------------

FORMAT = _kind(
    "format",
    Text("不支持的文件格式", "unsupported file format"),
    Text(
        "这份表单不能从 {suffix} 文件读取，可用：{formats}",
        "this form is not read from {suffix} files, but from: {formats}",
    ),
    Text("请改用可用的格式另存后再放入案卷", "save it in one of these formats and put that into the dossier"),
)
UNREADABLE = _kind(
    "unreadable",
    Text("文件打不开", "the file cannot be opened"),
    Text("文件打不开（{reason}）", "the file cannot be opened ({english})"),
    Text("请检查文件是否存在、是否有读取权限", "check that the file exists and that you may read it"),
)
NOT_REGULAR = _kind(
    "not-a-regular-file",
    Text("不是普通文件", "not a regular file"),
    Text(
        "这不是普通文件（是文件夹、管道或设备），没有读取",
        "this is no regular file (a folder, pipe or device); it was not read",
    ),
    Text("请换成内容相同的普通文件", "put a regular file with the same content in its place"),
)
OUTSIDE = _kind(
    "outside",
    Text("文件不在案卷文件夹内", "the file lies outside the dossier"),
    Text(
        "这是一个链接，通到案卷文件夹之外，没有读取", "this is a link that leads outside the dossier; it was not read"
    ),
    Text("请把文件本身放进案卷文件夹", "put the file itself into the dossier"),
)
TOO_LARGE = _kind(
    "too-large",
    Text("文件过大", "the file is too large"),
    Text("{what} 超过上限 {limit}，不予打开", "{what} exceeds the limit of {limit}; it is not opened"),
    Text("请只保留本表单所需的内容", "keep only what this form needs"),
)
MORE = _kind(
    "more-findings",
    Text("同类问题过多", "too many findings of one kind"),
    Text(
        "此文件还有 {count} 处“{name}”问题未逐一列出", "this file has {count} more findings {name} that are not listed"
    ),
    Text("改正已列出的问题后再核对一次", "correct those that are listed and check again"),
)

NOT_READ = _kind(
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

OTHER_DAY = _kind(
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

NO_DOSSIER = _kind(
    "no-dossier",
    Text("只有这一份文件，没有案卷", "this file alone, without its dossier"),
    Text(
        "没有学校、备案日期、在校生人数和其他表单可以对照",
        "there is no school, day of filing, number of students or other form to compare with",
    ),
    Text(
        "加 --dossier 案卷文件夹 再核对一次；只缺备案日期的，也可以加 --as-of 日期",
        "check again with --dossier FOLDER; --as-of DATE is enough where only the day of filing is wanting",
    ),
)

# --- JSON ------------------------------------------------------------------------------------------------------------

ENCODING = _kind(
    "encoding",
    Text("文件不是 UTF-8 编码", "the file is not in UTF-8"),
    Text("从第 {offset} 个字节起不是 UTF-8 编码", "from byte {offset} on this is not UTF-8"),
    Text("请用编辑器把文件另存为 UTF-8 编码", "save the file as UTF-8 in your editor"),
)
JSON_SYNTAX = _kind(
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
DUPLICATE_KEY = _kind(
    "duplicate-key",
    Text("同一字段写了两次", "a key is given twice"),
    Text(
        "“{key}”在第 {first} 行和第 {second} 行各写了一次",
        "{key!r} is given in line {first} and again in line {second}",
    ),
    Text("只保留正确的一处；在此之前整个文件不予采用", "keep the right one; until then the file is not used"),
)
NOT_A_NUMBER = _kind(
    "not-a-number",
    Text("不是数", "not a number"),
    Text("“{text}”不是数，或大到无法表示", "{text} is no number, or too large for one"),
    Text("请写出确切的数；没有就删去这一项", "write the exact number, or leave the entry out"),
)
LONG_NUMBER = _kind(
    "long-number",
    Text("数字过长", "the number is too long"),
    Text("这个数有 {digits} 位，超过 {limit} 位", "this number has {digits} digits, more than {limit}"),
    Text("请写出正确的数；学号、电话等请加引号", "write the right number; put student numbers and the like in quotes"),
)
TOO_DEEP = _kind(
    "too-deep",
    Text("嵌套层数过多", "nested too deeply"),
    Text("括号嵌套超过 {limit} 层", "brackets are nested more than {limit} deep"),
    Text("表单数据只有几层，请检查文件是否拿错", "a form's data has a few levels: is this the right file?"),
)
CHARACTER = _kind(
    "character",
    Text("含有不能印出的字符", "a character that cannot be printed"),
    Text("含有控制字符或残缺字符 {code}", "holds the control character or half character {code}"),
    Text("请删去该字符；读入时已换成 �", "remove the character; it was read as �"),
)
RANK_DISAGREES = _kind(
    "rank-disagrees",
    Text("排名的原文与数字不符", "the text and the numbers of a rank differ"),
    Text(
        "“{title}”的原文是“{text}”，类型和数字却写作 {numbers}",
        "the text of {title!r} is {text!r}, its kind and numbers are {numbers}",
    ),
    Text("改正其中有误的一处；只写原文也可以", "correct the one that is wrong; the text alone is enough"),
)
NOT_AN_OBJECT = _kind(
    "not-an-object",
    Text("dossier.json 内容不对", "dossier.json is not an object"),
    Text("dossier.json 最外层应为花括号 {{…}}", "the outermost level of dossier.json has to be {{…}}"),
    Text("请对照示例案卷的 dossier.json", "compare with the dossier.json of the sample dossier"),
)

# --- spreadsheets ----------------------------------------------------------------------------------------------------

PACKAGE = _kind(
    "package",
    Text("工作簿打不开", "the workbook cannot be opened"),
    Text("工作簿打不开：{problem}", "the workbook cannot be opened: {english}"),
    Text("请在 Excel 或 WPS 中打开，去掉密码，另存为 .xlsx", "open it in Excel, remove any password, save it as .xlsx"),
)
OTHER_FORMAT = _kind(
    "other-format",
    Text("文件的格式与扩展名不符", "the file is not what its name says"),
    Text("扩展名是 {suffix}，内容却是{found}", "the name ends in {suffix}, but this is {english}"),
    Text(
        "请在 Excel 或 WPS 中打开（有密码的去掉密码），另存为 .xlsx 再交",
        "open it in Excel, remove any password, save it as .xlsx",
    ),
)
LINKS = _kind(
    "links",
    Text("公式引用了别的文件", "formulas take values from other files"),
    Text(
        "工作簿里有公式引用别的文件，读到的是上次保存时的结果",
        "the workbook's formulas refer to other files; what was read are the results of the last time it was saved",
    ),
    Text("请核对这些格子；最好“粘贴为值”以后再交", "check those cells; better paste them as values"),
    Severity.WARNING,
)
HIDDEN_ROWS = _kind(
    "hidden-rows",
    Text("有隐藏的行", "hidden rows"),
    Text(
        "工作表“{sheet}”有 {count} 行是隐藏的（{rows}），已照样读入",
        "{count} rows of sheet {sheet!r} are hidden ({rows}); they were read all the same",
    ),
    Text("请取消隐藏，看一看是不是都要报", "unhide them and see whether all of them are meant"),
    Severity.WARNING,
)
HIDDEN_COLUMNS = _kind(
    "hidden-columns",
    Text("有隐藏的列", "hidden columns"),
    Text(
        "工作表“{sheet}”的 {columns} 列是隐藏的，已照样读入",
        "columns {columns} of sheet {sheet!r} are hidden; they were read all the same",
    ),
    Text("请取消隐藏，核对其中的内容", "unhide them and check what stands there"),
    Severity.WARNING,
)
HIDDEN_SHEET = _kind(
    "hidden-sheet",
    Text("名单在隐藏的工作表里", "the table is on a hidden sheet"),
    Text(
        "看得见的工作表里没有名单，读的是隐藏的工作表“{sheet}”",
        "no visible sheet has the table; the hidden sheet {sheet!r} was read",
    ),
    Text("请取消隐藏，核对是不是这一份", "unhide it and see whether this is the one"),
    Severity.WARNING,
)
CSV_ENCODING = _kind(
    "csv-encoding",
    Text("看不出文字的编码", "the encoding cannot be told"),
    Text("第 {line} 行起既不是 UTF-8 也不是 GB18030 编码", "from line {line} on this is neither UTF-8 nor GB18030"),
    Text("请在 Excel 或 WPS 中打开，另存为 .xlsx 再交", "open it in Excel and save it as .xlsx"),
)
CSV_NUL = _kind(
    "csv-nul",
    Text("文本里有空字符", "NUL characters in the text"),
    Text("文本里有空字符（NUL），已经去掉", "the text holds NUL characters, which were removed"),
    Text("核对这一行及以后的内容是否完整", "see whether this line and what follows is complete"),
    Severity.WARNING,
)
CSV_QUOTE = _kind(
    "csv-quote",
    Text("双引号没有成对", "a quotation mark without its pair"),
    Text(
        "从第 {line} 行起有一个双引号没有成对，往后的内容分不清格子",
        "from line {line} on a quotation mark has no pair; the cells behind it cannot be told apart",
    ),
    Text("补上或删去这个双引号；在此之前整个文件不予采用", "add or remove it; until then the file is not used"),
)
RAGGED = _kind(
    "ragged",
    Text("有的行格数不同", "rows of different lengths"),
    Text(
        "有 {count} 行的格数与其他行（{usual} 格）不同：第 {rows} 行",
        "{count} rows have another number of cells than the others ({usual}): {rows}",
    ),
    Text("看一看这些行是否少了或多了一格", "see whether these rows lack a cell or have one too many"),
    Severity.WARNING,
)
ROUNDED = _kind(
    "rounded",
    Text("数字可能丢了末位", "a number may have lost digits"),
    Text(
        "“{title}”一格是数字 {text}，超过 15 位的部分表格软件不保留，末几位可能已经不对",
        "the cell {title!r} is the number {text}: a spreadsheet keeps 15 digits, the last ones may be wrong",
    ),
    Text("请把单元格格式设为“文本”，照原件重新填写", "format the cell as text and type it again from the original"),
)
SCIENTIFIC = _kind(
    "scientific",
    Text("号码变成了科学计数法", "a number in scientific notation"),
    Text(
        "“{title}”一格写作 {text}，号码后面的数字已经没有了",
        "the cell {title!r} reads {text}: the digits behind are gone",
    ),
    Text("请把单元格格式设为“文本”，照原件重新填写", "format the cell as text and type it again from the original"),
)
AMBIGUOUS_MONTH = _kind(
    "ambiguous-month",
    Text("看不出是几月", "which month is meant cannot be told"),
    Text(
        "“{title}”一格是数字 {text}，可能是 1 月，也可能是 10 月丢了末尾的 0",
        "the cell {title!r} is the number {text}: January, or October without its zero",
    ),
    Text("请写成 2000-10 或 2000年10月", "write it as 2000-10"),
)
WORKBOOK_DAMAGED = _kind(
    "workbook-damaged",
    Text("工作簿已损坏", "the workbook is damaged"),
    Text("工作簿内部有损坏，读不出来（{reason}）", "the workbook is damaged inside and cannot be read ({reason})"),
    Text("请在 Excel 或 WPS 中打开并另存为新的 .xlsx", "open it in Excel and save it as a new .xlsx"),
)
NO_TABLE = _kind(
    "no-table",
    Text("找不到表格", "no table was found"),
    Text(
        "各工作表前 {rows} 行中找不到表头，应有的栏目：{titles}",
        "no row of headings in the first {rows} rows of any sheet; expected: {titles}",
    ),
    Text("请检查表头文字", "check the headings"),
)
SECOND_TABLE = _kind(
    "second-table",
    Text("另一工作表也有名单", "another sheet holds a table too"),
    Text(
        "工作表“{sheet}”也有同样的表头，没有读取；读的是“{chosen}”",
        "sheet {sheet!r} has the same headings and was not read; {chosen!r} was",
    ),
    Text("请把名单合并到一张工作表，或删去多余的一张", "merge the tables into one sheet, or remove the other one"),
    Severity.WARNING,
)
UNKNOWN_COLUMN = _kind(
    "unknown-column",
    Text("不认识的栏目", "unknown column"),
    Text(
        "不认识栏目“{heading}”，该栏没有读取；最接近的栏目是“{nearest}”",
        "the column {heading!r} is unknown and was not read; the nearest known one is {nearest!r}",
    ),
    Text(
        "若就是该栏目，请改用标准名称；否则不必理会", "use the standard heading if it is that column; else ignore this"
    ),
    Severity.WARNING,
)
UNTITLED_COLUMN = _kind(
    "untitled-column",
    Text("有内容的栏没有栏目名称", "a column without heading"),
    Text("{column} 列有内容但没有栏目名称，没有读取", "column {column} has content but no heading; it was not read"),
    Text("请补上栏目名称，或删去该列内容", "give it a heading, or remove its content"),
    Severity.WARNING,
)
MISSING_COLUMN = _kind(
    "missing-column",
    Text("缺少栏目", "a column is missing"),
    Text("表中没有“{title}”一栏{near_zh}", "the table has no column {title!r}{near_en}"),
    Text("请补上这一栏；某人没有此项时留空格子即可", "add the column; a person's cell in it may be empty"),
)
ABSENT_COLUMN = _kind(
    "absent-column",
    Text("表中没有这一栏", "the table has no such column"),
    Text(
        "表中没有“{title}”一栏，各人的这一项都是空的{near_zh}",
        "the table has no column {title!r}: it is blank for everybody{near_en}",
    ),
    Text("登记表要填这一项的，请补上这一栏", "add the column if the form is to have it"),
    Severity.WARNING,
)
SAME_ID = _kind(
    "same-id",
    Text("两行的编号或姓名相同", "two rows have the same number or name"),
    Text(
        "第 {first} 行和第 {second} 行都是“{text}”，分不清是不是同一人",
        "rows {first} and {second} are both {text!r}; whether they are one person cannot be told",
    ),
    Text("重复的删去一行；同名的请用“序号”一栏区分", "remove a repeated row; tell namesakes apart by their numbers"),
)
DUPLICATE_COLUMN = _kind(
    "duplicate-column",
    Text("栏目重复", "a column is given twice"),
    Text(
        "{first}、{second} 两列都是“{title}”，分不清以哪一列为准",
        "columns {first} and {second} are both {title!r}; which one counts cannot be told",
    ),
    Text("只保留一列；在此之前整个文件不予采用", "keep one of them; until then the file is not used"),
)
ROWS_AFTER_NOTE = _kind(
    "rows-after-note",
    Text("表格下方还有内容", "rows below the end of the table"),
    Text(
        "第 {note} 行是说明，表格到此为止；第 {row} 行起的内容没有读取",
        "row {note} is a note that ends the table; row {row} and those below were not read",
    ),
    Text("请把说明行移到表格最后", "move the note below the last row"),
)
ERROR_CELL = _kind(
    "error-cell",
    Text("单元格显示错误值", "a cell shows an error"),
    Text("“{title}”一格是错误值 {text}", "the cell {title!r} shows the error {text}"),
    Text("请改正公式，或直接填写内容", "correct the formula, or type the value"),
)
DATE_CELL = _kind(
    "date-cell",
    Text("内容被表格软件改成了日期", "the spreadsheet turned the entry into a date"),
    Text(
        "“{title}”一格是日期 {text}，原来写的可能是“3/15”之类",
        "the cell {title!r} is the date {text}; was it typed as 3/15?",
    ),
    Text("请先把单元格格式设为“文本”，再重新填写", "format the cell as text first, then type it again"),
)
FORMULA_NO_VALUE = _kind(
    "formula-no-value",
    Text("公式没有计算结果", "a formula without result"),
    Text(
        "“{title}”一格是公式，但文件中没有它的计算结果",
        "the cell {title!r} is a formula whose result is not in the file",
    ),
    Text("请在 Excel 或 WPS 中打开、保存一次", "open and save the file once in Excel"),
)

# --- pictures --------------------------------------------------------------------------------------------------------

PHOTO_OUTSIDE = _kind(
    "photo-outside",
    Text("图片不在案卷文件夹内", "the picture lies outside the dossier"),
    Text("图片路径“{path}”指向案卷文件夹之外", "the path {path!r} points outside the dossier"),
    Text(
        "请把图片放进案卷文件夹，写成 photos/01.jpg 这样的相对路径",
        "put the picture into the dossier and write a relative path such as photos/01.jpg",
    ),
)
PHOTO_SPELLING = _kind(
    "photo-spelling",
    Text("图片路径的写法不对", "the picture's path is misspelt"),
    Text("图片路径“{path}”含有 \\ 或 ..", "the path {path!r} has \\ or .. in it"),
    Text(
        "文件夹之间请写 /，不写 \\；路径里不写 ..。如 photos/01.jpg",
        "write / between folders, not \\, and no ..: photos/01.jpg",
    ),
)
PHOTO_UNREADABLE = _kind(
    "photo-unreadable",
    Text("图片打不开", "the picture cannot be opened"),
    Text("图片“{path}”打不开：{problem}", "the picture {path!r} cannot be opened: {english}"),
    Text(
        "请检查图片和所在文件夹的读取权限，再核对一次",
        "check that you may read the picture and its folder, and check again",
    ),
)
PHOTO_ATTACHED = _kind(
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
PHOTO_MISSING = _kind(
    "photo-missing",
    Text("找不到图片", "the picture is missing"),
    Text("案卷文件夹里没有图片“{path}”", "there is no picture {path!r} in the dossier"),
    Text(
        "请放入图片，或改正路径（注意大小写）", "put the picture there, or correct the path (mind upper and lower case)"
    ),
)
PHOTO_DAMAGED = _kind(
    "photo-damaged",
    Text("图片不能用", "the picture cannot be used"),
    Text("图片“{path}”不能用：{problem}", "the picture {path!r} cannot be used: {english}"),
    Text("请换一张完整的 JPEG 或 PNG 图片", "use a whole JPEG or PNG picture"),
)
