"""Invalid input: one clear line, a non-zero exit code, the live version untouched."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from clustering.core.paths import Paths
from tests.conftest import FEW, copy_data, parquet_bytes, run_clustering


def rewrite(table: str, select: str) -> Callable[[Path], None]:
    """Replace a table of the input by what ``select`` makes of it."""

    def spoil(raw: Path) -> None:
        path = raw / f"{table}.parquet"
        spoilt = path.with_suffix(".spoilt")
        duckdb.sql(select.format(table=f"'{path}'")).write_parquet(str(spoilt))
        spoilt.replace(path)

    return spoil


def as_csv(table: str, select: str = "from {table}") -> Callable[[Path], None]:
    """Replace a table of the input by a csv file."""

    def spoil(raw: Path) -> None:
        path = raw / f"{table}.parquet"
        duckdb.sql(select.format(table=f"'{path}'")).write_csv(
            str(path.with_suffix(".csv")), header=True
        )
        path.unlink()

    return spoil


def truncate(name: str) -> Callable[[Path], None]:
    """Leave a file of 0 bytes."""

    def spoil(raw: Path) -> None:
        (raw / name).write_bytes(b"")

    return spoil


def keep_both_formats(raw: Path) -> None:
    path = raw / "need_state.parquet"
    duckdb.sql(f"from '{path}'").write_csv(str(path.with_suffix(".csv")), header=True)


@dataclass(frozen=True)
class Case:
    """What is done to good input, and what the error line must say."""

    spoil: Callable[[Path], None]
    says: tuple[str, ...]
    options: tuple[str, ...] = ()


CASES = {
    "missing file": Case(
        lambda raw: (raw / "need_state.parquet").unlink(),
        ("no file need_state.parquet or .csv", "set INTERNAL_DATA_DIR"),
    ),
    "missing column": Case(
        rewrite("internal_sales", "select * exclude (TOTAL_SALES) from {table}"),
        ("internal_sales.parquet: column TOTAL_SALES is missing", "found STORE_NBR"),
    ),
    "text in TOTAL_SALES": Case(
        as_csv(
            "internal_sales",
            "select * replace (case when SKU_NBR is null then 'n/a'"
            " else TOTAL_SALES::varchar end as TOTAL_SALES) from {table}",
        ),
        (
            "internal_sales.csv: column TOTAL_SALES has 'n/a', wanted a number",
            "correct those",
        ),
    ),
    "text in PERIOD_START": Case(
        rewrite(
            "internal_sales", "select * replace ('week 7' as PERIOD_START) from {table}"
        ),
        ("column PERIOD_START has 'week 7', wanted a date as YYYY-MM-DD",),
    ),
    "empty file": Case(
        truncate("internal_sales.parquet"),
        ("internal_sales.parquet: the file is empty (0 bytes)", "write it again"),
    ),
    "no rows": Case(
        rewrite("need_state", "from {table} limit 0"),
        ("need_state.parquet: the table has a header but 0 rows", "write it again"),
    ),
    "one single store": Case(
        rewrite(
            "internal_sales", "select * replace ('0042' as STORE_NBR) from {table}"
        ),
        ("column STORE_NBR has one value only, '0042'", "give more of them"),
    ),
    "a category with one need state": Case(
        rewrite(
            "need_state",
            "select * replace (case when CATEGORY = 'COFFEE' then 'ANY'"
            " else NEED_STATE end as NEED_STATE) from {table}",
        ),
        (
            "column NEED_STATE has one value only, 'ANY', in category 'COFFEE'",
            "excluded_categories",
        ),
    ),
    "all-null external column": Case(
        rewrite(
            "store_attributes", "select * replace (null::double as INCOME) from {table}"
        ),
        (
            "store_attributes.parquet: column INCOME is null in every row",
            "excluded_external_columns",
        ),
    ),
    "duplicated store rows": Case(
        rewrite(
            "store_attributes",
            "from {table} union all (from {table} order by STORE_NBR limit 1)",
        ),
        ("column STORE_NBR has '0", "in 2 rows, wanted 1", "keep one row"),
    ),
    "duplicated store and category": Case(
        rewrite("external_sales", "from {table} union all from {table}"),
        ("external_sales.parquet: column STORE_NBR, CATEGORY has", "in 2 rows"),
    ),
    "store numbers given as integers": Case(
        rewrite(
            "internal_sales",
            "select * replace (STORE_NBR::integer as STORE_NBR) from {table}",
        ),
        (
            "internal_sales.parquet: column STORE_NBR is INTEGER, wanted text",
            "leading zeros ('0042') are lost in numbers and cannot be guessed back",
        ),
    ),
    "SKU numbers that lost their zeros on one side": Case(
        rewrite(
            "need_state",
            "select * replace (case when PRODUCT_ID like '%1' then '0' || PRODUCT_ID"
            " else PRODUCT_ID end as PRODUCT_ID) from {table}",
        ),
        (
            "internal_sales.parquet: column SKU_NBR has '0",
            "need_state.parquet, column PRODUCT_ID, has '00",
            "write both alike: leading zeros",
        ),
    ),
    "a category in small letters": Case(
        rewrite(
            "external_sales",
            "select * replace (CATEGORY[1] || lower(CATEGORY[2:]) as CATEGORY)"
            " from {table}",
        ),
        ("column CATEGORY has 'Coffee'", "has 'COFFEE'", "capitals"),
    ),
    "periods as integers": Case(
        rewrite(
            "internal_sales",
            "select * replace (strftime(PERIOD_START, '%Y%m%d')::integer"
            " as PERIOD_START) from {table}",
        ),
        ("column PERIOD_START is INTEGER, wanted a date", "YYYY-MM-DD"),
    ),
    "text among the numbers of a csv": Case(
        as_csv(
            "store_attributes",
            "select * replace (case when STORE_NBR = '0007' then 'N/A'"
            " else INCOME::varchar end as INCOME) from {table}",
        ),
        (
            "store_attributes.csv: column INCOME has 'N/A' among",
            "leave absent ones empty",
        ),
    ),
    "a column in both external tables": Case(
        rewrite("external_sales", "select *, 1 as income from {table}"),
        ("external_sales.parquet: column INCOME is in", "rename one of them"),
    ),
    "a table in two formats": Case(
        keep_both_formats,
        ("table need_state is there 2 times", "keep one of them"),
    ),
    "half of the sales loaded twice": Case(
        rewrite(
            "internal_sales", "from {table} union all from {table} where UNITS % 2 = 0"
        ),
        ("assert_quarantine_is_small", "half of it loaded twice"),
    ),
    "a period column left out where duplicates are refused": Case(
        rewrite("internal_sales", "select * exclude (PERIOD_START) from {table}"),
        ("assert_quarantine_is_small", "a broken extract"),
        ("--param", "sales_rows=refuse_duplicates"),
    ),
}


@pytest.fixture(scope="module")
def good_data(small_data: Paths, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_data(small_data.data, tmp_path_factory.mktemp("good"))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_bad_input_is_one_clear_line(case, small_folder, good_data, tmp_path):
    raw = tmp_path / "raw"
    shutil.copytree(small_folder, raw)
    case.spoil(raw)
    before = parquet_bytes(good_data / "published")

    result = run_clustering("run", "--raw", raw, *case.options, data=good_data)

    assert result.returncode == 4, result.stdout
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert result.stderr.startswith("Error: ")
    for words in case.says:
        assert words in result.stderr
    assert "Traceback" not in result.stdout + result.stderr
    assert parquet_bytes(good_data / "published") == before


def test_what_the_remedies_name_helps(small_folder, tmp_path):
    """A category and a column that are named in the vars no longer stop the run."""
    raw = tmp_path / "raw"
    shutil.copytree(small_folder, raw)
    CASES["a category with one need state"].spoil(raw)
    CASES["all-null external column"].spoil(raw)
    result = run_clustering(
        *("run", "--raw", raw, *FEW),
        *("--param", "excluded_categories=[COFFEE]"),
        *("--param", "excluded_external_columns=[INCOME]"),
        data=tmp_path,
    )
    assert result.returncode == 0, result.stderr
    marts = duckdb.connect(tmp_path / "published" / "store_clustering.duckdb")
    categories = marts.sql("select distinct category from store_clusters").fetchall()
    assert categories == [("SHAMPOO",)]
    (excluded,) = marts.sql(
        "select sum(row_count) from quarantined_rows where reason = 'excluded_category'"
    ).fetchone()
    assert excluded > 0


def test_a_setting_that_cannot_be_is_one_clear_line(small_folder, good_data):
    before = parquet_bytes(good_data / "published")
    arguments = ("run", "--raw", small_folder, "--param", "external_scaling=max")
    result = run_clustering(*arguments, data=good_data)
    assert result.returncode == 3
    assert result.stderr == (
        "Error: got external_scaling='max', expected one of: power, robust, standard,"
        " minmax, none [E300]\n"
    )
    assert "Traceback" not in result.stdout
    assert parquet_bytes(good_data / "published") == before
