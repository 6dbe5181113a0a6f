"""dbt's artifacts of the project: manifest, catalog, and its docs in one file."""

import os
import shutil
from pathlib import Path

from clustering.core.dbt import Target, build, invoke
from clustering.core.errors import PipelineError
from clustering.core.paths import DBT_PROJECT, Paths, dbt_environment
from clustering.sample import write_sample


def describe_project(work: Path) -> Path:
    """Return a folder with manifest.json, catalog.json and static_index.html.

    The catalog has the types of columns, so it needs a warehouse: one of its own in
    ``work``, in which every table is built without a row. The data's own warehouse is
    not touched, and need not be there.
    """
    shutil.rmtree(work, ignore_errors=True)
    paths, target = Paths(work / "data"), work / "target"
    raw = _find_input(Paths.from_environment()) or _write_sample(paths.raw)
    empty = ("--empty", "--exclude-resource-type", "test")
    build(paths, raw=raw, settings={}, target=Target(path=target), flags=empty)
    with dbt_environment(paths, raw):
        _generate(paths, where=("--target-path", str(target)))
    return target


def _find_input(paths: Paths) -> Path | None:
    """Return the folder of the user's own tables, whose columns the docs then show."""
    sales = Path(os.environ.get("INTERNAL_DATA_DIR") or paths.raw)
    market = Path(os.environ.get("EXTERNAL_DATA_DIR") or paths.raw)
    has_all = any(sales.glob("internal_sales*")) and sales == market
    return sales if has_all else None


def _write_sample(folder: Path) -> Path:
    write_sample(
        folder,
        truth=folder.parent / "truth",
        stores=40,
        categories=1,
        weeks=4,
        skus=40,
        seed=1,
        format="parquet",
        progress=lambda message: None,
    )
    return folder


def _generate(paths: Paths, *, where: tuple[str, ...]) -> None:
    """Let dbt write its docs, with all models and sources in the catalog."""
    folder = str(DBT_PROJECT)
    command = ("docs", "generate", "--static", "--select", "fqn:*", "source:*")
    result = invoke(
        [
            *("--quiet", "--log-path", str(paths.logs), *command, *where),
            *("--project-dir", folder, "--profiles-dir", folder),
        ]
    )
    if not result.success:
        raise PipelineError(f"dbt wrote no docs; see {paths.logs / 'dbt.log'}")
