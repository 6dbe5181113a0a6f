"""Input, marts and workbooks have the same sales, to the cent and beyond."""

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from clustering.export.files import export_workbooks
from clustering.queries.selection import Selection
from clustering.store.runs import PublishedRun, current_run
from tests.conftest import run_clustering
from tests.workbooks import GRIDS, ReadBook, check_formulas, levels_of

CENT = Decimal("0.01")
DIMENSIONS = {
    "Need states": "NEED_STATE",
    "CDT": "CDT",
    **{f"Attribute {number}": f"ATTRIBUTE_{number}" for number in range(1, 7)},
}
SIDES = {"final": "cluster_id", "internal": "internal_cluster"}


def open_input(raw: Path, published: Path) -> duckdb.DuckDBPyConnection:
    """Return a view of the input's rows that count, with their stores' clusters.

    Everything is computed from the files, and not as the pipeline does: a SKU's sales
    are split here at the very end.
    """
    connection = duckdb.connect()
    need_states = next(raw.glob("need_state.*"))
    reader = (
        f"read_csv('{need_states}', all_varchar = true)"
        if need_states.suffix == ".csv"
        else f"'{need_states}'"
    )
    connection.execute(f"create table need_states as from {reader}")
    connection.execute(
        "create table sales as"
        " select sales.*, cluster_id, internal_cluster,"
        " TOTAL_SALES::decimal(18, 4) as s"
        f" from '{raw}/internal_sales.parquet' as sales"
        f" inner join '{published}/store_clusters.parquet' as clusters"
        " on clusters.store_id = STORE_NBR and clusters.category = CAT_DSC"
        " where SKU_NBR in (select PRODUCT_ID from need_states)"
    )
    return connection


def sales_by_level(
    connection: duckdb.DuckDBPyConnection, column: str, side: str
) -> dict[tuple[str, str, str], float]:
    """Return {(category, cluster, level): sales} of the input."""
    rows = connection.sql(
        f"""
        with parts as (
            select *, count(*) over (partition by PRODUCT_ID, CATEGORY) as n
            from need_states
        )
        select
            CAT_DSC,
            {SIDES[side]}::varchar,
            coalesce(nullif(trim({column}::varchar), ''), '(none)'),
            sum(s::double / n)
        from sales
        inner join parts on PRODUCT_ID = SKU_NBR and CATEGORY = CAT_DSC
        group by all
        """
    ).fetchall()
    return {
        (category, cluster, level): sales for category, cluster, level, sales in rows
    }


def exact_total(connection: duckdb.DuckDBPyConnection) -> Decimal:
    return connection.sql("select sum(s) from sales").fetchall()[0][0]


def mart_totals(published: Path) -> dict[str, Decimal]:
    """Return the total of every mart that has one."""
    used = f"'{published}/input_reconciliation.parquet' where sales_used is not null"
    totals = {
        "input_reconciliation": duckdb.sql(f"select sum(sales_used) from {used}"),
        "store_clusters": duckdb.sql(
            f"select sum(sales) from '{published}/store_clusters.parquet'"
        ),
        "cluster_summary": duckdb.sql(
            f"select sum(sales) from '{published}/cluster_summary.parquet'"
        ),
    }
    found = {name: result.fetchall()[0][0] for name, result in totals.items()}
    by_dimension = duckdb.sql(
        "select side, dimension, sum(sales)"
        f" from '{published}/cluster_sales.parquet' group by all"
    ).fetchall()
    return found | {f"{side} {name}": sales for side, name, sales in by_dimension}


def read_workbooks(run: PublishedRun, folder: Path) -> dict[str, ReadBook]:
    files = export_workbooks(run, Selection(), output=folder)
    return {file.stem: ReadBook(file) for file in files}


def check_grids(
    books: dict[str, ReadBook], connection: duckdb.DuckDBPyConnection, *, cents: float
) -> int:
    """Compare every cell of every grid with the input; return how many there are."""
    compared = 0
    columns = {name for name, *_ in connection.sql("describe need_states").fetchall()}
    present = {sheet: name for sheet, name in DIMENSIONS.items() if name in columns}
    for sheet, column in present.items():
        for side in SIDES:
            wanted = sales_by_level(connection, column, side)
            found = {
                (category, cluster, level): sales
                for category, book in books.items()
                if sheet in book.shown.sheetnames
                for cluster, cells in book.grid(sheet, side).items()
                if cluster != "All"
                for level, sales in levels_of(cells).items()
            }
            for place, sales in found.items():
                assert abs(sales - wanted.get(place, 0)) < cents, (sheet, place)
            absent = {place[2] for place in wanted if place not in found}
            # what is not there is a dimension that the category does not have
            assert absent <= {"(none)"}
            compared += len(found)
    return compared


def check_controls(books: dict[str, ReadBook], total: Decimal) -> None:
    """Every sheet of grids has all sales, and each of its columns differs by 0.00."""
    for sheet in ("Need states", "CDT", "Attribute 1"):
        for side in SIDES:
            grids = [book.grid(sheet, side) for book in books.values()]
            sums = [Decimal(repr(grid["All"]["Total"])) for grid in grids]
            assert sum(sums).quantize(CENT) == total.quantize(CENT)
            for grid in grids:
                assert {cells["Difference"] for cells in grid.values()} == {0}


