from functools import partial, reduce

import pandas as pd

from clustering.core.settings import Refit
from clustering.core.steps import (
    digest_by_category,
    only,
    read_earlier,
    read_settings,
)
from ml import judge_fits
from ml.drift import FITS
from ml.settings import Method

ROWS = "store_id, category, is_eligible, need_state, sales, odd_sales"
SKU_SALES = "category, store_id, sku_number, earlier_sales, later_sales"
LAST_PERIOD = """
    category,
    cast(max(period_start) filter (is_dated) as varchar) as last_period
"""


def model(dbt, session):
    eligible = dbt.ref("store_eligibility").project("store_id, category, is_eligible")
    shares = dbt.ref("store_need_state_shares")
    rows = eligible.join(shares, "store_id, category", how="left").project(ROWS)
    sku_sales = dbt.ref("store_sku_sales").project(SKU_SALES)
    facts = [
        digest_by_category(rows).rename(columns={"digest": "rows_digest"}),
        digest_by_category(sku_sales).rename(columns={"digest": "sales_digest"}),
        dbt.ref("int_periods").aggregate(LAST_PERIOD, "category").df(),
    ]
    corrections = dbt.ref("int_corrections").filter(
        "action in ('exclude', 'fix_k') and not is_expired"
    )
    earlier = read_earlier(dbt, session)
    fits = judge_fits(
        reduce(partial(pd.merge, on="category", how="left"), facts),
        corrections.project("category, action, store_id, side, value").df(),
        read_settings(session, Method),
        refit_when=read_settings(session, Refit).refit_when,
        earlier=None if earlier is None else _fits_of(earlier),
        read_sales=lambda names: (only(earlier, names).df(), only(rows, names).df()),
    )
    judged = session.from_df(fits)
    fitted = rows.join(judged.filter("not is_held"), "category")
    if earlier is None:
        return fitted
    return fitted.union(
        earlier.project(ROWS).join(judged.filter("is_held"), "category")
    )


def _fits_of(earlier):
    """Return what the last build says of each category, as far as it says it."""
    known = [name for name in FITS if name in earlier.columns]
    return earlier.project(", ".join(known)).distinct().df()
