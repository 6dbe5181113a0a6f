"""A dbt-duckdb plugin, named in profiles.yml, through which builds record themselves.

It registers SQL functions, which the hooks of dbt_project.yml call: those of
:mod:`clustering.store.recording`, and one that opens the live version's marts, which
new cluster labels follow.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import duckdb
import yaml
from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb import DuckDBPyConnection

from clustering.core import sql
from clustering.core.errors import InputError, PipelineError
from clustering.core.plugin import register
from clustering.store.carry_over import has_earlier_state
from clustering.store.fit import open_fit
from clustering.store.recording import (
    record_end,
    record_start,
    record_tests,
    registry_of,
)
from clustering.store.warehouse import check_opens
from ml.settings import Method

# Which marts, and which of their columns.
SOURCES = Path("models") / "staging" / "__published.yml"


class Plugin(BasePlugin):
    """Registers the functions with every new connection."""

    def initialize(self, plugin_config: Mapping[str, object]) -> None:
        """Carry over what an earlier version recorded, before dbt opens the file.

        Raises
        ------
        RuntimeError
            If the file is damaged: dbt would try to open it for a quarter of an hour,
            and has one line for errors of this kind.
        """
        try:
            if self.creds:
                check_opens(Path(self.creds.path))
        except PipelineError as error:
            raise RuntimeError(str(error)) from None
        registry = registry_of(Path.cwd())  # dbt works in the project
        data = registry.file.parent
        if not registry.file.exists() and has_earlier_state(data):
            with registry.transaction():
                pass

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Register them."""
        register(
            conn, record_start, record_tests, record_end, published_views, fit_views
        )


def published_views(project: str, published: str, is_continued: str) -> str:
    """Return the query of a view for each mart that labels follow, or a problem.

    Parameters
    ----------
    project : str
        Folder of the dbt project.
    published : str
        The published folder.
    is_continued : str
        ``true`` where labels follow the live version; else all views are empty, as
        they are where nothing is published.

    Returns
    -------
    str
        In JSON: ``problem``, or ``views`` by the names of marts.
    """
    content = yaml.safe_load((Path(project) / SOURCES).read_text())
    (source,) = content["sources"]
    try:
        views = {
            mart["name"]: _query(mart, Path(published), is_continued == "true")
            for mart in source["tables"]
        }
    except InputError as error:
        return json.dumps({"problem": str(error)})
    return json.dumps({"views": views})


def fit_views(published: str, settings: str) -> str:
    """Return the query of a view for each fitted table of the live version.

    Parameters
    ----------
    published : str
        The published folder.
    settings : str
        Those of the build, in JSON.

    Returns
    -------
    str
        In JSON, as of `published_views`: ``problem``, or ``views``.
    """
    try:
        files = open_fit(Path(published), Method.model_validate_json(settings))
    except PipelineError as error:
        return json.dumps({"problem": str(error)})
    views = {file.stem: f"from read_parquet({sql.text(file)})" for file in files}
    return json.dumps({"views": views})


def _query(mart: Mapping, published: Path, is_continued: bool) -> str:
    file = published / f"{mart['name']}.parquet"
    if not (is_continued and file.exists()):
        nulls = (
            f"null::{one['data_type']} as {one['name']}" for one in mart["columns"]
        )
        return f"select {', '.join(nulls)} where false"
    reader = f"read_parquet({sql.text(file)})"
    types = _types_of(reader)
    columns = [_column(one, types, file) for one in mart["columns"]]
    return f"select {', '.join(columns)} from {reader}"


def _types_of(reader: str) -> dict[str, str]:
    """Return the data type of each column, by its name in lower case."""
    with duckdb.connect() as connection:
        rows = connection.execute(f"describe from {reader}").fetchall()
    return {name.lower(): data_type for name, data_type, *_ in rows}


def _column(column: Mapping, types: Mapping[str, str], file: Path) -> str:
    """Return a column; in older runs without it, the one that it replaced.

    Raises
    ------
    InputError
        If it is absent, or of another type than it is published with.
    """
    name, wanted = column["name"], column["data_type"].upper()
    older = column.get("config", {}).get("meta", {}).get("where_missing")
    found = types.get(name)
    if found is None and older:
        return f"{older} as {name}"
    if found != wanted:
        raise InputError(
            f"{file}: column {name} is {found or 'missing'}, wanted {wanted}; restore"
            " the file as it was published, or set the var label_continuity to false:"
            " the clusters are numbered anew then"
        )
    return name
