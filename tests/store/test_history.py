"""The history equals a table written by hand: which version put each store where."""

from datetime import UTC, datetime, timedelta

import pytest

from clustering.store import versions
from clustering.store.publish import approve, publish, reject
from clustering.store.runs import live_version
from tests.store.builds import build_again

START = datetime(2030, 1, 1)
MOVE = (
    "update marts.store_clusters set cluster_id = {}, cluster_name = '{}'"
    " where store_id = '{}' and category = '{}'"
)


@pytest.fixture
def days(monkeypatch) -> list[datetime]:
    """Make every decision a day after the one before."""
    passed: list[datetime] = []

    def now() -> datetime:
        passed.append(START + timedelta(days=len(passed)))
        return passed[-1].replace(tzinfo=UTC)

    monkeypatch.setattr(versions, "now", now)
    return passed


def history_of(paths, store_id: str, category: str) -> list[tuple]:
    rows = live_version(paths.published).read(
        "select cluster_id, cluster_name, version, effective_from, effective_to"
        " from cluster_history where store_id = ? and category = ?"
        " order by effective_from",
        [store_id, category],
    )
    return [
        tuple(None if value != value else value for value in row)
        for row in rows.itertuples(index=False)
    ]


def test_history_is_what_was_approved_and_when(paths, small_run, days):
    store_id, category, cluster_id, name = small_run.read(
        "select store_id, category, cluster_id, cluster_name from store_clusters"
        " order by all limit 1"
    ).iloc[0]
    first = find_first(paths)
    build_again(
        paths,
        "b" * 32,
        days=1,
        sql=MOVE.format(7, "seven", store_id, category),
    )
    publish(paths.warehouse, paths.published)
    second = days[-1]
    assert history_of(paths, store_id, category) == [
        (cluster_id, name, 1, first, second),
        (7, "seven", 2, second, None),
    ]
    # what is rejected is no history
    build_again(
        paths,
        "c" * 32,
        days=1,
        sql=MOVE.format(8, "eight", store_id, category),
    )
    waits = publish(paths.warehouse, paths.published, automatic=False)
    reject(waits.name, paths.published, by="anna", reason="no")
    assert history_of(paths, store_id, category)[-1][0] == 7
    # a store that closes ends, another name of a cluster is another row
    build_again(
        paths,
        "d" * 32,
        days=1,
        sql=f"delete from marts.store_clusters where store_id = '{store_id}'",
    )
    waits = publish(paths.warehouse, paths.published, automatic=False)
    approve(waits.name, paths.published, by="anna")
    fourth = days[-1]
    assert history_of(paths, store_id, category) == [
        (cluster_id, name, 1, first, second),
        (7, "seven", 2, second, fourth),
    ]
    versions = live_version(paths.published).read(
        "select state, decided_by from cluster_versions order by version"
    )
    assert [tuple(row) for row in versions.itertuples(index=False)] == [
        ("superseded", "policy"),
        ("superseded", "policy"),
        ("rejected", "anna"),
        ("approved", "anna"),
    ]


def find_first(paths) -> datetime:
    """Return when the first version went live."""
    found = live_version(paths.published).read(
        "select min(effective_from) as day from cluster_history"
    )
    return found["day"].iloc[0]


def test_every_store_has_one_open_row_and_what_stays_is_one_row(paths, small_run):
    build_again(paths, "b" * 32, days=1)
    publish(paths.warehouse, paths.published)
    counts = live_version(paths.published).read(
        "select count(*) as row_count, count(distinct (store_id, category)) as stores,"
        " count(effective_to) as ended, (select count(*) from store_clusters) as wanted"
        " from cluster_history"
    )
    row_count, stores, ended, wanted = counts.iloc[0]
    assert row_count == stores == wanted
    assert ended == 0


def test_the_history_of_a_run_of_before_begins_with_it(paths, small_run):
    for name in ("cluster_history", "cluster_versions"):
        (live_version(paths.published).folder / f"{name}.parquet").unlink()
    store_id, category = small_run.read(
        "select store_id, category from store_clusters order by all limit 1"
    ).iloc[0]
    move = MOVE.format(7, "seven", store_id, category)
    build_again(paths, "b" * 32, days=1, sql=move)
    publish(paths.warehouse, paths.published)
    rows = history_of(paths, store_id, category)
    assert [row[2] for row in rows] == [1, 2]
    assert rows[0][4] == rows[1][3]


def test_the_files_have_what_the_database_has(paths):
    run = live_version(paths.published)
    for table in ("cluster_history", "cluster_versions"):
        file = paths.published / f"{table}.parquet"
        same = run.read(
            f"select count(*) as n from (from {table} except from '{file}')"
        )
        assert same["n"].iloc[0] == 0
        assert file.exists()


def test_a_clock_that_was_set_back_ends_no_row_before_it_began(paths, monkeypatch):
    later = datetime(2031, 1, 1, tzinfo=UTC)
    monkeypatch.setattr(versions, "now", lambda: later)
    build_again(
        paths, "b" * 32, days=1, sql="update marts.store_clusters set cluster_id = 1"
    )
    publish(paths.warehouse, paths.published)
    monkeypatch.setattr(versions, "now", lambda: later - timedelta(days=400))
    build_again(
        paths, "c" * 32, days=1, sql="update marts.store_clusters set cluster_id = 2"
    )
    publish(paths.warehouse, paths.published)
    [(backwards, rows)] = (
        live_version(paths.published)
        .read(
            "select count(*) filter (effective_to < effective_from), count(*)"
            " from cluster_history"
        )
        .itertuples(index=False)
    )
    assert rows > 0
    assert backwards == 0
