"""k-means of many samples at once: as scikit-learn's, one after the other."""

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from ml.kmeans import BLOCK_ROWS, kmeans_samples, settle_samples

KS = range(1, 9)


def draw_samples(
    count: int, *, rows: int = 150, columns: int = 3, seed: int = 0
) -> np.ndarray:
    """Return samples with five blurred groups each."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(5, columns), scale=2)
    groups = rng.integers(0, 5, size=(count, rows))
    return centres[groups] + rng.normal(size=(count, rows, columns))


def kmeans(
    samples: np.ndarray, *, starts: int = 2, random_state: int = 0
) -> dict[int, np.ndarray]:
    return kmeans_samples(samples, KS, starts=starts, random_state=random_state)


def within_variance(X: np.ndarray, labels: np.ndarray) -> float:
    groups = (X[labels == label] for label in np.unique(labels))
    return sum(((group - group.mean(axis=0)) ** 2).sum() for group in groups)


@pytest.mark.parametrize("starts", [1, 3])
@pytest.mark.parametrize("columns", [1, 2, 8])
@pytest.mark.parametrize("seed", range(3))
def test_clusters_are_those_of_scikit_learn(
    starts: int, columns: int, seed: int
) -> None:
    samples = draw_samples(3, columns=columns, seed=seed)
    for k, found in kmeans(samples, starts=starts, random_state=seed).items():
        reference = KMeans(k, n_init=starts, random_state=seed)
        for X, labels in zip(samples, found, strict=True):
            assert adjusted_rand_score(reference.fit_predict(X), labels) == 1


@pytest.mark.parametrize("unit", [2.0**-600, 2.0**500])
def test_the_unit_does_not_matter(unit: float) -> None:
    samples = draw_samples(2)
    for k, found in kmeans(unit * samples).items():
        np.testing.assert_array_equal(found, kmeans(samples)[k])


def test_a_sample_has_the_same_labels_whatever_is_beside_it() -> None:
    samples = draw_samples(40, rows=BLOCK_ROWS // 20)
    together, alone = kmeans(samples), kmeans(samples[21:22])
    for k in KS:
        np.testing.assert_array_equal(together[k][21], alone[k][0])


def test_a_number_has_the_same_labels_whatever_others_are_wanted() -> None:
    samples = draw_samples(2)
    alone = kmeans_samples(samples, [4], starts=2, random_state=0)
    np.testing.assert_array_equal(alone[4], kmeans(samples)[4])


def test_more_starts_are_never_worse() -> None:
    [X] = samples = draw_samples(1, rows=400, columns=6)
    one, many = (kmeans(samples, starts=starts) for starts in (1, 20))
    variances = [[within_variance(X, f[k][0]) for k in KS] for f in (one, many)]
    assert (np.array(variances[1]) <= np.array(variances[0]) * (1 + 1e-6)).all()
    assert variances[1] != variances[0]


@pytest.mark.parametrize("place", [0.0, 1e4])
def test_labels_are_whole_numbers_without_gaps(place: float) -> None:
    alike = np.array([[0.0], [0.0], [3.0], [3.0], [9.0], [9.0]]) + place
    for k, [labels] in kmeans_samples(
        alike[None], [1, 3, 5, 6], starts=2, random_state=0
    ).items():
        assert np.unique(labels).tolist() == list(range(min(k, 3)))
        assert (labels[::2] == labels[1::2]).all()


def test_of_two_centres_equally_near_a_row_has_one() -> None:
    symmetric = np.array([[-1.0], [0.0], [1.0]])
    [labels] = settle_samples(symmetric[None], {2: np.array([[0, 0, 1]])}, rounds=5)[2]
    assert labels.tolist() == [0, 0, 1]


def test_settled_rows_are_nearest_to_the_mean_of_their_cluster() -> None:
    samples = draw_samples(4, seed=1)
    given = np.random.default_rng(0).integers(0, 4, size=samples.shape[:2])
    settled = settle_samples(samples, {4: given}, rounds=100)[4]
    for X, labels in zip(samples, settled, strict=True):
        means = np.array([X[labels == label].mean(axis=0) for label in range(4)])
        distances = ((X[:, None] - means) ** 2).sum(axis=2)
        np.testing.assert_array_equal(distances.argmin(axis=1), labels)


def test_one_round_moves_rows_once() -> None:
    X = np.array([[0.0], [4.0], [5.0], [9.0], [30.0]])
    given = {2: np.array([[0, 1, 1, 1, 1]])}
    once, twice = (
        settle_samples(X[None], given, rounds=rounds)[2][0].tolist()
        for rounds in (1, 2)
    )
    assert once == [0, 0, 0, 1, 1]
    assert twice == [0, 0, 0, 0, 1]
