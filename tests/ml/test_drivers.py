"""Drivers: which external features explain the internal clusters."""

import numpy as np
import pandas as pd
import pytest

from ml.drivers import DRIVERS, find_drivers
from ml.settings import Drivers

SETTINGS = {
    "external_feature_selection": "drivers",
    "driver_share": 0.8,
    "must_keep_columns": [],
    "random_state": 42,
}
RATED = ["importance", "importance_share", "importance_rank"]


def store_ids(count: int) -> list[str]:
    return [str(1000 + number) for number in range(count)]


def clusters_of(cluster: np.ndarray, *, category: str = "GIN") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "store_id": store_ids(len(cluster)),
            "category": category,
            "cluster": pd.array(cluster, dtype="Int64"),
            "is_fitted": True,
        }
    )


def long_form(matrix: pd.DataFrame, *, category: str | None = None) -> pd.DataFrame:
    """Return features in long form; text is a level, and what is null has no row."""
    parts = [
        pd.DataFrame(
            {
                "store_id": store_ids(len(matrix)),
                "category": category,
                "feature": feature,
                "value": values if values.dtype == float else np.nan,
                "level": None if values.dtype == float else values,
            }
        )[values.notna().to_numpy()]
        for feature, values in matrix.items()
    ]
    return pd.concat(parts, ignore_index=True)


def noise(count: int, *, seed: int = 0, width: int = 5) -> pd.DataFrame:
    values = np.random.default_rng(seed).normal(size=(count, width))
    return pd.DataFrame(values, columns=[f"NOISE_{number}" for number in range(width)])


