"""Processor time and memory from raw sales to need-state shares, beside bare DuckDB.

    python -m benchmarks.sales [--raw FOLDER] [--pairs N]

Runs the SQL of the models up to ``store_need_state_shares``, without dbt, and one query
that does the least that would do: drop copies of a key, add up decimals by store,
category and need state. Each runs in a process of its own, in turns, so that both see
the same machine. Without a folder, on 5 million generated rows. DuckDB has two threads.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import duckdb
from rich.console import Console
from rich.table import Table

from benchmarks.stages import DBT, SAMPLE, make_sample
from clustering.core.input import open_input
from clustering.core.paths import DBT_PROJECT, Paths, dbt_environment

MILLIONS = SAMPLE | {"stores": 1000, "categories": 12}
LAST = "store_need_state_shares"
BARE = """
    create table shares as
    with

    need_states as (
        select
            *,
            count(*) over (partition by PRODUCT_ID, CATEGORY) as need_state_count
        from (select distinct PRODUCT_ID, CATEGORY, NEED_STATE from raw.need_state)
        where PRODUCT_ID <> '' and CATEGORY <> '' and NEED_STATE <> ''
    ),

    sales as (
        select
            STORE_NBR,
            SKU_NBR,
            CAT_DSC,
            max(TOTAL_SALES) as sales
        from raw.internal_sales
        where isfinite(TOTAL_SALES) and TOTAL_SALES > 0
        group by STORE_NBR, SKU_NBR, CAT_DSC, PERIOD_START
    )

    select
        sales.STORE_NBR,
        sales.CAT_DSC,
        need_states.NEED_STATE,
        sum(cast(sales.sales as decimal(18, 4)) / need_states.need_state_count) as sales
    from sales
    inner join need_states
        on
            sales.SKU_NBR = need_states.PRODUCT_ID
            and sales.CAT_DSC = need_states.CATEGORY
    group by all
"""


def main() -> None:
    """Print both, and the ratio of their processor times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--raw", type=Path, help="folder of the four input tables")
    parser.add_argument("--pairs", type=int, default=3, help="runs of each")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        sys.stdout.write(json.dumps(measure(json.loads(given.measure.read_text()))))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        raw = given.raw.resolve() if given.raw else make_sample(folder, **MILLIONS)
        views, models = raw_views(raw, folder), compile_models(raw, folder)
        plans = {"models": models, "bare DuckDB": {"all": BARE}}
        runs = [
            {name: run(views | plan, folder) for name, plan in plans.items()}
            for _ in range(given.pairs)
        ]
    print_runs(runs, Console())


def raw_views(raw: Path, folder: Path) -> dict[str, str]:
    """Return the statements that open the raw tables, as the hook of a build does."""
    with dbt_environment(Paths(folder), raw):
        views = open_input(DBT_PROJECT).views
    schemas = ("raw", "staging", "intermediate", "features", "marts")
    return {schema: f"create schema {schema}" for schema in schemas} | {
        f"raw.{name}": f"create view raw.{name} as {query}"
        for name, query in views.items()
    }


def compile_models(raw: Path, folder: Path) -> dict[str, str]:
    """Return the statement of each model up to the last one, in order."""
    target = ("--target-path", folder / "target")
    command = ("--quiet", "compile", "--no-introspect", "--select", f"+{LAST}", *target)
    with dbt_environment(Paths(folder), raw):
        subprocess.run(
            [DBT, *command], cwd=DBT_PROJECT, stdout=subprocess.DEVNULL, check=True
        )
    nodes = json.loads((folder / "target" / "manifest.json").read_text())["nodes"]
    found: dict[str, str] = {}
    _add_statements(f"model.store_clustering.{LAST}", nodes, found)
    return found


def _add_statements(name: str, nodes: dict, found: dict[str, str]) -> None:
    node = nodes.get(name)
    if node is None or name in found:
        return
    for parent in node["depends_on"]["nodes"]:
        _add_statements(parent, nodes, found)
    kind = node["config"]["materialized"]
    found[name] = f"create {kind} {node['relation_name']} as ({node['compiled_code']})"


def run(plan: dict[str, str], folder: Path) -> dict[str, float]:
    """Measure a plan in a process of its own, in an empty warehouse."""
    file = folder / "plan.json"
    file.write_text(json.dumps(plan))
    command = [sys.executable, "-m", "benchmarks.sales", "--measure", file]
    finished = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(finished.stdout)


def measure(plan: dict[str, str]) -> dict[str, float]:
    """Return seconds and memory of the statements of a plan."""
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "store_clustering.duckdb"
        with duckdb.connect(database, config={"threads": 2}) as connection:
            begun, busy = time.perf_counter(), time.process_time()
            for statement in plan.values():
                connection.execute(statement)
            return {
                "processor": time.process_time() - busy,
                "wall": time.perf_counter() - begun,
                "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }


def print_runs(runs: list[dict[str, dict[str, float]]], console: Console) -> None:
    """Print the medians, and the median ratio of the pairs."""
    table = Table("from raw sales to shares")
    for title in ("processor s", "wall s", "peak MB"):
        table.add_column(title, justify="right")
    for name in runs[0]:
        figures = {
            key: median(pair[name][key] for pair in runs) for key in runs[0][name]
        }
        table.add_row(
            name,
            f"{figures['processor']:.2f}",
            f"{figures['wall']:.2f}",
            f"{figures['megabytes']:,.0f}",
        )
    console.print(table)
    ratios = [
        pair["models"]["processor"] / pair["bare DuckDB"]["processor"] for pair in runs
    ]
    console.print(
        f"processor time, models / bare DuckDB: {median(ratios):.2f}"
        f" ({min(ratios):.2f} to {max(ratios):.2f} in {len(ratios)} pairs)"
    )


if __name__ == "__main__":
    main()
