"""The report: a published run as one HTML file without scripts, to mail or archive.

It has the queries and charts of the dashboard, category by category, with charts as
pictures inside the page: it fetches nothing.
"""

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import altair as alt
import pandas as pd
import vl_convert
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from PIL import Image

from clustering.core.files import replacing
from clustering.presentation import style, words
from clustering.presentation.charts import clusters as cluster_charts
from clustering.presentation.charts import k_choice as k_charts
from clustering.presentation.charts import overview as overview_charts
from clustering.presentation.charts import stores as store_charts
from clustering.queries import (
    clusters,
    k_choice,
    overview,
    quality,
    recommendations,
    stores,
)
from clustering.queries.selection import find_category, list_categories
from clustering.store.runs import Reader

# Pixels of a chart over the whole page, and of one of two side by side.
WIDE, HALF = 900, 560
# Pixels of a PNG per pixel of the page.
SCALE = 1.5
# Of a PNG: the clusters', their blends and the outlines'.
COLOURS = 128
# What a URL of an SVG may have as it is, in an attribute in double quotes.
PLAIN = " !$&'()*+,-./:;=?@[]^_`{|}~"
FEATURES_IN_WORDS = 3
RECOMMENDATIONS = 3


@dataclass(frozen=True)
class Cluster:
    """One cluster: its row of the mart ``cluster_summary``, colours and words."""

    row: dict[str, Any]
    colour: str
    ink: str
    reasons: list[str]
    recommendations: list[str]


@dataclass(frozen=True)
class Worth:
    """How many final clusters there are and what they are worth: text and chart."""

    said: str
    picture: str


@dataclass(frozen=True)
class Category:
    """One category: its quality, its clusters, and pictures by title."""

    name: str
    quality: dict[str, Any]
    worth: Worth | None
    clusters: list[Cluster]
    profiles: str | None
    maps: dict[str, str]
    candidates: pd.DataFrame


def write_report(
    run: Reader,
    file: Path,
    *,
    categories: list[str] | None = None,
    notice: Callable[[str], None] = lambda category: None,
) -> None:
    """Write the report of a run to ``file``, whole or not at all.

    Parameters
    ----------
    run : Reader
        A published run.
    file : Path
        The file to write; its folder is created.
    categories : list of str, optional
        The categories to show; all if None.
    notice : callable
        Called with the name of each category once it is done.

    Raises
    ------
    ArgumentError
        If the run has no such category.
    CommandError
        If the file cannot be written.
    """
    shown = choose_categories(run, categories)
    with replacing(file) as temporary:
        page = _render(run, shown, notice=notice)
        temporary.write_text(page, encoding="utf-8")


def choose_categories(run: Reader, wanted: list[str] | None) -> list[str]:
    """Return the categories that are wanted, each once and as the run spells it."""
    if not wanted:
        return list_categories(run)
    return list(dict.fromkeys(find_category(run, name) for name in wanted))


def _render(
    run: Reader, categories: list[str], *, notice: Callable[[str], None]
) -> str:
    described = []
    for category in categories:
        described.append(_describe_category(run, category))
        notice(category)
    return _template().render(
        **_describe_run(run, categories), categories=described, words=words
    )


def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("clustering.export", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html")


def _describe_run(run: Reader, categories: list[str]) -> dict[str, Any]:
    """Return what the report says of the run as a whole."""
    found = overview.categories(run)
    shares = overview.sizes(run)
    chart = overview_charts.sizes(shares[shares["category"].isin(categories)])
    return {
        "run": overview.provenance(run),
        "totals": overview.totals(run),
        "currency": overview.currency(run),
        "quality": found[found["category"].isin(categories)].to_dict("records"),
        "sizes": _draw(chart, width=WIDE),
        "input": quality.reconciliation(run).sort_values("source_table"),
        "quarantined": quality.quarantined(run),
        "tests": quality.test_counts(run),
        "settings": overview.changed_settings(run),
    }


def _describe_category(run: Reader, category: str) -> Category:
    """Return what the report says of one category."""
    rows = clusters.summary(run, category).to_dict("records")
    actions = _recommend(run, category)
    found = overview.categories(run).set_index("category").loc[category]
    return Category(
        name=category,
        quality=found.to_dict(),
        worth=_describe_worth(run, category),
        clusters=[
            _describe_cluster(run, category, row, actions.get(row["cluster_id"], []))
            for row in rows
        ],
        profiles=_draw_profiles(run, category) if len(rows) > 1 else None,
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
    """Return what each number of clusters is worth; older runs do not have it."""
    if "cluster_value" not in run.tables:
        return None
    numbers = k_choice.numbers(run, category)
    chosen = numbers[numbers["state"] == "chosen"].iloc[0]
    said = (int(chosen["clusters"]), chosen["reason"], chosen["value_words"])
    picture = _draw(k_charts.worth(numbers), width=HALF)
    return Worth(words.final_clusters(*said), picture)


def _describe_cluster(
    run: Reader, category: str, row: dict[str, Any], actions: list[str]
) -> Cluster:
    cluster_id = row["cluster_id"]
    profile = clusters.profile(run, category, cluster_id)
    return Cluster(
        row=row,
        colour=style.colour(cluster_id),
        ink=style.ink(cluster_id),
        reasons=profile["comparison"].dropna()[:FEATURES_IN_WORDS].tolist(),
        recommendations=actions,
    )


def _draw_profiles(run: Reader, category: str) -> str:
    features = clusters.heat_map(run, category)
    return _draw(cluster_charts.heat_map(features), width=WIDE)


def _draw_maps(run: Reader, category: str) -> dict[str, str]:
    rows = stores.places(run, category)
    rows["cluster"] = rows["cluster_id"]
    charts = {"By similarity": store_charts.by_similarity(rows)}
    if rows["longitude"].notna().any():
        charts = {"On the map": store_charts.on_the_map(rows)} | charts
    return {title: _rasterize(chart, width=HALF) for title, chart in charts.items()}


def _draw(chart: alt.TopLevelMixin, *, width: int) -> str:
    """Return the chart as a data URL of an SVG, sharp at any size."""
    svg = vl_convert.vegalite_to_svg(_specification(chart, width))
    return f"data:image/svg+xml,{quote(svg, safe=PLAIN)}"


def _rasterize(chart: alt.TopLevelMixin, *, width: int) -> str:
    """Return the chart as a data URL of a PNG, which is smaller for many points."""
    png = vl_convert.vegalite_to_png(_specification(chart, width), scale=SCALE)
    return f"data:image/png;base64,{base64.b64encode(_compress(png)).decode()}"


def _compress(png: bytes) -> bytes:
    """Return a picture with the few colours that a map of clusters has."""
    smaller = io.BytesIO()
    with Image.open(io.BytesIO(png)) as picture:
        few = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        few.save(smaller, format="PNG", optimize=True)
    return smaller.getvalue()


def _specification(chart: alt.TopLevelMixin, width: int) -> dict[str, Any]:
    """Return the chart's specification; on paper no container gives the width."""
    with alt.data_transformers.enable("default", max_rows=None):
        specification = chart.to_dict()
    # pictures have a text of their own: one per mark takes half of the file
    config = specification["config"] | {"aria": False}
    return specification | {"width": width, "background": "white", "config": config}