@pytest.fixture(scope="module")
def iowa_books(iowa_published, tmp_path_factory):
    run = current_run(iowa_published)
    return read_workbooks(run, tmp_path_factory.mktemp("workbooks"))


@pytest.fixture(scope="module")
def iowa_input(iowa_folder, iowa_published):
    return open_input(iowa_folder, iowa_published)


def test_marts_have_the_sales_of_the_input_exactly(iowa_input, iowa_published):
    totals = mart_totals(iowa_published)
    assert len(totals) == 3 + 2 * 7  # Iowa has no ATTRIBUTE_6
    assert set(totals.values()) == {exact_total(iowa_input)}


def test_workbooks_have_the_sales_of_the_input_to_the_cent(iowa_books, iowa_input):
    assert len(iowa_books) == 9
    check_controls(iowa_books, exact_total(iowa_input))


def test_every_cell_of_a_grid_is_the_sum_of_its_input_rows(iowa_books, iowa_input):
    assert check_grids(iowa_books, iowa_input, cents=0.005) > 5_000


@pytest.mark.parametrize("category", ["COCKTAIL", "LIQUEUR"])
def test_formulas_show_what_they_come_to(iowa_books, category):
    assert check_formulas(iowa_books[category]) > 1_000


def test_sheets_are_those_of_the_dimensions_that_iowa_has(iowa_books):
    for book in iowa_books.values():
        grids = [name for name in book.shown.sheetnames if name in GRIDS]
        assert grids == list(GRIDS[:-1])


@pytest.fixture(scope="module")
def awkward_folder(small_folder, tmp_path_factory) -> Path:
    """Tenths of cents, SKUs of three need states, and attributes of odd kinds."""
    raw = tmp_path_factory.mktemp("awkward") / "raw"
    raw.mkdir()
    source = str(small_folder)
    tables = {
        "store_attributes": f"from '{source}/store_attributes.parquet'",
        "external_sales": f"from '{source}/external_sales.parquet'",
        # one in two SKUs gets a third need state, or a second one and a third
        "need_state": f"""
            with clean as (
                select distinct on (PRODUCT_ID, NEED_STATE) *
                from '{source}/need_state.parquet'
                where PRODUCT_ID <> '' and CATEGORY <> '' and NEED_STATE <> ''
                order by all
            ),
            names as (select distinct CATEGORY, NEED_STATE from clean),
            more as (
                select distinct clean.* replace (names.NEED_STATE as NEED_STATE)
                from clean
                inner join names using (CATEGORY)
                where
                    PRODUCT_ID::int % 2 = 0
                    and (PRODUCT_ID::int + length(names.NEED_STATE)) % 3 = 0
            )
            select distinct on (PRODUCT_ID, NEED_STATE)
                PRODUCT_ID, CATEGORY, NEED_STATE,
                case when PRODUCT_ID::int % 5 > 0 then CDT end as CDT,
                PRODUCT_ID::int % 4 as ATTRIBUTE_1,
                null::integer as ATTRIBUTE_2,
                '=' || ATTRIBUTE_3 as ATTRIBUTE_3
            from (from clean union all by name from more)
            order by all
        """,
        "internal_sales": f"""
            select distinct on (STORE_NBR, SKU_NBR, PERIOD_START)
                * replace (round(TOTAL_SALES / 7, 4) as TOTAL_SALES)
            from '{source}/internal_sales.parquet'
            where
                isfinite(TOTAL_SALES) and TOTAL_SALES > 1
                and STORE_NBR <> '' and (SKU_NBR, CAT_DSC) in (
                    select (PRODUCT_ID, CATEGORY) from '{source}/need_state.parquet'
                )
            order by all
        """,
    }
    for name, query in tables.items():
        duckdb.sql(query).write_parquet(str(raw / f"{name}.parquet"))
    return raw


@pytest.fixture(scope="module")
def awkward_published(awkward_folder) -> Path:
    data = awkward_folder.parent
    result = run_clustering("run", "--param", "bootstrap_resamples=2", data=data)
    assert result.returncode == 0, result.stderr
    return data / "published"


@pytest.fixture(scope="module")
def awkward_input(awkward_folder, awkward_published):
    return open_input(awkward_folder, awkward_published)


def test_tenths_of_cents_and_thirds_of_them_add_up_exactly(
    awkward_input, awkward_published
):
    total = exact_total(awkward_input)
    assert total != total.quantize(CENT)
    thirds = awkward_input.sql(
        "select PRODUCT_ID from need_states group by 1 having count(*) = 3"
    ).fetchall()
    assert len(thirds) > 3
    totals = mart_totals(awkward_published)
    # an attribute without any value is no dimension
    assert len(totals) == 3 + 2 * 4
    assert set(totals.values()) == {total}


def test_workbooks_of_them_agree_to_the_cent(
    awkward_input, awkward_published, tmp_path
):
    books = read_workbooks(current_run(awkward_published), tmp_path)
    check_controls(books, exact_total(awkward_input))
    assert check_grids(books, awkward_input, cents=0.005) > 100
    for book in books.values():
        assert check_formulas(book) > 100
        assert "Attribute 2" not in book.shown.sheetnames
