"""Fills the same forms with formgen and with its peers, and writes the tables into docs/benchmarks.md.

    python benchmarks/filling.py DATE [--rounds 3]

Each contender runs in a process of its own, in turn, round after round; what it wrote is opened and read. The peers are
installed into .venv/peers. It ends with 1 if a document is wrong or a ratio that is asked is not reached.
"""

import argparse
import io
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import page
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent / "peers"))
import forms

ROOT = page.ROOT
PEERS = ROOT / ".venv" / "peers"
PYTHON = PEERS / "python" / "bin" / "python"
WORKSHOP = PEERS / "workshop"
SCRIPTS = Path(__file__).parent / "peers"
PHOTO = ROOT / "inputs" / "demo-2020" / "photos" / "01.jpg"
PHOTO_BYTES = 30_000
PACKAGES = [
    *("docxtpl==0.20.2", "docx-mailmerge2==1.0.3", "python-docx", "openpyxl", "XlsxWriter", "rustpy-xlsxwriter"),
    *("PyExcelerate", "isal", "zlib-ng", "deflate"),
]
MEMORY_DISK = next((place for place in (Path("/dev/shm"),) if place.is_dir()), None)  # noqa: S108
"""Documents are written into memory where that is possible: how fast the disk is, is not asked."""
NODE_PACKAGES = ["docxtemplater@3", "pizzip@3", "carbone@3"]
FLOOR = 2.0
"""How many times the floor formgen may take."""


@dataclass(frozen=True)
class Contender:
    """A tool in a comparison. ``asked`` is how many times as fast formgen has to be."""

    label: str
    script: str
    name: str
    count: int
    asked: float | None = None
    remark: str = ""
    photo: bool = False


@dataclass(frozen=True)
class Comparison:
    """One form, filled by several tools."""

    title: str
    form: str
    rows: int
    contenders: tuple[Contender, ...]
    results: dict[str, list[dict[str, float]]] = field(default_factory=dict)

    def median(self, name: str, what: str = "ms") -> float:
        """The median of the rounds."""
        return statistics.median(result[what] for result in self.results[name])


def comparisons() -> list[Comparison]:
    """The table of what is asked: the issue's."""
    ours, peers, node = "ours.py", "python_peers.py", "node_peers.js"
    staff = ("formgen-staff", "floor-staff", "docxtpl-staff", "carbone-staff", "docxtemplater-staff")
    return [
        Comparison(
            "Candidate form, DOCX: 24 fields, 3 long texts, a photo of 30 kB, boxes; a template's XML of 94 kB",
            "candidate",
            0,
            (
                Contender("formgen", ours, "formgen-candidate", 800, photo=True),
                Contender("floor", ours, "floor-candidate", 800, photo=True),
                Contender("docxtpl", peers, "docxtpl-candidate", 16, 150, "one object, rendered again", photo=True),
                Contender("docxtemplater", node, "docxtemplater-candidate", 40, 30, "photo put in by hand", photo=True),
                Contender("carbone", node, "carbone-candidate", 40, 25, "no photo"),
                Contender("docx-mailmerge2", peers, "mailmerge-candidate", 30, 25, "no photo"),
            ),
        ),
        Comparison(
            "Staff list, DOCX, 59 rows",
            "staff",
            59,
            (
                Contender("formgen", ours, staff[0], 400),
                Contender("floor", ours, staff[1], 400),
                Contender("docxtpl", peers, staff[2], 16, 45),
                Contender("carbone", node, staff[3], 30, 13),
                Contender("docxtemplater", node, staff[4], 16),
            ),
        ),
        Comparison(
            "Staff list, DOCX, 2,000 rows",
            "staff",
            2_000,
            (
                Contender("formgen", ours, staff[0], 16),
                Contender("floor", ours, staff[1], 16),
                Contender("docxtpl", peers, staff[2], 1, 25),
            ),
        ),
        Comparison(
            "Staff list, XLSX, 59 rows, from a styled template",
            "staff",
            59,
            (
                Contender("formgen", ours, "formgen-workbook", 800),
                Contender("floor", ours, "floor-workbook", 800),
                Contender("openpyxl", peers, "openpyxl-staff", 24, 40, "template loaded for each file"),
                Contender("rustpy-xlsxwriter", peers, "rust-staff", 500, 1, "bare table, no template"),
                Contender("PyExcelerate", peers, "pyexcelerate-staff", 40, None, "bare table, no template"),
                Contender("XlsxWriter", peers, "xlsxwriter-staff", 24, None, "styled, no template"),
            ),
        ),
        Comparison(
            "One XLSX of 100,000 rows",
            "staff",
            100_000,
            (
                Contender("formgen", ours, "formgen-workbook", 1),
                Contender("floor", ours, "floor-workbook", 1),
                Contender("XlsxWriter", peers, "xlsxwriter-staff", 1, 10, "constant memory, styled, no template"),
                Contender("rustpy-xlsxwriter", peers, "rust-staff", 1, 1, "bare table, no template"),
            ),
        ),
    ]


