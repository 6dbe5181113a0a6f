"""`clustering map`: guess how the files of a folder are the raw tables."""

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
import yaml
from rich.console import Console
from rich.table import Table

from clustering.cli.screen import new_console
from clustering.core.contract import read_contract
from clustering.core.environments import DEFAULT
from clustering.core.errors import ArgumentError, InputError
from clustering.core.files import replacing
from clustering.core.mapping import is_duckdb_file
from clustering.core.paths import DBT_PROJECT

if TYPE_CHECKING:
    from clustering.core.input.guesses import Found, Guess, Guessed
    from clustering.core.mapping import Mapping

WIDTH = 80
# The section of an environment's file, up to the next key.
SECTION = re.compile(r"^input:.*\n(?:[ \t].*\n|\n)*", re.MULTILINE)


def map_input(
    folder: Annotated[
        Path | None,
        typer.Argument(
            help="Folder of your files, of any names: csv, parquet or xlsx.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            help="In place of a folder, a DuckDB file, or a PostgreSQL database: the"
            " name of the environment variable that has its connection string."
        ),
    ] = None,
    schema: Annotated[
        str | None,
        typer.Option(
            help="Schema of the database that has the tables: public, or in a DuckDB"
            " file main."
        ),
    ] = None,
    write: Annotated[
        Path | None,
        typer.Option(
            help="Environment file to write the mapping to, such as configs/mine.yml;"
            " without it, the mapping is printed."
        ),
    ] = None,
) -> None:
    """Work out which of your files and columns are the input, and write it down.

    It looks at names and contents, and changes nothing but the file that it writes.
    """
    if write is not None and write.suffix != ".yml":
        raise ArgumentError(f"got --write {write}, expected a file NAME.yml")
    guessed = _guess(folder, database, schema)
    console = new_console()
    console.print(_table(guessed))
    for note in guessed.notes:
        console.print(note, highlight=False, soft_wrap=True)
    text = _section(guessed.mapping)
    if write is None:
        console.print(text, highlight=False, soft_wrap=True)
    else:
        _write(text, write)
    if guessed.problem:
        raise InputError(f"{guessed.problem} in {write or 'the environment file'}")
    if write is not None:
        _say_next(write, console)


def _guess(folder: Path | None, database: str | None, schema: str | None) -> "Guessed":
    from clustering.core.input.guesses import guess_database, guess_mapping

    with tempfile.TemporaryDirectory() as copies:
        if database is not None and folder is None:
            is_file = is_duckdb_file(database)
            return guess_database(
                str(Path(database).resolve()) if is_file else database,
                schema=schema or ("main" if is_file else "public"),
                copies=Path(copies),
            )
        if folder is None or database is not None:
            raise ArgumentError("expected either a FOLDER or --database VARIABLE")
        return guess_mapping(
            folder.resolve(),
            contract=[table.name for table in read_contract(DBT_PROJECT)],
            copies=Path(copies),
        )


def _table(guessed: "Guessed") -> Table:
    """Return what was found: each column, its name there, and why."""
    table = Table(width=WIDTH)
    table.add_column("column", no_wrap=True)
    table.add_column("is yours", overflow="fold")
    table.add_column("because", overflow="fold")
    for name, found in guessed.found.items():
        table.add_section()
        table.add_row(name, found.table.title, _remarks(found), style="bold")
        for column, one in found.columns.items():
            table.add_row(f"  {column}", one.column.name, f"{one.why}{_doubt(one)}")
        if features := found.features_shown:
            names = ", ".join(feature.name for feature in features)
            table.add_row("  features", names, f"its {len(features)} other columns")
    return table


def _doubt(guess: "Guess") -> str:
    """Return that a guess is not sure, and which column comes next."""
    if guess.is_sure:
        return ""
    is_other = guess.other is not None and guess.other is not guess.column
    return f" (not sure; or {guess.other.name})" if is_other else " (not sure)"


def _remarks(found: "Found") -> str:
    return "equal rows once" if found.distinct else ""


def _section(mapping: "Mapping") -> str:
    content = mapping.model_dump(mode="json", exclude_defaults=True)
    return yaml.safe_dump(
        {"input": content}, sort_keys=False, allow_unicode=True, width=WIDTH
    )


def _write(text: str, file: Path) -> None:
    """Put the section into an environment's file, in place of the one it has."""
    if file.exists():
        before = SECTION.sub("", file.read_text()).rstrip("\n")
        whole = f"{before}\n\n{text}"
    else:
        whole = f"extends: {DEFAULT}\n\ndata_dir: data/{file.stem}\n\n{text}"
    with replacing(file) as temporary:
        temporary.write_text(whole)


def _say_next(file: Path, console: Console) -> None:
    is_ours = file.resolve().parent == (DBT_PROJECT.parent / "configs").resolve()
    option = f"--env {file.stem}" if is_ours else f"--config {file}"
    console.print(
        f"written to {file}; next: clustering run {option}",
        highlight=False,
        soft_wrap=True,
    )
