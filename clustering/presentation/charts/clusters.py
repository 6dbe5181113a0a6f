"""What sets clusters apart: index values and differences from the average."""

import altair as alt
import pandas as pd

from clustering.presentation import style
from clustering.presentation.style import LABELS, finish

ROW = 24
# An index from a quarter of the average to four times it has a colour of its own.
INDICES = (25, 60, 100, 200, 400)
# Rows of the heat map that are no features.
HEAD, GAP = "Cluster", " "
# More clusters than this leave no room for figures in the cells.
MOST_WITH_FIGURES = 24


def heat_map(frame: pd.DataFrame, *, chosen: int | None = None) -> alt.LayerChart:
    """Return clusters side by side, features below each other, coloured by index.

    Parameters
    ----------
    frame : DataFrame
        One row per cluster, block and feature: cluster_id, cluster_name, block,
        label, place, index_value, figure, cluster_mean, category_mean, comparison and
        standard_difference.
    chosen : int, optional
        Cluster that is framed.
    """
    rows = _rows(frame)
    clusters = frame[["cluster_id", "cluster_name"]].drop_duplicates("cluster_id")
    ids = sorted(clusters["cluster_id"].tolist())
    x = alt.X("cluster_id:O", sort=ids, axis=None)
    # what stands before the mark keeps equal names of two blocks apart
    names = alt.Axis(
        **LABELS, labelExpr="slice(datum.value, indexof(datum.value, '|') + 1)"
    )
    y = alt.Y("row:N", sort=rows, scale=alt.Scale(domain=rows), title=None, axis=names)
    cells = alt.Chart(_cells(frame)).encode(x=x, y=y)
    layers = [
        cells.mark_rect(stroke="white").encode(
            color=_index_colour(), tooltip=_TOOLTIPS
        ),
        *_head(clusters, x=x, y=y),
    ]
    if len(ids) <= MOST_WITH_FIGURES:
        layers.append(_figures(cells))
    if chosen is not None and chosen in ids:
        layers.append(_frame_column(clusters, chosen, x=x))
    chart = alt.layer(*layers).resolve_scale(color="independent")
    return finish(
        chart.properties(width="container", height=ROW * len(rows)), renderer="svg"
    )


def against_average(frame: pd.DataFrame) -> alt.LayerChart:
    """Return one bar per feature of a cluster: how far it is from the average.

    Parameters
    ----------
    frame : DataFrame
        One row per feature: label, standard_difference, index_value, figure,
        cluster_mean and category_mean, in the order of the bars.
    """
    reach = max(1.0, frame["standard_difference"].abs().max() * 1.25)
    below, above = style.BELOW_TO_ABOVE[0], style.BELOW_TO_ABOVE[-1]
    bars = alt.Chart(frame).encode(
        x=alt.X(
            "standard_difference:Q",
            title="Standard deviations from the average",
            scale=alt.Scale(domain=[-reach, reach]),
            axis=alt.Axis(tickCount=6),
        ),
        y=alt.Y(
            "label:N",
            sort=frame["label"].drop_duplicates().tolist(),
            title=None,
            axis=alt.Axis(**LABELS),
        ),
    )
    figure = alt.Text("figure:N")
    layers = [
        bars.mark_bar(height=14).encode(
            color=alt.condition(
                "datum.standard_difference > 0", alt.value(above), alt.value(below)
            ),
            tooltip=_TOOLTIPS[2:],
        ),
        bars.transform_filter("datum.standard_difference > 0")
        .mark_text(align="left", dx=4)
        .encode(text=figure),
        bars.transform_filter("datum.standard_difference <= 0")
        .mark_text(align="right", dx=-4)
        .encode(text=figure),
    ]
    height = ROW * len(frame) + 40
    chart = alt.layer(*layers).properties(width="container", height=height)
    return finish(chart, renderer="svg")


