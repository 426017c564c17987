"""The findings of reading documents: what could not be read there, or was read with a doubt."""

from formgen.findings import Severity, Text
from formgen.intake.kinds import kind

DOCUMENT = kind(
    "document",
    Text("文件打不开", "the document cannot be opened"),
    Text("文件打不开：{problem}", "the document cannot be opened: {english}"),
    Text("请在 Word 或 WPS 中打开，去掉密码，另存为 .docx", "open it in Word, remove any password, save it as .docx"),
)
PICTURES_ONLY = kind(
    "tables-are-pictures",
    Text("表格是图片", "the tables are pictures"),
    Text(
        "文件里没有可读的“{title}”，有图片 {count} 张；图片里的表格读不出来",
        "there is no text of {title!r} here but {count} pictures; a table in a picture cannot be read",
    ),
    Text(
        "请交 Word 文件或可以选中文字的网页，或把内容填进表单",
        "hand in the Word file, or a page whose text can be selected",
    ),
)
NOT_FOUND = kind(
    "form-not-found",
    Text("不是这份表单", "not this form"),
    Text("文件里找不到“{title}”的栏目", "nothing of {title!r} was found in this file"),
    Text("请检查是不是拿错了文件；命令中可用 --form 指明表单", "is this the right file? --form names the form"),
)
NO_PLACE = kind(
    "field-unreadable",
    Text("读不出的栏目", "a field that cannot be read"),
    Text(
        "文件里找不到“{title}”的位置，读不出来（不等于没有填）",
        "the place of {title!r} was not found, so it cannot be read (which does not mean that it is empty)",
    ),
    Text(
        "请在原来的表格里填写，不要改动栏目名称", "fill in the form as it was handed out, without changing its labels"
    ),
)
TWICE = kind(
    "field-twice",
    Text("一栏有两个不同的内容", "two contents of one field"),
    Text(
        "“{title}”在文件里有两处，内容不同：“{first}”和“{second}”",
        "{title!r} stands in two places that differ: {first!r} and {second!r}",
    ),
    Text("请改成一致；在此之前这一栏不予采用", "make them agree; until then neither is used"),
)
UNDETERMINED = kind(
    "undetermined",
    Text("看不出结论", "a conclusion that cannot be told"),
    Text("“{title}”的结论无法确定：{reason}", "the conclusion of {title!r} cannot be told: {english}"),
    Text("请在原件上核实，恰好勾选一个", "look at the original, and tick exactly one"),
)
DEDUCED = kind(
    "lost-word",
    Text("勾选框旁的字脱落", "the word beside a tick is lost"),
    Text(
        "“{title}”所勾的框旁边没有字，另一个框没有勾，按所勾的读作“{value}”",
        "the ticked box of {title!r} has no word beside it; since the other is not ticked it was read as {value!r}",
    ),
    Text("请对照原件核实", "compare with the original"),
    Severity.WARNING,
)
UNIT = kind(
    "unit",
    Text("单位不对", "another unit than the form's"),
    Text(
        "“{title}”写作“{text}”，应以“{unit}”计",
        "{title!r} reads {text!r}, and is counted in {unit!r}",
    ),
    Text("请核实数字填在了对的一行", "is the number in the right row?"),
    Severity.WARNING,
)
DATE = kind(
    "date-unclear",
    Text("日期不完整或不成日期", "a date that is incomplete or none"),
    Text("“{title}”写作“{text}”，看不出是哪一天", "{title!r} reads {text!r}, which is no full date"),
    Text("请写全年月日，如 2020 年 11 月 17 日至 18 日", "write year, month and day"),
)
ROW_TWICE = kind(
    "row-twice",
    Text("同一项有两行", "two rows of one item"),
    Text(
        "“{title}”还有一行，结论不同；采用的是前一行",
        "there is another row of {title!r} with another conclusion; the first one was taken",
    ),
    Text("请核实两行各属于哪张表", "which table does each of the rows belong to?"),
    Severity.WARNING,
)
NO_ROW = kind(
    "row-missing",
    Text("缺少一项", "an item has no row"),
    Text("表格里找不到“{title}”这一行，读不出来", "the table has no row for {title!r}, so it cannot be read"),
    Text("请补上这一行，文字照规定的表格", "add the row in the words of the official table"),
)
OTHER_EDITION = kind(
    "other-edition",
    Text("另一版次的表格", "another edition of the form"),
    Text(
        "这是另一版次的“{title}”（结论写作 {words}），两版以 {since} 为界，没有读取",
        "this is another edition of {title!r} (its conclusions are {words}); one of them begins on {since};"
        " it was not read",
    ),
    Text(
        "请按表格的版次选定日期（--as-of），或换成当时施行的表格",
        "choose the day by --as-of, or use the form of that day",
    ),
)
UNKNOWN_TAG = kind(
    "unknown-control",
    Text("不认识的控件", "an unknown control"),
    Text("控件“{tag}”不是本表单的栏目，没有读取", "the control {tag!r} is no field of this form and was not read"),
    Text("请用本表单现在的空表填写", "use the present blank of this form"),
    Severity.WARNING,
)
PICTURES = kind(
    "picture-unclear",
    Text("看不出用哪张图片", "which picture is meant cannot be told"),
    Text(
        "文件里有 {count} 张图片，看不出哪一张是“{title}”", "of {count} pictures it cannot be told which is {title!r}"
    ),
    Text("请只放一张，放在这一栏的格子里", "put one picture only, into the cell of this field"),
    Severity.WARNING,
)
PICTURE_TOLD = kind(
    "picture-told",
    Text("图片是按位置认的", "the picture was told by its place"),
    Text("“{title}”用的是文件里的这张图片", "this picture of the document was taken as {title!r}"),
    Text("请核对是不是这一张", "is it the right one?"),
    Severity.INFO,
)
PICTURE_ALTERED = kind(
    "picture-altered",
    Text("图片在文件里裁剪或旋转过", "a picture that is cropped or turned in the document"),
    Text(
        "“{title}”在 Word 里裁剪或旋转过；取用的是原来的整张图片",
        "{title!r} was cropped or turned in Word; the whole picture is taken as it was",
    ),
    Text("请换成裁好的图片，或核对印出的样子", "put in a picture that is cut as it should be, or look at the result"),
    Severity.WARNING,
)
HIDDEN_TEXT = kind(
    "hidden-text",
    Text("有隐藏的文字", "there is hidden text"),
    Text(
        "文件里有 {count} 处隐藏的文字，看不见、印不出，没有读取",
        "there is hidden text in {count} places, which nobody sees and no printer prints; it was not read",
    ),
    Text(
        "在 Word 里显示隐藏文字，需要的取消隐藏，不要的删去",
        "show it in Word; make visible what is needed, delete the rest",
    ),
    Severity.WARNING,
)
REVISED = kind(
    "changes-tracked",
    Text("有没有接受的修订", "there are tracked changes"),
    Text(
        "文件带修订记录：插入的照读，删去的不读",
        "changes are tracked in this file: what was put in is read, what was deleted is not",
    ),
    Text("请在 Word 里接受或拒绝全部修订再交", "accept or reject all changes in Word"),
    Severity.INFO,
)
SECOND_COLUMNS = kind(
    "second-table-columns",
    Text("第二张表有没读的栏", "columns of the second table that were not read"),
    Text(
        "“{title}”只读了各组织的名称和备注；没有读的栏：{columns}",
        "of {title!r} names and remarks were read; these columns were not: {columns}",
    ),
    Text(
        "这张表各栏的规定格式没有见过，请对照原件人工核对",
        "nobody here has seen its official columns: look at the original",
    ),
    Severity.WARNING,
)
SECOND_ROWS = kind(
    "second-table-rows",
    Text("第二张表有没读的行", "rows of the second table that were not read"),
    Text(
        "“{title}”有 {count} 行没有读取：看不出是哪一个组织",
        "{count} rows of {title!r} were not read: which organisation they are about cannot be told",
    ),
    Text(
        "每个组织一行，写明“名称”；逐项自评的表请人工核对，内容可填在 JSON 的 second_level",
        "one row for each organisation, under 名称; look at other rows yourself, or state them as second_level in JSON",
    ),
    Severity.WARNING,
)
SEVERAL = kind(
    "several-forms",
    Text("一个文件里有几份表", "several forms in one file"),
    Text(
        "文件里像有几个人的“{title}”（好几栏各有两个不同的内容），没有读取",
        "there seem to be several people's forms ({title}) in this file, as fields have two contents; it was not read",
    ),
    Text("请一份表存一个文件", "save each form as a file of its own"),
)
LINES = kind(
    "lines-unclear",
    Text("看不懂的各段", "entries that are not understood"),
    Text("“{title}”各行的写法看不懂，没有读取", "the lines of {title!r} are not understood and were not read"),
    Text(
        "每段一行，如 2018.09-2019.09 数控1801班 班长；或用空表填写",
        "one line each, such as 2018.09-2019.09 数控1801班 班长; or use the blank form",
    ),
)
