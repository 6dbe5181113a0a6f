"""The repeated run of the benchmark is a run like others, only larger."""

from benchmarks.dashboard import multiply
from clustering.store.runs import current_run


def test_every_table_grows_by_the_stores_and_categories_that_it_has(
    sample_published, tmp_path
):
    run = current_run(sample_published)
    said = multiply(sample_published, tmp_path, stores=600, categories=12)
    assert said.startswith("600 stores, 12 categories")
    larger = current_run(tmp_path / "published")
    keys = {
        "store_clusters": ("store_id, category", 2 * 3),
        "cluster_summary": ("category, cluster_id", 3),
        "run": ("run_id", 1),
    }
    for table, (key, times) in keys.items():
        count = f"select count(*), count(distinct ({key})) from {table}"
        before, after = run.read(count).iloc[0], larger.read(count).iloc[0]
        assert after.tolist() == [times * before.iloc[0]] * 2
