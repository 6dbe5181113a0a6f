"""Projection: what `prepare` learnt, kept as data, expresses stores as it did."""

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from ml.frames import feature_matrix
from ml.preparation import fit_projections, prepare
from ml.projection import POWER, Projection
from tests.ml.sides import preparation_of
from tests.ml.test_preparation import SETTINGS, features_of, stores_of

STORES = stores_of("GIN", np.arange(60) % 7 > 0)
VARIANTS = [
    ("internal", {}),
    ("internal", {"share_transform": "clr", "shrink_shares": True}),
    ("internal", {"share_transform": "power", "scaling": "standard"}),
    ("external", {}),
    ("external", {"scaling": "power"}),
    ("external", {"scaling": "minmax", "imputation": "mean"}),
    ("external", {"scaling": "none", "outlier_score": 0.55}),
    ("external", {"imputation": "knn"}),
    ("external", {"reduction": "famd"}),
    ("external", {"reduction": "famd", "imputation": "knn"}),
]

variants = pytest.mark.parametrize(("side", "settings"), VARIANTS, ids=str)


def keep(rows: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """Return the rows as Parquet has them."""
    file = str(folder / "rows.parquet")
    duckdb.from_df(rows).write_parquet(file)
    return duckdb.sql(f"from '{file}'").df()


def matrix_of(features: pd.DataFrame) -> pd.DataFrame:
    """Return the features of all stores, a column each."""
    ids = pd.Index(STORES["store_id"])
    return feature_matrix(features, category="GIN", store_ids=ids)


@variants
def test_what_was_learnt_gives_the_components_of_every_store(side, settings, tmp_path):
    given = preparation_of(side, **SETTINGS | settings)
    features = features_of(side, 60).assign(
        category="GIN" if side == "internal" else None
    )
    prepared = prepare(STORES, features, given)
    columns = keep(fit_projections(prepared, features, given), tmp_path)
    projection = Projection(columns, given)
    scaled = projection.scaled(matrix_of(features))
    found = projection.components(scaled)
    np.testing.assert_array_equal(found, np.vstack(prepared["components"]))
    np.testing.assert_allclose(scaled, np.vstack(prepared["scaled"]), atol=1e-9)


@variants
def test_a_store_is_expressed_alike_whoever_stands_beside_it(side, settings):
    given = preparation_of(side, **SETTINGS | settings)
    matrix = matrix_of(features_of(side, 60))
    projection = Projection.learn(matrix, given).reduce(matrix, given)
    together = projection.components(projection.scaled(matrix))
    apart = [
        projection.components(projection.scaled(matrix[n : n + 1])) for n in range(60)
    ]
    np.testing.assert_allclose(np.vstack(apart), together, atol=2e-9)


def test_a_store_without_a_feature_or_beyond_its_range_is_doubtful():
    given = preparation_of("external", **SETTINGS)
    matrix = pd.DataFrame({"AGE": [30.0, 40.0, 55.0], "RENT": [3.0, 1.0, 2.0]})
    levels = pd.Series(["city", "mall", "city"], dtype=object)
    matrix = matrix.assign(FORMAT=levels)
    projection = Projection.learn(matrix, given).reduce(matrix, given)
    odd = pd.DataFrame({"AGE": [90.0, np.nan], "RENT": [1.0, 2.0]}).assign(
        FORMAT=pd.Series(["airport", "mall"], dtype=object)
    )
    doubts = projection.doubts(odd)
    assert doubts["missing"] == [[], ["AGE"]]
    assert sorted(doubts["out_of_range"][0]) == ["AGE", "FORMAT"]
    assert doubts["out_of_range"][1] == []


def test_a_share_beyond_those_of_the_fit_is_doubtful_and_no_sales_are_not():
    given = preparation_of("internal", **SETTINGS)
    matrix = pd.DataFrame({"DRY": [6.0, 5.0, 4.0], "SWEET": [4.0, 5.0, np.nan]})
    projection = Projection.learn(matrix, given).reduce(matrix, given)
    odd = pd.DataFrame({"DRY": [1.0, np.nan], "SWEET": [9.0, np.nan]})
    doubts = projection.doubts(odd)
    assert doubts["missing"] == [[], []]
    assert "SWEET" in doubts["out_of_range"][0]
    assert doubts["out_of_range"][1] == []


def test_columns_of_older_models_are_raised_to_no_power():
    given = preparation_of("external", **SETTINGS)
    matrix = matrix_of(features_of("external", 60))
    columns = Projection.learn(matrix, given).columns
    older = Projection(columns.drop(columns=list(POWER)), given)
    np.testing.assert_array_equal(
        older.scaled(matrix), Projection(columns, given).scaled(matrix)
    )
