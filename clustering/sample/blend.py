"""From what is planted to what is plain, by degrees."""

import numpy as np


def blend(
    planted: np.ndarray | float, *, plain: np.ndarray | float, part: float
) -> np.ndarray:
    """Return ``part`` of what is planted, the rest of what is plain.

    A part of 1 gives exactly what is planted, 0 exactly what is plain.

    Examples
    --------
    >>> blend(np.array([0.6, 0.4]), plain=0.5, part=0.5).tolist()
    [0.55, 0.45]
    """
    return np.asarray(part * planted + (1 - part) * plain)
