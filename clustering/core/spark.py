"""Apache Spark makes the tables of the seam, from the same models as DuckDB.

DuckDB validates and maps the raw tables, and writes them as Parquet files. Stock
dbt-spark, in an environment of its own, builds the models of the seam from these. What
it wrote becomes a folder with a manifest, as :mod:`clustering.core.seam` has it.
"""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import yaml

from clustering.core import sql
from clustering.core.contract import Table, read_contract
from clustering.core.dbt import WHERE, problems_in
from clustering.core.environments import mapping_in_force
from clustering.core.errors import PipelineError, SettingsError
from clustering.core.input import open_input
from clustering.core.input.report import write_views
from clustering.core.paths import DBT_PROJECT, PROJECT, Paths, dbt_environment
from clustering.core.seam import SeamManifest, read_seam, write_seam
from clustering.core.settings import Settings, check_settings

# Where `make spark` installs locks/spark.txt.
ENVIRONMENT = PROJECT / "build" / "spark"
# Folder for what Spark reads and writes, on storage that all its nodes have.
VARIABLE = "SPARK_DIR"
# A target of dbt_project/profiles.yml.
TARGET = "spark"
# What is the same type on either engine; all else that is no key is text on Spark.
SAME = {"BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "FLOAT", "DOUBLE"}
# Nobody watches it, and bars in the output are no messages.
QUIET = {
    "PYSPARK_SUBMIT_ARGS": "--conf spark.ui.showConsoleProgress=false pyspark-shell"
}


def build_seam(
    paths: Paths,
    folder: Path,
    *,
    raw: Path | None = None,
    settings: Mapping[str, object],
) -> SeamManifest:
    """Build the tables of the seam on Spark, and write them to a folder.

    Parameters
    ----------
    paths : Paths
        Where the raw tables and the logs are.
    folder : Path
        It is made; see :func:`clustering.core.seam.write_seam`.
    raw : Path or None
        Folder of the raw tables, where it is not that of the paths.
    settings : mapping
        Vars of dbt_project.yml that this build sets otherwise.

    Raises
    ------
    SettingsError
        If a setting is invalid, or Spark cannot follow it.
    PipelineError
        If the input is invalid, Spark is not installed, or a model or a test fails.
    """
    checked = check_settings(settings)
    if checked.sales_rows == "last":
        raise SettingsError(
            "got sales_rows: last, which Spark cannot follow, as it reads files in no"
            " order; expected sum or refuse_duplicates, or --engine duckdb"
        )
    dbt = ENVIRONMENT / "bin" / "dbt"
    if not dbt.exists():
        raise PipelineError(f"there is no {dbt}; install Apache Spark: make spark")
    place = Path(os.environ.get(VARIABLE) or paths.data / "spark").resolve()
    place.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="build-", dir=place) as work:
        with dbt_environment(paths, raw, **{VARIABLE: work}):
            write_raw(Path(work, "raw"), settings=checked)
            build_id = _run_dbt(dbt, Path(work), logs=paths.logs, settings=settings)
        with duckdb.connect() as connection:
            _show_tables(connection, Path(work))
            return write_seam(
                connection, folder, project=DBT_PROJECT, build_id=build_id
            )


def write_raw(folder: Path, *, settings: Settings) -> None:
    """Validate the raw tables and write them, with what the check saw, for Spark.

    Columns of the contract have its types: what a text means as a number or a day is
    decided by DuckDB. Of other columns, numbers and booleans stay what they are.

    Raises
    ------
    InputError
        For the first violation of the contract.
    """
    folder.mkdir(parents=True)
    opened = open_input(
        DBT_PROJECT,
        mapping=mapping_in_force(),
        excluded_categories=settings.excluded_categories,
        excluded_columns=settings.excluded_external_columns,
    )
    with duckdb.connect() as connection:
        queries = {
            table.name: _typed(table, opened.views[table.name], connection)
            for table in read_contract(DBT_PROJECT)
        }
        for name, query in (
            queries | write_views(opened.coverages, opened.notes)
        ).items():
            file = sql.text(folder / f"{name}.parquet")
            connection.execute(f"copy ({query}) to {file} (format parquet)")


def _typed(table: Table, view: str, connection: duckdb.DuckDBPyConnection) -> str:
    """Return the query of a raw table with types that both engines have."""
    columns = []
    for name, kind, *_ in connection.execute(f"describe {view}").fetchall():
        quoted = sql.name(name)
        declared = table.columns.get(sql.upper(name))
        if declared is not None:
            value = f"try_cast({quoted} as {declared.data_type})"
        elif kind in SAME or kind.startswith("DECIMAL"):
            value = quoted
        elif "INT" in kind and "[" not in kind and "(" not in kind:
            value = f"cast({quoted} as double)"
        else:
            value = f"to_json({quoted}) ->> '$'"
        columns.append(f"{value} as {quoted}")
    return f"select {', '.join(columns)} from ({view})"


def _run_dbt(
    dbt: Path, work: Path, *, logs: Path, settings: Mapping[str, object]
) -> str:
    """Build the seam on Spark; return the id of the build."""
    target = work / "target"
    command = [
        *(dbt, "--quiet", "--no-use-colors", "--log-path", logs, "build"),
        *("--target", TARGET, "--selector", "seam", "--target-path", target),
        *("--vars", yaml.safe_dump(dict(settings)), *WHERE),
    ]
    python = {"PYSPARK_PYTHON": str(dbt.with_name("python"))}
    result = subprocess.run(
        command,
        env=QUIET | python | os.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        [first, *_] = problems_in(result.stdout.strip() or result.stderr)
        raise type(first)(f"on Spark: {first}; see {logs / 'dbt.log'}")
    results = json.loads((target / "run_results.json").read_text())
    return results["metadata"]["invocation_id"]


def _show_tables(connection: duckdb.DuckDBPyConnection, work: Path) -> None:
    """Show what Spark wrote under the names that the tables have in the warehouse."""
    for table in read_seam(DBT_PROJECT):
        written = work / "seam" / table.name / "*.parquet"
        if table.schema == "raw":
            written = work / "raw" / table.file
        connection.execute(f"create schema if not exists {table.schema}")
        connection.execute(
            f"create view {table.schema}.{table.name} as"
            f" select * from read_parquet({sql.text(written)})"
        )