MEMORY = 150.0
"""MB that a process may take for the longest list, its data included."""


# --- the workshop ----------------------------------------------------------------------------------------------------


def install() -> bool:
    """Puts the peers into .venv/peers, once; whether Node is there, too."""
    if not PYTHON.is_file():
        venv.create(PEERS / "python", with_pip=True)
    subprocess.run([PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES], check=True)
    npm = shutil.which("npm")
    if npm is None:
        return False
    (PEERS / "node").mkdir(parents=True, exist_ok=True)
    if not (PEERS / "node" / "node_modules").is_dir():
        subprocess.run([npm, "install", "--silent", "--prefix", PEERS / "node", *NODE_PACKAGES], check=True)
    return True


def photo() -> bytes:
    """A photo of the size that candidates hand in: a drawn one, saved as finely as that takes."""
    with Image.open(PHOTO) as image:
        for quality in range(75, 101):
            file = io.BytesIO()
            image.save(file, "JPEG", quality=quality)
            if file.tell() >= PHOTO_BYTES:
                break
    return file.getvalue()


def prepare() -> None:
    """Writes every tool's templates and data."""
    templates = ROOT / "templates"
    forms.write_all(WORKSHOP, templates / "candidate_registration.docx", photo())
    styled = [templates / "staff_list.xlsx", WORKSHOP / "staff-openpyxl.xlsx", "59"]
    subprocess.run([PYTHON, SCRIPTS / "python_peers.py", "styled", *styled], check=True)


def run(comparison: Comparison, contender: Contender, *, verified: bool) -> dict[str, float]:
    """One round of one contender, in a process and a folder of its own."""
    program = {"ours.py": sys.executable, "python_peers.py": PYTHON, "node_peers.js": "node"}[contender.script]
    with tempfile.TemporaryDirectory(dir=MEMORY_DISK) as out:
        command = [program, SCRIPTS / contender.script, contender.name, WORKSHOP, out, str(contender.count)]
        rows = [str(comparison.rows)] if comparison.rows else []
        done = subprocess.run([*command, *rows], check=True, stdout=subprocess.PIPE, text=True)
        result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
        number = contender.count - 1
        suffix = ".xlsx" if "XLSX" in comparison.title else ".docx"
        last = Path(out) / f"{contender.name}-{number}{suffix}"
        result["bytes"] = last.stat().st_size
        if verified:
            what = [comparison.form, str(comparison.rows or number)]
            photo = [WORKSHOP / "photo.jpg"] if contender.photo else []
            subprocess.run([PYTHON, SCRIPTS / "verify.py", last, *what, *photo], check=True)
            if contender.label in ("formgen", "floor") and comparison.rows < 100_000:
                shutil.copy(last, WORKSHOP / f"shown-{contender.name}-{comparison.rows}{suffix}")
    return result


def shown() -> str:
    """Opens what formgen wrote in LibreOffice, if it is there, and finds its first and last words on the pages."""
    soffice = shutil.which("soffice")
    if soffice is None or shutil.which("pdftotext") is None:
        return "LibreOffice was not there to look at the documents."
    files = sorted(WORKSHOP.glob("shown-formgen-*"))
    with tempfile.TemporaryDirectory(dir=PEERS) as out:
        profile = f"-env:UserInstallation=file://{out}/profile"
        convert = [soffice, profile, "--headless", "--convert-to", "pdf", "--outdir", out, *files]
        subprocess.run(convert, check=True, capture_output=True, timeout=600)
        for file in files:
            command = ["pdftotext", "-raw", Path(out) / f"{file.stem}.pdf", "-"]
            done = subprocess.run(command, check=True, capture_output=True)
            text = "".join(done.stdout.decode().split())
            last = f"成员{file.stem.rpartition('-')[2]}"
            words = ("姓名49-0", "完。") if "candidate" in file.name else ("成员1", last)
            if not all(word in text for word in words):
                raise ValueError(f"{file}: {words} are not on the pages of LibreOffice")
    return f"LibreOffice opened {len(files)} of formgen's documents and showed their values."


# --- the page --------------------------------------------------------------------------------------------------------


