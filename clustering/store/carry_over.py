"""Carry over, once, what an earlier version of this project kept elsewhere.

Until 2026-11-30 decisions were lines of ``published/versions.jsonl``, and builds were
five tables in the schema ``builds`` of each warehouse.
"""

import json
import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import duckdb

from clustering.core import sql
from clustering.core.errors import InUseError
from clustering.core.paths import warehouse_name

DECISIONS = Path("published") / "versions.jsonl"
WAREHOUSE = "store_clustering.duckdb"
WAREHOUSES = (f"warehouse/{WAREHOUSE}", f"scenarios/*/{WAREHOUSE}")

IS_EARLIER = """
    select count(*) = 2
    from duckdb_columns()
    where
        database_name = 'build' and schema_name = 'builds' and table_name = 'builds'
        and column_name in ('node_count', 'signature')
"""

MOMENT = "strftime(timezone('UTC', {}), '%Y-%m-%dT%H:%M:%S.%f+00:00')"

# Each named as the table of the registry that it goes into. The newest build stands
# for all that the warehouse was left with.
QUERIES = {
    "builds": f"""
        select
            build_id,
            $warehouse as warehouse,
            command,
            {MOMENT.format("started_at")} as started_at,
            {MOMENT.format("finished_at")} as finished_at,
            status,
            started_by,
            environment,
            coalesce(to_json(tags)::varchar, '[]') as tags,
            code_version,
            signature,
            follows
        from build.builds.builds
    """,
    "settings": "select build_id, name, value, is_default::int as is_default"
    " from build.builds.settings",
    "fits": "select build_id, model, fitted, kept from build.builds.fits",
    "inputs": f"""
        select
            (select arg_max(build_id, started_at) from build.builds.builds)
                as build_id,
            source_table,
            file,
            bytes,
            {MOMENT.format("modified_at")} as modified_at
        from build.builds.inputs
    """,
    "results": f"""
        with

        stopped as (

            select max(started_at) as started_at
            from build.builds.builds
            where finished_at is null and command <> 'test'

        ),

        newest as (

            select build_id, node_count
            from build.builds.builds
            order by finished_at is null, started_at desc
            limit 1

        ),

        of_nodes as (

            select
                node, name, resource_type, model, description, failures, seconds,
                message, build_id as made_by, builds.started_at as made_at,
                case
                    when builds.started_at <= stopped.started_at then 'building'
                    else results.status
                end as status
            from build.builds.results
            inner join build.builds.builds using (build_id)
            cross join stopped

        ),

        -- of which nothing is known but that there are so many
        never_run as (

            select unnest(range((select count(*) from of_nodes), node_count)) as number
            from newest

        )

        select
            (select arg_max(build_id, started_at) from build.builds.builds)
                as build_id,
            * replace ({MOMENT.format("made_at")} as made_at)
        from of_nodes
        union all by name
        select
            (select arg_max(build_id, started_at) from build.builds.builds)
                as build_id,
            'unknown.' || number as node,
            'unknown' as name,
            'test' as resource_type
        from never_run
    """,
}


def has_earlier_state(data: Path) -> bool:
    """Return whether there may be anything to carry over."""
    return (data / DECISIONS).exists() or bool(_find_warehouses(data))


def carry_over(data: Path, registry: sqlite3.Connection, *, is_kept: bool) -> None:
    """Write the decisions and builds of an earlier version's data folder.

    Parameters
    ----------
    data : Path
        The data folder.
    registry : sqlite3.Connection
        A registry whose tables are there, and empty.
    is_kept : bool
        Whether the registry is a file, for which this happens once. Else builds are
        left out where another process has a warehouse open.

    Raises
    ------
    PipelineError
        If the registry is kept and another process has a warehouse open.
    """
    file = data / DECISIONS
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    _insert(registry, "decisions", map(json.loads, lines))
    for warehouse in _find_warehouses(data):
        try:
            _carry_over_builds(warehouse, data, registry)
        except duckdb.BinderException:
            continue  # this process has just made it: a build that records itself
        except duckdb.IOException:
            if is_kept:
                raise InUseError(
                    f"another process has {warehouse} open, and its builds cannot be"
                    " carried over into the registry; wait for its end, then try again"
                ) from None


def _find_warehouses(data: Path) -> list[Path]:
    found = [file for pattern in WAREHOUSES for file in data.glob(pattern)]
    elsewhere = os.environ.get("WAREHOUSE_DIR")
    if elsewhere and (Path(elsewhere) / WAREHOUSE).exists():
        found.append((Path(elsewhere) / WAREHOUSE).resolve())
    return sorted(set(found))


def _carry_over_builds(
    warehouse: Path, data: Path, registry: sqlite3.Connection
) -> None:
    name = warehouse_name(warehouse, data)
    with duckdb.connect() as connection:
        connection.execute(f"attach {sql.text(warehouse)} as build (read_only)")
        if connection.execute(IS_EARLIER).fetchone() != (True,):
            return
        for table, query in QUERIES.items():
            given = {"warehouse": name} if "$warehouse" in query else {}
            found = connection.execute(query, given)
            names = [column[0] for column in found.description]
            rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
            _insert(registry, table, rows)


def _insert(
    registry: sqlite3.Connection, table: str, rows: Iterable[dict[str, object]]
) -> None:
    """Insert rows; what a copy of a warehouse has, too, is the same."""
    for row in rows:
        places = ", ".join(f":{name}" for name in row)
        registry.execute(
            f"insert or ignore into {table} ({', '.join(row)}) values ({places})", row
        )
