"""Scores: equal to scikit-learn's, on any data."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn import metrics

from ml.algorithms import ALGORITHMS, cluster
from ml.candidates import score_candidates
from ml.canonical import canonical_order
from ml.settings import Fit, Search
from ml.silhouette import silhouette_samples
from tests.ml.sides import projection_of

NOTHING_FIXED = pd.DataFrame({"category": [], "side": [], "k": []})
SETTINGS = {"n_init": 1, "min_cluster_size": 3, "random_state": 0}

numbers = st.one_of(
    st.integers(-3, 3).map(float), st.floats(-1e4, 1e4, allow_subnormal=False)
)


@st.composite
def matrices(draw: st.DrawFn, *, least: int = 3) -> np.ndarray:
    """Draw rows, some of them equal, and columns, some of them constant."""
    different = draw(st.integers(least, 20))
    X = draw(hnp.arrays(float, (different, draw(st.integers(1, 4))), elements=numbers))
    again = draw(st.lists(st.integers(0, different - 1), max_size=15))
    X = X[[*range(different), *again]]
    if draw(st.booleans()):
        X[:, 0] = draw(numbers)
    return X


@st.composite
def labelled(draw: st.DrawFn) -> tuple[np.ndarray, list[np.ndarray]]:
    """Draw a matrix and some labelings, with clusters of one row among them."""
    X = draw(matrices())
    labels = st.integers(0, draw(st.integers(1, len(X) - 2)))
    any_labels = hnp.arrays(int, len(X), elements=labels)
    drawn = draw(st.lists(any_labels, min_size=1, max_size=4))
    whole = [np.unique(labels, return_inverse=True)[1] for labels in drawn]
    return X, whole


@given(labelled())
@settings(max_examples=100)
def test_silhouettes_are_those_of_scikit_learn(
    drawn: tuple[np.ndarray, list[np.ndarray]],
) -> None:
    X, labelings = drawn
    widths = silhouette_samples(X, labelings)
    for width, labels in zip(widths, labelings, strict=True):
        clusters = labels.max() + 1
        expected = np.zeros(len(X))
        if 1 < clusters < len(X):
            expected = metrics.silhouette_samples(X, labels)
        np.testing.assert_allclose(width, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("algorithm", ["kmeans", "gmm", "agglomerative", "birch"])
@given(matrices(least=5))
@settings(max_examples=10)
def test_scores_of_candidates_are_those_of_scikit_learn(
    algorithm: str, X: np.ndarray
) -> None:
    X = X[canonical_order(X)]
    for row in score(X, algorithm=algorithm).query("k > 1").itertuples():
        labels = cluster(X, row.k, Fit(algorithm=algorithm, **SETTINGS)).labels
        expected = {
            "silhouette": metrics.silhouette_score(X, labels),
            "calinski_harabasz": metrics.calinski_harabasz_score(X, labels),
            "davies_bouldin": metrics.davies_bouldin_score(X, labels),
        }
        found = {name: getattr(row, name) for name in expected}
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)
        assert row.smallest_cluster == np.bincount(labels).min()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@given(matrices(least=1))
@settings(max_examples=6)
def test_every_candidate_has_all_scores_within_their_bounds(
    algorithm: str, X: np.ndarray
) -> None:
    scores = score(X, algorithm=algorithm)
    assert scores["k"].is_unique
    assert scores["k"].iloc[0] == 1
    candidates = scores.query("k > 1")
    assert (candidates["smallest_cluster"] * candidates["k"] <= len(X)).all()
    for name in ("silhouette", "reference_silhouette", "stability"):
        assert candidates[name].between(-1, 1).all()
    assert (candidates["calinski_harabasz"] >= 0).all()
    assert (candidates["davies_bouldin"] >= 0).all()


def score(X: np.ndarray, *, algorithm: str) -> pd.DataFrame:
    prepared = pd.DataFrame(
        {
            "store_id": [str(1000 + number) for number in range(len(X))],
            "category": "GIN",
            "components": list(X),
            "scaled": list(X),
            "in_fit": True,
        }
    )
    search = Search(
        min_clusters=2,
        max_clusters=4,
        stability_resamples=2,
        min_stability=0.6,
        max_size_floor_share=0.1,
        algorithm=algorithm,
        **SETTINGS,
    )
    given = projection_of(X.shape[1]), NOTHING_FIXED
    return score_candidates(prepared, *given, search, side="internal")
