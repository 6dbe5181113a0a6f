"""Determinism: the same numbers whatever the number of threads."""

import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from ml.algorithms import single_threaded
from ml.candidates import score_candidates
from ml.cluster import fit_clusters
from ml.finish import finish_clusters
from ml.preparation import fit_projections, prepare
from ml.settings import ExternalPreparation, Finish, Fit, Search

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
    preparation = ExternalPreparation(
        imputation="median",
        max_same_value=0.99,
        max_correlation=0.95,
        must_keep_columns=[],
        external_scaling="robust",
        scaled_limit=4.0,
        outlier_score=1.0,
        external_reduction="pca",
        n_components=0.9,
        random_state=42,
    )
    prepared = prepare(STORES, FEATURES, preparation)
    seeds = {"n_init": 1, "random_state": 42}
    algorithm = {"algorithm": "kmeans", "min_cluster_size": 5} | seeds
    scores = score_candidates(
        prepared,
        fit_projections(prepared, FEATURES, preparation),
        pd.DataFrame({"category": [], "side": [], "k": []}),
        Search(
            min_clusters=2,
            max_clusters=4,
            stability_resamples=2,
            min_stability=0.6,
            max_size_floor_share=0.1,
            **algorithm,
        ),
        side="external",
    )
    chosen_k = pd.DataFrame({"category": ["GIN"], "k": [6]})
    clusters = fit_clusters(prepared, chosen_k, Fit(**algorithm))
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
        Finish(
            primary_side="auto",
            rebalance_mode="store",
            min_cluster_size=260,
            min_cluster_share=0.1,
            max_size_floor_share=1,
            max_cluster_size=520,
            internal_weight=0.5,
            external_weight=0.5,
            **seeds,
        ),
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


def test_the_limit_stays_in_force_for_what_runs_next(
    set_threads: Callable[[int], None],
) -> None:
    set_threads(2)
    single_threaded(thread_counts)()
    assert thread_counts() == {1}


def test_fits_of_two_threads_do_not_overlap() -> None:
    running, most = 0, 0

    @single_threaded
    def fit() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        time.sleep(0.02)
        running -= 1

    with ThreadPoolExecutor(4) as pool:
        for result in [pool.submit(fit) for _ in range(8)]:
            result.result()
    assert most == 1


def test_a_fit_may_call_another() -> None:
    assert single_threaded(single_threaded(thread_counts))() == {1}


def test_fits_of_two_threads_warn_of_nothing_and_leave_the_filters_as_they_were() -> (
    None
):
    places = np.random.default_rng(0).normal(size=(60, 2))
    prepared = pd.DataFrame(
        {
            "store_id": [f"{number:02}" for number in range(60)],
            "category": "GIN",
            "components": list(places),
            "is_outlier": False,
            "in_fit": np.arange(60) % 2 == 0,
        }
    )
    k = pd.DataFrame({"category": ["GIN"], "k": [3]})
    settings = {"algorithm": "kmeans", "min_cluster_size": 5, "n_init": 1}

    def fit(seed: int) -> None:
        fit_clusters(prepared, k, Fit(random_state=seed, **settings))

    with warnings.catch_warnings(record=True) as caught, ThreadPoolExecutor(2) as pool:
        warnings.simplefilter("always")
        before = list(warnings.filters)
        list(pool.map(fit, range(60)))
        after = list(warnings.filters)
    assert [str(warning.message) for warning in caught] == []
    assert after == before


def test_arguments_results_and_errors_pass_through() -> None:
    @single_threaded
    def divide(a: float, *, b: float) -> float:
        return a / b

    assert divide(6, b=3) == 2
    assert divide.__name__ == "divide"
    with pytest.raises(ZeroDivisionError):
        divide(1, b=0)
