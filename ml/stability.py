"""Stability: how far a clustering is reproducible when stores are resampled."""

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


def rand_agreement(labels: np.ndarray, others: np.ndarray) -> float:
    """Return the adjusted Rand index of two labelings of the same rows.

    What ``sklearn.metrics.adjusted_rand_score`` gives (Hubert & Arabie 1985, J.
    Classif. 2), without its checks of the input: these take 20 times as long as the
    index of a few hundred rows, and here it is computed by the thousand.

    Parameters
    ----------
    labels, others : ndarray of shape (n,), int
        Not negative.

    Examples
    --------
    >>> rand_agreement(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 2])).__round__(3)
    0.571
    """
    width = others.max(initial=0) + 1
    both = np.bincount(labels * width + others)
    together, ours, theirs = (
        (counts * (counts - 1.0)).sum()
        for counts in (both, np.bincount(labels), np.bincount(others))
    )
    pairs = len(labels) * (len(labels) - 1.0)
    expected = ours * theirs / pairs if pairs else 0.0
    most = (ours + theirs) / 2
    return float((together - expected) / (most - expected)) if most != expected else 1.0


def best_jaccard(labels: np.ndarray, again: np.ndarray, *, k: int) -> np.ndarray:
    """Return for each cluster how similar the most similar of the new ones is.

    The Jaccard similarity is rows in both / rows in either. Its mean over subsamples
    tells how firm a cluster is (Hennig 2007, Comput. Stat. Data Anal. 52,
    "subsetting"): from .85 highly stable, from .75 stable, from .60 a pattern; below,
    it should not be trusted.

    Parameters
    ----------
    labels : ndarray of shape (n,), int
        From 0 to k - 1.
    again : ndarray of shape (n,)
        Other labels of the same rows.
    k : int
        Clusters that there are among all rows.

    Returns
    -------
    ndarray of shape (k,)
        From 0 to 1; nan for a cluster of which no row is here.

    Examples
    --------
    >>> best_jaccard(np.array([0, 0, 0, 1]), np.array([5, 5, 7, 7]), k=3).round(3)
    array([0.667, 0.5  ,   nan])
    """
    new = np.unique(again, return_inverse=True)[1]
    both = np.zeros((k, new.max() + 1))
    np.add.at(both, (labels, new), 1)
    sizes = both.sum(axis=1, keepdims=True)
    either = sizes + both.sum(axis=0) - both
    return np.where(sizes[:, 0] > 0, (both / either).max(axis=1), np.nan)


def mean_of_known(figures: list[np.ndarray]) -> np.ndarray:
    """Return the mean of each column over the rows where it is known; else nan.

    Examples
    --------
    >>> mean_of_known([np.array([1.0, np.nan]), np.array([0.5, np.nan])])
    array([0.75,  nan])
    """
    known = ~np.isnan(figures)
    total = np.nansum(figures, axis=0)
    counts = known.sum(axis=0)
    return np.divide(total, counts, out=np.full(len(counts), np.nan), where=counts > 0)
