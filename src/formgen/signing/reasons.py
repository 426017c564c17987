"""Every reason for which a signed file is refused, with its id. Tests have a tampered file for each."""

from collections.abc import Mapping
from typing import Final

from formgen.findings import Text
from formgen.signing.verdict import Reason

TEXTS: Final[Mapping[str, Text]] = {
    # the file
    "file-unreadable": Text("{why}", "{why}"),
    "unsigned": Text("文件没有签名", "the file has no signature"),
    # the shape of a signature
    "signature-unreadable": Text("签名不是完好的 XML", "the signature is no well-formed XML"),
    "signature-spelling": Text(
        "签名、关系或类型清单的写法被改过（不是程序写出的样子）",
        "a signature, relationships or content types are not spelt as programs spell them: edited",
    ),
    "signature-comment": Text(
        "签名里夹有注释或处理指令", "there is a comment or processing instruction in the signature"
    ),
    "signature-shape": Text(
        "签名里有不该有的内容，或缺少应有的内容", "the signature has more or less in it than it should"
    ),
    "signature-inherits": Text("签名里有 xml: 属性，含义不明", "the signature has xml: attributes"),
    "id-twice": Text("签名里两处用了同一个标识", "two elements of the signature have the same id"),
    "reference-to-nothing": Text("签名指向不存在的内容", "the signature refers to something that is not there"),
    "reference-misplaced": Text("签名指向不该指的地方", "the signature refers to something in the wrong place"),
    "reference-twice": Text("签名两次指向同一处", "the signature refers to the same thing twice"),
    "transform-unexpected": Text(
        "签名要求先变换内容，这里不允许", "the signature transforms the content in a way not allowed"
    ),
    "canonicalisation-unexpected": Text("签名用了别的规范化方法", "the signature uses another canonical form"),
    "method-weak": Text("签名算法太弱或不认识", "the signature's algorithm is weak or unknown"),
    "digest-weak": Text("摘要算法太弱或不认识", "a digest's algorithm is weak or unknown"),
    "key-weak": Text("签名密钥太短或种类不对", "the signer's key is too short or of another kind"),
    "encoding-loose": Text("签名里的编码不规范", "a value in the signature is not encoded strictly"),
    "object-unsigned": Text("签名里有一部分没有被签名", "a part of the signature itself is not signed"),
    "manifest-missing": Text("签名没有列出它签了哪些部件", "the signature does not list what it covers"),
    "properties-unsigned": Text("签名时间和证书没有被签名", "the time and certificate are not signed"),
    "certificate-count": Text("签名里应有且只有一张证书", "a signature has exactly one certificate"),
    "certificate-unreadable": Text("签名里的证书读不出来", "the certificate in the signature cannot be read"),
    "certificate-exchanged": Text(
        "签名里的证书不是签名时的那一张", "the certificate is not the one that was signed with"
    ),
    "time-unclear": Text(
        "签名时间缺失、读不懂或前后不一", "the time of signing is missing, unreadable or contradictory"
    ),
    # the mathematics
    "signature-wrong": Text("签名与密钥不符：签名或密钥被换过", "signature and key do not match"),
    "object-changed": Text("签名自己的内容被改过", "what the signature says of itself was changed"),
    "part-changed": Text("签名以后内容被改过", "changed after it was signed"),
    "part-missing": Text("签名时有这个部件，现在没有了", "was there when it was signed, and is gone"),
    "part-twice": Text("签名两次列出同一个部件", "the signature lists the part twice"),
    "part-name": Text("签名列出的部件名不规范", "the name of a part in the signature is unusual"),
    "content-type-changed": Text("部件的类型被改过", "the part's content type was changed"),
    "relationship-missing": Text("签名时有的关系现在没有了", "a signed relationship is gone"),
    # the coverage
    "part-unsigned": Text("这个部件没有签名：是签名以后加的", "not signed: added after signing"),
    "relationship-unsigned": Text(
        "这个关系没有签名：是签名以后加的", "a relationship is not signed: added after signing"
    ),
    "relationships-unclear": Text(
        "关系清单有重复或多余的内容，或只该有一个的有两个",
        "relationships with a repeated id, two where one belongs, or foreign content",
    ),
    "content-types-unclear": Text(
        "类型清单有重复、多余或无用的内容", "content types are repeated, foreign or for nothing"
    ),
    "signatures-unclear": Text("签名的存放方式不对", "the signatures are not kept in the way they should"),
    "hidden-data": Text("文件的部件之间或末尾藏有数据", "there is hidden data between or behind the parts"),
    "shows-unsigned": Text(
        "这里显示当天日期、标题等签名管不到的内容，不改文件也会变",
        "this shows the day, the title or the like, which changes without a change of what is signed",
    ),
    "shows-elsewhere": Text("这里显示文件以外的内容，会变", "this shows something outside the file, which may change"),
    # the certificate
    "no-trust": Text("没有指定信任谁，证书未核对", "nobody was named as trusted: the certificate was not checked"),
    "certificate-untrusted": Text(
        "签名者的证书不是信任的机构签发的", "no trusted authority issued the signer's certificate"
    ),
    "certificate-broken": Text("证书链上的签名不对", "a signature in the chain of certificates is wrong"),
    "certificate-purpose": Text("证书不是用来签文件的", "the certificate is not for signing documents"),
    "certificate-unknown-limit": Text("证书带有不认识的限制", "the certificate has a limit that is not understood"),
    "authority-purpose": Text("签发者的证书不许签发证书", "the issuer may not issue certificates"),
    "chain-too-long": Text("证书链太长", "the chain of certificates is too long"),
    "not-yet-valid": Text("签名时证书尚未生效", "the certificate was not yet valid when it was signed"),
    "expired-before": Text("签名时证书已过期", "the certificate had expired when it was signed"),
    "expired-since": Text(
        "证书现在已过期，签名时间又没有时间戳证明",
        "the certificate has expired, and no time stamp proves the time of signing",
    ),
    "signed-in-future": Text("签名时间在将来", "the time of signing lies in the future"),
    # PDF
    "pdf-unchecked": Text(
        "核验 PDF 的组件没有安装（formgen[pdf]）", "what verifies PDF is not installed (formgen[pdf])"
    ),
    "pdf-extended": Text("签名以后文件又加了内容", "content was added to the file after it was signed"),
    "pdf-changed-since": Text("签名以后改了不许改的内容", "what must not change was changed after it was signed"),
    # time stamps
    "stamp-wrong": Text("时间戳不对或不属于这个签名", "the time stamp is wrong or belongs to something else"),
    "stamp-unchecked": Text(
        "有时间戳，但没有安装核对它的组件（formgen[pdf]）",
        "there is a time stamp, but formgen[pdf], which checks it, is not installed",
    ),
}


_SHOWN = 200
"""Characters of a place: a name in a zip may have 65,535."""


def reason(id: str, place: str = "", **values: str) -> Reason:
    """The reason of that id, at a place in the file."""
    text = TEXTS[id]
    place = place if len(place) <= _SHOWN else place[:_SHOWN] + "…"
    return Reason(id, Text(text.zh.format(**values), text.en.format(**values)) if values else text, place)


class Refused(Exception):
    """A signature that cannot be read on: what is wrong in it. Never leaves this room."""

    def __init__(self, id: str, place: str = "") -> None:
        super().__init__(id)
        self.reason = reason(id, place)
