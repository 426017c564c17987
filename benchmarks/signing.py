"""Measures signing and verifying, and writes the table into docs/benchmarks.md.

    python benchmarks/signing.py DATE [--forms 1000]

What is asked: a form is signed in under 25 ms and verified in under 10 ms of processor time. It ends with 1 if not.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import page

import formgen
from formgen import opc
from formgen.signing import authority, package, protection
from formgen.signing.certificates import Trust
from formgen.signing.keys import KeySigner
from formgen.signing.verification import verify

SHIPPED = Path(__file__).parents[1] / "inputs" / "demo-2020"
SIGN, VERIFY = 25.0, 10.0
"""Milliseconds."""
NOW = datetime(2020, 12, 4, tzinfo=UTC)


def forms(count: int) -> list[bytes]:
    """The demo's forms, over and over; each is a file of its own to the programs that are measured."""
    with tempfile.TemporaryDirectory() as folder:
        dossier = formgen.load(SHIPPED)
        made = formgen.generate(dossier, formgen.check(dossier), Path(folder)).folder
        documents = [path.read_bytes() for path in sorted(made.rglob("*.*x"))]
    return [documents[number % len(documents)] for number in range(count)]


def measured(work: Callable[[bytes], bytes], documents: Sequence[bytes]) -> tuple[list[bytes], list[float]]:
    """What comes out, and the milliseconds of processor time that each took."""
    results, times = [], []
    for document in documents:
        start = time.process_time()
        results.append(work(document))
        times.append((time.process_time() - start) * 1000)
    return results, times


def rows(documents: Sequence[bytes]) -> Iterator[tuple[str, list[float], float]]:
    """What was measured, the times, and what is asked of their median."""
    root = authority.new_authority("benchmark", NOW)
    trust = Trust((root.certificate,), NOW + timedelta(days=1))

    def signs(signer: KeySigner) -> Callable[[bytes], bytes]:
        return lambda data: package.sign(data, "", signer, NOW)

    def verified(data: bytes) -> bytes:
        if not verify(data, "", trust).holds:
            raise AssertionError("a signed form does not hold")
        return b""

    protected, times = measured(lambda data: package.written(protection.protected(opc.read(data, ""))), documents)
    yield "protect and mark as final", times, SIGN
    for kind, ecdsa in (("RSA-2048", False), ("ECDSA P-256", True)):
        signed, times = measured(signs(authority.new_key(root, kind, NOW, ecdsa=ecdsa)), protected)
        yield f"sign, {kind}, and verify what was made", times, SIGN
        yield f"verify, {kind}", measured(verified, signed)[1], VERIFY


def main() -> int:
    """Measures everything and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("date", help="the day that the page names")
    parser.add_argument("--forms", type=int, default=1_000)
    wanted = parser.parse_args()
    documents = forms(wanted.forms)
    size = round(statistics.mean(map(len, documents)) / 1000)
    lines = ["## Signing and verifying", "", *page.where(wanted.date), ""]
    lines += [
        f"{wanted.forms:,} forms of `inputs/demo-2020` ({size} kB on average), one process; processor time, so that",
        "what else the machine does hardly matters.",
        f"Asked of the median: under {SIGN:.0f} ms to sign, under {VERIFY:.0f} ms to verify.",
        "",
        "| what | median ms | 95 % under ms | all, seconds |",
        "|---|---:|---:|---:|",
    ]
    holds = True
    for what, times, asked in rows(documents):
        median = statistics.median(times)
        holds = holds and median < asked
        high = statistics.quantiles(times, n=20)[-1]
        lines.append(f"| {what} | {median:.1f} | {high:.1f} | {sum(times) / 1000:.1f} |")
    page.put("signing.py", [*lines, ""])
    print("\n".join(lines), "holds" if holds else "DOES NOT HOLD", sep="\n")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
