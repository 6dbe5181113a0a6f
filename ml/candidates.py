"""Score every candidate number of clusters."""

import warnings
from collections.abc import Iterable

import numpy as np
import pandas as pd
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score

from ml.determinism import single_threaded
from ml.frames import by_category, stacked, typed_frame
from ml.kmeans import fit_kmeans
from ml.silhouette import silhouette_samples

SCORES = {
    "category": "str",
    "k": "int64",
    "fitted_stores": "int64",
    "smallest_cluster": "int64",
    "silhouette": "float64",
    "calinski_harabasz": "float64",
    "davies_bouldin": "float64",
}


@single_threaded
def score_candidates(
    prepared: pd.DataFrame,
    *,
    min_clusters: int,
    max_clusters: int,
    n_init: int,
    random_state: int,
) -> pd.DataFrame:
    """Cluster the stores in the fit with every candidate k, and score each.

    Parameters
    ----------
    prepared : DataFrame
        As `ml.prepare.prepare` returns it.
    min_clusters, max_clusters : int
        Lowest and highest candidate; the highest is lowered to what the number of
        different stores allows. Where that leaves none, k = 1 is the only one.
    n_init, random_state : int
        See `ml.kmeans.fit_kmeans`.

    Returns
    -------
    DataFrame
        One row per category and k. silhouette (-1 to 1) and calinski_harabasz are
        better when higher, davies_bouldin when lower; null for k = 1.

    Raises
    ------
    ValueError
        If the candidates are not a range from 2 up.
    """
    if not 2 <= min_clusters <= max_clusters:
        raise ValueError(
            f"got min_clusters={min_clusters} and max_clusters={max_clusters}, "
            "expected 2 <= min_clusters <= max_clusters"
        )

    def score_category(category: str, rows: pd.DataFrame) -> pd.DataFrame:
        X = stacked(rows.loc[rows["in_fit"], "components"])
        highest = min(max_clusters, len(np.unique(X, axis=0)) - 1)
        labelings = _cluster(
            X,
            range(min_clusters, highest + 1),
            n_init=n_init,
            random_state=random_state,
        )
        scores = _score(X, labelings) if labelings else [_one_cluster(X)]
        return pd.DataFrame(scores).assign(category=category, fitted_stores=len(X))

    return typed_frame(by_category(prepared, score_category), SCORES)


def _cluster(
    X: np.ndarray, candidates: Iterable[int], *, n_init: int, random_state: int
) -> dict[int, np.ndarray]:
    """Label the rows for every k, up to the first that they are too alike for."""
    labelings = {}
    for k in candidates:
        with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
            model = fit_kmeans(X, k, n_init=n_init, random_state=random_state)
        if len(np.unique(model.labels_)) < k:
            break
        labelings[k] = model.labels_
    return labelings


def _score(X: np.ndarray, labelings: dict[int, np.ndarray]) -> list[dict[str, float]]:
    widths = silhouette_samples(X, list(labelings.values()))
    return [
        {
            "k": k,
            "smallest_cluster": np.bincount(labels).min(),
            "silhouette": width.mean(),
            "calinski_harabasz": calinski_harabasz_score(X, labels),
            "davies_bouldin": davies_bouldin_score(X, labels),
        }
        for (k, labels), width in zip(labelings.items(), widths, strict=True)
    ]


def _one_cluster(X: np.ndarray) -> dict[str, float]:
    unknown = dict.fromkeys(("silhouette", "calinski_harabasz", "davies_bouldin"))
    return {"k": 1, "smallest_cluster": len(X)} | unknown
