"""A category keeps its fit while its sales move by less than chance moves them."""

import numpy as np
import pandas as pd
import pytest

from clustering.core.settings import check_settings
from ml.drift import FITS, MOST_CHANGED_STORES, judge_fits, measure_drift
from ml.settings import RefitWhen

NEED_STATES = ["DRY", "SWEET", "BITTER"]
STORES, PERIODS = 200, 12
ROWS = ["store_id", "category", "is_eligible", "need_state", "sales", "odd_sales"]
OF_CATEGORY = ["sales_digest", "last_period"]
NO_CORRECTIONS = pd.DataFrame(
    {"category": pd.Series(dtype="str"), "store_id": pd.Series(dtype="str")}
)


def draw_periods(seed: int, *, count: int = PERIODS, tilt: float = 0.0) -> np.ndarray:
    """Draw bottles by period, store and need state; tilt moves them to the first."""
    shares = np.random.default_rng(0).dirichlet([6, 3, 2], size=STORES)
    shares = (1 - tilt) * shares + tilt * np.eye(3)[0]
    rng = np.random.default_rng(seed)
    return np.array([rng.multinomial(30, shares) for _ in range(count)], dtype=float)


def sales_of(periods: np.ndarray, *, category: str = "GIN") -> pd.DataFrame:
    """Return the sales of all periods and what is the same in all of them."""
    rows = pd.MultiIndex.from_product(
        [[f"{number:04}" for number in range(STORES)], NEED_STATES],
        names=["store_id", "need_state"],
    )
    return (
        pd.DataFrame(index=rows)
        .reset_index()
        .assign(
            category=category,
            is_eligible=True,
            sales=periods.sum(axis=0).ravel(),
            odd_sales=periods[::2].sum(axis=0).ravel(),
            rows_digest=str(periods.sum()),
            sales_digest=str(periods.sum()),
            last_period=f"2026-{len(periods):02}-01",
        )
    )


def hold(
    current: pd.DataFrame,
    earlier: pd.DataFrame | None,
    *,
    corrections: pd.DataFrame = NO_CORRECTIONS,
    refit_when: RefitWhen = "drifted",
    **settings: object,
) -> pd.DataFrame:
    """Return the sales that are fitted, as the model `fitted_sales` does."""
    fits = judge_fits(
        current[["category", "rows_digest", *OF_CATEGORY]].drop_duplicates(),
        corrections,
        check_settings(settings),
        refit_when=refit_when,
        earlier=None if earlier is None else _fits_of(earlier),
        read_sales=lambda names: (earlier, current),
    )
    held = fits.loc[fits["is_held"], "category"]
    parts = [current[~current["category"].isin(held)]]
    if earlier is not None:
        parts.append(earlier[earlier["category"].isin(held)])
    return pd.concat(parts)[ROWS].merge(fits, on="category")


def _fits_of(earlier: pd.DataFrame) -> pd.DataFrame:
    return earlier[[name for name in FITS if name in earlier]].drop_duplicates()


def reason(result: pd.DataFrame) -> str:
    (code,) = result["reason_code"].unique()
    return code


@pytest.fixture(scope="module")
def periods() -> np.ndarray:
    return draw_periods(1)


@pytest.fixture(scope="module")
def fitted(periods: np.ndarray) -> pd.DataFrame:
    return hold(sales_of(periods), None)


def test_the_first_fit_is_of_the_sales_of_now(periods, fitted):
    assert reason(fitted) == "first_fit"
    assert not fitted["is_held"].any()
    assert fitted["sales"].sum() == periods.sum()
    assert fitted[list(FITS)].dtypes.astype(str).to_dict() == FITS


def test_a_period_that_differs_by_chance_alone_keeps_the_fit(periods, fitted):
    now = sales_of(np.concatenate([periods, draw_periods(2, count=1)]))
    result = hold(now, fitted)
    assert reason(result) == "within_noise"
    assert result["is_held"].all()
    assert 0 < result["drift"].iloc[0] < result["drift_bound"].iloc[0]
    assert (result["last_period"] == "2026-12-01").all()
    same = ["store_id", "category", "need_state", "sales", "odd_sales", "fit_id"]
    pd.testing.assert_frame_equal(result[same], fitted[same])


def test_sales_that_moved_by_more_than_chance_are_fitted(periods, fitted):
    now = sales_of(np.concatenate([periods, draw_periods(2, count=6, tilt=0.5)]))
    result = hold(now, fitted)
    assert reason(result) == "drifted"
    assert result["drift"].iloc[0] > result["drift_bound"].iloc[0]
    assert result["sales"].sum() == now["sales"].sum()


def test_drift_is_measured_from_the_fit_and_not_from_the_last_build(periods, fitted):
    """Else small steps would lead any distance away."""
    earlier, codes = fitted, []
    for count in range(1, 7):
        more = draw_periods(2, count=count, tilt=0.3)
        earlier = hold(sales_of(np.concatenate([periods, more])), earlier)
        codes.append(reason(earlier))
    assert codes[0] == "within_noise"
    assert "drifted" in codes


def test_categories_are_judged_one_by_one(periods, fitted):
    rum = sales_of(periods, category="RUM")
    both = hold(pd.concat([sales_of(periods), rum]), None)
    moved = np.concatenate([periods, draw_periods(2, count=6, tilt=0.5)])
    result = hold(pd.concat([sales_of(moved), rum]), both)
    codes = result.groupby("category")["reason_code"].first()
    assert codes.to_dict() == {"GIN": "drifted", "RUM": "unchanged"}


