"""Compare transforms of shares, each given the number of clusters."""

import pandas as pd

from benchmarks.agreement import KEY
from benchmarks.pipeline import Run
from benchmarks.report import Section
from clustering.core.settings import declared_settings
from ml import fit_clusters, prepare
from ml.settings import Fit, InternalPreparation

DECLARED = declared_settings()

EXPONENTS = {
    "share": 1.0,
    "power 1/2": 1 / 2,
    "power 1/3": 1 / 3,
    "power 1/4": 1 / 4,
    "power 1/6": 1 / 6,
}
TRANSFORMS = {
    name: {"share_transform": "power", "share_exponent": exponent}
    for name, exponent in EXPONENTS.items()
} | {"clr": {"share_transform": "clr"}}
WAYS = {
    f"{name}{', shrunk' if shrink else ''}": transform | {"shrink_shares": shrink}
    for name, transform in TRANSFORMS.items()
    for shrink in (False, True)
}
MEANING = {
    "shares": "how shares are expressed (share_transform, share_exponent,"
    " shrink_shares); all else is as by default",
    "plain": "adjusted Rand index against the planted segments, told their number;"
    " mean over the samples with a signal in the sales and plain noise",
    "worst plain": "the same in the sample where it is lowest",
    "lifelike": "the same over the samples with lifelike noise",
    "worst lifelike": "the same in the sample where it is lowest",
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
        settings = InternalPreparation(**DECLARED | way)
        prepared = prepare(run.stores, sales, settings)
        fitted = fit_clusters(prepared, chosen_k, Fit(**DECLARED))
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
    is_lifelike = samples.columns.str.startswith("lifelike")
    kinds = {"plain": samples.loc[:, ~is_lifelike]}
    kinds["lifelike"] = samples.loc[:, is_lifelike]
    summary = pd.DataFrame(index=table.index)
    for kind, of_kind in kinds.items():
        if len(of_kind.columns):
            summary[kind] = of_kind.mean(axis=1)
            summary[f"worst {kind}"] = of_kind.min(axis=1)
    summary = summary.join(table[real]).rename_axis("shares").reset_index()
    return Section(
        title="How shares are expressed",
        table=summary,
        meaning={name: MEANING[name] for name in summary},
    )
