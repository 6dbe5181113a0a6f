"""What `clustering validate` prints: tables, columns, and keys in common."""

from collections.abc import Generator, Iterable, Mapping

from rich import box
from rich.console import Console
from rich.table import Table

from clustering.core.input import RawInput
from clustering.core.input.report import Coverage, TableReport
from clustering.core.words import label
from clustering.presentation.words import percent


def show_input(opened: RawInput, console: Console) -> None:
    """Print what the raw tables are like, in tables of at most 80 columns."""
    # lines are for people at a screen; another program gets aligned text
    lines = box.SIMPLE_HEAD if console.is_terminal else None
    console.print(_tables(opened.tables, lines))
    if opened.coverages:
        console.print()
        console.print(_joins(opened.coverages, lines))
    for report in opened.tables:
        if report.first_day:
            line = f"{report.name}: periods {report.first_day} to {report.last_day}"
            console.print(line, highlight=False)
    for note in opened.notes:
        console.print(str(note), highlight=False, soft_wrap=True)


def _new_table(lines: box.Box | None) -> Table:
    return Table(box=lines, pad_edge=False, padding=(0, 1, 0, 0))


def _tables(reports: Iterable[TableReport], lines: box.Box | None) -> Table:
    table = _new_table(lines)
    table.add_column("table", no_wrap=True)
    table.add_column("files", justify="right")
    table.add_column("rows", justify="right")
    table.add_column("columns used")
    table.add_column("columns unused, and why")
    for report in reports:
        table.add_row(
            report.name,
            f"{report.file_count:,}",
            f"{report.row_count:,}",
            ", ".join(report.used),
            "\n".join(_by_reason(report.unused)),
        )
    return table


def _by_reason(unused: Mapping[str, str]) -> Generator[str]:
    """Yield the columns that are not used for the same reason, as ``reason: A, B``."""
    for code in dict.fromkeys(unused.values()):
        names = ", ".join(name for name in unused if unused[name] == code)
        yield f"{label('unused_column', code)}: {names}"


def _joins(coverages: Iterable[Coverage], lines: box.Box | None) -> Table:
    table = _new_table(lines)
    for name in ("column", "of", "in"):
        table.add_column(name, no_wrap=True)
    for name in ("keys", "in both", "of sales"):
        table.add_column(name, justify="right")
    table.add_column("missing")
    for coverage in coverages:
        share = coverage.common_sales_share
        table.add_row(
            coverage.column,
            coverage.table,
            coverage.other_table,
            f"{coverage.key_count:,}",
            f"{coverage.common_count:,}",
            "" if share is None else percent(share, decimals=1),
            ", ".join(coverage.examples),
        )
    return table
