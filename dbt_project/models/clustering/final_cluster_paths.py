import numpy as np
import pandas as pd

from ml.frames import by_category, typed_frame
from ml.joint import joint_space


def merge_path(X, labels, most):
    """Stand-in: Ward from merged clusters, as lists of labels from 1 cluster up."""
    _, labels = np.unique(labels, return_inverse=True)
    steps = [labels]
    while labels.max():
        n = np.bincount(labels)
        means = np.array([X[labels == i].mean(axis=0) for i in range(len(n))])
        cost = ((means[:, None] - means[None]) ** 2).sum(axis=2)
        cost = cost * n[:, None] * n / (n[:, None] + n)
        cost[np.tril_indices(len(n))] = np.inf
        a, b = np.unravel_index(cost.argmin(), cost.shape)
        labels = np.unique(np.where(labels == b, a, labels), return_inverse=True)[1]
        steps.append(labels)
    return np.array(steps[::-1])[:most].T + 1


def model(dbt, session):
    components = dbt.ref("joint_components").df()
    settings = dbt.config.meta_get("settings")

    def one(_, rows):
        X = joint_space(rows, **settings)
        path = merge_path(X, rows["merged_cluster"].to_numpy(dtype=str), 8)
        return pd.DataFrame(
            {
                "store_id": rows["store_id"],
                "category": rows["category"],
                "basis": "both",
                "leaf": path[:, -1],
                "path": path.tolist(),
            }
        )

    types = {"store_id": "str", "category": "str", "basis": "str", "leaf": "int64"}
    types["path"] = "object"
    paths = typed_frame(by_category(components, one), types)
    if not len(paths):
        return session.sql(
            "select '' as store_id, '' as category, '' as basis, 1::integer as leaf,"
            " [1]::integer[] as path where false"
        )
    return session.sql(
        "select store_id::varchar as store_id, category::varchar as category,"
        " basis::varchar as basis, leaf::integer as leaf, path::integer[] as path"
        " from paths"
    )
