"""Stability: how far a clustering is reproducible on random subsamples of stores."""

import math
from collections.abc import Iterator, Sequence

import numpy as np
from pandas.util import hash_array

# Share of the stores in each subsample, and the most stores that it needs: more tell
# hardly more, and take longer (Hennig 2007; von Luxburg 2010, Found. Trends ML 2).
SHARE = 0.8
MOST_STORES = 2000

# Starts of k-means in each: clusters that need more to be reproduced are not stable.
STARTS = 2


def subsamples(
    stores: Sequence[str] | np.ndarray, *, count: int, random_state: int
) -> Iterator[np.ndarray]:
    """Yield ``count`` random subsets of the positions of stores, sorted.

    Each store draws lots of its own, from its name alone (permanent random numbers:
    Ohlsson 1995, in Business Survey Methods, chapter 9), and the lowest are taken. So
    the subsamples of next year, or of the chain without a few stores, have nearly the
    same stores, and what is compared differs by what has changed alone.

    Parameters
    ----------
    stores : sequence of str, or ndarray of shape (n,)
        Names, different from each other.
    count, random_state : int
        How many, and which.

    Examples
    --------
    >>> stores = [f"store {number}" for number in range(50)]
    >>> [len(places) for places in subsamples(stores, count=2, random_state=0)]
    [40, 40]
    """
    names = np.asarray(stores).astype(str).astype(object)
    size = min(round(SHARE * len(names)), MOST_STORES)
    for number in range(count):
        key = f"{random_state % 10**8:08d}{number:08d}"
        lots = hash_array(  # ty: ignore[not-callable]
            names, hash_key=key, categorize=False
        )
        yield np.sort(np.argsort(lots, kind="stable")[:size])


def mean_agreement(picked: Sequence[np.ndarray], labels: Sequence[np.ndarray]) -> float:
    """Return how far clusterings of subsamples agree with each other.

    The mean adjusted Rand index of all pairs of random subsamples, each clustered by
    itself, on the stores that they have in common (Ben-Hur, Elisseeff & Guyon 2002,
    PSB 7): 1 where always the same clusters come out, about 0 where they are an
    accident.

    Parameters
    ----------
    picked, labels : sequence of ndarray
        See `pairwise_agreement`; two at least.

    Examples
    --------
    >>> picked = list(subsamples(range(20), count=3, random_state=0))
    >>> mean_agreement(picked, [places // 10 for places in picked])
    1.0
    """
    return float(np.nanmean(pairwise_agreement(picked, labels)))


def pairwise_agreement(
    picked: Sequence[np.ndarray], labels: Sequence[np.ndarray]
) -> np.ndarray:
    """Return the adjusted Rand index of each pair of subsamples on their common stores.

    Parameters
    ----------
    picked, labels : sequence of m ndarrays, int
        The places of each subsample's stores, and their labels from 0.

    Returns
    -------
    ndarray of shape (m, m)
        Symmetric, nan on the diagonal.

    Examples
    --------
    >>> picked = [np.array([0, 1, 2, 3]), np.array([1, 2, 3, 4])]
    >>> labels = [np.array([0, 0, 1, 1]), np.array([1, 0, 0, 0])]
    >>> pairwise_agreement(picked, labels)
    array([[nan,  1.],
           [ 1., nan]])
    """
    table = np.full((len(picked), max(places.max() for places in picked) + 1), -1)
    for row, places, found in zip(table, picked, labels, strict=True):
        row[places] = found
    scores = np.full((len(picked), len(picked)), np.nan)
    for number, places in enumerate(picked[:-1]):
        others = slice(number + 1, None)
        agreement = _agreement(labels[number], table[others, places])
        scores[number, others] = scores[others, number] = agreement
    return scores


def _agreement(labels: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the adjusted Rand index of labels with each row of others; -1 is absent.

    Hubert & Arabie 1985, J. Classif. 2.
    """
    shape = (len(others), labels.max() + 1, others.max() + 2)
    cells = labels * shape[2] + (others + 1)
    cells += np.arange(len(others))[:, None] * (shape[1] * shape[2])
    both = np.bincount(cells.ravel(), minlength=math.prod(shape)).reshape(shape)
    both = both[:, :, 1:].astype(float)
    common = both.sum(axis=(1, 2))
    together, ours, theirs = (
        (counts * (counts - 1)).reshape(len(others), -1).sum(axis=1)
        for counts in (both, both.sum(axis=2), both.sum(axis=1))
    )
    expected = ours * theirs / np.maximum(common * (common - 1), 1)
    most = (ours + theirs) / 2
    agreement = np.ones(len(others))
    differ = most != expected
    np.divide(together - expected, most - expected, out=agreement, where=differ)
    return agreement


def rand_agreement(labels: np.ndarray, others: np.ndarray) -> float:
    """Return the adjusted Rand index of two labelings of the same rows.

    What ``sklearn.metrics.adjusted_rand_score`` gives, without its checks of the
    input, which take longer.

    Parameters
    ----------
    labels, others : ndarray of shape (n,), int
        Not negative.

    Examples
    --------
    >>> rand_agreement(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 2])).__round__(3)
    0.571
    """
    return float(_agreement(labels, others[None])[0])


def best_jaccard(labels: np.ndarray, again: np.ndarray, *, k: int) -> np.ndarray:
    """Return the Jaccard similarity of each cluster to the most similar new one.

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
