"""What sets clusters apart: index values and differences from the average."""

import altair as alt
import pandas as pd

from dashboard import palette
from dashboard.charts.style import LABELS, finish

ROW = 24
# An index from a quarter of the average to four times it has a colour of its own.
INDICES = (25, 60, 100, 200, 400)
HEAD = "Cluster"


def heat_map(frame: pd.DataFrame, *, chosen: int | None = None) -> alt.LayerChart:
    """Return clusters side by side, features below each other, coloured by index.

    Parameters
    ----------
    frame : DataFrame
        One row per cluster and feature: cluster_id, cluster_name, feature, place,
        index_value, cluster_mean, category_mean and standard_difference.
    chosen : int, optional
        Cluster whose column is framed.
    """
    ids = sorted(frame["cluster_id"].unique().tolist())
    features = frame.sort_values("place")["feature"].drop_duplicates().tolist()
    x = alt.X("cluster_id:O", sort=ids, axis=None)
    y = alt.Y("feature:N", sort=[HEAD, *features], title=None, axis=LABELS)
    cells = alt.Chart(frame).encode(x=x, y=y)
    layers = [
        cells.mark_rect(stroke="white").encode(
            color=_index_colour(), tooltip=_TOOLTIPS
        ),
        cells.transform_filter("isValid(datum.index_value)")
        .mark_text(fontSize=11)
        .encode(text=alt.Text("index_value:Q", format=",.0f"), color=_ink()),
        *_head(frame, ids, x=x, y=y),
    ]
    if chosen is not None:
        layers.append(_frame_column(frame, chosen, x=x, y=y))
    chart = alt.layer(*layers).resolve_scale(color="independent")
    height = alt.Step(ROW)
    return finish(chart.properties(width="container", height=height), renderer="svg")


def against_average(frame: pd.DataFrame) -> alt.LayerChart:
    """Return one bar per feature of a cluster: how far it is from the average.

    Parameters
    ----------
    frame : DataFrame
        One row per feature: feature, place, standard_difference, index_value,
        cluster_mean and category_mean.
    """
    reach = max(1.0, frame["standard_difference"].abs().max() * 1.25)
    below, above = palette.BELOW_TO_ABOVE[0], palette.BELOW_TO_ABOVE[-1]
    bars = alt.Chart(frame).encode(
        x=alt.X(
            "standard_difference:Q",
            title="Difference from the average store, in standard deviations",
            scale=alt.Scale(domain=[-reach, reach]),
        ),
        y=alt.Y(
            "feature:N", sort=alt.EncodingSortField("place"), title=None, axis=LABELS
        ),
        tooltip=_TOOLTIPS[2:],
    )
    text = alt.Text("index_value:Q", format=",.0f")
    layers = [
        bars.mark_bar(height=14).encode(
            color=alt.condition(
                "datum.standard_difference > 0", alt.value(above), alt.value(below)
            )
        ),
        bars.transform_filter("datum.standard_difference > 0")
        .mark_text(align="left", dx=4)
        .encode(text=text),
        bars.transform_filter("datum.standard_difference <= 0")
        .mark_text(align="right", dx=-4)
        .encode(text=text),
    ]
    chart = alt.layer(*layers).properties(width="container", height=alt.Step(ROW))
    return finish(chart, renderer="svg")


_TOOLTIPS = [
    alt.Tooltip("cluster_id:O", title="Cluster"),
    alt.Tooltip("cluster_name:N", title="Name"),
    alt.Tooltip("feature:N", title="Feature"),
    alt.Tooltip("index_value:Q", title="Index, 100 is average", format=",.0f"),
    alt.Tooltip("cluster_mean:Q", title="Mean of the cluster", format=",.3~f"),
    alt.Tooltip("category_mean:Q", title="Mean of the category", format=",.3~f"),
    alt.Tooltip(
        "standard_difference:Q", title="Standard deviations apart", format="+.2f"
    ),
]


def _index_colour() -> alt.Color:
    return alt.Color(
        "index_value:Q",
        scale=alt.Scale(
            domain=list(INDICES), range=list(palette.BELOW_TO_ABOVE), clamp=True
        ),
        legend=None,
    )


def _ink() -> dict[str, object]:
    dark = f"datum.index_value < {INDICES[1] - 15} || datum.index_value > 320"
    return alt.condition(dark, alt.value("white"), alt.value("#333"))


def _head(
    frame: pd.DataFrame, ids: list[int], *, x: alt.X, y: alt.Y
) -> list[alt.Chart]:
    """Return a first row of the clusters' colours and numbers."""
    clusters = frame[["cluster_id", "cluster_name"]].drop_duplicates("cluster_id")
    clusters = clusters.assign(
        feature=HEAD, ink=[palette.ink(one) for one in clusters["cluster_id"]]
    )
    head = alt.Chart(clusters).encode(x=x, y=y, tooltip=_TOOLTIPS[:2])
    colour = alt.Color("cluster_id:N", scale=palette.scale(ids), legend=None)
    return [
        head.mark_rect(stroke="white").encode(color=colour),
        head.mark_text(fontWeight="bold").encode(
            text="cluster_id:O", color=alt.Color("ink:N", scale=None)
        ),
    ]


def _frame_column(frame: pd.DataFrame, chosen: int, *, x: alt.X, y: alt.Y) -> alt.Chart:
    column = frame[frame["cluster_id"] == chosen]
    return (
        alt.Chart(column)
        .mark_rect(filled=False, stroke="#222", strokeWidth=1.5)
        .encode(x=x, y=y)
    )
