"""Validation across raw tables: keys that must match, names that must differ."""

from collections.abc import Collection, Mapping

import duckdb

from clustering.core.errors import InputError
from clustering.core.input import sql
from clustering.core.input.tables import Files

# Columns that are joined.
JOINED = (
    ("internal_sales.SKU_NBR", "need_state.PRODUCT_ID"),
    ("internal_sales.CAT_DSC", "need_state.CATEGORY"),
    ("internal_sales.STORE_NBR", "store_attributes.STORE_NBR"),
    ("external_sales.CATEGORY", "need_state.CATEGORY"),
    ("external_sales.STORE_NBR", "store_attributes.STORE_NBR"),
)

# Values that the other side has only with other zeros in front, capitals or spaces.
UNLIKE = """
    with
    only_left as (
        select distinct trim({left_column}) as value from raw.{left}
        except
        select trim({right_column}) from raw.{right}
    ),
    only_right as (
        select distinct trim({right_column}) as value from raw.{right}
        except
        select trim({left_column}) from raw.{left}
    )
    select only_left.value, only_right.value
    from only_left
    inner join only_right
        on
            ltrim(regexp_replace(upper(only_left.value), '\\s+', ' ', 'g'), '0')
            = ltrim(regexp_replace(upper(only_right.value), '\\s+', ' ', 'g'), '0')
    order by all
    limit 1
"""

ALONE = """
    select trim(CATEGORY), any_value(NEED_STATE)
    from raw.need_state
    where CATEGORY is not null and NEED_STATE is not null
    group by 1
    having count(distinct trim(NEED_STATE)) = 1
    order by 1
"""

# A feature has one name: the same in both external tables would be two features.
TWICE = """
    select min(column_name)
    from duckdb_columns()
    where
        schema_name = 'raw'
        and table_name in ('store_attributes', 'external_sales')
        and lower(column_name) <> 'store_nbr'
    group by lower(column_name)
    having count(*) > 1
    order by 1
    limit 1
"""


def check_together(
    tables: Mapping[str, Files | None],
    connection: duckdb.DuckDBPyConnection,
    *,
    excluded_categories: Collection[str],
) -> None:
    """Reject tables that cannot be joined, or categories with a single need state.

    Parameters
    ----------
    tables : mapping
        Where each table lies; None where it is absent.
    connection : duckdb.DuckDBPyConnection
        Has them as views in the schema ``raw``.
    excluded_categories : collection of str
        The setting of that name.

    Raises
    ------
    InputError
        For the first violation.
    """
    for category, need_state in connection.execute(ALONE).fetchall():
        if category not in excluded_categories:
            raise tables["need_state"].refuse(
                f"column NEED_STATE has one value only, {sql.text(need_state)}, in"
                f" category {sql.text(category)}, wanted at least 2",
                "give the category more need states, or name it in the var"
                " excluded_categories",
            )
    for left, right in JOINED:
        if tables[left.split(".")[0]]:
            _check_join(tables, left, right, connection)
    twice = connection.execute(TWICE).fetchone()
    if twice:
        attributes = tables["store_attributes"]
        raise tables["external_sales"].refuse(
            f"column {twice[0]} is in {attributes.where} too", "rename one of them"
        )


def _check_join(
    tables: Mapping[str, Files | None],
    left: str,
    right: str,
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """Reject join keys that spell one value in two ways."""
    (left, left_column), (right, right_column) = left.split("."), right.split(".")
    unlike = connection.execute(
        UNLIKE.format(
            left=left, left_column=left_column, right=right, right_column=right_column
        )
    ).fetchone()
    if unlike:
        found, other = map(sql.text, unlike)
        raise InputError(
            f"{tables[left].where}: column {left_column} has {found} where"
            f" {tables[right].where}, column {right_column}, has {other}; write both"
            " alike: leading zeros, capitals and spaces count"
        )
