"""Since when stores no longer sell like their cluster, told week by week."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from ml.algorithms import single_threaded
from ml.frames import by_category, typed_frame
from ml.shares import shares_of

# The evidence from which a store is said not to fit. By chance alone, a cumulative sum
# of log likelihood ratios reaches it once in e^6 periods, some 400, or more rarely;
# `benchmarks/switches.py` measures what it finds and how often it is wrong.
THRESHOLD = 6.0
# Evidence is kept below this, so that a store that is as it was is soon said to fit.
MOST_EVIDENCE = 2 * THRESHOLD
# What every need state has of a cluster's sales at least: no ratio is infinite.
LEAST_SHARE = 0.01
# What the shares of a store that stays are shrunk by towards those of its cluster, in
# units of noise: few purchases say little of what a store sells. Between 20 and 160,
# about as many switches are found.
PRIOR_UNITS = 80
# Classes of sales per period, in each of which the noise is measured.
SIZE_CLASSES = 5
# The median of the squares of standard normal numbers.
MEDIAN_OF_SQUARES = 0.4549364

MISFITS = {
    "store_id": "str",
    "category": "str",
    "periods": "int64",
    "evidence": "float64",
    "sells_like_cluster": "Int64",
    "misfit_since": "str",
}


@single_threaded
def find_misfits(fitted: pd.DataFrame, recent: pd.DataFrame) -> pd.DataFrame:
    """Find the stores that sell like another internal cluster, and since when.

    Each period after the fit says for each other cluster how much more likely the
    sales of a store are if it moved there than if it stayed: the logarithm of the
    ratio of likelihoods, as of multinomial sales with the store's own shares of the
    fit, which in a move change by the ratio of the shares of both clusters. What all
    stores have in common, as a season, is taken out. The ratios of successive periods
    add up while they are positive (a cumulative sum, Page 1954, Biometrika 41). They
    are in units of the noise that there is, which the periods of stores of about the
    same sales show.

    Parameters
    ----------
    fitted : DataFrame
        The sales of the fit: store_id, category, need_state, sales, internal_cluster.
    recent : DataFrame
        Sales of the periods after it: store_id, category, period_start (ISO),
        need_state, sales. Stores and need states that the fit lacks are left out.

    Returns
    -------
    DataFrame
        One row per category and store of the fit:

        - periods: how many there are since the fit.
        - evidence: the cumulative sum now, of the cluster with the highest one, from 0
          to ``MOST_EVIDENCE``.
        - sells_like_cluster, misfit_since: that cluster, and the first period of the
          sum, where it exceeds ``THRESHOLD``; else null.
    """
    recent_of = dict(tuple(recent.groupby("category")))
    nothing = recent.head(0)

    def judge_category(category: str, rows: pd.DataFrame) -> pd.DataFrame:
        now = recent_of.get(category, nothing)
        periods = pd.Series(sorted(now["period_start"].unique()), dtype=object)
        clusters = rows.groupby("store_id")["internal_cluster"].first().astype(int)
        judged = pd.DataFrame(
            {
                "store_id": clusters.index,
                "category": category,
                "periods": len(periods),
                "evidence": 0.0,
                "sells_like_cluster": pd.array([pd.NA] * len(clusters), dtype="Int64"),
                "misfit_since": None,
            }
        )
        names, labels = np.unique(clusters, return_inverse=True)
        if periods.empty or len(names) == 1:
            return judged
        return judged.assign(**_judge(rows, now, periods, names, labels))

    return typed_frame(by_category(fitted, judge_category), MISFITS)


def _judge(
    rows: pd.DataFrame,
    now: pd.DataFrame,
    periods: pd.Series,
    names: np.ndarray,
    labels: np.ndarray,
) -> dict[str, object]:
    """Return the columns of one category; ``labels`` are places in ``names``."""
    stores = pd.Index(sorted(rows["store_id"].unique()))
    columns = sorted(rows["need_state"].unique())
    of_period = dict(tuple(now.groupby("period_start")))
    tables = [_table(of_period[period], stores, columns) for period in periods]
    ratios = _log_ratios(_table(rows, stores, columns), np.stack(tables), labels)
    sums = _add_up(ratios)
    best = sums.evidence.argmax(axis=1)
    store = np.arange(len(stores))
    evidence = sums.evidence[store, best]
    is_misfit = evidence > THRESHOLD
    since = periods.to_numpy()[sums.began[store, best]]
    return {
        "evidence": evidence,
        "sells_like_cluster": pd.Series(names[best], dtype="Int64").where(is_misfit),
        "misfit_since": np.where(is_misfit, since, None),
    }


def _table(rows: pd.DataFrame, stores: pd.Index, names: list[str]) -> np.ndarray:
    """Return sales by store and need state; what is not sold is 0."""
    table = rows.pivot_table(
        index="store_id", columns="need_state", values="sales", aggfunc="sum"
    )
    table = table.reindex(index=stores, columns=names)
    return table.astype(float).fillna(0.0).to_numpy()


def _log_ratios(then: np.ndarray, sales: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the log likelihood ratio of each period, store and cluster: (t, n, k).

    Parameters
    ----------
    then : ndarray of shape (n, f)
        Sales of the fit.
    sales : ndarray of shape (t, n, f)
        Sales of each period.
    labels : ndarray of shape (n,)
        Clusters, counted from 0.
    """
    shares = shares_of(then)
    profiles = np.stack(
        [shares[labels == k].mean(axis=0) for k in range(labels.max() + 1)]
    )
    logs = np.log(profiles + LEAST_SHARE)
    change = logs - logs[labels][:, None, :]  # (n, k, f)
    season = shares_of(sales.sum(axis=1)) + LEAST_SHARE
    season /= shares_of(then.sum(axis=0)[None]) + LEAST_SHARE
    least = LEAST_SHARE * shares.mean(axis=0)
    totals = sales.sum(axis=2)
    told = _tell(sales, shares + least, change, season)
    prior = PRIOR_UNITS * _dispersion(told.squares) * profiles[labels]
    told = _tell(sales, shares_of(then + prior) + least, change, season)
    return told.ratios / _dispersion_by_size(told.squares, totals)[:, :, None]


