"""The registry: one SQLite file per data folder, of builds, commands and decisions.

::

    builds     one row per command of dbt that changes a warehouse, or tests it
    settings   the vars of each build
    results    what a build left behind: the last result of every model, seed and test
    inputs     ... and the files that every raw table was last read from
    fits       how many categories each Python model fitted, and how many it kept
    commands   one row per `clustering run`
    decisions  what people and the policy decided about published runs
    models     ... and the checksums of their models; added by the first that has any

A build starts from what its ``parent`` left; one row in the warehouse says which build
it is of. So a copy of a warehouse, as scenarios begin with one, has its own line of
builds from there on, and a file that was restored has the state that it had.

Times are text in ISO 8601, UTC.
"""

import sqlite3
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from clustering.core.errors import PipelineError

FILE = "registry.sqlite"
# SQLite's names of its errors where it gets no memory.
LACKS_MEMORY = {"SQLITE_NOMEM", "SQLITE_IOERR_NOMEM", "SQLITE_IOERR_SHMMAP"}
# Of the tables below; a file of a later one is not read.
VERSION = 3
SECONDS_TO_WAIT = 30

SCHEMA = """
    create table builds (
        build_id text primary key, parent text, warehouse text not null,
        command text not null, started_at text not null, finished_at text,
        status text, started_by text, environment text,
        tags text not null default '[]', code_version text, signature text,
        follows text, run text
    ) strict;

    create table settings (
        build_id text not null references builds on delete cascade,
        name text not null, value text, is_default integer not null,
        primary key (build_id, name)
    ) strict, without rowid;

    create table results (
        build_id text not null references builds on delete cascade,
        node text not null, name text not null, resource_type text not null,
        model text, description text, status text, failures integer, seconds real,
        message text, made_by text, made_at text,
        primary key (build_id, node)
    ) strict, without rowid;

    create table inputs (
        build_id text not null references builds on delete cascade,
        source_table text not null, file text not null, bytes integer not null,
        modified_at text not null,
        primary key (build_id, source_table, file)
    ) strict, without rowid;

    create table fits (
        build_id text not null references builds on delete cascade,
        model text not null, fitted integer not null, kept integer not null,
        primary key (build_id, model)
    ) strict, without rowid;

    create table commands (
        command_id integer primary key, process integer not null, job text,
        environment text, scenario text, started_at text not null, ended_at text,
        error text, published text, raw text
    ) strict;

    create table decisions (
        decision_id integer primary key, run text not null, state text not null,
        at text not null, by text not null, reason text not null, scenario text
    ) strict;
"""


# What makes a file of each version one of the next. The first files named the model
# that read an input, and kept that column as they became files of version 2.
UPGRADES = {
    1: "alter table commands add column raw text",
    2: """
        alter table inputs rename to inputs_by_model;
        create table inputs (
            build_id text not null references builds on delete cascade,
            source_table text not null, file text not null, bytes integer not null,
            modified_at text not null,
            primary key (build_id, source_table, file)
        ) strict, without rowid;
        insert into inputs
        select build_id, source_table, file, max(bytes), max(modified_at)
        from inputs_by_model
        group by build_id, source_table, file;
        drop table inputs_by_model
    """,
}


class Registry:
    """The registry of one data folder.

    Parameters
    ----------
    file : Path
        The SQLite file, in the data folder. Reading does not create it.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    @classmethod
    def beside(cls, published: Path) -> "Registry":
        """Return the registry of the data folder that contains ``published``."""
        return cls(published.parent / FILE)

    def read(
        self, query: str, parameters: Mapping[str, object] | None = None
    ) -> list[sqlite3.Row]:
        """Return the rows of a query.

        Where there is no file yet, the state that an earlier version of this project
        kept in other files is read.

        Raises
        ------
        PipelineError
            If the file cannot be read.
        """
        with self._readable(), closing(self._open_to_read()) as connection:
            return connection.execute(query, parameters or {}).fetchall()

    @contextmanager
    def transaction(self) -> Generator[sqlite3.Connection]:
        """Yield a connection whose changes are committed together, or not at all.

        Raises
        ------
        PipelineError
            If the file cannot be read or written.
        """
        with self._readable(), closing(self._open_to_write()) as connection:
            connection.execute("begin immediate")
            if _version(connection) == 0:
                _create(connection, data=self.file.parent, is_kept=True)
            _upgrade(connection)
            yield connection
            connection.commit()  # else it is rolled back with the connection

    def _open_to_read(self) -> sqlite3.Connection:
        """Open the file; until its tables are there, what an earlier version kept."""
        if self.file.exists():
            connection = self._open_file()
            version = _version(connection)
            if version == VERSION:
                connection.execute("pragma query_only = on")
                return connection
            if version:
                return _upgraded_copy(connection)
            connection.close()
        connection = _connect(":memory:")
        _create(connection, data=self.file.parent, is_kept=False)
        return connection

    def _open_file(self) -> sqlite3.Connection:
        place = self.file.resolve().as_uri()
        try:
            # who reads last clears away what WAL has beside the file
            return self._check(_connect(f"{place}?mode=rw"))
        except sqlite3.OperationalError:
            # a read-only folder, and nobody writes: nothing is beside the file
            return self._check(_connect(f"{place}?mode=ro&immutable=1"))

    def _open_to_write(self) -> sqlite3.Connection:
        connection = self._check(_connect(str(self.file)))
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma foreign_keys = on")
        return connection

    def _check(self, connection: sqlite3.Connection) -> sqlite3.Connection:
        try:
            found = _version(connection)
        except sqlite3.Error:
            connection.close()
            raise
        if found > VERSION:
            connection.close()
            raise PipelineError(
                f"{self.file} is of version {found}, this project reads up to"
                f" {VERSION}: update the project"
            )
        return connection

    @contextmanager
    def _readable(self) -> Generator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorname", None) in LACKS_MEMORY:
                raise MemoryError(f"SQLite: {error}") from None
            raise PipelineError(
                f"cannot use the registry {self.file}: {error}; make its folder"
                " writable, or, if it is damaged, restore it from a backup or by:"
                " clustering repair"
            ) from None


def _connect(place: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        place, uri=place.startswith("file:"), timeout=SECONDS_TO_WAIT
    )
    connection.isolation_level = None  # transactions begin and end where we say
    connection.row_factory = sqlite3.Row
    return connection


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("pragma user_version").fetchone()
    return version


def _upgrade(connection: sqlite3.Connection) -> None:
    """Make the tables those of this version."""
    for version in range(_version(connection), VERSION):
        for statement in UPGRADES[version].split(";"):
            connection.execute(statement)
        connection.execute(f"pragma user_version = {version + 1}")


def _upgraded_copy(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Return a copy in memory with the tables of this version: reading writes not."""
    copy = _connect(":memory:")
    with closing(connection):
        connection.backup(copy)
    _upgrade(copy)
    return copy


def _create(connection: sqlite3.Connection, *, data: Path, is_kept: bool) -> None:
    """Create the tables, with what an earlier version kept of ``data`` elsewhere."""
    from clustering.store.carry_over import carry_over  # seldom, and imports DuckDB

    for statement in SCHEMA.split(";"):
        connection.execute(statement)
    carry_over(data, connection, is_kept=is_kept)
    connection.execute(f"pragma user_version = {VERSION}")
