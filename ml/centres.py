"""The centres of a fit's clusters: where a store has to be nearest to join one."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from ml.algorithms import single_threaded
from ml.cluster import centroids
from ml.frames import by_category, or_empty, stacked, typed_frame
from ml.joint import BOTH, Block, learn_blocks
from ml.settings import Weights

FINAL = "final"
SIDES = (*BOTH, FINAL)
CENTRES = {
    "category": "str",
    "side": "str",
    "cluster": "int64",
    "store_count": "int64",
    "centre": "object",
    "variance": "float64",
    "stand_in": "object",
    "block_mean": "object",
    "block_factor": "float64",
}
# Empty for final clusters.
OF_SIDES = ("stand_in", "block_mean")


@single_threaded
def fit_centres(
    joint: pd.DataFrame,
    finished: pd.DataFrame,
    external: pd.DataFrame,
    settings: Weights,
) -> pd.DataFrame:
    """Return where the clusters of a fit are, on either side and in the joint space.

    Parameters
    ----------
    joint : DataFrame
        As of `ml.joint.pair_clusters`.
    finished : DataFrame
        As of `ml.finish.finish_clusters`; of it, raw_cluster is read.
    external : DataFrame
        The stores that external clusters were fitted with, which may be more than those
        of the category: store_id, category, components, cluster and is_fitted.
    settings : Weights

    Returns
    -------
    DataFrame
        One row per category, side (internal, external or final) and cluster:

        - store_count: the stores that the centre is the mean of. On the sides, these
          are the ones that shaped its clusters.
        - centre: in the components of the side; of a final cluster, in the joint space.
        - variance: mean squared distance of these stores to it, by the dimension.
        - stand_in: where a store of the cluster stands that has no components of the
          side; empty for final clusters.
        - block_mean, block_factor: see `ml.joint.Block`; empty and null for final
          clusters. A factor of zero: the side has no say in the joint space.
    """
    finals = finished[["store_id", "category", "raw_cluster"]]
    both = joint.merge(finals, on=["store_id", "category"])
    internal = joint.rename(
        columns={"internal_components": "components", "internal_cluster": "cluster"}
    )
    of_side = {
        "internal": dict(tuple(internal.groupby("category"))),
        "external": dict(tuple(external.groupby("category"))),
    }

    def fit_category(category: str, rows: pd.DataFrame) -> pd.DataFrame:
        blocks = learn_blocks(rows, settings)
        of_sides = [
            _of_side(of_side[side].get(category), blocks.get(side)).assign(side=side)
            for side in BOTH
        ]
        X = place(rows, blocks)
        of_finals = _of_clusters(X, rows["raw_cluster"].to_numpy(dtype=int))
        parts = [*of_sides, of_finals.assign(side=FINAL)]
        centres = pd.concat(parts, ignore_index=True).reindex(columns=list(CENTRES))
        lists = {name: or_empty(centres[name], centres) for name in OF_SIDES}
        return centres.assign(category=category, **lists)

    return typed_frame(by_category(both, fit_category), CENTRES)


def _of_side(rows: pd.DataFrame | None, block: Block | None) -> pd.DataFrame:
    """Return the centres of the clusters, by the stores that shaped them."""
    if rows is None or not rows["components"].notna().any():
        return pd.DataFrame()
    known = rows[rows["components"].notna()]
    shaped = known[known["is_fitted"].astype(bool)]
    shaped = known if shaped.empty else shaped.sort_values("store_id")
    values = stacked(shaped["components"])
    centres = _of_clusters(values, shaped["cluster"].to_numpy(dtype=int))
    block = block or Block(np.zeros(values.shape[1]), 0.0, {})
    stand_ins = [block.stand_ins.get(name, block.mean) for name in centres["cluster"]]
    return centres.assign(
        stand_in=pd.Series(stand_ins, dtype=object),
        block_mean=pd.Series([block.mean] * len(centres), dtype=object),
        block_factor=block.factor,
    )


def _of_clusters(X: np.ndarray, labels: np.ndarray) -> pd.DataFrame:
    names, place, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    centres = centroids(X, labels, names)
    apart = ((X - centres[place]) ** 2).mean(axis=1)
    return pd.DataFrame(
        {
            "cluster": names,
            "store_count": sizes,
            "centre": pd.Series(list(centres), dtype=object),
            "variance": np.bincount(place, apart) / sizes,
        }
    )


class Centres(NamedTuple):
    """The clusters of one side, or the final ones.

    Parameters
    ----------
    names : ndarray of shape (k,), int
    places : ndarray of shape (k, d)
    sizes : ndarray of shape (k,), int
        Stores of each.
    variance : float
        Mean squared distance of stores to the centre of their cluster, by dimension.
    """

    names: np.ndarray
    places: np.ndarray
    sizes: np.ndarray
    variance: float

    @property
    def is_empty(self) -> bool:
        """Whether there is none, as where nothing is known of the side."""
        return not len(self.names)


class Fitted(NamedTuple):
    """Where the clusters of one category are.

    Parameters
    ----------
    of : dict of str to Centres
        By side, and the final ones.
    blocks : dict of str to Block
        How the components of each side stand in the joint space.
    """

    of: dict[str, Centres]
    blocks: dict[str, Block]


def read_centres(rows: pd.DataFrame) -> Fitted:
    """Return where clusters are, out of the rows of one category."""
    sides = {side: rows[rows["side"] == side].sort_values("cluster") for side in SIDES}
    return Fitted(
        {side: _centres_of(own) for side, own in sides.items()},
        {side: _block_of(sides[side]) for side in BOTH if len(sides[side])},
    )


def _centres_of(own: pd.DataFrame) -> Centres:
    if own.empty:
        return Centres(np.zeros(0, dtype=int), np.zeros((0, 1)), np.zeros(0), 0.0)
    sizes = own["store_count"].to_numpy()
    variance = float(np.average(own["variance"], weights=sizes))
    return Centres(own["cluster"].to_numpy(), stacked(own["centre"]), sizes, variance)


def _block_of(own: pd.DataFrame) -> Block:
    stand_ins = dict(zip(own["cluster"], own["stand_in"], strict=True))
    mean = np.asarray(own["block_mean"].iloc[0], dtype=float)
    return Block(mean, own["block_factor"].iloc[0], stand_ins)


def place(rows: pd.DataFrame, blocks: dict[str, Block]) -> np.ndarray:
    """Return an array of stores by joint components.

    A side without say has columns of zeros, or none: distances are the same.
    """
    said = {side: block for side, block in blocks.items() if block.factor}
    parts = [block.place(rows, side) for side, block in said.items()]
    return np.hstack(parts) if parts else np.zeros((len(rows), 1))
