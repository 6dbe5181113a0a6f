"""The dbt plugin: the settings of a run reach its models."""

from concurrent.futures import ThreadPoolExecutor

import duckdb
import pytest
import yaml
from dbt.adapters.duckdb.credentials import DuckDBCredentials

from clustering.core.plugin import Plugin
from clustering.core.settings import check_settings, declared_settings
from ml.settings import Search

DECLARED = yaml.safe_dump(declared_settings())
NOT_VALIDATED = "the settings of this run were not validated"


@pytest.fixture
def plugin() -> Plugin:
    return Plugin.create(
        "clustering.core.plugin", config={}, credentials=DuckDBCredentials()
    )


def connect(plugin: Plugin) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    plugin.configure_connection(connection)
    return connection


def validate(connection: duckdb.DuckDBPyConnection, **given: object) -> str | None:
    """Call the function that the hook check_settings calls."""
    parameters = [DECLARED, yaml.safe_dump(given)]
    query = "select settings_problem(?, ?)"
    return connection.execute(query, parameters).fetchall()[0][0]


def read(connection: duckdb.DuckDBPyConnection) -> Search:
    """Read settings as Python models do."""
    return Search.model_validate_json(*connection.sql("select settings()").fetchone())


def test_models_read_the_settings_that_were_validated(plugin: Plugin):
    connection = connect(plugin)
    assert validate(connection, max_clusters=5) is None
    assert read(connection) == Search(
        **check_settings({"max_clusters": 5}).model_dump()
    )


def test_another_run_in_the_same_process_has_its_own_settings(plugin: Plugin):
    connection = connect(plugin)
    for highest in (4, 7):
        validate(connection, max_clusters=highest)
        assert read(connection).max_clusters == highest


def test_settings_outlast_a_connection(plugin: Plugin):
    with connect(plugin) as first:
        validate(first, max_clusters=5)
    assert read(connect(plugin)).max_clusters == 5


def test_every_thread_reads_the_same_settings(plugin: Plugin):
    connection = connect(plugin)
    validate(connection, max_clusters=5)
    cursors = [connection.cursor() for _ in range(8)]
    with ThreadPoolExecutor(4) as pool:
        assert {found.max_clusters for found in pool.map(read, cursors)} == {5}


def test_nothing_is_read_before_settings_are_valid(plugin: Plugin):
    connection = connect(plugin)
    with pytest.raises(duckdb.InvalidInputException, match=NOT_VALIDATED):
        read(connection)
    validate(connection)
    assert validate(connection, max_clusters=1).startswith("got max_clusters=1")
    with pytest.raises(duckdb.InvalidInputException, match=NOT_VALIDATED):
        read(connection)
