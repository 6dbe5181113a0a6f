"""A random forest kept as data: what its trees ask, and what they answer."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier

# Trees, and the most rows that each of them learns from: more tell hardly more.
TREES = 60
MOST_ROWS = 500

LEAF = -1
TREE = {
    "labels": "object",
    "features": "object",
    "thresholds": "object",
    "lower": "object",
    "higher": "object",
    "shares": "object",
}


@dataclass(frozen=True)
class Tree:
    """One tree; node 0 is its root.

    Parameters
    ----------
    labels : ndarray of shape (c,), int
        What it tells apart.
    features : ndarray of shape (n,), int
        The column that each node asks for; below zero in a leaf.
    thresholds : ndarray of shape (n,)
        Up to this value a row goes to ``lower``, else to ``higher``.
    lower, higher : ndarray of shape (n,), int
        The next nodes; ``LEAF`` in a leaf.
    shares : ndarray of shape (n * c,)
        The share of each label among the rows that the node was learnt from.
    """

    labels: np.ndarray
    features: np.ndarray
    thresholds: np.ndarray
    lower: np.ndarray
    higher: np.ndarray
    shares: np.ndarray

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return the share of each label where the rows of ``X`` end: (m, c).

        ``X`` is in single precision, in which scikit-learn learns thresholds.
        """
        rows, node = np.arange(len(X)), np.zeros(len(X), dtype=int)
        while (asks := self.lower[node] != LEAF).any():
            of, at = rows[asks], node[asks]
            is_lower = X[of, self.features[at]] <= self.thresholds[at]
            node[of] = np.where(is_lower, self.lower[at], self.higher[at])
        return self.shares.reshape(-1, len(self.labels))[node]


@dataclass(frozen=True)
class Forest:
    """A random forest (Breiman 2001, Mach. Learn. 45): see `Forest.grow`."""

    trees: tuple[Tree, ...]

    @classmethod
    def grow(cls, X: np.ndarray, labels: np.ndarray, *, random_state: int) -> Self:
        """Learn labels from the rows that have one.

        Parameters
        ----------
        X : ndarray of shape (n, d)
        labels : ndarray of shape (n,), int
        random_state : int
            Seed.
        """
        forest = RandomForestClassifier(
            TREES, max_samples=min(len(X), MOST_ROWS), random_state=random_state
        ).fit(X, labels)
        trees = (estimator.tree_ for estimator in forest.estimators_)
        return cls(
            tuple(
                Tree(
                    labels=forest.classes_,
                    features=tree.feature,
                    thresholds=tree.threshold,
                    lower=tree.children_left,
                    higher=tree.children_right,
                    shares=tree.value.ravel(),
                )
                for tree in trees
            )
        )

    @classmethod
    def from_rows(cls, rows: pd.DataFrame) -> Self:
        """Return the forest that `to_rows` returned the trees of, in their order."""
        trees = rows[list(TREE)].itertuples(index=False)
        return cls(tuple(Tree(*map(np.asarray, values)) for values in trees))

    def to_rows(self) -> pd.DataFrame:
        """Return one row per tree, its fields as lists."""
        names = [field.name for field in fields(Tree)]
        rows: Iterable[list] = (
            [getattr(tree, n) for n in names] for tree in self.trees
        )
        return pd.DataFrame(rows, columns=names, dtype=object)

    @property
    def labels(self) -> np.ndarray:
        """The labels that it tells apart, in ascending order."""
        return self.trees[0].labels

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return the mean share of each label in the leaves of the trees.

        Parameters
        ----------
        X : ndarray of shape (m, d)

        Returns
        -------
        ndarray of shape (m, c)
            The columns are those of ``labels``; to the last bit what scikit-learn says.
        """
        X = X.astype(np.float32)
        total = np.zeros((len(X), len(self.labels)))
        for tree in self.trees:
            total += tree.predict_proba(X)
        return total / len(self.trees)

    def predict(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the most likely label of each row, and its probability.

        Where two labels are equally likely, it is the smaller one.

        Examples
        --------
        >>> X = np.arange(20.0).reshape(-1, 1)
        >>> forest = Forest.grow(X, np.repeat([1, 2], 10), random_state=0)
        >>> forest.predict(np.array([[-3.0], [30.0]]))[0]
        array([1, 2])
        """
        shares = self.predict_proba(X)
        return self.labels[shares.argmax(axis=1)], shares.max(axis=1)
