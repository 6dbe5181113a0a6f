"""Fit the chosen number of clusters and give every store one."""

import pandas as pd

from ml.canonical import canonical_labels
from ml.determinism import single_threaded
from ml.frames import by_category, stacked, typed_frame
from ml.kmeans import fit_kmeans

CLUSTERS = {
    "store_id": "str",
    "category": "str",
    "cluster": "Int64",
    "is_outlier": "bool",
    "is_fitted": "bool",
}


@single_threaded
def fit_clusters(
    prepared: pd.DataFrame,
    chosen_k: pd.DataFrame,
    *,
    n_init: int,
    random_state: int,
) -> pd.DataFrame:
    """Cluster each category with its k.

    Parameters
    ----------
    prepared : DataFrame
        As `ml.prepare.prepare` returns it.
    chosen_k : DataFrame
        One row per category: category, k.
    n_init, random_state : int
        See `ml.kmeans.fit_kmeans`.

    Returns
    -------
    DataFrame
        One row per row of ``prepared``. cluster counts from 1, the largest first;
        a store outside the fit gets the nearest centroid's, and null where it has
        no components. is_fitted tells those that shaped the clusters.
    """
    k_of = chosen_k.set_index("category")["k"]

    def fit_category(category: str, rows: pd.DataFrame) -> pd.DataFrame:
        fitted = rows["in_fit"].to_numpy(dtype=bool)
        known = rows["components"].notna().to_numpy(dtype=bool)
        cluster = pd.array([pd.NA] * len(rows), dtype="Int64")
        if fitted.any():
            model = fit_kmeans(
                stacked(rows.loc[fitted, "components"]),
                int(k_of[category]),
                n_init=n_init,
                random_state=random_state,
            )
            labels = model.predict(stacked(rows.loc[known, "components"]))
            cluster[known] = canonical_labels(labels, counted=fitted[known])
        return rows.assign(cluster=cluster, is_fitted=fitted)

    return typed_frame(by_category(prepared, fit_category), CLUSTERS)
