"""What the report says: queries and pictures of the dashboard, category by category."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from clustering.export.report.pictures import drawing, photograph
from clustering.presentation import palette, words
from clustering.presentation.charts import k_choice as k_charts
from clustering.presentation.charts import places as place_charts
from clustering.presentation.charts import profiles, sizes
from clustering.queries import clusters, k_choice, overview, places, recommendations
from clustering.queries import quality as data_quality
from clustering.store.runs import Reader

WIDE, HALF = 900, 560
FEATURES_IN_WORDS = 3
RECOMMENDATIONS = 3


@dataclass(frozen=True)
class Cluster:
    """One cluster, as its row and its words."""

    row: Any
    colour: str
    ink: str
    reasons: list[str]
    recommendations: list[str]


@dataclass(frozen=True)
class Worth:
    """How many final clusters there are and what they are worth, said and drawn."""

    said: str
    picture: str


@dataclass(frozen=True)
class Category:
    """One category: its clusters, and pictures by title."""

    name: str
    quality: Any
    worth: Worth | None
    clusters: list[Cluster]
    profiles: str | None
    maps: dict[str, str]
    candidates: pd.DataFrame


def describe_run(run: Reader, categories: list[str]) -> dict[str, Any]:
    """Return what the report says of the run as a whole."""
    quality = overview.categories(run)
    shown = quality[quality["category"].isin(categories)]
    shares = overview.sizes(run)
    chart = sizes.sizes(shares[shares["category"].isin(categories)])
    return {
        "run": overview.provenance(run),
        "totals": overview.totals(run),
        "quality": shown.to_dict("records"),
        "sizes": drawing(chart, width=WIDE),
        "input": data_quality.reconciliation(run).sort_values("source_table"),
        "quarantined": data_quality.quarantined(run),
        "tests": data_quality.test_counts(run),
        "settings": overview.changed_settings(run),
    }


def describe_category(run: Reader, category: str) -> Category:
    """Return what the report says of one category."""
    summary = clusters.summary(run, category)
    todo = _recommend(run, category)
    quality = overview.categories(run).set_index("category").loc[category]
    return Category(
        name=category,
        quality=quality,
        worth=_describe_worth(run, category),
        clusters=[
            _describe_cluster(run, category, row, todo.get(row.cluster_id, []))
            for row in summary.itertuples()
        ],
        profiles=_draw_profiles(run, category) if len(summary) > 1 else None,
        maps=_draw_maps(run, category),
        candidates=k_choice.scores(run, category),
    )


def _recommend(run: Reader, category: str) -> dict[int, list[str]]:
    """Return the first recommendations per cluster; older runs have none."""
    if "cluster_recommendations" not in run.tables:
        return {}
    found = recommendations.recommendations(
        run, category, areas=recommendations.AREAS, priorities=[1, 2, 3]
    )
    first = found.groupby("cluster_id").head(RECOMMENDATIONS)
    return first.groupby("cluster_id")["recommendation"].agg(list).to_dict()


def _describe_worth(run: Reader, category: str) -> Worth | None:
    """Say and draw what each number of clusters is worth; older runs do not know."""
    if "cluster_value" not in run.tables:
        return None
    numbers = k_choice.numbers(run, category)
    chosen = numbers[numbers["state"] == "chosen"].iloc[0]
    said = (int(chosen["clusters"]), chosen["reason"], chosen["value_words"])
    picture = drawing(k_charts.worth(numbers), width=HALF)
    return Worth(words.final_clusters(*said), picture)


def _describe_cluster(
    run: Reader, category: str, row: Any, recommended: list[str]
) -> Cluster:
    profile = clusters.profile(run, category, int(row.cluster_id))
    return Cluster(
        row=row,
        colour=palette.colour(row.cluster_id),
        ink=palette.ink(row.cluster_id),
        reasons=profile["comparison"].dropna()[:FEATURES_IN_WORDS].tolist(),
        recommendations=recommended,
    )


def _draw_profiles(run: Reader, category: str) -> str:
    return drawing(profiles.heat_map(clusters.heat_map(run, category)), width=WIDE)


def _draw_maps(run: Reader, category: str) -> dict[str, str]:
    stores = places.stores(run, category)
    stores["cluster"] = stores["cluster_id"]
    charts = {"By likeness": place_charts.among_each_other(stores)}
    if stores["longitude"].notna().any():
        charts = {"On the ground": place_charts.on_the_ground(stores)} | charts
    return {title: photograph(chart, width=HALF) for title, chart in charts.items()}
