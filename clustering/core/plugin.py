"""A dbt-duckdb plugin, named in profiles.yml, which validates for plain dbt too.

It registers SQL functions, which the hooks of dbt_project.yml call, and the SQL macros
``words.*``, in which models say codes and figures in words.
"""

import json
from collections.abc import Mapping
from inspect import signature
from pathlib import Path
from typing import Any

import yaml
from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb import DuckDBPyConnection
from duckdb.func import SPECIAL

from clustering.core.contract import read_contract
from clustering.core.environments import mapping_in_force
from clustering.core.errors import InputError, SettingsError
from clustering.core.input import open_input
from clustering.core.input.features import define_rules
from clustering.core.input.opening import empty_view_of
from clustering.core.input.report import write_views
from clustering.core.seam import seam_folder, seam_views
from clustering.core.seeds import check_seeds
from clustering.core.settings import Settings, check_settings
from clustering.core.words import define_words


class Plugin(BasePlugin):
    """Registers its functions with every new connection.

    It lasts as long as a run of dbt, and keeps the run's settings from the hook that
    validates them, before any model, to the models that read them.
    """

    def initialize(self, plugin_config: Mapping[str, object]) -> None:
        """Begin without settings."""
        self._settings: Settings | None = None

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Register them, and the macros that make words and tell features."""
        define_words(conn)
        define_rules(conn)
        register(
            conn,
            self.settings_problem,
            self.settings,
            self.seeds_problem,
            self.raw_views,
        )

    def settings_problem(self, declared: str, given: str) -> str | None:
        """Return the first invalid setting as a message, or None.

        Parameters
        ----------
        declared, given : str
            In YAML: the vars of dbt_project.yml, and those of the command line.
        """
        self._settings = None
        try:
            self._settings = check_settings(
                yaml.safe_load(given), declared=yaml.safe_load(declared)
            )
        except SettingsError as error:
            return str(error)
        return None

    def settings(self) -> str:
        """Return the settings of this run, in JSON."""
        return self._validated().model_dump_json()

    def seeds_problem(self, project: str) -> str | None:
        """Return the first invalid row of a seed as a message, or None.

        Parameters
        ----------
        project : str
            Folder of the dbt project.
        """
        try:
            check_seeds(Path(project), volume_bands=self._validated().volume_bands)
        except InputError as error:
            return str(error)
        return None

    def raw_views(
        self, project: str, memory_limit: str, threads: str, temp_directory: str
    ) -> str:
        """Validate the raw input; return a problem, or the query of each table's view.

        Parameters
        ----------
        project : str
            Folder of the dbt project.
        memory_limit, threads, temp_directory : str
            Settings of DuckDB for the validation; an empty one is left as it is.

        Returns
        -------
        str
            In JSON: ``problem``; or ``schemas``, views by the names of tables in each,
            and ``notes``, lines about what is odd.
        """
        settings = self._validated()
        if folder := seam_folder():
            return _open_seam(Path(project), folder)
        config = {
            "memory_limit": memory_limit,
            "threads": threads,
            "temp_directory": temp_directory,
        }
        try:
            opened = open_input(
                Path(project),
                mapping=mapping_in_force(),
                excluded_categories=settings.excluded_categories,
                excluded_columns=settings.excluded_external_columns,
                config={name: value for name, value in config.items() if value},
            )
        except (InputError, SettingsError) as error:
            return json.dumps({"problem": str(error)})
        views = opened.views | write_views(opened.coverages, opened.notes)
        notes = list(map(str, opened.notes))
        return json.dumps({"schemas": {"raw": views}, "notes": notes})

    def _validated(self) -> Settings:
        """Return the settings of this run.

        Raises
        ------
        SettingsError
            If they were not validated, as where hooks are left out.
        """
        if self._settings is None:
            raise SettingsError("the settings of this run were not validated")
        return self._settings


def _open_seam(project: Path, folder: Path) -> str:
    """Return what `Plugin.raw_views` returns, of a folder of the seam."""
    try:
        views = seam_views(project, folder)
    except InputError as error:
        return json.dumps({"problem": str(error)})
    empty = {table.name: empty_view_of(table) for table in read_contract(project)}
    checked = {name: views[name] for name in ("input_coverage", "input_notes")}
    return json.dumps({"schemas": {"raw": empty | checked, "seam": views}, "notes": []})


def register(connection: DuckDBPyConnection, *functions: Any) -> None:
    """Make functions of texts callable in SQL, by their names."""
    for function in functions:
        connection.create_function(
            function.__name__,
            function,
            ["VARCHAR"] * len(signature(function).parameters),
            "VARCHAR",
            null_handling=SPECIAL,
            side_effects=True,  # files change
        )
