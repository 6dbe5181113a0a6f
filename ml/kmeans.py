"""k-means of many samples at once, each as scikit-learn's ``KMeans`` finds it."""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from sklearn.utils import gen_batches

# As in scikit-learn: rounds end where all centres together move by less than this
# share of the mean variance of the columns, or where no row changes its centre.
TOLERANCE = 1e-4
MOST_ROUNDS = 300

# Rows that take a step together, starts included: their distances stay near the
# processor.
BLOCK_ROWS = 16_000


def kmeans_samples(
    samples: np.ndarray, ks: Iterable[int], *, starts: int, random_state: int
) -> dict[int, np.ndarray]:
    """Label the rows of each sample, for each number of clusters.

    Lloyd's algorithm from k-means++ seeds (Arthur & Vassilvitskii 2007, SODA), with
    the random numbers, trials and tolerance of scikit-learn's ``KMeans(k,
    n_init=starts, random_state=random_state)``. It finds the same clusters, except
    where two centres are equally near a row in single precision, or where a cluster
    is left empty, which stays empty here. All samples take each step together, which
    takes a fraction of the time of one fit after the other.

    Parameters
    ----------
    samples : ndarray of shape (m, n, d), float
    ks : iterable of int
        From 1 to n.
    starts : int
        Seeds that are tried, of which the best counts.
    random_state : int
        Seed of the random numbers.

    Returns
    -------
    dict
        From each k to labels of shape (m, n), from 0 without gaps; fewer than k where
        rows are alike.

    Examples
    --------
    >>> samples = np.array([[[0.0], [1.0], [8.0], [9.0]], [[0.0], [8.0], [1.0], [9.0]]])
    >>> kmeans_samples(samples, [2], starts=1, random_state=0)[2]
    array([[1, 1, 0, 0],
           [0, 1, 0, 1]])
    """
    rows = samples.shape[1]
    labels = {k: np.zeros(samples.shape[:2], dtype=int) for k in ks}
    for block in gen_batches(len(samples), max(BLOCK_ROWS // (rows * starts), 1)):
        stack = _Stack(samples[block], copies=starts)
        for k, found in labels.items():
            draws = _draws(k, rows, starts=starts, random_state=random_state)
            seeds = stack.seed(draws)
            centres = stack.settle(seeds, rounds=MOST_ROUNDS, tolerance=TOLERANCE)
            found[block] = stack.label(stack.best(centres))
    return labels


def settle_samples(
    samples: np.ndarray, labels: Mapping[int, np.ndarray], *, rounds: int
) -> dict[int, np.ndarray]:
    """Move rows to the nearest centre, until none moves or for so many rounds.

    Parameters
    ----------
    samples : ndarray of shape (m, n, d), float
    labels : mapping of int to ndarray of shape (m, n), int
        By number of clusters; from 0 to one less.
    rounds : int

    Returns
    -------
    dict
        Labels as `kmeans_samples` returns them.

    Examples
    --------
    >>> samples = np.array([[[0.0], [1.0], [8.0], [9.0]]])
    >>> settle_samples(samples, {2: np.array([[0, 1, 1, 1]])}, rounds=9)[2]
    array([[0, 0, 1, 1]])
    """
    stack = _Stack(samples, copies=1)
    return {
        k: stack.label(stack.settle(stack.centres(given, k), rounds=rounds - 1))
        for k, given in labels.items()
    }


def _draws(
    k: int, rows: int, *, starts: int, random_state: int
) -> Iterator[np.ndarray]:
    """Yield the random numbers of each seed, shape (starts, trials), from 0 to 1.

    Those of the first are row numbers.
    """
    rng = np.random.RandomState(random_state)
    trials = 2 + int(np.log(k))
    even = np.full(rows, 1 / rows)
    drawn = [
        (rng.choice(rows, p=even), rng.uniform(size=(k - 1, trials)))
        for _ in range(starts)
    ]
    yield np.array([[first] for first, _ in drawn])
    yield from np.stack([later for _, later in drawn], axis=1)


class _Stack:
    """Samples of rows side by side, each as often as there are starts.

    In single precision, which takes half the time, and divided by the power of two that
    makes them at most 1. Rows have a one as last coordinate: what is multiplied by it
    is added.
    """

    def __init__(self, samples: np.ndarray, *, copies: int) -> None:
        centred = samples - samples.mean(axis=1, keepdims=True)
        _, powers = np.frexp(np.abs(centred).max(axis=(1, 2), keepdims=True))
        centred = np.ldexp(centred, -powers).astype(np.float32)
        ones = np.ones_like(centred[:, :, :1])
        self.copies = copies
        self.rows = np.repeat(np.dstack([centred, ones]), copies, axis=0)
        self.columns = np.ascontiguousarray(self.rows.transpose(0, 2, 1))
        self.norms = np.repeat((centred**2).sum(axis=2), copies, axis=0)
        self.variance = self.norms.mean(axis=1) / samples.shape[2]

    def seed(self, draws: Iterator[np.ndarray]) -> np.ndarray:
        """Return the centres that k-means++ takes, shape (m x copies, k, d)."""
        every = np.arange(len(self.rows))
        tile = (len(every) // self.copies, 1)
        seeds = [self.rows[every, np.tile(next(draws), tile)[:, 0], :-1]]
        distances = self._squared_distances(seeds[0][:, None])[:, 0]
        for drawn in draws:
            sums = distances.cumsum(axis=1, dtype=float)
            points = np.tile(drawn, tile) * sums[:, -1:]
            picked = [np.searchsorted(*p) for p in zip(sums, points, strict=True)]
            picked = np.minimum(picked, sums.shape[1] - 1)
            tried = self.rows[every[:, None], picked, :-1]
            to_tried = self._squared_distances(tried)
            np.minimum(to_tried, distances[:, None], out=to_tried)
            best = to_tried.sum(axis=2).argmin(axis=1)
            distances = to_tried[every, best]
            seeds.append(tried[every, best])
        return np.stack(seeds, axis=1)

    def centres(self, labels: np.ndarray, k: int) -> np.ndarray:
        """Return the mean of the rows of each label."""
        members = labels[:, None] == np.arange(k)[:, None]
        return _means(self.rows, members, np.zeros_like(self.rows[:, :k, :-1]))

    def settle(
        self, centres: np.ndarray, *, rounds: int, tolerance: float = 0.0
    ) -> np.ndarray:
        """Move centres to the mean of the rows that they are nearest to."""
        centres = centres.copy()
        least_shift = tolerance * self.variance
        moving = np.arange(len(self.rows))
        rows, columns = self.rows, self.columns
        for _ in range(rounds):
            before = centres[moving]
            after = _means(rows, _nearest(columns, before), before)
            centres[moving] = after
            shift = ((after - before) ** 2).sum(axis=(1, 2))
            is_moving = shift > least_shift[moving]
            if not is_moving.any():
                break
            if not is_moving.all():
                moving = moving[is_moving]
                rows, columns = rows[is_moving], columns[is_moving]
        return centres

    def best(self, centres: np.ndarray) -> np.ndarray:
        """Return the centres of the start of each sample with the least variance."""
        within = self._squared_distances(centres).min(axis=1).sum(axis=1)
        best = within.reshape(-1, self.copies).argmin(axis=1)
        return centres[best + self.copies * np.arange(len(best))]

    def label(self, centres: np.ndarray) -> np.ndarray:
        """Return the nearest centre of each row, numbered without gaps."""
        nearest = _nearest(self.columns[:: self.copies], centres)
        numbers = nearest.any(axis=2).cumsum(axis=1) - 1
        return np.take_along_axis(numbers, nearest.argmax(axis=1), axis=1)

    def _squared_distances(self, centres: np.ndarray) -> np.ndarray:
        """Return the squared distance of each row to each centre, (.., k, n)."""
        distances = _nearness(self.columns, centres)
        distances *= -2
        distances += self.norms[:, None]
        return np.maximum(distances, 0, out=distances)


def _nearness(columns: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Return what is largest for the nearest centre: x c - c c / 2, (.., k, n)."""
    halves = (centres**2).sum(axis=2, keepdims=True) / -2
    return np.concatenate([centres, halves], axis=2) @ columns


def _nearest(columns: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Return whether a centre is the nearest of a row; of equally near, the first."""
    nearness = _nearness(columns, centres)
    nearest = nearness == nearness.max(axis=1, keepdims=True)
    has_ties = np.count_nonzero(nearest) > nearest.shape[0] * nearest.shape[2]
    return nearest & (nearest.cumsum(axis=1) == 1) if has_ties else nearest


def _means(rows: np.ndarray, members: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Return the mean of the members of each centre; without any, it stays."""
    sums = members.astype(rows.dtype) @ rows
    sizes = sums[:, :, -1:]
    return np.divide(sums[:, :, :-1], sizes, out=before.copy(), where=sizes > 0)
