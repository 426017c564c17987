"""What tests of signing share: one authority with its keys, and a command that is called in this process."""

import tempfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import formgen
from formgen.signing import authority
from formgen.signing.keys import KeySigner

ROOT = Path(__file__).parents[1]
NOW = datetime(2020, 12, 4, 9, 30, tzinfo=UTC)
START = datetime(2020, 9, 1, tzinfo=UTC)
SECRET = "口令 secret"


# LibreOffice compares with today: these last until 2049.
_DAYS = 10_600


@cache
def ca() -> KeySigner:
    return authority.new_authority("试用签发机构", START, days=_DAYS)


@cache
def office(name: str = "青川示范学院团委", *, ecdsa: bool = False) -> KeySigner:
    return authority.new_key(ca(), name, START, days=_DAYS, ecdsa=ecdsa)


@cache
def forms() -> dict[str, bytes]:
    """The finished forms of the demo, by the names of their files."""
    with tempfile.TemporaryDirectory() as folder:
        dossier = formgen.load(ROOT / "inputs/demo-2020")
        made = formgen.generate(dossier, formgen.check(dossier), Path(folder)).folder
        return {path.name: path.read_bytes() for path in made.rglob("*.*x")}


def form(name: str) -> bytes:
    return forms()[name]
