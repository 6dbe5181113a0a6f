"""A dbt-duckdb plugin, named in profiles.yml: validation for plain dbt, too.

It registers SQL functions, which the hooks of dbt_project.yml call, and the SQL macros
``words.*``, in which models say codes and figures in words.
"""

import json
from pathlib import Path

import yaml
from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb import DuckDBPyConnection

from clustering.core.errors import InputError, SettingsError
from clustering.core.input import find_globs, open_input
from clustering.core.seeds import check_seeds
from clustering.core.settings import check_settings
from clustering.core.words import define_words


class Plugin(BasePlugin):
    """Registers the functions below with every new connection."""

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Register them, and the macros."""
        define_words(conn)
        for function, parameters in {
            settings_problem: 2,
            seeds_problem: 2,
            raw_views: 3,
            raw_files: 1,
        }.items():
            conn.create_function(
                function.__name__,
                function,
                ["VARCHAR"] * parameters,
                "VARCHAR",
                null_handling="special",
                side_effects=True,  # files change
            )


def settings_problem(declared: str, given: str) -> str | None:
    """Return the first invalid setting as a message, or None.

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
    """Return the first invalid row of a seed as a message, or None.

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


def raw_views(project: str, settings: str, config: str) -> str:
    """Validate the raw input; return a problem, or the query of each table's view.

    Parameters
    ----------
    project : str
        Folder of the dbt project.
    settings, config : str
        In JSON: settings of the project, and of DuckDB.

    Returns
    -------
    str
        In JSON: ``problem``, or ``views`` by the names of tables.
    """
    given = json.loads(settings)
    try:
        views = open_input(
            Path(project),
            excluded_categories=given["excluded_categories"],
            excluded_columns=given["excluded_external_columns"],
            config={key: value for key, value in json.loads(config).items() if value},
        )
    except InputError as error:
        return json.dumps({"problem": str(error)})
    return json.dumps({"views": views})


def raw_files(project: str) -> str:
    """Return the glob of each raw table that exists, in JSON."""
    return json.dumps(find_globs(Path(project)))
