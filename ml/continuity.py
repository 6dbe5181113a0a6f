"""Labels that follow the last run: a cluster that goes on keeps its number."""

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from ml.frames import by_category, typed_frame

LABELS = {
    "category": "str",
    "cluster_number": "Int64",
    "cluster_id": "int64",
    "previous_cluster_id": "Int64",
    "merged_into": "Int64",
    "change": "str",
    "stores_before": "int64",
    "stores_now": "int64",
    "shared_stores": "int64",
    "kept_stores": "int64",
    "retention": "float64",
}

# Share of a new cluster's known stores that have to come from one old cluster for it
# to be a part of that one. Of three parts of one size, each still is.
SPLIT_SHARE = 1 / 3

# Share of an old cluster's remaining stores that have to be in one new cluster for it
# to have merged into that one: half, as MONIC asks of a cluster that is absorbed.
MERGED_SHARE = 1 / 2


def continue_labels(clusters: pd.DataFrame, previous: pd.DataFrame) -> pd.DataFrame:
    """Give the clusters that go on the numbers that they had in the last run.

    In each category, new and old clusters are matched one to one, so that as many
    stores as possible keep their cluster; see `match_clusters`. A matched cluster
    takes the old number. The others get numbers above the highest old one, in their
    own order: no number of the last run comes to mean another cluster. Without a last
    run the numbers stay as they are.

    Parameters
    ----------
    clusters : DataFrame
        One row per store and category of this run: store_id, category, cluster_id
        (as numbered in this run alone, from 1).
    previous : DataFrame
        The same of the last run. Either may be empty, or lack a category.

    Returns
    -------
    DataFrame
        One row per category and cluster of either run; category and cluster_id are
        its key.

        - cluster_number: its number in ``clusters``; null for one that is gone.
        - cluster_id: its number from now on, or the one it had.
        - previous_cluster_id: the old cluster that it is or is a part of.
        - merged_into: the cluster_id that a merged one is part of now.
        - change: what became of it. ``kept``: matched. ``split``: not matched, and
          the old cluster that most of its shared stores come from had at least
          ``SPLIT_SHARE`` of them. ``new``: any other cluster of this run.
          ``merged``: not matched, and the new cluster that most of its shared stores
          are in has at least ``MERGED_SHARE`` of them. ``retired``: any other cluster
          of the last run, its stores gone or dispersed.
        - stores_before, stores_now: its stores in each run.
        - shared_stores: of those before, the ones that are in the category in both
          runs; kept_stores: of these, the ones that are still in it.
        - retention: kept_stores over shared_stores; null where there are none.

    Notes
    -----
    The changes are the external transitions of MONIC (Spiliopoulou, Ntoutsi,
    Theodoridis & Schult 2006, KDD): survival, split, absorption, disappearance,
    emergence; told from shared members alone, so that they hold for any algorithm and
    any features. MONIC takes the best overlap of each old cluster; here numbers must
    be unique, hence the matching. A matching that keeps most stores leaves no two
    unmatched clusters with a store in common, so what a cluster split from, or merged
    into, always goes on under its own number.

    Examples
    --------
    >>> before = pd.DataFrame({"store_id": list("abcd"), "cluster_id": [1, 1, 1, 2]})
    >>> now = pd.DataFrame({"store_id": list("abcd"), "cluster_id": [2, 3, 3, 1]})
    >>> labels = continue_labels(now.assign(category="A"), before.assign(category="A"))
    >>> labels.set_index("cluster_id")["cluster_number"].to_dict()
    {1: 3, 2: 1, 3: 2}
    >>> labels.set_index("cluster_id")["change"].to_dict()
    {1: 'kept', 2: 'kept', 3: 'split'}
    """
    stores = _select(clusters).merge(
        _select(previous),
        how="outer",
        on=["store_id", "category"],
        suffixes=("_now", "_before"),
        validate="one_to_one",
    )
    return typed_frame(by_category(stores, _label_category), LABELS)


