"""A hundred and more files that do harm, or look like it: each in a process with little memory and little time."""

import json
import os
import resource
import sys
import traceback
from pathlib import Path
from typing import Any

import pytest

from formgen import checks, submission
from formgen.errors import FormgenError
from hostile import FILES, Hostile
from hostile_markup import MARKUP

MEGABYTES, SECONDS = 300, 10
"""What one file may take besides what the tests hold already: memory, and processor time."""
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits of this kind are Linux's")


def judged(path: Path, form: str) -> dict[str, Any]:
    """What is said of a file: ids of findings on reading and shape, sentences, people that were read."""
    try:
        dossier = submission.load(path, form=form)
    except FormgenError as error:
        return {"ids": [type(error).__name__], "said": [error.sentence("zh")], "names": None}
    said = [finding for finding in checks.check(dossier).findings if finding.kind.id[:2] in ("I-", "S-")]
    records = dossier.records.get(form, ())
    rows = [row for record in records for row in record.values["members"]]
    return {
        "ids": sorted({finding.kind.id for finding in said} - {"I-no-dossier"}),
        "said": [finding.message(lang) for finding in said for lang in ("zh", "en")],
        "places": [str(dossier.origin(finding.at)) for finding in said],
        "names": [row.get("name") for row in rows] if records else None,
    }


def confined(path: Path, form: str) -> dict[str, Any]:
    """The same, in a process of its own that may not take more than its share; what ends it is told."""
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(out)
            pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
            most = pages * os.sysconf("SC_PAGE_SIZE") + MEGABYTES * 2**20
            resource.setrlimit(resource.RLIMIT_AS, (most, most))
            resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
            found = judged(path, form)
        except BaseException:  # whatever it is, the test is to show it
            found = {"ids": ["raised"], "said": [traceback.format_exc()], "names": None}
        os.write(into, json.dumps(found).encode("utf-8", "surrogatepass"))
        os._exit(0)
    os.close(into)
    with os.fdopen(out, "rb") as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0, f"ended by {status}"
    found: dict[str, Any] = json.loads(told)
    return found


@pytest.mark.parametrize("hostile", [*FILES, *MARKUP], ids=str)
def test_a_hostile_file_is_bounded_and_told(hostile: Hostile, tmp_path: Path) -> None:
    path = tmp_path / hostile.name
    data = hostile.make()
    path.write_bytes(data)
    found = confined(path, hostile.form)
    assert frozenset(found["ids"]) == hostile.verdict, found["said"]
    if hostile.names is not None:
        assert found["names"] == list(hostile.names)
    assert all("Traceback" not in sentence and len(sentence) < 500 for sentence in found["said"])
    assert path.read_bytes() == data


def test_there_are_enough_of_them_each_of_its_own_name() -> None:
    every = [*FILES, *MARKUP]
    assert len({hostile.name for hostile in every}) == len(every) >= 110
