from ml import find_misfits

FITTED = "store_id, category, need_state, sales, internal_cluster, last_period"
# Sales of each period after the fit, as they come: without returns and netting.
RECENT = """
    store_id,
    category,
    cast(period_start as varchar) as period_start,
    need_state,
    sum(cast(sales as double) / need_state_count) as sales
"""


def model(dbt, session):
    clusters = dbt.ref("merged_clusters").project(
        "store_id, category, internal_cluster"
    )
    fitted = (
        dbt.ref("fitted_sales")
        .filter("is_held and need_state is not null")
        .join(clusters, "store_id, category")
        .project(FITTED)
    )
    # no fit is older than the sales: there is nothing to read them for
    if not fitted.limit(1).fetchall():
        return find_misfits(fitted.df(), fitted.project("*, null as period_start").df())
    recent = (
        dbt.ref("int_sales_rows")
        .filter("reason is null and sales > 0")
        .join(fitted.project("category, last_period").distinct(), "category")
        .filter("period_start > cast(last_period as date)")
        .join(dbt.ref("int_need_states"), "sku_id, category")
        .aggregate(RECENT, "store_id, category, period_start, need_state")
        .order("store_id, category, period_start, need_state")
    )
    return find_misfits(fitted.df(), recent.df())
