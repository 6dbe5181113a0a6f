"""Noise: stores without structure are one cluster, whatever the types of features."""

import numpy as np
import pandas as pd
import pytest

from ml.candidates import score_candidates
from ml.preparation import fit_projections, prepare
from ml.settings import Search
from tests.ml.sides import preparation_of

PREPARATION = {
    "share_transform": "cube_root",
    "share_exponent": 1.0,
    "shrink_shares": True,
    "imputation": "median",
    "max_same_value": 0.99,
    "max_correlation": 0.95,
    "scaling": "power",
    "scaled_limit": 4.0,
    "outlier_score": 0.65,
    "n_components": 0.9,
    "must_keep": [],
    "random_state": 42,
}
CANDIDATES = {
    "min_clusters": 2,
    "max_clusters": 7,
    "stability_resamples": 5,
    "min_stability": 0.6,
    "max_size_floor_share": 0.1,
    "algorithm": "kmeans",
    "n_init": 5,
    "min_cluster_size": 10,
    "random_state": 42,
}
NOTHING_FIXED = pd.DataFrame({"category": [], "side": [], "k": []})
STABLE = 0.6

reductions = pytest.mark.parametrize("reduction", ["pca", "famd"])
sizes = pytest.mark.parametrize("stores", [45, 100, 200, 300])
MIXES = [
    (1, (2,)),
    (2, (3,)),
    (3, (2,)),
    (3, (2, 2)),
    (2, (3, 4)),
    (4, (6,)),
    (6, (3,)),
    (12, (2,)),
    (0, (3,)),
]


def long_form(numbers: np.ndarray, levels: np.ndarray) -> pd.DataFrame:
    """Return features by store: numbers of shape (n, d), levels of shape (n, m)."""
    stores = [f"{number:04}" for number in range(len(numbers))]
    numeric = pd.DataFrame(numbers, index=stores).add_prefix("N").astype(float)
    named = pd.DataFrame(levels, index=stores).add_prefix("L").astype(str)
    parts = [
        frame.rename_axis("store_id").reset_index().melt("store_id", value_name=value)
        for frame, value in ((numeric, "value"), (named, "level"))
        if frame.shape[1]
    ]
    columns = ["store_id", "variable", "value", "level"]
    features = pd.concat(parts).reindex(columns=columns)
    features["value"] = features["value"].astype(float)
    return features.rename(columns={"variable": "feature"}).assign(category="GIN")


def stable_k(features: pd.DataFrame, *, reduction: str) -> list[int]:
    """Return every k that the macro rank_candidates would call stable."""
    stores = pd.DataFrame({"store_id": features["store_id"].unique()})
    stores = stores.assign(category="GIN", is_eligible=True)
    settings = preparation_of("external", reduction=reduction, **PREPARATION)
    prepared = prepare(stores, features, settings)
    search = Search(**CANDIDATES)
    projections = fit_projections(prepared, features, settings)
    scores = score_candidates(
        prepared, projections, NOTHING_FIXED, search, side="external"
    )
    beats = scores["silhouette"] > scores["reference_silhouette"]
    return scores.loc[beats & (scores["stability"] >= STABLE), "k"].tolist()


def noise(
    stores: int, numbers: int, levels: tuple[int, ...], *, seed: int, is_even: bool
) -> pd.DataFrame:
    """Return features that depend on nothing; levels as likely as each other or not."""
    rng = np.random.default_rng(seed)
    drawn = [
        rng.choice(count, stores, p=None if is_even else rng.dirichlet(np.ones(count)))
        for count in levels
    ]
    together = np.array(drawn, dtype=int).reshape(len(levels), stores).T
    return long_form(rng.standard_normal((stores, numbers)), together)


@pytest.mark.parametrize("is_even", [True, False])
@pytest.mark.parametrize(("numbers", "levels"), MIXES)
@reductions
@sizes
def test_noise_of_every_mix_is_one_cluster(
    stores: int, reduction: str, numbers: int, levels: tuple[int, ...], is_even: bool
) -> None:
    features = noise(stores, numbers, levels, seed=stores, is_even=is_even)
    assert stable_k(features, reduction=reduction) == []


