"""Frames: typed, ordered, one part per category."""

import numpy as np
import pandas as pd
import pytest

from ml.frames import by_category, stacked, typed_frame

TYPES = {"category": "str", "k": "int64", "best": "Int64", "score": "float64"}
STORES = pd.DataFrame(
    {
        "category": ["RUM", "GIN", "RUM", "GIN"],
        "store_id": ["2", "10", "1", "9"],
        "row": [0, 1, 2, 3],
    }
)


def test_no_parts_give_an_empty_frame_of_the_same_types() -> None:
    part = pd.DataFrame({"category": ["GIN"], "k": [2], "best": [1], "score": [0.5]})
    empty = typed_frame([], TYPES)
    assert empty.empty
    pd.testing.assert_series_equal(empty.dtypes, typed_frame([part], TYPES).dtypes)


def test_unknown_columns_are_left_out_and_known_ones_ordered() -> None:
    part = pd.DataFrame(
        {"extra": [0], "score": [1], "best": 1, "k": 2, "category": "A"}
    )
    assert typed_frame([part], TYPES).columns.tolist() == list(TYPES)


def test_a_part_of_nulls_keeps_the_types_of_the_others() -> None:
    known = pd.DataFrame({"category": ["A"], "k": [2], "best": [1], "score": [0.5]})
    unknown = known.assign(best=None, score=None)
    frame = typed_frame([unknown, known], TYPES)
    assert frame.dtypes.astype(str).to_dict() == TYPES
    assert frame["best"].tolist() == [pd.NA, 1]
    assert frame["score"].isna().tolist() == [True, False]


def test_a_missing_column_is_refused() -> None:
    with pytest.raises(KeyError, match="score"):
        typed_frame([pd.DataFrame({"category": ["A"], "k": [1], "best": [1]})], TYPES)


def test_rows_are_numbered_through() -> None:
    part = pd.DataFrame({"category": ["A"], "k": [2], "best": [1], "score": [0.5]})
    assert typed_frame([part, part], TYPES).index.tolist() == [0, 1]


def test_categories_and_stores_are_sorted_whatever_the_row_order() -> None:
    for seed in range(5):
        shuffled = STORES.sample(frac=1, random_state=seed)
        parts = by_category(shuffled, lambda _, rows: rows)
        assert pd.concat(parts)["row"].tolist() == [1, 3, 2, 0]


def test_the_function_gets_each_category_with_rows_from_zero() -> None:
    seen = dict(by_category(STORES, lambda category, rows: (category, rows.index)))
    assert {name: index.tolist() for name, index in seen.items()} == {
        "GIN": [0, 1],
        "RUM": [0, 1],
    }


def test_an_empty_frame_has_no_categories() -> None:
    assert by_category(STORES.head(0), lambda _, rows: rows) == []


@pytest.mark.parametrize("kind", [list, np.array, tuple])
def test_components_are_stacked_row_by_row(kind: type) -> None:
    components = pd.Series([kind([1, 2]), kind([3, 4]), kind([5, 6])])
    np.testing.assert_array_equal(stacked(components), [[1, 2], [3, 4], [5, 6]])


def test_no_components_have_one_empty_column() -> None:
    assert stacked(pd.Series([], dtype=object)).shape == (0, 1)
