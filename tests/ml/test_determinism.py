"""Determinism: the same numbers whatever the number of threads."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from ml.candidates import score_candidates
from ml.cluster import fit_clusters
from ml.determinism import single_threaded
from ml.finish import finish_clusters
from ml.prepare import prepare

# Enough stores, blurred enough, for a second thread to change last digits.
STORES = pd.DataFrame(
    {
        "store_id": [str(number) for number in range(1500)],
        "category": "GIN",
        "is_eligible": True,
    }
)
FEATURES = (
    pd.DataFrame(np.random.default_rng(0).normal(size=(1500, 12)))
    .assign(store_id=STORES["store_id"], category=None)
    .melt(["store_id", "category"], var_name="feature")
)


def run_method() -> list[pd.DataFrame]:
    """Return the frames of all steps, one side in place of both."""
    prepared = prepare(
        FEATURES,
        STORES,
        side="external",
        share_transform="share",
        share_exponent=0.5,
        shrink_shares=False,
        imputation="median",
        max_same_value=0.99,
        max_correlation=0.95,
        scaling="robust",
        scaled_limit=4.0,
        outlier_score=1.0,
        reduction="pca",
        n_components=0.9,
        random_state=42,
    )
    seeds = {"n_init": 1, "random_state": 42}
    algorithm = {"algorithm": "kmeans", "min_cluster_size": 5} | seeds
    scores = score_candidates(
        prepared,
        pd.DataFrame({"category": [], "side": [], "k": []}),
        side="external",
        min_clusters=2,
        max_clusters=4,
        stability_resamples=2,
        min_stability=0.6,
        max_size_floor_share=0.1,
        **algorithm,
    )
    chosen_k = pd.DataFrame({"category": ["GIN"], "k": [6]})
    clusters = fit_clusters(prepared, chosen_k, **algorithm)
    merged = prepared.assign(
        internal_components=prepared["components"],
        external_components=prepared["components"],
        split_value=None,
        internal_cluster=clusters["cluster"],
        external_cluster=clusters["cluster"],
    )
    final = finish_clusters(
        merged,
        pd.DataFrame({"category": [], "basis": [], "clusters": []}),
        primary_side="auto",
        rebalance_mode="store",
        min_cluster_size=260,
        min_cluster_share=0.1,
        max_size_floor_share=1,
        max_cluster_size=520,
        internal_weight=0.5,
        external_weight=0.5,
        **seeds,
    )
    components = pd.DataFrame(np.vstack(prepared["components"]))
    return [components, scores, clusters, final]


def thread_counts() -> set[int]:
    return {pool["num_threads"] for pool in threadpool_info()}


@pytest.fixture
def set_threads() -> Iterator[Callable[[int], None]]:
    """Set the number of threads as the surroundings would, and put it back."""
    before = threadpool_limits(limits=None)

    def set_limit(limit: int) -> None:
        threadpool_limits(limits=limit)
        with threadpool_limits(limits=limit):
            pass  # leaving lets other threads set a limit

    yield set_limit
    before.restore_original_limits()


def test_the_whole_method_gives_the_same_with_one_thread_and_with_two(
    set_threads: Callable[[int], None],
) -> None:
    set_threads(1)
    with_one = run_method()
    set_threads(2)
    with_two = run_method()
    for one, two in zip(with_one, with_two, strict=True):
        pd.testing.assert_frame_equal(one, two, check_exact=True)


def test_the_function_runs_with_one_thread(set_threads: Callable[[int], None]) -> None:
    set_threads(2)
    assert thread_counts() == {2}
    assert single_threaded(thread_counts)() == {1}


def test_a_function_in_a_worker_thread_runs_with_one_thread_too(
    set_threads: Callable[[int], None],
) -> None:
    set_threads(2)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(single_threaded(thread_counts)).result() == {1}


def test_the_function_that_ends_first_does_not_lift_the_limit(
    set_threads: Callable[[int], None],
) -> None:
    set_threads(2)
    first_started, second_started = threading.Event(), threading.Event()
    first_ended = threading.Event()

    @single_threaded
    def run_first() -> None:
        first_started.set()
        assert second_started.wait(timeout=10)

    @single_threaded
    def run_second() -> set[int]:
        second_started.set()
        assert first_ended.wait(timeout=10)
        return thread_counts()

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(run_first)
        assert first_started.wait(timeout=10)
        second = pool.submit(run_second)
        first.result()
        first_ended.set()
        assert second.result() == {1}


def test_arguments_results_and_errors_pass_through() -> None:
    @single_threaded
    def divide(a: float, *, b: float) -> float:
        return a / b

    assert divide(6, b=3) == 2
    assert divide.__name__ == "divide"
    with pytest.raises(ZeroDivisionError):
        divide(1, b=0)
