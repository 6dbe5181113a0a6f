from clustering.core.steps import read_earlier, read_settings
from ml import hold_fits
from ml.settings import Method, Refit

ROWS = "store_id, category, is_eligible, need_state, sales, odd_sales"
DIGEST = """
    category,
    cast(
        sum(hash(store_id, sku_number, earlier_sales, later_sales)) as varchar
    ) as sales_digest
"""
LAST_PERIOD = """
    category,
    cast(max(period_start) filter (is_dated) as varchar) as last_period
"""


def model(dbt, session):
    shares = dbt.ref("store_need_state_shares")
    digests = dbt.ref("store_sku_sales").aggregate(DIGEST, "category")
    periods = dbt.ref("int_periods").aggregate(LAST_PERIOD, "category")
    current = (
        dbt.ref("store_eligibility")
        .project("store_id, category, is_eligible")
        .join(shares, "store_id, category", how="left")
        .join(digests, "category", how="left")
        .join(periods, "category", how="left")
        .project(f"{ROWS}, coalesce(sales_digest, '') as sales_digest, last_period")
    )
    corrections = dbt.ref("int_corrections").filter(
        "action in ('exclude', 'fix_k') and not is_expired"
    )
    return hold_fits(
        current.df(),
        corrections.project("category, action, store_id, side, value").df(),
        read_settings(session, Method),
        read_settings(session, Refit),
        earlier=read_earlier(dbt, session),
    )
