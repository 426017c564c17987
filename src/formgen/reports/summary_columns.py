"""The sheets and columns of a summary: what they are called, in both languages, and how wide they are.

A summary is also read back, to compare it with a later one: by these names, in whatever order the columns stand then.
"""

from dataclasses import dataclass

from formgen.findings import Text
from formgen.reports.summary import Weight


@dataclass(frozen=True, slots=True)
class Column:
    """A column. One that ``stays`` does not scroll away to the left."""

    title: Text
    width: int
    stays: bool = False


SCHOOLS = Text("学校", "schools")
CHANGES = Text("变化", "changes")
RULES = Text("规则", "rules")
UNREAD = Text("读不出", "unreadable")
ABOUT = Text("说明", "about")

NAME = Column(Text("学校", "school"), 20, stays=True)
DOSSIER = Column(Text("案卷", "dossier"), 15)
VERDICT = Column(Text("能否出具", "verdict"), 10)
ERRORS = Column(Text("错误", "errors"), 7)
WARNINGS = Column(Text("警告", "warnings"), 7)
RULE = Column(Text("规则", "rule"), 9)
WEIGHT = Column(Text("结果", "result"), 10)
PLACE = Column(Text("位置", "place"), 30)
MESSAGE = Column(Text("问题", "message"), 90)

OF_SCHOOL = (
    NAME,
    Column(Text("组织", "union"), 8),
    DOSSIER,
    Column(Text("按哪天的规定", "law of"), 12),
    VERDICT,
    ERRORS,
    WARNINGS,
    Column(Text("无法核实", "unverified"), 7),
    Column(Text("提示", "notes"), 7),
    Column(Text("已豁免", "waived"), 7),
    Column(Text("最要紧的规则", "worst rule"), 25),
    Column(Text("达标", "met"), 7),
    Column(Text("未达标", "unmet"), 7),
    Column(Text("结论不明", "unclear"), 7),
    Column(Text("没有结论", "blank"), 7),
    Column(Text("自评未达标的项", "items called unmet"), 10),
    Column(Text("实有人数", "staff"), 7),
    Column(Text("实有主席团", "presidium"), 7),
    Column(Text("实有部门", "departments"), 7),
    Column(Text("未报送", "not sent"), 28),
    Column(Text("报告", "report"), 16),
)
OF_CHANGE = (
    NAME,
    DOSSIER,
    Column(Text("变化", "change"), 16),
    Column(Text("上次错误", "errors then"), 9),
    Column(Text("这次错误", "errors now"), 9),
    Column(Text("上次警告", "warnings then"), 9),
    Column(Text("这次警告", "warnings now"), 9),
    Column(Text("已改正的规则", "rules mended"), 30),
    Column(Text("新出现的规则", "rules failed anew"), 30),
    Column(Text("上次有问题、这次无从判断的规则", "rules that failed then and cannot be told now"), 30),
)
OF_TOTAL = (
    RULE,
    Column(Text("名称", "title"), 40),
    Column(Text("最重的结果", "worst result"), 12),
    Column(Text("错误的案卷", "dossiers with errors"), 10),
    Column(Text("警告的案卷", "with warnings"), 10),
    Column(Text("无法核实的案卷", "unverified"), 10),
    Column(Text("提示的案卷", "with notes"), 10),
    Column(Text("豁免的案卷", "waived"), 10),
    Column(Text("共几处", "findings"), 9),
)
OF_UNREAD = (DOSSIER, Column(Text("原因和办法", "reason and remedy"), 110))
OF_BREACH = (NAME, DOSSIER, WEIGHT, PLACE, MESSAGE)
OF_ABOUT = (Column(Text("事项", "about"), 24), Column(Text("内容", "contents"), 100))

CANNOT_READ = Text("读不出", "unreadable")
STOPS = Text("不能出具", "cannot be issued")
FREE = Text("可以出具", "can be issued")
COMMA = Text("、", ", ")
NOT_LISTED = Text(
    "另有 {more} 处没有逐一列出（每个案卷每条规则列 {listed} 处）",
    "{more} more are not listed (of each rule, {listed} in a dossier are)",
)
WEIGHTS_SAID = {
    Weight.ERROR: Text("错误", "error"),
    Weight.WARNING: Text("警告", "warning"),
    Weight.UNVERIFIED: Text("无法核实", "unverified"),
    Weight.INFO: Text("提示", "note"),
    Weight.WAIVED: Text("已豁免", "waived"),
}

ADDED = Text("上次没有", "not there then")
GONE = Text("这次没有", "not there now")
UNREAD_NOW = Text("这次读不出", "unreadable now")
UNREAD_THEN = Text("上次读不出", "unreadable then")
BETTER = Text("减少", "better")
WORSE = Text("增加", "worse")
DIFFERENT = Text("数目相同，规则不同", "same counts, other rules")
SAME = Text("没有变化", "unchanged")
