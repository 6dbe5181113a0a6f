"""Reduce many scaled features to a few components."""

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA
from sklearn.impute import SimpleImputer

# Decimals that components are kept with: far below any difference between stores,
# and above what the order of floating-point additions can change.
DECIMALS = 9


def principal_components(
    scaled: np.ndarray, fit: np.ndarray, *, n_components: float
) -> np.ndarray:
    """Project all rows on the principal axes of the rows in ``fit``.

    Parameters
    ----------
    scaled : ndarray of shape (n, d)
    fit : ndarray of shape (n,), bool
    n_components : float
        Below 1, the share of the variance that the axes keep; from 1 on, their
        number, lowered to what there is.

    Returns
    -------
    ndarray of shape (n, p)
        One column of zeros where nothing varies.

    Examples
    --------
    >>> X = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]])
    >>> principal_components(X, np.ones(3, dtype=bool), n_components=0.9).round(3)
    array([[-1.414],
           [ 0.   ],
           [ 1.414]])
    """
    if not scaled[fit].var(axis=0).any():
        return np.zeros((len(scaled), 1))
    most = min(fit.sum(), scaled.shape[1])
    kept = n_components if n_components < 1 else int(min(n_components, most))
    pca = PCA(n_components=kept, svd_solver="full").fit(scaled[fit])
    return _rounded(pca.transform(scaled))


def mixed_components(
    matrix: pd.DataFrame, scaled: np.ndarray, fit: np.ndarray, *, n_components: float
) -> np.ndarray:
    """Project all rows on the axes of a factor analysis of mixed data.

    FAMD (Pages 2004, Rev. Stat. Appl. 52) weighs numeric and categorical features so
    that each has the same say. Numbers come filtered and imputed but in any scale:
    it standardises them. Without a categorical feature that varies, it is PCA.

    Parameters
    ----------
    matrix : DataFrame of n rows
        Its object columns are the categorical features.
    scaled : ndarray of shape (n, d)
        The numeric ones.
    fit, n_components
        As for `principal_components`.
    """
    from prince import FAMD  # imports a plotting library: only where it is wanted

    levels = _common_levels(matrix.select_dtypes(object), fit)
    if levels.empty or not scaled.size:
        return principal_components(scaled, fit, n_components=n_components)
    numbers = pd.DataFrame(scaled, index=matrix.index).add_prefix("number ")
    mixed = pd.concat([numbers, levels], axis=1)
    most = scaled.shape[1] + int((levels[fit].nunique() - 1).sum())
    most = min(most, fit.sum() - 1)
    famd = FAMD(n_components=most, engine="scipy", random_state=0).fit(mixed[fit])
    kept = n_components
    if n_components < 1:
        explained = np.cumsum(famd.eigenvalues_) / famd.total_inertia_
        kept = np.searchsorted(explained, n_components) + 1
    return _rounded(famd.transform(mixed).to_numpy()[:, : int(kept)])


def _common_levels(levels: pd.DataFrame, fit: np.ndarray) -> pd.DataFrame:
    """Return the levels as text: unknown and unseen ones are the most frequent."""
    varied = levels.loc[:, levels[fit].nunique().gt(1)]
    if varied.empty:
        return varied
    seen = varied.where(varied.apply(lambda level: level.isin(set(level[fit]))))
    filled = SimpleImputer(strategy="most_frequent").fit(seen[fit]).transform(seen)
    return pd.DataFrame(filled, index=levels.index, columns=varied.columns).astype(str)


def _rounded(components: np.ndarray) -> np.ndarray:
    return components.round(DECIMALS) + 0.0  # no negative zeros