class Told(NamedTuple):
    """What periods tell of moves, shape (t, n, k): as of sales of single units.

    The log likelihood ratios, and the squares of how far the sales are from what is
    expected of a store that stays, in standard deviations; NaN where nothing is known.
    """

    ratios: np.ndarray
    squares: np.ndarray


def _tell(
    sales: np.ndarray, own: np.ndarray, change: np.ndarray, season: np.ndarray
) -> Told:
    """Compare the sales of each period with those expected of a store that stays.

    Parameters
    ----------
    sales : ndarray of shape (t, n, f)
    own : ndarray of shape (n, f)
        Shares of the stores that stay.
    change : ndarray of shape (n, k, f)
        By what the logarithms of their shares change in a move to each cluster.
    season : ndarray of shape (t, f)
        By what all shares are multiplied in each period.
    """
    ratios = np.empty((len(sales), *change.shape[:2]))
    squares = np.empty_like(ratios)
    for number, (of_period, common) in enumerate(zip(sales, season, strict=True)):
        shares = shares_of(own * common)
        total = of_period.sum(axis=1)[:, None]
        mean = np.einsum("nf,nkf->nk", shares, change)
        variance = np.einsum("nf,nkf->nk", shares, change**2) - mean**2
        partition = np.log(np.einsum("nf,nkf->nk", shares, np.exp(change)))
        told = np.einsum("nf,nkf->nk", of_period, change)
        ratios[number] = told - total * partition
        known = (total > 0) & (variance > np.finfo(float).eps)
        with np.errstate(divide="ignore", invalid="ignore"):
            off = (told - total * mean) ** 2 / (total * variance)
        squares[number] = np.where(known, off, np.nan)
    return Told(ratios, squares)


def _dispersion(squares: np.ndarray) -> float:
    """Return how many times the noise is that of single units of money."""
    known = squares[np.isfinite(squares)]
    if not known.size:
        return 1.0
    return max(float(np.median(known)) / MEDIAN_OF_SQUARES, np.finfo(float).tiny)


def _dispersion_by_size(squares: np.ndarray, totals: np.ndarray) -> np.ndarray:
    """Return the dispersion of each period and store, by its sales: (t, n).

    It is measured in classes of equal number, and in between read from straight lines
    over the logarithm of sales: large stores vary by more than their number of
    purchases says.
    """
    sells = totals > 0
    if not sells.any():
        return np.ones_like(totals)
    edges = np.quantile(totals[sells], np.linspace(0, 1, SIZE_CLASSES + 1))
    size_class = np.searchsorted(edges[1:-1], totals)
    classes = np.unique(size_class[sells])
    members = [sells & (size_class == one) for one in classes]
    sizes = [np.log(totals[of_class]).mean() for of_class in members]
    noise = [np.log(_dispersion(squares[of_class])) for of_class in members]
    logs = np.log(np.where(sells, totals, edges[0]))
    return np.exp(np.interp(logs, sizes, noise))


class Sums(NamedTuple):
    """Cumulative sums of stores and clusters, and the period that each began in."""

    evidence: np.ndarray
    began: np.ndarray


def _add_up(ratios: np.ndarray) -> Sums:
    """Add up ratios of successive periods, from the last time that nothing was left."""
    evidence = np.zeros(ratios.shape[1:])
    began = np.zeros(ratios.shape[1:], dtype=int)
    for number, of_period in enumerate(ratios):
        began[evidence == 0] = number
        evidence = np.clip(evidence + of_period, 0.0, MOST_EVIDENCE)
    return Sums(evidence, began)
