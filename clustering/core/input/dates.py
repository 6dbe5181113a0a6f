"""How dates are written, seen from their texts."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

ISO = "%Y-%m-%d"
DAYS = (
    *("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d"),
    *("%Y.%m.%d", "%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d %b %Y", "%d-%b-%Y"),
    *("%d-%b-%y", "%G-W%V", "%GW%V"),
    *("%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%b %Y", "%B %Y", "%Y-%m"),
)
TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
# Before or after, it is another way to write a year.
YEARS = (1980, 2100)

# What is no date although it says when: how such texts look, and what they are.
OTHERS = {
    r"\d{4}[-/ ]?[QHqh][1-4]|[QHqh][1-4][-/ ]\d{4}": "a quarter or a half of a year",
    r"[Ww]\d{1,2}[-/ ]\d{4}|\d{4} [Ww]\d{1,2}": "a week without its day",
    r"1\d{9}(\d{3})?": "seconds since 1970",
    r"[3-5]\d{4}(\.\d+)?": "the number of a day, as in a spreadsheet",
}


class Dates(NamedTuple):
    """How dates are written.

    Parameters
    ----------
    written : str or None
        Their format; None: YYYY-MM-DD.
    is_sure : bool
        Whether they can be read in this way only.
    """

    written: str | None
    is_sure: bool = True


def read_dates(texts: Sequence[str]) -> Dates | None:
    """Return how texts are dates; None where they are none.

    Examples
    --------
    >>> read_dates(["31/01/2025", "07/02/2025"])
    Dates(written='%d/%m/%Y', is_sure=True)
    """
    if re.match(r"\d{4}-\d\d-\d\d", texts[0]) and all(map(_is_iso, texts)):
        return Dates(None)
    if all(re.fullmatch(r"\d{8}", text) for text in texts):
        return Dates("%Y%m%d") if _reads(texts, "%Y%m%d") else None
    if all(re.fullmatch(r"\d+([.,]\d+)?", text) for text in texts):
        return None
    formats = [
        day + time for day in DAYS for time in TIMES if _reads(texts, day + time)
    ]
    if not formats:
        return None
    shortest = min(formats, key=lambda written: _span(texts, written))
    return Dates(shortest, is_sure=len(formats) == 1)


def explain_dates(texts: Sequence[str]) -> tuple[str, str]:
    """Return what texts are that are not dates as they should be, and a remedy.

    Examples
    --------
    >>> explain_dates(["31.01.2025"])[0]
    'written as %d.%m.%Y'
    >>> explain_dates(["2025-Q1"])[0]
    'a quarter or a half of a year'
    """
    if found := read_dates(texts):
        written = found.written or ISO
        other = "" if found.is_sure else ", if that is how they are meant"
        return f"written as {written}", (
            f"say so in the mapping (dates: '{written}'), which clustering map"
            f" writes{other}; or correct those values"
        )
    for pattern, kind in OTHERS.items():
        if all(re.fullmatch(pattern, text) for text in texts):
            return kind, "write the first day of each period, as YYYY-MM-DD"
    return "", "correct those values, or leave them empty"


def _is_iso(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _reads(texts: Iterable[str], written: str) -> bool:
    try:
        years = [_moment(text, written).year for text in texts]
    except ValueError:
        return False
    return all(YEARS[0] <= year <= YEARS[1] for year in years)


def _moment(text: str, written: str) -> datetime:
    """Return the moment that a text says; of a week, its first day."""
    if "%V" in written:
        text, written = f"{text} 1", f"{written} %u"
    return datetime.strptime(text, written)


def _span(texts: Iterable[str], written: str) -> float:
    """Return the seconds from the first to the last date: too many are a misreading."""
    moments = [_moment(text, written) for text in texts]
    return (max(moments) - min(moments)).total_seconds()
