"""What a run has rendered so far, written down as it goes: a run that was killed is continued, not begun again.

A line for each document, in the staging folder, from the first one on. It is believed as far as the staged bytes are
what it says, so that it never matters when the process ended.
"""

import hashlib
import json
import os
import re
from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path

from formgen.delivery import disk
from formgen.delivery.work import Rendered
from formgen.spilling import SpillDict, tuples

_LOG = "rendered.jsonl"
_DIGESTS = re.compile("(?:sha256:[0-9a-f]{64}){1,2}")


def place(staging: Path, target: str) -> str:
    """Where the file of that name is staged, in this run and in the next."""
    name = hashlib.sha256(target.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    # A Path for each of thousands of files takes longer than all else that is done here.
    return f"{staging}{os.sep}{name}{os.path.splitext(target)[1]}"


class Staged(Mapping[str, str]):
    """Target -> its file in the staging folder, worked out when somebody asks: of thousands, paths take much memory."""

    def __init__(self, staging: Path, *targets: Collection[str]) -> None:
        self._staging = staging
        self._targets = targets

    def __getitem__(self, target: str) -> str:
        if target not in self:
            raise KeyError(target)
        return place(self._staging, target)

    def __contains__(self, target: object) -> bool:
        return any(target in some for some in self._targets)

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(self._targets)

    def __len__(self) -> int:
        return sum(map(len, self._targets))

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Targets and files, without looking each target up."""
        return ((target, place(self._staging, target)) for target in self)


def earlier(staging: Path, targets: Container[str] | None = None) -> Mapping[str, Rendered]:
    """What a run that was killed has rendered, by target; only of ``targets``, if they are given."""
    found = SpillDict[Rendered](codec=tuples(Rendered))
    try:
        with (staging / _LOG).open("rb") as lines:
            for line in lines:
                try:
                    target, *rendered = json.loads(line)
                    known = Rendered(*rendered)
                    if _is_sound(known) and (targets is None or target in targets):
                        found[str(target)] = known
                except (ValueError, TypeError, RecursionError):
                    continue  # half a line: the process ended here
    except OSError:
        return found  # no run was killed, or nothing more of it can be used
    return found


def _is_sound(known: Rendered) -> bool:
    """Whether a line says what :func:`note` writes."""
    digests = _DIGESTS.fullmatch(known.content_digest + known.sha256) is not None
    return digests and isinstance(known.key, str) and type(known.size) is int


def note(staging: Path, rendered: Iterable[tuple[str, Rendered]]) -> None:
    """Writes down what has been rendered."""
    # The end of the line before comes first: a run that was killed may have left half a line.
    lines = [
        "\n" + json.dumps([target, each.key, each.content_digest, each.sha256, each.size]) for target, each in rendered
    ]
    disk.append(staging / _LOG, "".join(lines).encode())
