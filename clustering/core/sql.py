"""Quote text and names for SQL."""

from pathlib import Path


def text(value: str | Path) -> str:
    """Return a text or a path as SQL has it.

    >>> text("it's")
    "'it''s'"
    """
    return "'" + str(value).replace("'", "''") + "'"


def path(value: str | Path) -> str:
    """Return a path as SQL has it where DuckDB expects a pattern: it is none.

    >>> path("b[1]*.csv")
    "'b[[]1][*].csv'"
    """
    return text("".join(f"[{one}]" if one in "*?[" else one for one in str(value)))


def name(value: str) -> str:
    """Return the name of a column or table as SQL has it.

    >>> name("of all")
    '"of all"'
    """
    return '"' + value.replace('"', '""') + '"'


def upper(value: str) -> str:
    """Return a name in capitals as DuckDB compares names: ASCII letters alone.

    >>> upper("fläche")
    'FLäCHE'
    """
    return "".join(one.upper() if one.isascii() else one for one in value)
