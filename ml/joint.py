"""The joint space: both sides' components, each with its say."""

import numpy as np
import pandas as pd

from ml.block import BlockScaler
from ml.frames import stacked
from ml.settings import Weights

# The sides of a store: what sells in it, and what surrounds it.
BOTH = ("internal", "external")


def joint_space(
    rows: pd.DataFrame, settings: Weights, *, sides: tuple[str, ...] = BOTH
) -> np.ndarray:
    """Return one array of stores by joint components.

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
