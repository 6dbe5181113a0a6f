"""Keep the fit of a category while its sales drift by less than chance moves them."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd

from ml.frames import typed_frame
from ml.reuse import category_fingerprints, fingerprint
from ml.settings import Method, RefitWhen
from ml.shares import balance_of_halves, shares_of

# Share of the eligible stores of then and now that may be in one of both alone: a
# quarter of what the subsamples leave out that clusters have to be reproduced on.
MOST_CHANGED_STORES = 0.05

FITTED_SALES = {
    "store_id": "str",
    "category": "str",
    "is_eligible": "bool",
    "need_state": "str",
    "sales": "float64",
    "odd_sales": "float64",
    "sales_digest": "str",
    "last_period": "str",
    "terms": "str",
    "fit_id": "str",
    "is_held": "bool",
    "reason_code": "str",
    "drift": "float64",
    "drift_bound": "float64",
    "changed_stores": "float64",
}


def hold_fits(
    current: pd.DataFrame,
    corrections: pd.DataFrame,
    method: Method,
    *,
    refit_when: RefitWhen,
    earlier: pd.DataFrame | None,
) -> pd.DataFrame:
    """Return the sales that each category is fitted from, of now or of an earlier fit.

    With ``refit_when: drifted``, a category keeps the sales that it was fitted from
    while they tell the same but for chance: the shares of its stores moved by no more
    than ``drift_bound`` (`measure_drift`), no more than ``MOST_CHANGED_STORES`` of the
    stores came or went, and settings, code and corrections are the same. All that is
    fitted from these sales is then found unchanged, and kept.

    Parameters
    ----------
    current : DataFrame
        One row per store, category and need state, its need state and sales null for
        a store without sales: store_id, category, is_eligible, need_state, sales,
        odd_sales (null without periods); and of the whole category rows_digest (a hash
        of these), sales_digest (of what its SKUs sold) and last_period (of its sales;
        null without periods).
    corrections : DataFrame
        With the column category: what people changed that the fit depends on.
    method : Method
        Settings that the fit depends on.
    refit_when : str
        ``drifted``, or another policy, which holds nothing.
    earlier : DataFrame or None
        The last result; None: all is fitted from the sales of now.

    Returns
    -------
    DataFrame
        Rows of ``current`` or ``earlier``, and of the whole category:

        - terms: fingerprint of all but the sales, code included.
        - fit_id: fingerprint of all but the code; the same on every machine.
        - is_held: whether the sales are earlier ones.
        - reason_code: why; ``within_noise`` if held, else ``unchanged``, ``first_fit``,
          ``terms_changed``, ``stores_changed``, ``drifted``, or ``every_change`` where
          the setting asks for it.
        - drift, drift_bound, changed_stores: see `measure_drift`; null where there is
          nothing to compare.
    """
    digests = current[["category", "rows_digest", "sales_digest"]].drop_duplicates()
    settings = method.model_dump()
    terms = category_fingerprints([digests[["category"]], corrections], settings)
    fit_ids = {
        category: fingerprint(
            [rows, corrections[corrections["category"] == category]], settings
        )
        for category, rows in digests.groupby("category")
    }
    fitted = current.assign(
        terms=current["category"].map(terms), fit_id=current["category"].map(fit_ids)
    )
    comparable = earlier is not None and set(FITTED_SALES) <= set(earlier.columns)
    then_of = dict(tuple(earlier.groupby("category"))) if comparable else {}
    decided = (
        _decide(now, then_of.get(category), refit_when)
        for category, now in fitted.groupby("category", sort=True)
    )
    return typed_frame(decided, FITTED_SALES)


def _decide(
    now: pd.DataFrame, then: pd.DataFrame | None, refit_when: RefitWhen
) -> pd.DataFrame:
    """Return the rows that one category is fitted from."""
    nothing = Drift(np.nan, np.nan, np.nan)
    if refit_when != "drifted":
        return _because("every_change", now, nothing)
    if then is None:
        return _because("first_fit", now, nothing)
    if _only(then, "terms") != _only(now, "terms"):
        return _because("terms_changed", now, nothing)
    if _only(then, "fit_id") == _only(now, "fit_id"):
        return _because("unchanged", now, Drift(0.0, np.nan, 0.0))
    moved = measure_drift(then, now)
    if moved.changed_stores > MOST_CHANGED_STORES:
        return _because("stores_changed", now, moved)
    if not moved.drift <= moved.drift_bound:
        return _because("drifted", now, moved)
    return _because("within_noise", then, moved)


def _only(rows: pd.DataFrame, column: str) -> object:
    return rows[column].iloc[0]


class Drift(NamedTuple):
    """How far the sales of a category moved; see `measure_drift`."""

    drift: float
    drift_bound: float
    changed_stores: float


def _because(code: str, rows: pd.DataFrame, moved: Drift) -> pd.DataFrame:
    held = code == "within_noise"
    return rows.assign(reason_code=code, is_held=held, **moved._asdict())


def measure_drift(then: pd.DataFrame, now: pd.DataFrame) -> Drift:
    """Measure how far the shares of stores moved, and how far chance may move them.

    ``drift`` is the distance between the shares of a store then and now (root mean
    square over the stores that are eligible in both, weighted by their sales then).
    ``drift_bound`` is the standard error of the shares of then, in the same unit. It is
    measured: chance differs between the odd and the even periods, and the distance of
    the two halves shows how much. A shift that all stores have in common, as by a
    season, is none of it. With N sales, of which N1 in odd periods and N2 in even ones,
    the squared standard error is N1 N2 / N^2 of the squared distance of the halves.

    Parameters
    ----------
    then, now : DataFrame
        One category: store_id, is_eligible, need_state, sales, odd_sales.

    Returns
    -------
    Drift
        ``drift_bound`` is 0 where there are no two periods. ``changed_stores`` is the
        share of the stores eligible then or now that are so in one of both alone.

    Examples
    --------
    >>> then = pd.DataFrame({"store_id": ["1", "1", "2", "2"], "is_eligible": True})
    >>> then["need_state"] = ["DRY", "SWEET"] * 2
    >>> then = then.assign(sales=[6.0, 4.0, 5.0, 5.0], odd_sales=[4.0, 1.0, 2.0, 3.0])
    >>> now = then.assign(sales=[7.0, 4.0, 5.0, 6.0])
    >>> [round(figure, 3) for figure in measure_drift(then, now)]
    [0.058, 0.212, 0.0]
    """
    stores = [_eligible(rows) for rows in (then, now)]
    common, either = stores[0].intersection(stores[1]), stores[0].union(stores[1])
    changed = (len(either) - len(common)) / max(len(either), 1)
    names = pd.unique(pd.concat([then["need_state"], now["need_state"]]).dropna())
    if not len(common) or not len(names):
        return Drift(0.0, 0.0, changed)
    before, after, odd = (
        _table(rows, column, stores=common, names=names)
        for rows, column in ((then, "sales"), (now, "sales"), (then, "odd_sales"))
    )
    weights = before.sum(axis=1)
    moved = ((shares_of(after) - shares_of(before)) ** 2).sum(axis=1)
    chance = _squared_error(np.minimum(odd, before), before, weights)
    return Drift(
        float(np.sqrt(weights @ moved / weights.sum())),
        float(np.sqrt(weights @ chance / weights.sum())),
        changed,
    )


def _squared_error(
    odd: np.ndarray, sales: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Return the squared standard error of each store's shares; 0 where unknown."""
    even = sales - odd
    balance = balance_of_halves(odd.sum(axis=1), even.sum(axis=1))
    told = weights * balance
    if not told.any():
        return np.zeros(len(sales))
    apart = shares_of(odd) - shares_of(even)
    apart -= np.average(apart, axis=0, weights=told)
    return balance / 4 * (apart**2).sum(axis=1)


def _eligible(rows: pd.DataFrame) -> pd.Index:
    return pd.Index(rows.loc[rows["is_eligible"].astype(bool), "store_id"].unique())


def _table(
    rows: pd.DataFrame, column: str, *, stores: pd.Index, names: Iterable[str]
) -> np.ndarray:
    """Return a column as an array of stores by need states; 0 is nothing."""
    sold = rows.dropna(subset="need_state")
    table = sold.pivot(index="store_id", columns="need_state", values=column)
    table = table.reindex(index=stores, columns=list(names))
    return table.astype(float).fillna(0.0).to_numpy()
