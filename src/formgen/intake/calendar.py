"""The days that spreadsheets count: since the end of 1899, or in old files of the Macintosh since 1904."""

import re
from datetime import datetime, timedelta
from typing import Final

from formgen.intake.grids import Cell, Mark, Marked, number

_EPOCHS: Final = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}  # noqa: DTZ001 (no time zones there)
_FEBRUARY_1900: Final = 60
"""Excel counts a 29 February 1900, which there was not: the days before it are one less."""
_DURATION: Final = re.compile(r"PT(?:([0-9]{1,6})H)?(?:([0-9]{1,2})M)?(?:([0-9]{1,2})(?:[.,][0-9]+)?S)?")
_LAST: Final = 2_958_466
"""The first day after 9999."""


def shown(written: str, *, since_1904: bool) -> Cell:
    """A number that is formatted as a date, written as ISO does; the number itself where it is no day.

    Raises:
        ValueError: it is no number.
    """
    value = float(written)
    if not 0 <= value < _LAST:
        return number(written)
    days, rest = divmod(value, 1)
    seconds = round(rest * 86_400)
    if value < 1 and not since_1904:  # a time of day
        return Marked(f"{timedelta(seconds=seconds)}".zfill(8), Mark.DATE)
    if not since_1904 and days < _FEBRUARY_1900:
        days += 1
    moment = _EPOCHS[since_1904] + timedelta(days=days, seconds=seconds)
    if seconds == 0:
        return Marked(moment.date().isoformat(), Mark.DATE)
    return Marked(moment.isoformat(" "), Mark.DATE)


def of_duration(written: str) -> Cell:
    """A time of day that is written as a duration, ``PT03H45M00S``.

    Raises:
        ValueError: it is none.
    """
    match = _DURATION.fullmatch(written)
    if match is None:
        raise ValueError(written)
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return Marked(f"{hours:02d}:{minutes:02d}:{seconds:02d}", Mark.DATE)
