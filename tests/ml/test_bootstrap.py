"""Bootstrap: clusters that are there are found again, accidents are not."""

import numpy as np
import pandas as pd
import pytest

from ml.bootstrap import STABILITY, score_clusters

SETTINGS = {
    "bootstrap_resamples": 8,
    "rebalance_mode": "store",
    "min_cluster_size": 5,
    "min_cluster_share": 0.03,
    "max_size_floor_share": 0.1,
    "max_cluster_size": 0,
    "internal_weight": 0.5,
    "external_weight": 0.5,
    "algorithm": "kmeans",
    "n_init": 3,
    "random_state": 42,
}


def stores_of(
    internal: np.ndarray, external: np.ndarray, cells: np.ndarray, category: str = "GIN"
) -> pd.DataFrame:
    """Return stores in two groups on either side, apart by 20 where told so."""
    return pd.DataFrame(
        {
            "store_id": [str(1000 + number) for number in range(len(cells))],
            "category": category,
            "split_value": None,
            "internal_components": list(internal),
            "external_components": list(external),
            "internal_cluster": cells // 2 + 1,
            "external_cluster": cells % 2 + 1,
            "cluster_id": cells + 1,
        }
    )


def groups(number: np.ndarray, *, apart: float, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(size=(len(number), 3))
    return noise + apart * np.outer(number, [1, 0, 0])


CELLS = np.repeat([0, 1, 2, 3], 30)
CLEAR = stores_of(
    groups(CELLS // 2, apart=20, seed=0), groups(CELLS % 2, apart=20, seed=1), CELLS
)


def jaccard(stores: pd.DataFrame, **settings: object) -> dict[int, float]:
    scored = score_clusters(stores, **SETTINGS | settings)
    return dict(zip(scored["cluster_id"], scored["jaccard"], strict=True))


def test_clear_clusters_are_always_found_again():
    assert jaccard(CLEAR) == {1: 1, 2: 1, 3: 1, 4: 1}


def test_accidents_are_not_found_again():
    noise = stores_of(
        groups(CELLS, apart=0, seed=0), groups(CELLS, apart=0, seed=1), CELLS
    )
    assert max(jaccard(noise).values()) < 0.6


def test_one_cluster_has_no_figure():
    one = CLEAR.assign(internal_cluster=1, external_cluster=1, cluster_id=7)
    assert np.isnan(jaccard(one)[7])


def test_few_stores_known_on_both_sides_leave_the_sizes_possible():
    few = CLEAR.copy()
    few.loc[few.index % 5 > 0, "external_components"] = None
    figures = jaccard(few, min_cluster_size=3, min_cluster_share=0, max_cluster_size=6)
    assert set(figures) == {1, 2, 3, 4}


def test_a_cluster_of_stores_known_on_one_side_only_has_no_figure():
    unknown = CLEAR.copy()
    last = unknown["cluster_id"] == 4
    unknown.loc[last, "internal_components"] = None
    figures = jaccard(unknown)
    assert np.isnan(figures[4])
    assert figures[1] == 1


def test_a_side_of_which_nothing_is_known_does_not_count():
    internal_only = CLEAR.assign(
        external_components=None,
        external_cluster=1,
        cluster_id=CLEAR["internal_cluster"],
    )
    assert jaccard(internal_only) == {1: 1, 2: 1}


def test_small_clusters_are_rebalanced_in_subsamples_too():
    cells = np.repeat([0, 1, 2, 3], [40, 40, 40, 4])
    stores = stores_of(
        groups(cells // 2, apart=20, seed=0), groups(cells % 2, apart=20, seed=1), cells
    )
    stores.loc[stores["cluster_id"] == 4, "cluster_id"] = 3
    assert min(jaccard(stores).values()) > 0.9


def test_a_maximum_holds_in_subsamples_in_proportion():
    assert set(jaccard(CLEAR, max_cluster_size=45).values()) == {1}
    assert max(jaccard(CLEAR, max_cluster_size=15).values()) < 0.9


@pytest.mark.parametrize("algorithm", ["agglomerative", "gmm", "hdbscan"])
def test_other_algorithms_are_repeated_as_well(algorithm: str):
    assert min(jaccard(CLEAR, algorithm=algorithm).values()) == 1


def test_neither_row_order_nor_store_names_matter():
    blurred = stores_of(
        groups(CELLS // 2, apart=3, seed=0), groups(CELLS % 2, apart=3, seed=1), CELLS
    )
    expected = jaccard(blurred)
    assert min(expected.values()) < 1
    shuffled = blurred.sample(frac=1, random_state=0)
    assert jaccard(shuffled) == expected
    assert jaccard(shuffled.assign(store_id=blurred["store_id"].to_numpy())) == expected


def test_no_stores_give_an_empty_frame_of_the_same_types():
    empty = score_clusters(CLEAR.head(0), **SETTINGS)
    assert empty.dtypes.astype(str).to_dict() == STABILITY
