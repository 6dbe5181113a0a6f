"""DuckDB's extensions: packages of the extra `sources`, or installed in DuckDB."""

from importlib.util import find_spec
from pathlib import Path

import duckdb

from clustering.core import sql
from clustering.core.extras import not_installed

VERSION = duckdb.__version__
# An extension that needs another one looks for it in the web, unless it is loaded.
NEEDS = {"iceberg": ("avro", "iceberg")}


def connect_with(*names: str, what: str) -> duckdb.DuckDBPyConnection:
    """Return a connection of its own, in which extensions are loaded.

    Parameters
    ----------
    *names : str
        The extensions.
    what : str
        What needs them.

    Raises
    ------
    SettingsError
        If one of them is not installed.
    """
    connection = duckdb.connect(config={"autoinstall_known_extensions": False})
    for name in names:
        for needed in NEEDS.get(name, (name,)):
            _load(needed, connection, what)
    return connection


def _load(name: str, connection: duckdb.DuckDBPyConnection, what: str) -> None:
    file = _packaged(name)
    try:
        connection.execute(f"load {sql.text(file) if file else name}")
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:
        connection.close()
        raise not_installed(
            what,
            f"DuckDB's extension {name}",
            extra="sources",
            in_checkout=f"pip install duckdb-extension-{name}=={VERSION}",
        ) from None


def _packaged(name: str) -> Path | None:
    """Return the file of an extension that was installed as a package of Python."""
    found = find_spec(f"duckdb_extension_{name}")
    if found is None or not found.submodule_search_locations:
        return None
    folder = Path(found.submodule_search_locations[0]) / "extensions" / f"v{VERSION}"
    file = folder / f"{name}.duckdb_extension"
    return file if file.exists() else None
