"""What the commands print in terminals of 80 and of 120 columns.

The outputs are in tests/recorded/terminal; RECORD=1 writes them anew, to be looked at.
"""

import os
import re
from pathlib import Path

import pandas as pd
import pytest

from clustering.core.paths import PROJECT, Paths
from clustering.store.registry import Registry
from clustering.store.runs import RUNS
from tests.cli.test_show import publish
from tests.conftest import run_clustering
from tests.dashboard.runs import write_run

RECORDED = PROJECT / "tests" / "recorded" / "terminal"
WIDTHS = (80, 120)
RUN, OTHER = "20261121T121500Z-3f9ac04b1e77", "20261114T080000Z-77aa04b1e3f9"
# As long as names get.
CLUSTERS = {
    "SPIRITS AND LIQUEURS": [
        "premium single malts, affluent city stores",
        "flavoured vodka and gin, near the campus",
        "value blends, rural and small towns only",
    ],
    "RUM": ["white and light, young households"],
}
REGISTRY = """
    insert into builds (
        build_id, warehouse, command, started_at, finished_at, status, started_by, tags
    ) values (
        'a', 'warehouse', 'build', '2026-11-21T12:10:00+00:00',
        '2026-11-21T12:12:41+00:00', 'passed', 'anna, with clustering run',
        '["season=spring"]'
    );
    insert into commands (
        process, job, environment, raw, started_at, ended_at, error
    ) values (
        7, 'full_pipeline', 'dev', '/data/my files', '2026-11-22T09:00:00+00:00',
        '2026-11-22T09:00:04+00:00', '/data/my files: no file internal_sales'
    );
    insert into decisions (run, state, at, by, reason) values
        ('{run}', 'created', '2026-11-21T12:15:00+00:00', 'policy', ''),
        (
            '{run}', 'approved', '2026-11-21T12:15:01+00:00', 'anna',
            'agreed with the planners of both regions for the spring season'
        );
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Publish two runs of a few tables, and record what led to them."""
    folder = tmp_path_factory.mktemp("widths")
    settings = pd.DataFrame({"name": ["max_clusters"], "value": ["6"]})
    publish(folder, CLUSTERS, store_clusters=_stores(1, 2), run_settings=settings)
    _write_other(folder / "published" / RUNS / OTHER)
    with Registry(Paths(folder).registry).transaction() as connection:
        for statement in REGISTRY.format(run=RUN).split(";\n"):
            connection.execute(statement)
    return folder


def _stores(*clusters: int) -> pd.DataFrame:
    stores = pd.DataFrame({"store_id": ["1", "2"], "cluster_id": list(clusters)})
    return stores.assign(category="SPIRITS AND LIQUEURS", cluster_name="a")


def _write_other(folder: Path) -> None:
    quality = pd.DataFrame({"category": list(CLUSTERS), "silhouette": -0.001})
    quality[["internal_k", "external_k", "cluster_count"]] = 12
    quality[["stable_cluster_count", "firm_sales_share"]] = [[12, 1.0], [6, 0.5]]
    settings = pd.DataFrame({"name": ["max_clusters"], "value": ["16"]})
    write_run(
        folder,
        cluster_quality=quality,
        store_clusters=_stores(1, 1),
        run_settings=settings,
    )


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize(
    "command",
    ["show", "show RUM", "show SPIRITS", "status", f"compare {RUN} {OTHER}"],
)
def test_output_is_as_recorded_and_no_wider_than_the_terminal(data, command, columns):
    words = command.replace("SPIRITS", "SPIRITS AND LIQUEURS").split(" ", maxsplit=1)
    arguments = words if words[0] == "show" else command.split()
    result = run_clustering(*arguments, data=data, COLUMNS=str(columns), TZ="UTC")
    assert result.returncode == 0, result.stderr
    name = re.sub(r"\W+", "_", command.replace(RUN, "").replace(OTHER, "").strip())
    _compare(f"{name}_{columns}", result.stdout.replace(str(data), "DATA"))
    _check_tables(result.stdout, columns)


def _compare(name: str, found: str) -> None:
    file = RECORDED / f"{name}.txt"
    text = "\n".join(line.rstrip() for line in found.splitlines()) + "\n"
    if "RECORD" in os.environ:
        file.write_text(text)
    assert text == file.read_text()


def _check_tables(output: str, columns: int) -> None:
    """Check that rules and rows of tables fit, and that nothing is cut or tall."""
    lines = [line.rstrip() for line in output.splitlines()]
    rules = [len(line) for line in lines if line.startswith("──")]
    assert rules
    assert max(rules) <= columns
    assert "…" not in output
    wrapped = re.findall(r"(?:^ {8,}\S.*\n){3,}", output, re.MULTILINE)
    assert wrapped == [], "a cell is over three lines tall"
