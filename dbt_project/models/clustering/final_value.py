from clustering.core.steps import fit_step
from ml import measure_value
from ml.settings import Group

# One row per store: its SKUs and their sales as lists, which take little memory.
OF_STORE = """
    store_id,
    category,
    list(sku_number order by sku_number) as skus,
    list(cast(earlier_sales as double) order by sku_number) as earlier_sales,
    list(cast(later_sales as double) order by sku_number) as later_sales
"""


def model(dbt, session):
    chosen = dbt.ref("ranked_finals").filter("is_chosen_basis")
    paths = (
        dbt.ref("final_cluster_paths")
        .join(chosen.project("category, basis"), "category, basis", how="semi")
        .project("store_id, category, basis, path")
    )
    sales = dbt.ref("store_sku_sales").aggregate(OF_STORE, "store_id, category")
    # a number of clusters is chosen by what it was worth when they were fitted
    digests = dbt.ref("fitted_sales").project("category, sales_digest").distinct()
    return fit_step(
        dbt,
        session,
        measure_value,
        [paths, sales],
        Group,
        signs=[paths, digests],
    )
