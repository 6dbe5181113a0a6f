"""Read stores to be scored: sales, attributes or both, in the shape of raw tables."""

from collections.abc import Mapping as Frames
from dataclasses import replace
from pathlib import Path

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
from ml.frames import typed_frame

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


def store_ids(tables: Frames[str, pd.DataFrame]) -> list[str]:
    """Return the numbers of all stores in some raw tables, sorted.

    Examples
    --------
    >>> store_ids({"store_attributes": pd.DataFrame({"STORE_NBR": ["7", " 10", None]})})
    ['10', '7']
    """
    columns = [
        frame[name].dropna().astype(str).str.strip()
        for frame in tables.values()
        for name in frame.columns
        if sql.upper(str(name)) == "STORE_NBR"
    ]
    return sorted(set(pd.concat(columns)) - {""})


def read_features(
    tables: Frames[str, pd.DataFrame], models: Frames[str, pd.DataFrame]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the sales by need state, and the external features, in long form.

    Parameters
    ----------
    tables : mapping
        Raw tables by name: internal_sales, store_attributes, external_sales.
    models : mapping
        Of a run: need_states, categories and means are read.

    Returns
    -------
    sales, external : DataFrame
        As for `ml.scoring.score_stores`.
    """
    with duckdb.connect() as connection:
        needed = {name: models[name] for name in ("need_states", "categories", "means")}
        for name, frame in {**tables, **needed}.items():
            connection.register(name, frame)
        sold = pd.DataFrame(columns=list(SOLD)).astype(SOLD)
        if "internal_sales" in tables:
            sold = connection.sql(SALES).df().astype(SOLD)
        parts = [
            connection.sql(_melted(name, tables[name], keys)).df()
            for name, keys in KEYS.items()
            if name in tables
        ]
        connection.register("external_values", typed_frame(parts, KNOWN))
        return sold, typed_frame([connection.sql(OF_SCOPES).df()], KNOWN)


SOLD = {
    "store_id": "str",
    "category": "str",
    "feature": "str",
    "value": "float64",
}
KNOWN = SOLD | {"level": "str"}
KEYS = {"store_attributes": ("STORE_NBR",), "external_sales": ("STORE_NBR", "CATEGORY")}

# Copies of a row count once; what the fit knows no need state of is left out.
SALES = """
    with

    rows_once as (

        select distinct
            trim(STORE_NBR::varchar) as store_id,
            trim(SKU_NBR::varchar) as sku_id,
            trim(CAT_DSC::varchar) as category,
            * exclude (STORE_NBR, SKU_NBR, CAT_DSC, TOTAL_SALES),
            try_cast(TOTAL_SALES as double) as sales
        from internal_sales

    ),

    sold as (

        select store_id, category, sku_id, sum(sales) as sales
        from rows_once
        where isfinite(sales)
        group by all
        having sum(sales) > 0

    ),

    served as (

        select *, count(*) over (partition by category, sku_id) as need_state_count
        from need_states

    )

    select
        sold.store_id,
        sold.category,
        served.need_state as feature,
        sum(sold.sales / served.need_state_count) as value
    from sold
    inner join served using (category, sku_id)
    group by all
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
            external_values.* replace (
                case
                    when sizes.category_count = 1 then external_values.value
                    else
                        external_values.value
                        / coalesce(nullif(means.mean_value, 0), 1)
                end as value
            ),
            categories.scope
        from external_values
        inner join categories using (category)
        inner join sizes using (scope)
        left join means using (category, feature)

    )

    select * from external_values where category is null
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


# As the model int_external_values has it.
MELTED = """
    with

    melted as (

        select
            nullif(trim({store}::varchar), '') as store_id,
            nullif(trim({category}::varchar), '') as category,
            case
                when upper(field.key) in ('LATITUDE', 'LONGITUDE') then lower(field.key)
                else field.key
            end as feature,
            field.value ->> '$' as text_value,
            field.type in ('VARCHAR', 'ARRAY', 'OBJECT') as is_text
        from {table} as frame, json_each(to_json(frame)) as field
        where field.type <> 'NULL' and field.key not in ({keys})

    )

    select
        store_id,
        category,
        feature,
        case
            when is_text then null
            when text_value in ('true', 'false')
                then cast(cast(text_value as boolean) as double)
            else cast(text_value as double)
        end as value,
        case when is_text then nullif(trim(text_value), '') end as level
    from melted
    where
        {known}
        and (
            is_text and trim(text_value) <> ''
            or not is_text and text_value not in ('NaN', 'Infinity', '-Infinity')
        )
"""


def _melted(table: str, frame: pd.DataFrame, keys: tuple[str, ...]) -> str:
    """Return the query of a wide table in long form: a number or a level a row."""
    names = {sql.upper(str(column)): str(column) for column in frame.columns}
    own = [names[key] for key in keys]
    store, category = [*(f"frame.{sql.name(key)}" for key in own), "null"][:2]
    is_by_category = len(own) > 1
    return MELTED.format(
        store=store,
        category=category,
        table=table,
        keys=", ".join(map(sql.text, own)),
        known="store_id is not null" + " and category is not null" * is_by_category,
    )
