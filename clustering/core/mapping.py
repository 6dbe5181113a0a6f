"""The mapping of a retailer's files to the raw tables: `input:` of an environment.

The models below are the schema: configs/ is validated against it, and the reference
page of the docs is made from it.
"""

import codecs
import datetime
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from clustering.core.paths import PROJECT
from clustering.core.section import Section

Names = Annotated[list[str], Field(min_length=1)]
# In the names of melted columns: their number.
NUMBER = "{n}"
DUCKDB_FILES = (".duckdb", ".ddb", ".db")


class Melt(Section):
    """A wide table: columns that become rows."""

    into: str
    """Column of the contract that takes their names, such as PERIOD_START."""

    values: str
    """Column of the contract that takes their values; empty cells and 0 are no rows."""

    columns: Names | None = None
    """The columns to melt, by name."""

    names: str | None = None
    """Else, how they are called: a date format, or {n} for a number: `week {n}`."""

    first: datetime.date | None = None
    """First day of number 1, if they are numbered."""

    days: Annotated[int, Field(ge=1)] = 7
    """Days from one number to the next."""

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        if (self.columns is None) == (self.names is None):
            raise ValueError("expected either columns or names")
        if self.is_numbered != (self.first is not None):
            raise ValueError(f"expected first exactly where names has {NUMBER}")
        return self

    @property
    def is_numbered(self) -> bool:
        """Whether names of columns have a number in place of a date."""
        return NUMBER in (self.names or "")


class MappedTable(Section):
    """Where a raw table comes from."""

    files: str | Names | None = None
    """File, folder or pattern such as `sales_*.csv`, or a list of them; also at s3://,
    and files at https://. A folder may be a Delta or Iceberg table."""

    table: str | None = None
    """Else a table or view of the database, such as `public.sales`."""

    query: str | None = None
    """Else a query of the database, in its SQL."""

    sheet: str | None = None
    """Sheet of a workbook; null: the first one."""

    columns: dict[str, str | None] = {}
    """Per column of the contract, its name in the files; null: it is not there."""

    features: list[str] | None = None
    """Other columns to use as external features; null: all of them."""

    distinct: bool = False
    """Whether equal rows count once, as those of products in a file of sales."""

    dates: str | None = None
    """How dates are written, such as `%d/%m/%Y`; null: YYYY-MM-DD."""

    decimal: Literal[".", ","] = "."
    """Decimal separator."""

    thousands: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    """Separator of thousands."""

    currency: str | None = None
    """Sign before or after amounts, such as `$`."""

    nulls: list[str] = []
    """Words for no value, such as `N/A`."""

    percent: list[str] = []
    """Features that are written as `2.4%`."""

    encoding: str = "utf-8"
    """Encoding of csv files."""

    melt: Melt | None = None
    """Columns that become rows."""

    @field_validator("encoding")
    @classmethod
    def _check_encoding(cls, value: str) -> str:
        try:
            return codecs.lookup(value).name
        except LookupError:
            raise ValueError(
                f"no encoding {value!r}, expected one such as cp1252 or utf-16"
            ) from None

    @model_validator(mode="after")
    def _check_separators(self) -> Self:
        if self.thousands == self.decimal:
            raise ValueError(f"decimal and thousands are both {self.decimal!r}")
        return self

    @model_validator(mode="after")
    def _check_place(self) -> Self:
        places = [
            place for place in ("files", "table", "query") if getattr(self, place)
        ]
        if len(places) != 1:
            found = " and ".join(places) or "none of them"
            raise ValueError(f"expected one of files, table and query, got {found}")
        return self

    @property
    def is_in_database(self) -> bool:
        """Whether it is a table or query of the database."""
        return self.files is None

    @property
    def patterns(self) -> list[str]:
        """The files, as a list."""
        return [self.files] if isinstance(self.files, str) else self.files or []

    def used_names(self) -> Iterator[tuple[str, str]]:
        """Yield the key and the name of every column that the files must have."""
        for column, name in self.columns.items():
            if name is not None:
                yield f"columns.{column}", name
        for key in ("features", "percent"):
            for name in getattr(self, key) or ():
                yield key, name
        if self.melt:
            for name in self.melt.columns or ():
                yield "melt.columns", name


class Mapping(Section):
    """Which files and columns the raw tables are read from."""

    folder: Path | None = None
    """Folder of the files; by default, that of the raw tables."""

    database: str | None = None
    """Environment variable with the connection string of a PostgreSQL database; or a
    DuckDB file, such as `retail.duckdb`."""

    tables: dict[str, MappedTable] = {}
    """Per raw table, its files and columns; one that is not listed is read as it is."""

    @field_validator("folder", mode="before")
    @classmethod
    def _check_is_here(cls, value: object) -> object:
        if isinstance(value, str) and "://" in value:
            raise ValueError(
                "got an address, expected a folder of this machine; write addresses"
                " under `files` of each table"
            )
        return value

    @field_validator("folder")
    @classmethod
    def _resolve(cls, value: Path | None) -> Path | None:
        return value and (PROJECT / value).resolve()

    @field_validator("database")
    @classmethod
    def _find_database(cls, value: str | None) -> str | None:
        """Return a variable, or the path of a file; never a connection string."""
        if value is None:
            return None
        if "://" in value or "=" in value:
            raise ValueError(
                "got a connection string, expected the name of an environment variable"
                " that has it"
            )
        return str((PROJECT / value).resolve()) if is_duckdb_file(value) else value

    @model_validator(mode="after")
    def _check_database(self) -> Self:
        named = [name for name, table in self.tables.items() if table.is_in_database]
        if named and self.database is None:
            raise ValueError(
                f"tables.{named[0]} names a table or query, expected database, too"
            )
        return self

    def folder_of(self, variable: str) -> Path | None:
        """Return the folder of a table: its variable's, else the mapping's own."""
        given = os.environ.get(variable)
        return Path(given) if given else self.folder


def is_duckdb_file(database: str) -> bool:
    """Return whether a database is a DuckDB file, and no environment variable.

    >>> is_duckdb_file("retail.duckdb"), is_duckdb_file("RETAIL_DSN")
    (True, False)
    """
    return database.lower().endswith(DUCKDB_FILES)


def matching(folder: Path, pattern: str) -> list[Path]:
    """Return the file or folder of a name, else those that a pattern matches."""
    exact = folder / pattern
    return [exact] if exact.exists() else sorted(folder.glob(pattern))
