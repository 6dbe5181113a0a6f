"""Several sales rows of one store, SKU and period: added up, netted, or duplicates."""

import random
import shutil
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest

from tests.conftest import SHARED
from tests.dbt.conftest import AS_IN_A_BUILD, copy_project, run_dbt

MODELS = ("+quarantined_rows", "+input_reconciliation", "+store_eligibility")
MODELS = (*MODELS, "+store_need_state_shares", "+store_sku_sales")
BASE = SHARED / "cases" / "input" / "base"
RETURNS = SHARED / "cases" / "input" / "39a_returns_full_4pct"


class Built(NamedTuple):
    """What a build made of the sales rows."""

    counts: dict[str, object]
    quarantined: list[tuple]
    shares: list[tuple]
    stores: list[tuple]
    halves: list[tuple]


@pytest.fixture(scope="module")
def project(small_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_project(small_folder, tmp_path_factory.mktemp("rows"))


@pytest.fixture(scope="module")
def build(project: Path) -> Callable[..., Built]:
    """Build what is made of the sales rows alone, from the tables given.

    They are queries, or the text of a csv file.
    """
    raw = project.parent / "data" / "raw"

    def build(
        tables: dict[str, str],
        *,
        csv: dict[str, str] | None = None,
        sales_rows: str = "sum",
        share: float = 0.05,
    ) -> Built:
        shutil.rmtree(raw)
        for name, query in tables.items():
            (raw / name).parent.mkdir(parents=True, exist_ok=True)
            duckdb.sql(query).write_parquet(str(raw / f"{name}.parquet"))
        for name, text in (csv or {}).items():
            (raw / f"{name}.csv").write_text(text)
        variables = f"{{sales_rows: {sales_rows}, max_quarantined_share: {share}}}"
        selection = ("--select", *MODELS, "--indirect-selection", "cautious")
        result = run_dbt(
            project, "build", *selection, *AS_IN_A_BUILD, "--vars", variables
        )
        assert result.returncode == 0, result.stdout
        return read_built(project.parent / "data" / "warehouse")

    return build


def read_built(folder: Path) -> Built:
    with duckdb.connect(folder / "store_clustering.duckdb", read_only=True) as opened:
        counts = opened.sql(
            "select * from marts.input_reconciliation"
            " where source_table = 'internal_sales'"
        )
        return Built(
            dict(zip(counts.columns, counts.fetchall()[0], strict=True)),
            *(
                opened.sql(f"{query} order by all").fetchall()
                for query in (
                    "select reason, sum(row_count)::int, sum(sales)"
                    " from marts.quarantined_rows"
                    " where source_table = 'internal_sales' group by reason",
                    "select store_id, category, need_state, round(sales, 6),"
                    " round(odd_sales, 6) from marts.store_need_state_shares",
                    "select store_id, category, sales, active_periods"
                    " from marts.store_eligibility",
                    "select store_id, sku_id, category, earlier_sales, later_sales"
                    " from clustering.store_sku_sales",
                )
            ),
        )


def base_with(sales: str = "from base") -> dict[str, str]:
    """Return the queries of the small tables in ../shared, with other sales rows."""
    if not BASE.exists():
        pytest.skip("needs ../shared")
    tables = {
        name: f"from read_csv('{BASE / name}.csv', all_varchar = true)"
        for name in ("need_state", "store_attributes")
    }
    typed = "types = {STORE_NBR: 'VARCHAR', SKU_NBR: 'VARCHAR'}"
    base = f"base as (from read_csv('{BASE}/internal_sales.csv', {typed}))"
    returns = f"returns as (from read_csv('{RETURNS}/internal_sales.csv', {typed}))"
    return tables | {"internal_sales": f"with {base}, {returns} {sales}"}


@pytest.fixture(scope="module")
def base(build: Callable[..., Built]) -> Built:
    return build(base_with())


def test_returns_are_netted_and_counted(build):
    built = build(base_with("from returns"))
    found = built.counts
    gross, net = Decimal("97196.24"), Decimal("93237.69")
    assert (found["rows_read"], found["rows_returned"]) == (5_555, 5_555 - 5_341)
    assert found["sales_gross"] == gross
    assert found["sales_returned"] == net - gross
    assert found["sales_read"] == found["sales_used"] == net
    # every return is of the whole sale: nothing is left of either row
    assert built.quarantined == [("returned", 2 * found["rows_returned"], 0)]


def test_copies_are_duplicates_where_keys_have_one_row(build, base):
    copied = build(base_with("from base union all (from base order by all limit 20)"))
    assert base.counts["rows_quarantined"] == 0
    assert (base.counts["rows_returned"], base.counts["sales_returned"]) == (0, 0)
    assert base.counts["sales_gross"] == base.counts["sales_read"]
    ((reason, rows, _),) = copied.quarantined
    assert (reason, rows) == ("duplicate", 20)
    assert copied[2:] == base[2:]


def test_transactions_add_up_to_what_one_row_per_period_has(build, base):
    halves = "select * replace (TOTAL_SALES / 2 as TOTAL_SALES) from base"
    cents = "select * replace (TOTAL_SALES - 0.01 as TOTAL_SALES) from base"
    cent = "select * replace (0.01 as TOTAL_SALES) from base"
    # equal halves of one row in ten; the others are two sales of their own
    tenth = "STORE_NBR like '%7' and TOTAL_SALES > 0.01"
    parts = f"""
        {halves} where {tenth} union all {halves} where {tenth}
        union all {cents} where not ({tenth}) union all {cent} where not ({tenth})
    """
    split = build(base_with(parts))
    assert split.quarantined == []
    assert split.counts["rows_used"] == 2 * 5_341
    assert split[2:] == base[2:]


def test_a_quote_deep_in_a_csv_is_read_as_one(build, base):
    # ten parts of a row that differ: nine of a tenth of a cent, and the rest
    part = "case part when 0 then TOTAL_SALES - 0.009 else 0.001 end"
    tables = base_with(
        f"select * exclude (part) replace ({part} as TOTAL_SALES)"
        " from base, range(10) as parts(part) order by all"
    )
    text = duckdb.sql(tables.pop("internal_sales")).df().to_csv(index=False)
    half = len(text) // 2
    assert text[:half].count("\n") > 20_480  # the rows that DuckDB's sniffer looks at
    quoted = text[half:].replace(",SHAMPOO,", ',"SHAMPOO",')
    assert quoted != text[half:]
    built = build(tables, csv={"internal_sales": text[:half] + quoted})
    assert built[2:] == base[2:]


def test_periods_left_out_are_added_up(build, base):
    whole = build(base_with("select * exclude (PERIOD_START) from base"))
    assert [row[:4] for row in whole.shares] == [row[:4] for row in base.shares]


def test_the_last_row_counts_by_file_and_by_row(build, base):
    sales = "select * replace (TOTAL_SALES * {0} as TOTAL_SALES) from base"
    tables = base_with()
    parts = {
        "2025-01": f"{sales.format(3)} where STORE_NBR like '%7'",
        # in one file, what is corrected is behind
        "2025-02": f"from ({sales.format(2)}) union all {sales.format(0.5)}",
        "2025-03": "from base where not STORE_NBR like '%8'",
    }
    of_sales = tables.pop("internal_sales").removesuffix("from base")
    for name, query in parts.items():
        tables[f"internal_sales/{name}"] = of_sales + query
    found = build(tables, sales_rows="last")
    halved = [row for row in found.stores if row[0].endswith("8")]
    whole = {row[:2]: row[2] for row in base.stores}
    assert halved
    for row in found.stores:
        share = Decimal("0.5") if row in halved else 1
        assert float(row[2]) == pytest.approx(float(whole[row[:2]] * share), abs=0.02)
    counts = found.counts
    assert counts["rows_used"] == base.counts["rows_used"]
    ((reason, rows, sales),) = found.quarantined
    assert (reason, rows) == ("superseded", counts["rows_read"] - counts["rows_used"])
    assert counts["sales_read"] == counts["sales_used"] + sales


def test_duplicates_are_refused_on_request(build):
    found = build(base_with("from returns"), sales_rows="refuse_duplicates")
    assert found.counts["sales_used"] == Decimal("97196.24")
    assert [row[:2] for row in found.quarantined] == [("non_positive_sales", 214)]


SKUS = {"A": ("GIN", 1), "B": ("GIN", 2), "C": ("RUM", 1), "D": ("RUM", 3)}


def odd_rows(seed: int, *, days: int, copies: float) -> list[tuple]:
    """Return sales rows with returns, copies and rows that break the contract."""
    drawn = random.Random(seed)
    rows = []
    for store in range(1, 13):
        for _ in range(60):
            sku = drawn.choice("ABCDX")
            category = SKUS.get(sku, ("GIN", 0))[0]
            day = drawn.choice([None, *range(days)])
            amount = drawn.choice([1.5, 2.25, 3.1, -1.5, 0.0, None, float("inf")])
            row = (f"{store:04}", sku, category, day, amount)
            rows += [row] * (2 if drawn.random() < copies else 1)
    return rows


def as_tables(rows: list[tuple]) -> dict[str, str]:
    def literal(row: tuple) -> str:
        store, sku, category, day, amount = row
        when = "null" if day is None else f"date '2025-01-01' + {day}"
        sales = "null" if amount is None else f"'{amount}'::double"
        return f"('{store}', '{sku}', '{category}', {when}, {sales})"

    names = "(STORE_NBR, SKU_NBR, CAT_DSC, PERIOD_START, TOTAL_SALES)"
    needs = [
        f"('{sku}', '{category}', '{category} {need}')"
        for sku, (category, count) in SKUS.items()
        for need in range(count)
    ]
    stores = ", ".join(f"('{store:04}', {store**2})" for store in range(1, 13))
    return {
        "internal_sales": f"from (values {', '.join(map(literal, rows))}) as t{names}",
        "need_state": f"from (values {', '.join(needs)})"
        " as t(PRODUCT_ID, CATEGORY, NEED_STATE)",
        "store_attributes": f"from (values {stores}) as t(STORE_NBR, INCOME)",
    }


def sales_by_hand(rows: list[tuple], *, are_transactions: bool) -> dict[tuple, Decimal]:
    """Return {(store, SKU, day): sales} of what is used, one row after the other."""
    amounts: dict[tuple, list[Decimal]] = defaultdict(list)
    for store, sku, _, day, amount in rows:
        if sku in SKUS and amount is not None and amount != float("inf"):
            amounts[store, sku, day].append(Decimal(str(amount)))
    used = {}
    for key, found in amounts.items():
        are_copies = len(set(found)) == 1 and not are_transactions
        used[key] = found[0] if are_copies else sum(found)
    sold = {key: sales for key, sales in used.items() if sales > 0}
    if are_transactions:
        for key, sales in used.items():
            left = sum(some for other, some in used.items() if other[:2] == key[:2])
            if sales < 0 < left:
                sold[key] = sales
    return sold


@pytest.mark.parametrize(
    ("days", "copies", "are_transactions"),
    [(200, 0.1, False), (3, 0.1, True), (1, 0.3, True)],
    ids=["more periods than a number has bits", "transactions", "one period"],
)
def test_sums_are_those_of_adding_up_by_hand(build, days, copies, are_transactions):
    rows = odd_rows(days, days=days, copies=copies)
    wanted = sales_by_hand(rows, are_transactions=are_transactions)
    found = build(as_tables(rows), share=1)
    assert found.counts["rows_read"] == len(rows)
    assert found.counts["rows_used"] + found.counts["rows_quarantined"] == len(rows)
    counts = found.counts
    assert counts["sales_used"] == sum(wanted.values())
    assert counts["sales_read"] == counts["sales_gross"] + counts["sales_returned"]
    by_store: dict[tuple, Decimal] = defaultdict(Decimal)
    active = defaultdict(set)
    for (store, sku, day), sales in wanted.items():
        by_store[store, SKUS[sku][0]] += sales
        if sales > 0:
            active[store, SKUS[sku][0]].add(day)
    assert {row[:2]: row[2:] for row in found.stores if row[2]} == {
        key: (sales, len(active[key])) for key, sales in by_store.items()
    }