def side_by_side(frame: pd.DataFrame, one: int, other: int) -> alt.LayerChart:
    """Return two points per feature, one for each of two clusters, joined by a line.

    Parameters
    ----------
    frame : DataFrame
        One row per feature: label, figure and standard_difference of the first
        cluster, and other_figure and other_standard_difference of the second.
    one, other : int
        The two clusters.
    """
    rows = alt.Chart(frame).encode(
        y=alt.Y(
            "label:N",
            sort=frame["label"].drop_duplicates().tolist(),
            title=None,
            axis=alt.Axis(**LABELS),
        ),
        tooltip=[
            alt.Tooltip("label:N", title="Feature"),
            alt.Tooltip("figure:N", title=f"Index in cluster {one}"),
            alt.Tooltip("other_figure:N", title=f"Index in cluster {other}"),
        ],
    )
    x = alt.X(
        "standard_difference:Q", title="Standard deviations from the average store"
    )
    average = alt.Chart(pd.DataFrame({"standard_difference": [0]})).mark_rule(
        color=style.GREY
    )
    layers = [
        average.encode(x=x),
        rows.mark_rule(color=style.GREY, strokeWidth=2).encode(
            x=x, x2="other_standard_difference"
        ),
        rows.mark_circle(size=110, color=style.colour(other), opacity=1).encode(
            x="other_standard_difference:Q"
        ),
        rows.mark_circle(size=110, color=style.colour(one), opacity=1).encode(x=x),
    ]
    height = ROW * len(frame) + 40
    chart = alt.layer(*layers).properties(width="container", height=height)
    return finish(chart, renderer="svg")


_TOOLTIPS = [
    alt.Tooltip("cluster_id:O", title="Cluster"),
    alt.Tooltip("cluster_name:N", title="Name"),
    alt.Tooltip("label:N", title="Feature"),
    alt.Tooltip("index_value:Q", title="Index, 100 is average", format=",.0f"),
    alt.Tooltip("cluster_mean:Q", title="Mean of the cluster", format=",.3~f"),
    alt.Tooltip("category_mean:Q", title="Mean of the category", format=",.3~f"),
    alt.Tooltip(
        "standard_difference:Q", title="Standard deviations apart", format="+.2f"
    ),
]


def _cells(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the cells with their row, and their colour as an index.

    Where there is no index, a standard deviation counts as twice the average.
    """
    difference = 100 * 2.0 ** frame["standard_difference"]
    return frame.assign(
        row=frame["block"] + "|" + frame["label"],
        shade=frame["index_value"].astype(float).fillna(difference),
    )


def _rows(frame: pd.DataFrame) -> list[str]:
    """Return the head, the features of one block, a gap, and those of the other."""
    rows = [HEAD]
    for block in ("internal", "external"):
        features = frame[frame["block"] == block].sort_values("place")["label"]
        if len(rows) > 1 and len(features):
            rows.append(GAP)
        rows += [f"{block}|{name}" for name in features.drop_duplicates()]
    return rows


def _index_colour() -> alt.Color:
    return alt.Color(
        "shade:Q",
        scale=alt.Scale(
            domain=list(INDICES), range=list(style.BELOW_TO_ABOVE), clamp=True
        ),
        legend=None,
    )


def _figures(cells: alt.Chart) -> alt.Chart:
    dark = f"datum.shade < {INDICES[1] - 15} || datum.shade > 320"
    return cells.mark_text(fontSize=11).encode(
        text=alt.Text("figure:N"),
        color=alt.condition(dark, alt.value("white"), alt.value("#333")),
    )


def _head(clusters: pd.DataFrame, *, x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """Return a first row of the clusters' colours and numbers."""
    inks = [style.ink(cluster_id) for cluster_id in clusters["cluster_id"]]
    head = alt.Chart(clusters.assign(row=HEAD, ink=inks)).encode(x=x, y=y)
    colours = style.scale(clusters["cluster_id"].tolist())
    return [
        head.mark_rect(stroke="white").encode(
            color=alt.Color("cluster_id:N", scale=colours, legend=None),
            tooltip=_TOOLTIPS[:2],
        ),
        head.mark_text(fontWeight="bold").encode(
            text="cluster_id:O", color=alt.Color("ink:N", scale=None)
        ),
    ]


def _frame_column(clusters: pd.DataFrame, chosen: int, *, x: alt.X) -> alt.Chart:
    """Return a frame around one cluster's column, from head to foot."""
    column = clusters[clusters["cluster_id"] == chosen]
    return (
        alt.Chart(column)
        .mark_rect(filled=False, stroke="#222", strokeWidth=2)
        .encode(x=x, y=alt.value(0), y2=alt.value("height"))
    )
