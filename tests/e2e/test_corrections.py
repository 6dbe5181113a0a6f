"""Manual corrections: they survive a refresh, and stale ones are reported."""

from datetime import date, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from clustering.store.publish import publish
from tests.conftest import parquet_bytes, run_clustering
from tests.dbt.conftest import copy_project, run_dbt
from tests.dbt.corrections import write_corrections

YESTERDAY = date.today() - timedelta(days=1)
WHY = "agreed,Kim,"

# Every tenth store is closed, and some SKUs sell more.
OPEN = "STORE_NBR not like '%7'"
SALES = "TOTAL_SALES * case when SKU_NBR like '%1' then 1.2 else 1 end"


# Clusters that are far apart, and go on: by what sells alone.
FIXED_K = [f"SHAMPOO,internal,5,{WHY}", f"SHAMPOO,external,1,{WHY}"]

# Small clusters, so that there are several to merge; few resamples, to be quick.
SETTINGS = (
    "{min_cluster_size: 5, min_cluster_share: 0, stability_resamples: 3,"
    " bootstrap_resamples: 3}"
)


class Sample:
    """A copied project, its runs one after the other, and what people know of it."""

    def __init__(self, project: Path) -> None:
        self.project, self.data = project, project.parent / "data"
        self.published = self.data / "published"

    def build(self) -> None:
        """Build, test and publish."""
        result = run_dbt(self.project, "build", "--vars", SETTINGS)
        assert result.returncode == 0, result.stdout
        publish(self.data / "warehouse" / "store_clustering.duckdb", self.published)

    def read(self, mart: str, category: str = "SHAMPOO") -> pd.DataFrame:
        rows = duckdb.sql(f"from '{self.published}/{mart}.parquet'").df()
        return rows[rows["category"] == category].reset_index(drop=True)

    def stores(self) -> pd.DataFrame:
        return self.read("store_clusters").set_index("store_id")

    def refresh(self) -> None:
        """Put the sales of the next run into place."""
        for table in ("internal_sales", "store_attributes", "external_sales"):
            path = self.data / "raw" / f"{table}.parquet"
            rows = duckdb.sql(f"from '{path}' where {OPEN}")
            if table == "internal_sales":
                rows = rows.project(f"* replace ({SALES} as TOTAL_SALES)")
            rows.write_parquet(str(path.with_suffix(".next")))
            path.with_suffix(".next").replace(path)


