"""Agreement: which categories put the stores into the same clusters."""

import numpy as np
import pandas as pd

from ml.frames import typed_frame
from ml.stability import pairwise_agreement

COMPARED = {
    "internal_agreement": "internal_cluster",
    "external_agreement": "external_cluster",
    "final_agreement": "cluster_id",
}
TYPES = {
    "category": "str",
    "other_category": "str",
    "common_stores": "int64",
    **dict.fromkeys(COMPARED, "float64"),
}


def compare_categories(clusters: pd.DataFrame) -> pd.DataFrame:
    """Return for each two categories how far their clusters are the same.

    The adjusted Rand index (`ml.stability.rand_agreement`) of the stores that both
    have: 1 where these are in the same clusters, whatever their numbers, about 0 where
    the clusters of one say nothing about those of the other.

    Parameters
    ----------
    clusters : DataFrame
        One row per store and category: store_id, category, internal_cluster,
        external_cluster and cluster_id, not negative.

    Returns
    -------
    DataFrame
        One row per two categories, category before other_category by name:
        common_stores, internal_agreement, external_agreement and final_agreement; nan
        where fewer than two stores are in common.

    Examples
    --------
    >>> clusters = pd.DataFrame({
    ...     "store_id": ["1", "2", "3", "4"] * 2,
    ...     "category": ["GIN"] * 4 + ["RUM"] * 4,
    ...     "internal_cluster": [1, 1, 2, 2, 1, 2, 1, 2],
    ...     "external_cluster": [1, 1, 2, 2, 2, 2, 1, 1],
    ...     "cluster_id": [1, 1, 2, 3, 1, 1, 2, 2],
    ... })
    >>> compare_categories(clusters).round(3).iloc[0].to_dict()
    {'category': 'GIN', 'other_category': 'RUM', 'common_stores': 4, \
'internal_agreement': -0.5, 'external_agreement': 1.0, 'final_agreement': 0.571}
    """
    places = pd.factorize(clusters["store_id"])[0]
    by_name = dict(list(clusters.assign(place=places).groupby("category", sort=True)))
    if len(by_name) < 2:
        return typed_frame([], TYPES)
    names, groups = np.array(list(by_name), dtype=object), list(by_name.values())
    picked = [rows["place"].to_numpy() for rows in groups]
    pairs = np.triu_indices(len(groups), k=1)
    common = _count_common(picked, stores=places.max() + 1)[pairs]
    scores = {
        score: np.where(common < 2, np.nan, _agreement(groups, picked, column)[pairs])
        for score, column in COMPARED.items()
    }
    first, second = (names[place] for place in pairs)
    found = {"category": first, "other_category": second, "common_stores": common}
    return typed_frame([pd.DataFrame(found | scores)], TYPES)


def _count_common(picked: list[np.ndarray], *, stores: int) -> np.ndarray:
    """Return the stores that each two categories have in common."""
    has = np.zeros((len(picked), stores))
    for row, places in zip(has, picked, strict=True):
        row[places] = 1
    return (has @ has.T).astype(int)


def _agreement(
    groups: list[pd.DataFrame], picked: list[np.ndarray], column: str
) -> np.ndarray:
    labels = [rows[column].to_numpy(dtype=int) for rows in groups]
    return pairwise_agreement(picked, labels)
