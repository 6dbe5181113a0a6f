"""Features that say the same, and the one that represents them."""

import numpy as np
import pandas as pd

from ml.algorithms import single_threaded
from ml.frames import feature_matrix, features_by_category, typed_frame

# Two features that correlate more than this say the same.
SAME = 0.9
REPRESENTATIVES = {
    "category": "str",
    "cluster_id": "int64",
    "block": "str",
    "feature": "str",
    "representative": "str",
}


@single_threaded
def find_representatives(
    profiles: pd.DataFrame,
    stores: pd.DataFrame,
    shares: pd.DataFrame,
    external: pd.DataFrame,
) -> pd.DataFrame:
    """Find, for each feature of a cluster, the feature that represents it.

    Features of a block are gone through from the most distinctive one of the cluster
    on. One that correlates with none before it speaks for itself; any other is spoken
    for by the first with an absolute Pearson correlation above .9 over the stores of
    the category.

    Parameters
    ----------
    profiles : DataFrame
        One row per category, cluster_id, block and feature, with distinctiveness_rank.
    stores : DataFrame
        One row per store_id and category.
    shares : DataFrame
        store_id, category, need_state and sales_share; shares of zero may be left out.
    external : DataFrame
        store_id, category (null for all), feature and value: 0 or 1 for a level of a
        categorical column, nothing where the store has none.

    Returns
    -------
    DataFrame
        category, cluster_id, block, feature and representative, which is the feature
        itself where it speaks for itself.
    """
    profiles = profiles.sort_values(
        ["category", "block", "cluster_id", "distinctiveness_rank"], ignore_index=True
    )
    ids = {
        category: pd.Index(sorted(rows))
        for category, rows in stores.groupby("category")["store_id"]
    }
    sold = shares.rename(columns={"need_state": "feature", "sales_share": "value"})
    of_block = {
        "internal": features_by_category(sold),
        "external": features_by_category(external),
    }
    parts = []
    for key, rows in profiles.groupby(["category", "block"], sort=True):
        category, block = key  # ty: ignore[not-iterable]
        matrix = feature_matrix(
            of_block[block](category), category=category, store_ids=ids[category]
        )
        same = find_same(matrix.fillna(0) if block == "internal" else matrix)
        parts += [_represent(one, same) for _, one in rows.groupby("cluster_id")]
    return typed_frame(parts, REPRESENTATIVES)


def find_same(matrix: pd.DataFrame, *, above: float = SAME) -> dict[str, set[str]]:
    """Return, for each column, the others whose absolute correlation is above a bound.

    A missing value counts as the mean; a constant correlates with nothing.

    Examples
    --------
    >>> matrix = pd.DataFrame({"a": [1, 2, 3], "b": [3, 2, 1.1], "c": [1, 0, 1]})
    >>> find_same(matrix)
    {'a': {'b'}, 'b': {'a'}, 'c': set()}
    """
    values = matrix.to_numpy(dtype=float)
    known = ~np.isnan(values)
    means = np.where(known, values, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    centred = np.where(known, values - means, 0)
    length = np.sqrt((centred**2).sum(axis=0))
    scaled = centred / np.where(length > 0, length, 1)
    is_same = np.round(np.abs(scaled.T @ scaled), 6) > above
    np.fill_diagonal(is_same, val=False)
    names = matrix.columns.to_numpy()
    return {
        name: set(names[row].tolist())
        for name, row in zip(names.tolist(), is_same, strict=True)
    }


def _represent(rows: pd.DataFrame, same: dict[str, set[str]]) -> pd.DataFrame:
    """Go through the features of a cluster and block, the most distinctive first."""
    speaking, found = [], []
    for feature in rows["feature"]:
        alike = same.get(feature, set())
        found.append(next((one for one in speaking if one in alike), feature))
        if found[-1] == feature:
            speaking.append(feature)
    return rows.assign(representative=found)
