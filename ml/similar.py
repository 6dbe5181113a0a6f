"""The stores of a fit that are most like others, by what sells and what surrounds."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist

from ml.centres import Block, place
from ml.frames import typed_frame

SIMILAR = {
    "store_id": "str",
    "similar_rank": "int64",
    "similar_store": "str",
    "distance": "float64",
    "cluster_id": "int64",
}


def similar_stores(
    now: pd.DataFrame, then: pd.DataFrame, blocks: Mapping[str, Block], *, most: int
) -> pd.DataFrame:
    """Return the stores of a fit that are nearest to each store, of one category.

    Parameters
    ----------
    now : DataFrame
        The stores that are asked about: store_id, and components and clusters of both
        sides, as `ml.centres.place` reads them.
    then : DataFrame
        The stores of the fit: the same columns, and cluster_id.
    blocks : mapping
        How the components of each side stand in the joint space.
    most : int
        How many to return of each.

    Returns
    -------
    DataFrame
        One row per store of ``now`` and similar store, never itself: store_id,
        similar_rank (1 is the most similar), similar_store, distance in the joint
        space, as to centres, and cluster_id of the similar store. Equally far ones go
        by their numbers.
    """
    then = then.sort_values("store_id", ignore_index=True)
    ids = then["store_id"].to_numpy()
    distances = cdist(place(now, dict(blocks)), place(then, dict(blocks)))
    own = now["store_id"].to_numpy()
    distances[own[:, None] == ids] = np.inf
    nearest = distances.argsort(axis=1, kind="stable")[:, :most]
    rows, ranks = np.indices(nearest.shape).reshape(2, -1)
    columns = nearest.ravel()
    found = pd.DataFrame(
        {
            "store_id": own[rows],
            "similar_rank": ranks + 1,
            "similar_store": ids[columns],
            "distance": distances[rows, columns],
            "cluster_id": then["cluster_id"].to_numpy()[columns],
        }
    )
    return typed_frame([found[np.isfinite(found["distance"])]], SIMILAR)
