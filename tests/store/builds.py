"""Makes a warehouse say that it was built again, to other clusters."""

from pathlib import Path

import duckdb


def build_again(warehouse: Path, run_id: str, *, days: int, sql: str = "") -> None:
    """Make the warehouse say that it was built again, days later, to other marts.

    ``sql`` changes the marts.
    """
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(f"update features.run_fingerprint set run_id = '{run_id}'")
        connection.execute(f"update marts.store_clusters set run_id = '{run_id}'")
        connection.execute(
            f"update builds.builds set finished_at = finished_at + interval {days} days"
        )
        if sql:
            connection.execute(sql)
