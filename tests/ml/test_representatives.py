"""Features that say the same are represented by one of them."""

import numpy as np
import pandas as pd

from ml.representatives import find_representatives

STORES = [f"{number:03d}" for number in range(60)]


def external(**columns: np.ndarray) -> pd.DataFrame:
    parts = [
        pd.DataFrame(
            {"store_id": STORES, "category": None, "feature": name, "value": values}
        )
        for name, values in columns.items()
    ]
    return pd.concat(parts, ignore_index=True)


def levels(name: str, of_stores: np.ndarray) -> dict[str, np.ndarray]:
    """Return 0 or 1 for each level, as store_feature_values has them."""
    return {
        f"{name} = {level}": (of_stores == level).astype(float)
        for level in np.unique(of_stores)
    }


def represent(features: pd.DataFrame, *ranked: str) -> dict[str, str]:
    profiles = pd.DataFrame(
        {
            "category": "GIN",
            "cluster_id": 1,
            "block": "external",
            "feature": ranked,
            "distinctiveness_rank": range(1, 1 + len(ranked)),
        }
    )
    stores = pd.DataFrame({"store_id": STORES, "category": "GIN"})
    names = ["store_id", "category", "need_state", "sales_share"]
    found = find_representatives(
        profiles.sample(frac=1, random_state=0),
        stores,
        pd.DataFrame(columns=names),
        features.sample(frac=1, random_state=0),
    )
    return found.set_index("feature")["representative"].to_dict()


def test_the_most_distinctive_of_features_that_correlate_speaks_for_them():
    rng = np.random.default_rng(0)
    near = rng.normal(size=60)
    far = near + rng.normal(size=60) * 0.1
    other = rng.normal(size=60)
    features = external(NEAR=near, FAR=-far, OTHER=other)
    assert represent(features, "FAR", "OTHER", "NEAR") == {
        "FAR": "FAR",
        "OTHER": "OTHER",
        "NEAR": "FAR",
    }
    assert represent(features, "NEAR", "FAR", "OTHER")["FAR"] == "NEAR"


def test_two_levels_of_one_column_say_the_same_and_of_three_they_do_not():
    rng = np.random.default_rng(0)
    two = np.array(["A", "B"])[rng.integers(2, size=60)]
    three = np.array(["X", "Y", "Z"])[rng.integers(3, size=60)]
    ranked = ("TWO = A", "TWO = B", "THREE = X", "THREE = Y", "THREE = Z")
    found = represent(external(**levels("TWO", two), **levels("THREE", three)), *ranked)
    assert found["TWO = B"] == "TWO = A"
    assert all(found[one] == one for one in ranked if one != "TWO = B")


def test_a_missing_value_is_no_reason_to_correlate():
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(2, 60))
    first[:30], second[:30] = np.nan, np.nan
    found = represent(external(FIRST=first, SECOND=second), "FIRST", "SECOND")
    assert found == {"FIRST": "FIRST", "SECOND": "SECOND"}
