"""Rows of stores to be scored, used or quarantined by the checks of a build.

The models of the dbt project that check rows of input are rendered and run on them.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

import duckdb
import pandas as pd
from jinja2 import Environment, StrictUndefined, Template, pass_context
from jinja2.runtime import Context, Macro

from clustering.core.contract import Table, key_columns, read_contract
from clustering.core.input.keys import cleaned
from clustering.core.input.opening import empty_view_of, types_of, view_of
from clustering.core.paths import DBT_PROJECT

SCORED = ("internal_sales", "store_attributes", "external_sales")
# In the order in which each finds there what it reads.
MODELS = (
    "staging/stg_internal_sales",
    "staging/stg_store_attributes",
    "staging/stg_external_sales",
    "intermediate/int_sku_categories",
    "intermediate/int_sales_rows",
    "intermediate/int_periods",
    "intermediate/int_sku_sales",
    "intermediate/int_sales_by_period",
    "intermediate/int_sales_checked",
    "intermediate/int_need_state_sales",
    "intermediate/int_external_keys_checked",
    "intermediate/int_external_values",
)
# What stands in a run's models for the input of products.
NEED_STATES = """
    create temp view int_need_states as
    select
        *,
        count(*) over (partition by sku_id, category) as need_state_count,
        row_number() over (
            partition by sku_id, category order by need_state
        ) as need_state_number
    from need_states
"""
QUARANTINED = """
    select
        'internal_sales' as source_table,
        reason,
        sum(row_count - used_rows)::bigint as row_count
    from int_sales_by_period
    where reason is not null
    group by all
    union all
    select source_table, coalesce(reason, 'duplicate'), sum(row_count)::bigint
    from int_external_keys_checked
    where reason is not null
    group by all
    order by all
"""
STORES = """
    select store_id from stg_internal_sales
    union
    select store_id from stg_store_attributes
    union
    select store_id from stg_external_sales
    order by store_id
"""


def check_rows(
    connection: duckdb.DuckDBPyConnection,
    tables: Mapping[str, pd.DataFrame],
    need_states: pd.DataFrame,
    settings: Mapping[str, Any],
) -> None:
    """Run the checks of a build, as the tables of ``MODELS`` in a connection.

    Parameters
    ----------
    connection : DuckDBPyConnection
        Of their own.
    tables : mapping
        Raw tables by name; those that are absent are empty.
    need_states : DataFrame
        Of the run: category, sku_id, need_state.
    settings : mapping
        Of the run; sales_rows and excluded_categories are read.
    """
    contract = read_contract(DBT_PROJECT)
    keys = key_columns(contract)
    for table in contract:
        if table.name in SCORED:
            view = _view_of(connection, table, tables.get(table.name), keys[table.name])
            connection.execute(f"create temp view raw_{table.name} as {view}")
    connection.register("need_states", need_states)
    connection.execute(NEED_STATES)
    for model in MODELS:
        _, name = model.split("/")
        query = render(model, settings)
        connection.execute(f"create temp table {name} as {query}")


def _view_of(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    frame: pd.DataFrame | None,
    keys: list[str],
) -> str:
    """Return the query of a raw table: keys as they are joined, or no rows."""
    if frame is None:
        return empty_view_of(table)
    given = f"given_{table.name}"
    connection.register(given, frame)
    types = types_of(given, connection)
    texts = (f"{cleaned(f'{key}::varchar', key)} as {key}" for key in keys)
    joined = f"(select * replace ({', '.join(texts)}) from {given})"
    return view_of(table, joined, types)


@cache
def _template(model: str) -> Template:
    """Return a model after the macros of the project, compiled once in a process."""
    environment = Environment(
        autoescape=False, extensions=["jinja2.ext.do"], undefined=StrictUndefined
    )
    macros = DBT_PROJECT / "macros"
    files = [
        *sorted(macros.glob("*.sql")),
        *sorted(macros.glob("engines/*.sql")),
        DBT_PROJECT / "models" / f"{model}.sql",
    ]
    text = "".join(file.read_text(encoding="utf-8") for file in files)
    return environment.from_string(text)


def render(model: str, settings: Mapping[str, Any]) -> str:
    """Return the query of a model of the dbt project, on tables of its refs' names.

    Parameters
    ----------
    model : str
        Its file in the folder of models, without the ending.
    settings : mapping
        What vars are read from.
    """
    return _template(model).render(
        ref=str,
        source="{}_{}".format,
        var=settings.__getitem__,
        target={"name": "rows"},
        adapter={"dispatch": _dispatch},
        **{"return": str},
    )


@pass_context
def _dispatch(context: Context, macro: str) -> Macro:
    """Return the macro of that name for DuckDB, as dbt's adapter does."""
    return context[f"default__{macro}"]
