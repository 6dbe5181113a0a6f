"""What a run has: its tables and their columns, with what these say."""

import pandas as pd

from clustering.store.runs import Reader


def tables(run: Reader) -> pd.DataFrame:
    """Return one row per table: table_name, row_count and description."""
    return run.read(
        """
        select
            table_name,
            estimated_size as row_count,
            trim(comment) as description
        from duckdb_tables()
        where not internal
        order by table_name
        """
    )


def columns(run: Reader, table: str) -> pd.DataFrame:
    """Return one row per column of a table: column_name, data_type and description."""
    return run.read(
        """
        select column_name, data_type, trim(comment) as description
        from duckdb_columns()
        where table_name = ? and not internal
        order by column_index
        """,
        [table],
    )
