"""Both sides of every store: what one side does not know, the other tells."""

import pandas as pd

from ml.canonical import canonical_order
from ml.determinism import single_threaded
from ml.frames import by_category, stacked, typed_frame
from ml.infer import infer_labels
from ml.settings import Randomness

PAIRS = {
    "store_id": "str",
    "category": "str",
    "internal_cluster": "int64",
    "external_cluster": "int64",
    "probability": "float64",
    "is_fitted": "bool",
    "is_outlier": "bool",
}
OTHER = {"internal": "external", "external": "internal"}


@single_threaded
def pair_clusters(sides: pd.DataFrame, settings: Randomness) -> pd.DataFrame:
    """Give every store a cluster on both sides.

    A store without sales that can be used has no internal cluster of its own: a
    classifier learns from the other stores which internal cluster goes with which
    surroundings. The same the other way round. A store of which nothing is known
    goes to the largest cluster.

    Parameters
    ----------
    sides : DataFrame
        One row per store and category: store_id, category, is_outlier, and for
        either side, such as internal, internal_cluster and internal_probability
        (null where not inferred), internal_components (list of floats or None) and
        internal_is_fitted.
    settings : Randomness

    Returns
    -------
    DataFrame
        One row per row of ``sides``. probability is that of both clusters together,
        null where nothing was inferred; is_fitted tells the stores that shaped the
        internal clusters.
    """

    def pair_category(_: str, rows: pd.DataFrame) -> pd.DataFrame:
        seed = settings.random_state
        inferred = [_complete(rows, side, random_state=seed) for side in OTHER]
        probability = pd.concat(inferred, axis=1).prod(axis=1, min_count=1)
        return rows.assign(
            probability=probability, is_fitted=rows["internal_is_fitted"]
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
