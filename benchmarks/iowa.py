"""Real stores: clusters against store format, and the same a year later."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from benchmarks.agreement import KEY, agreement, shared_stores
from benchmarks.baselines import (
    Method,
    choose_usual_ks,
    label_kmeans,
    label_simply,
    label_stores,
    label_ward,
)
from benchmarks.choices import label_every_way
from benchmarks.finals import MEANING as FINAL_MEANING
from benchmarks.finals import final_figures
from benchmarks.pipeline import Run, run_pipeline
from benchmarks.report import Section
from clustering.core.paths import Paths
from clustering.core.settings import declared_settings
from clustering.store.publish import publish
from ml import fit_clusters
from ml.settings import Fit

SALES = "internal_sales.parquet"
REFRESHED_SALES = "internal_sales_2022.parquet"
LABELS = "labels.parquet"
FORMATS = "select STORE_NBR as store_id, format from '{}' where label_source = 'banner'"

FORMAT_COLUMNS = {
    "category": "product category",
    "stores": "stores whose banner tells their format",
    "formats": "different formats among them",
    "k": "internal clusters, chosen by the pipeline",
    **FINAL_MEANING,
    "verdict": "what cluster_quality says",
    "pipeline": "adjusted Rand index of internal_cluster against format",
    "usual script": "the same of k-means on standard-scaled shares with the best k that"
    " leaves no cluster under 20 stores; 0 where none is left",
    "k usual": "its k",
    "k-means, true k": "the same of k-means on standard-scaled shares, k = formats",
    "Ward, true k": "the same of Ward's hierarchical clustering, k = formats",
}
REFIT_COLUMNS = {
    "category": "product category",
    "stores": "stores that sell it in both years",
    "k": "internal clusters that the pipeline chose for 2021",
    **{name: f"{text}; 2022" for name, text in FINAL_MEANING.items()},
    "pipeline": "adjusted Rand index between the internal clusters of 2021 and those"
    " of 2022, fit anew with the k of 2021",
    "usual script": "the same of the usual script with its own k of 2021; 0 where it"
    " has none",
    "k-means, true k": "the same of k-means on standard-scaled shares, k = formats",
    "Ward, true k": "the same of Ward's hierarchical clustering, k = formats",
    "k-means, same k": "k-means with the pipeline's k",
    "Ward, same k": "Ward's with the pipeline's k",
    "retention": "share of the stores in both runs that keep the number of their final"
    " cluster; the second run chooses its own k and follows the first as published",
}


def find_absent(raw: Path) -> list[str]:
    """Return the names of files that are needed beside the input, and not there."""
    return [name for name in (LABELS, REFRESHED_SALES) if not (raw / name).exists()]


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Two tables, the score of each way to express shares, and the run of 2021."""

    sections: list[Section]
    ways: dict[str, dict[str, float]]
    run: Run


def measure_iowa(raw: Path, *, folder: Path) -> Measured:
    """Run the pipeline on both years.

    Parameters
    ----------
    raw : Path
        Folder of the input tables, with labels.parquet and the sales of a later
        period, internal_sales_2022.parquet, beside them.
    folder : Path
        Where warehouses go.
    """
    first = run_pipeline(raw, data=folder / "2021")
    paths = Paths(folder / "2021")
    publish(paths.warehouse, paths.published)  # what the year after follows
    following = Paths(folder / "2022").published
    shutil.copytree(paths.published, following, symlinks=True)
    later = run_pipeline(_link_refreshed(raw, folder / "raw"), data=folder / "2022")
    formats = _read_formats(raw, of=first)
    true_k = formats.groupby("category").nunique()
    usual_k = choose_usual_ks(first.shares)
    sections = [
        _format_section(first, formats, true_k=true_k, usual_k=usual_k),
        _refit_section(first, later, true_k=true_k, usual_k=usual_k),
    ]
    ways = _score_ways(first, later, formats)
    return Measured(sections=sections, ways=ways, run=first)


def _score_ways(first: Run, later: Run, formats: pd.Series) -> dict[str, dict]:
    two = pd.Series(2, index=first.shares["category"].unique())
    before, after = label_every_way(first, two), label_every_way(later, two)
    return {
        "Iowa, format": {
            way: agreement(formats, labels).mean() for way, labels in before.items()
        },
        "Iowa, refit": {
            way: agreement(labels, after[way]).mean() for way, labels in before.items()
        },
    }


def _link_refreshed(raw: Path, folder: Path) -> Path:
    """Return a folder of the same tables with the later sales in place of the first."""
    folder.mkdir(parents=True)
    for table in ("need_state", "store_attributes", "external_sales"):
        for path in raw.glob(f"{table}*"):
            (folder / path.name).symlink_to(path.resolve())
    (folder / SALES).symlink_to((raw / REFRESHED_SALES).resolve())
    return folder


def _read_formats(raw: Path, *, of: Run) -> pd.Series:
    """Return the format of each category's stores whose banner tells it."""
    known = duckdb.sql(FORMATS.format(raw / LABELS)).df()
    return of.clusters[KEY].merge(known, on="store_id").set_index(KEY)["format"]


def _format_section(
    run: Run, formats: pd.Series, *, true_k: pd.Series, usual_k: pd.Series
) -> Section:
    labels = {
        "pipeline": run.labels("internal_cluster"),
        **label_simply(run.shares, usual_k=usual_k, true_k=true_k),
    }
    columns = {name: agreement(formats, found) for name, found in labels.items()}
    columns |= {
        "stores": formats.groupby("category").size(),
        "formats": true_k,
        "k": run.per_category("internal_k"),
        **final_figures(run.summary),
        "verdict": run.verdicts,
        "k usual": usual_k,
    }
    return _section(
        "Iowa 2021: internal clusters against store format", columns, FORMAT_COLUMNS
    )


def _refit_section(
    first: Run, later: Run, *, true_k: pd.Series, usual_k: pd.Series
) -> Section:
    k = first.per_category("internal_k")
    ours = _refit(first, k), _refit(later, k)

    def repeat(own_k: pd.Series, method: Method) -> pd.Series:
        before = label_stores(first.shares, own_k, method=method)
        return agreement(before, label_stores(later.shares, own_k, method=method))

    columns = {
        "stores": shared_stores(*ours),
        "k": k,
        **final_figures(later.summary),
        "pipeline": agreement(*ours),
        "usual script": repeat(usual_k, label_kmeans).reindex(k.index, fill_value=0.0),
        "k-means, true k": repeat(true_k, label_kmeans),
        "Ward, true k": repeat(true_k, label_ward),
        "k-means, same k": repeat(k, label_kmeans),
        "Ward, same k": repeat(k, label_ward),
        "retention": later.per_category("retention"),
    }
    return _section("Iowa 2021 to 2022: fit anew", columns, REFIT_COLUMNS)


def _refit(run: Run, k: pd.Series) -> pd.Series:
    """Fit the internal clusters of a run as its model does, with this k."""
    chosen_k = k.rename_axis("category").rename("k").reset_index()
    prepared = run.prepared[run.prepared["category"].isin(k.index)]
    fitted = fit_clusters(prepared, chosen_k, Fit(**declared_settings()))
    return fitted.set_index(KEY)["cluster"]


def _section(
    title: str, columns: dict[str, pd.Series], meaning: dict[str, str]
) -> Section:
    """Put columns side by side, with a last row of mean scores."""
    table = pd.DataFrame(columns).rename_axis("category").sort_index()
    scores = table.select_dtypes("float").mean()
    table = table.astype(object)
    table.loc["mean"] = scores.reindex(table.columns)
    return Section(title=title, table=table.reset_index(), meaning=meaning)
