"""Words of features: a seed, and input whose columns have cryptic names."""

import re
from pathlib import Path

import duckdb
import pytest

from clustering.core.paths import DBT_PROJECT
from tests.dbt.conftest import AS_IN_A_BUILD, copy_project, run_dbt

SEED = DBT_PROJECT / "seeds" / "feature_labels.csv"
HEADER = SEED.read_text().splitlines()[0]
# How the columns of the sample are called by somebody who likes it short.
ODD = {
    "INCOME": "ACS_MED_HH_INC_USD",
    "MEDIAN_AGE": "medianAgeYrs",
    "FOOT_TRAFFIC": "X__ft-trfc%",
    "HOUSEHOLD_SIZE": "A" * 60,
    "N_COMPETITORS_3KM": "n_comps_3_km",
    "DIST_NEAREST_KM": "DIST_TO_NEAREST_COMP_KM",
    "URBANICITY": "urb_cat",
    "STORE_FORMAT": "IS_FMT",
}
NEED_STATES = "'NS__' || replace(NEED_STATE, ' ', '__') || repeat('_LONG', 4)"


def rename(folder: Path) -> None:
    """Give the tables odd columns, twice the same figure, and long need states."""
    odd = ", ".join(f'{name} as "{new}"' for name, new in ODD.items())
    for table, columns in {
        "store_attributes": f"* rename ({odd}), 2 * FOOT_TRAFFIC as FT_TWICE",
        "need_state": f"* replace ({NEED_STATES} as NEED_STATE)",
    }.items():
        file = folder / f"{table}.parquet"
        renamed = file.with_suffix(".renamed")
        duckdb.sql(f"select {columns} from '{file}'").write_parquet(str(renamed))
        renamed.replace(file)


@pytest.fixture(scope="module")
def project(small_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = copy_project(small_folder, tmp_path_factory.mktemp("labels"))
    rename(project.parent / "data" / "raw")
    result = run_dbt(project, "build")
    assert result.returncode == 0, result.stdout
    return project


def read(project: Path, sql: str) -> list[tuple]:
    warehouse = project.parent / "data" / "warehouse" / "store_clustering.duckdb"
    with duckdb.connect(warehouse, read_only=True) as connection:
        return connection.sql(sql).fetchall()


def test_names_are_short_unique_and_have_no_name_of_a_column(project: Path) -> None:
    rows = read(project, "select category, cluster_name from marts.cluster_summary")
    assert len(rows) > 2
    assert len(set(rows)) == len(rows)
    for _, name in rows:
        assert len(name) <= 40
        assert "_" not in name
        assert not [column for column in ODD.values() if column in name]


def test_a_name_begins_with_a_word_of_the_best_seller_above_average(
    project: Path,
) -> None:
    rows = read(
        project,
        """
        select
            cluster_name,
            arg_max(label, cluster_mean) filter (index_value > 102) as best_seller
        from marts.cluster_profiles
        where block = 'internal'
        group by category, cluster_id, cluster_name
        """,
    )
    assert {best_seller is None for _, best_seller in rows} >= {False}
    for name, best_seller in rows:
        if best_seller is None:  # the only cluster of its category
            assert name == "all stores"
            continue
        said = set(re.findall(r"\w+", name.split(",")[0]))
        assert said <= set(re.findall(r"\w+", best_seller.lower())), (name, best_seller)


def test_no_reason_and_no_profile_has_one_number_twice(project: Path) -> None:
    texts = read(
        project,
        "select reason from marts.store_reasons union all select comparison"
        " from marts.cluster_profiles where comparison is not null",
    )
    assert len(texts) > 100
    for (text,) in texts:
        found = re.findall(r"\d[\d,]*\.?\d*", text)
        numbers = [float(one.replace(",", "")) for one in found]
        assert len(set(numbers)) == len(numbers), text


def test_of_two_columns_with_the_same_figures_no_store_has_both(project: Path) -> None:
    doubled = ODD["FOOT_TRAFFIC"]
    rows = read(
        project,
        "select count(*) from marts.store_reasons"
        f" where feature in ('{doubled}', 'FT_TWICE') group by store_id, category",
    )
    assert all(count == 1 for (count,) in rows)


def test_an_index_is_there_only_where_nothing_can_be_negative(project: Path) -> None:
    rows = read(
        project,
        """
        select count(*) filter (index_value is not null)
        from marts.cluster_profiles
        where
            feature in (
                select feature from features.store_feature_values
                group by feature
                having min(value) < 0
            )
        """,
    )
    assert rows == [(0,)]


def test_a_label_of_ones_own_is_what_all_marts_say(project: Path) -> None:
    row = "DIST_TO_NEAREST_COMP_KM,,way to the next rival,miles,,,true"
    (project / "seeds" / "feature_labels.csv").write_text(f"{HEADER}\n{row}\n")
    nodes = ("--select", "feature_labels", "feature_words+")
    result = run_dbt(project, "build", *nodes, *AS_IN_A_BUILD)
    assert result.returncode == 0, result.stdout
    said = "from marts.{} where feature = 'DIST_TO_NEAREST_COMP_KM'"
    for mart in ("cluster_profiles", "external_drivers"):
        labels = read(project, "select distinct label " + said.format(mart))
        assert labels == [("Way to the next rival (miles)",)]
    reasons = read(project, "select reason " + said.format("store_reasons"))
    assert all(one.startswith("Way to the next rival: ") for (one,) in reasons)
