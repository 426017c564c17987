"""Makes a dossier of many candidates: one spreadsheet with a row for each, one folder with a photo for each.

python benchmarks/many_candidates.py FOLDER COUNT
"""

import io
import json
import random
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from PIL import Image

from formgen.forms import catalogue

DEMO = Path(__file__).parents[1] / "inputs" / "demo-2020"
_SEED = 2020
_PHOTO = (413, 579)
"""A photo of two inches at 300 dots to the inch."""
_PHOTO_BYTES = 30_000
_KINDS = 20
_COLLEGES = 40


def make(folder: Path, count: int, *, files: bool = False) -> None:
    """Makes the dossier in a new folder; with ``files`` a file of JSON for each candidate."""
    rng = random.Random(_SEED)  # noqa: S311 - no secret: the same candidates every time
    (folder / "photos").mkdir(parents=True)
    shutil.copy(DEMO / "dossier.json", folder)
    models = [json.loads(path.read_text("utf-8")) for path in sorted((DEMO / "candidate_registration").iterdir())]
    photos = [_photo(rng) for _ in range(_KINDS)]
    candidates = [(number, _candidate(models[number % len(models)], number)) for number in range(1, count + 1)]
    for number, values in candidates:
        (folder / values["photo"]).write_bytes(_own(photos[number % _KINDS], number))
    (_write_files if files else _write_table)(folder / "candidate_registration", candidates)


def _write_files(folder: Path, candidates: Sequence[tuple[int, dict[str, Any]]]) -> None:
    folder.mkdir()
    for number, values in candidates:
        (folder / f"{number:06}.json").write_text(json.dumps(values, ensure_ascii=False, indent=2), "utf-8")


def _write_table(place: Path, candidates: Sequence[tuple[int, dict[str, Any]]]) -> None:
    fields = catalogue()["candidate_registration"][0].schema["properties"]
    columns = [key for key in fields if key != "opinions"]
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("候选人")
    sheet.append(["序号", *(fields[key]["title"] for key in columns)])
    for number, values in candidates:
        sheet.append([number, *(_cell(values.get(key)) for key in columns)])
    workbook.save(place.with_suffix(".xlsx"))


def _candidate(model: dict[str, Any], number: int) -> dict[str, Any]:
    own = {
        "name": _name(number),
        "student_number": f"2018{number:06}",
        "college": f"第{number % _COLLEGES + 1}学院",
        "photo": f"photos/{number:06}.jpg",
        "phone": f"000-{number // 10_000:04}-{number % 10_000:04}",
    }
    return {**model, **own}


def _name(number: int) -> str:
    """A name of three characters, another one for each number."""
    first, last = "赵钱孙李周吴郑王冯陈", "一乙丁七万三上下与丑专且世丘丙业丛东丝丞两严丧个丫"
    return first[number % 10] + last[number // 10 % 25] + chr(0x5000 + number // 250)


def _cell(value: Any) -> Any:
    """A value as a person writes it into a cell."""
    match value:
        case bool():
            return "有" if value else "无"
        case {"text": text}:
            return text
        case list():
            return "\n".join(f"{each['start']}-{each['end']} {each['unit']} {each['post']}" for each in value)
        case _:
            return value


def _photo(rng: random.Random) -> bytes:
    """A photo of the usual size: soft colours with a grain."""
    noise = Image.frombytes("RGB", (60, 84), rng.randbytes(60 * 84 * 3)).resize(_PHOTO, Image.Resampling.BICUBIC)
    soft = Image.linear_gradient("L").resize(_PHOTO).convert("RGB")
    best = b""
    for quality in range(30, 96, 5):
        stream = io.BytesIO()
        Image.blend(soft, noise, 0.4).save(stream, "JPEG", quality=quality)
        best = stream.getvalue()
        if len(best) >= _PHOTO_BYTES:
            break
    return best


def _own(photo: bytes, number: int) -> bytes:
    """The photo with a remark inside, so that no two files are the same."""
    return photo[:2] + b"\xff\xfe\0\x08" + f"{number:06}".encode() + photo[2:]


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]))
