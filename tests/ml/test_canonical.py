"""Canonical: orders and labels that depend on the data alone."""

import numpy as np
import pandas as pd
import pytest

from ml.canonical import canonical_features, canonical_labels, canonical_order

RNG = np.random.default_rng(0)
FEATURES = pd.DataFrame(RNG.standard_t(3, size=(60, 5))).add_prefix("NUMBER ")
LEVELS = pd.DataFrame(
    {
        "MANY": RNG.choice(["a", "b", "c"], size=60),
        "FEW": RNG.choice(["a", "b"], size=60, p=[0.8, 0.2]),
    },
    dtype=object,
)


def canonical(labels: list[int] | list[str]) -> list[int]:
    return canonical_labels(np.array(labels)).tolist()


def test_rows_are_ordered_by_their_values_whatever_order_they_came_in() -> None:
    X = RNG.integers(0, 4, size=(80, 3)).astype(float)
    ordered = X[canonical_order(X)]
    assert ordered.tolist() == sorted(X.tolist())
    shuffled = RNG.permutation(X)
    np.testing.assert_array_equal(shuffled[canonical_order(shuffled)], ordered)


def test_no_rows_have_an_order_too() -> None:
    assert canonical_order(np.zeros((0, 2))).tolist() == []


def test_features_are_ordered_by_their_values_whatever_they_are_called() -> None:
    order = canonical_features(FEATURES)
    renamed = FEATURES.rename(columns=dict(zip(order, "ECADB", strict=True)))
    assert canonical_features(renamed[list("ABCDE")]).tolist() == list("ECADB")


@pytest.mark.parametrize(("factor", "offset"), [(1e-3, 0), (1e6, 0), (-1.8, 32)])
def test_the_order_of_features_does_not_depend_on_units(
    factor: float, offset: float
) -> None:
    other = FEATURES.assign(**{"NUMBER 2": factor * FEATURES["NUMBER 2"] + offset})
    assert canonical_features(other).equals(canonical_features(FEATURES))


def test_a_copy_stands_beside_its_original() -> None:
    order = canonical_features(FEATURES.assign(COPY=FEATURES["NUMBER 3"])).tolist()
    assert abs(order.index("COPY") - order.index("NUMBER 3")) == 1
    order.remove("COPY")
    assert order == canonical_features(FEATURES).tolist()


def test_even_features_come_first_and_constant_ones_last() -> None:
    features = pd.DataFrame(
        {
            "CONSTANT": 0.1,
            "RARE": np.arange(60.0) == 7,
            "NORMAL": RNG.normal(size=60),
            "EVEN": np.arange(60.0),
        }
    ).astype(float)
    expected = ["EVEN", "NORMAL", "RARE", "CONSTANT"]
    assert canonical_features(features).tolist() == expected


def test_unknown_values_do_not_count() -> None:
    longer = pd.concat([FEATURES, FEATURES.head(9) * np.nan])
    assert canonical_features(longer).equals(canonical_features(FEATURES))


def test_categorical_features_of_many_levels_come_first() -> None:
    assert canonical_features(LEVELS[["FEW", "MANY"]]).tolist() == ["MANY", "FEW"]


def test_no_features_have_an_order_too() -> None:
    assert canonical_features(FEATURES[[]]).empty


def test_the_largest_cluster_is_number_one() -> None:
    assert canonical([4, 9, 9, 4, 9, 2]) == [2, 1, 1, 2, 1, 3]


def test_clusters_of_one_size_are_in_the_order_of_their_first_rows() -> None:
    assert canonical([8, 3, 5, 5, 3, 8]) == [1, 2, 3, 3, 2, 1]


def test_labels_may_be_text() -> None:
    assert canonical(["2-1", "1-1", "1-1"]) == [2, 1, 1]


def test_no_rows_have_no_labels() -> None:
    assert canonical([]) == []


def test_other_names_for_the_same_clusters_change_nothing() -> None:
    rng = np.random.default_rng(0)
    for _ in range(100):
        labels = rng.integers(0, 6, size=30)
        renamed = rng.permutation(6)[labels]
        assert canonical(labels.tolist()) == canonical(renamed.tolist())


def test_numbers_have_no_gap_and_sizes_fall() -> None:
    rng = np.random.default_rng(0)
    for _ in range(100):
        sizes = np.bincount(canonical(rng.integers(0, 9, size=25).tolist()))
        assert sizes[0] == 0
        assert (np.diff(sizes[1:]) <= 0).all()
        assert sizes[1:].min() > 0
