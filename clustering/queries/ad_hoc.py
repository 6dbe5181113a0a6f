"""SELECT statements over the tables of a run that somebody else wrote.

Two barriers, each enough by itself: the statement is parsed, and has to be one query of
tables that the run has; and it runs where nothing else can be reached, see
:mod:`clustering.queries.confined`. What runs is what was parsed, written anew, so that
no text means one thing to the parser and another to DuckDB.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clustering.core.errors import ArgumentError
from clustering.core.extras import not_installed
from clustering.queries.confined import run_confined
from clustering.store.runs import PublishedRun

if TYPE_CHECKING:
    from sqlglot.expressions import Expr

MOST_ROWS = 200
SECONDS = 10.0
# Functions that look out of the tables, or wait.
REFUSED_FUNCTIONS = frozenset(
    {"current_setting", "currval", "getenv", "getvariable", "nextval", "pg_sleep"}
    | {"sleep_ms", "write_log"}
)
TABLE_FUNCTIONS = ("GenerateSeries", "Unnest")


@dataclass(frozen=True)
class Answer:
    """What a statement selects.

    Parameters
    ----------
    rows : list of dict
        At most `MOST_ROWS`, by column.
    sql : str
        The statement that ran.
    tables : tuple of str
        Tables of the run that it reads.
    is_cut : bool
        Whether there are more rows.
    """

    rows: list[dict[str, Any]]
    sql: str
    tables: tuple[str, ...]
    is_cut: bool


def ask(run: PublishedRun, statement: str, *, seconds: float = SECONDS) -> Answer:
    """Return the first rows that a statement selects from the tables of a run.

    Parameters
    ----------
    run : PublishedRun
        The run; no other file is read.
    statement : str
        One SELECT, in the dialect of DuckDB.
    seconds : float
        Time that it may take.

    Raises
    ------
    ArgumentError
        If it is no single SELECT of the run's tables, is wrong, or takes too long.
    SettingsError
        If sqlglot is not installed.
    """
    views = run.read("select lower(view_name) as name from duckdb_views()")["name"]
    tables = check(statement, known=run.tables, taken=frozenset(views))
    checked = _parse(statement).sql(dialect="duckdb", comments=False)
    rows = run_confined(run.database, checked, rows=MOST_ROWS + 1, seconds=seconds)
    return Answer(rows[:MOST_ROWS], checked, tables, is_cut=len(rows) > MOST_ROWS)


def check(
    statement: str, *, known: frozenset[str], taken: frozenset[str]
) -> tuple[str, ...]:
    """Return the tables that a statement reads, if it may run.

    Parameters
    ----------
    statement : str
        What is to run.
    known : frozenset of str
        Tables that it may read.
    taken : frozenset of str
        Names of DuckDB's own views, which it may not give to others by WITH.

    Raises
    ------
    ArgumentError
        If it is no single SELECT of these tables.

    Examples
    --------
    >>> tables = {"known": frozenset({"run"}), "taken": frozenset()}
    >>> check("with one as (from run) select * from one", **tables)
    ('run',)
    >>> check("drop table run", **tables)
    Traceback (most recent call last):
    clustering.core.errors.ArgumentError: got DROP, expected one SELECT
    """
    from sqlglot import exp

    tree = _parse(statement)
    defined = {one.alias_or_name.lower() for one in tree.find_all(exp.CTE)}
    if hidden := sorted(defined & (taken | known)):
        raise ArgumentError(f"{hidden[0]!r} is a table; use another name in WITH")
    for function in tree.find_all(exp.Anonymous):
        if function.name.lower() in REFUSED_FUNCTIONS:
            raise ArgumentError(
                f"the function {function.name.lower()} is not available"
            )
    named = set(_named_tables(tree))
    if unknown := sorted(named - known - defined):
        raise ArgumentError(
            f"no table {unknown[0]!r}; there are: {', '.join(sorted(known))}"
        )
    return tuple(sorted(named & known))


def _named_tables(tree: "Expr") -> Iterator[str]:
    """Yield the names that follow FROM and JOIN, in small letters."""
    from sqlglot import exp

    for table in tree.find_all(exp.Table):
        if isinstance(table.this, exp.Identifier):
            if table.db.lower() not in ("", "main") or table.catalog:
                raise ArgumentError(f"got {table.sql()[:60]}, expected a table's name")
            yield table.name.lower()
        elif type(table.this).__name__ not in TABLE_FUNCTIONS:
            says = table.this.sql(dialect="duckdb")[:60]
            raise ArgumentError(f"got {says} in FROM, expected a table")


def _parse(statement: str) -> "Expr":
    """Return the tree of the one SELECT that a text is."""
    try:
        import sqlglot
        from sqlglot import exp
    except ModuleNotFoundError:
        raise not_installed(
            "a query", "sqlglot", extra="mcp", in_checkout="make .venv/mcp"
        ) from None
    try:
        trees = [tree for tree in sqlglot.parse(statement, read="duckdb") if tree]
    except (sqlglot.errors.SqlglotError, RecursionError) as error:
        said = " ".join(str(error).split())
        raise ArgumentError(f"cannot read the SQL: {said[:200]}") from None
    if len(trees) != 1:
        raise ArgumentError(f"got {len(trees)} statements, expected one SELECT")
    [tree] = trees
    if not isinstance(tree, exp.Query) or tree.find(exp.DML, exp.DDL, exp.Into):
        raise ArgumentError(f"got {tree.key.upper()}, expected one SELECT")
    return tree
