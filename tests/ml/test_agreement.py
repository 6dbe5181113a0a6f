"""Agreement of categories: the adjusted Rand index of the stores in common."""

import itertools
import time

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from ml.agreement import COMPARED, TYPES, compare_categories


def draw_clusters(
    seed: int, *, categories: int = 4, stores: int = 30, sold: float = 0.7
) -> pd.DataFrame:
    """Return clusters of stores that sell a share of the categories each."""
    draw = np.random.default_rng(seed)
    ids = [f"{store:04}" for store in range(stores)]
    frame = pd.MultiIndex.from_product(
        [[f"C{n:03}" for n in range(categories)], ids], names=["category", "store_id"]
    ).to_frame(index=False)
    frame = frame[draw.random(len(frame)) < sold]
    labels = {
        column: draw.integers(1, 5, size=len(frame)) for column in COMPARED.values()
    }
    return frame.assign(**labels)


seeds = st.integers(0, 10_000)


@given(seed=seeds)
def test_it_is_the_index_of_scikit_learn_of_the_stores_in_common(seed):
    clusters = draw_clusters(seed)
    found = compare_categories(clusters)
    there = sorted(set(clusters["category"]))
    pairs = list(itertools.combinations(there, 2))
    assert list(zip(found["category"], found["other_category"], strict=True)) == pairs
    parts = dict(list(clusters.groupby("category")))
    for row in found.itertuples():
        both = parts[row.category].merge(parts[row.other_category], on="store_id")
        assert row.common_stores == len(both)
        for score, column in COMPARED.items():
            wanted = adjusted_rand_score(both[f"{column}_x"], both[f"{column}_y"])
            np.testing.assert_allclose(getattr(row, score), wanted, atol=1e-12)


@given(seed=seeds)
def test_it_is_symmetric(seed):
    clusters = draw_clusters(seed, categories=2)
    other_names = clusters["category"].map({"C000": "C001", "C001": "C000"})
    swapped = compare_categories(clusters.assign(category=other_names))
    pd.testing.assert_frame_equal(swapped, compare_categories(clusters))


@given(seed=seeds)
def test_neither_numbers_of_clusters_nor_the_order_of_rows_count(seed):
    clusters = draw_clusters(seed)
    numbers = np.random.default_rng(seed).permutation(20)
    renamed = clusters.sample(frac=1, random_state=seed)
    for column in COMPARED.values():
        ours = renamed["category"] == "C001"
        renamed[column] = renamed[column].where(~ours, numbers[renamed[column]])
    pd.testing.assert_frame_equal(
        compare_categories(renamed), compare_categories(clusters)
    )


def test_fewer_than_two_common_stores_have_no_agreement():
    clusters = pd.DataFrame(
        {
            "store_id": ["1", "2", "2", "3", "4"],
            "category": ["GIN", "GIN", "RUM", "RUM", "TEA"],
        }
    ).assign(**dict.fromkeys(COMPARED.values(), 1))
    found = compare_categories(clusters)
    assert found["common_stores"].tolist() == [1, 0, 0]
    assert found[list(COMPARED)].isna().all(axis=None)


def test_one_category_or_none_has_nothing_to_be_compared_with():
    clusters = draw_clusters(0, categories=1)
    for frame in (clusters, clusters.head(0)):
        found = compare_categories(frame)
        assert found.empty
        assert list(found) == list(TYPES)


def test_300_categories_of_2000_stores_take_seconds():
    clusters = draw_clusters(0, categories=300, stores=2000)
    start = time.process_time()
    assert len(compare_categories(clusters)) == 300 * 299 / 2
    assert time.process_time() - start < 60
