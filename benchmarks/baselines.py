"""Baselines: what one would do without this project, in a few lines of scikit-learn.

All of them take raw need-state shares, standard-scaled, and every store that has any.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from sklearn.cluster import AgglomerativeClustering, KMeans
from sklearn.metrics import (
    calinski_harabasz_score,
    davies_bouldin_score,
    silhouette_score,
)
from sklearn.preprocessing import StandardScaler

from benchmarks.agreement import KEY

CANDIDATES = range(2, 11)
# Stores that the usual script wants in the smallest cluster: in a category of few
# stores, and in the others.
FEW_STORES = 200
FLOOR_OF_FEW = 10
FLOOR = 20
STARTS = 10
SEED = 42

Method = Callable[[pd.DataFrame, int], np.ndarray]


def share_matrix(shares: pd.DataFrame) -> pd.DataFrame:
    """Return stores by need states, 0 where a store sells none, of one category.

    Parameters
    ----------
    shares : DataFrame
        As in the warehouse: store_id, need_state, sales_share.
    """
    wide = shares.pivot(index="store_id", columns="need_state", values="sales_share")
    return wide.fillna(0.0).sort_index()


def scaled_shares(shares: pd.DataFrame) -> pd.DataFrame:
    """Return the share matrix with mean 0 and variance 1 in each need state."""
    scaler = StandardScaler().set_output(transform="pandas")
    return scaler.fit_transform(share_matrix(shares))


def label_kmeans(scaled: pd.DataFrame, k: int) -> np.ndarray:
    """Cluster the rows into ``k`` by k-means."""
    return KMeans(k, n_init=STARTS, random_state=SEED).fit_predict(scaled)


def label_ward(scaled: pd.DataFrame, k: int) -> np.ndarray:
    """Cluster the rows into ``k`` by Ward's hierarchical clustering."""
    return AgglomerativeClustering(k).fit_predict(scaled)


def choose_usual_k(scaled: pd.DataFrame) -> int | None:
    """Return the k that the usual script would take; None where it gives up.

    Silhouette, Calinski-Harabasz and Davies-Bouldin, each normalised to 0..1 among
    the candidates whose smallest cluster meets the floor; the highest mean wins.
    """
    floor = FLOOR_OF_FEW if len(scaled) < FEW_STORES else FLOOR
    candidates = [k for k in CANDIDATES if k < len(scaled)]
    labelings = {k: label_kmeans(scaled, k) for k in candidates}
    scores = {
        k: _score(scaled, labels)
        for k, labels in labelings.items()
        if np.bincount(labels).min() >= floor
    }
    if not scores:
        return None
    table = pd.DataFrame(scores).T
    spread = (table.max() - table.min()).replace(0, 1)
    return int(((table - table.min()) / spread).mean(axis=1).idxmax())


def choose_usual_ks(shares: pd.DataFrame) -> pd.Series:
    """Return the usual script's k per category, without those it gives up."""
    chosen = {
        category: choose_usual_k(scaled_shares(rows))
        for category, rows in shares.groupby("category")
    }
    return pd.Series(chosen, dtype="Int64").dropna()


def label_stores(shares: pd.DataFrame, k: pd.Series, *, method: Method) -> pd.Series:
    """Cluster each category that has a k; label by category and store_id."""
    parts = []
    for category, rows in shares[shares["category"].isin(k.index)].groupby("category"):
        scaled = scaled_shares(rows)
        labels = method(scaled, int(k[category]))
        index = pd.MultiIndex.from_product([[category], scaled.index], names=KEY)
        parts.append(pd.Series(labels, index=index))
    return pd.concat(parts) if parts else no_labels()


def label_simply(
    shares: pd.DataFrame, *, usual_k: pd.Series, true_k: pd.Series
) -> dict[str, pd.Series]:
    """Return the labels of every baseline, by its name in the tables."""
    return {
        "usual script": label_stores(shares, usual_k, method=label_kmeans),
        "k-means, true k": label_stores(shares, true_k, method=label_kmeans),
        "Ward, true k": label_stores(shares, true_k, method=label_ward),
    }


def no_labels() -> pd.Series:
    """Return labels of no store."""
    return pd.Series(dtype=int, index=pd.MultiIndex.from_arrays([[], []], names=KEY))


def _score(scaled: pd.DataFrame, labels: np.ndarray) -> tuple[float, float, float]:
    return (
        silhouette_score(scaled, labels),
        calinski_harabasz_score(scaled, labels),
        -davies_bouldin_score(scaled, labels),
    )
