"""Both sides of every store: paired, and in one space where each has its weight."""

import numpy as np
import pandas as pd

from ml.algorithms import infer_labels, single_threaded
from ml.canonical import canonical_order
from ml.frames import by_category, stacked, typed_frame
from ml.settings import Randomness, Weights
from ml.transformers import BlockScaler

PAIRS = {
    "store_id": "str",
    "category": "str",
    "internal_cluster": "int64",
    "external_cluster": "int64",
    "probability": "float64",
    "is_fitted": "bool",
    "is_outlier": "bool",
    "split_value": "str",
    "merged_cluster": "str",
    "internal_components": "object",
    "external_components": "object",
}
# The sides of a store: what sells in it, and what surrounds it.
BOTH = ("internal", "external")
OTHER = {"internal": "external", "external": "internal"}


@single_threaded
def pair_clusters(sides: pd.DataFrame, settings: Randomness) -> pd.DataFrame:
    """Assign every store a cluster on both sides.

    A store without sales that can be used has no internal cluster of its own: a
    classifier learns from the other stores which internal cluster goes with which
    surroundings. The same the other way round. A store of which nothing is known
    goes to the largest cluster.

    Parameters
    ----------
    sides : DataFrame
        One row per store and category: store_id, category, is_outlier, split_value
        (text; null where no rule splits the category), and for
        either side, such as internal, internal_cluster and internal_probability
        (null where not inferred), internal_components (list of floats or None) and
        internal_is_fitted.
    settings : Randomness

    Returns
    -------
    DataFrame
        One row per row of ``sides``. probability is that of both clusters together,
        null where nothing was inferred; is_fitted tells the stores that shaped the
        internal clusters. merged_cluster is the label of both sides together, see
        `merged_labels`. Split values and components are as they were.
    """

    def pair_category(_: str, rows: pd.DataFrame) -> pd.DataFrame:
        seed = settings.random_state
        inferred = [_complete(rows, side, random_state=seed) for side in OTHER]
        probability = pd.concat(inferred, axis=1).prod(axis=1, min_count=1)
        return rows.assign(
            probability=probability,
            is_fitted=rows["internal_is_fitted"],
            merged_cluster=merged_labels(rows),
        )

    return typed_frame(by_category(sides, pair_category), PAIRS)


def _complete(rows: pd.DataFrame, side: str, *, random_state: int) -> pd.Series:
    """Fill in the missing clusters of one side, and return the probabilities."""
    cluster, probability = rows[f"{side}_cluster"], rows[f"{side}_probability"].copy()
    surroundings = rows[f"{OTHER[side]}_components"]
    missing = cluster.isna()
    learnable = rows[f"{side}_is_fitted"].astype(bool) & surroundings.notna()
    told = missing & surroundings.notna()
    if learnable.any() and told.any():
        X = stacked(surroundings[learnable])
        order = canonical_order(X)
        labels, probability[told] = infer_labels(
            X[order],
            cluster[learnable].to_numpy(dtype=int)[order],
            stacked(surroundings[told]),
            random_state=random_state,
        )
        rows.loc[told, f"{side}_cluster"] = labels
    untold = rows[f"{side}_cluster"].isna()
    probability[untold] = (cluster == 1).sum() / max(cluster.notna().sum(), 1)
    rows.loc[untold, f"{side}_cluster"] = 1
    return probability.where(probability > 0)


def merged_labels(rows: pd.DataFrame, *, sides: tuple[str, ...] = BOTH) -> np.ndarray:
    """Return one label per row: its clusters on the sides, and its split value.

    Examples
    --------
    >>> rows = pd.DataFrame({"internal_cluster": [2, 1], "external_cluster": [1, 3]})
    >>> merged_labels(rows.assign(split_value=["NORTH", None])).tolist()
    ['2-1-NORTH', '1-3']
    """
    parts = [rows[f"{side}_cluster"].astype(int).astype(str) for side in sides]
    labels = parts[0].str.cat(parts[1:], sep="-")
    split = rows["split_value"].notna()
    with_value = labels.str.cat(rows["split_value"].fillna("").astype(str), sep="-")
    return labels.where(~split, with_value).to_numpy(dtype=str)


def joint_space(
    rows: pd.DataFrame, settings: Weights, *, sides: tuple[str, ...] = BOTH
) -> np.ndarray:
    """Return an array of stores by joint components.

    Each block is scaled to a variance of its weight, so that the wider one does not
    win by width. A side on which all stores are one cluster sets none apart and has
    no weight, unless the other has one cluster too. A store without components on a
    side stands there at the mean of its cluster on that side.

    Parameters
    ----------
    rows : DataFrame
        Stores of one category. For either side: internal_components (lists of
        floats or None), internal_cluster.
    settings : Weights
    sides : tuple of str
        The others have no weight.
    """
    weights = {side: weight_of(side, settings) * (side in sides) for side in BOTH}
    telling = [side for side in weights if len(rows[f"{side}_cluster"].unique()) > 1]
    if sum(weights[side] for side in telling) > 0:
        weights = {side: weights[side] for side in telling}
    return np.hstack([_block(rows, side, weight) for side, weight in weights.items()])


def weight_of(side: str, settings: Weights) -> float:
    """Return the weight of one side."""
    is_internal = side == "internal"
    return settings.internal_weight if is_internal else settings.external_weight


def _block(rows: pd.DataFrame, side: str, weight: float) -> np.ndarray:
    components, cluster = rows[f"{side}_components"], rows[f"{side}_cluster"]
    known = components.notna().to_numpy(dtype=bool)
    if not known.any():
        return np.zeros((len(rows), 1))
    values = stacked(components[known])
    filled = np.full((len(rows), values.shape[1]), values.mean(axis=0))
    filled[known] = values
    means = pd.DataFrame(values).groupby(cluster[known].to_numpy()).mean()
    missing = ~known & cluster.isin(means.index).to_numpy(dtype=bool)
    filled[missing] = means.loc[cluster[missing]].to_numpy()
    return BlockScaler(weight=weight).fit(values).transform(filled)
