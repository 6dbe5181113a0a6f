"""Write files so that nothing reads them half-written, and hash them."""

import hashlib
import os
import re
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from clustering.core.errors import CommandError


def write_to_disk(path: Path) -> None:
    """Flush a file or folder to disk."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def half_of(file: Path) -> Path:
    """Return the temporary name of a file; leftovers of it are cleared later."""
    return file.with_name(f".new.{file.name}")


def hash_file(file: Path) -> str:
    """Return the SHA-256 of a file's contents, in hexadecimal."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def renew(
    target: Path, write: Callable[[Path], object], *, is_copy: Callable[[str], bool]
) -> None:
    """Write a copy, and remove those that were made of earlier states.

    Parameters
    ----------
    target : Path
        The copy.
    write : callable
        Writes it under the name that it is given.
    is_copy : callable
        Whether a name in the same folder is that of a copy, of whatever state.
    """
    with replacing(target) as temporary:
        write(temporary)
    for other in target.parent.iterdir():
        if other != target and is_copy(other.name):
            other.unlink(missing_ok=True)


@contextmanager
def replacing(target: Path) -> Generator[Path]:
    """Yield a name beside ``target``; what is written there takes its place.

    Parameters
    ----------
    target : Path
        The file; its folder is made.

    Raises
    ------
    CommandError
        If it cannot be written; what was there stays, and nothing is left beside it.
    """
    temporary = target.with_name(f".{os.getpid()}.{target.name}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _clear_leftovers(target)
        try:
            temporary.touch()
            yield temporary
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except FileExistsError:
        message = f"cannot write {target}: {target.parent} is no folder"
        raise CommandError(message) from None
    except OSError as error:
        message = f"cannot write {target}: {error.strerror or error}"
        raise CommandError(message) from None


def _clear_leftovers(target: Path) -> None:
    """Remove what processes that were killed have left of this file."""
    # what DuckDB has not yet renamed begins with tmp_
    name = re.compile(rf"(tmp_)?\.(\d+)\.{re.escape(target.name)}")
    for file in target.parent.iterdir():
        if (found := name.fullmatch(file.name)) and not _is_running(int(found[2])):
            file.unlink(missing_ok=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True


def share_like(folder: Path) -> None:
    """Let what is in a folder be read by those who may enter it."""
    mode = folder.stat().st_mode & 0o755 | 0o700
    for place in folder.rglob("*"):
        wanted = mode if place.is_dir() else mode & 0o666
        if place.stat().st_mode & 0o777 != wanted:  # others may own what is right
            place.chmod(wanted)