def random_clusters(count: int, *, k: int = 3, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(1, k + 1, size=count)


def income_of(cluster: np.ndarray, *, seed: int = 2) -> np.ndarray:
    """Return a number that is higher in cluster 1 than in 2, and so on."""
    return np.random.default_rng(seed).normal(50 - 10 * cluster, 5)


def planted(count: int = 300) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return features of which INCOME alone depends on the cluster, and clusters."""
    cluster = random_clusters(count)
    matrix = noise(count).assign(INCOME=income_of(cluster))
    return long_form(matrix), clusters_of(cluster)


def run(
    features: pd.DataFrame, clusters: pd.DataFrame, **settings: object
) -> pd.DataFrame:
    return find_drivers(clusters, features, Drivers(**SETTINGS | settings))


def per_feature(drivers: pd.DataFrame) -> pd.DataFrame:
    return drivers.drop_duplicates(["category", "feature"]).set_index("feature")


def per_cluster(drivers: pd.DataFrame, feature: str) -> pd.DataFrame:
    rows = drivers[drivers["feature"] == feature]
    return rows.set_index("internal_cluster")


def test_a_planted_driver_is_ranked_first_and_selected() -> None:
    rated = per_feature(run(*planted()))
    assert rated.loc["INCOME", "importance_rank"] == 1
    assert rated.loc["INCOME", "importance_share"] > 0.8
    assert rated.loc["INCOME", "skill"] > 0.3
    assert rated.index[rated["is_selected"]].tolist() == ["INCOME"]
    assert rated["reason_code"].value_counts().to_dict() == {
        "driver": 1,
        "explains_little": 5,
    }


def test_shares_sum_to_one_and_ranks_follow_them() -> None:
    rated = per_feature(run(*planted()))
    assert rated["importance_share"].sum() == pytest.approx(1)
    assert (rated["importance"] >= 0).all()
    ranked = rated.sort_values("importance_rank")
    assert ranked["importance_rank"].tolist() == [1, 2, 3, 4, 5, 6]
    assert ranked["importance"].is_monotonic_decreasing


def test_every_feature_is_there_once_for_every_cluster() -> None:
    drivers = run(*planted())
    assert list(drivers.columns) == list(DRIVERS)
    assert not drivers.duplicated(["category", "internal_cluster", "feature"]).any()
    assert len(drivers) == 3 * 6


def test_direction_is_the_difference_to_the_category_in_deviations() -> None:
    cluster = random_clusters(300)
    income = income_of(cluster)
    features = long_form(noise(300).assign(INCOME=income))
    rows = per_cluster(run(features, clusters_of(cluster)), "INCOME")
    for number, row in rows.iterrows():
        mean = income[cluster == number].mean()
        assert row["cluster_mean"] == pytest.approx(mean)
        assert row["category_mean"] == pytest.approx(income.mean())
        difference = (mean - income.mean()) / income.std()
        assert row["standard_difference"] == pytest.approx(difference)
    assert rows.loc[1, "standard_difference"] > 0.8
    assert rows.loc[3, "standard_difference"] < -0.8


@pytest.mark.parametrize("count", [60, 200, 600])
def test_of_noise_nothing_is_claimed(count: int) -> None:
    claimed = 0
    for seed in range(10):
        clusters = clusters_of(random_clusters(count, seed=100 + seed))
        drivers = run(long_form(noise(count, seed=seed)), clusters)
        claimed += drivers["importance"].notna().any()
        assert drivers["skill"].max() < 0.05
        nothing = drivers[drivers["importance"].isna()]
        assert (nothing["skill"] == 0).all()
        assert nothing["is_selected"].all()
        assert set(nothing["reason_code"]) <= {"nothing_explains"}
    assert claimed <= 1


def test_a_categorical_driver_is_found_with_its_level() -> None:
    cluster = random_clusters(300, k=2)
    rng = np.random.default_rng(3)
    usual = np.where(cluster == 1, "CITY", "RURAL")
    other = rng.choice(["CITY", "MALL", "RURAL"], size=300)
    levels = np.where(rng.random(300) < 0.6, usual, other)
    matrix = noise(300).assign(FORMAT=pd.Series(levels, dtype=object))
    rows = per_cluster(run(long_form(matrix), clusters_of(cluster)), "FORMAT")
    assert (rows["importance_rank"] == 1).all()
    assert rows["level"].to_dict() == {1: "CITY", 2: "RURAL"}
    assert rows.loc[1, "cluster_mean"] == pytest.approx(
        (levels[cluster == 1] == "CITY").mean()
    )
    assert rows.loc[1, "category_mean"] == pytest.approx((levels == "CITY").mean())
    assert (rows["standard_difference"] > 0.4).all()


def test_a_feature_of_more_levels_than_the_model_has_bins_is_no_error() -> None:
    features, clusters = planted()
    towns = pd.DataFrame({"TOWN": [f"T{n // 3}" for n in range(300)]}, dtype=object)
    rated = per_feature(run(pd.concat([features, long_form(towns)]), clusters))
    assert rated.loc["INCOME", "importance_rank"] == 1
    assert rated.loc["TOWN", "importance"] >= 0


def test_unknown_values_need_no_imputation_and_can_themselves_explain() -> None:
    cluster = random_clusters(300, k=2)
    known = np.random.default_rng(4).normal(size=300)
    unknown = (cluster == 2) & (np.arange(300) % 4 > 0)
    matrix = noise(300).assign(
        SPACE=np.where(unknown, np.nan, known),
        FORMAT=pd.Series(np.where(np.arange(300) % 3, "CITY", None), dtype=object),
    )
    rows = per_cluster(run(long_form(matrix), clusters_of(cluster)), "SPACE")
    assert (rows["importance_rank"] == 1).all()
    assert rows.loc[2, "cluster_mean"] == pytest.approx(
        known[(cluster == 2) & ~unknown].mean()
    )


def test_a_feature_that_is_unknown_in_a_cluster_has_no_direction_there() -> None:
    features, clusters = planted()
    own = clusters.loc[clusters["cluster"] == 1, "store_id"]
    hidden = features["store_id"].isin(own) & (features["feature"] == "NOISE_0")
    rows = per_cluster(run(features[~hidden], clusters), "NOISE_0")
    assert rows["standard_difference"].notna().to_dict() == {1: False, 2: True, 3: True}


def test_a_must_keep_feature_is_selected_whatever_it_explains() -> None:
    rated = per_feature(run(*planted(), must_keep_columns=["NOISE_3", "INCOME"]))
    selected = rated[rated["is_selected"]]
    assert selected["reason_code"].to_dict() == {
        "INCOME": "driver",
        "NOISE_3": "must_keep",
    }


def test_a_must_keep_feature_that_is_not_in_use_is_refused_by_name() -> None:
    message = "must-keep columns EARNINGS, expected features in use: INCOME, NOISE_0"
    with pytest.raises(ValueError, match=message):
        run(*planted(), must_keep_columns=["EARNINGS", "INCOME"])


def test_a_higher_share_selects_more_and_all_of_it_no_feature_of_none() -> None:
    features, clusters = planted()
    kept = [
        per_feature(run(features, clusters, driver_share=share))["is_selected"].sum()
        for share in (0.5, 0.95, 1.0)
    ]
    rated = per_feature(run(features, clusters, driver_share=1.0))
    assert kept == sorted(kept)
    assert (rated["is_selected"] == (rated["importance"] > 0)).all()


def test_all_features_are_used_where_that_is_the_selection() -> None:
    drivers = run(*planted(), external_feature_selection="all")
    assert drivers["is_used"].all()
    assert not drivers["is_selected"].all()
    chosen = run(*planted())
    assert (chosen["is_used"] == chosen["is_selected"]).all()
    pd.testing.assert_frame_equal(
        drivers.drop(columns="is_used"), chosen.drop(columns="is_used")
    )


@pytest.mark.parametrize(
    ("cluster", "reason"),
    [
        ([1] * 30, "one_cluster"),
        ([1] * 28 + [2] * 2, "too_few_stores"),
        ([1, 2, 3, 1], "too_few_stores"),
    ],
)
def test_without_a_model_all_features_are_selected_with_a_reason(
    cluster: list[int], reason: str
) -> None:
    count = len(cluster)
    drivers = run(long_form(noise(count)), clusters_of(np.array(cluster)))
    assert len(drivers) == 5 * len(set(cluster))
    assert drivers[[*RATED, "skill"]].isna().all(axis=None)
    assert drivers["is_selected"].all()
    assert set(drivers["reason_code"]) == {reason}


def test_a_cluster_that_is_too_small_for_folds_does_not_stop_the_others() -> None:
    features, clusters = planted()
    clusters.loc[:1, "cluster"] = 4
    drivers = run(features, clusters)
    assert set(drivers["internal_cluster"]) == {1, 2, 3, 4}
    assert per_feature(drivers).loc["INCOME", "importance_rank"] == 1


def test_stores_that_did_not_shape_the_clusters_do_not_count() -> None:
    features, clusters = planted()
    left_out = np.arange(300) % 10 == 0
    unfitted = clusters.assign(is_fitted=~left_out)
    unfitted.loc[left_out, "cluster"] = pd.NA
    pd.testing.assert_frame_equal(
        run(features, unfitted), run(features, clusters[~left_out])
    )


def test_categories_have_their_own_drivers_and_do_not_change_one_another() -> None:
    features, gin = planted()
    rum_cluster = random_clusters(300, seed=9)
    rum = clusters_of(rum_cluster, category="RUM")
    market = pd.DataFrame({"MARKET": income_of(rum_cluster, seed=8)})
    both = pd.concat([features, long_form(market, category="RUM")])
    drivers = run(both, pd.concat([gin, rum]))
    first = drivers[drivers["importance_rank"] == 1].groupby("category")["feature"]
    assert first.unique().map(list).to_dict() == {"GIN": ["INCOME"], "RUM": ["MARKET"]}
    pd.testing.assert_frame_equal(
        drivers[drivers["category"] == "GIN"].reset_index(drop=True),
        run(features, gin),
    )


def test_row_order_and_the_names_of_stores_do_not_matter() -> None:
    features, clusters = planted(150)
    formats = pd.DataFrame({"FORMAT": ["CITY", "MALL", None] * 50}, dtype=object)
    features = pd.concat([features, long_form(formats)], ignore_index=True)
    drivers = run(features, clusters)
    names = np.random.default_rng(5).permutation(150).astype(str)
    renamed = dict(zip(store_ids(150), names, strict=True))
    for seed in range(3):
        shuffled = run(
            features.sample(frac=1, random_state=seed),
            clusters.sample(frac=1, random_state=seed),
        )
        pd.testing.assert_frame_equal(shuffled, drivers, check_exact=True)
    other = run(
        features.assign(store_id=features["store_id"].map(renamed)),
        clusters.assign(store_id=clusters["store_id"].map(renamed)),
    )
    pd.testing.assert_frame_equal(other, drivers, check_exact=True)


def test_empty_input_gives_an_empty_typed_frame() -> None:
    features, clusters = planted(30)
    for empty in (
        run(features.head(0), clusters.head(0), must_keep_columns=["INCOME"]),
        run(features.head(0), clusters),
        run(features, clusters.head(0)),
        run(features, clusters.assign(is_fitted=False)),
    ):
        assert len(empty) == 0
        assert empty.dtypes.to_dict() == run(features, clusters).dtypes.to_dict()
