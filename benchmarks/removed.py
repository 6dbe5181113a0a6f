"""Whether clusters stay the same when a few stores are removed."""

from pathlib import Path

import pandas as pd

from benchmarks.agreement import agreement
from benchmarks.changes import remove_stores
from benchmarks.finals import MEANING as FINAL_MEANING
from benchmarks.finals import final_figures
from benchmarks.pipeline import Run, run_pipeline
from benchmarks.report import Section

SHARE = 0.05
SEEDS = (1, 2, 3, 4)
MEANING = {
    "input": "what the stores are taken from",
    "category": "product category",
    **{name: f"{text}; all stores" for name, text in FINAL_MEANING.items()},
    "number then": "final clusters with 5 % of the stores removed, draw by draw",
    "agreement": "adjusted Rand index between the final clusters of all stores and"
    " those found with 5 % of the stores removed, on the stores left; mean of"
    f" {len(SEEDS)} random draws, k and all else chosen anew in each",
    "worst": "the same in the draw where it is lowest",
}


def measure_removed(
    name: str, run: Run, raw: Path, *, folder: Path
) -> list[dict[str, object]]:
    """Cluster the stores left by each draw; return a row per category.

    Parameters
    ----------
    name : str
        What the input is called in the table.
    run : Run
        That of all stores.
    raw, folder : Path
        Its input, and where that of the draws goes, and their warehouses.
    """
    draws = [_run_draw(raw, folder / f"draw-{seed}", seed=seed) for seed in SEEDS]
    return removal_rows(name, run, draws)


def removal_rows(name: str, run: Run, draws: list[Run]) -> list[dict[str, object]]:
    """Compare the run of all stores with those of each draw."""
    final, figures = run.labels("cluster_id"), final_figures(run.summary)
    agreed = pd.DataFrame(
        [agreement(final, draw.labels("cluster_id")) for draw in draws]
    )
    numbers = pd.DataFrame([final_figures(draw.summary)["clusters"] for draw in draws])
    return [
        {
            "input": name,
            "category": category,
            **figures.loc[category].to_dict(),
            "clusters": int(figures.loc[category, "clusters"]),
            "number then": " ".join(str(number) for number in numbers[category]),
            "agreement": float(agreed[category].mean()),
            "worst": float(agreed[category].min()),
        }
        for category in agreed
    ]


def removed_section(rows: list[dict[str, object]]) -> Section:
    """Put the rows of all inputs into one table, with mean and worst of each input."""
    table = pd.DataFrame(rows)
    by_input = table.groupby("input", sort=False)
    totals = by_input.agg(agreement=("agreement", "mean"), worst=("worst", "min"))
    totals = totals.reset_index().assign(category="all")
    table = pd.concat([table.astype(object), totals.astype(object)])
    return Section(
        title="Final clusters with 5 % of the stores removed",
        table=table.sort_values("input", kind="stable"),
        meaning=MEANING,
    )


def _run_draw(raw: Path, folder: Path, *, seed: int) -> Run:
    left = remove_stores(raw, folder / "raw", share=SHARE, seed=seed)
    return run_pipeline(left, data=folder / "data")
