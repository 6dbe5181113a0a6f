"""Quality gates: off, a warning that is recorded, or a version that waits."""

from pathlib import Path

import pytest

from clustering.airflow.tasks import look_at_published
from clustering.core.clock import today
from clustering.core.environments import Alerts, Environment
from clustering.core.paths import Paths
from clustering.publishing import publish_build
from clustering.store.runs import current_run
from clustering.store.versions import APPROVED, CREATED, READY, Version, oddities
from tests.conftest import run_clustering
from tests.store.builds import build_again

# What each gate looks at, changed for the worse, and what it says then.
CHANGES = {
    "freshness": ("select 1", "the newest sales are of the period from 2025-0"),
    "volume": (
        "update marts.input_reconciliation set rows_used = rows_used // 10"
        " where source_table = 'internal_sales'",
        "rows of internal_sales are used",
    ),
    "nulls": (
        "delete from marts.store_external_features"
        " where feature = 'INCOME' and store_id::int % 2 = 0",
        "INCOME is missing for 4",
    ),
    "ranges": (
        "update marts.store_external_features set value = value * 1000"
        " where feature = 'INCOME'",
        "INCOME of 100% of the stores is outside",
    ),
    "coverage": (
        "update marts.input_coverage set common_sales_share = 0.5"
        " where source_column = 'SKU_NBR'",
        "50.0% of internal_sales.SKU_NBR is in need_state, wanted 95.0%",
    ),
    "firm": (
        "update marts.cluster_quality set firm_store_share = 0.25",
        "25% of the stores are in firm clusters, wanted 50%",
    ),
    "retention": (
        "update marts.category_drift set retention = 0.25",
        "25% of the stores of COFFEE keep their cluster, wanted 70%",
    ),
}


def publish(paths: Paths, folder: Path, gates: dict[str, str], **more: str) -> Version:
    """Publish what is in the warehouse, with these gates."""
    return publish_build(environment(paths, folder, gates, **more))


def environment(
    paths: Paths, folder: Path, gates: dict[str, str], **approval: str
) -> Environment:
    file = folder / "gated.yml"
    file.write_text(f"data_dir: {paths.data}\ngates: {gates}\napproval: {approval}\n")
    return Environment.read_file(file)


@pytest.mark.parametrize("gate", CHANGES)
def test_a_gate_is_off_warns_or_blocks(paths, tmp_path_factory, gate):
    folder = tmp_path_factory.mktemp("configs")
    change, says = CHANGES[gate]
    before = current_run(paths.published)
    build_again(paths, "b" * 32, days=1, sql=change)
    blocked = publish(paths, folder, {gate: "block"})
    assert blocked.state == CREATED
    assert f"{gate}: " in blocked.reason
    assert says in blocked.reason
    assert current_run(paths.published) == before

    build_again(paths, "c" * 32, days=1)
    warned = publish(paths, folder, {gate: "warn"})
    assert warned.state == APPROVED
    [odd] = oddities(warned)
    assert says in odd

    build_again(paths, "d" * 32, days=1)
    assert oddities(publish(paths, folder, {gate: "off"})) == []


def test_a_version_like_the_live_one_crosses_nothing(paths, tmp_path_factory):
    every = dict.fromkeys(CHANGES, "block") | {
        "max_days_since_last_sale": 99_999,
        "min_firm_store_share": 0,
        "min_retention": 0,
    }
    build_again(paths, "b" * 32, days=1)
    assert publish(paths, tmp_path_factory.mktemp("configs"), every).state == APPROVED


def test_a_feature_that_is_gone_is_missing_for_all(paths, tmp_path_factory):
    gone = "delete from marts.store_external_features where feature = 'INCOME'"
    build_again(paths, "b" * 32, days=1, sql=gone)
    version = publish(paths, tmp_path_factory.mktemp("c"), {"nulls": "block"})
    assert "INCOME is missing for 9" in version.reason  # the others never had it


def test_what_is_blocked_or_warned_of_is_said_everywhere(paths, tmp_path_factory):
    folder = tmp_path_factory.mktemp("configs")
    change, says = CHANGES["volume"]
    build_again(paths, "b" * 32, days=1, sql=change)
    gated = environment(paths, folder, {"volume": "block"})
    publish_build(gated)
    options = ("--config", folder / "gated.yml")
    status = run_clustering("status", *options, data=paths.data).stdout
    assert "waits for a person (volume: " in status
    found = look_at_published(paths, Alerts(), today=today())
    assert any(one.kind == "approval" and says in one.what for one in found)

    build_again(paths, "c" * 32, days=1)
    environment(paths, folder, {"volume": "warn"})
    published = run_clustering("publish", *options, data=paths.data)
    assert "quality gate volume: " in published.stdout, published.stderr
    assert says in run_clustering("status", *options, data=paths.data).stdout
    found = look_at_published(paths, Alerts(), today=today())
    assert any(one.kind == "quality gates" and says in one.what for one in found)


def test_a_person_still_decides_where_only_people_do(paths, tmp_path_factory):
    folder = tmp_path_factory.mktemp("configs")
    build_again(paths, "b" * 32, days=1, sql=CHANGES["volume"][0])
    version = publish(paths, folder, {"volume": "warn"}, automatic="false")
    assert version.state == READY
    assert len(oddities(version)) == 1
