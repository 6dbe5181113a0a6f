"""Time and memory of the silhouettes of all candidates, ours against scikit-learn's.

    python benchmarks/silhouettes.py

Ours computes each distance once for all candidates, scikit-learn twice for each. Both
run with one thread, as the pipeline does. Figures of one run compare with each other;
those of two machines do not.
"""

import resource
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from rich.console import Console
from sklearn import metrics

from ml.algorithms import single_threaded
from ml.silhouette import silhouette_samples

KS = range(2, 11)
Result = TypeVar("Result")


@single_threaded
def main() -> None:
    """Print both times and their ratio, and what many stores need."""
    console = Console(soft_wrap=True)
    X, labelings = candidates(rows=5_000, columns=20)
    ours, our_seconds = timed(lambda: silhouette_samples(X, labelings))
    theirs, their_seconds = timed(
        lambda: [metrics.silhouette_samples(X, labels) for labels in labelings]
    )
    console.print(
        f"{len(labelings)} candidates, 5,000 x 20: ours {our_seconds:.2f} s,"
        f" scikit-learn {their_seconds:.2f} s, ratio {their_seconds / our_seconds:.1f},"
        f" largest difference {np.abs(np.subtract(ours, theirs)).max():.1e}"
    )
    many, many_labelings = candidates(rows=20_000, columns=10)
    _, seconds = timed(lambda: silhouette_samples(many, many_labelings))
    console.print(
        f"{len(labelings)} candidates, 20,000 x 10: ours {seconds:.1f} s,"
        f" {peak_memory():,.0f} MB at most, Python and libraries included"
    )


def candidates(*, rows: int, columns: int) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return random rows, and random labels for every k."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(rows, columns))
    return X, [rng.permutation(np.arange(rows) % k) for k in KS]


def timed(function: Callable[[], Result]) -> tuple[Result, float]:
    """Return the result and the seconds that it took."""
    start = time.perf_counter()
    return function(), time.perf_counter() - start


def peak_memory() -> float:
    """Return the most resident memory of this process so far, in MB (on Linux)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
