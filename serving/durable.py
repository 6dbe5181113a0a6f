"""Files that are whole on disk before anything relies on them."""

import os
from pathlib import Path


def write_to_disk(path: Path) -> None:
    """Have the file or folder on disk, not only on its way there."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def half_of(file: Path) -> Path:
    """Return the name that a file has while it is written; what is left is cleared."""
    return file.with_name(f".new.{file.name}")


def put_in_place(file: Path) -> None:
    """Replace a file by its new half, at once and for good."""
    half = half_of(file)
    write_to_disk(half)
    half.replace(file)
    write_to_disk(file.parent)
