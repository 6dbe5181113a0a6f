"""Null: stores without clusters have the margins of the data, with one mode each."""

import numpy as np
import pytest

from ml.null import Distribution, Null

MARGINS = {
    "normal": lambda rng, size: rng.standard_normal(size),
    "lognormal": lambda rng, size: rng.lognormal(0, 1, size),
    "exponential": lambda rng, size: rng.exponential(1, size),
    "uniform": lambda rng, size: rng.random(size),
    "counts": lambda rng, size: rng.poisson(3, size).astype(float),
}
margins = pytest.mark.parametrize("margin", MARGINS)


def null_of(scaled: np.ndarray, block: list[int] | None = None) -> Null:
    width = scaled.shape[1]
    return Null(scaled, np.eye(width), np.array(block or [0] * width))


def cloud_of(null: Null, *, rows: int, seed: int = 0) -> np.ndarray:
    [cloud] = null.clouds(1, rows=rows, rng=np.random.default_rng(seed))
    return cloud


@margins
@pytest.mark.parametrize("size", [60, 400, 3000])
def test_a_distribution_with_one_mode_stays_as_it_is(margin: str, size: int) -> None:
    values = np.sort(MARGINS[margin](np.random.default_rng(size), size))
    found = Distribution.unimodal(values)
    below = np.interp(values, found.edges, found.below)
    middle = (np.searchsorted(values, values, "left") + 0.5) / size
    upper = (np.searchsorted(values, values, "right") + 0.5) / size
    gap = np.maximum(middle - below, below - upper).max()
    assert gap < 1.5 / np.sqrt(size)
    assert found.draw(np.array([0.0, 1.0])).tolist() == [values[0], values[-1]]


@margins
def test_the_density_falls_on_both_sides_of_one_mode(margin: str) -> None:
    values = MARGINS[margin](np.random.default_rng(0), 300)
    values = np.r_[values, values + 9 * np.std(values)]
    found = Distribution.unimodal(values)
    slopes = np.diff(found.below) / np.diff(found.edges)
    mode = int(np.argmax(slopes))
    tolerance = 1e-9 * slopes.max()
    assert (np.diff(slopes[: mode + 1]) >= -tolerance).all()
    assert (np.diff(slopes[mode:]) <= tolerance).all()


def test_numbers_depend_on_each_other_as_before() -> None:
    rng = np.random.default_rng(0)
    shared = rng.standard_normal((400, 1))
    scaled = np.exp(np.hstack([shared, shared, -shared, rng.standard_normal((400, 1))]))
    scaled *= np.exp(0.3 * rng.standard_normal(scaled.shape))
    cloud = cloud_of(null_of(scaled), rows=400)
    before, after = (np.corrcoef(np.log(one), rowvar=False) for one in (scaled, cloud))
    np.testing.assert_allclose(after, before, atol=0.15)


def test_levels_of_a_feature_stay_together_and_depend_on_nothing() -> None:
    level = np.arange(90) % 3
    scaled = np.hstack(
        [np.eye(3)[level], level[:, None] + np.linspace(0, 0.1, 90)[:, None]]
    )
    null = null_of(scaled, [1, 1, 1, 0])
    cloud = cloud_of(null, rows=90)
    levels = cloud[:, :3] + scaled[:, :3].mean(axis=0)
    np.testing.assert_allclose(np.sort(levels, axis=1), [[0, 0, 1]] * 90, atol=1e-9)
    assert levels.sum(axis=0).round(6).tolist() == [30, 30, 30]
    assert abs(np.corrcoef(levels[:, 0], cloud[:, 3])[0, 1]) < 0.3


def test_what_does_not_vary_is_left_out() -> None:
    scaled = np.column_stack([np.ones(20), np.linspace(0, 1, 20)])
    assert null_of(scaled).has_numbers
    assert not null_of(scaled[:, :1]).has_numbers
    assert cloud_of(null_of(scaled), rows=20)[:, 0].tolist() == [0.0] * 20
    assert cloud_of(null_of(scaled[:, :1]), rows=20).tolist() == [[0.0]] * 20


@pytest.mark.parametrize("rows", [2, 3])
def test_few_stores_give_clouds(rows: int) -> None:
    cloud = cloud_of(
        null_of(np.random.default_rng(0).normal(size=(rows, 3))), rows=rows
    )
    assert cloud.shape == (rows, 3)
    assert np.isfinite(cloud).all()
