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
    are in units of the noise that there is, which the periods of all stores show.

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
    average = shares_of(then).mean(axis=0)
    own = shares_of(then) + LEAST_SHARE * average
    profiles = np.stack(
        [shares_of(then[labels == k]).mean(axis=0) for k in range(labels.max() + 1)]
    )
    profiles = np.log(profiles + LEAST_SHARE)
    change = profiles - profiles[labels][:, None, :]  # (n, k, f)
    season = shares_of(sales.sum(axis=1)) + LEAST_SHARE
    season /= shares_of(then.sum(axis=0)[None]) + LEAST_SHARE
    ratios = np.empty((len(sales), *change.shape[:2]))
    surprise = np.empty_like(ratios)
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
            squares = (told - total * mean) ** 2 / (total * variance)
        surprise[number] = np.where(known, squares, np.nan)
    return ratios / _dispersion(surprise)


def _dispersion(squares: np.ndarray) -> float:
    """Return how many times the noise is that of single units of money."""
    known = squares[np.isfinite(squares)]
    if not known.size:
        return 1.0
    return max(float(np.median(known)) / MEDIAN_OF_SQUARES, np.finfo(float).tiny)


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
