"""The findings of reading tables: workbooks and text files.

``values`` of a finding are exactly the fields of its message; where it is, its address says.
"""

from formgen.findings import Severity, Text
from formgen.intake.kinds import kind

PACKAGE = kind(
    "package",
    Text("工作簿打不开", "the workbook cannot be opened"),
    Text("工作簿打不开：{problem}", "the workbook cannot be opened: {english}"),
    Text("请在 Excel 或 WPS 中打开，去掉密码，另存为 .xlsx", "open it in Excel, remove any password, save it as .xlsx"),
)
OTHER_FORMAT = kind(
    "other-format",
    Text("文件的格式与扩展名不符", "the file is not what its name says"),
    Text("扩展名是 {suffix}，内容却是{found}", "the name ends in {suffix}, but this is {english}"),
    Text(
        "请在 Excel 或 WPS 中打开（有密码的去掉密码），另存为 .xlsx 再交",
        "open it in Excel, remove any password, save it as .xlsx",
    ),
)
LINKS = kind(
    "links",
    Text("公式引用了别的文件", "formulas take values from other files"),
    Text(
        "工作簿里有公式引用别的文件，读到的是上次保存时的结果",
        "the workbook's formulas refer to other files; what was read are the results of the last time it was saved",
    ),
    Text("请核对这些格子；最好“粘贴为值”以后再交", "check those cells; better paste them as values"),
    Severity.WARNING,
)
HIDDEN_ROWS = kind(
    "hidden-rows",
    Text("有隐藏的行", "hidden rows"),
    Text(
        "工作表“{sheet}”有 {count} 行是隐藏的（{rows}），已照样读入",
        "{count} rows of sheet {sheet!r} are hidden ({rows}); they were read all the same",
    ),
    Text("请取消隐藏，看一看是不是都要报", "unhide them and see whether all of them are meant"),
    Severity.WARNING,
)
HIDDEN_COLUMNS = kind(
    "hidden-columns",
    Text("有隐藏的列", "hidden columns"),
    Text(
        "工作表“{sheet}”的 {columns} 列是隐藏的，已照样读入",
        "columns {columns} of sheet {sheet!r} are hidden; they were read all the same",
    ),
    Text("请取消隐藏，核对其中的内容", "unhide them and check what stands there"),
    Severity.WARNING,
)
HIDDEN_SHEET = kind(
    "hidden-sheet",
    Text("名单在隐藏的工作表里", "the table is on a hidden sheet"),
    Text(
        "看得见的工作表里没有名单，读的是隐藏的工作表“{sheet}”",
        "no visible sheet has the table; the hidden sheet {sheet!r} was read",
    ),
    Text("请取消隐藏，核对是不是这一份", "unhide it and see whether this is the one"),
    Severity.WARNING,
)
CSV_ENCODING = kind(
    "csv-encoding",
    Text("看不出文字的编码", "the encoding cannot be told"),
    Text(
        "第 {line} 行起不是 UTF-8、UTF-16 或 GB18030 编码的文字，或几种编码混在一起",
        "from line {line} on this is no text in UTF-8, UTF-16 or GB18030, or several are mixed",
    ),
    Text("请在 Excel 或 WPS 中打开，另存为 .xlsx 再交", "open it in Excel and save it as .xlsx"),
)
CSV_NUL = kind(
    "csv-nul",
    Text("文本里有空字符", "NUL characters in the text"),
    Text("文本里有空字符（NUL），已经去掉", "the text holds NUL characters, which were removed"),
    Text("核对这一行及以后的内容是否完整", "see whether this line and what follows is complete"),
    Severity.WARNING,
)
CSV_QUOTE = kind(
    "csv-quote",
    Text("双引号没有成对", "a quotation mark without its pair"),
    Text(
        "从第 {line} 行起有一个双引号没有成对，往后的内容分不清格子",
        "from line {line} on a quotation mark has no pair; the cells behind it cannot be told apart",
    ),
    Text("补上或删去这个双引号；在此之前整个文件不予采用", "add or remove it; until then the file is not used"),
)
RAGGED = kind(
    "ragged",
    Text("有的行格数不同", "rows of different lengths"),
    Text(
        "有 {count} 行的格数与其他行（{usual} 格）不同：第 {rows} 行",
        "{count} rows have another number of cells than the others ({usual}): {rows}",
    ),
    Text("看一看这些行是否少了或多了一格", "see whether these rows lack a cell or have one too many"),
    Severity.WARNING,
)
ROUNDED = kind(
    "rounded",
    Text("数字可能丢了末位", "a number may have lost digits"),
    Text(
        "“{title}”一格是数字 {text}，超过 15 位的部分表格软件不保留，末几位可能已经不对",
        "the cell {title!r} is the number {text}: a spreadsheet keeps 15 digits, the last ones may be wrong",
    ),
    Text("请把单元格格式设为“文本”，照原件重新填写", "format the cell as text and type it again from the original"),
)
SCIENTIFIC = kind(
    "scientific",
    Text("号码变成了科学计数法", "a number in scientific notation"),
    Text(
        "“{title}”一格写作 {text}，号码后面的数字已经没有了",
        "the cell {title!r} reads {text}: the digits behind are gone",
    ),
    Text("请把单元格格式设为“文本”，照原件重新填写", "format the cell as text and type it again from the original"),
)
AMBIGUOUS_MONTH = kind(
    "ambiguous-month",
    Text("看不出是几月", "which month is meant cannot be told"),
    Text(
        "“{title}”一格是数字 {text}，可能是 1 月，也可能是 10 月丢了末尾的 0",
        "the cell {title!r} is the number {text}: January, or October without its zero",
    ),
    Text("请写成 2000-10 或 2000年10月", "write it as 2000-10"),
)
WORKBOOK_DAMAGED = kind(
    "workbook-damaged",
    Text("工作簿已损坏", "the workbook is damaged"),
    Text("工作簿内部有损坏，读不出来（{reason}）", "the workbook is damaged inside and cannot be read ({reason})"),
    Text("请在 Excel 或 WPS 中打开并另存为新的 .xlsx", "open it in Excel and save it as a new .xlsx"),
)
NO_TABLE = kind(
    "no-table",
    Text("找不到表格", "no table was found"),
    Text(
        "各工作表前 {rows} 行中找不到表头，应有的栏目：{titles}",
        "no row of headings in the first {rows} rows of any sheet; expected: {titles}",
    ),
    Text("请检查表头文字", "check the headings"),
)
SECOND_TABLE = kind(
    "second-table",
    Text("另一工作表也有名单", "another sheet holds a table too"),
    Text(
        "工作表“{sheet}”也有同样的表头，没有读取；读的是“{chosen}”",
        "sheet {sheet!r} has the same headings and was not read; {chosen!r} was",
    ),
    Text("请把名单合并到一张工作表，或删去多余的一张", "merge the tables into one sheet, or remove the other one"),
    Severity.WARNING,
)
UNKNOWN_COLUMN = kind(
    "unknown-column",
    Text("不认识的栏目", "unknown column"),
    Text(
        "不认识栏目“{heading}”，该栏没有读取{near_zh}",
        "the column {heading!r} is unknown and was not read{near_en}",
    ),
    Text(
        "若就是该栏目，请改用标准名称；否则不必理会", "use the standard heading if it is that column; else ignore this"
    ),
    Severity.WARNING,
)
UNTITLED_COLUMN = kind(
    "untitled-column",
    Text("有内容的栏没有栏目名称", "a column without heading"),
    Text("{column} 列有内容但没有栏目名称，没有读取", "column {column} has content but no heading; it was not read"),
    Text("请补上栏目名称，或删去该列内容", "give it a heading, or remove its content"),
    Severity.WARNING,
)
MISSING_COLUMN = kind(
    "missing-column",
    Text("缺少栏目", "a column is missing"),
    Text("表中没有“{title}”一栏{near_zh}", "the table has no column {title!r}{near_en}"),
    Text("请补上这一栏；某人没有此项时留空格子即可", "add the column; a person's cell in it may be empty"),
)
BLANK_COLUMN = kind(
    "blank-column",
    Text("没有多半空着的一栏", "no column for what is mostly blank"),
    Text("表中没有“{title}”一栏，当作各人都没有", "the table has no column {title!r}: taken as blank for everybody"),
    Text("有人有此项时请补上这一栏；没有就不必改", "add the column if somebody has one; else nothing is to be done"),
    Severity.INFO,
)
ABSENT_COLUMN = kind(
    "absent-column",
    Text("表中没有这一栏", "the table has no such column"),
    Text(
        "表中没有“{title}”一栏，各人的这一项都是空的{near_zh}",
        "the table has no column {title!r}: it is blank for everybody{near_en}",
    ),
    Text("登记表要填这一项的，请补上这一栏", "add the column if the form is to have it"),
    Severity.WARNING,
)
SAME_ID = kind(
    "same-id",
    Text("两行的编号或姓名相同", "two rows have the same number or name"),
    Text(
        "第 {first} 行和第 {second} 行都是“{text}”，分不清是不是同一人",
        "rows {first} and {second} are both {text!r}; whether they are one person cannot be told",
    ),
    Text("重复的删去一行；同名的请用“序号”一栏区分", "remove a repeated row; tell namesakes apart by their numbers"),
)
DUPLICATE_COLUMN = kind(
    "duplicate-column",
    Text("栏目重复", "a column is given twice"),
    Text(
        "{first}、{second} 两列都是“{title}”，分不清以哪一列为准",
        "columns {first} and {second} are both {title!r}; which one counts cannot be told",
    ),
    Text("只保留一列；在此之前整个文件不予采用", "keep one of them; until then the file is not used"),
)
ROWS_AFTER_NOTE = kind(
    "rows-after-note",
    Text("表格下方还有内容", "rows below the end of the table"),
    Text(
        "第 {note} 行是说明，表格到此为止；第 {row} 行起的内容没有读取",
        "row {note} is a note that ends the table; row {row} and those below were not read",
    ),
    Text("请把说明行移到表格最后", "move the note below the last row"),
)
ERROR_CELL = kind(
    "error-cell",
    Text("单元格显示错误值", "a cell shows an error"),
    Text("“{title}”一格是错误值 {text}", "the cell {title!r} shows the error {text}"),
    Text("请改正公式，或直接填写内容", "correct the formula, or type the value"),
)
DATE_CELL = kind(
    "date-cell",
    Text("内容被表格软件改成了日期", "the spreadsheet turned the entry into a date"),
    Text(
        "“{title}”一格是日期 {text}，原来写的可能是“3/15”之类",
        "the cell {title!r} is the date {text}; was it typed as 3/15?",
    ),
    Text("请先把单元格格式设为“文本”，再重新填写", "format the cell as text first, then type it again"),
)
FORMULA_NO_VALUE = kind(
    "formula-no-value",
    Text("公式没有计算结果", "a formula without result"),
    Text(
        "“{title}”一格是公式，但文件中没有它的计算结果",
        "the cell {title!r} is a formula whose result is not in the file",
    ),
    Text("请在 Excel 或 WPS 中打开、保存一次", "open and save the file once in Excel"),
)