def match_clusters(shared: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Match rows to columns, one to one, so that they share as much as possible.

    Parameters
    ----------
    shared : ndarray of shape (new, old), int
        Stores that each pair of clusters has in common.

    Returns
    -------
    rows, columns : ndarray of int
        The pairs, by row; none without a common store. Of matchings that share as
        many stores, the one whose pairs are the most alike is taken (the highest sum
        of Jaccard indices), and else always the same one.

    Notes
    -----
    The assignment problem (Kuhn 1955, Nav. Res. Logist. Q. 2), as SciPy solves it.

    Examples
    --------
    >>> rows, columns = match_clusters(np.array([[5, 4], [4, 0], [0, 0]]))
    >>> list(zip(rows.tolist(), columns.tolist()))
    [(0, 1), (1, 0)]
    """
    either = shared.sum(axis=1, keepdims=True) + shared.sum(axis=0) - shared
    jaccard = shared / np.maximum(either, 1)
    # all Jaccard indices of a matching together weigh less than one store
    weight = shared + jaccard / (1 + min(shared.shape))
    rows, columns = linear_sum_assignment(weight, maximize=True)
    common = shared[rows, columns] > 0
    return rows[common], columns[common]


def _select(clusters: pd.DataFrame) -> pd.DataFrame:
    types = {"store_id": "str", "category": "str", "cluster_id": "Int64"}
    return clusters[list(types)].astype(types)


def _label_category(category: str, stores: pd.DataFrame) -> pd.DataFrame:
    now = stores["cluster_id_now"].value_counts().sort_index()
    before = stores["cluster_id_before"].value_counts().sort_index()
    shared = _count_shared(stores, now.index, before.index)
    rows, columns = match_clusters(shared.to_numpy())
    kept = pd.Series(shared.to_numpy()[rows, columns], index=shared.columns[columns])
    old_ids = pd.Series(shared.columns[columns], index=shared.index[rows])
    labels = _label_clusters(shared, old_ids).sort_values("cluster_id")
    counts = pd.DataFrame(
        {
            "stores_before": labels["cluster_id"].map(before),
            "stores_now": labels["cluster_number"].map(now),
            "shared_stores": labels["cluster_id"].map(shared.sum()),
            "kept_stores": labels["cluster_id"].map(kept),
        }
    ).fillna(0)
    retention = counts["kept_stores"] / counts["shared_stores"].replace(0, np.nan)
    return labels.join(counts).assign(category=category, retention=retention)


def _count_shared(
    stores: pd.DataFrame, numbers: pd.Index, old_ids: pd.Index
) -> pd.DataFrame:
    """Count the common stores of every new (row) and old cluster (column)."""
    in_both = stores.dropna()
    table = pd.crosstab(in_both["cluster_id_now"], in_both["cluster_id_before"])
    return table.reindex(index=numbers, columns=old_ids, fill_value=0)


def _label_clusters(shared: pd.DataFrame, old_ids: pd.Series) -> pd.DataFrame:
    """Give every cluster of either run its number, and say what became of it."""
    now = pd.DataFrame({"cluster_number": shared.index})
    matched = now["cluster_number"].map(old_ids)
    highest = max(shared.columns, default=0)
    now["cluster_id"] = matched.fillna(highest + matched.isna().cumsum())
    part_of = _largest_part(shared, at_least=SPLIT_SHARE)
    now["previous_cluster_id"] = matched.fillna(part_of)
    now["change"] = np.where(part_of.isna(), "new", "split")
    now.loc[matched.notna(), "change"] = "kept"

    unmatched = shared.loc[:, ~shared.columns.isin(old_ids)].T
    gone = pd.DataFrame({"cluster_id": unmatched.index})
    gone["previous_cluster_id"] = gone["cluster_id"]
    into = _largest_part(unmatched, at_least=MERGED_SHARE)
    gone["merged_into"] = into.map(now.set_index("cluster_number")["cluster_id"])
    gone["change"] = np.where(into.isna(), "retired", "merged")
    return pd.concat([now, gone], ignore_index=True)


def _largest_part(shared: pd.DataFrame, *, at_least: float) -> pd.Series:
    """Return for each row the column with most of its stores; null below a share."""
    total = shared.sum(axis=1)
    enough = (total > 0) & (shared.max(axis=1) >= at_least * total)
    part = shared.columns[shared.to_numpy().argmax(axis=1)] if shared.size else pd.NA
    return pd.Series(part, index=range(len(shared))).where(enough.to_numpy())
