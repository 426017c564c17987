"""Signatures in PDF (PAdES B-B): signing a converted document, and verifying it. Needs formgen[pdf].

pyHanko does the work, offline. Whom to trust is judged as for .docx and .xlsx, so that the answers mean the same.
"""

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from itertools import chain
from types import ModuleType
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa, utils

from formgen.errors import UsageError
from formgen.findings import Text
from formgen.opc import PackageError
from formgen.signing import certificates
from formgen.signing.certificates import Moments, Trust
from formgen.signing.keys import Signer, check_certificate, fingerprint, issuer_of, kind_of, load_der, name_of
from formgen.signing.reasons import reason
from formgen.signing.verdict import Answer, Held, Question, Reason, Signature, Verification, refused

MARK = b"%PDF-"
_EACH = 32
"""Bytes of each of the two numbers of an ECDSA signature."""


def sign(data: bytes, name: str, signer: Signer, when: datetime, *, comment: str = "") -> bytes:
    """The bytes of the PDF with a signature over all of it, added behind what is there.

    Raises:
        UsageError: pyHanko is not installed.
        PackageError: the file is no PDF, or is damaged; ``place`` is ``name``.
    """
    pyhanko = _pyhanko(name)
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import SigSeedSubFilter

    check_certificate(signer.certificate, name)
    try:
        writer = IncrementalPdfFileWriter(io.BytesIO(data))
        number = sum(1 for _ in writer.prev.embedded_signatures) + 1
        about = pyhanko.PdfSignatureMetadata(
            field_name=f"Signature{number}",
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            reason=comment or None,
        )
        return _session(pyhanko, about, signer, when).sign_pdf(writer).getvalue()  # type: ignore[no-any-return]
    except _hostile() as error:
        raise PackageError(
            Text(f"这个 PDF 打不开或不能签（{error}）", f"this PDF cannot be opened or signed ({error})"),
            place=name,
            remedy=Text("请重新导出 PDF 再签", "export the PDF again, then sign"),
        ) from error


def _session(pyhanko: ModuleType, about: Any, signer: Signer, when: datetime) -> Any:
    from asn1crypto import x509 as asn1
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    certificate = asn1.Certificate.load(signer.certificate.public_bytes(serialization.Encoding.DER))
    is_rsa = isinstance(signer.certificate.public_key(), rsa.RSAPublicKey)

    class Hand(pyhanko.Signer):  # type: ignore[misc, name-defined]
        """Our signer, as pyHanko calls it."""

        async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
            made = bytes(256 if is_rsa else 2 * _EACH) if dry_run else signer.sign(data)
            return made if is_rsa else _der(made, dry_run=dry_run)

    class At(pyhanko.PdfSigner):  # type: ignore[misc, name-defined]
        """A signer that states the time that it was given, not the machine's."""

        def init_signing_session(self, *arguments: Any, **options: Any) -> Any:
            session = super().init_signing_session(*arguments, **options)
            session.system_time = when
            return session

    return At(about, Hand(signing_cert=certificate, cert_registry=SimpleCertificateStore()))


def _der(raw: bytes, *, dry_run: bool) -> bytes:
    if dry_run:
        return bytes(2 * _EACH + 8)  # so long the DER of the two numbers can become
    return utils.encode_dss_signature(int.from_bytes(raw[:_EACH], "big"), int.from_bytes(raw[_EACH:], "big"))


@dataclass(frozen=True)
class _Judged:
    """One signature with the reasons against it, by question."""

    facts: Signature
    covers_all: bool
    mathematics: tuple[Reason, ...]
    coverage: tuple[Reason, ...]
    certificate: tuple[Reason, ...]


def verify(data: bytes, name: str, trust: Trust) -> Verification:
    """What is known about the signatures in a PDF; the same questions as for a package."""
    try:
        _pyhanko(name)
    except UsageError as error:
        return refused(name, Reason("pdf-unchecked", error.problem))
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        found = [_judge(each, trust) for each in PdfFileReader(io.BytesIO(data)).embedded_regular_signatures]
    except _hostile() as error:
        return refused(name, reason("file-unreadable", why=f"PDF: {error or type(error).__name__}"))
    if not found:
        return refused(name, reason("unsigned"))
    uncovered = () if found[-1].covers_all else (reason("pdf-extended", found[-1].facts.part),)
    certificate = (
        Answer.of(Question.CERTIFICATE, chain.from_iterable(each.certificate for each in found))
        if trust.authorities
        else Answer(Question.CERTIFICATE, Held.NOT_CHECKED, (reason("no-trust"),))
    )
    answers = (
        Answer.of(Question.MATHEMATICS, chain.from_iterable(each.mathematics for each in found)),
        Answer.of(Question.COVERAGE, (*uncovered, *chain.from_iterable(each.coverage for each in found))),
        certificate,
    )
    return Verification(name, tuple(each.facts for each in found), answers)


def _judge(embedded: Any, trust: Trust) -> _Judged:
    from pyhanko.sign.diff_analysis import ModificationLevel
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.status import SignatureCoverageLevel
    from pyhanko_certvalidator import ValidationContext

    # Here the signer vouches for himself: whom to trust is asked below, as for every other document.
    status = validate_pdf_signature(embedded, ValidationContext(trust_roots=[embedded.signer_cert], moment=trust.now))
    part = str(embedded.field_name)
    certificate = load_der(embedded.signer_cert.dump())
    changed = () if status.intact else (reason("part-changed", part),)
    wrong = () if status.valid or changed else (reason("signature-wrong", part),)
    harmless = (ModificationLevel.NONE, ModificationLevel.LTA_UPDATES, ModificationLevel.FORM_FILLING)
    kept = status.modification_level in harmless and status.docmdp_ok
    stated = status.signer_reported_dt
    if stated is None:
        return _Judged(_facts(part, certificate, None), False, (*changed, *wrong), (), (reason("time-unclear", part),))
    moments = Moments(stated.astimezone(UTC), trust.now)
    return _Judged(
        _facts(part, certificate, moments.stated),
        covers_all=status.coverage == SignatureCoverageLevel.ENTIRE_FILE,
        mathematics=(*changed, *wrong),
        coverage=() if kept else (reason("pdf-changed-since", part),),
        certificate=tuple(certificates.check(certificate, trust.authorities, moments)),
    )


def _facts(part: str, certificate: x509.Certificate, stated: datetime | None) -> Signature:
    return Signature(
        part, name_of(certificate), issuer_of(certificate), fingerprint(certificate), kind_of(certificate), stated
    )


def _hostile() -> tuple[type[Exception], ...]:
    """What the libraries raise for a PDF that is damaged or made to do harm: they read it bit by bit."""
    from pyhanko.pdf_utils.misc import PdfError

    known = (ArithmeticError, AssertionError, AttributeError, LookupError, NotImplementedError, OSError)
    return (*known, RecursionError, TypeError, ValueError, PdfError)


def _pyhanko(name: str) -> ModuleType:
    try:
        return import_module("pyhanko.sign.signers")
    except ModuleNotFoundError as error:
        raise UsageError(
            Text("签名、核验 PDF 的组件没有安装", "what signs and verifies PDF is not installed"),
            place=name,
            remedy=Text("请安装：pip install 'formgen[pdf]'", "install it: pip install 'formgen[pdf]'"),
        ) from error
