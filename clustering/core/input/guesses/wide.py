"""Columns that are periods: a table with a column per week or month."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from clustering.core.input.guesses.names import mentions
from clustering.core.mapping import NUMBER, Melt

FEWEST = 3
# Day of number 1 of weeks without a year: a Monday, so that weeks are in order.
FIRST = date(2024, 1, 1)
YEAR = r"(?:19|20)\d\d"
# How names of periods look, and the formats that may be meant, first the likelier.
SHAPES = (
    (rf"{YEAR}(?P<sign>[-_/. ]?)\d\d(?P=sign)\d\d", ("%Y{0}%m{0}%d",)),
    (rf"\d\d?(?P<sign>[-_/. ])\d\d?(?P=sign){YEAR}", ("%d{0}%m{0}%Y", "%m{0}%d{0}%Y")),
    (rf"\d\d?(?P<sign>[-_/. ]?)[A-Za-z]{{3}}(?P=sign){YEAR}", ("%d{0}%b{0}%Y",)),
    (rf"\d\d?(?P<sign>[-_/. ])[A-Za-z]{{4,9}}(?P=sign){YEAR}", ("%d{0}%B{0}%Y",)),
    (rf"{YEAR}(?P<sign>[-_ ]?[Ww][Kk]?)\d\d?", ("%G{0}%V",)),
    (rf"{YEAR}(?P<sign>[-_/. ]?)\d\d", ("%Y{0}%m", "%G{0}%V")),
    (rf"[A-Za-z]{{3}}(?P<sign>[-_ ]?){YEAR}", ("%b{0}%Y",)),
    (rf"[A-Za-z]{{4,9}}(?P<sign>[-_ ]?){YEAR}", ("%B{0}%Y",)),
    (r"[A-Za-z]{3}(?P<sign>[-_ '])\d\d", ("%b{0}%y",)),
)
NUMBERED = r"(?i)(.*(?:w|wk|week|m|month|p|period)[-_ ]?)(\d{1,3})"

# Name and period of columns, by what is before, within and after the period.
Groups = dict[tuple[str, str, str], list[tuple[str, str]]]


class Wide(NamedTuple):
    """Columns of a table that are periods.

    Parameters
    ----------
    names : list of str
        What they are called.
    melt : Melt
        How to make rows of them.
    is_sure : bool
        Whether their days are known.
    """

    names: list[str]
    melt: Melt
    is_sure: bool


def find_wide(names: Iterable[str]) -> Wide | None:
    """Return the columns that are periods, from the names of those with numbers.

    Examples
    --------
    >>> find_wide(["net 2025-01", "net 2025-02", "net 2025-03"]).melt.names
    'net %Y-%m'
    >>> find_wide(["6 Jan 2025", "13 Jan 2025", "6 Feb 2025"]).melt.names
    '%d %b %Y'
    >>> find_wide(["Jan-25", "Feb-25", "Mar-25"]).melt.names
    '%b-%y'
    >>> find_wide(["W1", "W2", "W3"]).melt.names
    'W{n}'
    >>> find_wide(["income", "area", "rooms"])
    """
    names = list(names)
    for shape, formats in SHAPES:
        if found := _dated(names, shape, formats):
            return found
    return _numbered(names)


def _dated(names: Sequence[str], shape: str, formats: Sequence[str]) -> Wide | None:
    groups: Groups = defaultdict(list)
    for name in names:
        if match := re.fullmatch(rf"(.*?){shape}(.*)", name):
            begin, end, sign = match[1], match.groups()[-1], match["sign"]
            middle = name[len(begin) : len(name) - len(end)]
            groups[begin, sign, end].append((name, middle))
    if not groups:
        return None
    (begin, sign, end), found = max(groups.items(), key=_rank)
    if len(found) < FEWEST:
        return None
    for written in formats:
        days = [_day(middle, written.format(sign)) for _, middle in found]
        if None not in days and len(set(days)) == len(days):
            text = "".join((_plain(begin), written.format(_plain(sign)), _plain(end)))
            return Wide([name for name, _ in found], _melt(names=text), True)
    return None


def _numbered(names: Sequence[str]) -> Wide | None:
    groups: Groups = defaultdict(list)
    for name in names:
        if match := re.fullmatch(NUMBERED, name):
            groups[match[1], "", ""].append((name, match[2]))
    if not groups:
        return None
    (begin, _, _), found = max(groups.items(), key=_rank)
    numbers = [int(number) for _, number in found]
    if len(found) < FEWEST or len(set(numbers)) < len(numbers):
        return None
    is_month = re.search(r"(?i)m(onth)?[-_ ]?$", begin)
    melt = _melt(names=begin + NUMBER, first=FIRST, days=31 if is_month else 7)
    return Wide([name for name, _ in found], melt, False)


def _rank(group: tuple[tuple[str, str, str], list[tuple[str, str]]]) -> tuple:
    (begin, _, end), found = group
    name = f"{begin} {end}"
    return mentions(name, "sales") - mentions(name, "units"), len(found)


def _melt(**how: object) -> Melt:
    return Melt.model_validate({"into": "PERIOD_START", "values": "TOTAL_SALES"} | how)


def _plain(text: str) -> str:
    return text.replace("%", "%%")


def _day(text: str, written: str) -> date | None:
    more, format_ = (" 1", f"{written} %u") if "%V" in written else ("", written)
    try:
        return datetime.strptime(text + more, format_).date()
    except ValueError:
        return None
