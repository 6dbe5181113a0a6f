"""How the numbers and dates of a column are written, seen from its values."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from clustering.core.input.checks import NO_VALUE
from clustering.core.input.dates import read_dates

CODE = re.compile(r"0\d+")
PLAIN = re.compile(r"(?i)[-+]?((\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?|inf(inity)?|nan)")
# NaN and infinities are numbers: their rows are quarantined as such.
WORDS = frozenset(
    word for word in re.findall(r"'([^']*)'", NO_VALUE) if not PLAIN.fullmatch(word)
)
COMMA = re.compile(r"[-+]?(\d{1,3}(\.\d{3})+|\d+),\d+")
COMMA_GROUPS = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")
DOT_GROUPS = re.compile(r"[-+]?\d{1,3}(\.\d{3})+(,\d+)?")
# Anything like a number, and the share from which on others are mistakes.
LIKE = re.compile(r"[-+]?[\d.,]+")
MOSTLY = 0.98
CURRENCIES = "$€£"


class Written(NamedTuple):
    """How the values of a column are written.

    Parameters
    ----------
    kind : str
        number, date or text.
    dates : str or None
        Format of its dates; None: as YYYY-MM-DD.
    decimal, thousands, currency : str
        Signs of its numbers; empty: none.
    is_percent : bool
        Whether they end in %.
    nulls : tuple of str
        Words for no value among them.
    is_sure : bool
        Whether the dates can be read in this way only.
    """

    kind: str
    dates: str | None = None
    decimal: str = "."
    thousands: str = ""
    currency: str = ""
    is_percent: bool = False
    nulls: tuple[str, ...] = ()
    is_sure: bool = True


def look_at(values: Iterable[str]) -> Written:
    """Return how different values of one column are written.

    Examples
    --------
    >>> look_at(["1.234,5", "12,75", "N/A"])[:4]
    ('number', None, ',', '.')
    >>> look_at(["31/01/2025", "07/02/2025"]).dates
    '%d/%m/%Y'
    >>> look_at(["0042", "0043"]).kind
    'text'
    """
    texts = [value.strip() for value in values]
    nulls = tuple(sorted({text for text in texts if text.upper() in WORDS and text}))
    filled = [text for text in texts if text.upper() not in WORDS]
    if not filled:
        return Written("text")
    found = _as_date(filled) or _as_number(filled)
    return found._replace(nulls=nulls) if found else Written("text")


def _as_number(texts: Sequence[str]) -> Written | None:
    currency = next((sign for sign in CURRENCIES if sign in texts[0]), "")
    if currency:
        texts = [text.replace(currency, "").strip() for text in texts]
    is_percent = all(text.endswith("%") for text in texts)
    if is_percent:
        texts = [text[:-1].strip() for text in texts]
    usual = [text for text in texts if LIKE.fullmatch(text)]
    signs = _signs(usual if len(usual) >= MOSTLY * len(texts) else texts)
    if signs is None:
        return None
    decimal, thousands = signs
    return Written(
        "number",
        decimal=decimal,
        thousands=thousands,
        currency=currency,
        is_percent=is_percent,
    )


def _signs(texts: Sequence[str]) -> tuple[str, str] | None:
    """Return the decimal and the thousands separator; None: they are no numbers."""
    if any(map(CODE.fullmatch, texts)):
        return None
    odd = [text for text in texts if not PLAIN.fullmatch(text)]
    if all(map(COMMA_GROUPS.fullmatch, odd)):
        return ".", "," if odd else ""
    if all(COMMA.fullmatch(text) or DOT_GROUPS.fullmatch(text) for text in odd):
        return ",", "." if any(map(DOT_GROUPS.fullmatch, texts)) else ""
    return None


def _as_date(texts: Sequence[str]) -> Written | None:
    found = read_dates(texts)
    return found and Written("date", found.written, is_sure=found.is_sure)
