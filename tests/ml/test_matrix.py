"""Matrix: features in long form, pivoted."""

import numpy as np
import pandas as pd
import pytest

from ml.frames import feature_matrix

FEATURES = pd.DataFrame(
    [
        ("2", "GIN", "DRY", 0.4, None),
        ("2", "GIN", "PINK", 0.6, None),
        ("1", "GIN", "DRY", 1.0, None),
        ("1", "RUM", "DARK", 1.0, None),
        ("1", None, "INCOME", 7.0, None),
        ("3", None, "INCOME", 9.0, None),
        ("1", None, "FORMAT", None, "mall"),
    ],
    columns=["store_id", "category", "feature", "value", "level"],
)


def gin(features: pd.DataFrame, *store_ids: str) -> pd.DataFrame:
    return feature_matrix(features, category="GIN", store_ids=pd.Index(store_ids))


def test_rows_are_the_stores_asked_for_in_their_order() -> None:
    assert gin(FEATURES, "3", "1", "2").index.tolist() == ["3", "1", "2"]


def test_columns_are_those_of_the_category_and_of_all_categories() -> None:
    columns = gin(FEATURES, "1", "2").columns.tolist()
    assert columns == ["DRY", "FORMAT", "INCOME", "PINK"]


def test_a_store_without_features_has_nulls() -> None:
    assert gin(FEATURES, "1", "99").loc["99"].isna().all()


def test_values_stand_at_their_store_and_feature() -> None:
    matrix = gin(FEATURES, "1", "2")
    assert matrix["PINK"].tolist() == [pytest.approx(np.nan, nan_ok=True), 0.6]
    assert matrix.loc["1", ["DRY", "INCOME"]].tolist() == [1.0, 7.0]
    assert matrix.loc["1", "FORMAT"] == "mall"


def test_numbers_are_floats_and_levels_objects() -> None:
    dtypes = gin(FEATURES, "1", "2").dtypes
    assert dtypes.astype(str).to_dict() == {
        "DRY": "float64",
        "FORMAT": "object",
        "INCOME": "float64",
        "PINK": "float64",
    }


def test_features_without_levels_need_no_level_column() -> None:
    numbers = FEATURES.dropna(subset="value")
    pd.testing.assert_frame_equal(
        gin(numbers.drop(columns="level"), "1", "2"), gin(numbers, "1", "2")
    )


def test_row_order_does_not_matter() -> None:
    for seed in range(5):
        shuffled = FEATURES.sample(frac=1, random_state=seed)
        pd.testing.assert_frame_equal(gin(shuffled, "1", "2"), gin(FEATURES, "1", "2"))


def test_a_feature_twice_for_one_store_is_refused() -> None:
    with pytest.raises(ValueError, match="duplicate"):
        gin(pd.concat([FEATURES, FEATURES.head(1)]), "1", "2")


def test_no_features_at_all_leave_stores_without_columns() -> None:
    assert gin(FEATURES.head(0), "1", "2").shape == (2, 0)
