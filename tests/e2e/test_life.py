"""Two years of real clusters, as people run, correct, reject and approve them.

What the tables say is compared with the same tables written by hand, from the clusters
of the two versions that were live.
"""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from clustering.store.runs import (
    PublishedRun,
    current_run,
    find_run,
    live_version,
)
from clustering.store.versions import read_versions
from tests.conftest import UNSET, copy_code
from tests.dbt.corrections import write_corrections
from tests.e2e.test_continuity import check_that_the_run_follows, keys

CATEGORIES = ("GIN", "TEQUILA")
KEYS = ["store_id", "category"]
# Another name for the same cluster: the first one is rejected.
NAMES = ("Agave lovers", "Agave first")


class Life:
    """A project of its own, its command, and its versions."""

    def __init__(self, folder: Path, iowa: Path) -> None:
        self.folder, self.iowa = folder, iowa
        self.published = folder / "data" / "published"
        copy_code(folder)
        there = duckdb.sql(f"select distinct CATEGORY from '{iowa}/need_state.csv'")
        others = sorted({name for (name,) in there.fetchall()} - set(CATEGORIES))
        (folder / "configs" / "dev.yml").write_text(
            "data_dir: data\n"
            "approval: {automatic: false}\n"
            f"vars: {{excluded_categories: {others}, bootstrap_resamples: 3,"
            " stability_resamples: 3, max_clusters: 5}\n"
        )

    def clustering(self, *arguments: str | Path) -> str:
        """Run the command, which must succeed, and return what it prints."""
        inherited = {k: v for k, v in os.environ.items() if k not in UNSET}
        done = subprocess.run(
            [sys.executable, "-m", "clustering.cli.main", *arguments],
            cwd=self.folder,
            env=inherited | {"PYTHONPATH": str(self.folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def run(self, sales: str) -> PublishedRun:
        """Run the pipeline on one year's sales, and return the new version."""
        raw = self.folder / sales
        raw.mkdir(exist_ok=True)
        for name in ("need_state.csv", "external_sales.parquet"):
            link(raw / name, self.iowa / name)
        link(raw / "store_attributes.parquet", self.iowa / "store_attributes.parquet")
        duckdb.sql(
            f"from '{self.iowa}/{sales}.parquet' where CAT_DSC in {CATEGORIES}"
        ).write_parquet(str(raw / "internal_sales.parquet"))
        self.clustering("run", "--raw", raw)
        return find_run(self.published, read_versions(self.published)[0].run)

    def correct(self, name: str) -> None:
        """Lock a store, move one, and name a cluster."""
        locked, moved, target = self.choice
        write_corrections(
            self.folder / "dbt_project",
            store_corrections=[
                f"{locked},GIN,lock,,planogram just built,Kim,",
                f"{moved},GIN,move,{target},one manager,Kim,",
            ],
            cluster_corrections=[f"TEQUILA,1,name,{name},as planners say,Kim,"],
        )


def link(path: Path, target: Path) -> None:
    if not path.exists():
        path.symlink_to(target)


def stores_of(run: PublishedRun) -> pd.DataFrame:
    return run.read("from store_clusters order by category, store_id")


@pytest.fixture(scope="module")
def life(iowa_folder, tmp_path_factory) -> Life:
    """Live through two years."""
    life = Life(tmp_path_factory.mktemp("life"), iowa_folder)
    life.first = life.run("internal_sales")
    life.clustering("approve", life.first.name, "--by", "anna", "--reason", "the first")
    stores = stores_of(life.first)
    gin = stores[stores["category"] == "GIN"].set_index("store_id")["cluster_id"]
    later = duckdb.sql(
        "select distinct STORE_NBR from"
        f" '{iowa_folder}/internal_sales_2022.parquet' where CAT_DSC = 'GIN'"
    ).df()["STORE_NBR"]
    both = gin[gin.index.isin(later)]
    locked, moved = both.index[0], both.index[1]
    target = next(one for one in sorted(set(both)) if one != both[moved])
    life.choice = (locked, moved, target)
    life.correct(NAMES[0])
    life.rejected = life.run("internal_sales_2022")
    reason = ("--reason", "not the name that we agreed on")
    life.clustering("reject", life.rejected.name, "--by", "anna", *reason)
    life.served_meanwhile = current_run(life.published)
    # nor is one of the stores to move that the method has moved
    method = stores_of(life.rejected).query("category == 'GIN'").set_index("store_id")
    went = both[both != method["uncorrected_cluster"].reindex(both.index)].index
    locked = next(store for store in went if store != moved)
    life.choice = (locked, moved, target)
    life.correct(NAMES[1])
    life.second = life.run("internal_sales_2022")
    life.clustering("approve", life.second.name, "--by", "ben")
    return life


def test_versions_are_what_people_decided(life):
    first, rejected, second = reversed(read_versions(life.published))
    assert [one.state for one in (first, rejected, second)] == [
        "superseded",
        "rejected",
        "approved",
    ]
    assert [one.decided_by for one in (first, rejected, second)] == [
        "anna",
        "anna",
        "ben",
    ]
    assert first.effective_to == second.effective_from
    assert (rejected.effective_from, second.effective_to) == (None, None)


def test_readers_have_the_approved_version_only(life):
    assert life.served_meanwhile == life.first
    assert current_run(life.published) == life.second
    file = life.published / "store_clusters.parquet"
    assert duckdb.sql(f"select distinct run_id from '{file}'").fetchall() == [
        (life.second.run_id,)
    ]


def test_corrections_survive_the_refresh_and_are_shown_as_such(life):
    locked, moved, target = life.choice
    before, now = (
        stores_of(run).query("category == 'GIN'").set_index("store_id")
        for run in (life.first, life.second)
    )
    assert now.loc[locked, "cluster_id"] == before.loc[locked, "cluster_id"]
    assert now.loc[moved, "cluster_id"] == target != before.loc[moved, "cluster_id"]
    assert now.loc[[locked, moved], "assignment_method"].tolist() == ["override"] * 2
    names = life.second.read(
        "select cluster_name, name_source from cluster_summary"
        " where category = 'TEQUILA' and cluster_id = 1"
    )
    assert names.iloc[0].tolist() == [NAMES[1], "person"]
    states = life.second.read("select distinct state from corrections")
    assert states["state"].tolist() == ["applied"]


def test_history_is_the_table_written_by_hand(life):
    columns = [*KEYS, "cluster_id", "cluster_name"]
    before, now = (stores_of(run)[columns] for run in (life.first, life.second))
    first, second = (
        next(one for one in read_versions(life.published) if one.run == run.name)
        for run in (life.first, life.second)
    )
    begun, changed = first.effective_from, second.effective_from
    goes_on = pd.MultiIndex.from_frame(before.merge(now, on=columns)[KEYS])
    rows = []
    for table, version in ((before, first), (now, second)):
        for row in table.itertuples(index=False):
            is_open = (row.store_id, row.category) in goes_on
            if version is second and is_open:
                continue
            ends = None if is_open or version is second else changed
            since = begun if version is first else changed
            rows.append((*row, version.number, since, ends))
    wanted = pd.DataFrame(
        rows, columns=[*columns, "version", "effective_from", "effective_to"]
    )
    for moment in ("effective_from", "effective_to"):
        wanted[moment] = pd.to_datetime(wanted[moment], utc=True).dt.tz_localize(None)
    found = live_version(life.published).read("from cluster_history")[list(wanted)]
    order = [*KEYS, "effective_from"]
    pd.testing.assert_frame_equal(
        found.sort_values(order, ignore_index=True),
        wanted.sort_values(order, ignore_index=True),
        check_dtype=False,
    )
    assert 0 < len(goes_on) < len(before)


def movements(before: PublishedRun, now: PublishedRun) -> pd.Series:
    """Write by hand what became of every store between two versions."""
    before, now = (stores_of(run)[[*KEYS, "cluster_id"]] for run in (before, now))
    both = before.merge(now, on=KEYS, how="outer", suffixes=("_before", ""))
    movement = pd.Series("moved", index=both.index)
    movement[both["cluster_id"] == both["cluster_id_before"]] = "stayed"
    movement[both["cluster_id_before"].isna()] = "joined"
    movement[both["cluster_id"].isna()] = "left"
    return both.assign(movement=movement).set_index(KEYS)["movement"].sort_index()


def test_migrations_and_retention_are_those_since_the_approved_version(life):
    for run in (life.rejected, life.second):
        found = run.read("select store_id, category, movement from cluster_migrations")
        pd.testing.assert_series_equal(
            found.set_index(KEYS)["movement"].sort_index(),
            movements(life.first, run),
            check_dtype=False,
        )
    wanted = movements(life.first, life.second)
    drift = life.second.read("from category_drift").set_index("category")
    for category, moves in wanted.groupby("category"):
        counts = moves.value_counts()
        stayed, moved = counts["stayed"], counts.get("moved", 0)
        row = drift.loc[category]
        assert row["retention"] == pytest.approx(stayed / (stayed + moved), abs=1e-6)
        assert row["stores_joined"] == counts.get("joined", 0)
        assert row["stores_left"] == counts.get("left", 0)
        assert row["largest_psi"] > 0


def test_the_next_year_follows_the_last(life):
    for run in (life.rejected, life.second):
        check_that_the_run_follows(run.folder, life.first.folder)


def test_every_store_of_either_year_is_there_once_per_category(life):
    """A store that sells nothing in a year has a place in every category."""
    expected: set[tuple[str, str]] = set()
    for year in ("internal_sales", "internal_sales_2022"):
        raw = life.folder / year
        sales = duckdb.sql(
            "select distinct STORE_NBR as store_id, CAT_DSC as category"
            f" from '{raw}/internal_sales.parquet'"
        )
        stores = f"select STORE_NBR from '{raw}/store_attributes.parquet'"
        unsold = duckdb.sql(f"{stores} except select store_id from sales")
        categories = sales.project("category").distinct()
        expected |= set(sales.fetchall()) | set(unsold.cross(categories).fetchall())
    assert keys(life.second.read("from cluster_migrations")) == sorted(expected)
