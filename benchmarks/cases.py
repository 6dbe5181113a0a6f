"""Samples of many kinds, against the segments that were planted in them."""

from pathlib import Path

import duckdb
import pandas as pd

from benchmarks.agreement import KEY, agreement
from benchmarks.baselines import choose_usual_ks, label_simply
from benchmarks.changes import Change, shrink_one_kind, surround_by_noise
from benchmarks.choices import label_every_way
from benchmarks.finals import MEANING as FINAL_MEANING
from benchmarks.finals import final_cells
from benchmarks.pipeline import Run, run_pipeline
from benchmarks.report import Section
from clustering.sample import write_sample
from clustering.sample.write import TRUTH

Row = dict[str, object]

USUAL = {"stores": 300, "categories": 3, "weeks": 10, "skus": 80}
LIFELIKE = {"noise_kind": "lifelike"}
CHAIN = {"categories": 2, "weeks": 8}
CASES: dict[str, Row] = {
    "clear": {"seed": 1},
    "45 stores": {"seed": 2, "stores": 45, **CHAIN},
    "60 stores": {"seed": 11, "stores": 60, **CHAIN},
    "80 stores": {"seed": 12, "stores": 80, **CHAIN},
    "100 stores": {"seed": 13, "stores": 100, **CHAIN},
    "closer segments": {"seed": 3, "separation": 0.25},
    "noisy": {"seed": 4, "noise": 5.0},
    "unequal segments": {"seed": 5, "stores": 400, "imbalance": 1.0},
    "unequal store sizes": {"seed": 6, "size_spread": 2.0},
    "internal signal only": {"seed": 7, "stores": 200, "signal": "internal"},
    "external signal only": {"seed": 8, "stores": 200, "signal": "external"},
    "pure noise": {"seed": 9, "signal": "none"},
    "hard": {
        "seed": 10,
        "stores": 400,
        "separation": 0.4,
        "noise": 2.5,
        "imbalance": 0.5,
        "size_spread": 1.0,
    },
    "small stores of another kind": {"seed": 14, "stores": 80, **CHAIN},
    "mixed noise": {"seed": 15, "stores": 200, "signal": "internal", **CHAIN},
    "more mixed noise": {"seed": 16, "stores": 200, "signal": "internal", **CHAIN},
    "lifelike": {"seed": 21, "size_spread": 1.0, **LIFELIKE},
    "lifelike, noisy": {"seed": 22, "noise": 1.5, "size_spread": 1.3, **LIFELIKE},
    "lifelike, closer": {"seed": 23, "separation": 0.7, "size_spread": 1.0, **LIFELIKE},
    "lifelike, unequal": {
        "seed": 24,
        "stores": 400,
        "imbalance": 0.5,
        "size_spread": 1.3,
        **LIFELIKE,
    },
}
# What is done to a sample after it was written.
CHANGES: dict[str, Change] = {
    "small stores of another kind": shrink_one_kind,
    "mixed noise": surround_by_noise(numbers=3, levels=2, seed=15),
    "more mixed noise": surround_by_noise(numbers=6, levels=3, seed=16),
}

FOUND = {
    "case": "what the sample is like",
    "stores": "number of stores",
    "k int.": "planted > found clusters by what sells, per category",
    "k ext.": "planted > found clusters by what surrounds, per category",
    "ARI int.": "adjusted Rand index of internal_cluster against the planted segments,"
    " all stores, mean over categories; where one segment is planted it is 1 if one"
    " cluster is found, else 0",
    "ARI ext.": "the same of external_cluster",
    **{name: f"{text}; per category" for name, text in FINAL_MEANING.items()},
    "verdict": "what cluster_quality says about each category",
}
COMPARED = {
    "case": "what the sample is like",
    "pipeline": "ARI int. of the pipeline, k chosen by it; stores with sales alone, as"
    " for the others",
    "usual script": "k-means on standard-scaled shares, k from 2 to 10 by silhouette,"
    " Calinski-Harabasz and Davies-Bouldin, no cluster under 20 stores (10 in a"
    " category of under 200); 0 for a category where no k is left",
    "k usual": "its k per category; - where none is left",
    "k-means, true k": "k-means on standard-scaled shares, told how many segments"
    " were planted",
    "Ward, true k": "Ward's hierarchical clustering, told the same",
}