def test_the_same_sales_are_unchanged(periods, fitted):
    assert reason(hold(sales_of(periods)[::-1], fitted)) == "unchanged"


def test_another_setting_or_correction_is_fitted(periods, fitted):
    now = sales_of(np.concatenate([periods, draw_periods(2, count=1)]))
    assert reason(hold(now, fitted, min_cluster_size=12)) == "terms_changed"
    excluded = pd.DataFrame({"category": ["GIN"], "store_id": ["0001"]})
    assert reason(hold(now, fitted, corrections=excluded)) == "terms_changed"
    other = excluded.assign(category="RUM")
    assert reason(hold(now, fitted, corrections=other)) == "within_noise"


def test_a_fit_is_called_the_same_whatever_code_made_it(periods, fitted, monkeypatch):
    now = sales_of(np.concatenate([periods, draw_periods(2, count=1)]))
    monkeypatch.setattr("ml.reuse._method", lambda: "another version")
    again = hold(sales_of(periods), fitted)
    assert reason(again) == reason(hold(now, fitted)) == "terms_changed"
    assert again["fit_id"].equals(fitted["fit_id"])


@pytest.mark.parametrize("refit_when", ["changed", "always"])
def test_other_policies_hold_nothing(periods, fitted, refit_when):
    now = sales_of(np.concatenate([periods, draw_periods(2, count=1)]))
    result = hold(now, fitted, refit_when=refit_when)
    assert reason(result) == "every_change"
    assert result["sales"].sum() == now["sales"].sum()


def test_never_holds_every_fit_and_tells_how_far_sales_moved(periods, fitted):
    moved = sales_of(np.concatenate([periods, draw_periods(2, count=6, tilt=0.5)]))
    for now in (moved, sales_of(periods)):
        result = hold(now, fitted, refit_when="never", min_cluster_size=12)
        assert reason(result) == "never_refitted"
        assert result["is_held"].all()
        pd.testing.assert_series_equal(result["sales"], fitted["sales"])
    assert hold(moved, fitted, refit_when="never")["drift"].iloc[0] > 0


def test_never_refuses_a_category_that_has_no_fit(periods, fitted):
    rum = sales_of(periods, category="RUM")
    with pytest.raises(ValueError, match="got category 'RUM', which the live"):
        hold(rum, fitted, refit_when="never")


@pytest.mark.parametrize(
    ("beyond", "code"), [(0, "within_noise"), (1, "stores_changed")]
)
def test_few_stores_may_come_or_go(periods, fitted, beyond, code):
    gone = int(MOST_CHANGED_STORES * STORES) + beyond
    now = sales_of(np.concatenate([periods, draw_periods(2, count=1)]))
    now = now[now["store_id"] >= f"{gone:04}"]
    result = hold(now, fitted)
    assert reason(result) == code
    assert result["changed_stores"].iloc[0] == pytest.approx(gone / STORES)


def test_without_periods_any_change_is_fitted(periods):
    dateless = sales_of(periods).assign(odd_sales=np.nan, last_period=None)
    fitted = hold(dateless, None)
    assert reason(hold(dateless, fitted)) == "unchanged"
    moved = dateless.assign(sales=dateless["sales"] + (dateless.index == 0))
    moved = moved.assign(rows_digest="another")
    assert reason(hold(moved, fitted)) == "drifted"


def test_a_store_without_sales_counts_as_it_is(periods, fitted):
    unsold = pd.DataFrame({"store_id": ["9999"], "category": "GIN"}).assign(
        is_eligible=False, need_state=None, sales=np.nan, odd_sales=np.nan
    )
    now = sales_of(np.concatenate([periods, draw_periods(2, count=1)]))
    rows = unsold.assign(**now.iloc[0][["rows_digest", "sales_digest", "last_period"]])
    result = hold(pd.concat([now, rows]), fitted)
    assert reason(result) == "within_noise"
    assert "9999" not in set(result["store_id"])


def test_an_earlier_result_of_another_form_is_not_compared(periods, fitted):
    earlier = fitted.drop(columns="fit_id")
    assert reason(hold(sales_of(periods), earlier)) == "first_fit"


def test_the_bound_is_the_standard_error_that_repeated_draws_have():
    drawn = [sales_of(draw_periods(seed)) for seed in range(1, 9)]
    bound = np.mean([measure_drift(drawn[0], now).drift_bound for now in drawn])
    # two independent draws are apart by two errors, which add up in squares
    apart = [measure_drift(drawn[0], now).drift for now in drawn[1:]]
    assert bound == pytest.approx(np.mean(apart) / np.sqrt(2), rel=0.1)


def test_a_season_that_all_stores_have_is_no_noise(periods):
    """Every other period, each store sells sixty bottles more of one need state."""
    seasonal = periods.copy()
    seasonal[::2, :, 0] += 60.0
    seasonal[1::2, :, 1] += 60.0
    plain = periods.copy()
    plain[:, :, :2] += 30.0
    bounds = [measure_drift(*[sales_of(p)] * 2).drift_bound for p in (plain, seasonal)]
    assert bounds[1] == pytest.approx(bounds[0], rel=0.15)
