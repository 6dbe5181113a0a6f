"""Two runs beside each other."""

import altair as alt
import pandas as pd

from clustering.presentation import palette
from clustering.presentation.charts.style import LABELS, finish

ROW = 24
NOW, OTHER = palette.COLOURS[0], palette.COLOURS[4]


def pairs(
    frame: pd.DataFrame, measure: str, *, title: str, format: str
) -> alt.LayerChart:
    """Return two points per category, one for each run, joined by a line.

    Parameters
    ----------
    frame : DataFrame
        One row per category: category, ``measure`` and other_``measure``.
    measure : str
        What the points show.
    title : str
        Of the axis.
    format : str
        Of the numbers, in d3's terms.
    """
    other = f"other_{measure}"
    rows = alt.Chart(frame[["category", measure, other]]).encode(
        y=alt.Y("category:N", title=None, axis=LABELS),
        tooltip=[
            alt.Tooltip("category:N", title="Category"),
            alt.Tooltip(f"{measure}:Q", title="This run", format=format),
            alt.Tooltip(f"{other}:Q", title="Other run", format=format),
        ],
    )
    axis = alt.Axis(format=format, tickCount=5)
    x = alt.X(f"{measure}:Q", title=title, axis=axis, scale=alt.Scale(zero=False))
    layers = [
        rows.mark_rule(color=palette.GREY, strokeWidth=2).encode(x=x, x2=other),
        rows.mark_point(size=70, filled=False, color=OTHER, strokeWidth=2).encode(
            x=f"{other}:Q"
        ),
        rows.mark_circle(size=80, color=NOW, opacity=1).encode(x=x),
    ]
    chart = alt.layer(*layers).properties(width="container", height=alt.Step(ROW))
    return finish(chart, renderer="svg")


def agreement(frame: pd.DataFrame) -> alt.LayerChart:
    """Return one bar per category: the adjusted Rand index of the two runs.

    Parameters
    ----------
    frame : DataFrame
        One row per category: category and agreement.
    """
    bars = alt.Chart(frame[["category", "agreement"]].dropna()).encode(
        x=alt.X(
            "agreement:Q",
            title="Adjusted Rand index",
            scale=alt.Scale(
                domainMin=min(0.0, frame["agreement"].min()), domainMax=1.1
            ),
            axis=alt.Axis(values=[0, 0.25, 0.5, 0.75, 1], format=".2f"),
        ),
        y=alt.Y("category:N", title=None, axis=LABELS),
        tooltip=[
            alt.Tooltip("category:N", title="Category"),
            alt.Tooltip("agreement:Q", title="Agreement", format=".3f"),
        ],
    )
    layers = [
        bars.mark_bar(color="#8FB8D6", height=14),
        bars.mark_text(align="left", dx=4).encode(
            text=alt.Text("agreement:Q", format=".2f")
        ),
    ]
    chart = alt.layer(*layers).properties(width="container", height=alt.Step(ROW))
    return finish(chart, renderer="svg")


def sales(frame: pd.DataFrame) -> alt.LayerChart:
    """Return one bar per cluster, in its colour: its share of sales.

    Parameters
    ----------
    frame : DataFrame
        One row per cluster: cluster_id, cluster_name, store_count, sales,
        sales_share and cumulative_share.
    """
    ids = frame["cluster_id"].tolist()
    bars = alt.Chart(frame).encode(
        x=alt.X(
            "sales_share:Q",
            title="Share of sales",
            axis=alt.Axis(format=".0%", tickCount=4),
            scale=alt.Scale(domainMax=1.2 * float(frame["sales_share"].max() or 1)),
        ),
        y=alt.Y(
            "cluster_id:O",
            sort=ids,
            title=None,
            axis=LABELS | {"labelOverlap": False},
        ),
        tooltip=[
            alt.Tooltip("cluster_id:O", title="Cluster"),
            alt.Tooltip("cluster_name:N", title="Name"),
            alt.Tooltip("store_count:Q", title="Stores", format=","),
            alt.Tooltip("sales:Q", title="Sales", format=",.0f"),
            alt.Tooltip("sales_share:Q", title="Of sales", format=".1%"),
            alt.Tooltip("cumulative_share:Q", title="With those above", format=".1%"),
        ],
    )
    layers = [
        bars.mark_bar(height=15).encode(
            color=alt.Color("cluster_id:N", scale=palette.scale(ids), legend=None)
        ),
        bars.mark_text(align="left", dx=4).encode(
            text=alt.Text("sales_share:Q", format=".0%")
        ),
    ]
    chart = alt.layer(*layers).properties(width="container", height=alt.Step(ROW))
    return finish(chart, renderer="svg")
