"""Texts and names in SQL."""


def text(value: str) -> str:
    """Return a text as SQL has it.

    >>> text("it's")
    "'it''s'"
    """
    return "'" + value.replace("'", "''") + "'"


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
