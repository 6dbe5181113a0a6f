"""Joint: both sides' components, each with its weight."""

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import pdist

from ml.joint import joint_space
from ml.settings import Weights


def normal(width: int, *, scale: float = 1, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, scale, size=(40, width))


def rows_of(
    internal: np.ndarray, external: np.ndarray, *, clusters: int = 2
) -> pd.DataFrame:
    number = np.arange(len(internal))
    return pd.DataFrame(
        {
            "internal_components": list(internal),
            "external_components": list(external),
            "internal_cluster": number % clusters + 1,
            "external_cluster": number // clusters % clusters + 1,
        }
    )


def forget(rows: pd.DataFrame, side: str, *stores: int) -> pd.DataFrame:
    """Return the rows without those stores' components on that side."""
    known = ~rows.index.isin(stores)
    column = f"{side}_components"
    return rows.assign(**{column: rows[column].astype(object).where(known, None)})


def space(
    rows: pd.DataFrame, *, internal: float = 0.5, external: float = 0.5
) -> np.ndarray:
    weights = Weights(internal_weight=internal, external_weight=external)
    return joint_space(rows, weights)


@pytest.mark.parametrize("width", [1, 2, 10, 60])
@pytest.mark.parametrize("weight", [0.2, 0.5, 3])
def test_the_variance_of_a_block_is_its_weight_whatever_its_width(
    width: int, weight: float
) -> None:
    rows = rows_of(normal(width), normal(3, seed=1))
    X = space(rows, internal=weight, external=0.7)
    assert X.shape == (40, width + 3)
    assert X[:, :width].var(axis=0).sum() == pytest.approx(weight)
    assert X[:, width:].var(axis=0).sum() == pytest.approx(0.7)


@pytest.mark.parametrize(("width", "scale"), [(50, 1), (50, 100), (1, 1e-6)])
def test_neither_a_wide_nor_a_loud_block_wins(width: int, scale: float) -> None:
    X = space(rows_of(normal(1), normal(width, scale=scale, seed=1)))
    narrow, wide = ((pdist(block) ** 2).mean() for block in (X[:, :1], X[:, 1:]))
    assert narrow == pytest.approx(wide)


def test_a_wide_block_of_noise_does_not_hide_the_groups_of_a_narrow_one() -> None:
    group = np.arange(40) % 2
    X = space(rows_of(50 * group[:, None] + normal(1), normal(50, seed=1)))
    centroids = np.array([X[group == number].mean(axis=0) for number in (0, 1)])
    nearest = ((X[:, None] - centroids) ** 2).sum(axis=2).argmin(axis=1)
    assert nearest.tolist() == group.tolist()


def test_distances_within_a_block_keep_their_proportions() -> None:
    internal = normal(4, scale=7)
    X = space(rows_of(internal, normal(2, seed=1)))
    ratios = pdist(X[:, :4]) / pdist(internal)
    np.testing.assert_allclose(ratios, ratios[0])


def test_a_weight_of_zero_silences_a_side() -> None:
    X = space(rows_of(normal(3), normal(2, seed=1)), external=0.0)
    assert not X[:, 3:].any()
    assert X[:, :3].any()


@pytest.mark.parametrize("side", ["internal", "external"])
def test_an_unknown_store_stands_at_the_mean_of_its_cluster(side: str) -> None:
    rows = forget(rows_of(normal(3), normal(3, seed=1), clusters=3), side, 4, 5, 20)
    X = space(rows)[:, slice(0, 3) if side == "internal" else slice(3, 6)]
    for store in (4, 5, 20):
        peers = rows[f"{side}_cluster"] == rows.loc[store, f"{side}_cluster"]
        known = peers & rows[f"{side}_components"].notna()
        np.testing.assert_allclose(X[store], X[known].mean(axis=0), atol=1e-12)


def test_an_unknown_store_of_an_unknown_cluster_stands_at_the_mean_of_all() -> None:
    rows = forget(rows_of(normal(3), normal(2, seed=1)), "internal", 9)
    rows.loc[9, "internal_cluster"] = 77
    np.testing.assert_allclose(space(rows)[9, :3], 0, atol=1e-12)


def test_unknown_stores_do_not_change_where_the_others_stand() -> None:
    rows = rows_of(normal(3), normal(2, seed=1))
    fewer = space(forget(rows, "internal", 38, 39))[:38, :3]
    np.testing.assert_allclose(fewer, space(rows.head(38))[:, :3])


def test_a_side_of_which_nothing_is_known_is_silent() -> None:
    rows = rows_of(normal(3), normal(2, seed=1)).assign(internal_components=None)
    X = space(rows)
    assert X.shape == (40, 3)
    assert not X[:, 0].any()
    assert X[:, 1:].var(axis=0).sum() == pytest.approx(0.5)


def test_a_side_on_which_stores_are_alike_is_silent() -> None:
    X = space(rows_of(np.zeros((40, 1)), normal(2, seed=1)))
    assert not X[:, 0].any()


def test_a_single_store_stands_at_the_origin() -> None:
    assert space(rows_of(normal(3)[:1], normal(2)[:1])).tolist() == [[0.0] * 5]
