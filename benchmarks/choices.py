"""Why shares are expressed as they are: all ways, told the number of clusters."""

import pandas as pd

from benchmarks.agreement import KEY
from benchmarks.pipeline import Run
from benchmarks.report import Section
from ml.cluster import fit_clusters
from ml.prepare import prepare

TRANSFORMS = ("share", "hellinger", "cube_root", "clr")
WAYS = {
    f"{transform}{', shrunk' if shrink else ''}": {
        "share_transform": transform,
        "shrink_shares": shrink,
    }
    for transform in TRANSFORMS
    for shrink in (False, True)
}
MEANING = {
    "shares": "how shares are expressed (share_transform, shrink_shares); all else is"
    " as by default",
    "samples": "adjusted Rand index against the planted segments, told their number;"
    " mean over the samples with a signal in the sales",
    "worst sample": "the same in the sample where it is lowest",
    "Iowa, format": "adjusted Rand index against store format, with two clusters; mean"
    " over categories",
    "Iowa, refit": "agreement of two clusters with those of the year after, fit anew",
}


def label_every_way(run: Run, k: pd.Series) -> dict[str, pd.Series]:
    """Return internal clusters of every store that has any, for each way.

    Parameters
    ----------
    run : Run
        Its shares and stores are used, not its clusters.
    k : Series
        Number of clusters by category.
    """
    sales = run.shares.rename(columns={"need_state": "feature", "sales": "value"})
    chosen_k = k.rename_axis("category").rename("k").reset_index()
    labels = {}
    for name, way in WAYS.items():
        settings = run.prepare_settings | way
        prepared = prepare(sales, run.stores, side="internal", **settings)
        fitted = fit_clusters(prepared, chosen_k, **run.settings)
        labels[name] = fitted.dropna(subset="cluster").set_index(KEY)["cluster"]
    return labels


def choice_section(scores: dict[str, dict[str, float]]) -> Section:
    """Put scores by sample (or real data) and way into one table.

    Parameters
    ----------
    scores : dict
        From a column's name to the mean score of each way; those of real data begin
        with "Iowa".
    """
    table = pd.DataFrame(scores).reindex(WAYS)
    real = [name for name in table if name.startswith("Iowa")]
    samples = table.drop(columns=real)
    summary = pd.DataFrame(
        {"samples": samples.mean(axis=1), "worst sample": samples.min(axis=1)}
    )
    summary = summary.join(table[real]).rename_axis("shares").reset_index()
    return Section(
        title="How shares are expressed",
        table=summary,
        meaning={name: MEANING[name] for name in summary},
    )
