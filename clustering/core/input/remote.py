"""Files at s3:// and https://: found, and copied to this machine."""

import os
import re
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import duckdb

from clustering.core import sql
from clustering.core.errors import InputError
from clustering.core.files import renew
from clustering.core.input.extensions import connect_with

REMOTE = re.compile(r"(s3|https?)://", re.IGNORECASE)
# For so long a copy serves whose original does not say when it was changed.
SECONDS_KEPT = 3600
WILDCARDS = "*?["
HIDDEN = re.compile(r"(^|/)[._](?!delta_log/)")
# What a server's number says.
DENIED = (401, 403)
MISSING = 404


def is_remote(place: str) -> bool:
    """Return whether a file is not on this machine.

    >>> is_remote("s3://retail/sales.csv"), is_remote("raw/sales.csv")
    (True, False)
    """
    return REMOTE.match(place) is not None


def shown(url: str) -> str:
    """Return an address without what gives access; a path as it is.

    >>> shown("https://me:secret@host:8080/sales.csv?signature=secret")
    'https://host:8080/sales.csv'
    """
    if not is_remote(url):
        return url
    if _is_s3(url):
        return re.sub(r"\?s3_.*", "", url)
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def list_files(url: str) -> list[str]:
    """Return the addresses of a file, of a pattern's matches, or of a folder's files.

    Only s3:// has patterns and folders. As on this machine, what begins with a dot or
    an underscore is left out, but for the logs of Delta tables.

    Raises
    ------
    InputError
        If they cannot be listed.
    """
    if not _is_s3(url):
        return [url]
    with connected(url) as connection:
        if set(WILDCARDS) & set(url):
            return _glob(url, connection)
        folder = f"{url.rstrip('/')}/"
        inside = _glob(f"{folder}**", connection)
    if not inside:
        return [url]
    return [file for file in inside if not HIDDEN.search(file.removeprefix(folder))]


def download(url: str, folder: Path) -> Path:
    """Return a copy of a file, byte for byte; it is made once for each of its states.

    It is below folders of the same names, which may be values (`STORE_NBR=0042/`).

    Parameters
    ----------
    url : str
        Where it is.
    folder : Path
        Where copies go.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    scheme, _, name = shown(url).partition("://")
    place = folder / scheme / name.replace("..", "_").lstrip("/")
    with connected(url) as connection:
        [(size, changed)] = connection.execute(
            f"select size, epoch(last_modified) from read_blob({_exactly(url)})"
        ).fetchall()
        version = f"{size:x}.{int(changed or 0):x}"
        target = place.with_name(f"{version}-{place.name}")
        if not target.exists() or not (changed or _is_young(target)):
            renew(
                target,
                lambda file: connection.execute(
                    f"copy (select content from read_blob({_exactly(url)}))"
                    f" to {sql.text(file)} (format blob)"
                ),
                is_copy=lambda name: name.partition("-")[2] == place.name,
            )
    return target


@contextmanager
def connected(url: str, *extensions: str) -> Generator[duckdb.DuckDBPyConnection]:
    """Yield a connection that reads s3:// and https://; its errors are one line.

    Parameters
    ----------
    url : str
        What is to be read, for messages.
    *extensions : str
        Others than httpfs that are needed.

    Raises
    ------
    InputError
        For any error of DuckDB.
    """
    with connect_with("httpfs", *extensions, what=shown(url)) as connection:
        connection.execute("set allow_asterisks_in_http_paths = true")
        connection.execute(_secret())
        try:
            yield connection
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as error:
            problem, remedy = _explain(error)
            raise InputError(f"{shown(url)}: {problem}; {remedy}") from None


def _glob(pattern: str, connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(f"from glob({sql.text(pattern)}) order by 1").fetchall()
    return [file for (file,) in rows]


def _is_s3(url: str) -> bool:
    return url.lower().startswith("s3:")


def _exactly(url: str) -> str:
    """Return an address as SQL has it; only those of s3:// may be patterns."""
    return sql.path(url) if _is_s3(url) else sql.text(url)


def _secret() -> str:
    """Return the SQL that gives DuckDB the access that the environment has.

    There is always one: else the Delta extension asks servers of Amazon for it.
    """
    endpoint = _variable("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
    options = {
        "key_id": _variable("AWS_ACCESS_KEY_ID"),
        "secret": _variable("AWS_SECRET_ACCESS_KEY"),
        "session_token": _variable("AWS_SESSION_TOKEN"),
        "region": _variable("AWS_REGION", "AWS_DEFAULT_REGION") or "us-east-1",
    }
    if endpoint:
        scheme, _, host = endpoint.rpartition("://")
        options |= {
            "endpoint": host.rstrip("/"),
            "use_ssl": str(scheme != "http").lower(),
            "url_style": "path",
        }
    given = ", ".join(f"{name} {sql.text(value)}" for name, value in options.items())
    return f"create secret (type s3, {given})"


def _variable(*names: str) -> str:
    return next(filter(None, map(os.environ.get, names)), "")


def _explain(error: duckdb.Error) -> tuple[str, str]:
    """Return what is wrong, and a remedy, without the words of DuckDB."""
    status = getattr(error, "status_code", None) or _status_in(str(error))
    if status == MISSING:
        return "there is no such file", "put it there, or correct its address"
    if status in DENIED:
        return f"access is denied (HTTP {status})", (
            "set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION, or for https"
            " an address that gives access"
        )
    if status:
        return f"the server answers HTTP {status}", "try again later"
    if isinstance(error, duckdb.HTTPException):  # it does not say which number
        return "the server does not give it", "check the address, and who may read it"
    if re.search(r"(?i)connect|resolve|timed? ?out|sending request", str(error)):
        return "the server cannot be reached", "check the address and the network"
    return "it cannot be read", "look whether it is whole, and of the kind it is named"


def _status_in(said: str) -> int | None:
    found = re.search(r"(?:HTTP|status code:?|code) (\d{3})\b", said)
    return int(found[1]) if found else None


def _is_young(file: Path) -> bool:
    return time.time() - file.stat().st_mtime < SECONDS_KEPT
