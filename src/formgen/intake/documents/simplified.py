"""Traditional characters as simplified ones, for comparing with the words of a form. What was written stays as it is.

Some mirrors of school pages are in traditional characters with pinyin put in: ``醫(yī)學院``. Only characters that a
form's own words can hold are listed; one character is always one character, so that places stay.
"""

import re
from typing import Final

_PAIRS: Final = (
    "與与專专業业兩两個个為为爲为舉举義义習习書书產产黨党內内寫写決决況况劃划創创製制辦办務务勢势區区單单衛卫歷历參参發发"
    "號号後后聽听員员團团園园國国圖图場场堅坚處处備备複复復复獎奖實实審审寬宽對对導导屬属層层崗岗幹干應应開开彙汇從从徹彻"
    "總总願愿執执報报擔担擇择據据採采數数無无時时曉晓會会條条來来東东極极構构標标欄栏樣样歡欢歸归氣气測测濟济滿满準准點点"
    "狀状現现畫画當当療疗監监盤盘眾众確确種种積积稱称籌筹簽签簡简類类糾纠紀纪級级納纳組组織织終终經经結结統统絕绝綜综編编"
    "緊紧績绩職职聯联聲声興兴範范薦荐藝艺獲获規规覺觉觀观視视訊讯計计討讨訓训記记設设許许評评試试詞词話话該该說说請请課课"
    "論论證证識识譯译議议護护讀读變变象象貌貌負负責责質质貫贯賀贺資资達达過过還还這这選选連连進进遠远運运邊边鄉乡醫医釋释"
    "鈎钩鏈链長长門门間间關关陣阵陽阳際际險险隊队階阶難难電电須须項项預预領领題题額额願愿類类顯显驗验體体齊齐齡龄優优價价"
    "僅仅儀仪億亿們们倆俩傳传偉伟側侧傷伤勞劳動动協协衝冲減减測测漢汉營营獨独環环節节籍籍籤签級级罷罢羅罗習习脫脱臺台萬万"
    "葉叶號号術术補补裡里裏里詳详調调貧贫貼贴費费賽赛輔辅輪轮辭辞較较農农鄰邻錄录錯错鍵键關关隨随離离雙双雜杂靈灵響响頁页"
    "頒颁風风養养餘余館馆麼么龍龙羣群峯峰並并佈布託托徵征誌志範范週周鬥斗禮礼愛爱戀恋懷怀態态憲宪戰战擁拥滙汇產产縣县滅灭"
)
_TABLE: Final = str.maketrans(dict(zip(_PAIRS[::2], _PAIRS[1::2], strict=True)))
_PINYIN = re.compile(r"[（(][a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüńňǹ]{1,7}[)）]")


def simplified(text: str) -> str:
    """``text`` in simplified characters, as long as it was."""
    return text.translate(_TABLE)


def without_pinyin(text: str) -> str:
    """``text`` without the readings that a converter put behind its characters."""
    return _PINYIN.sub("", text)
