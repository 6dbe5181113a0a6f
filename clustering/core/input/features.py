"""Which columns of an external table are features, and why the others are not."""

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from duckdb import DuckDBPyConnection

from clustering.core import sql
from clustering.core.contract import Table
from clustering.core.input.checks import is_number

MACROS = Path(__file__).with_suffix(".sql")


class FeatureRules(NamedTuple):
    """The settings that decide which external columns are features."""

    excluded: Collection[str]
    must_keep: Collection[str]
    max_levels: int


def define_rules(connection: DuckDBPyConnection) -> None:
    """Create the macros of features.sql in a database in memory called ``rules``."""
    connection.execute("attach if not exists ':memory:' as rules")
    connection.execute(MACROS.read_text(encoding="utf-8"))


def find_unused(
    table: Table,
    types: Mapping[str, str],
    rules: FeatureRules,
    connection: DuckDBPyConnection,
) -> dict[str, str]:
    """Return the columns of an external table that are no features: a code for each.

    A table with several rows per store, one for each category, has a column that is
    no feature only if it is none in any of the categories.

    Parameters
    ----------
    table : Table
        Has a view of its name in the schema ``raw``.
    types : mapping
        Type of every column of the view, by its name in capitals.
    rules : FeatureRules
        The settings.
    connection : duckdb.DuckDBPyConnection
        Has the view.
    """
    names = [name for name in types if name not in table.columns]
    if not names:
        return {}
    define_rules(connection)
    reasons = ", ".join(_reason_of(name, types[name], rules) for name in names)
    _store, *groups = table.key
    rows = connection.execute(
        f"select {reasons} from raw.{table.name}"
        + (f" group by {', '.join(groups)}" if groups else "")
    ).fetchall()
    found = zip(names, zip(*rows, strict=True), strict=True)
    return {name: min(codes) for name, codes in found if all(codes)}


def _reason_of(name: str, type_: str, rules: FeatureRules) -> str:
    """Return the SQL of a code, null where the column is a feature."""
    column, is_numeric = sql.name(name), is_number(type_) or type_ == "BOOLEAN"
    number = f"try_cast({column} as double)"
    number = f"case when isfinite({number}) then {number} end"
    level = f"nullif(trim({column}::varchar), '')"
    is_identifier = f"rules.is_identifier({sql.text(name)}, {number})"
    values = number if is_numeric else level
    arguments = [
        sql.text(name),
        not is_numeric,
        is_identifier if is_numeric else False,
        f"count(distinct {values})",
        _listed(rules.excluded),
        _listed(rules.must_keep),
        rules.max_levels,
    ]
    reason = f"rules.unused_reason({', '.join(map(str, arguments))})"
    return f"case when count({values}) = 0 then 'empty' else {reason} end"


def _listed(names: Iterable[str]) -> str:
    return f"[{', '.join(sql.text(sql.upper(name)) for name in names)}]"
