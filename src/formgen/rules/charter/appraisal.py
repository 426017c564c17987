"""How staff are appraised, by the documents: how often, before whom, of what, and to which end."""

from collections.abc import Iterator

from formgen.findings import Text
from formgen.rules import rule
from formgen.rules.charter.statements import (
    CONCLUSION,
    SINCE,
    cite,
    listed,
    place,
    places,
    reads,
    stated,
    ticked,
)
from formgen.rules.subject import Law, Node, Verdict, failed, passed, unverified

_BOARD = (
    "评估备案表第 12 项：“组建以学生代表为主，校党委学生工作部门、校团委等共同参与的校级学生会组织工作人员评议会；"
    "主席团成员和工作部门负责人每学期向评议会述职。”"
)
_HONOURS = (
    "评估备案表第 13 项：“学生会组织工作人员参加评奖评优、测评加分、推荐免试攻读研究生等事项时，"
    "依据评议结果择优提名，未与其岗位简单挂钩。”"
)
_METHOD = "校级组织工作人员述职评议办法"


@rule(
    "R114",
    name="appraised-too-seldom",
    title=Text("述职周期不是每学期", "Not appraised every term"),
    message=Text("应每学期述职，而{quoted}", "Staff report every term, but {quoted}"),
    missing=Text(
        "文件没有写多久述职一次，无法核对；请记入 charter 的 statements.appraisal_period",
        "No document says how often; put it into statements.appraisal_period of charter",
    ),
    hint=Text("改为每学期述职，各处一致", "Change it to every term, everywhere"),
    basis=(_BOARD,),
    each="charter:",
    reads=(*reads("appraisal_period"), CONCLUSION),
    effective_from=SINCE,
)
def appraised_too_seldom(subject: Node, law: Law) -> Iterator[Verdict]:
    """Members of the presidium and heads of departments report to the board every term."""
    found = stated(subject, "appraisal_period")
    wrong = [statement for statement in found if statement.get("period") != law.value("charter.appraisal_period")]
    if not found:
        yield unverified(place(subject, "appraisal_period"))
    elif wrong:
        right = [statement for statement in found if statement not in wrong]
        also = (*places((*wrong[1:], *right)), *ticked(subject, law.value("appraisal.item")))
        yield failed(wrong[0].address, also=also, quoted=cite(*wrong))
    else:
        yield passed(found[0].address)


@rule(
    "R115",
    name="board-not-as-laid-down",
    title=Text("评议会的组成不合规定", "Board not as laid down"),
    message=Text(
        "校级评议会应以学生代表为主，学生工作部门、校团委参与，而{quoted}",
        "The board consists mainly of students, with student affairs and the League taking part, but {quoted}",
    ),
    missing=Text(
        "文件没有写校级评议会的组成，无法核对；请记入 charter 的 statements.appraisal_board",
        "No document says who sits on the board; put it into statements.appraisal_board of charter",
    ),
    hint=Text("按规定组成", "Compose it as laid down"),
    basis=(_BOARD,),
    each="charter:",
    reads=(*reads("appraisal_board"), CONCLUSION),
    effective_from=SINCE,
)
def board_not_as_laid_down(subject: Node, law: Law) -> Iterator[Verdict]:
    """Some statement on the school's board has students for the most part, student affairs and the League."""
    found = [statement for statement in stated(subject, "appraisal_board") if statement.get("level") == "school"]
    needed = law.value("appraisal.board_bodies")
    right = [
        statement
        for statement in found
        if statement.get("student_majority") and all(body in listed(statement, "members") for body in needed)
    ]
    if not found:
        yield unverified(place(subject, "appraisal_board"))
    elif right:
        yield passed(right[0].address)  # that there are several is R87's finding
    else:
        also = (*places(found[1:]), *ticked(subject, law.value("appraisal.item")))
        yield failed(found[0].address, also=also, quoted=cite(*found))


