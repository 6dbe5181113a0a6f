"""Keep the fit of a category while its sales drift by less than chance moves them.

Or keep it in any case, and tell how far they have drifted.
"""

from collections.abc import Callable, Iterable, Sequence
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

# Reasons for which the sales of an earlier fit stay.
HELD = {"within_noise", "never_refitted"}

FITS = {
    "category": "str",
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
# Sales of some categories, as they were fitted and as they are now.
ReadSales = Callable[[Sequence[str]], tuple[pd.DataFrame, pd.DataFrame]]


def judge_fits(
    categories: pd.DataFrame,
    corrections: pd.DataFrame,
    method: Method,
    *,
    refit_when: RefitWhen,
    earlier: pd.DataFrame | None,
    read_sales: ReadSales,
) -> pd.DataFrame:
    """Decide which sales each category is fitted from: those of now, or earlier ones.

    With ``refit_when: drifted``, a category keeps the sales that it was fitted from
    while they tell the same but for chance: the shares of its stores moved by no more
    than ``drift_bound`` (`measure_drift`), no more than ``MOST_CHANGED_STORES`` of the
    stores came or went, and settings, code and corrections are the same. All that is
    fitted from these sales is then found unchanged, and kept.

    Parameters
    ----------
    categories : DataFrame
        One row per category: category, rows_digest (a hash of the sales that it would
        be fitted from now), sales_digest (of what its SKUs sold) and last_period (of
        its sales; null without periods).
    corrections : DataFrame
        With the column category: what people changed that the fit depends on.
    method : Method
        Settings that the fit depends on.
    refit_when : str
        ``drifted``; ``never``, which holds every category; or another policy, which
        holds nothing.
    earlier : DataFrame or None
        The last result; None: all is fitted from the sales of now. With ``never``, that
        of the live version.
    read_sales : callable
        Returns for some categories the sales that they were fitted from, and those of
        now: category, and as for `measure_drift`.

    Returns
    -------
    DataFrame
        One row per category, by name; of one that is held, as of the earlier sales:

        - category, sales_digest, last_period.
        - terms: fingerprint of all but the sales, code included.
        - fit_id: fingerprint of all but the code; the same on every machine.
        - is_held: whether the sales are earlier ones.
        - reason_code: why; ``within_noise`` or ``never_refitted`` if held, else
          ``unchanged``, ``first_fit``, ``terms_changed``, ``stores_changed``,
          ``drifted``, or ``every_change`` where the setting asks for it.
        - drift, drift_bound, changed_stores: see `measure_drift`; null where there is
          nothing to compare.

    Raises
    ------
    ValueError
        If a category has no earlier fit, and none may be made.
    """
    now = _identify(categories, corrections, method)
    comparable = earlier is not None and set(FITS) <= set(earlier.columns)
    then = earlier.set_index("category", drop=False) if comparable else now.head(0)
    codes = {name: _compare(now.loc[name], then, refit_when) for name in now.index}
    moved = _measure([name for name, code in codes.items() if not code], read_sales)
    decided = [
        _judge(
            name,
            code,
            now=now,
            then=then,
            moved=moved.get(name),
            is_kept=refit_when == "never",
        )
        for name, code in sorted(codes.items())
    ]
    return typed_frame([pd.DataFrame(decided)] if decided else [], FITS)


def _identify(
    categories: pd.DataFrame, corrections: pd.DataFrame, method: Method
) -> pd.DataFrame:
    """Add the fingerprints of the fits of now; indexed by category."""
    settings = method.model_dump()
    terms = category_fingerprints([categories[["category"]], corrections], settings)
    digests = categories[["category", "rows_digest", "sales_digest"]]
    fit_ids = {
        category: fingerprint(
            [rows, corrections[corrections["category"] == category]], settings
        )
        for category, rows in digests.groupby("category")
    }
    names = categories["category"]
    identified = categories.assign(terms=names.map(terms), fit_id=names.map(fit_ids))
    return identified.set_index("category", drop=False)


def _compare(now: pd.Series, then: pd.DataFrame, refit_when: RefitWhen) -> str:
    """Return why a category is fitted from the sales of now; empty: it may not be."""
    if refit_when not in ("drifted", "never"):
        return "every_change"
    if now["category"] not in then.index:
        _check_may_fit(now["category"], refit_when)
        return "first_fit"
    if refit_when == "never":
        return ""
    before = then.loc[now["category"]]
    if before["terms"] != now["terms"]:
        return "terms_changed"
    return "unchanged" if before["fit_id"] == now["fit_id"] else ""


def _check_may_fit(category: str, refit_when: RefitWhen) -> None:
    if refit_when == "never":
        raise ValueError(
            f"got category {category!r}, which the live version does not have, with"
            " refit_when never; set refit_when to changed for one run, or add it to"
            " excluded_categories"
        )


def _measure(categories: Sequence[str], read_sales: ReadSales) -> dict[str, "Drift"]:
    if not categories:
        return {}
    then, now = (dict(tuple(f.groupby("category"))) for f in read_sales(categories))
    return {name: measure_drift(then[name], now[name]) for name in categories}


def _judge(
    name: str,
    code: str,
    *,
    now: pd.DataFrame,
    then: pd.DataFrame,
    moved: "Drift | None",
    is_kept: bool,
) -> pd.Series:
    """Return the row of one category, which may have to keep its fit."""
    if code == "unchanged":
        moved = Drift(0.0, np.nan, 0.0)
    if moved is None:
        moved = Drift(np.nan, np.nan, np.nan)
    code = "never_refitted" if is_kept else code or moved.verdict
    is_held = code in HELD
    row = (then if is_held else now).loc[name]
    return pd.Series(
        row.to_dict() | moved._asdict() | {"is_held": is_held, "reason_code": code}
    )


class Drift(NamedTuple):
    """How far the sales of a category moved; see `measure_drift`."""

    drift: float
    drift_bound: float
    changed_stores: float

    @property
    def verdict(self) -> str:
        """Say whether that is within noise, or what is not."""
        if self.changed_stores > MOST_CHANGED_STORES:
            return "stores_changed"
        return "within_noise" if self.drift <= self.drift_bound else "drifted"


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
