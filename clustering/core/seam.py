"""The seam: the tables that preprocessing hands over, in a folder of Parquet files.

The exposure ``seam`` of the dbt project names them; their YAML declares the columns.
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb
import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from clustering.core import sql
from clustering.core.errors import InputError
from clustering.core.files import hash_file, replacing

# The environment variable that has a build go on from a folder.
VARIABLE = "SEAM_DIR"
# Of the columns in the folder and what they mean; another one is not read.
SCHEMA_VERSION = 1
MANIFEST = "manifest.json"
SEAM = Path("models") / "intermediate" / "__seam.yml"
NAME = re.compile(r"'(\w+)'\)")
# How a type is stored that Parquet does not have.
STORED = {"BIT": "VARCHAR"}


@dataclass(frozen=True)
class SeamTable:
    """A table of the seam.

    Parameters
    ----------
    schema : str
        Where it is in the warehouse.
    name : str
        Of the model or source, and of its file.
    columns : mapping
        Data types of DuckDB, in capitals, by the names of columns.
    """

    schema: str
    name: str
    columns: Mapping[str, str]

    @property
    def file(self) -> str:
        """Name of its file."""
        return f"{self.name}.parquet"

    @property
    def stored(self) -> dict[str, str]:
        """Data types of its file."""
        return {name: STORED.get(kind, kind) for name, kind in self.columns.items()}


class StoredTable(BaseModel):
    """What the manifest says of a file: its rows, and the SHA-256 of its contents."""

    model_config = ConfigDict(extra="forbid")

    row_count: int
    sha256: str


class SeamManifest(BaseModel):
    """What a folder has, and which build it is of."""

    model_config = ConfigDict(extra="forbid")

    schema_version: Literal[1]
    build_id: str
    tables: dict[str, StoredTable]


def seam_folder() -> Path | None:
    """Return the folder that builds go on from; None: they start from raw tables."""
    given = os.environ.get(VARIABLE)
    return Path(given).resolve() if given else None


def read_seam(project: Path) -> list[SeamTable]:
    """Return the tables of the seam of a dbt project, in the order of its exposure."""
    (seam,) = yaml.safe_load((project / SEAM).read_text())["exposures"]
    described = _describe_tables(project)
    return [described[name] for name in NAME.findall(" ".join(seam["depends_on"]))]


def write_seam(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    *,
    project: Path,
    build_id: str,
) -> SeamManifest:
    """Write the tables of the seam to a folder, and the manifest last.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Has the warehouse open.
    folder : Path
        It is made; files of an earlier seam in it are replaced.
    project : Path
        The dbt project.
    build_id : str
        The build that made the tables.

    Raises
    ------
    CommandError
        If the folder cannot be written to: it has no manifest then.
    """
    tables = read_seam(project)
    with replacing(folder / MANIFEST) as manifest:
        (folder / MANIFEST).unlink(missing_ok=True)
        written = {table.name: _write(connection, table, folder) for table in tables}
        result = SeamManifest(
            schema_version=SCHEMA_VERSION, build_id=build_id, tables=written
        )
        manifest.write_text(result.model_dump_json(indent=2) + "\n")
    return result


def seam_views(project: Path, folder: Path) -> dict[str, str]:
    """Validate a folder, and return the query of a view for each table of the seam.

    Raises
    ------
    InputError
        For the first thing that is not as the manifest and the project have it.
    """
    manifest = read_manifest(folder)
    return {table.name: _view(table, folder, manifest) for table in read_seam(project)}


def read_manifest(folder: Path) -> SeamManifest:
    """Return the manifest of a folder.

    Raises
    ------
    InputError
        If there is none, as where its writing was stopped, or it is of another version.
    """
    file = folder / MANIFEST
    try:
        content = json.loads(file.read_text())
        version = content.get("schema_version")
        if version != SCHEMA_VERSION:
            raise _invalid(
                file, f"schema_version is {version}, expected {SCHEMA_VERSION}"
            )
        return SeamManifest.model_validate(content)
    except FileNotFoundError:
        raise _invalid(file, "there is no such file") from None
    except (OSError, ValueError, AttributeError, ValidationError) as error:
        raise _invalid(file, " ".join(str(error).split())) from None


def _describe_tables(project: Path) -> dict[str, SeamTable]:
    """Return the models and sources of preprocessing, by their names."""
    found = {}
    for schema in ("staging", "intermediate"):
        for file in sorted((project / "models" / schema).glob("*.yml")):
            content = yaml.safe_load(file.read_text())
            described = [(schema, model) for model in content.get("models", [])]
            for source in content.get("sources", []):
                where = source.get("schema", source["name"])
                described += [(where, table) for table in source["tables"]]
            for where, table in described:
                found[table["name"]] = SeamTable(
                    where, table["name"], _declared_types(table)
                )
    return found


def _declared_types(table: Mapping) -> dict[str, str]:
    return {
        column["name"]: column["data_type"].upper().replace(" ", "")
        for column in table.get("columns", [])
        if "data_type" in column
    }


def _write(
    connection: duckdb.DuckDBPyConnection, table: SeamTable, folder: Path
) -> StoredTable:
    columns = ", ".join(
        f"cast({sql.name(name)} as {kind}) as {sql.name(name)}"
        for name, kind in table.stored.items()
    )
    file = folder / table.file
    with replacing(file) as temporary:
        connection.execute(
            f"copy (select {columns} from {table.schema}.{table.name})"
            f" to {sql.text(temporary)} (format parquet, compression zstd)"
        )
    return StoredTable(row_count=_count_rows(file), sha256=hash_file(file))


def _view(table: SeamTable, folder: Path, manifest: SeamManifest) -> str:
    """Return the query that shows a table with the types of the warehouse."""
    file = folder / table.file
    if table.name not in manifest.tables or not file.is_file():
        raise _invalid(file, "there is no such file")
    said = manifest.tables[table.name]
    if hash_file(file) != said.sha256:
        raise _invalid(file, "it is not the file that the manifest was written for")
    if (rows := _count_rows(file)) != said.row_count:
        raise _invalid(file, f"it has {rows} rows, expected {said.row_count}")
    found = _types_of(file)
    for name, kind in table.stored.items():
        if found.get(name) != kind:
            has = found.get(name, "missing")
            raise _invalid(file, f"column {name} is {has}, expected {kind}")
    columns = ", ".join(
        f"cast({sql.name(name)} as {kind}) as {sql.name(name)}"
        for name, kind in table.columns.items()
    )
    return f"select {columns} from read_parquet({sql.path(file)})"


def _count_rows(file: Path) -> int:
    with duckdb.connect() as connection:
        query = f"select count(*) from read_parquet({sql.path(file)})"
        [(rows,)] = connection.execute(query).fetchall()
    return rows


def _types_of(file: Path) -> dict[str, str]:
    with duckdb.connect() as connection:
        query = f"describe from read_parquet({sql.path(file)})"
        rows = connection.execute(query).fetchall()
    return {name: kind for name, kind, *_ in rows}


def _invalid(file: Path, problem: str) -> InputError:
    return InputError(
        f"{file}: {problem}; write the folder anew: clustering seam FOLDER"
    )
