"""The clock, in UTC, so that a day ends at the same moment on every machine.

The macro `today` in dbt_project/macros is its counterpart in SQL.
"""

import re
from datetime import UTC, date, datetime

# As DuckDB reads a date, too.
DAY = re.compile(r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})", re.ASCII)


def now() -> datetime:
    """Return the time in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def timestamp() -> str:
    """Return the time in UTC, to the microsecond, in ISO 8601; texts sort by time."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def today() -> date:
    """Return the current date in UTC, by which corrections expire."""
    return now().date()


def read_day(text: str | None) -> date | None:
    """Parse a date as DuckDB does; None if the text is not one.

    >>> read_day("2027-01-31"), read_day("31/01/2027"), read_day("2027-02-30")
    (datetime.date(2027, 1, 31), None, None)
    """
    found = DAY.fullmatch(text or "")
    try:
        return date(int(found[1]), int(found[3]), int(found[4])) if found else None
    except ValueError:
        return None
