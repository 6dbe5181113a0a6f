"""What is wrong with a file that cannot be read: its kind, the line, and a remedy."""

import csv
import gzip
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO, cast

import duckdb

from clustering.core import sql
from clustering.core.contract import Files
from clustering.core.errors import InputError

DELIMITERS = ",;\t|"
# How files begin that are no csv.
KINDS = {
    b"PK\x03\x04": ("an Excel workbook (or another zip file)", "save its sheet as csv"),
    b"\xd0\xcf\x11\xe0": ("an old Excel workbook", "save its sheet as csv"),
    b"PAR1": ("a parquet file", "call it .parquet"),
    b"\x1f\x8b": ("compressed with gzip", "call it .csv.gz"),
    b"\xff\xfe\0\0": ("text in UTF-32", "save it in UTF-8"),
    b"\xff\xfe": ("text in UTF-16", "save it in UTF-8"),
    b"\xfe\xff": ("text in UTF-16", "save it in UTF-8"),
    b"%PDF": ("a PDF", "export the table as csv"),
    b"<": ("a page of HTML or XML", "export the table as csv"),
    b"{": ("JSON", "export the table as csv"),
    b"[{": ("JSON", "export the table as csv"),
    b"version https://git-lfs": (
        "a pointer of Git LFS, not the file",
        "fetch it with git lfs pull",
    ),
}
LONGEST = max(map(len, KINDS))
# How compressed files begin.
PACKED = {".gz": b"\x1f\x8b", ".zst": b"\x28\xb5\x2f\xfd"}
MAGIC = b"PAR1"  # the first and the last bytes of parquet


def find_defect(files: Files) -> InputError | None:
    """Return what is wrong with the first of some files; None where nothing is."""
    for path in files.paths:
        look = _look_at_parquet if files.format == "parquet" else _look_at_csv
        defect = look(Path(path))
        if defect:
            problem, remedy = defect
            return InputError(f"{files.original(path)}: {problem}; {remedy}")
    return None


def reason_of(error: duckdb.Error) -> str:
    """Say in a few words why DuckDB cannot read a file of no known defect."""
    said = str(error)
    if "sniffing" in said:
        return "its separator, quotes or line ends are not the same in all lines"
    first = said.partition("\n")[0].strip()
    return re.sub(r"^(?:\w+ )*(?:Error|Exception): ", "", first)


def read_header(path: str) -> list[str] | None:
    """Return the names in the first line of a csv; None where it cannot be read."""
    try:
        with _open(Path(path)) as file:
            line = file.readline().decode("utf-8-sig")
        return next(csv.reader([line], delimiter=_delimiter(line)), None)
    except (OSError, EOFError, UnicodeDecodeError, csv.Error):
        return None


def _look_at_parquet(file: Path) -> tuple[str, str] | None:
    with file.open("rb") as content:
        begin = content.read(4)
        content.seek(-min(4, file.stat().st_size), 2)
        end = content.read(4)
    if begin != MAGIC:
        kind, _ = _kind_of(begin) or ("no parquet", "")
        return f"it is {kind}", "write it as parquet, or name it for what it is"
    if end != MAGIC:
        return "the file was cut off: its last part is missing", "copy it again"
    return None


def _look_at_csv(file: Path) -> tuple[str, str] | None:
    name = file.name.lower()
    with file.open("rb") as content:
        begin = content.read(LONGEST)
    packed = next((end for end in PACKED if name.endswith(end)), None)
    if packed and not begin.startswith(PACKED[packed]):
        return f"it is not compressed as {packed} says", "name it for what it is"
    if not packed and (kind := _kind_of(begin)):
        what, remedy = kind
        return f"it is {what}", remedy
    if packed == ".zst":
        return None
    try:
        return _bad_bytes(file) or _ragged(file) or _line_ends(file)
    except (OSError, EOFError):  # of gzip
        return "the compressed file was cut off, or is damaged", "copy it again"


def _kind_of(begin: bytes) -> tuple[str, str] | None:
    return next((KINDS[one] for one in KINDS if begin.startswith(one)), None)


def _open(file: Path) -> BinaryIO:
    is_zip = file.name.lower().endswith(".gz")
    return cast("BinaryIO", gzip.open(file)) if is_zip else file.open("rb")


def _line_ends(file: Path) -> tuple[str, str] | None:
    """Return the first line that ends as no other does, or in its middle."""
    with _open(file) as content:
        is_windows = content.readline().endswith(b"\r\n")
        for number, line in enumerate(content, start=2):
            if line.endswith(b"\n") and b"\r" in line.rstrip(b"\r\n"):
                return (
                    f"line {number} has a carriage return (CR) before its end",
                    "write the file again with line ends outside quotes",
                )
            if line.endswith(b"\n") and line.endswith(b"\r\n") != is_windows:
                return (
                    f"line {number} ends in another way than those above (LF, CRLF)",
                    "save it with line ends of one kind, as by dos2unix",
                )
    return None


def _bad_bytes(file: Path) -> tuple[str, str] | None:
    with _open(file) as content:
        for number, line in enumerate(content, start=1):
            if b"\0" in line:
                return (
                    f"line {number} has NUL bytes, which are no text",
                    "write the file again, or remove them",
                )
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                return (
                    f"line {number} has the byte 0x{line[error.start]:02x}, which is no"
                    " UTF-8 (the file may be in latin-1 or cp1252)",
                    "save it in UTF-8, as by iconv -f cp1252 -t utf-8",
                )
    return None


def _ragged(file: Path) -> tuple[str, str] | None:
    """Return the first record that has not as many fields as the header."""
    with _open(file) as content:
        lines = [content.readline().decode("utf-8-sig")]
        delimiter = _delimiter(lines[0])
        texts = _remembered((line.decode() for line in content), lines)
        reader = csv.reader(chain(lines[:1], texts), delimiter=delimiter, strict=True)
        wanted, begun = 0, 1
        try:
            for row in reader:
                wanted = wanted or len(row)
                if row and len(row) != wanted:
                    return _explain(lines[0], begun, len(row), wanted)
                begun = reader.line_num + 1
        except csv.Error as error:
            return _explain(lines[0], begun, None, wanted, said=str(error))
    return None


def _remembered(texts: Iterable[str], last: list[str]) -> Iterator[str]:
    """Yield texts; the last one stays in the list."""
    for text in texts:
        last[0] = text
        yield text


def _explain(
    line: str, number: int, found: int | None, wanted: int, *, said: str = ""
) -> tuple[str, str]:
    if '\\"' in line:
        return (
            f'line {number} has a quote with a backslash before it (\\")',
            'write a quote within quotes twice: ""',
        )
    if found is None:
        problem = (
            "are not closed" if "field limit" in said else f"are not as in csv ({said})"
        )
        return (
            f"the quotes of line {number} {problem}",
            "close them, and write a quote within quotes twice",
        )
    shown = sql.text(line.strip()[:40])
    if not line.endswith("\n") and found < wanted:
        return (
            f"the file was cut off in line {number}: {shown} has {found} of {wanted}"
            " columns",
            "copy or export it again",
        )
    return (
        f"line {number} has {found} column{'s' * (found != 1)}, wanted {wanted} as in"
        f" the header: {shown}",
        "correct or remove that line; a text that has the separator needs quotes",
    )


def _delimiter(line: str) -> str:
    return max(DELIMITERS, key=line.count)
