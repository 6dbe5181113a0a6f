"""A cluster for stores that took no part in making the clusters."""

import numpy as np
from sklearn.ensemble import RandomForestClassifier

# Trees, and the most rows that each of them learns from: more tell hardly more.
TREES = 60
MOST_ROWS = 500


def infer_labels(
    X: np.ndarray, labels: np.ndarray, X_new: np.ndarray, *, random_state: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the likeliest label of each new row, and its probability.

    A random forest (Breiman 2001, Mach. Learn. 45) learns the labels from the rows
    that have one; the probability is the mean share of the label in the leaves.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    labels : ndarray of shape (n,)
    X_new : ndarray of shape (m, d)
    random_state : int
        Seed.

    Returns
    -------
    labels, probabilities : ndarray of shape (m,)
        Where two labels are equally likely, the smaller one.

    Examples
    --------
    >>> X = np.arange(20.0).reshape(-1, 1)
    >>> labels = np.repeat([1, 2], 10)
    >>> infer_labels(X, labels, np.array([[-3.0], [30.0]]), random_state=0)[0]
    array([1, 2])
    """
    forest = RandomForestClassifier(
        TREES, max_samples=min(len(X), MOST_ROWS), random_state=random_state
    ).fit(X, labels)
    shares = forest.predict_proba(X_new)
    return forest.classes_[shares.argmax(axis=1)], shares.max(axis=1)
