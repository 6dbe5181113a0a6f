"""Cluster: the chosen k, and a cluster for every store that can have one."""

import numpy as np
import pandas as pd
import pytest

from ml.cluster import CLUSTERS, fit_clusters
from ml.settings import Fit

# three groups of 5, 25 and 15 stores
TRUTH = np.repeat([0, 1, 2], [5, 25, 15])
CENTRES = np.array([[0.0, 0.0], [30.0, 0.0], [0.0, 30.0]])
X = CENTRES[TRUTH] + np.random.default_rng(0).normal(size=(45, 2))


def prepared_of(
    components: np.ndarray,
    *,
    category: str = "GIN",
    in_fit: np.ndarray | bool = True,
    is_outlier: np.ndarray | bool = False,
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "store_id": [str(1000 + number) for number in range(len(components))],
            "category": category,
            "components": list(np.asarray(components, dtype=float)),
            "is_outlier": is_outlier,
            "in_fit": in_fit,
        }
    )


def fit(
    prepared: pd.DataFrame, *, algorithm: str = "kmeans", **k_of: int
) -> pd.DataFrame:
    chosen_k = pd.DataFrame({"category": k_of.keys(), "k": k_of.values()})
    settings = Fit(algorithm=algorithm, n_init=3, min_cluster_size=5, random_state=42)
    return fit_clusters(prepared, chosen_k, settings)


def test_clusters_are_numbered_from_the_largest() -> None:
    clusters = fit(prepared_of(X), GIN=3)
    assert clusters["cluster"].value_counts().to_dict() == {1: 25, 2: 15, 3: 5}
    assert clusters["cluster"].tolist() == [3] * 5 + [1] * 25 + [2] * 15


def test_every_store_has_one_typed_row() -> None:
    clusters = fit(prepared_of(X), GIN=3)
    assert clusters.dtypes.astype(str).to_dict() == CLUSTERS
    assert clusters["store_id"].is_unique
    assert len(clusters) == 45


def test_a_store_out_of_the_fit_gets_an_inferred_cluster_and_its_probability() -> None:
    outside = CENTRES + np.array([[1, 1], [0, 2], [2, 0]])
    in_fit = np.arange(48) < 45
    prepared = prepared_of(np.vstack([X, outside]), in_fit=in_fit, is_outlier=~in_fit)
    clusters = fit(prepared, GIN=3)
    others = clusters[45:]
    assert others["cluster"].tolist() == [3, 1, 2]
    assert others["probability"].between(0.8, 1).all()
    assert not others["is_fitted"].any()
    assert others["is_outlier"].all()
    assert clusters["probability"][:45].isna().all()


def test_a_store_between_two_clusters_has_a_lower_probability() -> None:
    between = np.vstack([X, CENTRES[1], CENTRES[1:].mean(axis=0)])
    clusters = fit(prepared_of(between, in_fit=np.arange(47) < 45), GIN=3)
    clear, unclear = clusters["probability"][45:]
    assert unclear < 0.8 < clear


def test_noise_gets_an_inferred_cluster_and_is_not_fitted() -> None:
    alone = [[90.0, 90.0], [-80.0, -90.0]]
    prepared = prepared_of(np.vstack([X, alone]))
    clusters = fit(prepared, algorithm="hdbscan", GIN=3)
    assert clusters["cluster"].max() == 3
    assert clusters["cluster"].notna().all()
    assert not clusters["is_fitted"][45:].any()
    assert not clusters["is_outlier"].any()
    pd.testing.assert_series_equal(
        clusters["probability"].notna(), ~clusters["is_fitted"], check_names=False
    )


def test_one_cluster_has_no_noise_either() -> None:
    clusters = fit(prepared_of(X), algorithm="hdbscan", GIN=1)
    assert clusters["cluster"].unique().tolist() == [1]
    assert clusters["is_fitted"].all()


@pytest.mark.parametrize("algorithm", ["kmeans", "gmm", "agglomerative", "birch"])
def test_other_names_of_stores_do_not_matter(algorithm: str) -> None:
    blur = np.random.default_rng(0).normal(size=(60, 2))
    before = fit(
        prepared_of(blur, in_fit=np.arange(60) < 50), algorithm=algorithm, GIN=5
    )
    order = np.random.default_rng(1).permutation(60)
    renamed = prepared_of(blur[order], in_fit=order < 50)
    after = fit(renamed, algorithm=algorithm, GIN=5)
    columns = ["cluster", "probability", "is_fitted"]
    expected = before.loc[order, columns].reset_index(drop=True)
    pd.testing.assert_frame_equal(after[columns], expected)


def test_stores_out_of_the_fit_shape_nothing() -> None:
    outside = np.full((60, 2), [0.0, 0.1])
    prepared = prepared_of(np.vstack([X, outside]), in_fit=np.arange(105) < 45)
    clusters = fit(prepared, GIN=3)
    pd.testing.assert_frame_equal(clusters[:45], fit(prepared_of(X), GIN=3))
    assert clusters["cluster"][45:].unique().tolist() == [3]  # the smallest still


def test_a_store_without_components_has_no_cluster() -> None:
    prepared = prepared_of(X, in_fit=np.arange(45) != 7)
    prepared.loc[7, "components"] = None
    clusters = fit(prepared, GIN=3)
    assert clusters["cluster"].isna().to_numpy().nonzero()[0].tolist() == [7]
    assert not clusters["is_fitted"][7]


def test_a_category_of_which_no_store_is_in_the_fit_has_no_clusters() -> None:
    rum = prepared_of(X, category="RUM", in_fit=False).assign(components=None)
    clusters = fit(pd.concat([prepared_of(X), rum]), GIN=3, RUM=1)
    assert clusters.loc[clusters["category"] == "RUM", "cluster"].isna().all()
    assert clusters.loc[clusters["category"] == "GIN", "cluster"].notna().all()
    assert clusters.dtypes.astype(str).to_dict() == CLUSTERS


def test_one_cluster_holds_every_store() -> None:
    assert fit(prepared_of(X), GIN=1)["cluster"].unique().tolist() == [1]


def test_each_category_has_its_own_k() -> None:
    prepared = pd.concat([prepared_of(X, category="RUM"), prepared_of(X)])
    clusters = fit(prepared, RUM=2, GIN=4).groupby("category")["cluster"]
    assert clusters.max().to_dict() == {"GIN": 4, "RUM": 2}


def test_a_k_above_the_number_of_stores_in_the_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="got k=4 for 3 stores, expected from 1 to 3"):
        fit(prepared_of(X, in_fit=np.arange(45) < 3), GIN=4)


def test_a_category_without_a_chosen_k_is_refused() -> None:
    with pytest.raises(KeyError, match="GIN"):
        fit(prepared_of(X), RUM=2)


def test_row_order_of_both_inputs_does_not_matter() -> None:
    blur = np.random.default_rng(0).normal(size=(80, 3))
    prepared = pd.concat(
        [prepared_of(blur), prepared_of(X, category="RUM", in_fit=TRUTH > 0)]
    )
    expected = fit(prepared, GIN=6, RUM=3)
    for seed in range(3):
        shuffled = fit(prepared.sample(frac=1, random_state=seed), RUM=3, GIN=6)
        pd.testing.assert_frame_equal(shuffled, expected)


def test_no_stores_give_an_empty_frame_of_the_same_types() -> None:
    empty = fit(prepared_of(X).head(0))
    assert empty.empty
    assert empty.dtypes.astype(str).to_dict() == CLUSTERS
