"""Method options other than the defaults, each through the whole pipeline."""

from pathlib import Path

import duckdb
import pytest
from sklearn.metrics import adjusted_rand_score

from tests.conftest import FEW, run_clustering

OPTIONS = {
    "density and mixed features": {
        "algorithm": "hdbscan",
        "min_cluster_size": 4,
        "external_reduction": "famd",
        "imputation": "knn",
        "share_transform": "hellinger",
    },
    "mixtures of a few components": {
        "algorithm": "gmm",
        "n_components": 3,
        "share_transform": "clr",
        "imputation": "mean",
        "external_scaling": "standard",
        "external_feature_selection": "drivers",
        "must_keep_columns": "[FOOT_TRAFFIC]",
    },
    "a hierarchy, one external side for all": {
        "algorithm": "agglomerative",
        "share_transform": "share",
        "shrink_shares": "false",
        "internal_scaling": "robust",
        "external_scaling": "minmax",
        "external_scope": "global",
        "imputation": "most_frequent",
    },
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_options_find_the_planted_segments(
    options: dict[str, object], small_folder: Path, tmp_path: Path
) -> None:
    params = [f"--param={name}={value}" for name, value in options.items()]
    arguments = ("run", "--raw", small_folder, *FEW, *params)
    result = run_clustering(*arguments, data=tmp_path)
    assert result.returncode == 0, result.stderr
    stores = duckdb.sql(
        f"from '{tmp_path}/published/store_clusters.parquet' as stores"
        f" inner join '{small_folder.parent}/truth/truth.parquet' as truth"
        " on truth.STORE_NBR = stores.store_id and truth.CATEGORY = stores.category"
    ).df()
    assert len(stores) == 44 + 45
    fitted = stores[stores["assignment_method"] != "inferred"]
    for _, rows in fitted.groupby("category"):
        found = adjusted_rand_score(rows["internal_segment"], rows["internal_cluster"])
        assert found > 0.6
    inferred = stores[stores["assignment_method"] == "inferred"]
    assert inferred["assignment_probability"].between(0, 1).all()
