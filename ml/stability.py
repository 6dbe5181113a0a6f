"""Stability: how far a clustering is found again when stores are resampled."""

from collections.abc import Callable

import numpy as np
from sklearn.metrics import adjusted_rand_score

from ml.resample import subsamples

Relabel = Callable[[np.ndarray], np.ndarray]


def resampled_agreement(
    labels: np.ndarray, relabel: Relabel, *, resamples: int, random_state: int
) -> float:
    """Return how far clusterings of subsamples agree with that of all rows.

    The mean adjusted Rand index over random subsamples of the rows, each clustered
    anew (Ben-Hur, Elisseeff & Guyon 2002, PSB 7): 1 where always the same clusters
    come out, about 0 where they are an accident.

    Parameters
    ----------
    labels : ndarray of shape (n,)
        Labels of all rows.
    relabel : callable
        Clusters the rows of which it gets the numbers, and returns their labels.
    resamples, random_state : int
        See `ml.resample.subsamples`.

    Examples
    --------
    >>> labels = np.repeat([0, 1], 10)
    >>> agree = lambda rows: rows // 10
    >>> resampled_agreement(labels, agree, resamples=3, random_state=0)
    1.0
    """
    drawn = subsamples(len(labels), count=resamples, random_state=random_state)
    scores = [adjusted_rand_score(labels[rows], relabel(rows)) for rows in drawn]
    return float(np.mean(scores))


def cluster_jaccard(
    labels: np.ndarray, relabel: Relabel, *, resamples: int, random_state: int
) -> np.ndarray:
    """Return for each cluster how well it is found again in subsamples.

    In each subsample, the Jaccard similarity (rows in both / rows in either) with
    the most similar of the clusters found there; then the mean (Hennig 2007,
    Comput. Stat. Data Anal. 52, "subsetting"). From .85 a cluster is highly stable,
    from .75 stable, from .60 a pattern; below, it should not be trusted.

    Parameters
    ----------
    labels : ndarray of shape (n,), int
        Labels of all rows, from 0 without gaps.
    relabel, resamples, random_state
        As for `resampled_agreement`.

    Returns
    -------
    ndarray of shape (k,)
        From 0 to 1; nan for a cluster of which no subsample had a row.

    Examples
    --------
    >>> labels = np.repeat([0, 1], 10)
    >>> agree = lambda rows: rows // 10
    >>> cluster_jaccard(labels, agree, resamples=3, random_state=0)
    array([1., 1.])
    """
    k = labels.max() + 1
    drawn = subsamples(len(labels), count=resamples, random_state=random_state)
    found = [_best_jaccard(labels[rows], relabel(rows), k=k) for rows in drawn]
    seen = ~np.isnan(found)
    total = np.nansum(found, axis=0)
    return np.divide(
        total, seen.sum(axis=0), out=np.full(k, np.nan), where=seen.any(axis=0)
    )


def _best_jaccard(labels: np.ndarray, again: np.ndarray, *, k: int) -> np.ndarray:
    """Compare each of the ``k`` clusters with the most similar of the new ones."""
    new = np.unique(again, return_inverse=True)[1]
    both = np.zeros((k, new.max() + 1))
    np.add.at(both, (labels, new), 1)
    sizes = both.sum(axis=1, keepdims=True)
    either = sizes + both.sum(axis=0) - both
    return np.where(sizes[:, 0] > 0, (both / either).max(axis=1), np.nan)
