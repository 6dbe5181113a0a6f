"""Labels that follow the live version: a cluster that continues keeps its number."""

from collections.abc import Callable
from functools import partial

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

# From a category and the common stores of its new and old clusters to the cluster_id of
# each new one.
Numbering = Callable[[str, pd.DataFrame], pd.Series]


def continue_labels(
    clusters: pd.DataFrame, previous: pd.DataFrame, named: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Give clusters that continue the numbers they have in the live version.

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
    named : DataFrame, optional
        Category and cluster_id of clusters that people wrote about. Where there is a
        last run, no new cluster gets such a number: what was written of a cluster
        that is gone never comes to be about another one.

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
    highest = {} if named is None else named.groupby("category")["cluster_id"].max()
    follow = partial(_follow, named=dict(highest))
    return _compare(clusters, previous, follow)


def number_clusters(
    clusters: pd.DataFrame, previous: pd.DataFrame, named: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Give the clusters of stores the numbers of `continue_labels`.

    Parameters
    ----------
    clusters : DataFrame
        One row per store and category, as of `ml.finish.finish_clusters`: store_id,
        category, raw_cluster and next_best_cluster (as numbered in this run alone).
    previous : DataFrame
        The last run: store_id, category, matched_cluster.
    named : DataFrame, optional
        As for `continue_labels`.

    Returns
    -------
    DataFrame
        ``clusters`` with matched_cluster, the number that follows the last run, and
        matched_next_best, that of next_best_cluster, null where this is null.

    Examples
    --------
    >>> now = pd.DataFrame({"store_id": list("abc"), "raw_cluster": [1, 1, 2]})
    >>> now = now.assign(category="A", next_best_cluster=[2, 2, 1])
    >>> before = pd.DataFrame({"store_id": ["c"], "matched_cluster": [1]})
    >>> number_clusters(now, before.assign(category="A"))["matched_cluster"].to_list()
    [2, 2, 1]
    """
    labels = continue_labels(
        clusters.rename(columns={"raw_cluster": "cluster_id"}),
        previous[["store_id", "category", "matched_cluster"]].rename(
            columns={"matched_cluster": "cluster_id"}
        ),
        named,
    ).dropna(subset="cluster_number")
    number_of = labels.set_index(["category", "cluster_number"])["cluster_id"]

    def numbers(column: str) -> pd.Index:
        keys = clusters[["category", column]].astype({column: "Int64"})
        return pd.MultiIndex.from_frame(keys).map(number_of.to_dict())

    return clusters.assign(
        matched_cluster=numbers("raw_cluster").astype("int64"),
        matched_next_best=pd.array(numbers("next_best_cluster"), dtype="Int64"),
    )


def describe_changes(clusters: pd.DataFrame, previous: pd.DataFrame) -> pd.DataFrame:
    """Say what became of each cluster of two runs with the same numbering.

    The numbers of `continue_labels` are those of the method's clusters. After people
    moved stores and merged clusters, this tells what became of those that are seen.

    Parameters
    ----------
    clusters, previous : DataFrame
        As for `continue_labels`; a number means the same cluster in both.

    Returns
    -------
    DataFrame
        As of `continue_labels`; a cluster is ``kept`` where its number goes on.

    Examples
    --------
    >>> before = pd.DataFrame({"store_id": list("abcd"), "cluster_id": [1, 1, 1, 2]})
    >>> now = before.assign(category="A", cluster_id=1)
    >>> changes = describe_changes(now, before.assign(category="A"))
    >>> changes.set_index("cluster_id")["change"].to_dict()
    {1: 'kept', 2: 'merged'}
    """
    return _compare(clusters, previous, _as_numbered)


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


def _compare(
    clusters: pd.DataFrame,
    previous: pd.DataFrame,
    number: Numbering,
) -> pd.DataFrame:
    """Compare two runs; ``number`` gives the cluster_id of each cluster of this one."""
    stores = _select(clusters).merge(
        _select(previous),
        how="outer",
        on=["store_id", "category"],
        suffixes=("_now", "_before"),
        validate="one_to_one",
    )
    label = partial(_label_category, number=number)
    return typed_frame(by_category(stores, label), LABELS)


def _label_category(
    category: str, stores: pd.DataFrame, *, number: Numbering
) -> pd.DataFrame:
    now = stores["cluster_id_now"].value_counts().sort_index()
    before = stores["cluster_id_before"].value_counts().sort_index()
    shared = _count_shared(stores, now.index, before.index)
    cluster_ids = number(category, shared)
    renamed = shared.rename(index=cluster_ids.to_dict())
    kept = {c: renamed.loc[c, c] for c in renamed.index.intersection(shared.columns)}
    labels = _label_clusters(shared, cluster_ids).sort_values("cluster_id")
    counts = pd.DataFrame(
        {
            "stores_before": labels["cluster_id"].map(before),
            "stores_now": labels["cluster_number"].map(now),
            "shared_stores": labels["cluster_id"].map(shared.sum()),
            "kept_stores": labels["cluster_id"].map(pd.Series(kept, dtype="Int64")),
        }
    ).fillna(0)
    retention = counts["kept_stores"] / counts["shared_stores"].replace(0, np.nan)
    return labels.join(counts).assign(category=category, retention=retention)


def _follow(category: str, shared: pd.DataFrame, *, named: dict[str, int]) -> pd.Series:
    """Match clusters to old ones; the others get numbers above all of these."""
    rows, columns = match_clusters(shared.to_numpy())
    old_ids = pd.Series(shared.columns[columns], index=shared.index[rows])
    matched = old_ids.reindex(shared.index)
    highest = max(shared.columns, default=0)
    if highest:
        highest = max(highest, named.get(category, 0))
    return matched.fillna(highest + matched.isna().cumsum())


def _as_numbered(_: str, shared: pd.DataFrame) -> pd.Series:
    return pd.Series(shared.index, index=shared.index)


def _count_shared(
    stores: pd.DataFrame, numbers: pd.Index, old_ids: pd.Index
) -> pd.DataFrame:
    """Count the common stores of every new (row) and old cluster (column)."""
    in_both = stores.dropna()
    table = pd.crosstab(in_both["cluster_id_now"], in_both["cluster_id_before"])
    return table.reindex(index=numbers, columns=old_ids, fill_value=0)


def _label_clusters(shared: pd.DataFrame, cluster_ids: pd.Series) -> pd.DataFrame:
    """Say what became of every cluster of either run."""
    now = cluster_ids.rename_axis("cluster_number").reset_index(name="cluster_id")
    is_kept = now["cluster_id"].isin(shared.columns)
    part_of = _largest_part(shared, at_least=SPLIT_SHARE)
    now["previous_cluster_id"] = now["cluster_id"].where(is_kept, part_of)
    now["change"] = np.where(part_of.isna(), "new", "split")
    now.loc[is_kept, "change"] = "kept"

    seen = shared.rename(index=cluster_ids.to_dict()).sort_index()
    unmatched = seen.loc[:, ~seen.columns.isin(seen.index)].T
    gone = pd.DataFrame({"cluster_id": unmatched.index})
    gone["previous_cluster_id"] = gone["cluster_id"]
    gone["merged_into"] = _largest_part(unmatched, at_least=MERGED_SHARE)
    gone["change"] = np.where(gone["merged_into"].isna(), "retired", "merged")
    return pd.concat([now, gone], ignore_index=True)


def _largest_part(shared: pd.DataFrame, *, at_least: float) -> pd.Series:
    """Return for each row the column with most of its stores; null below a share."""
    total = shared.sum(axis=1)
    enough = (total > 0) & (shared.max(axis=1) >= at_least * total)
    part = shared.columns[shared.to_numpy().argmax(axis=1)] if shared.size else pd.NA
    return pd.Series(part, index=range(len(shared))).where(enough.to_numpy())