def table(comparison: Comparison) -> tuple[list[str], bool]:
    """The lines of one comparison, and whether what is asked holds."""
    us = comparison.median(comparison.contenders[0].name)
    lines = [
        f"### {comparison.title}",
        "",
        "| tool | version | ms | times formgen's | asked | peak memory (MB) | bytes | |",
        "|---|---|---:|---:|---:|---:|---:|---|",
    ]
    holds = True
    for contender in comparison.contenders:
        results = comparison.results[contender.name]
        ms = comparison.median(contender.name)
        if contender.label == "floor":
            holds &= us <= ms * FLOOR
            asked = f"≥ {1 / FLOOR:.1f}"
        else:
            holds &= contender.asked is None or ms >= us * contender.asked
            asked = f"≥ {contender.asked:g}" if contender.asked is not None else ""
        peak, size = comparison.median(contender.name, "peak"), results[-1]["bytes"]
        lines.append(
            f"| {contender.label} | {results[-1]['version']} | {ms:.2f} | {ms / us:.1f} | {asked} |"
            f" {peak:.0f} | {size:,} | {contender.remark} |"
        )
    if comparison.rows == 100_000:
        holds &= comparison.median(comparison.contenders[0].name, "peak") <= MEMORY
    return [*lines, "", "Holds." if holds else "**Does not hold.**", ""], holds


def linear(comparisons: list[Comparison]) -> tuple[list[str], bool]:
    """Whether a long list costs as much for each row as a short one."""
    lists = [comparison for comparison in comparisons if comparison.title.startswith("Staff list, DOCX")]
    short, long = (comparison.median("formgen-staff") / comparison.rows * 1000 for comparison in lists)
    holds = long <= short * 1.5
    line = f"A row of the staff list (DOCX) costs {short:.1f} µs among 59, {long:.1f} µs among 2,000."
    return [line, "Holds." if holds else "**Does not hold.**", ""], holds


def deflating() -> Iterator[str]:
    """What each library makes of the candidate form, and how long it takes."""
    files = [WORKSHOP / "shown-formgen-candidate-0.docx", WORKSHOP / "shown-formgen-workbook-59.xlsx"]
    done = subprocess.run([PYTHON, SCRIPTS / "deflating.py", *files], check=True, stdout=subprocess.PIPE, text=True)
    yield from ("### Deflating", "")
    yield from ("The document part of the candidate form and the sheet of 59 rows; median processor time.", "")
    yield from (*done.stdout.splitlines(), "")
    yield "What differs between documents is deflated by ISA-L: at level 0 where it has less than 128 kB, else at level"
    yield "2. So a candidate form takes a twentieth less time, and 600 bytes more of 43,000; a list of 59 rows 1,000"
    yield from ("more of 9,400. What documents share is deflated once, at level 3.", "")


def main() -> int:
    """Measures everything and writes the part of the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("date", help="the day that the page names")
    parser.add_argument("--rounds", type=int, default=3)
    wanted = parser.parse_args()
    with_node = install()
    prepare()
    done, whole = [], True
    lines = ["## Filling, beside the peers", "", *page.where(wanted.date), ""]
    lines += [
        f"Median of {wanted.rounds} rounds in which the tools take turns, each in a process of its own; of a process,",
        "the quickest eighth of its documents counts, in processor time, written into a file system in memory, without",
        "the start of the program. The floor is written by hand for the form: XML that is cut at its places, joined,",
        "escaped, deflated by ISA-L at level 2, and written; it checks nothing, takes no digest, and carries no data",
        "(`benchmarks/peers/ours.py`). What each tool wrote last in the first round was opened with python-docx or",
        f"openpyxl: every value was there. Load of the machine at the start: {os.getloadavg()[0]:.1f}.",
        "",
    ]
    if not with_node:
        lines += ["Node was not there: its tools are missing from the tables.", ""]
    for comparison in comparisons():
        contenders = tuple(c for c in comparison.contenders if with_node or not c.script.endswith(".js"))
        comparison = Comparison(comparison.title, comparison.form, comparison.rows, contenders)
        for number in range(wanted.rounds):
            for contender in contenders:
                result = run(comparison, contender, verified=number == 0)
                comparison.results.setdefault(contender.name, []).append(result)
        done.append(comparison)
        part, holds = table(comparison)
        print("\n".join(part), flush=True)
        lines += part
        whole &= holds
    part, holds = linear(done)
    lines += [*part, shown(), "", *deflating()]
    print("\n".join(part), flush=True)
    page.put("filling.py", lines)
    return 0 if whole and holds else 1


if __name__ == "__main__":
    sys.exit(main())
