"""Time of the search for k, against a plain loop over k with scikit-learn.

    python -m benchmarks.search

The loop is what a short script does: for every k ten starts of k-means, and the three
usual scores. The search adds stability on subsamples and the silhouette of stores
without clusters. Both run in turn, with one thread. Figures of one run compare with
each other; those of two machines do not.
"""

import time
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table
from sklearn.cluster import KMeans
from sklearn.metrics import (
    calinski_harabasz_score,
    davies_bouldin_score,
    silhouette_score,
)

from clustering.core.settings import declared_settings
from ml.algorithms import single_threaded
from ml.candidates import score_candidates
from ml.settings import Search

SIZES = (500, 1_000, 2_000, 4_000, 8_000)
# Times that each is run, of which the quickest counts.
REPEATS = 3
SEARCH = Search(**declared_settings())
NOTHING_FIXED = pd.DataFrame({"category": [], "side": [], "k": []})


class Seconds(NamedTuple):
    """Processor time and wall time, in seconds."""

    processor: float
    wall: float


class Pair(NamedTuple):
    """Both times for so many stores."""

    stores: int
    plain: Seconds
    ours: Seconds

    @property
    def ratio(self) -> float:
        """How many times as long the plain loop takes the processor."""
        return self.plain.processor / self.ours.processor


def main() -> None:
    """Print both times for each number of stores, and how they grow."""
    measure(100)  # what is loaded or compiled at the first call does not count
    Console(soft_wrap=True).print(as_table([measure(stores) for stores in SIZES]))


@single_threaded
def measure(stores: int) -> Pair:
    """Time the plain loop and the search, in turn."""
    X = draw_stores(stores)
    prepared, projection = as_prepared(X), as_projection(X)
    pairs = [
        (timed(lambda: search_plainly(X)), timed(lambda: search(prepared, projection)))
        for _ in range(REPEATS)
    ]
    plain, ours = (min(times) for times in zip(*pairs, strict=True))
    return Pair(stores, plain, ours)


def draw_stores(stores: int) -> np.ndarray:
    """Return eight components of stores in five blurred groups."""
    rng = np.random.default_rng(0)
    centres = 1.2 * rng.normal(size=(5, 8))
    return centres[rng.integers(0, 5, stores)] + rng.normal(size=(stores, 8))


def as_prepared(X: np.ndarray) -> pd.DataFrame:
    """Return the components as `ml.preparation.prepare` does, of one category."""
    return pd.DataFrame(
        {
            "store_id": [f"{number:05}" for number in range(len(X))],
            "category": "GIN",
            "components": list(X),
            "scaled": list(X),
            "is_outlier": False,
            "in_fit": True,
        }
    )


def as_projection(X: np.ndarray) -> pd.DataFrame:
    """Return the projection whose components are the features themselves."""
    return pd.DataFrame(
        {
            "category": "GIN",
            "number": range(X.shape[1]),
            "is_used": True,
            "block": None,
            "axis": list(np.eye(X.shape[1])),
        }
    )


def search(prepared: pd.DataFrame, projection: pd.DataFrame) -> None:
    """Score every candidate, as the pipeline does."""
    score_candidates(prepared, projection, NOTHING_FIXED, SEARCH, side="internal")


def search_plainly(X: np.ndarray) -> None:
    """Score every candidate, as a short script does."""
    for k in range(SEARCH.min_clusters, SEARCH.max_clusters + 1):
        model = KMeans(k, n_init=10, random_state=SEARCH.random_state)
        labels = model.fit_predict(X)
        for score in silhouette_score, calinski_harabasz_score, davies_bouldin_score:
            score(X, labels)


def timed(function: Callable[[], None]) -> Seconds:
    """Return the seconds that a call takes."""
    processor, wall = time.process_time(), time.perf_counter()
    function()
    return Seconds(time.process_time() - processor, time.perf_counter() - wall)


def growth(smaller: Pair, larger: Pair) -> tuple[float, float]:
    """Return the exponents by which the plain loop and the search grow with stores.

    Examples
    --------
    >>> small, large = (Seconds(seconds, seconds) for seconds in (1.0, 4.0))
    >>> growth(Pair(100, small, small), Pair(200, large, small))
    (2.0, 0.0)
    """
    stores = np.log(larger.stores / smaller.stores)
    plain, ours = (
        float(np.log(after.processor / before.processor) / stores)
        for before, after in (
            (smaller.plain, larger.plain),
            (smaller.ours, larger.ours),
        )
    )
    return plain, ours


def as_table(pairs: list[Pair]) -> Table:
    """Put the pairs into a table; growth is that from the row above."""
    table = Table(title="Search for k: seconds of processor time (of wall time)")
    for column in (
        "stores",
        "plain loop",
        "ours",
        "ratio",
        "growth of the loop",
        "of ours",
    ):
        table.add_column(column, justify="right")
    grown = [("", ""), *(map("{:.1f}".format, growth(*two)) for two in pairwise(pairs))]
    for pair, exponents in zip(pairs, grown, strict=True):
        times = (f"{s.processor:.2f} ({s.wall:.2f})" for s in (pair.plain, pair.ours))
        table.add_row(f"{pair.stores:,}", *times, f"{pair.ratio:.1f}", *exponents)
    return table


if __name__ == "__main__":
    main()