@rule(
    "R116",
    name="aspects-missing",
    title=Text("评议内容不全", "Aspects missing from the appraisal"),
    message=Text(
        "评议应涉及五个方面以及问题和改进措施，还缺 {count} 项：{quoted}",
        "Five aspects, problems and measures are appraised; {count} are missing: {quoted}",
    ),
    hint=Text("补齐", "Add them"),
    basis=(
        f"{_METHOD}第四条：“政治态度、道德品行、学习成绩、工作成效、纪律作风以及存在的问题和改进措施等方面的全面客观综合评价”",
    ),
    each="charter:",
    reads=reads("appraisal_aspects"),
    effective_from=SINCE,
)
def aspects_missing(subject: Node, law: Law) -> Iterator[Verdict]:
    """The appraisal covers five aspects, and problems and measures."""
    for statement in stated(subject, "appraisal_aspects"):
        lacking = [aspect for aspect in law.value("appraisal.aspects") if aspect not in listed(statement, "aspects")]
        if lacking:
            yield failed(statement.address, count=len(lacking), quoted=cite(statement))
        else:
            yield passed(statement.address)


@rule(
    "R117",
    name="grades-not-as-laid-down",
    title=Text("评议等次或提名条件不合规定", "Grades not as laid down"),
    message=Text("评议等次应为{grades}，而{quoted}", "The grades are {grades}, but {quoted}"),
    hint=Text("按规定的等次", "Use those grades"),
    basis=(
        f"{_METHOD}第七条（三）：“评价结果分为优、良、中、差四个等次。”",
        f"{_METHOD}第八条：“综合评价等次获得良及以上”",
    ),
    each="charter:",
    reads=reads("appraisal_grades", "honours"),
    effective_from=SINCE,
    wordings={
        "too_low": Text(
            "{least}及以上方可择优提名，而{quoted}", "Only {least} and above may be nominated, but {quoted}"
        )
    },
)
def grades_not_as_laid_down(subject: Node, law: Law) -> Iterator[Verdict]:
    """There are four grades, and the second or better is needed for a nomination."""
    grades, least = law.value("appraisal.grades"), law.value("appraisal.honours_grade")
    for statement in stated(subject, "appraisal_grades"):
        if list(listed(statement, "grades")) == list(grades):
            yield passed(statement.address)
        else:
            yield failed(statement.address, grades="、".join(grades), quoted=cite(statement))
    accepted = grades[: grades.index(least) + 1]
    for statement in stated(subject, "honours"):
        grade = statement.get("grade")
        if grade is None or grade in accepted:
            yield passed(statement.address)
        else:
            yield failed(statement.address, wording="too_low", least=least, quoted=cite(statement))


@rule(
    "R118",
    name="honours-promised-by-post",
    title=Text("评奖评优与岗位挂钩", "Honours tied to the post"),
    message=Text("评奖评优不得与岗位简单挂钩，而{quoted}", "Honours must not go with the post, but {quoted}"),
    hint=Text("改为依据评议结果择优提名", "Nominate by the result of the appraisal"),
    basis=(_HONOURS,),
    each="charter:",
    reads=(*reads("honours"), CONCLUSION),
    effective_from=SINCE,
)
def honours_tied_to_post(subject: Node, law: Law) -> Iterator[Verdict]:
    """Honours follow the result of the appraisal, not the post."""
    also = ticked(subject, law.value("appraisal.honours_item"))
    for statement in stated(subject, "honours"):
        if statement.get("tied_to_post"):
            yield failed(statement.address, also=also, quoted=cite(statement))
        else:
            yield passed(statement.address)


@rule(
    "R119",
    name="not-everyone-appraised",
    title=Text("述职评议的对象不全", "Not everyone is appraised"),
    message=Text(
        "主席团成员和工作部门负责人都须述职，而{quoted}",
        "Members of the presidium and heads of departments all report, but {quoted}",
    ),
    hint=Text("补齐述职对象", "Add those who are missing"),
    basis=(_BOARD,),
    each="charter:",
    reads=(*reads("appraisal_subjects"), CONCLUSION),
    effective_from=SINCE,
)
def not_everyone_appraised(subject: Node, law: Law) -> Iterator[Verdict]:
    """The whole presidium and all heads of departments are appraised."""
    also = ticked(subject, law.value("appraisal.item"))
    needed = law.value("charter.appraisal_subjects")
    for statement in stated(subject, "appraisal_subjects"):
        if all(body in listed(statement, "subjects") for body in needed):
            yield passed(statement.address)
        else:
            yield failed(statement.address, also=also, quoted=cite(statement))
