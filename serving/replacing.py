"""Files that appear whole: written beside, then put in the place of the old one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.errors import CommandError


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
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
        temporary.touch()
        try:
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
