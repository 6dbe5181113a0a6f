"""Stores that begin to sell like another cluster are told, and since when."""

import numpy as np
import pandas as pd
import pytest

from ml import find_misfits
from ml.misfit import MISFITS, MOST_EVIDENCE, THRESHOLD

NEED_STATES = ["DRY", "PLAIN", "SWEET"]
KINDS = np.array([[0.6, 0.3, 0.1], [0.2, 0.3, 0.5]])
STORES = 40
SWITCHED = ("03", "10", "25")
PERIODS = 6


def names() -> list[str]:
    return [f"{number:02}" for number in range(STORES)]


def sales_of(kinds: np.ndarray, *, units: int, seed: int) -> pd.DataFrame:
    """Return what stores of two kinds sell, in a category."""
    sold = np.random.default_rng(seed).multinomial(units, KINDS[kinds])
    return pd.DataFrame(
        {
            "store_id": np.repeat(names(), 3),
            "category": "GIN",
            "need_state": NEED_STATES * STORES,
            "sales": 2.5 * sold.ravel(),
        }
    )


def recent_of(kinds: np.ndarray, *, since: int, factor: float = 1.0) -> pd.DataFrame:
    """Return six periods, in which some stores are of the other kind from one on."""
    other = kinds.copy()
    other[[int(store) for store in SWITCHED]] = 1 - kinds[[int(s) for s in SWITCHED]]
    parts = []
    for number in range(PERIODS):
        rows = sales_of(other if number >= since else kinds, units=60, seed=number + 9)
        is_sweet = rows["need_state"] == "SWEET"
        sales = rows["sales"] * np.where(is_sweet, factor, 1.0)
        parts.append(rows.assign(sales=sales, period_start=f"2026-07-0{number + 1}"))
    return pd.concat(parts)


BEFORE = np.arange(STORES) % 2


@pytest.fixture(scope="module")
def fitted() -> pd.DataFrame:
    rows = sales_of(BEFORE, units=2_000, seed=1)
    return rows.assign(internal_cluster=np.repeat(BEFORE + 1, 3))


def test_stores_that_switched_are_found_with_the_period(fitted):
    result = find_misfits(fitted, recent_of(BEFORE, since=2)).set_index("store_id")
    found = result[result["misfit_since"].notna()]
    assert set(found.index) == set(SWITCHED)
    assert set(found["misfit_since"]) <= {"2026-07-02", "2026-07-03", "2026-07-04"}
    own = pd.Series(BEFORE + 1, names())
    assert (found["sells_like_cluster"] == 3 - own[found.index]).all()
    assert found["evidence"].between(THRESHOLD, MOST_EVIDENCE).all()
    assert result["evidence"].drop(found.index).lt(THRESHOLD).all()
    assert (result["periods"] == PERIODS).all()


def test_what_all_stores_have_in_common_is_no_switch(fitted):
    season = recent_of(BEFORE, since=PERIODS, factor=3.0)
    assert find_misfits(fitted, season)["misfit_since"].isna().all()


def test_the_currency_does_not_count(fitted):
    recent = recent_of(BEFORE, since=2)
    cents = [frame.assign(sales=100 * frame["sales"]) for frame in (fitted, recent)]
    pd.testing.assert_frame_equal(
        find_misfits(*cents), find_misfits(fitted, recent), rtol=1e-6
    )


def test_a_store_that_is_as_it_was_again_fits_again(fitted):
    recent = recent_of(BEFORE, since=3)
    back = recent.assign(
        period_start=np.where(
            recent["period_start"] <= "2026-07-03",
            recent["period_start"].str.replace("07", "08"),
            recent["period_start"],
        )
    )
    assert find_misfits(fitted, recent)["misfit_since"].notna().any()
    assert find_misfits(fitted, back)["misfit_since"].isna().all()


@pytest.mark.parametrize("clusters", [1, 2])
def test_without_periods_or_other_clusters_nothing_is_told(fitted, clusters):
    recent = recent_of(BEFORE, since=0)
    recent = recent.head(0) if clusters == 2 else recent
    one = fitted["internal_cluster"].clip(upper=clusters)
    result = find_misfits(fitted.assign(internal_cluster=one), recent)
    assert len(result) == STORES
    assert result["evidence"].eq(0).all()
    assert result["misfit_since"].isna().all()
    assert result.dtypes.astype(str).to_dict() == MISFITS


def test_no_stores_are_no_rows(fitted):
    result = find_misfits(fitted.head(0), recent_of(BEFORE, since=0))
    assert result.empty
    assert list(result.columns) == list(MISFITS)


@pytest.mark.parametrize("seed", range(3))
def test_large_stores_that_vary_by_more_than_purchases_are_no_misfits(seed):
    """With one number for the noise of all stores, 7 to 13 of these would be."""
    rng = np.random.default_rng(seed)
    kinds = np.arange(400) % 2
    units = np.where(np.arange(400) < 320, 20, 2_000)

    def sold(period: int) -> pd.DataFrame:
        shares = np.stack([rng.dirichlet(4 * KINDS[kind]) for kind in kinds])
        shares = np.where(units[:, None] > 20, shares, KINDS[kinds])
        return pd.DataFrame(
            {
                "store_id": np.repeat([f"{number:03}" for number in range(400)], 3),
                "category": "GIN",
                "need_state": NEED_STATES * 400,
                "sales": rng.multinomial(units, shares).ravel().astype(float),
                "period_start": f"2026-07-{period + 1:02}",
            }
        )

    before = pd.concat(sold(period) for period in range(26))
    fitted = before.groupby(["store_id", "category", "need_state"], as_index=False)
    fitted = fitted["sales"].sum().assign(internal_cluster=np.repeat(kinds + 1, 3))
    found = find_misfits(fitted, pd.concat(sold(period) for period in range(6)))
    assert found["misfit_since"].isna().all()
