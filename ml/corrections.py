"""Corrections: what people changed in the method's clusters."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ml.algorithms import single_threaded
from ml.cluster import place_stores
from ml.finish import FINISHED
from ml.frames import by_category, typed_frame
from ml.joint import joint_space
from ml.settings import Weights

OWN = {"cluster_id": "int64", "matched_cluster": "int64", "is_override": "bool"}
CORRECTED = {name: FINISHED[name] for name in FINISHED if name != "raw_cluster"} | OWN


@single_threaded
def apply_corrections(
    clusters: pd.DataFrame,
    components: pd.DataFrame,
    corrections: pd.DataFrame,
    settings: Weights,
) -> pd.DataFrame:
    """Apply manual moves and merges, and measure the fit of all stores again.

    Stores move first; merges hold for them too. A category whose clusters stay as they
    are keeps its figures to the last digit.

    Parameters
    ----------
    clusters : DataFrame
        As of `ml.finish.finish_clusters`, but matched_cluster in place of raw_cluster:
        the numbers that follow the last run.
    components : DataFrame
        As for `ml.joint.joint_space`, with store_id and category: all stores of each
        category that has a correction; others are not read.
    corrections : DataFrame
        One row per correction: category, action, store_id, cluster_id,
        target_cluster. Action ``move`` or ``lock``: the store is in the target
        cluster. ``merge``: all stores of cluster_id are. Other actions change no
        cluster.
    settings : Weights

    Returns
    -------
    DataFrame
        ``clusters`` with cluster_id, the corrected number, and the figures that follow
        from it (silhouette, distance_to_centroid, next best); is_override tells the
        stores that a move or a lock holds, even where the method agrees.

    Raises
    ------
    ValueError
        If a correction names a cluster that its category does not have, or merges go
        in a circle.
    """
    by_name = dict(list(corrections.groupby("category")))

    def correct_category(category: str, rows: pd.DataFrame) -> pd.DataFrame:
        before = rows["matched_cluster"].to_numpy()
        own = by_name.get(category, corrections.head(0))
        held = rows["store_id"].map(_store_targets(own))
        rows = rows.assign(cluster_id=before, is_override=held.notna())
        after = follow_merges(held.fillna(rows["matched_cluster"]), _merges(own))
        _check_clusters(category, own, known=before)
        if (after == before).all():
            return rows
        stores = components[components["category"] == category].set_index("store_id")
        X = joint_space(stores.loc[rows["store_id"]], settings)
        return rows.assign(cluster_id=after, **place_stores(X, after))

    return typed_frame(by_category(clusters, correct_category), CORRECTED)


def follow_merges(labels: pd.Series, merges: Mapping[int, int]) -> np.ndarray:
    """Return the labels after merges, each followed to its end.

    Parameters
    ----------
    labels : Series of int
    merges : mapping of int to int
        The cluster that each merged one becomes a part of.

    Raises
    ------
    ValueError
        If merges go in a circle.

    Examples
    --------
    >>> follow_merges(pd.Series([1, 2, 3]), {1: 2, 2: 3}).tolist()
    [3, 3, 3]
    """
    ends = {source: _end(source, merges) for source in merges}
    return labels.astype(int).replace(ends).to_numpy()


def _end(source: int, merges: Mapping[int, int]) -> int:
    passed = [source]
    while (target := merges.get(passed[-1])) is not None:
        if target in passed:
            circle = " into ".join(map(str, [*passed, target]))
            raise ValueError(f"got merges in a circle, {circle}; expected an end")
        passed.append(target)
    return passed[-1]


def _store_targets(corrections: pd.DataFrame) -> dict[str, int]:
    stores = corrections[corrections["action"].isin(["move", "lock"])]
    return dict(zip(stores["store_id"], stores["target_cluster"], strict=True))


def _merges(corrections: pd.DataFrame) -> dict[int, int]:
    merges = corrections[corrections["action"] == "merge"]
    return dict(zip(merges["cluster_id"], merges["target_cluster"], strict=True))


def _check_clusters(
    category: str, corrections: pd.DataFrame, *, known: np.ndarray
) -> None:
    clusters = np.unique(known).tolist()
    named = {*_store_targets(corrections).values(), *_merges(corrections).values()}
    if unknown := sorted(named - set(clusters)):
        raise ValueError(
            f"got a correction to cluster {int(unknown[0])} of category {category!r},"
            f" expected one of {', '.join(map(str, clusters))}"
        )
