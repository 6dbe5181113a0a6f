"""Read stores to be scored: sales, attributes or both, in the shape of raw tables."""

from collections.abc import Mapping as Frames
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pandas as pd

from clustering.core import sql
from clustering.core.contract import Files, Table, read_contract
from clustering.core.errors import ArgumentError, InputError
from clustering.core.input.copies import readable
from clustering.core.input.files import FORMATS, entries_of, find_files
from clustering.core.input.opening import reader_of, types_of, view_of
from clustering.core.mapping import Mapping
from clustering.core.paths import DBT_PROJECT
from clustering.scoring.rows import QUARANTINED, STORES, check_rows

# The tables that say something of stores, the most telling columns first.
TOLD_BY = {
    "internal_sales": "TOTAL_SALES",
    "external_sales": "CATEGORY",
    "store_attributes": "STORE_NBR",
}


def read_tables(where: Path, mapping: Mapping | None = None) -> dict[str, pd.DataFrame]:
    """Return the raw tables that are there, by name.

    Parameters
    ----------
    where : Path
        A folder with one or more of internal_sales, store_attributes and
        external_sales; or a file, whose columns tell which of them it is.
    mapping : Mapping or None
        Which files and columns they are, where they have other names.

    Raises
    ------
    ArgumentError
        If there is no such file or folder, or no table in it.
    InputError
        If a file cannot be read, or lacks a column.
    """
    tables = {table.name: table for table in read_contract(DBT_PROJECT)}
    contract = {name: replace(tables[name], is_optional=True) for name in TOLD_BY}
    if not where.exists():
        raise ArgumentError(f"got {where}, expected a folder or file with stores")
    with duckdb.connect() as connection:
        if where.is_file():
            files = readable(_one_file(where))
            table = contract[_tell(files, connection)]
            return {table.name: _read(table, files, connection)}
        own = (mapping or Mapping()).model_copy(update={"folder": where.resolve()})
        found = {
            name: find_files(table, own)
            for name, table in contract.items()
            if name not in own.tables or entries_of(name, where.resolve(), own)
        }
        read = {
            name: _read(contract[name], readable(files), connection)
            for name, files in found.items()
            if files
        }
    if not read:
        raise ArgumentError(
            f"got {where} without any of {', '.join(TOLD_BY)}, expected at least one"
        )
    return read


def _one_file(file: Path) -> Files:
    ends = [end for end in FORMATS if file.name.lower().endswith(end)]
    if not ends:
        raise ArgumentError(f"got {file}, expected one of {', '.join(FORMATS)}")
    return Files(str(file), (str(file),), FORMATS[ends[0]])


def _tell(files: Files, connection: duckdb.DuckDBPyConnection) -> str:
    """Return which table a file is, by its columns."""
    is_parquet = files.format == "parquet"
    path = sql.text(files.paths[0])
    reader = f"read_parquet({path})" if is_parquet else f"read_csv({path})"
    types = types_of(reader, connection)
    for name, column in TOLD_BY.items():
        if column in types:
            return name
    raise InputError(
        f"{files.where}: no column STORE_NBR, found {', '.join(types)}; name the column"
        " of store numbers so, or map it: clustering map"
    )


def _read(
    table: Table, files: Files, connection: duckdb.DuckDBPyConnection
) -> pd.DataFrame:
    reader = reader_of(table, files, connection)
    types = types_of(reader, connection)
    lacking = [
        column.name
        for column in table.columns.values()
        if not column.is_optional and column.name not in types
    ]
    if lacking:
        raise InputError(
            f"{files.where}: no column {lacking[0]}, found {', '.join(types)}; add it,"
            " or map the columns: clustering map"
        )
    return connection.sql(view_of(table, reader, types)).df()


def as_tables(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return a frame by the name of the raw table that its columns tell it is.

    Raises
    ------
    ArgumentError
        If it is none.

    Examples
    --------
    >>> stores = pd.DataFrame({"STORE_NBR": ["7"], "INCOME": [51_000.0]})
    >>> list(as_tables(stores))
    ['store_attributes']
    """
    names = {sql.upper(str(name)) for name in frame.columns}
    for table, column in TOLD_BY.items():
        if column in names and "STORE_NBR" in names:
            return {table: frame}
    raise ArgumentError(
        f"got columns {', '.join(map(str, frame.columns))}, expected STORE_NBR and what"
        " is known of the stores: see docs/assign.md"
    )


class Features(NamedTuple):
    """What is known of stores to be scored.

    Parameters
    ----------
    store_ids : list of str
        All stores that rows are about, sorted.
    sales, external : DataFrame
        As for `ml.scoring.score_stores`.
    quarantined : DataFrame
        Rows that are left out: source_table, reason, row_count.
    """

    store_ids: list[str]
    sales: pd.DataFrame
    external: pd.DataFrame
    quarantined: pd.DataFrame


def read_features(
    tables: Frames[str, pd.DataFrame],
    models: Frames[str, pd.DataFrame],
    settings: Frames[str, Any],
) -> Features:
    """Return what raw tables say of stores, after the checks of a build.

    Parameters
    ----------
    tables : mapping
        Raw tables by name: internal_sales, store_attributes, external_sales.
    models : mapping
        Of a run: need_states, categories and means are read.
    settings : mapping
        Of the run; see `clustering.scoring.rows.check_rows`.
    """
    with duckdb.connect() as connection:
        check_rows(connection, tables, models["need_states"], settings)
        for name in ("categories", "means"):
            connection.register(name, models[name])
        ids = connection.sql(STORES).fetchall()
        return Features(
            [store for (store,) in ids if store is not None],
            connection.sql(SALES).df().astype(SOLD),
            connection.sql(OF_SCOPES).df().astype(KNOWN),
            connection.sql(QUARANTINED).df(),
        )


SOLD = {
    "store_id": "str",
    "category": "str",
    "feature": "str",
    "value": "float64",
}
KNOWN = SOLD | {"level": "str"}
SALES = """
    select store_id, category, need_state as feature, sales::double as value
    from int_need_state_sales
    order by all
"""

# What categories of one external side say of a store is comparable in parts of their
# means, as in the model selected_external_features.
OF_SCOPES = """
    with

    sizes as (

        select scope, count(*) as category_count from categories group by scope

    ),

    scaled as (

        select
            int_external_values.* replace (
                case
                    when sizes.category_count = 1 then int_external_values.value
                    else
                        int_external_values.value
                        / coalesce(nullif(means.mean_value, 0), 1)
                end as value
            ),
            categories.scope
        from int_external_values
        inner join categories using (category)
        inner join sizes using (scope)
        left join means using (category, feature)

    )

    select * from int_external_values where category is null
    union all by name
    select
        store_id,
        scope as category,
        feature,
        avg(value order by category) as value,
        arg_min(level, category) as level
    from scaled
    group by store_id, scope, feature
"""
