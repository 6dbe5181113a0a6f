"""A part of a large csv, for what can be found out without reading all of it."""

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from clustering.core.contract import Files
from clustering.core.files import replacing
from clustering.core.input.copies import copies_folder

# Bytes of a table from which on it is sampled, and of the lines that are read then:
# so many parts, at equal distances, and in each file one at least.
LARGE = 1 << 29
PARTS = 128
PART_BYTES = 1 << 20
PLAIN = (".csv", ".tsv", ".txt")


def sample_of(
    files: Files, *, large: int = LARGE, folder: Path | None = None
) -> tuple[Files, float] | None:
    """Return files with some of the lines, and how many times as large the whole is.

    Parameters
    ----------
    files : Files
        The table. Only csv that is not compressed is sampled, and only what is large;
        else there is no sample.
    large : int
        Bytes from which on it is sampled.
    folder : Path or None
        Where the lines are copied to; None: the data folder.
    """
    sizes = {path: Path(path).stat().st_size for path in files.paths}
    total = sum(sizes.values())
    is_plain = all(Path(path).suffix.lower() in PLAIN for path in files.paths)
    if files.format != "csv" or not is_plain or total < large:
        return None
    folder = (folder or copies_folder()) / "sampled"
    paths = []
    for path, size in sizes.items():
        parts = max(1, round(PARTS * size / total))
        place = sha256(path.encode()).hexdigest()[:12]
        target = folder / f"{place}{Path(path).suffix}"
        with replacing(target) as temporary, temporary.open("wb") as copy:
            copy.writelines(_lines_of(Path(path), size, parts))
        paths.append(str(target))
    sampled = sum(Path(path).stat().st_size for path in paths)
    originals = tuple(map(files.original, files.paths))
    return replace(files, paths=tuple(paths), originals=originals), total / sampled


def _lines_of(file: Path, size: int, parts: int) -> Iterator[bytes]:
    """Yield the header, and whole lines from parts at equal distances."""
    with file.open("rb") as content:
        yield content.readline()
        begin = content.tell()
        step = max(PART_BYTES, (size - begin) // parts)
        for place in range(begin, size, step):
            if content.tell() < place:
                content.seek(place - 1)
                content.readline()  # the rest of a line that began before
            yield content.read(PART_BYTES)
            yield content.readline()
