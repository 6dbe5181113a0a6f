"""Final clusters: paths from many to few, on either side or both."""

import numpy as np
import pandas as pd
import pytest

from ml.final import PATHS, merge_finals
from ml.settings import MergePaths

NONE = pd.DataFrame({"category": pd.Series(dtype="str"), "clusters": []})
SETTINGS = {
    "max_final_clusters": 8,
    "primary_side": "auto",
    "rebalance_mode": "store",
    "min_cluster_size": 10,
    "min_cluster_share": 0.03,
    "max_size_floor_share": 0.1,
    "internal_weight": 0.5,
    "external_weight": 0.5,
}


def grid_of(
    stores: int, *, internal: int = 3, external: int = 4, seed: int = 0
) -> pd.DataFrame:
    """Return stores that are clearly in one of several clusters on either side."""
    rng = np.random.default_rng(seed)
    inside = rng.permutation(np.arange(stores) % internal)
    outside = rng.permutation(np.arange(stores) % external)
    return pd.DataFrame(
        {
            "store_id": [str(1000 + number) for number in range(stores)],
            "category": "GIN",
            "split_value": None,
            "internal_components": list(
                np.eye(internal)[inside] * 9 + _noise(rng, inside, internal)
            ),
            "external_components": list(
                np.eye(external)[outside] * 9 + _noise(rng, outside, external)
            ),
            "internal_cluster": inside + 1,
            "external_cluster": outside + 1,
        }
    )


def _noise(rng: np.random.Generator, labels: np.ndarray, width: int) -> np.ndarray:
    return rng.normal(size=(len(labels), width))


def paths_of(joint: pd.DataFrame, **settings: object) -> dict[str, np.ndarray]:
    merged = merge_finals(joint, NONE, MergePaths(**SETTINGS | settings))
    return {
        basis: np.vstack(rows["path"].to_list())
        for basis, rows in merged.groupby("basis")
    }


def test_every_number_up_to_the_maximum_is_there_on_both_sides_and_on_either() -> None:
    paths = paths_of(grid_of(300))
    assert {basis: path.shape for basis, path in paths.items()} == {
        "both": (300, 8),
        "internal": (300, 3),
        "external": (300, 4),
    }
    for path in paths.values():
        for count, labels in enumerate(path.T, start=1):
            assert set(labels) == set(range(1, count + 1))


@pytest.mark.parametrize(
    ("side", "bases"),
    [("internal", {"both", "internal"}), ("external", {"both", "external"})],
)
def test_the_primary_side_alone_is_the_other_choice(side: str, bases: set) -> None:
    assert set(paths_of(grid_of(300), primary_side=side)) == bases


def test_a_side_that_is_one_cluster_leaves_one_basis() -> None:
    paths = paths_of(grid_of(300, internal=1))
    assert set(paths) == {"both"}
    assert paths["both"].shape == (300, 4)


@pytest.mark.parametrize("stores", [45, 60, 80, 100, 110])
def test_no_cluster_of_any_step_is_below_the_floor(stores: int) -> None:
    for seed in range(5):
        for path in paths_of(grid_of(stores, seed=seed)).values():
            floor = min(10, -(-stores // 10))
            assert min(np.bincount(labels)[1:].min() for labels in path.T) >= floor


def test_more_clusters_are_there_where_a_person_asks_for_more() -> None:
    wanted = pd.DataFrame({"category": ["GIN"], "clusters": [11]})
    merged = merge_finals(grid_of(300), wanted, MergePaths(**SETTINGS))
    lengths = merged.groupby("basis")["path"].agg(lambda paths: len(paths.iloc[0]))
    assert lengths.to_dict() == {"both": 11, "external": 4, "internal": 3}


def test_a_leaf_goes_one_way_whatever_the_number() -> None:
    merged = merge_finals(grid_of(80), NONE, MergePaths(**SETTINGS))
    ways = merged.assign(path=merged["path"].map(tuple)).drop_duplicates(
        ["basis", "leaf", "path"]
    )
    assert not ways.duplicated(["basis", "leaf"]).any()


def test_stores_of_different_split_values_are_never_merged() -> None:
    joint = grid_of(300)
    joint["split_value"] = np.where(np.arange(300) % 3, "NORTH", "SOUTH")
    merged = merge_finals(joint, NONE, MergePaths(**SETTINGS))
    both = merged[merged["basis"] == "both"].merge(joint[["store_id", "split_value"]])
    path = np.vstack(both["path"].to_list())
    assert not path[:, 0].any()
    for labels in path[:, 1:].T:
        assert both.groupby(labels)["split_value"].nunique().eq(1).all()


def test_neither_row_order_nor_other_categories_matter() -> None:
    joint = grid_of(80)
    alone = merge_finals(joint, NONE, MergePaths(**SETTINGS))
    mixed = pd.concat([joint, grid_of(60, seed=1).assign(category="RUM")])
    together = merge_finals(
        mixed.sample(frac=1, random_state=0), NONE, MergePaths(**SETTINGS)
    )
    again = together[together["category"] == "GIN"].reset_index(drop=True)
    pd.testing.assert_frame_equal(again, alone)


def test_no_stores_give_an_empty_frame_of_the_same_types() -> None:
    empty = merge_finals(grid_of(60).head(0), NONE, MergePaths(**SETTINGS))
    assert empty.dtypes.astype(str).to_dict() == PATHS
