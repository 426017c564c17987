"""Makes a folder of many dossiers out of the two that formgen ships, each changed: always the same ones.

python benchmarks/many_dossiers.py FOLDER COUNT
"""

import json
import os
import random
import shutil
import sys
from pathlib import Path
from typing import Any

from formgen.dossier import load

INPUTS = Path(__file__).parents[1] / "inputs"
_SHIPPED = ("demo-2020", "lzmvc-2020")
_SEED = 2020
_ONE_IN = 100
"""One dossier in so many is damaged, one has no dossier.json."""


def make(folder: Path, count: int) -> None:
    """Makes ``count`` dossiers in a new folder."""
    rng = random.Random(_SEED)  # noqa: S311 - no secret: the same dossiers every time
    staff = {name: load(INPUTS / name).records["staff_list"][0].values for name in _SHIPPED}
    folder.mkdir(parents=True)
    for number in range(count):
        name = _SHIPPED[number % len(_SHIPPED)]
        target = folder / f"school-{number:05}"
        shutil.copytree(INPUTS / name, target, copy_function=_link)
        if number % _ONE_IN == 0:
            (target / "dossier.json").unlink()
        elif number % _ONE_IN == 1:
            _replace(target / "dossier.json", "{")
        else:
            _change(target, number, staff[name], rng)


def _link(source: str, target: str) -> None:
    """One file under two names, so that 3,000 dossiers do not take 2 GB."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _replace(path: Path, text: str) -> None:
    path.unlink()  # not through the link: the shipped file stays as it is
    path.write_text(text, "utf-8")


def _change(target: Path, number: int, staff: Any, rng: random.Random) -> None:
    head = json.loads((target / "dossier.json").read_text("utf-8"))
    head["organisation"]["name"] = f"第{number:05}学院"
    _replace(target / "dossier.json", json.dumps(head, ensure_ascii=False))
    for file in sorted(target.glob("*.json")):
        if file.name != "dossier.json" and rng.randrange(4) == 0:
            values = json.loads(file.read_text("utf-8"))
            _lose(values, rng)
            _replace(file, json.dumps(values, ensure_ascii=False))
        elif file.name != "dossier.json" and rng.randrange(10) == 0:
            file.unlink()
    if rng.randrange(2):
        values = json.loads(json.dumps(staff))
        for _ in range(rng.randrange(12)):
            _lose(values["members"], rng)
        (target / "staff_list.xlsx").unlink()
        (target / "staff_list.json").write_text(json.dumps(values, ensure_ascii=False), "utf-8")


def _lose(node: Any, rng: random.Random) -> None:
    """Takes out, or makes a text of, one value somewhere inside."""
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not keys:
            return
        key = rng.choice(keys)
        if not isinstance(node[key], dict | list) or rng.randrange(8) == 0:
            break
        node = node[key]
    if rng.randrange(3):
        del node[key]
    else:
        node[key] = "？"


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]))