def write_case(name: str, *, folder: Path) -> Path:
    """Write the sample into raw and truth below ``folder``; return raw."""
    raw, truth = folder / "raw", folder / "truth"
    options = USUAL | CASES[name]
    quiet = {"format": "parquet", "progress": lambda message: None}
    write_sample(raw, truth=truth, **quiet, **options)
    if name in CHANGES:
        CHANGES[name](raw, truth)
    return raw


def measure_case(name: str, *, folder: Path) -> tuple[Row, Row, Row]:
    """Write the sample, run the pipeline; return a row of each table.

    The third is the score of each way to express shares, empty where the sales of the
    sample have no signal.
    """
    raw = write_case(name, folder=folder)
    planted = _read_planted(folder / "truth" / TRUTH)
    run = run_pipeline(raw, data=folder / "data")
    start, stores = {"case": name}, (USUAL | CASES[name])["stores"]
    return (
        start | {"stores": stores} | _recover(run, planted),
        start | _compare(run, planted["internal_segment"]),
        _score_ways(run, planted["internal_segment"]),
    )


def _score_ways(run: Run, planted: pd.Series) -> Row:
    k = planted.groupby("category").nunique()
    if k.max() == 1:
        return {}
    ways = label_every_way(run, k)
    return {way: agreement(planted, labels).mean() for way, labels in ways.items()}


def case_sections(rows: list[tuple[Row, Row, Row]]) -> list[Section]:
    """Put the rows of all cases into two tables."""
    found, compared = (pd.DataFrame([row[part] for row in rows]) for part in (0, 1))
    return [
        Section(title="Samples: clusters found", table=found, meaning=FOUND),
        Section(
            title="Samples: internal clusters and simpler methods",
            table=compared,
            meaning=COMPARED,
        ),
    ]


def _read_planted(truth: Path) -> pd.DataFrame:
    """Return internal_segment and external_segment by category and store_id."""
    with duckdb.connect() as connection:
        rows = connection.read_parquet(str(truth)).df()
    rows = rows.rename(columns={"STORE_NBR": "store_id", "CATEGORY": "category"})
    return rows.set_index(KEY)[["internal_segment", "external_segment"]]


def _recover(run: Run, planted: pd.DataFrame) -> Row:
    row: Row = {}
    for side in ("internal", "external"):
        segment, short = planted[f"{side}_segment"], side[:3]
        true_k = segment.groupby("category").nunique()
        row[f"k {short}."] = f"{_list(true_k)} > {_list(run.per_category(f'{side}_k'))}"
        score = agreement(segment, run.labels(f"{side}_cluster"))
        row[f"ARI {short}."] = score.mean()
    return row | {
        **final_cells(run.summary),
        "verdict": ", ".join(run.verdicts.unique()),
    }


def _compare(run: Run, planted: pd.Series) -> Row:
    shares = run.shares
    sold = pd.MultiIndex.from_frame(shares[KEY].drop_duplicates())
    true_k, usual_k = planted.groupby("category").nunique(), choose_usual_ks(shares)
    labels = {
        "pipeline": run.labels("internal_cluster").loc[sold],
        **label_simply(shares, usual_k=usual_k, true_k=true_k),
    }
    k = usual_k.reindex(true_k.index).astype("string").fillna("-")
    scores = {name: agreement(planted, found).mean() for name, found in labels.items()}
    return scores | {"k usual": _list(k)}


def _list(values: pd.Series) -> str:
    return " ".join(str(value) for value in values.sort_index())