# Numbers that depend on nothing, as columns of real tables are distributed: incomes,
# inhabitants, distances, counts, shares.
NUMBERS = {
    "lognormal": lambda rng, shape: rng.lognormal(0, 1, shape),
    "lognormal, long": lambda rng, shape: rng.lognormal(0, 1.5, shape),
    "exponential": lambda rng, shape: rng.exponential(1, shape),
    "pareto": lambda rng, shape: rng.pareto(2, shape),
    "student": lambda rng, shape: rng.standard_t(3, shape),
    "uniform": lambda rng, shape: rng.random(shape),
    "poisson": lambda rng, shape: rng.poisson(2, shape),
    "negative binomial": lambda rng, shape: rng.negative_binomial(1, 0.1, shape),
    "one lognormal": lambda rng, shape: np.where(
        np.arange(shape[1]) > 0, rng.standard_normal(shape), rng.lognormal(0, 1, shape)
    ),
}


@pytest.mark.parametrize("kind", NUMBERS)
@pytest.mark.parametrize(("stores", "numbers"), [(60, 4), (100, 8), (200, 3), (600, 8)])
def test_noise_of_every_distribution_is_one_cluster(
    kind: str, stores: int, numbers: int
) -> None:
    drawn = NUMBERS[kind](np.random.default_rng(stores), (stores, numbers))
    features = long_form(drawn.astype(float), np.zeros((stores, 0)))
    assert stable_k(features, reduction="pca") == []


@pytest.mark.parametrize("share", [0.05, 0.3, 0.5])
@reductions
@sizes
def test_flags_and_rare_counts_beside_noise_are_one_cluster(
    stores: int, reduction: str, share: float
) -> None:
    rng = np.random.default_rng(stores)
    counts = np.column_stack([rng.random(stores) < share, rng.poisson(share, stores)])
    features = long_form(
        np.hstack([rng.standard_normal((stores, 3)), counts]), np.zeros((stores, 0))
    )
    assert stable_k(features, reduction=reduction) == []


@pytest.mark.parametrize("stores", [100, 200])
@pytest.mark.parametrize("groups", [2, 3, 4])
@reductions
def test_groups_beside_levels_of_noise_are_found(
    reduction: str, groups: int, stores: int
) -> None:
    rng = np.random.default_rng(groups)
    apart = rng.permutation(np.repeat(6 * np.eye(groups, 4), 3, axis=1), axis=1)
    numbers = apart[np.arange(stores) % groups] + rng.standard_normal((stores, 12))
    features = long_form(numbers, rng.integers(0, 2, (stores, 1)))
    assert groups in stable_k(features, reduction=reduction)


@pytest.mark.parametrize("stores", [60, 200])
@pytest.mark.parametrize("groups", [2, 3, 4])
@reductions
def test_levels_that_go_with_numbers_are_found(
    reduction: str, groups: int, stores: int
) -> None:
    rng = np.random.default_rng(groups)
    level = np.arange(stores) % groups
    numbers = 3 * np.eye(groups, 4)[level] + rng.standard_normal((stores, 4))
    features = long_form(numbers, level[:, None])
    assert groups in stable_k(features, reduction=reduction)


@reductions
def test_two_categorical_features_that_go_together_are_clusters(reduction: str) -> None:
    rng = np.random.default_rng(0)
    format_ = np.arange(200) % 3
    owner = np.where(rng.random(200) < 0.92, format_, rng.integers(0, 3, 200))
    features = long_form(np.zeros((200, 0)), np.column_stack([format_, owner]))
    assert 3 in stable_k(features, reduction=reduction)


@pytest.mark.parametrize(("stores", "groups"), [(60, 3), (200, 4)])
@pytest.mark.parametrize("spread", [0.6, 1.0])
def test_groups_that_differ_by_factors_are_found(
    stores: int, groups: int, spread: float
) -> None:
    rng = np.random.default_rng(stores)
    apart = 4 * np.eye(groups, 4)[np.arange(stores) % groups]
    numbers = np.exp(spread * (apart + rng.standard_normal((stores, 4))))
    features = long_form(numbers, np.zeros((stores, 0)))
    assert groups in stable_k(features, reduction="pca")
