"""Transforms of compositional data: rows of shares that sum to one."""

import numpy as np
from sklearn.preprocessing import FunctionTransformer

from ml.options import chosen

# Half of a 0.1 % share: what a zero counts as where a logarithm needs one.
ZERO_SHARE = 0.0005


def share_transformer(share_transform: str) -> FunctionTransformer:
    """Return the transformer for ``share_transform``: share, hellinger or clr.

    ``hellinger`` is the square root, after which Euclidean distance is the
    Hellinger distance between compositions (Legendre & Gallagher 2001, Oecologia
    129). ``clr`` is the centred log-ratio (Aitchison 1982, JRSS B 44), with zeros
    replaced by a small share.

    Examples
    --------
    >>> share_transformer("hellinger").transform(np.array([[0.25, 0.75, 0.0]]))
    array([[0.5      , 0.8660254, 0.       ]])
    """
    transforms = {"share": None, "hellinger": np.sqrt, "clr": _centred_log_ratio}
    return FunctionTransformer(chosen("share_transform", share_transform, transforms))


def _centred_log_ratio(shares: np.ndarray) -> np.ndarray:
    logs = np.log(np.maximum(shares, ZERO_SHARE))
    return logs - logs.mean(axis=1, keepdims=True)
