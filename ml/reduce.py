"""Reduce many scaled features to a few components."""

import numpy as np
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from ml.canonical import DECIMALS


def principal_axes(
    scaled: np.ndarray, fit: np.ndarray, *, n_components: float
) -> np.ndarray:
    """Return the principal axes of the rows in ``fit``.

    Parameters
    ----------
    scaled : ndarray of shape (n, d)
    fit : ndarray of shape (n,), bool
    n_components : float
        Below 1, the share of the variance that the axes keep; from 1 on, their
        number, lowered to what there is.

    Returns
    -------
    ndarray of shape (d, p)
        Each axis points to the longer tail; one of zeros where nothing varies.

    Examples
    --------
    >>> X = np.array([[0.0, 0.0], [1.0, 1.0], [4.0, 4.0]])
    >>> principal_axes(X, np.ones(3, dtype=bool), n_components=0.9).round(3)
    array([[0.707],
           [0.707]])
    """
    if not scaled[fit].var(axis=0).any():
        return np.zeros((scaled.shape[1], 1))
    most = min(fit.sum(), scaled.shape[1])
    kept = n_components if n_components < 1 else int(min(n_components, most))
    pca = PCA(n_components=kept, svd_solver="full").fit(scaled[fit])
    return _turned(pca.components_.T, centred(scaled, fit)[fit])


def principal_components(
    scaled: np.ndarray, fit: np.ndarray, *, n_components: float
) -> np.ndarray:
    """Project all rows onto the principal axes of the rows in ``fit``.

    Parameters
    ----------
    scaled, fit, n_components
        As for `principal_axes`.

    Returns
    -------
    ndarray of shape (n, p)
        Rounded; one column of zeros where nothing varies.

    Examples
    --------
    >>> X = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]])
    >>> principal_components(X, np.ones(3, dtype=bool), n_components=0.9).round(3)
    array([[-1.414],
           [ 0.   ],
           [ 1.414]])
    """
    axes = principal_axes(scaled, fit, n_components=n_components)
    return projected(centred(scaled, fit), axes)


def centred(scaled: np.ndarray, fit: np.ndarray) -> np.ndarray:
    """Return all rows less the mean of those in ``fit``."""
    return scaled - scaled[fit].mean(axis=0)


def projected(centred: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """Return the coordinates of centred rows on ``axes``, rounded."""
    return (centred @ axes).round(DECIMALS) + 0.0  # no -0.0


def mixed_spreads(values: np.ndarray, is_level: np.ndarray) -> np.ndarray:
    """Return what columns are divided by so that their PCA is one of mixed data.

    Factor analysis of mixed data (FAMD; Pages 2004, Rev. Stat. Appl. 52) weighs numeric
    and categorical features so that each has the same say: it is PCA of standardised
    numbers, and of levels coded 0 or 1, over the root of their share. The library
    prince computes the same, but takes the shares anew from the rows that it projects:
    stores out of the fit would move those in it.

    Parameters
    ----------
    values : ndarray of shape (n, d)
        The columns in the fit: numbers in any scale, and levels coded 0 or 1.
    is_level : ndarray of shape (d,), bool

    Returns
    -------
    ndarray of shape (d,)

    Examples
    --------
    >>> X = np.array([[0.0, 1.0], [6.0, 0.0], [6.0, 0.0], [0.0, 0.0]])
    >>> mixed_spreads(X, np.array([False, True]))
    array([3. , 0.5])
    """
    scales = StandardScaler().fit(values).scale_
    return np.where(is_level, np.sqrt(values.mean(axis=0).clip(min=0)), scales)


def _turned(axes: np.ndarray, centred: np.ndarray) -> np.ndarray:
    """Turn each axis so that its longer tail is positive: else its sign is chance."""
    cubes = (centred @ axes).round(DECIMALS) ** 3
    negative = cubes.sum(axis=0) < -1e-9 * np.abs(cubes).sum(axis=0)
    return np.where(negative, -axes, axes)
