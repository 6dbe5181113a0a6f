"""The contract of the raw tables, read from dbt's sources."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from clustering.core.errors import InputError
from clustering.core.mapping import MappedTable

CONTRACT = Path("models") / "staging" / "__sources.yml"


@dataclass(frozen=True)
class Column:
    """A column of the contract.

    Parameters
    ----------
    name : str
        Its name, in capitals.
    data_type : str
        varchar, double or date.
    is_optional : bool
        Whether it may be absent; it is null then.
    references : tuple of str, or None
        Table and column that it is joined with.
    several_per : str or None
        Column for each of whose values it must have two values or more.
    """

    name: str
    data_type: str
    is_optional: bool = False
    references: tuple[str, str] | None = None
    several_per: str | None = None


@dataclass(frozen=True)
class Table:
    """A raw table.

    Parameters
    ----------
    name : str
        Of its file or folder.
    columns : dict
        By name: the columns that it must, or may, have.
    variable : str
        The environment variable that can move it.
    is_optional : bool
        Whether it may be absent.
    has_attributes : bool
        Whether every column that is not listed is an external feature.
    key : tuple of str
        Columns that no two rows have alike; may be empty.
    several : str or None
        Column that must have two values or more.
    """

    name: str
    columns: dict[str, Column] = field(hash=False)
    variable: str
    is_optional: bool = False
    has_attributes: bool = False
    key: tuple[str, ...] = ()
    several: str | None = None

    @property
    def folder(self) -> str:
        """Its folder: its own variable, else DATA_DIR/raw, else ../data/raw."""
        own = os.environ.get(self.variable)
        return own or f"{os.environ.get('DATA_DIR') or '../data'}/raw"


@dataclass(frozen=True)
class Files:
    """Where a table lies: one file, or a folder of files.

    Parameters
    ----------
    where : str
        The file or the folder.
    paths : tuple of str
        The files.
    format : str
        parquet or csv.
    mapping : MappedTable or None
        What its columns are called there; None: as in the contract.
    originals : tuple of str
        What each path is a copy of; empty: none is a copy.
    """

    where: str
    paths: tuple[str, ...]
    format: str
    mapping: MappedTable | None = field(default=None, hash=False)
    originals: tuple[str, ...] = ()

    def original(self, path: str) -> str:
        """Return the user's own file of a path."""
        return dict(zip(self.paths, self.originals, strict=False)).get(path, path)

    def called(self, column: str) -> str:
        """Return what a column of the contract is called there."""
        names = self.mapping.columns if self.mapping else {}
        return names.get(column) or column

    def refuse(self, problem: str, remedy: str) -> InputError:
        """Return the error for what is wrong in them."""
        return InputError(f"{self.where}: {problem}; {remedy}")


def read_contract(project: Path) -> list[Table]:
    """Return the raw tables of a dbt project."""
    content = yaml.safe_load((project / CONTRACT).read_text())
    (raw,) = (source for source in content["sources"] if source["name"] == "raw")
    return [_table(described) for described in raw["tables"]]


def key_columns(contract: Sequence[Table]) -> dict[str, list[str]]:
    """Return the columns of each table that rows are joined or grouped by."""
    keys: dict[str, set[str]] = {table.name: set() for table in contract}
    for table in contract:
        for column in table.columns.values():
            if column.references:
                right, right_column = column.references
                keys[table.name].add(column.name)
                keys[right].add(right_column)
            if column.several_per:
                keys[table.name] |= {column.name, column.several_per}
    return {name: sorted(columns) for name, columns in keys.items()}


def _table(described: dict) -> Table:
    meta = described["config"]["meta"]
    columns = [_column(column) for column in described["columns"]]
    return Table(
        described["name"],
        columns={column.name: column for column in columns},
        variable=meta["folder"],
        is_optional=meta.get("optional", False),
        has_attributes=meta.get("attributes", False),
        key=tuple(meta.get("key", ())),
        several=meta.get("several"),
    )


def _column(described: dict) -> Column:
    meta = described.get("config", {}).get("meta", {})
    references = meta.get("references")
    return Column(
        described["name"],
        described["data_type"],
        is_optional=meta.get("optional", False),
        references=references and tuple(references.split(".")),
        several_per=meta.get("several_per"),
    )