@pytest.fixture(scope="module")
def sample(small_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """Make a first run without corrections."""
    sample = Sample(copy_project(small_folder, tmp_path_factory.mktemp("corrections")))
    write_corrections(sample.project, fixed_k=FIXED_K)
    sample.build()
    return sample


@pytest.fixture(scope="module")
def before(sample: Sample) -> pd.DataFrame:
    """Return the stores of the first run."""
    return sample.stores()


@pytest.fixture(scope="module")
def moved(before: pd.DataFrame) -> str:
    """Return a store of the largest cluster that goes on."""
    return before.index[(before["cluster_id"] == 1) & before_is_open(before)][0]


@pytest.fixture(scope="module")
def excluded(before: pd.DataFrame) -> str:
    return before.index[(before["cluster_id"] == 1) & before_is_open(before)][1]


def before_is_open(stores: pd.DataFrame) -> pd.Series:
    return ~stores.index.to_series().str.endswith("7")


def of_clusters() -> list[str]:
    return [
        f'SHAMPOO,2,name,"Big, city",{WHY}',
        f"SHAMPOO,2,flagship,,{WHY}",
        f"SHAMPOO,1,inactive,,{WHY}",
        f"SHAMPOO,3,merge,2,{WHY}",
        f"SHAMPOO,3,name,Gone,{WHY}",
        f"SHAMPOO,99,name,Nowhere,{WHY}",
        f"SHAMPOO,1,name,Old,agreed,Kim,{YESTERDAY}",
    ]


@pytest.fixture(scope="module")
def corrected(sample: Sample, moved: str, excluded: str) -> Sample:
    """Make the run after a refresh, with corrections of each kind."""
    write_corrections(
        sample.project,
        store_corrections=[
            f"{moved},SHAMPOO,move,2,{WHY}",
            f"{excluded},SHAMPOO,lock,1,{WHY}",
            f"9999,SHAMPOO,lock,,{WHY}",
        ],
        cluster_corrections=of_clusters(),
        excluded_stores=[f"{excluded},SHAMPOO,{WHY}", f"1,SHAMPOO,old,Kim,{YESTERDAY}"],
        fixed_k=[
            *FIXED_K,
            f"COFFEE,external,90,{WHY}",
            f"TEA,internal,2,{WHY}",
        ],
    )
    sample.refresh()
    sample.build()
    return sample


@pytest.fixture
def stores(corrected: Sample) -> pd.DataFrame:
    return corrected.stores()


def check_that_corrections_hold(stores: pd.DataFrame, moved: str) -> None:
    """Check that stores are where the method, or a person, put them."""
    expected = stores["uncorrected_cluster"].replace({3: 2})
    expected[moved] = 2
    assert stores["cluster_id"].tolist() == expected.tolist()
    assert (stores["uncorrected_cluster"] == 3).sum() >= 5
    assert stores.loc[moved, "assignment_method"] == "override"
    assert stores.loc[moved, "uncorrected_cluster"] == 1


def test_stores_are_moved_held_and_merged(
    stores: pd.DataFrame, moved: str, excluded: str
) -> None:
    check_that_corrections_hold(stores, moved)
    overrides = stores.index[stores["assignment_method"] == "override"]
    assert sorted(overrides) == sorted([moved, excluded])


def test_numbers_of_the_method_go_on_below_the_corrections(
    stores: pd.DataFrame, before: pd.DataFrame
) -> None:
    now = stores["uncorrected_cluster"]
    both = before[["cluster_id"]].join(now, how="inner")
    assert (both["uncorrected_cluster"] == both["cluster_id"]).mean() > 0.8


def test_names_and_status_are_peoples_and_said_to_be(corrected: Sample) -> None:
    summary = corrected.read("cluster_summary").set_index("cluster_id")
    assert summary.loc[2, ["cluster_name", "name_source", "status"]].tolist() == [
        "Big, city",
        "person",
        "flagship",
    ]
    assert summary.loc[1, ["name_source", "status"]].tolist() == ["method", "inactive"]
    assert 3 not in summary.index
    assert set(corrected.stores().query("cluster_id == 2")["cluster_name"]) == {
        "Big, city"
    }


def test_totals_are_those_of_the_stores(corrected: Sample) -> None:
    summary, stores = corrected.read("cluster_summary"), corrected.stores()
    assert summary["store_count"].sum() == len(stores)
    assert summary["sales"].sum() == pytest.approx(stores["sales"].sum(), abs=1e-6)
    counts = summary[["fitted_count", "reassigned_count", "inferred_count"]].sum(axis=1)
    assert (counts + summary["override_count"]).tolist() == summary[
        "store_count"
    ].tolist()
    of_levels = corrected.read("cluster_sales").query("dimension == 'need_state'")
    final = of_levels[of_levels["side"] == "final"].groupby("cluster_id")["sales"].sum()
    expected = summary.set_index("cluster_id")["sales"].to_dict()
    assert final.to_dict() == pytest.approx(expected, abs=1e-6)


def test_every_row_says_what_it_did_or_why_not(
    corrected: Sample, moved: str, excluded: str
) -> None:
    rows = duckdb.sql(f"from '{corrected.published}/corrections.parquet'").df()
    found = {
        (row.seed, row.seed_line): (row.state, row.outcome) for row in rows.itertuples()
    }
    assert set(rows["author"]) == {"Kim"}
    assert found["store_corrections", 2] == (
        "applied",
        f"store {moved} is moved to cluster 2 of SHAMPOO; the method gives cluster 1",
    )
    assert found["store_corrections", 4] == (
        "stale",
        "store 9999 does not sell SHAMPOO: does nothing; correct or remove the row",
    )
    clusters = [found["cluster_corrections", line] for line in range(2, 9)]
    states = [state for state, _ in clusters]
    assert states == [*(["applied"] * 4), "stale", "stale", "expired"]
    assert clusters[3][1] == "cluster 3 of SHAMPOO is a part of cluster 2"
    assert "other corrections leave no store in cluster 3 of SHAMPOO" in clusters[4][1]
    assert "SHAMPOO has no cluster 99; it has 1, 2, 3, 4, 5" in clusters[5][1]
    assert f"does nothing since {date.today()}: renew or remove" in clusters[6][1]
    assert found["excluded_stores", 2][0] == "applied"
    assert found["excluded_stores", 3][0] == "expired"
    for line in (2, 3):
        assert found["fixed_k", line][0] in {"applied", "no effect needed"}
    assert "the internal side of SHAMPOO has k = 5; " in found["fixed_k", 2][1]
    assert found["fixed_k", 4][0] == found["fixed_k", 5][0] == "stale"
    assert "do not make 90 external clusters" in found["fixed_k", 4][1]


def test_what_is_stale_or_expired_is_printed(corrected: Sample) -> None:
    shown = run_clustering("show", data=corrected.data)
    assert shown.returncode == 0, shown.stderr
    assert "corrections: 16 = " in shown.stdout
    assert "correction expired: seeds/excluded_stores.csv, line 3" in shown.stdout
    assert "correction stale: seeds/store_corrections.csv, line 4" in shown.stdout


@pytest.fixture(scope="module")
def held(corrected: Sample, moved: str) -> Sample:
    """Make another run: the store is locked where it was moved to."""
    write_corrections(
        corrected.project,
        store_corrections=[f"{moved},SHAMPOO,lock,,{WHY}"],
        cluster_corrections=of_clusters()[:4],
        fixed_k=FIXED_K,
    )
    corrected.build()
    return corrected


def test_a_lock_holds_a_store_in_the_published_cluster(
    held: Sample, moved: str
) -> None:
    check_that_corrections_hold(held.stores(), moved)
    summary = held.read("cluster_summary").set_index("cluster_id")
    assert summary.loc[2, "cluster_name"] == "Big, city"
    states = held.read("corrections").groupby("seed")["state"].unique()
    assert states["cluster_corrections"].tolist() == ["applied"]
    assert states["store_corrections"].tolist() == ["applied"]
    changes = held.read("cluster_changes").set_index("cluster_id")
    assert changes.loc[2, "change"] == "kept"
    assert 3 not in changes.index


# make test has the same without corrections, in test_continuity.py.
@pytest.mark.long
def test_the_same_run_again_leaves_every_byte_as_it_is(held: Sample) -> None:
    before = parquet_bytes(held.published)
    held.build()
    assert parquet_bytes(held.published) == before
