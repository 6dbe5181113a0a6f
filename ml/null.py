"""Stores without clusters: every feature varies around one mode."""

from collections.abc import Callable, Iterator
from typing import NamedTuple, Self

import numpy as np
import pandas as pd
from scipy.optimize import isotonic_regression
from scipy.stats import norm, rankdata

# Values of a feature that its distribution is estimated from, and the modes tried.
MOST_VALUES = 400
MODES = 25


class Distribution(NamedTuple):
    """A distribution of which any value can be drawn: edges, and what lies below."""

    edges: np.ndarray
    below: np.ndarray

    @classmethod
    def unimodal(cls, values: np.ndarray) -> Self:
        """Estimate the distribution with one mode that is nearest to some values.

        On both sides of a mode the density is the best one that falls (Grenander
        1956, Skand. Aktuarietidskr. 39); of all modes, the one is taken with which
        the distribution function deviates least, as in the dip test (Hartigan &
        Hartigan 1985, Ann. Stat. 13). Tails, skewness and limits stay as they are; a
        gap between two groups is filled.

        Parameters
        ----------
        values : ndarray of shape (n,)
            Two different ones at least.

        Examples
        --------
        >>> values = np.r_[np.linspace(0, 1, 50), np.linspace(9, 10, 50)]
        >>> found = Distribution.unimodal(values)
        >>> np.interp([1, 2, 8, 9], found.edges, found.below).round(2)
        array([0.49, 0.55, 0.89, 0.94])
        """
        if len(values) > MOST_VALUES:
            values = np.quantile(values, np.linspace(0, 1, MOST_VALUES))
        points, counts = np.unique(values, return_counts=True)
        middles = (points[1:] + points[:-1]) / 2
        edges = np.r_[points[0], middles, points[-1]]
        widths, shares = np.diff(edges), counts / counts.sum()
        modes = np.searchsorted(np.cumsum(shares), np.linspace(0, 1, MODES)[1:-1])
        fitted = [_falling(shares / widths, widths, mode) for mode in np.unique(modes)]
        gaps = [np.abs(np.cumsum(one - shares)).max().round(9) for one in fitted]
        below = np.r_[0.0, np.cumsum(fitted[int(np.argmin(gaps))])]
        return cls(edges, below / below[-1])

    def draw(self, chances: np.ndarray) -> np.ndarray:
        """Return the values below which the chances lie (0 to 1)."""
        return np.interp(chances, self.below, self.edges)


def _falling(density: np.ndarray, widths: np.ndarray, mode: int) -> np.ndarray:
    """Return the share of each cell, where density falls on both sides of a mode."""
    sides = (slice(None, mode), True), (slice(mode, None), False)
    fitted = [
        isotonic_regression(
            density[part], weights=widths[part], increasing=increasing
        ).x
        for part, increasing in sides
        if len(density[part])
    ]
    return np.concatenate(fitted) * widths


class Null(NamedTuple):
    """What stores are like that are of one kind.

    The null hypothesis: each number has one mode, whatever its tails, and numbers
    depend on each other as those of one normal distribution do (a Gaussian copula).
    Levels depend on nothing. A normal distribution of the components, as in SigClust
    (Liu, Hayes, Nobel & Marron 2008, JASA 103), has no levels and no tails: what has
    any would be clusters.

    Parameters
    ----------
    scaled : ndarray of shape (n, d)
        Scaled features of the stores in the fit.
    axes : ndarray of shape (d, p)
        The loadings of the features on the components.
    block : ndarray of shape (d,), int
        The number of the feature of levels that a column belongs to; 0: none.
    is_normal : bool
        Whether numbers are normal, too: shares, that have no long tails once they are
        transformed.
    """

    scaled: np.ndarray
    axes: np.ndarray
    block: np.ndarray
    is_normal: bool = False

    @classmethod
    def of(
        cls, scaled: np.ndarray, columns: pd.DataFrame, *, is_normal: bool = False
    ) -> Self:
        """Return the null hypothesis of a fit.

        Parameters
        ----------
        scaled : ndarray of shape (n, d)
        columns : DataFrame
            Of the fit; see `ml.projection.Projection`. Those that are used count.
        is_normal : bool
            See `Null`.
        """
        used = columns[columns["is_used"].astype(bool)].sort_values("number")
        block = used["block"].fillna(0).to_numpy(dtype=int)
        axes = np.vstack(used["axis"]) if len(used) else np.zeros((0, 1))
        return cls(scaled, axes, block, is_normal)

    @property
    def has_numbers(self) -> bool:
        """Whether any column that varies is not one of levels."""
        return bool(self._is_number.any())

    @property
    def _is_number(self) -> np.ndarray:
        return (self.block == 0) & (np.ptp(self.scaled, axis=0) > 0)

    def clouds(
        self, count: int, *, rows: int, rng: np.random.Generator
    ) -> Iterator[np.ndarray]:
        """Yield the components of drawn stores: ``count`` arrays of shape (rows, p).

        Parameters
        ----------
        count : int
        rows : int
            At most as many as there are stores.
        rng : numpy.random.Generator
        """
        is_number = self._is_number
        numbers, axes = self.scaled[:, is_number], self.axes[is_number]
        drawn = _normal(numbers) if self.is_normal else _around_one_mode(numbers)
        blocks = [self.block == one for one in np.unique(self.block[self.block > 0])]
        mean = self.scaled.mean(axis=0)
        for _ in range(count):
            normal = rng.standard_normal((rows, numbers.shape[1]))
            cloud = drawn(normal) @ axes
            for block in blocks:
                shuffled = rng.permutation(self.scaled[:, block])[:rows]
                cloud += (shuffled - mean[block]) @ self.axes[block]
            yield cloud


def _around_one_mode(numbers: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Return what turns independent normal draws into numbers with one mode each."""
    margins = [Distribution.unimodal(values) for values in numbers.T]
    ranks = (rankdata(numbers, axis=0) - 0.5) / len(numbers)
    scores = norm.ppf(ranks)
    correlate = _normal(scores / scores.std(axis=0))

    def draw(normal: np.ndarray) -> np.ndarray:
        chances = norm.cdf(correlate(normal))
        drawn = [
            one.draw(column) for one, column in zip(margins, chances.T, strict=True)
        ]
        return np.array(drawn).reshape(normal.T.shape).T

    return draw


def _normal(numbers: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Return what turns independent normal draws into ones with their covariance."""
    width = numbers.shape[1]
    covariance = np.cov(numbers, rowvar=False, bias=True).reshape(width, width)
    variances, axes = np.linalg.eigh(covariance)
    root = axes * np.sqrt(np.maximum(variances, 0.0))
    return lambda normal: normal @ root.T
