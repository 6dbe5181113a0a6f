"""Alter a warehouse, and the registry of its builds."""

import sqlite3
from datetime import timedelta

import duckdb

from clustering.core.paths import Paths
from clustering.store.builds import last_builds
from clustering.store.registry import Registry


def plant(paths: Paths, *statements: str, **parameters: object) -> None:
    """Change what is recorded of the builds."""
    with Registry(paths.registry).transaction() as connection:
        for statement in statements:
            connection.execute(statement, parameters)


def build_again(paths: Paths, run_id: str, *, days: int, sql: str = "") -> None:
    """Make the warehouse say that it was built again, days later, to other marts.

    ``sql`` changes the marts.
    """
    with duckdb.connect(str(paths.warehouse)) as connection:
        connection.execute(f"update features.run_fingerprint set run_id = '{run_id}'")
        connection.execute(f"update marts.store_clusters set run_id = '{run_id}'")
        if sql:
            connection.execute(sql)
    build_later(paths, timedelta(days=days))


def build_later(paths: Paths, later: timedelta) -> None:
    """Make the last build say that it ended later."""
    [build] = last_builds(Registry(paths.registry), most=1)
    plant(
        paths,
        "update builds set finished_at = :at where build_id = :build_id",
        at=(build.finished_at + later).isoformat(),
        build_id=build.build_id,
    )


def read_registry(paths: Paths, query: str) -> list[sqlite3.Row]:
    """Return the rows of a query of the registry."""
    return Registry(paths.registry).read(query)
