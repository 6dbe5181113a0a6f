"""Fit the chosen number of clusters and give every store one."""

import numpy as np
import pandas as pd

from ml.algorithms import cluster
from ml.canonical import canonical_labels, canonical_order
from ml.determinism import single_threaded
from ml.frames import by_category, stacked, typed_frame
from ml.infer import infer_labels
from ml.settings import Fit

CLUSTERS = {
    "store_id": "str",
    "category": "str",
    "cluster": "Int64",
    "probability": "float64",
    "is_outlier": "bool",
    "is_fitted": "bool",
}


@single_threaded
def fit_clusters(
    prepared: pd.DataFrame,
    chosen_k: pd.DataFrame,
    settings: Fit,
) -> pd.DataFrame:
    """Cluster each category with its k.

    Parameters
    ----------
    prepared : DataFrame
        As `ml.preparation.prepare` returns it.
    chosen_k : DataFrame
        One row per category: category, k.
    settings : Fit

    Returns
    -------
    DataFrame
        One row per row of ``prepared``. cluster counts from 1, the largest first.
        is_fitted tells the stores that shaped the clusters. The others get the
        cluster that a classifier infers, with its probability; null where they have
        no components.
    """
    k_of = chosen_k.set_index("category")["k"]

    def fit_category(category: str, rows: pd.DataFrame) -> pd.DataFrame:
        rows = rows.assign(
            cluster=pd.array([pd.NA] * len(rows), dtype="Int64"),
            probability=np.nan,
            is_fitted=rows["in_fit"].astype(bool),
        )
        if rows["is_fitted"].any():
            _fit(rows, int(k_of[category]), settings)
            _infer(rows, random_state=settings.random_state)
        return rows

    return typed_frame(by_category(prepared, fit_category), CLUSTERS)


def _fit(rows: pd.DataFrame, k: int, settings: Fit) -> None:
    """Fill in the clusters of the stores in the fit, and what was noise among them."""
    X = stacked(rows.loc[rows["is_fitted"], "components"])
    order = canonical_order(X)
    fitted = rows.index[rows["is_fitted"]][order]
    found = cluster(X[order], k, settings)
    rows.loc[fitted, "cluster"] = canonical_labels(found.labels)
    rows.loc[fitted, "is_fitted"] = ~found.is_noise


def _infer(rows: pd.DataFrame, *, random_state: int) -> None:
    """Fill in the clusters of the other stores that have components."""
    fitted = rows[rows["is_fitted"]]
    others = rows.index[~rows["is_fitted"] & rows["components"].notna()]
    if len(fitted) and len(others):
        X = stacked(fitted["components"])
        order = canonical_order(X)
        labels, probability = infer_labels(
            X[order],
            fitted["cluster"].to_numpy(dtype=int)[order],
            stacked(rows.loc[others, "components"]),
            random_state=random_state,
        )
        rows.loc[others, "cluster"] = labels
        rows.loc[others, "probability"] = probability
