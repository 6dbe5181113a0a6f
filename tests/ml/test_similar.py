"""Similar: the nearest stores of a fit, in the space of both sides."""

import numpy as np
import pandas as pd

from ml.centres import Block
from ml.similar import similar_stores

BLOCKS = {
    "internal": Block(np.zeros(1), 1.0, {1: np.array([5.0])}),
    "external": Block(np.zeros(1), 2.0, {}),
}


def stores(ids: str, inside: list[float | None], outside: list[float]) -> pd.DataFrame:
    lists = [None if value is None else [value] for value in inside]
    return pd.DataFrame(
        {
            "store_id": list(ids),
            "internal_components": pd.Series(lists, dtype=object),
            "external_components": pd.Series([[v] for v in outside], dtype=object),
            "internal_cluster": 1,
            "external_cluster": 1,
            "cluster_id": range(1, len(ids) + 1),
        }
    )


THEN = stores("abcd", [0.0, 1.0, 3.0, 1.0], [0.0, 0.0, 0.0, 1.0])


def test_the_nearest_come_first_and_equally_far_ones_by_number():
    found = similar_stores(stores("x", [0.0], [0.0]), THEN, BLOCKS, most=3)
    assert found["similar_store"].tolist() == ["a", "b", "d"]
    assert found["similar_rank"].tolist() == [1, 2, 3]
    np.testing.assert_allclose(found["distance"], [0, 1, np.sqrt(1 + 2**2)])
    assert found["cluster_id"].tolist() == [1, 2, 4]


def test_no_store_is_similar_to_itself():
    found = similar_stores(THEN, THEN, BLOCKS, most=10)
    assert len(found) == 4 * 3
    assert (found["store_id"] != found["similar_store"]).all()


def test_an_unknown_side_is_taken_to_be_that_of_its_cluster():
    found = similar_stores(stores("x", [None], [0.0]), THEN, BLOCKS, most=1)
    assert found["similar_store"].tolist() == ["c"]
