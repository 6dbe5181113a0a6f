"""Processor time and memory from raw sales to need-state shares, beside bare DuckDB.

    python -m benchmarks.sales [--raw FOLDER] [--millions N ...] [--pairs N]
        [--memory-limit SIZE]

Runs the SQL of the models up to ``store_need_state_shares``, without dbt, and one query
that does the least that would do: drop copies of a key, add up decimals by store,
category and need state. Each runs in a process of its own, in turns, so that both see
the same machine. Without a folder, on 5 million generated rows, or as many millions as
are given, in steps of 5: the same stores several times. DuckDB has two threads; with a
limit of memory one, as with ``clustering run --memory-optimized``.
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import duckdb
from rich.console import Console
from rich.table import Table

from benchmarks.stages import DBT, SAMPLE, make_sample
from clustering.cli.run import LITTLE_MEMORY
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
    parser.add_argument(
        "--millions", type=int, nargs="+", default=[5], help="generated rows"
    )
    parser.add_argument("--pairs", type=int, default=3, help="runs of each")
    parser.add_argument("--memory-limit", help="of DuckDB, such as 1GB")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        plan = json.loads(given.measure.read_text())
        sys.stdout.write(json.dumps(measure(plan, memory_limit=given.memory_limit)))
        return
    console = Console()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sample = given.raw or make_sample(folder, **MILLIONS)
        for millions in [0] if given.raw else given.millions:
            with copied_stores(sample.resolve(), millions // 5) as raw:
                runs = run_pairs(raw, folder, given)
            title = f", {millions} million rows" if millions else ""
            print_runs(runs, console, title=title)


@contextmanager
def copied_stores(raw: Path, copies: int) -> Generator[Path]:
    """Give a folder in which every store is there several times, numbered anew."""
    if copies < 2:
        yield raw
        return
    with tempfile.TemporaryDirectory(dir=raw.parent) as folder:
        for file in raw.glob("*.parquet"):
            target = Path(folder, file.name)
            if file.stem == "need_state":
                shutil.copy(file, target)
                continue
            duckdb.sql(
                "copy (select * exclude (copy) replace (STORE_NBR || copy as STORE_NBR)"
                f" from range(100, {100 + copies}) as copies (copy), '{file}')"
                f" to '{target}'"
            )
        yield Path(folder)


def run_pairs(
    raw: Path, folder: Path, given: argparse.Namespace
) -> list[dict[str, dict[str, float]]]:
    """Measure the models and the query in turns; the models alone without pairs."""
    target = LITTLE_MEMORY if given.memory_limit else "dev"
    views, models = raw_views(raw, folder), compile_models(raw, folder, target=target)
    plans = {"models": models, "bare DuckDB": {"all": BARE}}
    if not given.pairs:
        del plans["bare DuckDB"]
    return [
        {
            name: run(views | plan, folder, memory_limit=given.memory_limit)
            for name, plan in plans.items()
        }
        for _ in range(max(given.pairs, 1))
    ]


def raw_views(raw: Path, folder: Path) -> dict[str, str]:
    """Return the statements that open the raw tables, as the hook of a build does."""
    with dbt_environment(Paths(folder), raw):
        views = open_input(DBT_PROJECT).views
    schemas = ("raw", "staging", "intermediate", "features", "marts")
    return {schema: f"create schema {schema}" for schema in schemas} | {
        f"raw.{name}": f"create view raw.{name} as {query}"
        for name, query in views.items()
    }


def compile_models(raw: Path, folder: Path, *, target: str = "dev") -> dict[str, str]:
    """Return the statement of each model up to the last one, in order."""
    where = ("--target", target, "--target-path", folder / "target")
    command = ("--quiet", "compile", "--no-introspect", "--select", f"+{LAST}", *where)
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


def run(
    plan: dict[str, str], folder: Path, *, memory_limit: str | None = None
) -> dict[str, float]:
    """Measure a plan in a process of its own, in an empty warehouse."""
    file = folder / "plan.json"
    file.write_text(json.dumps(plan))
    command = [sys.executable, "-m", "benchmarks.sales", "--measure", file]
    command += ["--memory-limit", memory_limit] if memory_limit else []
    finished = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(finished.stdout)


def measure(
    plan: dict[str, str], *, memory_limit: str | None = None
) -> dict[str, float]:
    """Return seconds and memory of the statements of a plan."""
    few = {"threads": 1, "memory_limit": memory_limit}
    config = few if memory_limit else {"threads": 2}
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "store_clustering.duckdb"
        with duckdb.connect(database, config=config) as connection:
            begun, busy = time.perf_counter(), time.process_time()
            for statement in plan.values():
                connection.execute(statement)
            return {
                "processor": time.process_time() - busy,
                "wall": time.perf_counter() - begun,
                "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }


def print_runs(
    runs: list[dict[str, dict[str, float]]], console: Console, *, title: str = ""
) -> None:
    """Print the medians, and the median ratio of the pairs."""
    table = Table(f"from raw sales to shares{title}")
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
    if len(runs[0]) < 2:
        return
    ratios = [
        pair["models"]["processor"] / pair["bare DuckDB"]["processor"] for pair in runs
    ]
    console.print(
        f"processor time, models / bare DuckDB: {median(ratios):.2f}"
        f" ({min(ratios):.2f} to {max(ratios):.2f} in {len(ratios)} pairs)"
    )


if __name__ == "__main__":
    main()
