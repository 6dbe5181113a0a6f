"""Finish: the chosen final clusters, split if too large, numbered and measured."""

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA

from ml.algorithms import single_threaded
from ml.canonical import canonical_labels
from ml.cluster import place_stores
from ml.final import Path, final_paths
from ml.frames import by_category, typed_frame
from ml.joint import joint_space
from ml.settings import Finish, Merging
from ml.sizes import cluster_size_floor, split_large

FINISHED = {
    "store_id": "str",
    "category": "str",
    "raw_cluster": "int64",
    "is_reassigned": "bool",
    "silhouette": "float64",
    "distance_to_centroid": "float64",
    "next_best_cluster": "Int64",
    "next_best_distance": "float64",
    "map_x": "float64",
    "map_y": "float64",
}


@single_threaded
def finish_clusters(
    joint: pd.DataFrame,
    finals: pd.DataFrame,
    settings: Finish,
) -> pd.DataFrame:
    """Merge clusters of both sides to the wanted number, and split those too large.

    Parameters
    ----------
    joint : DataFrame
        One row per store and category: store_id, category, split_value (text; null
        where no rule splits the category), and for either side, such as internal,
        internal_components and internal_cluster.
    finals : DataFrame
        category, basis and clusters: how many final clusters are wanted, and of which
        sides; see `ml.final.merge_finals`. A category that is not there keeps all that
        are large enough.
    settings : Finish

    Returns
    -------
    DataFrame
        One row per row of ``joint``. raw_cluster counts from 1, the largest first;
        is_reassigned tells the stores that left a small cluster for another (that two
        clusters were merged, or one split, is no such move); silhouette,
        distance_to_centroid and next best are in the joint space (null where there is
        one cluster); map_x and map_y are its first two principal components.
    """
    wanted = finals.set_index("category")[["basis", "clusters"]].T.to_dict("list")

    def finish_category(category: str, rows: pd.DataFrame) -> pd.DataFrame:
        basis, count = wanted.get(category, ("both", len(rows)))
        floor, X = cluster_size_floor(len(rows), settings), joint_space(rows, settings)
        path = _path_of(rows, settings, basis=basis, floor=floor, longest=int(count))
        parts = split_large(
            X,
            path.steps[:, -1],
            floor=floor,
            max_cluster_size=settings.max_cluster_size,
            n_init=settings.n_init,
            random_state=settings.random_state,
        )
        raw_cluster = canonical_labels(parts)
        return rows.assign(
            raw_cluster=raw_cluster,
            is_reassigned=path.labels != path.leaves,
            **place_stores(X, raw_cluster),
            **draw_map(X),
        )

    return typed_frame(by_category(joint, finish_category), FINISHED)


def _path_of(
    rows: pd.DataFrame, settings: Merging, *, basis: str, floor: int, longest: int
) -> Path:
    paths = final_paths(rows, settings, floor=floor, longest=longest)
    return next(path for path in paths if path.basis == basis)


def draw_map(X: np.ndarray, fitted: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """Return the first two principal components, map_x and map_y; zeros beyond.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    fitted : ndarray of shape (m, d), optional
        What they are the components of; by default ``X`` itself.
    """
    fitted = X if fitted is None else fitted
    if len(fitted) < 2 or not fitted.var(axis=0).any():
        flat = np.zeros((len(X), 2))
    else:
        pca = PCA(n_components=min(2, *fitted.shape), svd_solver="full")
        learnt = pca.fit_transform(fitted)
        flat = learnt if fitted is X else pca.transform(X)
        flat = np.pad(flat, ((0, 0), (0, 2 - flat.shape[1])))
    return {"map_x": flat[:, 0], "map_y": flat[:, 1]}
