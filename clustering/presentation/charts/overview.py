"""Charts of a run as a whole: sizes and agreement of categories, quarantined rows."""

from typing import Any

import altair as alt
import pandas as pd

from clustering.presentation import style
from clustering.presentation.style import LABELS, finish

# Pixels of a category, of a reason, and of a cell with a figure in it or without.
CATEGORY, REASON = 22, 30
WIDTH, HEIGHT, SMALL = 40, 26, 12
# More categories than this are drawn without figures.
MOST_WITH_FIGURES = 30
QUARANTINED = style.COLOURS[4]


def sizes(frame: pd.DataFrame) -> alt.Chart:
    """Return one bar per category, divided into its clusters.

    Parameters
    ----------
    frame : DataFrame
        One row per category and cluster: category, cluster_id, cluster_name,
        store_count, store_share (0 to 1) and sales_share (0 to 1).
    """
    ids = frame["cluster_id"].tolist()
    bars = (
        alt.Chart(frame)
        .mark_bar(stroke="white", strokeWidth=1)
        .encode(
            x=alt.X(
                "store_share:Q",
                stack="zero",
                scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(format=".0%", orient="top"),
                title="Share of the category's stores",
            ),
            y=alt.Y("category:N", title=None, axis=alt.Axis(**LABELS)),
            color=alt.Color(
                "cluster_id:N", scale=style.scale(ids), legend=None, title="Cluster"
            ),
            order=alt.Order("cluster_id:Q"),
            tooltip=[
                alt.Tooltip("category:N", title="Category"),
                alt.Tooltip("cluster_id:N", title="Cluster"),
                alt.Tooltip("cluster_name:N", title="Name"),
                alt.Tooltip("store_count:Q", title="Stores", format=","),
                alt.Tooltip("store_share:Q", title="Of stores", format=".1%"),
                alt.Tooltip("sales_share:Q", title="Of sales", format=".1%"),
            ],
        )
    )
    return finish(
        bars.properties(
            height=CATEGORY * frame["category"].nunique() + 60, width="container"
        ),
        renderer="svg",
    )


def agreement(frame: pd.DataFrame, measure: str) -> alt.LayerChart:
    """Return one cell per two categories, coloured by their agreement.

    Parameters
    ----------
    frame : DataFrame
        One row per two categories: category, other_category, common_stores and
        ``measure``, null where there is none: such a cell is left out.
    measure : str
        Column that is shown, 1 where both have the same clusters.
    """
    names = sorted({*frame["category"], *frame["other_category"]})
    has_figures = len(names) <= MOST_WITH_FIGURES
    cells = alt.Chart(_both_ways(frame.dropna(subset=[measure]))).encode(
        x=alt.X("other_category:N", **_in_order(names, labelAngle=-90, orient="top")),
        y=alt.Y("category:N", **_in_order(names)),
    )
    layers = [
        cells.mark_rect(stroke="white").encode(
            color=_colour(measure), tooltip=_tooltips(measure)
        )
    ]
    if has_figures:
        layers.append(_figures(cells, measure))
    chart = alt.layer(*layers).properties(
        width=alt.Step(WIDTH if has_figures else SMALL),
        height=alt.Step(HEIGHT if has_figures else SMALL),
    )
    return finish(chart, renderer="svg" if has_figures else "canvas")


def rows_quarantined(frame: pd.DataFrame) -> alt.LayerChart:
    """Return one bar per table and reason: the rows that were not used.

    Parameters
    ----------
    frame : DataFrame
        One row per source_table and reason, with row_count.
    """
    named = frame.assign(
        name=frame["source_table"] + ": " + frame["reason"].str.replace("_", " ")
    )
    bars = alt.Chart(named).encode(
        x=alt.X(
            "row_count:Q",
            title="Rows",
            axis=alt.Axis(format="~s", tickMinStep=1, tickCount=5),
            scale=alt.Scale(domainMax=1.15 * float(frame["row_count"].max())),
        ),
        y=alt.Y("name:N", sort="-x", title=None, axis=LABELS),
        tooltip=[
            alt.Tooltip("source_table:N", title="Table"),
            alt.Tooltip("reason:N", title="Reason"),
            alt.Tooltip("row_count:Q", title="Rows", format=","),
        ],
    )
    layers = [
        bars.mark_bar(color=QUARANTINED, height=16),
        bars.mark_text(align="left", dx=4).encode(
            text=alt.Text("row_count:Q", format=",")
        ),
    ]
    chart = alt.layer(*layers).properties(width="container", height=alt.Step(REASON))
    return finish(chart, renderer="svg")


def _both_ways(frame: pd.DataFrame) -> pd.DataFrame:
    """Return each two categories twice: in either order."""
    turned = {"category": "other_category", "other_category": "category"}
    return pd.concat([frame, frame.rename(columns=turned)], ignore_index=True)


def _in_order(names: list[str], **options: Any) -> dict[str, Any]:
    """Return what both axes have: every category, also one without a cell."""
    labels: dict[str, Any] = {**LABELS, "labelLimit": 130, "labelOverlap": False}
    axis = alt.Axis(**labels | options)
    return {"scale": alt.Scale(domain=names), "title": None, "axis": axis}


def _colour(measure: str) -> alt.Color:
    scale = alt.Scale(domain=[0, 1], range=["#EFF4F9", style.ACCENT], clamp=True)
    return alt.Color(f"{measure}:Q", scale=scale, legend=None)


def _figures(cells: alt.Chart, measure: str) -> alt.Chart:
    return cells.mark_text(fontSize=11).encode(
        text=alt.Text(f"{measure}:Q", format=".2f"),
        color=alt.condition(
            f"datum.{measure} > 0.7", alt.value("white"), alt.value("#333")
        ),
    )


def _tooltips(measure: str) -> list[alt.Tooltip]:
    return [
        alt.Tooltip("category:N", title="Category"),
        alt.Tooltip("other_category:N", title="And"),
        alt.Tooltip(f"{measure}:Q", title="Agreement", format=".3f"),
        alt.Tooltip("common_stores:Q", title="Stores in common", format=","),
    ]
