"""A dbt-duckdb plugin, named in profiles.yml: every build records itself.

It registers SQL functions, which the hooks of dbt_project.yml call.
"""

from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb import DuckDBPyConnection

from clustering.core.plugin import register
from clustering.store.continuity import published_views
from clustering.store.recording import record_end, record_start


class Plugin(BasePlugin):
    """Registers the functions with every new connection."""

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Register them."""
        register(conn, record_start, record_end, published_views)
