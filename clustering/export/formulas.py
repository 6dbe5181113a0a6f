"""Text that a spreadsheet would take for a formula, in files that have no types."""

import re

import pandas as pd
import pyarrow as pa

# How a formula begins in spreadsheets; a tab or a line break before it is skipped.
BEGINNINGS = r"\s*[=+\-@]"
NUMBER = r"[+\-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+\-]?\d+)?"


def disarm(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose texts are texts in a spreadsheet: a formula gets a quote.

    That is how workbooks show it, too, and what OWASP says of CSV injection. Numbers
    that are written as text stay.

    >>> disarm(pd.DataFrame({"name": ["=1+1", "-5", "RUM"], "k": [1, 2, 3]}))
        name  k
    0  '=1+1  1
    1     -5  2
    2    RUM  3
    """
    texts = frame.select_dtypes(include=["object", "string", "category"])
    return frame.assign(**{name: texts[name].map(_disarm) for name in texts})


def disarm_table(table: pa.Table) -> pa.Table:
    """Return a table of Arrow as `disarm` returns a frame; other types stay."""
    for place, column in enumerate(table.schema):
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            texts = map(_disarm, table.column(place).to_pylist())
            disarmed = pa.array(list(texts), column.type)
            table = table.set_column(place, column, disarmed)
    return table


def _disarm(value: object) -> object:
    is_formula = (
        isinstance(value, str)
        and re.match(BEGINNINGS, value)
        and not re.fullmatch(NUMBER, value)
    )
    return f"'{value}" if is_formula else value
