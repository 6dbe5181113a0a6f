"""What plain dbt asks of this package: a plugin of dbt-duckdb, named in profiles.yml.

It gives the connection SQL functions, which the hooks of dbt_project.yml call.
"""

import yaml
from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb import DuckDBPyConnection

from clustering.core.errors import SettingsError
from clustering.core.settings import check_settings


class Plugin(BasePlugin):
    """Registers the functions below with every new connection."""

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Register them."""
        conn.create_function(
            "settings_problem",
            settings_problem,
            ["VARCHAR", "VARCHAR"],
            "VARCHAR",
            null_handling="special",
        )


def settings_problem(declared: str, given: str) -> str | None:
    """Say what is wrong with settings; None where nothing is.

    Parameters
    ----------
    declared, given : str
        In YAML: the vars of dbt_project.yml, and those of the command line.
    """
    try:
        check_settings(yaml.safe_load(given), declared=yaml.safe_load(declared))
    except SettingsError as error:
        return str(error)
    return None
