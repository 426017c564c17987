"""Time stamps on signatures (XAdES-T): RFC 3161 tokens of an authority that saw the signature at a time.

Reading a token takes asn1crypto, which comes with formgen[pdf]; without it a time stamp is reported as not checked.
"""

from collections.abc import Sequence
from datetime import datetime

from cryptography import x509

from formgen.signing.reading import Read
from formgen.signing.reasons import reason
from formgen.signing.verdict import Reason


def check(
    signature: Read, authorities: Sequence[x509.Certificate], now: datetime
) -> tuple[datetime | None, tuple[Reason, ...]]:
    """The time that a signature's time stamps prove, if any, and what is wrong with them."""
    if not signature.stamps:
        return None, ()
    return None, (reason("stamp-unchecked"),)
