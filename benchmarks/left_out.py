"""How often stores that were left out get the cluster that a refit gives them.

``python -m benchmarks.left_out PUBLISHED`` prints it for a published folder.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from rich.console import Console

from clustering.store.runs import PublishedRun, current_run
from ml import fit_centres, fit_clusters, fit_projections, prepare
from ml.assignment import known_components, nearest_clusters
from ml.centres import read_centres
from ml.continuity import match_clusters
from ml.frames import feature_matrix, stacked
from ml.projection import Projection
from ml.scoring import nearness
from ml.settings import Fit, InternalPreparation, Weights

SHARE = 0.1
BINS = 10
STORES = "select store_id, category, is_eligible from store_eligibility"
SALES = """
    select store_id, category, need_state as feature, sales as value, odd_sales
    from store_need_state_shares
"""
CHOSEN_K = "select category, k from k_selection where side = 'internal' and is_chosen"


def measure_left_out(run: PublishedRun, *, seed: int = 0) -> pd.DataFrame:
    """Leave a tenth of the stores out, and assign them to the internal clusters.

    Parameters
    ----------
    run : PublishedRun
        Whose stores, sales, settings and numbers of clusters are taken.
    seed : int
        Of which stores are left out.

    Returns
    -------
    DataFrame
        One row per category and store left out: is_same, whether its cluster is the one
        that it has where all stores are fitted, and probability.
    """
    rows = run.read("select name, value from run_settings").to_numpy()
    settings = {name: yaml.safe_load(value) for name, value in rows}
    stores, sales, chosen = map(run.read, (STORES, SALES, CHOSEN_K))
    rng = np.random.default_rng(seed)
    parts = [
        _measure(
            category,
            stores[stores["category"] == category],
            sales[sales["category"] == category],
            chosen[chosen["category"] == category],
            settings,
            rng,
        )
        for category in sorted(chosen["category"])
    ]
    return pd.concat(parts, ignore_index=True)


def _measure(
    category: str,
    stores: pd.DataFrame,
    sales: pd.DataFrame,
    chosen_k: pd.DataFrame,
    settings: dict,
    rng: np.random.Generator,
) -> pd.DataFrame:
    preparation = InternalPreparation.model_validate(settings)
    fit = Fit.model_validate(settings)
    prepared = prepare(stores, sales, preparation)
    whole = fit_clusters(prepared, chosen_k, fit).set_index("store_id")["cluster"]
    fitted = prepared.loc[prepared["in_fit"], "store_id"].to_numpy()
    out = pd.Index(np.sort(rng.choice(fitted, int(SHARE * len(fitted)), replace=False)))
    less = sales[~sales["store_id"].isin(out)]
    prepared = prepare(stores[~stores["store_id"].isin(out)], less, preparation)
    clusters = fit_clusters(prepared, chosen_k, fit)
    columns = fit_projections(prepared, less, preparation)
    matrix = feature_matrix(
        sales.drop(columns="odd_sales"), category=category, store_ids=out
    )
    components = known_components(Projection(columns, preparation), matrix)
    centres = read_centres(_centres(prepared.merge(clusters), settings)).of["internal"]
    assigned = nearest_clusters(components, centres)
    names = _names(clusters.set_index("store_id")["cluster"], whole)
    return pd.DataFrame(
        {
            "category": category,
            "store_id": out,
            "is_same": [
                names.get(int(cluster)) == whole[store]
                for cluster, store in zip(assigned, out, strict=True)
            ],
            "probability": nearness(stacked(components), centres).max(axis=1),
        }
    )


def _centres(stores: pd.DataFrame, settings: dict) -> pd.DataFrame:
    """Return the centres of the internal clusters, as if there were no other side."""
    known = stores[stores["cluster"].notna()].rename(
        columns={"components": "internal_components", "cluster": "internal_cluster"}
    )
    joint = known.assign(external_components=None, external_cluster=1)
    finals = known.assign(raw_cluster=1)
    nothing = pd.DataFrame(
        columns=["store_id", "category", "components", "cluster", "is_fitted"]
    )
    return fit_centres(joint, finals, nothing, Weights.model_validate(settings))


def _names(found: pd.Series, whole: pd.Series) -> dict[int, int]:
    """Return the cluster of the whole fit that each cluster is."""
    both = pd.concat([found, whole], axis=1, keys=["found", "whole"]).dropna()
    shared = pd.crosstab(both["found"], both["whole"])
    rows, columns = match_clusters(shared.to_numpy())
    return dict(zip(shared.index[rows], shared.columns[columns], strict=True))


def calibration_error(probability: pd.Series, is_right: pd.Series) -> float:
    """Return how far probabilities are from frequencies, on average.

    The expected calibration error over ten bins of equal width (Naeini, Cooper &
    Hauskrecht 2015, AAAI).

    Examples
    --------
    >>> sure = pd.Series([0.95, 0.95, 0.95, 0.95])
    >>> round(calibration_error(sure, pd.Series([True, True, True, False])), 3)
    0.2
    """
    of_bin = (probability * BINS).astype(int).clip(upper=BINS - 1)
    gaps = (probability - is_right.astype(float)).groupby(of_bin).mean().abs()
    return float((gaps * of_bin.value_counts(normalize=True)).sum())


def main(published: Path) -> None:
    """Print it for the live version of a published folder."""
    run = current_run(published)
    if run is None:
        raise SystemExit(f"nothing is published in {published}")
    measured = measure_left_out(run)
    error = calibration_error(measured["probability"], measured["is_same"])
    console = Console()
    console.print(measured.groupby("category")[["is_same", "probability"]].mean())
    console.print(
        f"{len(measured)} left out, {measured['is_same'].mean():.2%} the same,"
        f" calibration error {error:.4f}"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
