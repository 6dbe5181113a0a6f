"""What the raw tables are like: their files, rows, columns, and keys in common."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from clustering.core import sql


class Note(NamedTuple):
    """What is odd about a table, and stops no run."""

    table: str
    text: str

    def __str__(self) -> str:
        """Return it as one line."""
        return f"{self.table}: {self.text}"


@dataclass(frozen=True)
class TableReport:
    """What the check of the input saw of one raw table.

    Parameters
    ----------
    name : str
        The table.
    file_count, row_count : int
        Its files, and the rows in them.
    used : tuple of str
        Columns that the pipeline reads.
    unused : mapping
        Why each other column is not read: a code of the group ``unused_column`` of
        words.yml.
    first_day, last_day : date or None
        The first and the last period; None where it has none.
    """

    name: str
    file_count: int
    row_count: int
    used: tuple[str, ...]
    unused: Mapping[str, str]
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True)
class Coverage:
    """How far the keys of one table are in another one.

    Parameters
    ----------
    table, column : str
        Whose keys they are.
    other_table, other_column : str
        Where they should be.
    key_count, missing_count : int
        Different keys, and those that the other table lacks.
    sales, missing_sales : Decimal or None
        Sales above 0, in currency, of all keys and of the missing ones; None where the
        table has no sales.
    examples : tuple of str
        Two of the missing ones.
    """

    table: str
    column: str
    other_table: str
    other_column: str
    key_count: int
    missing_count: int
    sales: Decimal | None
    missing_sales: Decimal | None
    examples: tuple[str, ...]

    @property
    def common_count(self) -> int:
        """Keys that are in both tables."""
        return self.key_count - self.missing_count

    @property
    def common_sales_share(self) -> float | None:
        """Share of the sales, 0 to 1, that is of keys in both tables."""
        if not self.sales or self.missing_sales is None:
            return None
        return float(1 - self.missing_sales / self.sales)


def say_missing(coverage: Coverage) -> str:
    """Return how many stores another table lacks, in words."""
    share = coverage.common_sales_share
    of_sales = "" if share is None else f" ({100 * (1 - share):.1f} % of sales)"
    return (
        f"{coverage.missing_count} of {coverage.key_count} stores{of_sales} are not in"
        f" {coverage.other_table}, such as"
        f" {', '.join(map(sql.text, coverage.examples))}"
    )


def say_sampled(row_count: int, times: float) -> str:
    """Return that some rows were looked at, in words.

    >>> say_sampled(1_000, 20.0)
    'sampled: 1,000 of about 20,000 rows were looked at; a run reads all of them'
    """
    return (
        f"sampled: {row_count:,} of about {round(row_count * times):,} rows were looked"
        " at; a run reads all of them"
    )


def write_views(coverages: Iterable[Coverage], notes: Iterable[Note]) -> dict[str, str]:
    """Return the queries of two views that have this as rows, for models to read."""
    return {
        "input_coverage": _query_of(
            {
                "source_table": "varchar",
                "source_column": "varchar",
                "other_table": "varchar",
                "other_column": "varchar",
                "key_count": "bigint",
                "missing_count": "bigint",
                "sales": "decimal(38, 4)",
                "missing_sales": "decimal(38, 4)",
                "examples": "varchar",
            },
            (
                [*astuple(coverage)[:-1], ", ".join(coverage.examples) or None]
                for coverage in coverages
            ),
        ),
        "input_notes": _query_of(
            {"source_table": "varchar", "note_number": "integer", "note": "varchar"},
            ([note.table, n, note.text] for n, note in enumerate(notes, start=1)),
        ),
    }


def _query_of(types: Mapping[str, str], rows: Iterable[Sequence[object]]) -> str:
    """Return the query of a table that is written down in it."""
    columns = ", ".join(f"{name}::{type_} as {name}" for name, type_ in types.items())
    values = [f"({', '.join(map(_literal, row))})" for row in rows]
    nothing = f"({', '.join(['null'] * len(types))})"
    return (
        f"select {columns} from (values {', '.join(values or [nothing])})"
        f" as written({', '.join(types)})" + ("" if values else " where false")
    )


def _literal(value: object) -> str:
    return "null" if value is None else sql.text(str(value))
