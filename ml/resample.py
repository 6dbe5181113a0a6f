"""Resampling: random subsamples of stores, to see which clusters are reproducible."""

from collections.abc import Iterator, Sequence

import numpy as np
from pandas.util import hash_array

# Share of the stores in each subsample, and the most stores that it needs: more tell
# hardly more, and take longer (Hennig 2007; von Luxburg 2010, Found. Trends ML 2).
SHARE = 0.8
MOST_STORES = 2000

# Starts of k-means in each: what needs more to be found again is not stable.
STARTS = 2


def subsamples(
    stores: Sequence[str] | np.ndarray, *, count: int, random_state: int
) -> Iterator[np.ndarray]:
    """Yield ``count`` random subsets of the places of stores, sorted.

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
