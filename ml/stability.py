"""Stability: how far a clustering is reproducible on random subsamples of stores."""

import itertools
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from pandas.util import hash_array

# Share of the stores in each subsample, and the most stores that it needs: more tell
# hardly more, and take longer (Hennig 2007; von Luxburg 2010, Found. Trends ML 2).
SHARE = 0.8
MOST_STORES = 2000

# Starts of k-means in each: clusters that need more to be reproduced are not stable.
STARTS = 2

Relabel = Callable[[np.ndarray], np.ndarray]


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


def resampled_agreement(
    stores: Sequence[str] | np.ndarray,
    relabel: Relabel,
    *,
    resamples: int,
    random_state: int,
) -> float:
    """Return how far clusterings of subsamples agree with each other.

    The mean adjusted Rand index of all pairs of random subsamples, each clustered by
    itself, on the stores that they have in common (Ben-Hur, Elisseeff & Guyon 2002,
    PSB 7): 1 where always the same clusters come out, about 0 where they are an
    accident.

    Parameters
    ----------
    stores : sequence of str, or ndarray of shape (n,)
        Their names.
    relabel : callable
        Clusters the rows of which it gets the numbers, and returns their labels, from
        0.
    resamples, random_state : int
        See `subsamples`; two at least.

    Examples
    --------
    >>> agree = lambda rows: rows // 10
    >>> resampled_agreement(range(20), agree, resamples=3, random_state=0)
    1.0
    """
    drawn = list(subsamples(stores, count=resamples, random_state=random_state))
    return float(np.nanmean(pairwise_agreement(drawn, [relabel(r) for r in drawn])))


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
    count = len(picked)
    table = np.full((count, max(places.max() for places in picked) + 1), -1)
    for row, places, found in zip(table, picked, labels, strict=True):
        row[places] = found
    scores = np.full((count, count), np.nan)
    for one, other in itertools.combinations(range(count), 2):
        common = (table[one] >= 0) & (table[other] >= 0)
        score = rand_agreement(table[one, common], table[other, common])
        scores[one, other] = scores[other, one] = score
    return scores


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
