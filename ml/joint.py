"""Both sides of every store: paired, and in one space where each has its weight."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from ml.algorithms import single_threaded
from ml.canonical import canonical_order
from ml.forest import TREE, Forest
from ml.frames import by_category, stacked, typed_frame
from ml.settings import Group, Randomness, Weights
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
FORESTS = {"category": "str", "side": "str", "tree": "int64"} | TREE
# The sides of a store: what sells in it, and what surrounds it.
BOTH = ("internal", "external")
OTHER = {"internal": "external", "external": "internal"}


@single_threaded
def grow_forests(sides: pd.DataFrame, settings: Randomness) -> pd.DataFrame:
    """Learn which clusters of one side go with what is known of the other.

    Parameters
    ----------
    sides : DataFrame
        As for `pair_clusters`.
    settings : Randomness

    Returns
    -------
    DataFrame
        One row per category, side and tree: the trees of the forest that infers the
        side's cluster from the other side's components; see `ml.forest.Tree`. None
        where there is no store to learn from.
    """

    def grow_both(_: str, rows: pd.DataFrame) -> pd.DataFrame:
        grown = [_grow(rows, side, settings.random_state) for side in OTHER]
        return pd.concat(grown).assign(category=rows["category"].iloc[0])

    return typed_frame(by_category(sides, grow_both), FORESTS)


def _grow(rows: pd.DataFrame, side: str, random_state: int) -> pd.DataFrame:
    surroundings = rows[f"{OTHER[side]}_components"]
    learnable = rows[f"{side}_is_fitted"].astype(bool) & surroundings.notna()
    if not learnable.any():
        return pd.DataFrame(columns=list(FORESTS))
    X = stacked(surroundings[learnable])
    order = canonical_order(X)
    labels = rows.loc[learnable, f"{side}_cluster"].to_numpy(dtype=int)[order]
    trees = Forest.grow(X[order], labels, random_state=random_state).to_rows()
    return trees.assign(side=side, tree=range(len(trees)))


def forests_by_side(trees: pd.DataFrame) -> dict[tuple[str, str], Forest]:
    """Return each forest of `grow_forests` by category and side."""
    ordered = trees.sort_values(["category", "side", "tree"])
    return {
        (str(category), side): Forest.from_rows(rows)
        for side in BOTH
        for category, rows in ordered[ordered["side"] == side].groupby("category")
    }


@single_threaded
def pair_clusters(
    sides: pd.DataFrame, trees: pd.DataFrame, _: Group | None = None
) -> pd.DataFrame:
    """Assign every store a cluster on both sides.

    A store without sales that can be used has no internal cluster of its own: a
    forest, which has learnt from the other stores which internal cluster goes with
    which surroundings, infers it. The same the other way round. A store of which
    nothing is known goes to the largest cluster.

    Parameters
    ----------
    sides : DataFrame
        One row per store and category: store_id, category, is_outlier, split_value
        (text; null where no rule splits the category), and for
        either side, such as internal, internal_cluster and internal_probability
        (null where not inferred), internal_components (list of floats or None) and
        internal_is_fitted.
    trees : DataFrame
        As `grow_forests` returns them for the same stores.

    Returns
    -------
    DataFrame
        One row per row of ``sides``. probability is that of both clusters together,
        null where nothing was inferred; is_fitted tells the stores that shaped the
        internal clusters. merged_cluster is the label of both sides together, see
        `merged_labels`. Split values and components are as they were.
    """
    forests = forests_by_side(trees)

    def pair_category(category: str, rows: pd.DataFrame) -> pd.DataFrame:
        inferred = [
            _complete(rows, side, forests.get((category, side))) for side in OTHER
        ]
        probability = pd.concat(inferred, axis=1).prod(axis=1, min_count=1)
        return rows.assign(
            probability=probability,
            is_fitted=rows["internal_is_fitted"],
            merged_cluster=merged_labels(rows),
        )

    return typed_frame(by_category(sides, pair_category), PAIRS)


def _complete(rows: pd.DataFrame, side: str, forest: Forest | None) -> pd.Series:
    """Fill in the missing clusters of one side, and return the probabilities."""
    cluster, probability = rows[f"{side}_cluster"], rows[f"{side}_probability"].copy()
    surroundings = rows[f"{OTHER[side]}_components"]
    told = cluster.isna() & surroundings.notna()
    if forest and told.any():
        labels, probability[told] = forest.predict(stacked(surroundings[told]))
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
    blocks = learn_blocks(rows, settings, sides=sides)
    return np.hstack([block.place(rows, side) for side, block in blocks.items()])


class Block(NamedTuple):
    """How the components of one side stand in the joint space.

    Parameters
    ----------
    mean : ndarray of shape (p,)
        That of the stores it was learnt from.
    factor : float
        What centred components are multiplied with.
    stand_ins : dict of int to ndarray of shape (p,)
        The mean of each cluster, where a store without components stands.
    """

    mean: np.ndarray
    factor: float
    stand_ins: dict[int, np.ndarray]

    def place(self, rows: pd.DataFrame, side: str) -> np.ndarray:
        """Return the columns of the joint space for the stores in ``rows``."""
        components, cluster = rows[f"{side}_components"], rows[f"{side}_cluster"]
        filled = np.full((len(rows), len(self.mean)), self.mean)
        known = components.notna().to_numpy(dtype=bool)
        if known.any():
            filled[known] = stacked(components[known])
        for name, stand_in in self.stand_ins.items():
            filled[~known & (cluster == name).to_numpy(dtype=bool)] = stand_in
        return (filled - self.mean) * self.factor


def learn_blocks(
    rows: pd.DataFrame, settings: Weights, *, sides: tuple[str, ...] = BOTH
) -> dict[str, Block]:
    """Return by side how its components stand in the joint space of ``rows``.

    Parameters
    ----------
    rows, settings, sides
        As for `joint_space`. A side without weight has no block.
    """
    weights = {side: weight_of(side, settings) * (side in sides) for side in BOTH}
    telling = [side for side in weights if len(rows[f"{side}_cluster"].unique()) > 1]
    if sum(weights[side] for side in telling) > 0:
        weights = {side: weights[side] for side in telling}
    return {side: _learn_block(rows, side, weight) for side, weight in weights.items()}


def _learn_block(rows: pd.DataFrame, side: str, weight: float) -> Block:
    components, cluster = rows[f"{side}_components"], rows[f"{side}_cluster"]
    known = components.notna().to_numpy(dtype=bool)
    if not known.any():
        return Block(np.zeros(1), 0.0, {})
    values = stacked(components[known])
    means = pd.DataFrame(values).groupby(cluster[known].to_numpy()).mean()
    scaler = BlockScaler(weight=weight).fit(values)
    stand_ins = dict(zip(means.index, means.to_numpy(), strict=True))
    return Block(scaler.mean_, float(scaler.scale_), stand_ins)


def weight_of(side: str, settings: Weights) -> float:
    """Return the weight of one side."""
    is_internal = side == "internal"
    return settings.internal_weight if is_internal else settings.external_weight
