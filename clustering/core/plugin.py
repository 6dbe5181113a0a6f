"""What plain dbt asks of this package: a plugin of dbt-duckdb, named in profiles.yml.

It gives the connection SQL functions, which the hooks of dbt_project.yml call.
"""

from pathlib import Path

import yaml
from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb import DuckDBPyConnection

from clustering.core.errors import InputError, SettingsError
from clustering.core.seeds import check_seeds
from clustering.core.settings import check_settings


class Plugin(BasePlugin):
    """Registers the functions below with every new connection."""

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Register them."""
        for function in (settings_problem, seeds_problem):
            conn.create_function(
                function.__name__,
                function,
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


def seeds_problem(project: str, volume_bands: str) -> str | None:
    """Say what is wrong with the seeds; None where nothing is.

    Parameters
    ----------
    project : str
        Folder of the dbt project.
    volume_bands : str
        The setting of that name, in YAML.
    """
    try:
        check_seeds(Path(project), volume_bands=yaml.safe_load(volume_bands))
    except InputError as error:
        return str(error)
    return None
