"""The one place that reads the clock: commands that sign, approve or verify hand the time down."""

from datetime import UTC, date, datetime, time

from formgen.cli.options import day_of


def now() -> datetime:
    """This moment, in whole seconds of UTC."""
    return datetime.now(UTC).replace(microsecond=0)  # noqa: TID251


def moment_of(day: str | None, option: str) -> datetime:
    """The end of the day that ``option`` names, or this moment.

    Raises:
        UsageError: it names no day.
    """
    named: date | None = day_of(day, option)
    return now() if named is None else datetime.combine(named, time(23, 59, 59), UTC)
